//! Where a pair of client id and secret is kept on this machine: files, the official command line, an
//! external command, or with the caller.
//!
//! Each store writes a pair as one and reads it back. All of it blocks and knows nothing of the service.
//! `client` reads here, `lifecycle` writes.

pub mod command;
pub mod file;
pub mod lock;
pub mod private;
pub mod profiles;
pub mod yaml;

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::api::fields::Fields;
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::command::Command;
use crate::store::file::{Format, PairFile};

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
    /// The variables SAIL_CLIENT_ID and SAIL_CLIENT_SECRET of this process.
    Environment,
    /// The caller takes the pair, stores it and confirms what it reads back.
    Caller,
}

impl Store {
    /// Reads a store from the fields that name it. A relative path lies below `folder`.
    pub fn parse(mut fields: Fields<'_>, folder: Option<&Path>) -> Result<Self> {
        let mut named: Vec<Store> = Vec::new();
        if let Some(path) = fields.string("file")? {
            named.push(Store::File(pair_file(&mut fields, &path, folder)?));
        }
        if let Some(words) = fields.strings("command")? {
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
        let what = "must name one store: file, command, environment or caller";
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
            Store::Environment => json!({"environment": true}),
            Store::Caller => json!({"caller": true}),
        }
    }

    /// The pair in the store; none where there is none yet.
    pub fn read(&self) -> Result<Option<Pair>> {
        match self {
            Store::File(file) => file.read(),
            Store::Command(command) => command.read(),
            Store::Environment | Store::Caller => Ok(None),
        }
    }

    /// Writes a pair and reads it back; what is there afterwards is the old pair or the new one.
    pub fn write(&self, pair: &Pair, base_url: &str) -> Result<()> {
        match self {
            Store::File(file) => file.write(pair, base_url)?,
            Store::Command(command) => command.write(pair, base_url)?,
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
            _ => Ok(()),
        }
    }

    /// Removes what a crash left half written.
    pub fn tidy(&self) {
        if let Store::File(file) = self {
            private::remove_leftovers(&file.path);
        }
    }

    /// Whether a pair could be written now, found out without writing one.
    pub fn check(&self) -> Result<()> {
        match self {
            Store::File(file) => file.check(),
            Store::Command(command) => command.check(),
            Store::Environment | Store::Caller => Ok(()),
        }
    }

    /// Whether reading takes no longer than a look at a file.
    pub fn is_quick(&self) -> bool {
        !matches!(self, Store::Command(_))
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
            Store::Environment => f.write_str("environment of this process"),
            Store::Caller => f.write_str("caller"),
        }
    }
}

/// A store that does not do what it should.
pub fn failed(store: &Store, problem: impl fmt::Display) -> Error {
    Error::new(Code::StoreFailed, format!("{store}: {problem}")).with_field("storeIn")
}

fn pair_file(fields: &mut Fields<'_>, path: &str, folder: Option<&Path>) -> Result<PairFile> {
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
