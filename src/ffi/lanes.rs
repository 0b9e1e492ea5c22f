//! Lanes: what a blocking call runs on. The caller's own thread drives the whole request, so that nothing
//! is handed to another thread and back (measured, see docs/performance.md). A lane has a runtime and
//! the connections that live on it; it goes from call to call, the warmest first.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use zeroize::Zeroizing;

use crate::client::monitor::Monitor;
use crate::client::pool::Pool;
use crate::client::{Client, Context};
use crate::error::Result;
use crate::ffi::runtime::{self, cannot_start};
use crate::ffi::{environment, sigpipe};
use crate::ops;
use crate::ops::envelope::Envelope;

/// Lanes there are at once. A lane takes four descriptors; callers past this number use the runtime of
/// the jobs, which serves any number. On Windows all of them do: under Wine a lane lost a wake-up in some
/// thousand calls, and waited for its deadline with the reply unread in the socket; the jobs' threads, which
/// stay the same, never did.
const MOST_LANES: usize = if cfg!(windows) { 0 } else { 64 };
/// A lane that rested longer is closed at the next call, and its connections with it.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// A lane that rested longer looks at its connections first: the server may have closed one. Calls that
/// follow each other more closely save the look.
const SHORT_REST: Duration = Duration::from_micros(300);
/// A call that ended this soon was not ended by a deadline.
const QUICK: Duration = Duration::from_millis(1);

struct Lane {
    runtime: Unwaited,
    pool: Arc<Pool>,
    rests_since: Instant,
    _counted: Counted,
}

/// A runtime that is closed without waiting: some work on a thread of it may hang, and that is nothing to whoever
/// closes the lane of another call.
struct Unwaited(Option<Runtime>);

impl Unwaited {
    fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        match &self.0 {
            Some(runtime) => runtime.block_on(work),
            None => unreachable!("a lane is closed when it is dropped, and not before"),
        }
    }
}

impl Drop for Unwaited {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The lane that rested last is on top.
static RESTING: Mutex<Vec<Lane>> = Mutex::new(Vec::new());

fn resting() -> MutexGuard<'static, Vec<Lane>> {
    RESTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An operation on a lane that has not ended yet. Dropping it closes its connection.
pub struct Underway {
    lane: Lane,
    running: Pin<Box<dyn Future<Output = Envelope> + Send>>,
    monitor: Arc<Monitor>,
}

/// Prepares an operation; nothing is sent before the lane is driven. None where no lane is to be had.
pub fn begin(
    client: Arc<Client>,
    operation: &str,
    json: Zeroizing<String>,
) -> Result<Option<Underway>> {
    let operation = ops::find(operation)?;
    let Some(lane) = take()? else { return Ok(None) };
    let monitor = Arc::new(Monitor::keeping_lines(client.settings().reply_log));
    let context = Context {
        monitor: monitor.clone(),
        pool: lane.pool.clone(),
        set_environment: Some(environment::set),
    };
    let rested = lane.rests_since.elapsed();
    let running = Box::pin(async move {
        if rested > SHORT_REST {
            notice_closed_connections().await;
        }
        let started = Instant::now();
        let envelope = operation.run(client, json, context).await;
        if started.elapsed() > QUICK {
            // What a deadline dropped is closed now, not at the lane's next call.
            notice_closed_connections().await;
        }
        envelope
    });
    Ok(Some(Underway {
        lane,
        running,
        monitor,
    }))
}

impl Underway {
    pub fn monitor(&self) -> Arc<Monitor> {
        self.monitor.clone()
    }

    /// Drives the operation to its end on the calling thread.
    pub fn drive_to_end(self) -> Envelope {
        let _held_back = sigpipe::hold_back();
        // A panic in here drops the lane, which is as well.
        let envelope = self.lane.runtime.block_on(self.running);
        give_back(self.lane);
        envelope
    }

    /// Drives the operation on the calling thread for at most `limit`.
    pub fn drive(mut self, limit: Duration) -> std::result::Result<Envelope, Box<Underway>> {
        let _held_back = sigpipe::hold_back();
        let running = &mut self.running;
        let turn = async { tokio::time::timeout(limit, running).await };
        match self.lane.runtime.block_on(turn) {
            Ok(envelope) => {
                give_back(self.lane);
                Ok(envelope)
            }
            Err(_) => Err(Box::new(self)),
        }
    }

    /// Drives the operation to its end, or until `stop` is told; then there is no reply.
    pub fn finish(mut self, stop: &Notify) -> Option<Envelope> {
        let running = &mut self.running;
        let ended = self.lane.runtime.block_on(async {
            let mut stopped = pin!(stop.notified());
            poll_fn(|context| match running.as_mut().poll(context) {
                Poll::Ready(envelope) => Poll::Ready(Some(envelope)),
                Poll::Pending => stopped.as_mut().poll(context).map(|()| None),
            })
            .await
        });
        if ended.is_some() {
            give_back(self.lane);
        }
        ended
    }
}

/// Lets the runtime look at its sockets, and then the connections at what it saw.
async fn notice_closed_connections() {
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
}

/// How many lanes there are, resting or at work.
static LANES: AtomicUsize = AtomicUsize::new(0);

/// Counts one lane for as long as it lives.
struct Counted;

impl Counted {
    /// None when there are enough.
    fn new() -> Option<Self> {
        let more = |lanes| (lanes < MOST_LANES).then_some(lanes + 1);
        LANES
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
            .ok()
            .map(|_| Counted)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LANES.fetch_sub(1, Ordering::AcqRel);
    }
}

fn take() -> Result<Option<Lane>> {
    if let Some(lane) = resting().pop() {
        return Ok(Some(lane));
    }
    let Some(counted) = Counted::new() else {
        return Ok(None);
    };
    let runtime = Builder::new_current_thread()
        .thread_name("sailpat-lane")
        .on_thread_start(runtime::own_thread)
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| cannot_start(&error))?;
    Ok(Some(Lane {
        runtime: Unwaited(Some(runtime)),
        pool: Arc::default(),
        rests_since: Instant::now(),
        _counted: counted,
    }))
}

fn give_back(mut lane: Lane) {
    lane.rests_since = Instant::now();
    let mut resting = resting();
    let stale = resting.partition_point(|lane| lane.rests_since.elapsed() > LONGEST_REST);
    let closed: Vec<Lane> = resting.drain(..stale).collect();
    resting.push(lane);
    // Closing sockets takes its time: not while others wait for a lane.
    drop(resting);
    drop(closed);
}

#[cfg(all(test, not(windows)))]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_lane_is_closed_without_waiting_for_what_hangs_on_it() {
        let lane = take().unwrap().unwrap();
        let (release, held) = mpsc::channel::<()>();
        let (begin, begun) = mpsc::channel();
        let hangs = move || {
            begin.send(()).unwrap();
            let _ = held.recv();
        };
        lane.runtime.0.as_ref().unwrap().spawn_blocking(hangs);
        begun.recv().unwrap();
        let (tell, closed) = mpsc::channel();
        std::thread::spawn(move || {
            drop(lane);
            tell.send(()).unwrap();
        });
        let in_time = closed.recv_timeout(Duration::from_secs(5));
        drop(release);
        in_time.unwrap();
    }
}
