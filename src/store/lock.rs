//! A lock between processes: a file that is only there to be locked. It goes with whoever held it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::ops::Deref;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::store::trust;

/// How often it is tried again while another holds it.
const LOCK_INTERVAL: Duration = Duration::from_millis(5);

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Held {
    file: File,
    /// The process that took it.
    process: u32,
}

/// A child that the host forked has the open file, too, and would hold the lock on.
impl Drop for Held {
    fn drop(&mut self) {
        // The fork itself must not take the lock from whom it came from.
        if self.process == std::process::id() {
            let _ = self.file.unlock();
        }
    }
}

impl Deref for Held {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

/// A lock that lasts as long as anybody has the open file.
pub struct Passed(File);

impl Deref for Passed {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

/// Takes the lock; it is held until it is dropped. None where another held it for longer than `patience`.
pub fn take(path: &Path, patience: Duration) -> io::Result<Option<Held>> {
    let file = locked(path, patience)?;
    Ok(file.map(|file| Held {
        file,
        process: std::process::id(),
    }))
}

/// Takes the lock for a child that it is passed on to, and whatever that one starts.
pub fn to_pass_on(path: &Path, patience: Duration) -> io::Result<Option<Passed>> {
    Ok(locked(path, patience)?.map(Passed))
}

/// Whether somebody holds the lock.
pub fn is_held(path: &Path) -> io::Result<bool> {
    let file = match opened(path, OpenOptions::new().read(true)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    // Shared, so that of two who look none takes the other for a holder.
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn locked(path: &Path, patience: Duration) -> io::Result<Option<File>> {
    let begun = Instant::now();
    loop {
        let file = open(path)?;
        match file.try_lock() {
            // Somebody may have removed it in between: then nobody else would find this one.
            Ok(()) if trust::is_at(&file, path)? => return Ok(Some(file)),
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => return Ok(None),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_INTERVAL),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    opened(path, &mut options)
}

/// Opens what must be a plain file, and waits for nothing.
fn opened(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    trust::open(path, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = take(&path, Duration::ZERO).unwrap();
        assert!(held.is_some());
        assert!(take(&path, Duration::from_millis(20)).unwrap().is_none());
        drop(held);
        assert!(take(&path, Duration::ZERO).unwrap().is_some());
    }

    #[test]
    fn a_copy_of_the_open_file_does_not_keep_a_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = take(&path, Duration::ZERO).unwrap().unwrap();
        // As a forked child has it.
        let copy = held.try_clone().unwrap();
        drop(held);
        assert!(take(&path, Duration::ZERO).unwrap().is_some());
        drop(copy);
    }

    #[test]
    fn a_lock_that_is_passed_on_lasts_as_long_as_any_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert!(!is_held(&path).unwrap());
        let passed = to_pass_on(&path, Duration::ZERO).unwrap().unwrap();
        let copy = passed.try_clone().unwrap();
        drop(passed);
        assert!(is_held(&path).unwrap() && is_held(&path).unwrap());
        assert!(to_pass_on(&path, Duration::ZERO).unwrap().is_none());
        drop(copy);
        assert!(!is_held(&path).unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_plain_file_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("folder")).unwrap();
        std::fs::write(at("file"), "").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(at("fifo"))
            .status();
        assert!(made.unwrap().success());
        for (name, words) in [
            ("folder", "is a folder"),
            ("link", "is a link"),
            ("fifo", "is no plain file"),
        ] {
            for error in [
                take(&at(name), Duration::ZERO).unwrap_err(),
                is_held(&at(name)).unwrap_err(),
            ] {
                assert!(error.to_string().contains(words), "{name}: {error}");
            }
        }
    }
}
