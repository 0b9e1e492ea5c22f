//! A rotation at work: its journal, lock and store, and the steps that several ways lead through.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::api::fields::Fields;
use crate::api::version;
use crate::client::asking::blocking;
use crate::client::log::Level;
use crate::client::monitor::WaitReason;
use crate::client::{Client, Context, Identity, Options};
use crate::error::{Code, Error, Result};
use crate::lifecycle::rotation::errors;
use crate::lifecycle::rotation::journal::{Journal, Plan, Step};
use crate::lifecycle::rotation::lock::{self, Lock};
use crate::lifecycle::rotation::service::Caller;
use crate::lifecycle::rotation::state::{State, View};
use crate::store::{Over, Pair, Store};

/// Between two looks whether a new token signs in.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A rotation at work. Dropping it gives its lock back and leaves the journal as it is.
pub struct Run<'c> {
    /// Stays with the tenant and the credential that the settings named at the beginning.
    pub own: Arc<Client>,
    options: Options,
    pub context: &'c Context,
    pub identity: Identity,
    pub journal: Journal,
    pub store: Store,
    pub backup: Option<Store>,
    pub patience: Duration,
    lock: Option<Lock>,
    handed_over: Option<Pair>,
    /// This process handed the pair over and waits for its caller.
    waited: bool,
}

/// What a pair has shown that it can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It signs in; its scope has no right on tokens.
    SignsIn,
    ListsItsOwn,
}

/// What is locked: the old token, or the making itself.
pub fn locked_id(plan: &Plan) -> &str {
    plan.old_id.as_deref().unwrap_or(&plan.rotation)
}

/// A store from its journaled form.
pub fn store_of(json: &Value) -> Result<Store> {
    let text = json.to_string();
    Store::parse(Fields::of_request(&text)?, None, None)
}

impl<'c> Run<'c> {
    /// Begins: from here on there is a journal.
    pub fn begin(
        caller: Caller<'c>,
        identity: Identity,
        plan: Plan,
        patience: Duration,
        lock: Lock,
    ) -> Result<Self> {
        let store = store_of(&plan.store_in)?;
        let backup = plan.backup.as_ref().map(store_of).transpose()?;
        let folder = super::folder(caller.client.settings())?;
        let journal = Journal::begin(&folder, plan)?;
        Ok(Run {
            own: Arc::new(caller.client.pinned(&identity)),
            options: caller.options,
            context: caller.context,
            identity,
            journal,
            store,
            backup,
            patience,
            lock: Some(lock),
            handed_over: None,
            waited: false,
        })
    }

    /// Opens one that stopped. The lock, where somebody else does not hold it already.
    pub async fn reopen(caller: Caller<'c>, journal: Journal, lock: Option<Lock>) -> Result<Self> {
        let found = prepare(caller, &journal).await?;
        Ok(Run::prepared(caller, found, journal, lock))
    }

    /// With what was found out about it.
    pub fn prepared(
        caller: Caller<'c>,
        found: Found,
        journal: Journal,
        lock: Option<Lock>,
    ) -> Self {
        Run {
            own: Arc::new(caller.client.pinned(&found.identity)),
            options: found.options,
            context: caller.context,
            identity: found.identity,
            journal,
            store: found.store,
            backup: found.backup,
            patience: super::DEFAULT_PATIENCE,
            lock,
            handed_over: None,
            waited: false,
        }
    }

    /// As one that this process handed over: whatever goes wrong, its caller may come back.
    pub fn waiting(mut self) -> Self {
        self.waited = true;
        self
    }

    pub fn has_waited(&self) -> bool {
        self.waited
    }

