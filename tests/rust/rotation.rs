//! Rotation: a new token in place of an old one, and nothing lost on the way.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sailpat::client::Client;
use serde_json::{Value, json};

use crate::support::{House, Tenant, call, code, message, succeeded};

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => files.extend(files_below(&path)),
            path => files.push(path),
        }
    }
    files
}

#[tokio::test]
async fn the_token_in_use_is_replaced_in_its_file() {
    let house = House::new();
    let client = house.client();
    let before = succeeded(call(&client, "list", json!({"ownerId": "me"})).await)[0].clone();
    let rotation = succeeded(call(&client, "rotate", json!({})).await);
    assert_eq!(rotation["state"], "done", "{rotation}");
    assert_eq!(rotation["oldId"], house.tenant.0.client_id());
    let after = succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    assert_eq!(after.as_array().unwrap().len(), 1);
    assert_eq!(after[0]["id"], rotation["newId"]);
    for field in ["name", "scope", "accessTokenValiditySeconds"] {
        assert_eq!(after[0][field], before[field], "{field}");
    }
    assert_ne!(after[0]["id"], before["id"]);
    assert_eq!(house.stored()["ClientId"], rotation["newId"]);
    assert!(house.stored_pair_works().await);
    assert_eq!(rotation["pair"], Value::Null);
}

#[tokio::test]
async fn the_tenant_may_be_named_by_the_source_alone() {
    let house = House::new();
    let elsewhere = house.folder.path().join("elsewhere.json");
    std::fs::rename(house.file(), &elsewhere).unwrap();
    let client = house.client_with(json!({"baseUrl": null, "source": {"file": elsewhere}}));
    let rotation = succeeded(call(&client, "rotate", json!({})).await);
    assert_eq!(rotation["state"], "done", "{rotation}");
    assert!(call(&client, "list", json!({"ownerId": "me"})).await["ok"] == true);
}

#[tokio::test]
async fn no_secret_is_left_in_the_state_folder() {
    let house = House::new();
    let client = house.client();
    succeeded(call(&client, "rotate", json!({})).await);
    let secrets = [
        house.tenant.0.client_secret().to_owned(),
        house.stored()["ClientSecret"].as_str().unwrap().to_owned(),
    ];
    let files = files_below(&house.state());
    assert!(
        files
            .iter()
            .any(|file| file.extension().is_some_and(|end| end == "jsonl"))
    );
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            secrets.iter().all(|secret| !text.contains(secret)),
            "{}",
            file.display()
        );
    }
    let list = succeeded(call(&client, "rotation_list", json!({})).await);
    assert!(
        secrets
            .iter()
            .all(|secret| !list.to_string().contains(secret))
    );
}

#[cfg(unix)]
#[tokio::test]
async fn its_files_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new();
    // What the file of the pair lets others do stays: it may be a service's.
    std::fs::set_permissions(house.file(), PermissionsExt::from_mode(0o600)).unwrap();
    succeeded(call(&house.client(), "rotate", json!({"overlapSeconds": 60})).await);
    let mut files = files_below(&house.state());
    files.push(house.file());
    assert!(
        files.len() >= 4,
        "journal, lock, copy of the old pair, config: {files:?}"
    );
    for file in files {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} {mode:o}", file.display());
    }
}

#[tokio::test]
async fn with_an_overlap_both_work_until_it_is_resumed() {
    let house = House::new();
    let old = house.explicit();
    let client = house.client();
    let rotation = succeeded(call(&client, "rotate", json!({"overlapSeconds": 3600})).await);
    assert_eq!(rotation["state"], "overlapping");
    assert_eq!(rotation["overdue"], false);
    assert!(call(&old, "list", json!({"ownerId": "me"})).await["ok"] == true);
    assert!(house.stored_pair_works().await);
    let id = json!({"rotation": rotation["rotation"]});
    let early = succeeded(call(&client, "rotation_resume", id.clone()).await);
    assert_eq!(early["state"], "overlapping");
    assert_eq!(house.tenant.names().len(), 2);
    let again = call(&client, "rotate", json!({})).await;
    assert_eq!(code(&again), "rotation_unfinished", "{again}");
    let mut now = id;
    now["now"] = json!(true);
    let done = succeeded(call(&client, "rotation_resume", now).await);
    assert_eq!(done["state"], "done");
    assert_eq!(house.tenant.names().len(), 1);
    assert!(!house.tenant.names()[0].contains("sailpat"));
}

