//! Replies as gateways and proxies make them: compressed, in another charset, marked, cut and broken.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{Tenant, call, code, message, succeeded};

/// Letters that are two bytes in UTF-8 and one in Latin-1.
const NAME: &str = "größe & ähnliches";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A 200, or another status, of these bytes.
fn sends(status: u16, headers: Value, body: &[u8]) -> Value {
    json!({"status": status, "bodyBase64": STANDARD.encode(body), "headers": headers})
}

async fn names(client: &std::sync::Arc<sailpat::client::Client>) -> Vec<String> {
    let list = succeeded(call(client, "list", json!({"ownerId": "me"})).await);
    let tokens = list.as_array().unwrap().iter();
    tokens
        .map(|token| token["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_coding_and_charset_is_read() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    succeeded(call(&client, "create", json!({"name": NAME})).await);
    for how in [
        json!({"by": ["gzip"]}),
        json!({"by": ["gzip"], "named": "GZip"}),
        json!({"by": ["gzip"], "named": "x-gzip"}),
        json!({"by": ["gzip"], "named": "identity, gzip"}),
        json!({"by": [], "named": "identity"}),
        json!({"by": ["deflate"]}),
        json!({"by": ["rawDeflate"]}),
        json!({"by": ["br"]}),
        json!({"by": ["gzip", "br"]}),
        json!({"by": ["br", "gzip", "deflate"], "named": "BR,gzip , Deflate"}),
        json!({"by": ["gzip", "gzip", "gzip", "gzip", "gzip"]}),
        json!({"charset": "iso-8859-1"}),
        json!({"charset": "utf-16le"}),
        json!({"charset": "utf-16be"}),
        json!({"charset": "utf-16le", "mark": true}),
        json!({"charset": "utf-16be", "mark": true}),
        json!({"charset": "utf-8", "mark": true}),
        json!({"mark": true}),
        json!({"by": ["gzip"], "charset": "utf-16le", "mark": true}),
    ] {
        tenant.fault("list", json!({"encoded": how}));
        let names = names(&client).await;
        assert!(names.iter().any(|name| name == NAME), "{how}: {names:?}");
    }
    assert_eq!(tenant.count("list"), 19, "none was asked for twice");
}

#[tokio::test]
async fn a_charset_that_is_named_by_habit_changes_nothing() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    let text = json!([{"id": "a", "name": NAME}]).to_string();
    for kind in [
        "application/json; charset=iso-8859-1",
        "application/json; charset=\"utf-16\"",
        "application/json; charset=x-unheard-of",
        "application/json; charset=",
    ] {
        tenant.fault(
            "list",
            sends(200, json!({"Content-Type": kind}), text.as_bytes()),
        );
        assert_eq!(names(&client).await, [NAME], "{kind}");
    }
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    for (kind, name) in [
        ("application/json; Charset='Windows-1252'", NAME),
        ("application/json", "gr\u{fffd}\u{fffd}e & \u{fffd}hnliches"),
    ] {
        tenant.fault("list", sends(200, json!({"Content-Type": kind}), &latin));
        assert_eq!(names(&client).await, [name], "{kind}");
    }
}

#[tokio::test]
async fn sign_ins_creates_and_refusals_are_read_the_same() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    tenant.fault(
        "token",
        json!({"encoded": {"by": ["gzip"], "charset": "utf-16le", "mark": true}}),
    );
    tenant.fault("create", json!({"encoded": {"by": ["br"]}}));
    let created = succeeded(call(&client, "create", json!({"name": NAME})).await);
    assert_eq!(
        (&created["name"], created["secret"].is_string()),
        (&json!(NAME), true)
    );

    let words = r#"{"trackingId":"t-1","messages":[{"text":"No."}]}"#;
    let packed = gzip(words.as_bytes());
    tenant.fault(
        "list",
        sends(400, json!({"Content-Encoding": "gzip"}), &packed),
    );
    let reply = call(&client, "list", json!({})).await;
    assert_eq!(code(&reply), "refused");
    assert!(message(&reply).ends_with("(400): No."), "{reply}");
    assert_eq!(reply["error"]["body"], words);
    assert_eq!(reply["error"]["trackingId"], "t-1");

    let denied = gzip(br#"{"error":"invalid_client","error_description":"Bad credentials"}"#);
    let tenant = Tenant::new();
    tenant.fault(
        "token",
        sends(401, json!({"Content-Encoding": "gzip"}), &denied),
    );
    let reply = call(&tenant.client(json!({})), "list", json!({})).await;
    assert_eq!(code(&reply), "sign_in_failed");
    assert!(message(&reply).contains("Bad credentials"), "{reply}");
}

#[tokio::test]
async fn what_cannot_be_read_is_said_by_its_name() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    for (headers, body, words) in [
        (json!({"Content-Encoding": "zstd"}), &b"[]"[..], "'zstd'"),
        (
            json!({"Content-Encoding": "gzip, Snappy"}),
            b"[]",
            "'gzip, Snappy'",
        ),
        (
            json!({"Content-Encoding": "gzip"}),
            b"[]",
            "is gzip and is not",
        ),
        (json!({"Content-Encoding": "deflate"}), b"[]", "deflate"),
        (json!({"Content-Encoding": "br"}), b"[1,2,3]", "br"),
        (
            json!({"Content-Encoding": "gzip,gzip,gzip,gzip,gzip,gzip"}),
            b"[]",
            "more often",
        ),
        (
            json!({"Content-Type": "application/json; charset=utf-32"}),
            b"[\0\0\0]\0\0\0",
            "charset=utf-32'",
        ),
    ] {
        tenant.fault("list", sends(200, headers.clone(), body));
        let reply = call(&client, "list", json!({})).await;
        assert_eq!(code(&reply), "reply_invalid", "{headers}: {reply}");
        assert!(message(&reply).contains(words), "{headers}: {reply}");
    }
    // A refusal stays what it is.
    tenant.rule(json!({"match": {"kind": "list"}, "times": 9, "fault": sends(503, json!({"Content-Encoding": "zstd"}), b"x")}));
    let reply = call(&client, "list", json!({})).await;
    assert_eq!((code(&reply), tenant.count("list")), ("server_error", 11));
    assert!(message(&reply).contains("'zstd'"), "{reply}");
}

