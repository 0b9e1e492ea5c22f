//! One HTTP exchange: no retry, no bearer of its own, no redirect, within limits.

use std::error::Error as Cause;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use reqwest::header::HeaderMap;
use reqwest::{NoProxy, Proxy, Url, redirect};
use zeroize::Zeroizing;

use crate::client::monitor::{Monitor, Phase};
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

/// A proxy, its login and the hosts that go around it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyRoute {
    pub url: String,
    pub login: Option<(String, Zeroizing<String>)>,
    pub bypass: String,
}

impl Hash for ProxyRoute {
    /// Leaves the login out: equality tells logins apart, and a hash of a secret serves nobody.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.url.hash(state);
        self.bypass.hash(state);
    }
}

impl ProxyRoute {
    /// Checks a proxy's URL; a login in it is taken out of it.
    pub fn new(
        field: &str,
        text: &str,
        login: Option<(String, Zeroizing<String>)>,
        bypass: String,
    ) -> Result<Self> {
        let wrong = || {
            Error::setting(
                field,
                "must be the URL of an http proxy, as http://proxy:8080",
            )
        };
        let full = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let mut url = Url::parse(&full).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong());
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let login = login.or_else(|| {
            let password = url.password().unwrap_or_default();
            (!url.username().is_empty())
                .then(|| (decoded(url.username()), Zeroizing::new(decoded(password))))
        });
        url.set_password(None).map_err(|()| wrong())?;
        url.set_username("").map_err(|()| wrong())?;
        Ok(ProxyRoute {
            url: url.to_string(),
            login,
            bypass,
        })
    }

    /// Whether requests to `url` go through it; its exclusions are read as the HTTP library reads them.
    pub fn carries(&self, url: &Url) -> bool {
        let matcher = Matcher::builder()
            .all(self.url.as_str())
            .no(self.bypass.as_str())
            .build();
        url.as_str()
            .parse()
            .is_ok_and(|uri| matcher.intercept(&uri).is_some())
    }

    fn proxy(&self) -> reqwest::Result<Proxy> {
        let mut proxy = Proxy::all(&self.url)?.no_proxy(NoProxy::from_string(&self.bypass));
        if let Some((user, password)) = &self.login {
            proxy = proxy.basic_auth(user, password);
        }
        Ok(proxy)
    }
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
    // The bytes are copied into the HTTP library's own buffer here; the original is wiped.
    *request.body_mut() = outgoing.body.map(|body| body.to_vec().into());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_in_a_proxy_url_is_taken_out_of_it() {
        let route = ProxyRoute::new(
            "proxy",
            "http://us%40er:p%3Aw@proxy:8080",
            None,
            String::new(),
        )
        .unwrap();
        assert_eq!(route.url, "http://proxy:8080/");
        let (user, password) = route.login.unwrap();
        assert_eq!((user.as_str(), password.as_str()), ("us@er", "p:w"));
    }

    #[test]
    fn a_proxy_carries_what_its_exclusions_leave() {
        let bypass = "inside.test,127.0.0.1".to_owned();
        let route = ProxyRoute::new("proxy", "http://proxy:8080", None, bypass).unwrap();
        for (url, carried) in [
            ("https://t.api.identitynow.com", true),
            ("https://a.inside.test/x", false),
            ("http://127.0.0.1:8080", false),
        ] {
            assert_eq!(route.carries(&Url::parse(url).unwrap()), carried, "{url}");
        }
    }

    #[test]
    fn a_proxy_needs_no_scheme_but_must_be_http() {
        let route = |text| ProxyRoute::new("HTTPS_PROXY", text, None, String::new());
        assert_eq!(route("proxy:3128").unwrap().url, "http://proxy:3128/");
        for text in ["socks5://p:1", "", "http://"] {
            let error = route(text).err().unwrap();
            assert!(
                error.to_string().starts_with("HTTPS_PROXY: must be"),
                "{error}"
            );
        }
    }
}
