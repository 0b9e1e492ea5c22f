//! The JSON envelope of every reply:
//! `{"ok":true,"status":…,"data":…,"meta":…}` or `{"ok":false,"error":…,"meta":…}`.
//!
//! `data` is the service's own bytes, copied once. Texts for people are made visible here, and what is data stays as
//! it is. Envelopes are wiped when dropped: a create's holds
//! the new token's secret.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::client::Answer;
use crate::client::monitor::Monitor;
use crate::error::{Error, Headers, Orphan, Result};
use crate::visible;

/// One whole JSON text, without a NUL in it.
pub struct Envelope(Zeroizing<Vec<u8>>);

impl Envelope {
    /// The bytes, for whoever takes over their wiping.
    pub fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.0)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What is told about a call besides its result.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta<'a> {
    attempts: u32,
    elapsed_ms: f64,
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    deprecated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "headers")]
    headers: Option<&'a Headers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Vec<String>>,
}

fn is_false(value: &bool) -> bool {
    !value
}

fn headers<S: Serializer>(
    headers: &Option<&Headers>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    let Some(headers) = headers else {
        return serializer.serialize_none();
    };
    let mut map = serializer.serialize_map(Some(headers.len()))?;
    for (name, values) in headers.iter() {
        map.serialize_entry(name, values)?;
    }
    map.end()
}

impl<'a> Meta<'a> {
    fn of(monitor: &Monitor, with_log: bool) -> Self {
        Meta {
            attempts: monitor.attempts(),
            elapsed_ms: (monitor.elapsed().as_secs_f64() * 1e6).round() / 1e3,
            log: with_log.then(|| visible_lines(monitor)),
            ..Meta::default()
        }
    }
}

fn visible_lines(monitor: &Monitor) -> Vec<String> {
    let lines = monitor.lines().into_iter();
    lines
        .map(|line| visible::line(&line).into_owned())
        .collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorView<'a> {
    code: &'static str,
    number: u16,
    status: Option<u16>,
    message: Cow<'a, str>,
    retryable: bool,
    retry_after_seconds: Option<f64>,
    field: Option<Cow<'a, str>>,
    remedy: Option<Cow<'a, str>>,
    body: Option<Cow<'a, str>>,
    tracking_id: Option<Cow<'a, str>>,
    #[serde(serialize_with = "headers")]
    headers: Option<&'a Headers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    orphan: Option<&'a Orphan>,
}

/// Wraps an operation's result.
pub fn wrap(result: Result<Answer>, monitor: &Monitor, with_log: bool) -> Envelope {
    let meta = Meta::of(monitor, with_log);
    match result {
        Ok(answer) => {
            let meta = Meta {
                request_id: answer.request_id.as_deref(),
                deprecated: answer.deprecated,
                note: answer.note.as_deref().map(visible::line),
                headers: answer.headers.as_ref(),
                ..meta
            };
            let data = Zeroizing::new(answer.data);
            success(answer.status, &data, &meta)
        }
        Err(error) => {
            let meta = Meta {
                request_id: error.detail().tracking_id.as_deref(),
                ..meta
            };
            failure(&error, &meta)
        }
    }
}

/// A success that no request was made for.
pub fn local(data: &impl Serialize) -> Envelope {
    success(None, &json(data), &Meta::default())
}

/// A failure that no request was made for.
pub fn refused(error: &Error) -> Envelope {
    failure(error, &Meta::default())
}

fn success(status: Option<u16>, data: &[u8], meta: &Meta<'_>) -> Envelope {
    let meta = json(meta);
    let status = status.map_or_else(|| "null".to_owned(), |status| status.to_string());
    let data = if data.is_empty() {
        b"null"
    } else {
        data.trim_ascii()
    };
    concat(&[
        br#"{"ok":true,"status":"#,
        status.as_bytes(),
        br#","data":"#,
        data,
        br#","meta":"#,
        &meta,
        b"}",
    ])
}

fn failure(error: &Error, meta: &Meta<'_>) -> Envelope {
    let detail = error.detail();
    let view = ErrorView {
        code: detail.code.name(),
        number: detail.code.number(),
        status: detail.status,
        message: visible::line(&detail.message),
        retryable: detail.retryable,
        retry_after_seconds: detail.retry_after.map(|wait| wait.as_secs_f64()),
        field: line(&detail.field),
        remedy: line(&detail.remedy),
        body: detail.body.as_deref().map(visible::body),
        tracking_id: line(&detail.tracking_id),
        headers: detail.headers.as_ref(),
        orphan: detail.orphan.as_ref(),
    };
    concat(&[
        br#"{"ok":false,"error":"#,
        &json(&view),
        br#","meta":"#,
        &json(meta),
        b"}",
    ])
}

