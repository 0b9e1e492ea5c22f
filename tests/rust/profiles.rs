//! Many tenants: profiles by name, from the own file and from the official command line's.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Tenant, call, client, code, message, succeeded};

/// Settings of one state folder and home, and nothing else; `extra` goes on top.
fn settings(folder: &Path, extra: Value) -> Value {
    let mut settings = json!({
        "rateLimit": null,
        "retryIntervalSeconds": 0.01,
        "environment": {"HOME": folder},
        "workingDirectory": folder,
    });
    if let (Some(settings), Value::Object(extra)) = (settings.as_object_mut(), extra) {
        settings.extend(extra);
    }
    settings
}

async fn set(folder: &Path, request: Value) -> Value {
    call(
        &client(&settings(folder, json!({}))),
        "profile_set",
        request,
    )
    .await
}

/// A profile of that name for a tenant.
async fn made(folder: &Path, name: &str, tenant: &Tenant) -> Value {
    let request = json!({"name": name, "baseUrl": tenant.0.url(),
        "clientId": tenant.0.client_id(), "clientSecret": tenant.0.client_secret()});
    succeeded(set(folder, request).await)
}

async fn profiles(folder: &Path) -> Value {
    succeeded(call(&client(&settings(folder, json!({}))), "profiles", json!({})).await)
}

fn mine() -> Value {
    json!({"ownerId": "me"})
}

#[tokio::test]
async fn a_profile_is_the_only_place_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (Tenant::new(), Tenant::new());
    made(folder.path(), "ours", &ours).await;
    let file = json!({"BaseURL": other.0.url(), "ClientId": other.0.client_id(), "ClientSecret": other.0.client_secret()});
    std::fs::write(folder.path().join("config.json"), file.to_string()).unwrap();
    let environment = json!({"HOME": folder.path(), "SAIL_BASE_URL": other.0.url(),
        "SAIL_CLIENT_ID": other.0.client_id(), "SAIL_CLIENT_SECRET": other.0.client_secret()});
    let with = |profile: &str| {
        settings(
            folder.path(),
            json!({"profile": profile, "environment": environment}),
        )
    };
    succeeded(call(&client(&with("OURS")), "list", mine()).await);
    assert_eq!((ours.count("list"), other.count("list")), (1, 0));
    let found = succeeded(call(&client(&with("ours")), "settings", json!({})).await);
    assert_eq!(found["profile"], "ours");
    assert_eq!(found["sources"]["baseUrl"], "profile ours");
    let place = format!(
        "file {}",
        folder.path().join(".sailpat/profiles/ours.json").display()
    );
    assert_eq!(found["sources"]["clientId"], place);
    // Its pair is gone: nobody else's takes its place.
    std::fs::remove_file(folder.path().join(".sailpat/profiles/ours.json")).unwrap();
    let reply = call(&client(&with("ours")), "list", mine()).await;
    assert_eq!(code(&reply), "settings_missing");
    let words = "missing settings: clientId, clientSecret. profile ours in profiles.json: file ";
    assert!(message(&reply).starts_with(words), "{reply}");
    assert!(!message(&reply).contains("SAIL_"), "{reply}");
    assert_eq!(other.count("list"), 0);
}

#[tokio::test]
async fn explicit_settings_go_before_the_profile() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (Tenant::new(), Tenant::new());
    made(folder.path(), "ours", &ours).await;
    let extra = json!({"profile": "ours", "baseUrl": other.0.url(),
        "clientId": other.0.client_id(), "clientSecret": other.0.client_secret()});
    succeeded(call(&client(&settings(folder.path(), extra)), "list", mine()).await);
    assert_eq!((ours.count("list"), other.count("list")), (0, 1));
}

#[tokio::test]
async fn an_unknown_name_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    made(folder.path(), "production", &tenant).await;
    let reply = call(
        &client(&settings(folder.path(), json!({"profile": "prodution"}))),
        "list",
        mine(),
    )
    .await;
    assert_eq!(code(&reply), "profile_unknown");
    assert_eq!(
        message(&reply),
        "no profile 'prodution'; there are production"
    );
    assert_eq!(reply["error"]["remedy"], "did you mean 'production'?");
    assert_eq!(tenant.count("list"), 0);
}

