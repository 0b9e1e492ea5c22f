//! Reading journals. What is on this machine is believed only where nobody else can have written it, and where
//! every line of it is understood: a step that is not known here may change what all the others mean. What cannot
//! be read is told, never overlooked.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{ENDING, Journal, Line, Plan, Step, check_id};
use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::errors;
use crate::store::trust::{self, unusable};

/// A journal has a few KB; one with as many failed attempts as are noted has half of this.
const LARGEST: u64 = 1024 * 1024;
const MOST_LINES: usize = 10_000;
const NEXT: &str = "a newer version of this library may read it; otherwise see which tokens carry its mark \
                    (Get-SailPat '*(sailpat *' -Mine), then move the file out of this folder";

/// What is in a folder of journals.
#[derive(Default)]
pub struct Journals {
    /// The newest first.
    pub journals: Vec<Journal>,
    pub unreadable: Vec<Unreadable>,
}

/// A file that is named as a journal and cannot be read as one.
#[derive(Clone, Debug)]
pub struct Unreadable {
    pub path: PathBuf,
    /// The rotation's id by the file's name.
    pub rotation: String,
    pub problem: String,
    about: Concern,
}

/// Which tokens an unreadable journal may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Concern {
    /// It is no file, so this library never wrote it.
    None,
    /// Those that it names.
    Named,
    /// Its first line is lost, or not to be believed.
    Any,
}

impl Journals {
    /// Refuses what an unreadable journal may be in the way of: a token by its id, or by its name.
    pub fn nothing_unreadable_about(&self, token: &str) -> Result<()> {
        let Some(found) = self.unreadable.iter().find(|one| one.may_concern(token)) else {
            return Ok(());
        };
        Err(errors::refused(format!(
            "{}: {}, and this journal may be about the token {token}",
            found.path.display(),
            found.problem
        ))
        .with_field("stateFolder")
        .with_remedy(NEXT))
    }
}

impl Unreadable {
    /// Whether it may be about a token, by its id or its name.
    pub fn may_concern(&self, token: &str) -> bool {
        match self.about {
            Concern::None => false,
            Concern::Any => true,
            Concern::Named => {
                let wanted = Value::from(token).to_string();
                let text = trust::open(&self.path, OpenOptions::new().read(true)).and_then(bounded);
                text.map_or(true, |text| {
                    let mut parts = text.windows(wanted.len());
                    parts.any(|part| part == wanted.as_bytes())
                })
            }
        }
    }

    /// As callers see it: like a rotation of which only the id is known.
    pub fn view(&self) -> Value {
        json!({
            "rotation": self.rotation, "state": "unreadable", "problem": self.problem,
            "finished": false, "overdue": true, "next": NEXT,
            "journal": self.path.to_string_lossy(),
            "kind": null, "baseUrl": null, "apiVersion": null, "name": null, "oldId": null, "newId": null,
            "storeIn": null, "storedIn": "unknown", "overlapUntil": null, "started": null, "updated": null,
            "history": [],
        })
    }

    fn error(&self) -> Error {
        let text = format!("{}: {}", self.path.display(), self.problem);
        Error::new(Code::StateFailed, text)
            .with_field("stateFolder")
            .with_remedy(NEXT)
    }
}

/// Why a file is no journal.
enum Problem {
    /// Its first line never got to disk, or it is gone: nothing was made.
    NeverBegun,
    Unreadable(Concern, String),
}

fn damaged(words: impl Into<String>) -> Problem {
    Problem::Unreadable(Concern::Named, words.into())
}

impl Journal {
    /// The journal of a rotation.
    pub fn find(folder: &Path, rotation: &str) -> Result<Self> {
        trust::own_folder(folder)?;
        let path = folder.join(format!("{rotation}.{ENDING}"));
        match read(&path) {
            Ok(journal) => Ok(journal),
            Err(Problem::Unreadable(about, problem)) => {
                Err(unreadable(path, about, problem).error())
            }
            Err(Problem::NeverBegun) => Err(Error::new(
                Code::RotationUnknown,
                format!("no rotation '{rotation}' in {}", folder.display()),
            )
            .with_field("rotation")
            .with_remedy(
                "list the rotations to see their ids; another user's or machine's are not here",
            )),
        }
    }

    /// All journals of a folder that can be read, the newest first.
    pub fn all(folder: &Path) -> Result<Vec<Self>> {
        Ok(look(folder)?.journals)
    }

    /// When it began: to the second by its id, then by its first line, which knows more of it.
    fn began(&self) -> (&str, &str, &str) {
        let rotation = self.plan.rotation.as_str();
        let second = rotation.rsplit_once('-').map_or(rotation, |(when, _)| when);
        let line = self.lines.first().map_or("", |line| line.time.as_str());
        (second, line, rotation)
    }
}

