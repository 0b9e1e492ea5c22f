//! One HTTP exchange: no retry, no bearer of its own, no redirect, within limits.

use std::error::Error as Cause;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Url, redirect};
use zeroize::Zeroizing;

use crate::client::monitor::{Monitor, Phase};
use crate::client::proxy::ProxyRoute;
use crate::client::retry::Outcome;
use crate::client::tls::{self, Trust};
use crate::error::{Code, Error, Result};

/// Shorter than the idle time-outs of servers and load balancers in use.
const IDLE: Duration = Duration::from_secs(50);

/// A reply's announced length is trusted this far when memory is set aside for it.
const LARGEST_RESERVE: u64 = 64 * 1024 * 1024;

/// The way to a server: what makes two connections interchangeable.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Wire {
    pub proxy: Option<ProxyRoute>,
    /// None for plain http.
    pub trust: Option<Trust>,
    pub connect_timeout: Duration,
}

/// A pool of connections over one wire.
#[derive(Clone)]
pub struct Connections(reqwest::Client);

impl Connections {
    pub fn open(wire: &Wire) -> Result<Self> {
        let tls = match &wire.trust {
            Some(trust) => tls::configuration(trust)?,
            None => tls::none()?,
        };
        let unusable = |error: reqwest::Error| {
            Error::new(
                Code::Internal,
                format!("the HTTP client cannot be set up: {error}"),
            )
        };
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .http1_only()
            .connect_timeout(wire.connect_timeout)
            .pool_idle_timeout(IDLE)
            .tls_backend_preconfigured(tls);
        if let Some(route) = &wire.proxy {
            builder = builder.proxy(route.proxy().map_err(unusable)?);
        }
        builder.build().map(Connections).map_err(unusable)
    }
}

/// What is sent.
pub struct Outgoing {
    pub method: reqwest::Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Zeroizing<Vec<u8>>>,
}

