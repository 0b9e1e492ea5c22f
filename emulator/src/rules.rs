//! The rules for a request's content type and for a token's fields, the same for create and patch.

use hyper::header::{CONTENT_TYPE, HeaderMap};
use jiff::{Timestamp, ToSpan, tz::Offset};
use serde_json::Value;

use crate::replies::Refusal;

const NAME_LENGTH: std::ops::RangeInclusive<usize> = 1..=255;
const VALIDITY_SECONDS: std::ops::RangeInclusive<u64> = 15..=43_200;

pub(crate) fn refuse<T>(text: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::BadRequest(text.into()))
}

pub(crate) fn name(value: Option<&Value>) -> Result<String, Refusal> {
    match value {
        Some(Value::String(name)) if NAME_LENGTH.contains(&name.chars().count()) => {
            Ok(name.clone())
        }
        Some(Value::String(_)) => refuse("name must be between 1 and 255 characters long."),
        None | Some(Value::Null) => refuse("name is required."),
        Some(_) => refuse("name must be a string."),
    }
}

/// Strings, or null.
pub(crate) fn scope(value: &Value) -> Result<Option<Vec<String>>, Refusal> {
    let Value::Array(items) = value else {
        return match value {
            Value::Null => Ok(None),
            _ => refuse("scope must be an array of strings."),
        };
    };
    items
        .iter()
        .map(|item| match item {
            Value::String(scope) if !scope.is_empty() => Ok(scope.clone()),
            _ => refuse("scope must be an array of strings, none of them empty."),
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

pub(crate) fn validity(value: &Value) -> Result<u32, Refusal> {
    match value.as_u64() {
        Some(seconds) if VALIDITY_SECONDS.contains(&seconds) => Ok(seconds as u32),
        _ => refuse("accessTokenValiditySeconds must be an integer between 15 and 43200."),
    }
}

/// A date-time after now, or None for null.
pub(crate) fn future_date(value: &Value, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text,
        _ => return refuse("expirationDate must be a date-time string."),
    };
    match text.parse::<Timestamp>() {
        Ok(date) if date > now => Ok(Some(date)),
        Ok(_) => refuse("expirationDate must be in the future."),
        Err(_) => refuse("expirationDate must be a valid ISO 8601 date-time string."),
    }
}

/// The default expiry, and the latest allowed, in the versions that have an upper limit.
pub(crate) fn six_months_after(created: Timestamp) -> Timestamp {
    let later = Offset::UTC.to_datetime(created).saturating_add(6.months());
    Offset::UTC.to_timestamp(later).unwrap_or(Timestamp::MAX)
}

pub(crate) fn boolean(field: &str, value: &Value) -> Result<bool, Refusal> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::Null => Ok(false),
        _ => refuse(format!("{field} must be a boolean.")),
    }
}

/// The rule that ties the two fields together in the versions without an upper limit.
pub(crate) fn aware_of_never(expiry: Option<Timestamp>, aware: bool) -> Result<(), Refusal> {
    match expiry.is_none() && !aware {
        true => {
            refuse("userAwareTokenNeverExpires must be true when expirationDate is null or empty.")
        }
        false => Ok(()),
    }
}

/// Whether the content type is this one, parameters aside.
pub(crate) fn has_content_type(headers: &HeaderMap, wanted: &str) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case(wanted))
}
