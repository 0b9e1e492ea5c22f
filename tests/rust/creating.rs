//! A create is sent once. What a lost one left behind is named; nothing is removed.

use serde_json::{Value, json};

use crate::support::{Tenant, call, code, message, succeeded};

#[tokio::test]
async fn a_create_lost_after_commit_names_its_orphan_and_removes_nothing() {
    for fault in [
        json!({"drop": "afterCommit"}),
        json!({"truncateAt": 20}),
        json!({"statusAfterCommit": 502}),
    ] {
        let tenant = Tenant::new();
        tenant.fault("create", fault.clone());
        let client = tenant.client(json!({}));
        let reply = call(&client, "create", json!({"name": "lost one"})).await;
        let expected = if fault.get("statusAfterCommit").is_some() {
            "server_error"
        } else {
            "create_lost"
        };
        assert_eq!(code(&reply), expected, "{fault}: {reply}");
        let orphan = &reply["error"]["orphan"];
        assert_eq!(orphan["name"], "lost one", "{reply}");
        let id = orphan["id"].as_str().unwrap();
        assert!(message(&reply).contains(id), "{}", message(&reply));
        assert!(orphan["created"].is_string());
        assert_eq!(reply["error"]["retryable"], false);
        assert_eq!((tenant.count("create"), tenant.count("delete")), (1, 0));
        assert!(tenant.names().contains(&"lost one".to_owned()));
        succeeded(call(&client, "delete", json!({"id": id})).await);
    }
}

#[tokio::test]
async fn a_create_lost_before_commit_says_that_none_was_made() {
    let tenant = Tenant::new();
    tenant.fault("create", json!({"drop": "beforeCommit"}));
    let reply = call(
        &tenant.client(json!({})),
        "create",
        json!({"name": "never"}),
    )
    .await;
    assert_eq!(code(&reply), "create_lost");
    assert!(
        message(&reply).contains("none was made"),
        "{}",
        message(&reply)
    );
    assert!(reply["error"].get("orphan").is_none());
    assert_eq!(reply["error"]["retryable"], true);
    assert_eq!(tenant.count("create"), 1);
}

#[tokio::test]
async fn an_older_token_of_the_same_name_is_not_taken_for_the_orphan() {
    let tenant = Tenant::new();
    let owner = json!({"type": "IDENTITY"});
    let client = tenant.client(json!({}));
    let mine = succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    let mut old = mine[0].clone();
    old["id"] = json!("d".repeat(32));
    old["name"] = json!("same name");
    old["created"] = json!("2026-01-01T00:00:00.000Z");
    let _ = owner;
    tenant.0.control("POST", "tokens", json!([old])).unwrap();
    tenant.fault("create", json!({"drop": "beforeCommit"}));
    let reply = call(&client, "create", json!({"name": "same name"})).await;
    assert!(reply["error"].get("orphan").is_none(), "{reply}");
}

#[tokio::test]
async fn a_create_that_hangs_is_looked_into_within_the_deadline() {
    let tenant = Tenant::new();
    tenant.fault("create", json!({"hangAfterCommit": true}));
    let deadline = std::time::Duration::from_millis(1500);
    let client = tenant.client(json!({"timeoutMs": 1500}));
    let started = std::time::Instant::now();
    let reply = call(&client, "create", json!({"name": "hung"})).await;
    let took = started.elapsed();
    // The look would take another one, had it a deadline of its own.
    assert!(took < 2 * deadline, "{took:?}");
    assert_eq!(code(&reply), "create_lost");
    assert_eq!(reply["error"]["orphan"]["name"], "hung", "{reply}");
    assert_eq!(tenant.count("create"), 1);
}

#[tokio::test]
async fn a_lost_create_whose_list_fails_too_says_what_to_look_for() {
    let tenant = Tenant::new();
    tenant.fault("create", json!({"drop": "afterCommit"}));
    tenant.rule(json!({"match": {"kind": "list"}, "times": 9, "fault": {"status": 500}}));
    let reply = call(
        &tenant.client(json!({})),
        "create",
        json!({"name": "unseen"}),
    )
    .await;
    assert_eq!(code(&reply), "create_lost");
    assert!(
        message(&reply).contains("could not be checked"),
        "{}",
        message(&reply)
    );
    assert!(
        reply["error"]["remedy"]
            .as_str()
            .unwrap()
            .contains("'unseen'")
    );
}

#[tokio::test]
async fn a_create_is_not_repeated_after_429_or_503() {
    for (fault, expected) in [
        (json!({"retryAfter": 1}), "rate_limited"),
        (
            json!({"status": 503, "headers": {"Retry-After": "1"}}),
            "server_error",
        ),
    ] {
        let tenant = Tenant::new();
        tenant.fault("create", fault);
        let reply = call(&tenant.client(json!({})), "create", json!({"name": "once"})).await;
        assert_eq!(code(&reply), expected);
        assert_eq!(reply["error"]["retryAfterSeconds"], 1.0);
        assert_eq!(tenant.count("create"), 1);
    }
}

#[tokio::test]
async fn a_create_that_never_left_says_so() {
    let tenant = Tenant::new();
    let settings = tenant.settings(json!({}));
    drop(tenant);
    let client = crate::support::client(&settings);
    let reply: Value = call(&client, "create", json!({"name": "n"})).await;
    assert_eq!(code(&reply), "connection_failed");
    assert!(
        message(&reply).contains("no token was made"),
        "{}",
        message(&reply)
    );
}

#[tokio::test]
async fn a_sparse_create_reply_is_a_success() {
    let tenant = Tenant::new();
    tenant.set(json!({"sparseCreateReplies": true}));
    let created = succeeded(call(&tenant.client(json!({})), "create", json!({"name": "n"})).await);
    assert!(created.get("expirationDate").is_none());
    assert!(created["secret"].is_string());
}

#[tokio::test]
async fn a_gateways_timeout_does_not_promise_that_none_will_come() {
    let tenant = Tenant::new();
    tenant.fault("create", json!({"status": 504}));
    let reply = call(
        &tenant.client(json!({})),
        "create",
        json!({"name": "later"}),
    )
    .await;
    assert_eq!(code(&reply), "server_error");
    assert_eq!(reply["error"]["retryable"], false);
    assert!(message(&reply).contains("the service failed"));
    let remedy = reply["error"]["remedy"].as_str().unwrap();
    assert!(remedy.contains("may still be at work"), "{remedy}");
}

#[tokio::test]
async fn a_clock_a_few_seconds_off_hides_no_orphan() {
    let tenant = Tenant::new();
    tenant.set(json!({"dateSkewSeconds": 5}));
    tenant.fault("create", json!({"drop": "afterCommit"}));
    let reply = call(
        &tenant.client(json!({})),
        "create",
        json!({"name": "skewed"}),
    )
    .await;
    assert_eq!(reply["error"]["orphan"]["name"], "skewed", "{reply}");
}
