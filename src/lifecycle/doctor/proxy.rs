//! The connection, and the proxy it goes through where there is one.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use super::Examination;
use super::check::{Check, Name, spoken};
use super::names::place;
use crate::client::config::Resolved;
use crate::client::proxy::{ProxyRoute, proxy_variables};
use crate::client::transport;

/// A proxy's answer to CONNECT is short.
const LONGEST_ANSWER: usize = 16 * 1024;

/// How far the way to the service leads.
pub enum Way {
    /// To the service, in this time.
    Open(TcpStream, Duration),
    /// To a proxy that is itself spoken to over TLS: only the HTTP library can go on.
    Library,
    /// Nowhere, and no proxy is in use.
    Closed(std::io::Error),
}

/// The proxy that requests to the base URL go through.
pub fn route(resolved: &Resolved) -> Option<&ProxyRoute> {
    let route = resolved.wire.proxy.as_ref();
    route.filter(|route| route.carries(&resolved.base_url))
}

pub async fn check(
    examination: &Examination<'_>,
    resolved: &Resolved,
    route: Option<&ProxyRoute>,
    addresses: &[SocketAddr],
) -> (Check, Option<Way>) {
    let started = Instant::now();
    let connected = TcpStream::connect(addresses).await;
    let Some(route) = route else {
        let none = match &resolved.wire.proxy {
            Some(proxy) => format!("none: {} is set, and not for this host", proxy.url),
            None => "none".to_owned(),
        };
        let way = match connected {
            Ok(stream) => Way::Open(stream, started.elapsed()),
            Err(error) => Way::Closed(error),
        };
        return (Check::ok(Name::Proxy, none), Some(way));
    };
    let from = place_of_setting(examination, resolved);
    let value = json!({"url": route.url, "from": from});
    let name = format!("{} ({from})", route.url);
    let mut stream = match connected {
        Ok(stream) => stream,
        Err(error) => {
            let check = Check::failed(
                Name::Proxy,
                format!("{name} cannot be reached: {error}"),
                format!("check {from}, and that the proxy runs"),
            );
            return (check.with_value(value), None);
        }
    };
    let ok = |how: &str| {
        Check::ok(
            Name::Proxy,
            format!("{name}, {how} in {}", spoken(started.elapsed())),
        )
        .with_value(value.clone())
    };
    if route.url.starts_with("https:") {
        return (ok("reached"), Some(Way::Library));
    }
    if resolved.base_url.scheme() == "http" {
        return (ok("reached"), Some(Way::Open(stream, started.elapsed())));
    }
    match connect_through(&mut stream, resolved, route).await {
        Ok(200..=299) => (ok("through it"), Some(Way::Open(stream, started.elapsed()))),
        Ok(407) => {
            let error = transport::proxy_login();
            (
                Examination::failed(Name::Proxy, &error).with_value(value),
                None,
            )
        }
        answer => {
            let problem = match answer {
                Ok(status) => format!("answers {status}"),
                Err(problem) => problem,
            };
            let check = Check::failed(
                Name::Proxy,
                format!("{name} does not let this host through: {problem}"),
                format!(
                    "check {from}, and that the proxy may reach {}",
                    resolved.base()
                ),
            );
            (check.with_value(value), None)
        }
    }
}

/// Where the proxy was named.
fn place_of_setting(examination: &Examination<'_>, resolved: &Resolved) -> String {
    if examination.client.settings().proxy.is_some() {
        return "setting proxy".to_owned();
    }
    let names = proxy_variables(resolved.base_url.scheme() == "https");
    let found = examination.surroundings.first_of(names);
    found.map_or_else(
        || "unknown".to_owned(),
        |(name, _)| format!("variable {name}"),
    )
}

/// Asks the proxy for a tunnel; gives the status of its answer.
async fn connect_through(
    stream: &mut TcpStream,
    resolved: &Resolved,
    route: &ProxyRoute,
) -> Result<u16, String> {
    let (host, port) = place(&resolved.base_url).ok_or("the base URL names no host")?;
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host
    };
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
