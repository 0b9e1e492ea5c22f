//! Opening what must be a plain file: whoever waits for a pipe waits for ever, and a link leads where somebody else
//! wants.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a plain file. A link is not followed, and a pipe that nobody writes to not waited for.
pub fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        options,
        libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY,
    );
    let problem = match options.open(path) {
        Ok(file) => match odd(&file.metadata()?) {
            None => return Ok(file),
            Some(words) => return Err(io::Error::other(words)),
        },
        Err(problem) => problem,
    };
    let metadata = path.symlink_metadata();
    let words = metadata.ok().and_then(|metadata| odd(&metadata));
    Err(words.map_or(problem, io::Error::other))
}

/// What something is that is no plain file.
pub fn odd(metadata: &Metadata) -> Option<&'static str> {
    match metadata.file_type() {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("is a folder, and must be a file"),
        kind if kind.is_symlink() => Some("is a link, and must be a file itself"),
        _ => Some("is no plain file"),
    }
}

/// Whether a path names this very file.
#[cfg(unix)]
pub fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    match path.symlink_metadata() {
        Ok(there) => Ok((open.dev(), open.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// An open file cannot be removed there.
#[cfg(not(unix))]
pub fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}
