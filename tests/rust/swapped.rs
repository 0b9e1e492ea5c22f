//! A secret in the place of an id: refused by its form wherever it stands, and never shown by anything.

use std::path::Path;
use std::sync::Arc;

use sailpat::client::Client;
use sailpat::client::settings::Settings;
use sailpat::ops::about;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Tenant, call, client, code, message};

const SECRET: &str = "5ec2e7000000000000000000000000000000000000000000000000000005ec2e";
const ID: &str = "ef38f94347e94562b5bb8424a56397d8";

/// A tenant, a home, and nothing of this process.
struct House {
    tenant: Tenant,
    folder: TempDir,
}

impl House {
    fn new() -> Self {
        House {
            tenant: Tenant::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Settings with everything but a credential; `extra` goes on top.
    fn settings(&self, extra: Value) -> Value {
        let settings = json!({"clientId": null, "clientSecret": null, "changeLog": true,
            "stateFolder": self.path("state"), "workingDirectory": self.folder.path(),
            "environment": {"HOME": self.folder.path()}});
        let mut settings = self.tenant.settings(settings);
        let fields = settings.as_object_mut().unwrap();
        fields.extend(extra.as_object().unwrap().clone());
        settings
    }

    /// Everything that this library wrote itself.
    fn written(&self) -> String {
        let mut text = String::new();
        for name in ["state/changes.jsonl", "state/profiles.json"] {
            text += &std::fs::read_to_string(self.path(name)).unwrap_or_default();
        }
        for entry in std::fs::read_dir(self.path("state/rotations"))
            .into_iter()
            .flatten()
        {
            text += &std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
        }
        text
    }
}

fn pair(id: &str, secret: &str) -> Value {
    json!({"ClientId": id, "ClientSecret": secret})
}

#[cfg(unix)]
/// What each kind of place says of itself, and the settings that read from it.
fn places(house: &House) -> Vec<(&'static str, Value)> {
    let swapped = pair(SECRET, ID).to_string();
    house.put("pair.json", &swapped);
    house.put(
        "pair.env",
        &format!("SAIL_CLIENT_ID={SECRET}\nSAIL_CLIENT_SECRET={ID}\n"),
    );
    house.put(
        ".sailpoint/config.yaml",
        &format!(
            "activeenvironment: Prod\nenvironments:\n  prod:\n    baseurl: {}\n    pat:\n      clientid: {SECRET}\n      clientsecret: {ID}\n",
            house.tenant.0.url()
        ),
    );
    house.put("in-folder/config.json", &swapped);
    house.put("state/profiles/own.json", &swapped);
    house.put(
        "state/profiles.json",
        &json!({"profiles": {"own": {"baseUrl": house.tenant.0.url()}}}).to_string(),
    );
    let answer = format!(r#"printf '%s' '{{"clientId":"{SECRET}","clientSecret":"{ID}"}}'"#);
    vec![
        (
            "variable SAIL_CLIENT_ID",
            json!({"environment": {"SAIL_CLIENT_ID": SECRET, "SAIL_CLIENT_SECRET": ID}}),
        ),
        (
            "config.json",
            json!({"workingDirectory": house.path("in-folder")}),
        ),
        ("config.yaml", json!({})),
        ("pair.json", json!({"source": {"file": "pair.json"}})),
        ("pair.env", json!({"source": {"file": "pair.env"}})),
        (
            "command sh",
            json!({"source": {"command": ["sh", "-c", answer]}}),
        ),
        (
            "environment Prod",
            json!({"source": {"commandLine": "Prod"}}),
        ),
        ("own.json", json!({"profile": "own", "baseUrl": null})),
        (
            "environment prod",
            json!({"profile": "prod", "baseUrl": null}),
        ),
    ]
}

/// Every operation with a request that reaches for the credential where it can.
fn requests() -> Vec<(&'static str, Value)> {
    vec![
        ("list", json!({"ownerId": "me"})),
        ("get", json!({"id": ID})),
        ("create", json!({"name": "n"})),
        (
            "create",
            json!({"body": {"name": "n"}, "storeIn": {"file": "pair.json"}}),
        ),
        ("delete", json!({"id": ID})),
        ("bearer", json!({})),
        ("settings", json!({})),
        ("doctor", json!({"offline": true})),
        ("doctor", json!({})),
        ("profiles", json!({})),
        ("change_log", json!({})),
        ("rotate", json!({"storeIn": {"caller": true}})),
        ("rotate", json!({})),
        ("rotation_plan", json!({})),
        ("rotation_list", json!({})),
    ]
}

/// Fails where a reply, the log or a file of this library shows the secret.
fn shows_nothing(house: &House, replies: &[Value]) {
    let log = String::from_utf8_lossy(&about::take_log().into_bytes()).into_owned();
    let said: Vec<String> = replies.iter().map(Value::to_string).collect();
    for text in said.iter().chain([&log, &house.written()]) {
        assert!(!text.to_lowercase().contains(SECRET), "{text}");
    }
}

async fn all(client: &Arc<Client>) -> Vec<Value> {
    let mut replies = Vec::new();
    for (operation, request) in requests() {
        replies.push(call(client, operation, request).await);
    }
    replies
}

#[cfg(unix)]
#[tokio::test]
async fn every_place_is_named_and_none_shows_it() {
    let house = House::new();
    for (place, extra) in places(&house) {
        let client = client(&house.settings(extra));
        let refused = call(&client, "list", json!({})).await;
        assert_eq!(code(&refused), "settings_invalid", "{place}: {refused}");
        assert_eq!(refused["error"]["field"], "clientId");
        let said = message(&refused);
        assert!(said.contains(place), "{place}: {said}");
        assert!(said.ends_with("are id and secret swapped?"), "{said}");
        let mut replies = all(&client).await;
        let settings = &replies[7]["data"]["checks"][0];
        assert_eq!(settings["state"], "failed", "{place}: {settings}");
        assert!(settings["found"].as_str().unwrap().contains("swapped?"));
        assert!(
            settings["remedy"]
                .as_str()
                .unwrap()
                .starts_with("exchange the two")
        );
        replies.push(refused);
        shows_nothing(&house, &replies);
    }
    assert_eq!(house.tenant.count("token"), 0);
}

#[tokio::test]
async fn a_bearer_at_hand_shows_no_swapped_id_either() {
    let house = House::new();
    let environment = json!({"SAIL_CLIENT_ID": SECRET});
    let settings = json!({"token": "a-bearer", "environment": environment});
    let client = client(&house.settings(settings));
    shows_nothing(&house, &all(&client).await);
}

#[tokio::test]
async fn what_is_given_as_an_id_is_refused_by_its_field() {
    let house = House::new();
    let explicit = house.settings(json!({"clientId": SECRET, "clientSecret": ID}));
    let error = Settings::parse(&explicit.to_string()).unwrap_err();
    assert_eq!(error.code().name(), "settings_invalid");
    assert!(!format!("{error:?}").contains(SECRET));
    let client = house
        .tenant
        .client(json!({"stateFolder": house.path("state"), "changeLog": true}));
    let mut replies = Vec::new();
    for (operation, request, field) in [
        ("get", json!({"id": SECRET}), "id"),
        ("delete", json!({"id": SECRET.to_uppercase()}), "id"),
        ("list", json!({"ownerId": SECRET}), "ownerId"),
        (
            "update",
            json!({"id": SECRET, "patch": [{"op": "remove", "path": "/a"}]}),
            "id",
        ),
        ("rotate", json!({"id": SECRET}), "id"),
        ("rotation_list", json!({"id": SECRET}), "id"),
        ("change_log", json!({"id": SECRET}), "id"),
        ("rotation_undo", json!({"rotation": SECRET}), "rotation"),
        (
            "rotation_resume",
            json!({"rotation": "r", "confirm": {"clientId": SECRET, "clientSecret": ID}}),
            "confirm.clientId",
        ),
        (
            "profile_set",
            json!({"name": "p", "baseUrl": "https://t", "clientId": SECRET, "clientSecret": ID}),
            "clientId",
        ),
    ] {
        let reply = call(&client, operation, request).await;
        assert_eq!(code(&reply), "invalid_request", "{operation}: {reply}");
        assert_eq!(reply["error"]["field"], field, "{operation}: {reply}");
        assert!(
            message(&reply).contains("has the form of a secret"),
            "{reply}"
        );
        replies.push(reply);
    }
    let named = Settings::parse(&house.settings(json!({"profile": SECRET})).to_string()).unwrap();
    replies.push(call(&Arc::new(Client::new(named)), "list", json!({})).await);
    assert_eq!(code(replies.last().unwrap()), "profile_unknown");
    shows_nothing(&house, &replies);
    assert!(!Path::new(&house.path("state/profiles")).exists());
    assert_eq!(house.tenant.count("list"), 0);
}

#[tokio::test]
async fn a_store_that_holds_a_swapped_pair_is_not_told_of_when_it_is_written() {
    let house = House::new();
    house.put("swapped.json", &pair(SECRET, ID).to_string());
    let client = house.tenant.client(
        json!({"stateFolder": house.path("state"), "changeLog": true,
        "workingDirectory": house.folder.path()}),
    );
    let store = json!({"file": "swapped.json"});
    let replies = [
        call(&client, "rotate", json!({"storeIn": store})).await,
        call(
            &client,
            "create",
            json!({"body": {"name": "n"}, "storeIn": store}),
        )
        .await,
        call(&client, "rotation_list", json!({})).await,
        call(&client, "change_log", json!({})).await,
    ];
    shows_nothing(&house, &replies);
}
