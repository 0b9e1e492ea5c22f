//! Reads one JSON object field by field, so that every complaint names the field and its rule and
//! never repeats a value (which may be a secret).
//!
//! Nothing that is empty means everything: a text, an array or an object that is given and empty is refused,
//! since it is mostly a variable that somebody forgot to fill. What is left out says what the field's own
//! documentation says. `null` counts as left out, but not where that means everything, or the one in use.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::api::depth;
use crate::error::{Code, Error, Result};

/// How deep a request may nest.
const REQUEST_DEPTH: usize = 64;

const EMPTY: &str = "must not be empty";

/// A field, and what to do where it has no value.
pub type Remedy = (&'static str, &'static str);

/// The fields of an object that were not read yet.
pub struct Fields<'a> {
    /// Put before field names in messages: empty, or `proxy.` for a nested object.
    prefix: String,
    what: What,
    pairs: Vec<(Cow<'a, str>, &'a RawValue)>,
    asked: Vec<&'static str>,
}

/// What the fields are of: it decides which error a broken rule is.
#[derive(Clone, Copy)]
enum What {
    Request,
    Settings,
}

impl What {
    const fn name(self) -> &'static str {
        match self {
            What::Request => "the request",
            What::Settings => "the settings",
        }
    }

    fn broken(self, field: String, rule: String) -> Error {
        match self {
            What::Request => Error::field(field, rule),
            What::Settings => Error::setting(field, rule),
        }
    }

    fn not_an_object(self, error: &serde_json::Error) -> Error {
        let name = self.name();
        // Syntax errors of serde_json name a place and what was expected; data errors could quote the text.
        if error.classify() != serde_json::error::Category::Data {
            return Error::new(Code::InvalidJson, format!("{name}: not JSON: {error}"));
        }
        let code = match self {
            What::Request => Code::InvalidRequest,
            What::Settings => Code::SettingsInvalid,
        };
        Error::new(code, format!("{name} must be a JSON object"))
    }
}

impl<'a> Fields<'a> {
    /// The fields of a request.
    pub fn of_request(text: &'a str) -> Result<Self> {
        Self::parse(text, String::new(), What::Request)
    }

    /// The fields of settings.
    pub fn of_settings(text: &'a str) -> Result<Self> {
        Self::parse(text, String::new(), What::Settings)
    }

    fn parse(text: &'a str, prefix: String, what: What) -> Result<Self> {
        depth::check(text.as_bytes(), REQUEST_DEPTH).map_err(|deepest| {
            Error::new(
                Code::InvalidJson,
                format!("{} nests deeper than {deepest} levels", what.name()),
            )
        })?;
        let pairs = serde_json::from_str::<Pairs>(text)
            .map_err(|error| what.not_an_object(&error))?
            .0;
        let fields = Fields {
            prefix,
            what,
            pairs,
            asked: Vec::new(),
        };
        fields.refuse_duplicates()?;
        Ok(fields)
    }

    fn refuse_duplicates(&self) -> Result<()> {
        let mut seen = HashSet::with_capacity(self.pairs.len());
        match self.pairs.iter().find(|(name, _)| !seen.insert(name)) {
            Some((name, _)) => Err(self.broken(name, "stands there twice")),
            None => Ok(()),
        }
    }

    fn broken(&self, field: &str, rule: impl fmt::Display) -> Error {
        self.what
            .broken(format!("{}{}", self.prefix, shown(field)), rule.to_string())
    }

