//! External commands as stores: what they say of a secret, how they end, and what they go on doing.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use sailpat::lifecycle::rotation::lock as lock_of;
use sailpat::store::{Over, Pair, Store, lock};
use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::again;
use crate::support::{Tenant, call, client, code, message, succeeded};

const STORE: &str = "*store*) printf %s \"$l\" >\"$0/kept\"; echo '{}';; *check*) echo '{}';; *read*) cat \"$0/kept\";; esac";

struct House {
    tenant: Tenant,
    folder: TempDir,
}

impl House {
    /// A tenant whose pair a command keeps, as `$0/kept`.
    fn new() -> Self {
        // Enters the library as every caller does: it learns there how a child is prepared.
        assert!(sailpat::ffi::exports::pat_abi_version() > 0);
        let reply = sailpat::ffi::exports::pat_version();
        assert_eq!(crate::door::read(reply)["ok"], true);
        let house = House {
            tenant: Tenant::new(),
            folder: tempfile::tempdir().unwrap(),
        };
        let pair = json!({
            "clientId": house.tenant.0.client_id(), "clientSecret": house.tenant.0.client_secret(),
        });
        std::fs::write(house.at("kept"), pair.to_string()).unwrap();
        house
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, cases: &str) -> Value {
        let script = format!("read -r l; case $l in {cases}");
        json!({"command": ["/bin/sh", "-c", script, self.folder.path()], "commandTimeoutMs": 20_000})
    }

    /// A client whose pair the command gives.
    fn client(&self, source: Value) -> std::sync::Arc<sailpat::client::Client> {
        client(&json!({
            "baseUrl": self.tenant.0.url(), "stateFolder": self.at("state"), "rateLimit": null,
            "retryIntervalSeconds": 0.01, "environment": {}, "workingDirectory": self.folder.path(),
            "source": source,
        }))
    }

    fn kept_secret(&self) -> String {
        let kept: Value = serde_json::from_slice(&std::fs::read(self.at("kept")).unwrap()).unwrap();
        kept["clientSecret"].as_str().unwrap().to_owned()
    }

    fn journals(&self) -> String {
        let entries = std::fs::read_dir(self.at("state/rotations")).unwrap();
        let paths = entries.flatten().map(|entry| entry.path());
        paths
            .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    }
}

fn until(what: &str, so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !so() {
        assert!(Instant::now() < end, "{what} did not come about");
        std::thread::yield_now();
    }
}

/// So much of a secret tells it from other words.
fn shows(text: &str, secret: &str) -> bool {
    let mut pieces = secret.as_bytes().windows(8);
    pieces.any(|piece| text.contains(std::str::from_utf8(piece).unwrap()))
}

/// Writes the secret that a command is given to the file `seen`, and on.
const SECRET: &str = "printf %s \"$l\" | sed 's/.*clientSecret\":\"//;s/\".*//' | tee \"$0/seen\"";

#[tokio::test]
async fn no_store_shows_the_secret_in_a_message_or_a_journal() {
    for says in [
        format!("printf %-470s x; {SECRET}"),
        format!("{SECRET} | cut -c 1-61"),
        format!("{SECRET} | fold -w 30"),
        format!("{SECRET} | base64"),
    ] {
        let house = House::new();
        let store = house.command(&format!("*store*) ({says}) >&2; exit 1;; {STORE}"));
        let reply = call(&house.client(store), "rotate", json!({})).await;
        assert_eq!(code(&reply), "store_failed", "{reply}");
        assert!(message(&reply).contains("[secret]"), "{reply}");
        let secret = std::fs::read_to_string(house.at("seen")).unwrap();
        assert_eq!(secret.trim().len(), 64);
        for said in [reply.to_string(), house.journals()] {
            assert!(said.len() > 64 && !shows(&said, secret.trim()), "{said}");
        }
    }
}

#[tokio::test]
async fn no_read_shows_the_secret_in_a_message_or_a_journal() {
    for says in [
        "cat \"$0/kept\" >&2",
        "head -c 130 \"$0/kept\"; head -c 130 \"$0/kept\" >&2",
        "tr -d '{}' <\"$0/kept\"",
    ] {
        let house = House::new();
        let secret = house.kept_secret();
        // It fails when the new pair is read back.
        let cases = format!(
            "*store*) touch \"$0/stored\"; echo '{{}}';; *read*) if [ -e \"$0/stored\" ]; then {says}; exit 1; fi; cat \"$0/kept\";; *) echo '{{}}';; esac"
        );
        let reply = call(&house.client(house.command(&cases)), "rotate", json!({})).await;
        assert_eq!(reply["ok"], false);
        assert!(
            message(&reply).contains("failed (exit status: 1)"),
            "{reply}"
        );
        for said in [reply.to_string(), house.journals()] {
            assert!(said.len() > 64 && !shows(&said, &secret), "{said}");
        }
    }
}

#[test]
fn a_host_that_ignores_sigchld_has_stores_that_work() {
    let test = "commands::a_host_that_ignores_sigchld_has_stores_that_work";
    if again::is_inside() {
        let ended = std::process::Command::new("true").status();
        assert!(ended.is_err(), "its end can be seen: {ended:?}");
        return inside(stores_work());
    }
    assert!(again::run(again::WITHOUT_SIGCHLD, test).success());
}

