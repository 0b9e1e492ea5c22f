//! A session with a bus and an unlocked keyring of its own.

use std::io::Write;
use std::process::{Command, ExitCode, Stdio};

/// Set for the program that runs in a session.
const HERE: &str = "CRASH_SESSION";
const PROGRAMS: &[&str] = &["dbus-run-session", "gnome-keyring-daemon"];

/// Whether this program runs in one.
pub fn is_here() -> bool {
    std::env::var_os(HERE).is_some()
}

/// Runs this program again in a session; none where that is so already, or cannot be.
pub fn run_in_one(arguments: &[String]) -> Option<ExitCode> {
    if is_here() || !PROGRAMS.iter().all(|program| is_installed(program)) {
        return None;
    }
    let home = tempfile::tempdir().ok()?;
    let runtime = home.path().join("runtime");
    std::fs::create_dir(&runtime).ok()?;
    let script =
        "printf x | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$@\"";
    let status = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", script, "sh"])
        .arg(std::env::current_exe().ok()?)
        .args(arguments)
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env(HERE, "1")
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_CACHE_HOME", home.path().join("cache"))
        .env("XDG_RUNTIME_DIR", &runtime)
        .status()
        .ok()?;
    Some(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Starts the keyring, or unlocks it, unless it answers already. GNOME Keyring itself may end when a program that
/// speaks to it is killed; what it had taken is on disk, and its user unlocks the next one.
pub fn unlock(answers: impl Fn() -> bool) {
    for _ in 0..20 {
        if answers() {
            return;
        }
        let mut daemon = Command::new("gnome-keyring-daemon")
            .args(["--replace", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the keyring starts");
        let mut password = daemon.stdin.take().expect("a pipe");
        password.write_all(b"x").expect("the keyring reads");
        drop(password);
        daemon
            .wait()
            .expect("the keyring goes on in the background");
    }
    panic!("the keyring does not answer");
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
