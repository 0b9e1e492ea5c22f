//! Settings as a caller gives them, with defaults and limits. What is left out comes from the
//! surroundings (see `config`).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::api::fields::{Fields, Remedy};
use crate::api::id;
use crate::api::value;
use crate::api::version::{self, Version};
use crate::client::pacing::Rate;
use crate::client::retry::Law;
use crate::client::surroundings::{Surroundings, Variables};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::store::profiles::ProfileFiles;
use crate::store::{Store, official, path};

/// One deadline for a whole call, sign-in, waits and retries included.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(100);
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A list of a million tokens has some 350 MB.
pub const DEFAULT_MAXIMUM_REPLY_BYTES: u64 = 512 * 1024 * 1024;
const LONGEST_TIMEOUT_MS: f64 = 24.0 * 3_600_000.0;

/// Settings that may be left out, and what then counts. `null` is the same as leaving out.
const LEFT_OUT: &[Remedy] = &[
    ("baseUrl", "leave it out to go by variables and files"),
    ("tokenUrl", "leave it out to sign in below the base URL"),
    ("clientId", "leave it out to go by variables and files"),
    ("clientSecret", "leave it out to go by variables and files"),
    ("token", "leave it out to sign in"),
    ("apiVersion", "leave it out for the default one"),
    (
        "proxy",
        "leave it out to go by variables, or give false for none",
    ),
    ("caFile", "leave it out to trust the system's own alone"),
    ("allowHttpHosts", "leave it out for none"),
    ("defaultHeaders", "leave it out for none"),
    ("consumerIdentifier", "leave it out for none"),
    ("consumerVersion", "leave it out for none"),
    ("workingDirectory", "leave it out for the process's own"),
    (
        "stateFolder",
        "leave it out for SAILPAT_HOME, else ~/.sailpat",
    ),
];
/// Settings that choose tenant and credential: without them it is another one, so `null` is refused, too.
const CHOSEN: &[Remedy] = &[
    (
        "profile",
        "leave it out for what variables and files say, else the default profile",
    ),
    (
        "source",
        "name one store in it, or leave it out to go by variables and files",
    ),
];

/// Where requests go through.
#[derive(Clone, Debug)]
pub enum ProxyChoice {
    /// Straight, whatever the environment says.
    None,
    Through(ProxySettings),
}

#[derive(Clone, Debug)]
pub struct ProxySettings {
    pub url: String,
    pub login: Option<(String, Secret)>,
    /// Hosts and `.domains` that are reached straight.
    pub bypass: Vec<String>,
}

/// Explicit settings. All are optional; `Settings::default()` follows the surroundings.
#[derive(Clone, Debug)]
pub struct Settings {
    pub base_url: Option<String>,
    pub token_url: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    /// A bearer to use as it is, instead of signing in.
    pub token: Option<Secret>,
    pub token_expiration: Option<Timestamp>,
    /// None: the profile's, else the default one.
    pub api_version: Option<&'static Version>,
    pub proxy: Option<ProxyChoice>,
    pub ca_file: Option<PathBuf>,
    pub skip_certificate_check: bool,
    pub timeout: Duration,
    pub connect_timeout: Duration,
    pub law: Law,
    pub rate: Option<Rate>,
    pub maximum_reply_bytes: u64,
    /// Remote hosts that may be spoken to over plain http.
    pub allow_http_hosts: Vec<String>,
    pub default_headers: Vec<(String, Secret)>,
    pub consumer: Option<String>,
    /// Put the reply's headers into `meta`.
    pub reply_headers: bool,
    /// Put the call's log lines into `meta`.
    pub reply_log: bool,
    /// Where client id and secret come from, before variables and files.
    pub source: Option<Store>,
    /// The profile that says which tenant, and as whom. Explicit settings go before it.
    pub profile: Option<String>,
    /// The library's own folder: journals of rotations, profiles, change log.
    pub state_folder: Option<PathBuf>,
    /// Write every change that this library makes to the change log; none: as SAILPAT_CHANGE_LOG says.
    pub change_log: Option<bool>,
    pub snapshot: Option<Snapshot>,
    /// The official command line's file as the last call understood it.
    pub official: official::Last,
}

