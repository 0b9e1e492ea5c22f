//! One call, one tenant: where base URL and pair come from, and what never goes together. Around every row stand
//! two tenants; the planted one must receive nothing.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Tenant, call, client, code, message, succeeded};

/// A place of the law, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Given,
    Variables,
    ConfigJson,
    DefaultProfile,
    CommandLine,
}
use At::*;

const ALL: [At; 5] = [Given, Variables, ConfigJson, DefaultProfile, CommandLine];

/// What is put into a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Url,
    Pair,
    Both,
}
use What::*;

impl What {
    fn has_url(self) -> bool {
        self != Pair
    }

    fn has_pair(self) -> bool {
        self != Url
    }
}

/// A home, a working folder and variables, filled place by place.
struct World {
    folder: tempfile::TempDir,
    settings: Value,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        let settings = json!({
            "environment": {"HOME": home}, "workingDirectory": folder.path(), "rateLimit": null,
            "timeoutMs": 20_000,
        });
        World { folder, settings }
    }

    fn home(&self) -> std::path::PathBuf {
        self.folder.path().join("home")
    }

    fn put(&mut self, at: At, what: What, tenant: &Tenant) {
        let mut values = Vec::new();
        if what.has_url() {
            values.push((0, tenant.0.url().to_owned()));
        }
        if what.has_pair() {
            values.push((1, tenant.0.client_id().to_owned()));
            values.push((2, tenant.0.client_secret().to_owned()));
        }
        let named = |names: [&str; 3]| -> Vec<(String, Value)> {
            let named = values
                .iter()
                .map(|(at, value)| (names[*at].to_owned(), json!(value)));
            named.collect()
        };
        match at {
            Given => {
                for (name, value) in named(["baseUrl", "clientId", "clientSecret"]) {
                    self.settings[name] = value;
                }
            }
            Variables => {
                for (name, value) in
                    named(["SAIL_BASE_URL", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET"])
                {
                    self.settings["environment"][name] = value;
                }
            }
            ConfigJson => {
                let file = object(named(["BaseURL", "ClientId", "ClientSecret"]));
                write(&self.folder.path().join("config.json"), &file.to_string());
            }
            DefaultProfile => {
                let state = self.home().join(".sailpat");
                let mut profile = object(named(["baseUrl", "", ""]));
                profile.as_object_mut().unwrap().remove("");
                let book = json!({"default": "mine", "profiles": {"mine": profile}});
                write(&state.join("profiles.json"), &book.to_string());
                if what.has_pair() {
                    let mut file = object(named(["BaseURL", "ClientId", "ClientSecret"]));
                    file.as_object_mut().unwrap().remove("BaseURL");
                    write(&state.join("profiles/mine.json"), &file.to_string());
                }
            }
            CommandLine => {
                let mut text =
                    "activeenvironment: test\nenvironments:\n  test:\n    authtype: pat\n"
                        .to_owned();
                for (name, value) in named(["baseurl", "clientid", "clientsecret"]) {
                    match name.as_str() {
                        "baseurl" => {
                            text.push_str(&format!("    baseurl: {}\n", value.as_str().unwrap()))
                        }
                        "clientid" => text.push_str(&format!(
                            "    pat:\n      clientid: {}\n",
                            value.as_str().unwrap()
                        )),
                        _ => text.push_str(&format!(
                            "      clientsecret: {}\n",
                            value.as_str().unwrap()
                        )),
                    }
                }
                write(&self.home().join(".sailpoint/config.yaml"), &text);
            }
        }
    }

    async fn list(&self) -> Value {
        call(&client(&self.settings), "list", json!({"ownerId": "me"})).await
    }
}

fn object(fields: Vec<(String, Value)>) -> Value {
    Value::Object(fields.into_iter().collect())
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// What a row of the table comes to, by the law and by nothing of the library: all of it is one tenant's, or nothing
/// is sent.
fn expected(places: &[(At, What, usize)]) -> Result<usize, &'static str> {
    let Some((at, what, tenant)) = places.iter().find(|(_, what, _)| what.has_pair()).copied()
    else {
        // A default profile without a pair is one that cannot be used.
        return Err("settings_missing");
    };
    // What stands between and has no pair: a default profile is there and cannot be used.
    if places
        .iter()
        .any(|(place, what, _)| *place == DefaultProfile && !what.has_pair() && *place < at)
    {
        return Err("settings_missing");
    }
    let before = places
        .iter()
        .find(|(place, what, _)| *place < at && what.has_url())
        .copied();
    match (before, what.has_url()) {
        (Some((_, _, named)), true) if named != tenant => Err("settings_mixed"),
        (Some((Given | Variables, _, named)), false) => Ok(named),
        (Some(_), false) => Err("settings_mixed"),
        (_, true) => Ok(tenant),
        (None, false) => match places
            .iter()
            .find(|(place, what, _)| *place > at && what.has_url())
            .copied()
        {
            None => Err("settings_missing"),
            Some(_) => Err("settings_mixed"),
        },
    }
}

/// All pairs of places, what each holds, and whether it is the same tenant's.
#[tokio::test]
async fn what_two_places_hold_goes_to_one_tenant_or_nowhere() {
    // One credential that both tenants know would sign in anywhere: each has its own.
    let tenants = [Tenant::new(), Tenant::new()];
    let mut rows = 0;
    for (index, first) in ALL.into_iter().enumerate() {
        for second in ALL.into_iter().skip(index + 1) {
            for one in [Url, Pair, Both] {
                for other in [Url, Pair, Both] {
                    for theirs in [0, 1] {
                        let places = [(first, one, 0), (second, other, theirs)];
                        row(&tenants, &places).await;
                        rows += 1;
                    }
                }
            }
        }
    }
    assert_eq!(rows, 180);
}

async fn row(tenants: &[Tenant; 2], places: &[(At, What, usize)]) {
    let mut world = World::new();
    for (at, what, tenant) in places {
        world.put(*at, *what, &tenants[*tenant]);
    }
    let counts = || {
        tenants
            .each_ref()
            .map(|tenant| tenant.count("token") + tenant.count("list"))
    };
    let before = counts();
    let reply = world.list().await;
    let after = counts();
    let got: [bool; 2] = [0, 1].map(|at| after[at] > before[at]);
    let owner = places
        .iter()
        .find(|(_, what, _)| what.has_pair())
        .map(|(_, _, tenant)| *tenant);
    match expected(places) {
        // The pair is sent where the law says; it works where it is that tenant's.
        Ok(tenant) => {
            assert!(!got[1 - tenant], "{places:?}: {reply}");
            assert_eq!(reply["ok"], owner == Some(tenant), "{places:?}: {reply}");
        }
        Err(wanted) => {
            assert_eq!(code(&reply), wanted, "{places:?}: {reply}");
            assert_eq!(got, [false, false], "{places:?}: {reply}");
        }
    }
}

#[tokio::test]
async fn a_config_json_of_a_folder_gets_no_secret_of_the_home_folder() {
    let (mine, planted) = (Tenant::new(), Tenant::new());
    for at in [Variables, DefaultProfile, CommandLine] {
        let mut world = World::new();
        world.put(ConfigJson, Url, &planted);
        world.put(at, if at == Variables { Pair } else { Both }, &mine);
        let reply = world.list().await;
        assert_eq!(code(&reply), "settings_mixed", "{at:?}: {reply}");
        let file = world.folder.path().join("config.json");
        for part in [planted.0.url(), file.to_str().unwrap()] {
            assert!(message(&reply).contains(part), "{reply}");
        }
        assert!(!reply.to_string().contains(mine.0.client_secret()));
        assert!(
            reply["error"]["remedy"]
                .as_str()
                .is_some_and(|remedy| remedy.len() > 20)
        );
    }
    assert_eq!((mine.count("token"), planted.count("token")), (0, 0));
}

#[tokio::test]
async fn a_bearer_goes_where_the_user_said_and_no_file_says_so() {
    let (mine, planted) = (Tenant::new(), Tenant::new());
    let bearer = succeeded(call(&mine.client(json!({})), "bearer", json!({})).await);
    let mut world = World::new();
    world.settings["token"] = bearer["accessToken"].clone();
    world.put(ConfigJson, Both, &planted);
    assert_eq!(code(&world.list().await), "settings_mixed");
    world.put(Variables, Both, &mine);
    succeeded(world.list().await);
    assert_eq!((planted.count("token"), planted.count("list")), (0, 0));
}

#[tokio::test]
async fn half_a_pair_is_an_error_that_names_the_other_half() {
    let (mine, planted) = (Tenant::new(), Tenant::new());
    for (at, half, other) in [
        (Given, "clientSecret", "clientSecret"),
        (Given, "clientId", "clientId"),
        (Variables, "SAIL_CLIENT_SECRET", "SAIL_CLIENT_SECRET"),
        (Variables, "SAIL_CLIENT_ID", "SAIL_CLIENT_ID"),
        (ConfigJson, "ClientSecret", "its clientSecret"),
        (CommandLine, "clientid", "its clientId"),
    ] {
        let mut world = World::new();
        world.put(at, Both, &mine);
        match at {
            Given => world.settings[half] = Value::Null,
            Variables => world.settings["environment"][half] = Value::Null,
            ConfigJson => {
                let path = world.folder.path().join("config.json");
                let mut file: Value =
                    serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
                file[half] = Value::Null;
                write(&path, &file.to_string());
            }
            _ => {
                let path = world.home().join(".sailpoint/config.yaml");
                let text = std::fs::read_to_string(&path).unwrap();
                let lines: Vec<&str> = text.lines().filter(|line| !line.contains(half)).collect();
                write(&path, &lines.join("\n"));
            }
        }
        for after in ALL.into_iter().filter(|after| *after > at) {
            world.put(after, Both, &planted);
        }
        let reply = world.list().await;
        assert_eq!(code(&reply), "settings_missing", "{reply}");
        assert!(message(&reply).contains(other), "{other}: {reply}");
        assert!(!reply.to_string().contains(mine.0.client_secret()));
    }
    assert_eq!((mine.count("token"), planted.count("token")), (0, 0));
}

/// Law 3: what is there and cannot be used is an error, and what comes after it gets nothing.
#[tokio::test]
async fn a_place_that_cannot_be_used_ends_the_walk() {
    let planted = Tenant::new();
    for (at, text, problem) in [
        (
            ConfigJson,
            "{\n  // mine\n  \"ClientId\": \"i\"}",
            "config.json: not JSON, line 2",
        ),
        (
            ConfigJson,
            "{\"ClientId\": \"i\",}",
            "config.json: not JSON, line 1",
        ),
        (ConfigJson, "[]", "config.json: not a JSON object"),
        (
            ConfigJson,
            "{\n\"client_id\": \"i\"}",
            "has client_id, line 2, which must be named ClientId",
        ),
        (
            ConfigJson,
            "{\"ClientId\": 5, \"ClientSecret\": \"s\"}",
            "has ClientId, line 1, whose value is no text",
        ),
        (
            ConfigJson,
            "{\"ClientId\":\"a\",\"clientid\":\"b\"}",
            "has ClientId more than once",
        ),
        (DefaultProfile, "{", "profiles.json: not JSON, line 1"),
        (
            DefaultProfile,
            "{\"default\":\"a\",\"profiles\":{\"a\":{\"baseUrl\":5}}}",
            "profiles.a.baseUrl must be a string",
        ),
        (CommandLine, "a: [", "config.yaml: not YAML"),
        (
            CommandLine,
            "environments: {x: {z: 1}}",
            "names no activeenvironment",
        ),
        (
            CommandLine,
            "activeenvironment: y\nenvironments: {x: {z: 1}}",
            "has no environment y",
        ),
        (
            CommandLine,
            "activeenvironment: x\nenvironments: {x: {pat: {clientid: [1], clientsecret: s}}}",
            "clientid is no text",
        ),
    ] {
        let mut world = World::new();
        for after in ALL.into_iter().filter(|after| *after > at) {
            world.put(after, Both, &planted);
        }
        let path = match at {
            ConfigJson => world.folder.path().join("config.json"),
            DefaultProfile => world.home().join(".sailpat/profiles.json"),
            _ => world.home().join(".sailpoint/config.yaml"),
        };
        write(&path, text);
        let reply = world.list().await;
        assert!(
            ["settings_invalid", "state_failed"].contains(&code(&reply)),
            "{reply}"
        );
        assert!(message(&reply).contains(problem), "{problem}: {reply}");
        assert!(message(&reply).contains(path.file_name().unwrap().to_str().unwrap()));
    }
    assert_eq!(planted.count("token"), 0);
}

#[tokio::test]
async fn what_cannot_be_read_is_no_reason_to_look_further() {
    let planted = Tenant::new();
    let mut world = World::new();
    world.put(CommandLine, Both, &planted);
    let path = world.folder.path().join("config.json");
    std::fs::create_dir(&path).unwrap();
    assert_eq!(code(&world.list().await), "settings_invalid");
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, b"\xff\xfe\xff").unwrap();
    let reply = world.list().await;
    assert!(
        message(&reply).contains("config.json: is UTF-16 with half a character"),
        "{reply}"
    );
    std::fs::write(&path, b"{\"a\":\"\xe4\"}").unwrap();
    let reply = world.list().await;
    assert!(
        message(&reply).contains("config.json: is no UTF-8 text: line 1"),
        "{reply}"
    );
    assert_eq!(planted.count("token"), 0);
}

