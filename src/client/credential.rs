//! What belongs to a credential and is shared by all clients of the process that use it: bearer,
//! pacing, the server's clock.
//!
//! Credentials are told apart by token URL, client id and the secret's fingerprint, so that two
//! tenants, or two secrets of one client id, never share anything.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use once_cell::sync::Lazy;
use reqwest::Url;
use reqwest::header::HeaderValue;
use ring::digest::{Context, SHA256};
use zeroize::Zeroizing;

use crate::client::pacing::{Block, Pacer};
use crate::client::transport::Wire;
use crate::error::{Code, Error, Result};
use crate::secret::Secret;

/// Registered credentials past this number make room by forgetting unused ones.
const MOST_CREDENTIALS: usize = 64;

/// An access token and how long it is good for.
pub struct Bearer {
    pub token: Secret,
    /// None when it was handed over without one.
    pub expires: Option<Instant>,
    /// Where the tenant's API lives, when sign-in had to be looked up at a vanity URL.
    pub base_url: Option<Url>,
    /// False for a bearer that was handed over: there is nothing to sign in with.
    pub renewable: bool,
}

impl Bearer {
    pub fn is_good(&self) -> bool {
        self.expires.is_none_or(|expires| Instant::now() < expires)
    }

    /// The value of its Authorization header.
    pub fn authorization(&self) -> Result<HeaderValue> {
        let text = Zeroizing::new(format!("Bearer {}", self.token.expose()));
        let mut value = HeaderValue::from_str(&text).map_err(|_| {
            Error::new(
                Code::ReplyInvalid,
                "the bearer holds characters that no header can have",
            )
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// The shared state of one credential.
#[derive(Default)]
pub struct Credential {
    /// Different for every credential of the process.
    pub number: u64,
    bearer: Mutex<Option<Arc<Bearer>>>,
    /// Held by the one caller that signs in, while the others wait.
    pub flight: tokio::sync::Mutex<LastFlight>,
    flights: AtomicU64,
    pacers: Mutex<HashMap<&'static str, Arc<Pacer>>>,
    block: Arc<Block>,
    clock: Mutex<Option<Clock>>,
    elsewhere: Mutex<Option<Elsewhere>>,
}

/// Where the tenant signs in, as its base URL's /oauth/info said, and over which way it was asked.
pub struct Elsewhere {
    pub url: String,
    pub wire: Wire,
}

/// How the last sign-in ended, for those who waited for it.
#[derive(Default)]
pub struct LastFlight {
    pub error: Option<Error>,
}

/// The server's clock: a Date header and when it was read.
#[derive(Clone, Copy)]
struct Clock {
    date: Timestamp,
    read: Instant,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Credential {
    /// The cached bearer, if it is still good.
    pub fn bearer(&self) -> Option<Arc<Bearer>> {
        lock(&self.bearer).clone().filter(|bearer| bearer.is_good())
    }

    pub fn keep(&self, bearer: Arc<Bearer>) {
        *lock(&self.bearer) = Some(bearer);
    }

    /// Drops a bearer that the service refused, unless a newer one took its place.
    pub fn forget(&self, refused: &Arc<Bearer>) {
        let mut bearer = lock(&self.bearer);
        if bearer
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(current, refused))
        {
            *bearer = None;
        }
    }

    pub fn keep_elsewhere(&self, elsewhere: Elsewhere) {
        *lock(&self.elsewhere) = Some(elsewhere);
    }

    pub fn take_elsewhere(&self) -> Option<Elsewhere> {
        lock(&self.elsewhere).take()
    }

    /// How many sign-ins ended so far.
    pub fn flights(&self) -> u64 {
        self.flights.load(Ordering::Acquire)
    }

    pub fn count_flight(&self) {
        self.flights.fetch_add(1, Ordering::Release);
    }

    /// The pacer of one API version.
    pub fn pacer(&self, version: &'static str) -> Arc<Pacer> {
        let new = || Arc::new(Pacer::under(self.block.clone()));
        lock(&self.pacers)
            .entry(version)
            .or_insert_with(new)
            .clone()
    }

    /// After a 429: nobody sends with this credential for that long, within reason.
    pub fn block(&self, wait: Duration) {
        self.block.extend(wait);
    }

    /// How long nobody may send.
    pub fn blocked_for(&self) -> Option<Duration> {
        self.block.left()
    }

    pub fn set_clock(&self, date: Timestamp) {
        *lock(&self.clock) = Some(Clock {
            date,
            read: Instant::now(),
        });
    }

    /// The earliest the server's clock can read now, judged by its last Date header.
    pub fn server_time(&self) -> Option<Timestamp> {
        let clock = (*lock(&self.clock))?;
        clock.date.checked_add(clock.read.elapsed()).ok()
    }
}

type Fingerprint = [u8; 32];

static REGISTRY: Lazy<Mutex<HashMap<Fingerprint, Arc<Credential>>>> = Lazy::new(Mutex::default);

/// The credential that these parts name.
pub fn shared(parts: &[&str]) -> Arc<Credential> {
    let key = fingerprint(parts);
    let mut registry = lock(&REGISTRY);
    if registry.len() >= MOST_CREDENTIALS && !registry.contains_key(&key) {
        registry.retain(|_, credential| {
            Arc::strong_count(credential) > 1 || credential.bearer().is_some()
        });
    }
    static NEXT_CREDENTIAL: AtomicU64 = AtomicU64::new(1);
    let new = || {
        let number = NEXT_CREDENTIAL.fetch_add(1, Ordering::Relaxed);
        Arc::new(Credential {
            number,
            ..Credential::default()
        })
    };
    registry.entry(key).or_insert_with(new).clone()
}

/// A digest of all parts; lengths keep ("a", "bc") and ("ab", "c") apart.
fn fingerprint(parts: &[&str]) -> Fingerprint {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part.as_bytes());
    }
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(context.finish().as_ref());
    fingerprint
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(expires: Option<Instant>) -> Arc<Bearer> {
        Arc::new(Bearer {
            token: Secret::new(Zeroizing::new("b".to_owned())),
            expires,
            base_url: None,
            renewable: true,
        })
    }

    #[test]
    fn the_same_parts_share_and_any_other_part_does_not() {
        let first = shared(&["https://a/oauth/token", "id", "secret"]);
        assert!(Arc::ptr_eq(
            &first,
            &shared(&["https://a/oauth/token", "id", "secret"])
        ));
        for other in [
            ["https://b/oauth/token", "id", "secret"],
            ["https://a/oauth/token", "id2", "secret"],
            ["https://a/oauth/token", "id", "other"],
            ["https://a/oauth/token", "ids", "ecret"],
        ] {
            assert!(!Arc::ptr_eq(&first, &shared(&other)));
        }
    }

    #[test]
    fn an_expired_bearer_is_not_given_out() {
        let credential = Credential::default();
        credential.keep(bearer(Some(Instant::now())));
        assert!(credential.bearer().is_none());
        credential.keep(bearer(Some(Instant::now() + Duration::from_secs(60))));
        assert!(credential.bearer().is_some());
    }

    #[test]
    fn only_the_refused_bearer_is_forgotten() {
        let credential = Credential::default();
        let (old, new) = (bearer(None), bearer(None));
        credential.keep(new.clone());
        credential.forget(&old);
        assert!(credential.bearer().is_some());
        credential.forget(&new);
        assert!(credential.bearer().is_none());
    }

    #[test]
    fn the_longest_block_wins() {
        let credential = Credential::default();
        assert_eq!(credential.blocked_for(), None);
        credential.block(Duration::from_secs(60));
        credential.block(Duration::from_secs(1));
        assert!(credential.blocked_for().unwrap() > Duration::from_secs(59));
    }
}
