//! The rate limit: so many requests in so many seconds, per client id and API version.

use std::collections::{HashMap, VecDeque};
use std::str::FromStr;
use std::time::{Duration, Instant};

use crate::version::Version;

/// So many requests in any window of so many seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    pub requests: usize,
    pub per_seconds: f64,
}

impl RateLimit {
    /// The service's own: 100 in 10 s.
    pub const SERVICE: RateLimit = RateLimit {
        requests: 100,
        per_seconds: 10.0,
    };

    /// Reads `N/S`, or `off` for none.
    pub fn parse(text: &str) -> Result<Option<RateLimit>, String> {
        if text == "off" {
            return Ok(None);
        }
        text.parse().map(Some)
    }
}

impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<RateLimit, String> {
        let wrong = || format!("\"{text}\" is no rate limit: write requests/seconds, or off");
        let (requests, seconds) = text.split_once('/').ok_or_else(wrong)?;
        let limit = RateLimit {
            requests: requests.parse().map_err(|_| wrong())?,
            per_seconds: seconds.parse().map_err(|_| wrong())?,
        };
        let usable = limit.per_seconds > 0.0 && limit.per_seconds <= 86_400.0;
        usable.then_some(limit).ok_or_else(wrong)
    }
}

/// When each client was let through, per version, as far back as the window reaches.
#[derive(Default)]
pub(crate) struct Limiter {
    passed: HashMap<String, [VecDeque<Instant>; Version::COUNT]>,
}

impl Limiter {
    /// Lets a request through, or says after how many seconds the next one will be. A refused
    /// request does not count.
    pub fn pass(
        &mut self,
        limit: RateLimit,
        client_id: &str,
        version: Version,
        now: Instant,
    ) -> Result<(), u64> {
        if !self.passed.contains_key(client_id) {
            self.passed.insert(client_id.to_owned(), Default::default());
        }
        let passed = &mut self.passed.get_mut(client_id).expect("just inserted")[version.index()];
        let window = Duration::from_secs_f64(limit.per_seconds);
        while passed
            .front()
            .is_some_and(|at| now.duration_since(*at) >= window)
        {
            passed.pop_front();
        }
        if passed.len() < limit.requests {
            passed.push_back(now);
            return Ok(());
        }
        let free_in = match passed.front() {
            Some(oldest) => window.saturating_sub(now.duration_since(*oldest)),
            None => window,
        };
        Err((free_in.as_secs_f64().ceil() as u64).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit {
        requests: 2,
        per_seconds: 10.0,
    };

    #[test]
    fn the_window_slides() {
        let mut limiter = Limiter::default();
        let start = Instant::now();
        let mut at = |seconds: f64| {
            let now = start + Duration::from_secs_f64(seconds);
            limiter.pass(LIMIT, "client", Version::V2024, now)
        };
        assert_eq!(at(0.0), Ok(()));
        assert_eq!(at(4.0), Ok(()));
        assert_eq!(at(5.5), Err(5));
        assert_eq!(at(10.0), Ok(()));
        assert_eq!(at(10.0), Err(4));
        assert_eq!(at(14.0), Ok(()));
    }

    #[test]
    fn clients_and_versions_count_apart() {
        let mut limiter = Limiter::default();
        let now = Instant::now();
        for (client, version) in [
            ("a", Version::V2024),
            ("a", Version::V2025),
            ("b", Version::V2024),
        ] {
            assert!(limiter.pass(LIMIT, client, version, now).is_ok());
            assert!(limiter.pass(LIMIT, client, version, now).is_ok());
            assert!(limiter.pass(LIMIT, client, version, now).is_err());
        }
    }

    #[test]
    fn limits_are_read() {
        assert_eq!(RateLimit::parse("100/10"), Ok(Some(RateLimit::SERVICE)));
        assert_eq!(RateLimit::parse("off"), Ok(None));
        for text in ["", "100", "100/0", "a/10", "100/-1", "1/nan"] {
            assert!(RateLimit::parse(text).is_err(), "{text}");
        }
    }
}
