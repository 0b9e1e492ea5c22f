//! Settings as a caller gives them, with defaults and limits. What is left out comes from the surroundings (see
//! `config`). Each is declared once, in [`SETTINGS`]; `read` has the rules of those that are more than a word.

mod read;
mod setting;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::api::fields::{Fields, Remedy};
use crate::api::version::Version;
use crate::client::pacing::Rate;
use crate::client::retry::Law;
use crate::client::surroundings::{Surroundings, Variables};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::store::profiles::ProfileFiles;
use crate::store::{Store, official};

pub use read::{api_version, client_id, milliseconds};
pub use setting::{Empty, ReadOrder, Setting, Stand, ValueForm};
pub use table::SETTINGS;

/// One deadline for a whole call, sign-in, waits and retries included.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(100);
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A list of a million tokens has some 350 MB.
pub const DEFAULT_MAXIMUM_REPLY_BYTES: u64 = 512 * 1024 * 1024;

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

/// What those of the settings are told that are given and empty, where that is refused in this way.
fn remedies(how: fn(&'static str) -> Empty) -> Vec<Remedy> {
    let told = |setting: &Setting| {
        let remedy = setting.empty.remedy()?;
        (setting.empty == how(remedy)).then_some((setting.name, remedy))
    };
    SETTINGS.iter().filter_map(told).collect()
}

impl Settings {
    /// Reads settings from their JSON form; an unknown or wrong field is named.
    pub fn parse(json: &str) -> Result<Self> {
        let mut fields = Fields::of_settings(json)?;
        fields.never_empty(&remedies(Empty::IsRefused))?;
        fields.never_null(&remedies(Empty::AndNullAreRefused))?;
        let mut settings = Settings::default();
        for order in ReadOrder::ALL {
            for setting in SETTINGS.iter().filter(|setting| setting.order == order) {
                (setting.read)(&mut settings, &mut fields, setting)?;
            }
        }
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
