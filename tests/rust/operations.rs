//! The five operations, in every version, and what their requests refuse.

use sailpat::api::version::{Expiry, VERSIONS};
use serde_json::{Value, json};

use crate::support::{Tenant, call, call_text, code, message, succeeded};

#[tokio::test]
async fn every_version_creates_lists_gets_updates_and_deletes() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    for (version, expiry) in VERSIONS
        .iter()
        .map(|version| (version.name, version.expiry))
    {
        let with = |mut request: Value| {
            request["apiVersion"] = json!(version);
            request
        };
        let mut body = json!({"name": format!("for {version}"), "scope": ["sp:scopes:all"]});
        if expiry == Expiry::NeverNeedsConsent {
            body["userAwareTokenNeverExpires"] = json!(true);
        }
        let created = call(&client, "create", with(json!({"body": body}))).await;
        let unknown = "the emulator does not know it: emulator/src/version.rs";
        assert_ne!(created["error"]["status"], 404, "{version}: {unknown}");
        let created = succeeded(created);
        assert_eq!(created["secret"].as_str().unwrap().len(), 64);
        let id = &created["id"];
        let listed = succeeded(call(&client, "list", with(json!({"ownerId": "me"}))).await);
        assert!(
            listed
                .as_array()
                .unwrap()
                .iter()
                .any(|token| &token["id"] == id)
        );
        let found = succeeded(call(&client, "get", with(json!({"id": id}))).await);
        assert_eq!(found["name"], format!("for {version}"));
        let patch = json!([{"op": "replace", "path": "/name", "value": "renamed"}]);
        let changed =
            succeeded(call(&client, "update", with(json!({"id": id, "patch": patch}))).await);
        assert_eq!(changed["name"], "renamed");
        let gone = call(&client, "delete", with(json!({"id": id}))).await;
        assert_eq!(
            (&gone["ok"], &gone["status"], &gone["data"]),
            (&json!(true), &json!(204), &Value::Null)
        );
    }
}

#[tokio::test]
async fn data_is_the_services_text_byte_for_byte() {
    let tenant = Tenant::new();
    let body = r#"[ {"id":"a", "n":1.50, "u":"\u00e4", "new": {"deep": [1e400]}} ]"#;
    tenant.fault("list", json!({"rawBody": body}));
    let client = tenant.client(json!({}));
    let operation = sailpat::ops::find("list").unwrap();
    let json = zeroize::Zeroizing::new("{}".to_owned());
    let envelope = operation.run(client, json, Default::default()).await;
    let text = String::from_utf8(envelope.into_bytes()).unwrap();
    assert!(
        text.starts_with(&format!(
            r#"{{"ok":true,"status":200,"data":{body},"meta":"#
        )),
        "{text}"
    );
}

#[tokio::test]
async fn a_create_body_is_sent_as_it_was_given() {
    let tenant = Tenant::new();
    let body = "{ \"name\" : \"as\\u0020it is\", \"scope\":null,\n \"expirationDate\": null }";
    succeeded(call_text(&tenant.client(json!({})), "create", body).await);
    let wrapped = format!("{{\"timeoutMs\": 20000, \"body\": {body} }}").replace("as", "and as");
    succeeded(call_text(&tenant.client(json!({})), "create", &wrapped).await);
    let requests = tenant.requests();
    let sent: Vec<&Value> = requests
        .iter()
        .filter(|request| request["kind"] == "create")
        .map(|request| &request["body"])
        .collect();
    assert_eq!(sent, [body, &body.replace("as", "and as")]);
}

#[tokio::test]
async fn what_stands_in_a_body_or_patch_is_never_an_option() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    let folder = tempfile::tempdir().unwrap();
    let planted = folder.path().join("planted");
    let store = json!({"command": ["touch", planted]});
    let body = json!({"name": "x", "storeIn": store});
    let patch = json!([{"op": "replace", "path": "/name", "value": "x", "storeIn": store}]);
    for (operation, request, field) in [
        ("create", body.clone(), "storeIn"),
        ("create", json!({"body": body}), "storeIn"),
        (
            "create",
            json!({"body": {"name": "x", "body": body}}),
            "body",
        ),
        (
            "update",
            json!({"id": "a", "patch": patch}),
            "patch[0].storeIn",
        ),
    ] {
        let reply = call(&client, operation, request).await;
        assert_eq!(code(&reply), "invalid_request", "{reply}");
        assert_eq!(reply["error"]["field"], field, "{reply}");
    }
    assert!(!planted.exists());
    assert_eq!((tenant.count("create"), tenant.count("patch")), (0, 0));
}

