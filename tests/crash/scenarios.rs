//! What the process does that is killed, and where its pair is kept.

use std::process::ExitCode;

use sailpat::api::fields::Fields;
use sailpat::store::{Over, Pair, Store};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::house::{House, call};
use crate::session;

type Request = fn(&House) -> Value;

pub struct Scenario {
    pub name: &'static str,
    pub kept: Kept,
    pub operation: &'static str,
    pub request: Request,
    /// Runs before, in this process: a rotation that is then resumed or undone.
    pub before: Option<(&'static str, Request)>,
    /// Tokens that are there beside the first one when all went well.
    pub others: usize,
}

/// Where a pair is kept.
#[derive(Clone, Copy, PartialEq)]
pub enum Kept {
    Json,
    Dotenv,
    Command,
    /// The keyring of the session, and the official command line's file that leads there.
    Keyring,
    /// The caller's own file, while the settings hold the first pair.
    Caller,
    /// A further token's, beside the first.
    Further,
}

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "rotate, JSON file",
        kept: Kept::Json,
        operation: "rotate",
        request: |_| json!({}),
        before: None,
        others: 0,
    },
    Scenario {
        name: "rotate, dotenv file",
        kept: Kept::Dotenv,
        operation: "rotate",
        request: |_| json!({}),
        before: None,
        others: 0,
    },
    Scenario {
        name: "rotate, external command",
        kept: Kept::Command,
        operation: "rotate",
        request: |_| json!({}),
        before: None,
        others: 0,
    },
    Scenario {
        name: "rotate, keyring",
        kept: Kept::Keyring,
        operation: "rotate",
        request: |_| json!({}),
        before: None,
        others: 0,
    },
    Scenario {
        name: "undo, keyring",
        kept: Kept::Keyring,
        operation: "rotation_undo",
        request: |_| json!({}),
        before: Some(("rotate", |_| json!({"overlapSeconds": 3600}))),
        others: 0,
    },
    Scenario {
        name: "rotate, caller confirms",
        kept: Kept::Caller,
        operation: "rotate",
        request: |_| json!({"storeIn": {"caller": true}}),
        before: None,
        others: 0,
    },
    Scenario {
        name: "create and store",
        kept: Kept::Further,
        operation: "create",
        request: |_| json!({"body": {"name": "further"}, "storeIn": {"file": "kept.json"}}),
        before: None,
        others: 1,
    },
    Scenario {
        name: "resume after an overlap",
        kept: Kept::Json,
        operation: "rotation_resume",
        request: |_| json!({"now": true}),
        before: Some(("rotate", |_| json!({"overlapSeconds": 3600}))),
        others: 0,
    },
    Scenario {
        name: "undo in an overlap",
        kept: Kept::Json,
        operation: "rotation_undo",
        request: |_| json!({}),
        before: Some(("rotate", |_| json!({"overlapSeconds": 3600}))),
        others: 0,
    },
];

impl Kept {
    fn file(self, house: &House) -> std::path::PathBuf {
        house.path(match self {
            Kept::Json => "config.json",
            Kept::Dotenv => "prod.env",
            Kept::Command | Kept::Keyring | Kept::Caller | Kept::Further => "kept.json",
        })
    }

    /// The source of later processes; none where they have the first pair as settings.
    pub fn source(self, house: &House) -> Option<Value> {
        match self {
            Kept::Json | Kept::Dotenv => Some(json!({"file": self.file(house)})),
            Kept::Command => Some(json!({"command": ["/bin/sh", "-c", SCRIPT, self.file(house)]})),
            Kept::Keyring => Some(json!({"keyring": house.account()})),
            Kept::Caller | Kept::Further => None,
        }
    }

    /// Whether it needs a session with a keyring.
    pub fn needs_session(self) -> bool {
        self == Kept::Keyring
    }

    /// Whether the first pair stays where it was, beside what is stored.
    pub fn keeps_first(self) -> bool {
        matches!(self, Kept::Caller | Kept::Further)
    }

