//! Law 6: a successor has no more scope, no longer a bearer's life and no longer a life than the old token, unless
//! asked. What cannot be read of the old token stops the rotation.

use jiff::{Timestamp, ToSpan};

use crate::api::create::Create;
use crate::api::token::Token;
use crate::api::version::{Expiry, Version};
use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::errors;
use crate::lifecycle::rotation::service::Listed;

/// Ends are stamped by another clock than the one that they are counted by.
const SLACK_SECONDS: i64 = 60;

/// The create of a token that takes another's place: its scope and validity, and as long a life.
pub fn successor(
    old: &Listed,
    name: &str,
    version: &Version,
    asked: Option<Timestamp>,
    now: Timestamp,
) -> Result<Create> {
    let missing = old
        .missing
        .filter(|field| *field != "expirationDate" || asked.is_none());
    if let Some(field) = old.unreadable.or(missing) {
        return Err(unreadable(&old.token, field));
    }
    let old = &old.token;
    let scope = old.scope.clone().filter(|scope| !scope.is_empty());
    let scope = scope.ok_or_else(|| unreadable(old, "scope"))?;
    let life = match asked {
        Some(end) => Some(end),
        None => renewed(old, version, now)?,
    };
    let mut create = Create::new(name);
    create.scope = Some(scope);
    create.validity_seconds = old.access_token_validity_seconds;
    create.expiration_date = life.map(|end| format!("{end:.3}"));
    if life.is_none() && version.expiry == Expiry::NeverNeedsConsent {
        create.never_expires = Some(true);
    }
    Ok(create)
}

fn unreadable(old: &Token, field: &str) -> Error {
    let remedy = match field {
        "scope" => "give the token the scope that it needs first, then rotate it",
        "managed" => "rotate it where it is kept",
        _ => "make a new token by hand, with what it needs",
    };
    errors::refused(format!(
        "the {field} of the token {} cannot be read, so that its successor might get more than it has",
        old.id
    ))
    .with_field("id")
    .with_remedy(remedy)
}

/// The end of a life as long as the old token's, by the server's clock; none where that is the default.
fn renewed(old: &Token, version: &Version, now: Timestamp) -> Result<Option<Timestamp>> {
    let Some(end) = &old.expiration_date else {
        return Ok(None);
    };
    let end: Timestamp = end.parse().map_err(|_| unreadable(old, "expirationDate"))?;
    let made = old.created_at().ok_or_else(|| unreadable(old, "created"))?;
    let date = now.checked_add(end.duration_since(made)).ok();
    let date = date
        .filter(|date| *date > now)
        .ok_or_else(|| unreadable(old, "expirationDate"))?;
    let longest = now.checked_add((24 * 180).hours()).ok();
    // The service fills in six months.
    let is_default =
        version.expiry == Expiry::WithinSixMonths && longest.is_some_and(|longest| date >= longest);
    Ok((!is_default).then_some(date))
}

