//! `cargo xtask demo`: what the project does, shown on the emulator, from PowerShell and from C. It needs no tenant.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::artifacts::Artifacts;
use crate::compiler::{self, Program};
use crate::emulator::Emulator;
use crate::powershell::{self, PowerShell};
use crate::workspace::Workspace;

pub fn run(workspace: &Workspace) -> Result<ExitCode> {
    println!("Building the library and the emulator (release; the first time takes minutes) …");
    let artifacts = Artifacts::build(workspace)?;
    let emulator = Emulator::start(workspace, &artifacts, &[])?;
    match PowerShell::find(workspace) {
        Ok(host) => from_powershell(workspace, &artifacts, &emulator, &host)?,
        Err(error) => println!(
            "\nThe PowerShell half is left out: {}",
            one_line(&format!("{error:#}"))
        ),
    }
    from_c(workspace, &artifacts, &emulator)?;
    Ok(ExitCode::SUCCESS)
}

fn from_powershell(
    workspace: &Workspace,
    artifacts: &Artifacts,
    emulator: &Emulator,
    host: &PowerShell,
) -> Result<()> {
    heading("PowerShell");
    let module = powershell::lay_out_module(workspace, artifacts)?;
    let mut command = host.script(workspace, &script(workspace, "demo.ps1"));
    command.arg("-Module").arg(module);
    show(emulator.settle(&mut command), "the PowerShell demo")
}

fn from_c(workspace: &Workspace, artifacts: &Artifacts, emulator: &Emulator) -> Result<()> {
    heading("C");
    let Some(compiler) = compiler::first() else {
        println!("\nThe C half is left out: neither gcc nor clang is installed");
        return Ok(());
    };
    let program = Program {
        source: &script(workspace, "demo.c"),
        include: &workspace.root.join("include"),
        library: &artifacts.library,
        options: &[],
        folder: &workspace.scratch("demo")?,
    };
    let program = program.compile(workspace, &compiler, false)?;
    show(
        emulator.settle(&mut compiler::command(
            workspace,
            &artifacts.library,
            &program,
        )),
        "the C demo",
    )
}

fn script(workspace: &Workspace, name: &str) -> std::path::PathBuf {
    workspace.root.join("xtask").join("demo").join(name)
}

/// Runs a program that talks to the user directly.
fn show(command: &mut Command, what: &str) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {what}"))?;
    if !status.success() {
        bail!("{what} ended with {status}");
    }
    Ok(())
}

fn heading(text: &str) {
    println!("\n──── {text} {}", "─".repeat(70 - text.len()));
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
