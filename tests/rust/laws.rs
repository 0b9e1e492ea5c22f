//! The laws of rotation against the world around it: administrators, other hosts, lies and stale bearers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sailpat::client::Client;
use serde_json::{Value, json};

use crate::support::{House, Tenant, call, code, message, succeeded};

impl House {
    /// A client of another host: the same file, and a state folder of its own.
    fn elsewhere(&self) -> Arc<Client> {
        self.client_with(json!({
            "source": {"file": self.file()}, "stateFolder": self.folder.path().join("elsewhere"),
        }))
    }

    async fn overlapping(&self, client: &Arc<Client>) -> Value {
        let rotation = succeeded(call(client, "rotate", json!({"overlapSeconds": 3600})).await);
        assert_eq!(rotation["state"], "overlapping");
        rotation
    }

    /// A second token of the owner, and a client that signs in with it: somebody who looks after tokens by hand.
    async fn administrator(&self) -> Arc<Client> {
        let made =
            succeeded(call(&self.explicit(), "create", json!({"name": "administrator"})).await);
        self.client_with(json!({"clientId": made["id"], "clientSecret": made["secret"]}))
    }

    fn put(&self, pair: &Value) {
        let text = json!({"BaseURL": self.tenant.0.url(), "ClientId": pair["clientId"],
            "ClientSecret": pair["clientSecret"]});
        std::fs::write(self.file(), text.to_string()).unwrap();
    }

    fn journal(&self, rotation: &Value) -> PathBuf {
        let name = format!("{}.jsonl", rotation["rotation"].as_str().unwrap());
        self.state().join("rotations").join(name)
    }

    /// As after a kill before that step was journaled.
    fn killed_before(&self, rotation: &Value, step: &str) {
        let path = self.journal(rotation);
        let text = std::fs::read_to_string(&path).unwrap();
        let mark = format!("\"step\":\"{step}\"");
        let left: Vec<&str> = text
            .lines()
            .take_while(|line| !line.contains(&mark))
            .collect();
        assert!(left.len() < text.lines().count(), "{text}");
        std::fs::write(path, left.join("\n") + "\n").unwrap();
    }

    fn copies(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.state().join("rotations")).unwrap();
        let names = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned());
        names
            .filter(|name| name.ends_with(".old") || name.ends_with(".new"))
            .collect()
    }
}

fn of(rotation: &Value) -> Value {
    json!({"rotation": rotation["rotation"]})
}

fn now(rotation: &Value) -> Value {
    json!({"rotation": rotation["rotation"], "now": true})
}

async fn remove(client: &Arc<Client>, id: &Value) {
    succeeded(call(client, "delete", json!({"id": id})).await);
}

async fn ids(client: &Arc<Client>) -> Vec<Value> {
    let listed = succeeded(call(client, "list", json!({"ownerId": "me"})).await);
    listed
        .as_array()
        .unwrap()
        .iter()
        .map(|token| token["id"].clone())
        .collect()
}

#[tokio::test]
async fn a_token_that_kept_its_marked_name_is_rotated_again_and_lives() {
    let house = House::new();
    let client = house.client();
    let first = house.overlapping(&client).await;
    let administrator = house.administrator().await;
    // The plain name is taken before it can be given back.
    remove(&administrator, &first["oldId"]).await;
    succeeded(call(&administrator, "create", json!({"name": first["name"]})).await);
    let first = succeeded(call(&client, "rotation_resume", now(&first)).await);
    assert_eq!(first["state"], "done", "{first}");
    let names = house.tenant.names();
    assert!(
        names.iter().any(|name| name.contains(" (sailpat ")),
        "{names:?}"
    );
    for turn in 0..3 {
        let again = succeeded(call(&client, "rotate", json!({})).await);
        assert_eq!(again["state"], "done", "{turn}");
        assert!(house.stored_pair_works().await, "{turn}");
    }
    let request = json!({"body": {"name": "further"}, "storeIn": {"file": "further.json"}});
    succeeded(call(&client, "create", request).await);
    assert!(house.stored_pair_works().await);
    let marks = |name: &String| name.matches("(sailpat ").count();
    assert!(house.tenant.names().iter().all(|name| marks(name) <= 1));
}