#[tokio::test]
async fn what_says_nothing_is_no_place() {
    let tenant = Tenant::new();
    for text in [
        "",
        " \n",
        "{}",
        "\u{feff}",
        "{\"port\": 8080, \"url\": \"x\"}",
        "{\"ClientId\": null, \"BaseURL\": \"\"}",
    ] {
        let mut world = World::new();
        world.put(CommandLine, Both, &tenant);
        write(&world.folder.path().join("config.json"), text);
        succeeded(world.list().await);
    }
    let mut world = World::new();
    write(
        &world.home().join(".sailpoint/config.yaml"),
        "# nothing yet\n",
    );
    world.put(ConfigJson, Both, &tenant);
    succeeded(world.list().await);
}

#[tokio::test]
async fn every_encoding_of_windows_powershell_is_read() {
    let tenant = Tenant::new();
    let world = World::new();
    let path = world.folder.path().join("config.json");
    let text = json!({"ClientId": tenant.0.client_id(), "ClientSecret": tenant.0.client_secret(), "BaseURL": tenant.0.url()});
    let marked = format!("\u{feff}{text}\r\n");
    let wide = |unit: fn(u16) -> [u8; 2]| marked.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    for bytes in [
        marked.as_bytes().to_vec(),
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
    ] {
        std::fs::write(&path, bytes).unwrap();
        succeeded(world.list().await);
    }
}

