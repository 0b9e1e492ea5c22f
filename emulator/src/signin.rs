//! POST /oauth/token, and who a bearer is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HeaderMap};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::replies::Refusal;
use crate::rights::Rights;
use crate::rules::has_content_type;
use crate::settings::Settings;
use crate::tenant::{Bearer, Identity, POD, TENANT_NAME, Tenant};
use crate::tokens::{SCOPE_ALL, Token};

/// `lastUsed` moves no more often than this.
const LAST_USED_STEP: SignedDuration = SignedDuration::from_hours(24);

/// When so many bearers are kept, the expired ones are dropped.
const MANY_BEARERS: usize = 4096;

const INVALID_CLIENT: Refusal = Refusal::SignIn(
    StatusCode::UNAUTHORIZED,
    "invalid_client",
    "Bad client credentials",
);

pub(crate) fn sign_in(
    tenant: &mut Tenant,
    headers: &HeaderMap,
    body: &[u8],
    settings: &Settings,
) -> Result<Value, Refusal> {
    let (client_id, client_secret) = credential(headers, body)?;
    let token = tenant.tokens.get(&client_id).ok_or(INVALID_CLIENT)?;
    let identity = tenant.identities.get(&token.owner).ok_or(INVALID_CLIENT)?;
    if token.secret != client_secret || !usable(token, settings.now()) {
        return Err(INVALID_CLIENT);
    }
    let seconds = settings
        .bearer_seconds
        .unwrap_or(token.access_token_validity_seconds);
    let bearer = issue(token, identity, seconds);
    let scope = token.scope.as_ref().map(|scope| scope.join(" "));
    let access_token = access_token(tenant);
    let reply = json!({
        "access_token": access_token,
        "token_type": "bearer",
        "expires_in": seconds,
        "scope": scope.unwrap_or_else(|| SCOPE_ALL.to_owned()),
        "tenant_id": tenant.tenant_id,
        "pod": POD,
        "org": TENANT_NAME,
        "user_id": bearer.identity,
        "identity_id": bearer.identity,
        "strong_auth": true,
        "jti": tenant.new_id(),
    });
    mark_used(tenant, &client_id);
    keep(tenant, access_token, bearer);
    Ok(reply)
}

/// The bearer that a request shows.
pub(crate) fn caller(tenant: &Tenant, headers: &HeaderMap) -> Result<Arc<Bearer>, Refusal> {
    let shown = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .ok_or(Refusal::JwtRequired)?;
    match tenant.bearers.get(shown.1.trim()) {
        Some(bearer) if bearer.expires > Instant::now() => Ok(Arc::clone(bearer)),
        _ => Err(Refusal::JwtExpired),
    }
}

/// Client id and secret from the form, or from HTTP Basic. Never from the query: a URL is logged.
fn credential(headers: &HeaderMap, body: &[u8]) -> Result<(String, String), Refusal> {
    let invalid = |text| Refusal::SignIn(StatusCode::BAD_REQUEST, "invalid_request", text);
    if !has_content_type(headers, "application/x-www-form-urlencoded") {
        return Err(invalid(
            "The body must be application/x-www-form-urlencoded",
        ));
    }
    let (mut grant, mut id, mut secret) = (None, None, None);
    for (name, value) in form_urlencoded::parse(body) {
        match name.as_ref() {
            "grant_type" => grant = Some(value.into_owned()),
            "client_id" => id = Some(value.into_owned()),
            "client_secret" => secret = Some(value.into_owned()),
            _ => {}
        }
    }
    match grant.as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            return Err(Refusal::SignIn(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "Unsupported grant type",
            ));
        }
        None => return Err(invalid("Missing grant type")),
    }
    id.zip(secret)
        .or_else(|| basic(headers))
        .ok_or(INVALID_CLIENT)
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let encoded = value.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn usable(token: &Token, now: Timestamp) -> bool {
    let expired = token.expiration_date.is_some_and(|date| date <= now);
    let spread = token.usable_from.is_none_or(|from| from <= Instant::now());
    !expired && spread
}

fn issue(token: &Token, identity: &Identity, seconds: u32) -> Bearer {
    Bearer {
        client_id: token.id.clone(),
        identity: token.owner.clone(),
        rights: identity
            .rights
            .limited_to(Rights::of_scope(token.scope.as_deref())),
        expires: Instant::now() + Duration::from_secs(seconds.into()),
    }
}

/// Three parts of the length and the letters of a signed JWT; there is nothing to read in them.
fn access_token(tenant: &mut Tenant) -> String {
    let rng = &mut tenant.rng;
    let mut part = |length: usize| -> String { (0..length).map(|_| rng.alphanumeric()).collect() };
    format!(
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJ{}.{}",
        part(500),
        part(342)
    )
}

fn mark_used(tenant: &mut Tenant, id: &str) {
    let now = Timestamp::now();
    let due = |token: &Token| {
        let used = token.last_used;
        used.is_none_or(|used| now.duration_since(used) >= LAST_USED_STEP)
    };
    if !tenant.tokens.get(id).is_some_and(due) {
        return;
    }
    if let Some(token) = tenant.change(id) {
        token.last_used = Some(now);
        token.as_given.remove("lastUsed");
    }
}

fn keep(tenant: &mut Tenant, access_token: String, bearer: Bearer) {
    if tenant.bearers.len() >= MANY_BEARERS {
        let now = Instant::now();
        tenant.bearers.retain(|_, bearer| bearer.expires > now);
    }
    tenant.bearers.insert(access_token, Arc::new(bearer));
}
