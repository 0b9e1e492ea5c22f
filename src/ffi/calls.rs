//! Calls whose caller waits: on a lane where one is to be had, else on the runtime of the jobs.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::client::Client;
use crate::error::Result;
use crate::ffi::jobs::{self, Job};
use crate::ffi::{lanes, panic, runtime};
use crate::ops;
use crate::ops::envelope::Envelope;
use crate::threads;

/// Some systems cannot wait for longer in one go.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// Runs an operation to its end for a caller that waits.
pub fn call(client: Arc<Client>, operation: &str, json: Zeroizing<String>) -> Result<Envelope> {
    if panic::thread_has_ended() {
        return on_another_thread(client, operation, json);
    }
    match lanes::begin(client.clone(), operation, json.clone())? {
        Some(underway) => Ok(underway.drive_to_end()),
        None => on_the_runtime(client, operation, json),
    }
}

/// In a handler of atexit this thread's own values are gone, and a runtime needs them.
fn on_another_thread(
    client: Arc<Client>,
    operation: &str,
    json: Zeroizing<String>,
) -> Result<Envelope> {
    let operation = operation.to_owned();
    let work = move || call(client, &operation, json);
    threads::start("sailpat-exit", work)
        .map_err(|error| runtime::cannot_start(&error))?
        .join()
        .unwrap_or_else(|_| Err(panic::fault()))
}

/// Runs an operation on the runtime, for a caller that waits: it is a job that nobody else has.
fn on_the_runtime(
    client: Arc<Client>,
    operation: &str,
    json: Zeroizing<String>,
) -> Result<Envelope> {
    let job = Job::start(client, ops::find(operation)?, json)?;
    while !job.wait(LONGEST_WAIT) {}
    job.take()
}

/// Runs an operation on the calling thread for at most `limit`; what takes longer becomes a job.
pub fn run(
    client: Arc<Client>,
    operation: &str,
    json: Zeroizing<String>,
    limit: Duration,
) -> Result<Ran> {
    let underway = match panic::thread_has_ended() {
        true => None,
        false => lanes::begin(client.clone(), operation, json.clone())?,
    };
    let Some(underway) = underway else {
        let job = Job::start(client, ops::find(operation)?, json)?;
        return Ok(if job.wait(limit) {
            Ran::Ended(job.take()?)
        } else {
            Ran::GoesOn(jobs::keep(job))
        });
    };
    match underway.drive(limit) {
        Ok(envelope) => Ok(Ran::Ended(envelope)),
        Err(underway) => Ok(Ran::GoesOn(jobs::keep(Job::adopt(*underway)?))),
    }
}

/// How `run` came out.
pub enum Ran {
    Ended(Envelope),
    GoesOn(u64),
}
