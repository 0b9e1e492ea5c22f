//! Where a pair of client id and secret is kept on this machine: files, the official command line, an
//! external command, or with the caller.
//!
//! Each store writes a pair as one and reads it back. All of it blocks and knows nothing of the service.
//! `client` reads here, `lifecycle` writes.

pub mod command;
pub mod command_line;
pub mod file;
pub mod keyring;
pub mod lock;
pub mod private;
pub mod profiles;
pub mod trust;
mod words;
pub mod yaml;
pub mod yaml_edit;

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::api::fields::Fields;
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::command::Command;
use crate::store::command_line::{CommandLine, Kept};
use crate::store::file::{Format, PairFile};
use crate::store::keyring::Account;

/// A client id and its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub client_id: String,
    pub client_secret: Secret,
}

impl Pair {
    pub fn new(client_id: impl Into<String>, client_secret: Zeroizing<String>) -> Self {
        Pair {
            client_id: client_id.into(),
            client_secret: Secret::new(client_secret),
        }
    }
}

/// A place that a pair can be kept in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    File(PairFile),
    Command(Command),
    /// An environment of the official command line: its keyring entries, its config.yaml.
    CommandLine(CommandLine),
    /// The keyring of the operating system.
    Keyring(Account),
    /// The variables SAIL_CLIENT_ID and SAIL_CLIENT_SECRET of this process.
    Environment,
    /// The caller takes the pair, stores it and confirms what it reads back.
    Caller,
}

impl Store {
    /// Reads a store from the fields that name it. A relative path lies below `folder`, the official
    /// command line's file in the `home` folder.
    pub fn parse(
        mut fields: Fields<'_>,
        folder: Option<&Path>,
        home: Option<&Path>,
    ) -> Result<Self> {
        let mut named: Vec<Store> = Vec::new();
        let file = fields.string("file")?;
        if let Some(environment) = environment(&mut fields)? {
            let path = match &file {
                Some(path) => absolute(&fields, path, folder)?,
                None => home.map(command_line::default_path).ok_or_else(|| {
                    fields.breaks("file", "must be given: no home folder is known")
                })?,
            };
            named.push(Store::CommandLine(CommandLine { environment, path }));
        } else if let Some(path) = file {
            named.push(Store::File(pair_file(&mut fields, &path, folder)?));
        }
        if let Some(name) = fields.string("keyring")? {
            named.push(Store::Keyring(
                Account::new(&name).map_err(|rule| fields.breaks("keyring", rule))?,
            ));
        }
        if let Some(words) = fields.words("command")? {
            let words = placed(words, folder);
            let limit = fields.positive("commandTimeoutMs")?;
            named.push(Store::Command(
                Command::new(words, limit).map_err(|rule| fields.breaks("command", rule))?,
            ));
        }
        if fields.boolean("environment")?.unwrap_or(false) {
            named.push(Store::Environment);
        }
        if fields.boolean("caller")?.unwrap_or(false) {
            named.push(Store::Caller);
        }
        let what =
            "must name one store: file, command, commandLine, keyring, environment or caller";
        if named.len() != 1 {
            return Err(fields.itself(what));
        }
        fields.finish()?;
        Ok(named.remove(0))
    }

    /// The same store in the form that `parse` reads; never a secret.
    pub fn to_json(&self) -> Value {
        match self {
            Store::File(file) => json!({"file": file.path, "format": file.format.name()}),
            Store::Command(command) => {
                json!({"command": command.words, "commandTimeoutMs": command.limit.as_millis() as u64})
            }
            Store::CommandLine(place) => {
                let environment = place.environment.as_deref();
                json!({"commandLine": environment.map_or(json!(true), Value::from), "file": place.path})
            }
            Store::Keyring(account) => json!({"keyring": account.name()}),
            Store::Environment => json!({"environment": true}),
            Store::Caller => json!({"caller": true}),
        }
    }

    /// The pair in the store; none where there is none yet.
    pub fn read(&self) -> Result<Option<Pair>> {
        match self {
            Store::File(file) => file.read(),
            Store::Command(command) => command.read(),
            Store::CommandLine(place) => place.read(),
            Store::Keyring(account) => account.read(),
            Store::Environment | Store::Caller => Ok(None),
        }
    }

