//! Rotation: a new token takes the place of an old one, so that no step can lose a secret.
//!
//! The order, each step journaled and on disk before the next: look, begin, create the new token under a marked name,
//! prove it, store its pair and read it back, keep both for the overlap, prove it once more, remove the old token with
//! the new one, give the plain name back. A crash anywhere leaves a journal that `resume` carries on or takes back. See
//! docs/rotation.md. The world around it is hostile; these laws hold on every way, and each has one place:
//!
//! 1. Removed is only the plan's old token, seen alive under that id and owner in a list just read, or a token that has
//!    a name that this rotation gave, was made by it, and is neither the credential in use, nor the one that the store
//!    holds, nor another journal's new one. It is gone when the list no longer shows it. ([`removal`])
//! 2. Before the old token goes, and before an undo removes the new one, the pair that stays signs in anew, whatever
//!    bearer is cached, and the list shows its id. ([`proof`])
//! 3. The only copy of a living token's secret is never erased. ([`copies`])
//! 4. A store that may still be at work decides nothing. ([`keep`] journals it, `at_rest` in [`finish`] waits)
//! 5. A store is written only where it holds the old pair, the new one or nothing; a third pair is somebody else's.
//!    (`put` in [`run`], `Store::write`)
//! 6. The successor has no more scope, no longer a bearer's life and no longer a life than the old token had, unless
//!    asked; what cannot be read stops the rotation. ([`successor`])
//! 7. What a journal, a store, a command or a reply says is checked before it is believed. ([`journal`], [`service`])
//! 8. No secret in a message, a journal, a log, or a file that more people can read than before. (`secret`,
//!    `store::private`)

mod back;
mod begin;
mod cleaning;
mod copies;
pub mod destination;
mod earlier;
mod errors;
mod finish;
pub mod journal;
mod keep;
pub mod lock;
mod look;
mod make;
mod marker;
mod proof;
mod removal;
mod run;
pub mod service;
mod state;
mod successor;
mod unfinished;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::api::create::Create;
use crate::api::id::TokenId;
use crate::client::settings::Settings;
use crate::error::{Error, Result};
use crate::lifecycle::rotation::destination::Destination;
use crate::lifecycle::rotation::journal::Journal;
use crate::lifecycle::rotation::lock::Lock;
use crate::lifecycle::rotation::run::Run;
use crate::lifecycle::rotation::service::Caller;
pub use crate::lifecycle::rotation::state::{RotationState, View};
use crate::store::{Pair, trust};

/// How long a new token may take until it signs in.
pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(60);

/// What a caller wants rotated, and how.
pub struct Wish {
    /// One's own token; the one in use where none is named.
    pub id: Option<TokenId>,
    /// Where the new pair goes; back to where the old one came from where none is named.
    pub destination: Option<Destination>,
    /// How long both tokens live side by side.
    pub overlap: Duration,
    pub patience: Duration,
    /// The new token's end; as long a life as the old one had where none is named.
    pub expiration: Option<Timestamp>,
}

/// What a caller wants made and stored.
pub struct Making {
    pub create: Create,
    pub destination: Destination,
    pub patience: Duration,
}

/// How to carry a rotation on.
#[derive(Default)]
pub struct Resuming {
    /// The pair that a caller stored and read back.
    pub confirm: Option<Pair>,
    /// End the overlap early.
    pub now: bool,
}

/// Which rotations to list.
#[derive(Default)]
pub struct Which {
    pub id: Option<TokenId>,
    pub unfinished: bool,
}

/// What a rotation, or a create, would do, found out without asking the service.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    /// The token; none for a create.
    pub id: Option<String>,
    pub base_url: String,
    pub store_in: Value,
    /// The same in words.
    pub stored_in: String,
    /// The profile in force.
    pub profile: Option<String>,
}

/// How a rotation ended, or where it waits, and the pair that its caller gets.
pub struct Ended {
    pub view: View,
    pub handed: Option<Pair>,
}

