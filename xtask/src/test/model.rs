//! The model of rotation: tests/model drives the library through cases made at random, and those that broke a law
//! once.

use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::Outcome;
use super::rust::run_tests;

const LIMIT: Duration = Duration::from_secs(10 * 60);

pub fn run(context: &Context) -> Result<Outcome> {
    if !cfg!(unix) {
        return Ok(Outcome::skipped(
            "the model's hosts have the files of Unix".to_owned(),
        ));
    }
    run_tests(context, &["--test", "model"], LIMIT)
}
