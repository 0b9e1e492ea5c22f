//! A test that needs a process of its own runs itself once more, in one.

use std::process::{Command, ExitStatus, Stdio};

const INSIDE: &str = "SAILPAT_TEST_INSIDE";

/// Whether this is that process.
pub fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// The test of that whole name, in a process that a shell prepares.
pub fn prepared(shell: &str, test: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", &format!("{shell}\nexec \"$@\""), "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .stdout(Stdio::null());
    command
}

/// Runs it. A name that fits no test would pass, too.
pub fn run(shell: &str, test: &str) -> ExitStatus {
    let listed = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--list"])
        .output()
        .unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains(&format!("{test}: test")), "{listed}");
    prepared(shell, test).status().unwrap()
}
