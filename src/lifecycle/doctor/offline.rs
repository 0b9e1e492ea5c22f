//! What this library keeps on this machine.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use serde_json::json;

use super::Examination;
use super::check::{Check, Name};
use crate::client::settings::Settings;
use crate::store::private;

/// Whether changes are written down, and whether they can be.
pub fn change_log(settings: &Settings) -> Check {
    if !settings.change_log {
        return Check::ok(
            Name::ChangeLog,
            "off; with changeLog true every change that this library makes is written down",
        )
        .with_value(json!({"on": false}));
    }
    let path = match settings.state_folder() {
        Ok(folder) => folder.join("changes.jsonl"),
        Err(error) => return Examination::failed(Name::ChangeLog, &error),
    };
    let value = json!({"on": true, "path": path});
    let check = match writable(&path) {
        Ok(()) => Check::ok(Name::ChangeLog, format!("on, in {}", path.display())),
        Err(error) => Check::failed(
            Name::ChangeLog,
            format!("{} cannot be written: {error}", path.display()),
            "let this user write to that file and its folder, make room on the disk, or set stateFolder",
        ),
    };
    check.with_value(value)
}

/// Whether a line could be appended, without one.
fn writable(path: &Path) -> io::Result<()> {
    if path.exists() {
        return OpenOptions::new().append(true).open(path).map(|_| ());
    }
    // The folders that are not there yet are made when the first line is.
    let folder = path
        .ancestors()
        .skip(1)
        .find(|folder| folder.exists())
        .ok_or(io::ErrorKind::NotFound)?;
    if !folder.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    private::check(&folder.join("changes.jsonl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_can_be_written_before_its_folder_is_there() {
        let folder = tempfile::tempdir().unwrap();
        writable(&folder.path().join("a/b/changes.jsonl")).unwrap();
        assert!(!folder.path().join("a").exists());
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        writable(&file).unwrap();
        assert!(writable(&file.join("changes.jsonl")).is_err());
        assert!(writable(folder.path()).is_err());
    }
}
