//! The one function that sends any request: bearer, pacing, transport, retry law, in that order. It
//! never knows which operation it carries.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, USER_AGENT,
};

use crate::api::request::{Method, Request};
use crate::api::version::Version;
use crate::client::config::{Resolved, TokenUrl};
use crate::client::credential::Bearer;
use crate::client::log::{self, Level, Message};
use crate::client::monitor::{Monitor, Phase, WaitReason};
use crate::client::pacing::Permit;
use crate::client::redact::Redactor;
use crate::client::reply;
use crate::client::retry::{self, Decision, Outcome};
use crate::client::settings::Settings;
use crate::client::signin;
use crate::client::transport::{self, Connections, Outgoing, Raw};
use crate::client::turn::pace;
use crate::error::{Code, Error, Result};

/// What one call works with.
pub struct Call<'c> {
    pub settings: &'c Settings,
    pub resolved: &'c Resolved,
    pub version: &'static Version,
    pub deadline: Instant,
    pub monitor: &'c Monitor,
    pub connections: Connections,
    /// The bearers that were sent: no text of this call may show them.
    pub bearers: Mutex<Vec<Arc<Bearer>>>,
}

impl Call<'_> {
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn uses(&self, bearer: &Arc<Bearer>) {
        let mut bearers = self.bearers.lock().unwrap_or_else(PoisonError::into_inner);
        if !bearers.iter().any(|known| Arc::ptr_eq(known, bearer)) {
            bearers.push(bearer.clone());
        }
    }

    /// What must not show in anything that leaves this call.
    pub fn redactor(&self) -> Redactor {
        let bearers = self.bearers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut redactor = self.resolved.redactor(self.settings);
        for bearer in bearers.iter() {
            redactor.hide(bearer.token.expose());
        }
        redactor
    }
}

/// Where a request goes.
#[derive(Clone, Copy)]
pub enum Door<'d> {
    /// The service, with a bearer and under its rate limit.
    Service,
    /// The same at once: what was refused for its rate is looked into without the wait that this asked for.
    Unpaced,
    /// An absolute URL without either: signing in.
    Open(&'d str),
}

impl Door<'_> {
    fn is_service(self) -> bool {
        !matches!(self, Door::Open(_))
    }
}

/// A reply with a status of 200 to 299.
pub struct Delivered {
    pub raw: Raw,
}

/// No such reply came.
pub struct Undelivered {
    pub error: Error,
    /// The last attempt may have been acted on.
    pub may_have_acted: bool,
    /// An attempt before the last was lost, so that it may have been acted on.
    pub lost_before: bool,
}

impl From<Error> for Undelivered {
    fn from(error: Error) -> Self {
        Undelivered {
            error,
            may_have_acted: false,
            lost_before: false,
        }
    }
}

/// What an attempt is made with, besides the request itself.
struct Ready {
    /// Where the bearer's tenant lives, when that is not the base URL itself.
    base_url: Option<Url>,
    bearer: Option<(Arc<Bearer>, signin::Age)>,
    /// Held until the attempt ended.
    _permit: Option<Permit>,
}

/// Sends `request` through `door` until it is delivered, or the law says stop.
pub async fn send(
    call: &Call<'_>,
    door: Door<'_>,
    request: &Request,
) -> std::result::Result<Delivered, Undelivered> {
    let mut attempt = 0;
    let mut refreshed = false;
    let mut lost_before = false;
    loop {
        let ready = prepare(call, door).await.map_err(|error| Undelivered {
            error,
            may_have_acted: false,
            lost_before,
        })?;
        let (error, outcome, acted) = match attempt_once(call, door, request, &ready).await {
            Ok(raw) if (200..300).contains(&raw.status) => return Ok(Delivered { raw }),
            Ok(raw) => {
                let is_stale = raw.status == 401 && !refreshed && forget_cached(call, &ready);
                // A POST is sent once: whoever says 401 may have carried it out all the same.
                let is_post = request.method == Method::Post;
                if is_stale && !is_post {
                    refreshed = true;
                    continue;
                }
                let (error, outcome, acted) = judge(call, door, &raw);
                (error, outcome, acted || (is_stale && is_post))
            }
            Err(failure) => (failure.error, failure.outcome, failure.sent),
        };
        drop(ready);
        attempt += 1;
        let decision = retry::decide(
            &call.settings.law,
            request.repeatable,
            outcome,
            attempt,
            call.remaining(),
            random_share(),
        );
        match decision {
            Decision::Stop => {
                return Err(Undelivered {
                    error,
                    may_have_acted: acted,
                    lost_before,
                });
            }
            Decision::After(delay) => {
                lost_before |= acted && !turned_away(&error);
                wait(call, &error, delay).await;
            }
        }
    }
}

/// Gets bearer and permit; the permit last, so that none is held while signing in.
async fn prepare(call: &Call<'_>, door: Door<'_>) -> Result<Ready> {
    match door {
        Door::Open(_) => Ok(Ready {
            base_url: None,
            bearer: None,
            _permit: None,
        }),
        Door::Service | Door::Unpaced => {
            let (bearer, age) = signin::bearer(call).await?;
            let permit = match door {
                Door::Unpaced => None,
                _ => pace(call).await?,
            };
            call.uses(&bearer);
            // Whoever names the token URL means the base URL as it stands.
            let base_url = match call.resolved.token_url {
                TokenUrl::Derived(_) => bearer.base_url.clone(),
                TokenUrl::Given(_) => None,
            };
            Ok(Ready {
                base_url,
                bearer: Some((bearer, age)),
                _permit: permit,
            })
        }
    }
}