/// The surroundings as a caller saw them; each part counts on its own.
#[derive(Clone, Default)]
pub struct Snapshot {
    pub environment: Option<Arc<Variables>>,
    pub working_directory: Option<PathBuf>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("working_directory", &self.working_directory)
            .finish_non_exhaustive()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            base_url: None,
            token_url: None,
            client_id: None,
            client_secret: None,
            token: None,
            token_expiration: None,
            api_version: None,
            proxy: None,
            ca_file: None,
            skip_certificate_check: false,
            timeout: DEFAULT_TIMEOUT,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            law: Law::default(),
            rate: Some(Rate::default()),
            maximum_reply_bytes: DEFAULT_MAXIMUM_REPLY_BYTES,
            allow_http_hosts: Vec::new(),
            default_headers: Vec::new(),
            consumer: None,
            reply_headers: false,
            reply_log: false,
            source: None,
            profile: None,
            state_folder: None,
            change_log: None,
            snapshot: None,
            official: official::Last::default(),
        }
    }
}

impl Settings {
    /// Reads settings from their JSON form; an unknown or wrong field is named.
    pub fn parse(json: &str) -> Result<Self> {
        let mut fields = Fields::of_settings(json)?;
        fields.never_empty(LEFT_OUT)?;
        fields.never_null(CHOSEN)?;
        let f = &mut fields;
        let default = Settings::default();
        let snapshot = snapshot(f)?;
        let folder = folder(snapshot.as_ref());
        let source = source(f, snapshot.as_ref())?;
        let home = Surroundings::new(variables(snapshot.as_ref()), None);
        let path_in = |f: &mut Fields<'_>, field, folder: Option<&Path>| {
            let text = f.string(field)?;
            let path = text.map(|text| path::given(&text, folder, home.home()));
            path.transpose().map_err(|rule| f.breaks(field, rule))
        };
        let state_folder = path_in(f, "stateFolder", folder.as_deref())?;
        // Below the working directory of each call, where it is relative.
        let ca_file = path_in(f, "caFile", None)?;
        let settings = Settings {
            base_url: f.string("baseUrl")?,
            token_url: f.string("tokenUrl")?,
            client_id: client_id(f)?,
            client_secret: secret(f, "clientSecret")?,
            token: secret(f, "token")?,
            token_expiration: f.instant("tokenExpiration")?,
            api_version: api_version(f)?,
            proxy: proxy(f)?,
            ca_file,
            skip_certificate_check: f.boolean("skipCertificateCheck")?.unwrap_or(false),
            timeout: milliseconds(f, "timeoutMs")?.unwrap_or(default.timeout),
            connect_timeout: milliseconds(f, "connectTimeoutMs")?
                .unwrap_or(default.connect_timeout),
            law: law(f)?,
            rate: rate(f)?,
            maximum_reply_bytes: maximum_reply_bytes(f)?.unwrap_or(default.maximum_reply_bytes),
            allow_http_hosts: f.strings("allowHttpHosts")?.unwrap_or_default(),
            default_headers: default_headers(f)?,
            consumer: consumer(f)?,
            reply_headers: f.boolean("replyHeaders")?.unwrap_or(false),
            reply_log: f.boolean("replyLog")?.unwrap_or(false),
            source,
            profile: f.string("profile")?,
            state_folder,
            change_log: f.boolean("changeLog")?,
            snapshot,
            official: default.official,
        };
        fields.finish()?;
        Ok(settings)
    }

    /// The variables to look at: the caller's snapshot, else the process's own.
    pub fn variables(&self) -> Arc<Variables> {
        variables(self.snapshot.as_ref())
    }

    /// Whether the caller handed over its environment.
    pub fn has_environment(&self) -> bool {
        self.snapshot
            .as_ref()
            .is_some_and(|snapshot| snapshot.environment.is_some())
    }

    /// The folder to look in: the caller's, else the process's own.
    pub fn working_directory(&self) -> Option<PathBuf> {
        folder(self.snapshot.as_ref())
    }

    /// Variables and folder together.
    pub fn surroundings(&self) -> Surroundings {
        Surroundings::new(self.variables(), self.working_directory())
    }

    /// Whether changes are logged: as set, else as the variable SAILPAT_CHANGE_LOG says.
    pub fn logs_changes(&self) -> bool {
        self.change_log.unwrap_or_else(|| {
            let surroundings = Surroundings::new(self.variables(), None);
            let said = surroundings.get("SAILPAT_CHANGE_LOG");
            said.is_some_and(|said| {
                ["1", "true", "yes", "on"].contains(&said.to_ascii_lowercase().as_str())
            })
        })
    }

    /// Where profiles are looked for.
    pub fn profile_files(&self) -> Result<ProfileFiles> {
        let surroundings = self.surroundings();
        Ok(ProfileFiles {
            state: self.state_folder()?,
            home: surroundings.home().map(Path::to_owned),
            official: self.official.clone(),
        })
    }

    /// The library's own folder: as set, else SAILPAT_HOME, else ~/.sailpat.
    pub fn state_folder(&self) -> Result<PathBuf> {
        if let Some(folder) = &self.state_folder {
            return Ok(folder.clone());
        }
        self.surroundings().state_folder().map_err(|why| {
            Error::setting(
                "stateFolder",
                format!("no home folder is known to keep it in: {why}"),
            )
            .with_remedy("set stateFolder or SAILPAT_HOME")
        })
    }
}

