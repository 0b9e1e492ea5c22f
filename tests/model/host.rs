//! One host: its settings, and the operation that its process has under way. An operation is the library's own
//! future, polled only while it is this host's turn, and dropped where the process is killed.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use sailpat::client::monitor::Monitor;
use sailpat::client::pool::Pool;
use sailpat::client::settings::Settings;
use sailpat::client::{Client, Context};
use sailpat::ops;
use sailpat_emulator::Held;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::steps::{Overlap, Process};
use crate::vault::{Ask, Pair};

type Work = Pin<Box<dyn Future<Output = Value>>>;

pub struct Host {
    pub state: PathBuf,
    /// The setting `source`.
    pub source: Value,
    /// Which process it is; bearers are cached for each.
    process: u64,
    pub running: Option<Running>,
    /// A pair that its caller was handed, and of which rotation; the caller has stored it.
    pub handed: Option<(String, Pair)>,
    /// Pairs of creates, which their callers have.
    pub given: Vec<Pair>,
}

/// What a host does, as far as the laws ask for it.
#[derive(Clone, Debug)]
pub struct Doing {
    pub operation: &'static str,
    pub overlap: Overlap,
    /// Of a resume: the overlap may end early.
    pub now: bool,
    pub rotation: Option<String>,
    pub began: u64,
    /// The host's rotations that there were already.
    pub earlier: Vec<String>,
    /// When the service last answered a list of its truly.
    pub last_list: Option<u64>,
    /// A reply to a list was no good.
    pub list_lied: bool,
    pub creates: Vec<String>,
    pub requests: u32,
}

pub struct Running {
    pub doing: Doing,
    pub work: Work,
    pub monitor: Arc<Monitor>,
    pub held: Option<Held>,
    pub ask: Option<Ask>,
    pub pauses: u32,
}

impl Host {
    pub fn new(state: PathBuf, source: Value) -> Host {
        Host {
            state,
            source,
            process: new_process(),
            running: None,
            handed: None,
            given: Vec::new(),
        }
    }

    /// Its settings. A process's bearers are its own: the URL to sign in at tells it apart from others.
    pub fn settings(&mut self, url: &str, process: Process) -> Value {
        if process == Process::Fresh {
            self.process = new_process();
        }
        settings(
            url,
            self.process,
            &self.state,
            &json!({"source": self.source}),
        )
    }

    pub fn settings_with(&mut self, url: &str, pair: &Pair) -> Value {
        self.process = new_process();
        let pair = json!({"clientId": pair.0, "clientSecret": pair.1});
        settings(url, self.process, &self.state, &pair)
    }
}

fn new_process() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static PROCESSES: AtomicU64 = AtomicU64::new(1);
    PROCESSES.fetch_add(1, Ordering::Relaxed)
}

fn settings(url: &str, process: u64, state: &PathBuf, extra: &Value) -> Value {
    let mut settings = json!({
        "baseUrl": url,
        "tokenUrl": format!("{url}/oauth/token;process={process}"),
        "stateFolder": state,
        "rateLimit": null,
        "retryIntervalSeconds": 0.001,
        "environment": {},
        "workingDirectory": state.parent(),
    });
    let all = settings.as_object_mut().expect("an object");
    all.extend(extra.as_object().expect("an object").clone());
    settings
}

impl Running {
    pub fn begin(doing: Doing, settings: &Value, request: &Value, pool: &Arc<Pool>) -> Running {
        let monitor = Arc::new(Monitor::keeping_lines(true));
        Running {
            work: Box::pin(call(
                settings,
                doing.operation,
                request,
                monitor.clone(),
                pool.clone(),
            )),
            doing,
            monitor,
            held: None,
            ask: None,
            pauses: 0,
        }
    }

    /// What it waits with.
    pub fn held_kind(&self) -> Option<&'static str> {
        let held = self.held.as_ref().map(Held::kind);
        held.or(self.ask.as_ref().map(|_| "store"))
    }
}

/// One operation of the library.
pub fn call(
    settings: &Value,
    operation: &str,
    request: &Value,
    monitor: Arc<Monitor>,
    pool: Arc<Pool>,
) -> impl Future<Output = Value> + use<> {
    let settings = Settings::parse(&settings.to_string()).expect("the settings are right");
    let client = Arc::new(Client::new(settings));
    let context = Context {
        monitor,
        pool,
        ..Context::default()
    };
    let operation = ops::find(operation).expect("the operation is there");
    let request = Zeroizing::new(request.to_string());
    async move {
        let envelope = operation.run(client, request, context).await;
        serde_json::from_slice(&envelope.into_bytes()).expect("an envelope is JSON")
    }
}
