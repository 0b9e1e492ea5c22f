//! The service's error bodies, in the three forms it uses: {detailCode, trackingId, messages, causes},
//! {error, error_description} and {message}.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What a text says beyond this is no message, and would be kept several times over.
const LONGEST_TEXT: usize = 16 * 1024;
/// So many texts are read of a list of them.
const MOST_TEXTS: usize = 64;

const LONGEST_MESSAGE: usize = 2_000;
const LONGEST_ID: usize = 200;

/// What an error body says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The service's own words.
    pub message: Option<String>,
    /// Names the failed request in the service's logs.
    pub tracking_id: Option<String>,
}

/// Reads `body`; what is not one of the known forms gives no message. Whatever else it holds, and however much,
/// is passed over and not kept.
pub fn read(body: &[u8]) -> ErrorBody {
    let Ok(JsonTexts {
        fields: Some(body), ..
    }) = serde_json::from_slice::<JsonTexts>(body)
    else {
        return ErrorBody::default();
    };
    let mut parts: Vec<&str> = Vec::new();
    let shorts = [&body.error, &body.error_description, &body.message];
    parts.extend(shorts.into_iter().flatten().map(|text| text.trim()));
    let lists = body.messages.iter().chain(&body.causes);
    parts.extend(lists.map(AsRef::as_ref));
    if parts.is_empty() {
        parts.extend(body.detail_code.as_deref().map(str::trim));
    }
    parts.dedup();
    ErrorBody {
        message: (!parts.is_empty()).then(|| shortened(&parts.join("; "), LONGEST_MESSAGE)),
        tracking_id: body.tracking_id.map(|id| shortened(id.trim(), LONGEST_ID)),
    }
}

/// As much of a text as a person reads; the whole is in the body or the headers.
pub fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

type JsonText<'b> = Option<Cow<'b, str>>;

/// Any JSON value, and what counts of it.
#[derive(Default)]
struct JsonTexts<'b> {
    text: JsonText<'b>,
    /// The texts of an array's entries, {"text": …}.
    texts: Vec<Cow<'b, str>>,
    fields: Option<Box<ErrorFields<'b>>>,
}

/// The fields of an object that count.
#[derive(Default)]
struct ErrorFields<'b> {
    error: JsonText<'b>,
    error_description: JsonText<'b>,
    message: JsonText<'b>,
    detail_code: JsonText<'b>,
    tracking_id: JsonText<'b>,
    text: JsonText<'b>,
    messages: Vec<Cow<'b, str>>,
    causes: Vec<Cow<'b, str>>,
}

impl<'de> Deserialize<'de> for JsonTexts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = JsonTexts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(said(Some(beginning(text).into())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(said(Some(beginning(text).to_owned().into())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut node = JsonTexts::default();
        while node.texts.len() < MOST_TEXTS
            && let Some(entry) = entries.next_element::<JsonTexts>()?
        {
            node.texts
                .extend(entry.fields.and_then(|fields| fields.text));
        }
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        Ok(node)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Box::<ErrorFields>::default();
        while let Some(JsonTexts { text: key, .. }) = map.next_key()? {
            let (text, texts) = match key.as_deref().unwrap_or_default() {
                "error" => (Some(&mut fields.error), None),
                "error_description" => (Some(&mut fields.error_description), None),
                "message" => (Some(&mut fields.message), None),
                "detailCode" => (Some(&mut fields.detail_code), None),
                "trackingId" => (Some(&mut fields.tracking_id), None),
                "text" => (Some(&mut fields.text), None),
                "messages" => (None, Some(&mut fields.messages)),
                "causes" => (None, Some(&mut fields.causes)),
                _ => (None, None),
            };
            match (text, texts) {
                (Some(text), _) => *text = map.next_value::<JsonTexts>()?.text,
                (_, Some(texts)) => *texts = map.next_value::<JsonTexts>()?.texts,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(JsonTexts {
            fields: Some(fields),
            ..JsonTexts::default()
        })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(JsonTexts::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(JsonTexts::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(JsonTexts::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(JsonTexts::default())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(JsonTexts::default())
    }
}

/// Without the blanks before it: what is left is longer than a message, whose cut is marked.
fn beginning(text: &str) -> &str {
    let text = text.trim_start();
    &text[..text.floor_char_boundary(LONGEST_TEXT)]
}

fn said(text: JsonText<'_>) -> JsonTexts<'_> {
    JsonTexts {
        text,
        ..JsonTexts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read() {
        let body = read(
            br#"{"detailCode":"400.1 Bad Request Content","trackingId":"t1","messages":[{"locale":"en-US","text":"No."}],"causes":[{"text":"Because."}]}"#,
        );
        assert_eq!(body.message.as_deref(), Some("No.; Because."));
        assert_eq!(body.tracking_id.as_deref(), Some("t1"));
        let body = read(br#"{"error":"JWT validation failed: JWT is expired"}"#);
        assert_eq!(
            body.message.as_deref(),
            Some("JWT validation failed: JWT is expired")
        );
        let body = read(br#"{"message":" Rate Limit Exceeded "}"#);
        assert_eq!(body.message.as_deref(), Some("Rate Limit Exceeded"));
        let body = read(br#"{"error":"invalid_client","error_description":"Bad credentials"}"#);
        assert_eq!(
            body.message.as_deref(),
            Some("invalid_client; Bad credentials")
        );
        let body = read(br#"{"detailCode":"500.0 Internal Fault"}"#);
        assert_eq!(body.message.as_deref(), Some("500.0 Internal Fault"));
    }

    #[test]
    fn anything_else_has_no_message() {
        for body in [
            &b"<html>"[..],
            b"",
            b"[]",
            b"{}",
            b"{\"messages\":[1]}",
            b"\xff",
        ] {
            assert_eq!(read(body).message, None);
        }
    }

    #[test]
    fn what_does_not_count_may_stand_anywhere_and_the_last_of_two_counts() {
        let body = read(
            br#"{"error":5,"message":{"text":"no"},"x":[1,{"y":[null,true,-1,2.5e3]}],"trackingId":"a",
            "messages":["bare",{"text":7},{"text":"Two \u00e4"},{"locale":"de"},null],"causes":"none","trackingId":" b "}"#,
        );
        assert_eq!(body.message.as_deref(), Some("Two ä"));
        assert_eq!(body.tracking_id.as_deref(), Some("b"));
    }

    #[test]
    fn what_is_too_long_is_cut_and_what_is_too_many_ends() {
        let long = "x".repeat(LONGEST_TEXT + 1);
        let body =
            format!(r#"{{"error":"{long}","message":"\n{long}","error_description":"No."}}"#);
        let message = read(body.as_bytes()).message.unwrap();
        assert_eq!(message.trim_end_matches('…'), "x".repeat(LONGEST_MESSAGE));
        let many: Vec<String> = (0..10_000)
            .map(|n| format!(r#"{{"text":"{n}"}}"#))
            .collect();
        let body = format!(r#"{{"messages":[{}],"trackingId":"t"}}"#, many.join(","));
        let body = read(body.as_bytes());
        assert_eq!(body.message.unwrap().split("; ").count(), MOST_TEXTS);
        assert_eq!(body.tracking_id.as_deref(), Some("t"));
    }
}
