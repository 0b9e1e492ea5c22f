//! Proxies: which requests go through which one, what a failing one is said to have done, and that none sees what is
//! not for it.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sailpat_emulator::Options;
use serde_json::{Value, json};

use crate::planted::{Planted, reply};
use crate::support::{Tenant, call, code, message, succeeded};

fn tls_tenant() -> Tenant {
    Tenant::with(Options {
        tls: true,
        rate_limit: None,
        ..Options::default()
    })
}

/// A proxy that connects to where it is asked to, and counts that.
fn tunnel() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counter.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || carry(stream));
        }
    });
    (url, count)
}

fn carry(mut client: TcpStream) -> Option<()> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        lines.push(line);
    }
    let place = lines.first()?.split(' ').nth(1)?.to_owned();
    let mut server = TcpStream::connect(place).ok()?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
    let (mut to, mut from) = (server.try_clone().ok()?, client.try_clone().ok()?);
    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    std::io::copy(&mut server, &mut client).ok()?;
    Some(())
}

fn bad_gateway() -> Planted {
    Planted::answering(reply("502 Bad Gateway", "text/plain", ""))
}

async fn list(tenant: &Tenant, settings: Value) -> Value {
    call(&tenant.client(settings), "list", json!({"ownerId": "me"})).await
}

#[tokio::test]
async fn plain_http_to_this_machine_goes_through_no_proxy_of_a_variable() {
    let tenant = Tenant::new();
    let planted = bad_gateway();
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        succeeded(list(&tenant, json!({"environment": {name: planted.url}})).await);
        succeeded(
            list(
                &tenant,
                json!({"environment": {name: "http://proxy.test:8080"}}),
            )
            .await,
        );
    }
    assert_eq!(planted.requests(), [""; 0]);
}

#[tokio::test]
async fn no_proxy_elsewhere_reads_what_stays_on_this_machine() {
    let tenant = Tenant::new();
    for settings in [
        json!({"proxy": "http://proxy.test:8080"}),
        json!({"proxy": "http://proxy.test:8080", "allowHttpHosts": ["proxy.test"]}),
    ] {
        let reply = list(&tenant, settings).await;
        assert_eq!(code(&reply), "settings_invalid", "{reply}");
        assert_eq!(reply["error"]["field"], "proxy");
    }
    // It is not asked for what goes around it.
    let around = json!({"proxy": {"url": "http://proxy.test:8080", "bypass": ["127.0.0.0/8"]}});
    succeeded(list(&tenant, around).await);
}

