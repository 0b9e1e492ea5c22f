//! Addresses: a slip in one is told as such, at every door, and nothing is sent anywhere.

use sailpat_emulator::Options;
use serde_json::{Value, json};

use crate::planted::{Planted, reply};
use crate::support::{Tenant, call, client, code, message, succeeded};

const SLIPS: &[(&str, &str)] = &[
    ("https://{tenant}.api.identitynow.com", "placeholder"),
    ("https://$tenant.api.identitynow.com", "placeholder"),
    ("https://<tenant>.api.identitynow.com", "placeholder"),
    ("https://%tenant%.api.identitynow.com", "placeholder"),
    ("https://[tenant].api.identitynow.com", "placeholder"),
    ("https://tenant.api.identitynow.com;", "ends with ;"),
    ("'https://tenant.api.identitynow.com'", "stands in quotes"),
    ("https://t..api.identitynow.com", "an empty part"),
    ("https://-t.api.identitynow.com", "hyphen"),
    ("https://t.api.identity now.com", "white space"),
    ("https://t.api.identitynow.com:0", "port 0"),
    ("https://t.api.identitynow.com/v2024/", "leave out /v2024"),
    ("https://t.api.identitynow.com/beta", "leave out /beta"),
];

#[tokio::test]
async fn a_slip_in_a_base_url_is_told_at_every_door() {
    let tenant = Tenant::new();
    let folder = tempfile::tempdir().unwrap();
    for (url, words) in SLIPS {
        let file = json!({"BaseURL": url, "ClientId": tenant.0.client_id(), "ClientSecret": tenant.0.client_secret()});
        std::fs::write(folder.path().join("config.json"), file.to_string()).unwrap();
        let in_folder = json!({"baseUrl": null, "clientId": null, "clientSecret": null, "workingDirectory": folder.path()});
        for (settings, place) in [
            (json!({"baseUrl": url}), "baseUrl: "),
            (
                json!({"baseUrl": null, "clientId": null, "clientSecret": null, "environment": {
                    "SAIL_BASE_URL": url, "SAIL_CLIENT_ID": "a", "SAIL_CLIENT_SECRET": "b"}}),
                "variable SAIL_BASE_URL: ",
            ),
            (in_folder, "config.json: "),
        ] {
            let reply = call(&tenant.client(settings), "list", json!({})).await;
            assert_eq!(code(&reply), "settings_invalid", "{url}: {reply}");
            let said = message(&reply);
            assert!(
                said.contains(words) && said.contains(place),
                "{url}: {said}"
            );
        }
        let profile = json!({"name": "p", "baseUrl": url, "clientId": "a", "clientSecret": "b"});
        let state = json!({"stateFolder": folder.path().join("state")});
        let reply = call(&tenant.client(state), "profile_set", profile).await;
        assert_eq!(code(&reply), "invalid_request", "{url}: {reply}");
        assert!(message(&reply).contains(words), "{url}: {reply}");
    }
    assert_eq!(tenant.stats()["requests"]["total"], 0);
}

#[tokio::test]
async fn a_token_url_and_a_proxy_are_checked_alike() {
    let tenant = Tenant::new();
    for (settings, field, words) in [
        (
            json!({"tokenUrl": "https://t..api.identitynow.com/oauth/token"}),
            "tokenUrl",
            "an empty part",
        ),
        (
            json!({"tokenUrl": "https://{tenant}.api.identitynow.com/oauth/token"}),
            "tokenUrl",
            "placeholder",
        ),
        (
            json!({"proxy": "http://proxy..test:8080"}),
            "proxy",
            "an empty part",
        ),
        (json!({"proxy": "http://proxy.test:0"}), "proxy", "port 0"),
        (
            json!({"baseUrl": "https://t", "environment": {"HTTPS_PROXY": "http://us:planted@{proxy}:1"}}),
            "HTTPS_PROXY",
            "placeholder",
        ),
    ] {
        let reply = call(&tenant.client(settings), "list", json!({})).await;
        assert_eq!(code(&reply), "settings_invalid", "{reply}");
        assert_eq!(reply["error"]["field"], field, "{reply}");
        assert!(message(&reply).contains(words), "{reply}");
        assert!(!reply.to_string().contains("planted"));
    }
    assert_eq!(tenant.stats()["requests"]["total"], 0);
}

