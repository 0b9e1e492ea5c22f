//! Asking the settings' source: a file at every call, a command or a keyring at most once a minute and
//! whenever the pair it gave was refused. What may take long runs on a thread of its own, once for all calls of
//! the process that want the same source.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::client::flights::Flights;
use crate::error::{Error, Result};
use crate::store::keyring::session::Session;
use crate::store::{Contents, Store};

/// A command may ask a vault over the network.
const LONGEST_TRUST: Duration = Duration::from_secs(60);

/// What a source gave, or what was wrong with it.
type SourceReply = Result<Contents>;

static ASKINGS: Flights<(SourceKey, Session), SourceReply> = Flights::new("sailpat-source");

/// The pair of a store, for one tenant: what it gave for one is never used for another, since the store may hold
/// another pair by now.
#[derive(Clone, PartialEq, Eq)]
struct SourceKey {
    store: Store,
    base_url: Option<String>,
}

/// What a slow source gave last, and when it was asked.
#[derive(Default)]
struct LastReply(Mutex<Option<(Instant, SourceKey, SourceReply)>>);

impl LastReply {
    fn lock(&self) -> MutexGuard<'_, Option<(Instant, SourceKey, SourceReply)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the store gave, where `anew` and its age allow it to be used.
    fn good(&self, wanted: &SourceKey, anew: bool, called: Instant) -> Option<SourceReply> {
        let kept = self.lock();
        let (when, _, given) = kept.as_ref().filter(|(_, asked, _)| asked == wanted)?;
        let good = if anew {
            // Whoever waited for another's asking takes what that one got.
            *when >= called
        } else {
            when.elapsed() < LONGEST_TRUST
        };
        good.then(|| given.clone())
    }

    /// A failure is never kept.
    fn keep(&self, when: Instant, wanted: &SourceKey, given: &SourceReply) {
        *self.lock() = given.is_ok().then(|| (when, wanted.clone(), given.clone()));
    }
}

/// What the slow sources of one client gave, and which of them it waits for.
#[derive(Default)]
pub struct SourceCache {
    kept: Arc<LastReply>,
    /// The store that was asked for last, where that takes long.
    slow: Mutex<Option<(SourceKey, Session)>>,
}

impl SourceCache {
    /// What the source gives: from before where that is good enough, else asked anew. It may be dropped at any
    /// time: the source is then still asked to the end, and what it gives serves the next call.
    ///
    /// `base_url` is where the pair will be sent, as far as that is known before.
    pub async fn ask(
        &self,
        store: &Store,
        base_url: Option<&str>,
        anew: bool,
    ) -> Result<SourceReply> {
        if store.is_quick() {
            return Ok(store.contents());
        }
        let called = Instant::now();
        let wanted = SourceKey {
            store: store.clone().pinned().unwrap_or_else(|_| store.clone()),
            base_url: base_url.map(str::to_owned),
        };
        if let Some(given) = self.kept.good(&wanted, anew, called) {
            return Ok(given);
        }
        let place = (wanted.clone(), Session::current());
        *self.slow() = Some(place.clone());
        let (asked, kept) = (wanted.clone(), self.kept.clone());
        let work = move || {
            let begun = Instant::now();
            let given = asked.store.contents();
            // Here, for all who wait may have given up.
            kept.keep(begun, &asked, &given);
            given
        };
        let landed = ASKINGS
            .join_since(&place, anew.then_some(called), work)
            .await?;
        self.kept.keep(landed.begun, &wanted, &landed.value);
        Ok(landed.value)
    }

    fn slow(&self) -> MutexGuard<'_, Option<(SourceKey, Session)>> {
        self.slow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says of a call that came to its deadline while it asked a source that this was what it waited for.
    pub fn named_in(&self, mut late: Error) -> Error {
        let slow = self.slow();
        if let Some((SourceKey { store, .. }, _)) =
            slow.as_ref().filter(|place| ASKINGS.is_under_way(place))
        {
            let detail = late.detail_mut();
            detail
                .message
                .push_str(&format!("; no answer came from the {store}"));
            detail.remedy = Some(format!(
                "look why the {store} does not answer, or give a longer timeoutMs"
            ));
        }
        late
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::store::command::Command;

    fn shell(script: &str) -> Store {
        let words = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        Store::Command(Command::new(words, Some(20_000.0)).unwrap())
    }

    /// A command that notes each start of it and answers once a file is there.
    fn slow(folder: &std::path::Path) -> Store {
        shell(&format!(
            "cd {}; echo x >>started; until [ -e go ]; do sleep 0.01; done; echo '{{\"clientId\":\"a\",\"clientSecret\":\"b\"}}'",
            folder.display()
        ))
    }

    fn starts(folder: &std::path::Path) -> usize {
        let text = std::fs::read_to_string(folder.join("started")).unwrap_or_default();
        text.lines().count()
    }

    #[tokio::test]
    async fn calls_that_gave_up_leave_one_asking_whose_answer_serves_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let store = slow(folder.path());
        let (one, other) = (SourceCache::default(), SourceCache::default());
        for cache in [&one, &other, &one, &other] {
            let limit = Duration::from_millis(100);
            let late = tokio::time::timeout(limit, cache.ask(&store, None, false)).await;
            assert!(late.is_err());
            let said = cache.named_in(Error::new(crate::error::Code::Timeout, "late"));
            assert!(
                said.to_string()
                    .contains("no answer came from the command /bin/sh"),
                "{said}"
            );
        }
        std::fs::write(folder.path().join("go"), "").unwrap();
        let given = one.ask(&store, None, false).await.unwrap();
        assert!(given.unwrap().holding.pair().is_some());
        assert_eq!(starts(folder.path()), 1);
        one.ask(&store, None, false).await.unwrap().unwrap();
        assert_eq!(starts(folder.path()), 1);
    }

    #[tokio::test]
    async fn asking_anew_never_takes_what_began_before() {
        let folder = tempfile::tempdir().unwrap();
        let store = slow(folder.path());
        let cache = SourceCache::default();
        let limit = Duration::from_millis(50);
        assert!(
            tokio::time::timeout(limit, cache.ask(&store, None, false))
                .await
                .is_err()
        );
        let anew = cache.ask(&store, None, true);
        let go = folder.path().join("go");
        let (given, _) = tokio::join!(anew, async { std::fs::write(go, "").unwrap() });
        assert!(given.unwrap().unwrap().holding.pair().is_some());
        assert_eq!(starts(folder.path()), 2);
    }
}
