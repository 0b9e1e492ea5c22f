//! The second half: the pair is stored. Keep both tokens for the overlap, remove the old one with the new one, give the
//! name back.

use std::time::Duration;

use jiff::Timestamp;

use crate::api::id;
use crate::client::blocking::blocking;
use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::cleaning::Gone;
use crate::lifecycle::rotation::destination::Destination;
use crate::lifecycle::rotation::journal::Step;
use crate::lifecycle::rotation::proof::{Proof, SETTLED};
use crate::lifecycle::rotation::run::{Run, store_failed};
use crate::lifecycle::rotation::service::Listed;
use crate::lifecycle::rotation::state::RotationState;
use crate::lifecycle::rotation::{Resuming, errors, lock, marker, unfinished};
use crate::store::{Pair, Store};

const LOST: &str = "the new secret was lost before it was stored";

impl Run<'_> {
    /// Carries on from whatever the journal says.
    pub async fn resume(&mut self, how: Resuming) -> Result<()> {
        // Where the pair was stored by its caller, nobody else can say what it is.
        if self.state() >= RotationState::Stored
            && self.store().is_none()
            && let Some(pair) = how.confirm.as_ref().filter(|pair| self.is_new(pair))
        {
            self.identity.pair = Some(pair.clone());
        }
        match self.state() {
            RotationState::Done | RotationState::Undone => Ok(()),
            RotationState::Undoing => self.resume_undo().await,
            RotationState::AwaitingConfirmation => self.confirm(how).await,
            // Nothing is stored before the new pair is proven.
            RotationState::Begun | RotationState::Created => self.roll_back(LOST).await,
            RotationState::Verified | RotationState::Storing => {
                self.carry_on_or_back(how.now).await
            }
            RotationState::Stored | RotationState::Overlapping | RotationState::Deleted => {
                self.after_stored(how.now).await
            }
        }
    }

    /// The journal does not say that the pair was stored; the store itself does, once it is at rest.
    async fn carry_on_or_back(&mut self, now: bool) -> Result<()> {
        let stored = match self.stored().await {
            Ok(stored) => stored,
            Err(error) => {
                return Err(self.stopped(&error, "looking whether the new pair is stored"));
            }
        };
        let Some(pair) = stored.filter(|pair| self.is_new(pair)) else {
            self.at_rest().await?;
            return self.roll_back(LOST).await;
        };
        if let Err(error) = self.prove(&pair, SETTLED).await {
            return Err(self.stopped(&error, "signing in with the stored pair"));
        }
        // Once more: a crash may have come before it was on disk. A command answers for that itself.
        let is_command = matches!(self.store(), Some(Store::Command(_)));
        if !is_command && let Err(error) = self.put(&pair).await {
            return Err(self.stopped(&error, "storing the new pair"));
        }
        self.note(Step::Stored)?;
        self.after_stored(now).await
    }

    /// Law 4: a store that may still be at work decides nothing. A command that outlived its host holds a lock, and
    /// what it asked of others gets the time that it has itself.
    pub async fn at_rest(&self) -> Result<()> {
        if self.state() != RotationState::Storing {
            return Ok(());
        }
        let left = self.journal.storing_for();
        let (folder, rotation) = (self.folder()?, self.rotation().to_owned());
        let is_at_work = blocking(move || lock::still_storing(&folder, &rotation)).await??;
        if left.is_none() && !is_at_work {
            return Ok(());
        }
        Err(unfinished::waits(&self.journal, &self.destination, left))
    }

    async fn confirm(&mut self, how: Resuming) -> Result<()> {
        // Settings that hold the new pair have it from where the caller stored it: that confirms it.
        let held = self.identity.pair.clone().filter(|pair| self.is_new(pair));
        let Some(pair) = how.confirm.or(held) else {
            if !self.has_waited() {
                return self.unconfirmed().await;
            }
            return Err(Error::field(
                "confirm",
                "is required: the pair that was stored and read back",
            ));
        };
        if !self.is_new(&pair) {
            return Err(Error::field(
                "confirm",
                "is not the pair of this rotation: what was read back is something else than was stored",
            )
            .with_remedy("look at the store, then confirm again, or undo the rotation"));
        }
        if let Err(error) = self.prove(&pair, SETTLED).await {
            return Err(self.stopped(&error, "signing in with the pair that was confirmed"));
        }
        self.note(Step::Stored)?;
        self.identity.pair = Some(pair);
        self.after_stored(how.now).await
    }

    /// Whoever got the pair is gone, and may have stored it over the old one: only the old pair, which signs in, says
    /// that the new one is not needed.
    async fn unconfirmed(&mut self) -> Result<()> {
        if self.journal.plan.old_id.is_some() {
            let Some(old) = self.old_pair().cloned() else {
                return Err(errors::refused(
                    "the pair was handed over and not confirmed, and the old secret is not known here: \
                     whether the new pair is the only one is not known",
                )
                .with_field("rotation")
                .with_remedy("confirm the pair that was stored, or resume it with the old client id and secret as settings"));
            };
            if let Err(error) = self.prove(&old, SETTLED).await {
                return Err(errors::refused_because(
                    error,
                    "the pair was handed over and not confirmed, and the old one does not sign in",
                ));
            }
        }
        self.roll_back("the new secret was lost before its caller confirmed it")
            .await
    }

    /// What follows once the pair is stored.
    pub async fn after_stored(&mut self, now: bool) -> Result<()> {
        if self.state() == RotationState::Stored && self.journal.plan.overlap_seconds > 0 && !now {
            return self.begin_overlap().await;
        }
        if self.state() == RotationState::Overlapping && !now && !self.is_over().await {
            return Ok(());
        }
        if self.both_are_gone().await? {
            return Ok(());
        }
        let proof = self.staying().await?;
        match self.end_old(proof).await {
            Ok(()) => Ok(()),
            Err((error, what)) => Err(self.stopped(&error, what)),
        }
    }

    /// Where somebody removed both tokens and stored another pair, nothing is left of the rotation.
    async fn both_are_gone(&mut self) -> Result<bool> {
        let Ok(Some(third)) = self.stored().await else {
            return Ok(false);
        };
        let (is_third, old) = (
            self.third(Some(&third)).is_some(),
            self.journal.plan.old_id.clone(),
        );
        if !is_third || self.state() >= RotationState::Deleted {
            return Ok(false);
        }
        match self.prove(&third, Duration::ZERO).await {
            Ok(proof) if self.lives(&proof, self.journal.new_id()) => return Ok(false),
            Ok(proof) if self.lives(&proof, old.as_deref()) => return Ok(false),
            Ok(proof) if self.has_successor(&proof, &third.client_id) => return Ok(false),
            Ok(_) => {}
            Err(_) => return Ok(false),
        }
        let reason = "both tokens are gone, and another pair is stored".to_owned();
        self.note(Step::Undoing { reason })?;
        self.clean_up(Gone::Both).await?;
        self.note(Step::Undone).map(|()| true)
    }

    /// The server's clock says when an overlap ends: this machine's may be off by a day.
    async fn begin_overlap(&mut self) -> Result<()> {
        let length = Duration::from_secs(self.journal.plan.overlap_seconds);
        let now = latest(self.own.server_time().await);
        let until = now.checked_add(length).unwrap_or(Timestamp::MAX);
        self.note(Step::Overlapping {
            until: format!("{until:.3}"),
        })
    }

    async fn is_over(&self) -> bool {
        // Whoever lists tokens now knows the time; where nobody can, the next step says why.
        let now = match self.actor().await {
            Ok(proof) => proof.actor.server_time().await,
            Err(_) => self.own.server_time().await,
        };
        let until = self.journal.overlap_until();
        until.is_none_or(|until| until <= latest(now))
    }

    /// The pair that stays, proven now (law 2): whoever reads the store must not be left without a credential.
    async fn staying(&mut self) -> Result<Proof> {
        let pair = self.stored_pair().await?;
        let proof = match self.prove(&pair, SETTLED).await {
            Ok(proof) => proof,
            Err(error) => return Err(self.stopped(&error, "signing in with the stored pair")),
        };
        if !self.is_new(&pair) && !self.has_successor(&proof, &pair.client_id) {
            let problem = format!(
                "holds the pair of {}, which is somebody else's",
                id::shown(&pair.client_id)
            );
            let error = store_failed(&self.destination, &problem).with_remedy(
                "put the pair of the new token back, or remove by hand which of the two tokens nobody needs",
            );
            return Err(self.stopped(&error, "the old token is removed with the new one"));
        }
        Ok(proof)
    }

    /// Whether another host rotated the new token on: the one that is stored has the name, and the new one is gone.
    fn has_successor(&self, proof: &Proof, id: &str) -> bool {
        let has_name = proof
            .finds(id)
            .is_some_and(|listed| marker::plain(&listed.token.name) == self.journal.plan.name);
        has_name && !self.lives(proof, self.journal.new_id())
    }

    fn lives(&self, proof: &Proof, id: Option<&str>) -> bool {
        id.is_some_and(|id| proof.finds(id).is_some())
    }

    /// The pair that is where the new one was stored: from the store, or the settings where it cannot be read.
    async fn stored_pair(&mut self) -> Result<Pair> {
        let stored = match self.stored().await {
            Ok(stored) => stored,
            Err(error) => return Err(self.stopped(&error, "reading the stored pair")),
        };
        let settings = self.identity.pair.clone().filter(|pair| self.is_new(pair));
        let (pair, problem) = match self.destination {
            Destination::Caller => (settings, "the settings do not hold the new pair"),
            Destination::Environment => {
                let stored = stored.filter(|pair| self.is_new(pair));
                (stored.or(settings), "do not hold the new pair")
            }
            Destination::Store(_) => (
                stored.filter(|pair| !self.is_old(pair)),
                "does not hold the new pair any more",
            ),
        };
        match pair {
            Some(pair) => Ok(pair),
            None => {
                let error = store_failed(&self.destination, problem);
                Err(self.stopped(&error, "the old token is removed with the new one"))
            }
        }
    }

    async fn end_old(
        &mut self,
        mut proof: Proof,
    ) -> std::result::Result<(), (Error, &'static str)> {
        if self.state() < RotationState::Deleted && self.journal.plan.old_id.is_some() {
            self.still_stored()
                .await
                .map_err(|error| (error, "looking at the store once more"))?;
            proof = self
                .remove_old(proof)
                .await
                .map_err(|error| (error, "removing the old token"))?;
            self.note(Step::Deleted).map_err(journal_fault)?;
        }
        if !self.journal.is_named() {
            self.name(&proof)
                .await
                .map_err(|error| (error, "giving the name back"))?;
        }
        let new_id = self.journal.new_id().map(str::to_owned);
        self.remove_made(proof, new_id.as_deref())
            .await
            .map_err(|error| (error, "looking for what lost creates left"))?;
        self.stored_to_the_end()
            .await
            .map_err(|error| (error, "looking whether the new pair is still stored"))?;
        self.clean_up(Gone::Old)
            .await
            .map_err(|error| (error, "removing the old pair's copy"))?;
        self.note(Step::Done).map_err(journal_fault)
    }

    /// Right before the old token goes: proving took a while, and somebody may have written to the store meanwhile.
    async fn still_stored(&self) -> Result<()> {
        let stored = self.stored().await?;
        let holds_old_or_nothing = stored.as_ref().is_none_or(|pair| self.is_old(pair));
        if self.store().is_some() && holds_old_or_nothing {
            return Err(store_failed(
                &self.destination,
                "does not hold the new pair any more",
            ));
        }
        Ok(())
    }

    /// The old token is gone: what somebody put back or took away meanwhile gives way to the new pair, which is the only
    /// one that signs in. A third pair is somebody else's, and the new one stays beside the journal.
    async fn stored_to_the_end(&mut self) -> Result<()> {
        if self.store().is_none() || self.journal.plan.old_id.is_none() {
            return Ok(());
        }
        let stored = self.stored().await?;
        if stored.as_ref().is_some_and(|pair| self.is_new(pair)) {
            return Ok(());
        }
        let Some(new) = self
            .copies
            .new_pair()
            .await?
            .filter(|pair| self.is_new(pair))
        else {
            return Ok(());
        };
        if self.prove(&new, Duration::ZERO).await.is_err() {
            return Ok(());
        }
        match self.third(stored.as_ref()) {
            Some(third) => Err(third),
            None => self.put(&new).await,
        }
    }

    /// Gives the new token the plain name. One that somebody took meanwhile, or that somebody gave to the new token,
    /// stays.
    pub async fn name(&mut self, proof: &Proof) -> Result<()> {
        let (Some(id), name) = (
            self.journal.new_id().map(str::to_owned),
            self.journal.plan.name.clone(),
        ) else {
            return Ok(());
        };
        let Some(token) = proof.finds(&id) else {
            let what = format!("the new token {id}: it is gone");
            return self.note(Step::Left { what });
        };
        let current = token.token.name.clone();
        if current == name || !self.journal.made(token) || has_taken(&proof.listed, &name, &id) {
            return self.note(Step::Named { name: current });
        }
        self.note(Step::Naming { name: name.clone() })?;
        let caller = self.with(&proof.actor);
        match caller
            .rename(self.step("giving the name back"), &id, &name)
            .await
        {
            Ok(()) => self.note(Step::Named { name }),
            // Taken in this very moment: the marked name stays.
            Err(error) if error.code() == Code::Refused => {
                if has_taken(&self.list_of_owner(&caller).await?, &name, &id) {
                    self.note(Step::Named { name: current })
                } else {
                    Err(error)
                }
            }
            Err(error) => Err(error),
        }
    }
}

/// The latest that a clock can read of which whole seconds are known.
fn latest(seconds: Timestamp) -> Timestamp {
    const SECOND: Duration = Duration::from_secs(1);
    seconds.checked_add(SECOND).unwrap_or(seconds)
}

/// Whether another token has the name.
fn has_taken(listed: &[Listed], name: &str, id: &str) -> bool {
    listed
        .iter()
        .any(|listed| listed.token.name == name && listed.token.id != id)
}

fn journal_fault(error: Error) -> (Error, &'static str) {
    (error, "writing the journal")
}