#[tokio::test]
async fn a_secret_is_in_its_store_alone() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    let shown = made(folder.path(), "Prod", &tenant).await;
    let state = folder.path().join(".sailpat");
    let private = state.join("profiles/prod.json");
    assert_eq!(
        shown,
        json!({"name": "Prod", "baseUrl": tenant.0.url(), "clientId": tenant.0.client_id(), "apiVersion": null,
            "source": format!("file {}", private.display()), "from": "profiles.json", "default": false})
    );
    let secret = tenant.0.client_secret();
    assert!(std::fs::read_to_string(&private).unwrap().contains(secret));
    assert!(
        !std::fs::read_to_string(state.join("profiles.json"))
            .unwrap()
            .contains(secret)
    );
    #[cfg(unix)]
    for (path, mode) in [
        (&private, 0o600),
        (&state.join("profiles.json"), 0o600),
        (&state, 0o700),
        (&state.join("profiles"), 0o700),
    ] {
        let found =
            std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        assert_eq!(found & 0o777, mode, "{}", path.display());
    }
    // A store of the caller's choice: the private file's copy goes.
    let elsewhere = folder.path().join("elsewhere.json");
    let request = json!({"name": "prod", "clientId": tenant.0.client_id(), "clientSecret": secret, "source": {"file": elsewhere}});
    let shown = succeeded(set(folder.path(), request).await);
    assert_eq!(shown["source"], format!("file {}", elsewhere.display()));
    assert_eq!(shown["baseUrl"], tenant.0.url(), "what was not given stays");
    assert!(!private.exists() && elsewhere.exists());
    succeeded(
        call(
            &client(&settings(folder.path(), json!({"profile": "prod"}))),
            "list",
            mine(),
        )
        .await,
    );
    // Removing the profile leaves the store of others alone.
    let removed = succeeded(
        call(
            &client(&settings(folder.path(), json!({}))),
            "profile_remove",
            json!({"name": "PROD"}),
        )
        .await,
    );
    assert_eq!(removed["name"], "Prod");
    assert!(elsewhere.exists());
    assert_eq!(profiles(folder.path()).await, json!([]));
}

#[tokio::test]
async fn removing_a_profile_removes_its_private_file() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::new();
    made(folder.path(), "one", &tenant).await;
    made(folder.path(), "two", &tenant).await;
    let held = folder.path().join(".sailpat/profiles");
    let plain = client(&settings(folder.path(), json!({})));
    succeeded(call(&plain, "profile_remove", json!({"name": "One"})).await);
    assert!(!held.join("one.json").exists() && held.join("two.json").exists());
    let reply = call(&plain, "profile_remove", json!({"name": "one"})).await;
    assert_eq!(code(&reply), "profile_unknown");
}

#[tokio::test]
async fn the_default_profile_counts_where_nothing_else_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (Tenant::new(), Tenant::new());
    made(folder.path(), "ours", &ours).await;
    let plain = client(&settings(folder.path(), json!({})));
    assert_eq!(
        code(&call(&plain, "list", mine()).await),
        "settings_missing"
    );
    succeeded(
        set(
            folder.path(),
            json!({"name": "ours", "default": true, "apiVersion": "v2025"}),
        )
        .await,
    );
    succeeded(call(&plain, "list", mine()).await);
    assert_eq!(ours.count("list"), 1);
    let found = succeeded(call(&plain, "settings", json!({})).await);
    assert_eq!(
        (&found["profile"], &found["apiVersion"]),
        (&json!("ours"), &json!("v2025"))
    );
    let environment = json!({"HOME": folder.path(), "SAIL_BASE_URL": other.0.url(),
        "SAIL_CLIENT_ID": other.0.client_id(), "SAIL_CLIENT_SECRET": other.0.client_secret()});
    let named = client(&settings(
        folder.path(),
        json!({"environment": environment}),
    ));
    succeeded(call(&named, "list", mine()).await);
    assert_eq!((ours.count("list"), other.count("list")), (1, 1));
    succeeded(set(folder.path(), json!({"name": "ours", "default": false})).await);
    assert_eq!(
        code(&call(&plain, "list", mine()).await),
        "settings_missing"
    );
}

