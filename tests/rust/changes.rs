//! The change log: what is written when, and that nothing is made which could not be written down.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::{Tenant, call, client, code, message, succeeded};

fn logging(folder: &Path) -> Value {
    json!({"stateFolder": folder, "changeLog": true})
}

fn text(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("changes.jsonl")).unwrap_or_default()
}

fn lines(folder: &Path) -> Vec<Value> {
    text(folder)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

#[tokio::test]
async fn every_change_is_a_line_without_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    let client = tenant.client(logging(folder.path()));
    let created = succeeded(call(&client, "create", json!({"name": "one"})).await);
    let id = &created["id"];
    let patch = json!([{"op": "replace", "path": "/name", "value": "two"}]);
    succeeded(call(&client, "update", json!({"id": id, "patch": patch})).await);
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    call(&client, "delete", json!({"id": id})).await;
    let found = lines(folder.path());
    let expected = [
        ("create", "one", 200),
        ("update", "two", 200),
        ("delete", "", 204),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (line, (operation, name, status)) in found.iter().zip(expected) {
        assert_eq!(line["operation"], operation);
        assert_eq!(&line["id"], id);
        assert_eq!(line["name"].as_str().unwrap_or_default(), name);
        assert_eq!(line["result"], "done");
        assert_eq!(line["status"], status);
        assert_eq!(line["clientId"], tenant.0.client_id());
        assert_eq!(line["baseUrl"], tenant.0.url());
        assert!(line["time"].as_str().unwrap().ends_with('Z'));
    }
    let text = text(folder.path());
    for secret in [
        created["secret"].as_str().unwrap(),
        tenant.0.client_secret(),
    ] {
        assert!(!text.contains(secret));
    }
    #[cfg(unix)]
    {
        let file = folder.path().join("changes.jsonl").metadata().unwrap();
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o777,
            0o600
        );
    }
}

#[tokio::test]
async fn what_failed_or_was_lost_is_a_line_too() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    let client = tenant.client(logging(folder.path()));
    assert_eq!(
        code(&call(&client, "delete", json!({"id": "nobody"})).await),
        "not_found"
    );
    tenant.rule(json!({"match": {"kind": "create"}, "times": 1, "fault": {"drop": "afterCommit"}}));
    let lost = call(&client, "create", json!({"name": "lost"})).await;
    // A request that is wrong in itself was never tried.
    assert_eq!(
        code(&call(&client, "create", json!({"name": ""})).await),
        "invalid_request"
    );
    assert_eq!(
        code(&call(&client, "update", json!({"id": "x", "patch": []})).await),
        "invalid_request"
    );
    let found = lines(folder.path());
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        (&found[0]["result"], &found[0]["status"]),
        (&json!("not_found"), &json!(404))
    );
    assert_eq!(
        (&found[1]["result"], &found[1]["name"]),
        (&json!("lost"), &json!("lost"))
    );
    assert_eq!(found[1]["id"], lost["error"]["orphan"]["id"]);
}

#[tokio::test]
async fn it_is_off_unless_settings_or_the_variable_turn_it_on() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    let count = async |extra: Value| {
        call(&tenant.client(extra), "delete", json!({"id": "nobody"})).await;
        lines(folder.path()).len()
    };
    let variable =
        |value: &str| json!({"SAILPAT_HOME": folder.path(), "SAILPAT_CHANGE_LOG": value});
    assert_eq!(count(json!({"stateFolder": folder.path()})).await, 0);
    assert_eq!(count(json!({"environment": variable("0")})).await, 0);
    assert_eq!(count(json!({"environment": variable("1")})).await, 1);
    assert_eq!(
        count(json!({"environment": variable("1"), "changeLog": false})).await,
        1
    );
}

#[tokio::test]
async fn nothing_is_made_that_could_not_be_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    let taken = folder.path().join("taken");
    std::fs::write(&taken, "a file where a folder should be").unwrap();
    std::fs::create_dir_all(folder.path().join("state/changes.jsonl")).unwrap();
    for state in [taken.join("state"), folder.path().join("state")] {
        let reply = call(
            &tenant.client(logging(&state)),
            "create",
            json!({"name": "x"}),
        )
        .await;
        assert_eq!(code(&reply), "state_failed");
        assert!(
            message(&reply).contains("nothing was sent, because the change log is on"),
            "{reply}"
        );
    }
    assert_eq!((tenant.count("create"), tenant.count("token")), (0, 0));
}

