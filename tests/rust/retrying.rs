//! The retry law at work: what is repeated, how often, and within which deadline.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Tenant, call, code, data};

#[tokio::test]
async fn a_list_outlives_two_faults() {
    for fault in [
        json!({"status": 502}),
        json!({"status": 503}),
        json!({"status": 504}),
        json!({"drop": "beforeCommit"}),
        json!({"truncateAt": 10}),
    ] {
        let tenant = Tenant::new();
        tenant.rule(json!({"match": {"kind": "list"}, "times": 2, "fault": fault}));
        let reply = call(&tenant.client(json!({})), "list", json!({"ownerId": "me"})).await;
        assert_eq!(reply["meta"]["attempts"], 3, "{fault}: {reply}");
        data(reply);
    }
}

#[tokio::test]
async fn what_cannot_succeed_is_not_repeated() {
    for status in [400, 403, 404, 409, 500, 501] {
        let tenant = Tenant::new();
        tenant.rule(json!({"match": {"kind": "list"}, "times": 9, "fault": {"status": status}}));
        let reply = call(&tenant.client(json!({})), "list", json!({})).await;
        assert_eq!(reply["error"]["status"], status);
        assert_eq!(tenant.count("list"), 1, "{status}");
    }
}

#[tokio::test]
async fn the_number_of_retries_is_a_setting() {
    for (setting, attempts) in [
        (json!({}), 4),
        (json!({"maximumRetryCount": 0}), 1),
        (json!({"maximumRetryCount": 1}), 2),
    ] {
        let tenant = Tenant::new();
        tenant.rule(json!({"match": {"kind": "list"}, "times": 99, "fault": {"status": 503}}));
        assert_eq!(
            code(&call(&tenant.client(setting), "list", json!({})).await),
            "server_error"
        );
        assert_eq!(tenant.count("list"), attempts);
    }
}

#[tokio::test]
async fn a_delete_whose_reply_was_lost_succeeds_with_a_note() {
    for fault in [
        json!({"drop": "afterCommit"}),
        json!({"statusAfterCommit": 502}),
    ] {
        let tenant = Tenant::new();
        let client = tenant.client(json!({}));
        let created = data(call(&client, "create", json!({"name": "n"})).await);
        tenant.fault("delete", fault);
        let reply = call(&client, "delete", json!({"id": created["id"]})).await;
        assert_eq!(
            (&reply["ok"], &reply["status"]),
            (&json!(true), &json!(204)),
            "{reply}"
        );
        assert!(reply["meta"]["note"].as_str().unwrap().contains("lost"));
        assert_eq!(tenant.count("delete"), 2);
    }
}

#[tokio::test]
async fn a_delete_that_was_refused_before_is_no_lost_one() {
    let tenant = Tenant::new();
    tenant.fault("delete", json!({"retryAfter": 0}));
    let reply = call(
        &tenant.client(json!({})),
        "delete",
        json!({"id": "a".repeat(32)}),
    )
    .await;
    assert_eq!(code(&reply), "not_found");
    assert_eq!(tenant.count("delete"), 2);
}

#[tokio::test]
async fn only_a_patch_of_replace_is_repeated() {
    for (operation, sent) in [
        (json!({"op": "replace", "path": "/name", "value": "m"}), 2),
        (json!({"op": "add", "path": "/scope/-", "value": "a"}), 1),
    ] {
        let tenant = Tenant::new();
        let client = tenant.client(json!({}));
        let created = data(call(&client, "create", json!({"name": "n"})).await);
        tenant.fault("patch", json!({"drop": "afterCommit"}));
        let reply = call(
            &client,
            "update",
            json!({"id": created["id"], "patch": [operation]}),
        )
        .await;
        assert_eq!(reply["ok"], sent == 2, "{reply}");
        assert_eq!(tenant.count("patch"), sent);
    }
}

#[tokio::test]
async fn retry_after_is_waited_out_within_the_deadline() {
    let tenant = Tenant::new();
    tenant.fault("list", json!({"retryAfter": 1}));
    let started = Instant::now();
    data(call(&tenant.client(json!({})), "list", json!({"ownerId": "me"})).await);
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(tenant.count("list"), 2);
}

#[tokio::test]
async fn retry_after_past_the_deadline_returns_at_once() {
    let tenant = Tenant::new();
    tenant.fault("list", json!({"retryAfter": 600}));
    let started = Instant::now();
    let reply = call(&tenant.client(json!({})), "list", json!({})).await;
    assert_eq!(code(&reply), "rate_limited");
    assert_eq!(reply["error"]["retryAfterSeconds"], 600.0);
    assert_eq!(reply["error"]["retryable"], true);
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn one_deadline_holds_for_the_whole_call() {
    for kind in ["token", "list"] {
        let tenant = Tenant::new();
        tenant.rule(json!({"match": {"kind": kind}, "times": 9, "fault": {"hang": true}}));
        let started = Instant::now();
        let reply = call(&tenant.client(json!({"timeoutMs": 300})), "list", json!({})).await;
        let took = started.elapsed();
        assert_eq!(code(&reply), "timeout");
        assert!(
            took >= Duration::from_millis(300) && took < Duration::from_millis(800),
            "{took:?}"
        );
    }
    // A reply that drips is no reply in time either.
    let tenant = Tenant::new();
    tenant.fault("list", json!({"drip": {"bytes": 1, "everyMs": 50}}));
    let reply = call(&tenant.client(json!({})), "list", json!({"timeoutMs": 400})).await;
    assert_eq!(code(&reply), "timeout");
}

#[tokio::test]
async fn a_page_is_no_deletion() {
    let tenant = Tenant::new();
    tenant.fault("delete", json!({"html": true}));
    let reply = call(
        &tenant.client(json!({})),
        "delete",
        json!({"id": "a".repeat(32)}),
    )
    .await;
    assert_eq!(code(&reply), "reply_invalid");
}

#[tokio::test]
async fn a_delete_after_503_that_finds_nothing_removed_nothing() {
    let tenant = Tenant::new();
    tenant.fault("delete", json!({"status": 503}));
    let reply = call(
        &tenant.client(json!({})),
        "delete",
        json!({"id": "a".repeat(32)}),
    )
    .await;
    assert_eq!(code(&reply), "not_found");
    assert_eq!(tenant.count("delete"), 2);
}

#[tokio::test]
async fn a_lost_patch_that_may_not_be_repeated_is_not_called_retryable() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    let created = data(call(&client, "create", json!({"name": "n"})).await);
    tenant.fault("patch", json!({"drop": "afterCommit"}));
    let patch = json!([{"op": "add", "path": "/scope/-", "value": "a"}]);
    let reply = call(
        &client,
        "update",
        json!({"id": created["id"], "patch": patch}),
    )
    .await;
    assert_eq!(code(&reply), "connection_failed");
    assert_eq!(reply["error"]["retryable"], false);
    assert!(
        reply["error"]["message"]
            .as_str()
            .unwrap()
            .contains("whether the change was made is not known")
    );
}
