//! The project's chores. `cargo xtask demo` shows it at work, `cargo xtask test` checks everything, `cargo xtask bench`
//! measures it; `cargo xtask header` renews include/sailpat.h,
//! `cargo xtask abi` docs/abi-snapshot.json, `cargo xtask module` lays the module out.
//!
//! A chore is one module below; what chores share (builds, emulator, compiler, PowerShell) is one module each.

mod abi;
mod artifacts;
mod bench;
mod clock;
mod compiler;
mod demo;
mod emulator;
mod fuzz;
mod header;
mod install;
mod libraries;
mod package;
mod platforms;
mod powershell;
mod process;
mod sanitize;
mod settings_sources;
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
    /// Put libraries, headers and the pkg-config file under a prefix
    Install(install::Options),
    /// Make what a release publishes, in target/package
    Package(package::Options),
    /// Build for each platform and run the C callers there
    Platforms(platforms::Options),
    /// Run the C callers with a library under AddressSanitizer and ThreadSanitizer
    Sanitize,
    /// Run the fuzz targets, each for some seconds
    Fuzz(fuzz::Options),
    /// Record what is new in the interface in docs/abi-snapshot.json
    Abi,
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
        Chore::Install(options) => install::run(&workspace, &options),
        Chore::Package(options) => package::run(&workspace, &options),
        Chore::Platforms(options) => platforms::run(&workspace, &options),
        Chore::Sanitize => sanitize::run(&workspace),
        Chore::Fuzz(options) => fuzz::run(&workspace, &options),
        Chore::Abi => abi::record(&workspace).map(|()| ExitCode::SUCCESS),
    }
}
