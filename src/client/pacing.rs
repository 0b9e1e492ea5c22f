//! Keeps a credential under the service's rate limit (100 requests per 10 s, per client id and API
//! version), for all threads and runspaces of the process together. First come, first served.
//!
//! A request takes a permit and gives it back one window after its reply came. The service counted the
//! request before it answered, so no window of the service's own ever holds more than the limit,
//! however long the way there was.
//!
//! A rate counts the requests of all clients that keep to that same rate; and all of them together keep to the
//! widest rate that one of them was given, the service's limit where nobody set another. So what a lax client takes is not counted
//! against a strict one, and a strict one that has to wait holds no lax one up.
//!
//! Nothing runs in the background: whoever waits knows when its turn can come, and serves at that moment everybody
//! whose turn it is.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// The service asks for 20 minutes at most; more than this must be a mistake.
const LONGEST_BLOCK: Duration = Duration::from_secs(3_600);

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

impl Rate {
    fn is_wider_than(&self, other: &Rate) -> bool {
        let per_second = |rate: &Rate| f64::from(rate.requests) / rate.window.as_secs_f64();
        per_second(self) > per_second(other)
    }
}

/// Until when nobody sends with a credential, as the service asked with a 429.
#[derive(Default)]
pub struct Block(Mutex<Option<Instant>>);

impl Block {
    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For that long, within reason.
    pub fn extend(&self, wait: Duration) {
        let end = Instant::now() + wait.min(LONGEST_BLOCK);
        let mut until = self.until();
        *until = (*until).max(Some(end));
    }

    pub fn left(&self) -> Option<Duration> {
        let mut until = self.until();
        let left = (*until)?.saturating_duration_since(Instant::now());
        if left.is_zero() {
            *until = None;
            return None;
        }
        Some(left)
    }
}

/// The permits that a rate has.
struct Window {
    rate: Rate,
    in_flight: usize,
    /// When each finished request's reply came, the oldest first.
    finished: VecDeque<Instant>,
}

impl Window {
    fn new(rate: Rate) -> Self {
        Window {
            rate,
            in_flight: 0,
            finished: VecDeque::new(),
        }
    }

    fn limit(&self) -> usize {
        self.rate.requests.max(1) as usize
    }

    fn taken(&self) -> usize {
        self.in_flight + self.finished.len()
    }

    fn has_room(&self) -> bool {
        self.taken() < self.limit()
    }

    fn forget_old(&mut self, now: Instant) {
        while self
            .finished
            .front()
            .is_some_and(|&reply| now >= reply + self.rate.window)
        {
            self.finished.pop_front();
        }
    }

