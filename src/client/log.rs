//! The process's log: a bounded list in memory that callers pull. Nothing is ever printed, and no
//! line holds a secret, since only methods, paths, statuses and times are written here.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

/// Older lines are dropped past this many.
const CAPACITY: usize = 1_000;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Debug,
    Info,
    Warn,
}

impl Level {
    pub const fn name(self) -> &'static str {
        match self {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
        }
    }
}

/// One line.
pub struct LogEntry {
    pub time: SystemTime,
    pub level: Level,
    pub message: Message,
}

/// What a line says; it becomes text when somebody reads it.
#[derive(Clone)]
pub enum Message {
    Words(String),
    /// One HTTP exchange and how it ended.
    Exchange {
        method: &'static str,
        path: String,
        outcome: ExchangeEnd,
        took: Duration,
    },
}

/// How an exchange ended: with a status, or an error's code.
#[derive(Clone, Copy)]
pub enum ExchangeEnd {
    Status(u16),
    Code(&'static str),
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::Words(words) => f.write_str(words),
            Message::Exchange {
                method,
                path,
                outcome,
                took,
            } => {
                write!(f, "{method} {path} -> ")?;
                match outcome {
                    ExchangeEnd::Status(status) => write!(f, "{status}")?,
                    ExchangeEnd::Code(code) => f.write_str(code)?,
                }
                write!(f, " in {:.1} ms", took.as_secs_f64() * 1_000.0)
            }
        }
    }
}

static LINES: Mutex<VecDeque<LogEntry>> = Mutex::new(VecDeque::new());

/// Adds a line.
pub fn write(level: Level, message: Message) {
    let Ok(mut lines) = LINES.lock() else { return };
    if lines.len() == CAPACITY {
        lines.pop_front();
    }
    lines.push_back(LogEntry {
        time: SystemTime::now(),
        level,
        message,
    });
}

/// Takes all lines, the oldest first, and leaves none.
pub fn take() -> Vec<LogEntry> {
    LINES
        .lock()
        .map(|mut lines| lines.drain(..).collect())
        .unwrap_or_default()
}
