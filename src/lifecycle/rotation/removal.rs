//! Law 1: what may be removed, and that it is gone.
//!
//! Removed is only the plan's old token, seen under its id and owner in a list just read, or a token that this rotation
//! made, which has the name that it gave and is neither in use, nor stored, nor another rotation's. That it is gone is
//! believed when the list no longer shows it: any reply may be another's.

use std::time::Duration;

use jiff::Timestamp;

use crate::client::blocking::blocking;
use crate::client::lost::CLOCK_SLACK;
use crate::client::monitor::WaitReason;
use crate::error::{Code, Error, Result};
use crate::lifecycle::changes::StepOf;
use crate::lifecycle::rotation::journal::{Journal, Step};
use crate::lifecycle::rotation::proof::Proof;
use crate::lifecycle::rotation::run::Run;
use crate::lifecycle::rotation::service::Listed;
use crate::lifecycle::rotation::state::RotationState;
use crate::lifecycle::rotation::{Caller, errors, marker};
use crate::store::Pair;

/// Before each look whether a removed token is gone.
const LOOKS: &[Duration] = &[
    Duration::ZERO,
    Duration::from_millis(250),
    Duration::from_millis(1_000),
];

impl Journal {
    /// Whether this rotation made a token: it is the one that the service said it made, or it has a name that only
    /// this rotation gave, and was made since.
    pub fn made(&self, listed: &Listed) -> bool {
        let token = &listed.token;
        let plan = &self.plan;
        let has_mark = marker::is_given(&token.name, &plan.name, &plan.rotation, self.attempts());
        if self.new_id() == Some(token.id.as_str()) {
            return has_mark || self.given_name() == Some(token.name.as_str());
        }
        has_mark && plan.old_id.as_deref() != Some(token.id.as_str()) && self.is_since(listed)
    }

    fn is_since(&self, listed: &Listed) -> bool {
        let began = self.plan.began.as_deref();
        let began = began.or(self.lines.first().map(|line| line.time.as_str()));
        let began = began.and_then(|began| began.parse::<Timestamp>().ok());
        let began = began.and_then(|began| began.checked_sub(CLOCK_SLACK).ok());
        match (began, listed.token.created_at()) {
            (Some(began), Some(made)) => made >= began,
            _ => false,
        }
    }
}

/// Whether any rotation of these, but the one named, has this token as its new one.
pub fn is_of_another(journals: &[Journal], rotation: &str, id: &str) -> bool {
    journals.iter().any(|other| {
        other.plan.rotation != rotation
            && other.state() != RotationState::Undone
            && other.new_id() == Some(id)
    })
}

/// Removes a token and waits until the list does not show it any more: that list, unless the token removed itself.
pub async fn remove(
    caller: &Caller<'_>,
    of: StepOf<'_>,
    actor_id: &str,
    id: &str,
) -> Result<Option<Vec<Listed>>> {
    caller.delete(of, id).await?;
    for pause in LOOKS {
        if !pause.is_zero() {
            let monitor = &caller.context.monitor;
            monitor.pause(*pause, WaitReason::Spreading).await;
        }
        // What removed itself cannot look any more.
        if actor_id == id {
            if is_signed_out(caller).await? {
                return Ok(None);
            }
            continue;
        }
        let listed = caller.own_tokens().await?;
        if listed.iter().all(|listed| listed.token.id != id) {
            return Ok(Some(listed));
        }
    }
    Err(Error::new(
        Code::ReplyInvalid,
        format!("the service says that the token {id} is removed, and still lists it"),
    )
    .retryable())
}

/// The list shows a token now and then, or not at all although it signs in.
fn unsteady(id: &str) -> Error {
    Error::new(
        Code::ReplyInvalid,
        format!("the token {id} lives, and the list of its owner's tokens left it out"),
    )
    .retryable()
}

async fn is_signed_out(caller: &Caller<'_>) -> Result<bool> {
    match caller.sign_in().await {
        Ok(()) => Ok(false),
        Err(error) if error.code() == Code::SignInFailed => Ok(true),
        Err(error) => Err(error),
    }
}

impl Run<'_> {
    /// Removes the plan's old token, where the list that the proof of the new one brought shows it.
    pub async fn remove_old(&self, mut proof: Proof) -> Result<Proof> {
        let Some(old) = self.journal.plan.old_id.as_deref() else {
            return Ok(proof);
        };
        if proof.finds(old).is_none() {
            let pair = self.copies.old_pair().await?;
            let pair = pair.or_else(|| self.old_pair().cloned());
            return self.look_again(proof, old, pair.as_ref()).await;
        }
        let caller = self.with(&proof.actor);
        let step = self.step("removing the old token");
        match remove(&caller, step, &proof.actor_id, old).await? {
            Some(listed) => {
                proof.listed = listed;
                Ok(proof)
            }
            None => self.actor().await,
        }
    }

    /// Makes sure of a token that a list does not show although nobody here removed it: one list may be false. Gone is
    /// what no list shows, and what does not sign in, where its pair is known.
    async fn look_again(&self, mut proof: Proof, id: &str, pair: Option<&Pair>) -> Result<Proof> {
        for pause in &LOOKS[1..] {
            let monitor = &self.context.monitor;
            monitor.pause(*pause, WaitReason::Spreading).await;
            proof.listed = self.list_of_owner(&self.with(&proof.actor)).await?;
            if proof.finds(id).is_some() {
                return Err(unsteady(id));
            }
        }
        let Some(pair) = pair.filter(|pair| pair.client_id == id) else {
            return Ok(proof);
        };
        let client = self.own.with_pair(pair);
        match is_signed_out(&self.with(&client)).await? {
            true => Ok(proof),
            false => Err(unsteady(id)),
        }
    }

    /// Removes what this rotation made, but for one token. A token that somebody else gave another name stays.
    pub async fn remove_made(&mut self, proof: Proof, keep: Option<&str>) -> Result<()> {
        let proof = match self.journal.new_id() {
            Some(new) if keep.is_none() && proof.finds(new).is_none() => {
                let copy = self.copies.new_pair().await?;
                let pair = self.made.clone().or(copy);
                self.look_again(proof, new, pair.as_ref()).await?
            }
            _ => proof,
        };
        for listed in &proof.listed {
            let id = listed.token.id.as_str();
            if keep == Some(id) || self.before.iter().any(|before| before == id) {
                continue;
            }
            if self.journal.made(listed) {
                self.allow_removal(id).await?;
                let caller = self.with(&proof.actor);
                let step = self.step("removing what was made");
                remove(&caller, step, &proof.actor_id, id).await?;
            } else if self.journal.new_id() == Some(id) {
                let what = format!(
                    "the token {id}, named '{}' by somebody else",
                    listed.token.name
                );
                self.note(Step::Left { what })?;
            }
        }
        Ok(())
    }

    /// What this rotation made is not removed where somebody may need it.
    pub async fn allow_removal(&self, id: &str) -> Result<()> {
        let is = |pair: Option<Pair>| pair.is_some_and(|pair| pair.client_id == id);
        if is(self.pair_in_use().await) {
            return Err(errors::in_use(id, "the settings sign in with it"));
        }
        if is(self.stored().await?) {
            return Err(errors::in_use(
                id,
                &format!("{} holds its pair", self.destination),
            ));
        }
        let folder = self.folder()?;
        let journals = blocking(move || Journal::all(&folder)).await??;
        if is_of_another(&journals, self.rotation(), id) {
            return Err(errors::in_use(id, "another rotation made it"));
        }
        Ok(())
    }
}
