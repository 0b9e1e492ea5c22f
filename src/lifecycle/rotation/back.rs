//! The way back: the old pair in the store again, everything that was made removed. Before the new token goes, the old
//! pair signs in anew (law 2), and as long as both live, a copy of each is kept (law 3).

use std::time::Duration;

use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::cleaning::Gone;
use crate::lifecycle::rotation::destination::Destination;
use crate::lifecycle::rotation::errors;
use crate::lifecycle::rotation::journal::Step;
use crate::lifecycle::rotation::proof::Proof;
use crate::lifecycle::rotation::run::Run;
use crate::lifecycle::rotation::state::RotationState;
use crate::store::{Pair, Store};

/// Why a rotation is taken back, where somebody wanted it.
const ASKED: &str = "asked for";

impl Run<'_> {
    /// Removes what was made; nothing was stored yet. Returns the error to raise.
    pub async fn take_back(&mut self, error: Error, what: &str) -> Error {
        if let Err(problem) = self.remove_all_made().await {
            return self.stopped(&problem, "removing the new token again");
        }
        if let Err(problem) = self.clean_up(Gone::New).await {
            return self.stopped(&problem, "removing the old pair's copy");
        }
        let _ = self.note(Step::Undone);
        let left = self.journal.left();
        let mut error = errors::taken_back(error, what);
        if !left.is_empty() {
            let message = &mut error.detail_mut().message;
            message.push_str(&format!(". Left: {}", left.join("; ")));
        }
        error
    }

    /// The new secret is lost: what carries the mark is removed.
    pub async fn roll_back(&mut self, reason: &str) -> Result<()> {
        let reason = reason.to_owned();
        self.note(Step::Undoing { reason })?;
        self.complete_undo().await
    }

    /// Takes a rotation back for whoever asks, as long as the old token lives.
    pub async fn undo(&mut self) -> Result<()> {
        match self.state() {
            RotationState::Undone => return Ok(()),
            RotationState::Done | RotationState::Deleted => {
                return Err(errors::refused(
                    "the old token is gone: there is nothing to go back to",
                )
                .with_field("rotation")
                .with_remedy("resume the rotation if it is not done, or rotate the token again"));
            }
            RotationState::Undoing if !self.is_asked_for() => return self.complete_undo().await,
            _ => {}
        }
        self.at_rest().await?;
        let stored = self.stored().await?;
        if let Some(third) = self.third(stored.as_ref()) {
            return Err(errors::refused_because(
                third,
                "there is nothing to go back to",
            ));
        }
        if self.journal.plan.old_id.is_none() {
            return self.undo_create(stored).await;
        }
        let Some(old) = self.find_old_pair(stored.as_ref()).await? else {
            return self.undo_without_old(stored.as_ref()).await;
        };
        let proof = self.prove(&old, Duration::ZERO).await.map_err(|error| {
            let remedy = if self.journal.may_be_stored() {
                "resume the rotation: the new pair stays"
            } else {
                "sign in with another of the owner's tokens, and resume the rotation: that removes what was made"
            };
            errors::refused_because(error, "the old pair does not sign in any more")
                .with_remedy(remedy)
        })?;
        self.is_still_ours(&proof)?;
        self.keep_copies(&old, stored.as_ref()).await?;
        self.begin_undo()?;
        // Also where it is there by what is read: that may be older than what was written.
        if self.journal.may_be_stored() && self.destination != Destination::Caller {
            if let Err(error) = self.put(&old).await {
                return Err(self.stopped(&error, "storing the old pair again"));
            }
            self.note(Step::Restored)?;
        }
        self.complete_undo().await
    }

    fn begin_undo(&mut self) -> Result<()> {
        if self.state() == RotationState::Undoing {
            return Ok(());
        }
        self.note(Step::Undoing {
            reason: ASKED.to_owned(),
        })
    }

    fn is_asked_for(&self) -> bool {
        self.journal
            .lines
            .iter()
            .rev()
            .any(|line| matches!(&line.step, Step::Undoing { reason } if reason == ASKED))
    }

    /// What somebody else gave another name is not removed, and would be left without a secret.
    fn is_still_ours(&self, proof: &Proof) -> Result<()> {
        let new = self.journal.new_id().and_then(|new| proof.finds(new));
        match new {
            Some(new) if !self.journal.made(new) => Err(errors::refused(format!(
                "somebody gave the new token {} the name '{}'",
                new.token.id, new.token.name
            ))
            .with_field("rotation")
            .with_remedy("resume the rotation, or give the token its name back first")),
            _ => Ok(()),
        }
    }

    async fn keep_copies(&self, old: &Pair, stored: Option<&Pair>) -> Result<()> {
        let base_url = &self.journal.plan.base_url;
        if self.store().is_some() {
            self.copies.save_old(old, base_url).await?;
        }
        let known = stored.or(self.identity.pair.as_ref());
        match known.filter(|pair| self.is_new(pair)) {
            Some(new) => self.copies.save_new(new, base_url).await,
            None => Ok(()),
        }
    }

    /// Nobody here knows the old pair. That is fine as long as nobody got the new one.
    async fn undo_without_old(&mut self, stored: Option<&Pair>) -> Result<()> {
        let was_stored = match self.destination {
            // Nobody can look there.
            Destination::Caller => self.state() >= RotationState::Stored || !self.has_waited(),
            _ => {
                self.state() >= RotationState::Stored
                    || stored.is_some_and(|pair| self.is_new(pair))
            }
        };
        if was_stored && self.journal.may_be_stored() {
            return Err(errors::refused(
                "the old secret is not known here: it was replaced in the store",
            )
            .with_field("rotation")
            .with_remedy("give the old client id and secret as settings, or resume the rotation"));
        }
        if self.journal.may_be_stored() {
            self.old_lives().await?;
        }
        // Before anything is journaled: an undo that cannot be done must not begin.
        if let Some(new) = self.journal.new_id() {
            self.allow_removal(new).await?;
        }
        self.begin_undo()?;
        self.complete_undo().await
    }

    /// Whoever has the old pair can go on with it: its token is listed.
    async fn old_lives(&self) -> Result<()> {
        let old = self.journal.plan.old_id.as_deref().unwrap_or_default();
        if self.actor().await?.finds(old).is_some() {
            return Ok(());
        }
        Err(errors::refused(format!(
            "the old token {old} is gone, and the new one may be needed"
        ))
        .with_field("rotation")
        .with_remedy("confirm the new pair, or resume the rotation with it"))
    }

    /// Takes the pair of a token that was only made and stored out of its store again.
    async fn undo_create(&mut self, stored: Option<Pair>) -> Result<()> {
        let stored = stored.filter(|pair| self.is_new(pair));
        if let Some(pair) = &stored {
            if matches!(self.store(), Some(Store::Command(_))) {
                return Err(errors::refused(
                    "a command cannot take a pair out again, and it holds the one of the new token",
                )
                .with_field("rotation")
                .with_remedy("resume the rotation, then remove the token and the pair by hand"));
            }
            let base_url = self.journal.plan.base_url.clone();
            self.copies.save_new(pair, &base_url).await?;
        }
        self.begin_undo()?;
        if let Some(pair) = &stored
            && let Err(error) = self.withdraw(pair).await
        {
            return Err(self.stopped(&error, "taking the pair out of the store again"));
        }
        self.complete_undo().await
    }

    async fn complete_undo(&mut self) -> Result<()> {
        if let Err(error) = self.remove_all_made().await {
            return Err(self.stopped(&error, "removing the new token"));
        }
        if let Err(error) = self.clean_up(Gone::New).await {
            return Err(self.stopped(&error, "removing a pair's copy"));
        }
        self.note(Step::Undone)
    }

    /// Carries an undo on; forward, where the old token is gone meanwhile and the new pair is not.
    pub async fn resume_undo(&mut self) -> Result<()> {
        let Some(new) = self.find_new_pair().await? else {
            return self.undo().await;
        };
        let old_id = self.journal.plan.old_id.clone();
        let Some(old_id) = old_id.filter(|_| self.is_asked_for()) else {
            return self.undo().await;
        };
        match self.prove(&new, Duration::ZERO).await {
            Ok(proof) if proof.finds(&old_id).is_none() => {}
            Err(_) => return self.undo().await,
            // What cannot be taken back goes on.
            Ok(_) => match self.undo().await {
                Err(error) if error.code() == Code::RotationRefused => {}
                result => return result,
            },
        }
        if let Err(error) = self.put(&new).await {
            return Err(self.stopped(&error, "storing the new pair again: the old token is gone"));
        }
        self.identity.pair = Some(new);
        self.note(Step::Stored)?;
        self.after_stored(true).await
    }

    /// The old pair: from its copy, the store or the settings.
    async fn find_old_pair(&self, stored: Option<&Pair>) -> Result<Option<Pair>> {
        if let Some(pair) = self
            .copies
            .old_pair()
            .await?
            .filter(|pair| self.is_old(pair))
        {
            return Ok(Some(pair));
        }
        let stored = stored.filter(|pair| self.is_old(pair));
        Ok(stored.or(self.old_pair()).cloned())
    }

    /// The new pair: from its copy, the store or the settings.
    async fn find_new_pair(&self) -> Result<Option<Pair>> {
        if let Some(pair) = self
            .copies
            .new_pair()
            .await?
            .filter(|pair| self.is_new(pair))
        {
            return Ok(Some(pair));
        }
        let found = self.stored().await?.or_else(|| self.identity.pair.clone());
        Ok(found.filter(|pair| self.is_new(pair)))
    }

    /// Removes the new token and whatever else has a name that this rotation gave.
    async fn remove_all_made(&mut self) -> Result<()> {
        let proof = self.actor_but_new().await?;
        self.remove_made(proof, None).await
    }

    /// Somebody of the owner who can act, and who stays: not the new token itself.
    async fn actor_but_new(&self) -> Result<Proof> {
        let stored = self.stored().await.ok().flatten();
        let Some(old) = self.find_old_pair(stored.as_ref()).await? else {
            return self.actor().await;
        };
        match self.prove(&old, Duration::ZERO).await {
            Err(error)
                if matches!(
                    error.code(),
                    Code::SignInFailed | Code::Forbidden | Code::NotFound
                ) =>
            {
                self.actor().await
            }
            result => result,
        }
    }
}
