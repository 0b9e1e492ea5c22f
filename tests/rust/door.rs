//! The C door from Rust: what tests/c cannot see as well.

use std::ffi::{CStr, CString, c_char};
use std::time::{Duration, Instant};

use sailpat::ffi::exports::*;
use serde_json::{Value, json};

use crate::support::Tenant;

pub fn text(value: &Value) -> CString {
    CString::new(value.to_string()).unwrap()
}

pub fn read(reply: *mut c_char) -> Value {
    assert!(!reply.is_null());
    // SAFETY: the library's own string, freed once.
    unsafe {
        let value = serde_json::from_slice(CStr::from_ptr(reply).to_bytes()).unwrap();
        pat_string_free(reply);
        value
    }
}

pub fn new_client(tenant: &Tenant, extra: Value) -> pat_client {
    let settings = text(&tenant.settings(extra));
    // SAFETY: a NUL-terminated string; no reply is wanted.
    let client = unsafe { pat_client_new(settings.as_ptr(), std::ptr::null_mut()) };
    assert_ne!(client, 0);
    client
}

pub fn run(
    client: pat_client,
    operation: &CStr,
    request: Value,
    ms: u32,
) -> (*mut c_char, pat_job) {
    let request = text(&request);
    let mut job = 7;
    // SAFETY: NUL-terminated strings and a place for the job.
    let reply = unsafe { pat_job_run(client, operation.as_ptr(), request.as_ptr(), ms, &mut job) };
    (reply, job)
}

/// Waits until the emulator has no open connection but the one that asks.
pub fn closed(tenant: &Tenant) -> bool {
    let end = Instant::now() + Duration::from_secs(5);
    while Instant::now() < end {
        if tenant.stats()["openConnections"].as_u64().unwrap() == 0 {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn a_quick_operation_is_answered_at_once() {
    let tenant = Tenant::new();
    let client = new_client(&tenant, json!({}));
    let (reply, job) = run(client, c"list", json!({"ownerId": "me"}), 5_000);
    assert_eq!(read(reply)["ok"], true);
    assert_eq!(job, 0);
    let (reply, job) = run(client, c"nonsense", json!({}), 5_000);
    assert_eq!(read(reply)["error"]["code"], "unknown_operation");
    assert_eq!(job, 0);
    assert_eq!(pat_client_free(client), 0);
}

#[test]
fn a_slow_operation_goes_on_as_a_job_and_ends() {
    let tenant = Tenant::new();
    tenant.fault("list", json!({"delayMs": 300}));
    let client = new_client(&tenant, json!({}));
    let (reply, job) = run(client, c"list", json!({"ownerId": "me"}), 20);
    assert!(reply.is_null());
    assert_ne!(job, 0);
    let progress = read(pat_job_progress(job));
    assert_eq!(progress["data"]["state"], "running");
    assert_eq!(read(pat_job_take(job))["error"]["code"], "not_finished");
    assert_eq!(pat_job_wait(job, 10_000), 1);
    assert_eq!(read(pat_job_take(job))["ok"], true);
    assert_eq!(pat_job_free(job), 0);
    assert_eq!(tenant.count("list"), 1);
}

#[test]
fn a_hanging_operation_is_cancelled_and_its_connection_closed() {
    for free_only in [false, true] {
        let tenant = Tenant::new();
        tenant.fault("list", json!({"hang": true}));
        let client = new_client(&tenant, json!({}));
        let (reply, job) = run(client, c"list", json!({"ownerId": "me"}), 20);
        assert!(reply.is_null());
        if !free_only {
            assert_eq!(pat_job_cancel(job), 0);
            assert_eq!(pat_job_wait(job, 0), 1);
            assert_eq!(read(pat_job_take(job))["error"]["code"], "cancelled");
        }
        assert_eq!(pat_job_free(job), 0);
        assert!(closed(&tenant), "{}", tenant.stats());
    }
}

#[test]
fn a_blocking_call_that_times_out_closes_its_connection() {
    let tenant = Tenant::new();
    tenant.fault("list", json!({"hang": true}));
    let client = new_client(&tenant, json!({"timeoutMs": 200}));
    let request = text(&json!({}));
    // SAFETY: NUL-terminated strings.
    let reply = unsafe { pat_client_call(client, c"list".as_ptr(), request.as_ptr()) };
    assert_eq!(read(reply)["error"]["code"], "timeout");
    assert!(closed(&tenant), "{}", tenant.stats());
}

#[test]
fn a_missing_place_for_the_job_is_refused() {
    // SAFETY: NUL-terminated strings; NULL is what is tried.
    let reply =
        unsafe { pat_job_run(0, c"list".as_ptr(), c"{}".as_ptr(), 0, std::ptr::null_mut()) };
    let reply = read(reply);
    assert_eq!(reply["error"]["code"], "null_argument");
    assert_eq!(reply["error"]["field"], "job");
}

/// A server that gives each connection a fixed number of replies and then closes it without a word.
struct Closing {
    url: String,
    creates: std::sync::Arc<std::sync::atomic::AtomicU32>,
}

impl Closing {
    fn after(replies: usize) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let creates = std::sync::Arc::<std::sync::atomic::AtomicU32>::default();
        let counted = creates.clone();
        // A thread for each connection: a client may have one more open than it uses.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, counted) = (stream.unwrap(), counted.clone());
                std::thread::spawn(move || serve(stream, replies, &counted));
            }
        });
        Closing { url, creates }
    }
}