#[tokio::test]
async fn two_tenants_share_neither_bearer_nor_rate() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (Tenant::new(), Tenant::new());
    made(folder.path(), "one", &one).await;
    made(folder.path(), "two", &two).await;
    let with = |profile: &str| {
        let rate = json!({"requests": 2, "perSeconds": 60});
        client(&settings(
            folder.path(),
            json!({"profile": profile, "rateLimit": rate, "timeoutMs": 3000}),
        ))
    };
    let (first, second) = (with("one"), with("two"));
    for _ in 0..2 {
        succeeded(call(&first, "list", mine()).await);
    }
    assert_eq!(code(&call(&first, "list", mine()).await), "rate_limited");
    succeeded(call(&second, "list", mine()).await);
    assert_eq!((one.count("token"), two.count("token")), (1, 1));
    assert_eq!((one.count("list"), two.count("list")), (2, 1));
}

#[tokio::test]
async fn the_command_lines_environments_are_profiles() {
    let folder = tempfile::tempdir().unwrap();
    let (lab, prod) = (Tenant::new(), Tenant::new());
    std::fs::create_dir(folder.path().join(".sailpoint")).unwrap();
    let environment = |name: &str, tenant: &Tenant| {
        format!(
            "  {name}:\n    baseurl: {}\n    pat:\n      clientid: {}\n      clientsecret: {}\n",
            tenant.0.url(),
            tenant.0.client_id(),
            tenant.0.client_secret()
        )
    };
    let text = format!(
        "activeenvironment: lab\nenvironments:\n{}{}",
        environment("lab", &lab),
        environment("prod", &prod)
    );
    std::fs::write(folder.path().join(".sailpoint/config.yaml"), text).unwrap();
    succeeded(
        call(
            &client(&settings(folder.path(), json!({"profile": "Prod"}))),
            "list",
            mine(),
        )
        .await,
    );
    assert_eq!((lab.count("list"), prod.count("list")), (0, 1));
    let listed = profiles(folder.path()).await;
    assert_eq!(listed[1]["name"], "prod");
    assert_eq!(listed[1]["from"], "config.yaml");
    assert_eq!(listed[1]["clientId"], prod.0.client_id());
    let plain = client(&settings(folder.path(), json!({})));
    let reply = call(&plain, "profile_remove", json!({"name": "prod"})).await;
    assert_eq!(code(&reply), "invalid_request");
    // An own one of the same name goes first.
    made(folder.path(), "prod", &lab).await;
    succeeded(
        call(
            &client(&settings(folder.path(), json!({"profile": "prod"}))),
            "list",
            mine(),
        )
        .await,
    );
    assert_eq!((lab.count("list"), prod.count("list")), (1, 1));
}

#[tokio::test]
async fn a_pair_that_changes_in_the_store_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (Tenant::new(), Tenant::new());
    made(folder.path(), "x", &one).await;
    let running = client(&settings(folder.path(), json!({"profile": "x"})));
    succeeded(call(&running, "list", mine()).await);
    made(folder.path(), "x", &two).await;
    succeeded(call(&running, "list", mine()).await);
    assert_eq!((one.count("list"), two.count("list")), (1, 1));
}

