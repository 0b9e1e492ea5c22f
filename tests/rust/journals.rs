//! What is found in the state folder: told where it cannot be read, refused where others can have written it.

use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sailpat::client::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::again;
use crate::support::{Tenant, call, client, code, message, succeeded};

struct House {
    tenant: Tenant,
    folder: TempDir,
}

impl House {
    fn new() -> Self {
        let house = House {
            tenant: Tenant::new(),
            folder: tempfile::tempdir().unwrap(),
        };
        let pair = json!({
            "BaseURL": house.tenant.0.url(), "ClientId": house.tenant.0.client_id(),
            "ClientSecret": house.tenant.0.client_secret(),
        });
        fs::write(house.file(), pair.to_string()).unwrap();
        house
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("config.json")
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn rotations(&self) -> PathBuf {
        self.state().join("rotations")
    }

    fn client_with(&self, extra: &Value) -> Arc<Client> {
        let mut settings = json!({
            "baseUrl": self.tenant.0.url(), "stateFolder": self.state(), "rateLimit": null,
            "retryIntervalSeconds": 0.01, "environment": {}, "workingDirectory": self.folder.path(),
            "source": {"file": self.file()},
        });
        let extra = extra.as_object().unwrap().clone();
        settings.as_object_mut().unwrap().extend(extra);
        client(&settings)
    }

    fn client(&self) -> Arc<Client> {
        self.client_with(&json!({}))
    }

    fn make_rotations(&self) {
        fs::create_dir_all(self.rotations()).unwrap();
    }

    fn journal(&self, rotation: &str, changes: &Value) -> String {
        let mut begin = json!({
            "time": "2026-11-24T11:33:55.000Z", "step": "begin", "rotation": rotation, "kind": "rotation",
            "baseUrl": self.tenant.0.url(), "apiVersion": "v2024", "name": "n",
            "oldId": self.tenant.0.client_id(), "storeIn": {"file": self.file(), "format": "json"},
            "backup": null, "overlapSeconds": 0,
        });
        let changes = changes.as_object().unwrap().clone();
        begin.as_object_mut().unwrap().extend(changes);
        format!("{begin}\n")
    }

    fn plant(&self, rotation: &str, text: &str) -> PathBuf {
        let path = self.rotations().join(format!("{rotation}.jsonl"));
        fs::write(&path, text).unwrap();
        path
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn made_nothing(house: &House) -> bool {
    house.tenant.count("create") == 0 && house.tenant.count("delete") == 0
}

/// Only root can give a file away.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[tokio::test]
async fn what_cannot_be_read_is_listed_and_told_by_the_doctor() {
    let house = House::new();
    house.make_rotations();
    let other = json!({"oldId": "other", "name": "other"});
    let mut newer = other.clone();
    newer["kind"] = json!("revolution");
    house.plant("newer", &house.journal("newer", &newer));
    house.plant("known", &house.journal("known", &other));
    house.plant("moved", &house.journal("another", &other));
    fs::create_dir(house.rotations().join("folder.jsonl")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", house.rotations().join("link.jsonl")).unwrap();
    let fifo = house.rotations().join("fifo.jsonl");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    let huge = house.plant("huge", &house.journal("huge", &other));
    let file = fs::OpenOptions::new().append(true).open(&huge).unwrap();
    file.set_len(300 * 1024 * 1024).unwrap();
    let begun = Instant::now();
    let client = house.client();
    let list = succeeded(call(&client, "rotation_list", json!({})).await);
    let shown: Vec<(&str, &str)> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["rotation"].as_str().unwrap(),
                one["state"].as_str().unwrap(),
            )
        })
        .collect();
    let unreadable = ["newer", "moved", "link", "huge", "folder", "fifo"];
    let unreadable = unreadable.map(|rotation| (rotation, "unreadable"));
    assert_eq!(shown[..6], unreadable);
    assert_eq!(shown[6..], [("known", "begun")]);
    for one in &list.as_array().unwrap()[..6] {
        assert!(!one["problem"].as_str().unwrap().is_empty(), "{one}");
        assert!(!one["next"].as_str().unwrap().is_empty(), "{one}");
        assert_eq!(
            (&one["finished"], &one["baseUrl"]),
            (&json!(false), &Value::Null)
        );
    }
    let report = succeeded(call(&client, "doctor", json!({"offline": true})).await);
    let checks = report["checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["check"] == "rotations")
        .unwrap();
    assert_eq!(check["state"], "warning", "{check}");
    for (rotation, _) in unreadable {
        let file = format!("{rotation}.jsonl cannot be read as a journal");
        assert!(check["found"].as_str().unwrap().contains(&file), "{check}");
    }
    // None of them is about the token in use.
    assert_eq!(
        succeeded(call(&client, "rotate", json!({})).await)["state"],
        "done"
    );
    assert!(begun.elapsed() < Duration::from_secs(20));
    let resume = call(&client, "rotation_resume", json!({"rotation": "newer"})).await;
    assert_eq!(code(&resume), "state_failed");
    assert!(message(&resume).contains("newer.jsonl"), "{resume}");
}

#[tokio::test]
async fn a_journal_that_may_be_about_the_token_stops_its_rotation() {
    for (text, problem) in [
        (json!({"kind": "revolution"}), "begins in a way"),
        (json!(null), "first line is damaged"),
    ] {
        let house = House::new();
        house.make_rotations();
        let planted = match text.is_null() {
            true => "{\"time\":\n{\"time\":\"t\",\"step\":\"verified\"}\n".to_owned(),
            false => house.journal("r", &text),
        };
        let path = house.plant("r", &planted);
        let client = house.client();
        let reply = call(&client, "rotate", json!({})).await;
        assert_eq!(code(&reply), "rotation_refused");
        for words in [path.to_str().unwrap(), problem, "nothing was changed"] {
            assert!(message(&reply).contains(words), "{reply}");
        }
        assert!(made_nothing(&house));
        fs::rename(&path, house.folder.path().join("away")).unwrap();
        assert_eq!(
            succeeded(call(&client, "rotate", json!({})).await)["state"],
            "done"
        );
    }
}

#[tokio::test]
async fn what_others_can_write_is_refused_before_it_is_believed() {
    let steps = "{\"time\":\"t\",\"step\":\"undoing\",\"reason\":\"planted\"}\n";
    for (what, bits) in [
        ("", 0o777),
        ("rotations", 0o770),
        ("rotations/r.jsonl", 0o666),
    ] {
        let house = House::new();
        house.make_rotations();
        let ran = house.folder.path().join("ran");
        let command =
            json!({"storeIn": {"command": ["/bin/sh", "-c", format!("touch {}", ran.display())]}});
        let planted = house.journal("r", &command);
        house.plant("r", &format!("{planted}{steps}"));
        let open = house.state().join(what);
        mode(&open, bits);
        for (operation, request) in [
            ("rotate", json!({})),
            ("rotation_resume", json!({"rotation": "r"})),
            ("rotation_undo", json!({"rotation": "r"})),
        ] {
            let reply = call(&house.client(), operation, request).await;
            assert_eq!(reply["ok"], false, "{operation} {what}");
            let words = format!("mode {bits:o}");
            assert!(message(&reply).contains(&words), "{reply}");
            assert!(message(&reply).contains("(user "), "{reply}");
        }
        assert!(made_nothing(&house) && !ran.exists(), "{what}");
        let report = succeeded(call(&house.client(), "doctor", json!({"offline": true})).await);
        assert!(
            report.to_string().contains(&format!("mode {bits:o}")),
            "{report}"
        );
    }
}

#[tokio::test]
async fn the_copy_of_an_old_pair_that_others_can_write_is_not_believed() {
    let house = House::new();
    house.make_rotations();
    let copy = house.rotations().join("r.old");
    fs::write(&copy, "{}").unwrap();
    mode(&copy, 0o606);
    let backup = json!({"backup": {"file": copy, "format": "json"}});
    house.plant("r", &house.journal("r", &backup));
    let reply = call(&house.client(), "rotation_undo", json!({"rotation": "r"})).await;
    assert_eq!(code(&reply), "state_failed");
    assert!(message(&reply).contains("mode 606"), "{reply}");
    mode(&copy, 0o600);
    let reply = call(&house.client(), "rotation_undo", json!({"rotation": "r"})).await;
    assert_eq!(succeeded(reply)["state"], "undone");
}

#[tokio::test]
async fn root_uses_no_folder_in_the_home_of_another_user() {
    if !is_root() {
        return;
    }
    let house = House::new();
    let home = house.folder.path().join("home");
    fs::create_dir(&home).unwrap();
    chown(&home, Some(54_321), None).unwrap();
    let client = client(&json!({
        "baseUrl": house.tenant.0.url(), "rateLimit": null, "environment": {"HOME": home},
        "workingDirectory": house.folder.path(), "source": {"file": house.file()}, "changeLog": true,
    }));
    let profile = json!({"name": "p", "baseUrl": "https://t.api.identitynow.com"});
    for (operation, request) in [
        ("rotate", json!({})),
        ("create", json!({"name": "x"})),
        ("profile_set", profile),
    ] {
        let reply = call(&client, operation, request).await;
        assert_eq!(code(&reply), "state_failed", "{operation}");
        assert!(message(&reply).contains("belongs to user 54321"), "{reply}");
        let remedy = reply["error"]["remedy"].as_str().unwrap();
        assert!(remedy.contains("sudo -H"), "{reply}");
    }
    assert!(!home.join(".sailpat").exists() && made_nothing(&house));
}

#[test]
fn a_folder_that_another_user_left_is_told_with_its_owner() {
    let test = "journals::a_folder_that_another_user_left_is_told_with_its_owner";
    if again::is_inside() {
        let state = std::env::var("SAILPAT_TEST_FOLDER").unwrap();
        return inside(async {
            let client = client(&json!({"stateFolder": state, "environment": {}}));
            let reply = call(&client, "rotation_list", json!({})).await;
            assert_eq!(code(&reply), "state_failed");
            let owner = format!("({state} belongs to root (user 0), mode 700)");
            assert!(message(&reply).contains(&owner), "{reply}");
        });
    }
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    mode(folder.path(), 0o755);
    let state = folder.path().join("state");
    fs::create_dir_all(state.join("rotations")).unwrap();
    mode(&state, 0o700);
    // As sudo leaves it that kept HOME: root's, in the user's home.
    let mut user = again::prepared(again::PLAIN, test);
    user.uid(54_321).env("SAILPAT_TEST_FOLDER", &state);
    assert!(user.status().unwrap().success());
}

fn inside(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work);
}

#[test]
fn a_state_folder_that_is_no_text_is_refused_and_told() {
    let test = "journals::a_state_folder_that_is_no_text_is_refused_and_told";
    if again::is_inside() {
        return inside(in_a_folder_that_is_no_text());
    }
    assert!(again::run(again::PLAIN, test).success());
}

async fn in_a_folder_that_is_no_text() {
    let house = House::new();
    let odd = house
        .folder
        .path()
        .join(std::ffi::OsStr::from_bytes(b"odd-\xff"));
    fs::create_dir(&odd).unwrap();
    std::env::set_current_dir(&odd).unwrap();
    let client = client(&json!({
        "baseUrl": house.tenant.0.url(), "rateLimit": null, "environment": {"SAILPAT_HOME": "state"},
        "source": {"file": house.file()}, "changeLog": true,
    }));
    let store = json!({"storeIn": {"file": house.file()}});
    for request in [json!({}), store] {
        let reply = call(&client, "rotate", request).await;
        assert_eq!(reply["error"]["field"], "stateFolder", "{reply}");
        assert!(message(&reply).contains("is not UTF-8"), "{reply}");
    }
    assert!(made_nothing(&house));
    fs::create_dir(odd.join("state")).unwrap();
    let report = succeeded(call(&client, "doctor", json!({"offline": true})).await);
    assert!(report.to_string().contains("is not UTF-8"), "{report}");
}
