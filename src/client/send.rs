//! Sending a request to the service, for every operation: a bearer, a permit under the rate limit, then the attempt.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, HeaderMap, HeaderValue};

use crate::api::request::{Method, Request};
use crate::client::attempts::{self, Delivered, Endpoint, Undelivered};
use crate::client::call::Call;
use crate::client::config::TokenUrl;
use crate::client::credential::Bearer;
use crate::client::log::Level;
use crate::client::monitor::Phase;
use crate::client::pacing::Permit;
use crate::client::signin::{self, Age};
use crate::client::turn;
use crate::error::Result;

/// Whether a request waits for its turn under the rate limit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    Kept,
    /// It goes at once: what was refused for its rate is looked into without the wait that this asked for.
    Skipped,
}

/// Sends `request` to the service until it is delivered, or the retry law says stop.
pub async fn send(
    call: &Call<'_>,
    pace: Pace,
    request: &Request,
) -> std::result::Result<Delivered, Undelivered> {
    attempts::make(call, &Service { pace }, request).await
}

/// The service, with a bearer and under its rate limit.
struct Service {
    pace: Pace,
}

/// What an attempt is made with, besides the request itself.
struct Ready {
    bearer: Arc<Bearer>,
    age: Age,
    /// Where the bearer's tenant lives, when that is not the base URL itself.
    base_url: Option<Url>,
    /// Held until the attempt ended.
    _permit: Option<Permit>,
}

impl Endpoint for Service {
    type Ready = Ready;

    /// Gets bearer and permit; the permit last, so that none is held while signing in.
    async fn prepare(&self, call: &Call<'_>) -> Result<Ready> {
        let (bearer, age) = signin::bearer(call).await?;
        let permit = match self.pace {
            Pace::Kept => turn::pace(call).await?,
            Pace::Skipped => None,
        };
        call.uses(&bearer);
        // Whoever names the token URL means the base URL as it stands.
        let base_url = match call.resolved.token_url {
            TokenUrl::Derived(_) => bearer.base_url.clone(),
            TokenUrl::Given(_) => None,
        };
        Ok(Ready {
            bearer,
            age,
            base_url,
            _permit: permit,
        })
    }

    fn url(&self, call: &Call<'_>, ready: &Ready, request: &Request) -> Result<Url> {
        let base = ready.base_url.as_ref();
        let base = base.unwrap_or(&call.resolved.base_url);
        Ok(below(base, &request.target))
    }

    fn path<'r>(&self, request: &'r Request) -> &'r str {
        request.path()
    }

    fn add_headers(
        &self,
        ready: &Ready,
        request: &Request,
        url: &Url,
        headers: &mut HeaderMap,
    ) -> Result<()> {
        // Lists are large and pack well. What may hold a secret is small: a sign-in, a create.
        if request.method == Method::Get {
            headers
                .entry(ACCEPT_ENCODING)
                .or_insert(HeaderValue::from_static("gzip"));
        }
        headers.insert(AUTHORIZATION, ready.bearer.authorization()?);
        if request.method == Method::Post && url.scheme() == "https" {
            // The reply holds a new secret, which the TLS library's buffer of an idle connection would keep.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(())
    }

    fn begins(&self, call: &Call<'_>) {
        call.monitor.enter(Phase::Sending);
        call.monitor.count_attempt();
    }

    fn replied(&self, call: &Call<'_>, status: u16) {
        if self.pace == Pace::Kept && status != 429 {
            call.monitor.leave_queue();
        }
    }

    fn is_limited(&self, call: &Call<'_>, wait: Duration) {
        call.resolved.credential.block(wait);
    }

    /// Drops the bearer when it came from the cache and a new one can be had.
    fn renews(&self, call: &Call<'_>, ready: &Ready) -> bool {
        if ready.age != Age::Cached || !ready.bearer.renewable {
            return false;
        }
        call.monitor
            .note(Level::Info, "the bearer was refused, signing in again");
        call.resolved.credential.forget(&ready.bearer);
        true
    }
}

/// The URL of a path and query below a base.
fn below(base: &Url, target: &str) -> Url {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let mut url = base.clone();
    match base.path().trim_end_matches('/') {
        "" => url.set_path(path),
        prefix => url.set_path(&format!("{prefix}{path}")),
    }
    url.set_query(query);
    url
}
