//! The doctor finds what is wrong, says what to do about it, shows no secret and changes nothing.

use std::net::TcpListener;
use std::path::Path;

use sailpat_emulator::Options;
use serde_json::{Value, json};

use crate::support::{Tenant, call, client, code, succeeded};

/// Settings with a home of their own, so that nothing of this machine counts.
fn at_home(tenant: &Tenant, home: &Path, extra: Value) -> Value {
    let mut settings = tenant.settings(json!({
        "environment": {"HOME": home}, "workingDirectory": home, "maximumRetryCount": 0,
    }));
    if let (Some(settings), Value::Object(extra)) = (settings.as_object_mut(), extra) {
        settings.extend(extra);
    }
    settings
}

async fn report_with(settings: &Value, request: Value) -> Value {
    let report = succeeded(call(&client(settings), "doctor", request).await);
    let secret = settings["clientSecret"].as_str().unwrap_or("planted");
    assert!(!report.to_string().contains(secret), "{report}");
    report
}

async fn report(tenant: &Tenant, extra: Value) -> Value {
    let home = tempfile::tempdir().unwrap();
    report_with(&at_home(tenant, home.path(), extra), json!({})).await
}

fn check<'r>(report: &'r Value, name: &str) -> &'r Value {
    let checks = report["checks"].as_array().expect("checks");
    checks
        .iter()
        .find(|check| check["check"] == name)
        .unwrap_or_else(|| panic!("no check {name}"))
}

/// One check is in this state and says these words, in what it found or as the remedy.
#[track_caller]
fn says(report: &Value, name: &str, state: &str, words: &[&str]) {
    let check = check(report, name);
    assert_eq!(check["state"], state, "{check:#}");
    let told = format!("{} {}", check["found"], check["remedy"]);
    for word in words {
        assert!(told.contains(word), "{word}: {check:#}");
    }
    let has_remedy = check["remedy"].is_string();
    assert_eq!(
        has_remedy,
        matches!(state, "failed" | "warning"),
        "{check:#}"
    );
}

