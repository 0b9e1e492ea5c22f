//! [`Client`]: settings, and one method for each operation.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::api::create::Create;
use crate::api::id::TokenId;
use crate::api::request::Request;
use crate::api::version::{self, Version};
use crate::client::answer::Answer;
use crate::client::begun::{Begun, Context, InForce, Options, timed_out};
use crate::client::config::{self, Effective};
use crate::client::credential::Bearer;
use crate::client::following;
use crate::client::identity::Identity;
use crate::client::monitor::Monitor;
use crate::client::places::{self, Survey};
use crate::client::reply::Shape;
use crate::client::settings::Settings;
use crate::client::signin::SignedIn;
use crate::client::source_cache::SourceCache;
use crate::client::work::{self, Work};
use crate::error::Result;
use crate::store::Pair;

/// A client: settings, and nothing else of its own. Bearers, connections and pacing belong to the
/// credential and are shared by every client that resolves to the same one.
#[derive(Default)]
pub struct Client {
    settings: Settings,
    /// How the settings last resolved, and from what.
    last: Mutex<Option<Arc<InForce>>>,
    sources: SourceCache,
}

impl Client {
    pub fn new(settings: Settings) -> Self {
        Client {
            settings,
            ..Client::default()
        }
    }

    /// A client of the same settings that signs in with this pair.
    pub fn with_pair(&self, pair: &Pair) -> Self {
        Client::new(Settings {
            client_id: Some(pair.client_id.clone()),
            client_secret: Some(pair.client_secret.clone()),
            token: None,
            token_expiration: None,
            ..self.settings.clone()
        })
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Begins a call: everything that it depends on is found here.
    pub async fn begin(&self, options: Options, context: &Context) -> Begun {
        let timeout = options.timeout.unwrap_or(self.settings.timeout);
        let deadline = Instant::now() + timeout;
        let in_force = self.find_in_time(false, timeout, &context.monitor).await;
        Begun {
            version: self.version(options, in_force.as_deref().ok()),
            in_force,
            timeout,
            deadline,
        }
    }

    /// The version of a call: its own, else the settings', else the profile's.
    fn version(&self, options: Options, in_force: Option<&InForce>) -> &'static Version {
        let profile = || {
            let profile = in_force?.walk.profile.as_ref()?;
            version::find(profile.api_version.as_deref()?).ok()
        };
        let given = options.version.or(self.settings.api_version);
        given
            .or_else(profile)
            .unwrap_or_else(version::default_version)
    }

    /// Makes a token. It is sent once; a lost reply is looked into and reported.
    pub async fn create(
        &self,
        begun: &Begun,
        create: &Create,
        context: &Context,
    ) -> Result<Answer> {
        self.within(begun, context, work::CreateToken(create)).await
    }

    /// Lists tokens, or changes one: a request with one reply and no story of its own.
    pub async fn run(
        &self,
        begun: &Begun,
        request: &Request,
        shape: Shape,
        context: &Context,
    ) -> Result<Answer> {
        self.within(begun, context, work::RunRequest(request, shape))
            .await
    }

    /// Finds one token by its id: among one's own first, then in the whole tenant.
    pub async fn get(&self, begun: &Begun, id: &TokenId, context: &Context) -> Result<Answer> {
        self.within(begun, context, work::GetToken(id)).await
    }

    /// Removes a token. A 404 after an attempt whose reply was lost means that it is done.
    pub async fn delete(&self, begun: &Begun, id: &TokenId, context: &Context) -> Result<Answer> {
        self.within(begun, context, work::DeleteToken(id)).await
    }

    /// The bearer that calls of this client use, signing in where none is good; and where it is from.
    pub async fn bearer(&self, begun: &Begun, context: &Context) -> Result<(Arc<Bearer>, String)> {
        self.within(begun, context, work::GetBearer).await
    }

    /// Signs in even where a bearer is good, and keeps the new one.
    pub async fn sign_in(&self, begun: &Begun, context: &Context) -> Result<SignedIn> {
        self.within(begun, context, work::SignIn).await
    }

    /// What a call made now would use, and where it was found.
    pub async fn in_force(&self) -> Result<Arc<InForce>> {
        self.find_settings(false).await
    }

