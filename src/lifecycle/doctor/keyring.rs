//! The keyring of the operating system: whether it answers, and holds the pair that the settings expect there.

use serde_json::json;

use super::Examination;
use super::check::{Check, Name};
use crate::client::blocking::blocking;
use crate::error::Error;
use crate::store::keyring::Account;
use crate::store::{Pair, Store};

/// An account that nobody has: reading it tells whether the keyring answers.
const NOBODY: &str = "sailpat.doctor";

/// How the settings use the keyring.
enum Use {
    /// The pair must be in this account.
    Pair(Account),
    /// The official command line's file may lead there.
    Perhaps,
    None,
}

pub async fn check(examination: &Examination<'_>) -> Check {
    let using = using(examination);
    let account = match &using {
        Use::Pair(account) => Some(account.clone()),
        Use::Perhaps | Use::None => Account::new(NOBODY).ok(),
    };
    let Some(account) = account else {
        return Check::skipped(Name::Keyring, "it cannot be asked");
    };
    match blocking(move || account.read()).await.flatten() {
        Ok(pair) => answered(&using, pair.as_ref()),
        Err(error) => silent(&using, &error),
    }
}

fn using(examination: &Examination<'_>) -> Use {
    let settings = examination.client.settings();
    let of_profile = examination.profile().map(|profile| profile.store);
    match settings.source.as_ref().or(of_profile.as_ref()) {
        Some(Store::Keyring(account)) => Use::Pair(account.clone()),
        Some(Store::CommandLine(_)) => Use::Perhaps,
        _ => Use::None,
    }
}

fn answered(using: &Use, pair: Option<&Pair>) -> Check {
    let value = |used| json!({"answers": true, "used": used});
    match (using, pair) {
        (Use::Pair(account), Some(_)) => {
            let found = format!(
                "answers, and holds a pair for the account {}",
                account.name()
            );
            Check::ok(Name::Keyring, found).with_value(value(true))
        }
        (Use::Pair(account), None) => Check::failed(
            Name::Keyring,
            format!(
                "answers, and holds no pair for the account {}",
                account.name()
            ),
            "store one there: Set-SailPatProfile with -Credential, or a rotation with that store",
        )
        .with_value(value(true)),
        (Use::Perhaps | Use::None, _) => {
            Check::ok(Name::Keyring, "answers").with_value(value(false))
        }
    }
}

fn silent(using: &Use, error: &Error) -> Check {
    let value = |used| json!({"answers": false, "used": used});
    // The message names an account that nobody asked for.
    let problem = error.to_string();
    let problem = problem
        .split_once(": ")
        .map_or(problem.as_str(), |(_, words)| words);
    match using {
        Use::Pair(_) => Examination::failed(Name::Keyring, error).with_value(value(true)),
        Use::Perhaps => Check::ok(
            Name::Keyring,
            format!("{problem}; the official command line's file serves in its place"),
        )
        .with_value(value(false)),
        Use::None => Check::skipped(
            Name::Keyring,
            format!("{problem}; nothing in the settings needs one"),
        )
        .with_value(value(false)),
    }
}