#[tokio::test]
async fn an_address_with_blanks_and_line_ends_around_it_is_used() {
    let tenant = Tenant::new();
    let token_url = format!(" {}/oauth/token\r\n", tenant.0.url());
    let base_url = format!("\t{}/\r\n", tenant.0.url());
    let settings = json!({"baseUrl": base_url, "tokenUrl": token_url});
    succeeded(call(&tenant.client(settings), "list", json!({"ownerId": "me"})).await);
}

/// A host that serves a tenant's pages: no token endpoint, and /oauth/info leads to `endpoint`.
fn pages(answer: String, endpoint: &str) -> Planted {
    let info = json!({"tokenEndpoint": endpoint, "tenantName": "t", "pod": "p"}).to_string();
    Planted::by_request(move |line| {
        if line.starts_with("GET /oauth/info ") {
            reply("200 OK", "application/json", &info)
        } else {
            answer.clone()
        }
    })
}

fn settings_at(tenant: &Tenant, base: &str) -> Value {
    tenant.settings(json!({"baseUrl": base}))
}

#[tokio::test]
async fn the_address_of_the_pages_leads_to_the_service_once() {
    let elsewhere = Planted::answering(reply("200 OK", "application/json", "{}"));
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}/login\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        elsewhere.url
    );
    let page = "<!DOCTYPE html><title>Sign in</title>";
    for answer in [
        redirect,
        reply("200 OK", "text/html", page),
        reply("403 Forbidden", "text/html", page),
        reply("404 Not Found", "text/plain", ""),
        reply("405 Method Not Allowed", "text/plain", ""),
    ] {
        let tenant = Tenant::new();
        let host = pages(answer.clone(), &format!("{}/oauth/token", tenant.0.url()));
        let client = client(&settings_at(&tenant, &host.url));
        succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
        tenant.set(json!({"expireBearers": true}));
        succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
        assert_eq!(host.count("GET /oauth/info "), 1, "{answer}");
        assert_eq!(host.count("POST /oauth/token "), 1, "{answer}");
        assert_eq!(tenant.count("token"), 2, "{answer}");
    }
    assert_eq!(elsewhere.requests(), [""; 0]);
}

#[tokio::test]
async fn what_was_remembered_is_forgotten_where_it_fails() {
    let tenant = Tenant::new();
    let host = pages(
        reply("404 Not Found", "text/plain", ""),
        &format!("{}/oauth/token", tenant.0.url()),
    );
    let client = client(&settings_at(&tenant, &host.url));
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    tenant.set(json!({"expireBearers": true}));
    tenant.fault("token", json!({"status": 404}));
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    assert_eq!(host.count("GET /oauth/info "), 2);
    tenant.set(json!({"expireBearers": true}));
    tenant.fault(
        "token",
        json!({"status": 401, "body": "{\"error\":\"invalid_client\"}"}),
    );
    let refused = call(&client, "list", json!({"ownerId": "me"})).await;
    assert_eq!(code(&refused), "sign_in_failed", "{refused}");
    let at = format!(
        "sign-in failed (401) at {}, where /oauth/info of {} leads: invalid_client",
        tenant.0.url().trim_start_matches("http://"),
        host.host()
    );
    assert!(message(&refused).starts_with(&at), "{refused}");
    assert_eq!(host.count("GET /oauth/info "), 2);
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    assert_eq!(host.count("GET /oauth/info "), 3);
}

