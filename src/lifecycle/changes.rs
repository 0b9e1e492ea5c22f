//! The change log: one JSON line for each change that this library made or tried, in changes.jsonl of the
//! library's own folder. Never a secret.
//!
//! With the log on, a change that could not be written down is not made: the folder is tried first. What
//! happens to a process in the middle of a call is the one gap: killed then, it leaves no line.
//! A file that reaches 10 MB becomes changes.1.jsonl, in place of the older one; both are read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::api::id::{self, TokenId};
use crate::client::blocking::blocking;
use crate::client::config::Login;
use crate::client::settings::Settings;
use crate::client::{Answer, Begun, Client, InForce};
use crate::error::{Code, Error, Result};
use crate::store::profiles::unwritable;
use crate::store::{lock, private, trust};

const FILE: &str = "changes.jsonl";
const OLDER: &str = "changes.1.jsonl";
const LARGEST: u64 = 10 * 1024 * 1024;
/// Whoever holds the lock holds it for one write.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// One change, made or tried.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    pub time: String,
    /// Who did it: the id of the credential; none with a bearer that was handed over.
    pub client_id: Option<String>,
    pub base_url: Option<String>,
    /// "create", "update" or "delete".
    pub operation: String,
    /// The token, where it is known.
    pub id: Option<String>,
    pub name: Option<String>,
    /// "done", "lost", "cancelled", or the code of the error.
    pub result: String,
    pub status: Option<u16>,
    /// The rotation that it is a step of, whose tokens these are, and which step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

/// The rotation that a change is a step of, and which step.
#[derive(Clone, Copy, Debug)]
pub struct StepOf<'r> {
    pub rotation: &'r str,
    pub owner: Option<&'r str>,
    pub step: &'static str,
}

impl Change {
    pub fn new(operation: &str, id: Option<&str>, name: Option<&str>) -> Self {
        Change {
            time: String::new(),
            client_id: None,
            base_url: None,
            operation: operation.to_owned(),
            id: id.map(str::to_owned),
            name: name.map(str::to_owned),
            result: "cancelled".to_owned(),
            status: None,
            rotation: None,
            owner_id: None,
            step: None,
        }
    }

    /// As a step of a rotation.
    pub fn of(mut self, of: StepOf<'_>) -> Self {
        self.rotation = Some(of.rotation.to_owned());
        self.owner_id = of.owner.map(str::to_owned);
        self.step = Some(of.step.to_owned());
        self
    }

    /// Without an id that is a secret in the wrong place.
    fn fit_to_be_seen(mut self) -> Self {
        let ids = [&mut self.id, &mut self.client_id, &mut self.owner_id];
        for text in ids.into_iter().flatten() {
            *text = id::shown(text).to_owned();
        }
        self
    }

    /// With what came of it.
    pub fn ended(mut self, result: &Result<Answer>) -> Self {
        match result {
            Ok(answer) => {
                self.result = "done".to_owned();
                self.status = answer.status;
                // Of a reply only these two are looked at: a create's holds the secret.
                if let Ok(token) = serde_json::from_slice::<Sketch>(&answer.data) {
                    self.id = self.id.take().or_else(|| token.shown_id());
                    self.name = token.name.or(self.name);
                }
            }
            Err(error) => {
                let detail = error.detail();
                let lost = detail.code == Code::CreateLost;
                self.result = if lost { "lost" } else { detail.code.name() }.to_owned();
                self.status = detail.status;
                self.id = self
                    .id
                    .or(detail.orphan.as_ref().map(|orphan| orphan.id.clone()));
            }
        }
        self
    }
}

#[derive(Deserialize)]
struct Sketch<'r> {
    id: Option<String>,
    name: Option<String>,
    #[serde(borrow)]
    secret: Option<&'r RawValue>,
}

