//! How we speak to the service: settings, credentials, connections, the retry law, and [`Client`] with
//! one method per operation.
//!
//! Async and typed; it calls `api`, and knows nothing of C, JSON envelopes or PowerShell.

pub mod address;
pub mod asking;
pub mod cancel;
pub mod config;
pub mod credential;
pub mod flights;
pub mod log;
pub mod lost;
pub mod monitor;
pub mod pacing;
pub mod pool;
pub mod proxy;
pub mod redact;
pub mod reply;
pub mod resolve;
pub mod retry;
pub mod send;
pub mod settings;
pub mod signin;
pub mod sources;
pub mod surroundings;
pub mod tls;
pub mod transport;
pub mod turn;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::api::create::Create;
use crate::api::id::TokenId;
use crate::api::list::{self, Owner};
use crate::api::request::{self, Request};
use crate::api::version::{self, Version};
use crate::client::asking::Asked;
use crate::client::config::{Login, Resolved, TokenUrl};
use crate::client::log::Level;
use crate::client::monitor::Monitor;
use crate::client::pool::Pool;
use crate::client::reply::Shape;
use crate::client::send::{Call, Door, Undelivered, send};
use crate::client::settings::Settings;
use crate::client::sources::{FromSource, Gathered};
use crate::client::surroundings::Surroundings;
use crate::client::transport::Raw;
use crate::error::{Code, Error, Headers, Result};
use crate::store::profiles::Profile;
use crate::store::{Pair, Store};

