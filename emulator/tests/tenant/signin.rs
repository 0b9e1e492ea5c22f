//! POST /oauth/token, GET /oauth/info and what a bearer is worth.

use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use sailpat_emulator::Options;
use serde_json::{Value, json};

use crate::client::{Tenant, V2024, send_to};

#[tokio::test]
async fn the_reply_has_the_fields_of_the_service() {
    let tenant = Tenant::start();
    let emulator = &tenant.emulator;
    let reply = tenant
        .sign_in(emulator.client_id(), emulator.client_secret())
        .await
        .ok();
    let mut fields: Vec<&String> = reply.as_object().unwrap().keys().collect();
    fields.sort();
    let expected = [
        "access_token",
        "expires_in",
        "identity_id",
        "jti",
        "org",
        "pod",
        "scope",
        "strong_auth",
        "tenant_id",
        "token_type",
        "user_id",
    ];
    assert_eq!(fields, expected);
    assert_eq!(reply["token_type"], "bearer");
    assert_eq!(reply["expires_in"], 43_200);
    assert_eq!(reply["scope"], "sp:scopes:all");
    assert_eq!(reply["strong_auth"], true);
    let bearer = reply["access_token"].as_str().unwrap();
    assert_eq!(bearer.split('.').count(), 3);
}

#[tokio::test]
async fn a_new_token_signs_in_with_its_own_validity_and_scope() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let body = json!({"name": "a", "accessTokenValiditySeconds": 900,
        "scope": ["sp:my-personal-access-tokens:read", "demo:other"]});
    let made = me.post(V2024, body).await.ok();
    let [id, secret] = ["id", "secret"].map(|field| made[field].as_str().unwrap());
    assert_eq!((id.len(), secret.len()), (32, 64));
    let reply = tenant.sign_in(id, secret).await.ok();
    assert_eq!(reply["expires_in"], 900);
    let scope = "sp:my-personal-access-tokens:read demo:other";
    assert_eq!(reply["scope"], scope);
}

#[tokio::test]
async fn http_basic_does_as_well() {
    use base64::Engine;
    let tenant = Tenant::start();
    let emulator = &tenant.emulator;
    let pair = format!("{}:{}", emulator.client_id(), emulator.client_secret());
    let basic = base64::engine::general_purpose::STANDARD.encode(pair);
    let request = Request::post("/oauth/token")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(AUTHORIZATION, format!("Basic {basic}"))
        .body("grant_type=client_credentials".to_owned())
        .unwrap();
    tenant.send(request).await.unwrap().ok();
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_id_are_an_invalid_client() {
    let tenant = Tenant::start();
    let (id, secret) = (tenant.emulator.client_id(), tenant.emulator.client_secret());
    for (id, secret) in [(id, "wrong"), ("unknown", secret), (id, "")] {
        let reply = tenant.sign_in(id, secret).await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.json()["error"], "invalid_client");
        assert!(reply.json()["error_description"].is_string());
    }
}

