//! The C door from Rust: what tests/c cannot see as well.

use std::ffi::{CStr, CString, c_char};
use std::time::{Duration, Instant};

use sailpat::ffi::exports::*;
use serde_json::{Value, json};

use crate::support::Tenant;

fn text(value: &Value) -> CString {
    CString::new(value.to_string()).unwrap()
}

fn read(reply: *mut c_char) -> Value {
    assert!(!reply.is_null());
    // SAFETY: the library's own string, freed once.
    unsafe {
        let value = serde_json::from_slice(CStr::from_ptr(reply).to_bytes()).unwrap();
        pat_string_free(reply);
        value
    }
}

fn new_client(tenant: &Tenant, extra: Value) -> pat_client {
    let settings = text(&tenant.settings(extra));
    // SAFETY: a NUL-terminated string; no reply is wanted.
    let client = unsafe { pat_client_new(settings.as_ptr(), std::ptr::null_mut()) };
    assert_ne!(client, 0);
    client
}

fn run(client: pat_client, operation: &CStr, request: Value, ms: u32) -> (*mut c_char, pat_job) {
    let request = text(&request);
    let mut job = 7;
    // SAFETY: NUL-terminated strings and a place for the job.
    let reply = unsafe { pat_job_run(client, operation.as_ptr(), request.as_ptr(), ms, &mut job) };
    (reply, job)
}

/// Waits until the emulator has no open connection but the one that asks.
fn closed(tenant: &Tenant) -> bool {
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
