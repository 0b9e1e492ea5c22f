//! Turns settings and surroundings into what one call uses, and checks it: addresses, credential,
//! proxy, trust.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::Url;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::api::version::Version;
use crate::client::credential::{self, Bearer, Credential};
use crate::client::redact::Redactor;
use crate::client::settings::{ProxyChoice, ProxySettings, Settings};
use crate::client::sources::{self, Asked, Essentials, Found, Gathered, Needs, Place};
use crate::client::surroundings::Surroundings;
use crate::client::tls::Trust;
use crate::client::transport::{ProxyRoute, Wire};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::Store;
use crate::store::file::{Format, PairFile};

/// What one call uses.
pub struct Resolved {
    pub base_url: Url,
    pub token_url: TokenUrl,
    pub login: Login,
    pub credential: Arc<Credential>,
    pub wire: Wire,
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
        if let Some(ProxyRoute {
            login: Some((user, password)),
            ..
        }) = &self.wire.proxy
        {
            redactor.hide_pair(user, password);
        }
        for (_, value) in &settings.default_headers {
            redactor.hide(value.expose());
        }
        redactor
    }
}

/// Reads what a call depends on besides its settings and what was asked for already.
pub fn gather(settings: &Settings, asked: Asked) -> Gathered {
    sources::gather(settings, needs(settings), asked)
}

/// Whether a call needs what the settings' source holds.
pub fn wants_source(settings: &Settings) -> bool {
    sources::wants_source(settings, needs(settings))
}

/// The keyring account that may complete what was gathered.
pub fn keyring_to_ask(settings: &Settings, gathered: &Gathered) -> Option<Store> {
    sources::keyring_to_ask(settings, gathered, needs(settings))
}

/// Resolves settings and what was gathered for them.
pub fn resolve(settings: &Settings, gathered: &Gathered) -> Result<Resolved> {
    let surroundings = &gathered.surroundings;
    let essentials = sources::find(settings, gathered, needs(settings))?;
    let base = essentials.base_url.as_ref().ok_or_else(incomplete)?;
    let base_url = address(&base.place.to_string(), &base.value, settings)?;
    let profile = gathered.profile.as_ref();
    let token_url = settings.token_url.as_ref();
    let token_url = match token_url.or(profile.and_then(|profile| profile.token_url.as_ref())) {
        Some(url) => TokenUrl::Given(address("tokenUrl", url, settings)?),
        None => TokenUrl::Derived(format!("{base_url}/oauth/token")),
    };
    let (login, credential) = login(settings, &essentials, &token_url, &base_url)?;
    let wire = Wire {
        proxy: proxy(settings, surroundings, &base_url)?,
        trust: trust(settings, gathered, &base_url, &token_url),
        connect_timeout: settings.connect_timeout,
    };
    Ok(Resolved {
        base_url: Url::parse(&base_url).map_err(|_| incomplete())?,
        token_url,
        login,
        credential,
        wire,
    })
}

/// The settings in force and their places, for people; never a secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effective {
    base_url: String,
    token_url: String,
    client_id: Option<String>,
    api_version: &'static str,
    profile: Option<String>,
    proxy: Option<String>,
    sources: Places,
}

/// Where each was found.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Places {
    base_url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

pub fn effective(settings: &Settings, gathered: &Gathered, version: &Version) -> Result<Effective> {
    let resolved = resolve(settings, gathered)?;
    let essentials = sources::find(settings, gathered, needs(settings))?;
    let place = |found: &Option<Found>| found.as_ref().map(|found| found.place.to_string());
    Ok(Effective {
        base_url: resolved.base().to_owned(),
        token_url: resolved.token_url.as_str().to_owned(),
        client_id: essentials
            .client_id
            .as_ref()
            .map(|found| found.value.to_string()),
        api_version: version.name,
        profile: gathered
            .profile
            .as_ref()
            .map(|profile| profile.name.clone()),
        proxy: resolved.wire.proxy.map(|proxy| proxy.url),
        sources: Places {
            base_url: place(&essentials.base_url),
            client_id: place(&essentials.client_id),
            client_secret: place(&essentials.client_secret),
        },
    })
}

