//! The programs of tests that are steps of their own, since they take long or want what not every machine has. They
//! are cargo's test targets: each has a folder in tests and a row in Cargo.toml.

use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::Outcome;
use super::rust;
use crate::process;

const LIMIT: Duration = Duration::from_secs(15 * 60);

/// The programs that make a session with a keyring, each with the Debian package that brings it.
const SESSION: &[(&str, &str)] = &[
    ("dbus-run-session", "dbus-daemon"),
    ("dbus-send", "dbus-bin"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("secret-tool", "libsecret-tools"),
];

/// tests/crash kills a rotating process at every boundary of what it writes and sends.
pub fn crash(context: &Context) -> Result<Outcome> {
    let other =
        (!cfg!(target_os = "linux")).then_some("the shim that counts boundaries needs Linux");
    run(context, "crash", other.map(str::to_owned))
}

/// tests/model drives the library through cases made at random, and those that broke a law once.
pub fn model(context: &Context) -> Result<Outcome> {
    let other = (!cfg!(unix)).then_some("the model's hosts have the files of Unix");
    run(context, "model", other.map(str::to_owned))
}

/// tests/keyring has the keyring of a Linux desktop for real, each test in a session of its own.
pub fn keyring(context: &Context) -> Result<Outcome> {
    let other = (!cfg!(target_os = "linux")).then(|| "the Secret Service needs Linux".to_owned());
    run(context, "keyring", other.or_else(|| lacks(SESSION)))
}

/// tests/memory reads what stays of secrets in the memory of a process with the release library.
pub fn memory(context: &Context) -> Result<Outcome> {
    let other =
        (!cfg!(target_os = "linux")).then(|| "a process's memory is read on Linux".to_owned());
    run(context, "memory", other.or_else(|| lacks(&[("cc", "gcc")])))
}

fn run(context: &Context, target: &str, obstacle: Option<String>) -> Result<Outcome> {
    match obstacle {
        Some(reason) => Ok(Outcome::skipped(reason)),
        // With the features of the whole workspace, so that what it depends on is what was built for the other tests.
        None => rust::run_tests(context, &["--workspace", "--test", target], LIMIT),
    }
}

/// The first of these programs that is not installed.
fn lacks(programs: &[(&str, &str)]) -> Option<String> {
    let missing = programs
        .iter()
        .find(|(program, _)| process::find(program).is_none());
    missing.map(|(program, package)| format!("{program} is not installed ({package})"))
}