/// All journals of a folder, and what there cannot be read as one.
pub fn look(folder: &Path) -> Result<Journals> {
    trust::own_folder(folder)?;
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Journals::default()),
        Err(error) => return Err(unusable(folder, &error)),
    };
    let mut found = Journals::default();
    for entry in entries {
        let path = entry.map_err(|error| unusable(folder, &error))?.path();
        if path.extension().is_none_or(|ending| ending != ENDING) {
            continue;
        }
        match read(&path) {
            Ok(journal) => found.journals.push(journal),
            Err(Problem::NeverBegun) => {}
            Err(Problem::Unreadable(about, problem)) => {
                found.unreadable.push(unreadable(path, about, problem));
            }
        }
    }
    let Journals {
        journals,
        unreadable,
    } = &mut found;
    journals.sort_by(|one, other| other.began().cmp(&one.began()));
    unreadable.sort_by(|one, other| other.rotation.cmp(&one.rotation));
    Ok(found)
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn unreadable(path: PathBuf, about: Concern, problem: String) -> Unreadable {
    Unreadable {
        rotation: stem(&path),
        path,
        problem,
        about,
    }
}

fn read(path: &Path) -> std::result::Result<Journal, Problem> {
    let file = opened(path)?;
    let rotation = stem(path);
    if let Err(rule) = check_id(&rotation) {
        return Err(damaged(format!("its name {rule}")));
    }
    let mut lines = lines(&file)?.into_iter();
    let Some(Line {
        time,
        step: Step::Begin(plan),
    }) = lines.next()
    else {
        return Err(damaged("its first line is not how a rotation begins"));
    };
    plausible(path, &rotation, &plan)?;
    let first = Line {
        time,
        step: Step::Begin(plan.clone()),
    };
    let lines: Vec<Line> = std::iter::once(first).chain(lines).collect();
    let begins = |line: &&Line| matches!(line.step, Step::Begin(_));
    if lines.iter().filter(begins).count() > 1 {
        return Err(damaged("it begins twice"));
    }
    Ok(Journal {
        path: path.to_owned(),
        plan,
        lines,
    })
}

fn opened(path: &Path) -> std::result::Result<File, Problem> {
    let file = trust::open(path, OpenOptions::new().read(true)).map_err(|error| {
        let metadata = path.symlink_metadata();
        match metadata {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Problem::NeverBegun,
            Ok(metadata) if !metadata.is_file() => {
                Problem::Unreadable(Concern::None, error.to_string())
            }
            Ok(metadata) => Problem::Unreadable(
                Concern::Any,
                match trust::owner_and_mode(&metadata) {
                    Some(owner) => format!("{error} (it belongs to {owner})"),
                    None => error.to_string(),
                },
            ),
            Err(_) => Problem::Unreadable(Concern::Any, error.to_string()),
        }
    })?;
    trust::file(path, &file).map_err(|error| {
        let text = error.detail().message.clone();
        let named = format!("{}: ", path.display());
        let text = text.strip_prefix(&named).unwrap_or(&text).to_owned();
        Problem::Unreadable(Concern::Any, text)
    })?;
    Ok(file)
}

/// What the plan says of the journal itself, and whose the copies of the pairs beside it are: they are read, and erased
/// in the end.
fn plausible(path: &Path, rotation: &str, plan: &Plan) -> std::result::Result<(), Problem> {
    if plan.rotation != rotation {
        let other = &plan.rotation;
        return Err(damaged(format!(
            "it is the journal of another rotation, {other}"
        )));
    }
    for ending in ["old", "new"] {
        trust::file_at(&path.with_extension(ending))
            .map_err(|error| damaged(error.detail().message.clone()))?;
    }
    Ok(())
}

fn bounded(file: File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.take(LARGEST).read_to_end(&mut text)?;
    Ok(text)
}

/// Line by line: one that was torn within a letter is no text at all. A torn line counts as never written.
fn lines(file: &File) -> std::result::Result<Vec<Line>, Problem> {
    let failed = |error: io::Error| Problem::Unreadable(Concern::Any, error.to_string());
    if file.metadata().map_err(failed)?.len() > LARGEST {
        return Err(damaged(
            "it has more than 1 MiB, and a journal has a few KB",
        ));
    }
    let mut reader = BufReader::new(file.take(LARGEST));
    let (mut lines, mut text, mut seen) = (Vec::new(), Vec::new(), 0);
    loop {
        text.clear();
        if reader.read_until(b'\n', &mut text).map_err(failed)? == 0 {
            break;
        }
        seen += 1;
        if seen > MOST_LINES {
            return Err(damaged(format!("it has more than {MOST_LINES} lines")));
        }
        match serde_json::from_slice::<Line>(&text) {
            Ok(line) => lines.push(line),
            Err(_) => torn(&text, lines.is_empty())?,
        }
    }
    if lines.is_empty() {
        return Err(Problem::NeverBegun);
    }
    Ok(lines)
}

