//! One tenant, one folder, one process that is killed, and what must hold afterwards.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use sailpat::client::monitor::Monitor;
use sailpat::client::settings::Settings;
use sailpat::client::{Client, Context};
use sailpat::ops;
use sailpat_emulator::{Emulator, Options};
use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::scenarios::{self, Kept, Scenario};

pub struct House {
    tenant: Emulator,
    folder: TempDir,
    kept: Kept,
    /// How many tokens there are, and were, beside the one that is made.
    others: usize,
    /// Settings of the process that is killed.
    settings: Value,
}

type Checked = Result<(), String>;

impl House {
    pub fn new(scenario: &Scenario) -> Self {
        let options = Options {
            rate_limit: None,
            ..Options::default()
        };
        let tenant = Emulator::start(options).expect("the emulator starts");
        let folder = tempfile::tempdir().expect("a folder");
        let mut house = House {
            tenant,
            folder,
            kept: scenario.kept,
            others: scenario.others,
            settings: Value::Null,
        };
        house.settings = house.first_settings();
        scenario.prepare(&house);
        house
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn kept(&self) -> Kept {
        self.kept
    }

    /// A keyring's account that no other house has.
    pub fn account(&self) -> String {
        let name = self.folder.path().file_name().expect("a folder has a name");
        name.to_string_lossy().to_lowercase()
    }

    pub fn first_pair(&self) -> (String, String) {
        (
            self.tenant.client_id().to_owned(),
            self.tenant.client_secret().to_owned(),
        )
    }

    fn base(&self) -> Value {
        json!({
            "baseUrl": self.tenant.url(), "stateFolder": self.path("state"), "rateLimit": null,
            "retryIntervalSeconds": 0.01, "environment": {}, "workingDirectory": self.folder(),
        })
    }

    fn with(&self, extra: Value) -> Value {
        let mut settings = self.base();
        settings
            .as_object_mut()
            .expect("an object")
            .extend(extra.as_object().expect("an object").clone());
        settings
    }

    /// The settings of a process whose pair is where this scenario keeps it.
    pub fn first_settings(&self) -> Value {
        match self.kept.source(self) {
            Some(source) => self.with(json!({"source": source})),
            None => {
                let (id, secret) = self.first_pair();
                self.with(json!({"clientId": id, "clientSecret": secret}))
            }
        }
    }

    /// The process that is killed.
    pub fn child(&self, scenario: &Scenario) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        let request = (scenario.request)(self);
        command
            .arg("child")
            .env("CRASH_SETTINGS", self.settings.to_string())
            .env("CRASH_OPERATION", scenario.operation)
            .env(
                "CRASH_REQUEST",
                self.resolved(scenario, request).to_string(),
            )
            .env("CRASH_KEEP", self.path("kept.json"));
        command
    }

    /// A request whose rotation is the only one there is.
    fn resolved(&self, scenario: &Scenario, mut request: Value) -> Value {
        if scenario.operation.starts_with("rotation_") {
            request["rotation"] = self.rotations(&self.settings)[0]["rotation"].clone();
        }
        request
    }

    pub fn rotations(&self, settings: &Value) -> Vec<Value> {
        let reply = call(settings, "rotation_list", json!({}));
        reply["data"].as_array().cloned().unwrap_or_default()
    }

    fn signs_in(&self, pair: Option<(String, String)>) -> bool {
        let Some((id, secret)) = pair else {
            return false;
        };
        let settings = self.with(json!({"clientId": id, "clientSecret": secret}));
        call(&settings, "list", json!({"ownerId": "me"}))["ok"] == true
    }