#[tokio::test]
async fn the_old_token_stays_where_the_new_one_was_removed_meanwhile() {
    let house = House::new();
    let (old, client) = (house.explicit(), house.client());
    let rotation = house.overlapping(&client).await;
    // A bearer of the new pair is cached, and still good.
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    remove(&old, &rotation["newId"]).await;
    let reply = call(&client, "rotation_resume", now(&rotation)).await;
    assert_eq!(code(&reply), "rotation_unfinished", "{reply}");
    assert!(!message(&reply).contains("works"), "{reply}");
    assert_eq!(house.tenant.names().len(), 1, "the old token lives");
    let undone = succeeded(call(&client, "rotation_undo", of(&rotation)).await);
    assert_eq!(undone["state"], "undone");
    assert!(house.stored_pair_works().await);
}

#[tokio::test]
async fn an_undo_keeps_the_new_token_where_the_old_one_was_removed_meanwhile() {
    let house = House::new();
    let client = house.client();
    let rotation = house.overlapping(&client).await;
    let administrator = house.administrator().await;
    remove(&administrator, &rotation["oldId"]).await;
    let reply = call(&client, "rotation_undo", of(&rotation)).await;
    assert_eq!(code(&reply), "sign_in_failed", "{reply}");
    assert!(
        message(&reply).contains("does not sign in any more"),
        "{reply}"
    );
    assert_eq!(house.stored()["ClientId"], rotation["newId"]);
    let done = succeeded(call(&client, "rotation_resume", of(&rotation)).await);
    assert_eq!(done["state"], "overlapping", "the overlap is not over");
    let done = succeeded(call(&client, "rotation_resume", now(&rotation)).await);
    assert_eq!(done["state"], "done");
    assert!(house.stored_pair_works().await);
}

#[tokio::test]
async fn an_undo_that_stopped_goes_forward_where_the_old_token_is_gone() {
    let house = House::new();
    let client = house.client();
    let rotation = house.overlapping(&client).await;
    house
        .tenant
        .rule(json!({"match": {"kind": "delete"}, "times": 9, "fault": {"status": 500}}));
    let stopped = call(&client, "rotation_undo", of(&rotation)).await;
    assert_eq!(code(&stopped), "rotation_unfinished", "{stopped}");
    assert_eq!(
        house.stored()["ClientId"],
        rotation["oldId"],
        "the old pair is back"
    );
    house
        .tenant
        .0
        .control("DELETE", "faults", Value::Null)
        .unwrap();
    let administrator = house.administrator().await;
    remove(&administrator, &rotation["oldId"]).await;
    let done = succeeded(call(&house.explicit(), "rotation_resume", of(&rotation)).await);
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(house.stored()["ClientId"], rotation["newId"]);
    assert!(house.stored_pair_works().await);
    assert_eq!(house.copies(), Vec::<String>::new());
}

#[tokio::test]
async fn an_undo_puts_the_old_pair_back_where_its_file_is_gone() {
    for settings in ["of the old pair", "that name the file"] {
        let house = House::new();
        let client = match settings {
            "of the old pair" => house.explicit(),
            _ => house.client(),
        };
        let rotation = house.overlapping(&house.client()).await;
        std::fs::remove_file(house.file()).unwrap();
        let undone = succeeded(call(&client, "rotation_undo", of(&rotation)).await);
        assert_eq!(undone["state"], "undone", "settings {settings}");
        assert_eq!(house.stored()["ClientId"], rotation["oldId"]);
        assert!(house.stored_pair_works().await);
    }
}

#[tokio::test]
async fn a_third_pair_stays_and_nothing_is_removed_or_erased() {
    for operation in ["rotation_undo", "rotation_resume"] {
        let house = House::new();
        let old = house.explicit();
        let rotation = house.overlapping(&house.client()).await;
        let third = json!({"clientId": "somebody", "clientSecret": "else"});
        house.put(&third);
        let reply = call(&old, operation, now(&rotation)).await;
        let reply = if code(&reply) == "invalid_request" {
            call(&old, operation, of(&rotation)).await
        } else {
            reply
        };
        assert_eq!(reply["ok"], false, "{reply}");
        assert_eq!(house.stored()["ClientId"], "somebody");
        assert_eq!(house.tenant.names().len(), 2, "{operation}");
        assert_eq!(house.copies().len(), 2, "{operation}: a copy of each pair");
    }
}

