//! What stays of secrets in a process's memory: tests/memory, with the release library.

use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::Outcome;
use super::rust::run_tests_with;
use crate::process;

const LIMIT: Duration = Duration::from_secs(10 * 60);

pub fn run(context: &Context) -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(Outcome::skipped(
            "a process's memory is read on Linux".to_owned(),
        ));
    }
    if process::find("cc").is_none() {
        return Ok(Outcome::skipped("no C compiler, cc".to_owned()));
    }
    let library = &context.artifacts()?.library;
    run_tests_with(
        context,
        &["--test", "memory"],
        &[("SAILPAT_LIBRARY", library)],
        LIMIT,
    )
}