#[tokio::test]
async fn wrong_requests_are_named_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (request, said) in [
        (
            json!({"name": "a b", "baseUrl": "https://t"}),
            "name: must be 1 to 64",
        ),
        (json!({"name": "a"}), "baseUrl: is required"),
        (
            json!({"name": "a", "baseUrl": "http://t.example"}),
            "baseUrl: must be https",
        ),
        (
            json!({"name": "a", "baseUrl": "https://t", "clientId": "i"}),
            "clientId: goes together with clientSecret",
        ),
        (
            json!({"name": "a", "baseUrl": "https://t", "clientSecret": "planted"}),
            "clientSecret: goes together with clientId",
        ),
        (
            json!({"name": "a", "baseUrl": "https://t", "source": {"caller": true}}),
            "source: must name one store: file, command, commandLine or keyring",
        ),
        (
            json!({"name": "a", "baseUrl": "https://t", "apiVersion": "v9"}),
            "apiVersion: must be one of",
        ),
        (
            json!({"name": "a", "baseUrl": "https://t", "secret": "planted"}),
            "secret: is not a known field",
        ),
    ] {
        let reply = set(folder.path(), request).await;
        assert_eq!(code(&reply), "invalid_request", "{reply}");
        assert!(message(&reply).starts_with(said), "{reply}");
        assert!(!reply.to_string().contains("planted"), "{reply}");
    }
    assert!(!folder.path().join(".sailpat/profiles.json").exists());
}

#[tokio::test]
async fn a_token_url_does_not_outlive_its_tenant() {
    let folder = tempfile::tempdir().unwrap();
    succeeded(
        set(
            folder.path(),
            json!({"name": "a", "baseUrl": "https://one", "tokenUrl": "https://one/token"}),
        )
        .await,
    );
    succeeded(set(folder.path(), json!({"name": "a", "apiVersion": "v1"})).await);
    let file = folder.path().join(".sailpat/profiles.json");
    let read = || serde_json::from_str::<Value>(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(read()["profiles"]["a"]["tokenUrl"], "https://one/token");
    succeeded(
        set(
            folder.path(),
            json!({"name": "a", "baseUrl": "https://two"}),
        )
        .await,
    );
    assert_eq!(
        read()["profiles"]["a"],
        json!({"baseUrl": "https://two", "apiVersion": "v1"})
    );
}

#[tokio::test]
async fn a_pair_never_goes_to_another_tenant_than_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (Tenant::new(), Tenant::new());
    made(folder.path(), "a", &ours).await;
    let book = folder.path().join(".sailpat/profiles.json");
    let before = std::fs::read_to_string(&book).unwrap();
    let elsewhere = folder.path().join("theirs.json");
    let theirs = json!({"BaseURL": other.0.url(), "ClientId": "i", "ClientSecret": "planted"});
    std::fs::write(&elsewhere, theirs.to_string()).unwrap();
    for request in [
        json!({"name": "a", "baseUrl": other.0.url()}),
        json!({"name": "A", "baseUrl": other.0.url(), "apiVersion": "v1"}),
        json!({"name": "a", "source": {"file": elsewhere}}),
        json!({"name": "b", "baseUrl": ours.0.url(), "source": {"file": elsewhere}}),
    ] {
        let reply = set(folder.path(), request.clone()).await;
        assert_eq!(code(&reply), "invalid_request", "{request}");
        assert_eq!(reply["error"]["field"], "baseUrl");
        let said = message(&reply);
        assert!(
            said.contains("is another tenant than that of the pair in file "),
            "{said}"
        );
        let remedy = reply["error"]["remedy"].as_str().unwrap();
        assert!(remedy.contains("clientId and clientSecret"), "{remedy}");
        assert!(!reply.to_string().contains("planted"));
        assert_eq!(std::fs::read_to_string(&book).unwrap(), before);
    }
    // The same address, written otherwise; the other tenant with its own pair, or where its pair is.
    let same = format!("{}/", ours.0.url());
    succeeded(set(folder.path(), json!({"name": "a", "baseUrl": same})).await);
    made(folder.path(), "a", &other).await;
    let with = |name: &str| client(&settings(folder.path(), json!({"profile": name})));
    succeeded(call(&with("a"), "list", mine()).await);
    assert_eq!((ours.count("token"), other.count("list")), (0, 1));
    let request = json!({"name": "c", "baseUrl": other.0.url(), "source": {"file": elsewhere}});
    succeeded(set(folder.path(), request).await);
}