#[tokio::test]
async fn a_roll_back_keeps_the_only_copy_of_the_old_pair() {
    for holds in ["nothing", "a third pair"] {
        let house = House::new();
        let old = house.explicit();
        let rotation = house.overlapping(&house.client()).await;
        house.killed_before(&rotation, "stored");
        std::fs::remove_file(house.file()).unwrap();
        if holds != "nothing" {
            house.put(&json!({"clientId": "somebody", "clientSecret": "else"}));
        }
        // Another token of the owner signs in meanwhile: the old pair is nowhere but in its copy.
        let administrator = house.administrator().await;
        let back = succeeded(call(&administrator, "rotation_resume", of(&rotation)).await);
        assert_eq!(back["state"], "undone", "{holds}: {back}");
        assert_eq!(house.copies().len(), 1, "{holds}");
        assert!(back.to_string().contains("it is nowhere else"), "{back}");
        assert!(ids(&old).await.contains(&rotation["oldId"]));
        assert!(!ids(&old).await.contains(&rotation["newId"]));
    }
}

#[tokio::test]
async fn a_rotation_into_the_place_of_another_living_pair_is_refused_before_anything_is_made() {
    let house = House::new();
    let client = house.client();
    let made = succeeded(call(&client, "create", json!({"name": "second"})).await);
    for wish in [
        json!({"id": made["id"], "storeIn": {"file": house.file()}}),
        json!({"body": {"name": "third"}, "storeIn": {"file": house.file()}}),
    ] {
        let operation = if wish["id"].is_null() {
            "create"
        } else {
            "rotate"
        };
        let reply = call(&client, operation, wish).await;
        assert_eq!(code(&reply), "rotation_refused", "{reply}");
        assert!(message(&reply).contains("which lives"), "{reply}");
    }
    assert_eq!(house.tenant.count("create"), 1);
    assert!(house.stored_pair_works().await);
}

#[tokio::test]
async fn a_pair_that_was_written_meanwhile_is_not_written_over() {
    let house = House::new();
    house.tenant.set(json!({"lateSpreadSeconds": 0.5}));
    let client = house.explicit();
    let writer = async {
        while house.tenant.names().len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        house.put(&json!({"clientId": "somebody", "clientSecret": "else"}));
    };
    let wish = json!({"storeIn": {"file": house.file()}});
    let (reply, ()) = tokio::join!(call(&client, "rotate", wish), writer);
    assert_eq!(code(&reply), "store_failed", "{reply}");
    assert!(message(&reply).contains("the pair of somebody"), "{reply}");
    assert_eq!(house.stored()["ClientId"], "somebody");
    assert_eq!(house.tenant.names().len(), 1, "what was made is removed");
    assert!(call(&client, "list", json!({"ownerId": "me"})).await["ok"] == true);
}

#[tokio::test]
async fn two_hosts_that_rotate_one_file_leave_one_token_and_its_pair() {
    for _ in 0..5 {
        let house = House::new();
        house.tenant.set(json!({"lateSpreadSeconds": 0.2}));
        let (one, other) = (house.client(), house.elsewhere());
        let (first, second) = tokio::join!(
            call(&one, "rotate", json!({})),
            call(&other, "rotate", json!({}))
        );
        let done = [&first, &second]
            .iter()
            .filter(|reply| reply["ok"] == true)
            .count();
        assert_eq!(done, 1, "{first}\n{second}");
        assert!(house.stored_pair_works().await, "{first}\n{second}");
        for client in [&one, &other] {
            for rotation in
                succeeded(call(client, "rotation_list", json!({"unfinished": true})).await)
                    .as_array()
                    .unwrap()
            {
                succeeded(call(client, "rotation_resume", now(rotation)).await);
            }
        }
        assert_eq!(house.tenant.names().len(), 1, "{:?}", house.tenant.names());
        assert!(house.stored_pair_works().await);
    }
}

#[tokio::test]
async fn another_host_that_rotated_on_during_an_overlap_keeps_its_pair() {
    let house = House::new();
    let (one, other) = (house.client(), house.elsewhere());
    let first = house.overlapping(&one).await;
    let second = succeeded(call(&other, "rotate", json!({})).await);
    assert_eq!(second["state"], "done");
    let undo = call(&one, "rotation_undo", of(&first)).await;
    assert_eq!(undo["ok"], false, "{undo}");
    assert_eq!(house.stored()["ClientId"], second["newId"]);
    let done = succeeded(call(&one, "rotation_resume", now(&first)).await);
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(ids(&one).await, [second["newId"].clone()]);
    let third = succeeded(call(&one, "rotate", json!({})).await);
    assert_eq!(third["state"], "done");
    assert!(house.stored_pair_works().await);
}