    /// What must hold after a kill, after the rotation was looked after, and at the end.
    pub fn check(&self) -> Checked {
        scenarios::make_ready(self);
        let stored = [
            self.kept.pair(self),
            Some(self.first_pair()).filter(|_| self.kept.keeps_first()),
        ];
        let working = stored.into_iter().find(|pair| self.signs_in(pair.clone()));
        let Some(Some((id, secret))) = working else {
            return Err("no stored credential signs in".to_owned());
        };
        let settings = match self.kept.source(self) {
            Some(source) => self.with(json!({"source": source})),
            None => self.with(json!({"clientId": id, "clientSecret": secret})),
        };
        self.look_after(&settings)?;
        self.check_end(&settings)
    }

    /// Resumes what is unfinished, as a later process does.
    fn look_after(&self, settings: &Value) -> Checked {
        for rotation in self.rotations(settings) {
            if rotation["finished"] == true {
                continue;
            }
            let request = json!({"rotation": rotation["rotation"], "now": true});
            let reply = resumed(settings, &request);
            if reply["ok"] != true || reply["data"]["finished"] != true {
                return Err(format!("resume: {reply}"));
            }
        }
        Ok(())
    }

    fn check_end(&self, settings: &Value) -> Checked {
        let tokens = self
            .tenant
            .control("GET", "tokens", Value::Null)
            .expect("tokens");
        let tokens = tokens.as_array().cloned().unwrap_or_default();
        let names: Vec<&str> = tokens
            .iter()
            .filter_map(|token| token["name"].as_str())
            .collect();
        if names.iter().any(|name| name.contains("sailpat")) {
            return Err(format!("an orphan: {names:?}"));
        }
        let made = self.kept.made(self);
        if tokens.len() != 1 + if made { self.others } else { 0 } {
            return Err(format!("{} tokens live: {names:?}", tokens.len()));
        }
        let pair = self.kept.pair(self);
        let first = Some(self.first_pair()).filter(|_| self.kept.keeps_first());
        if !self.signs_in(pair) && !self.signs_in(first) {
            return Err("at the end no stored credential signs in".to_owned());
        }
        if let Some(left) = leftovers(self.folder()) {
            return Err(format!("left behind: {left}"));
        }
        let open = self
            .rotations(settings)
            .iter()
            .filter(|rotation| rotation["finished"] != true)
            .count();
        if open > 0 {
            Err(format!("{open} rotations are open"))
        } else {
            Ok(())
        }
    }
}

/// Resumes as often as the reply says that the store may still be at work.
fn resumed(settings: &Value, request: &Value) -> Value {
    loop {
        let reply = call(settings, "rotation_resume", request.clone());
        match reply["error"]["retryAfterSeconds"].as_f64() {
            Some(wait) => std::thread::sleep(Duration::from_secs_f64(wait)),
            None => return reply,
        }
    }
}

/// The copy of a pair, beside the journal.
fn is_copy(path: &Path) -> bool {
    let is_beside = path
        .parent()
        .is_some_and(|folder| folder.ends_with("rotations"));
    is_beside
        && path
            .extension()
            .is_some_and(|end| end == "old" || end == "new")
}

/// A half-written file, or a copy of an old pair, that nobody removed.
fn leftovers(folder: &Path) -> Option<String> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        let name = path.file_name()?.to_string_lossy().into_owned();
        if path.is_dir() {
            if let Some(left) = leftovers(&path) {
                return Some(left);
            }
        } else if name.ends_with(".sailpat-new") || is_copy(&path) {
            return Some(name);
        }
    }
    None
}

/// Runs one operation in this process.
pub fn call(settings: &Value, operation: &str, request: Value) -> Value {
    let settings = Settings::parse(&settings.to_string()).expect("the settings are right");
    let client = Arc::new(Client::new(settings));
    let context = Context {
        monitor: Arc::new(Monitor::default()),
        ..Context::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let operation = ops::find(operation).expect("the operation is there");
    let request = Zeroizing::new(request.to_string());
    let envelope = runtime.block_on(operation.run(client, request, context));
    serde_json::from_slice(&envelope.into_bytes()).expect("an envelope is JSON")
}