fn line(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(visible::line)
}

/// Joins the parts with room for the NUL that a C string ends with, so that nothing is copied again.
fn concat(parts: &[&[u8]]) -> Envelope {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    Envelope(bytes)
}

fn json(value: &impl Serialize) -> Vec<u8> {
    // Plain structs of strings and numbers always serialize.
    serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::error::Code;

    fn answer(data: &str) -> Answer {
        Answer {
            status: Some(200),
            data: data.as_bytes().to_vec(),
            request_id: Some("r".to_owned()),
            deprecated: true,
            note: None,
            headers: Some(vec![("a".to_owned(), vec!["1".to_owned(), "2".to_owned()])]),
        }
    }

    #[test]
    fn data_is_the_services_own_text() {
        let envelope = wrap(Ok(answer("[ {\"n\": 1.50} ]\n")), &Monitor::default(), true);
        let text = String::from_utf8(envelope.into_bytes()).unwrap();
        assert!(
            text.starts_with(
                r#"{"ok":true,"status":200,"data":[ {"n": 1.50} ],"meta":{"attempts":0,"#
            ),
            "{text}"
        );
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["meta"]["headers"]["a"][1], "2");
        assert_eq!(value["meta"]["deprecated"], true);
        assert_eq!(value["meta"]["log"], Value::Array(vec![]));
    }

    #[test]
    fn texts_for_people_are_visible_and_data_is_as_it_came() {
        const EVIL: &str = "a\u{1b}[2J\r\n\u{202e}b";
        const SHOWN: &str = "a\\u001b[2J\\u000d\\u000a\\u202eb";
        let orphan = Orphan {
            id: "i".to_owned(),
            name: EVIL.to_owned(),
            created: None,
        };
        let mut error = Error::field(EVIL, "rule").with_remedy(EVIL);
        let detail = error.detail_mut();
        detail.body = Some(EVIL.to_owned());
        detail.tracking_id = Some(EVIL.to_owned());
        detail.headers = Some(vec![("a".to_owned(), vec![EVIL.to_owned()])]);
        detail.orphan = Some(orphan);
        let monitor = Monitor::keeping_lines(true);
        monitor.note(crate::client::log::Level::Info, EVIL);
        let value: Value =
            serde_json::from_slice(wrap(Err(error), &monitor, true).as_bytes()).unwrap();
        let shown = &value["error"];
        assert_eq!(shown["message"], format!("{SHOWN}: rule"));
        assert_eq!(
            (&shown["field"], &shown["remedy"]),
            (&SHOWN.into(), &SHOWN.into())
        );
        assert_eq!(shown["trackingId"], SHOWN);
        assert_eq!(shown["body"], "a\\u001b[2J\r\n\\u202eb");
        assert_eq!(value["meta"]["log"][0], SHOWN);
        assert_eq!(
            (&shown["orphan"]["name"], &shown["headers"]["a"][0]),
            (&EVIL.into(), &EVIL.into())
        );

        let data = Value::from(EVIL);
        let mut answer = answer(&data.to_string());
        answer.note = Some(EVIL.to_owned());
        let value: Value =
            serde_json::from_slice(wrap(Ok(answer), &monitor, false).as_bytes()).unwrap();
        assert_eq!(
            (&value["data"], &value["meta"]["note"]),
            (&data, &SHOWN.into())
        );
    }

    #[test]
    fn an_error_has_all_its_fields() {
        let error = Error::field("id", "must not be empty").with_status(400);
        let value: Value = serde_json::from_slice(refused(&error).as_bytes()).unwrap();
        assert_eq!(value["ok"], false);
        assert_eq!(value["error"]["code"], "invalid_request");
        assert_eq!(value["error"]["number"], Code::InvalidRequest.number());
        for field in [
            "message",
            "retryable",
            "retryAfterSeconds",
            "remedy",
            "body",
            "trackingId",
            "headers",
        ] {
            assert!(value["error"].get(field).is_some(), "{field}");
        }
        assert!(value["error"].get("orphan").is_none());
    }
}
