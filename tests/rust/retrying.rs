//! The retry law at work: what is repeated, how often, and within which deadline.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Tenant, call, code, succeeded};

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
        succeeded(reply);
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
        let created = succeeded(call(&client, "create", json!({"name": "n"})).await);
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
        let created = succeeded(call(&client, "create", json!({"name": "n"})).await);
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
    succeeded(call(&tenant.client(json!({})), "list", json!({"ownerId": "me"})).await);
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(tenant.count("list"), 2);
}

#[tokio::test]
async fn retry_after_past_the_deadline_returns_at_once() {
    let tenant = Tenant::new();
    tenant.fault("list", json!({"retryAfter": 600}));
    let deadline = Duration::from_secs(60);
    let client = tenant.client(json!({"timeoutMs": deadline.as_millis() as u64}));
    let started = Instant::now();
    let reply = call(&client, "list", json!({})).await;
    let took = started.elapsed();
    assert_eq!(code(&reply), "rate_limited");
    assert_eq!(reply["error"]["retryAfterSeconds"], 600.0);
    assert_eq!(reply["error"]["retryable"], true);
    assert_eq!(tenant.count("list"), 1);
    assert!(took < deadline / 2, "{took:?}");
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
        assert!(took >= Duration::from_millis(300), "{took:?}");
        // A second attempt would have had a deadline of its own.
        assert_eq!(tenant.count(kind), 1);
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
    let created = succeeded(call(&client, "create", json!({"name": "n"})).await);
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

/// Values of Retry-After that name no time to wait, or one past all reason.
fn odd_waits() -> Vec<serde_json::Value> {
    let texts = [
        "NaN",
        "nan",
        "inf",
        "-inf",
        "infinity",
        "-1",
        "-0",
        "1e400",
        "1e9",
        "99999999999999999999",
        "0.5",
        "",
        "   ",
        " 0 ",
        "0x10",
        "soon",
        "1, 2",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 99 Foo 2026 99:99:99 GMT",
        "Thu, 01 Jan 1970 00:00:00 -9999",
    ];
    let mut values: Vec<serde_json::Value> = texts.iter().map(|text| json!(text)).collect();
    values.push(json!(["NaN", "1", "junk"]));
    values
}

/// A wait is left out, or a number of seconds that a caller can wait for.
fn is_sensible(seconds: &serde_json::Value) -> bool {
    const YEAR: f64 = 366.0 * 86_400.0;
    seconds.is_null()
        || seconds
            .as_f64()
            .is_some_and(|seconds| (0.0..=YEAR).contains(&seconds))
}

#[tokio::test]
async fn a_create_that_was_acted_on_names_its_orphan_whatever_retry_after_says() {
    for status in [429, 500, 503] {
        for value in odd_waits() {
            let tenant = Tenant::new();
            let fault =
                json!({"status": status, "afterCommit": true, "headers": {"Retry-After": value}});
            tenant.fault("create", fault);
            let reply = call(&tenant.client(json!({})), "create", json!({"name": "n"})).await;
            let error = &reply["error"];
            assert_eq!(error["orphan"]["name"], "n", "{status} {value}: {reply}");
            assert_eq!(error["status"], status, "{value}: {reply}");
            assert_eq!(error["retryable"], false, "{value}: {reply}");
            let seconds = &error["retryAfterSeconds"];
            assert!(is_sensible(seconds), "{status} {value}: {reply}");
            assert_eq!(tenant.count("create"), 1);
        }
    }
}

#[tokio::test]
async fn no_retry_after_breaks_a_call_or_the_next_one() {
    for status in [429, 503] {
        for value in odd_waits() {
            let tenant = Tenant::new();
            let client = tenant.client(json!({"maximumRetryCount": 0}));
            let fault = json!({"status": status, "headers": {"Retry-After": value}});
            tenant.fault("list", fault);
            let reply = call(&client, "list", json!({"ownerId": "me"})).await;
            assert_eq!(reply["error"]["status"], status, "{value}: {reply}");
            let seconds = &reply["error"]["retryAfterSeconds"];
            assert!(is_sensible(seconds), "{value}: {reply}");
            let next = call(&client, "list", json!({"ownerId": "me", "timeoutMs": 400})).await;
            if next["ok"] != true {
                assert_eq!(code(&next), "rate_limited", "{value}: {next}");
                let seconds = &next["error"]["retryAfterSeconds"];
                assert!(is_sensible(seconds), "{value}: {next}");
            }
        }
    }
}

#[tokio::test]
async fn a_create_refused_for_its_rate_is_looked_into_without_a_wait() {
    let tenant = Tenant::new();
    tenant.fault("create", json!({"retryAfter": 600}));
    let reply = call(&tenant.client(json!({})), "create", json!({"name": "n"})).await;
    assert_eq!(code(&reply), "rate_limited", "{reply}");
    assert_eq!(reply["error"]["retryAfterSeconds"], 600.0);
    assert_eq!(reply["error"]["retryable"], true);
    assert_eq!((tenant.count("create"), tenant.count("list")), (1, 1));

    // One look, also when that is refused: the service asked for fewer requests.
    let tenant = Tenant::new();
    tenant.fault("create", json!({"retryAfter": 1}));
    tenant.fault("list", json!({"retryAfter": 1}));
    let reply = call(&tenant.client(json!({})), "create", json!({"name": "n"})).await;
    assert_eq!(code(&reply), "rate_limited", "{reply}");
    assert_eq!((tenant.count("create"), tenant.count("list")), (1, 1));
}