fn serve(mut stream: std::net::TcpStream, replies: usize, creates: &std::sync::atomic::AtomicU32) {
    for _ in 0..replies {
        let Some(head) = read_request(&mut stream) else {
            break;
        };
        let body = if head.starts_with("POST /oauth") {
            r#"{"access_token":"b","expires_in":43200}"#
        } else if head.starts_with("POST") {
            creates.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            r#"{"id":"a","secret":"s","name":"n"}"#
        } else {
            "[]"
        };
        let length = body.len();
        let reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        std::io::Write::write_all(&mut stream, reply.as_bytes()).unwrap();
    }
}

/// Reads one request with its body; returns its head.
fn read_request(stream: &mut std::net::TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if std::io::Read::read(stream, &mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).ok()?;
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    std::io::Read::read_exact(stream, &mut body).ok()?;
    Some(head)
}

#[test]
fn a_connection_that_the_server_closed_while_idle_loses_no_create() {
    let server = Closing::after(2);
    let settings = text(&json!({
        "baseUrl": server.url, "clientId": "i", "clientSecret": "closing", "rateLimit": null,
        "environment": {}, "workingDirectory": "/nonexistent", "maximumRetryCount": 0,
    }));
    // SAFETY: a NUL-terminated string; no reply is wanted.
    let client = unsafe { pat_client_new(settings.as_ptr(), std::ptr::null_mut()) };
    for turn in 1..=20 {
        // Sign-in and list, or list and list, use a connection up; the create comes when it is closed.
        let create = text(&json!({"name": "n"}));
        for (operation, request) in [(c"list", text(&json!({}))), (c"create", create)] {
            // SAFETY: NUL-terminated strings.
            let reply = unsafe { pat_client_call(client, operation.as_ptr(), request.as_ptr()) };
            let reply = read(reply);
            assert_eq!(reply["ok"], true, "turn {turn}: {reply}");
            // Time for the server's close to arrive, which no reply can tell.
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    assert_eq!(server.creates.load(std::sync::atomic::Ordering::SeqCst), 20);
}

#[test]
fn more_callers_than_lanes_are_served() {
    let tenant = Tenant::new();
    let client = new_client(&tenant, json!({}));
    tenant.rule(json!({"match": {"kind": "list"}, "times": 200, "fault": {"delayMs": 50}}));
    std::thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| {
                let request = text(&json!({"ownerId": "me"}));
                // SAFETY: NUL-terminated strings.
                let reply = unsafe { pat_client_call(client, c"list".as_ptr(), request.as_ptr()) };
                assert_eq!(read(reply)["ok"], true);
            });
        }
    });
    assert_eq!(tenant.count("token"), 1);
}
