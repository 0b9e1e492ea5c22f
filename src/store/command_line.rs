//! The official command line's own place for a pair: an environment of its config.yaml, with the pair in
//! the keyring of the system or, in older versions and where there is no keyring, in the file itself.
//!
//! A pair is written where it was found. The bearer that the command line keeps beside it goes away, so
//! that it signs in with the new pair.

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::store::holding::{FOREIGN_REMEDY, Holding};
use crate::store::keyring::{Account, KeyringError};
use crate::store::official::{Environment, Official, PairChange};
use crate::store::private::{Exclusive, Refusal, Rights};
use crate::store::{Contents, Over, Pair, Store, failed, private, same_tenant, writable_name};

/// An environment of the official command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// None for the one that is active in the file.
    pub environment: Option<String>,
    pub path: PathBuf,
}

/// What there is to know before something is read or written.
struct Findings {
    account: Account,
    /// None where there is no file.
    file: Option<Official>,
    has_environment: bool,
    environment: Environment,
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

    fn fails(&self, problem: impl std::fmt::Display) -> Error {
        failed(&self.store(), problem)
    }

    fn look(&self) -> Result<Findings> {
        let wrong = |problem: String| {
            self.fails(format!("{} {problem}", self.path.display()))
                .with_remedy("mend the file by hand")
        };
        let file = Official::read(&self.path).map_err(wrong)?;
        let name = match (&self.environment, &file) {
            (Some(name), _) => Some(name.clone()),
            (None, Some(file)) => file.active().map_err(wrong)?.map(str::to_owned),
            (None, None) => None,
        };
        let Some(name) = name else {
            return Err(self
                .fails("no environment is named, and none is active in the file")
                .with_remedy("name one, or set one up with the official command line"));
        };
        let account = Account::new(&name).map_err(|rule| self.fails(rule))?;
        let environment = match &file {
            Some(file) => file.environment(&name).map_err(wrong)?,
            None => Environment::empty(&name),
        };
        Ok(Findings {
            account,
            has_environment: file.as_ref().is_some_and(|file| file.has(&name)),
            environment,
            file,
        })
    }

    /// The same place by the environment's name, whichever is active later.
    pub fn pinned(&self) -> Result<Self> {
        if self.environment.is_some() {
            return Ok(self.clone());
        }
        Ok(CommandLine {
            environment: Some(self.look()?.environment.name),
            path: self.path.clone(),
        })
    }

    /// The pair in the file, whatever the keyring holds.
    pub fn in_file(&self) -> Option<Pair> {
        self.look().ok()?.environment.filed.pair()
    }

    /// The tenant that the environment is for.
    pub fn base_url(&self) -> Option<Zeroizing<String>> {
        self.look().ok()?.environment.base_url
    }

    /// The pair in the keyring, else in the file. Without a keyring the file is all there is; with one
    /// that does not answer, who knows which pair counts.
    pub fn read(&self) -> Result<Option<Pair>> {
        Ok(self.contents()?.holding.pair())
    }

    /// The same with the environment's tenant.
    pub fn contents(&self) -> Result<Contents> {
        let look = self.look()?;
        let holding = match self.in_keyring(&look)? {
            Ok(Some(pair)) => Holding::of(Some(pair)),
            _ => look.environment.filed,
        };
        Ok(Contents {
            holding,
            base_url: look.environment.base_url,
        })
    }

    /// What the keyring holds, or that there is none; everything else is an error.
    fn in_keyring(
        &self,
        look: &Findings,
    ) -> Result<std::result::Result<Option<Pair>, KeyringError>> {
        match look.account.get() {
            Ok(pair) => Ok(Ok(pair)),
            Err(fault @ KeyringError::Absent(_)) => Ok(Err(fault)),
            Err(fault) => Err(self.refused(&fault)),
        }
    }

    fn refused(&self, fault: &KeyringError) -> Error {
        let error = self.fails(fault).with_remedy(fault.remedy());
        if *fault == KeyringError::Slow {
            error.retryable()
        } else {
            error
        }
    }

    /// Where a pair is, or goes.
    fn kept(&self, look: &Findings) -> Result<Kept> {
        let keyring = self.in_keyring(look)?;
        if matches!(keyring, Ok(Some(_))) {
            return Ok(Kept::Keyring);
        }
        if look.environment.filed.pair().is_some() {
            return Ok(Kept::File);
        }
        if !look.has_environment {
            return Err(self
                .fails(format!("has no environment {}", look.environment.name))
                .with_remedy("set it up with the official command line first"));
        }
        Ok(match keyring.map(|_| look.account.probe()) {
            Ok(Ok(())) => Kept::Keyring,
            Ok(Err(
                fault @ (KeyringError::Locked
                | KeyringError::Slow
                | KeyringError::Taken(_)
                | KeyringError::Other(_)),
            )) => {
                return Err(self.refused(&fault));
            }
            Ok(Err(KeyringError::Absent(_))) | Err(_) => Kept::File,
        })
    }

    /// Where the pair is, or would go.
    pub fn place(&self) -> Result<Kept> {
        self.kept(&self.look()?)
    }

