//! The token in use: its end, its use, the room for another, and whether it may be replaced by itself.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::check::{Check, Name, Status, spoken};
use super::rights::Lists;
use crate::api::token::Token;
use crate::client::config::{Login, Resolved};

/// A token that expires this soon is worth a word.
const SOON: Duration = Duration::from_secs(14 * 24 * 3_600);
/// A user has this many at most; managed ones do not count.
const MOST: usize = 10;

/// The token that signs in, among one's own; else why it cannot be told.
fn in_use<'t>(resolved: &Resolved, tokens: Option<&'t [Token]>) -> Result<&'t Token, &'static str> {
    let Login::Pair { client_id, .. } = &resolved.login else {
        return Err("the settings give a bearer, which does not say whose it is");
    };
    let tokens = tokens.ok_or("one's own tokens cannot be listed")?;
    let found = tokens.iter().find(|token| token.id == *client_id);
    found.ok_or("the token in use is not among one's own: it may have been removed a moment ago")
}

pub fn check(resolved: &Resolved, lists: &Lists) -> Check {
    let tokens = lists.own_tokens();
    let now = resolved
        .credential
        .server_time()
        .unwrap_or_else(Timestamp::now);
    match in_use(resolved, tokens.as_deref()) {
        Ok(token) => judge(token, tokens.as_deref().unwrap_or_default(), now),
        Err(why) => Check::skipped(Name::Token, why),
    }
}

fn judge(token: &Token, own: &[Token], now: Timestamp) -> Check {
    let count = own
        .iter()
        .filter(|token| token.managed != Some(true))
        .count();
    let text = |date: &Option<String>| match date {
        Some(date) => date
            .parse::<Timestamp>()
            .map_or_else(|_| date.clone(), |date| format!("{date:.0}")),
        None => "never".to_owned(),
    };
    let found = format!(
        "'{}', expires {}, last used {}; {count} of {MOST} tokens of its owner",
        token.name,
        text(&token.expiration_date),
        text(&token.last_used)
    );
    let value = json!({
        "id": token.id, "name": token.name, "expirationDate": token.expiration_date,
        "lastUsed": token.last_used, "scope": token.scope, "own": count, "most": MOST,
    });
    let mut check = Check::ok(Name::Token, found).with_value(value);
    let renew = "rotate it (Invoke-SailPatRotation), or make a new one and change over";
    let end = token.expiration_date.as_deref();
    match end.map(str::parse::<Timestamp>) {
        Some(Ok(end)) if end <= now => check.and(Status::Failed, "it has expired", renew),
        Some(Ok(end)) => {
            let left = end.duration_since(now).unsigned_abs();
            if left < SOON {
                let words = format!("it expires in {}, within two weeks", spoken(left));
                check.and(Status::Warning, &words, renew);
            }
        }
        Some(Err(_)) => check.and(
            Status::Warning,
            "its expiry cannot be read",
            "look at the token with a list",
        ),
        None => {}
    }
    if count >= MOST {
        check.and(
            Status::Warning,
            "no slot is free, and a rotation needs one",
            "remove a token that nobody uses",
        );
    }
    check
}

/// Whether the token's own scope lets it make its successor.
pub fn may_rotate(resolved: &Resolved, lists: &Lists) -> Check {
    let tokens = lists.own_tokens();
    let token = match in_use(resolved, tokens.as_deref()) {
        Ok(token) => token,
        Err(why) => return Check::skipped(Name::Rotation, why),
    };
    let scope = token.scope.as_deref();
    let names = scope.unwrap_or_default().join(", ");
    let (check, may) = match manages_own(scope) {
        Some(true) => (
            Check::ok(
                Name::Rotation,
                "its own list works and its scope includes managing it; that its owner may make and remove tokens cannot be tried without a change",
            ),
            Some(true),
        ),
        Some(false) => (
            Check::warning(
                Name::Rotation,
                format!("its scope does not include managing its owner's tokens: {names}"),
                "to let it rotate itself, add sp:my-personal-access-tokens:manage to its scope",
            ),
            Some(false),
        ),
        None => (
            Check::ok(
                Name::Rotation,
                format!(
                    "its own list works; whether its scope ({names}) includes managing it cannot be tried without a change"
                ),
            ),
            None,
        ),
    };
    check.with_value(json!({"mayRotate": may}))
}

/// Whether a scope includes managing one's own tokens; none where its name does not say.
fn manages_own(scope: Option<&[String]>) -> Option<bool> {
    let Some(scope) = scope else {
        return Some(true);
    };
    let bare = |name: &str| {
        let rest = name.strip_prefix("sp:").or(name.strip_prefix("idn:"));
        rest.unwrap_or(name).to_owned()
    };
    let has = |wanted: &str| scope.iter().any(|name| bare(name) == wanted);
    if has("scopes:all") || has("my-personal-access-tokens:manage") {
        Some(true)
    } else if has("scopes:default") {
        None
    } else {
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(end: Option<&str>) -> Token {
        serde_json::from_value(json!({"id": "a", "name": "n", "expirationDate": end})).unwrap()
    }

    fn judged(end: Option<&str>, count: usize) -> Status {
        let now = "2026-06-01T00:00:00Z".parse().unwrap();
        let own = vec![token(None); count];
        judge(&token(end), &own, now).state
    }

    #[test]
    fn the_end_is_looked_at_by_the_servers_clock() {
        assert_eq!(judged(None, 1), Status::Ok);
        assert_eq!(judged(Some("2026-06-16T00:00:00.000Z"), 1), Status::Ok);
        assert_eq!(judged(Some("2026-06-14T00:00:00Z"), 1), Status::Warning);
        assert_eq!(judged(Some("2026-05-31T23:59:59Z"), 1), Status::Failed);
        assert_eq!(judged(Some("soon"), 1), Status::Warning);
    }

    #[test]
    fn ten_tokens_leave_no_slot_and_managed_ones_do_not_count() {
        assert_eq!(judged(None, 9), Status::Ok);
        assert_eq!(judged(None, 10), Status::Warning);
        let mut own = vec![token(None); 10];
        own[0].managed = Some(true);
        let check = judge(&own[1], &own, Timestamp::now());
        assert_eq!(check.state, Status::Ok);
        assert!(check.found.contains("9 of 10"), "{}", check.found);
    }

    #[test]
    fn a_scope_says_whether_it_manages_its_own() {
        let manages = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            manages_own(Some(&names))
        };
        assert_eq!(manages_own(None), Some(true));
        assert_eq!(manages(&["sp:scopes:all"]), Some(true));
        let manage = "idn:my-personal-access-tokens:manage";
        assert_eq!(manages(&["idn:accounts:read", manage]), Some(true));
        assert_eq!(manages(&["sp:scopes:default"]), None);
        assert_eq!(manages(&["sp:my-personal-access-tokens:read"]), Some(false));
        assert_eq!(manages(&[]), Some(false));
    }
}
