//! What a rotation says when it cannot go on: always where things stand and what to do next.

use crate::error::{Code, Error};
use crate::lifecycle::rotation::journal::Journal;

/// Nothing was made.
pub fn refused(why: impl std::fmt::Display) -> Error {
    Error::new(Code::RotationRefused, format!("{why}; nothing was changed"))
}

/// There is nothing to sign in with anew.
pub fn bearer_alone() -> Error {
    refused("a bearer alone cannot rotate a token")
        .with_remedy("give client id and client secret instead of a token")
}

/// A refusal that another error is behind; its status, body and waiting time stay.
pub fn refused_because(mut error: Error, why: &str) -> Error {
    let detail = error.detail_mut();
    detail.message = format!(
        "{why}: {}; nothing was changed",
        detail.message.trim_end_matches('.')
    );
    error
}

/// Everything is as it was before; the error keeps its code.
pub fn taken_back(mut error: Error, what: &str) -> Error {
    let detail = error.detail_mut();
    detail.message = format!(
        "{what}: {}. What was made was removed again: the old token and what is stored are as before",
        detail.message.trim_end_matches('.')
    );
    // Whatever the lost token was is gone.
    detail.orphan = None;
    error
}

/// It stopped half way.
pub fn unfinished(journal: &Journal, cause: &Error, what: &str) -> Error {
    let rotation = &journal.plan.rotation;
    let detail = cause.detail();
    let mut error = Error::new(
        Code::RotationUnfinished,
        format!(
            "the rotation {rotation} stopped half way ({what}): {}. Nothing is lost: {}",
            detail.message.trim_end_matches('.'),
            journal.what_works()
        ),
    )
    .with_field("rotation")
    .with_remedy(format!(
        "resume the rotation {rotation} once the cause is gone, or undo it"
    ));
    let unfinished = error.detail_mut();
    unfinished.retryable = detail.retryable;
    unfinished.retry_after = detail.retry_after;
    unfinished.tracking_id.clone_from(&detail.tracking_id);
    error
}