    /// The stored pair. Files are read without the library; a keyring holds its two halves in two entries, and
    /// only the library knows which pair is whole.
    pub fn pair(self, house: &House) -> Option<(String, String)> {
        if self == Kept::Keyring {
            let pair = (0..3).find_map(|_| {
                make_ready(house);
                keyring(house).read().ok()
            });
            let pair = pair??;
            return Some((pair.client_id, pair.client_secret.expose().to_owned()));
        }
        let text = std::fs::read_to_string(self.file(house)).ok()?;
        if self == Kept::Dotenv {
            let value = |name: &str| {
                text.lines().find_map(|line| {
                    line.strip_prefix(name)?
                        .strip_prefix('=')
                        .map(str::to_owned)
                })
            };
            return Some((value("SAIL_CLIENT_ID")?, value("SAIL_CLIENT_SECRET")?));
        }
        let value: Value = serde_json::from_str(&text).ok()?;
        let field = |names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| value[*name].as_str().map(str::to_owned))
        };
        Some((
            field(["ClientId", "clientId"])?,
            field(["ClientSecret", "clientSecret"])?,
        ))
    }

    /// Whether a further token was made to the end.
    pub fn made(self, house: &House) -> bool {
        self != Kept::Further || {
            let settings = house.first_settings();
            house
                .rotations(&settings)
                .iter()
                .any(|rotation| rotation["state"] == "done")
        }
    }
}

/// Makes sure that the store answers, as its user does.
pub fn make_ready(house: &House) {
    if house.kept() == Kept::Keyring {
        session::unlock(|| keyring(house).check(URL).is_ok());
    }
}

fn keyring(house: &House) -> Store {
    let text = json!({"keyring": house.account()}).to_string();
    let fields = Fields::of_request(&text).expect("an object");
    Store::parse(fields, None, None).expect("a store")
}

/// An external command that keeps a pair in a file, written as one.
/// The keyring knows no tenant.
const URL: &str = "https://tenant.example";
const SCRIPT: &str = r#"read -r l; case $l in
*'"store"'*) printf %s "$l" >"$0.new" && mv "$0.new" "$0";;
*'"read"'*) cat "$0" 2>/dev/null || echo '{}';;
esac"#;

impl Scenario {
    pub fn prepare(&self, house: &House) {
        make_ready(house);
        let (id, secret) = house.first_pair();
        let text = match self.kept {
            Kept::Json => {
                Some(json!({"ClientId": id, "ClientSecret": secret, "Mine": [1]}).to_string())
            }
            Kept::Dotenv => Some(format!(
                "# mine\nSAIL_CLIENT_ID={id}\nSAIL_CLIENT_SECRET={secret}\n"
            )),
            Kept::Command => Some(json!({"clientId": id, "clientSecret": secret}).to_string()),
            Kept::Keyring | Kept::Caller | Kept::Further => None,
        };
        if self.kept == Kept::Keyring {
            let pair = Pair::new(id.as_str(), Zeroizing::new(secret.clone()));
            keyring(house)
                .write(&pair, URL, Over::Anything)
                .expect("the keyring takes the pair");
        }
        if let Some(text) = text {
            std::fs::write(self.kept.file(house), text).expect("the file is written");
        }
        if let Some((operation, request)) = self.before {
            let reply = call(&house.first_settings(), operation, request(house));
            assert_eq!(reply["ok"], true, "{reply}");
        }
    }
}

/// The process that is killed: one operation; a pair that it is handed it stores and confirms.
pub fn child() -> ExitCode {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let json = |name: &str| serde_json::from_str::<Value>(&variable(name)).unwrap_or_default();
    let settings = json("CRASH_SETTINGS");
    let reply = call(
        &settings,
        &variable("CRASH_OPERATION"),
        json("CRASH_REQUEST"),
    );
    let pair = &reply["data"]["pair"];
    if pair.is_null() {
        println!("{reply}");
        return if reply["ok"] == true {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    let kept = variable("CRASH_KEEP");
    let new = format!("{kept}.new");
    std::fs::write(&new, pair.to_string()).expect("the caller stores");
    std::fs::rename(&new, &kept).expect("the caller stores");
    let request = json!({"rotation": reply["data"]["rotation"], "confirm": pair});
    let reply = call(&settings, "rotation_resume", request);
    println!("{reply}");
    if reply["ok"] == true {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
