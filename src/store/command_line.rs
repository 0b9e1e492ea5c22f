//! The official command line's own place for a pair: an environment of its config.yaml, with the pair in
//! the keyring of the system or, in older versions and where there is no keyring, in the file itself.
//!
//! A pair is written where it was found. The bearer that the command line keeps beside it goes away, so
//! that it signs in with the new pair.

use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::error::Result;
use crate::store::file::{Unreadable, read_small};
use crate::store::keyring::{Account, Fault};
use crate::store::yaml::Scalars;
use crate::store::yaml_edit::{Wanted, edited};
use crate::store::{Pair, Store, failed, lock, private};

const FILE: [&str; 2] = [".sailpoint", "config.yaml"];
/// Longer than a keyring may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
const BEARER: &[&str] = &["accesstoken", "expiry"];

/// An environment of the official command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// None for the one that is active in the file.
    pub environment: Option<String>,
    pub path: PathBuf,
}

/// Where the official command line keeps its file below a home folder.
pub fn default_path(home: &Path) -> PathBuf {
    FILE.iter()
        .fold(home.to_owned(), |path, part| path.join(part))
}

/// What there is to know before something is read or written.
struct Look {
    environment: String,
    account: Account,
    /// The file's text without a byte order mark; none where there is no file.
    text: Option<Zeroizing<String>>,
    has_mark: bool,
    has_environment: bool,
    /// The pair in the file.
    filed: Option<Pair>,
}

/// Where a pair is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Keyring,
    File,
}

impl CommandLine {
    fn store(&self) -> Store {
        Store::CommandLine(self.clone())
    }

    fn fails(&self, problem: impl std::fmt::Display) -> crate::error::Error {
        failed(&self.store(), problem)
    }

    fn look(&self) -> Result<Look> {
        let text = match read_small(&self.path) {
            Ok(text) => Some(text),
            Err(Unreadable::Missing) => None,
            Err(Unreadable::Other(problem)) => return Err(self.fails(problem)),
        };
        let marked = text
            .as_deref()
            .and_then(|text| text.strip_prefix('\u{feff}'));
        let has_mark = marked.is_some();
        let text = match marked {
            Some(rest) => Some(Zeroizing::new(rest.to_owned())),
            None => text,
        };
        let scalars = text
            .as_deref()
            .map(|text| Scalars::read(text).map_err(|problem| self.fails(problem)))
            .transpose()?;
        let active = || scalars.as_ref()?.get(&["activeenvironment"]);
        let environment = match self.environment.as_deref().or_else(active) {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => {
                return Err(self
                    .fails("no environment is named, and none is active in the file")
                    .with_remedy("name one, or set one up with the official command line"));
            }
        };
        let account = Account::new(&environment).map_err(|rule| self.fails(rule))?;
        let value = |key: &str| {
            let value = scalars
                .as_ref()?
                .get(&["environments", &environment, "pat", key])?;
            Some(value).filter(|value| !value.is_empty())
        };
        let filed = value("clientid").zip(value("clientsecret"));
        let filed = filed.map(|(id, secret)| Pair::new(id, Zeroizing::new(secret.to_owned())));
        let has_environment = scalars
            .as_ref()
            .is_some_and(|scalars| scalars.has_below(&["environments", &environment]));
        Ok(Look {
            account,
            has_mark,
            has_environment,
            filed,
            environment,
            text,
        })
    }

    /// The same place by the environment's name, whichever is active later.
    pub fn pinned(&self) -> Result<Self> {
        Ok(CommandLine {
            environment: Some(self.look()?.environment),
            path: self.path.clone(),
        })
    }

    /// The pair in the file, whatever the keyring holds.
    pub fn in_file(&self) -> Option<Pair> {
        self.look().ok()?.filed
    }

    /// The tenant that the environment is for.
    pub fn base_url(&self) -> Option<Zeroizing<String>> {
        let look = self.look().ok()?;
        let scalars = Scalars::read(look.text.as_deref()?).ok()?;
        let url = scalars.get(&["environments", &look.environment, "baseurl"])?;
        Some(Zeroizing::new(url.to_owned()))
    }

    /// The pair in the keyring, else in the file. Without a keyring the file is all there is; with one
    /// that does not answer, who knows which pair counts.
    pub fn read(&self) -> Result<Option<Pair>> {
        let look = self.look()?;
        match self.in_keyring(&look)? {
            Ok(Some(pair)) => Ok(Some(pair)),
            _ => Ok(look.filed),
        }
    }

    /// What the keyring holds, or that there is none; everything else is an error.
    fn in_keyring(&self, look: &Look) -> Result<std::result::Result<Option<Pair>, Fault>> {
        match look.account.get() {
            Ok(pair) => Ok(Ok(pair)),
            Err(fault @ Fault::Absent(_)) => Ok(Err(fault)),
            Err(fault) => Err(self.refused(&fault)),
        }
    }

