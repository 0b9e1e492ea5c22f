//! The runtime that jobs run on, started by the first job: nothing runs when the library is loaded.
//! It is never stopped, so that a call from a thread that outlives main finds it.

use std::sync::Arc;

use once_cell::sync::{Lazy, OnceCell};
use tokio::runtime::{Builder, Runtime};

use crate::client::pool::Pool;
use crate::error::{Code, Error, Result};
use crate::ffi::{panic, sigpipe};
use crate::threads;

/// Enough for hundreds of jobs: a request is waiting, not computing.
const WORKERS: usize = 2;

static RUNTIME: OnceCell<Runtime> = OnceCell::new();
static POOL: Lazy<Arc<Pool>> = Lazy::new(Arc::default);

/// The runtime.
pub fn runtime() -> Result<&'static Runtime> {
    RUNTIME.get_or_try_init(|| {
        // On a thread of its own: a caller that is ending, such as an atexit handler, has lost the
        // thread-local state that building one wants.
        let built = threads::start("sailpat-start", build).map_err(|error| cannot_start(&error))?;
        let built = built
            .join()
            .unwrap_or_else(|_| Err(std::io::Error::other("a panic")));
        built.map_err(|error| cannot_start(&error))
    })
}

fn build() -> std::io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("sailpat")
        .on_thread_start(own_thread)
        .enable_io()
        .enable_time()
        .build()
}

/// What every thread of the library's own begins with.
pub fn own_thread() {
    panic::own_thread();
    sigpipe::hold_back_for_good();
}

/// The connections that live on it.
pub fn pool() -> Arc<Pool> {
    POOL.clone()
}

/// The system refused a thread or a descriptor.
pub fn cannot_start(error: &std::io::Error) -> Error {
    Error::new(
        Code::Internal,
        format!("the library cannot start to work: {error}"),
    )
    .retryable()
    .with_remedy("look at the process's limits on threads and open files")
}
