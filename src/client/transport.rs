//! One HTTP exchange: no retry, no bearer of its own, no redirect, within limits.

use std::error::Error as Cause;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Url, redirect};
use zeroize::Zeroizing;

use crate::client::charset;
use crate::client::encoding::{Decoder, DecodingError};
use crate::client::log::Level;
use crate::client::monitor::{Monitor, Peer, Phase};
use crate::client::proxy::{Proxies, tunnel};
use crate::client::resolve;
use crate::client::retry::Outcome;
use crate::client::tls::{self, Trust};
use crate::error::{Code, Error, Result};

/// Shorter than the idle time-outs of servers and load balancers in use.
const IDLE: Duration = Duration::from_secs(50);

/// A reply's announced length is trusted this far when memory is set aside for it.
const LARGEST_RESERVE: u64 = 64 * 1024 * 1024;

/// So much is read of the body of a refusal; an error shows less.
const LONGEST_REFUSAL: u64 = 1024 * 1024;

/// The way to a server: what makes two connections interchangeable.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Wire {
    pub proxy: Proxies,
    /// None for plain http.
    pub trust: Option<Trust>,
    pub connect_timeout: Duration,
}

/// A pool of connections over one wire.
#[derive(Clone)]
pub struct Connections {
    http: reqwest::Client,
    proxies: Proxies,
}

