//! The process's default client, and those that callers made.

use std::sync::{Arc, Mutex, PoisonError};

use once_cell::sync::Lazy;

use crate::client::Client;
use crate::client::settings::Settings;
use crate::error::Result;
use crate::ffi::handles::Table;

/// What stands for the default client where a handle is taken.
pub const DEFAULT: u64 = 0;

static CLIENTS: Table<Client> = Table::new("client");
static DEFAULT_CLIENT: Lazy<Mutex<Arc<Client>>> = Lazy::new(Mutex::default);

/// The client behind a handle; 0 is the default client.
pub fn get(handle: u64) -> Result<Arc<Client>> {
    match handle {
        DEFAULT => Ok(default_client()),
        handle => CLIENTS.get(handle),
    }
}

/// The default client, as last configured.
pub fn default_client() -> Arc<Client> {
    DEFAULT_CLIENT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Gives the default client new settings; calls under way keep the old ones.
pub fn configure(json: &str) -> Result<()> {
    let client = Arc::new(Client::new(Settings::parse(json)?));
    *DEFAULT_CLIENT
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = client;
    Ok(())
}

/// Makes a client.
pub fn create(json: &str) -> Result<u64> {
    Ok(CLIENTS.insert(Arc::new(Client::new(Settings::parse(json)?))))
}

/// Frees a client; calls and jobs under way keep it until they end.
pub fn free(handle: u64) -> Result<()> {
    CLIENTS.remove(handle).map(drop)
}
