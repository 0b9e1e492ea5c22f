//! Asking the settings' source: a file at every call, a command or a keyring at most once a minute and
//! whenever the pair it gave was refused. What blocks runs on a thread of its own.

use std::time::{Duration, Instant};

use crate::client::places::FromSource;
use crate::error::{Code, Error, Result};
use crate::store::Store;

/// A command may ask a vault over the network.
const LONGEST_TRUST: Duration = Duration::from_secs(60);

/// What a slow source gave last, and when.
#[derive(Default)]
pub struct Asked(tokio::sync::Mutex<Option<(Instant, Store, FromSource)>>);

impl Asked {
    /// What the source gives: from before where that is good enough, else asked anew.
    pub async fn ask(&self, store: &Store, anew: bool) -> Result<FromSource> {
        if store.is_quick() {
            return Ok(FromSource::read(store));
        }
        let store = store.clone().pinned().unwrap_or_else(|_| store.clone());
        let called = Instant::now();
        let mut last = self.0.lock().await;
        if let Some((when, asked, given)) = &*last
            && *asked == store
        {
            // Whoever waited for another's asking takes what that one got.
            let good = if anew {
                *when >= called
            } else {
                when.elapsed() < LONGEST_TRUST
            };
            if good {
                return Ok(given.clone());
            }
        }
        let asked = store.clone();
        let given = blocking(move || FromSource::read(&asked)).await?;
        *last = given
            .contents
            .is_ok()
            .then(|| (Instant::now(), store, given.clone()));
        Ok(given)
    }
}

/// Runs what blocks without holding up the caller's thread.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::new(Code::Internal, format!("a worker thread failed: {error}")))
}