/// The caller's variables, else the process's own.
fn variables(snapshot: Option<&Snapshot>) -> Arc<Variables> {
    let given = snapshot.and_then(|snapshot| snapshot.environment.clone());
    given.unwrap_or_else(Variables::of_process)
}

/// The caller's folder, else the process's own.
fn folder(snapshot: Option<&Snapshot>) -> Option<PathBuf> {
    let given = snapshot.and_then(|snapshot| snapshot.working_directory.clone());
    given.or_else(|| std::env::current_dir().ok())
}

/// A store that a pair can be read from.
fn source(fields: &mut Fields<'_>, snapshot: Option<&Snapshot>) -> Result<Option<Store>> {
    let Some(inner) = fields.object("source")? else {
        return Ok(None);
    };
    let surroundings = Surroundings::new(variables(snapshot), folder(snapshot));
    Store::parse(inner, surroundings.working_directory(), surroundings.home()).map(Some)
}

/// A time in milliseconds, at least 1 and at most a day.
pub fn milliseconds(fields: &mut Fields<'_>, field: &'static str) -> Result<Option<Duration>> {
    match fields.positive(field)? {
        None => Ok(None),
        Some(ms) if (1.0..=LONGEST_TIMEOUT_MS).contains(&ms) => {
            Ok(Some(Duration::from_secs_f64(ms / 1_000.0)))
        }
        Some(_) => Err(fields.breaks(field, "must be between 1 and 86400000 milliseconds")),
    }
}

