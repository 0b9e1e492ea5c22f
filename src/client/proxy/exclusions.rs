//! The hosts that go around a proxy, read as curl and the Go tools read NO_PROXY.
//!
//! The HTTP library reads such lists, too, but knows neither blanks between entries, ports, brackets, `*.domain` nor
//! dots at the end; here is the one reading, for what is sent and for what is said about it.

use std::net::IpAddr;

use ipnet::IpNet;
use reqwest::Url;

use crate::client::address::bare;

/// What goes straight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Exclusions(Vec<Rule>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Rule {
    hosts: Hosts,
    /// None: every port.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Hosts {
    All,
    Network(IpNet),
    /// A name and all below it, in lower case, without dots around it.
    Domain(String),
}

impl Exclusions {
    /// Reads entries with commas or white space between them: `*`, domains with or without a dot in front, addresses,
    /// networks (10.0.0.0/8), each with `:port` after it where only that port is meant.
    pub fn read(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace());
        Exclusions(entries.filter_map(Rule::read).collect())
    }

    /// Whether requests to `url` go straight.
    pub fn hold(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        let host = bare(host).trim_end_matches('.').to_ascii_lowercase();
        let address = host.parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
        self.0.iter().any(|rule| {
            let is_port = rule.port.is_none() || rule.port == url.port_or_known_default();
            is_port && rule.hosts.hold(&host, address)
        })
    }
}

impl Hosts {
    fn hold(&self, host: &str, address: Option<IpAddr>) -> bool {
        match (self, address) {
            (Hosts::All, _) => true,
            (Hosts::Network(network), Some(address)) => network.contains(&address),
            (Hosts::Domain(domain), None) => host
                .strip_suffix(domain.as_str())
                .is_some_and(|before| before.is_empty() || before.ends_with('.')),
            _ => false,
        }
    }
}

impl Rule {
    fn read(entry: &str) -> Option<Self> {
        let whole = |hosts| Some(Rule { hosts, port: None });
        if let Some(network) = network(entry) {
            return whole(Hosts::Network(network));
        }
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (entry, None),
        };
        let hosts = match network(bare(host)) {
            Some(network) => Hosts::Network(network),
            None => Hosts::named(host)?,
        };
        Some(Rule { hosts, port })
    }
}

impl Hosts {
    fn named(host: &str) -> Option<Self> {
        if host == "*" {
            return Some(Hosts::All);
        }
        let name = host.strip_prefix('*').unwrap_or(host).trim_matches('.');
        if name.is_empty() {
            return None;
        }
        // An international name as a URL has it.
        let written = Url::parse(&format!("http://{name}/")).ok();
        let written = written.as_ref().and_then(|url| url.host_str());
        Some(Hosts::Domain(written.unwrap_or(name).to_ascii_lowercase()))
    }
}

/// A network, or an address as the network that holds nothing else.
fn network(text: &str) -> Option<IpNet> {
    let text = match text.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None => text,
    };
    let address = text.parse::<IpAddr>().ok();
    address
        .map(|address| IpNet::from(address.to_canonical()))
        .or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "https://t.api.identitynow.com/oauth/token";

    #[test]
    fn exclusions_are_read_as_curl_and_go_read_them() {
        for (list, url, straight) in [
            ("", TENANT, false),
            (" , ,, ", TENANT, false),
            ("*", TENANT, true),
            ("a.test, *", TENANT, true),
            ("*", "http://127.0.0.1", true),
            ("*:443", TENANT, true),
            ("*:8443", TENANT, false),
            ("t.api.identitynow.com", TENANT, true),
            ("identitynow.com", TENANT, true),
            (".identitynow.com", TENANT, true),
            (".identitynow.com", "https://identitynow.com", true),
            ("*.identitynow.com", TENANT, true),
            ("IdentityNow.COM", TENANT, true),
            ("identitynow.com.", TENANT, true),
            ("identitynow.com", "https://t.api.identitynow.com.", true),
            ("now.com", TENANT, false),
            ("com", TENANT, true),
            ("t.api", TENANT, false),
            ("api.identitynow", TENANT, false),
            ("x.t.api.identitynow.com", TENANT, false),
            ("a.test,identitynow.com,b.test", TENANT, true),
            ("a.test identitynow.com\tb.test", TENANT, true),
            ("a.test ,\n identitynow.com", TENANT, true),
            ("identitynow.com:443", TENANT, true),
            ("identitynow.com:8443", TENANT, false),
            (
                "identitynow.com:8443",
                "https://t.identitynow.com:8443",
                true,
            ),
            ("identitynow.com:x", TENANT, false),
            ("gateway:80", "http://gateway", true),
            ("bücher.example", "https://xn--bcher-kva.example", true),
            ("localhost", "http://localhost:8080", true),
            ("localhost", "http://127.0.0.1:8080", false),
            ("127.0.0.1", "http://127.0.0.1:8080", true),
            ("127.0.0.1:8080", "http://127.0.0.1:8080", true),
            ("127.0.0.1:8081", "http://127.0.0.1:8080", false),
            ("127.0.0.1", "http://localhost", false),
            ("0.0.1", "http://127.0.0.1", false),
            ("10.0.0.0/8", "https://10.1.2.3", true),
            ("10.0.0.0/8", "https://11.1.2.3", false),
            ("10.0.0.0/33", "https://10.1.2.3", false),
            ("192.168.1.0/24", "https://192.168.1.42", true),
            ("192.168.1.7/24", "https://192.168.1.42", true),
            ("::1", "http://[::1]:8080", true),
            ("[::1]", "http://[::1]:8080", true),
            ("[::1]:8080", "http://[::1]:8080", true),
            ("[::1]:8081", "http://[::1]:8080", false),
            ("fd00::/8", "https://[fd12::1]", true),
            ("[fd00::/8]", "https://[fd12::1]", true),
            ("fd00::/8", "https://[fe80::1]", false),
            ("0:0:0:0:0:0:0:1", "http://[::1]", true),
            ("127.0.0.1", "http://[::ffff:127.0.0.1]", true),
            ("::ffff:127.0.0.1", "http://127.0.0.1", true),
        ] {
            let held = Exclusions::read(list).hold(&Url::parse(url).unwrap());
            assert_eq!(held, straight, "{list:?} {url}");
        }
    }
}
