//! A create that is cancelled leaves no token that nobody knows of.

use std::time::{Duration, Instant};

use sailpat::ffi::exports::*;
use serde_json::{Value, json};

use crate::door::{closed, new_client, read, run};
use crate::support::{Tenant, message};

/// Waits until that many requests of a kind came in.
fn reached(tenant: &Tenant, kind: &str, count: u64) {
    let end = Instant::now() + Duration::from_secs(5);
    while tenant.count(kind) < count {
        assert!(Instant::now() < end, "{kind}: {}", tenant.stats());
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until a token was made.
fn made(tenant: &Tenant, name: &str) {
    let end = Instant::now() + Duration::from_secs(5);
    while !tenant.names().iter().any(|made| made == name) {
        assert!(Instant::now() < end, "{name}: {}", tenant.stats());
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A create under way: on the library's threads, or on the caller's own and then taken over.
fn start(client: pat_client, name: &str, on_lane: bool) -> pat_job {
    let (reply, job) = run(
        client,
        c"create",
        json!({"name": name}),
        if on_lane { 30 } else { 0 },
    );
    assert!(reply.is_null());
    job
}

/// Cancels a job, and gives back its reply and the state it ended in. It ends long before its deadline, and on a busy
/// machine no sooner than it can.
fn cancel(job: pat_job) -> (Value, Value) {
    assert_eq!(pat_job_cancel(job), 0);
    assert_eq!(pat_job_wait(job, 10_000), 1);
    let progress = read(pat_job_progress(job));
    let reply = read(pat_job_take(job));
    assert_eq!(pat_job_free(job), 0);
    (reply, progress["data"]["state"].clone())
}

#[test]
fn before_it_is_sent_it_says_that_nothing_was() {
    for on_lane in [false, true] {
        let tenant = Tenant::new();
        tenant.fault("token", json!({"hang": true}));
        let client = new_client(&tenant, json!({}));
        let job = start(client, "never", on_lane);
        reached(&tenant, "token", 1);
        let (reply, state) = cancel(job);
        assert_eq!(reply["error"]["code"], "cancelled", "{reply}");
        assert_eq!(message(&reply), "the job was cancelled; nothing was sent");
        assert_eq!(
            (reply["error"].get("orphan"), state),
            (None, json!("cancelled"))
        );
        assert_eq!((tenant.count("create"), tenant.count("list")), (0, 0));
        assert!(closed(&tenant), "{}", tenant.stats());
    }
}

#[test]
fn after_it_is_sent_and_before_it_is_made_it_says_that_it_may_come() {
    for on_lane in [false, true] {
        let tenant = Tenant::new();
        tenant.fault("create", json!({"hang": true}));
        let client = new_client(&tenant, json!({}));
        let job = start(client, "perhaps", on_lane);
        reached(&tenant, "create", 1);
        let (reply, state) = cancel(job);
        assert_eq!(reply["error"]["code"], "cancelled", "{reply}");
        assert!(
            message(&reply).contains("was sent and may have been carried out"),
            "{reply}"
        );
        assert!(message(&reply).contains("none was made yet"), "{reply}");
        let remedy = reply["error"]["remedy"].as_str().unwrap();
        assert!(remedy.contains("list one's own tokens"), "{remedy}");
        assert_eq!(
            (reply["error"].get("orphan"), state),
            (None, json!("cancelled"))
        );
        assert_eq!(reply["error"]["retryable"], false);
        assert_eq!((tenant.count("create"), tenant.count("delete")), (1, 0));
    }
}

#[test]
fn after_it_is_made_the_reply_names_the_token_and_removes_nothing() {
    for on_lane in [false, true] {
        let tenant = Tenant::new();
        tenant.fault("create", json!({"hangAfterCommit": true}));
        let client = new_client(&tenant, json!({"replyLog": true}));
        let job = start(client, "made", on_lane);
        made(&tenant, "made");
        let (reply, state) = cancel(job);
        assert_eq!(reply["error"]["code"], "cancelled", "{reply}");
        let orphan = &reply["error"]["orphan"];
        assert_eq!(orphan["name"], "made", "{reply}");
        let id = orphan["id"].as_str().unwrap();
        assert!(message(&reply).contains(id) && message(&reply).contains("its secret is lost"));
        assert_eq!(state, "cancelled");
        assert_eq!((tenant.count("create"), tenant.count("delete")), (1, 0));
        assert!(tenant.names().contains(&"made".to_owned()));
        assert_eq!(tenant.stats()["droppedByClient"], 1, "{}", tenant.stats());
    }
}

#[test]
fn a_list_that_hangs_holds_nobody_up() {
    let tenant = Tenant::new();
    tenant.fault("create", json!({"hangAfterCommit": true}));
    tenant.rule(json!({"match": {"kind": "list"}, "times": 9, "fault": {"hang": true}}));
    let client = new_client(&tenant, json!({}));
    let job = start(client, "unseen", false);
    made(&tenant, "unseen");
    let (reply, _) = cancel(job);
    assert!(message(&reply).contains("could not be checked"), "{reply}");
}

#[test]
fn while_it_looks_the_job_still_runs_and_freeing_drops_it_at_once() {
    let tenant = Tenant::new();
    tenant.fault("create", json!({"hangAfterCommit": true}));
    tenant.rule(json!({"match": {"kind": "list"}, "times": 9, "fault": {"hang": true}}));
    let client = new_client(&tenant, json!({}));
    let job = start(client, "freed", true);
    made(&tenant, "freed");
    assert_eq!(pat_job_cancel(job), 0);
    assert_eq!(pat_job_cancel(job), 0, "asking twice changes nothing");
    assert_eq!(pat_job_wait(job, 50), 0);
    assert_eq!(read(pat_job_take(job))["error"]["code"], "not_finished");
    let begun = Instant::now();
    assert_eq!(pat_job_free(job), 0);
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert!(closed(&tenant), "{}", tenant.stats());
}

#[test]
fn the_change_log_has_the_token_of_a_cancelled_create() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    tenant.fault("create", json!({"hangAfterCommit": true}));
    let client = new_client(
        &tenant,
        json!({"changeLog": true, "stateFolder": folder.path()}),
    );
    let job = start(client, "logged", false);
    made(&tenant, "logged");
    let (reply, ..) = cancel(job);
    let line = std::fs::read_to_string(folder.path().join("changes.jsonl")).unwrap();
    let line: Value = serde_json::from_str(line.trim()).unwrap();
    assert_eq!(line["result"], "cancelled");
    assert_eq!(line["id"], reply["error"]["orphan"]["id"]);
}

#[test]
fn whenever_it_is_cancelled_no_token_is_left_that_nobody_knows() {
    let tenant = Tenant::new();
    tenant.rule(json!({"match": {"kind": "create"}, "times": 1000, "fault": {"delayMs": 4}}));
    let client = new_client(&tenant, json!({}));
    let (mut known, mut perhaps) = (Vec::new(), Vec::new());
    for turn in 0..40_u32 {
        let name = format!("turn {turn}");
        let (reply, job) = run(client, c"create", json!({"name": name}), turn % 3);
        let reply = if reply.is_null() {
            std::thread::sleep(Duration::from_micros(u64::from(turn) * 200));
            cancel(job).0
        } else {
            read(reply)
        };
        let id = match reply["ok"].as_bool() {
            Some(true) => &reply["data"]["id"],
            _ => &reply["error"]["orphan"]["id"],
        };
        match id.as_str() {
            Some(id) => known.push(id.to_owned()),
            None if message(&reply).contains("nothing was sent") => {}
            None => {
                let said = message(&reply);
                assert!(said.contains("may have been carried out"), "{said}");
                perhaps.push(name);
            }
        }
        for id in known.drain(..) {
            let (reply, _) = run(client, c"delete", json!({"id": id}), 10_000);
            assert_eq!(read(reply)["ok"], true);
        }
    }
    let mut left = tenant.names();
    left.retain(|name| name.starts_with("turn ") && !perhaps.contains(name));
    assert_eq!(left, Vec::<String>::new());
}