/// The version that a request or settings name.
pub fn api_version(fields: &mut Fields<'_>) -> Result<Option<&'static Version>> {
    match fields.string("apiVersion")? {
        None => Ok(None),
        Some(name) => version::find(&name)
            .map(Some)
            .map_err(|error| fields.breaks("apiVersion", rule_of(&error))),
    }
}

/// The rule without the field's name in front.
fn rule_of(error: &Error) -> String {
    let text = error.to_string();
    text.split_once(": ")
        .map_or(text.clone(), |(_, rule)| rule.to_owned())
}

/// A client id, which is shown and so must not be a secret.
pub fn client_id(fields: &mut Fields<'_>) -> Result<Option<String>> {
    match fields.string("clientId")? {
        Some(id) if id::has_form_of_secret(&id) => {
            Err(fields.breaks("clientId", id::SECRET_FOR_ID))
        }
        id => Ok(id),
    }
}

fn secret(fields: &mut Fields<'_>, field: &'static str) -> Result<Option<Secret>> {
    let text = fields.secret(field)?.map(|text| value::owned(&text));
    if text
        .as_ref()
        .is_some_and(|text| text.chars().any(char::is_control))
    {
        return Err(fields.breaks(field, "must not hold control characters"));
    }
    Ok(text.map(Secret::new))
}

fn law(fields: &mut Fields<'_>) -> Result<Law> {
    let default = Law::default();
    let retries = match fields.integer("maximumRetryCount")? {
        None => default.maximum_retries,
        Some(count @ 0..=100) => count as u32,
        Some(_) => return Err(fields.breaks("maximumRetryCount", "must be between 0 and 100")),
    };
    let interval = match fields.positive("retryIntervalSeconds")? {
        None => default.interval,
        Some(seconds) if seconds <= 3_600.0 => Duration::from_secs_f64(seconds),
        Some(_) => {
            return Err(fields.breaks("retryIntervalSeconds", "must be between 0 and 3600 seconds"));
        }
    };
    Ok(Law {
        maximum_retries: retries,
        interval,
    })
}

/// `null` means no pacing, so absent and null differ here.
fn rate(fields: &mut Fields<'_>) -> Result<Option<Rate>> {
    let Some(raw) = fields.raw_or_null("rateLimit") else {
        return Ok(Some(Rate::default()));
    };
    if raw.get() == "null" {
        return Ok(None);
    }
    let mut rate = fields.nested("rateLimit", raw)?;
    let requests = rate.integer("requests")?;
    let requests = rate.required("requests", requests)?;
    let seconds = rate.positive("perSeconds")?;
    let seconds = rate.required("perSeconds", seconds)?;
    if !(1..=1_000_000).contains(&requests) {
        return Err(rate.breaks("requests", "must be between 1 and 1000000"));
    }
    if seconds <= 0.0 || seconds > 3_600.0 {
        return Err(rate.breaks("perSeconds", "must be above 0 and at most 3600"));
    }
    rate.finish()?;
    Ok(Some(Rate {
        requests: requests as u32,
        window: Duration::from_secs_f64(seconds),
    }))
}

fn maximum_reply_bytes(fields: &mut Fields<'_>) -> Result<Option<u64>> {
    match fields.integer("maximumReplyBytes")? {
        Some(bytes) if bytes < 1 => {
            Err(fields.breaks("maximumReplyBytes", "must be at least 1 byte"))
        }
        bytes => Ok(bytes.map(|bytes| bytes as u64)),
    }
}

/// A URL, an object with login and exclusions, or `false` for none at all.
fn proxy(fields: &mut Fields<'_>) -> Result<Option<ProxyChoice>> {
    let Some(raw) = fields.raw("proxy") else {
        return Ok(None);
    };
    match raw.get().as_bytes()[0] {
        b'f' => Ok(Some(ProxyChoice::None)),
        b'"' => {
            let url: String = serde_json::from_str(raw.get())
                .map_err(|_| fields.breaks("proxy", "must be a URL"))?;
            Ok(Some(ProxyChoice::Through(ProxySettings {
                url,
                login: None,
                bypass: Vec::new(),
            })))
        }
        b'{' => proxy_object(fields.nested("proxy", raw)?).map(Some),
        _ => Err(fields.breaks("proxy", "must be a URL, an object with a url, or false")),
    }
}

fn proxy_object(mut fields: Fields<'_>) -> Result<ProxyChoice> {
    let url = fields.string("url")?;
    let url = fields.required("url", url)?;
    let user = fields.string("username")?;
    let password = fields.secret("password")?.unwrap_or_default();
    let bypass = fields.strings("bypass")?.unwrap_or_default();
    fields.finish()?;
    let login = user.map(|user| (user, Secret::new(password)));
    Ok(ProxyChoice::Through(ProxySettings { url, login, bypass }))
}

/// Headers that belong to the library or to HTTP itself.
const RESERVED_HEADERS: &[&str] = &[
    "authorization",
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
];

fn default_headers(fields: &mut Fields<'_>) -> Result<Vec<(String, Secret)>> {
    let Some(headers) = fields.object("defaultHeaders")? else {
        return Ok(Vec::new());
    };
    let mut list = Vec::new();
    for (name, value) in headers.into_string_map()? {
        if reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_err() {
            return Err(fields.breaks("defaultHeaders", "holds a name that is no header name"));
        }
        if RESERVED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(fields.breaks("defaultHeaders", format!("must not set {name}")));
        }
        if reqwest::header::HeaderValue::from_str(&value).is_err() {
            return Err(fields.breaks(
                "defaultHeaders",
                format!("{name} has a value no header can have"),
            ));
        }
        list.push((name, Secret::new(value)));
    }
    Ok(list)
}

fn consumer(fields: &mut Fields<'_>) -> Result<Option<String>> {
    let name = fields.string("consumerIdentifier")?;
    let version = fields.string("consumerVersion")?;
    let consumer = match (name, version) {
        (None, _) => return Ok(None),
        (Some(name), None) => name,
        (Some(name), Some(version)) => format!("{name}/{version}"),
    };
    if reqwest::header::HeaderValue::from_str(&consumer).is_err() {
        return Err(fields.breaks("consumerIdentifier", "must be visible ASCII characters"));
    }
    Ok(Some(consumer))
}

