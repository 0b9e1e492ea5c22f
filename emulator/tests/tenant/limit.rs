//! The rate limit: 100 in 10 s, per client id and API version.

use serde_json::json;

use crate::client::{Tenant, V2024, V2025};
use sailpat_emulator::Options;

#[tokio::test]
async fn the_hundred_and_first_request_is_told_to_wait() {
    let tenant = Tenant::with(Options::default());
    let me = tenant.me().await;
    let path = format!("{V2024}?owner-id=me");
    for _ in 0..100 {
        me.get(&path).await.ok();
    }
    let reply = me.get(&path).await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.body, r#"{"message":" Rate Limit Exceeded "}"#);
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=10).contains(&wait), "{wait}");
    assert_eq!(reply.header("x-deprecated"), Some("true"));
    assert_eq!(tenant.look("stats")["rateLimited"], 1);

    // Another version, another client and signing in are not concerned.
    me.get(V2025).await.ok();
    tenant.me().await;
    tenant.set(json!({"rateLimit": "off"}));
    me.get(&path).await.ok();
}

#[tokio::test]
async fn clients_of_one_owner_count_apart() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let made = me.make("second").await;
    let [id, secret] = ["id", "secret"].map(|field| made[field].as_str().unwrap());
    let second = tenant.caller(id, secret).await;
    tenant.set(json!({"rateLimit": {"requests": 1, "perSeconds": 3600}}));
    me.get(V2024).await.ok();
    assert_eq!(me.get(V2024).await.status, 429);
    second.get(V2024).await.ok();
    assert_eq!(second.get(V2024).await.status, 429);
}

#[tokio::test]
async fn a_limited_request_is_not_executed() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    tenant.set(json!({"rateLimit": "1/3600"}));
    me.make("first").await;
    assert_eq!(me.post(V2024, json!({"name": "second"})).await.status, 429);
    tenant.set(json!({"rateLimit": null}));
    assert!(!me.names("").await.contains(&"second".to_owned()));
}
