//! The second half: the pair is stored. Keep both tokens for the overlap, remove the old one with the new
//! one, give the name back.

use jiff::Timestamp;

use crate::client::Client;
use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::journal::Step;
use crate::lifecycle::rotation::run::{Proof, Run};
use crate::lifecycle::rotation::service::Caller;
use crate::lifecycle::rotation::state::State;
use crate::lifecycle::rotation::{Resuming, marker};
use crate::store::{Pair, Store};

impl Run<'_> {
    /// Carries on from whatever the journal says.
    pub async fn resume(&mut self, how: Resuming) -> Result<()> {
        // Where the pair was stored by its caller, nobody else can say what it is.
        if self.state() >= State::Stored
            && !self.store.lasts()
            && let Some(pair) = how.confirm.as_ref().filter(|pair| self.is_new(pair))
        {
            self.identity.pair = Some(pair.clone());
        }
        match self.state() {
            State::Done | State::Undone => Ok(()),
            State::Undoing => self.undo().await,
            State::AwaitingConfirmation => self.confirm(how).await,
            // Nothing is stored before the new pair is proven.
            State::Begun | State::Created => {
                self.roll_back("the new secret was lost before it was stored")
                    .await
            }
            State::Verified => self.carry_on_or_back(how.now).await,
            State::Stored | State::Overlapping | State::Deleted => self.after_stored(how.now).await,
        }
    }

    /// The journal does not say that the pair was stored; the store itself may.
    async fn carry_on_or_back(&mut self, now: bool) -> Result<()> {
        let stored = match self.stored().await {
            Ok(stored) => stored,
            Err(error) => {
                return Err(self.stopped(&error, "looking whether the new pair is stored"));
            }
        };
        let Some(pair) = stored.filter(|pair| self.is_new(pair)) else {
            return self
                .roll_back("the new secret was lost before it was stored")
                .await;
        };
        // Once more: a crash may have come before it was on disk.
        if let Err(error) = self.put(&pair).await {
            return Err(self.stopped(&error, "storing the new pair"));
        }
        self.note(Step::Stored)?;
        self.after_stored(now).await
    }

    async fn confirm(&mut self, how: Resuming) -> Result<()> {
        // Settings that hold the new pair have it from where the caller stored it: that confirms it.
        let held = self.identity.pair.clone().filter(|pair| self.is_new(pair));
        let Some(pair) = how.confirm.or(held) else {
            if !self.has_waited() {
                return self
                    .roll_back("the new secret was lost before its caller confirmed it")
                    .await;
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
        let client = self.own.with_pair(&pair);
        if let Err(error) = self.prove(&client, self.patience).await {
            return Err(self.stopped(&error, "signing in with the pair that was confirmed"));
        }
        self.note(Step::Stored)?;
        self.identity.pair = Some(pair);
        self.after_stored(how.now).await
    }

    /// What follows once the pair is stored.
    pub async fn after_stored(&mut self, now: bool) -> Result<()> {
        let overlap = self.journal.plan.overlap_seconds;
        if self.state() == State::Stored && overlap > 0 && !now {
            let until = Timestamp::now()
                .checked_add(std::time::Duration::from_secs(overlap))
                .unwrap_or(Timestamp::MAX);
            return self.note(Step::Overlapping {
                until: format!("{until:.3}"),
            });
        }
        if self.state() == State::Overlapping && !now && !self.journal.is_overdue() {
            return Ok(());
        }
        let new = self.new_pair().await?;
        let client = self.own.with_pair(&new);
        match self.end_old(&client).await {
            Ok(()) => Ok(()),
            Err((error, what)) => Err(self.stopped(&error, what)),
        }
    }

    async fn end_old(&mut self, new: &Client) -> std::result::Result<(), (Error, &'static str)> {
        // Whoever reads the store must not be left without a credential.
        let proof = self
            .prove(new, self.patience)
            .await
            .map_err(|error| (error, "signing in with the stored pair"))?;
        // A token of narrow scope signs in and may do nothing here: then the one that made it acts.
        let own = self.own.clone();
        let actor = match proof {
            Proof::ListsItsOwn => self.with(new),
            Proof::SignsIn => self.with(&own),
        };
        if self.state() < State::Deleted
            && let Some(old) = self.journal.plan.old_id.clone()
        {
            let removed = actor.delete(self.rotation(), &old).await;
            removed.map_err(|error| (error, "removing the old token"))?;
            self.note(Step::Deleted).map_err(journal_fault)?;
        }
        if !self.journal.is_named() {
            self.name(&actor)
                .await
                .map_err(|error| (error, "giving the name back"))?;
        }
        let new_id = self.journal.new_id().map(str::to_owned);
        match actor
            .sweep(&self.journal.plan.rotation, new_id.as_deref())
            .await
        {
            // A narrow token that its maker signs in with by now: what a lost create left, if anything, the
            // next rotation of this owner finds.
            Err(error) if error.code() == Code::Forbidden && self.journal.plan.old_id.is_none() => {
            }
            result => result.map_err(|error| (error, "looking for what lost creates left"))?,
        }
        self.clean_up()
            .await
            .map_err(|error| (error, "removing the old pair's copy"))?;
        self.note(Step::Done).map_err(journal_fault)
    }

    /// Gives the new token the plain name; when somebody took it meanwhile, the marked one stays.
    pub async fn name(&mut self, caller: &Caller<'_>) -> Result<()> {
        let (Some(id), name) = (
            self.journal.new_id().map(str::to_owned),
            self.journal.plan.name.clone(),
        ) else {
            return Ok(());
        };
        match caller.rename(self.rotation(), &id, &name).await {
            Ok(()) => self.note(Step::Named { name }),
            Err(error) if error.code() == Code::Refused => {
                let tokens = caller.own_tokens().await?;
                let token = tokens.iter().find(|token| token.id == id);
                let taken = tokens
                    .iter()
                    .any(|token| token.name == name && token.id != id);
                match token {
                    Some(token) if taken && marker::is_of(&token.name, self.rotation()) => {
                        let name = token.name.clone();
                        self.note(Step::Named { name })
                    }
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// The new pair: from the store, or the settings where the store cannot be read.
    async fn new_pair(&mut self) -> Result<Pair> {
        let stored = match self.stored().await {
            Ok(stored) => stored,
            Err(error) => return Err(self.stopped(&error, "reading the stored pair")),
        };
        let from_settings = || self.identity.pair.clone();
        let pair = match self.store {
            Store::Environment | Store::Caller => from_settings(),
            _ => stored,
        };
        if let Some(pair) = pair.filter(|pair| self.is_new(pair)) {
            return Ok(pair);
        }
        let error = Error::new(
            Code::StoreFailed,
            match self.store {
                Store::Environment | Store::Caller => {
                    "the settings do not hold the new pair".to_owned()
                }
                _ => format!(
                    "{}: holds another pair than the one that was stored",
                    self.store
                ),
            },
        );
        Err(self.stopped(&error, "the old token is removed with the new one"))
    }
}

fn journal_fault(error: Error) -> (Error, &'static str) {
    (error, "writing the journal")
}
