//! Lanes: what a blocking call runs on. The caller's own thread drives the whole request, so that nothing
//! is handed to another thread and back (measured, see docs/performance.md). A lane has a runtime and
//! the connections that live on it; it goes from call to call, the warmest first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
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

/// Runs an operation to its end on the calling thread.
pub fn call(client: Arc<Client>, operation: &str, json: Zeroizing<String>) -> Result<Envelope> {
    let operation = ops::find(operation)?;
    let lane = take()?;
    let context = Context {
        monitor: Arc::new(Monitor::keeping_lines(client.settings().reply_log)),
        pool: lane.pool.clone(),
    };
    let rested = lane.rests_since.elapsed();
    // A panic in here drops the lane, which is as well.
    let envelope = lane.runtime.block_on(async {
        if rested > SHORT_REST {
            notice_closed_connections().await;
        }
        operation.run(client, json, context).await
    });
    give_back(lane);
    Ok(envelope)
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
