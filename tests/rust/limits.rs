//! Replies past any limit, and replies that are none.

use serde_json::json;

use crate::support::{Tenant, call, code, message, succeeded};

#[tokio::test]
async fn a_reply_past_the_limit_is_refused_however_it_comes() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({"maximumReplyBytes": 1_000_000}));
    tenant.fault("list", json!({"oversizeBytes": 51_000_000}));
    let reply = call(&client, "list", json!({})).await;
    assert_eq!(code(&reply), "reply_too_large");
    assert!(
        message(&reply).contains("1000000 bytes"),
        "{}",
        message(&reply)
    );
    assert_eq!(
        tenant.count("list"),
        1,
        "what is too large is not asked for again"
    );
}

#[tokio::test]
async fn eight_megabytes_of_header_are_refused() {
    let tenant = Tenant::new();
    tenant.fault("list", json!({"oversizeHeaderBytes": 8 * 1024 * 1024}));
    let reply = call(&tenant.client(json!({})), "list", json!({})).await;
    assert_eq!(code(&reply), "reply_too_large", "{reply}");
}

#[tokio::test]
async fn html_depth_and_rubbish_are_not_the_services_json() {
    for (fault, words) in [
        (json!({"html": true}), "HTML"),
        (json!({"jsonDepth": 10_000}), "nests deeper than 128"),
        (json!({"rawBody": "[{\"id\":"}), "not whole JSON"),
        (json!({"rawBody": "{\"id\":1}"}), "not an array"),
        (json!({"rawBody": ""}), "not whole JSON"),
    ] {
        let tenant = Tenant::new();
        tenant.fault("list", fault.clone());
        let reply = call(&tenant.client(json!({})), "list", json!({})).await;
        assert_eq!(code(&reply), "reply_invalid", "{fault}");
        assert!(message(&reply).contains(words), "{}", message(&reply));
    }
}

#[tokio::test]
async fn a_hundred_thousand_tokens_come_through() {
    let tenant = Tenant::with(sailpat_emulator::Options {
        rate_limit: None,
        seed: sailpat_emulator::Seed::Generated {
            identities: 10,
            tokens: 100_000,
        },
        ..Default::default()
    });
    let list = succeeded(call(&tenant.client(json!({})), "list", json!({})).await);
    assert_eq!(list.as_array().unwrap().len(), 100_000);
}
