//! Name resolution, of the host that is connected to: the base URL's, or the proxy's.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use reqwest::Url;
use serde_json::json;

use super::check::{Check, Name, spoken};
use crate::client::address::bare;
use crate::client::config::Resolved;
use crate::client::proxy::ProxyRoute;
use crate::client::resolve;

/// More addresses than this are counted, not shown.
const SHOWN: usize = 4;

pub async fn check(
    resolved: &Resolved,
    route: Option<&ProxyRoute>,
) -> (Check, Option<Vec<SocketAddr>>) {
    let proxy = route.and_then(|route| Url::parse(&route.url).ok());
    let Some((host, port)) = place(proxy.as_ref().unwrap_or(&resolved.base_url)) else {
        let check = Check::failed(
            Name::Names,
            "the base URL names no host",
            "check the base URL",
        );
        return (check, None);
    };
    let started = Instant::now();
    let result = resolve::addresses(&host).await;
    let took = started.elapsed();
    let of_proxy = if proxy.is_some() { " (the proxy)" } else { "" };
    let addresses: Vec<SocketAddr> = match result {
        Ok(found) => found
            .into_iter()
            .map(|address| SocketAddr::new(address.ip(), port))
            .collect(),
        Err(error) => {
            let check = Check::failed(
                Name::Names,
                format!("{host}{of_proxy} is not known: {error}"),
                match route {
                    Some(route) => format!("check {}, and this machine's name servers", route.from),
                    None => "check the base URL for a slip, and this machine's name servers and network; where only a proxy reaches the internet, set it".to_owned(),
                },
            );
            return (check, None);
        }
    };
    if host.parse::<IpAddr>().is_ok() {
        let found = format!("{host}{of_proxy} is an address, there is no name to resolve");
        return (Check::ok(Name::Names, found), Some(addresses));
    }
    let mut texts: Vec<String> = addresses.iter().map(|a| a.ip().to_string()).collect();
    texts.dedup();
    let value = json!({"host": host, "addresses": texts, "ms": took.as_secs_f64() * 1e3});
    let more = texts.len().saturating_sub(SHOWN);
    texts.truncate(SHOWN);
    if more > 0 {
        texts.push(format!("{more} more"));
    }
    let found = format!(
        "{host}{of_proxy} is {}, in {}",
        texts.join(", "),
        spoken(took)
    );
    let check = Check::ok(Name::Names, found).with_value(value);
    (check, Some(addresses))
}

/// Host and port of a URL, an IPv6 address without its brackets.
pub fn place(url: &Url) -> Option<(String, u16)> {
    let host = url.host_str()?;
    Some((bare(host).to_owned(), url.port_or_known_default()?))
}
