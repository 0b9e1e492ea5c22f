//! The keyring of a Linux desktop for real: each test runs once more as a program of its own, in a session
//! with a bus and a keyring that nobody else has. `cargo xtask test --only keyring` runs them; they need
//! dbus-run-session, dbus-send, gnome-keyring-daemon and secret-tool, which reads as the official command
//! line does.
#![cfg(target_os = "linux")]

#[path = "../rust/support.rs"]
#[allow(dead_code, reason = "shared with tests/rust, which uses more of it")]
mod support;

use std::io::Write;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sailpat::api::fields::Fields;
use sailpat::error::{Code, Error};
use sailpat::store::{Over, Pair, Store};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use support::{Tenant, call, client, succeeded};

/// The tenant of the environment in the file.
/// As long as a keyring is given to answer.
const LIMIT: Duration = Duration::from_secs(10);
const URL: &str = "https://tenant.example";
const CLIENT_ID: &str = "environments.pat.clientid";
const CLIENT_SECRET: &str = "environments.pat.clientsecret";
const ACCESS_TOKEN: &str = "environments.pat.accesstoken";
const EXPIRY: &str = "environments.pat.expiry";
const PENDING: &str = "sailpat.pending";
/// Names the one test that is to do its work in this process.
const PART: &str = "SAILPAT_KEYRING_TEST";

/// What a test runs in.
enum Session<'a> {
    /// A bus and an unlocked keyring.
    Keyring,
    /// A bus that has nothing to start.
    Bus,
    /// The address of some bus; none for no bus at all.
    Address(Option<&'a str>),
}