#[tokio::test]
async fn a_rotation_is_undone_while_the_old_token_lives() {
    let house = House::new();
    let client = house.client();
    let rotation = succeeded(call(&client, "rotate", json!({"overlapSeconds": 3600})).await);
    let undone = succeeded(
        call(
            &client,
            "rotation_undo",
            json!({"rotation": rotation["rotation"]}),
        )
        .await,
    );
    assert_eq!(undone["state"], "undone");
    assert_eq!(house.stored()["ClientId"], house.tenant.0.client_id());
    assert!(house.stored_pair_works().await);
    assert_eq!(house.tenant.names().len(), 1);
    let files = files_below(&house.state());
    assert!(
        !files
            .iter()
            .any(|file| file.extension().is_some_and(|end| end == "old")),
        "{files:?}"
    );
    let again = call(&client, "rotate", json!({})).await;
    assert_eq!(succeeded(again)["state"], "done");
}

#[tokio::test]
async fn a_finished_rotation_cannot_be_undone() {
    let house = House::new();
    let client = house.client();
    let rotation = succeeded(call(&client, "rotate", json!({})).await);
    let reply = call(
        &client,
        "rotation_undo",
        json!({"rotation": rotation["rotation"]}),
    )
    .await;
    assert_eq!(code(&reply), "rotation_refused");
    assert!(message(&reply).contains("nothing to go back to"), "{reply}");
}

#[tokio::test]
async fn a_caller_stores_the_pair_and_confirms_it() {
    let house = House::new();
    let client = house.explicit();
    let rotation = succeeded(call(&client, "rotate", json!({"storeIn": {"caller": true}})).await);
    assert_eq!(rotation["state"], "awaiting_confirmation");
    let id = rotation["rotation"].clone();
    let listed = succeeded(call(&client, "rotation_list", json!({})).await);
    assert_eq!(listed[0]["pair"], Value::Null, "the pair shows once");
    let busy = call(&client, "rotate", json!({"storeIn": {"caller": true}})).await;
    assert_eq!(code(&busy), "rotation_busy");
    let wrong = json!({"rotation": id, "confirm": {"clientId": "other", "clientSecret": "x"}});
    assert_eq!(
        code(&call(&client, "rotation_resume", wrong).await),
        "invalid_request"
    );
    let none = call(&client, "rotation_resume", json!({"rotation": id})).await;
    assert_eq!(code(&none), "invalid_request");
    assert_eq!(house.tenant.names().len(), 2);
    let right = json!({"rotation": id, "confirm": rotation["pair"]});
    assert_eq!(
        succeeded(call(&client, "rotation_resume", right).await)["state"],
        "done"
    );
    assert_eq!(house.tenant.names().len(), 1);
}

#[tokio::test]
async fn a_pair_that_was_not_confirmed_can_be_undone() {
    let house = House::new();
    let client = house.explicit();
    let rotation = succeeded(call(&client, "rotate", json!({"storeIn": {"caller": true}})).await);
    let id = json!({"rotation": rotation["rotation"]});
    assert_eq!(
        succeeded(call(&client, "rotation_undo", id).await)["state"],
        "undone"
    );
    assert_eq!(house.tenant.names().len(), 1);
    assert!(call(&client, "list", json!({"ownerId": "me"})).await["ok"] == true);
}

