//! The right to write to a file, of which there is one.
//!
//! On Unix it is a lock on the file itself: nothing lies beside it, and hosts that share the file share the lock.
//! A reader is not held up, because these locks are between those who ask for them. Whoever waited looks whether
//! the path still names the file that is locked: each writer leaves a new one.
//!
//! Locks of Windows shut readers out, so there a file beside it is open for one process alone, and vanishes with it.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::refusal::busy;

/// Longer than a disk takes to write a small file, however many write to it.
const LONGEST_TURN: Duration = Duration::from_secs(30);
/// How often it is tried again while another writes.
const TURN_INTERVAL: Duration = Duration::from_millis(2);

#[cfg(unix)]
pub use unix::Turn;
#[cfg(windows)]
pub use windows::Turn;

/// Tries until it works or patience ends.
fn patiently<T>(mut attempt: impl FnMut() -> io::Result<Option<T>>) -> io::Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(done) = attempt()? {
            return Ok(done);
        }
        if begun.elapsed() >= LONGEST_TURN {
            return Err(busy());
        }
        std::thread::sleep(TURN_INTERVAL);
    }
}

/// Opens a file; none where there is none.
fn opened(target: &Path, options: &OpenOptions) -> io::Result<Option<File>> {
    match options.open(target) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::OpenOptionsExt;

    use super::super::file_lock::lock_now;
    use super::*;
    use crate::store::plain_file::is_at;

    /// The locked file; none where there is no file, so that whoever makes one first is first.
    pub struct Turn(Option<File>);

    impl Turn {
        pub fn take(target: &Path) -> io::Result<Self> {
            patiently(|| {
                let Some(file) = open(target)? else {
                    return Ok(Some(Turn(None)));
                };
                if !lock_now(&file)? {
                    return Ok(None);
                }
                let turn = Turn(Some(file));
                Ok(turn.still_holds(target)?.then_some(turn))
            })
        }

        /// The file that is held.
        pub fn file(&self, _target: &Path) -> io::Result<Option<File>> {
            self.0.as_ref().map(File::try_clone).transpose()
        }

        /// Whether the path still names the file that is held.
        pub fn still_holds(&self, target: &Path) -> io::Result<bool> {
            match &self.0 {
                Some(file) => is_at(file, target),
                None => Ok(!target.try_exists()?),
            }
        }

        /// The file that took the other's place was locked before it did.
        pub fn passes_to(&mut self, file: File) {
            self.release();
            self.0 = Some(file);
        }

        fn release(&self) {
            if let Some(file) = &self.0 {
                // Said aloud: a child that forked meanwhile has the same lock.
                let _ = file.unlock();
            }
        }
    }

    impl Drop for Turn {
        fn drop(&mut self) {
            self.release();
        }
    }

    /// Opens the file for its lock: for writing where that is allowed, as a shared folder wants it of a lock.
    fn open(target: &Path) -> io::Result<Option<File>> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
        match opened(target, options.clone().write(true)) {
            Err(_) => opened(target, &options),
            opened => opened,
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::os::windows::fs::OpenOptionsExt;

    use super::super::leftovers;
    use super::*;

    const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
    /// "Access denied" is said of a file that is about to vanish, too, but not for long.
    const ACCESS_DENIED: i32 = 5;
    const DENIED_FOR: Duration = Duration::from_secs(2);
    const SHARING_VIOLATION: i32 = 32;

    /// The file beside, which nobody else can open; none where the folder is missing.
    pub struct Turn {
        _beside: Option<File>,
    }

    impl Turn {
        pub fn take(target: &Path) -> io::Result<Self> {
            let path = leftovers::beside(target)?;
            let begun = Instant::now();
            patiently(|| {
                let mut options = OpenOptions::new();
                options.write(true).create(true).share_mode(0);
                options.custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
                match options.open(&path) {
                    Ok(beside) => Ok(Some(Turn {
                        _beside: Some(beside),
                    })),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        Ok(Some(Turn { _beside: None }))
                    }
                    Err(error) => match error.raw_os_error() {
                        Some(SHARING_VIOLATION) => Ok(None),
                        Some(ACCESS_DENIED) if begun.elapsed() < DENIED_FOR => Ok(None),
                        _ => Err(error),
                    },
                }
            })
        }

        /// The file as it is now.
        pub fn file(&self, target: &Path) -> io::Result<Option<File>> {
            opened(target, OpenOptions::new().read(true))
        }

        /// Whoever writes takes this turn first.
        pub fn still_holds(&self, _target: &Path) -> io::Result<bool> {
            Ok(true)
        }

        pub fn passes_to(&mut self, _file: File) {}
    }
}