/// The list of the owner's tokens as the service gives it, with one field of one token changed.
async fn shown_with(house: &House, id: &str, field: &str, value: Value) {
    let mut listed = succeeded(call(&house.explicit(), "list", json!({"ownerId": "me"})).await);
    for token in listed.as_array_mut().unwrap() {
        if token["id"] == id {
            token[field] = value.clone();
        }
    }
    let fault =
        json!({"status": 200, "body": listed.to_string(), "contentType": "application/json"});
    house
        .tenant
        .rule(json!({"match": {"kind": "list"}, "times": 9, "fault": fault}));
}

#[tokio::test]
async fn what_cannot_be_read_of_the_old_token_stops_the_rotation() {
    for (field, value) in [
        ("accessTokenValiditySeconds", json!("900")),
        ("expirationDate", json!("soon")),
        ("scope", json!([])),
        ("scope", json!(null)),
        ("scope", json!("sp:scopes:default")),
        ("managed", json!("true")),
    ] {
        let house = House::new();
        shown_with(&house, house.tenant.0.client_id(), field, value).await;
        let reply = call(&house.client(), "rotate", json!({})).await;
        assert_eq!(code(&reply), "rotation_refused", "{field}: {reply}");
        assert!(
            message(&reply).contains(&format!("the {field} of the token")),
            "{reply}"
        );
        assert_eq!(house.tenant.count("create"), 0);
    }
}

#[tokio::test]
async fn a_removal_is_believed_when_the_list_does_not_show_the_token_any_more() {
    for fault in [
        json!({"status": 404}),
        json!({"status": 204}),
        json!({"status": 200, "body": ""}),
    ] {
        let house = House::new();
        let client = house.client();
        house
            .tenant
            .rule(json!({"match": {"kind": "delete"}, "times": 1, "fault": fault}));
        let reply = call(&client, "rotate", json!({})).await;
        assert_eq!(code(&reply), "rotation_unfinished", "{fault}: {reply}");
        assert!(message(&reply).contains("still lists it"), "{reply}");
        assert_eq!(house.tenant.names().len(), 2);
        let left = succeeded(call(&client, "rotation_list", json!({"unfinished": true})).await);
        assert_eq!(left[0]["state"], "stored");
        let done = succeeded(call(&client, "rotation_resume", of(&left[0])).await);
        assert_eq!(done["state"], "done");
        assert_eq!(house.tenant.names(), [done["name"].as_str().unwrap()]);
    }
}

#[tokio::test]
async fn tokens_of_another_owner_are_never_removed_as_ones_own() {
    let house = House::new();
    let client = house.client();
    let rotation = house.overlapping(&client).await;
    let mut listed = succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    for token in listed.as_array_mut().unwrap() {
        token["owner"]["id"] = json!("somebody-else");
    }
    let body = listed.to_string();
    house.tenant.rule(
        json!({"match": {"kind": "list"}, "times": 9, "fault": {"status": 200, "body": body}}),
    );
    let reply = call(&client, "rotation_resume", now(&rotation)).await;
    assert_eq!(code(&reply), "rotation_unfinished", "{reply}");
    assert!(
        message(&reply).contains("as the owner somebody-else"),
        "{reply}"
    );
    assert_eq!(house.tenant.count("delete"), 0);
}

#[tokio::test]
async fn a_stored_pair_that_was_damaged_is_not_said_to_work_nor_waited_for() {
    let house = House::new();
    let client = house.client();
    let rotation = house.overlapping(&client).await;
    house.put(&json!({"clientId": rotation["newId"], "clientSecret": "damaged"}));
    let started = Instant::now();
    let reply = call(&house.explicit(), "rotation_resume", now(&rotation)).await;
    assert_eq!(code(&reply), "rotation_unfinished", "{reply}");
    assert!(
        message(&reply).contains("signing in with the stored pair"),
        "{reply}"
    );
    assert!(!message(&reply).contains("works"), "{reply}");
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(house.tenant.names().len(), 2);
}

#[tokio::test]
async fn a_create_whose_reply_holds_no_secret_is_a_lost_one() {
    let house = House::new();
    let body = json!({"id": "made-up", "name": "n"}).to_string();
    house
        .tenant
        .fault("create", json!({"status": 200, "body": body}));
    let reply = call(&house.client(), "create", json!({"name": "n"})).await;
    assert_eq!(code(&reply), "create_lost", "{reply}");
    assert!(
        message(&reply).contains("holds no id and secret"),
        "{reply}"
    );
    house
        .tenant
        .fault("create", json!({"status": 200, "body": body}));
    let rotation = succeeded(call(&house.client(), "rotate", json!({})).await);
    assert_eq!(rotation["state"], "done");
    assert_eq!(house.tenant.names().len(), 1);
}

