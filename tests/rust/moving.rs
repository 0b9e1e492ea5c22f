//! A profile that moves to another tenant, and profile_set within its time.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Tenant, call, client, code, message, succeeded};

/// Longer than anything here takes, and shorter than what a call without a limit waits for.
const BOUND: Duration = Duration::from_secs(15);

/// A profile whose pair a command keeps.
struct Home {
    folder: tempfile::TempDir,
    ours: Tenant,
    theirs: Tenant,
}

impl Home {
    fn new() -> Self {
        let home = Home {
            folder: tempfile::tempdir().unwrap(),
            ours: Tenant::new(),
            theirs: Tenant::new(),
        };
        let script = r#"#!/bin/sh
cd "${0%/*}"
IFS= read -r request
case $request in
  *'"action":"store"'*)
    printf '%s\n' "$request" > vault
    : > stored
    while [ -e hold ]; do sleep 0.01; done
    [ ! -e fails ] || exit 1
    echo '{}' ;;
  *'"action":"read"'*)
    : > asked
    while [ -e hold-read ]; do sleep 0.01; done
    cat vault 2>/dev/null || echo '{}' ;;
  *) echo '{}' ;;
esac
"#;
        std::fs::write(home.at("store.sh"), script).unwrap();
        home
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn touch(&self, name: &str) {
        std::fs::write(self.at(name), "").unwrap();
    }

    fn settings(&self, extra: Value) -> Value {
        let folder = self.folder.path();
        let mut settings = json!({"rateLimit": null, "environment": {"HOME": folder},
            "workingDirectory": folder});
        if let (Some(settings), Value::Object(extra)) = (settings.as_object_mut(), extra) {
            settings.extend(extra);
        }
        settings
    }

    fn source(&self) -> Value {
        json!({"command": ["sh", self.at("store.sh")], "commandTimeoutMs": 20_000})
    }

    async fn set(&self, request: Value) -> Value {
        call(&client(&self.settings(json!({}))), "profile_set", request).await
    }

    fn moved_to(&self, tenant: &Tenant) -> Value {
        json!({"name": "p", "baseUrl": tenant.0.url(), "source": self.source(),
            "clientId": tenant.0.client_id(), "clientSecret": tenant.0.client_secret()})
    }

    /// The profile is ours.
    async fn settled() -> Self {
        let home = Home::new();
        succeeded(home.set(home.moved_to(&home.ours)).await);
        std::fs::remove_file(home.at("stored")).unwrap();
        home
    }

    /// A list by a client that never asked before.
    async fn listed(&self, extra: Value) -> Value {
        let client = client(&self.settings(extra));
        call(&client, "list", json!({"ownerId": "me"})).await
    }

    fn nobody_was_asked(&self) {
        for tenant in [&self.ours, &self.theirs] {
            assert_eq!((tenant.count("token"), tenant.count("list")), (0, 0));
        }
    }

    fn book(&self) -> Value {
        let text = std::fs::read_to_string(self.at(".sailpat/profiles.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

async fn is_there(path: &Path) {
    let begun = Instant::now();
    while !path.exists() {
        assert!(begun.elapsed() < BOUND, "{} never came", path.display());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Every way to use the profile, with its own addresses and with others.
async fn is_refused_everywhere(home: &Home) {
    let variables =
        |tenant: &Tenant| json!({"HOME": home.folder.path(), "SAIL_BASE_URL": tenant.0.url()});
    for extra in [
        json!({"profile": "p"}),
        json!({"profile": "P", "baseUrl": home.ours.0.url()}),
        json!({"profile": "p", "environment": variables(&home.ours)}),
        json!({}),
        json!({"environment": variables(&home.ours)}),
        json!({"environment": variables(&home.theirs)}),
    ] {
        let reply = home.listed(extra.clone()).await;
        assert_eq!(code(&reply), "state_failed", "{extra}: {reply}");
        assert!(message(&reply).contains("is being changed"), "{reply}");
        let remedy = reply["error"]["remedy"].as_str().unwrap();
        assert!(remedy.contains("clientId and clientSecret"), "{remedy}");
    }
    home.nobody_was_asked();
}

#[tokio::test]
async fn while_a_profile_moves_nobody_sends_the_new_pair_to_the_old_tenant() {
    let home = Home::settled().await;
    succeeded(home.set(json!({"name": "p", "default": true})).await);
    home.touch("hold");
    let moves = home.set(home.moved_to(&home.theirs));
    let meanwhile = async {
        is_there(&home.at("stored")).await;
        is_refused_everywhere(&home).await;
        let profiles = call(&client(&home.settings(json!({}))), "profiles", json!({})).await;
        assert_eq!(profiles["data"][0]["baseUrl"], Value::Null);
        let note = profiles["meta"]["note"].as_str().unwrap();
        assert!(note.contains("profile p") && note.contains("is being changed"));
        std::fs::remove_file(home.at("hold")).unwrap();
    };
    let (moved, ()) = tokio::join!(moves, meanwhile);
    succeeded(moved);
    succeeded(home.listed(json!({"profile": "p"})).await);
    assert_eq!(
        (home.ours.count("token"), home.theirs.count("list")),
        (0, 1)
    );
}

#[tokio::test]
async fn a_move_whose_store_fails_leaves_a_profile_that_refuses_until_it_is_set_anew() {
    let home = Home::settled().await;
    succeeded(
        home.set(json!({"name": "p", "default": true, "apiVersion": "v2025"}))
            .await,
    );
    home.touch("fails");
    let reply = home.set(home.moved_to(&home.theirs)).await;
    assert_eq!(code(&reply), "store_failed");
    assert!(message(&reply).contains("profile p"), "{reply}");
    is_refused_everywhere(&home).await;
    std::fs::remove_file(home.at("fails")).unwrap();
    // Whose pair is stored is not known: it is not named anew without one.
    for request in [
        json!({"name": "p", "baseUrl": home.ours.0.url()}),
        json!({"name": "p", "baseUrl": home.theirs.0.url(), "source": home.source()}),
        json!({"name": "p", "default": false}),
        json!({"name": "p", "clientId": "i", "clientSecret": "s"}),
    ] {
        let reply = home.set(request).await;
        assert_eq!(code(&reply), "state_failed", "{reply}");
    }
    is_refused_everywhere(&home).await;
    let mut request = home.moved_to(&home.ours);
    request.as_object_mut().unwrap().remove("source");
    succeeded(home.set(request).await);
    succeeded(home.listed(json!({})).await);
    assert_eq!(
        (home.ours.count("list"), home.theirs.count("token")),
        (1, 0)
    );
    let kept =
        json!({"baseUrl": home.ours.0.url(), "source": home.source(), "apiVersion": "v2025"});
    assert_eq!(home.book()["profiles"]["p"], kept);
}

#[tokio::test]
async fn a_profile_that_was_left_half_changed_can_be_removed() {
    let home = Home::settled().await;
    home.touch("fails");
    assert_eq!(
        code(&home.set(home.moved_to(&home.theirs)).await),
        "store_failed"
    );
    let plain = client(&home.settings(json!({})));
    let removed = succeeded(call(&plain, "profile_remove", json!({"name": "p"})).await);
    assert_eq!(removed["name"], "p");
    assert_eq!(
        code(&home.listed(json!({"profile": "p"})).await),
        "profile_unknown"
    );
}

/// The profile was read before it moved, and its store after that.
#[tokio::test]
async fn a_call_that_asks_the_store_while_the_profile_moves_sends_nothing_to_the_old_tenant() {
    let home = Home::settled().await;
    std::fs::remove_file(home.at("asked")).unwrap();
    home.touch("hold-read");
    let lists = home.listed(json!({"profile": "p"}));
    let moves = async {
        is_there(&home.at("asked")).await;
        home.set(home.moved_to(&home.theirs)).await
    };
    let release = async {
        is_there(&home.at("stored")).await;
        std::fs::remove_file(home.at("hold-read")).unwrap();
    };
    let (reply, moved, ()) = tokio::join!(lists, moves, release);
    succeeded(moved);
    assert_eq!(home.ours.count("token"), 0, "{reply}");
}

/// Nothing was stored for sure, so nothing is taken out of use.
#[tokio::test]
async fn a_move_to_a_store_that_cannot_take_the_pair_changes_nothing() {
    let home = Home::settled().await;
    let before = home.book();
    let mut request = home.moved_to(&home.theirs);
    request["source"] = json!({"command": ["sh", "-c", "exit 3"]});
    assert_eq!(code(&home.set(request).await), "store_failed");
    assert_eq!(home.book(), before);
    succeeded(home.listed(json!({"profile": "p"})).await);
    assert_eq!(home.ours.count("list"), 1);
}

/// The new pair of the same tenant goes nowhere else, whatever becomes of it.
#[tokio::test]
async fn a_new_pair_of_the_same_tenant_keeps_the_profile_in_use() {
    let home = Home::settled().await;
    home.touch("fails");
    assert_eq!(
        code(&home.set(home.moved_to(&home.ours)).await),
        "store_failed"
    );
    succeeded(home.listed(json!({"profile": "p"})).await);
}

/// Another holder of the lock, as another process is one.
fn held(home: &Home) -> std::fs::File {
    let lock = std::fs::File::create(home.at(".sailpat/profiles.lock")).unwrap();
    lock.lock().unwrap();
    lock
}

#[tokio::test]
async fn waiting_for_the_lock_of_profiles_ends_with_the_calls_time() {
    let home = Home::settled().await;
    let before = home.book();
    let _held = held(&home);
    let mut request = home.moved_to(&home.theirs);
    request["timeoutMs"] = json!(300);
    let settings = home.settings(json!({"timeoutMs": 300}));
    for (settings, operation, request) in [
        (home.settings(json!({})), "profile_set", request.clone()),
        (
            settings.clone(),
            "profile_set",
            json!({"name": "p", "apiVersion": "v1"}),
        ),
        (settings, "profile_remove", json!({"name": "p"})),
    ] {
        let begun = Instant::now();
        let reply = call(&client(&settings), operation, request).await;
        assert!(begun.elapsed() < BOUND, "{operation}");
        assert_eq!(code(&reply), "timeout", "{reply}");
        assert!(message(&reply).contains("profiles.lock"), "{reply}");
        assert!(message(&reply).contains("nothing was changed"), "{reply}");
        assert_eq!(reply["error"]["retryable"], true);
    }
    assert_eq!(home.book(), before);
}

#[tokio::test]
async fn a_store_that_is_only_asked_ends_with_the_calls_time_and_nothing_is_changed() {
    let home = Home::settled().await;
    let before = home.book();
    home.touch("hold-read");
    let begun = Instant::now();
    let reply = home
        .set(json!({"name": "p", "baseUrl": home.theirs.0.url(), "timeoutMs": 300}))
        .await;
    assert!(begun.elapsed() < BOUND);
    assert_eq!(code(&reply), "timeout", "{reply}");
    assert!(message(&reply).contains("command sh"), "{reply}");
    std::fs::remove_file(home.at("hold-read")).unwrap();
    // The lock is free once the work that nobody waits for has ended: it wrote nothing.
    succeeded(
        home.set(json!({"name": "q", "baseUrl": home.ours.0.url()}))
            .await,
    );
    assert_eq!(home.book()["profiles"]["p"], before["profiles"]["p"]);
}

/// A store at work decides nothing: the call waits for it, past its own time.
#[tokio::test]
async fn a_store_that_is_written_to_has_its_own_limit() {
    let home = Home::settled().await;
    home.touch("hold");
    let mut request = home.moved_to(&home.theirs);
    request["timeoutMs"] = json!(2_000);
    let sets = home.set(request);
    let meanwhile = async {
        is_there(&home.at("stored")).await;
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        std::fs::remove_file(home.at("hold")).unwrap();
    };
    let (reply, ()) = tokio::join!(sets, meanwhile);
    succeeded(reply);
}
