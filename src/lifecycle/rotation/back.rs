//! The way back: the old pair in the store again, everything that was made removed.

use crate::client::Client;
use crate::client::asking::blocking;
use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::errors;
use crate::lifecycle::rotation::journal::Step;
use crate::lifecycle::rotation::run::Run;
use crate::lifecycle::rotation::state::State;
use crate::store::{Pair, Store};

impl Run<'_> {
    /// Removes what was made; nothing was stored yet. Returns the error to raise.
    pub async fn take_back(&mut self, error: Error, what: &str) -> Error {
        let made = self.journal.new_id().map(str::to_owned);
        match self.remove_made(made.as_deref()).await {
            Ok(()) => {
                let _ = self.note(Step::Undone);
                let _ = self.clean_up().await;
                errors::taken_back(error, what)
            }
            Err(problem) => self.stopped(&problem, "removing the new token again"),
        }
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
        let client = self.caller.client.with_pair(&old);
        self.caller
            .as_client(&client)
            .own_tokens()
            .await
            .map_err(|error| {
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

    /// Removes the new token and whatever carries the marker, with a credential that still works.
    async fn remove_made(&self, new_id: Option<&str>) -> Result<()> {
        let old = self
            .find_old_pair()
            .await?
            .or(self.stored().await?.filter(|pair| !self.is_new(pair)));
        let client = old.map(|old| self.caller.client.with_pair(&old));
        let client: &Client = client.as_ref().unwrap_or(self.caller.client);
        let result = self.remove_with(client, new_id).await;
        match result {
            // The settings' own credential may be another one.
            Err(error) if error.code() == Code::SignInFailed => {
                self.remove_with(self.caller.client, new_id).await
            }
            result => result,
        }
    }

    async fn remove_with(&self, client: &Client, new_id: Option<&str>) -> Result<()> {
        let caller = self.caller.as_client(client);
        // By its id first, since it may not carry the mark any more.
        if let Some(id) = new_id {
            caller.delete(self.rotation(), id).await?;
        }
        caller.sweep(self.rotation(), None).await
    }
}