/// Nothing where a line was torn by a crash, and so never written.
fn torn(text: &[u8], is_first: bool) -> std::result::Result<(), Problem> {
    if text.trim_ascii().is_empty() {
        return Ok(());
    }
    if let Ok(line) = serde_json::from_slice::<Value>(text) {
        return Err(damaged(match line["step"].as_str() {
            Some("begin") => "it begins in a way that this version does not know".to_owned(),
            Some(step) => {
                let step: String = step.chars().take(40).collect();
                format!("it has the step '{step}' in a form that this version does not know")
            }
            None => "a line of it is no step".to_owned(),
        }));
    }
    if is_first && text.ends_with(b"\n") {
        let words = "its first line is damaged".to_owned();
        return Err(Problem::Unreadable(Concern::Any, words));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::rotation::journal::Kind;

    const BEGIN: &str = r#"{"time":"t","step":"begin","rotation":"a","kind":"rotation","baseUrl":"https://t","apiVersion":"v2024","name":"n","oldId":"old","storeIn":{"caller":true},"backup":null,"overlapSeconds":0}"#;

    fn found(name: &str, text: &[u8]) -> (tempfile::TempDir, Journals) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        let found = look(folder.path()).unwrap();
        (folder, found)
    }

    #[test]
    fn what_this_version_wrote_is_read() {
        let torn =
            format!("{BEGIN}\n{{\"time\":\"\n{{\"time\":\"t\",\"step\":\"verified\"}}\n{{\"ti");
        let (_folder, found) = found("a.jsonl", torn.as_bytes());
        assert!(found.unreadable.is_empty());
        assert_eq!(found.journals[0].plan.kind, Kind::Rotation);
        assert_eq!(found.journals[0].lines.len(), 2);
    }

    #[test]
    fn what_cannot_be_read_is_told_and_stops_what_it_may_be_about() {
        let newer = BEGIN.replace("\"kind\":\"rotation\"", "\"kind\":\"revolution\"");
        let step = format!("{BEGIN}\n{{\"time\":\"t\",\"step\":\"teleported\"}}\n");
        let twice = format!("{BEGIN}\n{BEGIN}\n");
        let many = format!("{BEGIN}\n{}", "{\n".repeat(MOST_LINES));
        let large = format!("{BEGIN}\n{}", "x".repeat(1024 * 1024));
        for (name, text, problem, any) in [
            ("a.jsonl", newer.as_str(), "begins in a way", false),
            ("a.jsonl", &step, "the step 'teleported'", false),
            ("a.jsonl", &twice, "begins twice", false),
            ("a.jsonl", &many, "more than 10000 lines", false),
            ("a.jsonl", &large, "more than 1 MiB", false),
            ("b.jsonl", BEGIN, "of another rotation, a", false),
            ("a b.jsonl", BEGIN, "its name must be", false),
            ("a.jsonl", "{\"time\":\n", "first line is damaged", true),
            ("a.jsonl", "[1]\n", "no step", false),
        ] {
            let (folder, found) = found(name, text.as_bytes());
            assert!(found.journals.is_empty(), "{problem}");
            let one = &found.unreadable[0];
            assert!(one.problem.contains(problem), "{problem}: {}", one.problem);
            assert_eq!(one.rotation, name.strip_suffix(".jsonl").unwrap());
            assert_eq!(one.may_concern("other"), any, "{problem}");
            assert!(one.may_concern("old") || text == "[1]\n", "{problem}");
            let error = Journal::find(folder.path(), &one.rotation).unwrap_err();
            assert_eq!(error.code(), Code::StateFailed, "{problem}");
            let refused = found.nothing_unreadable_about("old");
            assert_eq!(refused.is_err(), text != "[1]\n", "{problem}");
        }
    }

    #[test]
    fn what_never_got_to_disk_was_never_begun() {
        for text in ["", "\n", "{\"time\":", &BEGIN[..BEGIN.len() - 1]] {
            let (_folder, found) = found("a.jsonl", text.as_bytes());
            assert!(
                found.journals.is_empty() && found.unreadable.is_empty(),
                "{text}"
            );
        }
    }
}