#[tokio::test]
async fn token_url_and_base_url_go_each_its_own_way() {
    let tenant = tls_tenant();
    let (through, tunnels) = tunnel();
    let planted = bad_gateway();
    let (plain, encrypted) = (tenant.0.url(), tenant.0.tls_url().unwrap());
    let environment = json!({"HTTPS_PROXY": through, "HTTP_PROXY": planted.url});
    for (base, token, sign_ins) in [(plain, encrypted, 1), (encrypted, plain, 1)] {
        let token = format!("{token}/oauth/token;by={base}");
        let settings = json!({"baseUrl": base, "tokenUrl": token, "skipCertificateCheck": true, "environment": environment});
        let before = tunnels.load(Ordering::SeqCst);
        succeeded(list(&tenant, settings).await);
        assert_eq!(tunnels.load(Ordering::SeqCst) - before, sign_ins, "{base}");
    }
    assert_eq!(planted.requests(), [""; 0]);
    // Over plain http to a host that the settings allow, the other variable's proxy is asked, and that alone.
    let base = json!({"baseUrl": "http://emulator.test", "allowHttpHosts": ["emulator.test"], "maximumRetryCount": 0, "environment": environment});
    let before = tunnels.load(Ordering::SeqCst);
    assert_eq!(code(&list(&tenant, base).await), "server_error");
    assert_eq!(tunnels.load(Ordering::SeqCst), before);
    assert_eq!(planted.count("POST http://emulator.test/oauth/token "), 1);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_with_its_status_and_without_its_login() {
    let tenant = tls_tenant();
    let base = tenant.0.tls_url().unwrap();
    let place = base.trim_start_matches("https://");
    for (status, retryable) in [("403 Forbidden", false), ("502 Bad Gateway", true)] {
        let proxy = Planted::answering(format!(
            "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        ));
        let number = &status[..3];
        let login = format!("http://us%40er:planted%3Apassword@{}", proxy.host());
        let from_settings =
            json!({"url": proxy.url, "username": "us@er", "password": "planted:password"});
        for (settings, from) in [
            (json!({"proxy": from_settings}), "setting proxy"),
            (
                json!({"environment": {"HTTPS_PROXY": login}}),
                "variable HTTPS_PROXY",
            ),
        ] {
            let mut settings = settings;
            settings["baseUrl"] = json!(base);
            settings["maximumRetryCount"] = json!(0);
            let reply = list(&tenant, settings.clone()).await;
            assert_eq!(code(&reply), "proxy_failed", "{reply}");
            let words = format!(
                "the proxy {} ({from}) does not let {place} through: it answers {number} to CONNECT",
                proxy.url
            );
            assert!(message(&reply).contains(&words), "{reply}");
            assert_eq!(reply["error"]["retryable"], retryable, "{reply}");
            let remedy = reply["error"]["remedy"].as_str().unwrap();
            assert!(remedy.contains(from) && remedy.contains(place), "{remedy}");
            assert!(!reply.to_string().contains("planted"), "{reply}");
            let report = call(&tenant.client(settings), "doctor", json!({})).await;
            assert!(report.to_string().contains(&words), "{report}");
            assert!(!report.to_string().contains("planted"), "{report}");
        }
        for request in proxy.requests() {
            assert!(
                request.starts_with(&format!("CONNECT {place} ")),
                "{request}"
            );
            let login = ": Basic dXNAZXI6cGxhbnRlZDpwYXNzd29yZA==\r\n";
            assert!(!request.contains(tenant.0.client_secret()), "{request}");
            assert!(request.contains(login), "{request}");
        }
    }
    assert_eq!(tenant.stats()["requests"]["total"], 0);
}

#[tokio::test]
async fn a_proxy_that_is_down_or_wants_a_login_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let down = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let tenant = tls_tenant();
    for base in [tenant.0.tls_url().unwrap(), tenant.0.url()] {
        let reply = list(
            &tenant,
            json!({"baseUrl": base, "proxy": down, "maximumRetryCount": 0}),
        )
        .await;
        assert_eq!(code(&reply), "proxy_failed", "{base}: {reply}");
        let words = format!("the proxy {down} (setting proxy) cannot be reached: ");
        assert!(message(&reply).contains(&words), "{reply}");
        assert_eq!(reply["error"]["retryable"], true);
    }
    let asking = Planted::answering(reply("407 Proxy Authentication Required", "text/plain", ""));
    let base = tenant.0.tls_url().unwrap();
    let reply = list(&tenant, json!({"baseUrl": base, "proxy": asking.url})).await;
    assert_eq!(code(&reply), "proxy_auth_required", "{reply}");
    let words = format!(
        "the proxy {} (setting proxy) wants a login (407)",
        asking.url
    );
    assert!(message(&reply).contains(&words), "{reply}");
}

#[tokio::test]
async fn exclusions_go_by_one_reading_for_what_is_sent_and_what_is_said() {
    let tenant = tls_tenant();
    let base = tenant.0.tls_url().unwrap();
    let port = base.rsplit(':').next().unwrap();
    let planted = Planted::answering(reply("403 Forbidden", "text/plain", ""));
    for (list_of, straight) in [
        (format!("a.test 127.0.0.1:{port}"), true),
        ("127.0.0.1:1".to_owned(), false),
        ("*".to_owned(), true),
        ("0.0.1".to_owned(), false),
    ] {
        let settings = json!({"baseUrl": base, "skipCertificateCheck": true, "maximumRetryCount": 0,
            "environment": {"HTTPS_PROXY": planted.url, "NO_PROXY": list_of}});
        let before = planted.requests().len();
        let answer = list(&tenant, settings.clone()).await;
        assert_eq!(answer["ok"], straight, "{list_of}: {answer}");
        assert_eq!(planted.requests().len() == before, straight, "{list_of}");
        let report = succeeded(call(&tenant.client(settings), "doctor", json!({})).await);
        let checks = report["checks"].as_array().unwrap();
        let check = checks
            .iter()
            .find(|check| check["check"] == "proxy")
            .unwrap();
        let said = check["found"].as_str().unwrap();
        assert_eq!(
            said.contains("not for this host"),
            straight,
            "{list_of}: {said}"
        );
    }
}

#[tokio::test]
async fn lower_case_goes_first_and_what_is_empty_is_not_set() {
    let tenant = tls_tenant();
    let base = tenant.0.tls_url().unwrap();
    let planted = bad_gateway();
    let (through, tunnels) = tunnel();
    for environment in [
        json!({"https_proxy": through, "HTTPS_PROXY": planted.url}),
        json!({"https_proxy": "", "HTTPS_PROXY": through}),
        json!({"https_proxy": " \r\n", "HTTPS_PROXY": format!("{through}\r\n")}),
        json!({"HTTPS_PROXY": "", "all_proxy": through, "ALL_PROXY": planted.url}),
    ] {
        let settings =
            json!({"baseUrl": base, "skipCertificateCheck": true, "environment": environment});
        let client = tenant.client(settings);
        succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
        let settings = succeeded(call(&client, "settings", json!({})).await);
        assert_eq!(settings["proxy"], format!("{through}/"), "{environment}");
    }
    assert!(tunnels.load(Ordering::SeqCst) > 0);
    assert_eq!(planted.requests(), [""; 0]);
}
