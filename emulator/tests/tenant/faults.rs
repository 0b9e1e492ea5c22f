//! Faults on demand: what the client sees, and whether the request was executed.

use std::time::{Duration, Instant};

use hyper::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Caller, LONG, Tenant, V2024, until};

fn on(kind: &str, fault: Value) -> Value {
    json!({"match": {"kind": kind}, "fault": fault})
}

/// Creates a token and tells whether a reply came.
async fn create(me: &Caller<'_>, name: &str) -> bool {
    let request = me.request(Method::POST, V2024, Some(&json!({"name": name})));
    me.tenant.send(request).await.is_ok()
}

async fn exists(me: &Caller<'_>, name: &str) -> bool {
    me.names("").await.contains(&name.to_owned())
}

#[tokio::test]
async fn a_dropped_connection_is_before_or_after_the_commit() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for (moment, made) in [("beforeCommit", false), ("afterCommit", true)] {
        tenant.fault(on("create", json!({"drop": moment})));
        assert!(!create(&me, moment).await);
        assert_eq!(exists(&me, moment).await, made, "{moment}");
    }
    // A fault is not the client's doing.
    assert_eq!(tenant.look("stats")["droppedByClient"], 0);
    let requests = tenant.look("requests");
    let executed = |moment: &str| {
        let requests = requests.as_array().unwrap().iter();
        let mut found = requests.filter(|one| one["body"].as_str().unwrap().contains(moment));
        let found = found.next().unwrap();
        assert_eq!(found["status"], Value::Null);
        found["executed"].clone()
    };
    assert_eq!(executed("beforeCommit"), false);
    assert_eq!(executed("afterCommit"), true);
}

#[tokio::test]
async fn a_truncated_reply_promises_more_than_it_holds() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for bytes in [0, 10] {
        tenant.fault(on("info", json!({"truncateAt": bytes})));
        let text = raw(
            &tenant,
            "GET /oauth/info HTTP/1.1\r\nhost: localhost\r\n\r\n",
        )
        .await;
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.len(), bytes);
        let length = head.split_once("content-length: ").unwrap().1;
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        assert!(length > bytes);
    }
    tenant.fault(on("create", json!({"truncateAt": 10})));
    assert!(!create(&me, "cut").await);
    assert!(exists(&me, "cut").await);
}

/// Everything that comes until the server closes.
async fn raw(tenant: &Tenant, request: &str) -> String {
    let address = tenant.emulator.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    let read = tokio::time::timeout(LONG, stream.read_to_string(&mut text)).await;
    read.expect("the server does not close").unwrap();
    text
}

#[tokio::test]
async fn a_status_of_before_and_one_of_after_the_commit() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let body = json!({"name": "a"});
    tenant.fault(on("create", json!({"status": 503})));
    let reply = me.post(V2024, body.clone()).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.json()["detailCode"], "503 Service Unavailable");
    assert!(!exists(&me, "a").await);

    let headers = json!({"retry-after": "7"});
    let fault =
        json!({"status": 503, "body": "busy", "contentType": "text/plain", "headers": headers});
    tenant.fault(on("create", fault));
    let reply = me.post(V2024, body.clone()).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (503, "busy"));
    assert_eq!(reply.header("content-type"), Some("text/plain"));
    assert_eq!(reply.header("retry-after"), Some("7"));

    tenant.fault(on("create", json!({"statusAfterCommit": 502})));
    assert_eq!(me.post(V2024, body).await.status, 502);
    assert!(exists(&me, "a").await);
}

#[tokio::test]
async fn the_500_is_the_documented_one() {
    let tenant = Tenant::start();
    tenant.fault(on("list", json!({"status": 500})));
    let body = tenant.me().await.get(V2024).await.json();
    assert_eq!(body["detailCode"], "500.0 Internal Fault");
    assert_eq!(body["messages"][0]["text"], "An internal fault occurred.");
}

#[tokio::test]
async fn a_429_storm_lasts_as_many_times_as_asked() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    tenant.fault(
        json!({"match": {"kind": "list"}, "after": 1, "times": 2, "fault": {"retryAfter": 60}}),
    );
    let mut seen = Vec::new();
    for _ in 0..4 {
        let reply = me.get(V2024).await;
        let wait = reply.header("retry-after").map(str::to_owned);
        seen.push((reply.status.as_u16(), wait));
    }
    let wait = Some("60".to_owned());
    assert_eq!(
        seen,
        [(200, None), (429, wait.clone()), (429, wait), (200, None)]
    );
    assert_eq!(tenant.look("stats")["rateLimited"], 0);
}

#[tokio::test]
async fn a_hanging_request_sees_the_client_go() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    for (fault, made) in [("hang", false), ("hangAfterCommit", true)] {
        let before = tenant.look("stats")["droppedByClient"].as_u64().unwrap();
        tenant.fault(on("create", json!({fault: true})));
        let arrived = || {
            let requests = tenant.look("requests");
            let mut requests = requests.as_array().unwrap().iter();
            requests.any(|one| one["body"].as_str().unwrap().contains(fault))
        };
        tokio::select! {
            _ = create(&me, fault) => panic!("a reply came"),
            () = until("the request to arrive", arrived) => {}
        }
        until("the close to be seen", || {
            tenant.look("stats")["droppedByClient"] == before + 1
        })
        .await;
        assert_eq!(exists(&me, fault).await, made, "{fault}");
    }
    until("no connection to be open", || {
        tenant.look("stats")["openConnections"] == 0
    })
    .await;
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_a_reply_is_seen() {
    let tenant = Tenant::start();
    tenant.fault(on("info", json!({"oversizeBytes": 100_000_000})));
    let address = tenant.emulator.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET /oauth/info HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut first = [0; 1000];
    let read = tokio::time::timeout(LONG, stream.read_exact(&mut first)).await;
    read.expect("the reply is not that long").unwrap();
    assert_eq!(tenant.look("stats")["openConnections"], 1);
    drop(stream);
    until("the close to be seen", || {
        tenant.look("stats")["droppedByClient"] == 1
    })
    .await;
}

