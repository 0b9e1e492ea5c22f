//! What the searched process does, one scenario each.

use serde_json::{Value, json};

use crate::house::{House, Kept, Tools};

pub struct Scenario {
    pub name: &'static str,
    pub operation: &'static str,
    pub kept: Kept,
    pub how: &'static str,
    /// Prepares the tenant, with other processes, and says what is asked for.
    pub request: fn(&House, &Tools) -> Value,
    /// Whether it is to succeed.
    pub ok: bool,
}

const PLAIN: Scenario = Scenario {
    name: "",
    operation: "list",
    kept: Kept::Settings,
    how: "client",
    request: |_, _| json!({"ownerId": "me"}),
    ok: true,
};

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "list",
        ..PLAIN
    },
    Scenario {
        name: "list, variables in the settings",
        kept: Kept::Snapshot,
        ..PLAIN
    },
    Scenario {
        name: "list, variables",
        kept: Kept::Variables,
        ..PLAIN
    },
    Scenario {
        name: "list, file",
        kept: Kept::File,
        ..PLAIN
    },
    Scenario {
        name: "list, command",
        kept: Kept::Command,
        ..PLAIN
    },
    Scenario {
        name: "list, job",
        how: "job",
        ..PLAIN
    },
    Scenario {
        name: "get",
        operation: "get",
        request: |house, _| json!({"id": house.client_id}),
        ..PLAIN
    },
    Scenario {
        name: "update",
        operation: "update",
        request: update,
        ..PLAIN
    },
    Scenario {
        name: "delete",
        operation: "delete",
        request: delete,
        ..PLAIN
    },
    Scenario {
        name: "bearer",
        operation: "bearer",
        request: |_, _| json!({}),
        ..PLAIN
    },
    Scenario {
        name: "settings",
        operation: "settings",
        request: |_, _| json!({}),
        ..PLAIN
    },
    Scenario {
        name: "doctor",
        operation: "doctor",
        request: |_, _| json!({}),
        ..PLAIN
    },
    Scenario {
        name: "create",
        operation: "create",
        request: |_, _| json!({"name": "made"}),
        ..PLAIN
    },
    Scenario {
        name: "create, job",
        operation: "create",
        how: "job",
        request: |_, _| json!({"name": "made"}),
        ..PLAIN
    },
    Scenario {
        name: "create into a file",
        operation: "create",
        request: |house, _| json!({"body": {"name": "made"}, "storeIn": {"file": house.path("made.env")}}),
        ..PLAIN
    },
    Scenario {
        name: "rotate into the file",
        operation: "rotate",
        kept: Kept::File,
        request: |_, _| json!({}),
        ..PLAIN
    },
    Scenario {
        name: "rotate to the caller",
        operation: "rotate",
        request: to_caller,
        ..PLAIN
    },
    Scenario {
        name: "rotation_resume",
        operation: "rotation_resume",
        request: confirm,
        ..PLAIN
    },
    Scenario {
        name: "rotation_undo",
        operation: "rotation_undo",
        kept: Kept::File,
        request: undo,
        ..PLAIN
    },
    Scenario {
        name: "profile_set",
        operation: "profile_set",
        request: profile,
        ..PLAIN
    },
    Scenario {
        name: "sign-in refused, echoed",
        request: refused,
        ok: false,
        ..PLAIN
    },
    Scenario {
        name: "list refused, echoed",
        request: echoed,
        ok: false,
        ..PLAIN
    },
];

fn update(house: &House, _: &Tools) -> Value {
    json!({"id": house.client_id, "patch": [{"op": "replace", "path": "/name", "value": "renamed"}]})
}

fn delete(house: &House, _: &Tools) -> Value {
    let made = house
        .tenant
        .control("POST", "tokens", json!([{"name": "goes"}]))
        .expect("a token");
    json!({"id": made[0]["id"]})
}

fn to_caller(_: &House, _: &Tools) -> Value {
    json!({"storeIn": {"caller": true}})
}

/// Runs an operation in a process that is not the one to be searched.
fn elsewhere(house: &House, tools: &Tools, operation: &str, request: &Value) -> Value {
    let reply =
        house
            .process(tools)
            .run("client", &house.settings(), operation, &request.to_string());
    assert_eq!(reply["ok"], true, "{operation}: {reply}");
    reply["data"].clone()
}

fn confirm(house: &House, tools: &Tools) -> Value {
    let begun = elsewhere(house, tools, "rotate", &to_caller(house, tools));
    json!({"rotation": begun["rotation"], "confirm": begun["pair"]})
}

fn undo(house: &House, tools: &Tools) -> Value {
    let begun = elsewhere(house, tools, "rotate", &json!({"overlapSeconds": 600}));
    json!({"rotation": begun["rotation"]})
}

fn profile(house: &House, _: &Tools) -> Value {
    json!({
        "name": "prod", "baseUrl": house.url(), "clientId": house.client_id, "clientSecret": house.client_secret,
        "source": {"file": house.path("profile.json")},
    })
}

/// The client secret as a careless gateway gives it back, in all forms.
fn careless(house: &House) -> String {
    let encoded = percent_encoding::utf8_percent_encode(
        &house.client_secret,
        percent_encoding::NON_ALPHANUMERIC,
    );
    json!({"error": "refused", "error_description": format!("{} {encoded}", house.client_secret)})
        .to_string()
}

fn refused(house: &House, _: &Tools) -> Value {
    house.fault("token", json!({"status": 400, "body": careless(house)}));
    json!({"ownerId": "me"})
}

fn echoed(house: &House, _: &Tools) -> Value {
    house.fault("list", json!({"status": 400, "body": careless(house)}));
    json!({"ownerId": "me"})
}