/// Where the journals are: in a folder that nobody else can write. A journal names files as text.
pub fn folder(settings: &Settings) -> Result<PathBuf> {
    let state = settings.state_folder()?;
    if state.to_str().is_none() {
        return Err(Error::setting(
            "stateFolder",
            format!("{} is not UTF-8 text", state.display()),
        )
        .with_remedy("set stateFolder or SAILPAT_HOME to a folder with another name"));
    }
    trust::folder(&state)?;
    Ok(state.join("rotations"))
}

/// What `rotate` of the same wish would do; nothing is sent.
pub async fn plan(caller: Caller<'_>, wish: &Wish) -> Result<Planned> {
    look::plan(caller, wish).await
}

/// What `create` of the same wish would do; nothing is sent.
pub async fn plan_create(caller: Caller<'_>, wish: &Wish) -> Result<Planned> {
    look::plan_create(caller, wish).await
}

/// Rotates a token.
pub async fn rotate(caller: Caller<'_>, wish: Wish) -> Result<Ended> {
    begin::rotate(caller, wish).await
}

/// Makes a token and stores its pair, or makes none.
pub async fn create(caller: Caller<'_>, making: Making) -> Result<Ended> {
    begin::create(caller, making).await
}

/// A rotation in a list.
#[derive(Serialize)]
#[serde(untagged)]
pub enum ListedRotation {
    Known(Box<View>),
    /// Its journal cannot be read.
    Unreadable(Value),
}

/// The rotations on this machine, the newest first; what cannot be read stands before them.
pub fn list(settings: &Settings, which: &Which) -> Result<Vec<ListedRotation>> {
    let found = journal::look(&folder(settings)?)?;
    let id = which.id.as_ref().map(TokenId::as_str);
    let unreadable = found.unreadable.iter();
    let unreadable = unreadable
        .filter(|one| id.is_none_or(|id| one.may_concern(id)))
        .map(|one| ListedRotation::Unreadable(one.view()));
    let wanted = |journal: &Journal| {
        let of_token =
            |id: &str| journal.plan.old_id.as_deref() == Some(id) || journal.new_id() == Some(id);
        id.is_none_or(of_token) && !(which.unfinished && journal.is_finished())
    };
    let known = found.journals.iter();
    let known = known.filter(|journal| wanted(journal)).map(|journal| {
        let destination = Destination::of_json(&journal.plan.store_in);
        let stored_in =
            destination.map_or_else(|_| "unknown".to_owned(), |stored| stored.to_string());
        ListedRotation::Known(Box::new(View::of(journal, stored_in)))
    });
    Ok(unreadable.chain(known).collect())
}

/// Carries a rotation on, or takes it back where its secret is lost.
pub async fn resume(caller: Caller<'_>, rotation: &str, how: Resuming) -> Result<Ended> {
    let mut run = open(caller, rotation).await?;
    run.resume(how).await?;
    Ok(run.end())
}

/// Takes a rotation back: the old pair in the store again, the new token removed.
pub async fn undo(caller: Caller<'_>, rotation: &str) -> Result<Ended> {
    let mut run = open(caller, rotation).await?;
    run.undo().await?;
    Ok(run.end())
}

/// A journaled rotation, locked.
async fn open<'c>(caller: Caller<'c>, rotation: &str) -> Result<Run<'c>> {
    journal::check_id(rotation).map_err(|rule| Error::field("rotation", rule))?;
    let folder = folder(caller.client.settings())?;
    let journal = Journal::find(&folder, rotation)?;
    // Found out first: a lock that this process kept for its caller must not be lost by an error here.
    let found = run::prepare(caller, &journal).await?;
    let path = journal.path.clone();
    let kept = lock::kept(&path);
    let waited = kept.is_some();
    let lock = match kept {
        Some(lock) => lock,
        None => Lock::take(&folder, run::locked_id(&journal.plan))?,
    };
    // Read again under the lock: somebody else may just have carried it on.
    let journal = match Journal::find(&folder, rotation) {
        Ok(journal) => journal,
        Err(error) => {
            if waited {
                lock::keep(&path, lock);
            }
            return Err(error);
        }
    };
    let run = Run::prepared(found, journal, Some(lock));
    Ok(if waited { run.waiting() } else { run })
}