/// The place that the pair in force can be stored in again: where both halves came from.
pub fn origin(settings: &Settings, gathered: &Gathered) -> Result<Option<Store>> {
    let essentials = sources::find(settings, gathered, needs(settings))?;
    let (Some(id), Some(secret)) = (&essentials.client_id, &essentials.client_secret) else {
        return Ok(None);
    };
    if id.place != secret.place {
        return Ok(None);
    }
    Ok(match &id.place {
        Place::Source(_) => gathered
            .source
            .as_ref()
            .and_then(|source| source.origin.clone()),
        Place::File(path) if path.extension().is_some_and(|end| end == "json") => {
            Some(Store::File(PairFile {
                path: path.clone(),
                format: Format::Json,
            }))
        }
        Place::File(_) | Place::Keyring(_) => gathered.environment().map(Store::CommandLine),
        Place::Setting(_) | Place::Variable(_) | Place::Profile(_) => None,
    })
}

fn needs(settings: &Settings) -> Needs {
    if settings.token.is_some() {
        Needs::BaseUrl
    } else {
        Needs::Everything
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

/// Checks a URL and returns it without a slash at its end.
pub fn address(what: &str, text: &str, settings: &Settings) -> Result<String> {
    let wrong = |rule: &str| Err(Error::setting(what, rule));
    let Ok(url) = Url::parse(text) else {
        return wrong("must be a URL with its scheme, as https://tenant.api.identitynow.com");
    };
    if !matches!(url.scheme(), "https" | "http") || url.cannot_be_a_base() {
        return wrong("must start with https://, as https://tenant.api.identitynow.com");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("must not hold a user name or password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("must not hold a query or fragment");
    }
    if url.scheme() == "http" && !may_be_plain(&url, settings) {
        return Err(Error::setting(
            what,
            "must be https: over http to a remote host everybody on the way reads the secret",
        )
        .with_remedy("write https://, or name the host in allowHttpHosts"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Plain http stays on this machine, unless the settings name the host.
fn may_be_plain(url: &Url, settings: &Settings) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
        || settings
            .allow_http_hosts
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(host))
}

/// The proxy for `url`: the settings', else the environment's for its scheme. Plain http goes through a
/// proxy on this machine only, or one that the settings allow: it reads the secret.
fn proxy(
    settings: &Settings,
    surroundings: &Surroundings,
    url: &str,
) -> Result<Option<ProxyRoute>> {
    let encrypted = url.starts_with("https:");
    match &settings.proxy {
        Some(ProxyChoice::None) => Ok(None),
        Some(ProxyChoice::Through(chosen)) => {
            let route = chosen_route(chosen)?;
            if !encrypted && !route.may_read_along(settings) {
                return Err(Error::setting(
                    "proxy",
                    "is not on this machine and would read the secret that goes to an http base URL",
                )
                .with_remedy("write https:// in the base URL, or name the proxy's host in allowHttpHosts"));
            }
            Ok(Some(route))
        }
        None => {
            let route = route_of_environment(surroundings, encrypted)?;
            Ok(route.filter(|route| encrypted || route.may_read_along(settings)))
        }
    }
}

fn chosen_route(chosen: &ProxySettings) -> Result<ProxyRoute> {
    let login = chosen
        .login
        .as_ref()
        .map(|(user, password)| (user.clone(), Zeroizing::new(password.expose().to_owned())));
    ProxyRoute::new("proxy", &chosen.url, login, chosen.bypass.join(","))
}

/// The variables that may name the proxy, the first that is set counts.
pub fn proxy_variables(encrypted: bool) -> &'static [&'static str] {
    if encrypted {
        &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    } else {
        &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    }
}

fn route_of_environment(
    surroundings: &Surroundings,
    encrypted: bool,
) -> Result<Option<ProxyRoute>> {
    let Some((name, url)) = surroundings.first_of(proxy_variables(encrypted)) else {
        return Ok(None);
    };
    let bypass = surroundings.first_of(&["no_proxy", "NO_PROXY"]);
    let bypass = bypass.map(|(_, list)| list.to_owned()).unwrap_or_default();
    ProxyRoute::new(name, url, None, bypass).map(Some)
}

impl ProxyRoute {
    /// Whether plain http may pass through it.
    fn may_read_along(&self, settings: &Settings) -> bool {
        Url::parse(&self.url).is_ok_and(|url| may_be_plain(&url, settings))
    }
}

/// Whom to trust; none where everything is plain http.
fn trust(
    settings: &Settings,
    gathered: &Gathered,
    base_url: &str,
    token_url: &TokenUrl,
) -> Option<Trust> {
    let surroundings = &gathered.surroundings;
    let encrypted = [base_url, token_url.as_str()]
        .iter()
        .any(|url| url.starts_with("https:"));
    encrypted.then(|| Trust {
        ca_file: gathered.ca_file.clone(),
        stamps: gathered.stamps,
        ignores_process: settings.has_environment(),
        roots_file: surroundings.get("SSL_CERT_FILE").map(PathBuf::from),
        roots_folder: surroundings.get("SSL_CERT_DIR").map(PathBuf::from),
        anyone: settings.skip_certificate_check,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<String> {
        let settings = Settings {
            allow_http_hosts: vec!["emulator.test".into()],
            ..Settings::default()
        };
        address("baseUrl", text, &settings)
    }

    #[test]
    fn good_addresses_lose_their_last_slash() {
        for (text, expected) in [
            (
                "https://t.api.identitynow.com",
                "https://t.api.identitynow.com",
            ),
            (
                "https://t.api.identitynow.com/",
                "https://t.api.identitynow.com",
            ),
            ("https://gateway/sail//", "https://gateway/sail"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost", "http://localhost"),
            ("http://emulator.test", "http://emulator.test"),
        ] {
            assert_eq!(check(text).unwrap(), expected);
        }
    }

    #[test]
    fn bad_addresses_name_the_rule() {
        for (text, rule) in [
            ("t.api.identitynow.com", "with its scheme"),
            ("localhost:8080", "must start with https://"),
            ("ftp://t", "must start with https://"),
            ("http://t.api.identitynow.com", "must be https"),
            ("http://127.0.0.1.evil.test", "must be https"),
            ("https://user:pw@t", "must not hold a user name"),
            ("https://t?x=1", "must not hold a query"),
            ("", "with its scheme"),
        ] {
            let error = check(text).unwrap_err();
            assert!(error.to_string().contains(rule), "{text}: {error}");
            assert!(!error.to_string().contains("pw"));
        }
    }

    #[test]
    fn the_environment_names_the_proxy_for_the_scheme() {
        let variables = [
            ("HTTPS_PROXY", "http://p:1"),
            ("http_proxy", "http://127.0.0.1:2"),
            ("NO_PROXY", "a,b"),
        ]
        .map(|(name, value)| {
            (
                name.to_owned(),
                Secret::new(Zeroizing::new(value.to_owned())),
            )
        });
        let surroundings = Surroundings::new(Arc::new(variables.to_vec()), None);
        let mut settings = Settings::default();
        let url = |settings: &Settings, to: &str| {
            proxy(settings, &surroundings, to)
                .unwrap()
                .map(|route| route.url)
        };
        assert_eq!(url(&settings, "https://t").as_deref(), Some("http://p:1/"));
        assert_eq!(
            url(&settings, "http://t").as_deref(),
            Some("http://127.0.0.1:2/")
        );
        settings.proxy = Some(ProxyChoice::None);
        assert_eq!(url(&settings, "https://t"), None);
    }
}
