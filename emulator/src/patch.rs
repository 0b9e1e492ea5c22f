//! PATCH: RFC 6902 operations on the few fields that may change, all of them or none.

use bytes::Bytes;
use jiff::Timestamp;
use json_patch::{Patch, PatchOperation};
use serde_json::{Map, Value, json};

use crate::replies::Refusal;
use crate::rules::{self, refuse};
use crate::tenant::{Bearer, Tenant};
use crate::token_body::date_text;
use crate::tokens::Token;
use crate::version::Version;

const EXPIRY: &str = "expirationDate";
const AWARE: &str = "userAwareTokenNeverExpires";

pub(crate) fn patch(
    tenant: &mut Tenant,
    caller: &Bearer,
    version: Version,
    id: &str,
    body: &[u8],
) -> Result<Bytes, Refusal> {
    if !caller.rights.patch_own() {
        return Err(Refusal::Forbidden);
    }
    let token = tenant.tokens.get(id).ok_or(Refusal::NotFound)?;
    if token.owner != caller.identity {
        return Err(Refusal::Forbidden);
    }
    let patch = read(body, version)?;
    let change = Change::of(token, &patch, version)?;
    if let Some(name) = &change.name {
        tenant.unique_name(&token.owner, name, Some(id))?;
    }
    change.apply(tenant.change(id).ok_or(Refusal::NotFound)?);
    let token = tenant.tokens.get(id).ok_or(Refusal::NotFound)?;
    let reply = serde_json::to_vec(&tenant.body_of(token, version.shape()));
    Ok(reply.expect("a token is always JSON").into())
}

fn read(body: &[u8], version: Version) -> Result<Patch, Refusal> {
    let patch: Patch = serde_json::from_slice(body)
        .or_else(|error| refuse(format!("The request body is not a JSON Patch: {error}")))?;
    for path in patch.iter().flat_map(paths) {
        if !patchable(path, version) {
            return refuse(format!("The path \"{path}\" cannot be patched."));
        }
    }
    Ok(patch)
}

/// Every path that an operation reads or writes.
fn paths(operation: &PatchOperation) -> impl Iterator<Item = &str> {
    let from = match operation {
        PatchOperation::Move(operation) => Some(operation.from.as_str()),
        PatchOperation::Copy(operation) => Some(operation.from.as_str()),
        _ => None,
    };
    std::iter::once(operation.path().as_str()).chain(from)
}

fn patchable(path: &str, version: Version) -> bool {
    match path {
        "/name" | "/scope" => true,
        "/expirationDate" | "/userAwareTokenNeverExpires" => version.never_expires(),
        _ => path.starts_with("/scope/"),
    }
}

/// What a patch makes different; None where a field stays as it is.
struct Change {
    name: Option<String>,
    scope: Option<Option<Vec<String>>>,
    expiration_date: Option<Option<Timestamp>>,
    user_aware_token_never_expires: Option<bool>,
}

impl Change {
    fn of(token: &Token, patch: &Patch, version: Version) -> Result<Change, Refusal> {
        let before = document(token, version);
        let mut after = before.clone();
        json_patch::patch(&mut after, patch)
            .or_else(|error| refuse(format!("The patch cannot be applied: {error}")))?;
        let changed = |field: &str| {
            // A field that a patch removed counts as null, as does one that this version lacks.
            let [was, is] = [&before, &after].map(|it| it.get(field).unwrap_or(&Value::Null));
            (was != is).then_some(is)
        };
        let change = Change {
            name: changed("name")
                .map(|value| rules::name(Some(value)))
                .transpose()?,
            scope: changed("scope").map(rules::scope).transpose()?,
            expiration_date: changed(EXPIRY)
                .map(|value| rules::future_date(value, Timestamp::now()))
                .transpose()?,
            user_aware_token_never_expires: changed(AWARE)
                .map(|value| rules::boolean(AWARE, value))
                .transpose()?,
        };
        if version.never_expires() {
            change.aware_of_never(token, patch, &after)?;
        }
        Ok(change)
    }

    /// Taking the date away needs the flag in the same request; taking the flag away needs a date.
    fn aware_of_never(&self, token: &Token, patch: &Patch, after: &Value) -> Result<(), Refusal> {
        let expiry = self.expiration_date.unwrap_or(token.expiration_date);
        let sets = |field: &str| {
            patch
                .iter()
                .any(|op| op.path().as_str() == format!("/{field}"))
        };
        let aware = after.get(AWARE) == Some(&Value::Bool(true));
        if self.expiration_date == Some(None) {
            return rules::aware_of_never(expiry, aware && sets(AWARE));
        }
        match self.user_aware_token_never_expires {
            Some(aware) => rules::aware_of_never(expiry, aware),
            None => Ok(()),
        }
    }

    fn apply(self, token: &mut Token) {
        if let Some(name) = self.name {
            token.name = name;
            token.as_given.remove("name");
        }
        if let Some(scope) = self.scope {
            token.scope = scope;
            token.as_given.remove("scope");
        }
        if let Some(date) = self.expiration_date {
            token.expiration_date = date;
            token.as_given.remove(EXPIRY);
        }
        if let Some(aware) = self.user_aware_token_never_expires {
            token.user_aware_token_never_expires = aware;
            token.as_given.remove(AWARE);
        }
    }
}

/// The part of a token that a patch of this version works on, as replies show it.
fn document(token: &Token, version: Version) -> Value {
    let mut fields = Map::new();
    let mut put = |field: &str, value: Value| {
        let value = token.as_given.get(field).cloned().unwrap_or(value);
        fields.insert(field.to_owned(), value);
    };
    put("name", json!(token.name));
    put("scope", json!(token.scope));
    if version.never_expires() {
        put(
            EXPIRY,
            json!(token.expiration_date.map(|date| date_text(token, date))),
        );
        put(AWARE, json!(token.user_aware_token_never_expires));
    }
    Value::Object(fields)
}
