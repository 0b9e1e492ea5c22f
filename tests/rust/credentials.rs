//! One bearer per credential, for everybody; never another tenant's.

use serde_json::{Value, json};

use crate::support::{Tenant, call, code, message, succeeded};

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_callers_on_an_expired_bearer_sign_in_once() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    tenant.set(json!({"expireBearers": true}));
    let calls: Vec<_> = (0..64)
        .map(|_| {
            // Each with a client of its own: what is shared belongs to the credential.
            let client = tenant.client(json!({}));
            tokio::spawn(async move { call(&client, "list", json!({"ownerId": "me"})).await })
        })
        .collect();
    for call in calls {
        succeeded(call.await.unwrap());
    }
    assert_eq!(tenant.count("token"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_first_callers_with_a_wrong_secret_ask_once_and_all_hear_why() {
    let tenant = Tenant::new();
    // The reply comes late, so that all of them wait for the same one.
    tenant.fault("token", json!({"delayMs": 300}));
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let client = tenant.client(json!({"clientSecret": "planted-wrong-secret"}));
            tokio::spawn(async move { call(&client, "list", json!({})).await })
        })
        .collect();
    for call in calls {
        let reply = call.await.unwrap();
        assert_eq!(code(&reply), "sign_in_failed");
        assert!(
            message(&reply).starts_with("sign-in failed (401) at 127.0.0.1:")
                && message(&reply).contains(": invalid_client"),
            "{}",
            message(&reply)
        );
        assert!(!reply.to_string().contains("planted"));
    }
    assert_eq!(tenant.count("token"), 1);
}

#[tokio::test]
async fn a_bearer_that_the_service_dropped_is_renewed_once_and_the_call_repeated() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    tenant.set(json!({"expireBearers": true}));
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    assert_eq!((tenant.count("token"), tenant.count("list")), (2, 3));
}

#[tokio::test]
async fn a_create_is_sent_once_even_where_its_bearer_is_refused() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    tenant.set(json!({"expireBearers": true}));
    let refused = call(&client, "create", json!({"name": "after expiry"})).await;
    assert_eq!(code(&refused), "unauthorized", "{refused}");
    assert_eq!(refused["error"]["retryable"], true, "{refused}");
    assert!(message(&refused).contains("none was made"), "{refused}");
    assert_eq!(tenant.count("create"), 1);
    let created = call(&client, "create", json!({"name": "after expiry"})).await;
    assert_eq!(succeeded(created)["name"], "after expiry");
}

#[tokio::test]
async fn a_401_that_stays_is_an_error_after_one_repeat() {
    let tenant = Tenant::new();
    let body = r#"{"error":"JWT is required"}"#;
    tenant.rule(
        json!({"match": {"kind": "list"}, "times": 9, "fault": {"status": 401, "body": body}}),
    );
    let client = tenant.client(json!({}));
    let reply = call(&client, "list", json!({})).await;
    assert_eq!(code(&reply), "unauthorized");
    assert_eq!(reply["error"]["body"], body);
    assert_eq!((tenant.count("token"), tenant.count("list")), (1, 1));
    let reply = call(&client, "list", json!({})).await;
    assert_eq!(code(&reply), "unauthorized");
    assert_eq!((tenant.count("token"), tenant.count("list")), (2, 3));
}

#[tokio::test]
async fn a_bearer_given_by_the_caller_is_used_as_it_is() {
    let tenant = Tenant::new();
    let bearer = "eyJhbGciOiJub25lIn0.planted-bearer-0123456789.c2lnbmF0dXJl";
    let settings = json!({"token": bearer, "clientId": null, "clientSecret": null});
    let reply = call(&tenant.client(settings), "list", json!({})).await;
    assert_eq!(code(&reply), "unauthorized");
    assert_eq!(tenant.count("token"), 0);
    assert_eq!(
        tenant.requests()[0]["headers"]["authorization"],
        format!("Bearer {bearer}")
    );
    assert!(!reply.to_string().contains("planted"));
    let past = json!({"token": bearer, "tokenExpiration": "2020-01-01T00:00:00Z"});
    assert_eq!(
        code(&call(&tenant.client(past), "list", json!({})).await),
        "settings_invalid"
    );
    assert_eq!(tenant.count("list"), 1);
}

