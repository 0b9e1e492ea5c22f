//! What was sent comes back from servers and proxies in any spelling, and leaves the library in none.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::{Tenant, call, client, code, succeeded};

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn units(text: &str) -> String {
    let units = text.encode_utf16();
    units.map(|unit| format!("\\u{unit:04X}")).collect()
}

fn hex(text: &str) -> String {
    let bytes: Vec<String> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(":")
}

/// A secret as others write it. Each stands between blanks.
fn forms(secret: &str) -> Vec<String> {
    let entities = secret.chars().map(|c| format!("&#x{:x};", u32::from(c)));
    vec![
        secret.to_owned(),
        percent(secret),
        percent(&percent(secret)),
        format!("{}{}", percent(&secret[..3]), &secret[3..]),
        units(secret),
        entities.collect(),
        hex(secret),
        STANDARD.encode(secret),
        STANDARD.encode(format!("u:{secret}")),
        URL_SAFE_NO_PAD.encode(format!("{{\"{secret}\"}}")),
    ]
}

/// The longest piece of the secret that any text of the reply but its data shows, in a form that is easily read.
fn shows(reply: &Value, secret: &str) -> bool {
    let mut reply = reply.clone();
    if let Some(data) = reply.get_mut("data") {
        *data = Value::Null;
    }
    let text = reply.to_string().to_lowercase();
    let piece = &secret[4..secret.len() - 4];
    [
        piece.to_owned(),
        percent(piece),
        percent(&percent(piece)),
        // In JSON once more.
        units(piece).replace('\\', "\\\\"),
        units(piece),
        hex(piece),
        STANDARD.encode(&secret[3..secret.len() - 3]),
    ]
    .iter()
    .any(|form| text.contains(&form.to_lowercase()))
}

#[tokio::test]
async fn no_text_of_a_refusal_shows_what_was_sent() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({"replyLog": true, "replyHeaders": true}));
    let secret = tenant.0.client_secret().to_owned();
    for form in forms(&secret) {
        let body =
            json!({"trackingId": form, "messages": [{"text": format!("you sent {form} to us")}]});
        let headers = json!({"x-echo": form, "slpt-request-id": form, "location": format!("https://x.test/{form}?q")});
        for kind in ["list", "create", "delete"] {
            for status in [400, 307] {
                let body = body.to_string();
                tenant.fault(
                    kind,
                    json!({"status": status, "body": body, "headers": headers}),
                );
                let request = match kind {
                    "create" => json!({"name": "n"}),
                    "delete" => json!({"id": "a".repeat(32)}),
                    _ => json!({}),
                };
                let reply = call(&client, kind, request).await;
                assert_eq!(reply["error"]["status"], status, "{reply}");
                assert!(!shows(&reply, &secret), "{form}: {reply}");
                let error = &reply["error"];
                for text in [
                    &error["body"],
                    &error["trackingId"],
                    &error["headers"]["x-echo"][0],
                ] {
                    assert!(
                        text.as_str().unwrap().contains("[redacted]"),
                        "{form}: {reply}"
                    );
                }
                assert!(
                    reply["meta"]["requestId"]
                        .as_str()
                        .unwrap()
                        .contains("[redacted]")
                );
            }
        }
    }
    let log = sailpat::ops::about::take_log().into_bytes();
    assert!(!String::from_utf8_lossy(&log).contains(&secret));
}