#[tokio::test]
async fn a_packed_reply_that_is_cut_or_broken_is_an_error() {
    for by in ["gzip", "deflate", "rawDeflate", "br"] {
        let tenant = Tenant::new();
        let client = tenant.client(json!({}));
        // The other two have no check sum: what is broken in them may be a text all the same.
        let has_sum = matches!(by, "gzip" | "deflate");
        for mut how in [
            json!({"cutAt": 1}),
            json!({"cutAt": 60}),
            json!({"brokenAt": 60}),
        ] {
            if how.get("brokenAt").is_some() && !has_sum {
                continue;
            }
            how["by"] = json!([by]);
            tenant.fault("list", json!({"encoded": how}));
            let reply = call(&client, "list", json!({"ownerId": "me"})).await;
            assert_eq!(code(&reply), "reply_invalid", "{how}: {reply}");
        }
        tenant.fault("create", json!({"encoded": {"by": [by], "cutAt": 60}}));
        let reply = call(&client, "create", json!({"name": "torn"})).await;
        assert_eq!(code(&reply), "create_lost", "{by}: {reply}");
        assert_eq!(reply["error"]["orphan"]["name"], "torn", "{by}: {reply}");
        assert_eq!(tenant.count("create"), 1);
    }
}

#[tokio::test]
async fn limits_count_what_comes_out() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({"maximumReplyBytes": 1_000_000}));
    let text = format!("[{}]", " ".repeat(2_000_000));
    let mut packed = text.into_bytes();
    for times in 1..4 {
        packed = gzip(&packed);
        assert!(packed.len() < 3_000);
        let named = vec!["gzip"; times].join(", ");
        tenant.fault(
            "list",
            sends(200, json!({"Content-Encoding": named}), &packed),
        );
        let reply = call(&client, "list", json!({})).await;
        assert_eq!(code(&reply), "reply_too_large", "{named}: {reply}");
    }
    // What the outer coding unpacks to counts, also where the inner one makes nothing of it.
    let nothing = gzip(&gzip(b"").repeat(100_000));
    tenant.fault(
        "list",
        sends(200, json!({"Content-Encoding": "gzip, gzip"}), &nothing),
    );
    assert_eq!(
        code(&call(&client, "list", json!({})).await),
        "reply_too_large"
    );

    let tenant = Tenant::new();
    tenant.fault("create", json!({"encoded": {"by": ["gzip"]}}));
    succeeded(call(&tenant.client(json!({})), "list", json!({"ownerId": "me"})).await);
    let client = tenant.client(json!({"maximumReplyBytes": 300}));
    let reply = call(&client, "create", json!({"name": "large"})).await;
    assert_eq!(code(&reply), "create_lost", "{reply}");
    assert!(
        message(&reply).contains("larger than the limit of 300 bytes"),
        "{reply}"
    );
}