/// What came back, whole.
pub struct Raw {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// An exchange that brought no whole reply.
pub struct Failure {
    pub error: Error,
    pub outcome: Outcome,
    /// Whether the server may have acted on the request.
    pub sent: bool,
}

/// Sends and reads the whole reply, at most `limit` bytes of it.
pub async fn exchange(
    connections: &Connections,
    outgoing: Outgoing,
    limit: u64,
    monitor: &Monitor,
) -> std::result::Result<Raw, Failure> {
    let origin = outgoing.url.origin().ascii_serialization();
    let mut request = reqwest::Request::new(outgoing.method, outgoing.url);
    *request.headers_mut() = outgoing.headers;
    // Not a copy: the bytes are wiped when the HTTP library lets go of them.
    *request.body_mut() = outgoing.body.map(|body| Bytes::from_owner(body).into());
    let response = connections
        .0
        .execute(request)
        .await
        .map_err(|error| classify(&error, &origin))?;
    monitor.enter(Phase::Receiving);
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = read(response, limit, &origin, monitor).await?;
    Ok(Raw {
        status,
        headers,
        body,
    })
}

async fn read(
    mut response: reqwest::Response,
    limit: u64,
    origin: &str,
    monitor: &Monitor,
) -> std::result::Result<Vec<u8>, Failure> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit {
        return Err(too_large(origin, limit));
    }
    let mut body = Vec::with_capacity(announced.min(LARGEST_RESERVE) as usize);
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| half_a_body(&error, origin))?
    {
        if (body.len() + chunk.len()) as u64 > limit {
            return Err(too_large(origin, limit));
        }
        monitor.add_received(chunk.len());
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn too_large(origin: &str, limit: u64) -> Failure {
    let error = Error::new(
        Code::ReplyTooLarge,
        format!("the reply of {origin} is larger than the limit of {limit} bytes"),
    )
    .with_remedy("narrow the request, or raise maximumReplyBytes");
    Failure {
        error,
        outcome: Outcome::Final,
        sent: true,
    }
}

fn half_a_body(error: &reqwest::Error, origin: &str) -> Failure {
    let error = Error::new(
        Code::ConnectionFailed,
        format!(
            "the connection to {origin} broke in the middle of the reply: {}",
            causes(error)
        ),
    )
    .retryable();
    Failure {
        error,
        outcome: Outcome::ConnectionFault,
        sent: true,
    }
}

/// Says what failed, in this library's codes.
fn classify(error: &reqwest::Error, origin: &str) -> Failure {
    let causes = causes(error);
    let sent = !error.is_connect();
    let fails = |code, message: String| Error::new(code, message);
    if causes.contains("message head is too large") {
        let error = fails(
            Code::ReplyTooLarge,
            format!("the reply headers of {origin} are too large"),
        );
        return Failure {
            error,
            outcome: Outcome::Final,
            sent,
        };
    }
    if let Some(problem) = tls_problem(error) {
        let error = fails(
            Code::TlsFailed,
            format!("TLS with {origin} failed: {problem}"),
        )
        .with_remedy(
            "check the host name and clock; for a private CA name its certificate in caFile",
        );
        return Failure {
            error,
            outcome: Outcome::Final,
            sent,
        };
    }
    if causes.contains("proxy authorization required") {
        return Failure {
            error: proxy_login(),
            outcome: Outcome::Final,
            sent,
        };
    }
    if causes.contains("tunnel") {
        return through_proxy(origin, &causes);
    }
    if causes.contains("invalid") && causes.contains("parsed") || causes.contains("invalid HTTP") {
        let error = fails(
            Code::ReplyInvalid,
            format!("{origin} does not answer in HTTP/1.1: {causes}"),
        );
        return Failure {
            error,
            outcome: Outcome::Final,
            sent,
        };
    }
    let what = if sent {
        "the connection to"
    } else {
        "cannot connect to"
    };
    let how = if sent {
        "broke before a reply came: "
    } else {
        ""
    };
    let separator = if sent { " " } else { ": " };
    let error = fails(
        Code::ConnectionFailed,
        format!("{what} {origin}{separator}{how}{causes}"),
    )
    .retryable()
    .with_remedy("check the base URL, the network and the proxy settings");
    Failure {
        error,
        outcome: Outcome::ConnectionFault,
        sent,
    }
}

/// The proxy could not be reached, which may pass, or it refused the way, which stays.
fn through_proxy(origin: &str, causes: &str) -> Failure {
    let unreachable = causes.contains("underlying connection");
    let mut error = Error::new(
        Code::ProxyFailed,
        format!("the proxy on the way to {origin} failed: {causes}"),
    )
    .with_remedy("check the proxy setting and HTTPS_PROXY, and that the proxy may reach the host");
    error.detail_mut().retryable = unreachable;
    let outcome = if unreachable {
        Outcome::ConnectionFault
    } else {
        Outcome::Final
    };
    Failure {
        error,
        outcome,
        sent: false,
    }
}

/// The proxy wants a login that was not given, or is wrong.
pub fn proxy_login() -> Error {
    Error::new(Code::ProxyAuthRequired, "the proxy wants a login (407)")
        .with_remedy("give the proxy as {url, username, password}; only Basic logins are supported")
}

/// The first TLS error among the causes.
fn tls_problem(error: &reqwest::Error) -> Option<String> {
    chain(error)
        .find_map(|cause| cause.downcast_ref::<rustls::Error>())
        .map(ToString::to_string)
}

/// The causes of an error, also those that an I/O error wraps without naming them as its source.
fn chain<'e>(error: &'e reqwest::Error) -> impl Iterator<Item = &'e (dyn Cause + 'static)> {
    std::iter::successors(error.source(), |cause| {
        let cause: &'e (dyn Cause + 'static) = *cause;
        match cause
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn Cause + 'static)),
            None => cause.source(),
        }
    })
}

/// All causes of an error in one line; never its URL.
fn causes(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in chain(error) {
        let text = cause.to_string();
        if parts.last().is_none_or(|last| !last.contains(&text)) {
            parts.push(text);
        }
    }
    if parts.is_empty() {
        "no further cause is known".to_owned()
    } else {
        parts.join(": ")
    }
}
