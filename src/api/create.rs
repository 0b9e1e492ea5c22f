//! The create request and its rules, per version.

use jiff::{Span, Timestamp, ToSpan};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::api::fields::Fields;
use crate::api::request::{Body, Method, Request};
use crate::api::version::{Expiry, Version};
use crate::error::Result;

/// The range that the OpenAPI document gives for accessTokenValiditySeconds.
pub const VALIDITY_SECONDS: std::ops::RangeInclusive<i64> = 15..=43_200;
/// The longest name that is sent.
pub const LONGEST_NAME: usize = 255;
/// The local clock may be off: an expiry this close to its limit is left to the service to judge.
const CLOCK_SLACK_MINUTES: i64 = 10;

/// A create request that keeps every rule.
#[derive(Clone, Debug)]
pub struct Create {
    /// The name by which a lost one is looked for.
    pub name: String,
    pub scope: Option<Vec<String>>,
    pub validity_seconds: Option<i64>,
    /// As it was written.
    pub expiration_date: Option<String>,
    pub never_expires: Option<bool>,
    /// The body as it was given, which is sent as it stands.
    given: Option<Zeroizing<Vec<u8>>>,
}

/// A create's body where no caller gave one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'c> {
    name: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'c [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token_validity_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_date: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_aware_token_never_expires: Option<bool>,
}

impl Create {
    /// One of that name, with all scopes and the service's own validity and life until they are set.
    pub fn new(name: impl Into<String>) -> Self {
        Create {
            name: name.into(),
            scope: None,
            validity_seconds: None,
            expiration_date: None,
            never_expires: None,
            given: None,
        }
    }

    /// The same token under another name.
    pub fn renamed(&self, name: impl Into<String>) -> Self {
        Create {
            name: name.into(),
            given: None,
            ..self.clone()
        }
    }

    pub fn request(&self, version: &Version) -> Request {
        Request {
            method: Method::Post,
            target: version.collection.to_owned(),
            body: Some(Body {
                content_type: "application/json",
                bytes: self.body(),
            }),
            repeatable: false,
        }
    }

    fn body(&self) -> Zeroizing<Vec<u8>> {
        if let Some(given) = &self.given {
            return given.clone();
        }
        let written = Written {
            name: &self.name,
            scope: self.scope.as_deref(),
            access_token_validity_seconds: self.validity_seconds,
            expiration_date: self.expiration_date.as_deref(),
            user_aware_token_never_expires: self.never_expires,
        };
        // Texts and numbers always have a JSON form.
        Zeroizing::new(serde_json::to_vec(&written).unwrap_or_default())
    }
}

/// Checks the create body in `fields`; `text` is the same body as it will be sent.
pub fn from_fields(
    version: &Version,
    mut fields: Fields<'_>,
    text: &str,
    now: Timestamp,
) -> Result<Create> {
    // First of all: what stands in a body and is no field of it was meant for something else.
    fields.only(known(version))?;
    let name = name(&mut fields)?;
    let scope = scope(&mut fields)?;
    let validity_seconds = validity(&mut fields)?;
    let (expiration_date, never_expires) = expiry(version, &mut fields, now)?;
    Ok(Create {
        name,
        scope,
        validity_seconds,
        expiration_date,
        never_expires,
        given: Some(Zeroizing::new(text.as_bytes().to_vec())),
    })
}

/// The fields of a body: the service's own, and nothing of this library.
const fn known(version: &Version) -> &'static [&'static str] {
    match version.expiry {
        Expiry::WithinSixMonths => &[
            "name",
            "scope",
            "accessTokenValiditySeconds",
            "expirationDate",
        ],
        Expiry::NeverNeedsConsent => &[
            "name",
            "scope",
            "accessTokenValiditySeconds",
            "expirationDate",
            "userAwareTokenNeverExpires",
        ],
    }
}

fn name(fields: &mut Fields<'_>) -> Result<String> {
    let name = fields.string("name")?;
    let name = fields.required("name", name)?;
    if name.chars().count() > LONGEST_NAME {
        return Err(fields.breaks(
            "name",
            format!("must have at most {LONGEST_NAME} characters"),
        ));
    }
    Ok(name)
}

fn scope(fields: &mut Fields<'_>) -> Result<Option<Vec<String>>> {
    // null stays what it is for the service: not given.
    fields.never_empty(&[("scope", "leave it out for all scopes, sp:scopes:all")])?;
    fields.strings("scope")
}

fn validity(fields: &mut Fields<'_>) -> Result<Option<i64>> {
    let seconds = fields.integer("accessTokenValiditySeconds")?;
    match seconds {
        Some(seconds) if !VALIDITY_SECONDS.contains(&seconds) => Err(fields.breaks(
            "accessTokenValiditySeconds",
            format!(
                "must be between {} and {} seconds",
                VALIDITY_SECONDS.start(),
                VALIDITY_SECONDS.end()
            ),
        )),
        _ => Ok(seconds),
    }
}

/// The end of its life as it was written, and whether it was asked to have none.
fn expiry(
    version: &Version,
    fields: &mut Fields<'_>,
    now: Timestamp,
) -> Result<(Option<String>, Option<bool>)> {
    let (written, date) = fields.written_instant("expirationDate")?.unzip();
    let consent = match version.expiry {
        Expiry::NeverNeedsConsent => fields.boolean("userAwareTokenNeverExpires")?,
        Expiry::WithinSixMonths => None,
    };
    let never = consent.unwrap_or(false);
    match (date, version.expiry) {
        (None, Expiry::NeverNeedsConsent) if !never => Err(fields
            .breaks(
                "expirationDate",
                format!(
                    "is required in {}, unless userAwareTokenNeverExpires is true",
                    version.name
                ),
            )
            .with_remedy("give an expirationDate, or accept a token that never expires")),
        (Some(date), _) if date < shifted(now, (-CLOCK_SLACK_MINUTES).minutes()) => {
            Err(fields.breaks("expirationDate", "must be in the future"))
        }
        (Some(date), Expiry::WithinSixMonths) if date > six_months_after(now) => Err(fields
            .breaks(
                "expirationDate",
                format!("must be at most six months ahead in {}", version.name),
            )),
        _ => Ok((written, consent)),
    }
}

