//! Where a new pair goes: a store, or one of two places that are none, since nobody else can look there.

use std::fmt;
use std::path::Path;

use serde_json::{Value, json};

use crate::api::fields::Fields;
use crate::client::Client;
use crate::error::Result;
use crate::lifecycle::rotation::errors;
use crate::store::{Store, names_one, same_tenant};

/// What is no store, and takes a pair all the same.
const OTHERS: &[&str] = &["environment", "caller"];

/// Where a new pair goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    Store(Store),
    /// The variables SAIL_CLIENT_ID and SAIL_CLIENT_SECRET of this process.
    Environment,
    /// The caller takes the pair, stores it and confirms what it reads back.
    Caller,
}

impl Destination {
    /// Reads a destination from the fields that name it; paths as `Store::parse` takes them.
    pub fn parse(
        mut fields: Fields<'_>,
        folder: Option<&Path>,
        home: Option<&Path>,
    ) -> Result<Self> {
        let environment = fields.boolean("environment")?.unwrap_or(false);
        let caller = fields.boolean("caller")?.unwrap_or(false);
        let stores = Store::FIELDS.iter().filter(|field| fields.has(field));
        let stores = stores.count();
        match (environment, caller, stores) {
            (true, false, 0) => fields.finish().map(|()| Destination::Environment),
            (false, true, 0) => fields.finish().map(|()| Destination::Caller),
            (false, false, 1..) => Store::parse(fields, folder, home).map(Destination::Store),
            _ => Err(fields.itself(names_one(OTHERS))),
        }
    }

    /// The same destination in the form that `parse` reads; never a secret.
    pub fn to_json(&self) -> Value {
        match self {
            Destination::Store(store) => store.to_json(),
            Destination::Environment => json!({"environment": true}),
            Destination::Caller => json!({"caller": true}),
        }
    }

    /// From its journaled form.
    pub fn of_json(json: &Value) -> Result<Self> {
        let text = json.to_string();
        Self::parse(Fields::of_request(&text)?, None, None)
    }

    pub const fn store(&self) -> Option<&Store> {
        match self {
            Destination::Store(store) => Some(store),
            Destination::Environment | Destination::Caller => None,
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Store(store) => store.fmt(f),
            Destination::Environment => f.write_str("environment of this process"),
            Destination::Caller => f.write_str("caller"),
        }
    }
}

/// The variables are one place: a pair never stands beside the base URL of another tenant.
pub fn variables_fit(client: &Client, base_url: &str) -> Result<()> {
    match client.base_url_of_variables() {
        Some(url) if !same_tenant(&url, base_url) => Err(errors::refused(format!(
            "the environment of this process is for another tenant: its SAIL_BASE_URL is not {base_url}"
        ))
        .with_field("storeIn")
        .with_remedy("name another store, or take SAIL_BASE_URL away first")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Destination> {
        let folder = if cfg!(windows) { r"C:\work" } else { "/work" };
        Destination::parse(Fields::of_request(text)?, Some(Path::new(folder)), None)
    }

    #[test]
    fn every_destination_reads_back_its_own_json_and_names_itself() {
        for (text, words) in [
            (r#"{"file":"x.json","caller":false}"#, "file "),
            (r#"{"keyring":"Prod"}"#, "keyring, account prod"),
            (r#"{"environment":true}"#, "environment of this process"),
            (r#"{"caller":true,"environment":false}"#, "caller"),
        ] {
            let destination = parse(text).unwrap();
            assert!(destination.to_string().starts_with(words), "{destination}");
            assert_eq!(
                Destination::of_json(&destination.to_json()).unwrap(),
                destination
            );
        }
    }

    #[test]
    fn what_names_none_or_two_is_refused() {
        for text in [
            "{}",
            r#"{"caller":false}"#,
            r#"{"caller":true,"environment":true}"#,
            r#"{"keyring":"a","caller":true}"#,
            r#"{"environment":true,"file":"x.json"}"#,
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("must name one store"), "{text}: {error}");
        }
        let error = parse(r#"{"caller":true,"format":"json"}"#)
            .unwrap_err()
            .to_string();
        assert!(error.contains("format: is not a known field"), "{error}");
    }
}
