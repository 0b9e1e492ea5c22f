//! Reading an object of the service field by field, so that one odd value costs no more than itself: half of a
//! character (`\ud800` alone), a number past any range, a name that comes twice.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The fields of an object in their order, each as its own JSON text; None where it is no object.
pub fn fields(json: &RawValue) -> Option<Vec<(String, &RawValue)>> {
    let mut deserializer = serde_json::Deserializer::from_str(json.get());
    deserializer.deserialize_map(RawFields).ok()
}

/// The last field of that name, which is the one that readers of JSON take.
pub fn field<'f>(fields: &[(String, &'f RawValue)], name: &str) -> Option<&'f RawValue> {
    let mut found = fields.iter().rev().filter(|(own, _)| own == name);
    found.next().map(|(_, value)| *value)
}

/// A text, a number as the text that it is; half a character is U+FFFD.
pub fn text(json: &RawValue) -> Option<String> {
    match json.get().as_bytes().first()? {
        b'"' => Some(string(json)),
        b'-' | b'0'..=b'9' => Some(json.get().to_owned()),
        _ => None,
    }
}

/// The value, with what has no meaning mended; a number past any range is a text.
pub fn value(json: &RawValue) -> Value {
    if let Ok(value) = serde_json::from_str(json.get()) {
        return value;
    }
    if let Some(fields) = fields(json) {
        let read = fields.into_iter().map(|(name, json)| (name, value(json)));
        return Value::Object(Map::from_iter(read));
    }
    if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(json.get()) {
        return elements.into_iter().map(value).collect();
    }
    text(json).map_or(Value::Null, Value::String)
}

/// Whether nothing in the value has to be mended.
pub fn is_exact(json: &RawValue) -> bool {
    serde_json::from_str::<Value>(json.get()).is_ok()
}

fn string(json: &RawValue) -> String {
    if let Ok(text) = serde_json::from_str(json.get()) {
        return text;
    }
    // As bytes, half a character is let through.
    let mut deserializer = serde_json::Deserializer::from_str(json.get());
    deserializer.deserialize_bytes(Lossy).unwrap_or_default()
}

struct RawFields;

impl<'de> Visitor<'de> for RawFields {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<&RawValue>()? {
            fields.push((string(name), map.next_value()?));
        }
        Ok(fields)
    }
}

struct Lossy;

impl<'de> Visitor<'de> for Lossy {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<String, E> {
        // Half a character has three bytes, none of which is one.
        Ok(String::from_utf8_lossy(bytes).replace("\u{fffd}\u{fffd}\u{fffd}", "\u{fffd}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_is_odd_costs_no_more_than_itself() {
        let json =
            raw(r#"{"a": "x\ud800y", "\udc00": 1e400, "b": ["\ud83d\ude00", "\\ud800"], "a": 2}"#);
        let fields = fields(json).unwrap();
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "\u{fffd}", "b", "a"]);
        assert_eq!(text(fields[0].1).as_deref(), Some("x\u{fffd}y"));
        assert_eq!(field(&fields, "a").unwrap().get(), "2");
        assert_eq!(text(field(&fields, "a").unwrap()).as_deref(), Some("2"));
        let read = serde_json::json!({"a": 2, "\u{fffd}": "1e400", "b": ["\u{1f600}", "\\ud800"]});
        assert_eq!(value(json), read);
        assert!(is_exact(fields[2].1) && !is_exact(fields[0].1) && !is_exact(fields[1].1));
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        for json in ["[]", "1", "null", "\"{}\""] {
            assert!(fields(raw(json)).is_none());
        }
        assert_eq!((text(raw("null")), text(raw("true"))), (None, None));
    }
}
