//! POST: the rules for a new token, version by version.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::client::{COLLECTIONS, Caller, Tenant, V2024, V2025, never_expires};

/// The least that each version takes.
fn least(collection: &str, name: &str) -> Value {
    match never_expires(collection) {
        true => json!({"name": name, "userAwareTokenNeverExpires": true}),
        false => json!({"name": name}),
    }
}

fn in_days(days: i64) -> String {
    (Timestamp::now() + SignedDuration::from_hours(24 * days)).to_string()
}

async fn delete(me: &Caller<'_>, made: &Value) {
    let id = made["id"].as_str().unwrap();
    let reply = me.delete(&format!("{V2024}/{id}")).await;
    assert_eq!(reply.status, 204);
}

#[tokio::test]
async fn the_reply_shows_the_secret_and_the_defaults() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for collection in COLLECTIONS {
        let made = me
            .post(collection, least(collection, collection))
            .await
            .ok();
        assert_eq!(made["name"], collection);
        assert_eq!(made["scope"], json!(["sp:scopes:all"]));
        assert_eq!(made["owner"]["type"], "IDENTITY");
        assert_eq!(made["accessTokenValiditySeconds"], 43_200);
        for (field, length) in [("id", 32), ("secret", 64)] {
            let hex = made[field].as_str().unwrap();
            assert!(hex.len() == length && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
        assert_eq!(
            made.get("expirationDate").is_some(),
            !never_expires(collection)
        );
        delete(&me, &made).await;
    }
}

#[tokio::test]
async fn the_default_expiry_is_six_months() {
    let tenant = Tenant::start();
    let made = tenant.me().await.make("a").await;
    let date = |field: &str| -> Timestamp { made[field].as_str().unwrap().parse().unwrap() };
    let days = date("expirationDate")
        .duration_since(date("created"))
        .as_hours()
        / 24;
    assert!((181..=184).contains(&days), "{days} days");
}

#[tokio::test]
async fn a_sparse_reply_lacks_validity_and_expiry() {
    let tenant = Tenant::start();
    tenant.set(json!({"sparseCreateReplies": true}));
    let made = tenant.me().await.make("a").await;
    assert!(made.get("accessTokenValiditySeconds").is_none());
    assert!(made.get("expirationDate").is_none());
    assert!(made["secret"].is_string());
}

#[tokio::test]
async fn an_owner_has_ten_tokens_at_most() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for number in 1..10 {
        me.make(&format!("token {number}")).await;
    }
    let refused = me.post(V2024, json!({"name": "eleventh"})).await.refused();
    assert!(refused.contains("10"), "{refused}");
    let path = format!("{V2024}?owner-id=me");
    let list = me.get(&path).await.ok();
    assert_eq!(list.as_array().unwrap().len(), 10);
    delete(&me, &list[1]).await;
    me.make("eleventh").await;
}

#[tokio::test]
async fn a_name_is_unique_to_its_owner() {
    let tenant = Tenant::seeded(json!({
        "identities": [{"id": "a", "clientId": "a", "clientSecret": "s"},
                       {"id": "b", "clientId": "b", "clientSecret": "s"}],
    }));
    let [a, b] = [tenant.caller("a", "s").await, tenant.caller("b", "s").await];
    a.make("same").await;
    let refused = a.post(V2024, json!({"name": "same"})).await.refused();
    assert!(refused.contains("same"), "{refused}");
    b.make("same").await;
}

#[tokio::test]
async fn names_have_1_to_255_characters() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for name in ["a".to_owned(), "ü".repeat(255)] {
        me.post(V2024, json!({"name": name})).await.ok();
    }
    for name in [json!(""), json!("ü".repeat(256)), json!(7), json!(null)] {
        let refused = me.post(V2024, json!({"name": name})).await.refused();
        assert!(refused.contains("name"), "{refused}");
    }
    me.post(V2024, json!({})).await.refused();
}