#[cfg(unix)]
#[tokio::test]
async fn a_pair_of_a_slow_store_does_not_move_either() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"read -r l; case $l in *read*) echo '{"clientId":"i","clientSecret":"s"}';; *) echo '{}';; esac"#;
    let source = json!({"command": ["sh", "-c", script]});
    let request = |url: &str| json!({"name": "a", "baseUrl": url, "source": source});
    succeeded(set(folder.path(), request("https://one")).await);
    for request in [
        request("https://two"),
        json!({"name": "a", "baseUrl": "https://two"}),
    ] {
        let reply = set(folder.path(), request).await;
        assert_eq!(code(&reply), "invalid_request");
        assert!(
            message(&reply).ends_with("in command sh, https://one"),
            "{reply}"
        );
    }
    let empty =
        json!({"name": "a", "baseUrl": "https://two", "source": {"command": ["echo", "{}"]}});
    succeeded(set(folder.path(), empty).await);
    succeeded(
        set(
            folder.path(),
            json!({"name": "a", "baseUrl": "https://three"}),
        )
        .await,
    );
}

/// As a crash leaves it between the pair and profiles.json, or a hand that changes one of the two.
#[tokio::test]
async fn a_place_that_names_another_tenant_than_the_profile_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (Tenant::new(), Tenant::new());
    made(folder.path(), "a", &ours).await;
    let file = folder.path().join(".sailpat/profiles/a.json");
    let pair = json!({"BaseURL": other.0.url(), "ClientId": other.0.client_id(), "ClientSecret": other.0.client_secret()});
    std::fs::write(&file, pair.to_string()).unwrap();
    let reply = call(
        &client(&settings(folder.path(), json!({"profile": "a"}))),
        "list",
        mine(),
    )
    .await;
    assert_eq!(code(&reply), "settings_mixed");
    for part in ["profile a", other.0.url(), file.to_str().unwrap()] {
        assert!(message(&reply).contains(part), "{reply}");
    }
    assert_eq!((ours.count("token"), other.count("token")), (0, 0));
}

/// Not a test by itself: what each process of the next one does.
#[tokio::test]
async fn one_of_several_processes() {
    let Ok(folder) = std::env::var("SAILPAT_TEST_PROFILES") else {
        return;
    };
    let process = std::process::id();
    for number in 0..15 {
        let name = format!("p{process}-{number}");
        succeeded(set(Path::new(&folder), json!({"name": name, "baseUrl": "https://t", "clientId": name, "clientSecret": "s"})).await);
    }
}

#[tokio::test]
async fn several_processes_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let children: Vec<_> = (0..4)
        .map(|_| {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", "profiles::one_of_several_processes"]);
            command.env("SAILPAT_TEST_PROFILES", folder.path());
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let listed = profiles(folder.path()).await;
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 60);
    assert!(
        listed
            .iter()
            .all(|profile| profile["clientId"] == profile["name"])
    );
}

#[tokio::test]
async fn a_rotation_stores_the_new_pair_in_the_profile() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (Tenant::new(), Tenant::new());
    made(folder.path(), "ours", &ours).await;
    made(folder.path(), "other", &other).await;
    let with = |name: &str| client(&settings(folder.path(), json!({"profile": name})));
    let old = ours.0.client_id();
    let rotation = succeeded(call(&with("ours"), "rotate", json!({})).await);
    assert_eq!(
        (&rotation["state"], &rotation["oldId"]),
        (&json!("done"), &json!(old))
    );
    // The profile follows, and the other tenant saw nothing of it.
    let listed = profiles(folder.path()).await;
    let now = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["name"] == "ours");
    assert_eq!(now.unwrap()["clientId"], rotation["newId"]);
    succeeded(call(&with("ours"), "list", mine()).await);
    assert_eq!((other.count("create"), other.count("token")), (0, 0));
}