fn snapshot(fields: &mut Fields<'_>) -> Result<Option<Snapshot>> {
    let environment = fields
        .object("environment")?
        .map(|environment| Ok::<_, Error>(Arc::new(Variables::of(environment.into_string_map()?))))
        .transpose()?;
    let working_directory = fields.string("workingDirectory")?.map(PathBuf::from);
    if environment.is_none() && working_directory.is_none() {
        return Ok(None);
    }
    Ok(Some(Snapshot {
        environment,
        working_directory,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn an_empty_object_is_the_default() {
        let settings = Settings::parse("{}").unwrap();
        assert_eq!(settings.timeout, Duration::from_secs(100));
        assert_eq!(settings.rate, Some(Rate::default()));
        assert_eq!(settings.law, Law::default());
        assert!(settings.snapshot.is_none());
    }

    #[test]
    fn every_setting_is_read() {
        let settings = Settings::parse(
            r#"{"baseUrl":"https://t.example","tokenUrl":"https://t.example/oauth/token",
            "clientId":"i","clientSecret":"s","token":"t","tokenExpiration":"2027-01-01T00:00:00Z",
            "apiVersion":"v2025","proxy":{"url":"http://p:1","username":"u","password":"p","bypass":["h"]},
            "caFile":"/ca.pem","skipCertificateCheck":true,"timeoutMs":1500,"connectTimeoutMs":200,
            "maximumRetryCount":2,"retryIntervalSeconds":3,"rateLimit":null,"maximumReplyBytes":1000,
            "allowHttpHosts":["h"],"defaultHeaders":{"X-A":"b"},"consumerIdentifier":"c",
            "consumerVersion":"1","replyHeaders":true,"replyLog":true,"profile":"prod","changeLog":true,
            "environment":{"HOME":"/h","SAIL_BASE_URL":null},"workingDirectory":"/w"}"#,
        )
        .unwrap();
        assert_eq!(settings.api_version.unwrap().name, "v2025");
        assert_eq!(settings.rate, None);
        assert_eq!(settings.law.interval, Duration::from_secs(3));
        assert_eq!(settings.consumer.as_deref(), Some("c/1"));
        assert_eq!(settings.profile.as_deref(), Some("prod"));
        assert!(settings.logs_changes());
        let surroundings = Surroundings::new(settings.variables(), settings.working_directory());
        assert_eq!(surroundings.get("HOME"), Some("/h"));
        assert_eq!(
            surroundings.working_directory(),
            Some(std::path::Path::new("/w"))
        );
        assert!(
            !format!("{settings:?}").contains("\"s\""),
            "a secret shows in Debug"
        );
    }

    #[test]
    fn wrong_settings_are_named() {
        for (json, message) in [
            (r#"{"baseURL":"x"}"#, "baseURL: is not a known field"),
            (
                r#"{"timeoutMs":0}"#,
                "timeoutMs: must be between 1 and 86400000 milliseconds",
            ),
            (r#"{"timeoutMs":"1"}"#, "timeoutMs: must be a number"),
            (r#"{"apiVersion":"v9"}"#, "apiVersion: must be one of v2024"),
            (
                r#"{"rateLimit":{"requests":0,"perSeconds":1}}"#,
                "rateLimit.requests: must be between",
            ),
            (
                r#"{"rateLimit":{"requests":1}}"#,
                "rateLimit.perSeconds: is required",
            ),
            (r#"{"proxy":5}"#, "proxy: must be a URL"),
            (
                r#"{"maximumRetryCount":-1}"#,
                "maximumRetryCount: must be between 0 and 100",
            ),
            (
                r#"{"defaultHeaders":{"Host":"x"}}"#,
                "defaultHeaders: must not set Host",
            ),
            (
                r#"{"defaultHeaders":{"a b":"x"}}"#,
                "defaultHeaders: holds a name",
            ),
            (
                r#"{"clientSecret":"a\nb"}"#,
                "clientSecret: must not hold control characters",
            ),
            (
                r#"{"environment":{"HOME":1}}"#,
                "environment.HOME: must be a string or null",
            ),
            (
                r#"{"maximumReplyBytes":0}"#,
                "maximumReplyBytes: must be at least 1 byte",
            ),
        ] {
            let error = Settings::parse(json).unwrap_err();
            assert_eq!(error.code(), Code::SettingsInvalid);
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }
}