impl Sketch<'_> {
    /// The id, unless it is the secret's own words.
    fn shown_id(&self) -> Option<String> {
        let secret = self
            .secret
            .and_then(|secret| serde_json::from_str::<Zeroizing<String>>(secret.get()).ok());
        let is_secret = |id: &&String| secret.as_ref().is_some_and(|secret| **secret == **id);
        match self.id.as_ref().filter(is_secret) {
            Some(_) => Some("an id that is the secret".to_owned()),
            None => self.id.clone(),
        }
    }
}

/// Does a change and writes it down, where the settings say so.
pub async fn logged(
    client: &Client,
    begun: &Begun,
    change: Change,
    work: impl Future<Output = Result<Answer>>,
) -> Result<Answer> {
    if !client.settings().logs_changes() {
        return work.await;
    }
    let change = by(begun.in_force().ok().map(Arc::clone), change);
    // Without settings nothing is sent.
    if begun.in_force().is_ok() {
        let settings = client.settings().clone();
        let checked = timeout(begun.remaining(), blocking(move || try_to_write(&settings)));
        let checked = checked.await.unwrap_or_else(|_| Ok(Err(late(client))));
        checked?.map_err(unsent)?;
    }
    let mut pending = Pending(Some((client.settings(), change)));
    let result = work.await;
    let Some((_, change)) = pending.0.take() else {
        return result;
    };
    // A credential may have been found anew since.
    let change = by(client.last_in_force(), change).ended(&result);
    let settings = client.settings().clone();
    // The change is made: its line is waited for even where the call has no time left, but not without end.
    let patience = begun.remaining().max(2 * LOCK_TIMEOUT);
    let written = timeout(patience, blocking(move || note(&settings, change)));
    let written = written
        .await
        .unwrap_or_else(|_| Err(late(client)))
        .flatten();
    told(result, written)
}

/// The folder of the log does not answer: a share whose server is gone.
fn late(client: &Client) -> Error {
    let folder = client.settings().state_folder().unwrap_or_default();
    let message = format!(
        "{} does not answer within the call's time",
        folder.join(FILE).display()
    );
    Error::new(Code::Timeout, message)
        .with_field("stateFolder")
        .retryable()
        .with_remedy(
            "look at the disk or share that it lies on, or set stateFolder to another folder",
        )
}

/// With who does it, and where. What is wrong with the settings, the change itself will say.
fn by(in_force: Option<Arc<InForce>>, mut change: Change) -> Change {
    if let Some(in_force) = in_force {
        change.client_id = match &in_force.resolved.login {
            Login::Pair { client_id, .. } => Some(client_id.clone()),
            Login::Bearer(_) => None,
        };
        change.base_url = Some(in_force.resolved.base().to_owned());
    }
    change
}

/// A change that is under way: when its call is cancelled, that is written down.
struct Pending<'s>(Option<(&'s Settings, Change)>);

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if let Some((settings, change)) = self.0.take() {
            // Nobody is left who could be told that it failed.
            let _ = note(settings, change);
        }
    }
}

/// The change is made, or not: that its line is missing must not hide it.
fn told(result: Result<Answer>, written: Result<()>) -> Result<Answer> {
    let Err(problem) = written else {
        return result;
    };
    match result {
        Ok(mut answer) => {
            let said = format!("the change was made, but is not in the change log: {problem}");
            answer.note = Some(match answer.note {
                Some(note) => format!("{note}; {said}"),
                None => said,
            });
            Ok(answer)
        }
        Err(mut error) => {
            let said = format!("; this is not in the change log: {problem}");
            error.detail_mut().message.push_str(&said);
            Err(error)
        }
    }
}

/// Whether a line could be written now; fails where it could not. Nothing where changes are not logged.
pub fn check(settings: &Settings) -> Result<()> {
    if !settings.logs_changes() {
        return Ok(());
    }
    try_to_write(settings).map_err(unsent)
}

