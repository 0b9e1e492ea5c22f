//! Starting and stopping, in a process and as one.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sailpat_emulator::{Emulator, Options};
use serde_json::Value;

use crate::client::LONG;

/// The binary as a child; killed where a test fails before its end.
struct Process(Child);

impl Process {
    fn start(arguments: &[&str]) -> Process {
        let child = Command::new(env!("CARGO_BIN_EXE_sailpat-emulator"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Process(child.unwrap())
    }

    fn lines(&mut self, count: usize) -> Vec<String> {
        let out = BufReader::new(self.0.stdout.take().unwrap());
        out.lines().take(count).map(Result::unwrap).collect()
    }

    /// The exit code; None after a signal.
    fn ended(&mut self) -> Option<i32> {
        let started = Instant::now();
        while started.elapsed() < LONG {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("it does not end");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn temporary(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    folder.join(format!("{name}-{}", std::process::id()))
}

fn answers(url: &str) -> bool {
    let address = url.split_once("://").unwrap().1;
    TcpStream::connect(address).is_ok()
}

#[test]
fn a_dropped_emulator_has_closed_its_port() {
    let emulator = Emulator::start(Options::default()).unwrap();
    let url = emulator.url().to_owned();
    assert!(answers(&url));
    drop(emulator);
    assert!(!answers(&url));
}

#[tokio::test]
async fn it_starts_and_stops_inside_another_runtime() {
    let emulator = Emulator::start(Options::default()).unwrap();
    assert!(emulator.control_url().ends_with("/_emulator/"));
    drop(emulator);
}

#[test]
fn it_listens_on_loopback_only() {
    let options = Options {
        host: "0.0.0.0".parse().unwrap(),
        ..Options::default()
    };
    assert!(Emulator::start(options).is_err());
    let mut process = Process::start(&["--host", "0.0.0.0", "--print-url"]);
    assert_eq!(process.ended(), Some(1));
}

#[test]
fn a_taken_port_is_an_error() {
    let first = Emulator::start(Options::default()).unwrap();
    let port = first.url().rsplit_once(':').unwrap().1;
    let mut second = Process::start(&["--port", port]);
    assert_eq!(second.ended(), Some(1));
}

#[test]
fn print_url_is_one_line_once_ready() {
    let mut process = Process::start(&["--print-url"]);
    let lines = process.lines(1);
    assert!(lines[0].starts_with("http://127.0.0.1:"));
    assert!(answers(&lines[0]));
}

#[test]
fn print_env_is_what_scripts_read() {
    let mut process = Process::start(&["--print-env", "--tls"]);
    let lines = process.lines(3);
    assert!(lines[0].starts_with("SAIL_BASE_URL=https://127.0.0.1:"));
    assert_eq!(lines[1].len(), "SAIL_CLIENT_ID=".len() + 32);
    assert_eq!(lines[2].len(), "SAIL_CLIENT_SECRET=".len() + 64);
}

#[test]
fn the_ready_file_tells_everything_and_goes_at_the_end() {
    let [ready, ca] = [temporary("ready"), temporary("ca")];
    let mut process = Process::start(&[
        "--print-url",
        "--exit-with-stdin",
        "--tls",
        "--vanity",
        "--ready-file",
        ready.to_str().unwrap(),
        "--ca-file",
        ca.to_str().unwrap(),
    ]);
    let url = process.lines(1).remove(0);
    let told: Value = serde_json::from_slice(&std::fs::read(&ready).unwrap()).unwrap();
    assert_eq!(told["tlsUrl"], url);
    assert_eq!(told["pid"], process.0.id());
    assert_eq!(told["caFile"], ca.to_str().unwrap());
    assert!(
        std::fs::read_to_string(&ca)
            .unwrap()
            .contains("BEGIN CERTIFICATE")
    );
    for field in ["url", "apiUrl", "controlUrl", "clientId", "clientSecret"] {
        assert!(told[field].is_string(), "{field}");
    }
    let plain = told["url"].as_str().unwrap();
    assert_eq!(told["controlUrl"], format!("{plain}/_emulator/"));

    drop(process.0.stdin.take());
    assert_eq!(process.ended(), Some(0));
    assert!(!ready.exists() && !answers(plain));
    std::fs::remove_file(ca).unwrap();
}

#[test]
#[cfg(unix)]
fn sigterm_and_sigint_end_it_well() {
    for signal in ["TERM", "INT"] {
        let mut process = Process::start(&["--print-url"]);
        process.lines(1);
        let pid = process.0.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.unwrap().success());
        assert_eq!(process.ended(), Some(0), "{signal}");
    }
}

#[test]
fn a_seed_file_is_read() {
    let seed = temporary("seed");
    std::fs::write(
        &seed,
        r#"{"identities":[{"id":"a","clientId":"c","clientSecret":"s"}]}"#,
    )
    .unwrap();
    let mut process = Process::start(&["--print-env", "--seed", seed.to_str().unwrap()]);
    let lines = process.lines(3);
    assert_eq!(lines[1..], ["SAIL_CLIENT_ID=c", "SAIL_CLIENT_SECRET=s"]);
    std::fs::write(&seed, "{").unwrap();
    let mut process = Process::start(&["--seed", seed.to_str().unwrap()]);
    assert_eq!(process.ended(), Some(1));
    std::fs::remove_file(seed).unwrap();
}
