//! The create request and its rules, per version.

use jiff::{Span, Timestamp, ToSpan};
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

/// A create request that keeps every rule, and the name by which a lost one is looked for.
#[derive(Clone, Debug)]
pub struct Create {
    pub request: Request,
    pub name: String,
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
    scope(&mut fields)?;
    validity(&mut fields)?;
    expiry(version, &mut fields, now)?;
    let request = Request {
        method: Method::Post,
        target: version.collection.to_owned(),
        body: Some(Body {
            content_type: "application/json",
            bytes: Zeroizing::new(text.as_bytes().to_vec()),
        }),
        repeatable: false,
    };
    Ok(Create { request, name })
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

fn scope(fields: &mut Fields<'_>) -> Result<()> {
    // null stays what it is for the service: not given.
    fields.never_empty(&[("scope", "leave it out for all scopes, sp:scopes:all")])?;
    fields.strings("scope").map(drop)
}

fn validity(fields: &mut Fields<'_>) -> Result<()> {
    match fields.integer("accessTokenValiditySeconds")? {
        Some(seconds) if !VALIDITY_SECONDS.contains(&seconds) => Err(fields.breaks(
            "accessTokenValiditySeconds",
            format!(
                "must be between {} and {} seconds",
                VALIDITY_SECONDS.start(),
                VALIDITY_SECONDS.end()
            ),
        )),
        _ => Ok(()),
    }
}

fn expiry(version: &Version, fields: &mut Fields<'_>, now: Timestamp) -> Result<()> {
    let date = fields.instant("expirationDate")?;
    let never = match version.expiry {
        Expiry::NeverNeedsConsent => fields
            .boolean("userAwareTokenNeverExpires")?
            .unwrap_or(false),
        Expiry::WithinSixMonths => false,
    };
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
        _ => Ok(()),
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
        assert_eq!(
            create.request.body.unwrap().bytes.as_slice(),
            json.as_bytes()
        );
        assert!(!create.request.repeatable);
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
