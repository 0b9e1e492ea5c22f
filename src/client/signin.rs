//! Signing in: one bearer per credential, kept until shortly before it expires, fetched by one caller
//! while the others wait. A failed sign-in is its own error with the server's words.

mod elsewhere;
mod endpoint;
mod told;

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use reqwest::Url;
use serde::Serialize;

use crate::client::call::Call;
use crate::client::config::Login;
use crate::client::credential::Bearer;
use crate::client::log::Level;
use crate::client::monitor::Phase;
use crate::client::redact;
use crate::error::{Code, Error, Result};
use told::Sent;

/// Where a bearer came from: a 401 on a cached one is worth a fresh sign-in, on a new one it is not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Age {
    Cached,
    Fresh,
}

/// A good bearer: the cached one, or a new one.
pub async fn bearer(call: &Call<'_>) -> Result<(Arc<Bearer>, Age)> {
    if let Login::Bearer(bearer) = &call.resolved.login {
        return if bearer.is_good() {
            Ok((bearer.clone(), Age::Cached))
        } else {
            Err(given_bearer_expired())
        };
    }
    let credential = &call.resolved.credential;
    if let Some(bearer) = credential.bearer() {
        return Ok((bearer, Age::Cached));
    }
    call.monitor.enter(Phase::SigningIn);
    // Another call may be signing in there already, and this one waits for it.
    if let Ok(url) = Url::parse(call.resolved.token_url.as_str()) {
        call.monitor.speaks_to(call.connections.peer(&url));
    }
    let flights_before = credential.flights();
    let mut flight = credential.flight.lock().await;
    if let Some(bearer) = credential.bearer() {
        return Ok((bearer, Age::Cached));
    }
    // A credential that was refused while this call waited would be refused again. Any other failure may
    // have been the other call's own: its proxy, its deadline.
    if credential.flights() != flights_before
        && let Some(error) = &flight.error
        && error.code() == Code::SignInFailed
    {
        return Err(error.clone());
    }
    let result = Box::pin(sign_in(call)).await;
    // It stays for as long as the credential: a server may have echoed what it was sent.
    let error = result.as_ref().err().cloned();
    flight.error = error.map(|error| redact::error(error, call.redactor(), false));
    credential.count_flight();
    let bearer = result?;
    credential.keep(bearer.clone());
    Ok((bearer, Age::Fresh))
}

fn given_bearer_expired() -> Error {
    Error::setting(
        "tokenExpiration",
        "has passed: the token given is no longer valid",
    )
    .with_remedy("give a fresh token, or a client id and secret to sign in with")
}

/// A bearer as those see it who asked for it by name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownBearer<'b> {
    access_token: &'b str,
    /// When it is renewed, shortly before it expires.
    expires: Option<String>,
    token_url: &'b str,
}

pub fn shown<'b>(bearer: &'b Bearer, token_url: &'b str) -> ShownBearer<'b> {
    let left = bearer
        .expires
        .map(|expires| expires.saturating_duration_since(Instant::now()));
    let expires = left.and_then(|left| Timestamp::now().checked_add(left).ok());
    ShownBearer {
        access_token: bearer.token.expose(),
        expires: expires.map(|expires| format!("{expires:.0}")),
        token_url,
    }
}

/// A sign-in that was made to see whether it works.
pub struct SignedIn {
    /// Until the bearer is renewed, shortly before it expires.
    pub good_for_seconds: u64,
    /// Where the tenant's API lives, when the base URL is a vanity URL.
    pub base_url: Option<String>,
}

/// Signs in, whatever is cached. A failure leaves the cached bearer to those who use it.
pub async fn anew(call: &Call<'_>) -> Result<SignedIn> {
    call.monitor.enter(Phase::SigningIn);
    let bearer = Box::pin(sign_in(call)).await?;
    let now = Instant::now();
    let left = bearer.expires.unwrap_or(now).saturating_duration_since(now);
    let signed_in = SignedIn {
        good_for_seconds: left.as_secs_f64().round() as u64,
        base_url: bearer.base_url.as_ref().map(ToString::to_string),
    };
    call.resolved.credential.keep(bearer);
    Ok(signed_in)
}

async fn sign_in(call: &Call<'_>) -> Result<Arc<Bearer>> {
    call.monitor.note(Level::Debug, "signing in");
    if let Some(url) = elsewhere::take_known(call) {
        match elsewhere::at(call, url).await {
            Err(error) if elsewhere::is_gone(&error) => {}
            result => return result,
        }
    }
    let sent = Sent {
        url: call.resolved.token_url.as_str(),
        led: false,
    };
    match endpoint::at(call, &sent, None).await {
        Err(error) if elsewhere::is_no_endpoint(call, &error) => {
            elsewhere::sign_in(call, error).await
        }
        result => result,
    }
}