    fn refused(&self, fault: &Fault) -> crate::error::Error {
        let error = self.fails(fault).with_remedy(fault.remedy());
        if *fault == Fault::Slow {
            error.retryable()
        } else {
            error
        }
    }

    /// Where a pair is, or goes.
    fn kept(&self, look: &Look) -> Result<Kept> {
        let keyring = self.in_keyring(look)?;
        if matches!(keyring, Ok(Some(_))) {
            return Ok(Kept::Keyring);
        }
        if look.filed.is_some() {
            return Ok(Kept::File);
        }
        if !look.has_environment {
            return Err(self
                .fails(format!("has no environment {}", look.environment))
                .with_remedy("set it up with the official command line first"));
        }
        Ok(match keyring.map(|_| look.account.probe()) {
            Ok(Ok(())) => Kept::Keyring,
            Ok(Err(fault @ (Fault::Locked | Fault::Slow | Fault::Other(_)))) => {
                return Err(self.refused(&fault));
            }
            Ok(Err(Fault::Absent(_))) | Err(_) => Kept::File,
        })
    }

    /// Where the pair is, or would go.
    pub fn place(&self) -> Result<Kept> {
        self.kept(&self.look()?)
    }

    /// The file with the pair in it, where the file is to hold one, and without a bearer; none where it
    /// stays as it is.
    fn file_with(&self, look: &Look, kept: Kept, pair: &Pair) -> Result<Option<Zeroizing<String>>> {
        let Some(text) = look.text.as_deref() else {
            return Ok(None);
        };
        let pair = [
            ("clientid", pair.client_id.as_str()),
            ("clientsecret", pair.client_secret.expose()),
        ];
        // A pair in the file beside the one in the keyring would be the old one from now on.
        let in_file = kept == Kept::File || look.filed.is_some();
        let wanted = Wanted {
            path: &["environments", &look.environment, "pat"],
            set: if in_file { &pair } else { &[] },
            remove: BEARER,
        };
        let after = edited(text, &wanted).map_err(|problem| {
            self.fails(problem)
                .with_remedy("let the official command line write the file anew")
        })?;
        Ok((after.as_str() != text.as_str()).then_some(after))
    }

    pub fn write(&self, pair: &Pair) -> Result<()> {
        // The file holds all environments: of two that write, none may undo what the other wrote.
        let lock = self.path.with_extension("yaml.sailpat-lock");
        let held = match lock.parent().is_some_and(Path::is_dir) {
            true => lock::take(&lock, PATIENCE).map_err(|error| self.unwritable(&error))?,
            false => None,
        };
        if held.is_none() && lock.exists() {
            return Err(self.fails("another process is writing to it"));
        }
        let look = self.look()?;
        let kept = self.kept(&look)?;
        let file = self.file_with(&look, kept, pair)?;
        match kept {
            Kept::Keyring => look
                .account
                .put(pair)
                .map_err(|fault| self.refused(&fault))?,
            // Without its bearer the command line signs in again, with whichever pair it finds.
            Kept::File => match look.account.drop_bearer() {
                Ok(()) | Err(Fault::Absent(_)) => {}
                Err(fault) => return Err(self.refused(&fault)),
            },
        }
        let Some(file) = file else { return Ok(()) };
        let mut whole = Zeroizing::new(String::with_capacity(file.len() + 3));
        if look.has_mark {
            whole.push('\u{feff}');
        }
        whole.push_str(&file);
        private::replace(&self.path, whole.as_bytes()).map_err(|error| self.unwritable(&error))
    }

    fn unwritable(&self, error: &std::io::Error) -> crate::error::Error {
        self.fails(format!(
            "{} cannot be written: {error}",
            self.path.display()
        ))
        .with_remedy("make room on the disk, or let this user write to the file's folder")
    }

    /// Removes what a crash left half written.
    pub fn tidy(&self) {
        private::remove_leftovers(&self.path);
        if let Ok(look) = self.look() {
            look.account.tidy();
        }
    }

    /// Whether a pair could be written, and the file kept whole.
    pub fn check(&self) -> Result<()> {
        let look = self.look()?;
        let kept = self.kept(&look)?;
        let pair = Pair::new("id", Zeroizing::new("secret".to_owned()));
        if self.file_with(&look, kept, &pair)?.is_some() {
            private::check(&self.path).map_err(|error| self.unwritable(&error))?;
        }
        match kept {
            Kept::Keyring => look.account.probe().map_err(|fault| self.refused(&fault)),
            Kept::File => Ok(()),
        }
    }
}
