//! What a rotation says that stopped half way: where things stand, as its journal knows it, and what to do next.

use std::time::Duration;

use crate::error::{Code, Error};
use crate::lifecycle::rotation::destination::Destination;
use crate::lifecycle::rotation::journal::Journal;
use crate::lifecycle::rotation::state::RotationState;

/// The store may still be at work, so that nothing is decided.
pub fn waits(journal: &Journal, destination: &Destination, left: Option<Duration>) -> Error {
    let rotation = &journal.plan.rotation;
    let error = Error::new(
        Code::RotationUnfinished,
        format!(
            "the rotation {rotation} waits: {destination} may still be at work and store the new pair; {}",
            journal.standing(destination)
        ),
    )
    .with_field("rotation")
    .retryable();
    match left {
        Some(left) => error
            .with_retry_after(left)
            .with_remedy(format!("resume it in {:.0} s", left.as_secs_f64().ceil())),
        None => error.with_remedy("resume it once that has ended"),
    }
}

/// It stopped half way.
pub fn stopped(journal: &Journal, destination: &Destination, cause: &Error, what: &str) -> Error {
    let rotation = &journal.plan.rotation;
    let detail = cause.detail();
    let mut error = Error::new(
        Code::RotationUnfinished,
        format!(
            "the rotation {rotation} stopped half way ({what}): {}. {}",
            detail.message.trim_end_matches('.'),
            capitalized(&journal.standing(destination))
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
    if detail.code == Code::StoreFailed
        && let Some(remedy) = &detail.remedy
    {
        unfinished.remedy = Some(format!(
            "{remedy}; then resume the rotation {rotation}, or undo it"
        ));
    }
    error
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

impl Journal {
    /// Where things stand, as far as the journal knows it.
    fn standing(&self, destination: &Destination) -> String {
        let new = self.new_id().unwrap_or("none");
        let old = self.plan.old_id.as_deref();
        let kept = old.map_or_else(String::new, |old| {
            format!("; the old token {old} was not seen to be removed")
        });
        match self.state() {
            RotationState::Deleted => format!(
                "the old token is gone, the pair of the new token {new} was stored in {destination}"
            ),
            RotationState::Stored | RotationState::Overlapping => {
                format!("the pair of the new token {new} was stored in {destination}{kept}")
            }
            RotationState::Storing
            | RotationState::Undoing
            | RotationState::AwaitingConfirmation => match old {
                Some(old) => format!("the old token {old} was not touched, the new one is {new}"),
                None => format!("the token {new} was made"),
            },
            _ => match old {
                Some(old) => format!("the old token {old} was not touched"),
                None => "what was made carries the rotation's mark and is removed by it".to_owned(),
            },
        }
    }
}
