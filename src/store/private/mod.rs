//! Files replaced as one and on disk when a call returns: the library's own, which only their owner can read, and
//! others' that hold a pair, whose readers stay the same.

mod exclusive;
#[cfg(unix)]
mod file_lock;
mod leftovers;
mod look;
mod refusal;
mod rights;
mod turn;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use exclusive::{Exclusive, carefully, exclusively};
pub use refusal::Refusal;
pub use rights::Rights;

use crate::store::plain_file;

/// Room for a text of so many bytes, and for the read that finds its end: what is read into it never moves, and none of
/// it goes over the stack.
pub fn room(length: u64) -> String {
    const END: usize = 64;
    String::with_capacity(usize::try_from(length).unwrap_or(0) + END)
}

/// Replaces a file's whole content, or leaves it as it was. Links are followed; the owner stays, and the file is for
/// its owner alone.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    exclusively(path, |held| held.replace(content, Rights::Private)).map_err(io::Error::from)
}

/// On Windows whoever reads the file at this moment, a virus scanner perhaps, keeps it from being replaced.
fn persist(unfinished: tempfile::NamedTempFile, target: &Path) -> io::Result<File> {
    const REPLACINGS: u32 = if cfg!(windows) { 50 } else { 1 };
    let mut left = unfinished;
    let mut turn = 1;
    loop {
        match left.persist(target) {
            Ok(file) => return Ok(file),
            Err(refused) if turn >= REPLACINGS || !is_in_use(&refused.error) => {
                return Err(refused.error);
            }
            Err(refused) => left = refused.file,
        }
        turn += 1;
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// "Access denied" and "used by another process".
fn is_in_use(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(5 | 32))
}

/// Whether a file could be replaced now: writes a nameless file to its folder, which vanishes by itself.
pub fn check(path: &Path) -> io::Result<()> {
    let target = followed(path)?;
    if target.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a folder"));
    }
    // On Unix the folder's rights decide, and on Windows the file's own.
    if cfg!(windows)
        && target
            .metadata()
            .is_ok_and(|file| file.permissions().readonly())
    {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "is read-only",
        ));
    }
    let mut probe = tempfile::tempfile_in(folder_of(&target)?)?;
    // An empty file fits on a full disk.
    probe.write_all(&[b' '; 4096])?;
    probe.sync_all()
}

/// Appends a line in one write; it is on disk when this returns.
pub fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    let new = !path.exists();
    let mut file = open_to_append(path)?;
    if new {
        owner_only(path)?;
    }
    file.write_all(line)?;
    file.sync_data()?;
    if new {
        sync_folder(folder_of(path)?)
    } else {
        Ok(())
    }
}

/// Opens a plain file to append to it, or makes one. What is there and is none is refused, and not waited for.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    plain_file::open(path, &mut options)
}

/// Makes a folder, with those above it, that only its owner can enter.
pub fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    owner_only(path)
}

/// Removes a file, for good when this returns; one that is not there is fine.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder(folder_of(path)?),
    }
}

/// What a crash left of an earlier `replace` holds a secret: away with it.
pub fn remove_leftovers(path: &Path) {
    let Ok(target) = followed(path) else { return };
    // On Unix a lock tells what a writer still has.
    #[cfg(windows)]
    let Ok(_turn) = turn::Turn::take(&target) else {
        return;
    };
    leftovers::remove(&target);
}

/// The file itself, where the path is a link to it.
fn followed(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Ok(target) => Ok(target),
        Err(_) if path.is_symlink() => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "is a link to a file that is not there or cannot be reached",
        )),
        Err(_) => Ok(match (folder_of(path)?.canonicalize(), path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => path.to_owned(),
        }),
    }
}

fn folder_of(path: &Path) -> io::Result<&Path> {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "lies in no folder"))
}

fn file_name(path: &Path) -> io::Result<String> {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "has no file name"))
}

/// A rename is only safe once the folder itself is on disk. Windows has nothing of the kind.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// On Unix the mode that files are made with says it all.
#[cfg(unix)]
fn owner_only(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// How to take everybody's rights but the owner's; only `ffi` may call the system for that.
#[cfg(windows)]
static PROTECT: once_cell::sync::OnceCell<fn(&Path) -> io::Result<()>> =
    once_cell::sync::OnceCell::new();

/// Says how files are protected on Windows.
#[cfg(windows)]
pub fn protect_with(protect: fn(&Path) -> io::Result<()>) {
    let _ = PROTECT.set(protect);
}

#[cfg(windows)]
fn owner_only(path: &Path) -> io::Result<()> {
    PROTECT.get().map_or(Ok(()), |protect| protect(path))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    #[test]
    fn a_file_is_replaced_as_one_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pair.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let before = fs::metadata(&path).unwrap().ino();
        fs::write(folder.path().join(".pair.json.abc.sailpat-new"), "left").unwrap();
        replace(&path, b"new").unwrap();
        let after = fs::metadata(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(after.permissions().mode() & 0o777, 0o600);
        assert_ne!(after.ino(), before, "the old content was written over");
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(names.len(), 1, "a leftover stayed: {names:?}");
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"new");
    }

    #[test]
    fn folders_are_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        create_folder(&path).unwrap();
        for path in [folder.path().join("a"), path] {
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }
}
