//! A sign-in that fails says where it was sent and whose credential it is; a value signs in as a person copied it.

use std::sync::Arc;

use sailpat::client::Client;
use serde_json::{Value, json};

use crate::support::{House, Tenant, call, client, code, message, succeeded};

fn host(tenant: &Tenant) -> &str {
    tenant.0.url().trim_start_matches("http://")
}

async fn refused(client: &Arc<Client>) -> Value {
    let reply = call(client, "list", json!({"ownerId": "me"})).await;
    assert_eq!(reply["ok"], false, "{reply}");
    reply
}

#[tokio::test]
async fn a_refused_sign_in_names_host_and_places_and_no_secret() {
    let tenant = Tenant::new();
    let folder = tempfile::tempdir().unwrap();
    let other = "7".repeat(64);
    let file =
        json!({"BaseURL": tenant.0.url(), "ClientId": tenant.0.client_id(), "ClientSecret": other});
    std::fs::write(folder.path().join("config.json"), file.to_string()).unwrap();
    let path = folder.path().join("config.json");
    let path = path.display();
    let id = tenant.0.client_id();
    let none = json!({"baseUrl": null, "clientId": null, "clientSecret": null, "workingDirectory": folder.path()});
    let with = |extra: Value| {
        let mut settings = none.clone();
        settings
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        settings
    };
    for (settings, places) in [
        (
            json!({"clientSecret": other}),
            "Client id, secret and base URL from the settings given".to_owned(),
        ),
        (
            none.clone(),
            format!("Client id, secret and base URL from file {path}"),
        ),
        (
            with(json!({"baseUrl": tenant.0.url()})),
            format!("Client id, secret and base URL from file {path}"),
        ),
        (
            with(json!({"environment": {"SAIL_CLIENT_ID": id, "SAIL_CLIENT_SECRET": other, "SAIL_BASE_URL": tenant.0.url()}, "tokenUrl": format!("{}/oauth/token", tenant.0.url())})),
            "Client id from variable SAIL_CLIENT_ID, secret from variable SAIL_CLIENT_SECRET, token URL from the settings given".to_owned(),
        ),
    ] {
        let reply = refused(&tenant.client(settings)).await;
        assert_eq!(code(&reply), "sign_in_failed");
        let said = format!(
            "sign-in failed (401) at {}: invalid_client; Bad client credentials. {places}",
            host(&tenant)
        );
        assert_eq!(message(&reply), said);
        assert!(!reply.to_string().contains(&other));
        let remedy = reply["error"]["remedy"].as_str().unwrap();
        assert!(remedy.contains("client id and client secret"), "{remedy}");
    }
}

#[tokio::test]
async fn each_way_to_fail_names_host_and_places_and_its_own_remedy() {
    let page = "<html>Forbidden by rule</html>";
    for (fault, expected, begin, remedy) in [
        (
            json!({"status": 403, "body": "{\"error\":\"access_denied\"}"}),
            "sign_in_failed",
            "sign-in failed (403) at HOST: access_denied",
            "network",
        ),
        (
            json!({"status": 403, "body": page, "contentType": "text/html"}),
            "sign_in_failed",
            "sign-in failed (403) at HOST. Client",
            "network",
        ),
        (
            json!({"status": 400, "body": "{\"error\":\"unauthorized_client\"}"}),
            "sign_in_failed",
            "sign-in failed (400) at HOST: unauthorized_client",
            "client id and client secret",
        ),
        (
            json!({"status": 400, "body": "{\"error\":\"unsupported_grant_type\"}"}),
            "sign_in_failed",
            "sign-in failed (400) at HOST: unsupported",
            "check the base URL",
        ),
        (
            json!({"status": 429, "headers": {"retry-after": "3600"}}),
            "rate_limited",
            "sign-in failed at HOST: the service limits",
            "",
        ),
        (
            json!({"status": 500}),
            "server_error",
            "sign-in failed at HOST: the service failed (500)",
            "",
        ),
        (
            json!({"drop": "beforeCommit"}),
            "connection_failed",
            "sign-in failed: the connection to http://HOST broke",
            "",
        ),
        (
            json!({"rawBody": "{}"}),
            "reply_invalid",
            "sign-in failed at HOST: the reply holds no access_token",
            "check the base URL",
        ),
    ] {
        let tenant = Tenant::new();
        tenant.fault("token", fault);
        let reply = refused(&tenant.client(json!({"maximumRetryCount": 0}))).await;
        assert_eq!(code(&reply), expected, "{reply}");
        let begin = begin.replace("HOST", host(&tenant));
        let said = message(&reply);
        assert!(said.starts_with(&begin), "{said} {begin}");
        let places = ". Client id, secret and base URL from the settings given";
        assert!(said.ends_with(places), "{said}");
        let text = reply["error"]["remedy"].as_str().unwrap_or_default();
        assert!(text.contains(remedy), "{text}");
        if said.contains("(403)") {
            assert!(!text.contains("check client id"), "{text}");
        }
        assert!(!reply.to_string().contains(tenant.0.client_secret()));
    }
}