#[tokio::test]
async fn settings_that_hold_the_new_pair_confirm_it() {
    let house = House::new();
    let client = house.explicit();
    let rotation = succeeded(call(&client, "rotate", json!({"storeIn": {"caller": true}})).await);
    // Its caller stored the pair where its settings come from, and died before it confirmed.
    let pair = &rotation["pair"];
    let client = house.client_with(json!({
        "clientId": pair["clientId"], "clientSecret": pair["clientSecret"],
    }));
    let id = json!({"rotation": rotation["rotation"]});
    let done = succeeded(call(&client, "rotation_resume", id).await);
    assert_eq!(done["state"], "done");
    assert_eq!(house.tenant.names().len(), 1);
    assert!(call(&client, "list", json!({"ownerId": "me"})).await["ok"] == true);
}

#[tokio::test]
async fn what_a_caller_stored_is_undone_only_by_who_has_the_old_pair() {
    let house = House::new();
    let client = house.explicit();
    let request = json!({"storeIn": {"caller": true}, "overlapSeconds": 60});
    let rotation = succeeded(call(&client, "rotate", request).await);
    let id = rotation["rotation"].clone();
    let right = json!({"rotation": id, "confirm": rotation["pair"]});
    let overlapping = succeeded(call(&client, "rotation_resume", right).await);
    assert_eq!(overlapping["state"], "overlapping");
    let pair = &rotation["pair"];
    let with_new = house.client_with(json!({
        "clientId": pair["clientId"], "clientSecret": pair["clientSecret"],
    }));
    let undo = json!({"rotation": id});
    let refused = call(&with_new, "rotation_undo", undo.clone()).await;
    assert_eq!(code(&refused), "rotation_refused", "{refused}");
    assert_eq!(house.tenant.names().len(), 2, "nothing is removed");
    assert_eq!(
        succeeded(call(&client, "rotation_undo", undo).await)["state"],
        "undone"
    );
    assert!(call(&client, "list", json!({"ownerId": "me"})).await["ok"] == true);
}

#[tokio::test]
async fn another_of_ones_own_tokens_is_rotated_into_a_file_of_its_own() {
    let house = House::new();
    let client = house.explicit();
    let made = succeeded(
        call(
            &client,
            "create",
            json!({"name": "second", "scope": ["sp:scopes:default"]}),
        )
        .await,
    );
    let need = call(&client, "rotate", json!({"id": made["id"]})).await;
    assert_eq!(need["error"]["field"], "storeIn");
    let request = json!({"id": made["id"], "storeIn": {"file": "second.env"}});
    let rotation = succeeded(call(&client, "rotate", request).await);
    assert_eq!(rotation["state"], "done");
    let text = std::fs::read_to_string(house.folder.path().join("second.env")).unwrap();
    assert!(
        text.contains(&format!(
            "SAIL_CLIENT_ID={}",
            rotation["newId"].as_str().unwrap()
        )),
        "{text}"
    );
    let tokens = succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    let second = tokens
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["name"] == "second")
        .unwrap();
    assert_eq!(second["scope"], json!(["sp:scopes:default"]));
    assert_eq!(second["id"], rotation["newId"]);
}

#[tokio::test]
async fn another_owners_token_is_refused_before_anything_is_made() {
    let tenant = Tenant::with(sailpat_emulator::Options {
        rate_limit: None,
        seed: sailpat_emulator::Seed::Generated {
            identities: 3,
            tokens: 8,
        },
        ..Default::default()
    });
    let house = House::at(tenant);
    let client = house.client();
    let all = succeeded(call(&client, "list", json!({})).await);
    let own = succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    let others = all.as_array().unwrap().iter();
    let other = others
        .clone()
        .find(|token| !own.as_array().unwrap().contains(token))
        .unwrap();
    let request = json!({"id": other["id"], "storeIn": {"file": "x.json"}});
    let reply = call(&client, "rotate", request).await;
    assert_eq!(code(&reply), "rotation_refused");
    assert!(message(&reply).contains("none of one's own"), "{reply}");
    assert_eq!(house.tenant.count("create"), 0);
    assert!(house.journals().is_empty());
}

