//! What can be watched of one call while it runs: its phase, attempts, waits and log lines.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::client::cancel::Cancel;
use crate::client::log::{self, Level, Message};
use crate::client::{pacing, resolve};

/// What a call is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    Starting,
    SigningIn,
    Waiting,
    Sending,
    Receiving,
}

impl Phase {
    const ALL: [Phase; 5] = [
        Phase::Starting,
        Phase::SigningIn,
        Phase::Waiting,
        Phase::Sending,
        Phase::Receiving,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Phase::Starting => "starting",
            Phase::SigningIn => "signing in",
            Phase::Waiting => "waiting",
            Phase::Sending => "sending",
            Phase::Receiving => "receiving",
        }
    }
}

/// Why a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    RateLimit,
    Retry,
    /// A new token does not sign in everywhere at once.
    Spreading,
}

impl WaitReason {
    pub const fn name(self) -> &'static str {
        match self {
            WaitReason::RateLimit => "rate limit",
            WaitReason::Retry => "retry",
            WaitReason::Spreading => "spreading",
        }
    }
}

/// Whom a call speaks to.
pub struct Peer {
    /// Scheme, host and port.
    pub origin: String,
    pub host: String,
    /// Without its login.
    pub proxy: Option<String>,
}

/// One call's state, written by the call and read by whoever waits for it.
pub struct Monitor {
    /// How the call is cancelled.
    pub cancel: Cancel,
    started: Instant,
    phase: AtomicU8,
    attempts: AtomicU32,
    received: AtomicU64,
    wait: Mutex<Option<(Instant, WaitReason)>>,
    rotation: Mutex<Option<String>>,
    peer: Mutex<Option<Arc<Peer>>>,
    /// 0 where it has none.
    number: AtomicU64,
    lines: Mutex<Vec<String>>,
    keeps_lines: bool,
}

impl Default for Monitor {
    fn default() -> Self {
        Monitor {
            cancel: Cancel::default(),
            started: Instant::now(),
            phase: AtomicU8::new(Phase::Starting as u8),
            attempts: AtomicU32::new(0),
            received: AtomicU64::new(0),
            wait: Mutex::new(None),
            rotation: Mutex::new(None),
            peer: Mutex::new(None),
            number: AtomicU64::new(0),
            lines: Mutex::new(Vec::new()),
            keeps_lines: false,
        }
    }
}

impl Monitor {
    /// A monitor that keeps the call's log lines for its caller.
    pub fn keeping_lines(keeps_lines: bool) -> Self {
        Monitor {
            keeps_lines,
            ..Monitor::default()
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    pub fn phase(&self) -> Phase {
        Phase::ALL[usize::from(self.phase.load(Ordering::Relaxed)).min(Phase::ALL.len() - 1)]
    }

    pub fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// Requests sent for the operation itself; sign-ins do not count.
    pub fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    pub fn count_attempt(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        self.received.store(0, Ordering::Relaxed);
    }

    /// Bytes of the current reply so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    pub fn add_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// How long the call will still wait, and why.
    pub fn wait(&self) -> Option<(Duration, WaitReason)> {
        let (until, reason) = (*self.wait.lock().ok()?)?;
        Some((until.saturating_duration_since(Instant::now()), reason))
    }

    /// Sleeps for `delay`, showing why.
    pub async fn pause(&self, delay: Duration, reason: WaitReason) {
        self.begin_wait(Instant::now() + delay, reason);
        tokio::time::sleep(delay).await;
        self.end_wait();
    }

    pub fn begin_wait(&self, until: Instant, reason: WaitReason) {
        self.enter(Phase::Waiting);
        if let Ok(mut wait) = self.wait.lock() {
            *wait = Some((until, reason));
        }
    }

    pub fn end_wait(&self) {
        if let Ok(mut wait) = self.wait.lock() {
            *wait = None;
        }
    }

    /// The call's number in the queue for a permit under the rate limit. It keeps it when the service turns it away:
    /// it came first, and is first again.
    pub fn number_in_queue(&self) -> u64 {
        let known = self.number.load(Ordering::Relaxed);
        if known != 0 {
            return known;
        }
        let number = pacing::next_number();
        self.number.store(number, Ordering::Relaxed);
        number
    }

    /// The service took the request: the next one queues anew.
    pub fn leave_queue(&self) {
        self.number.store(0, Ordering::Relaxed);
    }

    /// The call speaks to this server from now on.
    pub fn speaks_to(&self, peer: Arc<Peer>) {
        if let Ok(mut current) = self.peer.lock() {
            *current = Some(peer);
        }
    }

    /// What the call is doing, and with whom, for people.
    pub fn doing(&self) -> String {
        let phase = self.phase();
        let link = match phase {
            Phase::SigningIn => "at",
            Phase::Sending => "to",
            Phase::Receiving => "from",
            Phase::Starting | Phase::Waiting => return phase.name().to_owned(),
        };
        let peer = self.peer.lock().ok().and_then(|peer| peer.clone());
        let Some(peer) = peer else {
            return phase.name().to_owned();
        };
        let mut words = format!("{} {link} {}", phase.name(), peer.origin);
        if let Some(proxy) = &peer.proxy {
            words.push_str(&format!(" through the proxy {proxy}"));
        }
        if resolve::is_looking_for(&peer.host) {
            words.push_str(&format!(
                "; the name {} has not been resolved yet",
                peer.host
            ));
        }
        words
    }

    /// The call began this rotation: from here on there is a journal of it, and whoever stops the call can name it.
    pub fn set_rotation(&self, id: &str) {
        if let Ok(mut rotation) = self.rotation.lock() {
            *rotation = Some(id.to_owned());
        }
    }

    /// The rotation that the call began.
    pub fn rotation(&self) -> Option<String> {
        self.rotation.lock().ok()?.clone()
    }

    /// Notes words for the caller and the process's log. They must hold no secret.
    pub fn note(&self, level: Level, words: impl Into<String>) {
        self.note_message(level, Message::Words(words.into()));
    }

    /// Notes one exchange.
    pub fn note_message(&self, level: Level, message: Message) {
        if self.keeps_lines
            && let Ok(mut lines) = self.lines.lock()
        {
            lines.push(message.to_string());
        }
        log::write(level, message);
    }

    /// The lines noted so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines
            .lock()
            .map(|lines| lines.clone())
            .unwrap_or_default()
    }
}