fn try_to_write(settings: &Settings) -> Result<()> {
    let folder = settings.state_folder()?;
    let path = folder.join(FILE);
    trust::folder(&folder).and_then(|()| {
        private::create_folder(&folder)
            .and_then(|()| private::check(&path))
            .and_then(|()| private::open_to_append(&path).map(drop))
            .map_err(|error| {
                unwritable(&path, &error).with_remedy(
                    "make room on the disk, let this user write there, move away what is no plain file",
                )
            })
    })
}

fn unsent(mut error: Error) -> Error {
    let detail = error.detail_mut();
    detail
        .message
        .push_str("; nothing was sent, because the change log is on");
    let remedy = detail.remedy.take().unwrap_or_default();
    detail.remedy = Some(format!("{remedy}, or turn the change log off"));
    error
}

/// Writes a change down; it is on disk when this returns. Nothing where changes are not logged.
pub fn note(settings: &Settings, change: Change) -> Result<()> {
    if !settings.logs_changes() {
        return Ok(());
    }
    let mut change = change.fit_to_be_seen();
    let folder = settings.state_folder()?;
    trust::folder(&folder)?;
    change.time = Timestamp::now()
        .round(jiff::Unit::Millisecond)
        .unwrap_or_default()
        .to_string();
    let mut line = serde_json::to_vec(&change).unwrap_or_default();
    line.push(b'\n');
    append(&folder, line).map_err(|error| unwritable(&folder.join(FILE), &error))
}

fn append(folder: &Path, mut line: Vec<u8>) -> io::Result<()> {
    private::create_folder(folder)?;
    let path = folder.join(FILE);
    // Without the lock the line is whole all the same; only who rotates and who heals might be two.
    let lock = locked(folder, LOCK_TIMEOUT)?;
    if lock.is_some() && path.metadata().is_ok_and(|file| file.len() >= LARGEST) {
        std::fs::rename(&path, folder.join(OLDER))?;
    }
    if is_torn(&path)? {
        line.insert(0, b'\n');
    }
    private::append(&path, &line)
}

fn locked(folder: &Path, patience: Duration) -> io::Result<Option<lock::Held>> {
    lock::take(&folder.join("changes.lock"), patience)
}

/// Opens a log to read it: a plain file, for a pipe would keep whoever opens it waiting without end.
fn opened(path: &Path) -> io::Result<File> {
    trust::open(path, OpenOptions::new().read(true))
}

/// Whether the last line was cut off: by a crash, or a full disk.
fn is_torn(path: &Path) -> io::Result<bool> {
    let mut file = match opened(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last[0] != b'\n')
}

/// What to read of the log.
#[derive(Default)]
pub struct Question {
    pub since: Option<Timestamp>,
    pub id: Option<TokenId>,
    pub last: Option<usize>,
}

/// The changes asked for, the oldest first, and how many lines were no changes; within the call's time.
pub fn read(
    settings: &Settings,
    question: &Question,
    time: Duration,
) -> Result<(Vec<Change>, usize)> {
    let folder = settings.state_folder()?;
    let mut changes = Vec::new();
    let mut odd = 0;
    // Half of it: without the lock, too, there is something to read.
    for text in texts(&folder, LOCK_TIMEOUT.min(time / 2))? {
        for line in text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty())
        {
            match serde_json::from_slice::<Change>(line) {
                Ok(change) if fits(&change, question) => changes.push(change),
                Ok(_) => {}
                Err(_) => odd += 1,
            }
        }
    }
    if let Some(last) = question.last {
        changes.drain(..changes.len().saturating_sub(last));
    }
    Ok((changes, odd))
}

