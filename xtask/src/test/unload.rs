//! A program that loads the library by its path, a hundred times, and lets go of it with jobs running.

use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::{self, Outcome};
use crate::compiler;
use crate::emulator::Emulator;
use crate::process;

const LIMIT: Duration = Duration::from_secs(120);

pub fn run(context: &Context) -> Result<Outcome> {
    let Some(compiler) = compiler::first() else {
        return Ok(Outcome::skipped("no C compiler".to_owned()));
    };
    if !cfg!(target_os = "linux") {
        let reason = "it looks into /proc; for Windows, cargo xtask platforms has one of its own";
        return Ok(Outcome::skipped(reason.to_owned()));
    }
    let workspace = &context.workspace;
    let program = workspace.scratch("unload")?.join("unload");
    let mut command = workspace.command(compiler.name);
    command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic"]);
    command.arg(workspace.root.join("tests/c/loaded/unload.c"));
    process::check(command.arg("-ldl").arg("-o").arg(&program), LIMIT)?;

    let artifacts = context.artifacts()?;
    let emulator = Emulator::start(workspace, artifacts, &["--rate-limit", "off"])?;
    let mut command = workspace.command(&program);
    command.env("SAILPAT_LIBRARY", &artifacts.library);
    let finished = process::run(emulator.settle(&mut command), LIMIT)?;
    let mut outcome = report::counts(&finished.output).unwrap_or_default();
    if !finished.status.success() || outcome.passed == 0 {
        outcome.failed = outcome.failed.max(1);
        outcome.output = finished.output;
    }
    Ok(outcome)
}
