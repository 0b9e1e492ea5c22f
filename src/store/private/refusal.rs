//! Why a file is not written, with the remedy that fits.

use std::io;
use std::path::Path;

use crate::error::Error;

/// Why a file is not written.
#[derive(Debug)]
pub enum Refusal {
    /// Another writer was faster: what was read is not what is there now.
    Overtaken,
    /// The system says no.
    System(io::Error),
    /// What was found speaks against it.
    Found { problem: String, remedy: String },
    /// What was asked meanwhile failed, in its own words.
    Other(Box<Error>),
}

impl Refusal {
    pub fn found(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Refusal::Found {
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// The error about the file at `path`, of which `says` makes one that names whose it is.
    pub fn told(self, path: &Path, says: impl Fn(String) -> Error) -> Error {
        let error = match self {
            Refusal::Other(error) => return *error,
            Refusal::Found { problem, remedy } => return says(problem).with_remedy(remedy),
            Refusal::Overtaken => busy(),
            Refusal::System(error) => error,
        };
        let told = says(format!("cannot be written: {error}")).with_remedy(remedy(path, &error));
        match error.kind() {
            io::ErrorKind::TimedOut => told.retryable(),
            _ => told,
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AlreadyExists => Refusal::Overtaken,
            _ => Refusal::System(error),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::Other(Box::new(error))
    }
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Overtaken => busy(),
            Refusal::System(error) => error,
            Refusal::Found { problem, .. } => io::Error::other(problem),
            Refusal::Other(error) => io::Error::other(error.to_string()),
        }
    }
}

/// Others write to the file all the time.
pub fn busy() -> io::Error {
    io::Error::new(
        io::ErrorKind::TimedOut,
        "another process is writing to it and does not end",
    )
}

fn remedy(path: &Path, error: &io::Error) -> String {
    let folder = path.parent().unwrap_or(path).display();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room on the disk".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            format!("let this user read the file and write to the folder {folder}")
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "mount the file system for writing, or name a file elsewhere".to_owned()
        }
        io::ErrorKind::NotFound => {
            format!("make the folder {folder} first, for this user alone")
        }
        io::ErrorKind::TimedOut => "end what else writes to the file, then try again".to_owned(),
        io::ErrorKind::Unsupported => "name a file on a file system that knows locks".to_owned(),
        io::ErrorKind::IsADirectory => "name a file, not a folder".to_owned(),
        io::ErrorKind::InvalidFilename => "give the file a shorter name".to_owned(),
        _ => format!("look at the file and its folder {folder}, then try again"),
    }
}