/// Both files, opened at one moment.
fn texts(folder: &Path, patience: Duration) -> Result<Vec<Vec<u8>>> {
    let failed = |path: &Path, error: io::Error| {
        Error::new(
            Code::StateFailed,
            format!("{} cannot be read: {error}", path.display()),
        )
        .with_field("stateFolder")
        .with_remedy("let this user read the file, or move it away where it is no plain file")
    };
    let paths: Vec<PathBuf> = [OLDER, FILE].iter().map(|name| folder.join(name)).collect();
    // Who may not write there may read all the same; a rotation in between is then not noticed.
    let lock = locked(folder, patience).ok().flatten();
    let opened: Vec<(&PathBuf, io::Result<File>)> =
        paths.iter().map(|path| (path, opened(path))).collect();
    drop(lock);
    let mut texts = Vec::new();
    for (path, file) in opened {
        let mut file = match file {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            file => file.map_err(|error| failed(path, error))?,
        };
        let mut text = Vec::new();
        file.read_to_end(&mut text)
            .map_err(|error| failed(path, error))?;
        texts.push(text);
    }
    Ok(texts)
}

fn fits(change: &Change, question: &Question) -> bool {
    let asked = question.id.as_ref().map(TokenId::as_str);
    if asked.is_some() && asked != change.id.as_deref() {
        return false;
    }
    let Some(since) = question.since else {
        return true;
    };
    change
        .time
        .parse::<Timestamp>()
        .is_ok_and(|time| time >= since)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(folder: &Path) -> Settings {
        Settings {
            state_folder: Some(folder.to_owned()),
            change_log: Some(true),
            ..Settings::default()
        }
    }

    fn change(name: &str) -> Change {
        Change::new("create", Some("id"), Some(name))
    }

    fn names(settings: &Settings) -> Vec<String> {
        let (changes, _) = read(settings, &Question::default(), LOCK_TIMEOUT).unwrap();
        changes
            .into_iter()
            .filter_map(|change| change.name)
            .collect()
    }

    #[test]
    fn a_torn_last_line_is_passed_over_and_healed() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        note(&settings, change("one")).unwrap();
        let path = folder.path().join(FILE);
        let whole = std::fs::read(&path).unwrap();
        let torn = [&whole[..], &whole[..whole.len() / 2]].concat();
        std::fs::write(&path, torn).unwrap();
        assert_eq!(names(&settings), ["one"]);
        note(&settings, change("two")).unwrap();
        assert_eq!(names(&settings), ["one", "two"]);
        assert_eq!(
            read(&settings, &Question::default(), LOCK_TIMEOUT)
                .unwrap()
                .1,
            1
        );
    }

    #[test]
    fn a_large_file_makes_room_and_both_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let path = folder.path().join(FILE);
        note(&settings, change("old")).unwrap();
        let text = std::fs::read(&path).unwrap();
        let filler = vec![b'\n'; LARGEST as usize];
        std::fs::write(&path, [&text[..], &filler].concat()).unwrap();
        note(&settings, change("new")).unwrap();
        assert!(path.metadata().unwrap().len() < 1000);
        assert_eq!(names(&settings), ["old", "new"]);
    }

    #[test]
    fn only_what_was_asked_for_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        for name in ["a", "b", "c"] {
            note(&settings, change(name)).unwrap();
        }
        let count = |question: Question| read(&settings, &question, LOCK_TIMEOUT).unwrap().0.len();
        assert_eq!(
            count(Question {
                last: Some(2),
                ..Question::default()
            }),
            2
        );
        assert_eq!(
            count(Question {
                last: Some(0),
                ..Question::default()
            }),
            0
        );
        assert_eq!(
            count(Question {
                id: TokenId::parse("id", "other".to_owned()).ok(),
                ..Question::default()
            }),
            0
        );
        let later = Timestamp::now()
            .checked_add(Duration::from_secs(60))
            .unwrap();
        assert_eq!(
            count(Question {
                since: Some(later),
                ..Question::default()
            }),
            0
        );
    }

    #[test]
    fn nothing_is_written_where_it_is_not_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path());
        settings.change_log = None;
        note(&settings, change("x")).unwrap();
        check(&settings).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
