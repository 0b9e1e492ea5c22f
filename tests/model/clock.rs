//! Time: the library's sleeps follow a clock that stands still until the model moves it on. A thread beside it
//! ticks in real time, so that a sleep which nobody announces is noticed.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::watch;

const TICK: Duration = Duration::from_millis(2);

static TICKS: LazyLock<watch::Sender<u64>> = LazyLock::new(|| {
    let (sender, _) = watch::channel(0);
    let of_thread = sender.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(TICK);
            of_thread.send_modify(|ticks| *ticks += 1);
        }
    });
    sender
});

pub async fn tick() {
    let _ = TICKS.subscribe().changed().await;
}

/// Until so much real time has passed.
pub async fn wait(time: Duration) {
    let until = Instant::now() + time;
    while Instant::now() < until {
        tick().await;
    }
}

/// Runs a case on a clock of its own that stands still.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime: Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let (release, held) = std::sync::mpsc::channel::<()>();
    // As long as this runs, the clock does not go on by itself while a request is on its way.
    let standing = runtime.spawn_blocking(move || {
        let _ = held.recv();
    });
    let done = runtime.block_on(work);
    drop(release);
    drop(standing);
    runtime.shutdown_background();
    done
}

pub fn in_days(days: i64) -> String {
    let date = Timestamp::now() + SignedDuration::from_hours(24 * days);
    format!("{date:.3}")
}

/// A folder, in memory where that is possible: each journal line is made safe before the next step.
pub fn folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let made = tempfile::Builder::new()
        .prefix("sailpat-model")
        .tempdir_in(memory);
    made.or_else(|_| tempfile::tempdir()).expect("a folder")
}
