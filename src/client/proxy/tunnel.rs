//! A proxy's answer to CONNECT, asked for by hand, and what a failing proxy is said to have done.
//!
//! The HTTP library keeps the status of that answer to itself. So a proxy that refused the way is asked once more on
//! a connection of its own, briefly, and gets nothing but its own login and the name of the host.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use super::{Proxies, ProxyRoute};
use crate::client::address::{self, bare};
use crate::client::failure::{self, Failure, UNREACHED};
use crate::error::{Code, Error};

/// A proxy's answer to CONNECT is short.
const LONGEST_ANSWER: usize = 16 * 1024;
/// It has just answered, so it will again at once.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// Asks the proxy for a tunnel to `url`; gives the status of its answer.
pub async fn ask(stream: &mut TcpStream, route: &ProxyRoute, url: &Url) -> Result<u16, String> {
    let head = head(route, url).ok_or("the address names no host")?;
    let broken = |error: std::io::Error| format!("the connection broke: {error}");
    stream.write_all(head.as_bytes()).await.map_err(broken)?;
    // Byte by byte: what follows the answer belongs to the server behind it.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let byte = stream.read_u8().await.map_err(broken)?;
        answer.push(byte);
        if answer.len() > LONGEST_ANSWER {
            return Err("its answer is too long".to_owned());
        }
    }
    let text = String::from_utf8_lossy(&answer);
    let status = text
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.get(2..5))
        .and_then(|status| status.parse().ok());
    status.ok_or_else(|| "it does not answer in HTTP".to_owned())
}

fn head(route: &ProxyRoute, url: &Url) -> Option<Zeroizing<String>> {
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    let mut head = Zeroizing::new(format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"
    ));
    if let Some((user, password)) = &route.login {
        let login = Zeroizing::new(format!("{user}:{}", password.as_str()));
        let login = Zeroizing::new(STANDARD.encode(login.as_bytes()));
        head.push_str("Proxy-Authorization: Basic ");
        head.push_str(&login);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    Some(head)
}

/// The proxy lets nobody through to `url`; `answer` is what it said to CONNECT.
pub fn refused(route: &ProxyRoute, url: &Url, answer: &Result<u16, String>) -> Error {
    let problem = match answer {
        Ok(407) => return wants_login(route),
        Ok(status) => format!("it answers {status} to CONNECT"),
        Err(problem) => problem.clone(),
    };
    let place = address::place(url);
    let message = format!(
        "{} does not let {place} through: {problem}",
        route.described()
    );
    let mut error = failed(route, message, &place);
    error.detail_mut().retryable = matches!(answer, Ok(502..=504));
    error
}

/// The proxy itself cannot be connected to.
pub fn unreachable(route: &ProxyRoute, url: &Url, why: &str) -> Error {
    let message = format!("{} cannot be reached: {why}", route.described());
    failed(route, message, &address::place(url)).retryable()
}

/// The proxy wants a login that was not given, or another one.
pub fn wants_login(route: &ProxyRoute) -> Error {
    let mut error = failure::proxy_login();
    let message = &mut error.detail_mut().message;
    *message = message.replacen("the proxy", &route.described(), 1);
    error
}

fn failed(route: &ProxyRoute, message: String, place: &str) -> Error {
    Error::new(Code::ProxyFailed, message).with_remedy(format!(
        "check {}, that the proxy runs, and that it may reach {place}",
        route.from
    ))
}

/// A failure on the way through a proxy, with the proxy's name and what it said.
pub async fn named(mut failure: Failure, proxies: &Proxies, url: &Url) -> Failure {
    let Some(route) = proxies.way(url) else {
        return failure;
    };
    let detail = failure.error.detail();
    let reason = detail.message.rsplit_once(UNREACHED);
    let reason = reason.map(|(_, why)| why.trim_start_matches(": "));
    let error = match (detail.code, reason) {
        (Code::ProxyAuthRequired, _) => wants_login(route),
        (Code::ProxyFailed, Some(why)) => unreachable(route, url, why),
        (Code::ProxyFailed, None) => refused(route, url, &asked_again(route, url).await),
        // Over plain http the library connects to the proxy and speaks of the server.
        (Code::ConnectionFailed, _) if !failure.sent && url.scheme() == "http" => {
            let origin = url.origin().ascii_serialization();
            let why = detail.message.rsplit(&format!("{origin}: ")).next();
            unreachable(route, url, why.unwrap_or_default())
        }
        _ => return failure,
    };
    failure.error = error;
    failure
}

/// The status that the proxy gives now. A second answer other than the first counts too: the first is not known.
async fn asked_again(route: &ProxyRoute, url: &Url) -> Result<u16, String> {
    let unknown = |why: &str| format!("its answer to CONNECT is not known ({why})");
    let Some((host, port)) = route.place().filter(|_| !route.is_encrypted()) else {
        return Err(unknown("the way to the proxy is TLS itself"));
    };
    let asking = async {
        let connected = TcpStream::connect((bare(&host), port)).await;
        let mut stream = connected.map_err(|error| unknown(&error.to_string()))?;
        ask(&mut stream, route, url).await
    };
    match tokio::time::timeout(ANSWER_LIMIT, asking).await {
        Ok(Ok(200..=299)) => Err(unknown("asked again, it lets it through")),
        Ok(answer) => answer,
        Err(_) => Err(unknown("asked again, it gives none")),
    }
}
