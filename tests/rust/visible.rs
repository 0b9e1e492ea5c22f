//! What others say, in a name, a reply or a path, reaches people as characters to read, never as orders to their
//! terminal.

use sailpat::client::settings::Settings;
use serde_json::{Value, json};

use crate::support::{Tenant, call, client, code, message, succeeded};

/// Title, bell, colour, a line of its own, C1's way to say the same, and a text that reads backwards.
const EVIL: &str = "a\u{1b}]0;t\u{7}\u{1b}[31m\r\nok\u{85}\u{9b}2J\u{7f}\u{202e}b\u{2028}";

fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Fails where a text for people holds what a terminal would obey; gives back how many texts there were.
fn visible(reply: &Value) -> usize {
    match reply {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                (
                    "message" | "remedy" | "note" | "field" | "found" | "trackingId",
                    Value::String(text),
                ) => {
                    assert!(!text.chars().any(is_hidden), "{name}: {text:?}");
                    1
                }
                ("log", Value::Array(lines)) => {
                    let hidden = |line: &Value| {
                        line.as_str()
                            .is_some_and(|line| line.chars().any(is_hidden))
                    };
                    assert!(!lines.iter().any(hidden), "{lines:?}");
                    lines.len()
                }
                (_, value) => visible(value),
            })
            .sum(),
        Value::Array(values) => values.iter().map(visible).sum(),
        _ => 0,
    }
}

#[tokio::test]
async fn the_services_words_are_read_and_not_obeyed() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({"replyLog": true, "replyHeaders": true}));
    let body = json!({"messages": [{"text": EVIL}], "trackingId": EVIL}).to_string();
    for (content, body) in [("application/json", body.as_str()), ("text/plain", EVIL)] {
        let fault = json!({"status": 400, "contentType": content, "body": body});
        tenant.fault("list", fault);
        let reply = call(&client, "list", json!({"ownerId": "me"})).await;
        assert_eq!(code(&reply), "refused", "{reply}");
        assert!(visible(&reply) > 2, "{reply}");
        let shown = reply["error"]["body"].as_str().unwrap();
        let kept = |c: char| matches!(c, '\r' | '\n' | '\t');
        assert!(
            !shown.chars().any(|c| is_hidden(c) && !kept(c)),
            "{shown:?}"
        );
        if content == "application/json" {
            assert!(
                message(&reply).contains("a\\u001b]0;t\\u0007"),
                "{}",
                message(&reply)
            );
            let read: Value = serde_json::from_str(shown).unwrap();
            assert_eq!(read["messages"][0]["text"], EVIL);
        } else {
            assert!(shown.contains("\r\nok\\u0085"), "{shown:?}");
        }
    }
}

#[tokio::test]
async fn names_paths_and_commands_are_read_and_not_obeyed() {
    let tenant = Tenant::new();
    tenant.fault("create", json!({"drop": "afterCommit"}));
    let plain = tenant.client(json!({"replyLog": true}));
    let lost = call(&plain, "create", json!({"name": EVIL})).await;
    assert_eq!(code(&lost), "create_lost");
    assert_eq!(lost["error"]["orphan"]["name"], EVIL, "data stays as it is");
    assert!(visible(&lost) > 2, "{lost}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a\u{202e}b");
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("config.json"), "{").unwrap();
    let mut settings = json!({"environment": {}, "workingDirectory": path, "stateFolder": path});
    let missing = call(&client(&settings), "list", json!({})).await;
    assert!(
        message(&missing).contains("a\\u202eb"),
        "{}",
        message(&missing)
    );
    visible(&missing);
    let report = succeeded(call(&client(&settings), "doctor", json!({"offline": true})).await);
    assert!(visible(&report) > 5, "{report}");
    settings["profile"] = json!(EVIL);
    let unknown = call(&client(&settings), "list", json!({})).await;
    assert_eq!(code(&unknown), "profile_unknown");
    visible(&unknown);

    let unknown = call(&plain, "list", json!({EVIL: 1})).await;
    assert!(
        unknown["error"]["field"]
            .as_str()
            .unwrap()
            .starts_with("a\\u001b")
    );
    visible(&unknown);
    let filter = call(&plain, "list", json!({"filters": format!("{EVIL} isnull")})).await;
    visible(&filter);
    let wrong = Settings::parse(&json!({EVIL: 1}).to_string()).unwrap_err();
    let refused = sailpat::ops::envelope::refused(&wrong);
    visible(&serde_json::from_slice(&refused.into_bytes()).unwrap());
}

#[cfg(unix)]
#[tokio::test]
async fn a_commands_words_are_read_and_not_obeyed() {
    let tenant = Tenant::new();
    let error = json!({"error": EVIL});
    let script = format!("printf '%s' '{error}'; exit 3");
    let source = json!({"command": ["sh", "-c", script]});
    let settings = json!({"clientId": null, "clientSecret": null, "source": source});
    let reply = call(&tenant.client(settings), "list", json!({})).await;
    assert_eq!(code(&reply), "store_failed");
    assert!(message(&reply).contains("\\u202eb"), "{}", message(&reply));
    visible(&reply);
}
