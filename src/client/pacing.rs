//! Keeps a credential under the service's rate limit (100 requests per 10 s, per client id and API
//! version), for all threads and runspaces of the process together.
//!
//! A request takes a place and gives it back one window after its reply came. The service counted the
//! request before it answered, so no window of the service's own ever holds more than the limit,
//! however long the way there was.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// How many requests in how long; from the settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    pub requests: u32,
    pub window: Duration,
}

impl Default for Rate {
    /// The service's limit.
    fn default() -> Self {
        Rate {
            requests: 100,
            window: Duration::from_secs(10),
        }
    }
}

/// The places of one client id and API version.
#[derive(Default)]
pub struct Pacer {
    places: Mutex<Places>,
    freed: Notify,
}

#[derive(Default)]
struct Places {
    in_flight: usize,
    /// When each finished request's reply came, the oldest first.
    finished: VecDeque<Instant>,
}

/// What a caller has to do before it may send.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// Send now.
    Go,
    /// Ask again after this long.
    Wait(Duration),
    /// Every place is in flight: ask again when one is freed.
    Full,
}

impl Places {
    fn take(&mut self, rate: &Rate, now: Instant) -> Turn {
        while self
            .finished
            .front()
            .is_some_and(|&reply| now >= reply + rate.window)
        {
            self.finished.pop_front();
        }
        let limit = rate.requests.max(1) as usize;
        if self.in_flight + self.finished.len() < limit {
            self.in_flight += 1;
            return Turn::Go;
        }
        // The place that frees next, unless more are taken than this caller's limit allows.
        let excess = self.in_flight + self.finished.len() - limit;
        match self.finished.get(excess) {
            Some(&reply) => Turn::Wait((reply + rate.window).saturating_duration_since(now)),
            None => Turn::Full,
        }
    }
}

impl Pacer {
    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place, or says how long to wait.
    pub fn take(&self, rate: &Rate) -> Turn {
        self.places().take(rate, Instant::now())
    }

    /// How many places are taken now.
    pub fn taken(&self, rate: &Rate) -> usize {
        let now = Instant::now();
        let places = self.places();
        let counted = |reply: &&Instant| now < **reply + rate.window;
        places.in_flight + places.finished.iter().filter(counted).count()
    }

    /// Ends when a request ended, so that its place starts to free up.
    pub fn freed(&self) -> Notified<'_> {
        self.freed.notified()
    }

    /// Holds a place that was taken until its request ended.
    pub fn hold(self: &Arc<Self>) -> Place {
        Place(self.clone())
    }
}

/// A taken place; dropping it starts its window.
pub struct Place(Arc<Pacer>);

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.0.places();
        places.in_flight = places.in_flight.saturating_sub(1);
        places.finished.push_back(Instant::now());
        drop(places);
        self.0.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        requests: 3,
        window: Duration::from_secs(10),
    };

    #[test]
    fn a_place_is_free_again_one_window_after_its_reply() {
        let mut places = Places::default();
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(places.take(&RATE, start), Turn::Go);
        }
        assert_eq!(places.take(&RATE, start), Turn::Full);
        places.in_flight = 1;
        places.finished.push_back(start + Duration::from_secs(1));
        places.finished.push_back(start + Duration::from_secs(2));
        let now = start + Duration::from_secs(4);
        assert_eq!(places.take(&RATE, now), Turn::Wait(Duration::from_secs(7)));
        assert_eq!(
            places.take(&RATE, start + Duration::from_secs(11)),
            Turn::Go
        );
        assert_eq!(
            places.take(&RATE, start + Duration::from_secs(11)),
            Turn::Wait(Duration::from_secs(1))
        );
    }

    #[test]
    fn dropping_a_place_frees_it_after_the_window_only() {
        let pacer = Arc::new(Pacer::default());
        let rate = Rate {
            requests: 1,
            window: Duration::from_secs(60),
        };
        assert_eq!(pacer.take(&rate), Turn::Go);
        let place = pacer.hold();
        assert_eq!(pacer.take(&rate), Turn::Full);
        drop(place);
        assert!(matches!(pacer.take(&rate), Turn::Wait(wait) if wait > Duration::from_secs(59)));
    }

    #[test]
    fn a_stricter_caller_waits_for_its_own_limit() {
        let mut places = Places::default();
        let start = Instant::now();
        places.finished.extend([
            start,
            start + Duration::from_secs(1),
            start + Duration::from_secs(2),
        ]);
        let strict = Rate {
            requests: 1,
            ..RATE
        };
        let now = start + Duration::from_secs(3);
        assert_eq!(
            places.take(&strict, now),
            Turn::Wait(Duration::from_secs(9))
        );
    }
}
