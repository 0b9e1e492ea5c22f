//! The steps that are cargo's own: format, clippy, tests.

use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::{Outcome, Part};
use crate::process;

const LIMIT: Duration = Duration::from_secs(20 * 60);

pub fn format(context: &Context) -> Result<Outcome> {
    cargo(context, &["fmt", "--all", "--check"])
}

pub fn clippy(context: &Context) -> Result<Outcome> {
    cargo(
        context,
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            // Not among all targets, since `cargo test` does not run them by itself.
            "--test",
            "crash",
            "--test",
            "model",
            "--test",
            "keyring",
            "--test",
            "memory",
            "--all-features",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ],
    )
}

pub fn build(context: &Context) -> Result<Outcome> {
    cargo(context, &["test", "--workspace", "--no-run", "--quiet"])
}

pub fn test(context: &Context) -> Result<Outcome> {
    run_tests(context, &["--workspace", "--no-fail-fast"], LIMIT)
}

/// Runs `cargo test` with these arguments and adds up what its programs count. Those that test the release library
/// are told where it is.
pub fn run_tests(context: &Context, arguments: &[&str], limit: Duration) -> Result<Outcome> {
    let mut command = context.workspace.cargo();
    command.arg("test").args(arguments);
    if let Some(artifacts) = context.artifacts.get() {
        command.env("SAILPAT_LIBRARY", &artifacts.library);
    }
    let finished = process::run(&mut command, limit)?;
    let mut outcome = test_results(&finished.output);
    if !finished.status.success() {
        // A test program that crashes or does not compile prints no counts, and is a failure all the same.
        outcome.failed = outcome.failed.max(1);
        outcome.output = finished.output;
    }
    Ok(outcome)
}

fn cargo(context: &Context, arguments: &[&str]) -> Result<Outcome> {
    let mut command = context.workspace.cargo();
    process::check(command.args(arguments), LIMIT)?;
    Ok(Outcome::passed())
}

/// Adds up the lines `test result: ok. 3 passed; 0 failed; 1 ignored; …` of all test programs.
pub fn test_results(output: &str) -> Outcome {
    let mut outcome = Outcome::default();
    for line in output
        .lines()
        .filter_map(|line| line.split_once("test result: "))
    {
        let count = |word: &str| {
            let part = line
                .1
                .split([';', '.'])
                .find_map(|part| part.trim().strip_suffix(word));
            part.and_then(|number| number.trim().parse::<u32>().ok())
                .unwrap_or(0)
        };
        outcome.passed += count("passed");
        outcome.failed += count("failed");
        outcome.skipped += count("ignored");
    }
    outcome.parts = programs(output);
    if outcome.skipped > 0 {
        outcome.reason = "tests marked #[ignore]".to_owned();
    }
    outcome
}

/// How long each program ran: cargo names it, `Running tests/rust/main.rs (target/…)`, and the program ends with
/// `finished in 1.25s`. How long a single test took is told by nightly compilers alone.
fn programs(output: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut running = String::new();
    for line in output.lines().map(str::trim) {
        if let Some(named) = line.strip_prefix("Running ") {
            running = program(named);
        } else if let Some(name) = line.strip_prefix("Doc-tests ") {
            running = format!("doc-tests of {name}");
        } else if let Some((_, time)) = line.rsplit_once("; finished in ") {
            let seconds = time.trim_end_matches('s').parse().unwrap_or_default();
            parts.push(Part {
                name: running.clone(),
                took: Duration::try_from_secs_f64(seconds).unwrap_or_default(),
            });
        }
    }
    parts
}

/// `sailpat, unittests src/lib.rs` of `unittests src/lib.rs (target/debug/deps/sailpat-0123abcd)`: each member of the
/// workspace has such a source.
fn program(named: &str) -> String {
    let Some((source, path)) = named.split_once(" (") else {
        return named.to_owned();
    };
    let file = path.trim_end_matches(')').rsplit(['/', '\\']).next();
    let name = file.and_then(|file| file.rsplit_once('-'));
    name.map_or_else(
        || source.to_owned(),
        |(name, _)| format!("{name}, {source}"),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::test_results;

    #[test]
    fn result_lines_are_added_up() {
        let output = "     Running unittests src/lib.rs (target/debug/deps/sailpat-1)\nrunning 3 tests\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s\n\
                      test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
        let outcome = test_results(output);
        assert_eq!((outcome.passed, outcome.failed, outcome.skipped), (5, 1, 1));
        let part = &outcome.parts[1];
        assert_eq!(part.name, "sailpat, unittests src/lib.rs");
        assert_eq!(part.took, Duration::from_secs(1));
    }
}