    /// Writes a pair and reads it back; what is there afterwards is the old pair or the new one.
    pub fn write(&self, pair: &Pair, base_url: &str) -> Result<()> {
        self.write_guarded(pair, base_url, None)
    }

    /// The same; a command, which may go on when this process has ended, holds the lock `guard` meanwhile.
    pub fn write_guarded(&self, pair: &Pair, base_url: &str, guard: Option<&Path>) -> Result<()> {
        match self {
            Store::File(file) => file.write(pair, base_url)?,
            Store::Command(command) => command.write(pair, base_url, guard)?,
            Store::CommandLine(place) => place.write(pair)?,
            Store::Keyring(account) => account.write(pair)?,
            Store::Environment | Store::Caller => return Ok(()),
        }
        match self.read()? {
            Some(back) if back == *pair => Ok(()),
            _ => Err(
                failed(self, "gives back something else than was written").with_remedy(
                    "look at what is stored there, and whether something else writes to it",
                ),
            ),
        }
    }

    /// Removes what is stored, where this library made the whole of it.
    pub fn erase(&self) -> Result<()> {
        match self {
            Store::File(file) => private::remove(&file.path)
                .map_err(|error| failed(self, format!("cannot be removed: {error}"))),
            Store::Keyring(account) => account.erase(),
            _ => Ok(()),
        }
    }

    /// Removes what a crash left half written.
    pub fn tidy(&self) {
        match self {
            Store::File(file) => private::remove_leftovers(&file.path),
            Store::CommandLine(place) => place.tidy(),
            Store::Keyring(account) => account.tidy(),
            Store::Command(_) | Store::Environment | Store::Caller => {}
        }
    }

    /// The same store, whatever changes around it later.
    pub fn pinned(self) -> Result<Self> {
        match self {
            Store::CommandLine(place) => place.pinned().map(Store::CommandLine),
            store => Ok(store),
        }
    }

    /// A store of the same kind for a second pair, which nothing else reads: a file in `folder`, or an
    /// account of the keyring.
    pub fn beside(&self, folder: &Path, name: &str) -> Result<Option<Self>> {
        let in_file = || {
            Store::File(PairFile {
                path: folder.join(name),
                format: Format::Json,
            })
        };
        let in_keyring = || Account::new(name).ok().map(Store::Keyring);
        Ok(match self {
            Store::File(_) => Some(in_file()),
            Store::Keyring(_) => in_keyring(),
            Store::CommandLine(place) => match place.place()? {
                Kept::File => Some(in_file()),
                Kept::Keyring => in_keyring(),
            },
            Store::Command(_) | Store::Environment | Store::Caller => None,
        })
    }

    /// Whether a pair could be written now, found out without writing one.
    pub fn check(&self) -> Result<()> {
        match self {
            Store::File(file) => file.check(),
            Store::Command(command) => command.check(),
            Store::CommandLine(place) => place.check(),
            Store::Keyring(account) => account.check(),
            Store::Environment | Store::Caller => Ok(()),
        }
    }

    /// Whether reading takes no longer than a look at a file.
    pub fn is_quick(&self) -> bool {
        matches!(self, Store::File(_) | Store::Environment | Store::Caller)
    }

    /// Whether another process, or a later one, can read what is written here.
    pub fn lasts(&self) -> bool {
        !matches!(self, Store::Environment | Store::Caller)
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Store::File(file) => write!(f, "file {}", file.path.display()),
            Store::Command(command) => write!(f, "command {}", command.program()),
            Store::CommandLine(place) => match &place.environment {
                Some(name) => write!(f, "official command line, environment {name}"),
                None => f.write_str("official command line, active environment"),
            },
            Store::Keyring(account) => write!(f, "keyring, account {}", account.name()),
            Store::Environment => f.write_str("environment of this process"),
            Store::Caller => f.write_str("caller"),
        }
    }
}

/// The words of a command, its program by its whole path where it is named by one: whoever resumes a rotation may
/// be somewhere else.
fn placed(mut words: Vec<String>, folder: Option<&Path>) -> Vec<String> {
    if let (Some(program), Some(folder)) = (words.first_mut(), folder)
        && program.contains(['/', '\\'])
        && Path::new(program.as_str()).is_relative()
    {
        *program = folder.join(&*program).to_string_lossy().into_owned();
    }
    words
}

