//! Open connections, kept for the next call. Connections live on the runtime that opened them, so every
//! runtime has a pool; inside it they are told apart by credential and wire, so that no two tenants ever
//! share one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::client::credential::Credential;
use crate::client::transport::{Connections, Wire};
use crate::error::Result;

/// Kinds of connections past this number are closed to make room.
const ROOM: usize = 32;

/// The connections of one runtime.
#[derive(Default)]
pub struct Pool(Mutex<HashMap<(u64, Wire), Connections>>);

impl Pool {
    /// The connections of a credential over one wire, set up on first use.
    pub fn connections(&self, credential: &Arc<Credential>, wire: &Wire) -> Result<Connections> {
        let mut pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (credential.number, wire.clone());
        if let Some(connections) = pool.get(&key) {
            return Ok(connections.clone());
        }
        if pool.len() >= ROOM {
            pool.clear();
        }
        let opened = Connections::open(wire)?;
        pool.insert(key, opened.clone());
        Ok(opened)
    }
}