/// Does the work in a session of its own; true in the process whose turn it is.
fn is_mine(name: &str, session: Session<'_>) -> bool {
    if std::env::var(PART).is_ok_and(|part| part == name) {
        return true;
    }
    let home = tempfile::tempdir().unwrap();
    let runtime = home.path().join("runtime");
    std::fs::create_dir(&runtime).unwrap();
    let mut command = Command::new(match session {
        Session::Keyring | Session::Bus => "dbus-run-session".into(),
        Session::Address(_) => std::env::current_exe().unwrap(),
    });
    command.env_remove("DBUS_SESSION_BUS_ADDRESS");
    match session {
        Session::Keyring => {
            let script = "printf x | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$@\"";
            command.args(["--", "sh", "-c", script, "sh"]);
            command.arg(std::env::current_exe().unwrap());
        }
        Session::Bus => {
            let config = home.path().join("bus.conf");
            std::fs::write(&config, BUS).unwrap();
            command.arg("--config-file").arg(config).arg("--");
            command.arg(std::env::current_exe().unwrap());
        }
        Session::Address(Some(address)) => {
            command.env("DBUS_SESSION_BUS_ADDRESS", address);
        }
        Session::Address(None) => {}
    }
    let output = command
        .args(["--exact", name, "--nocapture"])
        .env(PART, name)
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_CACHE_HOME", home.path().join("cache"))
        .env("XDG_RUNTIME_DIR", &runtime)
        .output()
        .expect("the session starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}

const BUS: &str = "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>";

/// What a caller of this session hands over: its bus, too, or no keyring is looked for.
fn session(home: &std::path::Path) -> Value {
    let bus = std::env::var("DBUS_SESSION_BUS_ADDRESS").ok();
    json!({"HOME": home, "DBUS_SESSION_BUS_ADDRESS": bus})
}

fn pair(name: &str) -> Pair {
    Pair::new(
        format!("{name}-id"),
        Zeroizing::new(format!("{name}-sécret")),
    )
}

fn store(json: &Value) -> Store {
    let text = json.to_string();
    let fields = Fields::of_request(&text).unwrap();
    Store::parse(fields, None, None).unwrap()
}

fn keyring() -> Store {
    store(&json!({"keyring": "Prod"}))
}

/// The official command line's file with this below its environment `prod`.
fn config(folder: &Path, pat: &str) -> std::path::PathBuf {
    let path = folder.join("config.yaml");
    let text = format!(
        "# mine\nactiveenvironment: prod\nenvironments:\n    prod:\n        baseurl: https://tenant.example\n{pat}"
    );
    std::fs::write(&path, text).unwrap();
    path
}

const PAT: &str = "        pat:\n            accesstoken: stale\n            clientid: file-id\n            clientsecret: file-secret\n            expiry: \"2026-01-01T00:00:00Z\"\n";

fn secret_tool(arguments: &[&str], input: &str) -> (bool, String) {
    let mut child = Command::new("secret-tool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    (
        output.status.success(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

fn lookup(service: &str, account: &str) -> Option<String> {
    let (found, text) = secret_tool(&["lookup", "service", service, "username", account], "");
    found.then_some(text)
}

fn put(service: &str, account: &str, value: &str) {
    let arguments = [
        "store",
        "--label=x",
        "service",
        service,
        "username",
        account,
    ];
    assert!(secret_tool(&arguments, value).0, "{service}");
}

/// How many entries of this service there are for the account.
fn entries(service: &str, account: &str) -> usize {
    let arguments = ["search", "--all", "service", service, "username", account];
    secret_tool(&arguments, "").1.matches("secret = ").count()
}

fn lock() {
    let done = Command::new("dbus-send")
        .args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
        ])
        .args([
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
        ])
        .arg("array:objpath:/org/freedesktop/secrets/collection/login")
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(done.success());
}

fn fails(result: sailpat::error::Result<impl Sized>, words: &str) -> Error {
    let error = result.err().expect("it fails");
    assert_eq!(error.code(), Code::StoreFailed);
    assert!(error.to_string().contains(words), "{error}");
    assert!(error.detail().remedy.is_some());
    error
}

#[test]
fn what_is_written_is_found_where_the_official_command_line_looks() {
    let name = "what_is_written_is_found_where_the_official_command_line_looks";
    if !is_mine(name, Session::Keyring) {
        return;
    }
    let keyring = keyring();
    assert_eq!(keyring.read().unwrap(), None);
    put(ACCESS_TOKEN, "prod", "stale");
    put(EXPIRY, "prod", "stale");
    keyring.check(URL).unwrap();
    keyring.write(&pair("new"), URL, Over::Anything).unwrap();
    assert_eq!(lookup(CLIENT_ID, "prod").as_deref(), Some("new-id"));
    assert_eq!(lookup(CLIENT_SECRET, "prod").as_deref(), Some("new-sécret"));
    for gone in [ACCESS_TOKEN, EXPIRY, PENDING, "sailpat.probe"] {
        assert_eq!(lookup(gone, "prod"), None, "{gone}");
    }
    assert_eq!(lookup(CLIENT_ID, "dev"), None);
    keyring.erase().unwrap();
    assert_eq!(
        entries(CLIENT_ID, "prod") + entries(CLIENT_SECRET, "prod"),
        0
    );
}

#[test]
fn what_others_wrote_is_read_and_written_over() {
    let name = "what_others_wrote_is_read_and_written_over";
    if !is_mine(name, Session::Keyring) {
        return;
    }
    put(CLIENT_ID, "prod", "their-id");
    put(CLIENT_SECRET, "prod", "their-sécret");
    assert_eq!(keyring().read().unwrap(), Some(pair("their")));
    fails(
        keyring().write(&pair("new"), URL, Over::Only(&["new-id"])),
        "holds the pair of client id their-id, which belongs to somebody else",
    );
    assert!(!keyring().withdraw(&pair("new")).unwrap());
    assert_eq!(keyring().read().unwrap(), Some(pair("their")));
    keyring().write(&pair("new"), URL, Over::Anything).unwrap();
    assert_eq!(keyring().read().unwrap(), Some(pair("new")));
    assert_eq!(lookup(CLIENT_SECRET, "prod").as_deref(), Some("new-sécret"));
    assert_eq!(entries(CLIENT_ID, "prod"), 1, "there are two of one name");
    assert!(keyring().withdraw(&pair("new")).unwrap());
    assert_eq!(
        entries(CLIENT_ID, "prod") + entries(CLIENT_SECRET, "prod"),
        0
    );
}

#[tokio::test]
async fn a_pair_with_blanks_and_a_line_end_signs_in_and_counts_as_the_pair() {
    let name = "a_pair_with_blanks_and_a_line_end_signs_in_and_counts_as_the_pair";
    if !is_mine(name, Session::Keyring) {
        return;
    }
    let tenant = Tenant::new();
    let blank = |text: &str| format!(" {text} \r\n");
    put(CLIENT_ID, "prod", &blank(tenant.0.client_id()));
    put(CLIENT_SECRET, "prod", &blank(tenant.0.client_secret()));
    assert!(lookup(CLIENT_ID, "prod").unwrap().starts_with(' '));
    let held = Pair::new(
        tenant.0.client_id(),
        Zeroizing::new(tenant.0.client_secret().to_owned()),
    );
    assert_eq!(keyring().read().unwrap().as_ref(), Some(&held));
    let here = session(std::path::Path::new("/nonexistent"));
    let settings = json!({"clientId": null, "clientSecret": null, "source": {"keyring": "prod"}, "environment": here});
    let client = client(&tenant.settings(settings));
    succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    // One's own, so another pair may take its place, and it can be taken out.
    let only: &[&str] = &[&held.client_id];
    keyring()
        .write(&pair("new"), URL, Over::Only(only))
        .unwrap();
    put(CLIENT_ID, "prod", &blank("new-id"));
    assert!(keyring().withdraw(&pair("new")).unwrap());
    assert_eq!(
        entries(CLIENT_ID, "prod") + entries(CLIENT_SECRET, "prod"),
        0
    );
}

#[test]
fn a_pair_on_its_way_is_the_pair() {
    if !is_mine("a_pair_on_its_way_is_the_pair", Session::Keyring) {
        return;
    }
    keyring().write(&pair("old"), URL, Over::Anything).unwrap();
    // As a crash between the two entries leaves it.
    let text = json!({"clientId": "new-id", "clientSecret": "new-sécret"});
    put(PENDING, "prod", &text.to_string());
    put(CLIENT_ID, "prod", "new-id");
    assert_eq!(keyring().read().unwrap(), Some(pair("new")));
    keyring().write(&pair("new"), URL, Over::Anything).unwrap();
    assert_eq!(lookup(CLIENT_SECRET, "prod").as_deref(), Some("new-sécret"));
    assert_eq!(lookup(PENDING, "prod"), None);
}

#[test]
fn the_command_lines_pair_stays_where_it_was() {
    if !is_mine(
        "the_command_lines_pair_stays_where_it_was",
        Session::Keyring,
    ) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), PAT);
    let place = store(&json!({"commandLine": true, "file": path}));
    assert_eq!(place.read().unwrap().unwrap().client_id, "file-id");
    put(ACCESS_TOKEN, "prod", "stale");
    place.check(URL).unwrap();
    place.write(&pair("new"), URL, Over::Anything).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let pat = "        pat:\n            clientid: \"new-id\"\n            clientsecret: \"new-sécret\"\n";
    assert!(
        text.starts_with("# mine\n") && text.ends_with(pat),
        "{text}"
    );
    assert_eq!(
        (lookup(CLIENT_ID, "prod"), lookup(ACCESS_TOKEN, "prod")),
        (None, None)
    );

    // With the pair in both, both are written.
    put(CLIENT_ID, "prod", "ring-id");
    put(CLIENT_SECRET, "prod", "ring-secret");
    assert_eq!(place.read().unwrap().unwrap().client_id, "ring-id");
    place.write(&pair("newer"), URL, Over::Anything).unwrap();
    assert_eq!(lookup(CLIENT_ID, "prod").as_deref(), Some("newer-id"));
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .contains("\"newer-id\"")
    );

    // With the pair in neither, the keyring takes it, for an environment that there is.
    let path = config(folder.path(), "        debug: true\n");
    let dev = store(&json!({"commandLine": "dev", "file": path}));
    fails(dev.check(URL), "has no environment dev");
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(&path)
        .unwrap()
        .replace("prod", "Stage");
    let path = folder.path().join("config.yaml");
    std::fs::write(&path, &text).unwrap();
    store(&json!({"commandLine": true, "file": path}))
        .write(&pair("new"), URL, Over::Anything)
        .unwrap();
    assert_eq!(lookup(CLIENT_ID, "stage").as_deref(), Some("new-id"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn the_token_of_the_command_line_is_rotated_and_given_back() {
    let name = "the_token_of_the_command_line_is_rotated_and_given_back";
    if !is_mine(name, Session::Keyring) {
        return;
    }
    let tenant = Tenant::new();
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".sailpoint")).unwrap();
    let path = config(&home.path().join(".sailpoint"), "        authtype: pat\n");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("https://tenant.example", &tenant.0.url());
    std::fs::write(&path, &text).unwrap();
    put(CLIENT_ID, "prod", tenant.0.client_id());
    put(CLIENT_SECRET, "prod", tenant.0.client_secret());
    put(ACCESS_TOKEN, "prod", "stale");
    let client = client(&json!({
        "rateLimit": null, "environment": session(home.path()), "workingDirectory": home.path(),
        "stateFolder": home.path().join("state"),
    }));

    let settings = succeeded(call(&client, "settings", json!({})).await);
    assert_eq!(
        settings["sources"]["clientSecret"], "keyring, environment prod",
        "{settings}"
    );
    let rotated = succeeded(call(&client, "rotate", json!({"overlapSeconds": 3600})).await);
    assert_eq!(rotated["state"], "overlapping", "{rotated}");
    assert_eq!(rotated["storeIn"]["commandLine"], "prod");
    assert_eq!(
        lookup(CLIENT_ID, "prod").as_deref(),
        rotated["newId"].as_str()
    );
    assert_eq!(lookup(ACCESS_TOKEN, "prod"), None);
    let backup = format!("{}.old", rotated["rotation"].as_str().unwrap());
    assert_eq!(
        lookup(CLIENT_ID, &backup).as_deref(),
        Some(tenant.0.client_id())
    );

    let undone = call(
        &client,
        "rotation_undo",
        json!({"rotation": rotated["rotation"]}),
    )
    .await;
    assert_eq!(succeeded(undone)["state"], "undone");
    assert_eq!(
        lookup(CLIENT_ID, "prod").as_deref(),
        Some(tenant.0.client_id())
    );
    assert_eq!(lookup(CLIENT_ID, &backup), None);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let tokens = succeeded(call(&client, "list", json!({"ownerId": "me"})).await);
    assert_eq!(tokens.as_array().unwrap().len(), 1);

    let made = json!({"body": {"name": "second"}, "storeIn": {"keyring": "second"}});
    let made = succeeded(call(&client, "create", made).await);
    assert_eq!(lookup(CLIENT_ID, "second").as_deref(), made["id"].as_str());
}

#[test]
fn a_locked_keyring_is_told_at_once_and_nobody_is_prompted() {
    let name = "a_locked_keyring_is_told_at_once_and_nobody_is_prompted";
    if !is_mine(name, Session::Keyring) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let place = store(&json!({"commandLine": true, "file": config(folder.path(), PAT)}));
    keyring().write(&pair("old"), URL, Over::Anything).unwrap();
    lock();
    let begun = Instant::now();
    fails(keyring().read(), "the keyring is locked");
    fails(keyring().check(URL), "the keyring is locked");
    fails(
        keyring().write(&pair("new"), URL, Over::Anything),
        "the keyring is locked",
    );
    fails(place.read(), "the keyring is locked");
    // Nothing waited for as long as a keyring is given.
    assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
}

#[test]
fn without_a_bus_there_is_no_keyring_and_the_file_counts() {
    let name = "without_a_bus_there_is_no_keyring_and_the_file_counts";
    if is_mine(name, Session::Address(None)) {
        nothing_but_the_file("no bus");
    }
}

#[test]
fn a_bus_without_a_keyring_is_no_keyring_and_the_file_counts() {
    let name = "a_bus_without_a_keyring_is_no_keyring_and_the_file_counts";
    if is_mine(name, Session::Bus) {
        nothing_but_the_file("nobody offers the Secret Service");
    }
}

/// A key in two cases is told to whoever reads and whoever writes.
fn twice_is_once_too_often(place: &Store) {
    let Store::CommandLine(file) = place else {
        panic!("{place} is no place of the command line");
    };
    let before = std::fs::read_to_string(&file.path).unwrap();
    let line = before
        .lines()
        .find(|line| line.contains("clientid:"))
        .unwrap();
    let other = line.replace("clientid", "ClientId");
    let twice = before.replace(line, &format!("{line}\n{other}"));
    std::fs::write(&file.path, &twice).unwrap();
    let words = "has environments.prod.pat.clientid more than once";
    fails(place.read(), words);
    fails(place.check(URL), words);
    fails(place.write(&pair("third"), URL, Over::Anything), words);
    assert_eq!(std::fs::read_to_string(&file.path).unwrap(), twice);
    std::fs::write(&file.path, before).unwrap();
}

/// The new pair is in the file, and the environment is of `URL`.
fn only_what_may_give_way(place: &Store) {
    let third = "holds the pair of client id new-id, which belongs to somebody else";
    fails(
        place.write(&pair("third"), URL, Over::Only(&["old-id"])),
        third,
    );
    for result in [
        place.check("https://other.example"),
        place.write(&pair("third"), "https://other.example", Over::Anything),
    ] {
        fails(
            result,
            "is for another tenant: its baseurl is https://tenant.example",
        );
    }
    assert!(!place.withdraw(&pair("third")).unwrap());
    assert_eq!(place.read().unwrap(), Some(pair("new")));
    twice_is_once_too_often(place);
    assert!(place.withdraw(&pair("new")).unwrap());
    assert_eq!(place.read().unwrap(), None);
    assert!(!place.withdraw(&pair("new")).unwrap());
    let over = Over::Only(&["old-id"]);
    place.write(&pair("newer"), URL, over).unwrap();
    assert_eq!(place.read().unwrap(), Some(pair("newer")));
}

fn nothing_but_the_file(words: &str) {
    let begun = Instant::now();
    for error in [keyring().read().err(), keyring().check(URL).err()] {
        let error = fails(Err::<(), _>(error.unwrap()), "no keyring is here");
        assert!(error.to_string().contains(words), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    for pat in [PAT, "        authtype: pat\n"] {
        let place = store(&json!({"commandLine": true, "file": config(folder.path(), pat)}));
        place.check(URL).unwrap();
        place.write(&pair("new"), URL, Over::Anything).unwrap();
        assert_eq!(place.read().unwrap(), Some(pair("new")));
        only_what_may_give_way(&place);
    }
    assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
}

#[test]
fn a_silent_bus_is_given_up_after_ten_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bus");
    // Connections wait in the listener's queue, and nobody ever answers them.
    let _listener = UnixListener::bind(&path).unwrap();
    let address = format!("unix:path={}", path.display());
    let name = "a_silent_bus_is_given_up_after_ten_seconds";
    if is_mine(name, Session::Address(Some(&address))) {
        let begun = Instant::now();
        fails(keyring().read(), "gave no answer within 10 s");
        let took = begun.elapsed().as_secs_f64();
        assert!((9.5..20.0).contains(&took), "{took}");
    }
}