#[tokio::test]
async fn whoever_names_the_token_url_is_told_of_that() {
    for fault in [
        json!({"status": 404}),
        json!({"redirect": "https://elsewhere.test/x"}),
        json!({"rawBody": "<html>"}),
    ] {
        let tenant = Tenant::new();
        tenant.fault("token", fault);
        let token_url = format!("{}/oauth/token", tenant.0.url());
        let reply = refused(&tenant.client(json!({"tokenUrl": token_url}))).await;
        let remedy = reply["error"]["remedy"].as_str().unwrap();
        assert!(remedy.starts_with("check the token URL"), "{reply}");
        assert_eq!((tenant.count("token"), tenant.count("info")), (1, 0));
    }
}

#[tokio::test]
async fn the_doctor_says_the_same_words() {
    let tenant = Tenant::new();
    tenant.rule(json!({"match": {"kind": "token"}, "times": 9, "fault": {"status": 403, "body": "{\"error\":\"access_denied\"}"}}));
    let client = tenant.client(json!({}));
    let reply = refused(&client).await;
    let report = succeeded(call(&client, "doctor", json!({})).await);
    let checks = report["checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["check"] == "signIn")
        .unwrap();
    assert_eq!(check["found"], reply["error"]["message"]);
    assert_eq!(check["remedy"], reply["error"]["remedy"]);
}

#[tokio::test]
async fn what_is_odd_in_a_refused_value_is_said_and_not_shown() {
    let tenant = Tenant::new();
    let secret = tenant.0.client_secret().to_owned();
    let id = tenant.0.client_id().to_owned();
    for (given, words) in [
        (
            json!({"clientSecret": format!("\"{secret}\"")}),
            "The secret stands in quotes",
        ),
        (
            json!({"clientSecret": format!("\u{201c}{secret}\u{201d}")}),
            "The secret stands in quotes",
        ),
        (
            json!({"clientSecret": format!("\u{feff}{secret}")}),
            "The secret holds an invisible",
        ),
        (
            json!({"clientSecret": format!("{secret}\u{200b}")}),
            "The secret holds an invisible",
        ),
        (
            json!({"clientSecret": format!("{} {}", &secret[..32], &secret[32..])}),
            "The secret holds white space",
        ),
        (
            json!({"clientSecret": &secret[1..]}),
            "The secret has 63 characters, a personal access token's has 64",
        ),
        (
            json!({"clientSecret": format!("{}~", &secret[1..])}),
            "The secret holds characters other than",
        ),
        (
            json!({"clientId": &id[1..]}),
            "The client id has 31 characters",
        ),
        (
            json!({"clientId": format!("'{id}'")}),
            "The client id stands in quotes",
        ),
    ] {
        let reply = refused(&tenant.client(given.clone())).await;
        assert_eq!(code(&reply), "sign_in_failed");
        assert!(message(&reply).contains(words), "{reply}");
        let pieces = secret.as_bytes().windows(8);
        for piece in pieces.filter_map(|piece| std::str::from_utf8(piece).ok()) {
            assert!(!message(&reply).contains(piece), "{reply}");
        }
    }
    // Nothing is said of a value that the service took, or that no refusal is about.
    tenant.fault("token", json!({"status": 403}));
    let reply = refused(&tenant.client(json!({"clientSecret": "short"}))).await;
    assert!(!message(&reply).contains("characters"), "{reply}");
}

fn blanks(text: &str) -> String {
    format!(" \t{text}\r\n")
}

#[cfg(unix)]
/// One client for each door, its value with blanks and line ends around.
fn doors(house: &House) -> Vec<(&'static str, Arc<Client>)> {
    let tenant = &house.tenant;
    let (id, secret) = (
        blanks(tenant.0.client_id()),
        blanks(tenant.0.client_secret()),
    );
    let url = blanks(tenant.0.url());
    let pair = json!({"clientId": id, "clientSecret": secret});
    let file = json!({"BaseURL": url, "ClientId": id, "ClientSecret": secret});
    let put = |name: &str, text: String| {
        let path = house.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    };
    put("config.json", file.to_string());
    let other = put("other.json", file.to_string());
    let dotenv = put(
        "pair.env",
        format!(
            "SAIL_CLIENT_ID=\" {} \"\r\nSAIL_CLIENT_SECRET=\" {} \"\r\n",
            id.trim(),
            secret.trim()
        ),
    );
    let answer = put("answer.json", pair.to_string());
    put("state/profiles/own.json", file.to_string());
    put(
        "state/profiles.json",
        json!({"profiles": {"own": {"baseUrl": tenant.0.url()}}}).to_string(),
    );
    let empty = house.folder.path().join("empty");
    std::fs::create_dir_all(&empty).unwrap();
    let with = |extra: Value| {
        let mut settings = json!({"baseUrl": url, "workingDirectory": empty});
        settings
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        house.client_with(settings)
    };
    vec![
        ("settings", with(pair.clone())),
        (
            "variables",
            with(
                json!({"baseUrl": null, "environment": {"SAIL_BASE_URL": url, "SAIL_CLIENT_ID": id, "SAIL_CLIENT_SECRET": secret}}),
            ),
        ),
        ("config.json", house.client_with(json!({"baseUrl": null}))),
        ("a file", with(json!({"source": {"file": other}}))),
        ("dotenv", with(json!({"source": {"file": dotenv}}))),
        (
            "a command",
            with(json!({"source": {"command": ["/bin/cat", answer]}})),
        ),
        (
            "a profile's file",
            with(json!({"baseUrl": null, "profile": "own"})),
        ),
    ]
}

#[cfg(unix)]
#[tokio::test]
async fn a_value_with_blanks_and_line_ends_around_signs_in_at_every_door() {
    let house = House::new();
    for (door, client) in doors(&house) {
        let reply = call(&client, "list", json!({"ownerId": "me"})).await;
        assert_eq!(reply["ok"], true, "{door}: {reply}");
        let settings = succeeded(call(&client, "settings", json!({})).await);
        assert_eq!(settings["clientId"], house.tenant.0.client_id(), "{door}");
    }
    // One credential, however it was written: one bearer for all of them.
    assert_eq!(house.tenant.count("token"), 1);
}

#[tokio::test]
async fn a_profile_takes_a_pair_with_a_line_end() {
    let house = House::new();
    let client = house.client_with(json!({"baseUrl": null}));
    let profile = json!({
        "name": "prod", "baseUrl": blanks(house.tenant.0.url()), "default": true,
        "clientId": blanks(house.tenant.0.client_id()), "clientSecret": blanks(house.tenant.0.client_secret()),
    });
    succeeded(call(&client, "profile_set", profile).await);
    std::fs::remove_file(house.file()).unwrap();
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
}

#[tokio::test]
async fn a_pair_for_another_tenant_goes_to_nobody_else() {
    let (tenant, planted) = (Tenant::new(), Tenant::new());
    let settings = json!({
        "baseUrl": tenant.0.url(), "clientId": "a", "clientSecret": "b", "rateLimit": null,
        "environment": {"SAIL_BASE_URL": planted.0.url()}, "workingDirectory": "/nonexistent",
    });
    let reply = refused(&client(&settings)).await;
    assert!(message(&reply).contains(host(&tenant)), "{reply}");
    assert_eq!(planted.stats()["requests"]["total"], 0);
}
