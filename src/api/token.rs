//! A personal access token as the service shows it. Reading tolerates what is missing and keeps what
//! is unknown: replies gain fields over time.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::api::lenient;

/// One element of a list, or the reply of a patch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// The client id that signs in with this token.
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// ISO 8601 with 0, 3 or 6 fraction digits, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Moves at most once a day; none when the token was never used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<String>,
    /// Belongs to a workflow and is not shown in the service's own pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<bool>,
    /// 15 to 43200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_validity_seconds: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_date: Option<String>,
    /// From v2025 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_aware_token_never_expires: Option<bool>,
    /// What this version of the library does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The identity that a token belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owner {
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Token {
    /// Reads a token; of one with odd values what can be read of it. None where it has no id.
    pub fn read(json: &RawValue) -> Option<Token> {
        if let Ok(token) = serde_json::from_str(json.get()) {
            return Some(token);
        }
        let fields = lenient::fields(json)?;
        let id = lenient::field(&fields, "id").and_then(lenient::text)?;
        let unreadable = |name: &str, json| {
            let known = READABLE.iter().find(|(field, _)| *field == name);
            known.is_some_and(|(_, is_readable)| {
                !lenient::is_exact(json) || !is_readable(&lenient::value(json))
            })
        };
        let mut read: Map<String, Value> = fields
            .into_iter()
            .filter(|(name, json)| !unreadable(name, json))
            .map(|(name, json)| (name, lenient::value(json)))
            .collect();
        read.insert("id".to_owned(), id.clone().into());
        let whole = serde_json::from_value(read.into());
        whole
            .or_else(|_| serde_json::from_value(serde_json::json!({"id": id})))
            .ok()
    }

    /// The first field of a token's JSON text whose value cannot be read, or that is there twice: reading tolerates it,
    /// and whoever decides by it must not.
    pub fn unreadable(json: &RawValue) -> Option<&'static str> {
        let fields = lenient::fields(json).unwrap_or_default();
        READABLE.iter().find_map(|(field, is_readable)| {
            let mut own = fields.iter().filter(|(name, _)| name == field);
            let (_, value) = own.next()?;
            let is_odd = match serde_json::from_str::<Value>(value.get()) {
                Ok(value) => !value.is_null() && !is_readable(&value),
                Err(_) => true,
            };
            (is_odd || own.next().is_some()).then_some(*field)
        })
    }

    /// The first of the fields that say how much a token may, and is not there at all. The service shows each of them,
    /// null where it has no value.
    pub fn missing(json: &RawValue) -> Option<&'static str> {
        let fields = lenient::fields(json).unwrap_or_default();
        ["accessTokenValiditySeconds", "expirationDate"]
            .into_iter()
            .find(|name| lenient::field(&fields, name).is_none())
    }

    /// When it was made, where that can be read.
    pub fn created_at(&self) -> Option<jiff::Timestamp> {
        self.created.as_deref()?.parse().ok()
    }
}

