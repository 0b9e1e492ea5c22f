//! GET: whose tokens are shown to whom, the filters, and how a token looks.

use serde_json::{Value, json};

use crate::client::{COLLECTIONS, Caller, Tenant, V2024, V2025};

/// Three identities with a token each to sign in with, and a managed token of the user's.
fn office() -> Tenant {
    let identity = |id: &str, rights: Value| json!({"id": id, "name": id, "rights": rights, "clientId": format!("{id}-client"), "clientSecret": "s"});
    Tenant::seeded(json!({
        "identities": [
            identity("user", json!(["sp:my-personal-access-tokens:read"])),
            identity("auditor", json!(["idn:all-personal-access-tokens:read"])),
            identity("platform", json!(["idn:all-personal-access-tokens:read",
                "idn:managed-personal-access-tokens:read"])),
            identity("nobody", json!([])),
        ],
        "tokens": [
            {"id": "m", "name": "managed", "owner": "user", "managed": true},
            {"id": "u", "name": "plain", "owner": "user"},
        ],
    }))
}

async fn count(caller: &Caller<'_>, query: &str) -> usize {
    caller.names(query).await.len()
}

#[tokio::test]
async fn me_needs_the_right_for_ones_own() {
    let office = office();
    let user = office.caller("user-client", "s").await;
    assert_eq!(count(&user, "?owner-id=me").await, 2);
    let nobody = office.caller("nobody-client", "s").await;
    let path = format!("{V2024}?owner-id=me");
    assert_eq!(nobody.get(&path).await.status, 403);
}

#[tokio::test]
async fn others_and_the_tenant_need_the_right_for_all() {
    let office = office();
    let user = office.caller("user-client", "s").await;
    for query in ["", "?owner-id=auditor", "?owner-id=user"] {
        let reply = user.get(&format!("{V2024}{query}")).await;
        assert_eq!(reply.status, 403, "{query}");
    }
    let auditor = office.caller("auditor-client", "s").await;
    assert_eq!(count(&auditor, "").await, 5);
    assert_eq!(count(&auditor, "?owner-id=user").await, 2);
    assert_eq!(count(&auditor, "?owner-id=unknown").await, 0);
}

#[tokio::test]
async fn managed_ones_are_shown_to_who_may_read_managed() {
    let office = office();
    let platform = office.caller("platform-client", "s").await;
    assert_eq!(count(&platform, "").await, 6);
    let names = platform.names("?owner-id=user").await;
    assert!(names.contains(&"managed".to_owned()));
    let auditor = office.caller("auditor-client", "s").await;
    let names = auditor.names("?owner-id=user").await;
    assert!(!names.contains(&"managed".to_owned()));
}

#[tokio::test]
async fn the_bearers_scope_limits_the_owners_rights() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for (scope, own, all) in [
        (json!(["sp:scopes:all"]), 200, 200),
        (json!(["sp:my-personal-access-tokens:read"]), 200, 403),
        (json!(["idn:my-personal-access-tokens:manage"]), 200, 403),
        (json!(["idn:all-personal-access-tokens:read"]), 200, 200),
        (json!(["idn:accounts:read"]), 403, 403),
    ] {
        let body = json!({"name": scope.to_string(), "scope": scope});
        let made = me.post(V2024, body).await.ok();
        let [id, secret] = ["id", "secret"].map(|field| made[field].as_str().unwrap());
        let narrow = tenant.caller(id, secret).await;
        let reply = narrow.get(&format!("{V2024}?owner-id=me")).await;
        assert_eq!(reply.status, own, "{scope}");
        assert_eq!(narrow.get(V2024).await.status, all, "{scope}");
    }
}