    /// Calls with another client.
    pub fn with<'x>(&self, client: &'x Client) -> Caller<'x>
    where
        'c: 'x,
    {
        Caller {
            client,
            options: self.options,
            context: self.context,
        }
    }

    /// What the caller sees of it. A pair that was handed over keeps the lock until it is confirmed.
    pub fn end(mut self) -> View {
        let view = View::of(&self.journal, self.store.to_string());
        let Some(pair) = self.handed_over.take() else {
            return view;
        };
        self.waited = true;
        view.with_pair(&pair)
    }

    pub fn hand_over(&mut self, pair: Pair) {
        self.handed_over = Some(pair);
    }

    pub fn note(&mut self, step: Step) -> Result<()> {
        let words = format!("rotation {}: {}", self.journal.plan.rotation, step.name());
        self.context.monitor.note(Level::Info, words);
        self.journal.note(step)
    }

    /// The error that it stopped half way; the journal remembers why.
    pub fn stopped(&mut self, cause: &Error, what: &str) -> Error {
        let detail = cause.detail();
        let step = Step::Failed {
            code: detail.code.name().to_owned(),
            message: format!("{what}: {}", detail.message),
        };
        // Without the note there is still the state.
        let _ = self.note(step);
        errors::unfinished(&self.journal, cause, what)
    }

    /// The pair in the store.
    pub async fn stored(&self) -> Result<Option<Pair>> {
        match &self.store {
            Store::Environment | Store::Caller => Ok(None),
            store => {
                let store = store.clone();
                blocking(move || store.read()).await?
            }
        }
    }

    /// Puts a pair into the store and reads it back.
    pub async fn put(&self, pair: &Pair) -> Result<()> {
        match &self.store {
            Store::Caller => Ok(()),
            Store::Environment => match self.context.set_environment {
                Some(set) => set(pair),
                None => Err(crate::store::failed(
                    &self.store,
                    "cannot be changed from here",
                )),
            },
            store => {
                let (store, pair, url) = (
                    store.clone(),
                    pair.clone(),
                    self.journal.plan.base_url.clone(),
                );
                blocking(move || store.write(&pair, &url, Over::Anything)).await?
            }
        }
    }

    /// Waits until a pair signs in and lists its own tokens: a new token takes a moment to spread.
    pub async fn prove(&self, client: &Client, patience: Duration) -> Result<Proof> {
        let deadline = Instant::now() + patience;
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.with(client).own_tokens().await {
                Ok(_) => return Ok(Proof::ListsItsOwn),
                Err(error) if error.code() == Code::Forbidden => return Ok(Proof::SignsIn),
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

    /// The old pair stays at hand until the old token is gone.
    pub async fn back_up(&self, old: Option<&Pair>) -> Result<()> {
        let (Some(backup), Some(old)) = (self.backup.clone(), old.cloned()) else {
            return Ok(());
        };
        let url = self.journal.plan.base_url.clone();
        blocking(move || backup.write(&old, &url, Over::Anything)).await?
    }

    /// The old pair, where the settings hold it.
    pub fn old_pair(&self) -> Option<&Pair> {
        self.identity.pair.as_ref().filter(|pair| self.is_old(pair))
    }

    pub fn is_old(&self, pair: &Pair) -> bool {
        self.journal.plan.old_id.as_deref() == Some(pair.client_id.as_str())
    }

    pub fn is_new(&self, pair: &Pair) -> bool {
        self.journal.new_id() == Some(pair.client_id.as_str())
    }

    /// Neither the old pair's copy nor what a crash left half written stays behind.
    pub async fn clean_up(&self) -> Result<()> {
        let (store, backup) = (self.store.clone(), self.backup.clone());
        blocking(move || {
            store.tidy();
            let Some(backup) = backup else { return Ok(()) };
            backup.tidy();
            backup.erase()
        })
        .await?
    }

    pub fn rotation(&self) -> &str {
        &self.journal.plan.rotation
    }

    pub fn state(&self) -> State {
        self.journal.state()
    }
}

/// A caller that has the pair may come back, so its lock stays whatever happened.
impl Drop for Run<'_> {
    fn drop(&mut self) {
        if self.waited
            && self.state() == State::AwaitingConfirmation
            && let Some(lock) = self.lock.take()
        {
            lock::keep(&self.journal.plan.rotation, lock);
        }
    }
}

/// Whether waiting may help: the token has not spread, or the service is busy.
fn may_pass(error: &Error) -> bool {
    matches!(error.code(), Code::SignInFailed | Code::Unauthorized) || error.detail().retryable
}

/// What there is to know before a rotation is carried on.
pub struct Found {
    options: Options,
    identity: Identity,
    store: Store,
    backup: Option<Store>,
}

pub async fn prepare(caller: Caller<'_>, journal: &Journal) -> Result<Found> {
    let plan = &journal.plan;
    let identity = caller.client.identity().await?;
    if identity.base_url != plan.base_url {
        return Err(Error::new(
            Code::RotationRefused,
            format!(
                "the rotation {} belongs to {}, and the settings say {}",
                plan.rotation, plan.base_url, identity.base_url
            ),
        )
        .with_field("rotation")
        .with_remedy("use the settings or the profile of that tenant"));
    }
    let mut options = caller.options;
    if options.version.is_none() {
        options.version = version::find(&plan.api_version).ok();
    }
    let store = store_of(&plan.store_in)?;
    let backup = plan.backup.as_ref().map(store_of).transpose()?;
    Ok(Found {
        options,
        identity,
        store,
        backup,
    })
}

impl Journal {
    /// Which credential works at this point, in words.
    pub fn what_works(&self) -> String {
        let old = self.plan.old_id.as_deref();
        let new = self.new_id().unwrap_or("none");
        match (self.state(), old) {
            (State::Deleted, _) => format!("the new token {new} works and is stored"),
            (State::Stored | State::Overlapping, Some(old)) => {
                format!("the new token {new} works and is stored, the old one {old} still lives")
            }
            (State::Stored | State::Overlapping, None) => {
                format!("the token {new} works and is stored")
            }
            (_, Some(old)) => format!("the old token {old} still works"),
            (_, None) => {
                "what was made carries the rotation's marker and is removed by it".to_owned()
            }
        }
    }
}