/// The checks in a state, but for the keyring: whether one answers is this machine's own affair.
fn states(report: &Value, state: &str) -> Vec<String> {
    let checks = report["checks"].as_array().expect("checks");
    checks
        .iter()
        .filter(|check| check["state"] == state && check["check"] != "keyring")
        .map(|check| check["check"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn tls_tenant() -> Tenant {
    Tenant::with(Options {
        tls: true,
        rate_limit: None,
        ..Options::default()
    })
}

#[tokio::test]
async fn a_healthy_tenant_passes_every_check_and_stays_as_it_was() {
    let tenant = Tenant::new();
    let names = tenant.names();
    let report = report(
        &tenant,
        json!({"apiVersion": "v2025", "rateLimit": {"requests": 100, "perSeconds": 10}}),
    )
    .await;
    assert_eq!(report["ok"], true, "{report:#}");
    assert_eq!(
        (&report["failed"], &report["warnings"]),
        (&json!(0), &json!(0)),
        "{report:#}"
    );
    assert_eq!(states(&report, "skipped"), Vec::<String>::new());
    let order: Vec<&str> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["check"].as_str().unwrap())
        .collect();
    assert_eq!(
        order,
        [
            "settings",
            "permissions",
            "keyring",
            "clock",
            "names",
            "proxy",
            "tls",
            "signIn",
            "rights",
            "rotation",
            "rate",
            "version",
            "token",
            "rotations",
            "changeLog"
        ]
    );
    says(
        &report,
        "settings",
        "ok",
        &[
            tenant.0.url(),
            tenant.0.client_id(),
            "(clientId)",
            "(clientSecret)",
            "v2025",
        ],
    );
    says(&report, "signIn", "ok", &["the bearer is good for 12 h"]);
    says(&report, "rights", "ok", &["the whole tenant's"]);
    says(&report, "rate", "ok", &["2 of 100 requests"]);
    says(&report, "token", "ok", &["1 of 10"]);
    assert_eq!(check(&report, "token")["value"]["id"], tenant.0.client_id());
    // One look at the clock, one sign-in, one request for each list, and no change.
    let requests = &tenant.stats()["requests"];
    assert_eq!(requests["total"], 4, "{requests}");
    assert_eq!(
        (
            tenant.count("info"),
            tenant.count("token"),
            tenant.count("list")
        ),
        (1, 1, 2)
    );
    assert_eq!(tenant.names(), names);
}

#[tokio::test]
async fn offline_nothing_is_sent() {
    let tenant = Tenant::new();
    let home = tempfile::tempdir().unwrap();
    let report = report_with(
        &at_home(&tenant, home.path(), json!({})),
        json!({"offline": true}),
    )
    .await;
    assert_eq!(report["ok"], true, "{report:#}");
    assert_eq!(
        states(&report, "ok"),
        ["settings", "permissions", "rotations", "changeLog"]
    );
    assert_eq!(states(&report, "skipped").len(), 10);
    assert_eq!(tenant.stats()["requests"]["total"], 0);
}

#[tokio::test]
async fn a_wrong_secret_shows_the_servers_words_and_stops_there() {
    let tenant = Tenant::new();
    let report = report(&tenant, json!({"clientSecret": "planted-wrong-secret"})).await;
    assert_eq!(report["ok"], false);
    says(
        &report,
        "signIn",
        "failed",
        &["sign-in failed (401)", "check client id and client secret"],
    );
    assert_eq!(states(&report, "failed"), ["signIn"]);
    assert_eq!(
        states(&report, "skipped"),
        ["rights", "rotation", "rate", "version", "token"]
    );
    assert_eq!(tenant.count("list"), 0);
}

#[tokio::test]
async fn a_failed_look_leaves_the_bearer_in_use_to_its_users() {
    let tenant = Tenant::new();
    let client = tenant.client(json!({"maximumRetryCount": 0}));
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    tenant.fault("token", json!({"status": 500}));
    let report = succeeded(call(&client, "doctor", json!({})).await);
    says(&report, "signIn", "failed", &["sign-in failed", "500"]);
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    assert_eq!(tenant.count("token"), 2);
}

#[tokio::test]
async fn missing_settings_are_a_failed_check_and_slips_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let slips = json!({"CLIENT_ID": "a", "CLIENT_SECRET": "planted", "BASE_URL": "https://t", "HOME": folder.path()});
    let settings = json!({"environment": slips, "workingDirectory": folder.path()});
    let report = report_with(&settings, json!({})).await;
    says(
        &report,
        "settings",
        "failed",
        &[
            "missing settings",
            "CLIENT_SECRET",
            "did you mean SAIL_BASE_URL",
        ],
    );
    assert_eq!(states(&report, "skipped").len(), 10);
    says(&report, "signIn", "skipped", &["no complete settings"]);
    let wrong = json!({"baseUrl": "tenant.api.identitynow.com", "clientId": "a", "clientSecret": "planted", "environment": {}, "workingDirectory": folder.path()});
    let report = report_with(&wrong, json!({})).await;
    says(&report, "settings", "failed", &["with its scheme"]);
}

#[tokio::test]
async fn variables_without_their_prefix_are_a_warning_where_a_file_takes_their_place() {
    let tenant = Tenant::new();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.json");
    let config = json!({"ClientId": tenant.0.client_id(), "ClientSecret": tenant.0.client_secret(), "BaseURL": tenant.0.url()});
    std::fs::write(&file, config.to_string()).unwrap();
    let mut settings = json!({"environment": {"CLIENT_ID": "another", "HOME": home.path()}, "workingDirectory": home.path()});
    let report = report_with(&settings, json!({"offline": true})).await;
    says(
        &report,
        "settings",
        "warning",
        &[
            &format!("(file {})", file.display()),
            "CLIENT_ID is set",
            "SAIL_CLIENT_ID",
        ],
    );
    settings["clientId"] = json!("me");
    settings["clientSecret"] = json!("planted");
    let report = report_with(&settings, json!({"offline": true})).await;
    says(
        &report,
        "settings",
        "failed",
        &["the base URL", "config.json"],
    );
    settings["baseUrl"] = json!(tenant.0.url());
    let report = report_with(&settings, json!({"offline": true})).await;
    assert_eq!(check(&report, "settings")["state"], "ok", "{report:#}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_secret_that_others_can_read_is_a_warning_with_its_chmod() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap()
    };
    let tenant = Tenant::new();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.json");
    let state = home.path().join(".sailpat");
    std::fs::create_dir(&state).unwrap();
    mode(&state, 0o750);
    let settings = at_home(&tenant, home.path(), json!({}));
    std::fs::write(&file, r#"{"ClientId": "a"}"#).unwrap();
    mode(&file, 0o644);
    let report = report_with(&settings, json!({"offline": true})).await;
    says(
        &report,
        "permissions",
        "warning",
        &["(mode 750)", &format!("chmod 700 {}", state.display())],
    );
    assert!(
        !check(&report, "permissions")["remedy"]
            .as_str()
            .unwrap()
            .contains("config.json"),
        "it holds no secret"
    );
    std::fs::write(&file, r#"{"ClientSecret": "planted"}"#).unwrap();
    let report = report_with(&settings, json!({"offline": true})).await;
    says(
        &report,
        "permissions",
        "warning",
        &["(mode 644)", &format!("chmod 600 {}", file.display())],
    );
    mode(&file, 0o600);
    mode(&state, 0o700);
    let report = report_with(&settings, json!({"offline": true})).await;
    says(
        &report,
        "permissions",
        "ok",
        &["for their owner alone", "config.json"],
    );
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_of_a_source_and_of_the_official_command_line_are_looked_at() {
    use std::os::unix::fs::PermissionsExt;
    let tenant = Tenant::new();
    let home = tempfile::tempdir().unwrap();
    let pair = home.path().join("pair.env");
    std::fs::write(&pair, "SAIL_CLIENT_ID=a\nSAIL_CLIENT_SECRET=planted\n").unwrap();
    std::fs::create_dir(home.path().join(".sailpoint")).unwrap();
    let yaml = home.path().join(".sailpoint/config.yaml");
    std::fs::write(
        &yaml,
        "environments:\n  a:\n    pat:\n      accesstoken: planted\n",
    )
    .unwrap();
    for path in [&pair, &yaml] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o640)).unwrap();
    }
    let settings = at_home(
        &tenant,
        home.path(),
        json!({"clientId": null, "source": {"file": pair}}),
    );
    let report = report_with(&settings, json!({"offline": true})).await;
    says(
        &report,
        "permissions",
        "warning",
        &["pair.env (mode 640)", "config.yaml (mode 640)"],
    );
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_of_a_profile_is_looked_at_and_the_profile_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let tenant = Tenant::new();
    let home = tempfile::tempdir().unwrap();
    let pair = home.path().join("pair.json");
    let text = json!({"ClientId": tenant.0.client_id(), "ClientSecret": tenant.0.client_secret()});
    std::fs::write(&pair, text.to_string()).unwrap();
    std::fs::set_permissions(&pair, PermissionsExt::from_mode(0o604)).unwrap();
    let mut settings =
        json!({"environment": {"HOME": home.path()}, "workingDirectory": home.path()});
    let profile = json!({"name": "prod", "baseUrl": tenant.0.url(), "source": {"file": pair}});
    succeeded(call(&client(&settings), "profile_set", profile).await);
    settings["profile"] = json!("prod");
    let report = report_with(&settings, json!({})).await;
    says(&report, "settings", "ok", &["(profile prod)", "pair.json"]);
    says(&report, "permissions", "warning", &["pair.json (mode 604)"]);
    says(&report, "signIn", "ok", &["signed in"]);
    settings["profile"] = json!("none");
    let report = report_with(&settings, json!({})).await;
    says(&report, "settings", "failed", &["none"]);
}

#[tokio::test]
async fn a_clock_that_is_off_is_measured_against_the_server() {
    for (seconds, state, words) in [
        (0, "ok", "to the second"),
        (-120, "warning", "min ahead of the server's"),
        (-7_500, "failed", "2 h ahead of the server's"),
        (7_500, "failed", "2 h behind the server's"),
    ] {
        let tenant = Tenant::new();
        tenant.set(json!({"dateSkewSeconds": seconds}));
        let report = report(&tenant, json!({})).await;
        says(&report, "clock", state, &[words]);
    }
}

#[tokio::test]
async fn an_unknown_host_is_a_failed_name() {
    let tenant = Tenant::new();
    let report = report(&tenant, json!({"baseUrl": "https://tenant.invalid"})).await;
    says(
        &report,
        "names",
        "failed",
        &["tenant.invalid is not known", "check the base URL"],
    );
    assert_eq!(states(&report, "failed"), ["names"]);
    says(&report, "clock", "skipped", &["no reply"]);
    says(&report, "signIn", "skipped", &["was not reached"]);
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_is_a_failed_connection() {
    let tenant = Tenant::new();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let report = report(&tenant, json!({"baseUrl": format!("http://{free}")})).await;
    says(
        &report,
        "tls",
        "failed",
        &["cannot connect to 127.0.0.1", &free.port().to_string()],
    );
    assert_eq!(states(&report, "failed"), ["tls"]);
}

#[tokio::test]
async fn certificates_are_shown_and_their_trust() {
    let tenant = tls_tenant();
    let home = tempfile::tempdir().unwrap();
    let ca = home.path().join("ca.pem");
    std::fs::write(&ca, tenant.0.ca_pem().unwrap()).unwrap();
    let base = tenant.0.tls_url().unwrap();
    let trusted = report(&tenant, json!({"baseUrl": base, "caFile": ca})).await;
    says(
        &trusted,
        "tls",
        "ok",
        &["TLS 1.3", "valid to", "the system's store and", "(caFile)"],
    );
    let chain = &check(&trusted, "tls")["value"]["chain"];
    let issuer = chain[0]["issuer"].as_str().expect("an issuer").to_owned();
    assert!(
        chain[0]["validTo"].as_str().is_some_and(|end| end > "2026"),
        "{chain}"
    );
    let unknown = report(&tenant, json!({"baseUrl": base})).await;
    says(
        &unknown,
        "tls",
        "failed",
        &[&issuer, "not trusted here", "caFile"],
    );
    says(&unknown, "signIn", "skipped", &["was not reached"]);
    let anyone = report(
        &tenant,
        json!({"baseUrl": base, "skipCertificateCheck": true}),
    )
    .await;
    says(
        &anyone,
        "tls",
        "warning",
        &["is not checked", "skipCertificateCheck off"],
    );
    assert_eq!(anyone["ok"], true, "a warning is no failure: {anyone:#}");
    let unreadable = report(
        &tenant,
        json!({"baseUrl": base, "caFile": home.path().join("none.pem")}),
    )
    .await;
    says(&unreadable, "tls", "failed", &["none.pem"]);
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_fails_there() {
    let tenant = Tenant::new();
    let base = tenant.0.url().replace("http://", "https://");
    let report = report(&tenant, json!({"baseUrl": base})).await;
    says(&report, "tls", "failed", &["speaks TLS 1.2"]);
}

#[tokio::test]
async fn a_proxy_is_named_with_its_place_and_tried() {
    let tenant = tls_tenant();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let proxy = format!("http://{free}/");
    let base = tenant.0.tls_url().unwrap();
    let home = tempfile::tempdir().unwrap();
    let environment =
        json!({"HTTPS_PROXY": format!("http://user:planted@{free}"), "HOME": home.path()});
    let closed = report(
        &tenant,
        json!({"baseUrl": base, "environment": environment}),
    )
    .await;
    says(
        &closed,
        "proxy",
        "failed",
        &[
            proxy.trim_end_matches('/'),
            "variable HTTPS_PROXY",
            "cannot be reached",
        ],
    );
    says(&closed, "names", "ok", &["(the proxy)"]);
    assert!(!closed.to_string().contains("planted"));
    for (answer, words) in [
        ("407 Proxy Authentication Required", "407"),
        ("403 Forbidden", "answers 403"),
    ] {
        let refusing = answering(format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n"));
        let refused = report(&tenant, json!({"baseUrl": base, "proxy": refusing})).await;
        says(&refused, "proxy", "failed", &[words]);
        says(&refused, "tls", "skipped", &["nothing answered"]);
    }
    let around = report(&tenant, json!({"baseUrl": base, "skipCertificateCheck": true, "proxy": {"url": proxy, "bypass": ["127.0.0.1", "localhost"]}})).await;
    says(&around, "proxy", "ok", &["not for this host"]);
}

#[tokio::test]
async fn through_a_proxy_the_servers_certificate_is_seen() {
    let tenant = tls_tenant();
    let base = tenant.0.tls_url().unwrap();
    let settings = json!({"baseUrl": base, "skipCertificateCheck": true, "proxy": tunnel()});
    let report = report(&tenant, settings).await;
    says(&report, "proxy", "ok", &["(setting proxy), through it"]);
    says(&report, "tls", "warning", &["TLS 1.3"]);
    says(&report, "signIn", "ok", &["signed in"]);
}

/// A server that answers every request head alike.
fn answering(answer: String) -> String {
    use std::io::{BufRead, BufReader, Write};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let Ok(reader) = stream.try_clone().map(BufReader::new) else {
                continue;
            };
            for line in reader.lines().map_while(Result::ok) {
                if line.is_empty() {
                    break;
                }
            }
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

/// A proxy that connects to where it is asked to.
fn tunnel() -> String {
    use std::io::{Read, Write, copy};
    use std::net::TcpStream;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let carry = |stream: TcpStream| -> std::io::Result<()> {
        let mut inner = stream;
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            inner.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let target = head.split(' ').nth(1).unwrap_or_default();
        let mut outer = TcpStream::connect(target)?;
        inner.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        let (mut from, mut to) = (inner.try_clone()?, outer.try_clone()?);
        std::thread::spawn(move || copy(&mut from, &mut to));
        copy(&mut outer, &mut inner)?;
        Ok(())
    };
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || carry(stream));
        }
    });
    url
}

#[tokio::test]
async fn rights_are_what_the_lists_say() {
    for (rights, state, words, rotation) in [
        (
            json!(["sp:my-personal-access-tokens:manage"]),
            "ok",
            "one's own tokens only",
            "ok",
        ),
        (
            json!(["sp:managed-personal-access-tokens:read"]),
            "failed",
            "may list nothing",
            "skipped",
        ),
    ] {
        let seed = json!({"identities": [{"name": "Reporting", "rights": rights, "clientId": "0123456789abcdef0123456789abcdef", "clientSecret": "s".repeat(64)}]});
        let tenant = Tenant::seeded(seed);
        let report = report(&tenant, json!({})).await;
        says(&report, "rights", state, &[words]);
        assert_eq!(check(&report, "rotation")["state"], rotation, "{report:#}");
    }
}

/// A tenant whose administrator signs in with a token of these fields.
fn with_token(fields: Value) -> Tenant {
    let (id, secret) = ("0123456789abcdef0123456789abcdef", "s".repeat(64));
    let mut token = json!({"id": id, "secret": secret, "name": "In use", "owner": "o1"});
    if let (Some(token), Value::Object(fields)) = (token.as_object_mut(), fields) {
        token.extend(fields);
    }
    Tenant::seeded(json!({
        "identities": [{"id": "o1", "name": "Operations", "rights": "all", "clientId": id, "clientSecret": secret}],
        "tokens": [token],
    }))
}

#[tokio::test]
async fn a_scope_without_managing_is_told_before_a_rotation_fails() {
    let tenant = with_token(json!({"scope": ["sp:my-personal-access-tokens:read"]}));
    let report = report(&tenant, json!({})).await;
    says(
        &report,
        "rotation",
        "warning",
        &["sp:my-personal-access-tokens:manage"],
    );
    says(&report, "rights", "ok", &["one's own tokens only"]);
}

#[tokio::test]
async fn the_token_in_use_is_shown_with_its_end_and_the_room_left() {
    let soon = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(100)).to_string();
    let tenant = with_token(json!({"expirationDate": soon}));
    let report_soon = report(&tenant, json!({})).await;
    says(
        &report_soon,
        "token",
        "warning",
        &["'In use'", "expires in 4 days", "Invoke-SailPatRotation"],
    );
    let full = Tenant::new();
    for number in 0..9 {
        succeeded(
            call(
                &full.client(json!({})),
                "create",
                json!({"name": format!("n{number}")}),
            )
            .await,
        );
    }
    let report_full = report(&full, json!({})).await;
    says(
        &report_full,
        "token",
        "warning",
        &["10 of 10", "no slot is free"],
    );
}

