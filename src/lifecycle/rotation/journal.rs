//! The journal of one rotation: a file of JSON lines that is only ever appended to, each line on disk
//! before the next step begins. It never holds a secret. A last line that a crash tore counts as never
//! written.

mod reading;

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::id;
use crate::error::{Code, Error, Result};
use crate::store::trust::unusable;
use crate::store::{private, trust};

pub use reading::{Journals, Unreadable, look};

/// What a rotation sets out to do; its first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub rotation: String,
    pub kind: Kind,
    pub base_url: String,
    pub api_version: String,
    /// The name that the new token has in the end.
    pub name: String,
    /// The token that is replaced; none when one is only made and stored.
    pub old_id: Option<String>,
    /// Whose tokens they are, where the service said so.
    #[serde(default)]
    pub owner_id: Option<String>,
    pub store_in: Value,
    pub overlap_seconds: u64,
    /// When it began by the server's clock: nothing older was made by it.
    #[serde(default)]
    pub began: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A new token takes the place of an old one.
    Rotation,
    /// A token is made and stored in one step.
    Create,
}

/// One step that was taken, or is about to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(
    tag = "step",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum Step {
    Begin(Plan),
    /// The create is about to be sent, under the marked name with this number.
    Creating {
        attempt: u32,
    },
    Created {
        new_id: String,
    },
    /// The new pair signs in.
    Verified,
    /// The store is about to get the new pair, and may be at work for so long.
    Storing {
        limit_ms: u64,
    },
    /// The caller has the pair and has not confirmed it yet.
    HandedOver,
    Stored,
    Overlapping {
        until: String,
    },
    /// The old token is gone.
    Deleted,
    /// The new token is about to get this name: from here on it may have it.
    Naming {
        name: String,
    },
    /// The new token has the name it ends with.
    Named {
        name: String,
    },
    Done,
    Undoing {
        reason: String,
    },
    /// The old pair is in the store again.
    Restored,
    Undone,
    /// What stays because it is somebody else's by now, or the only one.
    Left {
        what: String,
    },
    /// A step failed; the state stays what it was.
    Failed {
        code: String,
        message: String,
    },
}

impl Step {
    pub const fn name(&self) -> &'static str {
        match self {
            Step::Begin(_) => "begin",
            Step::Creating { .. } => "creating",
            Step::Created { .. } => "created",
            Step::Verified => "verified",
            Step::Storing { .. } => "storing",
            Step::HandedOver => "handed_over",
            Step::Stored => "stored",
            Step::Overlapping { .. } => "overlapping",
            Step::Deleted => "deleted",
            Step::Naming { .. } => "naming",
            Step::Named { .. } => "named",
            Step::Done => "done",
            Step::Undoing { .. } => "undoing",
            Step::Restored => "restored",
            Step::Undone => "undone",
            Step::Left { .. } => "left",
            Step::Failed { .. } => "failed",
        }
    }
}

/// A step and when it was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    pub time: String,
    #[serde(flatten)]
    pub step: Step,
}

/// A journal and all its lines.
#[derive(Clone, Debug)]
pub struct Journal {
    pub path: PathBuf,
    pub plan: Plan,
    pub lines: Vec<Line>,
}

const ENDING: &str = "jsonl";
/// A rotation that fails every minute notes that no more from here on: its journal must stay readable.
const ROOM_FOR_FAILURES: u64 = 512 * 1024;

impl Journal {
    /// Begins a journal; nothing was made before its first line is on disk.
    pub fn begin(folder: &Path, plan: Plan) -> Result<Self> {
        trust::make_folder(folder)?;
        let path = folder.join(format!("{}.{ENDING}", plan.rotation));
        if path.symlink_metadata().is_ok() {
            return Err(unusable(&path, &io::ErrorKind::AlreadyExists.into()));
        }
        let line = Line::now(Step::Begin(plan.clone()));
        private::append(&path, &line.text()?).map_err(|error| unusable(&path, &error))?;
        Ok(Journal {
            path,
            plan,
            lines: vec![line],
        })
    }