#[test]
fn a_host_that_waits_for_every_child_has_stores_that_work() {
    let test = "commands::a_host_that_waits_for_every_child_has_stores_that_work";
    if again::is_inside() {
        std::thread::spawn(|| {
            loop {
                // It takes every child's end, and the library's among them.
                let _ = rustix::process::wait(rustix::process::WaitOptions::empty());
                std::thread::yield_now();
            }
        });
        return inside(stores_work());
    }
    assert!(again::run(again::PLAIN, test).success());
}

fn inside(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work);
}

async fn stores_work() {
    let house = House::new();
    let store = house.command(STORE);
    let client = || house.client(store.clone());
    let begun = Instant::now();
    let rotation = succeeded(call(&client(), "rotate", json!({})).await);
    assert_eq!(rotation["state"], "done", "{rotation}");
    assert!(begun.elapsed() < Duration::from_secs(15));
    // A store that says nothing may have failed; what it wrote counts for nothing without a word.
    let silent = house.command("*store*) exit 4;; *check*) echo '{}';; *read*) echo '{}';; esac");
    let reply = call(&client(), "rotate", json!({"storeIn": silent})).await;
    assert_eq!(code(&reply), "store_failed", "{reply}");
    let text = message(&reply);
    assert!(
        text.contains("SIGCHLD") || text.contains("exit status: 4"),
        "{reply}"
    );
    // Nor is "nothing is stored", said with a complaint.
    let complaining =
        house.command("*check*) echo '{}';; *) echo '{}'; echo sealed >&2; exit 1;; esac");
    let reply = call(&client(), "rotate", json!({"storeIn": complaining})).await;
    assert_eq!(code(&reply), "store_failed", "{reply}");
    let text = message(&reply);
    assert!(
        text.contains("SIGCHLD") || text.contains("exit status: 1"),
        "{reply}"
    );
    let missing = json!({"command": ["/nonexistent/store"]});
    let reply = call(&client(), "rotate", json!({"storeIn": missing})).await;
    assert!(message(&reply).contains("cannot be started"), "{reply}");
    assert_eq!(house.tenant.names().len(), 1);
}

fn slow(folder: &Path) -> Store {
    let script = "read -r l; echo >\"$0/began\"; until [ -e \"$0/go\" ]; do sleep 0.02; done; printf %s \"$l\" >\"$0/late\"; echo '{}'";
    let json = json!({"command": ["/bin/sh", "-c", script, folder]});
    let fields = json.to_string();
    let fields = sailpat::api::fields::Fields::of_request(&fields).unwrap();
    Store::parse(fields, None, None).unwrap()
}

#[test]
fn whoever_comes_after_a_killed_host_sees_that_its_command_still_stores() {
    let test = "commands::whoever_comes_after_a_killed_host_sees_that_its_command_still_stores";
    if again::is_inside() {
        let folder = PathBuf::from(std::env::var_os("SAILPAT_TEST_FOLDER").unwrap());
        let _house = House::new();
        let pair = Pair::new("id", Zeroizing::new("planted".to_owned()));
        let guard = lock_of::storing_path(&folder, "r");
        let _ = slow(&folder).write_guarded(&pair, "https://t", Over::Anything, Some(&guard));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let still = || lock_of::still_storing(folder.path(), "r").unwrap();
    assert!(!still());
    let mut host = again::prepared(again::PLAIN, test)
        .env("SAILPAT_TEST_FOLDER", folder.path())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the command", || folder.path().join("began").exists());
    assert!(still());
    host.kill().unwrap();
    host.wait().unwrap();
    assert!(still());
    lock_of::forget_storing(folder.path(), "r").unwrap();
    assert!(still());
    assert!(!folder.path().join("late").exists());
    std::fs::write(folder.path().join("go"), "").unwrap();
    until("the command's end", || !still());
    assert!(folder.path().join("late").exists());
    lock_of::forget_storing(folder.path(), "r").unwrap();
    assert!(!lock_of::storing_path(folder.path(), "r").exists());
    assert!(!lock::is_held(&lock_of::storing_path(folder.path(), "r")).unwrap());
}

#[tokio::test]
async fn a_pair_in_a_command_is_rotated_twice_and_undone_by_one_client() {
    let house = House::new();
    let text = "read -r l; case $l in *store*) printf %s \"$l\" >\"$0/kept\"; echo '{}';; *read*) cat \"$0/kept\";; esac";
    let source = json!({"command": ["/bin/sh", "-c", text, house.folder.path()]});
    let client = house.client(source);
    for _ in 0..2 {
        let rotation = succeeded(call(&client, "rotate", json!({})).await);
        assert_eq!(rotation["state"], "done");
    }
    let rotation = succeeded(call(&client, "rotate", json!({"overlapSeconds": 60})).await);
    let undone = call(
        &client,
        "rotation_undo",
        json!({"rotation": rotation["rotation"]}),
    )
    .await;
    assert_eq!(succeeded(undone)["state"], "undone");
    assert_eq!(house.tenant.names().len(), 1);
    assert!(call(&client, "list", json!({"ownerId": "me"})).await["ok"] == true);
}