#[tokio::test]
async fn a_deprecated_version_names_its_successor() {
    let tenant = Tenant::new();
    let report = report(&tenant, json!({"apiVersion": "v2024"})).await;
    says(
        &report,
        "version",
        "warning",
        &["v2024 is deprecated", "v1"],
    );
    let home = tempfile::tempdir().unwrap();
    let report = report_with(
        &at_home(&tenant, home.path(), json!({})),
        json!({"apiVersion": "v1"}),
    )
    .await;
    says(&report, "version", "ok", &["v1 is not deprecated"]);
}

#[tokio::test]
async fn a_429_is_shown_with_its_wait() {
    let tenant = Tenant::new();
    tenant.fault("list", json!({"retryAfter": 60}));
    let report = report(&tenant, json!({})).await;
    says(&report, "rate", "warning", &["429", "60 s"]);
    says(&report, "rights", "failed", &["Retry-After"]);
}

#[tokio::test]
async fn a_server_that_hangs_costs_one_check_and_not_the_call() {
    let tenant = Tenant::new();
    tenant.fault("token", json!({"hang": true}));
    let home = tempfile::tempdir().unwrap();
    let settings = at_home(&tenant, home.path(), json!({}));
    let report = report_with(&settings, json!({"timeoutMs": 600})).await;
    says(&report, "signIn", "failed", &["signing in"]);
    assert_eq!(check(&report, "names")["state"], "ok");
}

