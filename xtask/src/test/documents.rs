//! What the pages tell, held to what is there: the examples that users copy run as printed (the header's, every block of
//! README.md, the call that docs/how-a-call-goes.md follows); links lead somewhere, and names are names in the code.

mod blocks;
#[cfg(test)]
mod links;
mod readme;
mod walk;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Context;
use super::report::Outcome;
use crate::compiler::{self, Program};
use crate::emulator::Emulator;
use crate::header;
use crate::process;

const LIMIT: Duration = Duration::from_secs(300);

pub fn examples(context: &Context) -> Result<Outcome> {
    let mut outcome = run_c(
        context,
        "header-example",
        &header::example(&context.workspace)?,
    )?;
    let room = readme::Room::new(context)?;
    outcome.add(readme::run(&room)?);
    outcome.add(walk::run(&room)?);
    Ok(outcome)
}

fn page(root: &Path, name: &str) -> Result<String> {
    let text = std::fs::read_to_string(root.join(name));
    // A checkout may have its own line ends.
    Ok(text
        .with_context(|| format!("cannot read {name}"))?
        .replace("\r\n", "\n"))
}

/// As C11 and as C++17, with every warning an error.
fn run_c(context: &Context, name: &str, text: &str) -> Result<Outcome> {
    let Some(compiler) = compiler::first() else {
        return Ok(Outcome::skipped("no C compiler".to_owned()));
    };
    let workspace = &context.workspace;
    let artifacts = context.artifacts()?;
    let folder = workspace.scratch("examples")?;
    let source = folder.join(format!("{name}.c"));
    std::fs::write(&source, text)?;
    let program = Program {
        source: &source,
        include: &workspace.root.join("include"),
        library: &artifacts.library,
        options: &[],
        folder: &folder,
    };
    let mut outcome = Outcome::default();
    for plus_plus in [false, true] {
        let program = program.compile(workspace, &compiler, plus_plus)?;
        let emulator = Emulator::start(workspace, artifacts, &[])?;
        let mut command = compiler::command(workspace, &artifacts.library, &program);
        process::check(emulator.settle(&mut command), LIMIT)?;
        outcome.add(Outcome::passed());
    }
    Ok(outcome)
}