/// Holds what the service made against what it was asked for.
pub fn check(made: &Listed, asked: &Create) -> Result<()> {
    let token = &made.token;
    let more = |field: &str| {
        Err(Error::new(
            Code::RotationRefused,
            format!(
                "the service made the token {} with another {field} than it was asked for",
                token.id
            ),
        )
        .with_remedy("try again; if it stays so, make the token by hand"))
    };
    if let Some(field) = made.unreadable {
        return more(field);
    }
    if let Some(asked) = &asked.scope {
        match &token.scope {
            Some(scope) if !scope.is_empty() && scope.iter().all(|one| asked.contains(one)) => {}
            _ => return more("scope"),
        }
    }
    if let (Some(asked), Some(seconds)) =
        (asked.validity_seconds, token.access_token_validity_seconds)
        && seconds > asked
    {
        return more("accessTokenValiditySeconds");
    }
    let instant = |text: &Option<String>| {
        text.as_deref()
            .and_then(|text| text.parse::<Timestamp>().ok())
    };
    if let Some(asked) = instant(&asked.expiration_date) {
        let latest = asked.checked_add(SLACK_SECONDS.seconds()).unwrap_or(asked);
        if instant(&token.expiration_date).is_none_or(|end| end > latest) {
            return more("expirationDate");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::version;

    fn listed(fields: Value) -> Listed {
        let mut token = json!({"id": "a", "name": "n", "created": "2026-01-01T00:00:00Z",
            "accessTokenValiditySeconds": null, "expirationDate": null});
        token
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let raw = serde_json::value::to_raw_value(&token).unwrap();
        Listed {
            unreadable: Token::unreadable(&raw),
            missing: Token::missing(&raw),
            token: serde_json::from_str(raw.get()).unwrap(),
        }
    }

    fn body(version: &str, fields: Value) -> Value {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let version = version::find(version).unwrap();
        let create = successor(&listed(fields), "m", version, None, now).unwrap();
        serde_json::from_slice(&create.request(version).body.unwrap().bytes).unwrap()
    }

    #[test]
    fn scope_validity_and_length_of_life_are_carried_over() {
        let fields = json!({"scope": ["a", "b"], "accessTokenValiditySeconds": 900,
            "expirationDate": "2026-01-31T00:00:00Z"});
        assert_eq!(
            body("v2024", fields),
            json!({"name": "m", "scope": ["a", "b"], "accessTokenValiditySeconds": 900,
                "expirationDate": "2026-12-24T12:00:00.000Z"})
        );
    }

    #[test]
    fn the_longest_life_is_left_to_the_service() {
        let fields = json!({"scope": ["a"], "expirationDate": "2026-07-01T00:00:00Z"});
        assert_eq!(
            body("v2024", fields.clone()),
            json!({"name": "m", "scope": ["a"]})
        );
        assert_eq!(
            body("v2025", fields),
            json!({"name": "m", "scope": ["a"], "expirationDate": "2027-05-24T12:00:00.000Z"})
        );
    }

    #[test]
    fn a_token_that_never_expires_gets_such_a_successor() {
        assert_eq!(
            body("v1", json!({"scope": ["a"]})),
            json!({"name": "m", "scope": ["a"], "userAwareTokenNeverExpires": true})
        );
        assert_eq!(
            body("v2024", json!({"scope": ["a"]})),
            json!({"name": "m", "scope": ["a"]})
        );
    }

    #[test]
    fn what_cannot_be_read_stops_it_and_is_named() {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let version = version::find("v2025").unwrap();
        for (field, value) in [
            ("scope", json!(null)),
            ("scope", json!([])),
            ("expirationDate", json!("soon")),
            ("expirationDate", json!("2025-01-01T00:00:00Z")),
            ("created", json!("once")),
        ] {
            let mut fields = json!({"scope": ["a"], "expirationDate": "2026-07-01T00:00:00Z"});
            fields[field] = value;
            let error = successor(&listed(fields), "m", version, None, now).unwrap_err();
            assert_eq!(error.code(), Code::RotationRefused);
            assert!(
                error
                    .to_string()
                    .contains(&format!("the {field} of the token a")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_field_that_is_not_there_is_not_null() {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let version = version::find("v2025").unwrap();
        for field in ["accessTokenValiditySeconds", "expirationDate"] {
            let mut old = listed(json!({"scope": ["a"]}));
            old.missing = Some(field);
            let error = successor(&old, "m", version, None, now).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains(&format!("the {field} of the token a")),
                "{error}"
            );
            let asked = successor(&old, "m", version, Some(now), now);
            assert_eq!(
                asked.is_ok(),
                field == "expirationDate",
                "an end that is asked for needs no other"
            );
        }
    }

    #[test]
    fn more_than_was_asked_for_is_seen() {
        let mut asked = Create::new("n");
        asked.scope = Some(vec!["a".to_owned(), "b".to_owned()]);
        asked.validity_seconds = Some(900);
        asked.expiration_date = Some("2026-12-24T12:00:00Z".to_owned());
        let fine = json!({"scope": ["a"], "accessTokenValiditySeconds": 900,
            "expirationDate": "2026-12-24T12:00:00.999Z"});
        check(&listed(fine.clone()), &asked).unwrap();
        for (field, value) in [
            ("scope", json!(["a", "c"])),
            ("scope", json!([])),
            ("accessTokenValiditySeconds", json!(901)),
            ("expirationDate", json!(null)),
            ("expirationDate", json!("2027-12-24T12:00:00Z")),
        ] {
            let mut fields = fine.clone();
            fields[field] = value;
            let error = check(&listed(fields), &asked).unwrap_err().to_string();
            assert!(error.contains(&format!("another {field}")), "{error}");
        }
    }
}
