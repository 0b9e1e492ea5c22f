//! One rotation of a token at a time, on this machine. The system gives a lock back when its process ends,
//! however it ends.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use once_cell::sync::Lazy;

use crate::error::{Code, Error, Result};
use crate::store::trust::{self, unusable};
use crate::store::{lock, private};

/// Held while a token's rotation is at work.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held, never read")] lock::Held);

impl Lock {
    /// The lock of a token, or the error that somebody else has it.
    pub fn take(folder: &Path, id: &str) -> Result<Self> {
        trust::make_folder(folder)?;
        let path = folder.join(format!("{}.lock", file_name(id)));
        trust::file_at(&path)?;
        let taken = lock::take(&path, Duration::ZERO).map_err(|error| unusable(&path, &error))?;
        taken.map(Lock).ok_or_else(|| busy(id))
    }
}

/// The file that an external command, and what it starts, holds locked while it stores the pair of a rotation.
pub fn storing_path(folder: &Path, rotation: &str) -> PathBuf {
    folder.join(format!("{rotation}.storing"))
}

/// Whether a command that was to store the pair of a rotation is still at work: whoever started it may have ended.
/// A system whose programs cannot be given a lock (Windows) sees that only as long as whoever started it waits.
pub fn still_storing(folder: &Path, rotation: &str) -> Result<bool> {
    let path = storing_path(folder, rotation);
    trust::own_folder(folder)?;
    trust::file_at(&path)?;
    lock::is_held(&path).map_err(|error| unusable(&path, &error))
}

/// Removes that file, where nobody holds it.
pub fn forget_storing(folder: &Path, rotation: &str) -> Result<()> {
    if still_storing(folder, rotation)? {
        return Ok(());
    }
    let path = storing_path(folder, rotation);
    private::remove(&path).map_err(|error| unusable(&path, &error))
}

/// An id is the service's: whatever it holds, it must not lead out of the folder.
fn file_name(id: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    id.chars()
        .map(|c| if fits(c) { c } else { '_' })
        .take(64)
        .collect()
}

fn busy(id: &str) -> Error {
    Error::new(
        Code::RotationBusy,
        format!("another rotation of the token {id} is under way on this machine"),
    )
    .retryable()
    .with_remedy("wait until it has ended, or confirm or undo the one that waits for its caller")
}

/// Locks of rotations whose caller has the pair and has not confirmed it, by the journal's file.
static WAITING: Lazy<Mutex<HashMap<PathBuf, Lock>>> = Lazy::new(Mutex::default);

fn waiting() -> MutexGuard<'static, HashMap<PathBuf, Lock>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a lock until the caller comes back.
pub fn keep(journal: &Path, lock: Lock) {
    waiting().insert(journal.to_owned(), lock);
}

/// The lock that was kept for a rotation.
pub fn kept(journal: &Path) -> Option<Lock> {
    waiting().remove(journal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_locked_once_and_free_again_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path(), "../a").unwrap();
        let error = Lock::take(folder.path(), "../a").unwrap_err();
        assert_eq!(error.code(), Code::RotationBusy);
        assert!(Lock::take(folder.path(), "b").is_ok());
        drop(lock);
        assert!(Lock::take(folder.path(), "../a").is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
