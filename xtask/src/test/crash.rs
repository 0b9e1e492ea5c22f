//! The crash matrix: tests/crash kills a rotating process at every boundary of what it writes and sends.

use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::Outcome;
use super::rust::run_tests;

const LIMIT: Duration = Duration::from_secs(15 * 60);

pub fn run(context: &Context) -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(Outcome::skipped(
            "the shim that counts boundaries needs Linux".to_owned(),
        ));
    }
    run_tests(context, &["--test", "crash"], LIMIT)
}
