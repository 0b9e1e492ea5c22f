//! The first half: make the new token, prove it, store its pair.

use std::time::{Duration, Instant};

use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use crate::api::token::Token;
use crate::api::version::{Expiry, Version};
use crate::client::monitor::WaitReason;
use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::journal::Step;
use crate::lifecycle::rotation::run::Run;
use crate::lifecycle::rotation::{errors, marker};
use crate::store::{Pair, Store};

/// Creates are sent again under a new name when their reply was lost, at most this often.
const MOST_ATTEMPTS: u32 = 3;

/// A wait of no length is none.
const SHORTEST_WAIT: Duration = Duration::from_millis(50);

const NOT_STORED: &str = "the new pair could not be stored";

type Body = Map<String, Value>;

impl Run<'_> {
    /// From the beginning to the end, or as far as the overlap or the caller lets it.
    pub async fn go(&mut self, body: Body, now: Timestamp) -> Result<()> {
        let pair = self.make(body, now).await?;
        self.secure(&pair).await?;
        if self.journal.plan.old_id.is_none() {
            // Nobody else has the name, and a token of narrow scope could not take it itself later.
            let own = self.own.clone();
            if let Err(error) = self.name(&self.with(&own)).await {
                return Err(self
                    .take_back(error, "the new token could not get its name")
                    .await);
            }
        }
        if self.store == Store::Caller {
            self.note_or_take_back(Step::HandedOver, "it could not be journaled")
                .await?;
            self.hand_over(pair);
            return Ok(());
        }
        self.keep(&pair).await?;
        self.after_stored(false).await
    }

    /// Makes the new token. When a reply was lost, what was made is found by its marker and removed first.
    async fn make(&mut self, mut body: Body, now: Timestamp) -> Result<Pair> {
        for attempt in 1..=MOST_ATTEMPTS {
            self.note(Step::Creating { attempt })?;
            let name = marker::marked(&self.journal.plan.name, self.rotation(), attempt);
            body.insert("name".to_owned(), name.into());
            let error = match self.create(&Value::Object(body.clone()), now).await {
                Ok(pair) => return Ok(pair),
                Err(error) => error,
            };
            if !may_have_been_made(&error) {
                let _ = self.note(Step::Undone);
                let what = "the new token could not be made";
                return Err(errors::refused_because(error, what));
            }
            let own = self.own.clone();
            if let Err(problem) = self.with(&own).sweep(self.rotation(), None).await {
                return Err(self.stopped(
                    &problem,
                    "a create's reply was lost, and one's own tokens could not be looked through",
                ));
            }
            if attempt == MOST_ATTEMPTS {
                let _ = self.note(Step::Undone);
                return Err(errors::taken_back(error, "the new token could not be made"));
            }
        }
        Err(Error::new(Code::Internal, "a rotation made no attempt"))
    }

    /// Sends the create; a service that asks to come back later has done nothing with it.
    async fn create(&self, body: &Value, now: Timestamp) -> Result<Pair> {
        let deadline = Instant::now() + self.patience;
        let caller = self.with(&self.own);
        loop {
            let error = match caller.create(self.rotation(), body, now).await {
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

    /// Journals the new token and waits until it signs in.
    async fn secure(&mut self, pair: &Pair) -> Result<()> {
        let new_id = pair.client_id.clone();
        self.note_or_take_back(Step::Created { new_id }, "it could not be journaled")
            .await?;
        let client = self.own.with_pair(pair);
        if let Err(error) = self.prove(&client, self.patience).await {
            let seconds = self.patience.as_secs_f64();
            let mut error = error;
            let detail = error.detail_mut();
            detail.code = Code::RotationRefused;
            detail.remedy = Some(
                "try again later, or give the new token longer to spread (verifySeconds)"
                    .to_owned(),
            );
            let what = format!("the new token did not sign in within {seconds:.0} s");
            return Err(self.take_back(error, &what).await);
        }
        self.note_or_take_back(Step::Verified, "it could not be journaled")
            .await
    }

    /// Stores the new pair. What is not stored for certain is taken back, and the store with it; what may yet be
    /// stored is left to `resume`.
    async fn keep(&mut self, pair: &Pair) -> Result<()> {
        let before = match self.stored().await {
            Ok(before) => before,
            Err(error) => return Err(self.take_back(error, NOT_STORED).await),
        };
        let old = self.old_pair().cloned();
        let old = old.or_else(|| before.clone().filter(|pair| self.is_old(pair)));
        if let Err(error) = self.back_up(old.as_ref()).await {
            return Err(self.take_back(error, NOT_STORED).await);
        }
        if let Err(error) = self.put(pair).await {
            self.mend_store(pair, before, old, error).await?;
        }
        if self.store == Store::Environment {
            // The settings' own variables, which were read before.
            self.identity.pair = Some(pair.clone());
        }
        // The pair is stored: without this line a resume sees it there.
        self.note(Step::Stored).map_err(|error| {
            let what = "the new pair is stored, and the journal cannot be written";
            errors::unfinished(&self.journal, &error, what)
        })
    }

    /// After a failed store: on with it where the pair is there, else the store as it was and an error.
    async fn mend_store(
        &mut self,
        pair: &Pair,
        before: Option<Pair>,
        old: Option<Pair>,
        error: Error,
    ) -> Result<()> {
        // A store that took too long may still be at it.
        if error.detail().retryable {
            return Err(self.stopped(&error, "whether the new pair is stored cannot be seen yet"));
        }
        match self.stored().await {
            // It is there, but perhaps not on disk yet.
            Ok(Some(stored)) if stored == *pair => match self.put(pair).await {
                Ok(()) => Ok(()),
                Err(again) => Err(self.stopped(&again, "storing the new pair")),
            },
            Ok(after) => {
                if self.store.lasts() && after != before {
                    let Some(right) = before.or(old) else {
                        return Err(self.take_back(error, NOT_STORED).await);
                    };
                    if let Err(problem) = self.put(&right).await {
                        return Err(self.stopped(&problem, "putting the old pair back"));
                    }
                }
                Err(self.take_back(error, NOT_STORED).await)
            }
            Err(problem) => {
                Err(self.stopped(&problem, "whether the new pair is stored cannot be seen"))
            }
        }
    }

    async fn note_or_take_back(&mut self, step: Step, what: &str) -> Result<()> {
        match self.note(step) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.take_back(error, what).await),
        }
    }
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
    )
}

