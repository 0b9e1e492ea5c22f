//! The model of rotation: tests/model drives the library through cases made at random, and those that broke a law
//! once.

use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::Outcome;
use super::rust::test_results;
use crate::process;

const LIMIT: Duration = Duration::from_secs(10 * 60);

pub fn run(context: &Context) -> Result<Outcome> {
    if !cfg!(unix) {
        return Ok(Outcome::skipped(
            "the model's hosts have the files of Unix".to_owned(),
        ));
    }
    let mut command = context.workspace.cargo();
    command.args(["test", "--test", "model"]);
    let finished = process::run(&mut command, LIMIT)?;
    let mut outcome = test_results(&finished.output);
    if !finished.status.success() {
        outcome.failed = outcome.failed.max(1);
        outcome.output = finished.output;
    }
    Ok(outcome)
}
