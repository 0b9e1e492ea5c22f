//! What earlier rotations left is settled before a new one begins: carried on, or taken back.

use std::path::Path;

use crate::client::blocking::blocking;
use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::journal::{self, Journal, Kind};
use crate::lifecycle::rotation::lock::Lock;
use crate::lifecycle::rotation::run::{self, Run};
use crate::lifecycle::rotation::service::Caller;
use crate::lifecycle::rotation::state::RotationState;
use crate::lifecycle::rotation::{Ended, Resuming};

/// What is on this machine, where nothing that cannot be read may be about this token: its id, or its name.
async fn all(folder: &Path, token: &str) -> Result<Vec<Journal>> {
    let (folder, token) = (folder.to_owned(), token.to_owned());
    blocking(move || {
        let found = journal::look(&folder)?;
        found.nothing_unreadable_about(&token)?;
        Ok(found.journals)
    })
    .await?
}

/// Deals with an earlier rotation that touched this token: carries on or takes back what a crash left. How one ended
/// that has put another token in the place of this one.
pub async fn settle(caller: Caller<'_>, folder: &Path, id: &str) -> Result<Option<Ended>> {
    for journal in all(folder, id).await? {
        if journal.is_finished() {
            continue;
        }
        let replaced_it = journal.plan.old_id.as_deref() == Some(id);
        let made_it = journal.new_id() == Some(id);
        if !replaced_it && !made_it {
            continue;
        }
        if journal.state() == RotationState::Overlapping && !journal.is_overdue() {
            return Err(side_by_side(&journal));
        }
        let lock = match &journal.plan.old_id {
            // Held already.
            Some(old) if old == id => None,
            _ => Some(Lock::take(folder, run::locked_id(&journal.plan))?),
        };
        // Read again under the lock: whoever held it may just have ended it.
        let journal = Journal::find(folder, &journal.plan.rotation)?;
        let mut run = Run::reopen(caller, journal, lock).await?;
        run.resume(Resuming::default()).await?;
        if run.state() == RotationState::Overlapping {
            return Err(side_by_side(&run.journal));
        }
        if replaced_it && run.state() == RotationState::Done {
            return Ok(Some(run.end()));
        }
    }
    Ok(None)
}

fn side_by_side(journal: &Journal) -> Error {
    let rotation = &journal.plan.rotation;
    Error::new(
        Code::RotationUnfinished,
        format!("the rotation {rotation} of this token is not over: both tokens live side by side"),
    )
    .with_field("rotation")
    .with_remedy(format!(
        "wait for the end of the overlap, resume {rotation} now, or undo it"
    ))
}

/// Carries on or takes back what a crash left of this owner's making a token of this name; whether there was any. One
/// that is under way elsewhere is left alone.
pub async fn settle_makings(
    caller: Caller<'_>,
    folder: &Path,
    base_url: &str,
    owner: Option<&str>,
    name: &str,
) -> Result<bool> {
    let mut any = false;
    for journal in all(folder, name).await? {
        let plan = &journal.plan;
        let same = plan.kind == Kind::Create && plan.base_url == base_url && plan.name == name;
        let is_other_owners =
            matches!((&plan.owner_id, owner), (Some(theirs), Some(owner)) if theirs != owner);
        if !same || is_other_owners || journal.is_finished() {
            continue;
        }
        let lock = match Lock::take(folder, run::locked_id(plan)) {
            Err(error) if error.code() == Code::RotationBusy => continue,
            lock => lock?,
        };
        // Read again under the lock: whoever held it may just have ended it.
        let journal = Journal::find(folder, &journal.plan.rotation)?;
        let mut run = Run::reopen(caller, journal, Some(lock)).await?;
        run.resume(Resuming::default()).await?;
        any = true;
    }
    Ok(any)
}
