//! The way back: the old pair in the store again, everything that was made removed.

use std::time::Duration;

use crate::api::token::Token;
use crate::client::Client;
use crate::client::asking::blocking;
use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::journal::Step;
use crate::lifecycle::rotation::run::Run;
use crate::lifecycle::rotation::state::State;
use crate::lifecycle::rotation::{errors, marker};
use crate::store::{Pair, Store};

impl Run<'_> {
    /// Removes what was made; nothing was stored yet. Returns the error to raise.
    pub async fn take_back(&mut self, error: Error, what: &str) -> Error {
        let made = self.journal.new_id().map(str::to_owned);
        if let Err(problem) = self.remove_made(made.as_deref()).await {
            return self.stopped(&problem, "removing the new token again");
        }
        if let Err(problem) = self.clean_up().await {
            return self.stopped(&problem, "removing the old pair's copy");
        }
        let _ = self.note(Step::Undone);
        errors::taken_back(error, what)
    }

    /// A crash lost the new secret: what carries the marker is removed.
    pub async fn roll_back(&mut self, reason: &str) -> Result<()> {
        self.note(Step::Undoing {
            reason: reason.to_owned(),
        })?;
        self.complete_undo(None).await
    }

    /// Takes a rotation back for whoever asks, as long as the old token lives.
    pub async fn undo(&mut self) -> Result<()> {
        match self.state() {
            State::Undone => return Ok(()),
            State::Done | State::Deleted => {
                return Err(errors::refused(
                    "the old token is gone: there is nothing to go back to",
                )
                .with_field("rotation")
                .with_remedy("resume the rotation if it is not done, or rotate the token again"));
            }
            _ => {}
        }
        let old = self.old_pair_for_store().await?;
        if self.state() != State::Undoing {
            self.note(Step::Undoing {
                reason: "asked for".to_owned(),
            })?;
        }
        self.complete_undo(old).await
    }

    async fn complete_undo(&mut self, old: Option<Pair>) -> Result<()> {
        if let Some(old) = &old {
            if let Err(error) = self.put(old).await {
                return Err(self.stopped(&error, "storing the old pair again"));
            }
            self.note(Step::Restored)?;
        }
        let made = self.journal.new_id().map(str::to_owned);
        if let Err(error) = self.remove_made(made.as_deref()).await {
            return Err(self.stopped(&error, "removing the new token"));
        }
        if let Err(error) = self.clean_up().await {
            return Err(self.stopped(&error, "removing the old pair's copy"));
        }
        self.note(Step::Undone)
    }

    /// The old pair, where the store holds the new one and must get the old one back. It signs in.
    async fn old_pair_for_store(&mut self) -> Result<Option<Pair>> {
        let holds_new = match self.store {
            // Nobody can look there: what was stored is there.
            Store::Caller | Store::Environment => self.journal.was_stored(),
            // Nothing is stored before the new pair is proven.
            _ if !self.journal.was_verified() => false,
            _ => self.stored().await?.is_some_and(|pair| self.is_new(&pair)),
        };
        if !holds_new || self.journal.plan.old_id.is_none() {
            return Ok(None);
        }
        let Some(old) = self.find_old_pair().await? else {
            return Err(errors::refused(
                "the old secret is not known here: it was replaced in the store",
            )
            .with_field("rotation")
            .with_remedy("give the old client id and secret as settings, or resume the rotation"));
        };
        let client = self.own.with_pair(&old);
        let proven = self.prove(&client, Duration::ZERO).await;
        proven.map_err(|error| {
            errors::refused_because(error, "the old pair does not sign in any more")
        })?;
        Ok(Some(old))
    }

    /// The old pair: from its copy, else from the settings.
    async fn find_old_pair(&self) -> Result<Option<Pair>> {
        let old_id = self.journal.plan.old_id.as_deref();
        if let Some(backup) = self.backup.clone()
            && let Some(pair) = blocking(move || backup.read()).await??
            && Some(pair.client_id.as_str()) == old_id
        {
            return Ok(Some(pair));
        }
        Ok(self.old_pair().cloned())
    }

    /// Removes the new token and whatever carries the marker, with a credential of the owner that still works.
    async fn remove_made(&self, new_id: Option<&str>) -> Result<()> {
        let mut old = self.find_old_pair().await?;
        if old.is_none() && self.journal.plan.old_id.is_some() {
            // A store that cannot be read now is no reason to leave a token behind.
            let stored = self.stored().await.ok().flatten();
            old = stored.filter(|pair| self.is_old(pair));
        }
        let Some(old) = old else {
            return self.remove_with(&self.own, new_id).await;
        };
        match self.remove_with(&self.own.with_pair(&old), new_id).await {
            // The token that made the new one may be another one than the old.
            Err(error) if matches!(error.code(), Code::SignInFailed | Code::Forbidden) => {
                self.remove_with(&self.own, new_id).await
            }
            result => result,
        }
    }

    async fn remove_with(&self, client: &Client, new_id: Option<&str>) -> Result<()> {
        let caller = self.with(client);
        let own = caller.own_tokens().await?;
        if !self.is_of_owner(&own) {
            return Err(errors::refused(
                "the settings sign in as another owner than the one that the new token was made for",
            )
            .with_remedy("use that owner's settings or profile"));
        }
        // By its id, too, since it may not carry the mark any more.
        for token in &own {
            if Some(token.id.as_str()) == new_id || marker::is_of(&token.name, self.rotation()) {
                caller.delete(self.rotation(), &token.id).await?;
            }
        }
        Ok(())
    }

    /// Whether these tokens are of the owner that this rotation began with.
    fn is_of_owner(&self, own: &[Token]) -> bool {
        let Some(owner) = &self.journal.plan.owner_id else {
            return true;
        };
        let ids = own
            .iter()
            .filter_map(|token| token.owner.as_ref()?.id.as_ref());
        ids.clone().count() == 0 || ids.into_iter().any(|id| id == owner)
    }
}
