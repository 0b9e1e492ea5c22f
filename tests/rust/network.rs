//! Redirects, proxies, TLS and vanity URLs.

use std::net::TcpListener;

use sailpat_emulator::Options;
use serde_json::{Value, json};

use crate::planted::Planted;
use crate::support::{Tenant, call, code, message, succeeded};

#[tokio::test]
async fn no_credential_follows_a_redirect() {
    let elsewhere = Planted::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]");
    for kind in ["token", "list", "create", "delete"] {
        for status in [301, 302, 303, 307, 308] {
            let tenant = Tenant::new();
            let target = format!("{}/x?planted=1", elsewhere.url);
            tenant.fault(kind, json!({"redirect": target, "status": status}));
            let operation = if kind == "token" { "list" } else { kind };
            let request = match operation {
                "create" => json!({"name": "n"}),
                "delete" => json!({"id": "a"}),
                _ => json!({}),
            };
            let reply = call(&tenant.client(json!({})), operation, request).await;
            assert_eq!(code(&reply), "redirect_refused", "{kind} {status}: {reply}");
            assert!(
                message(&reply).contains(&elsewhere.url),
                "{}",
                message(&reply)
            );
            assert!(!message(&reply).contains("planted"));
        }
    }
    assert_eq!(elsewhere.saw(), "");
}

#[tokio::test]
async fn a_proxy_carries_the_token_request_too_and_its_exclusions_hold() {
    let proxy = Planted::answering("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    let tenant = Tenant::new();
    let settings = json!({"proxy": {"url": proxy.url, "username": "u", "password": "planted-password"}, "maximumRetryCount": 0});
    let reply = call(&tenant.client(settings), "list", json!({})).await;
    assert_eq!(code(&reply), "server_error", "{reply}");
    let saw = proxy.saw();
    assert!(
        saw.starts_with(&format!("POST {}/oauth/token", tenant.0.url())),
        "{saw}"
    );
    assert!(
        saw.to_lowercase().contains("proxy-authorization: basic "),
        "{saw}"
    );
    assert!(!reply.to_string().contains("planted"));
    for settings in [
        json!({"proxy": {"url": proxy.url, "bypass": ["127.0.0.1"]}}),
        json!({"proxy": false, "environment": {"HTTP_PROXY": proxy.url}}),
        json!({"environment": {"HTTP_PROXY": proxy.url, "NO_PROXY": "localhost,127.0.0.1"}}),
        json!({"environment": {"HTTPS_PROXY": proxy.url}}),
    ] {
        succeeded(call(&tenant.client(settings), "list", json!({"ownerId": "me"})).await);
    }
    assert_eq!(proxy.saw(), saw);
}

#[tokio::test]
async fn a_proxy_that_wants_a_login_is_an_error_with_a_remedy() {
    let proxy = Planted::answering(
        "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Negotiate\r\ncontent-length: 0\r\n\r\n",
    );
    let tenant = Tenant::with(Options {
        tls: true,
        rate_limit: None,
        ..Options::default()
    });
    for base in [tenant.0.url(), tenant.0.tls_url().unwrap()] {
        let reply = call(
            &tenant.client(json!({"baseUrl": base, "proxy": proxy.url})),
            "list",
            json!({}),
        )
        .await;
        assert_eq!(code(&reply), "proxy_auth_required", "{base}: {reply}");
        let named = format!("the proxy {} (setting proxy) wants a login", proxy.url);
        assert!(message(&reply).contains(&named), "{base}: {reply}");
        assert!(
            reply["error"]["remedy"]
                .as_str()
                .unwrap()
                .contains("username")
        );
    }
}

#[tokio::test]
async fn tls_trusts_the_ca_file_and_nobody_else() {
    let tenant = Tenant::with(Options {
        tls: true,
        rate_limit: None,
        ..Options::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, tenant.0.ca_pem().unwrap()).unwrap();
    let list = async |extra: Value| {
        let mut settings = json!({"baseUrl": tenant.0.tls_url().unwrap()});
        settings
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        call(&tenant.client(settings), "list", json!({"ownerId": "me"})).await
    };
    let reply = list(json!({})).await;
    assert_eq!(code(&reply), "tls_failed", "{reply}");
    assert_eq!(tenant.count("token"), 0);
    succeeded(list(json!({"caFile": ca})).await);
    succeeded(list(json!({"environment": {"SSL_CERT_FILE": ca}})).await);
    succeeded(list(json!({"skipCertificateCheck": true})).await);
    assert_eq!(
        code(&list(json!({"caFile": folder.path().join("none.pem")})).await),
        "ca_file_unreadable"
    );
}

#[tokio::test]
async fn a_vanity_url_is_asked_where_to_sign_in() {
    let tenant = Tenant::with(Options {
        vanity: true,
        rate_limit: None,
        ..Options::default()
    });
    let client = tenant.client(json!({}));
    for _ in 0..2 {
        succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    }
    assert_eq!(tenant.count("info"), 1);
}

#[tokio::test]
async fn a_server_that_is_down_resets_or_speaks_no_http_has_a_clear_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let tenant = Tenant::new();
    let reply = call(&tenant.client(json!({"baseUrl": url})), "list", json!({})).await;
    assert_eq!(code(&reply), "connection_failed");
    assert!(
        message(&reply).contains(&format!("cannot connect to {url}")),
        "{}",
        message(&reply)
    );
    let rubbish = Planted::answering("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    let reply = call(
        &tenant.client(json!({"baseUrl": rubbish.url})),
        "list",
        json!({}),
    )
    .await;
    assert_eq!(code(&reply), "reply_invalid", "{reply}");
    let name = json!({"baseUrl": "https://no-such-host.invalid"});
    assert_eq!(
        code(&call(&tenant.client(name), "list", json!({})).await),
        "connection_failed"
    );
}

#[tokio::test]
async fn a_proxy_that_is_down_is_told_from_a_server_that_is() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let tenant = Tenant::with(Options {
        tls: true,
        rate_limit: None,
        ..Options::default()
    });
    let settings = json!({"baseUrl": tenant.0.tls_url().unwrap(), "proxy": proxy});
    let reply = call(&tenant.client(settings), "list", json!({})).await;
    assert_eq!(code(&reply), "proxy_failed");
    assert_eq!(reply["error"]["retryable"], true);
}
