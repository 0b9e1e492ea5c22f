//! What really goes in and comes out at the C door, held against docs/schema: every request and reply of
//! every operation in every version, and for each kind of request what both must refuse.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use sailpat::ops::OPERATIONS;
use sailpat_emulator::{Emulator, Options};
use sailpat_schema_tests::{self as door, Client, Schema};
use serde_json::{Value, json};

static ENVELOPE: LazyLock<Schema> = LazyLock::new(|| Schema::named("envelope"));

fn tenant() -> Emulator {
    Emulator::start(Options {
        rate_limit: None,
        ..Options::default()
    })
    .expect("the emulator starts")
}

fn settings(tenant: &Emulator) -> Value {
    json!({
        "baseUrl": tenant.url(),
        "clientId": tenant.client_id(),
        "clientSecret": tenant.client_secret(),
        "rateLimit": null,
        "environment": {"SAIL_BASE_URL": null},
        "workingDirectory": "/nonexistent",
        "replyHeaders": true,
        "replyLog": true,
    })
}

fn client(settings: &Value) -> Client {
    Schema::named("configure.request").check(settings);
    let (client, reply) = Client::new(settings);
    ENVELOPE.check(&reply);
    client.expect("the settings are right")
}

/// A date that every version takes for an end: in the future, and within half a year.
fn in_days(days: i64) -> String {
    (Timestamp::now() + SignedDuration::from_hours(24 * days)).to_string()
}

/// Calls with a request that both the schema and the library accept; gives back the data.
fn good(client: &Client, operation: &str, request: Value) -> Value {
    Schema::named(&format!("{operation}.request")).check(&request);
    let envelope = client.call(operation, &request);
    ENVELOPE.check(&envelope);
    assert_eq!(envelope["ok"], true, "{operation} {request}: {envelope}");
    Schema::named(&format!("{operation}.reply")).check(&envelope["data"]);
    envelope["data"].clone()
}

/// Calls with a request that both the schema and the library refuse.
fn bad(client: &Client, operation: &str, request: Value) {
    let schema = Schema::named(&format!("{operation}.request"));
    assert!(!schema.accepts(&request), "{operation} {request}");
    let envelope = client.call(operation, &request);
    ENVELOPE.check(&envelope);
    let code = &envelope["error"]["code"];
    assert_eq!(code, "invalid_request", "{operation} {request}: {envelope}");
}

#[test]
fn every_operation_in_every_version() {
    let tenant = tenant();
    let client = client(&settings(&tenant));
    let versions = door::version()["data"]["apiVersions"].clone();
    for version in versions.as_array().expect("versions") {
        let me = json!({"ownerId": "me", "apiVersion": version});
        let name = format!("schema {}", version.as_str().unwrap_or_default());
        let expiry = in_days(60);
        let created = good(
            &client,
            "create",
            json!({"body": {"name": name, "scope": ["sp:scopes:default"],
                            "accessTokenValiditySeconds": 900, "expirationDate": expiry},
                   "apiVersion": version, "timeoutMs": 20000}),
        );
        let id = &created["id"];
        assert!(
            !good(&client, "list", me)
                .as_array()
                .expect("a list")
                .is_empty()
        );
        good(&client, "get", json!({"id": id, "apiVersion": version}));
        let patch =
            json!([{"op": "replace", "path": "/name", "value": format!("{name}, renamed")}]);
        let changed = good(
            &client,
            "update",
            json!({"id": id, "patch": patch, "apiVersion": version}),
        );
        assert!(
            changed["name"]
                .as_str()
                .is_some_and(|name| name.ends_with("renamed"))
        );
        good(&client, "delete", json!({"id": id, "apiVersion": version}));
    }
}

#[test]
fn every_operation_has_traffic_in_these_tests() {
    let source: String = include_str!("traffic.rs").split_whitespace().collect();
    for operation in OPERATIONS {
        let call = format!("good(&client,\"{}\",", operation.name);
        assert!(source.contains(&call), "nothing here says {call}");
        for reply in operation.replies {
            Schema::named(&format!("{reply}.reply"));
            let checked = format!("named(\"{reply}.reply\")");
            assert!(
                source.contains(&checked) || *reply == operation.name,
                "{checked}"
            );
        }
    }
}