    /// Takes a field's JSON text; `null` counts as absent.
    pub fn raw(&mut self, field: &'static str) -> Option<&'a RawValue> {
        self.raw_or_null(field).filter(|raw| raw.get() != "null")
    }

    /// Takes a field's JSON text, `null` included.
    pub fn raw_or_null(&mut self, field: &'static str) -> Option<&'a RawValue> {
        self.asked.push(field);
        let index = self.pairs.iter().position(|(name, _)| name == field)?;
        Some(self.pairs.remove(index).1)
    }

    fn typed<T: Deserialize<'a>>(&mut self, field: &'static str, rule: &str) -> Result<Option<T>> {
        match self.raw(field) {
            None => Ok(None),
            Some(raw) => serde_json::from_str(raw.get())
                .map(Some)
                .map_err(|_| self.broken(field, rule)),
        }
    }

    /// Refuses what is given and empty in fields that may be left out.
    pub fn never_empty(&self, fields: &[Remedy]) -> Result<()> {
        self.never(fields, |raw| is_empty(raw).then_some(EMPTY))
    }

    /// The same for fields whose absence means everything, or the one in use: `null` is refused, too.
    pub fn never_null(&self, fields: &[Remedy]) -> Result<()> {
        self.never(fields, |raw| match raw {
            "null" => Some("must not be null"),
            raw => is_empty(raw).then_some(EMPTY),
        })
    }

    fn never(&self, fields: &[Remedy], rule: fn(&str) -> Option<&'static str>) -> Result<()> {
        for (field, remedy) in fields {
            let given = self.pairs.iter().find(|(name, _)| name == field);
            if let Some(rule) = given.and_then(|(_, raw)| rule(raw.get())) {
                return Err(self.broken(field, rule).with_remedy(*remedy));
            }
        }
        Ok(())
    }

    /// A text, which is not blank.
    pub fn string(&mut self, field: &'static str) -> Result<Option<String>> {
        match self.typed::<String>(field, "must be a string")? {
            Some(text) if text.trim().is_empty() => Err(self.broken(field, EMPTY)),
            text => Ok(text),
        }
    }

    /// A string that is wiped when dropped.
    pub fn secret(&mut self, field: &'static str) -> Result<Option<Zeroizing<String>>> {
        Ok(self.string(field)?.map(Zeroizing::new))
    }

    pub fn boolean(&mut self, field: &'static str) -> Result<Option<bool>> {
        self.typed(field, "must be true or false")
    }

    pub fn integer(&mut self, field: &'static str) -> Result<Option<i64>> {
        self.typed(field, "must be a whole number")
    }

    /// A number of at least 0, fractions allowed.
    pub fn positive(&mut self, field: &'static str) -> Result<Option<f64>> {
        let rule = "must be a number of at least 0";
        match self.typed::<f64>(field, rule)? {
            Some(number) if !(0.0..=1e9).contains(&number) => Err(self.broken(field, rule)),
            number => Ok(number),
        }
    }

    /// Texts: at least one, and none of them blank.
    pub fn strings(&mut self, field: &'static str) -> Result<Option<Vec<String>>> {
        match self.words(field)? {
            Some(texts) if texts.is_empty() => Err(self.broken(field, EMPTY)),
            Some(texts) if texts.iter().any(|text| text.trim().is_empty()) => {
                Err(self.broken(field, "must not hold an empty text"))
            }
            texts => Ok(texts),
        }
    }

    /// The words of a command, an argument of which may well be empty.
    pub fn words(&mut self, field: &'static str) -> Result<Option<Vec<String>>> {
        self.typed(field, "must be an array of strings")
    }

    /// An instant: ISO 8601 with time and offset.
    pub fn instant(&mut self, field: &'static str) -> Result<Option<jiff::Timestamp>> {
        Ok(self.written_instant(field)?.map(|(_, instant)| instant))
    }

    /// An instant, and how it was written.
    pub fn written_instant(
        &mut self,
        field: &'static str,
    ) -> Result<Option<(String, jiff::Timestamp)>> {
        let rule = "must be a date and time with its offset in ISO 8601, as 2027-03-31T12:00:00Z";
        match self.typed::<String>(field, rule)? {
            None => Ok(None),
            Some(text) => match text.parse() {
                Ok(instant) => Ok(Some((text, instant))),
                Err(_) => Err(self.broken(field, rule)),
            },
        }
    }

    /// The fields of a nested object.
    pub fn object(&mut self, field: &'static str) -> Result<Option<Fields<'a>>> {
        match self.raw(field) {
            None => Ok(None),
            Some(raw) => self.nested(field, raw).map(Some),
        }
    }

    /// Reads `raw`, the value of `field`, as an object.
    pub fn nested(&self, field: &str, raw: &'a RawValue) -> Result<Fields<'a>> {
        if !raw.get().starts_with('{') {
            return Err(self.broken(field, "must be an object"));
        }
        Fields::parse(raw.get(), format!("{}{field}.", self.prefix), self.what)
    }

    /// All remaining pairs of a map whose values are strings or null, such as an environment.
    pub fn into_string_map(mut self) -> Result<Vec<(String, Zeroizing<String>)>> {
        let pairs = std::mem::take(&mut self.pairs);
        let mut map = Vec::with_capacity(pairs.len());
        for (name, raw) in pairs {
            let value: Option<String> = serde_json::from_str(raw.get())
                .map_err(|_| self.broken(&name, "must be a string or null"))?;
            if let Some(value) = value {
                map.push((name.into_owned(), Zeroizing::new(value)));
            }
        }
        Ok(map)
    }

    /// Fails when the object lacks `field`.
    pub fn required<T>(&self, field: &'static str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.broken(field, "is required"))
    }

    /// An error that blames `field`.
    pub fn breaks(&self, field: &'static str, rule: impl fmt::Display) -> Error {
        self.broken(field, rule)
    }

    /// An error that blames the whole object.
    pub fn itself(&self, rule: impl fmt::Display) -> Error {
        match self.prefix.strip_suffix('.') {
            Some(name) => self.what.broken(name.to_owned(), rule.to_string()),
            None => self
                .what
                .broken(self.what.name().to_owned(), rule.to_string()),
        }
    }

    /// Whether the object has `field`, whatever its value.
    pub fn has(&self, field: &str) -> bool {
        self.pairs.iter().any(|(name, _)| name == field)
    }

    /// Refuses whatever is not among `known`.
    pub fn only(&self, known: &[&str]) -> Result<()> {
        let unknown = |(name, _): &&(Cow<'a, str>, &RawValue)| !known.contains(&name.as_ref());
        match self.pairs.iter().find(unknown) {
            None => Ok(()),
            Some((name, _)) => Err(self.broken(
                name,
                format!("is not a known field; known are {}", known.join(", ")),
            )),
        }
    }

    /// Refuses whatever was not asked for.
    pub fn finish(self) -> Result<()> {
        match self.pairs.is_empty() {
            true => Ok(()),
            false => self.only(&self.asked),
        }
    }
}

/// Whether a JSON text is a blank string, or an array or object with nothing in it.
fn is_empty(raw: &str) -> bool {
    match raw.as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw)
            .map(Zeroizing::<String>::new)
            .is_ok_and(|text| text.trim().is_empty()),
        Some(b'[' | b'{') => raw[1..raw.len() - 1].trim().is_empty(),
        _ => false,
    }
}

/// A field's name as messages show it: a caller's slip can put anything there.
fn shown(field: &str) -> String {
    if field.chars().count() > 64 {
        field.chars().take(64).chain("…".chars()).collect()
    } else {
        field.to_owned()
    }
}

/// The fields of an object in their order, with the texts of their values.
pub struct Pairs<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    pairs.push((key, map.next_value()?));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_name_the_field_and_never_the_value() {
        let mut fields = Fields::of_settings(r#"{"clientSecret":123456789}"#).unwrap();
        let error = fields.secret("clientSecret").unwrap_err();
        assert_eq!(error.to_string(), "clientSecret: must be a string");
        assert_eq!(error.code(), Code::SettingsInvalid);
    }

    #[test]
    fn what_is_given_and_empty_is_refused_and_null_where_absence_means_much() {
        let remedies: &[Remedy] = &[("id", "leave it out for all")];
        for value in [
            r#""""#,
            r#"" \t""#,
            r#""\u00a0""#,
            "[]",
            "[ ]",
            "{}",
            "{\n}",
        ] {
            let json = format!(r#"{{"id":{value}}}"#);
            let fields = Fields::of_request(&json).unwrap();
            for refused in [fields.never_empty(remedies), fields.never_null(remedies)] {
                let error = refused.unwrap_err();
                assert_eq!(error.to_string(), "id: must not be empty", "{value}");
                let remedy = error.detail().remedy.as_deref();
                assert_eq!(remedy, Some("leave it out for all"));
            }
        }
        let fields = Fields::of_request(r#"{"id":null}"#).unwrap();
        fields.never_empty(remedies).unwrap();
        let error = fields.never_null(remedies).unwrap_err();
        assert_eq!(error.to_string(), "id: must not be null");
        for json in ["{}", r#"{"id":"a"}"#, r#"{"id":[""]}"#, r#"{"id":0}"#] {
            let fields = Fields::of_request(json).unwrap();
            fields.never_null(remedies).unwrap();
        }
    }

    #[test]
    fn texts_are_not_blank_and_a_commands_words_may_be() {
        for (json, message) in [
            (r#"{"a":" "}"#, "a: must not be empty"),
            (r#"{"a":[]}"#, "a: must not be empty"),
            (r#"{"a":["b"," "]}"#, "a: must not hold an empty text"),
        ] {
            let mut fields = Fields::of_request(json).unwrap();
            let error = match json.contains('[') {
                true => fields.strings("a").unwrap_err(),
                false => fields.string("a").unwrap_err(),
            };
            assert_eq!(error.to_string(), message);
        }
        let mut fields = Fields::of_request(r#"{"a":["run","","b"]}"#).unwrap();
        assert_eq!(fields.words("a").unwrap().unwrap().len(), 3);
    }

    #[test]
    fn unknown_and_duplicate_fields_are_refused_by_name() {
        let mut fields = Fields::of_request(r#"{"id":"a","nmae":1}"#).unwrap();
        fields.string("id").unwrap();
        let error = fields.finish().unwrap_err();
        assert_eq!(
            error.to_string(),
            "nmae: is not a known field; known are id"
        );
        let error = Fields::of_request(r#"{"id":"a","id":"b"}"#).err().unwrap();
        assert_eq!(error.to_string(), "id: stands there twice");
    }

    #[test]
    fn what_is_no_object_or_no_json_says_so() {
        for text in ["[]", "1", "\"x\"", "null"] {
            let error = Fields::of_request(text).err().unwrap();
            assert_eq!(error.to_string(), "the request must be a JSON object");
        }
        for text in ["", "{", "{\"a\"}", "nul"] {
            let error = Fields::of_request(text).err().unwrap();
            assert_eq!(error.code(), Code::InvalidJson, "{text}");
            assert!(
                error.to_string().starts_with("the request: not JSON"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_deep_request_is_refused_before_it_is_parsed() {
        let text = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        let error = Fields::of_request(&text).err().unwrap();
        assert_eq!(error.to_string(), "the request nests deeper than 64 levels");
    }

    #[test]
    fn nested_fields_are_named_with_their_path() {
        let mut fields = Fields::of_settings(r#"{"proxy":{"url":1}}"#).unwrap();
        let mut proxy = fields.object("proxy").unwrap().unwrap();
        assert_eq!(
            proxy.string("url").unwrap_err().to_string(),
            "proxy.url: must be a string"
        );
    }
}