    /// How long it takes at least until whoever has so many ahead of it finds room.
    fn wait(&self, ahead: usize, now: Instant) -> Duration {
        let Some(excess) = (self.taken() + ahead).checked_sub(self.limit()) else {
            return Duration::ZERO;
        };
        match self.finished.get(excess) {
            Some(&reply) => (reply + self.rate.window).saturating_duration_since(now),
            // A permit that is in flight, or not even taken: its window has not begun.
            None => {
                let rounds = 1 + (excess - self.finished.len()) / self.limit();
                let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
                self.rate.window.saturating_mul(rounds)
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.taken() == 0
    }
}

/// Where somebody waits.
#[derive(Default)]
struct Seat {
    /// It has a permit now.
    served: AtomicBool,
    /// It has one, or its turn may come sooner than it thought.
    told: Notify,
}

struct Waiter {
    number: u64,
    rate: Rate,
    seat: Arc<Seat>,
}

struct Permits {
    all: Window,
    /// One for each rate that is in use.
    own: Vec<Window>,
    /// By number.
    queue: VecDeque<Waiter>,
}

impl Default for Permits {
    fn default() -> Self {
        // The first one that comes is wider.
        let none = Rate {
            requests: 0,
            ..Rate::default()
        };
        Permits {
            all: Window::new(none),
            own: Vec::new(),
            queue: VecDeque::new(),
        }
    }
}

impl Permits {
    fn own(&mut self, rate: Rate) -> &mut Window {
        let at = self.own.iter().position(|window| window.rate == rate);
        let at = at.unwrap_or_else(|| {
            self.own.push(Window::new(rate));
            self.own.len() - 1
        });
        &mut self.own[at]
    }

    fn join(&mut self, waiter: Waiter) {
        if waiter.rate.is_wider_than(&self.all.rate) {
            self.all.rate = waiter.rate;
        }
        let at = self
            .queue
            .partition_point(|other| other.number <= waiter.number);
        self.queue.insert(at, waiter);
    }

    /// Gives permits to those whose turn it is.
    fn serve(&mut self, now: Instant) {
        self.forget_old(now);
        let mut at = 0;
        while at < self.queue.len() && self.all.has_room() {
            let rate = self.queue[at].rate;
            let own = self.own(rate);
            if !own.has_room() {
                at += 1;
                continue;
            }
            own.in_flight += 1;
            self.all.in_flight += 1;
            if let Some(waiter) = self.queue.remove(at) {
                waiter.seat.served.store(true, Ordering::Release);
                waiter.seat.told.notify_one();
            }
            self.tell_first_of(rate);
        }
    }

    fn forget_old(&mut self, now: Instant) {
        self.all.forget_old(now);
        for window in &mut self.own {
            window.forget_old(now);
        }
        let queue = &self.queue;
        self.own.retain(|window| {
            !window.is_idle() || queue.iter().any(|waiter| waiter.rate == window.rate)
        });
    }

    /// Whoever comes to the front of those of a rate looks anew when its turn is.
    fn tell_first_of(&self, rate: Rate) {
        if let Some(first) = self.queue.iter().find(|waiter| waiter.rate == rate) {
            first.seat.told.notify_one();
        }
    }

    /// How long a waiter waits at least.
    fn wait(&mut self, rate: Rate, seat: &Arc<Seat>, now: Instant) -> Duration {
        let ahead = self
            .queue
            .iter()
            .take_while(|waiter| !Arc::ptr_eq(&waiter.seat, seat))
            .filter(|waiter| waiter.rate == rate)
            .count();
        let all = self.all.wait(0, now);
        self.own(rate).wait(ahead, now).max(all)
    }

    /// Gives a permit back: its window begins, unless nothing was sent from it.
    fn give_back(&mut self, rate: Rate, finished: Option<Instant>) {
        let all = &mut self.all;
        all.in_flight = all.in_flight.saturating_sub(1);
        all.finished.extend(finished);
        let own = self.own(rate);
        own.in_flight = own.in_flight.saturating_sub(1);
        own.finished.extend(finished);
    }
}

/// The permits of one client id and API version, and those who wait for one.
#[derive(Default)]
pub struct Pacer {
    permits: Mutex<Permits>,
    block: Arc<Block>,
}

impl Pacer {
    pub fn under(block: Arc<Block>) -> Self {
        Pacer {
            permits: Mutex::default(),
            block,
        }
    }

    fn permits(&self) -> MutexGuard<'_, Permits> {
        self.permits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many of a rate's permits are taken now.
    pub fn taken(&self, rate: &Rate) -> usize {
        let mut permits = self.permits();
        permits.forget_old(Instant::now());
        let own = permits.own.iter().find(|window| window.rate == *rate);
        let own = own.map_or(0, Window::taken);
        match permits.all.rate == *rate {
            true => own.max(permits.all.taken()),
            false => own,
        }
    }

    /// A place in the queue, behind all whose number is not greater.
    pub fn queue(self: &Arc<Self>, rate: Rate, number: u64) -> Ticket {
        let seat = Arc::new(Seat::default());
        self.permits().join(Waiter {
            number,
            rate,
            seat: seat.clone(),
        });
        Ticket {
            pacer: self.clone(),
            rate,
            seat,
        }
    }
}

/// A number for a place in a queue: whoever came first has the lowest.
pub fn next_number() -> u64 {
    static NEXT_TICKET: AtomicU64 = AtomicU64::new(1);
    NEXT_TICKET.fetch_add(1, Ordering::Relaxed)
}

/// What a caller has to do before it may send.
pub enum Admission {
    /// Send now.
    Go(Permit),
    /// Look again after this long, or when it is told to.
    Wait(Duration, Why),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Pace,
    /// The service said so.
    Block,
}

/// A place in the queue. Dropping it leaves the queue.
pub struct Ticket {
    pacer: Arc<Pacer>,
    rate: Rate,
    seat: Arc<Seat>,
}

impl Ticket {
    /// Serves everybody whose turn it is, and says whether that was this one.
    pub fn look(&self) -> Admission {
        let blocked = self.pacer.block.left();
        let now = Instant::now();
        let mut permits = self.pacer.permits();
        if blocked.is_none() {
            permits.serve(now);
        }
        // From here on it is the permit that gives back what was taken.
        if self.seat.served.swap(false, Ordering::AcqRel) {
            return Admission::Go(Permit {
                pacer: self.pacer.clone(),
                rate: self.rate,
            });
        }
        permits.forget_old(now);
        let paced = permits.wait(self.rate, &self.seat, now);
        match blocked {
            Some(block) if block >= paced => Admission::Wait(block, Why::Block),
            _ => Admission::Wait(paced, Why::Pace),
        }
    }

    /// Ends when it is worth another look.
    pub async fn told(&self) {
        self.seat.told.notified().await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut permits = self.pacer.permits();
        if self.seat.served.swap(false, Ordering::AcqRel) {
            // Nothing was sent from it: it is the next one's.
            permits.give_back(self.rate, None);
            for rate in permits.own.iter().map(|own| own.rate).collect::<Vec<_>>() {
                permits.tell_first_of(rate);
            }
            return;
        }
        let before = permits.queue.len();
        permits
            .queue
            .retain(|waiter| !Arc::ptr_eq(&waiter.seat, &self.seat));
        if permits.queue.len() < before {
            permits.tell_first_of(self.rate);
        }
    }
}

/// A taken permit; dropping it starts its window.
pub struct Permit {
    pacer: Arc<Pacer>,
    rate: Rate,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let now = Instant::now();
        self.pacer.permits().give_back(self.rate, Some(now));
    }
}
