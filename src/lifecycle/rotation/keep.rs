//! Storing the new pair: journaled with the time after which the store is at rest, written only where the old pair, the
//! new one or nothing is (law 5), and read back.

use crate::client::blocking::blocking;
use crate::error::{Error, Result};
use crate::lifecycle::rotation::journal::Step;
use crate::lifecycle::rotation::run::{Run, limit_of};
use crate::lifecycle::rotation::unfinished;
use crate::store::Pair;

const NOT_STORED: &str = "the new pair could not be stored";

impl Run<'_> {
    /// Stores the new pair. What is not stored for certain is taken back, and the store with it; what may yet be
    /// stored is left to `resume`.
    pub async fn keep(&mut self, pair: &Pair) -> Result<()> {
        let before = match self.stored().await {
            Ok(before) => before,
            Err(error) => return Err(self.take_back(error, NOT_STORED).await),
        };
        if let Some(third) = self.third(before.as_ref()) {
            return Err(self.take_back(third, NOT_STORED).await);
        }
        let old = before.clone().filter(|pair| self.is_old(pair));
        let old = old.or_else(|| self.old_pair().cloned());
        let base_url = self.journal.plan.base_url.clone();
        if let Err(error) = self.copies.keep(old.as_ref(), pair, &base_url).await {
            return Err(self.take_back(error, NOT_STORED).await);
        }
        let limit = self.store().map(limit_of).unwrap_or_default();
        let limit_ms = limit.as_millis() as u64;
        self.note_or_take_back(Step::Storing { limit_ms }, "it could not be journaled")
            .await?;
        if let Err(error) = self.put(pair).await {
            self.mend_store(pair, before, error).await?;
        }
        // The pair is stored: without this line a resume sees it there.
        self.note(Step::Stored).map_err(|error| {
            let what = "the new pair is stored, and the journal cannot be written";
            unfinished::stopped(&self.journal, &self.destination, &error, what)
        })
    }

    /// After a failed store: on with it where the pair is there, else the store as it was and an error.
    async fn mend_store(&mut self, pair: &Pair, before: Option<Pair>, error: Error) -> Result<()> {
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
                if let Err(problem) = self.restore(after, before.as_ref()).await {
                    return Err(self.stopped(&problem, "putting the old pair back"));
                }
                Err(self.take_back(error, NOT_STORED).await)
            }
            Err(problem) => {
                Err(self.stopped(&problem, "whether the new pair is stored cannot be seen"))
            }
        }
    }

    /// The store as it was before: with the old pair, or nothing. A third pair is somebody else's, and then the old one
    /// is kept beside the journal.
    async fn restore(&self, after: Option<Pair>, before: Option<&Pair>) -> Result<()> {
        if after.as_ref() == before {
            // What is read may be older than what was written: the old pair is the last that the store is told.
            if let Some(before) = before {
                let _ = self.put(before).await;
            }
            return Ok(());
        }
        let base_url = &self.journal.plan.base_url;
        match (before, after) {
            (Some(before), after) if self.third(after.as_ref()).is_some() => {
                self.copies.save_old(before, base_url).await
            }
            (Some(before), _) => self.put(before).await,
            (None, Some(damaged)) if self.is_new(&damaged) => {
                self.withdraw(&damaged).await.map(drop)
            }
            (None, _) => Ok(()),
        }
    }

    /// Takes exactly this pair out of the store, where that can do without; whether it could.
    pub async fn withdraw(&self, pair: &Pair) -> Result<bool> {
        let Some(store) = self.store().cloned() else {
            return Ok(false);
        };
        let pair = pair.clone();
        blocking(move || store.withdraw(&pair)).await?
    }
}