#[tokio::test]
async fn a_create_of_a_rotation_is_not_sent_twice_under_one_name() {
    let house = House::new();
    let client = house.client();
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    house
        .tenant
        .fault("create", json!({"statusAfterCommit": 401}));
    let rotation = succeeded(call(&client, "rotate", json!({})).await);
    assert_eq!(rotation["state"], "done");
    assert_eq!(house.tenant.names(), [rotation["name"].as_str().unwrap()]);
    assert!(house.stored_pair_works().await);
}

#[tokio::test]
async fn the_servers_clock_ends_an_overlap() {
    let house = House::new();
    // This machine is 25 hours ahead of the service.
    house.tenant.rule(
        json!({"match": {"kind": "any"}, "times": 1000, "fault": {"dateSkewSeconds": -90_000}}),
    );
    let client = house.client();
    let rotation = house.overlapping(&client).await;
    assert_eq!(rotation["overdue"], true, "by this machine's clock");
    let resumed = succeeded(call(&client, "rotation_resume", of(&rotation)).await);
    assert_eq!(resumed["state"], "overlapping");
    assert_eq!(house.tenant.names().len(), 2);
    let again = call(&client, "rotate", json!({})).await;
    assert_eq!(code(&again), "rotation_unfinished", "{again}");
    assert_eq!(house.tenant.names().len(), 2);
}

#[tokio::test]
async fn a_part_of_a_second_is_an_overlap_too() {
    let house = House::new();
    let rotation = succeeded(call(&house.client(), "rotate", json!({"overlapSeconds": 0.9})).await);
    assert_eq!(rotation["state"], "overlapping");
    assert_eq!(house.tenant.names().len(), 2);
}

#[tokio::test]
async fn another_owners_stopped_create_blocks_nobody() {
    let tenant = Tenant::with(sailpat_emulator::Options {
        rate_limit: None,
        ..Default::default()
    });
    let house = House::at(tenant);
    let request = json!({"body": {"name": "shared"}, "storeIn": {"file": "a.json"}});
    let made = succeeded(call(&house.client(), "create", request.clone()).await);
    house.killed_before(&made, "stored");
    let path = house.journal(&made);
    // The journal of another owner's create of that name.
    let text = std::fs::read_to_string(&path).unwrap();
    let owner =
        succeeded(call(&house.client(), "list", json!({"ownerId": "me"})).await)[0]["owner"]["id"]
            .clone();
    let others = text.replace(owner.as_str().unwrap(), "another-owner");
    assert_ne!(text, others);
    std::fs::write(&path, others).unwrap();
    remove(&house.client(), &made["id"]).await;
    let request = json!({"body": {"name": "shared"}, "storeIn": {"file": "b.json"}});
    let made = succeeded(call(&house.client(), "create", request).await);
    assert_eq!(made["state"], "done", "{made}");
}

#[tokio::test]
async fn an_undone_create_leaves_no_dead_pair_in_its_file() {
    let house = House::new();
    let file = house.folder.path().join("made.json");
    let request = json!({"body": {"name": "made"}, "storeIn": {"file": file}});
    let made = succeeded(call(&house.client(), "create", request).await);
    house.killed_before(&made, "stored");
    let undone = succeeded(call(&house.client(), "rotation_undo", of(&made)).await);
    assert_eq!(undone["state"], "undone");
    assert_eq!(house.tenant.names().len(), 1);
    assert!(!file.exists());
    assert_eq!(house.copies(), Vec::<String>::new());
}

#[tokio::test]
async fn a_profiles_own_token_goes_where_the_profile_looks() {
    let house = House::new();
    let client = house.client_of_its_profile().await;
    let other = house.folder.path().join("other.json");
    for wish in [
        json!({"storeIn": {"file": other}}),
        json!({"storeIn": {"caller": true}}),
    ] {
        for operation in ["rotation_plan", "rotate"] {
            let reply = call(&client, operation, wish.clone()).await;
            assert_eq!(code(&reply), "invalid_request", "{reply}");
            assert!(
                message(&reply).contains("profile prod signs in with"),
                "{reply}"
            );
        }
    }
    assert_eq!(house.tenant.count("create"), 0);
    // Its own place may be named, too.
    let planned = succeeded(call(&client, "rotation_plan", json!({})).await);
    let wish = json!({"storeIn": planned["storeIn"]});
    assert_eq!(
        succeeded(call(&client, "rotate", wish).await)["state"],
        "done"
    );
    assert!(call(&client, "list", json!({"ownerId": "me"})).await["ok"] == true);
}