#[tokio::test]
async fn a_log_that_breaks_during_the_change_is_told_with_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    let client = tenant.client(logging(folder.path()));
    for (fault, operation) in [
        (json!({"delayMs": 600}), "create"),
        (json!({"delayMs": 600}), "delete"),
    ] {
        tenant.rule(json!({"match": {"kind": operation}, "times": 1, "fault": fault}));
        let path = folder.path().join("changes.jsonl");
        let breaking = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(250));
            std::fs::remove_file(&path).unwrap();
            std::fs::create_dir(&path).unwrap();
            path
        });
        let request = if operation == "create" {
            json!({"name": "x"})
        } else {
            json!({"id": "nobody"})
        };
        let reply = call(&client, operation, request).await;
        let said = if operation == "create" {
            reply["meta"]["note"].as_str()
        } else {
            reply["error"]["message"].as_str()
        };
        assert!(
            said.unwrap_or_default().contains("not in the change log: "),
            "{reply}"
        );
        assert_eq!(reply["ok"], operation == "create", "{reply}");
        std::fs::remove_dir(breaking.join().unwrap()).unwrap();
    }
}

#[tokio::test]
async fn a_cancelled_change_is_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    let client = tenant.client(logging(folder.path()));
    tenant.fault("create", json!({"hang": true}));
    let work = call(&client, "create", json!({"name": "hangs"}));
    assert!(
        tokio::time::timeout(Duration::from_millis(500), work)
            .await
            .is_err()
    );
    let found = lines(folder.path());
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["result"], &found[0]["name"]),
        (&json!("cancelled"), &json!("hangs"))
    );
    assert_eq!(found[0]["clientId"], tenant.0.client_id());
}

#[tokio::test]
async fn the_log_is_read_by_time_id_and_number() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    let client = tenant.client(logging(folder.path()));
    for id in ["a", "b", "a"] {
        call(&client, "delete", json!({"id": id})).await;
    }
    let read = async |request: Value| {
        succeeded(call(&client, "change_log", request).await)
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(read(json!({})).await, 3);
    assert_eq!(read(json!({"id": "a"})).await, 2);
    assert_eq!(read(json!({"id": "a", "last": 1})).await, 1);
    assert_eq!(read(json!({"since": "2026-01-01T00:00:00Z"})).await, 3);
    assert_eq!(read(json!({"since": "2999-01-01T00:00:00Z"})).await, 0);
    assert_eq!(
        code(&call(&client, "change_log", json!({"last": -1})).await),
        "invalid_request"
    );
    let path = folder.path().join("changes.jsonl");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    let reply = call(&client, "change_log", json!({})).await;
    assert_eq!(
        reply["meta"]["note"],
        "lines of the change log that are cut off or no changes: 1"
    );
    assert_eq!(succeeded(reply).as_array().unwrap().len(), 2);
}

/// Not a test by itself: what each process of the next one does.
#[tokio::test]
async fn one_of_several_processes() {
    let Ok(folder) = std::env::var("SAILPAT_TEST_CHANGES") else {
        return;
    };
    // Nobody listens there: each is a change that was tried.
    let mut settings = logging(Path::new(&folder));
    settings["baseUrl"] = json!("http://127.0.0.1:1");
    settings["clientId"] = json!(std::process::id().to_string());
    settings["clientSecret"] = json!("s");
    settings["maximumRetryCount"] = json!(0);
    settings["environment"] = json!({});
    let client = client(&settings);
    for number in 0..25 {
        call(&client, "delete", json!({"id": format!("n{number}")})).await;
    }
}

#[test]
fn several_processes_at_once_write_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let children: Vec<_> = (0..4)
        .map(|_| {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", "changes::one_of_several_processes"]);
            command.env("SAILPAT_TEST_CHANGES", folder.path());
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut found: Vec<String> = lines(folder.path())
        .iter()
        .map(|line| format!("{} {}", line["clientId"], line["id"]))
        .collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 100);
}

