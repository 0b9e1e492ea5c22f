//! One HTTP exchange: no retry, no bearer of its own, no redirect, within limits.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Url, redirect};
use zeroize::Zeroizing;

use crate::client::charset;
use crate::client::encoding::{Decoder, DecodingError};
use crate::client::failure::{self, Failure};
use crate::client::log::Level;
use crate::client::monitor::{Monitor, Peer, Phase};
use crate::client::proxy::{Proxies, tunnel};
use crate::client::resolve;
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
            let failure = failure::of_request(&error, &origin);
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
        .map_err(|error| failure::of_body(&error, origin))?
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
    Failure::lasting(Error::new(Code::ReplyInvalid, message).with_remedy(
        "look at what stands between this machine and the service, and changes replies",
    ))
}

fn too_large(origin: &str, limit: u64) -> Failure {
    let message = format!("the reply of {origin} is larger than the limit of {limit} bytes");
    Failure::lasting(
        Error::new(Code::ReplyTooLarge, message)
            .with_remedy("narrow the request, or raise maximumReplyBytes"),
    )
}
