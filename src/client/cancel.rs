//! Cancelling a call. Most calls are dropped where they are, and that is all. A create is not: once it was sent, its
//! token may be there and its secret on the way. So it ends by itself, and says what came of it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::sync::Notify;

use crate::error::{Code, Error};

/// How far a call is, as far as cancelling it is concerned.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing of it has run yet.
    #[default]
    Waiting,
    /// To be dropped where it is.
    Running,
    /// A create that was not handed on to be sent.
    Preparing,
    /// A create that may have been sent.
    Creating,
    /// Cancelled before anything was sent; it must not go on.
    Stopped,
    /// A create that was cancelled and says so itself.
    Answered,
}

/// What cancelling a call comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelEffect {
    /// Nothing was sent, and nothing will be.
    NothingSent,
    /// The call ends by itself, within seconds, and says what came of it.
    Answers,
    /// It is to be dropped, and nobody knows what the service did.
    Dropped,
}

/// The part of a call that whoever wants to cancel it holds, too.
#[derive(Default)]
pub struct Cancel {
    state: Mutex<Stage>,
    asked: Notify,
}

impl Cancel {
    fn state(&self) -> MutexGuard<'_, Stage> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The call begins to run; false when it was cancelled before.
    pub fn begin(&self) -> bool {
        let mut state = self.state();
        if *state == Stage::Waiting {
            *state = Stage::Running;
        }
        *state != Stage::Stopped
    }

    /// The call is a create that answers for itself.
    pub fn is_create(&self) {
        self.change(Stage::Running, Stage::Preparing);
    }

    /// The create is about to be sent; false when it was cancelled before.
    pub fn begin_create(&self) -> bool {
        self.change(Stage::Preparing, Stage::Creating);
        *self.state() != Stage::Stopped
    }

    /// The create was refused, or never left: nothing of it is on its way.
    pub fn nothing_made(&self) {
        self.change(Stage::Creating, Stage::Preparing);
    }

    /// The create was cancelled and says so itself.
    pub fn answered(&self) {
        self.change(Stage::Creating, Stage::Answered);
    }

    fn change(&self, from: Stage, to: Stage) {
        let mut state = self.state();
        if *state == from {
            *state = to;
        }
    }

    pub fn was_answered(&self) -> bool {
        *self.state() == Stage::Answered
    }

    /// Asks the call to end.
    pub fn ask(&self) -> CancelEffect {
        let mut state = self.state();
        match *state {
            Stage::Waiting | Stage::Preparing | Stage::Stopped => {
                *state = Stage::Stopped;
                CancelEffect::NothingSent
            }
            Stage::Creating | Stage::Answered => {
                self.asked.notify_one();
                CancelEffect::Answers
            }
            Stage::Running => CancelEffect::Dropped,
        }
    }

    /// Does `work`; none when the call was asked to end before it was done.
    pub async fn unless_asked<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let (mut work, mut asked) = (pin!(work), pin!(self.asked.notified()));
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => asked.as_mut().poll(context).map(|()| None),
        })
        .await
    }
}

/// The error of a call that was cancelled before anything was sent.
pub fn nothing_sent() -> Error {
    Error::new(Code::Cancelled, "the job was cancelled; nothing was sent")
}

/// The error of a call that was dropped; it names the rotation that the call had begun.
pub fn dropped(rotation: Option<String>) -> Error {
    let Some(id) = rotation else {
        return Error::new(Code::Cancelled, "the job was cancelled")
            .with_remedy("a change may have been made all the same: list to see");
    };
    let mut error = Error::new(
        Code::Cancelled,
        format!("the job was cancelled on its way with the rotation {id}; nothing is lost"),
    )
    .with_remedy(format!("resume the rotation {id}, or undo it"));
    error.detail_mut().rotation = Some(id);
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cancelled_before_it_was_sent_is_never_sent() {
        let cancel = Cancel::default();
        assert_eq!(cancel.ask(), CancelEffect::NothingSent);
        assert!(!cancel.begin());

        let cancel = Cancel::default();
        assert!(cancel.begin());
        cancel.is_create();
        assert_eq!(cancel.ask(), CancelEffect::NothingSent);
        assert!(!cancel.begin_create());
    }

    #[test]
    fn only_a_create_that_may_be_on_its_way_answers_itself() {
        let cancel = Cancel::default();
        assert!(cancel.begin() && cancel.begin_create());
        assert_eq!(cancel.ask(), CancelEffect::Dropped, "a step of a rotation");

        let cancel = Cancel::default();
        cancel.begin();
        cancel.is_create();
        assert!(cancel.begin_create());
        assert_eq!(cancel.ask(), CancelEffect::Answers);
        assert!(!cancel.was_answered());
        cancel.answered();
        assert!(cancel.was_answered());
        assert_eq!(cancel.ask(), CancelEffect::Answers);
    }

    #[test]
    fn a_call_that_began_a_rotation_names_it_when_it_is_dropped() {
        let error = dropped(Some("r1".to_owned()));
        assert_eq!(error.detail().rotation.as_deref(), Some("r1"));
        assert!(error.to_string().contains("the rotation r1"), "{error}");
        assert_eq!(dropped(None).detail().rotation, None);
    }

    #[test]
    fn a_create_that_made_nothing_can_be_stopped_again() {
        let cancel = Cancel::default();
        cancel.begin();
        cancel.is_create();
        cancel.begin_create();
        cancel.nothing_made();
        assert_eq!(cancel.ask(), CancelEffect::NothingSent);
    }

    #[tokio::test]
    async fn work_that_is_done_counts_even_when_it_was_cancelled() {
        let cancel = Cancel::default();
        cancel.begin();
        cancel.is_create();
        cancel.begin_create();
        cancel.ask();
        assert_eq!(cancel.unless_asked(async { 1 }).await, Some(1));
        let never = cancel.unless_asked(std::future::pending::<i32>());
        let ended = tokio::time::timeout(std::time::Duration::from_secs(5), never).await;
        assert_eq!(ended, Ok(None), "it was asked to end");
    }
}
