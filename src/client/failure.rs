//! What went wrong where an exchange brought no whole reply, in this library's codes.
//!
//! The libraries below say it by the types of their errors, but for two, whose words count: hyper keeps to its servers
//! the question whether a head was too large, and nobody can name hyper-util's type of a failed tunnel. Tests hold them.

use std::error::Error as Cause;

use crate::client::retry::Outcome;
use crate::error::{Code, Error};

/// An exchange that brought no whole reply.
pub struct Failure {
    pub error: Error,
    pub outcome: Outcome,
    /// Whether the server may have acted on the request.
    pub sent: bool,
}

impl Failure {
    /// One that came with a reply, and would come with the next one.
    pub fn lasting(error: Error) -> Self {
        Failure {
            error,
            outcome: Outcome::Final,
            sent: true,
        }
    }
}

/// The connection broke in the middle of a reply's body.
pub fn of_body(error: &reqwest::Error, origin: &str) -> Failure {
    let message = format!(
        "the connection to {origin} broke in the middle of the reply: {}",
        causes(error)
    );
    Failure {
        error: Error::new(Code::ConnectionFailed, message).retryable(),
        outcome: Outcome::ConnectionFault,
        sent: true,
    }
}

/// No reply came, or none whose head can be read.
pub fn of_request(error: &reqwest::Error, origin: &str) -> Failure {
    let sent = !error.is_connect();
    let lasting = |error| Failure {
        sent,
        ..Failure::lasting(error)
    };
    let no_http = cause(error).filter(|error: &&hyper::Error| error.is_parse());
    if no_http.is_some_and(|error| error.to_string() == LARGE_HEAD) {
        return lasting(large_head(origin));
    }
    if let Some(problem) = cause::<rustls::Error>(error) {
        return lasting(no_tls(origin, problem));
    }
    if let Some(problem) = tunnel_error(error) {
        return match problem.as_str() {
            WANTS_LOGIN => lasting(proxy_login()),
            problem => through_proxy(origin, &causes(error), problem == UNREACHED),
        };
    }
    if no_http.is_some() {
        return lasting(unlike_http(origin, &causes(error)));
    }
    Failure {
        error: no_connection(origin, &causes(error), sent),
        outcome: Outcome::ConnectionFault,
        sent,
    }
}

fn large_head(origin: &str) -> Error {
    Error::new(
        Code::ReplyTooLarge,
        format!("the headers of the reply of {origin} are too large or too many (at most 100)"),
    )
}

fn no_tls(origin: &str, problem: &rustls::Error) -> Error {
    Error::new(
        Code::TlsFailed,
        format!("TLS with {origin} failed: {problem}"),
    )
    .with_remedy("check the host name and clock; for a private CA name its certificate in caFile")
}

fn unlike_http(origin: &str, causes: &str) -> Error {
    Error::new(
        Code::ReplyInvalid,
        format!("{origin} does not answer in HTTP/1.1: {causes}"),
    )
}

fn no_connection(origin: &str, causes: &str, sent: bool) -> Error {
    let message = match sent {
        true => format!("the connection to {origin} broke before a reply came: {causes}"),
        false => format!("cannot connect to {origin}: {causes}"),
    };
    Error::new(Code::ConnectionFailed, message)
        .retryable()
        .with_remedy("check the base URL, the network and the proxy settings")
}

