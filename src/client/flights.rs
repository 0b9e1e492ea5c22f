//! What may hang is done once, on a thread of its own, for all who want it at the same time: a file of a network
//! share, a command, a keyring, a name server. Whoever waits may stop waiting; the work goes on to its end, and
//! whoever comes meanwhile joins it. So what hangs costs one thread, however many calls give up on it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

use crate::client::blocking::start;
use crate::error::{Code, Error, Result};

/// What is under way, by what it is for.
pub struct Flights<K, T> {
    thread: &'static str,
    all: Mutex<Vec<Flight<K, T>>>,
}

struct Flight<K, T> {
    key: K,
    begun: Instant,
    lands: watch::Receiver<Option<T>>,
}

/// What landed, and when it had begun.
pub struct Landed<T> {
    pub begun: Instant,
    pub value: T,
}

impl<K, T> Flights<K, T>
where
    K: Clone + PartialEq + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    pub const fn new(thread: &'static str) -> Self {
        Flights {
            thread,
            all: Mutex::new(Vec::new()),
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<Flight<K, T>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_under_way(&self, key: &K) -> bool {
        self.all().iter().any(|flight| flight.key == *key)
    }

    /// What `work` gives, or gives already for somebody else. Dropping this stops the waiting, never the work.
    pub async fn join(
        &'static self,
        key: &K,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Landed<T>> {
        self.join_since(key, None, work).await
    }

    /// The same, where only what began at `since` or later counts: what is under way from before is waited for, so
    /// that there are never two.
    pub async fn join_since(
        &'static self,
        key: &K,
        since: Option<Instant>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Landed<T>> {
        let mut work = Some(work);
        loop {
            let (begun, mut lands) = self.find_or_start(key, &mut work)?;
            let landed = lands.wait_for(Option::is_some).await;
            let value = landed.ok().and_then(|landed| landed.clone());
            if since.is_some_and(|since| begun < since) {
                continue;
            }
            return match value {
                Some(value) => Ok(Landed { begun, value }),
                None => Err(Error::new(Code::Internal, "a worker thread failed")),
            };
        }
    }

    fn find_or_start<W: FnOnce() -> T + Send + 'static>(
        &'static self,
        key: &K,
        work: &mut Option<W>,
    ) -> Result<(Instant, watch::Receiver<Option<T>>)> {
        let mut all = self.all();
        if let Some(flight) = all.iter().find(|flight| flight.key == *key) {
            return Ok((flight.begun, flight.lands.clone()));
        }
        let work = work
            .take()
            .ok_or_else(|| Error::new(Code::Internal, "work is done once"))?;
        let (tell, lands) = watch::channel(None);
        let begun = Instant::now();
        all.push(Flight {
            key: key.clone(),
            begun,
            lands: lands.clone(),
        });
        drop(all);
        let over = Landing {
            flights: self,
            key: key.clone(),
        };
        let fly = move || {
            let value = work();
            // First: whoever hears of the end and asks again must not join what is over.
            drop(over);
            let _ = tell.send(Some(value));
        };
        start(self.thread, fly)?;
        Ok((begun, lands))
    }
}

/// Takes a flight off the list, after a panic, too.
struct Landing<K: Clone + PartialEq + Send + 'static, T: Clone + Send + Sync + 'static> {
    flights: &'static Flights<K, T>,
    key: K,
}

impl<K, T> Drop for Landing<K, T>
where
    K: Clone + PartialEq + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    fn drop(&mut self) {
        self.flights.all().retain(|flight| flight.key != self.key);
    }
}