#[tokio::test]
async fn no_header_or_id_of_a_success_shows_what_was_sent_or_made() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({"replyLog": true, "replyHeaders": true}));
    let secret = tenant.0.client_secret().to_owned();
    for form in forms(&secret) {
        let headers =
            json!({"x-echo": format!("a {form} b"), "slpt-request-id": form, "x-other": "stays"});
        tenant.fault(
            "list",
            json!({"status": 200, "body": "[]", "headers": headers}),
        );
        let reply = call(&client, "list", json!({})).await;
        assert_eq!(reply["ok"], true, "{reply}");
        assert!(!shows(&reply, &secret), "{form}: {reply}");
        let headers = &reply["meta"]["headers"];
        assert!(
            headers["x-echo"][0].as_str().unwrap().starts_with("a "),
            "{reply}"
        );
        assert_eq!(headers["x-other"], json!(["stays"]));
    }
    // The new secret stands in the data, and nowhere else.
    for made in [
        "0123456789abcdef".repeat(4),
        "another form of a secret".to_owned(),
    ] {
        for form in forms(&made) {
            let body = json!({"id": "a".repeat(32), "secret": made}).to_string();
            let headers = json!({"x-made": form, "slpt-request-id": form});
            tenant.fault(
                "create",
                json!({"status": 200, "body": body, "headers": headers}),
            );
            let reply = call(&client, "create", json!({"name": "n"})).await;
            assert_eq!(succeeded(reply.clone())["secret"], made.as_str());
            assert!(!shows(&reply, &made), "{form}: {reply}");
        }
    }
}

#[tokio::test]
async fn the_bearer_and_a_proxys_password_are_hidden_as_well() {
    let tenant = Tenant::new();
    let bearer = succeeded(call(&tenant.client(json!({})), "bearer", json!({})).await);
    let bearer = bearer["accessToken"].as_str().unwrap().to_owned();
    // The emulator answers as a proxy that is asked for everything does.
    let proxy =
        json!({"url": tenant.0.url(), "username": "user", "password": "planted-proxy-pass"});
    let client = client(&tenant.settings(json!({"proxy": proxy, "replyHeaders": true})));
    for secret in [bearer.as_str(), "planted-proxy-pass"] {
        for form in forms(secret) {
            let body = json!({"message": form}).to_string();
            tenant.fault(
                "list",
                json!({"status": 400, "body": body, "headers": {"x-echo": form}}),
            );
            let reply = call(&client, "list", json!({})).await;
            assert_eq!(code(&reply), "refused", "{reply}");
            assert!(!shows(&reply, secret), "{form}: {reply}");
        }
    }
}

#[tokio::test]
async fn a_secret_at_the_place_where_a_body_is_cut_is_not_shown_in_half() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    let secret = tenant.0.client_secret().to_owned();
    for inside in [8, secret.len() - 1] {
        let body = format!("{}{secret} and more", "-".repeat(256 * 1024 - inside));
        tenant.fault(
            "list",
            json!({"status": 400, "contentType": "text/plain", "body": body}),
        );
        let reply = call(&client, "list", json!({})).await;
        let shown = reply["error"]["body"].as_str().unwrap();
        assert!(
            shown.ends_with("-[redacted]"),
            "{}",
            &shown[shown.len() - 80..]
        );
    }
}

/// How many characters in a row of the secret any text of the reply shows.
fn shown(reply: &Value, secret: &str) -> usize {
    let (text, secret) = (reply.to_string().to_lowercase(), secret.to_lowercase());
    let longest = |start: usize| {
        let ends = (start + 1..=secret.len()).rev();
        let mut shown = ends.filter(|end| text.contains(&secret[start..*end]));
        shown.next().map_or(0, |end| end - start)
    };
    (0..secret.len()).map(longest).max().unwrap_or_default()
}

/// More than chance makes of hexadecimal digits, and too little for anybody.
const HARMLESS: usize = 11;