#[tokio::test]
async fn the_403_is_the_documented_one_with_a_tracking_id_of_its_own() {
    let office = office();
    let user = office.caller("user-client", "s").await;
    let replies = [user.get(V2024).await, user.get(V2024).await];
    let mut ids = Vec::new();
    for reply in &replies {
        let id = reply.json()["trackingId"].as_str().unwrap().to_owned();
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(reply.header("slpt-request-id"), Some(id.as_str()));
        let text = "The server understood the request but refuses to authorize it.";
        let expected = json!({"detailCode": "403 Forbidden", "trackingId": id,
            "messages": [{"locale": "en-US", "localeOrigin": "DEFAULT", "text": text}]});
        assert_eq!(reply.json(), expected);
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn filters_keep_what_they_say() {
    let tenant = Tenant::seeded(json!({"tokens": [
        {"name": "old", "lastUsed": "2024-01-01T00:00:00.000Z"},
        {"name": "new", "lastUsed": "2026-01-01T00:00:00.000Z"},
        {"name": "never"},
    ]}));
    let me = tenant.me().await;
    let never = me.names("?filters=lastUsed%20isnull").await;
    assert_eq!(never, ["never"]);
    let until = "?filters=lastUsed+le+2024-01-01T00:00:00.000Z";
    assert_eq!(me.names(until).await, ["old"]);
    let earlier = "?owner-id=me&filters=lastUsed+le+2023-12-31T23:59:59.999Z";
    assert!(me.names(earlier).await.is_empty());
    for wrong in ["name+eq+%22old%22", "lastUsed+ge+2024-01-01T00:00:00Z", ""] {
        let path = format!("{V2024}?filters={wrong}");
        me.get(&path).await.refused();
    }
}

#[tokio::test]
async fn a_list_shows_a_change_at_once() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    assert_eq!(count(&me, "?owner-id=me").await, 1);
    let made = me.make("another").await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(count(&me, "?owner-id=me").await, 2);
    assert_eq!(count(&me, "").await, 2);
    me.delete(&format!("{V2024}/{id}")).await;
    assert_eq!(count(&me, "?owner-id=me").await, 1);
    assert_eq!(count(&me, "").await, 1);
}

#[tokio::test]
async fn a_token_looks_as_its_version_says() {
    let tenant = Tenant::seeded(json!({"tokens": [
        {"id": "x", "name": "never", "expirationDate": null, "userAwareTokenNeverExpires": true},
    ]}));
    let me = tenant.me().await;
    for collection in COLLECTIONS {
        let list = me.get(collection).await.ok();
        let token = &list[0];
        assert_eq!(token["id"], "x");
        assert!(token.get("secret").is_none());
        assert_eq!(token["owner"]["type"], "IDENTITY");
        assert_eq!(token["owner"]["name"], "Administrator");
        assert_eq!(token["lastUsed"], Value::Null);
        assert_eq!(token["managed"], false);
        let aware = token.get("userAwareTokenNeverExpires");
        assert_eq!(aware.is_some(), crate::client::never_expires(collection));
        let null_allowed = !collection.contains("v2024") && !collection.contains("v3");
        assert_eq!(token.get("expirationDate").is_some(), null_allowed);
    }
}

#[tokio::test]
async fn dates_have_three_or_six_fraction_digits() {
    let tenant = Tenant::with(sailpat_emulator::Options {
        seed: sailpat_emulator::Seed::Generated {
            identities: 0,
            tokens: 60,
        },
        ..Default::default()
    });
    let list = tenant.me().await.get(V2025).await.ok();
    let digits = |token: &Value| token["created"].as_str().unwrap().len() - 21;
    let mut seen: Vec<usize> = list.as_array().unwrap().iter().map(digits).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, [3, 6]);
}

#[tokio::test]
async fn only_v2024_replies_are_deprecated_the_refused_ones_too() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for collection in COLLECTIONS {
        let expected = collection.contains("v2024").then_some("true");
        for path in [collection.to_owned(), format!("{collection}?filters=x")] {
            let reply = me.get(&path).await;
            assert_eq!(reply.header("x-deprecated"), expected, "{path}");
            assert!(reply.header("date").is_some());
        }
        let reply = tenant.get(collection).await;
        assert_eq!(reply.header("x-deprecated"), expected, "{collection}");
    }
}

#[tokio::test]
async fn a_hundred_thousand_tokens_come_in_one_reply() {
    let tenant = Tenant::with(sailpat_emulator::Options {
        seed: sailpat_emulator::Seed::Generated {
            identities: 0,
            tokens: 100_000,
        },
        ..Default::default()
    });
    let me = tenant.me().await;
    let list = me.get(V2024).await.ok();
    assert_eq!(list.as_array().unwrap().len(), 100_000);
}
