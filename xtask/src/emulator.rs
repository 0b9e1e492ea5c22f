//! One emulator on loopback for the time of a test, a demo or a benchmark. It ends with the value that stands for it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::artifacts::Artifacts;
use crate::workspace::Workspace;

const START_LIMIT: Duration = Duration::from_secs(20);
const STOP_LIMIT: Duration = Duration::from_secs(2);

pub struct Emulator {
    process: Child,
    pub url: String,
    /// The https address of one started with `--tls`.
    pub tls_url: Option<String>,
    pub control: String,
    pub client_id: String,
    pub client_secret: String,
}

impl Emulator {
    /// Starts an emulator with `options` of its own command line and waits until it answers.
    pub fn start(workspace: &Workspace, artifacts: &Artifacts, options: &[&str]) -> Result<Self> {
        let ready = ready_file(workspace)?;
        let mut process = workspace
            .command(&artifacts.emulator)
            .args(["--port", "0", "--exit-with-stdin", "--ready-file"])
            .arg(&ready)
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", artifacts.emulator.display()))?;
        let facts = wait_until_ready(&mut process, &ready);
        let _ = std::fs::remove_file(&ready);
        let facts = facts.inspect_err(|_| stop(&mut process))?;

        let text = |key: &str| facts[key].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            url: text("url"),
            tls_url: facts["tlsUrl"].as_str().map(str::to_owned),
            control: text("controlUrl"),
            client_id: text("clientId"),
            client_secret: text("clientSecret"),
            process,
        })
    }

    /// Gives `command` what a user sets to reach a tenant, and the tests' way to the control path.
    pub fn settle<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("SAIL_BASE_URL", &self.url)
            .env("SAIL_CLIENT_ID", &self.client_id)
            .env("SAIL_CLIENT_SECRET", &self.client_secret)
            .env("SAILPAT_EMULATOR_CONTROL", &self.control)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}

/// Closing its stdin asks the emulator to end; one that does not is killed.
fn stop(process: &mut Child) {
    drop(process.stdin.take());
    let begun = Instant::now();
    while begun.elapsed() < STOP_LIMIT {
        if let Ok(Some(_)) = process.try_wait() {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    let _ = process.kill();
    let _ = process.wait();
}

/// A path that no other emulator of this process or of another one uses.
fn ready_file(workspace: &Workspace) -> Result<PathBuf> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let file = workspace
        .scratch("ready")?
        .join(format!("{}-{number}.json", std::process::id()));
    let _ = std::fs::remove_file(&file);
    Ok(file)
}

fn wait_until_ready(process: &mut Child, ready: &Path) -> Result<Value> {
    let begun = Instant::now();
    while begun.elapsed() < START_LIMIT {
        if let Ok(text) = std::fs::read_to_string(ready) {
            return serde_json::from_str(&text).context("the emulator's ready file is not JSON");
        }
        if let Some(status) = process.try_wait()? {
            bail!("the emulator ended with {status} before it was ready");
        }
        thread::sleep(Duration::from_millis(5));
    }
    bail!(
        "the emulator was not ready after {} s",
        START_LIMIT.as_secs()
    )
}