/// A store that does not do what it should.
pub fn failed(store: &Store, problem: impl fmt::Display) -> Error {
    Error::new(Code::StoreFailed, format!("{store}: {problem}")).with_field("storeIn")
}

/// The environment that `commandLine` names; `true` for the active one.
fn environment(fields: &mut Fields<'_>) -> Result<Option<Option<String>>> {
    let Some(raw) = fields.raw("commandLine") else {
        return Ok(None);
    };
    match raw.get() {
        "true" => return Ok(Some(None)),
        "false" => return Ok(None),
        _ => {}
    }
    serde_json::from_str(raw.get())
        .ok()
        .filter(|name: &String| Account::new(name).is_ok())
        .map(|name| Some(Some(name.trim().to_owned())))
        .ok_or_else(|| fields.breaks("commandLine", "must be the name of an environment, or true"))
}

/// The path of a file, below `folder` where it is relative.
fn absolute(fields: &Fields<'_>, path: &str, folder: Option<&Path>) -> Result<PathBuf> {
    let rule = "must be the path of a file";
    if path.trim().is_empty() || path.chars().any(char::is_control) {
        return Err(fields.breaks("file", rule));
    }
    let path = match folder {
        Some(folder) => folder.join(path),
        None => PathBuf::from(path),
    };
    if !path.is_absolute() || path.file_name().is_none() {
        return Err(fields.breaks("file", rule));
    }
    Ok(path)
}

fn pair_file(fields: &mut Fields<'_>, path: &str, folder: Option<&Path>) -> Result<PairFile> {
    let path = absolute(fields, path, folder)?;
    let format = match fields.string("format")? {
        None => Format::of_path(&path),
        Some(name) => Format::ALL
            .iter()
            .copied()
            .find(|format| format.name() == name)
            .ok_or_else(|| fields.breaks("format", "must be json or dotenv"))?,
    };
    Ok(PairFile { path, format })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Store> {
        let (folder, home) = if cfg!(windows) {
            (r"C:\work", r"C:\home")
        } else {
            ("/work", "/home/me")
        };
        let fields = Fields::of_request(text)?;
        Store::parse(fields, Some(Path::new(folder)), Some(Path::new(home)))
    }

    #[test]
    fn every_store_reads_back_its_own_json_and_names_itself() {
        for (text, words) in [
            (r#"{"file":"x.json"}"#, "file "),
            (r#"{"command":["vault"]}"#, "command vault"),
            (
                r#"{"commandLine":"Prod"}"#,
                "official command line, environment Prod",
            ),
            (
                r#"{"commandLine":true}"#,
                "official command line, active environment",
            ),
            (
                r#"{"commandLine":"dev","file":"c.yaml","caller":false}"#,
                "official command line, environment dev",
            ),
            (r#"{"keyring":"Prod"}"#, "keyring, account prod"),
            (r#"{"environment":true}"#, "environment of this process"),
            (r#"{"caller":true}"#, "caller"),
        ] {
            let store = parse(text).unwrap();
            assert!(store.to_string().starts_with(words), "{store}");
            let json = store.to_json().to_string();
            let again = Store::parse(Fields::of_request(&json).unwrap(), None, None).unwrap();
            assert_eq!(again, store, "{json}");
        }
    }

    #[test]
    fn what_names_no_store_or_two_is_refused() {
        for (text, words) in [
            ("{}", "must name one store"),
            (r#"{"commandLine":false}"#, "must name one store"),
            (r#"{"keyring":"a","caller":true}"#, "must name one store"),
            (
                r#"{"commandLine":"a","keyring":"a"}"#,
                "must name one store",
            ),
            (r#"{"commandLine":7}"#, "commandLine: must be the name"),
            (r#"{"commandLine":" "}"#, "commandLine: must be the name"),
            (r#"{"keyring":""}"#, "keyring: must not be empty"),
            (r#"{"file":" "}"#, "file: must not be empty"),
            (r#"{"command":[]}"#, "command: must be a program"),
            (r#"{"command":[""]}"#, "command: must be a program"),
            (
                r#"{"commandLine":"a","format":"json"}"#,
                "format: is not a known field",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
        let homeless = Fields::of_request(r#"{"commandLine":"a"}"#).unwrap();
        let error = Store::parse(homeless, None, None).unwrap_err().to_string();
        assert!(error.contains("no home folder is known"), "{error}");
    }
}
