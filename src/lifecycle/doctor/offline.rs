//! What this library keeps on this machine.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::Examination;
use super::check::{Check, Name, Status};
use crate::client::settings::Settings;
use crate::lifecycle::rotation::{self, Which};
use crate::store::{private, trust};

/// Rotations that wait for somebody: overdue ones, and those that stopped half way.
pub fn rotations(settings: &Settings) -> Check {
    let which = Which {
        unfinished: true,
        ..Which::default()
    };
    let list = match rotation::list(settings, &which) {
        Ok(list) => list,
        Err(error) => return Examination::failed(Name::Rotations, &error),
    };
    let list: Vec<Value> = list
        .iter()
        .filter_map(|rotation| serde_json::to_value(rotation).ok())
        .collect();
    judge(&list).with_value(Value::from_iter(list.iter().map(|rotation| {
        json!({
            "rotation": rotation["rotation"], "name": rotation["name"], "state": rotation["state"],
            "overdue": rotation["overdue"], "overlapUntil": rotation["overlapUntil"],
            "problem": rotation["problem"],
        })
    })))
}

fn text(rotation: &Value, field: &str) -> String {
    let value = rotation[field].as_str();
    value.unwrap_or_default().to_owned()
}

fn judge(unfinished: &[Value]) -> Check {
    let is_unreadable = |rotation: &&Value| rotation["state"] == "unreadable";
    let (unreadable, known): (Vec<&Value>, Vec<&Value>) =
        unfinished.iter().partition(is_unreadable);
    let mut check = judge_known(&known);
    for journal in unreadable {
        let found = format!(
            "{} cannot be read as a journal: {}",
            text(journal, "journal"),
            text(journal, "problem")
        );
        check.and(Status::Warning, &found, &text(journal, "next"));
    }
    check
}

fn judge_known(unfinished: &[&Value]) -> Check {
    let told = |rotations: &[&Value]| {
        let one = |rotation: &&Value| {
            let (id, name) = (text(rotation, "rotation"), text(rotation, "name"));
            format!("{id} of '{name}' ({})", text(rotation, "state"))
        };
        rotations.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let is_overdue = |rotation: &&Value| rotation["overdue"] == true;
    let (overdue, waiting): (Vec<&Value>, Vec<&Value>) =
        unfinished.iter().copied().partition(is_overdue);
    if let Some(first) = overdue.first() {
        return Check::warning(
            Name::Rotations,
            format!("overdue: {}", told(&overdue)),
            format!(
                "{}: Resume-SailPatRotation {id}, or Undo-SailPatRotation {id}",
                text(first, "next"),
                id = text(first, "rotation")
            ),
        );
    }
    if waiting.is_empty() {
        return Check::ok(Name::Rotations, "none is unfinished");
    }
    Check::ok(
        Name::Rotations,
        format!("under way, none is overdue: {}", told(&waiting)),
    )
}

/// Whether changes are written down, and whether they can be.
pub fn change_log(settings: &Settings) -> Check {
    if !settings.logs_changes() {
        return Check::ok(
            Name::ChangeLog,
            "off; with changeLog true every change that this library makes is written down",
        )
        .with_value(json!({"on": false}));
    }
    let folder = match settings.state_folder() {
        Ok(folder) => folder,
        Err(error) => return Examination::failed(Name::ChangeLog, &error),
    };
    let path = folder.join("changes.jsonl");
    let value = json!({"on": true, "path": path.to_string_lossy()});
    let check = match writable(&path).map(|()| trust::folder(&folder)) {
        Ok(Err(error)) => Examination::failed(Name::ChangeLog, &error),
        Ok(Ok(())) => Check::ok(Name::ChangeLog, format!("on, in {}", path.display())),
        Err(error) => Check::failed(
            Name::ChangeLog,
            format!("{} cannot be written: {error}", path.display()),
            "let this user write to that file and its folder, move away what is no plain file, make room on the disk, or set stateFolder",
        ),
    };
    check.with_value(value)
}

/// Whether a line could be appended, without one.
fn writable(path: &Path) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return trust::open(path, OpenOptions::new().append(true)).map(drop);
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
    fn a_journal_that_cannot_be_read_is_a_warning_beside_the_others() {
        let odd = json!({"rotation": "r", "state": "unreadable", "overdue": true, "journal": "/s/r.jsonl",
            "problem": "damaged", "next": "move it"});
        let waiting = json!({"rotation": "r1", "name": "n", "state": "stored", "overdue": false});
        let check = judge(&[odd, waiting]);
        assert_eq!(check.state, Status::Warning);
        assert!(check.found.contains("r1 of 'n'"), "{}", check.found);
        let words = "/s/r.jsonl cannot be read as a journal: damaged";
        assert!(check.found.contains(words), "{}", check.found);
        assert_eq!(check.remedy.as_deref(), Some("move it"));
    }

    #[test]
    fn an_overdue_rotation_is_a_warning_that_names_it() {
        let rotation = |id: &str, overdue: bool| json!({"rotation": id, "name": "n", "state": "overlapping", "overdue": overdue, "next": "resume it"});
        let check = judge(&[rotation("r1", false), rotation("r2", true)]);
        assert_eq!(check.state, Status::Warning);
        assert_eq!(check.found, "overdue: r2 of 'n' (overlapping)");
        let remedy = check.remedy.unwrap();
        assert!(
            remedy.starts_with("resume it: Resume-SailPatRotation r2"),
            "{remedy}"
        );
        let check = judge(&[rotation("r1", false)]);
        assert_eq!(check.state, Status::Ok);
        assert!(check.found.contains("r1 of 'n'"), "{}", check.found);
        assert_eq!(judge(&[]).state, Status::Ok);
    }

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