#[tokio::test]
async fn a_pair_that_was_handed_over_is_taken_back_only_where_the_old_one_signs_in() {
    let house = House::new();
    let client = house.explicit();
    let made = succeeded(call(&client, "create", json!({"name": "second"})).await);
    let request = json!({"id": made["id"], "storeIn": {"caller": true}});
    let rotation = succeeded(call(&client, "rotate", request).await);
    // The process that got the pair is gone: its journal is there, and its lock is not.
    let copy = house.folder.path().join("copy");
    std::fs::create_dir_all(copy.join("rotations")).unwrap();
    let name = format!("{}.jsonl", rotation["rotation"].as_str().unwrap());
    std::fs::copy(house.journal(&rotation), copy.join("rotations").join(name)).unwrap();
    let later = |pair: &Value| {
        house.client_with(
            json!({"clientId": pair["id"], "clientSecret": pair["secret"], "stateFolder": copy}),
        )
    };
    let first = json!({"id": house.tenant.0.client_id(), "secret": house.tenant.0.client_secret()});
    let reply = call(&later(&first), "rotation_resume", of(&rotation)).await;
    assert_eq!(code(&reply), "rotation_refused", "{reply}");
    assert_eq!(
        house.tenant.names().len(),
        3,
        "whoever stored it may need it"
    );
    let back = succeeded(call(&later(&made), "rotation_resume", of(&rotation)).await);
    assert_eq!(back["state"], "undone");
    assert_eq!(house.tenant.names().len(), 2);
}

#[tokio::test]
async fn a_new_token_that_somebody_renamed_is_left_to_them() {
    let house = House::new();
    let client = house.client();
    let rotation = house.overlapping(&client).await;
    let patch = json!([{"op": "replace", "path": "/name", "value": "mine now"}]);
    succeeded(
        call(
            &client,
            "update",
            json!({"id": rotation["newId"], "patch": patch}),
        )
        .await,
    );
    let undo = call(&client, "rotation_undo", of(&rotation)).await;
    assert_eq!(code(&undo), "rotation_refused", "{undo}");
    assert!(message(&undo).contains("the name 'mine now'"), "{undo}");
    assert_eq!(house.stored()["ClientId"], rotation["newId"]);
    let done = succeeded(call(&client, "rotation_resume", now(&rotation)).await);
    assert_eq!(done["state"], "done");
    assert_eq!(house.tenant.names(), ["mine now"]);
}

#[tokio::test]
async fn the_pair_that_stays_signs_in_anew_before_the_old_token_goes() {
    let house = House::new();
    let client = house.client();
    let rotation = house.overlapping(&client).await;
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    let before = house.tenant.count("token");
    succeeded(call(&client, "rotation_resume", now(&rotation)).await);
    assert_eq!(house.tenant.count("token"), before + 1);
    let kinds: Vec<Value> = house
        .tenant
        .requests()
        .iter()
        .map(|request| request["kind"].clone())
        .collect();
    let delete = kinds.iter().rposition(|kind| kind == "delete").unwrap();
    assert_eq!(kinds[delete - 2..delete], ["token", "list"], "{kinds:?}");
}

#[tokio::test]
async fn the_change_log_names_token_owner_and_step() {
    let house = House::new();
    let client = house.client_with(json!({"source": {"file": house.file()}, "changeLog": true}));
    let owner =
        succeeded(call(&client, "list", json!({"ownerId": "me"})).await)[0]["owner"]["id"].clone();
    succeeded(call(&client, "rotate", json!({})).await);
    let changes = succeeded(call(&client, "change_log", json!({})).await);
    let steps: Vec<&str> = changes
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            assert_eq!(change["ownerId"], owner, "{change}");
            assert!(change["id"].is_string(), "{change}");
            change["step"].as_str().unwrap()
        })
        .collect();
    assert_eq!(
        steps,
        [
            "making the new token",
            "removing the old token",
            "giving the name back"
        ]
    );
}

