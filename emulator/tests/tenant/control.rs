//! The control path: what it tells, what it sets, and that it leaves no traces itself.

use hyper::Request;
use serde_json::{Value, json};

use crate::client::{Reply, Tenant, V2024};

async fn control(tenant: &Tenant, method: &str, path: &str, body: &str) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(format!("/_emulator/{path}"))
        .body(body.to_owned())
        .unwrap();
    tenant.send(request).await.unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_kind_and_by_status() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    me.get(V2024).await.ok();
    me.make("a").await;
    me.delete(&format!("{V2024}/unknown")).await;
    let stats = control(&tenant, "GET", "stats", "").await.ok();
    let expected = json!({"token": 1, "info": 0, "list": 1, "create": 1, "patch": 0,
        "delete": 1, "other": 0, "total": 4});
    assert_eq!(stats["requests"], expected);
    assert_eq!(stats["status"], json!({"200": 3, "404": 1}));
    assert_eq!(stats["connections"], 4);
}

#[tokio::test]
async fn requests_are_recorded_and_forgotten() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    me.get(&format!("{V2024}?owner-id=me")).await.ok();
    let requests = control(&tenant, "GET", "requests", "").await.ok();
    let [token, list] = [&requests[0], &requests[1]];
    assert_eq!(token["kind"], "token");
    let secret = tenant.emulator.client_secret();
    assert!(token["body"].as_str().unwrap().contains(secret));
    assert_eq!(list["method"], "GET");
    assert_eq!(list["target"], format!("{V2024}?owner-id=me"));
    assert_eq!(
        list["headers"]["authorization"],
        format!("Bearer {}", me.bearer)
    );
    assert_eq!(
        (&list["status"], &list["executed"]),
        (&json!(200), &json!(true))
    );
    assert_ne!(token["connection"], list["connection"]);
    assert!(list["receivedMs"].as_f64() >= token["receivedMs"].as_f64());

    control(&tenant, "DELETE", "requests", "").await.ok();
    assert_eq!(
        control(&tenant, "GET", "requests", "").await.ok(),
        json!([])
    );
    let stats = control(&tenant, "GET", "stats", "").await.ok();
    assert_eq!(
        (&stats["requests"]["total"], &stats["connections"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test]
async fn only_the_last_two_thousand_are_kept() {
    let tenant = Tenant::start();
    for _ in 0..2_010 {
        tenant.get("/oauth/info").await.ok();
    }
    let requests = tenant.look("requests");
    assert_eq!(requests.as_array().unwrap().len(), 2_000);
    assert_eq!(requests[0]["number"], 10);
    assert_eq!(requests[1_999]["status"], 200);
}

#[tokio::test]
async fn control_requests_leave_no_traces_and_meet_no_faults() {
    let tenant = Tenant::start();
    tenant.fault(json!({"times": 5, "fault": {"status": 500}}));
    control(&tenant, "GET", "stats", "").await.ok();
    let stats = control(&tenant, "GET", "stats", "").await.ok();
    assert_eq!(stats["requests"]["total"], 0);
    assert_eq!(stats["connections"], 0);
    assert_eq!(tenant.look("faults")[0]["times"], 5);
}

#[tokio::test]
async fn faults_are_listed_and_cleared() {
    let tenant = Tenant::start();
    let rule = json!({"match": {"kind": "list"}, "after": 1, "times": 2, "fault": {"hang": true}});
    let added = control(&tenant, "POST", "faults", &rule.to_string())
        .await
        .ok();
    assert_eq!(added, json!([rule]));
    control(&tenant, "DELETE", "faults", "").await.ok();
    assert_eq!(tenant.look("faults"), json!([]));
}

#[tokio::test]
async fn what_is_wrong_is_refused_whole() {
    let tenant = Tenant::start();
    for (path, body) in [
        ("faults", "{"),
        ("faults", r#"{"fault":{"explode":true}}"#),
        ("settings", r#"{"bearerSeconds":5,"rateLimits":1}"#),
        ("settings", r#"{"bearerSeconds":5,"rateLimit":"fast"}"#),
        ("settings", r#"{"bearerSeconds":5,"expireBearers":1}"#),
        ("settings", "[]"),
        ("tokens", r#"{"name":"x"}"#),
        ("tokens", r#"[{"id":"a"},{"id":"a"}]"#),
        ("tokens", r#"[{"id":"a"},{"id":5}]"#),
        ("identities", r#"[{"id":"a"},{"rights":["fly"]}]"#),
    ] {
        let reply = control(&tenant, "POST", path, body).await;
        assert_eq!(reply.status, 400, "{path} {body}");
        assert!(reply.json()["error"].is_string());
    }
    assert_eq!(tenant.look("settings")["bearerSeconds"], Value::Null);
    assert_eq!(tenant.look("tokens").as_array().unwrap().len(), 1);
    assert_eq!(tenant.look("identities").as_array().unwrap().len(), 1);
    assert_eq!(control(&tenant, "GET", "nothing", "").await.status, 404);
    assert_eq!(control(&tenant, "PUT", "stats", "").await.status, 405);
}

#[tokio::test]
async fn another_host_name_may_not_steer() {
    let tenant = Tenant::start();
    let request = Request::get("/_emulator/requests")
        .header("host", "example.com")
        .body(String::new())
        .unwrap();
    assert_eq!(tenant.send(request).await.unwrap().status, 403);
}

#[tokio::test]
async fn tokens_and_identities_can_be_added() {
    let tenant = Tenant::start();
    let body = r#"[{"id":"user","name":"User","clientId":"c"}]"#;
    let added = control(&tenant, "POST", "identities", body).await.ok();
    let secret = added[0]["clientSecret"].as_str().unwrap();
    let user = tenant.caller("c", secret).await;
    let body = r#"[{"name":"planted","owner":"user","lastUsed":"2024-01-01T00:00:00Z"}]"#;
    let added = control(&tenant, "POST", "tokens", body).await.ok();
    assert!(
        user.names("?owner-id=me")
            .await
            .contains(&"planted".to_owned())
    );
    let [id, secret] = ["id", "secret"].map(|field| added[0][field].as_str().unwrap());
    tenant.sign_in(id, secret).await.ok();
    let all = tenant.look("tokens");
    assert!(
        all.as_array()
            .unwrap()
            .iter()
            .all(|token| token.get("secret").is_none())
    );
}
