//! The time of a call that changes profiles: it ends the waiting, never the writing. Until something is written the
//! call can be given up; from then on a store may be at work, and one that is decides nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::client::blocking::blocking;
use crate::error::{Code, Error, Result};

/// What a call is at.
enum At {
    WaitingFor(String),
    Writing,
    GivenUp,
}

/// The time that a call has, and what it spends it on.
#[derive(Clone)]
pub struct Time {
    limit: Duration,
    until: Instant,
    at: Arc<Mutex<At>>,
}

impl Time {
    pub fn new(limit: Duration) -> Self {
        Time {
            limit,
            until: Instant::now() + limit,
            at: Arc::new(Mutex::new(At::WaitingFor("a thread".to_owned()))),
        }
    }

    fn at(&self) -> MutexGuard<'_, At> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Says what is waited for from here on.
    pub fn waits_for(&self, what: impl ToString) {
        let mut at = self.at();
        if let At::WaitingFor(before) = &mut *at {
            *before = what.to_string();
        }
    }

    /// From here on something is written: fails where nobody waits any more, or no time is left.
    pub fn begins_to_write(&self) -> Result<()> {
        let mut at = self.at();
        if !matches!(*at, At::Writing) && (matches!(*at, At::GivenUp) || self.left().is_zero()) {
            return Err(self.over(&at));
        }
        *at = At::Writing;
        Ok(())
    }

    /// Gives the call up; none where something is being written by now.
    fn give_up(&self) -> Option<Error> {
        let mut at = self.at();
        if matches!(*at, At::Writing) {
            return None;
        }
        let error = self.over(&at);
        *at = At::GivenUp;
        Some(error)
    }

    /// The error of a call whose time is over.
    pub fn is_over(&self) -> Error {
        self.over(&self.at())
    }

    fn over(&self, at: &At) -> Error {
        let what = match at {
            At::WaitingFor(what) => what,
            At::Writing | At::GivenUp => "what is kept on this machine",
        };
        let seconds = self.limit.as_secs_f64();
        let message =
            format!("{what}: waited for {seconds:.1} s and no longer; nothing was changed");
        Error::new(Code::Timeout, message)
            .retryable()
            .with_remedy("look who holds it, then try again, or give a longer timeoutMs")
    }

    /// Does what blocks, and waits for it as long as there is time, or something is being written.
    pub async fn spent_on<T: Send + 'static>(
        self,
        work: impl FnOnce(&Time) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut done = std::pin::pin!(blocking({
            let time = self.clone();
            move || work(&time)
        }));
        match tokio::time::timeout(self.left(), &mut done).await {
            Ok(done) => done?,
            Err(_) => match self.give_up() {
                Some(error) => Err(error),
                None => done.await?,
            },
        }
    }
}