/// What a call is for.
#[derive(Clone, Copy)]
enum Work<'w> {
    Create(&'w Create),
    Run(&'w Request, Shape),
    Get(&'w TokenId),
    Delete(&'w TokenId),
    Bearer,
    SignIn,
}

/// A client: settings, and nothing else of its own. Bearers, connections and pacing belong to the
/// credential and are shared by every client that resolves to the same one.
#[derive(Default)]
pub struct Client {
    settings: Settings,
    /// How the settings last resolved, and from what.
    last: Mutex<Option<(Gathered, Arc<Resolved>)>>,
    asked: Asked,
    /// The same for the official command line's keyring entries.
    keyring: Asked,
}

/// What a call runs in: who watches it, and whose connections it uses.
#[derive(Clone, Default)]
pub struct Context {
    pub monitor: Arc<Monitor>,
    pub pool: Arc<Pool>,
    /// How to change the variables of this process, where that can be done.
    pub set_environment: Option<fn(&Pair) -> Result<()>>,
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

impl Answer {
    /// An answer that no single reply of the service gave.
    pub fn local(data: &impl serde::Serialize) -> Self {
        Answer {
            status: None,
            data: serde_json::to_vec(data).unwrap_or_default(),
            request_id: None,
            deprecated: false,
            note: None,
            headers: None,
            handed: None,
        }
    }
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

    /// The version that a call with these options speaks.
    pub fn version(&self, options: &Options) -> &'static Version {
        let given = options.version.or(self.settings.api_version);
        given.unwrap_or_else(|| {
            self.profile_version()
                .unwrap_or_else(version::default_version)
        })
    }

    /// The version that the profile in force names. What is wrong with the profile, the call itself says.
    fn profile_version(&self) -> Option<&'static Version> {
        if self.settings.profile.is_none() && self.settings.base_url.is_some() {
            return None;
        }
        let surroundings = Surroundings::new(self.settings.variables(), None);
        let profile = sources::profile(&self.settings, &surroundings).ok()??;
        version::find(&profile.api_version?).ok()
    }

    /// Makes a token. It is sent once; a lost reply is looked into and reported.
    pub async fn create(
        &self,
        create: &Create,
        options: Options,
        context: &Context,
    ) -> Result<Answer> {
        self.within(Work::Create(create), options, context).await
    }

    /// Lists tokens, or changes one: a request with one reply and no story of its own.
    pub async fn run(
        &self,
        request: &Request,
        shape: Shape,
        options: Options,
        context: &Context,
    ) -> Result<Answer> {
        self.within(Work::Run(request, shape), options, context)
            .await
    }

    /// Finds one token by its id: among one's own first, then in the whole tenant.
    pub async fn get(&self, id: &TokenId, options: Options, context: &Context) -> Result<Answer> {
        self.within(Work::Get(id), options, context).await
    }

    /// Removes a token. A 404 after an attempt whose reply was lost means that it is done.
    pub async fn delete(
        &self,
        id: &TokenId,
        options: Options,
        context: &Context,
    ) -> Result<Answer> {
        self.within(Work::Delete(id), options, context).await
    }

    /// The bearer that calls of this client use, signing in where none is good.
    pub async fn bearer(&self, options: Options, context: &Context) -> Result<Answer> {
        self.within(Work::Bearer, options, context).await
    }

    /// Signs in even where a bearer is good, and keeps the new one. The answer says where and for how long,
    /// and holds no secret.
    pub async fn sign_in(&self, options: Options, context: &Context) -> Result<Answer> {
        self.within(Work::SignIn, options, context).await
    }

    /// What a call made now would use.
    pub async fn resolved(&self) -> Result<Arc<Resolved>> {
        let gathered = self.gather(false).await?;
        self.resolve(gathered)
    }

    /// What a call would use, and where it was found; never a secret.
    pub async fn effective_settings(&self, options: &Options) -> Result<Answer> {
        let gathered = self.gather(false).await?;
        let effective = config::effective(&self.settings, &gathered, self.version(options))?;
        Ok(Answer::local(&effective))
    }

    /// The pair in force, none with a bearer; the tenant; and the store that the pair can go back to.
    pub async fn identity(&self) -> Result<Identity> {
        self.identity_of(self.gather(false).await?)
    }

    /// The same, and nothing that a slow source gave before is trusted.
    pub async fn identity_now(&self) -> Result<Identity> {
        self.identity_of(self.gather(true).await?)
    }

    fn identity_of(&self, gathered: Gathered) -> Result<Identity> {
        let origin = config::origin(&self.settings, &gathered)?;
        let profile = gathered.profile.clone();
        let resolved = self.resolve(gathered)?;
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
        Ok(Identity {
            pair,
            base_url: resolved.base().to_owned(),
            token_url,
            origin,
            profile,
        })
    }

    /// The pair in the variables that this client reads, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET.
    pub fn pair_of_variables(&self) -> Option<Pair> {
        let surroundings = Surroundings::new(self.settings.variables(), None);
        let (id, secret) = (
            surroundings.get("SAIL_CLIENT_ID")?,
            surroundings.get("SAIL_CLIENT_SECRET")?,
        );
        Some(Pair::new(id, Zeroizing::new(secret.to_owned())))
    }

    /// A client that stays with this tenant and this credential, whatever its surroundings say later.
    pub fn pinned(&self, identity: &Identity) -> Self {
        let pair = identity.pair.as_ref();
        Client::new(Settings {
            base_url: Some(identity.base_url.clone()),
            token_url: identity.token_url.clone(),
            client_id: pair.map(|pair| pair.client_id.clone()),
            client_secret: pair.map(|pair| pair.client_secret.clone()),
            source: None,
            profile: None,
            ..self.settings.clone()
        })
    }

    /// Does what a call is for, once.
    async fn perform(&self, work: Work<'_>, call: &Call<'_>) -> Result<Answer> {
        match work {
            Work::Create(create) => {
                let raw = lost::create(call, create).await?;
                self.answer(raw, Shape::Object)
            }
            Work::Run(request, shape) => match send(call, Door::Service, request).await {
                Ok(delivered) => self.answer(delivered.raw, shape),
                Err(undelivered) => Err(told_what_may_have_happened(request, undelivered)),
            },
            Work::Get(id) => self.find(call, id).await,
            Work::Delete(id) => {
                let request = request::delete(call.version, id);
                match send(call, Door::Service, &request).await {
                    Ok(delivered) => self.answer(delivered.raw, Shape::Nothing),
                    Err(undelivered) => self.gone(undelivered),
                }
            }
            Work::Bearer => {
                let (bearer, _) = signin::bearer(call).await?;
                let token_url = call.resolved.token_url.as_str();
                Ok(Answer::local(&signin::shown(&bearer, token_url)))
            }
            Work::SignIn => Ok(Answer::local(&signin::anew(call).await?)),
        }
    }

    async fn find(&self, call: &Call<'_>, id: &TokenId) -> Result<Answer> {
        match self.find_in(call, &Owner::Me, id).await {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => {}
            Err(error) if error.code() == Code::Forbidden => {}
            Err(error) => return Err(error),
        }
        match self.find_in(call, &Owner::Everyone, id).await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(not_found()),
            Err(error) if error.code() == Code::Forbidden => Err(not_visible(error)),
            Err(error) => Err(error),
        }
    }

    fn gone(&self, undelivered: Undelivered) -> Result<Answer> {
        let detail = undelivered.error.detail();
        if !(undelivered.lost_before && detail.status == Some(404)) {
            return Err(undelivered.error);
        }
        Ok(Answer {
            status: Some(204),
            data: Vec::new(),
            request_id: detail.tracking_id.clone(),
            deprecated: false,
            note: Some("an earlier attempt, whose reply was lost, may have removed the token: this one found none (404)".to_owned()),
            headers: detail.headers.clone().filter(|_| self.settings.reply_headers),
            handed: None,
        })
    }

    async fn find_in(
        &self,
        call: &Call<'_>,
        owner: &Owner,
        id: &TokenId,
    ) -> Result<Option<Answer>> {
        let request = list::request(call.version, owner, None);
        let delivered = send(call, Door::Service, &request)
            .await
            .map_err(|lost| lost.error)?;
        reply::check(&delivered.raw, Shape::Array)?;
        let found =
            list::find(&delivered.raw.body, id)?.map(|token| token.get().as_bytes().to_vec());
        found
            .map(|data| {
                self.answer(
                    Raw {
                        body: data,
                        ..delivered.raw
                    },
                    Shape::Object,
                )
            })
            .transpose()
    }

    fn answer(&self, raw: Raw, shape: Shape) -> Result<Answer> {
        reply::check(&raw, shape)?;
        Ok(Answer {
            status: Some(raw.status),
            request_id: reply::request_id(&raw.headers),
            deprecated: reply::is_deprecated(&raw.headers),
            note: None,
            headers: self
                .settings
                .reply_headers
                .then(|| reply::all_headers(&raw.headers)),
            data: if shape == Shape::Nothing {
                Vec::new()
            } else {
                raw.body
            },
            handed: None,
        })
    }

    /// The server's clock, judged by its last reply to this credential; else this machine's.
    pub async fn server_time(&self) -> Timestamp {
        let resolved = match self.gather(false).await {
            Ok(gathered) => self.resolve(gathered).ok(),
            Err(_) => None,
        };
        resolved
            .and_then(|resolved| resolved.credential.server_time())
            .unwrap_or_else(Timestamp::now)
    }

    /// Reads what a call depends on; `anew` does not trust what a slow source gave before.
    async fn gather(&self, anew: bool) -> Result<Gathered> {
        let surroundings = Surroundings::new(self.settings.variables(), None);
        let profile = sources::profile(&self.settings, &surroundings)?;
        let source = if config::wants_source(&self.settings) {
            self.ask(profile.as_ref(), anew).await?
        } else {
            None
        };
        let asked = sources::Asked {
            surroundings,
            profile,
            source,
        };
        let gathered = config::gather(&self.settings, asked);
        match config::keyring_to_ask(&self.settings, &gathered) {
            Some(store) => Ok(gathered.with_keyring(self.keyring.ask(&store, anew).await?)),
            None => Ok(gathered),
        }
    }

    /// What the settings' source gives, else the profile's.
    async fn ask(&self, profile: Option<&Profile>, anew: bool) -> Result<Option<FromSource>> {
        let store = match (&self.settings.source, profile) {
            (Some(store), _) => store,
            (None, None) => return Ok(None),
            (None, Some(profile)) => &profile.store,
        };
        self.asked.ask(store, anew).await.map(Some)
    }

    /// Resolves the settings, unless nothing that they depend on has changed since the last call.
    fn resolve(&self, gathered: Gathered) -> Result<Arc<Resolved>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((before, resolved)) = &*last
            && *before == gathered
        {
            return Ok(resolved.clone());
        }
        let resolved = Arc::new(config::resolve(&self.settings, &gathered)?);
        *last = Some((gathered, resolved.clone()));
        Ok(resolved)
    }

    /// Runs an operation with resolved settings inside one deadline; its error leaves without secrets. When
    /// the credential is refused, its source is read again: somebody may just have rotated it.
    async fn within(&self, work: Work<'_>, options: Options, context: &Context) -> Result<Answer> {
        let timeout = options.timeout.unwrap_or(self.settings.timeout);
        let deadline = Instant::now() + timeout;
        let gathering = tokio::time::timeout(timeout, self.gather(false));
        let gathered = gathering
            .await
            .unwrap_or_else(|_| Err(self.late_source(timeout, &context.monitor)))?;
        let resolved = self.resolve(gathered)?;
        let result = self
            .attempt(work, &resolved, options, deadline, context)
            .await;
        let Err(error) = &result else { return result };
        let is_sent_create = matches!(work, Work::Create(_)) && error.code() == Code::Unauthorized;
        if is_sent_create || !may_be_rotated(error) {
            return result;
        }
        let Ok(now) = tokio::time::timeout_at(deadline.into(), self.gather(true))
            .await
            .unwrap_or_else(|_| Err(self.late_source(timeout, &context.monitor)))
            .and_then(|gathered| self.resolve(gathered))
        else {
            return result;
        };
        if now.credential.number == resolved.credential.number {
            return result;
        }
        let monitor = &context.monitor;
        monitor.note(
            Level::Info,
            "the credential was refused and has changed: again with the new one",
        );
        self.attempt(work, &now, options, deadline, context).await
    }

    /// The error of a call whose time was over before it knew its settings.
    fn late_source(&self, timeout: Duration, monitor: &Monitor) -> Error {
        let late = self.asked.named_in(timed_out(timeout, monitor));
        self.keyring.named_in(late)
    }

    async fn attempt(
        &self,
        work: Work<'_>,
        resolved: &Resolved,
        options: Options,
        deadline: Instant,
        context: &Context,
    ) -> Result<Answer> {
        let connections = context
            .pool
            .connections(&resolved.credential, &resolved.wire, deadline)
            .await?;
        let call = Call {
            settings: &self.settings,
            resolved,
            version: self.version(&options),
            deadline,
            monitor: &context.monitor,
            connections,
            bearers: Mutex::default(),
        };
        let result =
            match tokio::time::timeout(call.remaining(), Box::pin(self.perform(work, &call))).await
            {
                Ok(result) => result,
                Err(_) => {
                    let timeout = options.timeout.unwrap_or(self.settings.timeout);
                    Err(timed_out(timeout, &context.monitor))
                }
            };
        result.map_err(|error| call.without_secrets(error))
    }
}

