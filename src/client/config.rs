//! Turns settings and surroundings into what one call uses, and checks it: addresses, credential,
//! proxy, trust.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::Url;
use serde::Serialize;

use crate::api::version::Version;
use crate::client::address;
use crate::client::credential::{self, Bearer, Credential};
use crate::client::places::{Essentials, Place, PlacedValue, Walk};
use crate::client::proxy;
use crate::client::redact::Redactor;
use crate::client::settings::Settings;
use crate::client::tls::Trust;
use crate::client::transport::Wire;
use crate::error::{Code, Error, Result};
use crate::secret::Secret;

/// What one call uses.
pub struct Resolved {
    pub base_url: Url,
    pub token_url: TokenUrl,
    pub login: Login,
    pub credential: Arc<Credential>,
    pub wire: Wire,
    /// Where the three essentials came from, for messages.
    pub sources: Sources,
}

/// Where to sign in.
pub enum TokenUrl {
    /// Named by the settings.
    Given(String),
    /// Below the base URL; a vanity URL may send us on with its /oauth/info.
    Derived(String),
}

impl TokenUrl {
    pub fn as_str(&self) -> &str {
        match self {
            TokenUrl::Given(url) | TokenUrl::Derived(url) => url,
        }
    }
}

/// How to get a bearer.
pub enum Login {
    Pair {
        client_id: String,
        client_secret: Secret,
    },
    Bearer(Arc<Bearer>),
}

impl Resolved {
    /// The base URL without a slash at its end.
    pub fn base(&self) -> &str {
        self.base_url.as_str().trim_end_matches('/')
    }

    /// What must not show in any text of a call with these settings.
    pub fn redactor(&self, settings: &Settings) -> Redactor {
        let mut redactor = Redactor::default();
        match &self.login {
            Login::Pair {
                client_id,
                client_secret,
            } => redactor.hide_pair(client_id, client_secret.expose()),
            Login::Bearer(bearer) => redactor.hide(bearer.token.expose()),
        }
        for (user, password) in self.wire.proxy.logins() {
            redactor.hide_pair(user, password);
        }
        for (_, value) in &settings.default_headers {
            redactor.hide(value.expose());
        }
        redactor
    }
}

/// Resolves settings and what the walk found for them.
pub fn resolve(settings: &Settings, walk: &Walk) -> Result<Resolved> {
    let surroundings = &walk.surroundings;
    let essentials = &walk.essentials;
    let base = essentials.base_url.as_ref().ok_or_else(incomplete)?;
    let base_url = address::check_base(&base.place.to_string(), &base.value, settings)?;
    let profile = walk.profile.as_ref();
    let token_url = settings.token_url.as_ref();
    let token_url = match token_url.or(profile.and_then(|profile| profile.token_url.as_ref())) {
        Some(url) => {
            let url = address::check("tokenUrl", url, settings)?;
            goes_with(&url, &base_url, settings, essentials)?;
            TokenUrl::Given(url)
        }
        None => TokenUrl::Derived(format!("{base_url}/oauth/token")),
    };
    let (login, credential) = login(settings, essentials, &token_url, &base_url)?;
    let wire = Wire {
        proxy: proxy::of(settings, surroundings, [&base_url, token_url.as_str()])?,
        trust: trust(settings, walk, &base_url, &token_url),
        connect_timeout: settings.connect_timeout,
    };
    Ok(Resolved {
        base_url: Url::parse(&base_url).map_err(|_| incomplete())?,
        token_url,
        login,
        credential,
        wire,
        sources: Sources::of(essentials),
    })
}

/// A token URL that was given goes with a pair or a base URL that was given, too. The pair of another place is sent
/// to the host of its own tenant alone.
fn goes_with(
    token_url: &str,
    base_url: &str,
    settings: &Settings,
    essentials: &Essentials,
) -> Result<()> {
    let given = |found: &Option<PlacedValue>| {
        let found = found.as_ref();
        found.is_some_and(|found| matches!(found.place, Place::Setting(_)))
    };
    let origin = |url: &str| Url::parse(url).map(|url| url.origin());
    let is_at_home = origin(token_url) == origin(base_url);
    let is_the_users = given(&essentials.client_id) || given(&essentials.base_url);
    if settings.token_url.is_none() || is_at_home || is_the_users || settings.token.is_some() {
        return Ok(());
    }
    let place = essentials
        .client_id
        .as_ref()
        .map(|found| found.place.to_string());
    Err(Error::new(
        Code::SettingsMixed,
        format!(
            "the token URL {token_url} was given; client id and secret are from {}, whose tenant is {base_url}: a pair \
             only goes to its own tenant",
            place.unwrap_or_default()
        ),
    )
    .with_field("tokenUrl")
    .with_remedy("give baseUrl, or the pair, with the token URL, or leave it out"))
}

