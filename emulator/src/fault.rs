//! What can go wrong with a request, read from a rule's JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What goes wrong with one request.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// Waited before anything else happens.
    pub delay: Duration,
    pub date_skew_seconds: i64,
    pub act: Act,
}

/// The one thing that a fault does, besides a delay and a skewed clock. The names are those of
/// the rule's JSON.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Act {
    /// Nothing: the request is executed and answered as always.
    #[serde(skip)]
    Nothing,
    Drop(Moment),
    TruncateAt(usize),
    #[serde(skip)]
    Status(StatusReply),
    StatusAfterCommit(Status),
    RetryAfter(u64),
    Drip(Drip),
    Hang(True),
    HangAfterCommit(True),
    #[serde(skip)]
    Redirect(Redirect),
    OversizeBytes(u64),
    OversizeHeaderBytes(usize),
    /// The reply has so many headers more.
    HeaderCount(usize),
    /// The reply comes compressed, or in another charset.
    Encoded(Encoded),
    Html(True),
    JsonDepth(usize),
    RawBody(String),
    /// The reply's object lacks this field.
    WithoutField(String),
    /// The reply's list lacks the token of this id.
    LeaveOut(String),
    /// Somebody on the way sends the request once more; the second reply comes back.
    Twice(True),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Moment {
    BeforeCommit,
    AfterCommit,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Drip {
    pub bytes: usize,
    pub every_ms: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct StatusReply {
    pub status: Status,
    pub body: Option<String>,
    pub body_base64: Option<Base64>,
    /// The request is executed before, and this is the answer all the same.
    #[serde(default)]
    pub after_commit: bool,
    pub content_type: Option<Text>,
    #[serde(default)]
    pub headers: Headers,
}

/// Bytes that are no text.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Base64(pub Bytes);

impl TryFrom<String> for Base64 {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Base64, Self::Error> {
        STANDARD.decode(text).map(|bytes| Base64(bytes.into()))
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Encoded {
    /// From the inside out; Content-Encoding lists them in this order.
    #[serde(default)]
    pub by: Vec<Coding>,
    /// What Content-Encoding says instead.
    pub named: Option<Text>,
    /// The text's charset, which Content-Type names.
    pub charset: Option<Charset>,
    /// A byte order mark stands before the text.
    #[serde(default)]
    pub mark: bool,
    /// The compressed bytes end here, and the announced length with them.
    pub cut_at: Option<usize>,
    /// This byte of the compressed ones is turned round.
    pub broken_at: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Coding {
    Gzip,
    /// zlib's form, as the standard has it.
    Deflate,
    /// Without zlib's head, as some servers send it.
    RawDeflate,
    Br,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Charset {
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "utf-16le")]
    Utf16Le,
    #[serde(rename = "utf-16be")]
    Utf16Be,
    #[serde(rename = "iso-8859-1")]
    Latin1,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redirect {
    pub redirect: Text,
    #[serde(default = "temporary_redirect")]
    pub status: Status,
}

fn temporary_redirect() -> Status {
    Status(StatusCode::TEMPORARY_REDIRECT)
}

/// A status code that a reply can have.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u16")]
pub(crate) struct Status(pub StatusCode);

impl TryFrom<u16> for Status {
    type Error = &'static str;

    fn try_from(code: u16) -> Result<Status, Self::Error> {
        match StatusCode::from_u16(code) {
            Ok(status) if (200..600).contains(&code) => Ok(Status(status)),
            _ => Err("a status is between 200 and 599"),
        }
    }
}

/// The word true: `"hang": false` would be a rule that does nothing.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "bool")]
pub(crate) struct True;

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(given: bool) -> Result<True, Self::Error> {
        given.then_some(True).ok_or("it takes true only")
    }
}

/// The value of a header.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Text(pub HeaderValue);

impl TryFrom<String> for Text {
    type Error = hyper::header::InvalidHeaderValue;

    fn try_from(text: String) -> Result<Text, Self::Error> {
        HeaderValue::try_from(text).map(Text)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, Values>")]
pub(crate) struct Headers(pub HeaderMap);

/// One value, or several lines of one name.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Values {
    One(Text),
    Several(Vec<Text>),
}

impl TryFrom<BTreeMap<String, Values>> for Headers {
    type Error = hyper::header::InvalidHeaderName;

    fn try_from(given: BTreeMap<String, Values>) -> Result<Headers, Self::Error> {
        let mut headers = HeaderMap::new();
        for (name, values) in given {
            let name = HeaderName::try_from(name)?;
            let values = match values {
                Values::One(value) => vec![value],
                Values::Several(values) => values,
            };
            for Text(value) in values {
                headers.append(&name, value);
            }
        }
        Ok(Headers(headers))
    }
}

impl Fault {
    pub fn read(fault: &Value) -> Result<Fault, String> {
        let mut rest = fault.as_object().ok_or("fault must be an object")?.clone();
        Ok(Fault {
            delay: Duration::from_millis(integer::<u32>(&mut rest, "delayMs")?.into()),
            date_skew_seconds: integer::<i32>(&mut rest, "dateSkewSeconds")?.into(),
            act: Act::read(rest).map_err(|error| error.to_string())?,
        })
    }
}

/// Takes an integer out; 0 where it is not there.
fn integer<T: TryFrom<i64> + Default>(
    fields: &mut Map<String, Value>,
    name: &str,
) -> Result<T, String> {
    let Some(value) = fields.remove(name) else {
        return Ok(T::default());
    };
    let number = value.as_i64().and_then(|number| number.try_into().ok());
    number.ok_or_else(|| format!("{name} does not take {value}"))
}

impl Act {
    /// Most faults are one field; two of them have further ones.
    fn read(fields: Map<String, Value>) -> serde_json::Result<Act> {
        let has = |name: &str| fields.contains_key(name);
        match () {
            () if fields.is_empty() => Ok(Act::Nothing),
            () if has("redirect") => serde_json::from_value(fields.into()).map(Act::Redirect),
            () if has("status") => serde_json::from_value(fields.into()).map(Act::Status),
            () => serde_json::from_value(fields.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_fault_of_the_manual_is_read() {
        for fault in [
            json!({"delayMs": 5}),
            json!({"dateSkewSeconds": -5}),
            json!({"drop": "beforeCommit", "delayMs": 5}),
            json!({"drop": "afterCommit"}),
            json!({"truncateAt": 10}),
            json!({"status": 503}),
            json!({"status": 503, "body": "x", "contentType": "text/plain", "headers": {"a": "b"}}),
            json!({"statusAfterCommit": 502}),
            json!({"retryAfter": 60}),
            json!({"drip": {"bytes": 1, "everyMs": 2}}),
            json!({"hang": true}),
            json!({"hangAfterCommit": true}),
            json!({"redirect": "http://127.0.0.1:1/", "status": 302}),
            json!({"redirect": "http://127.0.0.1:1/"}),
            json!({"oversizeBytes": 10}),
            json!({"oversizeHeaderBytes": 10}),
            json!({"headerCount": 10}),
            json!({"encoded": {"by": ["gzip", "br"], "named": "GZIP, br"}}),
            json!({"encoded": {"charset": "utf-16le", "mark": true}}),
            json!({"encoded": {"by": ["deflate"], "cutAt": 5, "brokenAt": 3}}),
            json!({"status": 429, "afterCommit": true, "headers": {"Retry-After": ["1", "2"]}}),
            json!({"status": 200, "bodyBase64": "AP8="}),
            json!({"html": true}),
            json!({"jsonDepth": 10}),
            json!({"rawBody": "x"}),
            json!({"withoutField": "secret"}),
            json!({"leaveOut": "an id"}),
            json!({"twice": true}),
        ] {
            assert!(Fault::read(&fault).is_ok(), "{fault}");
        }
    }

    #[test]
    fn what_is_not_in_the_manual_is_refused() {
        for fault in [
            json!(null),
            json!({"hangs": true}),
            json!({"hang": false}),
            json!({"hang": true, "html": true}),
            json!({"drop": "later"}),
            json!({"delayMs": -1}),
            json!({"status": 42}),
            json!({"status": 503, "text": "x"}),
            json!({"status": 503, "headers": {"a b": "c"}}),
            json!({"redirect": "a\nb"}),
            json!({"status": 200, "bodyBase64": "?"}),
            json!({"encoded": {"by": ["zstd"]}}),
        ] {
            assert!(Fault::read(&fault).is_err(), "{fault}");
        }
    }
}
