//! Signing in: one bearer per credential, kept until shortly before it expires, fetched by one caller
//! while the others wait. A failed sign-in is its own error with the server's words.

mod elsewhere;
mod told;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use reqwest::header::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::api::request::{Body, Method, Request};
use crate::client::config::Login;
use crate::client::credential::Bearer;
use crate::client::log::Level;
use crate::client::monitor::Phase;
use crate::client::redact;
use crate::client::reply;
use crate::client::send::{self, Call, Door};
use crate::client::signin::told::{Sent, told};
use crate::client::transport::Raw;
use crate::error::{Code, Error, Result};
use crate::secret::Secret;

/// A bearer is renewed this long before it expires, or a tenth of its life where that is shorter.
const MARGIN: Duration = Duration::from_secs(60);
/// How long a bearer is trusted when the reply does not say.
const UNSTATED_LIFE: u64 = 300;
const LONGEST_LIFE: u64 = 43_200;

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

/// The bearer as a header's value.
pub fn authorization(bearer: &Bearer) -> Result<HeaderValue> {
    let text = Zeroizing::new(format!("Bearer {}", bearer.token.expose()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| {
        Error::new(
            Code::ReplyInvalid,
            "the bearer holds characters that no header can have",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
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
    match at(call, &sent, None).await {
        Err(error) if elsewhere::is_no_endpoint(call, &error) => {
            elsewhere::sign_in(call, error).await
        }
        result => result,
    }
}

/// Signs in at one place; its error says where that was and whose credential it is.
async fn at(call: &Call<'_>, sent: &Sent<'_>, base_url: Option<Url>) -> Result<Arc<Bearer>> {
    let request = token_request(&call.resolved.login);
    let delivered = send::send(call, Door::Open(sent.url), &request).await;
    delivered
        .map_err(|undelivered| undelivered.error)
        .and_then(|delivered| read(delivered.raw, base_url))
        .map_err(|error| told(error, sent, call.resolved, call.settings))
}

fn token_request(login: &Login) -> Request {
    let mut form = Zeroizing::new(String::from("grant_type=client_credentials"));
    if let Login::Pair {
        client_id,
        client_secret,
    } = login
    {
        for (key, value) in [
            ("&client_id=", client_id.as_str()),
            ("&client_secret=", client_secret.expose()),
        ] {
            form.push_str(key);
            form.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
    }
    Request {
        method: Method::Post,
        target: String::new(),
        body: Some(Body {
            content_type: "application/x-www-form-urlencoded",
            bytes: Zeroizing::new(form.as_bytes().to_vec()),
        }),
        // Asking twice for a bearer harms nothing.
        repeatable: true,
    }
}

#[derive(Deserialize)]
struct TokenReply {
    access_token: Zeroizing<String>,
    #[serde(default)]
    expires_in: Option<Box<RawValue>>,
}

impl TokenReply {
    /// How long the bearer lives. A number may come as text, and what is no number says nothing.
    fn life(&self) -> Duration {
        let stated = self.expires_in.as_ref().and_then(|stated| {
            let text = stated.get().trim_matches('"').trim();
            text.parse()
                .ok()
                .filter(|seconds: &f64| seconds.is_finite())
        });
        let seconds = stated.unwrap_or(UNSTATED_LIFE as f64);
        Duration::from_secs_f64(seconds.clamp(0.0, LONGEST_LIFE as f64))
    }
}

fn read(raw: Raw, base_url: Option<Url>) -> Result<Arc<Bearer>> {
    let body = Zeroizing::new(raw.body);
    let invalid = |problem| Error::new(Code::ReplyInvalid, problem).with_status(raw.status);
    let reply: TokenReply = serde_json::from_slice(&body).map_err(|_| {
        invalid(if reply::is_html(&body) {
            elsewhere::PAGE
        } else {
            "the reply holds no access_token"
        })
    })?;
    if reply.access_token.is_empty() || HeaderValue::from_str(&reply.access_token).is_err() {
        return Err(invalid(
            "the access_token is empty or no header can carry it",
        ));
    }
    let life = reply.life();
    Ok(Arc::new(Bearer {
        token: Secret::new(reply.access_token),
        expires: Some(Instant::now() + life - MARGIN.min(life / 10)),
        base_url,
        renewable: true,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(body: &str) -> Result<Arc<Bearer>> {
        let headers = reqwest::header::HeaderMap::new();
        read(
            Raw {
                status: 200,
                headers,
                body: body.as_bytes().to_vec(),
                unread: None,
            },
            None,
        )
    }

    fn life(body: &str) -> u64 {
        let expires = reply(body).unwrap().expires.unwrap();
        expires
            .saturating_duration_since(Instant::now())
            .as_secs_f64()
            .round() as u64
    }

    #[test]
    fn a_bearer_is_renewed_before_it_expires() {
        assert_eq!(life(r#"{"access_token":"a","expires_in":43200}"#), 43_140);
        assert_eq!(life(r#"{"access_token":"a","expires_in":100}"#), 90);
        assert_eq!(life(r#"{"access_token":"a"}"#), 270);
        assert_eq!(life(r#"{"access_token":"a","expires_in":-5}"#), 0);
    }

    #[test]
    fn an_odd_life_costs_no_bearer() {
        for (stated, seconds) in [
            (r#""100""#, 90),
            (r#"" 1e2 ""#, 90),
            (r#""NaN""#, 270),
            (r#""inf""#, 270),
            (r#""""#, 270),
            ("null", 270),
            ("[1]", 270),
            ("true", 270),
            ("1e400", 270),
            ("-1e400", 270),
            ("1e300", 43_140),
            ("99999999999999999999", 43_140),
            (r#""-7""#, 0),
        ] {
            let body = format!(r#"{{"access_token":"a","expires_in":{stated}}}"#);
            assert_eq!(life(&body), seconds, "{stated}");
        }
    }

    #[test]
    fn a_reply_without_a_usable_bearer_is_an_error_and_shows_nothing() {
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":"pl\nanted"}"#,
        ] {
            let error = reply(body).err().unwrap();
            assert_eq!(error.code(), Code::ReplyInvalid);
            assert!(!error.to_string().contains("anted"));
        }
    }

    #[test]
    fn the_form_is_encoded() {
        let login = Login::Pair {
            client_id: "a&b".to_owned(),
            client_secret: Secret::new(Zeroizing::new("c=d+e".to_owned())),
        };
        let body = token_request(&login).body.unwrap();
        assert_eq!(
            body.bytes.as_slice(),
            b"grant_type=client_credentials&client_id=a%26b&client_secret=c%3Dd%2Be"
        );
    }
}