#[tokio::test]
async fn delay_and_drip_take_their_time_and_leave_the_reply_whole() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let plain = me.get(V2024).await;
    let every = 20;
    let pieces = 4;
    let bytes = plain.body.len().div_ceil(pieces);
    for fault in [
        json!({"delayMs": 60}),
        json!({"drip": {"bytes": bytes, "everyMs": every}}),
    ] {
        tenant.fault(on("list", fault));
        let started = Instant::now();
        let slow = me.get(V2024).await;
        assert!(started.elapsed() >= Duration::from_millis(60));
        assert_eq!(slow.body, plain.body);
    }
}

#[tokio::test]
async fn a_redirect_names_its_target() {
    let tenant = Tenant::start();
    let target = "http://127.0.0.1:9/elsewhere";
    tenant.fault(on("token", json!({"redirect": target})));
    tenant.fault(on("list", json!({"redirect": target, "status": 302})));
    let (id, secret) = (tenant.emulator.client_id(), tenant.emulator.client_secret());
    let reply = tenant.sign_in(id, secret).await;
    assert_eq!(reply.status, 307);
    assert_eq!(reply.header("location"), Some(target));
    assert_eq!(tenant.me().await.get(V2024).await.status, 302);
}

#[tokio::test]
async fn replies_can_be_anything() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    tenant.fault(json!([
        {"fault": {"html": true}},
        {"fault": {"jsonDepth": 10_000}},
        {"fault": {"rawBody": "{\"half\":"}},
        {"fault": {"oversizeBytes": 200_001}},
        {"fault": {"oversizeHeaderBytes": 100_000}},
    ]));
    let html = me.get(V2024).await;
    assert_eq!(html.status, 200);
    assert!(
        html.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    let deep = me.get(V2024).await;
    assert!(deep.body.starts_with("[[[[") && deep.body.len() == 20_000);
    assert_eq!(me.get(V2024).await.body, "{\"half\":");
    let large = me.get(V2024).await;
    assert_eq!(large.body.len(), 200_001);
    assert_eq!(large.header("content-length"), None);
    assert_eq!(large.json(), json!([]));
    let headed = me.get(V2024).await;
    assert_eq!(headed.header("x-filler").unwrap().len(), 100_000);
    assert_eq!(headed.ok().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_clock_can_be_wrong() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let date = |reply: &crate::client::Reply| {
        let text = reply.header("date").unwrap().to_owned();
        let parsed = jiff::fmt::rfc2822::parse(&text).unwrap();
        parsed.timestamp().as_second() - jiff::Timestamp::now().as_second()
    };
    assert!(date(&me.get(V2024).await).abs() <= 2);
    tenant.fault(on("list", json!({"dateSkewSeconds": -3600})));
    assert!((date(&me.get(V2024).await) + 3600).abs() <= 2);
    tenant.set(json!({"dateSkewSeconds": 600}));
    assert!((date(&me.get(V2024).await) - 600).abs() <= 2);
}

#[tokio::test]
async fn a_clock_that_is_wrong_counts_for_what_is_made_and_what_ends() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    let day = 86_400;
    tenant.set(json!({"clockSkewSeconds": day}));
    let made = me.post(V2024, json!({"name": "a"})).await;
    let date = jiff::fmt::rfc2822::parse(made.header("date").unwrap()).unwrap();
    let made = made.ok();
    let created: jiff::Timestamp = made["created"].as_str().unwrap().parse().unwrap();
    assert!((created.as_second() - date.timestamp().as_second()).abs() <= 2);
    assert!((created.as_second() - jiff::Timestamp::now().as_second() - day).abs() <= 2);

    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let id = made["id"].as_str().unwrap();
    let secret = made["secret"].as_str().unwrap();
    let token = json!({"id": id, "expirationDate": soon.to_string()});
    tenant
        .emulator
        .control("POST", "tokens", json!([token]))
        .unwrap();
    assert_eq!(tenant.sign_in(id, secret).await.status, 401);
    tenant.set(json!({"clockSkewSeconds": 0}));
    assert_eq!(tenant.sign_in(id, secret).await.status, 200);
}

#[tokio::test]
async fn a_reply_lacks_a_field_or_a_token_and_a_request_comes_twice() {
    let tenant = Tenant::start();
    let me = tenant.me().await;
    tenant.fault(on("create", json!({"withoutField": "secret"})));
    let made = me.post(V2024, json!({"name": "a"})).await.ok();
    assert!(made["id"].is_string() && made.get("secret").is_none());

    tenant.fault(on("list", json!({"leaveOut": made["id"]})));
    assert!(!exists(&me, "a").await);
    assert!(exists(&me, "a").await);

    tenant.fault(on("create", json!({"twice": true})));
    let reply = me.post(V2024, json!({"name": "b"})).await;
    assert!(reply.refused().contains("already exists"));
    assert!(exists(&me, "b").await);
}
