//! What one call works with, from its first attempt to its last.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::api::version::Version;
use crate::client::config::Resolved;
use crate::client::credential::Bearer;
use crate::client::monitor::Monitor;
use crate::client::redact::Redactor;
use crate::client::settings::Settings;
use crate::client::transport::Connections;

/// What one call works with.
pub struct Call<'c> {
    pub settings: &'c Settings,
    pub resolved: &'c Resolved,
    pub version: &'static Version,
    pub deadline: Instant,
    pub monitor: &'c Monitor,
    pub connections: Connections,
    /// The bearers that were sent: no text of this call may show them.
    pub bearers: Mutex<Vec<Arc<Bearer>>>,
}

impl Call<'_> {
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    pub fn uses(&self, bearer: &Arc<Bearer>) {
        let mut bearers = self.bearers.lock().unwrap_or_else(PoisonError::into_inner);
        if !bearers.iter().any(|known| Arc::ptr_eq(known, bearer)) {
            bearers.push(bearer.clone());
        }
    }

    /// What must not show in anything that leaves this call.
    pub fn redactor(&self) -> Redactor {
        let bearers = self.bearers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut redactor = self.resolved.redactor(self.settings);
        for bearer in bearers.iter() {
            redactor.hide(bearer.token.expose());
        }
        redactor
    }
}
