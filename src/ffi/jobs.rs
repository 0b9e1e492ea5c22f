//! Calls that run on the library's threads. A job ends in exactly one way: with its reply, cancelled,
//! or with a caught panic.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use zeroize::Zeroizing;

use crate::client::cancel::{self, CancelEffect};
use crate::client::monitor::Monitor;
use crate::client::{Client, Context};
use crate::error::{Code, Error, Result};
use crate::ffi::handles::{HandleKind, Table};
use crate::ffi::lanes::Underway;
use crate::ffi::{environment, panic, runtime};
use crate::ops::envelope::{self, Envelope};
use crate::ops::{self, Operation};
use crate::secret::Secret;
use crate::threads;

/// What is stopped is dropped by the thread that drives it as soon as that looks up from a step of it.
const DROPPED_WITHIN: Duration = Duration::from_secs(1);

static JOBS: Table<Job> = Table::new(HandleKind::Job);

/// One call under way.
pub struct Job {
    state: Mutex<JobState>,
    ended: Condvar,
    monitor: Arc<Monitor>,
}

enum JobState {
    Running(Option<Stop>),
    /// Cancelled, and its call is being dropped: it ends once nothing of that is at work any more.
    Stopping(Envelope),
    Ended(End, Envelope),
    Taken(End),
}

/// How to stop what drives a job.
enum Stop {
    /// A task of the runtime.
    Task(AbortHandle),
    /// A thread that took over a lane.
    Thread(Arc<Notify>),
}

impl Stop {
    fn now(self) {
        match self {
            Stop::Task(task) => task.abort(),
            Stop::Thread(told) => told.notify_one(),
        }
    }
}

impl JobState {
    fn is_running(&self) -> bool {
        matches!(self, JobState::Running(_) | JobState::Stopping(_))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Finished,
    Cancelled,
}

impl Job {
    /// Starts an operation.
    pub fn start(
        client: Arc<Client>,
        operation: &'static Operation,
        json: Zeroizing<String>,
    ) -> Result<Arc<Self>> {
        let job = Arc::new(Job {
            state: Mutex::new(JobState::Running(None)),
            ended: Condvar::new(),
            monitor: Arc::new(Monitor::keeping_lines(client.settings().reply_log)),
        });
        let context = Context {
            monitor: job.monitor.clone(),
            pool: runtime::pool(),
            set_environment: Some(environment::set),
        };
        let end = Ending(job.clone());
        let task = runtime::runtime()?.spawn(async move {
            let envelope = operation.run(client, json, context).await;
            end.0.reply(envelope);
        });
        if let JobState::Running(stop) = &mut *job.state() {
            *stop = Some(Stop::Task(task.abort_handle()));
        }
        Ok(job)
    }

    /// A job for an operation that began on its caller's thread and goes on without it.
    pub fn adopt(underway: Underway) -> Result<Arc<Self>> {
        let told = Arc::new(Notify::new());
        let job = Arc::new(Job {
            state: Mutex::new(JobState::Running(Some(Stop::Thread(told.clone())))),
            ended: Condvar::new(),
            monitor: underway.monitor(),
        });
        let end = Ending(job.clone());
        let drive = move || {
            if let Ok(Some(envelope)) = panic::catch(|| underway.finish(&told)) {
                end.0.reply(envelope);
            }
            drop(end);
        };
        threads::start("sailpat-job", drive).map_err(|error| runtime::cannot_start(&error))?;
        Ok(job)
    }

