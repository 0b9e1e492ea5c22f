//! The programs in examples/: each is compiled with every warning an error, and runs against an emulator.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Context;
use super::report::Outcome;
use crate::compiler::{self, Program};
use crate::emulator::Emulator;
use crate::process;

const LIMIT: Duration = Duration::from_secs(120);

pub fn run(context: &Context) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for folder in ["c", "cpp"] {
        for compiler in compiler::installed() {
            for source in sources(context, folder)? {
                outcome.add(compiled(context, &compiler, &source, folder == "cpp")?);
            }
        }
    }
    outcome.add(python(context)?);
    if outcome.passed == 0 {
        outcome.skipped += 1;
        "no C compiler and no Python".clone_into(&mut outcome.reason);
    }
    Ok(outcome)
}

fn sources(context: &Context, folder: &str) -> Result<Vec<PathBuf>> {
    let folder = context.workspace.root.join("examples").join(folder);
    let entries =
        std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut sources: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    sources.sort();
    Ok(sources)
}

fn compiled(
    context: &Context,
    compiler: &compiler::Compiler,
    source: &Path,
    plus_plus: bool,
) -> Result<Outcome> {
    let workspace = &context.workspace;
    let artifacts = context.artifacts()?;
    let program = Program {
        source,
        include: &workspace.root.join("include"),
        library: &artifacts.library,
        options: &[],
        folder: &workspace.scratch("programs")?,
    };
    let program = program.compile(workspace, compiler, plus_plus)?;
    let emulator = Emulator::start(workspace, artifacts, &[])?;
    let mut command = compiler::command(workspace, &artifacts.library, &program);
    process::check(emulator.settle(&mut command), LIMIT)?;
    Ok(Outcome::passed())
}

fn python(context: &Context) -> Result<Outcome> {
    let Some(python) = process::find("python3") else {
        return Ok(Outcome::skipped("no Python".to_owned()));
    };
    let workspace = &context.workspace;
    let artifacts = context.artifacts()?;
    let emulator = Emulator::start(workspace, artifacts, &[])?;
    let mut command: Command = workspace.command(python);
    command.arg(workspace.root.join("examples/python/tokens.py"));
    command
        .env("SAILPAT_LIBRARY", &artifacts.library)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    process::check(emulator.settle(&mut command), LIMIT)?;
    Ok(Outcome::passed())
}
