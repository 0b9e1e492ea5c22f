//! A tenant on loopback, clients that speak to it, and what it saw of them.

use std::path::PathBuf;
use std::sync::Arc;

use sailpat::client::monitor::Monitor;
use sailpat::client::pool::Pool;
use sailpat::client::settings::Settings;
use sailpat::client::{Client, Context};
use sailpat::ops;
use sailpat_emulator::{Emulator, Options, Seed};
use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

/// An emulator without a rate limit, and its administrator's credential.
pub struct Tenant(pub Emulator);

impl Tenant {
    pub fn new() -> Self {
        Self::with(Options {
            rate_limit: None,
            ..Options::default()
        })
    }

    pub fn with(options: Options) -> Self {
        Tenant(Emulator::start(options).expect("the emulator starts"))
    }

    pub fn seeded(seed: Value) -> Self {
        Self::with(Options {
            rate_limit: None,
            seed: Seed::Json(seed),
            ..Options::default()
        })
    }

    /// Complete settings that read nothing of this process; `extra` goes on top.
    pub fn settings(&self, extra: Value) -> Value {
        let mut settings = json!({
            "baseUrl": self.0.url(),
            "clientId": self.0.client_id(),
            "clientSecret": self.0.client_secret(),
            "rateLimit": null,
            "retryIntervalSeconds": 0.01,
            "environment": {},
            "workingDirectory": "/nonexistent",
        });
        merge(&mut settings, extra);
        settings
    }

    pub fn client(&self, extra: Value) -> Arc<Client> {
        client(&self.settings(extra))
    }

    /// Adds a fault rule.
    pub fn fault(&self, kind: &str, fault: Value) {
        self.rule(json!({"match": {"kind": kind}, "fault": fault}));
    }

    pub fn rule(&self, rule: Value) {
        self.0
            .control("POST", "faults", rule)
            .expect("the rule is taken");
    }

    pub fn set(&self, settings: Value) {
        self.0
            .control("POST", "settings", settings)
            .expect("the settings are taken");
    }

    /// How many requests of a kind came in.
    pub fn count(&self, kind: &str) -> u64 {
        let stats = self.0.control("GET", "stats", Value::Null).expect("stats");
        stats["requests"][kind].as_u64().unwrap_or(0)
    }

    pub fn stats(&self) -> Value {
        self.0.control("GET", "stats", Value::Null).expect("stats")
    }

    /// The recorded requests.
    pub fn requests(&self) -> Vec<Value> {
        let recorded = self
            .0
            .control("GET", "requests", Value::Null)
            .expect("requests");
        recorded.as_array().cloned().unwrap_or_default()
    }

    /// The names of all tokens there are.
    pub fn names(&self) -> Vec<String> {
        let tokens = self
            .0
            .control("GET", "tokens", Value::Null)
            .expect("tokens");
        let tokens = tokens.as_array().cloned().unwrap_or_default();
        tokens
            .iter()
            .map(|token| token["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

pub fn client(settings: &Value) -> Arc<Client> {
    Arc::new(Client::new(
        Settings::parse(&settings.to_string()).expect("the settings are right"),
    ))
}

fn merge(into: &mut Value, extra: Value) {
    if let (Some(into), Value::Object(extra)) = (into.as_object_mut(), extra) {
        into.extend(extra);
    }
}

/// Runs an operation and reads its envelope.
pub async fn call(client: &Arc<Client>, operation: &str, request: Value) -> Value {
    call_text(client, operation, &request.to_string()).await
}

thread_local! {
    /// Connections belong to the runtime that opened them, and each test has one of its own.
    static POOL: Arc<Pool> = Arc::default();
}

fn pool() -> Arc<Pool> {
    POOL.with(Arc::clone)
}

pub async fn call_text(client: &Arc<Client>, operation: &str, request: &str) -> Value {
    let operation = ops::find(operation).expect("the operation is there");
    let json = Zeroizing::new(request.to_owned());
    let context = Context {
        monitor: Arc::new(Monitor::keeping_lines(true)),
        pool: pool(),
        ..Context::default()
    };
    let envelope = operation.run(client.clone(), json, context).await;
    serde_json::from_slice(&envelope.into_bytes()).expect("an envelope is JSON")
}

/// The code of a reply that must be an error.
pub fn code(reply: &Value) -> &str {
    assert_eq!(reply["ok"], false, "{reply}");
    reply["error"]["code"]
        .as_str()
        .expect("an error has a code")
}

pub fn message(reply: &Value) -> &str {
    reply["error"]["message"]
        .as_str()
        .expect("an error has a message")
}

/// The data of a reply that must be a success.
pub fn succeeded(reply: Value) -> Value {
    assert_eq!(reply["ok"], true, "{reply}");
    reply["data"].clone()
}

/// A tenant whose credential is in a file, and a folder for the library's own.
pub struct House {
    pub tenant: Tenant,
    pub folder: TempDir,
}

impl House {
    pub fn new() -> Self {
        Self::at(Tenant::new())
    }

    pub fn at(tenant: Tenant) -> Self {
        let house = House {
            tenant,
            folder: tempfile::tempdir().unwrap(),
        };
        let pair = json!({
            "BaseURL": house.tenant.0.url(),
            "ClientId": house.tenant.0.client_id(),
            "ClientSecret": house.tenant.0.client_secret(),
        });
        std::fs::write(house.file(), pair.to_string()).unwrap();
        house
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("config.json")
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// A client whose pair comes from the file.
    pub fn client(&self) -> Arc<Client> {
        self.client_with(json!({"source": {"file": self.file()}}))
    }

    pub fn client_with(&self, extra: Value) -> Arc<Client> {
        let mut settings = json!({
            "baseUrl": self.tenant.0.url(),
            "stateFolder": self.state(),
            "rateLimit": null,
            "retryIntervalSeconds": 0.01,
            "environment": {},
            "workingDirectory": self.folder.path(),
        });
        settings
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        client(&settings)
    }

    /// A client with the first pair as explicit settings.
    pub fn explicit(&self) -> Arc<Client> {
        self.client_with(json!({
            "clientId": self.tenant.0.client_id(),
            "clientSecret": self.tenant.0.client_secret(),
        }))
    }

    /// A client that goes by the default profile, which has the first pair; there is no file any more.
    pub async fn client_of_its_profile(&self) -> Arc<Client> {
        let client = self.client_with(json!({"baseUrl": null}));
        let profile = json!({
            "name": "prod", "baseUrl": self.tenant.0.url(), "clientId": self.tenant.0.client_id(),
            "clientSecret": self.tenant.0.client_secret(), "default": true,
        });
        succeeded(call(&client, "profile_set", profile).await);
        std::fs::remove_file(self.file()).unwrap();
        client
    }

    pub fn stored(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.file()).unwrap()).unwrap()
    }

    /// The pair in the file signs in, with a client that has no bearer yet.
    pub async fn stored_pair_works(&self) -> bool {
        let stored = self.stored();
        let client = self.client_with(json!({
            "clientId": stored["ClientId"], "clientSecret": stored["ClientSecret"],
        }));
        call(&client, "list", json!({"ownerId": "me"})).await["ok"] == true
    }

    pub fn journals(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.state().join("rotations")) else {
            return Vec::new();
        };
        let paths = entries.flatten().map(|entry| entry.path());
        paths
            .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    }
}