#[tokio::test]
async fn gzip_is_asked_for_where_it_pays_unless_the_caller_says_otherwise() {
    let asked = |tenant: &Tenant, kind: &str| {
        let requests = tenant.requests();
        let of_kind = requests
            .iter()
            .rev()
            .find(|request| request["kind"] == kind);
        of_kind.unwrap()["headers"]["accept-encoding"].clone()
    };
    let tenant = Tenant::new();
    tenant.set(json!({"gzip": true}));
    let client = tenant.client(json!({"replyHeaders": true}));
    let reply = call(&client, "list", json!({"ownerId": "me"})).await;
    assert_eq!(
        reply["meta"]["headers"]["content-encoding"],
        json!(["gzip"]),
        "{reply}"
    );
    succeeded(call(&client, "create", json!({"name": "n"})).await);
    assert_eq!(asked(&tenant, "list"), "gzip");
    // No secret goes through a compressor because of us.
    assert_eq!(asked(&tenant, "create"), Value::Null);
    assert_eq!(asked(&tenant, "token"), Value::Null);

    let headers = json!({"accept-encoding": "identity"});
    let client = tenant.client(json!({"replyHeaders": true, "defaultHeaders": headers}));
    let reply = call(&client, "list", json!({"ownerId": "me"})).await;
    assert_eq!(
        reply["meta"]["headers"].get("content-encoding"),
        None,
        "{reply}"
    );
    assert_eq!(asked(&tenant, "list"), "identity");
}

#[tokio::test]
async fn a_refusal_is_read_as_far_as_it_is_shown() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({"maximumRetryCount": 0}));
    let page = vec![b'x'; 8_000_000];
    tenant.fault("list", sends(503, json!({}), &page));
    let reply = call(&client, "list", json!({})).await;
    assert_eq!(code(&reply), "server_error");
    assert_eq!(reply["error"]["body"].as_str().unwrap().len(), 256 * 1024);
    let packed = gzip(&page);
    tenant.fault(
        "list",
        sends(
            429,
            json!({"Content-Encoding": "gzip", "Retry-After": "7"}),
            &packed,
        ),
    );
    let reply = call(&client, "list", json!({})).await;
    assert_eq!(code(&reply), "rate_limited");
    assert_eq!(reply["error"]["retryAfterSeconds"], 7.0);
    assert_eq!(reply["error"]["body"].as_str().unwrap().len(), 256 * 1024);
}

#[tokio::test]
async fn words_without_end_are_cut() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    let long = "w".repeat(500_000);
    let body = json!({"trackingId": long, "messages": [{"text": long}]}).to_string();
    tenant.fault("list", json!({"status": 400, "body": body}));
    let reply = call(&client, "list", json!({})).await;
    assert!(message(&reply).len() < 3_000, "{}", message(&reply).len());
    assert!(message(&reply).ends_with("w…"), "{}", message(&reply));
    assert!(reply["error"]["trackingId"].as_str().unwrap().len() < 300);
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    for fault in [
        json!({"headerCount": 10_000}),
        json!({"headerCount": 150}),
        json!({"oversizeHeaderBytes": 1_000_000}),
    ] {
        let tenant = Tenant::new();
        tenant.fault("list", fault.clone());
        let reply = call(&tenant.client(json!({})), "list", json!({})).await;
        assert_eq!(code(&reply), "reply_too_large", "{fault}: {reply}");
        assert!(message(&reply).contains("headers"), "{fault}: {reply}");
        assert_eq!(tenant.count("list"), 1);

        let tenant = Tenant::new();
        tenant.fault("create", fault.clone());
        let reply = call(&tenant.client(json!({})), "create", json!({"name": "n"})).await;
        assert_eq!(code(&reply), "create_lost", "{fault}: {reply}");
        assert_eq!(reply["error"]["orphan"]["name"], "n", "{fault}: {reply}");
    }
}

#[tokio::test]
async fn one_odd_token_costs_no_other() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    let own = succeeded(call(&client, "list", json!({"ownerId": "me"})).await)[0].to_string();
    for odd in [
        r#"{"id":"b","name":"\ud800"}"#,
        r#"{"id":"b","\udc00":1e400,"name":null}"#,
        r#"{"id":7,"created":"yesterday","owner":[[1]]}"#,
        r#"{"id":"x","id":"b","name":{"a":1}}"#,
    ] {
        let list = format!("[{odd},{own}]");
        tenant.fault("list", json!({"rawBody": list}));
        let operation = sailpat::ops::find("list").unwrap();
        let json = zeroize::Zeroizing::new("{}".to_owned());
        let reply = operation
            .run(client.clone(), json, Default::default())
            .await;
        let reply = String::from_utf8(reply.into_bytes()).unwrap();
        assert!(
            reply.contains(&list),
            "the bytes pass as they came: {reply}"
        );

        tenant.fault("list", json!({"rawBody": list}));
        let id = tenant.0.client_id();
        let found = succeeded(call(&client, "get", json!({"id": id})).await);
        assert_eq!(found["id"], id, "{odd}");

        tenant.fault("create", json!({"drop": "afterCommit"}));
        let lost = format!(r#"[{odd},{{"id":"c","name":"lost"}}]"#);
        tenant.fault("list", json!({"rawBody": lost}));
        let reply = call(&client, "create", json!({"name": "lost"})).await;
        assert_eq!(reply["error"]["orphan"]["id"], "c", "{odd}: {reply}");
        tenant.0.control("DELETE", "tokens", json!([])).ok();
    }
}
