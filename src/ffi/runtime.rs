//! The one runtime of the process, started by the first call: nothing runs when the library is loaded.
//! It is never stopped, so that a call from atexit or a thread that outlives main finds it.

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Runtime};

use crate::error::{Code, Error, Result};
use crate::ffi::quiet;

/// Two workers keep one caller's wait short (measured, see docs/performance.md) and serve hundreds of
/// callers: a request is waiting, not computing.
const WORKERS: usize = 2;

static RUNTIME: OnceCell<Runtime> = OnceCell::new();

/// The runtime.
pub fn runtime() -> Result<&'static Runtime> {
    RUNTIME.get_or_try_init(|| {
        Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("sailpat")
            .on_thread_start(quiet::own_thread)
            .enable_io()
            .enable_time()
            .build()
            .map_err(|error| {
                Error::new(
                    Code::Internal,
                    format!("the library's threads cannot be started: {error}"),
                )
                .retryable()
            })
    })
}
