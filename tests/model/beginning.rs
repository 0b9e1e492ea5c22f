//! Who and what is there at the beginning, and the files that hold pairs, written without the library.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::clock;
use crate::steps::{Old, Other, Second, Setting};
use crate::vault::{Pair, Vault};
use crate::world::FIRST;

/// How long an external command may take.
const VAULT_LIMIT_MS: u32 = 1500;

const SECOND_ID: &str = "e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2";
const FIRST_ID: &str = "f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1";
/// Every file of a state folder, and what it holds.
pub fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(text) = std::fs::read(&path) {
            found.push((path, String::from_utf8_lossy(&text).into_owned()));
        }
    }
    found
}

pub fn vault_source(vault: &Vault) -> Value {
    let program = std::env::current_exe().expect("this program");
    json!({"command": [program, "vault", vault.port.to_string()], "commandTimeoutMs": VAULT_LIMIT_MS})
}

pub fn write_pair(path: &Path, (id, secret): &Pair) {
    private_file(
        path,
        &json!({"ClientId": id, "ClientSecret": secret}).to_string(),
    );
}

pub fn damaged((id, secret): Pair) -> Pair {
    (id, "0".repeat(secret.len()))
}

pub fn private_file(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a file");
    #[cfg(unix)]
    set_mode(path, 0o600);
}

pub fn open_to_all(path: &Path) {
    #[cfg(unix)]
    set_mode(path, 0o666);
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
}

/// Two owners without any right but those over their own tokens, and the tokens that the setting asks for.
pub fn seed(setting: Setting) -> Value {
    let mut first = json!({"id": FIRST_ID, "name": FIRST, "owner": "owner-a"});
    let shown = match setting.old {
        Old::Plain => json!({}),
        _ => json!({
            "scope": ["sp:my-personal-access-tokens:manage", "idn:sources:read"],
            "accessTokenValiditySeconds": 900,
            "created": clock::in_days(-1), "expirationDate": clock::in_days(29),
        }),
    };
    let odd = match setting.old {
        Old::Plain | Old::Narrow => json!({}),
        Old::SecondsAsText => json!({"accessTokenValiditySeconds": "900"}),
        Old::SecondsUnreadable => json!({"accessTokenValiditySeconds": "a while"}),
        Old::EmptyScope => json!({"scope": []}),
        Old::ScopeUnreadable => json!({"scope": "sp:my-personal-access-tokens:manage"}),
        Old::EndUnreadable => json!({"expirationDate": "next month"}),
        Old::ManagedAsText => json!({"managed": "true"}),
    };
    for fields in [shown, odd] {
        first
            .as_object_mut()
            .expect("an object")
            .extend(fields.as_object().expect("an object").clone());
    }
    let mut tokens = vec![first];
    if setting.other == Other::Held {
        tokens.push(json!({"name": "other", "owner": "owner-a"}));
    }
    let mut identities = vec![json!({"id": "owner-a", "clientId": FIRST_ID})];
    match setting.second {
        Second::SamePlace => {}
        Second::SameOwner => {
            tokens.push(json!({"id": SECOND_ID, "name": "second", "owner": "owner-a"}))
        }
        Second::OtherOwner => {
            identities.push(json!({"id": "owner-b"}));
            tokens.push(json!({"id": SECOND_ID, "name": "second", "owner": "owner-b"}));
        }
    }
    json!({"identities": identities, "tokens": tokens})
}