/// A log that is a pipe, or a device, would keep whoever opens it waiting without end.
#[cfg(unix)]
#[tokio::test]
async fn a_log_that_is_no_plain_file_is_refused_at_once_by_name() {
    let tenant = Tenant::new();
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str| {
        let state = folder.path().join(name);
        std::fs::create_dir(&state).unwrap();
        state
    };
    let pipe = made("pipe");
    let mut mkfifo = Command::new("mkfifo");
    mkfifo.arg(pipe.join("changes.jsonl"));
    assert!(mkfifo.status().unwrap().success());
    let link = made("link");
    std::os::unix::fs::symlink("/dev/tty", link.join("changes.jsonl")).unwrap();
    for (state, words) in [(&pipe, "is no plain file"), (&link, "is a link")] {
        let path = state.join("changes.jsonl");
        let client = tenant.client(logging(state));
        let asked = async |operation: &str, request: Value| {
            let reply = call(&client, operation, request);
            tokio::time::timeout(Duration::from_secs(20), reply)
                .await
                .unwrap_or_else(|_| panic!("{operation} gives no reply"))
        };
        let patch = json!([{"op": "replace", "path": "/name", "value": "x"}]);
        for (operation, request) in [
            ("create", json!({"name": "x"})),
            ("update", json!({"id": "x", "patch": patch})),
            ("delete", json!({"id": "x"})),
            ("change_log", json!({})),
        ] {
            let reply = asked(operation, request).await;
            assert_eq!(code(&reply), "state_failed", "{reply}");
            for part in [path.to_str().unwrap(), words] {
                assert!(message(&reply).contains(part), "{reply}");
            }
        }
        let report = succeeded(asked("doctor", json!({"offline": true})).await);
        let checks = report["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["check"] == "changeLog");
        let check = check.unwrap();
        assert_eq!(check["state"], "failed", "{check}");
        let found = check["found"].as_str().unwrap();
        assert!(found.contains(words), "{check}");
    }
    for kind in ["token", "create", "update", "delete"] {
        assert_eq!(tenant.count(kind), 0, "{kind}");
    }
}

/// The older file is read, too.
#[cfg(unix)]
#[tokio::test]
async fn an_older_log_that_is_a_pipe_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let older = folder.path().join("changes.1.jsonl");
    assert!(
        Command::new("mkfifo")
            .arg(&older)
            .status()
            .unwrap()
            .success()
    );
    let client = client(&json!({"stateFolder": folder.path(), "environment": {}}));
    let reply = call(&client, "change_log", json!({}));
    let reply = tokio::time::timeout(Duration::from_secs(20), reply).await;
    let reply = reply.expect("change_log gives no reply");
    assert_eq!(code(&reply), "state_failed", "{reply}");
    assert!(message(&reply).contains(older.to_str().unwrap()), "{reply}");
}

/// A gateway, or a service gone wrong, that says the secret where the id belongs.
#[tokio::test]
async fn a_secret_in_the_place_of_an_id_is_not_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    let client = tenant.client(logging(folder.path()));
    let secrets = [
        "0123456789abcdef".repeat(4),
        "a-secret-of-another-form".to_owned(),
    ];
    for (id, secret) in [
        (&secrets[0], &secrets[0]),
        (&secrets[0], &secrets[1]),
        (&secrets[1], &secrets[1]),
    ] {
        let body = json!({"id": id, "name": "x", "secret": secret}).to_string();
        let fault = json!({"status": 200, "bodyBase64": STANDARD.encode(body)});
        tenant.rule(json!({"match": {"kind": "create"}, "times": 1, "fault": fault}));
        call(&client, "create", json!({"name": "x"})).await;
    }
    assert_eq!(lines(folder.path()).len(), 3);
    for secret in &secrets {
        assert!(!text(folder.path()).contains(secret));
    }
    assert!(lines(folder.path()).iter().all(|line| line["name"] == "x"));
}
