//! Writes a change down, the pair into its store and profiles.json, in an order in which nobody who reads meanwhile
//! can take the pair of one tenant for another's.

use serde_json::Value;

use super::{ProfileRequest, Time};
use crate::error::{Code, Error, Result};
use crate::store::profiles::{Book, CHANGING, Profile, ProfileFiles, same, unwritable};
use crate::store::{Over, Store, private, same_tenant};

/// A change of a profile.
pub struct ProfileChange<'c> {
    pub files: &'c ProfileFiles,
    pub wanted: &'c ProfileRequest,
    pub before: Option<&'c Profile>,
    /// profiles.json as it was, and as it shall be.
    pub was: &'c Book,
    pub shall_be: &'c Book,
}

impl ProfileChange<'_> {
    pub fn made(&self, time: &Time) -> Result<()> {
        let Some(pair) = &self.wanted.pair else {
            time.begins_to_write()?;
            return self.shall_be.write();
        };
        let profiles = self.shall_be.profiles()?;
        let named = |known: &&Profile| same(&known.name, &self.wanted.name);
        let Some(profile) = profiles.iter().find(named) else {
            return Err(Error::new(Code::Internal, "an own profile is not there"));
        };
        let base_url = profile.base_url.as_deref().unwrap_or_default();
        match &profile.store {
            // Nobody else's: it names its tenant itself, and goes with the profile to another one.
            Store::File(file) if file.path == self.files.own_file(&profile.name) => {
                time.begins_to_write()?;
                if let Some(folder) = file.path.parent() {
                    private::create_folder(folder).map_err(|error| unwritable(folder, &error))?;
                }
                file.write_for(pair, base_url)?;
                self.shall_be.write()
            }
            // Stored before it is marked, it would go to the old tenant meanwhile, and for good where the store fails.
            store if self.before.is_some_and(|before| is_moved(before, profile)) => {
                // What can be known before is: a profile is not taken out of use for nothing.
                time.waits_for(store);
                store.check(base_url)?;
                time.begins_to_write()?;
                self.marked()?.write()?;
                store
                    .write(pair, base_url, Over::Anything)
                    .and_then(|()| self.shall_be.write())
                    .map_err(|error| self.left_half_changed(error))
            }
            store => {
                time.begins_to_write()?;
                store.write(pair, base_url, Over::Anything)?;
                self.shall_be.write()
            }
        }
    }

    /// Without an address that either pair could be sent to.
    fn marked(&self) -> Result<Book> {
        let mut book = self.was.clone();
        let entry = book.entry(&self.wanted.name)?;
        entry.remove("baseUrl");
        entry.remove("tokenUrl");
        entry.insert(CHANGING.to_owned(), Value::from(true));
        Ok(book)
    }

    fn left_half_changed(&self, mut error: Error) -> Error {
        error.detail_mut().message.push_str(&format!(
            "; profile {} is not used before it is set anew, with baseUrl, clientId and clientSecret",
            self.wanted.name
        ));
        error
    }
}

/// Whether the pair of a profile is to be sent somewhere else than before.
fn is_moved(before: &Profile, after: &Profile) -> bool {
    let stays = match (&before.base_url, &after.base_url) {
        (Some(before), Some(after)) => same_tenant(before, after),
        _ => false,
    };
    !stays || before.token_url != after.token_url
}