#[tokio::test]
async fn what_was_learned_over_another_way_is_asked_for_anew() {
    let tenant = Tenant::new();
    let host = pages(
        reply("404 Not Found", "text/plain", ""),
        &format!("{}/oauth/token", tenant.0.url()),
    );
    for (extra, asked) in [
        (json!({}), 1),
        (json!({}), 1),
        (json!({"connectTimeoutMs": 5000}), 2),
    ] {
        let mut settings = settings_at(&tenant, &host.url);
        settings
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        succeeded(call(&client(&settings), "list", json!({"ownerId": "me"})).await);
        tenant.set(json!({"expireBearers": true}));
        assert_eq!(host.count("GET /oauth/info "), asked, "{extra}");
    }
}

#[tokio::test]
async fn what_info_names_is_checked_and_gets_nothing_where_it_is_wrong() {
    let tenant = Tenant::new();
    let planted = Planted::answering(reply("200 OK", "application/json", "{}"));
    let port = planted.host().rsplit(':').next().unwrap();
    for (endpoint, words) in [
        (
            format!("http://planted.test:{port}/oauth/token"),
            "must be https",
        ),
        (
            format!("http://user:pw@127.0.0.1:{port}/oauth/token"),
            "user name",
        ),
        (
            format!("http://{{x}}.127.0.0.1:{port}/oauth/token"),
            "placeholder",
        ),
        (
            "https://t..identitynow.com/oauth/token".to_owned(),
            "an empty part",
        ),
        (
            "https://t.identitynow.com:0/oauth/token".to_owned(),
            "port 0",
        ),
    ] {
        let host = pages(reply("404 Not Found", "text/plain", ""), &endpoint);
        let answer = call(&client(&settings_at(&tenant, &host.url)), "list", json!({})).await;
        assert_eq!(code(&answer), "reply_invalid", "{answer}");
        assert_eq!(answer["error"]["field"], "tokenEndpoint");
        let said = message(&answer);
        assert!(said.contains(words) && said.contains(host.host()), "{said}");
        assert!(!said.contains("pw"), "{said}");
    }
    assert_eq!(planted.requests(), [""; 0]);
    assert_eq!(tenant.stats()["requests"]["total"], 0);
}

#[tokio::test]
async fn from_https_nothing_leads_to_plain_http() {
    let planted = Planted::answering(reply("200 OK", "application/json", "{}"));
    let tenant = Tenant::with(Options {
        tls: true,
        rate_limit: None,
        ..Options::default()
    });
    let info = json!({"tokenEndpoint": format!("{}/oauth/token", planted.url)});
    tenant.fault("token", json!({"status": 404}));
    tenant.fault("info", json!({"rawBody": info.to_string()}));
    let settings = json!({"baseUrl": tenant.0.tls_url().unwrap(), "skipCertificateCheck": true});
    let answer = call(&tenant.client(settings), "list", json!({})).await;
    assert_eq!(code(&answer), "reply_invalid", "{answer}");
    assert!(
        message(&answer).contains("tokenEndpoint: must be https"),
        "{answer}"
    );
    assert_eq!(planted.requests(), [""; 0]);
}

#[tokio::test]
async fn json_without_a_bearer_and_a_failing_server_lead_nowhere() {
    let tenant = Tenant::new();
    for answer in [
        reply("200 OK", "application/json", "{}"),
        reply(
            "401 Unauthorized",
            "application/json",
            "{\"error\":\"invalid_client\"}",
        ),
        reply("500 Internal Server Error", "text/html", "<html>"),
    ] {
        let host = pages(answer, &format!("{}/oauth/token", tenant.0.url()));
        let reply = call(&client(&settings_at(&tenant, &host.url)), "list", json!({})).await;
        assert_eq!(reply["ok"], false, "{reply}");
        assert_eq!(host.count("GET /oauth/info "), 0);
    }
    assert_eq!(tenant.stats()["requests"]["total"], 0);
}
