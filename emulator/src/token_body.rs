//! How a token looks in a reply.

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::tokens::Token;
use crate::version::Shape;

/// The fields that replies know; everything else of `as_given` follows after them.
const KNOWN: [&str; 10] = [
    "id",
    "name",
    "scope",
    "owner",
    "created",
    "lastUsed",
    "managed",
    "accessTokenValiditySeconds",
    "expirationDate",
    "userAwareTokenNeverExpires",
];

/// A token as list and patch show it: without its secret.
pub(crate) struct TokenBody<'a> {
    pub token: &'a Token,
    pub owner: Owner<'a>,
    pub shape: Shape,
}

/// A token as create shows it, the one time that the secret is there.
pub(crate) struct CreatedBody<'a> {
    pub token: &'a Token,
    pub owner: Owner<'a>,
    /// The reply lacks accessTokenValiditySeconds and expirationDate.
    pub sparse: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub id: &'a str,
    pub name: Option<&'a str>,
}

/// A token's date as text. Three or six fraction digits, both of which the service writes; which
/// of them hangs on the id, so that one token keeps one spelling.
pub(crate) fn date_text(token: &Token, date: Timestamp) -> String {
    let even = token.id.bytes().last().is_none_or(|byte| byte % 2 == 0);
    if even {
        format!("{date:.3}")
    } else {
        format!("{date:.6}")
    }
}

/// One field after another; what a seed gave replaces what we would write.
struct Fields<'a, M> {
    map: M,
    as_given: &'a Map<String, Value>,
}

impl<M: SerializeMap> Fields<'_, M> {
    fn put<T: Serialize>(&mut self, name: &str, value: T) -> Result<(), M::Error> {
        match self.as_given.get(name) {
            Some(given) => self.map.serialize_entry(name, given),
            None => self.map.serialize_entry(name, &value),
        }
    }

    fn end(mut self) -> Result<M::Ok, M::Error> {
        for (name, value) in self.as_given {
            if !KNOWN.contains(&name.as_str()) {
                self.map.serialize_entry(name, value)?;
            }
        }
        self.map.end()
    }
}

impl Serialize for TokenBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let token = self.token;
        let mut fields = Fields {
            map: serializer.serialize_map(None)?,
            as_given: &token.as_given,
        };
        let expiration = token.expiration_date.map(|date| date_text(token, date));
        fields.put("id", &token.id)?;
        fields.put("name", &token.name)?;
        fields.put("scope", &token.scope)?;
        fields.put("owner", self.owner)?;
        fields.put("created", date_text(token, token.created))?;
        fields.put(
            "lastUsed",
            token.last_used.map(|date| date_text(token, date)),
        )?;
        fields.put("managed", token.managed)?;
        fields.put(
            "accessTokenValiditySeconds",
            token.access_token_validity_seconds,
        )?;
        let left_out = self.shape == Shape::NoNullExpiry
            && expiration.is_none()
            && !token.as_given.contains_key("expirationDate");
        if !left_out {
            fields.put("expirationDate", expiration)?;
        }
        if self.shape == Shape::NeverExpires {
            fields.put(
                "userAwareTokenNeverExpires",
                token.user_aware_token_never_expires,
            )?;
        }
        fields.end()
    }
}

impl Serialize for CreatedBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let token = self.token;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &token.id)?;
        map.serialize_entry("secret", &token.secret)?;
        map.serialize_entry("scope", &token.scope)?;
        map.serialize_entry("name", &token.name)?;
        map.serialize_entry("owner", &self.owner)?;
        map.serialize_entry("created", &date_text(token, token.created))?;
        if !self.sparse {
            let validity = token.access_token_validity_seconds;
            map.serialize_entry("accessTokenValiditySeconds", &validity)?;
            if let Some(date) = token.expiration_date {
                map.serialize_entry("expirationDate", &date_text(token, date))?;
            }
        }
        map.end()
    }
}

impl Serialize for Owner<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "IDENTITY")?;
        map.serialize_entry("id", self.id)?;
        if let Some(name) = self.name {
            map.serialize_entry("name", name)?;
        }
        map.end()
    }
}