#[tokio::test]
async fn the_name_of_a_coding_or_charset_is_no_way_out() {
    for (kind, status) in [("list", 200), ("list", 400), ("token", 200), ("token", 400)] {
        let tenant = Tenant::new();
        let client = tenant.client(json!({"replyHeaders": true}));
        let secret = tenant.0.client_secret().to_owned();
        let mut all = vec![secret.clone(), STANDARD.encode(&secret)];
        if kind == "list" {
            let bearer = succeeded(call(&client, "bearer", json!({})).await);
            all.push(bearer["accessToken"].as_str().unwrap().to_owned());
        }
        for said in &all {
            for headers in [
                json!({"content-encoding": said}),
                json!({"content-type": format!("application/json; charset={said}")}),
                json!({"content-type": format!("application/json; charset=\"{}\"", &said[..38])}),
            ] {
                tenant.fault(
                    kind,
                    json!({"status": status, "body": "\u{0}", "headers": headers}),
                );
                let reply = call(&client, "list", json!({})).await;
                assert_eq!(reply["ok"], false, "{kind} {status} {headers}: {reply}");
                let message = reply["error"]["message"].as_str().unwrap();
                // A sign-in that is refused with words of its own says no more.
                let says = kind == "list" || status == 200;
                assert_eq!(message.contains("is not known"), says, "{headers}: {reply}");
                for hidden in &all {
                    let shown = shown(&reply, hidden);
                    assert!(shown <= HARMLESS, "{shown} of {headers}: {reply}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_piece_of_a_secret_is_hidden_wherever_it_stands() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({"replyHeaders": true}));
    let secret = tenant.0.client_secret().to_owned();
    let id = "0123456789abcdef".repeat(2);
    for (start, end) in [(0, 12), (0, 40), (34, 64), (20, 36), (1, 64)] {
        let piece = &secret[start..end];
        let headers =
            json!({"slpt-request-id": piece, "x-echo": format!("a {piece} b"), "x-id": id});
        tenant.fault(
            "list",
            json!({"status": 200, "body": "[]", "headers": headers}),
        );
        let reply = call(&client, "list", json!({})).await;
        assert_eq!(reply["ok"], true, "{reply}");
        assert_eq!(reply["meta"]["requestId"], "[redacted]");
        assert_eq!(
            reply["meta"]["headers"]["x-echo"],
            json!(["a [redacted] b"])
        );
        assert_eq!(reply["meta"]["headers"]["x-id"], json!([id]));
        let body = json!({"error": "invalid_client", "error_description": format!("bad secret {piece}"),
            "trackingId": id});
        let headers = json!({"location": format!("https://other.test/{piece}/?{piece}"),
            "www-authenticate": format!("Basic realm=\"{piece}\""), "slpt-request-id": piece});
        for status in [302, 400] {
            tenant.fault(
                "list",
                json!({"status": status, "body": body.to_string(), "headers": headers}),
            );
            let reply = call(&client, "list", json!({})).await;
            assert_eq!(reply["error"]["status"], status, "{reply}");
            let shown = shown(&reply, &secret);
            assert!(shown <= HARMLESS, "{shown} of {piece}: {reply}");
            assert_eq!(reply["error"]["trackingId"], id.as_str());
        }
    }
}

#[tokio::test]
async fn an_address_with_a_login_in_it_is_shown_without() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join(".sailpat");
    std::fs::create_dir(&state).unwrap();
    let book = json!({"profiles": {
        "one": {"baseUrl": "https://user:planted-word@a.test:8443/x?key=planted-word"},
        "two": {"baseUrl": "https://planted-word77!"},
    }});
    std::fs::write(state.join("profiles.json"), book.to_string()).unwrap();
    let mut settings =
        json!({"environment": {"HOME": folder.path()}, "workingDirectory": folder.path()});
    let listed = call(&crate::support::client(&settings), "profiles", json!({})).await;
    assert!(!listed.to_string().contains("planted"), "{listed}");
    assert!(
        listed.to_string().contains(r#""https://a.test:8443/x""#),
        "{listed}"
    );
    // Two places with an address each, one of them not what it should be.
    for url in [
        "https://user:planted-word@a.test",
        "https://planted-word77!",
    ] {
        settings["environment"]["SAIL_BASE_URL"] = json!(url);
        settings["clientId"] = json!("a".repeat(32));
        settings["clientSecret"] = json!("b".repeat(64));
        let reply = call(&crate::support::client(&settings), "list", json!({})).await;
        assert_eq!(code(&reply), "settings_invalid", "{reply}");
        assert!(!reply.to_string().contains("planted"), "{reply}");
    }
}