/// The proxy could not be reached, which may pass, or it refused the way, which stays.
fn through_proxy(origin: &str, causes: &str, unreached: bool) -> Failure {
    let mut error = Error::new(
        Code::ProxyFailed,
        format!("the proxy on the way to {origin} failed: {causes}"),
    )
    .with_remedy("check the proxy setting and HTTPS_PROXY, and that the proxy may reach the host");
    error.detail_mut().retryable = unreached;
    let outcome = match unreached {
        true => Outcome::ConnectionFault,
        false => Outcome::Final,
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

/// What hyper says of a head that is too large, or has too many headers.
const LARGE_HEAD: &str = "message head is too large";
/// What hyper-util's error of a tunnel begins with.
const TUNNEL_ERROR: &str = "tunnel error: ";
/// The proxy answered 407.
const WANTS_LOGIN: &str = "proxy authorization required";
/// No connection to the proxy came about.
pub const UNREACHED: &str = "failed to create underlying connection";

/// What became of the tunnel through a proxy.
fn tunnel_error(error: &reqwest::Error) -> Option<String> {
    chain(error).find_map(|cause| {
        let words = cause.to_string();
        words.strip_prefix(TUNNEL_ERROR).map(str::to_owned)
    })
}

/// The first cause of that type.
fn cause<T: Cause + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(|cause| cause.downcast_ref())
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::client::tls;

    /// The versions whose words were read.
    const READ: &str = "hyper 1.12.0, hyper-util 0.1.21";

    /// What becomes of a request to a server, or through a proxy, that answers with these bytes and hangs up.
    async fn answered(answer: &'static [u8], through_proxy: bool) -> reqwest::Error {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await.unwrap();
            stream.write_all(answer).await.unwrap();
        };
        let asking = match through_proxy {
            true => asked("https://localhost", Some(&url)),
            false => asked(&url, None),
        };
        tokio::join!(serving, asking).1
    }

    async fn asked(url: &str, proxy: Option<&str>) -> reqwest::Error {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .http1_only()
            .tls_backend_preconfigured(tls::none().unwrap());
        let builder = match proxy {
            Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy).unwrap()),
            None => builder,
        };
        let client = builder.build().unwrap();
        client.get(url).send().await.unwrap_err()
    }

    #[tokio::test]
    async fn what_is_no_http_is_told_by_the_type_of_its_error() {
        let code = |error: &reqwest::Error| of_request(error, "o").error.code();
        for answer in [
            b"220 smtp.example.com ESMTP\r\n".as_slice(),
            b"HTTP/9.9 200 OK\r\n\r\n",
            b"HTTP/1.1 2x0 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        ] {
            let error = answered(answer, false).await;
            let said = String::from_utf8_lossy(answer);
            assert_eq!(
                code(&error),
                Code::ReplyInvalid,
                "{said}: {}",
                causes(&error)
            );
        }
        let large = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(200));
        let error = answered(large.leak().as_bytes(), false).await;
        let now = causes(&error);
        assert_eq!(code(&error), Code::ReplyTooLarge, "not as in {READ}: {now}");
        let error = answered(b"", false).await;
        assert_eq!(code(&error), Code::ConnectionFailed, "{}", causes(&error));
    }

    #[tokio::test]
    async fn the_words_of_a_failed_tunnel_are_those_that_are_known() {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = format!("http://{}", free.local_addr().unwrap());
        drop(free);
        for (error, words, code, retryable) in [
            (
                answered(b"HTTP/1.1 407 No\r\n\r\n", true).await,
                WANTS_LOGIN,
                Code::ProxyAuthRequired,
                false,
            ),
            (
                answered(b"HTTP/1.1 403 No\r\n\r\n", true).await,
                "unsuccessful",
                Code::ProxyFailed,
                false,
            ),
            (
                answered(b"", true).await,
                "unexpected end of file",
                Code::ProxyFailed,
                false,
            ),
            (
                asked("https://localhost", Some(&nobody)).await,
                UNREACHED,
                Code::ProxyFailed,
                true,
            ),
        ] {
            let now = causes(&error);
            let said = tunnel_error(&error);
            assert_eq!(said.as_deref(), Some(words), "not as in {READ}: {now}");
            let failure = of_request(&error, "o");
            assert_eq!(failure.error.code(), code, "{now}");
            assert_eq!(failure.error.detail().retryable, retryable, "{now}");
            assert!(!failure.sent, "{now}");
        }
    }
}
