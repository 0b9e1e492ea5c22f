//! What a call begins with: the settings in force, its version and its time; and what it runs in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::api::version::Version;
use crate::client::config::Resolved;
use crate::client::monitor::Monitor;
use crate::client::places::Walk;
use crate::client::pool::Pool;
use crate::error::{Code, Error, Result};
use crate::store::Pair;

/// What a walk found, and what it resolves to.
pub struct InForce {
    pub walk: Walk,
    pub resolved: Resolved,
}

/// A call that began: its time runs, and what it is made from was found, once. Its version is known before its request
/// is read, and where the settings are no good, the call itself says so.
pub struct Begun {
    pub(super) in_force: Result<Arc<InForce>>,
    pub(super) version: &'static Version,
    pub(super) timeout: Duration,
    pub(super) deadline: Instant,
}

impl Begun {
    pub fn version(&self) -> &'static Version {
        self.version
    }

    pub fn in_force(&self) -> Result<&Arc<InForce>> {
        self.in_force.as_ref().map_err(Clone::clone)
    }

    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// What a call runs in: who watches it, and whose connections it uses.
#[derive(Clone, Default)]
pub struct Context {
    pub monitor: Arc<Monitor>,
    pub pool: Arc<Pool>,
    /// How to change the variables of this process, where that can be done.
    pub set_environment: Option<fn(&Pair, &str) -> Result<()>>,
}

/// What a call may choose for itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub version: Option<&'static Version>,
    pub timeout: Option<Duration>,
}

/// The error of a call whose time is over.
pub fn timed_out(timeout: Duration, monitor: &Monitor) -> Error {
    Error::new(
        Code::Timeout,
        format!(
            "no reply within {:.1} s (the call was {})",
            timeout.as_secs_f64(),
            monitor.doing()
        ),
    )
    .retryable()
    .with_remedy("check that the service can be reached, or give a longer timeoutMs")
}