    /// Writes a step. It is on disk when this returns.
    pub fn note(&mut self, step: Step) -> Result<()> {
        let line = Line::now(step);
        let failed = |error: io::Error| unusable(&self.path, &error);
        let mut options = OpenOptions::new();
        let mut file = trust::open(&self.path, options.read(true).append(true)).map_err(failed)?;
        trust::file(&self.path, &file)?;
        let length = file.metadata().map_err(failed)?.len();
        if matches!(line.step, Step::Failed { .. }) && length > ROOM_FOR_FAILURES {
            return Ok(());
        }
        let mut text = line.text()?;
        if is_torn(&mut file, length).map_err(failed)? {
            // After a crash in the middle of a line the next one begins on a line of its own.
            text.insert(0, b'\n');
        }
        file.write_all(&text).map_err(failed)?;
        file.sync_data().map_err(failed)?;
        self.lines.push(line);
        Ok(())
    }
}

impl Line {
    fn now(step: Step) -> Self {
        Line {
            time: format!("{:.3}", Timestamp::now()),
            step,
        }
    }

    fn text(&self) -> Result<Vec<u8>> {
        let mut text = serde_json::to_vec(self)
            .map_err(|error| Error::new(Code::Internal, format!("a journal line: {error}")))?;
        text.push(b'\n');
        Ok(text)
    }
}

fn is_torn(file: &mut File, length: u64) -> io::Result<bool> {
    if length == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(length - 1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last[0] != b'\n')
}

/// A rotation's id can be part of a file's name.
pub fn check_id(id: &str) -> std::result::Result<(), &'static str> {
    if id::has_form_of_secret(id) {
        return Err(id::SECRET_FOR_ID);
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if (1..=64).contains(&id.len()) && id.chars().all(fits) {
        Ok(())
    } else {
        Err("must be a rotation's id, as 20261124-113355-1f3a9c2b")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    fn plan(rotation: &str) -> Plan {
        Plan {
            rotation: rotation.to_owned(),
            kind: Kind::Rotation,
            base_url: "https://t".to_owned(),
            api_version: "v2024".to_owned(),
            name: "n".to_owned(),
            old_id: Some("old".to_owned()),
            owner_id: None,
            store_in: json!({"file": "/x"}),
            overlap_seconds: 0,
            began: None,
        }
    }

    #[test]
    fn a_journal_is_read_back_and_a_torn_line_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::begin(folder.path(), plan("a")).unwrap();
        journal
            .note(Step::Created {
                new_id: "new".to_owned(),
            })
            .unwrap();
        let text = fs::read(&journal.path).unwrap();
        fs::write(
            &journal.path,
            [&text[..], b"{\"time\":\"x\",\"step\":\"ver"].concat(),
        )
        .unwrap();
        let mut back = Journal::find(folder.path(), "a").unwrap();
        assert_eq!(back.lines.len(), 2);
        back.note(Step::Stored).unwrap();
        let steps: Vec<&str> = Journal::find(folder.path(), "a")
            .unwrap()
            .lines
            .iter()
            .map(|line| line.step.name())
            .collect();
        assert_eq!(steps, ["begin", "created", "stored"]);
    }

    #[test]
    fn a_journal_without_a_first_line_is_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.jsonl"), "{\"time\":").unwrap();
        assert!(Journal::all(folder.path()).unwrap().is_empty());
        let error = Journal::find(folder.path(), "a").unwrap_err();
        assert_eq!(error.code(), Code::RotationUnknown);
    }

    #[test]
    fn the_newest_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        for id in [
            "20260101-000000-a",
            "20270101-000000-a",
            "20261231-000000-a",
        ] {
            Journal::begin(folder.path(), plan(id)).unwrap();
        }
        let all = Journal::all(folder.path()).unwrap();
        let ids: Vec<&str> = all
            .iter()
            .map(|journal| journal.plan.rotation.as_str())
            .collect();
        assert_eq!(
            ids,
            [
                "20270101-000000-a",
                "20261231-000000-a",
                "20260101-000000-a"
            ]
        );
    }

    #[test]
    fn an_id_cannot_leave_the_folder() {
        assert!(check_id("20261124-113355-1f3a9c2b").is_ok());
        for id in ["", "../x", "a/b", "a.b", "a\\b"] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }
}