#[tokio::test]
async fn two_tenants_never_meet() {
    let (one, two) = (Tenant::new(), Tenant::new());
    // The same client id and secret at both: only the address differs.
    let same = json!({"clientId": one.0.client_id(), "clientSecret": one.0.client_secret()});
    let (at_one, at_two) = (one.client(same.clone()), two.client(same));
    for _ in 0..5 {
        succeeded(call(&at_one, "list", json!({"ownerId": "me"})).await);
        assert_eq!(
            code(&call(&at_two, "list", json!({"ownerId": "me"})).await),
            "sign_in_failed"
        );
    }
    let bearers = |tenant: &Tenant| -> Vec<Value> {
        tenant
            .requests()
            .iter()
            .map(|request| request["headers"]["authorization"].clone())
            .filter(Value::is_string)
            .collect()
    };
    assert_eq!(bearers(&one).len(), 5);
    assert!(bearers(&two).is_empty());
}

#[tokio::test]
async fn sign_in_is_repeated_after_a_fault_but_not_after_a_refusal() {
    let tenant = Tenant::new();
    tenant.fault("token", json!({"status": 503}));
    tenant.fault("token", json!({"drop": "beforeCommit"}));
    succeeded(call(&tenant.client(json!({})), "list", json!({"ownerId": "me"})).await);
    assert_eq!(tenant.count("token"), 3);
}

#[tokio::test]
async fn an_empty_or_foreign_sign_in_reply_is_an_error_of_its_own() {
    let tenant = Tenant::new();
    for body in ["{}", r#"{"access_token":""}"#, "[]"] {
        tenant.fault("token", json!({"rawBody": body}));
        let reply = call(&tenant.client(json!({})), "list", json!({})).await;
        assert_eq!(code(&reply), "reply_invalid");
        assert!(
            message(&reply).starts_with("sign-in failed"),
            "{}",
            message(&reply)
        );
    }
    assert_eq!(tenant.count("list"), 0);
}

#[tokio::test]
async fn what_a_server_echoes_is_redacted() {
    let tenant = Tenant::new();
    let secret = tenant.0.client_secret().to_owned();
    let echo = format!("you sent client_secret={secret}");
    tenant.fault(
        "token",
        json!({"status": 400, "body": echo, "headers": {"x-echo": secret}}),
    );
    let reply = call(&tenant.client(json!({"replyLog": true})), "list", json!({})).await;
    assert_eq!(code(&reply), "sign_in_failed");
    assert_eq!(reply["error"]["body"], "you sent client_secret=[redacted]");
    assert!(!reply.to_string().contains(&secret));
}

#[tokio::test]
async fn the_bearer_can_be_had_and_is_the_one_that_calls_use() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    let bearer = succeeded(call(&client, "bearer", json!({})).await);
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    let sent = format!("Bearer {}", bearer["accessToken"].as_str().unwrap());
    assert_eq!(
        tenant.requests().last().unwrap()["headers"]["authorization"],
        sent
    );
    assert!(bearer["expires"].as_str().unwrap().ends_with('Z'));
    assert_eq!(tenant.count("token"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_callers_own_trouble_is_not_shared() {
    let tenant = Tenant::new();
    tenant.fault("token", json!({"delayMs": 600}));
    let hasty = tenant.client(json!({"timeoutMs": 200}));
    let patient = tenant.client(json!({}));
    let first = tokio::spawn(async move { call(&hasty, "list", json!({"ownerId": "me"})).await });
    while tenant.count("token") == 0 {
        tokio::task::yield_now().await;
    }
    succeeded(call(&patient, "list", json!({"ownerId": "me"})).await);
    assert_eq!(code(&first.await.unwrap()), "timeout");
}

#[tokio::test]
async fn default_headers_and_sent_bearers_are_redacted_too() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({"defaultHeaders": {"X-Key": "planted-header-value"}}));
    let bearer = succeeded(call(&client, "bearer", json!({})).await)["accessToken"].clone();
    let echo = format!("planted-header-value {}", bearer.as_str().unwrap());
    tenant.fault("list", json!({"status": 400, "body": echo}));
    let reply = call(&client, "list", json!({})).await;
    assert_eq!(reply["error"]["body"], "[redacted] [redacted]");
}
