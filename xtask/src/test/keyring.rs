//! The keyring of a Linux desktop for real: tests/keyring, each test in a session of its own.

use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::Outcome;
use super::rust::run_tests;
use crate::process;

const LIMIT: Duration = Duration::from_secs(10 * 60);

/// The programs that make a session, each with the Debian package that brings it.
const PROGRAMS: &[(&str, &str)] = &[
    ("dbus-run-session", "dbus-daemon"),
    ("dbus-send", "dbus-bin"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("secret-tool", "libsecret-tools"),
];

pub fn run(context: &Context) -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(Outcome::skipped(
            "the Secret Service needs Linux".to_owned(),
        ));
    }
    if let Some((program, package)) = PROGRAMS
        .iter()
        .find(|(program, _)| process::find(program).is_none())
    {
        return Ok(Outcome::skipped(format!(
            "{program} is not installed ({package})"
        )));
    }
    run_tests(context, &["--test", "keyring"], LIMIT)
}