#[test]
fn every_operation_refuses_what_its_schema_does_not_know() {
    let tenant = tenant();
    let client = client(&settings(&tenant));
    for operation in OPERATIONS {
        bad(&client, operation.name, json!({"odd": true}));
        bad(&client, operation.name, json!({"timeoutMs": 0}));
    }
}

#[test]
fn the_other_operations_and_functions() {
    let tenant = tenant();
    let client = client(&settings(&tenant));
    good(&client, "bearer", json!({}));
    good(&client, "settings", json!({"apiVersion": "v2025"}));
    good(&client, "list", json!({"filters": "lastUsed isnull"}));
    good(
        &client,
        "doctor",
        json!({"offline": false, "timeoutMs": 20000}),
    );
    good(&client, "doctor", json!({"offline": true}));
    for (name, envelope) in [
        ("version.reply", door::version()),
        ("log.reply", door::log()),
        ("configure.reply", door::configure(&json!({"proxy": false}))),
    ] {
        ENVELOPE.check(&envelope);
        Schema::named(name).check(&envelope["data"]);
    }
}

#[test]
fn a_rotation_from_its_making_to_its_end() {
    let tenant = tenant();
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let mut settings = settings(&tenant);
    settings["environment"] = json!({"SAIL_BASE_URL": null, "SAILPAT_HOME": path("state")});
    let client = client(&settings);
    let stored = json!({"body": {"name": "stored"}, "storeIn": {"file": path("stored.env"), "format": "dotenv"}});
    Schema::named("create.request").check(&stored);
    let reply = client.call("create", &stored);
    ENVELOPE.check(&reply);
    Schema::named("create_stored.reply").check(&reply["data"]);
    assert_eq!(reply["data"]["secret"], Value::Null, "{reply}");
    let file = json!({"file": path("pair.json")});
    let wish = json!({"id": tenant.client_id(), "storeIn": file, "overlapSeconds": 60.5,
        "verifySeconds": 5, "expirationDate": in_days(30), "apiVersion": "v2025"});
    assert_eq!(
        good(&client, "rotation_plan", wish.clone())["id"],
        tenant.client_id()
    );
    let overlapping = good(&client, "rotate", wish);
    assert_eq!(overlapping["state"], "overlapping");
    let id = json!({"rotation": overlapping["rotation"]});
    good(&client, "rotation_resume", id.clone());
    good(&client, "rotation_undo", id);
    let handed = good(&client, "rotate", json!({"storeIn": {"caller": true}}));
    assert_eq!(handed["state"], "awaiting_confirmation");
    let confirm = json!({"rotation": handed["rotation"], "confirm": handed["pair"], "now": true});
    assert_eq!(good(&client, "rotation_resume", confirm)["state"], "done");
    std::fs::write(path("state/rotations/odd.jsonl"), "[1]\n").expect("a file");
    let listed = good(&client, "rotation_list", json!({"unfinished": false}));
    assert_eq!(listed.as_array().map(Vec::len), Some(4), "{listed}");
    assert_eq!(listed[0]["state"], "unreadable", "{listed}");
    for store in [
        json!({}),
        json!({"file": "a.json", "format": "xml"}),
        json!({"command": []}),
        json!({"command": ["x"], "commandTimeoutMs": 0}),
        json!({"file": 5}),
        json!({"nowhere": true}),
    ] {
        bad(&client, "rotate", json!({"storeIn": store}));
        bad(
            &client,
            "create",
            json!({"body": {"name": "n"}, "storeIn": store}),
        );
    }
    for request in [
        json!({"overlapSeconds": -1}),
        json!({"overlapSeconds": 7_776_001}),
        json!({"verifySeconds": 3_601}),
        json!({"expirationDate": "soon"}),
        json!({"rotation": "x"}),
    ] {
        bad(&client, "rotate", request.clone());
        bad(&client, "rotation_plan", request);
    }
    bad(&client, "rotation_list", json!({"unfinished": "yes"}));
    for operation in ["rotation_resume", "rotation_undo"] {
        bad(&client, operation, json!({}));
        bad(&client, operation, json!({"rotation": "../x"}));
    }
    let half = json!({"rotation": "a", "confirm": {"clientId": "a"}});
    bad(&client, "rotation_resume", half);
}