/// Who a client is, where, and where its pair is kept.
pub struct Identity {
    pub pair: Option<Pair>,
    pub base_url: String,
    /// None where it follows from the base URL.
    pub token_url: Option<String>,
    pub origin: Option<Store>,
    /// The profile in force, where there is one.
    pub profile: Option<Profile>,
}

/// Whether a refusal is what a process sees whose credential was rotated by another one.
fn may_be_rotated(error: &Error) -> bool {
    error.code() == Code::SignInFailed || error.code() == Code::Unauthorized
}

/// A change that may have been made, and must not be made twice, is not called retryable.
fn told_what_may_have_happened(request: &Request, undelivered: Undelivered) -> Error {
    let mut error = undelivered.error;
    if undelivered.may_have_acted && !request.repeatable {
        let detail = error.detail_mut();
        detail.retryable = false;
        detail
            .message
            .push_str("; whether the change was made is not known");
        detail.remedy = Some("look at the token before you change it again".to_owned());
    }
    error
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

fn not_found() -> Error {
    Error::new(
        Code::NotFound,
        "no token of this id: neither among one's own nor in the tenant",
    )
    .with_field("id")
    .with_remedy("check the id with a list")
}

fn not_visible(mut error: Error) -> Error {
    let detail = error.detail_mut();
    detail.code = Code::NotVisible;
    detail.message = "the token is not among one's own, and the tenant's may not be listed (403): \
                      whether it exists cannot be seen"
        .to_owned();
    detail.remedy =
        Some("use a credential with the right idn:all-personal-access-tokens:read".to_owned());
    error
}
