//! POST: a new token for whoever calls.

use std::time::Instant;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::replies::Refusal;
use crate::rules::{self, refuse};
use crate::settings::Settings;
use crate::tenant::{Bearer, Tenant};
use crate::token_body::CreatedBody;
use crate::tokens::{DEFAULT_VALIDITY_SECONDS, SCOPE_ALL, Token};
use crate::version::Version;

/// A create request that keeps the rules of its version.
struct Wanted {
    name: String,
    scope: Vec<String>,
    access_token_validity_seconds: u32,
    expiration_date: Option<Timestamp>,
    user_aware_token_never_expires: bool,
}

pub(crate) fn create(
    tenant: &mut Tenant,
    caller: &Bearer,
    version: Version,
    body: &[u8],
    settings: &Settings,
) -> Result<Bytes, Refusal> {
    if !caller.rights.create() {
        return Err(Refusal::Forbidden);
    }
    let now = settings.now();
    let wanted = Wanted::read(body, version, now)?;
    tenant.unique_name(&caller.identity, &wanted.name, None)?;
    tenant.room_for_one_more(&caller.identity)?;
    let token = Token {
        id: tenant.new_id(),
        secret: tenant.new_secret(),
        name: wanted.name,
        scope: Some(wanted.scope),
        owner: caller.identity.clone(),
        created: now,
        last_used: None,
        managed: false,
        access_token_validity_seconds: wanted.access_token_validity_seconds,
        expiration_date: wanted.expiration_date,
        user_aware_token_never_expires: wanted.user_aware_token_never_expires,
        as_given: Map::new(),
        usable_from: Some(Instant::now() + settings.late_spread),
    };
    let reply = CreatedBody {
        token: &token,
        owner: tenant.owner(&token),
        sparse: settings.sparse_create_replies,
    };
    let reply = serde_json::to_vec(&reply).expect("a token is always JSON");
    tenant.insert(token);
    Ok(reply.into())
}

impl Wanted {
    fn read(body: &[u8], version: Version, now: Timestamp) -> Result<Wanted, Refusal> {
        let body: Value = serde_json::from_slice(body)
            .or_else(|error| refuse(format!("The request body is not valid JSON: {error}")))?;
        let Value::Object(fields) = body else {
            return refuse("The request body must be a JSON object.");
        };
        known_fields_only(&fields, version)?;
        let given = |field: &str| fields.get(field).filter(|value| !value.is_null());
        let aware = given("userAwareTokenNeverExpires").map_or(Ok(false), |value| {
            rules::boolean("userAwareTokenNeverExpires", value)
        })?;
        Ok(Wanted {
            name: rules::name(fields.get("name"))?,
            scope: given("scope")
                .map_or(Ok(None), rules::scope)?
                .unwrap_or_else(|| vec![SCOPE_ALL.to_owned()]),
            access_token_validity_seconds: given("accessTokenValiditySeconds")
                .map_or(Ok(DEFAULT_VALIDITY_SECONDS), rules::validity)?,
            expiration_date: expiry(given("expirationDate"), aware, version, now)?,
            user_aware_token_never_expires: aware,
        })
    }
}

fn known_fields_only(fields: &Map<String, Value>, version: Version) -> Result<(), Refusal> {
    let known = |field: &str| match field {
        "name" | "scope" | "accessTokenValiditySeconds" | "expirationDate" => true,
        "userAwareTokenNeverExpires" => version.never_expires(),
        _ => false,
    };
    match fields.keys().find(|field| !known(field)) {
        Some(field) => refuse(format!("Unrecognized field \"{field}\".")),
        None => Ok(()),
    }
}

fn expiry(
    given: Option<&Value>,
    aware: bool,
    version: Version,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refusal> {
    let date = given.map_or(Ok(None), |value| rules::future_date(value, now))?;
    if version.never_expires() {
        rules::aware_of_never(date, aware)?;
        return Ok(date);
    }
    let latest = rules::six_months_after(now);
    match date {
        Some(date) if date > latest => {
            refuse("expirationDate must be within 6 months of the creation date.")
        }
        given => Ok(given.or(Some(latest))),
    }
}
