//! The process's log: a bounded list in memory that callers pull. Nothing is ever printed, and no
//! line holds a secret, since only methods, paths, statuses and times are written here.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::SystemTime;

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
pub struct Line {
    pub time: SystemTime,
    pub level: Level,
    pub message: String,
}

static LINES: Mutex<VecDeque<Line>> = Mutex::new(VecDeque::new());

/// Adds a line.
pub fn write(level: Level, message: String) {
    let Ok(mut lines) = LINES.lock() else { return };
    if lines.len() == CAPACITY {
        lines.pop_front();
    }
    lines.push_back(Line {
        time: SystemTime::now(),
        level,
        message,
    });
}

/// Takes all lines, the oldest first, and leaves none.
pub fn take() -> Vec<Line> {
    LINES
        .lock()
        .map(|mut lines| lines.drain(..).collect())
        .unwrap_or_default()
}