fn six_months_after(now: Timestamp) -> Timestamp {
    let later = now
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .checked_add(6.months())
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp());
    shifted(later, CLOCK_SLACK_MINUTES.minutes())
}

fn shifted(instant: Timestamp, span: Span) -> Timestamp {
    instant.checked_add(span).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::version::{VERSIONS, find};

    fn create(version: &str, json: &str) -> Result<Create> {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        from_fields(find(version)?, Fields::of_request(json)?, json, now)
    }

    #[test]
    fn the_body_is_sent_as_it_was_given() {
        let json = "{ \"name\" : \"n\\u00e4me\", \"scope\" : [ \"sp:scopes:all\" ] }";
        let create = create("v2024", json).unwrap();
        assert_eq!(create.name, "näme");
        let request = create.request(find("v2024").unwrap());
        assert_eq!(request.body.unwrap().bytes.as_slice(), json.as_bytes());
        assert!(!request.repeatable);
    }

    #[test]
    fn the_same_token_under_another_name_keeps_everything_else() {
        let json = r#"{"userAwareTokenNeverExpires":false,"name":"n","expirationDate":"2026-12-24T12:00:00+01:00",
            "scope":["a","b"],"accessTokenValiditySeconds":900}"#;
        let renamed = create("v2025", json).unwrap().renamed("m");
        let body = renamed.request(find("v2025").unwrap()).body.unwrap();
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&body.bytes).unwrap(),
            serde_json::json!({"name": "m", "scope": ["a", "b"], "accessTokenValiditySeconds": 900,
                "expirationDate": "2026-12-24T12:00:00+01:00", "userAwareTokenNeverExpires": false})
        );
        let bare = Create::new("n")
            .request(find("v2024").unwrap())
            .body
            .unwrap();
        assert_eq!(bare.bytes.as_slice(), br#"{"name":"n"}"#);
    }

    #[test]
    fn broken_rules_name_field_and_rule() {
        let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(300));
        for (json, message) in [
            ("{}", "name: is required"),
            (r#"{"name":null}"#, "name: is required"),
            (r#"{"name":""}"#, "name: must not be empty"),
            (r#"{"name":7}"#, "name: must be a string"),
            (long.as_str(), "name: must have at most 255 characters"),
            (
                r#"{"name":"n","scope":"a"}"#,
                "scope: must be an array of strings",
            ),
            (
                r#"{"name":"n","scope":[" "]}"#,
                "scope: must not hold an empty text",
            ),
            (r#"{"name":"n","scope":[ ]}"#, "scope: must not be empty"),
            (
                r#"{"name":"n","accessTokenValiditySeconds":14}"#,
                "accessTokenValiditySeconds: must be between 15 and 43200 seconds",
            ),
            (
                r#"{"name":"n","accessTokenValiditySeconds":43201}"#,
                "accessTokenValiditySeconds: must be between 15 and 43200 seconds",
            ),
            (
                r#"{"name":"n","accessTokenValiditySeconds":"900"}"#,
                "accessTokenValiditySeconds: must be a whole number",
            ),
            (
                r#"{"name":"n","expirationDate":"2027-05-24T12:11:00Z"}"#,
                "expirationDate: must be at most six months ahead in v2024",
            ),
            (
                r#"{"name":"n","expirationDate":"2026-11-24T11:00:00Z"}"#,
                "expirationDate: must be in the future",
            ),
        ] {
            assert_eq!(
                create("v2024", json).unwrap_err().to_string(),
                message,
                "{json}"
            );
        }
    }

    #[test]
    fn what_is_no_field_of_the_version_is_refused_before_any_rule() {
        let known = "name, scope, accessTokenValiditySeconds, expirationDate";
        for (version, json, message) in [
            (
                "v2024",
                r#"{"userAwareTokenNeverExpires":true}"#,
                format!("userAwareTokenNeverExpires: is not a known field; known are {known}"),
            ),
            (
                "v2025",
                r#"{"name":"","storeIn":{}}"#,
                format!(
                    "storeIn: is not a known field; known are {known}, userAwareTokenNeverExpires"
                ),
            ),
        ] {
            assert_eq!(create(version, json).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn from_v2025_on_no_expiry_needs_consent_and_any_date_is_fine() {
        for version in VERSIONS
            .iter()
            .filter(|v| v.expiry == Expiry::NeverNeedsConsent)
        {
            let error = create(version.name, r#"{"name":"n","expirationDate":null}"#).unwrap_err();
            assert_eq!(error.detail().field.as_deref(), Some("expirationDate"));
            create(
                version.name,
                r#"{"name":"n","userAwareTokenNeverExpires":true}"#,
            )
            .unwrap();
            create(
                version.name,
                r#"{"name":"n","expirationDate":"2099-01-01T00:00:00Z"}"#,
            )
            .unwrap();
        }
    }

    #[test]
    fn limits_themselves_are_allowed() {
        for json in [
            r#"{"name":"n","accessTokenValiditySeconds":15}"#,
            r#"{"name":"n","accessTokenValiditySeconds":43200}"#,
            r#"{"name":"n","expirationDate":"2027-05-24T12:00:00Z"}"#,
            r#"{"name":"n","scope":null,"expirationDate":null}"#,
        ] {
            create("v2024", json).unwrap();
        }
    }
}
