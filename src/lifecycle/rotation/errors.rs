//! What a rotation says when it cannot go on: always where things stand and what to do next, and nothing that was not
//! seen.

use std::time::Duration;

use crate::api::id;
use crate::error::{Code, Error};
use crate::lifecycle::rotation::destination::Destination;
use crate::lifecycle::rotation::journal::Journal;
use crate::lifecycle::rotation::state::State;

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
        "{what}: {}. What was made was removed again, and the old token was not touched",
        detail.message.trim_end_matches('.')
    );
    // Whatever the lost token was is gone.
    detail.orphan = None;
    error
}

/// A place holds a pair that is neither the old nor the new one.
pub fn held_by_another(place: &str, id: &str) -> Error {
    let id = id::shown(id);
    Error::new(
        Code::StoreFailed,
        format!("{place}: holds the pair of {id}, which is somebody else's and stays"),
    )
    .with_field("storeIn")
    .with_remedy("name another place, or take that pair out first if nobody needs it")
}

/// A token that was made is not removed.
pub fn in_use(id: &str, why: &str) -> Error {
    Error::new(
        Code::RotationRefused,
        format!("the new token {id} is not removed: {why}"),
    )
    .with_field("rotation")
    .with_remedy("sign in with another of the owner's tokens, or resume the rotation")
}

/// The settings are somebody else's.
pub fn other_owner(found: &str, wanted: &str) -> Error {
    Error::new(
        Code::RotationRefused,
        format!(
            "the settings sign in as the owner {found}, and the rotation is of tokens of {wanted}"
        ),
    )
    .with_field("rotation")
    .with_remedy("use that owner's settings or profile")
}

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
pub fn unfinished(
    journal: &Journal,
    destination: &Destination,
    cause: &Error,
    what: &str,
) -> Error {
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
            State::Deleted => format!(
                "the old token is gone, the pair of the new token {new} was stored in {destination}"
            ),
            State::Stored | State::Overlapping => {
                format!("the pair of the new token {new} was stored in {destination}{kept}")
            }
            State::Storing | State::Undoing | State::AwaitingConfirmation => match old {
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
