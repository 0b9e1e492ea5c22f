//! One writer of a file at a time, on this host and on others that share the file: what it read stays so until it
//! has written.

use std::fs;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::refusal::{Refusal, busy};
use super::rights::{self, Rights};
use super::turn::Turn;
use super::{leftovers, look, persist, sync_folder};

/// How often it begins anew when another writer is faster, before it gives up.
const MOST_TURNS: usize = 1000;

/// A file that no other writer touches as long as this is held.
pub struct Exclusive {
    target: PathBuf,
    turn: Turn,
}

/// Works on a file while no other writer does; begins anew where one was faster.
pub fn exclusively<T>(
    path: &Path,
    mut work: impl FnMut(&mut Exclusive) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    for _ in 0..MOST_TURNS {
        let target = super::followed(path)?;
        let turn = Turn::take(&target)?;
        match work(&mut Exclusive { target, turn }) {
            Err(Refusal::Overtaken) => {}
            result => return result,
        }
    }
    Err(Refusal::System(busy()))
}

/// The same for a file that is to hold a secret: looked at before it is opened, and again once it is held.
pub fn carefully<T>(
    path: &Path,
    mut work: impl FnMut(&mut Exclusive) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    look::look(path, &super::followed(path)?)?;
    exclusively(path, |held| {
        held.look(path)?;
        work(held)
    })
}

impl Exclusive {
    /// Whether a secret is safe in this file, and whether it can be replaced.
    pub fn look(&self, path: &Path) -> Result<(), Refusal> {
        look::look(path, &self.target)
    }

    /// The file's text, of at most `limit` bytes and one; none where there is no file.
    pub fn text(&mut self, limit: u64) -> io::Result<Option<Zeroizing<String>>> {
        let Some(file) = self.turn.file(&self.target)? else {
            return Ok(None);
        };
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
        }
        let mut text = Zeroizing::new(super::room(about.len().min(limit)));
        (&file).rewind()?;
        (&file).take(limit + 1).read_to_string(&mut text)?;
        Ok(Some(text))
    }

    /// Puts a whole new file in the place of the one there is, or of none; afterwards that is the one held.
    pub fn replace(&mut self, content: &[u8], given: Rights) -> Result<(), Refusal> {
        let folder = super::folder_of(&self.target)?.to_owned();
        leftovers::remove(&self.target);
        let mut unfinished = leftovers::unfinished(&self.target, &folder)?;
        let before = self.turn.file(&self.target)?;
        rights::give(unfinished.as_file(), before.as_ref(), given)?;
        unfinished.write_all(content)?;
        unfinished.as_file().sync_all()?;
        let file = match before {
            None => unfinished
                .persist_noclobber(&self.target)
                .map_err(|refused| refused.error)?,
            Some(_) if !self.turn.still_holds(&self.target)? => return Err(Refusal::Overtaken),
            Some(before) => {
                // Windows replaces no file that is open.
                drop(before);
                persist(unfinished, &self.target)?
            }
        };
        self.turn.passes_to(file);
        Ok(sync_folder(&folder)?)
    }

    /// Does all of `replace` that leaves no trace.
    pub fn rehearse(&mut self, given: Rights) -> Result<(), Refusal> {
        let before = self.turn.file(&self.target)?;
        let mut probe = tempfile::tempfile_in(super::folder_of(&self.target)?)?;
        rights::give(&probe, before.as_ref(), given)?;
        // An empty file fits on a full disk.
        probe.write_all(&[b' '; 4096])?;
        Ok(probe.sync_all()?)
    }

    /// Removes the file, for good when this returns.
    pub fn remove(&mut self) -> Result<(), Refusal> {
        fs::remove_file(&self.target)?;
        Ok(sync_folder(super::folder_of(&self.target)?)?)
    }
}
