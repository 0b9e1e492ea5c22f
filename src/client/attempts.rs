//! The attempts of one request, until it is delivered or the retry law says stop. Which operation it carries is not
//! known here, nor what an attempt needs before it goes: the endpoint says that.

use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use crate::api::request::{Method, Request};
use crate::client::call::Call;
use crate::client::chance::share;
use crate::client::failure::Failure;
use crate::client::log::{self, Level, Message};
use crate::client::monitor::WaitReason;
use crate::client::reply;
use crate::client::retry::{self, Decision, Outcome};
use crate::client::settings::Settings;
use crate::client::transport::{self, Outgoing, Raw};
use crate::error::{Code, Error, Result};

/// Where a request goes: what each attempt needs before it goes there, and what a reply means for those that follow.
pub trait Endpoint: Sync {
    /// What an attempt is made with; it is held until the attempt ended.
    type Ready: Send + Sync;

    /// Gets an attempt ready.
    fn prepare(&self, call: &Call<'_>) -> impl Future<Output = Result<Self::Ready>> + Send;

    /// Where an attempt goes.
    fn url(&self, call: &Call<'_>, ready: &Self::Ready, request: &Request) -> Result<Url>;

    /// The path as the log has it.
    fn path<'r>(&self, request: &'r Request) -> &'r str;

    /// Adds the headers that this endpoint needs.
    fn add_headers(
        &self,
        _ready: &Self::Ready,
        _request: &Request,
        _url: &Url,
        _headers: &mut HeaderMap,
    ) -> Result<()> {
        Ok(())
    }

    /// An attempt is about to be sent.
    fn begins(&self, _call: &Call<'_>) {}

    /// A reply with this status came.
    fn replied(&self, _call: &Call<'_>, _status: u16) {}

    /// The service asks to wait for that long.
    fn is_limited(&self, _call: &Call<'_>, _wait: Duration) {}

    /// After a 401: whether the next attempt is made with something fresh, so that it is worth another one.
    fn renews(&self, _call: &Call<'_>, _ready: &Self::Ready) -> bool {
        false
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

/// Sends `request` until it is delivered, or the law says stop.
pub async fn make<E: Endpoint>(
    call: &Call<'_>,
    endpoint: &E,
    request: &Request,
) -> std::result::Result<Delivered, Undelivered> {
    let mut attempt = 0;
    let mut refreshed = false;
    let mut lost_before = false;
    loop {
        let ready = endpoint.prepare(call).await.map_err(|error| Undelivered {
            error,
            may_have_acted: false,
            lost_before,
        })?;
        let (error, outcome, acted) = match attempt_once(call, endpoint, request, &ready).await {
            Ok(raw) if (200..300).contains(&raw.status) => return Ok(Delivered { raw }),
            Ok(raw) => {
                let is_stale = raw.status == 401 && !refreshed && endpoint.renews(call, &ready);
                // A POST is sent once: whoever says 401 may have carried it out all the same.
                let is_post = request.method == Method::Post;
                if is_stale && !is_post {
                    refreshed = true;
                    continue;
                }
                let (error, outcome, acted) = judge(call, endpoint, &raw);
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
            share(),
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

async fn attempt_once<E: Endpoint>(
    call: &Call<'_>,
    endpoint: &E,
    request: &Request,
    ready: &E::Ready,
) -> std::result::Result<Raw, Failure> {
    let outgoing = outgoing(call, endpoint, request, ready).map_err(|error| Failure {
        error,
        outcome: Outcome::Final,
        sent: false,
    })?;
    endpoint.begins(call);
    let started = Instant::now();
    let limit = call.settings.maximum_reply_bytes;
    let result = transport::exchange(&call.connections, outgoing, limit, call.monitor).await;
    let outcome = match &result {
        Ok(raw) => {
            if let Some(date) = reply::date(&raw.headers) {
                call.resolved.credential.set_clock(date);
            }
            endpoint.replied(call, raw.status);
            log::ExchangeEnd::Status(raw.status)
        }
        Err(failure) => log::ExchangeEnd::Code(failure.error.code().name()),
    };
    let exchange = Message::Exchange {
        method: request.method.name(),
        path: endpoint.path(request).to_owned(),
        outcome,
        took: started.elapsed(),
    };
    call.monitor.note_message(Level::Debug, exchange);
    result
}

fn outgoing<E: Endpoint>(
    call: &Call<'_>,
    endpoint: &E,
    request: &Request,
    ready: &E::Ready,
) -> Result<Outgoing> {
    let url = endpoint.url(call, ready, request)?;
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
    headers
        .entry(USER_AGENT)
        .or_insert(user_agent(call.settings));
    endpoint.add_headers(ready, request, &url, &mut headers)?;
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

fn user_agent(settings: &Settings) -> HeaderValue {
    const OWN: &str = concat!("sailpat/", env!("CARGO_PKG_VERSION"));
    settings
        .consumer
        .as_ref()
        .and_then(|consumer| HeaderValue::from_str(&format!("{OWN} ({consumer})")).ok())
        .unwrap_or(HeaderValue::from_static(OWN))
}

/// What an error status means, for the caller and for the law.
fn judge<E: Endpoint>(call: &Call<'_>, endpoint: &E, raw: &Raw) -> (Error, Outcome, bool) {
    let error = reply::refusal(raw);
    let retry_after = error.detail().retry_after;
    if raw.status == 429 {
        endpoint.is_limited(call, retry_after.unwrap_or(Duration::from_secs(1)));
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
