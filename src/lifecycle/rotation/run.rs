//! A rotation at work: its journal, lock, destination and copies, and the steps that several ways lead through.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::api::version;
use crate::client::blocking::blocking;
use crate::client::log::Level;
use crate::client::{Client, Context, Identity};
use crate::error::{Code, Error, Result};
use crate::lifecycle::changes::StepOf;
use crate::lifecycle::rotation::copies::Copies;
use crate::lifecycle::rotation::destination::{self, Destination};
use crate::lifecycle::rotation::journal::{Journal, Plan, Step};
use crate::lifecycle::rotation::lock::{self, Lock};
use crate::lifecycle::rotation::service::Caller;
use crate::lifecycle::rotation::state::{RotationState, View};
use crate::lifecycle::rotation::{Ended, errors, unfinished};
use crate::store::{Over, Pair, Store, failed};

/// A rotation at work. Dropping it gives its lock back and leaves the journal as it is.
pub struct Run<'c> {
    /// Whoever asked; what its settings say is followed.
    pub caller: Caller<'c>,
    /// Stays with the tenant and the credential that the settings named at the beginning.
    pub own: Arc<Client>,
    pub context: &'c Context,
    pub identity: Identity,
    pub journal: Journal,
    pub destination: Destination,
    pub copies: Copies,
    pub patience: Duration,
    /// The tokens that were there before anything was made, where this process saw them.
    pub before: Vec<String>,
    /// The new pair, where this process made it.
    pub made: Option<Pair>,
    lock: Option<Lock>,
    handed_over: Option<Pair>,
    /// This process handed the pair over and waits for its caller.
    waited: bool,
}

/// What is locked: the old token, or the making itself.
pub fn locked_id(plan: &Plan) -> &str {
    plan.old_id.as_deref().unwrap_or(&plan.rotation)
}

impl<'c> Run<'c> {
    /// Begins: from here on there is a journal.
    pub async fn begin(
        caller: Caller<'c>,
        identity: Identity,
        plan: Plan,
        patience: Duration,
        lock: Lock,
    ) -> Result<Self> {
        let destination = Destination::of_json(&plan.store_in)?;
        let folder = super::folder(caller.client.settings())?;
        let copies = Copies::beside(&destination, folder.clone(), &plan.rotation).await?;
        let journal = blocking(move || Journal::begin(&folder, plan)).await??;
        caller.context.monitor.set_rotation(&journal.plan.rotation);
        let found = Prepared {
            caller,
            identity,
            destination,
            copies,
        };
        let mut run = Run::prepared(found, journal, Some(lock));
        run.patience = patience;
        Ok(run)
    }

    /// Opens one that stopped. The lock, where somebody else does not hold it already.
    pub async fn reopen(caller: Caller<'c>, journal: Journal, lock: Option<Lock>) -> Result<Self> {
        let found = prepare(caller, &journal).await?;
        Ok(Run::prepared(found, journal, lock))
    }

