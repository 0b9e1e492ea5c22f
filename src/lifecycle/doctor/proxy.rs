//! The connection, and the proxy it goes through where there is one.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpStream;

use super::Examination;
use super::check::{Check, Name, spoken};
use crate::client::config::Resolved;
use crate::client::proxy::{ProxyRoute, tunnel};

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
    resolved.wire.proxy.way(&resolved.base_url)
}

pub async fn check(
    resolved: &Resolved,
    route: Option<&ProxyRoute>,
    addresses: &[SocketAddr],
) -> (Check, Option<Way>) {
    let started = Instant::now();
    let connected = TcpStream::connect(addresses).await;
    let url = &resolved.base_url;
    let Some(route) = route else {
        let none = match resolved.wire.proxy.named(url) {
            Some(proxy) => format!("none: {} is set, and not for this host", proxy.url),
            None => "none".to_owned(),
        };
        let way = match connected {
            Ok(stream) => Way::Open(stream, started.elapsed()),
            Err(error) => Way::Closed(error),
        };
        return (Check::ok(Name::Proxy, none), Some(way));
    };
    let value = json!({"url": route.url, "from": route.from});
    let failed = |error| {
        let check = Examination::failed(Name::Proxy, &error);
        (check.with_value(value.clone()), None)
    };
    let mut stream = match connected {
        Ok(stream) => stream,
        Err(error) => return failed(tunnel::unreachable(route, url, &error.to_string())),
    };
    let ok = |how: &str| {
        let found = format!(
            "{}, {how} in {}",
            route.described(),
            spoken(started.elapsed())
        );
        Check::ok(Name::Proxy, found).with_value(value.clone())
    };
    if route.is_encrypted() {
        return (ok("reached"), Some(Way::Library));
    }
    if url.scheme() == "http" {
        return (ok("reached"), Some(Way::Open(stream, started.elapsed())));
    }
    match tunnel::ask(&mut stream, route, url).await {
        Ok(200..=299) => (ok("through it"), Some(Way::Open(stream, started.elapsed()))),
        answer => failed(tunnel::refused(route, url, &answer)),
    }
}