    /// The settings in force, for people; never a secret.
    pub fn effective(&self, in_force: &InForce, options: Options) -> Effective {
        let version = self.version(options, Some(in_force));
        config::effective(&in_force.walk, &in_force.resolved, version)
    }

    /// Every place that settings may come from, and what it says.
    pub async fn survey(&self) -> Vec<Survey> {
        places::survey(&self.settings, &self.sources).await
    }

    /// What the last call of this client was made from.
    pub fn last_in_force(&self) -> Option<Arc<InForce>> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The pair in force, none with a bearer; the tenant; and the store that the pair can go back to.
    pub async fn identity(&self, options: Options) -> Result<Identity> {
        self.identity_found(false, options).await
    }

    /// The same, and nothing that a slow source gave before is trusted.
    pub async fn identity_now(&self, options: Options) -> Result<Identity> {
        self.identity_found(true, options).await
    }

    async fn identity_found(&self, anew: bool, options: Options) -> Result<Identity> {
        let timeout = options.timeout.unwrap_or(self.settings.timeout);
        let unwatched = Monitor::default();
        let found = self.find_in_time(anew, timeout, &unwatched).await?;
        Ok(Identity::of(&found, self.version(options, Some(&found))))
    }

    /// The pair in the variables that this client reads, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET.
    pub fn pair_of_variables(&self) -> Option<Pair> {
        let surroundings = self.settings.surroundings();
        let (id, secret) = (
            surroundings.get("SAIL_CLIENT_ID")?,
            surroundings.get("SAIL_CLIENT_SECRET")?,
        );
        Some(Pair::new(id, Zeroizing::new(secret.to_owned())))
    }

    /// The base URL in the variables that this client reads, SAIL_BASE_URL.
    pub fn base_url_of_variables(&self) -> Option<String> {
        let surroundings = self.settings.surroundings();
        surroundings.get("SAIL_BASE_URL").map(str::to_owned)
    }

    /// A client that stays with this tenant and this credential, whatever its surroundings say later.
    pub fn pinned(&self, identity: &Identity) -> Self {
        let pair = identity.pair.as_ref();
        Client::new(Settings {
            base_url: Some(identity.base_url.clone()),
            token_url: identity.token_url.clone(),
            client_id: pair.map(|pair| pair.client_id.clone()),
            client_secret: pair.map(|pair| pair.client_secret.clone()),
            api_version: Some(identity.version),
            source: None,
            profile: None,
            ..self.settings.clone()
        })
    }

    /// The server's clock, judged by its last reply to this credential; else this machine's.
    pub async fn server_time(&self) -> Timestamp {
        let in_force = match self.last_in_force() {
            None => self.find_settings(false).await.ok(),
            last => last,
        };
        in_force
            .and_then(|in_force| in_force.resolved.credential.server_time())
            .unwrap_or_else(Timestamp::now)
    }

    /// Finds the settings within the time of a call.
    async fn find_in_time(
        &self,
        anew: bool,
        timeout: Duration,
        monitor: &Monitor,
    ) -> Result<Arc<InForce>> {
        let found = tokio::time::timeout(timeout, self.find_settings(anew)).await;
        found.unwrap_or_else(|_| Err(self.sources.named_in(timed_out(timeout, monitor))))
    }

    /// Walks the places and resolves what they gave, unless nothing of it has changed since the last call; `anew`
    /// does not trust what a slow source gave before.
    async fn find_settings(&self, anew: bool) -> Result<Arc<InForce>> {
        let walk = places::walk(&self.settings, &self.sources, anew).await?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = &*last
            && last.walk == walk
        {
            return Ok(last.clone());
        }
        let resolved = config::resolve(&self.settings, &walk)?;
        Ok(last.insert(Arc::new(InForce { walk, resolved })).clone())
    }

    /// Runs an operation with what a call began with.
    async fn within<W: Work>(&self, begun: &Begun, context: &Context, work: W) -> Result<W::Done> {
        let find_anew = async || self.find_settings(true).await;
        following::run(&self.settings, begun, context, work, find_anew).await
    }
}