#[tokio::test]
async fn a_source_without_a_base_url_is_completed_by_one_that_is_given_alone() {
    let (mine, planted) = (Tenant::new(), Tenant::new());
    let mut world = World::new();
    let pair = json!({"ClientId": mine.0.client_id(), "ClientSecret": mine.0.client_secret()});
    write(&world.home().join("pair.json"), &pair.to_string());
    world.settings["source"] = json!({"file": "~/pair.json"});
    world.put(ConfigJson, Url, &planted);
    assert_eq!(code(&world.list().await), "settings_mixed");
    world.put(Variables, Url, &planted);
    let reply = world.list().await;
    assert_eq!(code(&reply), "settings_mixed");
    assert!(
        message(&reply).contains("variable SAIL_BASE_URL"),
        "{reply}"
    );
    world.put(Given, Url, &mine);
    succeeded(world.list().await);
    world.put(Given, Url, &planted);
    let mut whole = pair.clone();
    whole["BaseURL"] = json!(mine.0.url());
    write(&world.home().join("pair.json"), &whole.to_string());
    let reply = world.list().await;
    assert_eq!(code(&reply), "settings_mixed");
    assert!(message(&reply).contains("pair.json"), "{reply}");
    assert_eq!((planted.count("token"), planted.count("list")), (0, 0));
}

