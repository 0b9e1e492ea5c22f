//! A token endpoint: what is sent to it, and the bearer that it gives.

use std::sync::Arc;
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::told::{Sent, told};
use crate::api::request::{Body, Method, Request};
use crate::client::attempts::{self, Endpoint};
use crate::client::call::Call;
use crate::client::config::Login;
use crate::client::credential::Bearer;
use crate::client::reply;
use crate::client::transport::Raw;
use crate::error::{Code, Error, Result};
use crate::secret::Secret;

/// A bearer is renewed this long before it expires, or a tenth of its life where that is shorter.
const MARGIN: Duration = Duration::from_secs(60);
/// How long a bearer is trusted when the reply does not say.
const UNSTATED_LIFE: u64 = 300;
const LONGEST_LIFE: u64 = 43_200;
/// What there is to say of an answer that is no token endpoint's.
pub const PAGE: &str = "the reply is an HTML page and holds no access_token";

/// An absolute URL, without a bearer and outside of the rate limit.
pub struct SignInEndpoint<'u>(pub &'u str);

impl Endpoint for SignInEndpoint<'_> {
    type Ready = ();

    async fn prepare(&self, _call: &Call<'_>) -> Result<()> {
        Ok(())
    }

    fn url(&self, _call: &Call<'_>, _ready: &(), _request: &Request) -> Result<Url> {
        Url::parse(self.0).map_err(|error| {
            Error::new(
                Code::Internal,
                format!("an address does not parse: {error}"),
            )
        })
    }

    fn path<'r>(&self, _request: &'r Request) -> &'r str {
        "sign-in"
    }
}

/// Signs in at one place; its error says where that was and whose credential it is.
pub async fn at(call: &Call<'_>, sent: &Sent<'_>, base_url: Option<Url>) -> Result<Arc<Bearer>> {
    let request = token_request(&call.resolved.login);
    let delivered = attempts::make(call, &SignInEndpoint(sent.url), &request).await;
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
            PAGE
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
