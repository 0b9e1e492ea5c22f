//! Law 2: a pair that is to stay signs in anew, whatever bearer is cached, and the list shows its id.

use std::time::{Duration, Instant};

use crate::client::Client;
use crate::client::monitor::WaitReason;
use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::errors;
use crate::lifecycle::rotation::run::Run;
use crate::lifecycle::rotation::service::{Caller, Listed};
use crate::store::Pair;

/// Between two looks whether a token signs in.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A pair that signed in once has spread: only what passes by itself is waited for.
pub const SETTLED: Duration = Duration::from_secs(5);

/// A pair that signed in just now, and the list that shows its token.
pub struct Proof {
    /// Acts for its owner: the pair itself, or whoever made it, where its scope has no right on tokens.
    pub actor: Client,
    pub actor_id: String,
    pub listed: Vec<Listed>,
}

impl Proof {
    pub fn finds(&self, id: &str) -> Option<&Listed> {
        self.listed.iter().find(|listed| listed.token.id == id)
    }
}

impl Run<'_> {
    /// Waits until a pair signs in and its token is listed: a new one takes a moment to spread.
    pub async fn prove(&self, pair: &Pair, patience: Duration) -> Result<Proof> {
        let deadline = Instant::now() + patience;
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.prove_once(pair).await {
                Ok(proof) => return Ok(proof),
                Err(error) => error,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            let wait = error.detail().retry_after.unwrap_or(pause).max(pause);
            if !may_pass(&error) || wait > left {
                return Err(error);
            }
            let monitor = &self.context.monitor;
            monitor.pause(wait, WaitReason::Spreading).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn prove_once(&self, pair: &Pair) -> Result<Proof> {
        let client = self.own.with_pair(pair);
        let caller = self.with(&client);
        caller.sign_in().await?;
        let proof = match self.list_of_owner(&caller).await {
            Ok(listed) => Proof {
                actor_id: pair.client_id.clone(),
                actor: client,
                listed,
            },
            // A token of narrow scope signs in and may do nothing here: then whoever can, looks and acts.
            Err(error) if error.code() == Code::Forbidden => self.actor().await?,
            Err(error) => return Err(error),
        };
        if proof.finds(&pair.client_id).is_none() {
            return Err(Error::new(
                Code::NotFound,
                format!(
                    "the token {} signs in, and is not among its owner's own",
                    pair.client_id
                ),
            ));
        }
        Ok(proof)
    }

    /// A credential of this rotation's owner that lists its tokens now.
    pub async fn actor(&self) -> Result<Proof> {
        let mut first = None;
        for pair in self.known_pairs().await {
            let client = self.own.with_pair(&pair);
            match self.list_of_owner(&self.with(&client)).await {
                Ok(listed) => {
                    return Ok(Proof {
                        actor: client,
                        actor_id: pair.client_id,
                        listed,
                    });
                }
                Err(error) if is_its_own(&error) => drop(first.get_or_insert(error)),
                Err(error) => return Err(error),
            }
        }
        Err(first.unwrap_or_else(|| errors::refused("no pair of the owner is known here")))
    }

    /// Every pair that may be this owner's, the likeliest first.
    async fn known_pairs(&self) -> Vec<Pair> {
        let mut known: Vec<Pair> = Vec::new();
        let found = [
            self.identity.pair.clone(),
            self.pair_in_use().await,
            self.copies.old_pair().await.ok().flatten(),
            self.stored().await.ok().flatten(),
            self.copies.new_pair().await.ok().flatten(),
        ];
        for pair in found.into_iter().flatten() {
            if !known.contains(&pair) {
                known.push(pair);
            }
        }
        known
    }

    /// One's own tokens, as long as they are of the owner that this rotation began with.
    pub async fn list_of_owner(&self, caller: &Caller<'_>) -> Result<Vec<Listed>> {
        let listed = caller.own_tokens().await?;
        let Some(owner) = self.journal.plan.owner_id.as_deref() else {
            return Ok(listed);
        };
        match listed
            .iter()
            .filter_map(Listed::owner_id)
            .find(|id| *id != owner)
        {
            None => Ok(listed),
            Some(other) => Err(errors::other_owner(other, owner)),
        }
    }
}

/// Whether another pair may do better.
fn is_its_own(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::SignInFailed | Code::Unauthorized | Code::Forbidden | Code::RotationRefused
    )
}

/// Whether waiting may help: the token has not spread, or the service is busy.
fn may_pass(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::SignInFailed | Code::Unauthorized | Code::NotFound
    ) || error.detail().retryable
}
