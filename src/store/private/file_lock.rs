//! A lock on a file itself, which hosts that share the file share.

use std::fs::{File, TryLockError};
use std::io;

/// Locks a file, unless another has it.
pub fn lock_now(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(io::Error::new(
            error.kind(),
            format!("it cannot be locked against other writers: {error}"),
        )),
    }
}