    /// A job that ended before it began.
    fn refused(error: &Error) -> Arc<Self> {
        Arc::new(Job {
            state: Mutex::new(JobState::Ended(End::Finished, envelope::refused(error))),
            ended: Condvar::new(),
            monitor: Arc::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, JobState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the job with what its operation says, which may be that it was cancelled.
    fn reply(&self, envelope: Envelope) {
        let cancelled = self.monitor.cancel.was_answered();
        let end = if cancelled {
            End::Cancelled
        } else {
            End::Finished
        };
        self.end(end, envelope);
    }

    /// Ends the job unless it has ended. One that is being stopped says that it was.
    fn end(&self, end: End, envelope: Envelope) {
        let mut state = self.state();
        let before = std::mem::replace(&mut *state, JobState::Taken(end));
        *state = match before {
            JobState::Running(_) => JobState::Ended(end, envelope),
            JobState::Stopping(stopped) => JobState::Ended(End::Cancelled, stopped),
            ended => ended,
        };
        drop(state);
        self.ended.notify_all();
    }

    /// Waits for the end, at most `limit`; true when it has ended.
    pub fn wait(&self, limit: Duration) -> bool {
        let running = |state: &mut JobState| state.is_running();
        match self.ended.wait_timeout_while(self.state(), limit, running) {
            Ok((_, timeout)) => !timeout.timed_out(),
            Err(poisoned) => !poisoned.into_inner().1.timed_out(),
        }
    }

    /// Takes the reply.
    pub fn take(&self) -> Result<Envelope> {
        let mut state = self.state();
        match std::mem::replace(&mut *state, JobState::Taken(End::Finished)) {
            JobState::Ended(end, envelope) => {
                *state = JobState::Taken(end);
                Ok(envelope)
            }
            running @ (JobState::Running(_) | JobState::Stopping(_)) => {
                *state = running;
                Err(Error::new(Code::NotFinished, "the job is still running")
                    .retryable()
                    .with_remedy("wait with pat_job_wait, or cancel it"))
            }
            JobState::Taken(end) => {
                *state = JobState::Taken(end);
                Err(
                    Error::new(Code::InvalidHandle, "job: its reply was taken before")
                        .with_field("job"),
                )
            }
        }
    }

    /// The secret of the pair that its reply hands over, once.
    fn secret(&self) -> Option<Secret> {
        match &mut *self.state() {
            JobState::Ended(_, envelope) => envelope.take_secret(),
            _ => None,
        }
    }

    /// Stops the request; what it did until then stays done. A create that may have been sent ends by itself, and
    /// says what came of it.
    fn cancel(&self) {
        if !matches!(*self.state(), JobState::Running(_)) {
            return;
        }
        match self.monitor.cancel.ask() {
            CancelEffect::Answers => {}
            CancelEffect::NothingSent => self.stop(&cancel::nothing_sent()),
            CancelEffect::Dropped => self.stop(&cancel::dropped(self.monitor.rotation())),
        }
    }

    /// Stops the request at once; nobody wants to know what came of it. The job has ended once the request is
    /// dropped with all that it held, the lock of a rotation for one.
    fn stop(&self, error: &Error) {
        let mut state = self.state();
        let JobState::Running(stop) = &mut *state else {
            return;
        };
        let stop = stop.take();
        *state = JobState::Stopping(envelope::refused(error));
        drop(state);
        if let Some(stop) = stop {
            stop.now();
        }
        self.wait(DROPPED_WITHIN);
    }

    fn progress(&self) -> Progress {
        let state = match &*self.state() {
            JobState::Running(_) | JobState::Stopping(_) => "running",
            JobState::Ended(End::Finished, _) | JobState::Taken(End::Finished) => "finished",
            JobState::Ended(End::Cancelled, _) | JobState::Taken(End::Cancelled) => "cancelled",
        };
        let wait = self.monitor.wait();
        Progress {
            state,
            phase: self.monitor.phase().name(),
            attempt: self.monitor.attempts(),
            elapsed_ms: self.monitor.elapsed().as_millis() as u64,
            wait_ms: wait.map(|(left, _)| left.as_millis() as u64),
            wait_reason: wait.map(|(_, reason)| reason.name()),
            received_bytes: self.monitor.received(),
            rotation: self.monitor.rotation(),
        }
    }
}

/// Ends the job when what drives it goes away without having done so: after a panic, or an abort.
struct Ending(Arc<Job>);

impl Drop for Ending {
    fn drop(&mut self) {
        let running = self.0.state().is_running();
        if running {
            self.0
                .end(End::Finished, envelope::refused(&panic::fault()));
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    state: &'static str,
    phase: &'static str,
    attempt: u32,
    elapsed_ms: u64,
    wait_ms: Option<u64>,
    wait_reason: Option<&'static str>,
    received_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation: Option<String>,
}

/// Starts a job and gives it a handle. What is wrong with the call becomes the job's reply.
pub fn start(prepared: Result<(Arc<Client>, Zeroizing<String>, Zeroizing<String>)>) -> u64 {
    let started = prepared
        .and_then(|(client, operation, json)| Job::start(client, ops::find(&operation)?, json));
    keep(started.unwrap_or_else(|error| Job::refused(&error)))
}

/// Gives a job its handle.
pub fn keep(job: Arc<Job>) -> u64 {
    JOBS.insert(job)
}

/// Waits at most `limit` for a job; true when it has ended.
pub fn wait(handle: u64, limit: Duration) -> Result<bool> {
    Ok(JOBS.get(handle)?.wait(limit))
}

pub fn progress(handle: u64) -> Result<Envelope> {
    Ok(envelope::local(&JOBS.get(handle)?.progress()))
}

pub fn cancel(handle: u64) -> Result<()> {
    JOBS.get(handle)?.cancel();
    Ok(())
}

/// The secret of the pair that a job's reply hands over; from then on the reply does not hold it.
pub fn secret(handle: u64) -> Result<Option<Secret>> {
    Ok(JOBS.get(handle)?.secret())
}

pub fn take(handle: u64) -> Result<Envelope> {
    JOBS.get(handle)?.take()
}

/// Frees a job, dropping it where it still runs.
pub fn free(handle: u64) -> Result<()> {
    JOBS.remove(handle)?.stop(&cancel::dropped(None));
    Ok(())
}