#[test]
fn what_is_kept_on_this_machine() {
    let tenant = tenant();
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = settings(&tenant);
    settings["stateFolder"] = json!(folder.path());
    settings["changeLog"] = json!(true);
    let client = client(&settings);
    let profile = json!({"name": "lab", "baseUrl": tenant.url(), "clientId": "i", "clientSecret": "s",
        "apiVersion": "v2025", "source": {"file": folder.path().join("pair.json")}, "default": true});
    good(&client, "profile_set", profile);
    assert_eq!(good(&client, "profiles", json!({}))[0]["name"], "lab");
    good(&client, "profile_remove", json!({"name": "lab"}));
    let created = good(&client, "create", json!({"name": "logged"}));
    good(&client, "delete", json!({"id": created["id"]}));
    let question = json!({"since": "2026-01-01T00:00:00Z", "id": created["id"], "last": 9});
    let changes = good(&client, "change_log", question);
    assert_eq!(changes.as_array().map(Vec::len), Some(2), "{changes}");
    for request in [
        json!({}),
        json!({"name": "a b", "baseUrl": "https://t"}),
        json!({"name": 5}),
        json!({"name": "a", "baseUrl": "https://t", "source": {}}),
        json!({"name": "a", "baseUrl": "https://t", "default": "yes"}),
        json!({"name": "a", "baseUrl": "https://t", "secret": "s"}),
    ] {
        bad(&client, "profile_set", request);
    }
    bad(&client, "profile_remove", json!({}));
    bad(&client, "profiles", json!({"name": "lab"}));
    for request in [
        json!({"last": -1}),
        json!({"since": "yesterday"}),
        json!({"id": 5}),
    ] {
        bad(&client, "change_log", request);
    }
}

#[test]
fn progress_at_the_start_in_the_middle_and_at_the_end() {
    let tenant = tenant();
    let client = client(&settings(&tenant));
    let hang = json!({"match": {"kind": "list"}, "fault": {"hang": true}});
    tenant
        .control("POST", "faults", hang)
        .expect("the fault is taken");
    let job = client.start("list", &json!({"ownerId": "me"}));
    let mut seen = Vec::new();
    for _ in 0..20 {
        seen.push(job.progress());
        assert!(!job.wait(10));
    }
    ENVELOPE.check(&job.take());
    job.cancel();
    assert!(job.wait(5000));
    seen.push(job.progress());
    let schema = Schema::named("progress.reply");
    for progress in &seen {
        ENVELOPE.check(progress);
        schema.check(&progress["data"]);
    }
    let last = seen.last().expect("the last one");
    assert_eq!(last["data"]["state"], "cancelled");
    ENVELOPE.check(&job.take());
}

#[test]
fn errors_of_every_origin_are_envelopes() {
    let tenant = tenant();
    let client = client(&settings(&tenant));
    for fault in [
        json!({"status": 400}),
        json!({"status": 403}),
        json!({"status": 500}),
        json!({"html": true}),
    ] {
        let rule = json!({"match": {"kind": "list"}, "times": 1, "fault": fault});
        tenant
            .control("POST", "faults", rule)
            .expect("the fault is taken");
        let envelope = client.call("list", &json!({"ownerId": "me"}));
        ENVELOPE.check(&envelope);
        assert_eq!(envelope["ok"], false, "{fault}: {envelope}");
    }
    let missing = client.call("get", &json!({"id": "0123456789abcdef0123456789abcdef"}));
    ENVELOPE.check(&missing);
    assert_eq!(missing["error"]["code"], "not_found");
    ENVELOPE.check(&client.call("destroy", &json!({})));
    ENVELOPE.check(&client.call("list", &json!([])));
}

#[test]
fn a_create_whose_reply_is_lost_names_its_orphan() {
    let tenant = tenant();
    let client = client(&settings(&tenant));
    let rule = json!({"match": {"kind": "create"}, "times": 1, "fault": {"drop": "afterCommit"}});
    tenant
        .control("POST", "faults", rule)
        .expect("the fault is taken");
    let envelope = client.call("create", &json!({"name": "lost"}));
    ENVELOPE.check(&envelope);
    assert_eq!(envelope["error"]["code"], "create_lost", "{envelope}");
    assert_eq!(envelope["error"]["orphan"]["name"], "lost", "{envelope}");
}