#[tokio::test]
async fn validity_is_15_to_43200_seconds() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for (number, seconds) in [json!(15), json!(43_200), json!(null)]
        .into_iter()
        .enumerate()
    {
        let body = json!({"name": number.to_string(), "accessTokenValiditySeconds": seconds});
        let made = me.post(V2024, body).await.ok();
        let expected = seconds.as_u64().unwrap_or(43_200);
        assert_eq!(made["accessTokenValiditySeconds"], expected);
    }
    for seconds in [
        json!(14),
        json!(43_201),
        json!(-1),
        json!(15.5),
        json!("900"),
    ] {
        let body = json!({"name": "x", "accessTokenValiditySeconds": seconds});
        let refused = me.post(V2024, body).await.refused();
        assert!(refused.contains("accessTokenValiditySeconds"), "{refused}");
    }
}

#[tokio::test]
async fn expiry_is_in_the_future_and_where_limited_within_six_months() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for collection in COLLECTIONS {
        let body = |date: Value| json!({"name": "x", "expirationDate": date});
        for wrong in [json!(in_days(-1)), json!("tomorrow"), json!(5)] {
            let refused = me.post(collection, body(wrong)).await.refused();
            assert!(refused.contains("expirationDate"), "{refused}");
        }
        let made = me.post(collection, body(json!(in_days(30)))).await.ok();
        delete(&me, &made).await;
        let far = me.post(collection, body(json!(in_days(400)))).await;
        match never_expires(collection) {
            true => delete(&me, &far.ok()).await,
            false => assert!(far.refused().contains("6 months")),
        }
    }
}

#[tokio::test]
async fn no_expiry_wants_to_be_known_where_it_is_possible() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for collection in COLLECTIONS.into_iter().filter(|path| never_expires(path)) {
        for body in [
            json!({"name": "x"}),
            json!({"name": "x", "expirationDate": null}),
            json!({"name": "x", "userAwareTokenNeverExpires": false}),
        ] {
            let refused = me.post(collection, body).await.refused();
            assert!(refused.contains("userAwareTokenNeverExpires"), "{refused}");
        }
    }
}

#[tokio::test]
async fn unknown_fields_are_refused_by_name() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for collection in COLLECTIONS {
        let mut body = least(collection, "x");
        body["owner"] = json!("me");
        let refused = me.post(collection, body).await.refused();
        assert!(refused.contains("owner"), "{refused}");
    }
    let body = json!({"name": "x", "userAwareTokenNeverExpires": true});
    me.post(V2024, body).await.refused();
}

#[tokio::test]
async fn scope_is_an_array_of_strings() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for scope in [json!("sp:scopes:all"), json!([1]), json!([""])] {
        let body = json!({"name": "x", "scope": scope});
        assert!(me.post(V2024, body).await.refused().contains("scope"));
    }
    let made = me.post(V2024, json!({"name": "x", "scope": null})).await;
    assert_eq!(made.ok()["scope"], json!(["sp:scopes:all"]));
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    me.post(V2024, json!([])).await.refused();
    let mut request = me.request(hyper::Method::POST, V2024, Some(&json!({"name": "x"})));
    *request.body_mut() = "{\"name\":".to_owned();
    tenant.send(request).await.unwrap().refused();
    let mut request = me.request(hyper::Method::POST, V2024, Some(&json!({"name": "x"})));
    request
        .headers_mut()
        .insert("content-type", "text/plain".parse().unwrap());
    tenant.send(request).await.unwrap().refused();
}

#[tokio::test]
async fn creating_needs_the_right_to_manage() {
    let rights = json!([
        "sp:my-personal-access-tokens:read",
        "sp:all-personal-access-tokens:read"
    ]);
    let tenant = Tenant::seeded(json!({"identities": [{"id": "reader", "rights": rights}]}));
    let reader = tenant.me().await;
    let reply = reader.post(V2025, least(V2025, "x")).await;
    assert_eq!(reply.status, 403);
}