    /// With what was found out about it.
    pub fn prepared(found: Prepared<'c>, journal: Journal, lock: Option<Lock>) -> Self {
        Run {
            own: Arc::new(found.caller.client.pinned(&found.identity)),
            context: found.caller.context,
            caller: found.caller,
            identity: found.identity,
            journal,
            destination: found.destination,
            copies: found.copies,
            patience: super::DEFAULT_PATIENCE,
            before: Vec::new(),
            made: None,
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
        self.caller.with(client)
    }

    /// What the caller sees of it, and the pair that it gets. A pair that was handed over keeps the lock until it is
    /// confirmed.
    pub fn end(mut self) -> Ended {
        let handed = self.handed_over.take();
        self.waited |= handed.is_some();
        Ended {
            view: View::of(&self.journal, self.destination.to_string()),
            handed,
        }
    }

    pub fn hand_over(&mut self, pair: Pair) {
        self.handed_over = Some(pair);
    }

    pub fn note(&mut self, step: Step) -> Result<()> {
        let words = format!("rotation {}: {}", self.journal.plan.rotation, step.name());
        self.context.monitor.note(Level::Info, words);
        self.journal.note(step)
    }

    /// What a change is a step of.
    pub fn step(&self, step: &'static str) -> StepOf<'_> {
        StepOf {
            rotation: self.rotation(),
            owner: self.journal.plan.owner_id.as_deref(),
            step,
        }
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
        unfinished::stopped(&self.journal, &self.destination, cause, what)
    }

    /// The pair in the store, or in the variables.
    pub async fn stored(&self) -> Result<Option<Pair>> {
        match &self.destination {
            Destination::Caller => Ok(None),
            Destination::Environment => Ok(self.caller.client.pair_of_variables()),
            Destination::Store(store) => {
                let store = store.clone();
                blocking(move || store.read()).await?
            }
        }
    }

    /// Puts a pair where the old one, the new one or nothing is, and reads it back. A third pair is somebody else's.
    pub async fn put(&self, pair: &Pair) -> Result<()> {
        match &self.destination {
            Destination::Caller => Ok(()),
            Destination::Environment => self.put_into_variables(pair),
            Destination::Store(store) => {
                let (store, pair) = (store.clone(), pair.clone());
                let plan = &self.journal.plan;
                let url = plan.base_url.clone();
                let allowed: Vec<String> = self.own_ids().map(str::to_owned).collect();
                let guard = lock::storing_path(&self.folder()?, self.rotation());
                blocking(move || {
                    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
                    store.write_guarded(&pair, &url, Over::Only(&allowed), Some(&guard))
                })
                .await?
            }
        }
    }

    /// Where the journal is.
    pub fn folder(&self) -> Result<PathBuf> {
        super::folder(self.caller.client.settings())
    }

    fn put_into_variables(&self, pair: &Pair) -> Result<()> {
        if let Some(held) = self.caller.client.pair_of_variables()
            && !self.own_ids().any(|id| id == held.client_id)
        {
            return Err(errors::held_by_another(
                "the variables of this process",
                &held.client_id,
            ));
        }
        let base_url = &self.journal.plan.base_url;
        destination::variables_fit(self.caller.client, base_url)?;
        match self.context.set_environment {
            Some(set) => set(pair, base_url),
            None => Err(Error::new(
                Code::StoreFailed,
                "the variables of this process cannot be changed from here",
            )
            .with_field("storeIn")),
        }
    }

    /// The ids of the two pairs that are this rotation's own.
    fn own_ids(&self) -> impl Iterator<Item = &str> {
        let old = self.journal.plan.old_id.as_deref();
        old.into_iter().chain(self.journal.new_id())
    }

    pub fn store(&self) -> Option<&Store> {
        self.destination.store()
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

    /// What the store holds that is neither of the two: the error that says so.
    pub fn third(&self, stored: Option<&Pair>) -> Option<Error> {
        let third = stored.filter(|pair| !self.is_old(pair) && !self.is_new(pair))?;
        Some(errors::held_by_another(
            &self.destination.to_string(),
            &third.client_id,
        ))
    }

    /// What the settings name by now: they may follow the store.
    pub async fn pair_in_use(&self) -> Option<Pair> {
        self.caller
            .client
            .identity_now(self.caller.options)
            .await
            .ok()?
            .pair
    }

    pub fn rotation(&self) -> &str {
        &self.journal.plan.rotation
    }

    pub fn state(&self) -> RotationState {
        self.journal.state()
    }
}

/// A caller that has the pair may come back, so its lock stays whatever happened.
impl Drop for Run<'_> {
    fn drop(&mut self) {
        if self.waited
            && self.state() == RotationState::AwaitingConfirmation
            && let Some(lock) = self.lock.take()
        {
            lock::keep(&self.journal.path, lock);
        }
    }
}

/// What there is to know before a rotation is carried on.
pub struct Prepared<'c> {
    caller: Caller<'c>,
    identity: Identity,
    destination: Destination,
    copies: Copies,
}

pub async fn prepare<'c>(mut caller: Caller<'c>, journal: &Journal) -> Result<Prepared<'c>> {
    let plan = &journal.plan;
    let destination = Destination::of_json(&plan.store_in)?;
    let folder = super::folder(caller.client.settings())?;
    let copies = Copies::beside(&destination, folder, &plan.rotation).await?;
    let identity = match caller.client.identity_now(caller.options).await {
        Ok(identity) => identity,
        // The place that the settings name has lost its pair: the copy that is kept for this still has one.
        Err(error) => match copies.old_pair().await? {
            Some(pair) if is_without_pair(&error) => of_copy(plan, pair),
            _ => return Err(error),
        },
    };
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
    if caller.options.version.is_none() {
        caller.options.version = version::find(&plan.api_version).ok();
    }
    Ok(Prepared {
        caller,
        identity,
        destination,
        copies,
    })
}

fn is_without_pair(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::SettingsMissing | Code::SettingsInvalid | Code::StoreFailed
    )
}

fn of_copy(plan: &Plan, pair: Pair) -> Identity {
    Identity {
        pair: Some(pair),
        base_url: plan.base_url.clone(),
        token_url: None,
        origin: None,
        version: version::find(&plan.api_version).unwrap_or(version::default_version()),
        profile: None,
    }
}

/// How long a store may be at work by itself, once nobody waits for it any more.
pub fn limit_of(store: &Store) -> Duration {
    const STOPPING: Duration = Duration::from_secs(1);
    match store {
        Store::File(_) => Duration::ZERO,
        Store::Command(command) => command.limit + STOPPING,
        Store::CommandLine(_) | Store::Keyring(_) => KEYRING,
    }
}

/// A keyring's service does what it was asked at once, or not at all: it asks nobody else.
const KEYRING: Duration = Duration::from_secs(2);

/// A store that does not do what it should.
pub fn store_failed(destination: &Destination, problem: &str) -> Error {
    match destination {
        Destination::Store(store) => failed(store, problem),
        other => Error::new(Code::StoreFailed, format!("{other}: {problem}")).with_field("storeIn"),
    }
}
