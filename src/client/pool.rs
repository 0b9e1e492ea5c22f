//! Open connections, kept for the next call. Connections live on the runtime that opened them, so every
//! runtime has a pool; inside it they are told apart by credential and wire, so that no two tenants ever
//! share one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::time::timeout_at;

use crate::client::credential::Credential;
use crate::client::tls;
use crate::client::transport::{Connections, Wire};
use crate::error::Result;

/// Kinds of connections past this number are closed to make room.
const MOST_CONNECTIONS: usize = 32;

/// The connections of one runtime.
#[derive(Default)]
pub struct Pool(Mutex<HashMap<(u64, Wire), Connections>>);

impl Pool {
    /// The connections of a credential over one wire, set up on first use, before the call's time is over.
    pub async fn connections(
        &self,
        credential: &Arc<Credential>,
        wire: &Wire,
        deadline: Instant,
    ) -> Result<Connections> {
        let key = (credential.number, wire.clone());
        if let Some(connections) = self.all().get(&key) {
            return Ok(connections.clone());
        }
        // Nothing is held meanwhile: it may read files.
        let opened = timeout_at(deadline.into(), Connections::open(wire))
            .await
            .unwrap_or_else(|_| Err(tls::late(wire.trust.as_ref())))?;
        let mut pool = self.all();
        if pool.len() >= MOST_CONNECTIONS {
            pool.clear();
        }
        Ok(pool.entry(key).or_insert(opened).clone())
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(u64, Wire), Connections>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