#[tokio::test]
async fn bad_requests_name_the_field_and_send_nothing() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    let long = "x".repeat(300);
    let id = |id: &str| json!({"id": id});
    for (operation, request, field) in [
        ("create", json!({}), "name"),
        ("create", json!({"name": ""}), "name"),
        ("create", json!({"name": long}), "name"),
        ("create", json!({"name": 5}), "name"),
        ("create", json!({"name": "n", "nmae": "n"}), "nmae"),
        ("create", json!({"name": "n", "scope": "all"}), "scope"),
        (
            "create",
            json!({"name": "n", "accessTokenValiditySeconds": 14}),
            "accessTokenValiditySeconds",
        ),
        (
            "create",
            json!({"name": "n", "accessTokenValiditySeconds": 43201}),
            "accessTokenValiditySeconds",
        ),
        (
            "create",
            json!({"name": "n", "expirationDate": "2099-01-01T00:00:00Z"}),
            "expirationDate",
        ),
        (
            "create",
            json!({"name": "n", "expirationDate": "tomorrow"}),
            "expirationDate",
        ),
        (
            "create",
            json!({"body": {"name": "n"}, "apiVersion": "v1"}),
            "expirationDate",
        ),
        (
            "create",
            json!({"body": {"name": "n"}, "apiVersion": "v9"}),
            "apiVersion",
        ),
        (
            "create",
            json!({"body": {"name": "n"}, "timeoutMs": -1}),
            "timeoutMs",
        ),
        ("list", json!({"filters": "name eq \"x\""}), "filters"),
        ("list", json!({"ownerId": "../x"}), "ownerId"),
        ("list", json!({"limit": 5}), "limit"),
        ("get", json!({}), "id"),
        ("get", id(""), "id"),
        ("delete", id("a/b"), "id"),
        ("delete", id(".."), "id"),
        ("delete", id("a%2fb"), "id"),
        ("delete", id("a\r\nX: y"), "id"),
        ("delete", id("a\0b"), "id"),
        ("update", json!({"id": "a"}), "patch"),
        ("update", json!({"id": "a", "patch": []}), "patch"),
        (
            "update",
            json!({"id": "a", "patch": [{"op": "replace", "path": "name", "value": 1}]}),
            "patch[0].path",
        ),
    ] {
        let reply = call(&client, operation, request.clone()).await;
        assert_eq!(code(&reply), "invalid_request", "{request}: {reply}");
        assert_eq!(reply["error"]["field"], field, "{request}");
        assert!(
            message(&reply).starts_with(&format!("{field}: ")),
            "{}",
            message(&reply)
        );
    }
    for text in [
        "",
        "nonsense",
        "{\"name\":",
        &format!("{{\"name\":{}{}}}", "[".repeat(9999), "]".repeat(9999)),
    ] {
        assert_eq!(
            code(&call_text(&client, "create", text).await),
            "invalid_json"
        );
    }
    for text in ["[]", "1", "null"] {
        assert_eq!(
            code(&call_text(&client, "create", text).await),
            "invalid_request"
        );
    }
    assert_eq!(tenant.stats()["connections"], 0);
}

#[tokio::test]
async fn the_services_refusals_keep_status_body_and_words() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({}));
    let created = succeeded(call(&client, "create", json!({"name": "n"})).await);
    let twice = call(&client, "create", json!({"name": "n"})).await;
    assert_eq!(
        (code(&twice), &twice["error"]["status"]),
        ("refused", &json!(400))
    );
    let patch = json!([{"op": "replace", "path": "/description", "value": "x"}]);
    let refused = call(
        &client,
        "update",
        json!({"id": created["id"], "patch": patch}),
    )
    .await;
    assert_eq!(code(&refused), "refused");
    let body: Value = serde_json::from_str(refused["error"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["trackingId"], refused["error"]["trackingId"]);
    assert!(message(&refused).contains(body["messages"][0]["text"].as_str().unwrap()));
    assert!(
        refused["error"]["headers"]["content-type"][0]
            .as_str()
            .unwrap()
            .contains("json")
    );
    let missing = call(&client, "delete", json!({"id": "0".repeat(32)})).await;
    assert_eq!(
        (code(&missing), &missing["error"]["status"]),
        ("not_found", &json!(404))
    );
    assert_eq!(tenant.count("delete"), 1);
}

#[tokio::test]
async fn get_tells_missing_from_not_visible() {
    let tenant = Tenant::seeded(json!({
        "identities": [
            {"id": "i".repeat(32), "name": "Plain", "rights": ["idn:my-personal-access-tokens:read"],
             "clientId": "c".repeat(32), "clientSecret": "s".repeat(64)},
            {"id": "j".repeat(32), "name": "Other", "rights": []}
        ],
        "tokens": [{"id": "e".repeat(32), "name": "theirs", "owner": {"type": "IDENTITY", "id": "j".repeat(32), "name": "Other"}}]
    }));
    let plain = tenant.client(json!({"clientId": "c".repeat(32), "clientSecret": "s".repeat(64)}));
    let reply = call(&plain, "get", json!({"id": "e".repeat(32)})).await;
    assert_eq!(code(&reply), "not_visible");
    assert_eq!(reply["error"]["status"], 403);
    assert!(
        reply["error"]["remedy"]
            .as_str()
            .unwrap()
            .contains("idn:all-personal-access-tokens:read")
    );
    let own = succeeded(call(&plain, "get", json!({"id": "c".repeat(32)})).await);
    assert_eq!(own["id"], "c".repeat(32));
}

#[tokio::test]
async fn get_finds_another_owners_token_in_the_tenant() {
    let tenant = Tenant::with(sailpat_emulator::Options {
        rate_limit: None,
        seed: sailpat_emulator::Seed::Generated {
            identities: 3,
            tokens: 9,
        },
        ..Default::default()
    });
    let client = tenant.client(json!({}));
    let all = succeeded(call(&client, "list", json!({})).await);
    let mine = succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    let other = all
        .as_array()
        .unwrap()
        .iter()
        .find(|token| !mine.as_array().unwrap().contains(token))
        .unwrap();
    assert_eq!(
        &succeeded(call(&client, "get", json!({"id": other["id"]})).await),
        other
    );
    let missing = call(&client, "get", json!({"id": "f".repeat(32)})).await;
    assert_eq!(
        (code(&missing), &missing["error"]["status"]),
        ("not_found", &Value::Null)
    );
}