#[cfg(unix)]
#[tokio::test]
async fn no_program_is_run_that_others_could_name() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let state = world.home().join(".sailpat");
    let ran = world.folder.path().join("ran");
    let command = json!(["touch", ran]);
    let book = json!({"default": "mine", "profiles": {"mine": {"baseUrl": "https://t.example", "source": {"command": command}}}});
    let file = state.join("profiles.json");
    write(&file, &book.to_string());
    for (path, open, own) in [(&file, 0o666, 0o600), (&state, 0o777, 0o700)] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(open)).unwrap();
        let reply = world.list().await;
        assert_eq!(code(&reply), "state_failed", "{reply}");
        assert!(!ran.exists());
        std::fs::set_permissions(path, PermissionsExt::from_mode(own)).unwrap();
    }
    assert_eq!(code(&world.list().await), "store_failed");
    assert!(ran.exists());
}

/// What a source gave for one tenant is never sent to another: its place may hold another pair by now.
#[cfg(unix)]
#[tokio::test]
async fn what_a_command_gave_for_one_tenant_is_asked_anew_for_another() {
    let (one, two) = (Tenant::new(), Tenant::new());
    let world = World::new();
    let vault = world.folder.path().join("vault.json");
    let hold = |tenant: &Tenant| {
        let pair =
            json!({"clientId": tenant.0.client_id(), "clientSecret": tenant.0.client_secret()});
        write(&vault, &pair.to_string());
    };
    let source = json!({"command": ["sh", "-c", format!("cat {}", vault.display())]});
    let set = async |tenant: &Tenant| {
        let profile = json!({"name": "p", "baseUrl": tenant.0.url(), "source": source});
        let path = world.home().join(".sailpat/profiles.json");
        let mut book = json!({"default": "p", "profiles": {}});
        book["profiles"]["p"] = profile;
        book["profiles"]["p"]
            .as_object_mut()
            .unwrap()
            .remove("name");
        write(&path, &book.to_string());
    };
    let session = client(&world.settings);
    for tenant in [&one, &two, &one] {
        hold(tenant);
        set(tenant).await;
        succeeded(call(&session, "list", json!({"ownerId": "me"})).await);
    }
    // No sign-in of either was refused: none was made with the other's pair.
    for tenant in [&one, &two] {
        let refused = tenant.requests();
        let refused = refused.iter().filter(|request| request["status"] == 401);
        assert_eq!(refused.count(), 0);
    }
}