/// A field of a token, and whether a value can be read as it.
type Readable = (&'static str, fn(&Value) -> bool);

const READABLE: &[Readable] = &[
    ("id", Value::is_string),
    ("name", Value::is_string),
    ("scope", |value| {
        let texts = value.as_array();
        texts.is_some_and(|texts| texts.iter().all(Value::is_string))
    }),
    ("owner", |value| value["id"].is_string()),
    ("created", is_instant),
    ("managed", Value::is_boolean),
    ("accessTokenValiditySeconds", Value::is_i64),
    ("expirationDate", is_instant),
    ("userAwareTokenNeverExpires", Value::is_boolean),
];

fn is_instant(value: &Value) -> bool {
    let text = value.as_str();
    text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_value_is_named() {
        let unreadable = |json: Value| {
            let raw = serde_json::value::to_raw_value(&json).unwrap();
            Token::unreadable(&raw)
        };
        let fine = serde_json::json!({"id": "a", "scope": null, "owner": {"id": "o"}, "created": "2026-01-02T03:04:05Z",
            "managed": false, "accessTokenValiditySeconds": 900, "expirationDate": null, "new": [1]});
        assert_eq!(unreadable(fine), None);
        for (field, value) in [
            ("accessTokenValiditySeconds", serde_json::json!("900")),
            ("expirationDate", serde_json::json!("soon")),
            ("scope", serde_json::json!("sp:scopes:all")),
            ("scope", serde_json::json!([1])),
            ("managed", serde_json::json!("true")),
            ("owner", serde_json::json!("me")),
        ] {
            assert_eq!(
                unreadable(serde_json::json!({"id": "a", field: value})),
                Some(field)
            );
        }
    }

    #[test]
    fn an_odd_token_is_read_as_far_as_it_can_be() {
        let read = |json: &str| Token::read(serde_json::from_str(json).unwrap());
        let token = read(r#"{"id":"a","name":"x\ud800","scope":["s"],"owner":{"id":"o","name":"\udc00"},"n":1e400}"#).unwrap();
        assert_eq!((token.id.as_str(), token.name.as_str()), ("a", ""));
        assert_eq!(token.scope, Some(vec!["s".to_owned()]));
        assert_eq!(token.extra["n"], "1e400");
        assert!(token.owner.is_none());
        let token =
            read(r#"{"id":7,"name":null,"created":5,"lastUsed":"x","scope":"all"}"#).unwrap();
        assert_eq!(
            (token.id.as_str(), token.created, token.scope),
            ("7", None, None)
        );
        let token = read(r#"{"id":"a","id":"b","name":"n","name":"m"}"#).unwrap();
        assert_eq!((token.id.as_str(), token.name.as_str()), ("b", "m"));
        assert_eq!(read(r#"{"id":"a","lastUsed":[]}"#).unwrap().id, "a");
        for json in ["{}", "null", "[1]", r#"{"id":null}"#, r#"{"id":[]}"#] {
            assert!(read(json).is_none(), "{json}");
        }
    }

    #[test]
    fn what_only_seems_readable_is_named() {
        let unreadable = |json: &str| Token::unreadable(serde_json::from_str(json).unwrap());
        for (json, field) in [
            (r#"{"id":"a","scope":["s\ud800"]}"#, Some("scope")),
            (r#"{"id":"a","scope":["s"],"scope":["t"]}"#, Some("scope")),
            (
                r#"{"id":"a","accessTokenValiditySeconds":1e400}"#,
                Some("accessTokenValiditySeconds"),
            ),
            (r#"{"id":"a","name":"\ud800"}"#, Some("name")),
            (r#"{"id":"a","other":"\ud800","\ud800":1e400}"#, None),
        ] {
            assert_eq!(unreadable(json), field, "{json}");
        }
        let odd = r#"{"accessTokenValiditySeconds":1,"expirationDate":null,"x":"\ud800"}"#;
        assert_eq!(Token::missing(serde_json::from_str(odd).unwrap()), None);
    }

    #[test]
    fn unknown_fields_survive_a_round_trip() {
        let json = serde_json::json!({
            "id": "a", "name": "n", "scope": ["sp:scopes:all"],
            "owner": {"type": "IDENTITY", "id": "o", "name": "Owner", "tier": 3},
            "created": "2026-01-02T03:04:05.123456Z", "managed": false,
            "accessTokenValiditySeconds": 900, "colour": {"deep": [1, null]}
        });
        let token: Token = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(token.extra["colour"]["deep"][0], 1);
        assert_eq!(serde_json::to_value(&token).unwrap(), json);
    }

    #[test]
    fn a_sparse_reply_is_no_error() {
        let token: Token = serde_json::from_str(r#"{"id":"a"}"#).unwrap();
        assert_eq!(token.created_at(), None);
    }

    #[test]
    fn every_form_of_date_is_read() {
        for created in [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.123Z",
            "2026-01-02T03:04:05+0000",
        ] {
            let token: Token =
                serde_json::from_value(serde_json::json!({"id": "a", "created": created})).unwrap();
            assert!(token.created_at().is_some(), "{created}");
        }
    }
}
