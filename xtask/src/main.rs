//! The project's chores. `cargo xtask demo` shows it at work, `cargo xtask test` checks everything, `cargo xtask bench`
//! measures it; `cargo xtask header` renews include/sailpat.h, `cargo xtask module` lays the module out.
//!
//! A chore is one module below; what chores share (builds, emulator, compiler, PowerShell) is one module each.

mod artifacts;
mod bench;
mod compiler;
mod demo;
mod emulator;
mod header;
mod powershell;
mod process;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of sailpat")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Show the project at work, on the emulator
    Demo,
    /// Check everything and close with a table of what ran
    Test(test::Options),
    /// Measure against what a user would take otherwise
    Bench(bench::Options),
    /// Lay the module out in target/powershell with this machine's library
    Module,
    /// Renew include/sailpat.h from the code
    Header,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    match arguments.chore {
        Chore::Demo => demo::run(&workspace),
        Chore::Test(options) => test::run(workspace, &options),
        Chore::Bench(options) => bench::run(&workspace, &options),
        Chore::Module => powershell::module(&workspace),
        Chore::Header => header::copy(&workspace).map(|()| ExitCode::SUCCESS),
    }
}