#[tokio::test]
async fn a_profiles_pair_goes_to_no_other_tenant_that_is_given() {
    let (mine, planted) = (Tenant::new(), Tenant::new());
    let mut world = World::new();
    world.put(DefaultProfile, Both, &mine);
    world.settings["profile"] = json!("mine");
    succeeded(world.list().await);
    world.put(Given, Url, &planted);
    let reply = world.list().await;
    assert_eq!(code(&reply), "settings_mixed", "{reply}");
    assert!(message(&reply).contains("profile mine"), "{reply}");
    world.settings["baseUrl"] = Value::Null;
    world.settings["tokenUrl"] = json!(format!("{}/oauth/token", planted.0.url()));
    let reply = world.list().await;
    assert_eq!(code(&reply), "settings_mixed", "{reply}");
    assert_eq!(reply["error"]["field"], "tokenUrl");
    assert_eq!((planted.count("token"), planted.count("list")), (0, 0));
}

#[tokio::test]
async fn a_token_url_that_is_given_takes_no_pair_of_another_place_elsewhere() {
    let (mine, planted) = (Tenant::new(), Tenant::new());
    for at in [Variables, ConfigJson, CommandLine] {
        let mut world = World::new();
        world.put(at, Both, &mine);
        world.settings["tokenUrl"] = json!(format!("{}/oauth/token", planted.0.url()));
        let reply = world.list().await;
        assert_eq!(code(&reply), "settings_mixed", "{at:?}: {reply}");
        assert!(message(&reply).contains(mine.0.url()), "{reply}");
        world.settings["tokenUrl"] = json!(format!("{}/oauth/token", mine.0.url()));
        succeeded(world.list().await);
    }
    assert_eq!(planted.count("token"), 0);
}

