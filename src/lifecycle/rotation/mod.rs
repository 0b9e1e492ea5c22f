//! Rotation: a new token takes the place of an old one, so that no step can lose a secret.
//!
//! The order, each step journaled and on disk before the next: preflight, begin, create the new token under
//! a marked name, prove that it signs in, store its pair and read it back, keep both for the overlap,
//! remove the old token with the new one, give the plain name back. Until the pair is stored, the store
//! holds the old pair, which works; from then on it holds the new one, which is proven. A crash anywhere
//! leaves a journal that `resume` carries on or takes back: what was stored goes on, what was not is
//! removed by its marker. See docs/rotation.md.

mod back;
mod begin;
mod errors;
mod finish;
pub mod journal;
mod lock;
mod make;
mod marker;
mod run;
pub mod service;
mod state;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::api::id::TokenId;
use crate::client::settings::Settings;
use crate::error::{Error, Result};
use crate::lifecycle::rotation::journal::Journal;
use crate::lifecycle::rotation::lock::Lock;
pub use crate::lifecycle::rotation::lock::{forget_storing, still_storing, storing_path};
use crate::lifecycle::rotation::run::Run;
use crate::lifecycle::rotation::service::Caller;
pub use crate::lifecycle::rotation::state::{State, View};
use crate::store::{Pair, Store, trust};

/// How long a new token may take until it signs in.
pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(60);

/// What a caller wants rotated, and how.
pub struct Wish {
    /// One's own token; the one in use where none is named.
    pub id: Option<TokenId>,
    /// Where the new pair goes; back to where the old one came from where none is named.
    pub store: Option<Store>,
    /// How long both tokens live side by side.
    pub overlap: Duration,
    pub patience: Duration,
    /// The new token's end; as long a life as the old one had where none is named.
    pub expiration: Option<Timestamp>,
}

/// What a caller wants made and stored.
pub struct Making {
    /// The service's create body.
    pub body: Value,
    pub store: Store,
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

/// Rotates a token.
pub async fn rotate(caller: Caller<'_>, wish: Wish) -> Result<View> {
    begin::rotate(caller, wish).await
}

/// Makes a token and stores its pair, or makes none.
pub async fn create(caller: Caller<'_>, making: Making) -> Result<View> {
    begin::create(caller, making).await
}

/// A rotation in a list.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Listed {
    Known(Box<View>),
    /// Its journal cannot be read.
    Unreadable(Value),
}

/// The rotations on this machine, the newest first; what cannot be read stands before them.
pub fn list(settings: &Settings, which: &Which) -> Result<Vec<Listed>> {
    let found = journal::look(&folder(settings)?)?;
    let id = which.id.as_ref().map(TokenId::as_str);
    let unreadable = found.unreadable.iter();
    let unreadable = unreadable
        .filter(|one| id.is_none_or(|id| one.may_concern(id)))
        .map(|one| Listed::Unreadable(one.view()));
    let wanted = |journal: &Journal| {
        let of_token =
            |id: &str| journal.plan.old_id.as_deref() == Some(id) || journal.new_id() == Some(id);
        id.is_none_or(of_token) && !(which.unfinished && journal.is_finished())
    };
    let known = found.journals.iter();
    let known = known.filter(|journal| wanted(journal)).map(|journal| {
        let store = run::store_of(&journal.plan.store_in);
        let stored_in = store.map_or_else(|_| "unknown".to_owned(), |store| store.to_string());
        Listed::Known(Box::new(View::of(journal, stored_in)))
    });
    Ok(unreadable.chain(known).collect())
}

/// Carries a rotation on, or takes it back where its secret is lost.
pub async fn resume(caller: Caller<'_>, rotation: &str, how: Resuming) -> Result<View> {
    let mut run = open(caller, rotation).await?;
    run.resume(how).await?;
    Ok(run.end())
}

/// Takes a rotation back: the old pair in the store again, the new token removed.
pub async fn undo(caller: Caller<'_>, rotation: &str) -> Result<View> {
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
    let kept = lock::kept(rotation);
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
                lock::keep(rotation, lock);
            }
            return Err(error);
        }
    };
    let run = Run::prepared(caller, found, journal, Some(lock));
    Ok(if waited { run.waiting() } else { run })
}
