//! `cargo xtask bench`: what the library and the module cost, measured against what a user would take otherwise, sides
//! alternating in one run. docs/performance.md explains each row.

mod conditions;
mod import;
mod native;
mod powershell;
mod side;
mod table;
mod tenant;

use std::process::ExitCode;

use anyhow::Result;

pub use native::CPrograms;

use crate::artifacts::Artifacts;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub struct Options {
    /// Only the rows of C and of the library itself
    #[arg(long, conflicts_with = "powershell")]
    native: bool,
    /// Only the rows of PowerShell
    #[arg(long)]
    powershell: bool,
    /// Also a list of 1,000,000 tokens (minutes, and some 2 GB of memory)
    #[arg(long)]
    million: bool,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    println!("Building (release) …");
    let artifacts = Artifacts::build(workspace)?;
    println!("Measuring; this takes some minutes, and nothing else should run meanwhile …");
    let mut rows = Vec::new();
    if !options.powershell {
        rows.extend(native::rows(workspace, &artifacts)?);
    }
    if !options.native {
        rows.extend(powershell::rows(workspace, &artifacts, options.million)?);
    }
    println!("\n{}\n", conditions::line(workspace));
    table::print(&rows);
    Ok(ExitCode::SUCCESS)
}

/// The middle one of some figures.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