#[tokio::test]
async fn without_a_free_slot_nothing_is_made() {
    let house = House::new();
    let client = house.client();
    for number in 0..9 {
        succeeded(call(&client, "create", json!({"name": format!("n{number}")})).await);
    }
    let reply = call(&client, "rotate", json!({})).await;
    assert_eq!(code(&reply), "rotation_refused");
    assert!(message(&reply).contains("has 10 tokens"), "{reply}");
    assert_eq!(house.tenant.count("create"), 9);
}

#[tokio::test]
async fn a_new_token_that_spreads_late_is_waited_for() {
    let house = House::new();
    house.tenant.set(json!({"lateSpreadSeconds": 1.2}));
    let started = Instant::now();
    let rotation = succeeded(call(&house.client(), "rotate", json!({})).await);
    assert_eq!(rotation["state"], "done");
    assert!(started.elapsed() >= Duration::from_millis(1_100));
    assert!(house.stored_pair_works().await);
}

#[tokio::test]
async fn a_new_token_that_never_signs_in_is_taken_back() {
    let house = House::new();
    house.tenant.set(json!({"lateSpreadSeconds": 600}));
    let client = house.client();
    let reply = call(&client, "rotate", json!({"verifySeconds": 0.5})).await;
    assert_eq!(code(&reply), "rotation_refused");
    assert!(message(&reply).contains("did not sign in"), "{reply}");
    assert_eq!(house.stored()["ClientId"], house.tenant.0.client_id());
    assert_eq!(house.tenant.names().len(), 1);
    let list = succeeded(call(&client, "rotation_list", json!({"unfinished": true})).await);
    assert_eq!(list, json!([]));
}

#[tokio::test]
async fn a_lost_create_is_found_by_its_marker_and_made_again() {
    for drop in ["afterCommit", "beforeCommit"] {
        let house = House::new();
        house.tenant.fault("create", json!({"drop": drop}));
        let rotation = succeeded(call(&house.client(), "rotate", json!({})).await);
        assert_eq!(rotation["state"], "done", "{drop}");
        assert_eq!(
            house.tenant.names().len(),
            1,
            "{drop}: {:?}",
            house.tenant.names()
        );
        assert!(house.stored_pair_works().await);
    }
}

