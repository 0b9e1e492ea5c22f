//! What blocks, on a thread of its own: work on files, programs and keyrings that a call waits for without holding up
//! the thread which drives its connections.

use crate::error::{Code, Error, Result};
use crate::store::keyring::session::Session;
use crate::threads;

/// Runs what blocks on a thread of its own. Whoever stops waiting leaves it to its end.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (tell, done) = tokio::sync::oneshot::channel();
    let work = move || tell.send(work()).is_ok();
    start("sailpat-work", work)?;
    done.await
        .map_err(|_| Error::new(Code::Internal, "a worker thread failed"))
}

/// Starts work on a thread, in the session of whoever starts it.
pub fn start<T: Send + 'static>(
    thread: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<()> {
    let session = Session::current();
    threads::start(thread, move || session.over(work))
        .map(drop)
        .map_err(|error| no_thread(&error))
}

fn no_thread(error: &std::io::Error) -> Error {
    Error::new(Code::Internal, format!("no thread can be had: {error}"))
        .retryable()
        .with_remedy("look at the process's limit on threads")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_session_of_whoever_waits_surrounds_the_work_on_the_other_thread() {
        let session = Session::Given {
            bus: Some("unix:path=/b".to_owned()),
            runtime: None,
        };
        let seen = session.clone().around(blocking(Session::current)).await;
        assert_eq!(seen.unwrap(), session);
        assert_eq!(Session::current(), Session::OfProcess);
    }
}
