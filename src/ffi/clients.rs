//! The process's default client, and those that callers made.

use std::sync::{Arc, Mutex, PoisonError};

use once_cell::sync::Lazy;

use crate::client::Client;
use crate::client::settings::Settings;
use crate::error::{Error, Result};
use crate::ffi::handles::{HandleKind, Table};

/// What stands for the default client where a handle is taken.
pub const DEFAULT: u64 = 0;

/// What no call takes, and no table gives out: a client that could not even be written down.
pub const NONE: u64 = u64::MAX;

/// A client, or why it could not be made: whoever goes on with its handle learns that, and reaches no tenant.
type Made = Result<Arc<Client>>;

static CLIENTS: Table<Made> = Table::new(HandleKind::Client);
static DEFAULT_CLIENT: Lazy<Mutex<Arc<Client>>> = Lazy::new(Mutex::default);

/// The client behind a handle; 0 is the default client.
pub fn get(handle: u64) -> Result<Arc<Client>> {
    match handle {
        DEFAULT => Ok(default_client()),
        handle => (*CLIENTS.get(handle)?).clone().map_err(never_made),
    }
}

fn never_made(mut error: Error) -> Error {
    let detail = error.detail_mut();
    detail.message = format!("this client could not be made: {}", detail.message);
    error
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
pub fn create(json: &str) -> Made {
    Ok(Arc::new(Client::new(Settings::parse(json)?)))
}

/// Gives a client its handle, or what stands for the one that could not be made.
pub fn insert(made: Made) -> u64 {
    CLIENTS.insert(Arc::new(made))
}

/// Frees a client; calls and jobs under way keep it until they end.
pub fn free(handle: u64) -> Result<()> {
    CLIENTS.remove(handle).map(drop)
}
