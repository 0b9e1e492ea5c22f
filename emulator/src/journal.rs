//! What happened: counters and the last requests, for tests to look at.

use std::collections::{BTreeMap, VecDeque};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::Method;
use hyper::header::HeaderMap;
use hyper::http::request::Parts;
use serde_json::{Map, Value, json};

use crate::route::Kind;

/// So many requests are kept.
const KEPT: usize = 2_000;

#[derive(Default)]
pub(crate) struct Journal {
    counters: Counters,
    open_connections: u64,
    requests: VecDeque<Recorded>,
    /// The number of the next request.
    next: u64,
}

#[derive(Default)]
struct Counters {
    connections: u64,
    requests: [u64; Kind::NAMES.len()],
    status: BTreeMap<u16, u64>,
    dropped_by_client: u64,
    rate_limited: u64,
    tls_handshakes_failed: u64,
}

struct Recorded {
    number: u64,
    connection: u64,
    received_ms: f64,
    kind: Kind,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
    executed: bool,
    /// None until, or unless, a reply was given.
    status: Option<u16>,
}

impl Journal {
    /// Records a request and gives its number.
    pub fn request(&mut self, connection: u64, kind: Kind, parts: &Parts, body: &Bytes) -> u64 {
        let number = self.next;
        self.next += 1;
        self.counters.requests[kind as usize] += 1;
        if self.requests.len() == KEPT {
            self.requests.pop_front();
        }
        self.requests.push_back(Recorded {
            number,
            connection,
            received_ms: unix_ms(),
            kind,
            method: parts.method.clone(),
            target: parts.uri.to_string(),
            headers: parts.headers.clone(),
            body: body.clone(),
            executed: false,
            status: None,
        });
        number
    }

    pub fn executed(&mut self, number: u64) {
        if let Some(request) = self.find(number) {
            request.executed = true;
        }
    }

    pub fn replied(&mut self, number: u64, status: u16) {
        *self.counters.status.entry(status).or_default() += 1;
        if let Some(request) = self.find(number) {
            request.status = Some(status);
        }
    }

    pub fn rate_limited(&mut self) {
        self.counters.rate_limited += 1;
    }

    pub fn connected(&mut self) {
        self.counters.connections += 1;
        self.open_connections += 1;
    }

    pub fn disconnected(&mut self, dropped_by_client: bool) {
        self.open_connections -= 1;
        self.counters.dropped_by_client += u64::from(dropped_by_client);
    }

    pub fn tls_handshake_failed(&mut self) {
        self.counters.tls_handshakes_failed += 1;
    }

    /// Forgets the requests and sets the counters to zero.
    pub fn reset(&mut self) {
        self.counters = Counters::default();
        self.requests.clear();
    }

    pub fn stats(&self) -> Value {
        let counters = &self.counters;
        let mut requests: Map<String, Value> = Kind::NAMES
            .iter()
            .zip(counters.requests)
            .map(|(name, count)| ((*name).to_owned(), count.into()))
            .collect();
        let total: u64 = counters.requests.iter().sum();
        requests.insert("total".to_owned(), total.into());
        let status: Map<String, Value> = counters
            .status
            .iter()
            .map(|(status, count)| (status.to_string(), (*count).into()))
            .collect();
        json!({
            "connections": counters.connections,
            "openConnections": self.open_connections,
            "requests": requests,
            "status": status,
            "droppedByClient": counters.dropped_by_client,
            "rateLimited": counters.rate_limited,
            "tlsHandshakesFailed": counters.tls_handshakes_failed,
        })
    }

    pub fn requests(&self) -> Value {
        self.requests.iter().map(Recorded::to_json).collect()
    }

    fn find(&mut self, number: u64) -> Option<&mut Recorded> {
        let first = self.requests.front()?.number;
        let index = usize::try_from(number.checked_sub(first)?).ok()?;
        self.requests.get_mut(index)
    }
}

impl Recorded {
    fn to_json(&self) -> Value {
        let headers: Map<String, Value> = self
            .headers
            .keys()
            .map(|name| {
                let values = self.headers.get_all(name).iter();
                let texts: Vec<_> = values
                    .map(|value| String::from_utf8_lossy(value.as_bytes()))
                    .collect();
                (name.to_string(), texts.join(", ").into())
            })
            .collect();
        json!({
            "number": self.number,
            "connection": self.connection,
            "receivedMs": self.received_ms,
            "kind": self.kind,
            "method": self.method.as_str(),
            "target": self.target,
            "headers": headers,
            "body": String::from_utf8_lossy(&self.body),
            "executed": self.executed,
            "status": self.status,
        })
    }
}

fn unix_ms() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64() * 1_000.0)
}