/// The settings in force and their places, for people; never a secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effective {
    pub base_url: String,
    pub token_url: String,
    pub client_id: Option<String>,
    pub api_version: &'static str,
    pub profile: Option<String>,
    pub proxy: Option<String>,
    pub sources: Sources,
}

/// Where each was found, in words; none where it was not needed. Never a secret.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sources {
    pub base_url: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
}

impl Sources {
    fn of(essentials: &Essentials) -> Self {
        let place =
            |found: &Option<PlacedValue>| found.as_ref().map(|found| found.place.to_string());
        Sources {
            base_url: place(&essentials.base_url),
            client_id: place(&essentials.client_id),
            client_secret: place(&essentials.client_secret),
        }
    }
}

pub fn effective(walk: &Walk, resolved: &Resolved, version: &Version) -> Effective {
    let client_id = walk.essentials.client_id.as_ref();
    let profile = walk.profile.as_ref();
    let proxy = resolved.wire.proxy.named(&resolved.base_url);
    Effective {
        base_url: resolved.base().to_owned(),
        token_url: resolved.token_url.as_str().to_owned(),
        client_id: client_id.map(|found| found.value.to_string()),
        api_version: version.name,
        profile: profile.map(|profile| profile.name.clone()),
        proxy: proxy.map(|proxy| proxy.url.clone()),
        sources: resolved.sources.clone(),
    }
}

fn incomplete() -> Error {
    Error::new(Code::Internal, "settings were complete and are not")
}

fn login(
    settings: &Settings,
    essentials: &Essentials,
    token_url: &TokenUrl,
    base_url: &str,
) -> Result<(Login, Arc<Credential>)> {
    if let Some(token) = &settings.token {
        let shared = credential::shared(&["bearer", base_url, token.expose()]);
        let bearer = given_bearer(token, settings.token_expiration);
        return Ok((Login::Bearer(Arc::new(bearer)), shared));
    }
    let (Some(id), Some(secret)) = (&essentials.client_id, &essentials.client_secret) else {
        return Err(incomplete());
    };
    for found in [id, secret] {
        if found.value.chars().any(char::is_control) {
            return Err(Error::setting(
                found.place.to_string(),
                "must not hold control characters",
            ));
        }
    }
    let shared = credential::shared(&[token_url.as_str(), &id.value, &secret.value]);
    let login = Login::Pair {
        client_id: id.value.to_string(),
        client_secret: Secret::new(secret.value.clone()),
    };
    Ok((login, shared))
}

/// A bearer that the caller brought along.
fn given_bearer(token: &Secret, expiration: Option<Timestamp>) -> Bearer {
    let left = expiration.map(|date| date.duration_since(Timestamp::now()));
    let left = left.map(|left| {
        if left.is_negative() {
            Duration::ZERO
        } else {
            left.unsigned_abs()
        }
    });
    Bearer {
        token: token.clone(),
        expires: left.map(|left| Instant::now() + left),
        base_url: None,
        renewable: false,
    }
}

/// Whom to trust; none where everything is plain http.
fn trust(settings: &Settings, walk: &Walk, base_url: &str, token_url: &TokenUrl) -> Option<Trust> {
    let surroundings = &walk.surroundings;
    let encrypted = [base_url, token_url.as_str()]
        .iter()
        .any(|url| url.starts_with("https:"));
    encrypted.then(|| Trust {
        ca_file: walk.ca_file.clone(),
        stamps: walk.stamps,
        ignores_process: settings.has_environment(),
        roots_file: surroundings.get("SSL_CERT_FILE").map(PathBuf::from),
        roots_folder: surroundings.get("SSL_CERT_DIR").map(PathBuf::from),
        anyone: settings.skip_certificate_check,
    })
}