    /// The file with the pair in it, where the file is to hold one, and without a bearer; none where it
    /// stays as it is.
    fn file_with(
        &self,
        look: &Findings,
        kept: Kept,
        pair: &Pair,
    ) -> Result<Option<Zeroizing<String>>> {
        if look.goes_to_file(kept) {
            self.file_after(look, PairChange::Put(pair))
        } else {
            self.file_after(look, PairChange::DropBearer)
        }
    }

    /// The file with a change; none where it is so already, or is not there.
    fn file_after(
        &self,
        look: &Findings,
        change: PairChange<'_>,
    ) -> Result<Option<Zeroizing<String>>> {
        let Some(file) = &look.file else {
            return Ok(None);
        };
        let after = file.changed(&look.environment.name, change);
        after.map_err(|problem| {
            self.fails(problem)
                .with_remedy("let the official command line write the file anew")
        })
    }

    /// Puts a pair in. The file holds all environments, so one writes to it at a time, from the look on; others
    /// may change a keyring between two of its operations.
    pub fn write(&self, pair: &Pair, base_url: &str, over: Over<'_>) -> Result<()> {
        self.alone(|held| {
            let look = self.look()?;
            self.fits(&look, base_url)?;
            let kept = self.kept(&look)?;
            if look.goes_to_file(kept) {
                look.environment
                    .filed
                    .gives_way_to(over)
                    .map_err(|problem| {
                        let path = self.path.display();
                        self.fails(format!("{path} {problem}"))
                            .with_remedy(FOREIGN_REMEDY)
                    })?;
            }
            let file = self.file_with(&look, kept, pair)?;
            if file.is_some() {
                held.look(&self.path)?;
            }
            match kept {
                Kept::Keyring => {
                    let put = look.account.put(pair, over);
                    put.map_err(|fault| self.refused(&fault))?;
                }
                Kept::File => self.drop_bearer(&look)?,
            }
            match file {
                Some(file) => held.replace(file.as_bytes(), Rights::Kept),
                None => Ok(()),
            }
        })
    }

    /// Without its bearer the command line signs in again, with whichever pair it finds.
    fn drop_bearer(&self, look: &Findings) -> Result<()> {
        match look.account.drop_bearer() {
            Ok(()) | Err(KeyringError::Absent(_)) => Ok(()),
            Err(fault) => Err(self.refused(&fault)),
        }
    }

    /// Works on the file while nobody else does.
    fn alone<T>(
        &self,
        work: impl FnMut(&mut Exclusive) -> std::result::Result<T, Refusal>,
    ) -> Result<T> {
        private::exclusively(&self.path, work).map_err(|refusal| {
            refusal.told(&self.path, |problem| {
                self.fails(format!("{} {problem}", self.path.display()))
            })
        })
    }

    /// Whether the environment is for this tenant, or says nothing of one.
    fn fits(&self, look: &Findings, base_url: &str) -> Result<()> {
        match &look.environment.base_url {
            Some(url) if !same_tenant(url, base_url) => Err(self
                .fails(format!(
                    "is for another tenant: its baseurl is {}, not {base_url}",
                    **url
                ))
                .with_remedy("name another environment, or correct its baseurl")),
            _ => Ok(()),
        }
    }

    /// Takes exactly this pair out again, of the keyring and of the file; false where neither holds it.
    pub fn withdraw(&self, pair: &Pair) -> Result<bool> {
        self.alone(|held| {
            let look = self.look()?;
            let keyring = match look.account.take_out(pair) {
                Err(KeyringError::Absent(_)) => false,
                taken => taken.map_err(|fault| self.refused(&fault))?,
            };
            let filed = look.environment.filed.pair().as_ref() == Some(pair);
            if filed && let Some(file) = self.file_after(&look, PairChange::TakeOut)? {
                held.look(&self.path)?;
                held.replace(file.as_bytes(), Rights::Kept)?;
            }
            Ok(keyring || filed)
        })
    }

    /// Removes what a crash left half written.
    pub fn tidy(&self) {
        private::remove_leftovers(&self.path);
        if let Ok(look) = self.look() {
            look.account.tidy();
        }
    }

    /// Whether a pair of this tenant could be written, and the file kept whole.
    pub fn check(&self, base_url: &str) -> Result<()> {
        writable_name(&self.path).map_err(|problem| self.fails(problem))?;
        let kept = self.alone(|held| {
            let look = self.look()?;
            self.fits(&look, base_url)?;
            let kept = self.kept(&look)?;
            let pair = Pair::new("id", Zeroizing::new("secret".to_owned()));
            if self.file_with(&look, kept, &pair)?.is_some() {
                held.look(&self.path)?;
                held.rehearse(Rights::Kept)?;
            }
            Ok((kept, look.account))
        });
        match kept? {
            (Kept::Keyring, account) => account.probe().map_err(|fault| self.refused(&fault)),
            (Kept::File, _) => Ok(()),
        }
    }
}

impl Findings {
    /// A pair in the file beside the one in the keyring would be the old one from now on.
    fn goes_to_file(&self, kept: Kept) -> bool {
        kept == Kept::File || self.environment.filed.pair().is_some()
    }
}
