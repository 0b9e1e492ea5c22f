//! Signing in where the base URL's /oauth/info says: a vanity URL, and the address of a tenant's pages, have no token
//! endpoint of their own.
//!
//! Whoever answers at the base URL is sent the secret first, so a lie in /oauth/info wins nothing that a false answer
//! would not: another domain is no reason to refuse. But nobody else may lead: a redirect is never followed, the info
//! is asked of the base URL alone, and what it names must be https like any other address.

use std::sync::Arc;

use reqwest::Url;
use serde::Deserialize;

use super::endpoint::{self, PAGE, SignInEndpoint};
use super::told::{Sent, told};
use crate::api::request::{Method, Request};
use crate::client::address;
use crate::client::attempts;
use crate::client::call::Call;
use crate::client::config::TokenUrl;
use crate::client::credential::{Bearer, Elsewhere};
use crate::client::log::Level;
use crate::client::reply;
use crate::error::{Code, Error, Result};

/// Whether what answers is no token endpoint, so that /oauth/info may name it.
pub fn is_no_endpoint(call: &Call<'_>, error: &Error) -> bool {
    matches!(call.resolved.token_url, TokenUrl::Derived(_)) && is_elsewhere(error)
}

fn is_elsewhere(error: &Error) -> bool {
    let detail = error.detail();
    match detail.status {
        Some(300..=399 | 404 | 405) => true,
        Some(200..=299) => detail.message.contains(PAGE),
        Some(400..=499) => {
            let body = detail.body.as_deref().unwrap_or_default();
            detail.code == Code::SignInFailed && reply::is_html(body.as_bytes())
        }
        _ => false,
    }
}

/// Takes out where this credential signed in last, if that was elsewhere; it is put back where it still does, so that
/// a call that ends while it waits there leaves nothing behind. What was learned over another way, behind another
/// trust or proxy, is not believed.
pub fn take_known(call: &Call<'_>) -> Option<String> {
    let known = call.resolved.credential.take_elsewhere()?;
    let is_ours = matches!(call.resolved.token_url, TokenUrl::Derived(_));
    let is_same_way = known.wire == call.resolved.wire;
    (is_ours && is_same_way && allowed(call, &known.url).is_ok()).then_some(known.url)
}

/// Whether the place that was known is none any more.
pub fn is_gone(error: &Error) -> bool {
    is_elsewhere(error) || matches!(error.code(), Code::ConnectionFailed | Code::TlsFailed)
}

/// Asks /oauth/info once and signs in where it leads; `failed` is why the base URL's own place did not do.
pub async fn sign_in(call: &Call<'_>, failed: Error) -> Result<Arc<Bearer>> {
    let Some(named) = info(call).await else {
        return Err(failed);
    };
    let url = allowed(call, &named)?;
    if url == call.resolved.token_url.as_str() {
        return Err(failed);
    }
    call.monitor.note(
        Level::Info,
        "the base URL has no token endpoint of its own; signing in where its /oauth/info says",
    );
    at(call, url).await
}

/// Signs in at a place that /oauth/info named, and remembers it.
pub async fn at(call: &Call<'_>, url: String) -> Result<Arc<Bearer>> {
    let base_url = url
        .strip_suffix("/oauth/token")
        .and_then(|url| url.parse().ok());
    let sent = Sent {
        url: &url,
        led: true,
    };
    let bearer = endpoint::at(call, &sent, base_url).await?;
    let wire = call.resolved.wire.clone();
    let credential = &call.resolved.credential;
    credential.keep_elsewhere(Elsewhere { url, wire });
    Ok(bearer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    token_endpoint: String,
}

async fn info(call: &Call<'_>) -> Option<String> {
    let url = format!("{}/oauth/info", call.resolved.base());
    let request = Request {
        method: Method::Get,
        target: String::new(),
        body: None,
        repeatable: true,
    };
    let delivered = attempts::make(call, &SignInEndpoint(&url), &request)
        .await
        .ok()?;
    let info: Info = serde_json::from_slice(&delivered.raw.body).ok()?;
    Some(info.token_endpoint)
}

/// The address as it is used. Plain http leads on from plain http on this machine only.
fn allowed(call: &Call<'_>, named: &str) -> Result<String> {
    let checked = address::check("tokenEndpoint", named, call.settings).and_then(|url| {
        let base = &call.resolved.base_url;
        let may_be_plain = base.scheme() == "http" && address::is_here(base);
        match Url::parse(&url).is_ok_and(|url| url.scheme() == "https") || may_be_plain {
            true => Ok(url),
            false => Err(Error::setting("tokenEndpoint", "must be https")),
        }
    });
    checked.map_err(|error| {
        let message = format!("its /oauth/info leads to no usable address: {error}");
        let error = Error::new(Code::ReplyInvalid, message).with_field("tokenEndpoint");
        let sent = Sent {
            url: call.resolved.token_url.as_str(),
            led: false,
        };
        told(error, &sent, call.resolved, call.settings)
    })
}
