//! The first half: make the new token under a marked name, and prove it.

use std::time::{Duration, Instant};

use crate::api::create::Create;
use crate::client::monitor::WaitReason;
use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::destination::Destination;
use crate::lifecycle::rotation::journal::Step;
use crate::lifecycle::rotation::run::Run;
use crate::lifecycle::rotation::{errors, marker, successor};
use crate::store::Pair;

/// Creates are sent again under a new name when their reply was lost, at most this often.
const MOST_ATTEMPTS: u32 = 3;

/// A wait of no length is none.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);

impl Run<'_> {
    /// From the beginning to the end, or as far as the overlap or the caller lets it.
    pub async fn go(&mut self, wanted: &Create) -> Result<()> {
        let pair = self.make(wanted).await?;
        self.secure(&pair, wanted).await?;
        if self.journal.plan.old_id.is_none() {
            // Nobody else has the name, and a token of narrow scope could not take it itself later.
            if let Err(error) = self.name_as_maker().await {
                return Err(self
                    .take_back(error, "the new token could not get its name")
                    .await);
            }
        }
        if self.destination == Destination::Caller {
            self.note_or_take_back(Step::HandedOver, "it could not be journaled")
                .await?;
            self.hand_over(pair);
            return Ok(());
        }
        self.keep(&pair).await?;
        self.after_stored(false).await
    }

    async fn name_as_maker(&mut self) -> Result<()> {
        let actor = self.actor().await?;
        self.name(&actor).await
    }

    /// Makes the new token. When a reply was lost, what was made is found by its name and removed first.
    async fn make(&mut self, wanted: &Create) -> Result<Pair> {
        for attempt in 1..=MOST_ATTEMPTS {
            self.note(Step::Creating { attempt })?;
            let name = marker::marked(&self.journal.plan.name, self.rotation(), attempt);
            let error = match self.create(&wanted.renamed(name)).await {
                Ok(pair) => return Ok(pair),
                Err(error) => error,
            };
            // Nothing came back, or a word to come back later: nothing was done.
            let is_turned_away =
                error.detail().status.is_none() || error.code() == Code::RateLimited;
            if !may_have_been_made(&error) && is_turned_away {
                let _ = self.note(Step::Undone);
                let what = "the new token could not be made";
                return Err(errors::refused_because(error, what));
            }
            if let Err(problem) = self.sweep().await {
                return Err(self.stopped(
                    &problem,
                    "a create's reply was lost, and one's own tokens could not be looked through",
                ));
            }
            // Whoever refuses it may have carried it out all the same: the list decides, and it is not sent again.
            if !may_have_been_made(&error) {
                let _ = self.note(Step::Undone);
                let what = "the new token could not be made";
                return Err(errors::refused_because(error, what));
            }
            if attempt == MOST_ATTEMPTS {
                let _ = self.note(Step::Undone);
                return Err(errors::taken_back(error, "the new token could not be made")
                    .with_remedy("try again once the service answers"));
            }
        }
        Err(Error::new(Code::Internal, "a rotation made no attempt"))
    }

    /// Removes what lost creates left.
    async fn sweep(&mut self) -> Result<()> {
        let actor = self.actor().await?;
        self.remove_made(actor, None).await
    }

    /// Sends the create; a service that asks to come back later has done nothing with it.
    async fn create(&self, create: &Create) -> Result<Pair> {
        let deadline = Instant::now() + self.patience;
        let caller = self.with(&self.own);
        loop {
            let error = match caller
                .create(self.step("making the new token"), create)
                .await
            {
                Ok(pair) if self.before.contains(&pair.client_id) => return Err(not_new(&pair)),
                Ok(pair) => return Ok(pair),
                Err(error) => error,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            match error.detail().retry_after {
                Some(wait) if error.code() == Code::RateLimited && wait < left => {
                    let monitor = &self.context.monitor;
                    monitor
                        .pause(wait.max(SHORTEST_WAIT), WaitReason::RateLimit)
                        .await;
                }
                _ => return Err(error),
            }
        }
    }

    /// Journals the new token, waits until it signs in, and holds it against what was asked for.
    async fn secure(&mut self, pair: &Pair, wanted: &Create) -> Result<()> {
        self.made = Some(pair.clone());
        let new_id = pair.client_id.clone();
        self.note_or_take_back(Step::Created { new_id }, "it could not be journaled")
            .await?;
        let proof = match self.prove(pair, self.patience).await {
            Ok(proof) => proof,
            Err(error) => return Err(self.never_signed_in(error).await),
        };
        if let Some(made) = proof.finds(&pair.client_id)
            && let Err(error) = successor::check(made, wanted)
        {
            return Err(self
                .take_back(error, "the new token is not as it should be")
                .await);
        }
        self.note_or_take_back(Step::Verified, "it could not be journaled")
            .await
    }

    async fn never_signed_in(&mut self, mut error: Error) -> Error {
        let seconds = self.patience.as_secs_f64();
        let detail = error.detail_mut();
        detail.code = Code::RotationRefused;
        detail.remedy = Some(
            "try again later, or give the new token longer to spread (verifySeconds)".to_owned(),
        );
        let what = format!("the new token did not sign in within {seconds:.0} s");
        self.take_back(error, &what).await
    }

    pub async fn note_or_take_back(&mut self, step: Step, what: &str) -> Result<()> {
        match self.note(step) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.take_back(error, what).await),
        }
    }
}

/// A reply that names a token which was there before says nothing of the new one.
fn not_new(pair: &Pair) -> Error {
    Error::new(
        Code::CreateLost,
        format!(
            "the reply to the create names the token {}, which was there before",
            pair.client_id
        ),
    )
}

/// Whether a token may be there although no reply says so.
fn may_have_been_made(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::CreateLost
            | Code::ServerError
            | Code::ReplyInvalid
            | Code::ReplyTooLarge
            | Code::Timeout
            | Code::Unauthorized
    )
}
