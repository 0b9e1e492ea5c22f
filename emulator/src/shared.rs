//! What all requests share, and what differs between the ports.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use crate::faults::Faults;
use crate::gate::Holding;
use crate::journal::Journal;
use crate::limit::Limiter;
use crate::settings::Settings;
use crate::tenant::Tenant;

pub(crate) struct Shared {
    pub tenant: Mutex<Tenant>,
    pub limiter: Mutex<Limiter>,
    pub faults: Mutex<Faults>,
    pub journal: Mutex<Journal>,
    pub settings: Mutex<Settings>,
    pub gate: Mutex<Option<Holding>>,
}

/// What a port is for.
pub(crate) struct Endpoint {
    /// Sign-in is not here (a vanity host).
    pub no_sign_in: bool,
    /// What `/oauth/info` says.
    pub token_endpoint: String,
}

/// A connection, counted from its first request on that is not one of the control path.
pub(crate) struct Connection {
    number: u64,
    counted: AtomicBool,
}

impl Connection {
    pub fn new(number: u64) -> Connection {
        Connection {
            number,
            counted: AtomicBool::new(false),
        }
    }

    /// Counts it, the first time, and gives its number.
    pub fn count(&self, shared: &Shared) -> u64 {
        if !self.counted.swap(true, Ordering::Relaxed) {
            lock(&shared.journal).connected();
        }
        self.number
    }

    pub fn ended(&self, shared: &Shared, dropped_by_client: bool) {
        if self.counted.load(Ordering::Relaxed) {
            lock(&shared.journal).disconnected(dropped_by_client);
        }
    }
}

/// Locks, also after a panic elsewhere: a test wants its other answers all the same.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
