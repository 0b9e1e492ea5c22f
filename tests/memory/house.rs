//! A tenant, a folder, and a process that speaks to the one and keeps its things in the other.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use sailpat_emulator::{Emulator, Options, Seed};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Where the pair comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// clientId and clientSecret among the settings.
    Settings,
    /// SAIL_* in the settings' own `environment`.
    Snapshot,
    /// SAIL_* of the process.
    Variables,
    File,
    Command,
}

pub struct House {
    pub tenant: Emulator,
    pub folder: TempDir,
    pub kept: Kept,
    tls: bool,
    /// The pair in use. Its secret looks another way in each form, in the half by which it is found, too.
    pub client_id: String,
    pub client_secret: String,
}

impl House {
    pub fn new(kept: Kept, tls: bool) -> Self {
        let (client_id, client_secret) =
            (random(8), format!("{}p/+\"&=%{}", random(12), random(12)));
        let seed = json!({"identities": [{
            "name": "Memory", "rights": "all", "clientId": client_id, "clientSecret": client_secret,
        }]});
        let options = Options {
            tls,
            rate_limit: None,
            seed: Seed::Json(seed),
            ..Options::default()
        };
        let tenant = Emulator::start(options).expect("the emulator starts");
        let house = House {
            tenant,
            folder: tempfile::tempdir().expect("a folder"),
            kept,
            tls,
            client_id,
            client_secret,
        };
        house.fill();
        house
    }

    fn fill(&self) {
        let pair = json!({"BaseURL": self.url(), "ClientId": self.client_id, "ClientSecret": self.client_secret});
        std::fs::write(self.file(), pair.to_string()).expect("a file is written");
        let answer = json!({"clientId": self.client_id, "clientSecret": self.client_secret});
        std::fs::write(self.path("answer.json"), answer.to_string()).expect("a file is written");
        let authority = self.tenant.ca_pem().unwrap_or_default();
        std::fs::write(self.path("ca.pem"), authority).expect("a file is written");
    }

    /// The part of the client secret that no escape changes.
    pub fn recognized(&self) -> &str {
        &self.client_secret[self.client_secret.len() - 24..]
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn file(&self) -> PathBuf {
        self.path("config.json")
    }

    pub fn url(&self) -> &str {
        if self.tls {
            self.tenant.tls_url().expect("https")
        } else {
            self.tenant.url()
        }
    }

    /// The settings of a client; what is a secret in them is so only where the pair is kept among them.
    pub fn settings(&self) -> Value {
        let mut settings = json!({
            "baseUrl": self.url(), "stateFolder": self.path("state"), "rateLimit": null, "replyLog": true,
            "maximumRetryCount": 0, "environment": {}, "workingDirectory": self.folder.path(),
        });
        if self.tls {
            settings["caFile"] = json!(self.path("ca.pem"));
        }
        match self.kept {
            Kept::Settings => {
                settings["clientId"] = json!(self.client_id);
                settings["clientSecret"] = json!(self.client_secret);
            }
            Kept::Snapshot => settings["environment"] = json!(self.variables()),
            Kept::Variables => {
                settings
                    .as_object_mut()
                    .expect("an object")
                    .remove("environment");
            }
            Kept::File => settings["source"] = json!({"file": self.file()}),
            Kept::Command => {
                settings["source"] = json!({"command": ["cat", self.path("answer.json")]});
            }
        }
        settings
    }

    fn variables(&self) -> Value {
        json!({
            "SAIL_BASE_URL": self.url(), "SAIL_CLIENT_ID": self.client_id,
            "SAIL_CLIENT_SECRET": self.client_secret, "HOME": self.folder.path(),
        })
    }

    /// A process that has the library loaded and nothing done.
    pub fn process(&self, tools: &Tools) -> Process {
        let mut command = Command::new(&tools.child);
        command
            .env_clear()
            .arg(&tools.library)
            .env("PATH", "/usr/bin:/bin");
        if self.kept == Kept::Variables {
            for (name, value) in self.variables().as_object().expect("an object") {
                command.env(name, value.as_str().expect("a text"));
            }
        }
        Process::start(&mut command)
    }

    /// Every bearer that was sent.
    pub fn bearers(&self) -> Vec<String> {
        let requests = self
            .tenant
            .control("GET", "requests", Value::Null)
            .expect("requests");
        let mut bearers: Vec<String> = requests
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|request| {
                request["headers"]["authorization"]
                    .as_str()?
                    .strip_prefix("Bearer ")
            })
            .map(str::to_owned)
            .collect();
        bearers.sort();
        bearers.dedup();
        bearers
    }