/// The create body of a token that takes another's place: its scope and validity, and as long a life.
pub fn successor(
    old: &Token,
    version: &Version,
    expiration: Option<Timestamp>,
    now: Timestamp,
) -> Body {
    let mut body = Body::new();
    if let Some(scope) = old.scope.as_ref().filter(|scope| !scope.is_empty()) {
        body.insert("scope".to_owned(), json!(scope));
    }
    if let Some(seconds) = old.access_token_validity_seconds {
        body.insert("accessTokenValiditySeconds".to_owned(), json!(seconds));
    }
    let expiration = expiration.or_else(|| renewed(old, version, now));
    match (expiration, version.expiry) {
        (Some(date), _) => {
            body.insert("expirationDate".to_owned(), json!(format!("{date:.3}")));
        }
        (None, Expiry::NeverNeedsConsent) => {
            body.insert("userAwareTokenNeverExpires".to_owned(), json!(true));
        }
        // The service fills in six months.
        (None, Expiry::WithinSixMonths) => {}
    }
    body
}

/// The end of a life as long as the old token's, by the server's clock; none where that is the default.
fn renewed(old: &Token, version: &Version, now: Timestamp) -> Option<Timestamp> {
    let end: Timestamp = old.expiration_date.as_deref()?.parse().ok()?;
    let life = end.duration_since(old.created_at()?);
    let date = now.checked_add(life).ok()?;
    let longest = now.checked_add((24 * 180).hours()).ok()?;
    match version.expiry {
        Expiry::WithinSixMonths if date >= longest => None,
        _ if date <= now => None,
        _ => Some(date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::version;

    fn token(fields: Value) -> Token {
        let mut token = json!({"id": "a", "name": "n", "created": "2026-01-01T00:00:00Z"});
        token
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        serde_json::from_value(token).unwrap()
    }

    fn body(version: &str, fields: Value) -> Value {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        Value::Object(successor(
            &token(fields),
            version::find(version).unwrap(),
            None,
            now,
        ))
    }

    #[test]
    fn scope_validity_and_length_of_life_are_carried_over() {
        let fields = json!({"scope": ["a", "b"], "accessTokenValiditySeconds": 900,
            "expirationDate": "2026-01-31T00:00:00Z"});
        assert_eq!(
            body("v2024", fields),
            json!({"scope": ["a", "b"], "accessTokenValiditySeconds": 900,
                "expirationDate": "2026-12-24T12:00:00.000Z"})
        );
    }

    #[test]
    fn the_longest_life_is_left_to_the_service() {
        let fields = json!({"scope": [], "expirationDate": "2026-07-01T00:00:00Z"});
        assert_eq!(body("v2024", fields.clone()), json!({}));
        assert_eq!(
            body("v2025", fields),
            json!({"expirationDate": "2027-05-24T12:00:00.000Z"})
        );
    }

    #[test]
    fn a_token_that_never_expires_gets_such_a_successor() {
        assert_eq!(
            body("v1", json!({})),
            json!({"userAwareTokenNeverExpires": true})
        );
        assert_eq!(body("v2024", json!({})), json!({}));
    }
}