#[tokio::test]
async fn another_grant_and_a_query_are_refused() {
    let tenant = Tenant::start();
    let (id, secret) = (tenant.emulator.client_id(), tenant.emulator.client_secret());
    let form = format!("grant_type=password&client_id={id}&client_secret={secret}");
    let reply = tenant.form(&form).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error"], "unsupported_grant_type");
    let path =
        format!("/oauth/token?grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let request = Request::post(path).body(String::new()).unwrap();
    let reply = tenant.send(request).await.unwrap();
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error"], "invalid_request");
}

#[tokio::test]
async fn without_a_bearer_the_jwt_is_required_byte_for_byte() {
    let tenant = Tenant::start();
    let reply = tenant.get(V2024).await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.body, r#"{"error":"JWT is required"}"#);
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_bearer_ends_when_it_said_it_would() {
    let tenant = Tenant::start();
    tenant.set(json!({"bearerSeconds": 0}));
    let expired = tenant.me().await;
    let reply = expired.get(V2024).await;
    assert_eq!(reply.status, 401);
    let body = r#"{"error":"JWT validation failed: JWT is expired"}"#;
    assert_eq!(reply.body, body);

    tenant.set(json!({"bearerSeconds": null}));
    let me = tenant.me().await;
    me.get(V2024).await.ok();
    tenant.set(json!({"expireBearers": true}));
    assert_eq!(me.get(V2024).await.body, body);
    tenant.me().await.get(V2024).await.ok();
}

#[tokio::test]
async fn an_expired_token_cannot_sign_in() {
    let tenant = Tenant::seeded(json!({"tokens": [
        {"id": "old", "secret": "s", "expirationDate": "2020-01-01T00:00:00Z"},
        {"id": "never", "secret": "s", "expirationDate": null},
    ]}));
    assert_eq!(tenant.sign_in("old", "s").await.status, 401);
    tenant.sign_in("never", "s").await.ok();
}

#[tokio::test]
async fn a_new_token_cannot_sign_in_before_it_has_spread() {
    let tenant = Tenant::start();
    tenant.set(json!({"lateSpreadSeconds": 3600}));
    let made = tenant.me().await.make("late").await;
    let [id, secret] = ["id", "secret"].map(|field| made[field].as_str().unwrap());
    let reply = tenant.sign_in(id, secret).await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.json()["error"], "invalid_client");
    tenant.set(json!({"lateSpreadSeconds": 0}));
    let made = tenant.me().await.make("at once").await;
    let [id, secret] = ["id", "secret"].map(|field| made[field].as_str().unwrap());
    tenant.sign_in(id, secret).await.ok();
}

#[tokio::test]
async fn last_used_moves_once_a_day() {
    let recent = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(23);
    let recent = format!("{recent:.3}");
    let tenant = Tenant::seeded(json!({"tokens": [
        {"id": "recent", "secret": "s", "lastUsed": recent},
        {"id": "old", "secret": "s", "lastUsed": "2024-01-01T00:00:00.000Z"},
        {"id": "never", "secret": "s"},
    ]}));
    let last_used = |id: &str| -> Value {
        let tokens = tenant.look("tokens");
        let tokens = tokens.as_array().unwrap().iter();
        let mut found = tokens.filter(|token| token["id"] == id);
        found.next().unwrap()["lastUsed"].clone()
    };
    assert_eq!(last_used("never"), Value::Null);
    for id in ["recent", "old", "never"] {
        tenant.sign_in(id, "wrong").await;
    }
    assert_eq!(last_used("never"), Value::Null);
    for id in ["recent", "old", "never"] {
        tenant.sign_in(id, "s").await.ok();
    }
    assert_eq!(last_used("recent"), recent);
    assert_ne!(last_used("old"), "2024-01-01T00:00:00.000Z");
    let first = last_used("never");
    assert!(first.is_string());
    tenant.sign_in("never", "s").await.ok();
    assert_eq!(last_used("never"), first);
}

#[tokio::test]
async fn a_change_of_scope_never_reaches_a_bearer_that_is_out() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let path = format!("{V2024}/{}", tenant.emulator.client_id());
    let nothing = json!([{"op": "replace", "path": "/scope", "value": []}]);
    me.patch(&path, nothing).await.ok();
    me.get(V2024).await.ok();
    assert_eq!(tenant.me().await.get(V2024).await.status, 403);
}

#[tokio::test]
async fn info_tells_where_to_sign_in() {
    let tenant = Tenant::start();
    let info = tenant.get("/oauth/info").await.ok();
    let endpoint = format!("{}/oauth/token", tenant.emulator.url());
    assert_eq!(info["tokenEndpoint"], endpoint);
    assert!(info["tenantName"].is_string() && info["pod"].is_string());
}

#[tokio::test]
async fn a_vanity_host_signs_nobody_in_but_names_who_does() {
    let tenant = Tenant::with(Options {
        vanity: true,
        ..Options::default()
    });
    let emulator = &tenant.emulator;
    let reply = tenant
        .sign_in(emulator.client_id(), emulator.client_secret())
        .await;
    assert_eq!(reply.status, 404);
    let info = tenant.get("/oauth/info").await.ok();
    let endpoint = info["tokenEndpoint"].as_str().unwrap();
    let base = endpoint.strip_suffix("/oauth/token").unwrap();
    assert_eq!(base, emulator.api_url());
    assert_ne!(base, emulator.url());

    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        emulator.client_id(),
        emulator.client_secret()
    );
    let request = Request::post("/oauth/token")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form)
        .unwrap();
    let reply = send_to(base, request).await.unwrap().ok();
    let bearer = reply["access_token"].as_str().unwrap();
    let request = Request::get(V2024)
        .header(AUTHORIZATION, format!("Bearer {bearer}"))
        .body(String::new())
        .unwrap();
    send_to(base, request).await.unwrap().ok();
}
