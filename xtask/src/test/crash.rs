//! The crash matrix: tests/crash kills a rotating process at every boundary of what it writes and sends.

use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::Outcome;
use super::rust::test_results;
use crate::process;

const LIMIT: Duration = Duration::from_secs(15 * 60);

pub fn run(context: &Context) -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(Outcome::skipped(
            "the shim that counts boundaries needs Linux".to_owned(),
        ));
    }
    let mut command = context.workspace.cargo();
    command.args(["test", "--test", "crash"]);
    let finished = process::run(&mut command, LIMIT)?;
    let mut outcome = test_results(&finished.output);
    if !finished.status.success() {
        outcome.failed = outcome.failed.max(1);
        outcome.output = finished.output;
    }
    Ok(outcome)
}