/// Somebody replaces config.json while a call is refused: it is not repeated at the other tenant.
#[tokio::test]
async fn a_refused_call_is_not_repeated_at_another_tenant() {
    let (mine, other) = (Tenant::new(), Tenant::new());
    let mut world = World::new();
    world.put(ConfigJson, Both, &mine);
    let session = client(&world.settings);
    succeeded(call(&session, "list", json!({"ownerId": "me"})).await);
    mine.rule(
        json!({"match": {"kind": "delete"}, "times": 9, "fault": {"status": 401, "delayMs": 300}}),
    );
    let request = json!({"id": "0123456789abcdef0123456789abcdef"});
    let (reply, ()) = tokio::join!(call(&session, "delete", request), async {
        while mine.count("delete") == 0 {
            tokio::task::yield_now().await;
        }
        world.put(ConfigJson, Both, &other);
    });
    assert_eq!(code(&reply), "unauthorized", "{reply}");
    assert_eq!((other.count("token"), other.count("delete")), (0, 0));
}

#[cfg(unix)]
#[tokio::test]
async fn profiles_that_others_could_write_say_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let (mine, planted) = (Tenant::new(), Tenant::new());
    let mut world = World::new();
    world.put(DefaultProfile, Pair, &mine);
    let file = world.home().join(".sailpat/profiles.json");
    let pair = world.home().join(".sailpat/profiles/mine.json");
    let book = json!({"default": "p", "profiles": {"p": {"baseUrl": planted.0.url(), "source": {"file": pair}}}});
    write(&file, &book.to_string());
    for (path, open, own) in [
        (&file, 0o666, 0o600),
        (&file.parent().unwrap().to_owned(), 0o777, 0o700),
    ] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(open)).unwrap();
        assert_eq!(code(&world.list().await), "state_failed");
        world.settings["profile"] = json!("p");
        assert_eq!(code(&world.list().await), "state_failed");
        world.settings.as_object_mut().unwrap().remove("profile");
        std::fs::set_permissions(path, PermissionsExt::from_mode(own)).unwrap();
    }
    assert_eq!(planted.count("token"), 0);
}

/// A session's tenant does not change under its feet: what was found is found again, or the call ends.
#[tokio::test]
async fn a_file_that_breaks_does_not_hand_the_session_to_the_next_place() {
    let (mine, planted) = (Tenant::new(), Tenant::new());
    let mut world = World::new();
    world.put(ConfigJson, Both, &mine);
    world.put(CommandLine, Both, &planted);
    let session = client(&world.settings);
    let list = async || call(&session, "list", json!({"ownerId": "me"})).await;
    succeeded(list().await);
    write(&world.folder.path().join("config.json"), "{");
    assert_eq!(code(&list().await), "settings_invalid");
    world.put(ConfigJson, Both, &mine);
    succeeded(list().await);
    assert_eq!(planted.count("token"), 0);
}

#[tokio::test]
async fn the_profile_in_force_says_the_version_and_a_rotation_keeps_it() {
    let tenant = Tenant::new();
    let mut world = World::new();
    world.put(DefaultProfile, Both, &tenant);
    let book = json!({"default": "mine", "profiles": {"mine": {"baseUrl": tenant.0.url(), "apiVersion": "v2025"}}});
    write(
        &world.home().join(".sailpat/profiles.json"),
        &book.to_string(),
    );
    succeeded(world.list().await);
    succeeded(
        call(
            &client(&world.settings),
            "rotate",
            json!({"verifySeconds": 0}),
        )
        .await,
    );
    let requests = tenant.requests();
    let paths = requests
        .iter()
        .map(|request| request["target"].as_str().unwrap());
    let spoken: Vec<&str> = paths
        .filter(|path| path.contains("personal-access-tokens"))
        .collect();
    assert!(spoken.len() > 3, "{spoken:?}");
    for path in &spoken {
        assert!(path.contains("/v2025/"), "{spoken:?}");
    }
}