#[tokio::test]
async fn lost_replies_of_every_other_kind_do_no_harm() {
    for kind in ["list", "delete", "patch", "token"] {
        for drop in ["afterCommit", "beforeCommit"] {
            let house = House::new();
            house
                .tenant
                .rule(json!({"match": {"kind": kind}, "after": 1, "fault": {"drop": drop}}));
            let rotation = succeeded(call(&house.client(), "rotate", json!({})).await);
            assert_eq!(rotation["state"], "done", "{kind} {drop}");
            assert_eq!(house.tenant.names().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_written_changes_nothing() {
    let house = House::new();
    let client = house.explicit();
    let missing = json!({"storeIn": {"file": "no/such/folder/x.json"}});
    let reply = call(&client, "rotate", missing).await;
    assert_eq!(code(&reply), "store_failed");
    assert!(message(&reply).contains("nothing was changed"), "{reply}");
    assert_eq!(house.tenant.count("create"), 0);
}

#[cfg(unix)]
fn script(house: &House, text: &str) -> Value {
    json!({"command": ["/bin/sh", "-c", text], "commandTimeoutMs": 1500})
        .as_object()
        .map(|command| {
            let mut command = command.clone();
            command["command"]
                .as_array_mut()
                .unwrap()
                .push(json!(house.folder.path()));
            Value::Object(command)
        })
        .unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn an_external_command_that_fails_hangs_or_lies_is_taken_back() {
    for (text, expected) in [
        (
            "read -r l; case $l in *store*) echo no >&2; exit 4;; *read*) echo '{}';; esac",
            "failed (exit status: 4): no",
        ),
        (
            "read -r l; case $l in *store*) touch \"$0/told\";; *read*) if [ -e \"$0/told\" ]; then \
             echo '{\"clientId\":\"a\",\"clientSecret\":\"b\"}'; else echo '{}'; fi;; esac",
            "something else than was written",
        ),
    ] {
        let house = House::new();
        let client = house.explicit();
        let reply = call(&client, "rotate", json!({"storeIn": script(&house, text)})).await;
        assert_eq!(code(&reply), "store_failed", "{text}");
        assert!(message(&reply).contains(expected), "{reply}");
        assert!(message(&reply).contains("removed again"), "{reply}");
        assert_eq!(house.tenant.names().len(), 1, "{text}");
        assert!(call(&client, "list", json!({"ownerId": "me"})).await["ok"] == true);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_external_command_keeps_the_pair() {
    let house = House::new();
    let client = house.explicit();
    let text = "read -r l; case $l in *store*) printf %s \"$l\" >\"$0/kept\";; *read*) cat \"$0/kept\" 2>/dev/null || echo '{}';; esac";
    let store = script(&house, text);
    let rotation = succeeded(call(&client, "rotate", json!({"storeIn": store.clone()})).await);
    assert_eq!(rotation["state"], "done");
    let follower = house.client_with(json!({"source": store}));
    let list = succeeded(call(&follower, "list", json!({"ownerId": "me"})).await);
    assert_eq!(list[0]["id"], rotation["newId"]);
}

#[tokio::test]
async fn a_running_client_follows_a_rotation_done_elsewhere() {
    let house = House::new();
    let running = house.client();
    succeeded(call(&running, "list", json!({"ownerId": "me"})).await);
    succeeded(call(&house.client(), "rotate", json!({})).await);
    house.tenant.set(json!({"lateSpreadSeconds": 0}));
    let reply = call(&running, "list", json!({"ownerId": "me"})).await;
    assert_eq!(reply["ok"], true, "{reply}");
}

#[tokio::test]
async fn a_token_is_created_and_stored_in_one_step() {
    let house = House::new();
    let client = house.client();
    let body = json!({"name": "fresh", "scope": ["sp:scopes:default"]});
    let request = json!({"body": body, "storeIn": {"file": "fresh.json"}});
    let made = succeeded(call(&client, "create", request).await);
    assert_eq!(made["name"], "fresh", "{made}");
    assert_eq!(made["secret"], Value::Null);
    assert_eq!(made["scope"], json!(["sp:scopes:default"]));
    let text = std::fs::read_to_string(house.folder.path().join("fresh.json")).unwrap();
    assert!(text.contains(made["id"].as_str().unwrap()));
    assert_eq!(house.tenant.names().len(), 2);
    let again = json!({"body": {"name": "fresh"}, "storeIn": {"file": "fresh.json"}});
    assert_eq!(
        code(&call(&client, "create", again).await),
        "rotation_refused"
    );
}

#[tokio::test]
async fn a_rotation_of_another_tenant_is_not_touched() {
    let (one, other) = (House::new(), House::new());
    let rotation = succeeded(call(&one.client(), "rotate", json!({"overlapSeconds": 60})).await);
    let client =
        other.client_with(json!({"source": {"file": other.file()}, "stateFolder": one.state()}));
    let reply = call(
        &client,
        "rotation_resume",
        json!({"rotation": rotation["rotation"], "now": true}),
    )
    .await;
    assert_eq!(code(&reply), "rotation_refused");
    assert_eq!(one.tenant.names().len(), 2);
    let unknown = call(
        &client,
        "rotation_resume",
        json!({"rotation": "20200101-000000-00000000"}),
    )
    .await;
    assert_eq!(code(&unknown), "rotation_unknown");
    let bad = call(&client, "rotation_resume", json!({"rotation": "../x"})).await;
    assert_eq!(bad["error"]["field"], "rotation");
}

#[tokio::test]
async fn a_throttled_service_delays_a_rotation_and_no_more() {
    for kind in ["any", "create"] {
        let house = House::new();
        house
            .tenant
            .rule(json!({"match": {"kind": kind}, "times": 8, "fault": {"retryAfter": 0}}));
        let client =
            house.client_with(json!({"source": {"file": house.file()}, "maximumRetryCount": 10}));
        let rotation = succeeded(call(&client, "rotate", json!({})).await);
        assert_eq!(rotation["state"], "done", "{kind}");
        assert_eq!(house.tenant.names().len(), 1);
    }
}

#[tokio::test]
async fn a_service_that_asks_for_a_long_wait_is_not_waited_for() {
    let house = House::new();
    house.tenant.fault("create", json!({"retryAfter": 600}));
    let reply = call(&house.client(), "rotate", json!({})).await;
    assert_eq!(code(&reply), "rate_limited");
    assert_eq!(reply["error"]["retryAfterSeconds"], 600.0);
    assert_eq!(house.tenant.names().len(), 1);
}

#[tokio::test]
async fn a_clock_two_hours_off_does_no_harm() {
    for seconds in [7_200, -7_200] {
        let house = House::new();
        house.tenant.rule(
            json!({"match": {"kind": "any"}, "times": 100, "fault": {"dateSkewSeconds": seconds}}),
        );
        let client = house.client();
        let rotation = succeeded(call(&client, "rotate", json!({"overlapSeconds": 0})).await);
        assert_eq!(rotation["state"], "done", "{seconds}");
        assert!(house.stored_pair_works().await);
    }
}

#[tokio::test]
async fn two_rotations_at_once_end_with_one_token() {
    let house = House::new();
    house.tenant.set(json!({"lateSpreadSeconds": 0.3}));
    let (one, other) = (house.client(), house.client());
    let (first, second) = tokio::join!(
        call(&one, "rotate", json!({})),
        call(&other, "rotate", json!({}))
    );
    let refused = if first["ok"] == true { second } else { first };
    assert_eq!(code(&refused), "rotation_busy", "{refused}");
    assert!(refused["error"]["retryable"] == true);
    assert_eq!(house.tenant.names().len(), 1);
}

#[tokio::test]
async fn a_crash_before_the_confirmation_is_taken_back_by_the_next_rotation() {
    let house = House::new();
    let client = house.explicit();
    succeeded(call(&client, "rotate", json!({"storeIn": {"caller": true}})).await);
    // A process that finds the journal and no lock, as after a crash.
    let copy = tempfile::tempdir().unwrap();
    let journals = copy.path().join("rotations");
    std::fs::create_dir(&journals).unwrap();
    for entry in std::fs::read_dir(house.state().join("rotations"))
        .unwrap()
        .flatten()
    {
        let name = entry.file_name();
        if name.to_string_lossy().ends_with(".jsonl") {
            std::fs::copy(entry.path(), journals.join(name)).unwrap();
        }
    }
    let later = house.client_with(json!({
        "clientId": house.tenant.0.client_id(), "clientSecret": house.tenant.0.client_secret(),
        "stateFolder": copy.path(),
    }));
    let rotation =
        succeeded(call(&later, "rotate", json!({"storeIn": {"file": "kept.json"}})).await);
    assert_eq!(rotation["state"], "done");
    assert_eq!(house.tenant.names().len(), 1, "{:?}", house.tenant.names());
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_cannot_be_written_changes_nothing() {
    let house = House::new();
    // A file where the state folder should be: not even root can write below it.
    std::fs::write(house.folder.path().join("blocked"), "").unwrap();
    let client = house.client_with(json!({
        "source": {"file": house.file()}, "stateFolder": house.folder.path().join("blocked/state"),
    }));
    let reply = call(&client, "rotate", json!({})).await;
    assert_eq!(code(&reply), "state_failed");
    assert!(
        reply["error"]["remedy"]
            .as_str()
            .unwrap()
            .contains("SAILPAT_HOME"),
        "{reply}"
    );
    assert_eq!(house.tenant.count("create"), 0);
}

#[tokio::test]
async fn the_change_log_tells_each_change_of_a_rotation() {
    let house = House::new();
    let client = house.client_with(json!({"source": {"file": house.file()}, "changeLog": true}));
    let rotation = succeeded(call(&client, "rotate", json!({})).await);
    let changes = succeeded(call(&client, "change_log", json!({})).await);
    let told: Vec<(&str, &str)> = changes
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            (
                change["operation"].as_str().unwrap(),
                change["result"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("create", "done"), ("delete", "done"), ("update", "done")]
    );
    assert_eq!(changes[0]["id"], rotation["newId"]);
    assert_eq!(changes[1]["id"], rotation["oldId"]);
    assert!(
        changes
            .as_array()
            .unwrap()
            .iter()
            .all(|change| change["rotation"] == rotation["rotation"])
    );
}

#[tokio::test]
async fn the_default_profiles_token_is_rotated_where_the_profile_keeps_it() {
    let house = House::new();
    let client = house.client_of_its_profile().await;
    let rotation = succeeded(call(&client, "rotate", json!({})).await);
    assert_eq!(rotation["state"], "done", "{rotation}");
    assert_eq!(house.tenant.names().len(), 1);
    let listed = succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    assert_eq!(listed[0]["id"], rotation["newId"]);
}

#[cfg(unix)]
fn kept_by_command(house: &House, text: &str) -> Value {
    let pair = json!({
        "clientId": house.tenant.0.client_id(), "clientSecret": house.tenant.0.client_secret(),
    });
    std::fs::write(house.folder.path().join("kept"), pair.to_string()).unwrap();
    script(house, text)
}

#[cfg(unix)]
#[tokio::test]
async fn a_store_that_wrote_rubbish_gets_its_old_pair_back() {
    let house = House::new();
    let text = "read -r l; case $l in *store*) if [ -e \"$0/once\" ]; then printf %s \"$l\" >\"$0/kept\"; else touch \"$0/once\"; \
                printf %s \"$l\" | sed 's/\"clientSecret\":\"..../\"clientSecret\":\"cut/' >\"$0/kept\"; fi;; *read*) cat \"$0/kept\";; esac";
    let client = house.client_with(json!({"source": kept_by_command(&house, text)}));
    let reply = call(&client, "rotate", json!({})).await;
    assert_eq!(code(&reply), "store_failed", "{reply}");
    let kept = std::fs::read_to_string(house.folder.path().join("kept")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["clientSecret"], house.tenant.0.client_secret());
    assert_eq!(house.tenant.names().len(), 1);
    assert!(call(&client, "list", json!({"ownerId": "me"})).await["ok"] == true);
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_that_hangs_leaves_a_rotation_that_is_resumed() {
    for stores in [false, true] {
        let house = House::new();
        let text = "read -r l; case $l in *store*) if [ -e \"$0/late\" ]; then printf %s \"$l\" >\"$0/kept\"; fi; sleep 20;; \
                    *read*) cat \"$0/kept\";; esac";
        let client = house.client_with(json!({"source": kept_by_command(&house, text)}));
        if stores {
            std::fs::write(house.folder.path().join("late"), "").unwrap();
        }
        let reply = call(&client, "rotate", json!({})).await;
        assert_eq!(code(&reply), "rotation_unfinished", "{reply}");
        assert!(
            message(&reply).contains("did not end within 1.5 s"),
            "{reply}"
        );
        assert_eq!(house.tenant.names().len(), 2);
        let rotation =
            succeeded(call(&client, "rotation_list", json!({})).await)[0]["rotation"].clone();
        // By now the command does what it should.
        let text = "read -r l; case $l in *store*) printf %s \"$l\" >\"$0/kept\";; *read*) cat \"$0/kept\";; esac";
        let path = house
            .state()
            .join("rotations")
            .join(format!("{}.jsonl", rotation.as_str().unwrap()));
        let journal = std::fs::read_to_string(&path).unwrap();
        let mended = journal.replace(
            "if [ -e \\\"$0/late\\\" ]; then printf %s \\\"$l\\\" >\\\"$0/kept\\\"; fi; sleep 20;; ",
            "printf %s \\\"$l\\\" >\\\"$0/kept\\\";; ",
        );
        assert_ne!(journal, mended);
        std::fs::write(&path, mended).unwrap();
        let mended = house.client_with(json!({"source": script(&house, text)}));
        let ended = succeeded(resumed(&mended, &rotation).await);
        assert_eq!(ended["state"], if stores { "done" } else { "undone" });
        assert_eq!(house.tenant.names().len(), 1);
        assert!(call(&mended, "list", json!({"ownerId": "me"})).await["ok"] == true);
    }
}

/// Resumes a rotation as often as it says that its store may still be at work.
#[cfg(unix)]
async fn resumed(client: &Arc<Client>, rotation: &Value) -> Value {
    loop {
        let reply = call(client, "rotation_resume", json!({"rotation": rotation})).await;
        match reply["error"]["retryAfterSeconds"].as_f64() {
            Some(wait) => tokio::time::sleep(Duration::from_secs_f64(wait)).await,
            None => return reply,
        }
    }
}

#[tokio::test]
async fn what_a_late_create_left_is_removed_by_the_next_rotation() {
    let house = House::new();
    let client = house.client();
    let first = succeeded(call(&client, "rotate", json!({})).await);
    let (name, rotation) = (
        first["name"].as_str().unwrap(),
        first["rotation"].as_str().unwrap(),
    );
    let late = format!("{name} (sailpat {rotation}.1)");
    succeeded(call(&client, "create", json!({"name": late})).await);
    // Names that hold the mark and that the rotation never gave.
    let others = [
        format!("{name} (sailpat {rotation}.2)"),
        format!("other (sailpat {rotation}.1)"),
        format!("{late} of mine"),
        "mine (sailpat of mine)".to_owned(),
    ];
    for other in &others {
        succeeded(call(&client, "create", json!({"name": other})).await);
    }
    succeeded(call(&client, "rotate", json!({})).await);
    let names = house.tenant.names();
    assert!(!names.contains(&late), "{names:?}");
    assert!(
        others.iter().all(|other| names.contains(other)),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_journal_that_was_torn_within_a_letter_stops_nobody() {
    let house = House::new();
    let client = house.client();
    let rotation = succeeded(call(&client, "rotate", json!({})).await);
    let path = house
        .state()
        .join("rotations")
        .join(format!("{}.jsonl", rotation["rotation"].as_str().unwrap()));
    let mut text = std::fs::read(&path).unwrap();
    text.extend_from_slice(b"{\"time\":\"\xc3");
    std::fs::write(&path, text).unwrap();
    assert_eq!(
        succeeded(call(&client, "rotation_list", json!({})).await)[0]["state"],
        "done"
    );
    assert_eq!(
        succeeded(call(&client, "rotate", json!({})).await)["state"],
        "done"
    );
}

#[tokio::test]
async fn an_error_does_not_take_the_lock_from_a_caller_that_has_the_pair() {
    let house = House::new();
    let client = house.explicit();
    let rotation = succeeded(call(&client, "rotate", json!({"storeIn": {"caller": true}})).await);
    let other = House::new();
    let strange = other.client_with(json!({
        "clientId": other.tenant.0.client_id(), "clientSecret": other.tenant.0.client_secret(),
        "stateFolder": house.state(),
    }));
    let confirm = json!({"rotation": rotation["rotation"], "confirm": rotation["pair"]});
    assert_eq!(
        code(&call(&strange, "rotation_resume", confirm.clone()).await),
        "rotation_refused"
    );
    let busy = call(&client, "rotate", json!({"storeIn": {"caller": true}})).await;
    assert_eq!(code(&busy), "rotation_busy");
    assert_eq!(
        succeeded(call(&client, "rotation_resume", confirm).await)["state"],
        "done"
    );
}

#[tokio::test]
async fn a_new_tokens_pair_is_not_written_over_that_of_a_living_one() {
    let house = House::new();
    let request = json!({"body": {"name": "further"}, "storeIn": {"file": house.file()}});
    let reply = call(&house.client(), "create", request).await;
    assert_eq!(code(&reply), "rotation_refused", "{reply}");
    assert!(message(&reply).contains("which lives"), "{reply}");
    assert_eq!(house.tenant.count("create"), 0);
}