#[tokio::test]
async fn what_the_service_made_otherwise_than_asked_is_taken_back() {
    let house = House::new();
    let client = house.explicit();
    let made = succeeded(
        call(
            &client,
            "create",
            json!({"name": "narrow", "scope": ["sp:scopes:default"],
        "accessTokenValiditySeconds": 900}),
        )
        .await,
    );
    // The create's reply is true, and the token has more than it was asked for.
    house.tenant.set(json!({"lateSpreadSeconds": 0.5}));
    let widen = async {
        while house.tenant.names().len() < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let own = succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
        let new = own
            .as_array()
            .unwrap()
            .iter()
            .find(|token| {
                token["name"]
                    .as_str()
                    .unwrap()
                    .starts_with("narrow (sailpat ")
            })
            .unwrap()
            .clone();
        let patch = json!([{"op": "replace", "path": "/scope", "value": ["sp:scopes:all"]}]);
        succeeded(call(&client, "update", json!({"id": new["id"], "patch": patch})).await);
    };
    let wish = json!({"id": made["id"], "storeIn": {"file": "narrow.json"}});
    let (reply, ()) = tokio::join!(call(&client, "rotate", wish), widen);
    assert_eq!(code(&reply), "rotation_refused", "{reply}");
    assert!(
        message(&reply).contains("another scope than it was asked for"),
        "{reply}"
    );
    assert_eq!(house.tenant.names().len(), 2);
}

/// While the first sign-in with the pair that stays is held up, something happens to the store.
async fn rotated_while<T>(house: &House, happens: impl FnOnce() -> T) -> Value {
    let client = house.client();
    let rotation = house.overlapping(&client).await;
    let before = house.tenant.count("token");
    house
        .tenant
        .rule(json!({"match": {"kind": "token"}, "times": 1, "fault": {"delayMs": 400}}));
    let happens = async {
        while house.tenant.count("token") == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        happens();
    };
    let (reply, ()) = tokio::join!(call(&client, "rotation_resume", now(&rotation)), happens);
    reply
}

#[tokio::test]
async fn the_store_is_looked_at_once_more_before_the_old_token_goes() {
    for holds in ["the old pair", "nothing"] {
        let house = House::new();
        let old = json!({"clientId": house.tenant.0.client_id(), "clientSecret": house.tenant.0.client_secret()});
        let reply = rotated_while(&house, || match holds {
            "nothing" => std::fs::remove_file(house.file()).unwrap(),
            _ => house.put(&old),
        })
        .await;
        assert_eq!(code(&reply), "rotation_unfinished", "{holds}: {reply}");
        assert!(
            message(&reply).contains("does not hold the new pair any more"),
            "{reply}"
        );
        assert_eq!(house.tenant.names().len(), 2, "{holds}");
        assert_eq!(house.copies().len(), 2, "{holds}");
    }
}

#[tokio::test]
async fn what_is_put_into_the_store_while_the_old_token_goes_gives_way_unless_it_is_somebody_elses()
{
    for holds in ["the old pair", "nothing", "a third pair"] {
        let house = House::new();
        let client = house.client();
        let rotation = house.overlapping(&client).await;
        let rule = json!({"match": {"kind": "delete"}, "times": 1, "fault": {"delayMs": 400}});
        house.tenant.rule(rule);
        let happens = async {
            while house.tenant.count("delete") == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            match holds {
                "nothing" => std::fs::remove_file(house.file()).unwrap(),
                "the old pair" => house.put(&json!({"clientId": house.tenant.0.client_id(),
                    "clientSecret": house.tenant.0.client_secret()})),
                _ => house.put(&json!({"clientId": "somebody", "clientSecret": "else"})),
            }
        };
        let resuming = call(&client, "rotation_resume", now(&rotation));
        let (reply, ()) = tokio::join!(resuming, happens);
        assert_eq!(house.tenant.names().len(), 1, "{holds}");
        if holds == "a third pair" {
            assert_eq!(code(&reply), "rotation_unfinished", "{reply}");
            assert_eq!(house.stored()["ClientId"], "somebody");
            assert_eq!(house.copies().len(), 2, "the new pair is there alone");
        } else {
            assert_eq!(succeeded(reply)["state"], "done", "{holds}");
            assert!(house.stored_pair_works().await, "{holds}");
        }
    }
}

