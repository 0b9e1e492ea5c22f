//! How an emulator is started.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::Value;

use crate::limit::RateLimit;

/// Everything that is fixed at the start. `Options::default()` is a tenant with one administrator
/// and one token, over http on a free port, under the service's own rate limit.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on; anything but loopback is refused.
    pub host: IpAddr,
    /// Port for http; 0 takes a free one.
    pub port: u16,
    /// Also serve https, with a certificate from an authority of its own.
    pub tls: bool,
    /// Port for https; 0 takes a free one.
    pub tls_port: u16,
    /// Behave like a vanity host: no sign-in here, `/oauth/info` names another port.
    pub vanity: bool,
    /// None: no limit.
    pub rate_limit: Option<RateLimit>,
    /// Who and what is there at the start.
    pub seed: Seed,
    /// Makes ids, secrets and generated data the same on every start.
    pub random_seed: Option<u64>,
}

/// Who and what is there at the start.
#[derive(Clone, Debug)]
pub enum Seed {
    /// An administrator and `identities` more, with `tokens` tokens in all, the administrator's
    /// own included (so at least one).
    Generated { identities: usize, tokens: usize },
    /// A seed document, as README.md describes it.
    Json(Value),
}

impl Default for Options {
    fn default() -> Options {
        Options {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            tls: false,
            tls_port: 0,
            vanity: false,
            rate_limit: Some(RateLimit::SERVICE),
            seed: Seed::Generated {
                identities: 0,
                tokens: 1,
            },
            random_seed: None,
        }
    }
}
