//! Settings are followed: what changed counts from the next call.

use serde_json::json;

use crate::support::{Tenant, call, client, code, message, succeeded};

/// Settings that find everything in a folder and variables.
fn following(folder: &std::path::Path, environment: serde_json::Value) -> serde_json::Value {
    json!({"environment": environment, "workingDirectory": folder, "rateLimit": null})
}

fn config(tenant: &Tenant) -> String {
    json!({"ClientId": tenant.0.client_id(), "ClientSecret": tenant.0.client_secret(), "BaseURL": tenant.0.url()}).to_string()
}

#[tokio::test]
async fn a_changed_file_counts_from_the_next_call() {
    let (one, two) = (Tenant::new(), Tenant::new());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    let client = client(&following(folder.path(), json!({})));
    for tenant in [&one, &two, &one] {
        std::fs::write(&file, config(tenant)).unwrap();
        succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    }
    assert_eq!((one.count("list"), two.count("list")), (2, 1));
    assert_eq!((one.count("token"), two.count("token")), (1, 1));
    std::fs::remove_file(&file).unwrap();
    let reply = call(&client, "list", json!({})).await;
    assert_eq!(code(&reply), "settings_missing");
    assert!(
        message(&reply).contains("config.json (no such file)"),
        "{}",
        message(&reply)
    );
}

#[tokio::test]
async fn an_empty_variable_counts_as_not_set() {
    let tenant = Tenant::new();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.json"), config(&tenant)).unwrap();
    let environment = json!({"SAIL_BASE_URL": "", "SAIL_CLIENT_ID": " ", "SAIL_CLIENT_SECRET": "",
        "HTTP_PROXY": "", "SAILPAT_HOME": null});
    let settings = following(folder.path(), environment);
    succeeded(call(&client(&settings), "list", json!({"ownerId": "me"})).await);
}

#[tokio::test]
async fn the_official_command_lines_file_is_the_last_place() {
    let tenant = Tenant::new();
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".sailpoint")).unwrap();
    let yaml = format!(
        "activeenvironment: test\nenvironments:\n  test:\n    baseurl: {}\n    pat:\n      clientid: {}\n      clientsecret: {}\n",
        tenant.0.url(),
        tenant.0.client_id(),
        tenant.0.client_secret()
    );
    std::fs::write(home.path().join(".sailpoint/config.yaml"), yaml).unwrap();
    let settings = following(home.path(), json!({"HOME": home.path()}));
    succeeded(call(&client(&settings), "list", json!({"ownerId": "me"})).await);
}

#[tokio::test]
async fn bad_addresses_are_named_with_their_place_and_nothing_is_sent() {
    for (url, rule) in [
        ("tenant.api.identitynow.com", "with its scheme"),
        ("http://tenant.api.identitynow.com", "must be https"),
        ("https://user:planted@tenant", "must not hold a user name"),
    ] {
        let environment =
            json!({"SAIL_BASE_URL": url, "SAIL_CLIENT_ID": "i", "SAIL_CLIENT_SECRET": "s"});
        let folder = tempfile::tempdir().unwrap();
        let reply = call(
            &client(&following(folder.path(), environment)),
            "list",
            json!({}),
        )
        .await;
        assert_eq!(code(&reply), "settings_invalid");
        assert!(
            message(&reply).starts_with("variable SAIL_BASE_URL: "),
            "{}",
            message(&reply)
        );
        assert!(message(&reply).contains(rule), "{}", message(&reply));
        assert!(!reply.to_string().contains("planted"));
    }
}

#[tokio::test]
async fn missing_settings_name_every_place_and_the_likely_slip() {
    let folder = tempfile::tempdir().unwrap();
    let environment = json!({"BASE_URL": "https://t", "CLIENT_ID": "i", "HOME": folder.path()});
    let reply = call(
        &client(&following(folder.path(), environment)),
        "list",
        json!({}),
    )
    .await;
    assert_eq!(code(&reply), "settings_missing");
    for words in [
        "SAIL_BASE_URL",
        "config.json",
        "config.yaml",
        "BASE_URL, CLIENT_ID",
    ] {
        assert!(
            message(&reply).contains(words),
            "{words}: {}",
            message(&reply)
        );
    }
    assert!(
        reply["error"]["remedy"]
            .as_str()
            .unwrap()
            .contains("SAIL_BASE_URL, SAIL_CLIENT_ID")
    );
}

#[tokio::test]
async fn the_settings_in_force_name_their_places_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let config = r#"{"ClientId":"me","ClientSecret":"planted-secret"}"#;
    std::fs::write(folder.path().join("config.json"), config).unwrap();
    let environment = json!({"SAIL_BASE_URL": "https://t.example/"});
    let client = client(&following(folder.path(), environment));
    let reply = call(&client, "settings", json!({"apiVersion": "v3"})).await;
    assert!(!reply.to_string().contains("planted"));
    let settings = succeeded(reply);
    assert_eq!(settings["baseUrl"], "https://t.example");
    assert_eq!(settings["tokenUrl"], "https://t.example/oauth/token");
    assert_eq!(settings["clientId"], "me");
    assert_eq!(settings["apiVersion"], "v3");
    assert_eq!(settings["sources"]["baseUrl"], "variable SAIL_BASE_URL");
    let place = settings["sources"]["clientSecret"].as_str().unwrap();
    assert!(
        place.starts_with("file ") && place.ends_with("config.json"),
        "{place}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_in_the_place_of_a_file_is_told_and_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("config.json");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    let reply = call(
        &client(&following(folder.path(), json!({}))),
        "list",
        json!({"timeoutMs": 5000}),
    )
    .await;
    assert_eq!(code(&reply), "settings_invalid");
    assert!(
        message(&reply).ends_with("config.json: not a file"),
        "{reply}"
    );
}

#[tokio::test]
async fn a_relative_ca_file_lies_below_the_working_directory() {
    let tenant = Tenant::with(sailpat_emulator::Options {
        tls: true,
        rate_limit: None,
        ..Default::default()
    });
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), tenant.0.ca_pem().unwrap()).unwrap();
    let settings = json!({
        "baseUrl": tenant.0.tls_url().unwrap(),
        "caFile": "ca.pem",
        "workingDirectory": folder.path(),
    });
    succeeded(call(&tenant.client(settings), "list", json!({"ownerId": "me"})).await);
}