/// The next lists leave a token out.
async fn leave_out(house: &House, id: &Value, times: u32) {
    let mut listed = succeeded(call(&house.explicit(), "list", json!({"ownerId": "me"})).await);
    listed
        .as_array_mut()
        .unwrap()
        .retain(|token| token["id"] != *id);
    let fault =
        json!({"status": 200, "body": listed.to_string(), "contentType": "application/json"});
    house
        .tenant
        .rule(json!({"match": {"kind": "list"}, "times": times, "fault": fault}));
}

#[tokio::test]
async fn one_list_that_leaves_a_token_out_is_not_believed() {
    for (operation, left_out) in [("rotation_resume", "oldId"), ("rotation_undo", "newId")] {
        for times in [1, 9] {
            let house = House::new();
            let client = house.client();
            let rotation = house.overlapping(&client).await;
            leave_out(&house, &rotation[left_out], times).await;
            let request = if operation == "rotation_undo" {
                of(&rotation)
            } else {
                now(&rotation)
            };
            let reply = call(&client, operation, request.clone()).await;
            house
                .tenant
                .0
                .control("DELETE", "faults", Value::Null)
                .unwrap();
            if reply["ok"] != true {
                assert_eq!(
                    code(&reply),
                    "rotation_unfinished",
                    "{operation} {times}: {reply}"
                );
                succeeded(call(&client, operation, request).await);
            }
            assert_eq!(house.tenant.names().len(), 1, "{operation} {times}");
            assert!(house.stored_pair_works().await, "{operation} {times}");
        }
    }
}

#[tokio::test]
async fn a_create_that_was_refused_and_carried_out_leaves_nothing() {
    for status in [400, 403, 404, 409, 500] {
        let house = House::new();
        house
            .tenant
            .fault("create", json!({"statusAfterCommit": status}));
        let reply = call(&house.client(), "rotate", json!({})).await;
        assert_eq!(reply["ok"], status == 500, "{status}: {reply}");
        assert_eq!(house.tenant.names().len(), 1, "{status}");
        assert!(house.stored_pair_works().await, "{status}");
    }
}

#[tokio::test]
async fn a_failed_creates_error_shows_no_secret() {
    let house = House::new();
    let secret = "5ec2e7".repeat(11)[..64].to_owned();
    let body = json!({"id": "made", "secret": secret}).to_string();
    for fault in [
        json!({"status": 500, "body": body}),
        json!({"status": 400, "body": body}),
        json!({"status": 200, "body": json!({"id": secret, "secret": "x"}).to_string()}),
    ] {
        for request in [
            json!({"name": "n"}),
            json!({"body": {"name": "n"}, "storeIn": {"file": "n.json"}}),
        ] {
            house.tenant.fault("create", fault.clone());
            let reply = call(&house.client(), "create", request).await;
            assert!(!reply.to_string().contains(&secret), "{reply}");
        }
    }
    assert!(
        house
            .journals()
            .iter()
            .all(|journal| !journal.contains(&secret))
    );
}

#[tokio::test]
async fn an_undo_that_cannot_be_done_does_not_begin() {
    let house = House::new();
    let client = house.client();
    let rotation = succeeded(call(&client, "rotate", json!({"storeIn": {"caller": true}})).await);
    // The caller stores the pair where its settings come from, and then thinks better of it.
    house.put(&rotation["pair"]);
    let undo = call(&client, "rotation_undo", of(&rotation)).await;
    assert_eq!(code(&undo), "rotation_refused", "{undo}");
    let listed = succeeded(call(&client, "rotation_list", json!({})).await);
    assert_eq!(listed[0]["state"], "awaiting_confirmation");
    let done = succeeded(call(&client, "rotation_resume", of(&rotation)).await);
    assert_eq!(done["state"], "done");
    assert!(house.stored_pair_works().await);
}

#[tokio::test]
async fn a_field_that_the_list_lacks_is_not_no_limit() {
    for field in ["accessTokenValiditySeconds", "expirationDate"] {
        let house = House::new();
        let mut listed = succeeded(call(&house.explicit(), "list", json!({"ownerId": "me"})).await);
        listed[0].as_object_mut().unwrap().remove(field);
        let body = listed.to_string();
        house.tenant.rule(
            json!({"match": {"kind": "list"}, "times": 9, "fault": {"status": 200, "body": body}}),
        );
        let reply = call(&house.client(), "rotate", json!({"apiVersion": "v2025"})).await;
        assert_eq!(code(&reply), "rotation_refused", "{field}: {reply}");
        assert!(
            message(&reply).contains(&format!("the {field} of the token")),
            "{reply}"
        );
        assert_eq!(house.tenant.count("create"), 0);
    }
}
