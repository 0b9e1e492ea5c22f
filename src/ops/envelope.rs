//! The JSON envelope of every reply:
//! `{"ok":true,"status":…,"data":…,"meta":…}` or `{"ok":false,"error":…,"meta":…}`.
//!
//! `data` is the service's own bytes, copied once. Texts for people are made visible here, and what is data stays as
//! it is. Envelopes are wiped when dropped: a create's holds
//! the new token's secret. A pair that a rotation hands to its caller stays beside the text, so that it can be
//! taken out before, and goes into the text only when that leaves the library.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::client::Answer;
use crate::client::monitor::Monitor;
use crate::error::{Error, Headers, Orphan, Result};
use crate::secret::Secret;
use crate::store::Pair;
use crate::visible;

/// One whole JSON text, without a NUL in it.
pub struct Envelope {
    text: Zeroizing<Vec<u8>>,
    handed: Option<Handed>,
}

/// A pair for the caller, and where it goes into the text.
struct Handed {
    pair: Pair,
    form: Form,
    at: usize,
}

/// How a pair that is handed over shows in the data.
#[derive(Clone, Copy)]
pub enum Form {
    /// As `pair`, with id and secret.
    Pair,
    /// As `secret`: the token's id is there already.
    Secret,
}

impl Envelope {
    /// The bytes, for whoever takes over their wiping.
    pub fn into_bytes(mut self) -> Vec<u8> {
        let mut text = match self.handed.take() {
            Some(handed) => handed.within(&self.text),
            None => std::mem::take(&mut self.text),
        };
        std::mem::take(&mut *text)
    }

    /// The secret of the pair that is handed over; from then on the text does not hold it.
    pub fn take_secret(&mut self) -> Option<Secret> {
        self.handed.take().map(|handed| handed.pair.client_secret)
    }
}

impl Handed {
    /// The text with the pair in its data.
    fn within(&self, text: &[u8]) -> Zeroizing<Vec<u8>> {
        // Room for each character as \u0000: what grows leaves copies behind.
        let length = self.pair.client_id.len() + self.pair.client_secret.expose().len();
        let mut member = Zeroizing::new(Vec::with_capacity(64 + 6 * length));
        let secret = self.pair.client_secret.expose();
        match self.form {
            Form::Pair => {
                member.extend_from_slice(br#","pair":"#);
                let shown = ShownPair {
                    client_id: &self.pair.client_id,
                    client_secret: secret,
                };
                write(&mut member, &shown);
            }
            Form::Secret => {
                member.extend_from_slice(br#","secret":"#);
                write(&mut member, &secret);
            }
        }
        joined(&[&text[..self.at], &member, &text[self.at..]])
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownPair<'a> {
    client_id: &'a str,
    client_secret: &'a str,
}

fn write(text: &mut Vec<u8>, value: &impl Serialize) {
    // Texts always serialize, and a vector takes what is written.
    let _ = serde_json::to_writer(text, value);
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
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation: Option<&'a str>,
}

/// Wraps an operation's result; `form` is that of a pair in it.
pub fn wrap(result: Result<Answer>, form: Form, monitor: &Monitor, with_log: bool) -> Envelope {
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
            let handed = answer.handed.map(|pair| (pair, form));
            success(answer.status, &data, handed, &meta)
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
    success(None, &json(data), None, &Meta::default())
}

/// A failure that no request was made for.
pub fn refused(error: &Error) -> Envelope {
    failure(error, &Meta::default())
}

fn success(
    status: Option<u16>,
    data: &[u8],
    handed: Option<(Pair, Form)>,
    meta: &Meta<'_>,
) -> Envelope {
    let meta = json(meta);
    let status = status.map_or_else(|| "null".to_owned(), |status| status.to_string());
    let data = if data.is_empty() {
        b"null"
    } else {
        data.trim_ascii()
    };
    let head = [
        br#"{"ok":true,"status":"#,
        status.as_bytes(),
        br#","data":"#,
    ]
    .concat();
    // The last byte of an object is the brace that closes it.
    let at = head.len() + data.len() - 1;
    Envelope {
        text: joined(&[&head, data, br#","meta":"#, &meta, b"}"]),
        handed: handed.map(|(pair, form)| Handed { pair, form, at }),
    }
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
        rotation: detail.rotation.as_deref(),
    };
    Envelope {
        text: joined(&[
            br#"{"ok":false,"error":"#,
            &json(&view),
            br#","meta":"#,
            &json(meta),
            b"}",
        ]),
        handed: None,
    }
}

fn line(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(visible::line)
}

/// Joins the parts with room for the NUL that a C string ends with, so that nothing is copied again.
fn joined(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes
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
            handed: None,
        }
    }

    #[test]
    fn data_is_the_services_own_text() {
        let answer = answer("[ {\"n\": 1.50} ]\n");
        let envelope = wrap(Ok(answer), Form::Pair, &Monitor::default(), true);
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
        let value = read(wrap(Err(error), Form::Pair, &monitor, true));
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
        let value = read(wrap(Ok(answer), Form::Pair, &monitor, false));
        assert_eq!(
            (&value["data"], &value["meta"]["note"]),
            (&data, &SHOWN.into())
        );
    }

    #[test]
    fn an_error_has_all_its_fields() {
        let error = Error::field("id", "must not be empty").with_status(400);
        let value = read(refused(&error));
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
        for field in ["orphan", "rotation"] {
            assert!(value["error"].get(field).is_none(), "{field}");
        }
    }

    /// What hands a pair over, whose secret needs escapes.
    fn handing(form: Form) -> Envelope {
        let secret = Zeroizing::new("s\"\u{e9}\n".to_owned());
        let mut answer = answer(r#"{"id":"i","state":"x"} "#);
        answer.handed = Some(Pair::new("i", secret));
        wrap(Ok(answer), form, &Monitor::default(), false)
    }

    #[test]
    fn a_pair_is_in_the_reply_unless_it_was_taken_out() {
        let pair = serde_json::json!({"clientId": "i", "clientSecret": "s\"\u{e9}\n"});
        let expected = serde_json::json!({"id": "i", "state": "x", "pair": pair});
        assert_eq!(read(handing(Form::Pair))["data"], expected);
        let expected = serde_json::json!({"id": "i", "state": "x", "secret": "s\"\u{e9}\n"});
        assert_eq!(read(handing(Form::Secret))["data"], expected);

        for form in [Form::Pair, Form::Secret] {
            let mut envelope = handing(form);
            assert_eq!(envelope.take_secret().unwrap().expose(), "s\"\u{e9}\n");
            assert!(envelope.take_secret().is_none());
            let value = read(envelope);
            assert_eq!(value["data"], serde_json::json!({"id": "i", "state": "x"}));
            assert_eq!(value["meta"]["deprecated"], true);
        }
        assert!(local(&"x").take_secret().is_none());
    }

    fn read(envelope: Envelope) -> Value {
        serde_json::from_slice(&envelope.into_bytes()).unwrap()
    }
}
