//! How we speak to the service: settings, credentials, connections, the retry law, and [`Client`] with
//! one method per operation.
//!
//! Async and typed; it calls `api`, and knows nothing of C, JSON envelopes or PowerShell.

pub mod address;
pub mod attempts;
pub mod blocking;
pub mod call;
pub mod cancel;
pub mod chance;
pub mod charset;
pub mod config;
pub mod credential;
pub mod encoding;
pub mod failure;
pub mod flights;
pub mod log;
pub mod lost;
pub mod monitor;
pub mod pacing;
pub mod places;
pub mod pool;
pub mod proxy;
pub mod redact;
pub mod reply;
pub mod resolve;
pub mod retry;
pub mod send;
pub mod settings;
pub mod signin;
pub mod source_cache;
pub mod surroundings;
pub mod tls;
pub mod transport;
pub mod turn;
mod work;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::api::create::Create;
use crate::api::id::TokenId;
use crate::api::request::Request;
use crate::api::version::{self, Version};
use crate::client::call::Call;
use crate::client::config::{Effective, Login, Resolved, TokenUrl};
use crate::client::credential::Bearer;
use crate::client::log::Level;
use crate::client::monitor::Monitor;
use crate::client::places::{Survey, Walk};
use crate::client::pool::Pool;
use crate::client::reply::Shape;
use crate::client::settings::Settings;
use crate::client::signin::SignedIn;
use crate::client::source_cache::SourceCache;
use crate::client::work::Work;
use crate::error::{Code, Error, Headers, Result};
use crate::store::profiles::Profile;
use crate::store::{Pair, Store};

/// A client: settings, and nothing else of its own. Bearers, connections and pacing belong to the
/// credential and are shared by every client that resolves to the same one.
#[derive(Default)]
pub struct Client {
    settings: Settings,
    /// How the settings last resolved, and from what.
    last: Mutex<Option<Arc<InForce>>>,
    sources: SourceCache,
}

/// What a walk found, and what it resolves to.
pub struct InForce {
    pub walk: Walk,
    pub resolved: Resolved,
}

/// A call that began: its time runs, and what it is made from was found, once. Its version is known before its request
/// is read, and where the settings are no good, the call itself says so.
pub struct Begun {
    in_force: Result<Arc<InForce>>,
    version: &'static Version,
    timeout: Duration,
    deadline: Instant,
}

impl Begun {
    pub fn version(&self) -> &'static Version {
        self.version
    }

    pub fn in_force(&self) -> Result<&Arc<InForce>> {
        self.in_force.as_ref().map_err(Clone::clone)
    }

    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// What a call runs in: who watches it, and whose connections it uses.
#[derive(Clone, Default)]
pub struct Context {
    pub monitor: Arc<Monitor>,
    pub pool: Arc<Pool>,
    /// How to change the variables of this process, where that can be done.
    pub set_environment: Option<fn(&Pair, &str) -> Result<()>>,
}

/// What a call may choose for itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub version: Option<&'static Version>,
    pub timeout: Option<Duration>,
}

/// A successful reply.
pub struct Answer {
    /// The reply's HTTP status, where one reply is the answer.
    pub status: Option<u16>,
    /// The service's own bytes; empty where it sends none.
    pub data: Vec<u8>,
    pub request_id: Option<String>,
    pub deprecated: bool,
    pub note: Option<String>,
    pub headers: Option<Headers>,
    /// The pair that a rotation hands over to its caller: the only secret that an answer of this library's own holds.
    pub handed: Option<Pair>,
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
        Ok(self.identity_of(&found, options))
    }

    fn identity_of(&self, in_force: &InForce, options: Options) -> Identity {
        let InForce { walk, resolved } = in_force;
        let pair = match &resolved.login {
            Login::Pair {
                client_id,
                client_secret,
            } => Some(Pair {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
            }),
            Login::Bearer(_) => None,
        };
        let token_url = match &resolved.token_url {
            TokenUrl::Given(url) => Some(url.clone()),
            TokenUrl::Derived(_) => None,
        };
        Identity {
            pair,
            base_url: resolved.base().to_owned(),
            token_url,
            version: self.version(options, Some(in_force)),
            origin: walk.origin.clone(),
            profile: walk.profile.clone(),
        }
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

    /// Runs an operation with resolved settings inside one deadline; its error leaves without secrets. When
    /// the credential is refused, its source is read again: somebody may just have rotated it.
    async fn within<W: Work>(&self, begun: &Begun, context: &Context, work: W) -> Result<W::Done> {
        let in_force = begun.in_force()?;
        let result = self.attempt(begun, in_force, context, &work).await;
        if !result.as_ref().is_err_and(|error| work.may_go_again(error)) {
            return result;
        }
        let looking = tokio::time::timeout(begun.remaining(), self.find_settings(true));
        let Ok(Ok(now)) = looking.await else {
            return result;
        };
        let moved = now.resolved.base_url != in_force.resolved.base_url;
        if moved || now.resolved.credential.number == in_force.resolved.credential.number {
            // A call stays with its tenant, whatever the places say meanwhile.
            return result;
        }
        context.monitor.note(
            Level::Info,
            "the credential was refused and has changed: again with the new one",
        );
        self.attempt(begun, &now, context, &work).await
    }

    async fn attempt<W: Work>(
        &self,
        begun: &Begun,
        in_force: &InForce,
        context: &Context,
        work: &W,
    ) -> Result<W::Done> {
        let resolved = &in_force.resolved;
        let connections = context
            .pool
            .connections(&resolved.credential, &resolved.wire, begun.deadline)
            .await?;
        let call = Call {
            settings: &self.settings,
            resolved,
            version: begun.version,
            deadline: begun.deadline,
            monitor: &context.monitor,
            connections,
            bearers: Mutex::default(),
        };
        let working = tokio::time::timeout(call.remaining(), Box::pin(work.perform(&call)));
        let result = working
            .await
            .unwrap_or_else(|_| Err(timed_out(begun.timeout, &context.monitor)));
        match result {
            Ok(done) => Ok(work.without_secrets(done, call.redactor())),
            Err(error) => Err(redact::error(error, call.redactor(), W::CREATES)),
        }
    }
}

/// Who a client is, where, and where its pair is kept.
pub struct Identity {
    pub pair: Option<Pair>,
    pub base_url: String,
    /// None where it follows from the base URL.
    pub token_url: Option<String>,
    pub origin: Option<Store>,
    /// The version that its calls speak.
    pub version: &'static Version,
    /// The profile in force, where there is one.
    pub profile: Option<Profile>,
}

fn timed_out(timeout: Duration, monitor: &Monitor) -> Error {
    Error::new(
        Code::Timeout,
        format!(
            "no reply within {:.1} s (the call was {})",
            timeout.as_secs_f64(),
            monitor.doing()
        ),
    )
    .retryable()
    .with_remedy("check that the service can be reached, or give a longer timeoutMs")
}
