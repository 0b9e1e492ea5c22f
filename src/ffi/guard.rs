//! What every exported function runs inside: the fork check, then the catching of panics.

use std::ffi::c_char;

use crate::error::{Error, Result};
use crate::ffi::{panic, process, text};
use crate::ops::envelope::{self, Envelope};

/// Runs a function that answers with an envelope.
pub fn reply(work: impl FnOnce() -> Result<Envelope>) -> *mut c_char {
    text::give(run(work).unwrap_or_else(|error| envelope::refused(&error)))
}

/// Runs a function that answers with a value, or the error.
pub fn run<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    process::check()?;
    panic::catch(work)?
}

/// The number of an error, as functions without an envelope return it.
pub fn number(error: &Error) -> i32 {
    error.code().number().into()
}
