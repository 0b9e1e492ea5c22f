//! What a rotation says when it refuses something or takes itself back: always what to do next, and nothing that was
//! not seen.

use crate::api::id;
use crate::error::{Code, Error};

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