async fn attempt_once(
    call: &Call<'_>,
    door: Door<'_>,
    request: &Request,
    ready: &Ready,
) -> std::result::Result<Raw, transport::Failure> {
    let outgoing = outgoing(call, door, request, ready).map_err(|error| transport::Failure {
        error,
        outcome: Outcome::Final,
        sent: false,
    })?;
    if door.is_service() {
        call.monitor.enter(Phase::Sending);
        call.monitor.count_attempt();
    }
    let started = Instant::now();
    let limit = call.settings.maximum_reply_bytes;
    let result = transport::exchange(&call.connections, outgoing, limit, call.monitor).await;
    let outcome = match &result {
        Ok(raw) => {
            if let Some(date) = reply::date(&raw.headers) {
                call.resolved.credential.set_clock(date);
            }
            if let (Door::Service, true) = (door, raw.status != 429) {
                call.monitor.leave_queue();
            }
            log::ExchangeEnd::Status(raw.status)
        }
        Err(failure) => log::ExchangeEnd::Code(failure.error.code().name()),
    };
    let path = match door {
        Door::Open(_) => "sign-in".to_owned(),
        _ => request.path().to_owned(),
    };
    let exchange = Message::Exchange {
        method: request.method.name(),
        path,
        outcome,
        took: started.elapsed(),
    };
    call.monitor.note_message(Level::Debug, exchange);
    result
}

fn outgoing(call: &Call<'_>, door: Door<'_>, request: &Request, ready: &Ready) -> Result<Outgoing> {
    let url = match (door, &ready.base_url) {
        (Door::Open(url), _) => parse(url)?,
        (_, Some(base)) => below(base, &request.target),
        (_, None) => below(&call.resolved.base_url, &request.target),
    };
    let mut headers = HeaderMap::with_capacity(8);
    for (name, value) in &call.settings.default_headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value.expose()),
        ) {
            headers.insert(name, value);
        }
    }
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    // Lists are large and pack well. What may hold a secret is small: a sign-in, a create.
    if door.is_service() && request.method == Method::Get {
        headers
            .entry(ACCEPT_ENCODING)
            .or_insert(HeaderValue::from_static("gzip"));
    }
    headers
        .entry(USER_AGENT)
        .or_insert(user_agent(call.settings));
    if let Some((bearer, _)) = &ready.bearer {
        headers.insert(AUTHORIZATION, signin::authorization(bearer)?);
    }
    if let (Door::Service, Method::Post, "https") = (door, request.method, url.scheme()) {
        // The reply holds a new secret, which the TLS library's buffer of an idle connection would keep.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let body = request.body.as_ref().map(|body| {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(body.content_type));
        body.bytes.clone()
    });
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    };
    Ok(Outgoing {
        method,
        url,
        headers,
        body,
    })
}

fn parse(url: &str) -> Result<Url> {
    Url::parse(url).map_err(|error| {
        Error::new(
            Code::Internal,
            format!("an address does not parse: {error}"),
        )
    })
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

fn user_agent(settings: &Settings) -> HeaderValue {
    const OWN: &str = concat!("sailpat/", env!("CARGO_PKG_VERSION"));
    settings
        .consumer
        .as_ref()
        .and_then(|consumer| HeaderValue::from_str(&format!("{OWN} ({consumer})")).ok())
        .unwrap_or(HeaderValue::from_static(OWN))
}

/// After a 401: drops the bearer when it came from the cache and a new one can be had.
fn forget_cached(call: &Call<'_>, ready: &Ready) -> bool {
    match &ready.bearer {
        Some((bearer, signin::Age::Cached)) if bearer.renewable => {
            call.monitor
                .note(Level::Info, "the bearer was refused, signing in again");
            call.resolved.credential.forget(bearer);
            true
        }
        _ => false,
    }
}

/// What an error status means, for the caller and for the law.
fn judge(call: &Call<'_>, door: Door<'_>, raw: &Raw) -> (Error, Outcome, bool) {
    let error = reply::refusal(raw);
    let retry_after = error.detail().retry_after;
    if door.is_service() && raw.status == 429 {
        let wait = retry_after.unwrap_or(Duration::from_secs(1));
        call.resolved.credential.block(wait);
    }
    let outcome = Outcome::Status {
        code: raw.status,
        retry_after,
    };
    (error, outcome, raw.status >= 500)
}

/// A server that asks to come back later did nothing with the request.
fn turned_away(error: &Error) -> bool {
    error.detail().status == Some(503) || error.detail().retry_after.is_some()
}

async fn wait(call: &Call<'_>, error: &Error, delay: Duration) {
    let reason = match error.code() {
        Code::RateLimited => WaitReason::RateLimit,
        _ => WaitReason::Retry,
    };
    let line = format!(
        "{}: again in {:.1} s",
        error.code().name(),
        delay.as_secs_f64()
    );
    call.monitor.note(Level::Info, line);
    call.monitor.pause(delay, reason).await;
}

/// A number from 0 to 1 for the jitter; it need not be unguessable.
pub fn random_share() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(Instant::now());
    random as f64 / u64::MAX as f64
}