    pub fn fault(&self, kind: &str, fault: Value) {
        let rule = json!({"match": {"kind": kind}, "fault": fault});
        self.tenant
            .control("POST", "faults", rule)
            .expect("the rule is taken");
    }
}

/// Hexadecimal digits of so many random bytes.
pub fn random(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    let mut source = std::fs::File::open("/dev/urandom").expect("randomness");
    source.read_exact(&mut random).expect("randomness");
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the tests need besides themselves.
pub struct Tools {
    pub child: PathBuf,
    pub library: PathBuf,
}

impl Tools {
    /// Compiles the child; the library is the one that `SAILPAT_LIBRARY` names, else the last release build.
    pub fn make(folder: &Path) -> Result<Self, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let library = std::env::var_os("SAILPAT_LIBRARY")
            .map_or_else(|| root.join("target/release/libsailpat.so"), PathBuf::from);
        if !library.is_file() {
            return Err(format!(
                "{} is not there: cargo build --release",
                library.display()
            ));
        }
        let child = folder.join("child");
        let status = Command::new("cc")
            .args(["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-o"])
            .arg(&child)
            .arg(root.join("tests/memory/child.c"))
            .arg("-ldl")
            .status()
            .map_err(|error| format!("no C compiler: {error}"))?;
        if status.success() {
            Ok(Tools { child, library })
        } else {
            Err("child.c does not compile".to_owned())
        }
    }
}

/// The process that is searched; it ends with this.
pub struct Process {
    child: Child,
    requests: ChildStdin,
    replies: ChildStdout,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the child starts");
        let (requests, replies) = (child.stdin.take(), child.stdout.take());
        Process {
            child,
            requests: requests.expect("a pipe"),
            replies: replies.expect("a pipe"),
        }
    }

    pub fn number(&self) -> u32 {
        self.child.id()
    }

    /// Lets it make a client, run one operation, and free reply and client; when this returns it is waiting.
    pub fn run(&mut self, how: &str, settings: &Value, operation: &str, request: &str) -> Value {
        let settings = settings.to_string();
        let texts = [how, &settings, operation, request];
        let mut frame = Vec::new();
        for text in texts {
            frame.extend(
                u32::try_from(text.len() + 1)
                    .expect("a short text")
                    .to_le_bytes(),
            );
        }
        for text in texts {
            frame.extend(text.bytes().chain([0]));
        }
        self.requests.write_all(&frame).expect("the child reads");
        let mut length = [0; 4];
        self.replies
            .read_exact(&mut length)
            .expect("the child answers");
        let mut reply = vec![0; u32::from_le_bytes(length) as usize];
        self.replies
            .read_exact(&mut reply)
            .expect("the child answers");
        self.settle();
        serde_json::from_slice(&reply).expect("an envelope is JSON")
    }

    /// Waits until it has freed the reply and waits for the next request itself.
    fn settle(&self) {
        let waits = |thread: &Path| {
            let state = std::fs::read_to_string(thread.join("stat")).unwrap_or_default();
            state
                .rsplit(')')
                .next()
                .is_some_and(|rest| rest.trim_start().starts_with('S'))
        };
        let threads = format!("/proc/{}/task", self.number());
        let mut quiet = 0;
        while quiet < 3 {
            let tasks = std::fs::read_dir(&threads).expect("threads");
            quiet = if tasks.flatten().all(|task| waits(&task.path())) {
                quiet + 1
            } else {
                0
            };
            std::thread::yield_now();
        }
    }

    /// A line of /proc/PID/status in kilobytes.
    pub fn kilobytes(&self, line: &str) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.number())).expect("a status");
        let value = status
            .lines()
            .find_map(|text| text.strip_prefix(line))
            .expect("the line is there");
        value
            .trim_matches(|letter: char| !letter.is_ascii_digit())
            .parse()
            .expect("a number")
    }

    /// How many mappings it has.
    pub fn mappings(&self) -> usize {
        std::fs::read_to_string(format!("/proc/{}/maps", self.number()))
            .expect("maps")
            .lines()
            .count()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
