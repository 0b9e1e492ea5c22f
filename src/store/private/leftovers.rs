//! Half-written files: they hold a secret, so what a crash left of them goes. One that a writer still has is locked
//! by it, or, on Windows, the writer has the turn.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use super::{file_name, folder_of, owner_only};

/// Marks the half-written files of this library, so that a crash's leftovers can be told.
const UNFINISHED: &str = ".sailpat-new";
/// So much of the file's name that the whole fits everywhere.
const LONGEST_STEM: usize = 64;

/// A dot and what fits of the file's name.
fn prefix(target: &Path) -> io::Result<String> {
    let name = file_name(target)?;
    let mut end = name.len().min(LONGEST_STEM);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    Ok(format!(".{}.", &name[..end]))
}

/// The path of a file that is there while one writes.
#[cfg(windows)]
pub fn beside(target: &Path) -> io::Result<std::path::PathBuf> {
    Ok(folder_of(target)?.join(format!("{}sailpat-turn", prefix(target)?)))
}

/// A new file for what is to take the target's place; nobody takes it for a leftover.
pub fn unfinished(target: &Path, folder: &Path) -> io::Result<NamedTempFile> {
    let prefix = prefix(target)?;
    loop {
        let file = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(UNFINISHED)
            .tempfile_in(folder)?;
        if is_kept(&file)? {
            owner_only(file.path())?;
            return Ok(file);
        }
    }
}

/// Locks the file; false where it was removed before it was locked.
#[cfg(unix)]
fn is_kept(file: &NamedTempFile) -> io::Result<bool> {
    file.as_file().lock()?;
    Ok(std::os::unix::fs::MetadataExt::nlink(&file.as_file().metadata()?) > 0)
}

/// Whoever removes leftovers has the turn, and so has this writer.
#[cfg(windows)]
fn is_kept(_file: &NamedTempFile) -> io::Result<bool> {
    Ok(true)
}

/// Removes what a crash left; on Windows only whoever has the turn may ask for it.
pub fn remove(target: &Path) {
    let (Ok(folder), Ok(prefix)) = (folder_of(target), prefix(target)) else {
        return;
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&prefix) && name.ends_with(UNFINISHED) {
            remove_abandoned(&entry.path());
        }
    }
}

/// The lock of a writer goes with it, so what can be locked belongs to nobody.
#[cfg(unix)]
fn remove_abandoned(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let Ok(file) = options.open(path) else { return };
    if super::file_lock::lock_now(&file).unwrap_or(false)
        && crate::store::plain_file::is_at(&file, path).unwrap_or(false)
    {
        let _ = fs::remove_file(path);
    }
}

#[cfg(windows)]
fn remove_abandoned(path: &Path) {
    let _ = fs::remove_file(path);
}