impl Connections {
    pub async fn open(wire: &Wire) -> Result<Self> {
        let tls = match &wire.trust {
            Some(trust) => tls::configuration(trust).await?,
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
            .dns_resolver(Arc::new(resolve::System))
            .tls_backend_preconfigured(tls);
        if let Some(proxies) = wire.proxy.taken() {
            builder = builder.proxy(proxies);
        }
        Ok(Connections {
            http: builder.build().map_err(unusable)?,
            proxies: wire.proxy.clone(),
        })
    }
}

impl Connections {
    /// Who answers: its name is looked up here, or the proxy's is.
    pub fn peer(&self, url: &Url) -> Arc<Peer> {
        let proxy = self.proxies.way(url).map(|route| route.url.clone());
        let of_proxy = proxy.as_deref().and_then(|url| Url::parse(url).ok());
        let host = of_proxy.as_ref().unwrap_or(url).host_str();
        Arc::new(Peer {
            origin: url.origin().ascii_serialization(),
            host: host.unwrap_or_default().to_owned(),
            proxy,
        })
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
    /// The text in UTF-8, whatever it came in.
    pub body: Vec<u8>,
    /// Why the body of a refusal is not there.
    pub unread: Option<String>,
}

/// An exchange that brought no whole reply.
pub struct Failure {
    pub error: Error,
    pub outcome: Outcome,
    /// Whether the server may have acted on the request.
    pub sent: bool,
}

/// Sends and reads the whole reply, at most `limit` bytes of its text.
pub async fn exchange(
    connections: &Connections,
    outgoing: Outgoing,
    limit: u64,
    monitor: &Monitor,
) -> std::result::Result<Raw, Failure> {
    let url = outgoing.url.clone();
    let origin = url.origin().ascii_serialization();
    monitor.speaks_to(connections.peer(&url));
    let mut request = reqwest::Request::new(outgoing.method, outgoing.url);
    *request.headers_mut() = outgoing.headers;
    // Not a copy: the bytes are wiped when the HTTP library lets go of them.
    *request.body_mut() = outgoing.body.map(|body| Bytes::from_owner(body).into());
    let response = match connections.http.execute(request).await {
        Ok(response) => response,
        Err(error) => {
            let failure = classify(&error, &origin);
            return Err(tunnel::named(failure, &connections.proxies, &url).await);
        }
    };
    monitor.enter(Phase::Receiving);
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let ReadBody { text, unread } = read(response, &headers, limit, &origin, monitor).await?;
    Ok(Raw {
        status,
        headers,
        body: text,
        unread,
    })
}

/// The reply's text in UTF-8, without the codings and the charset that it came in.
async fn read(
    response: reqwest::Response,
    headers: &HeaderMap,
    limit: u64,
    origin: &str,
    monitor: &Monitor,
) -> std::result::Result<ReadBody, Failure> {
    if response.status().as_u16() >= 300 {
        return read_refusal(response, headers, limit, origin, monitor).await;
    }
    let unreadable = |fault| unreadable(fault, origin, limit);
    let announced = response.content_length().unwrap_or(0);
    let mut body =
        Decoder::of(headers, limit, announced.min(LARGEST_RESERVE)).map_err(unreadable)?;
    if body.is_plain() && announced > limit {
        return Err(too_large(origin, limit));
    }
    unwrap(response, &mut body, origin, monitor)
        .await?
        .map_err(unreadable)?;
    let body = body.finish().map_err(unreadable)?;
    let read = charset::read(body, headers).map_err(|name| unknown_charset(&name, origin))?;
    if read.text.len() as u64 > limit {
        return Err(too_large(origin, limit));
    }
    if read.mended {
        monitor.note(
            Level::Warn,
            "the reply holds bytes that are no text: they show as U+FFFD",
        );
    }
    Ok(ReadBody {
        text: read.text,
        unread: None,
    })
}

/// What a refusal says with its status counts more than its body: of that, as much is read as can be, and no more
/// than an error shows.
async fn read_refusal(
    response: reqwest::Response,
    headers: &HeaderMap,
    limit: u64,
    origin: &str,
    monitor: &Monitor,
) -> std::result::Result<ReadBody, Failure> {
    let limit = limit.min(LONGEST_REFUSAL);
    let announced = response.content_length().unwrap_or(0).min(limit);
    let body = match Decoder::of(headers, limit, announced) {
        Ok(mut body) => match unwrap(response, &mut body, origin, monitor).await? {
            Ok(()) => body.finish(),
            Err(DecodingError::TooLarge) => Ok(body.so_far()),
            Err(fault) => Err(fault),
        },
        Err(fault) => Err(fault),
    };
    let text = body
        .map_err(|fault| said(&fault))
        .and_then(|body| charset::read(body, headers).map_err(|kind| charset_problem(&kind)));
    Ok(match text {
        Ok(read) => ReadBody {
            text: read.text,
            unread: None,
        },
        Err(why) => ReadBody {
            text: Vec::new(),
            unread: Some(why),
        },
    })
}

struct ReadBody {
    text: Vec<u8>,
    unread: Option<String>,
}

async fn unwrap(
    mut response: reqwest::Response,
    body: &mut Decoder,
    origin: &str,
    monitor: &Monitor,
) -> std::result::Result<std::result::Result<(), DecodingError>, Failure> {
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| half_a_body(&error, origin))?
    {
        monitor.add_received(chunk.len());
        if let Err(fault) = body.push(&chunk) {
            return Ok(Err(fault));
        }
    }
    Ok(Ok(()))
}

fn unreadable(fault: DecodingError, origin: &str, limit: u64) -> Failure {
    if fault == DecodingError::TooLarge {
        return too_large(origin, limit);
    }
    invalid(format!(
        "the reply of {origin} cannot be read: {}",
        said(&fault)
    ))
}

fn said(fault: &DecodingError) -> String {
    match fault {
        DecodingError::TooLarge => "it is larger than the limit".to_owned(),
        DecodingError::TooMany => "it is packed more often than any server means".to_owned(),
        DecodingError::Corrupt(name) => format!("it says that it is {name} and is not"),
        DecodingError::Cut(name) => format!("it ends in the middle of its {name}"),
        DecodingError::Unknown(name) => {
            format!("its content encoding '{name}' is not known (gzip, deflate and br are)")
        }
    }
}

fn unknown_charset(kind: &str, origin: &str) -> Failure {
    invalid(format!(
        "the reply of {origin} cannot be read: {}",
        charset_problem(kind)
    ))
}

fn charset_problem(kind: &str) -> String {
    format!("the charset of its Content-Type '{kind}' is not known")
}

fn invalid(message: String) -> Failure {
    let error = Error::new(Code::ReplyInvalid, message).with_remedy(
        "look at what stands between this machine and the service, and changes replies",
    );
    Failure {
        error,
        outcome: Outcome::Final,
        sent: true,
    }
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
            format!("the headers of the reply of {origin} are too large or too many (at most 100)"),
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
