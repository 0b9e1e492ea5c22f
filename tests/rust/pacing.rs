//! Keeping under the service's rate limit, together.

use std::time::{Duration, Instant};

use sailpat_emulator::{Options, RateLimit};
use serde_json::{Value, json};

use crate::support::{Tenant, call, code, succeeded};

/// The service's limit, made small so that a test sees it in seconds.
fn limited() -> Tenant {
    let rate_limit = Some(RateLimit {
        requests: 10,
        per_seconds: 1.0,
    });
    Tenant::with(Options {
        rate_limit,
        ..Options::default()
    })
}

/// How long 35 callers take that ask at once, each with this limit.
async fn list_35_times(tenant: &Tenant, limit: Value) -> Duration {
    let started = Instant::now();
    let calls: Vec<_> = (0..35)
        .map(|_| {
            let client = tenant.client(json!({"rateLimit": limit}));
            tokio::spawn(async move { call(&client, "list", json!({"ownerId": "me"})).await })
        })
        .collect();
    for call in calls {
        succeeded(call.await.unwrap());
    }
    started.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_share_one_window_and_never_see_a_429() {
    let unlimited = list_35_times(&Tenant::new(), json!(null)).await;
    let tenant = limited();
    let took = list_35_times(&tenant, json!({"requests": 10, "perSeconds": 1})).await;
    assert_eq!(tenant.stats()["rateLimited"], 0);
    // 10 at once, and 10 more after each of three windows; beside that no more than the same calls take without them,
    // on this machine at this moment.
    let windows = Duration::from_secs(3);
    assert!(took >= windows, "{took:?}");
    let most = windows + windows / 4 + 10 * unlimited;
    assert!(took < most, "{took:?}, and {unlimited:?} without a limit");
}

#[tokio::test]
async fn versions_have_windows_of_their_own() {
    let tenant = limited();
    let client = tenant.client(json!({"rateLimit": {"requests": 1, "perSeconds": 60}}));
    for version in ["v2024", "v3", "beta"] {
        succeeded(
            call(
                &client,
                "list",
                json!({"ownerId": "me", "apiVersion": version}),
            )
            .await,
        );
    }
    let reply = call(
        &client,
        "list",
        json!({"apiVersion": "v3", "timeoutMs": 500}),
    )
    .await;
    assert_eq!(code(&reply), "rate_limited");
    assert_eq!(reply["error"]["status"], json!(null));
    assert!(reply["error"]["retryAfterSeconds"].as_f64().unwrap() > 50.0);
    assert_eq!(tenant.count("list"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_slows_everyone_on_the_credential() {
    let tenant = Tenant::new();
    tenant.fault("list", json!({"retryAfter": 600}));
    let first = tenant.client(json!({}));
    assert_eq!(code(&call(&first, "list", json!({})).await), "rate_limited");
    let second = tenant.client(json!({}));
    let reply = call(&second, "list", json!({})).await;
    assert_eq!(code(&reply), "rate_limited");
    assert!(reply["error"]["retryAfterSeconds"].as_f64().unwrap() > 590.0);
    assert_eq!(tenant.count("list"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_client_is_not_starved_by_lax_ones() {
    let tenant = limited();
    let lax = json!({"rateLimit": {"requests": 10, "perSeconds": 1}});
    let others: Vec<_> = (0..8)
        .map(|_| {
            let client = tenant.client(lax.clone());
            tokio::spawn(async move {
                loop {
                    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
                }
            })
        })
        .collect();
    let strict = tenant.client(json!({"rateLimit": {"requests": 2, "perSeconds": 1}}));
    let started = Instant::now();
    for _ in 0..5 {
        let request = json!({"ownerId": "me", "timeoutMs": 20_000});
        succeeded(call(&strict, "list", request).await);
    }
    let (took, all) = (started.elapsed(), tenant.count("list"));
    for other in others {
        other.abort();
    }
    // Two at a time, so at least two windows.
    assert!(took >= Duration::from_secs(2), "{took:?}");
    // It is one of nine callers: of 45 requests five would be its share, and three times as many are patience enough.
    assert!(all < 3 * 45, "{all} requests in {took:?}");
    assert_eq!(tenant.stats()["rateLimited"], 0);
}
