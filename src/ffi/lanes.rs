//! Lanes: what a blocking call runs on. The caller's own thread drives the whole request, so that nothing
//! is handed to another thread and back (measured, see docs/performance.md). A lane has a runtime and
//! the connections that live on it; it goes from call to call, the warmest first.

use std::future::poll_fn;
use std::pin::{Pin, pin};
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
use crate::ffi::runtime::cannot_start;
use crate::ops;
use crate::ops::envelope::Envelope;

/// Lanes that wait for a call; more callers than this at once open new ones each time.
const KEPT: usize = 64;
/// A lane that rested longer is closed, and its connections with it.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// After a rest of this length the server may have closed a connection unseen.
const SHORT_REST: Duration = Duration::from_millis(5);

struct Lane {
    runtime: Runtime,
    pool: Arc<Pool>,
    rests_since: Instant,
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

/// Runs an operation to its end on the calling thread.
pub fn call(client: Arc<Client>, operation: &str, json: Zeroizing<String>) -> Result<Envelope> {
    let Underway { lane, running, .. } = begin(client, operation, json)?;
    let started = Instant::now();
    let envelope = lane.runtime.block_on(running);
    if started.elapsed() > SHORT_REST {
        // What a deadline dropped is closed now, not at the lane's next call.
        lane.runtime.block_on(notice_closed_connections());
    }
    give_back(lane);
    Ok(envelope)
}

/// Prepares an operation; nothing is sent before the lane is driven.
pub fn begin(client: Arc<Client>, operation: &str, json: Zeroizing<String>) -> Result<Underway> {
    let operation = ops::find(operation)?;
    let lane = take()?;
    let monitor = Arc::new(Monitor::keeping_lines(client.settings().reply_log));
    let context = Context {
        monitor: monitor.clone(),
        pool: lane.pool.clone(),
    };
    let rested = lane.rests_since.elapsed();
    let running = Box::pin(async move {
        if rested > SHORT_REST {
            notice_closed_connections().await;
        }
        operation.run(client, json, context).await
    });
    Ok(Underway {
        lane,
        running,
        monitor,
    })
}

impl Underway {
    pub fn monitor(&self) -> Arc<Monitor> {
        self.monitor.clone()
    }

    /// Drives the operation on the calling thread for at most `limit`.
    pub fn drive(mut self, limit: Duration) -> std::result::Result<Envelope, Box<Underway>> {
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

fn take() -> Result<Lane> {
    if let Some(lane) = resting().pop() {
        return Ok(lane);
    }
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| cannot_start(&error))?;
    Ok(Lane {
        runtime,
        pool: Arc::default(),
        rests_since: Instant::now(),
    })
}

fn give_back(mut lane: Lane) {
    lane.rests_since = Instant::now();
    let mut resting = resting();
    let fresh = resting.partition_point(|lane| lane.rests_since.elapsed() > LONGEST_REST);
    let closed: Vec<Lane> = resting.drain(..fresh).collect();
    if resting.len() < KEPT {
        resting.push(lane);
    }
    // Closing sockets takes its time: not while others wait for a lane.
    drop(resting);
    drop(closed);
}