#[tokio::test]
async fn a_vanity_url_says_where_it_leads() {
    let tenant = Tenant::with(Options {
        vanity: true,
        rate_limit: None,
        ..Options::default()
    });
    let report = report(&tenant, json!({})).await;
    says(
        &report,
        "signIn",
        "ok",
        &["vanity URL and leads to http://127.0.0.1"],
    );
}

#[tokio::test]
async fn a_bearer_that_was_given_is_gone_on_with_until_it_expires() {
    let tenant = Tenant::new();
    let bearer = succeeded(call(&tenant.client(json!({})), "bearer", json!({})).await);
    let given = json!({"clientId": null, "clientSecret": null, "token": bearer["accessToken"]});
    let good = report(&tenant, given.clone()).await;
    says(&good, "signIn", "skipped", &["give a bearer"]);
    says(&good, "rights", "ok", &[]);
    says(&good, "token", "skipped", &["whose it is"]);
    assert!(
        !good
            .to_string()
            .contains(bearer["accessToken"].as_str().unwrap())
    );
    let mut expired = given;
    expired["tokenExpiration"] = json!("2026-01-01T00:00:00Z");
    let expired = report(&tenant, expired).await;
    says(&expired, "signIn", "failed", &["has expired"]);
}

#[tokio::test]
async fn a_change_log_that_cannot_be_written_fails() {
    let tenant = Tenant::new();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, "").unwrap();
    let settings = |state: &Path| {
        at_home(
            &tenant,
            home.path(),
            json!({"changeLog": true, "stateFolder": state}),
        )
    };
    let good = report_with(
        &settings(&home.path().join("new")),
        json!({"offline": true}),
    )
    .await;
    says(&good, "changeLog", "ok", &["on, in", "changes.jsonl"]);
    assert!(!home.path().join("new").exists(), "nothing is made");
    let said = json!({"environment": {"SAILPAT_CHANGE_LOG": "1", "HOME": home.path()}});
    let said = report_with(
        &at_home(&tenant, home.path(), said),
        json!({"offline": true}),
    )
    .await;
    says(&said, "changeLog", "ok", &["on, in"]);
    let bad = report_with(&settings(&file), json!({"offline": true})).await;
    says(
        &bad,
        "changeLog",
        "failed",
        &["cannot be written", "stateFolder"],
    );
}

#[tokio::test]
async fn a_bad_request_is_the_only_error() {
    let tenant = Tenant::new();
    for (request, field) in [
        (json!({"offline": "yes"}), "offline"),
        (json!({"fast": true}), "fast"),
        (json!({"apiVersion": "v0"}), "apiVersion"),
    ] {
        let reply = call(&tenant.client(json!({})), "doctor", request).await;
        assert_eq!(code(&reply), "invalid_request");
        assert_eq!(reply["error"]["field"], field);
    }
}

#[tokio::test]
async fn a_keyring_that_the_settings_need_and_nobody_offers_is_a_failed_check() {
    let tenant = Tenant::new();
    let home = tempfile::tempdir().unwrap();
    let settings = at_home(
        &tenant,
        home.path(),
        json!({"clientId": null, "clientSecret": null, "source": {"keyring": "nobody-has-this"}}),
    );
    let report = report_with(&settings, json!({"offline": true})).await;
    let keyring = check(&report, "keyring");
    assert_eq!(keyring["state"], "failed", "{report:#}");
    assert_eq!(keyring["value"]["used"], true);
    assert!(keyring["remedy"].is_string());
    assert_eq!(check(&report, "settings")["state"], "failed");
}
