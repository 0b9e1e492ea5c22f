//! A test that needs a process of its own runs itself once more, in one.

use std::process::{Command, ExitStatus, Stdio};

const INSIDE: &str = "SAILPAT_TEST_INSIDE";

/// Whether this is that process.
pub fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// What ends with the test's own program and changes what that one begins with; nothing.
pub const PLAIN: &[&str] = &["/usr/bin/env"];
/// As a host that ignores its children's ends: dash does not pass that on, perl does.
pub const WITHOUT_SIGCHLD: &[&str] = &["perl", "-e", "$SIG{CHLD} = 'IGNORE'; exec @ARGV or die"];

/// The test of that whole name, in a process that another program prepares.
pub fn prepared(by: &[&str], test: &str) -> Command {
    let mut command = Command::new(by[0]);
    command
        .args(&by[1..])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .stdout(Stdio::null());
    command
}

/// Runs it. A name that fits no test would pass, too.
pub fn run(by: &[&str], test: &str) -> ExitStatus {
    let listed = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--list"])
        .output()
        .unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains(&format!("{test}: test")), "{listed}");
    prepared(by, test).status().unwrap()
}