#[test]
fn what_the_schema_refuses_the_library_refuses() {
    let tenant = tenant();
    let client = client(&settings(&tenant));
    let id = "0123456789abcdef0123456789abcdef";
    for body in [
        json!({}),
        json!({"name": ""}),
        json!({"name": "   "}),
        json!({"name": "n".repeat(256)}),
        json!({"name": 5}),
        json!({"name": "n", "scope": "all"}),
        json!({"name": "n", "scope": [""]}),
        json!({"name": "n", "accessTokenValiditySeconds": 14}),
        json!({"name": "n", "accessTokenValiditySeconds": 43201}),
        json!({"name": "n", "accessTokenValiditySeconds": 60.5}),
        json!({"name": "n", "expirationDate": "soon"}),
        json!({"name": "n", "description": "unknown"}),
        json!({"name": "n", "apiVersion": "v2024"}),
        json!({"name": "n", "timeoutMs": 5000}),
        json!({"name": "n", "storeIn": {"file": "x.json"}}),
        json!({"name": "n", "body": {"name": "n"}}),
    ] {
        bad(&client, "create", json!({"body": body, "timeoutMs": 5000}));
        bad(&client, "create", body);
    }
    for request in [
        json!({"body": null}),
        json!({"body": [{"name": "n"}]}),
        json!({"body": "{\"name\":\"n\"}"}),
        json!({"body": {"name": "n"}, "name": "n"}),
        json!({"body": {"name": "n"}, "apiVersion": "v9"}),
        json!({"body": {"name": "n"}, "timeoutMs": 0}),
    ] {
        bad(&client, "create", request);
    }
    for request in [
        json!({"ownerId": 5}),
        json!({"filters": "name eq 5"}),
        json!({"owner": "me"}),
        json!({"timeoutMs": "long"}),
    ] {
        bad(&client, "list", request);
    }
    for operation in ["get", "delete"] {
        for request in [
            json!({}),
            json!({"id": ""}),
            json!({"id": 5}),
            json!({"id": id, "x": 1}),
        ] {
            bad(&client, operation, request);
        }
    }
    for patch in [
        json!([]),
        json!({}),
        json!([{"op": "replace", "path": "/name"}]),
        json!([{"op": "replace", "path": "name", "value": 1}]),
        json!([{"op": "change", "path": "/name", "value": 1}]),
        json!([{"op": "move", "path": "/a"}]),
        json!([{"op": "remove", "path": "/a", "extra": 1}]),
        json!([{"op": "remove", "path": "/a", "timeoutMs": 5000}]),
        json!([{"op": "remove", "path": "/a", "storeIn": {"file": "x.json"}}]),
    ] {
        bad(&client, "update", json!({"id": id, "patch": patch}));
    }
    bad(&client, "bearer", json!({"id": id}));
    bad(&client, "settings", json!({"id": id}));
    bad(&client, "doctor", json!({"id": id}));
    bad(&client, "doctor", json!({"offline": "yes"}));
}

#[test]
fn settings_that_the_schema_refuses_the_library_refuses() {
    let schema = Schema::named("configure.request");
    for settings in [
        json!({"baseURL": "https://t"}),
        json!({"timeoutMs": 0}),
        json!({"timeoutMs": 86_400_001}),
        json!({"maximumRetryCount": 101}),
        json!({"retryIntervalSeconds": -1}),
        json!({"rateLimit": {"requests": 0, "perSeconds": 1}}),
        json!({"rateLimit": {"requests": 1}}),
        json!({"proxy": true}),
        json!({"proxy": {"username": "u"}}),
        json!({"maximumReplyBytes": 0}),
        json!({"apiVersion": "v9"}),
        json!({"environment": {"HOME": 5}}),
        json!({"tokenExpiration": "soon"}),
        json!({"skipCertificateCheck": "yes"}),
    ] {
        assert!(!schema.accepts(&settings), "{settings}");
        let (client, reply) = Client::new(&settings);
        ENVELOPE.check(&reply);
        assert!(client.is_none(), "{settings}");
        assert_eq!(
            reply["error"]["code"], "settings_invalid",
            "{settings}: {reply}"
        );
    }
}

#[test]
fn every_schema_is_a_schema_and_is_named_after_its_file() {
    let schemas = door::all();
    for (name, schema) in &schemas {
        assert_eq!(schema["$id"], format!("urn:sailpat:schema:{name}"));
        assert!(jsonschema::meta::is_valid(schema), "{name}");
    }
    let operations = door::version()["data"]["operations"].clone();
    for operation in operations.as_array().expect("operations") {
        for kind in ["request", "reply"] {
            let name = format!("{}.{kind}", operation.as_str().unwrap_or_default());
            assert!(schemas.iter().any(|(known, _)| *known == name), "{name}");
        }
    }
}
