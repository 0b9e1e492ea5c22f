//! Where base URL, client id and client secret come from when they are not given: the source that the
//! settings name, the variables SAIL_…, then config.json in the working directory, then the official command line's
//! ~/.sailpoint/config.yaml with its keyring entries. Each field is taken from the first place that has it.
//!
//! With a profile it is the profile alone: what the surroundings say may be another tenant's. The default
//! profile counts where neither settings nor variables nor config.json say anything.
//!
//! Files are read anew at each call, and only when something is still missing, so that a changed
//! variable, file or folder counts from the next call.

use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::api::{id, value};
use crate::client::settings::Settings;
use crate::client::surroundings::Surroundings;
use crate::client::tls::{self, Stamp};
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::command_line::{self, CommandLine};
use crate::store::file::{self, Format, Unreadable};
use crate::store::keyring::Account;
use crate::store::profiles::Profile;
use crate::store::yaml::Scalars;
use crate::store::{Pair, Store, same_tenant};

/// The three values that a call cannot do without.
#[derive(Default)]
pub struct Essentials {
    pub base_url: Option<Found>,
    pub client_id: Option<Found>,
    pub client_secret: Option<Found>,
}

/// A value and the place it came from, for messages.
#[derive(Clone)]
pub struct Found {
    pub value: Zeroizing<String>,
    pub place: Place,
}

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Setting(&'static str),
    Variable(&'static str),
    /// The official SDK's config.json or the official command line's config.yaml.
    File(PathBuf),
    /// The keyring's entries of the official command line's active environment.
    Keyring(String),
    /// The source that the settings or their profile name.
    Source(String),
    Profile(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Setting(name) => f.write_str(name),
            Place::Variable(name) => write!(f, "variable {name}"),
            Place::File(path) => write!(f, "file {}", path.display()),
            Place::Keyring(environment) => write!(f, "keyring, environment {environment}"),
            Place::Source(store) => f.write_str(store),
            Place::Profile(name) => write!(f, "profile {name}"),
        }
    }
}

impl Essentials {
    fn is_empty(&self) -> bool {
        self.base_url.is_none() && self.client_id.is_none() && self.client_secret.is_none()
    }

    fn complete(&self, needs: Needs) -> bool {
        self.missing(needs).is_empty()
    }

    /// The settings that nobody gave, by name.
    fn missing(&self, needs: Needs) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.base_url.is_none() {
            missing.push("baseUrl");
        }
        if needs == Needs::Everything {
            if self.client_id.is_none() {
                missing.push("clientId");
            }
            if self.client_secret.is_none() {
                missing.push("clientSecret");
            }
        }
        missing
    }

    /// Fills what is still empty.
    fn add(&mut self, [base_url, client_id, client_secret]: [Option<Found>; 3]) {
        self.base_url = self.base_url.take().or(base_url);
        self.client_id = self.client_id.take().or(client_id);
        self.client_secret = self.client_secret.take().or(client_secret);
    }
}

/// What a call needs: with a bearer at hand, the base URL alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    BaseUrl,
    Everything,
}

/// Everything outside the settings that a call depends on, read but not yet judged. Two calls that
/// gathered the same resolve to the same.
#[derive(PartialEq, Eq)]
pub struct Gathered {
    pub surroundings: Surroundings,
    /// The profile that the call is for.
    pub profile: Option<Profile>,
    /// What the source that the settings or the profile name had to say.
    pub source: Option<FromSource>,
    /// The settings files, in the order they count; none are read when nothing is missing.
    files: Vec<File>,
    /// What the keyring holds for the official command line's active environment, where it was asked.
    keyring: Option<FromSource>,
    /// The CA file, below the working directory where its path is relative.
    pub ca_file: Option<PathBuf>,
    /// When the certificate files last changed.
    pub stamps: [Option<Stamp>; 3],
}

impl Gathered {
    /// Adds what the keyring gave.
    pub fn with_keyring(mut self, given: FromSource) -> Self {
        self.keyring = Some(given);
        self
    }

    /// The official command line's active environment, where its file has it.
    pub fn environment(&self) -> Option<CommandLine> {
        let file = self
            .files
            .iter()
            .find(|file| file.kind == Kind::ConfigYaml)?;
        let scalars = Scalars::read(file.plain().ok()?).ok()?;
        let name = active(&scalars).ok()?;
        Some(CommandLine {
            environment: Some(name.to_owned()),
            path: file.path.clone()?,
        })
    }

    /// What the keyring gave, with its place.
    fn keyring_with_place(&self) -> Option<(&FromSource, Place)> {
        let environment = self.environment()?.environment?;
        Some((self.keyring.as_ref()?, Place::Keyring(environment)))
    }
}

/// What a source gave: a pair, none, or a problem.
#[derive(Clone, PartialEq, Eq)]
pub struct FromSource {
    pub store: String,
    /// The store itself, where a pair can go back to it.
    pub origin: Option<Store>,
    pub base_url: Option<Zeroizing<String>>,
    pub pair: std::result::Result<Option<Pair>, String>,
}

impl FromSource {
    /// Reads a store; it may block for as long as the store takes.
    pub fn read(store: &Store) -> Self {
        let pair = store.read().map_err(|error| error.to_string());
        let base_url = match store {
            Store::File(file) => file.values().ok().and_then(|[_, _, url]| url),
            Store::CommandLine(place) => place.base_url(),
            _ => None,
        };
        FromSource {
            store: store.to_string(),
            origin: Some(store.clone()),
            base_url,
            pair,
        }
    }

    fn values(&self) -> [Option<Found>; 3] {
        self.values_at(&Place::Source(self.store.clone()))
    }

    fn values_at(&self, place: &Place) -> [Option<Found>; 3] {
        let pair = self.pair.as_ref().ok().and_then(Option::as_ref);
        [
            found(self.base_url.as_ref().map(|url| url.as_str()), place),
            found(pair.map(|pair| pair.client_id.as_str()), place),
            found(pair.map(|pair| pair.client_secret.expose()), place),
        ]
    }

    /// What there is to say about it.
    fn said(&self) -> String {
        match &self.pair {
            Ok(Some(_)) => self.store.clone(),
            Ok(None) => format!("{} (holds no pair)", self.store),
            Err(problem) => problem.clone(),
        }
    }
}

/// A settings file that was looked for.
#[derive(PartialEq, Eq)]
struct File {
    kind: Kind,
    /// None when the folder it would be in is not known.
    path: Option<PathBuf>,
    text: std::result::Result<Secret, String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    ConfigJson,
    ConfigYaml,
}

/// Whether the settings lack a half of the pair that a source must give, or the tenant, which a file may name,
/// too.
pub fn wants_source(settings: &Settings, needs: Needs) -> bool {
    let lacks_pair = settings.client_id.is_none() || settings.client_secret.is_none();
    let may_name_tenant = matches!(settings.source, Some(Store::File(_)));
    (settings.base_url.is_none() && may_name_tenant) || (needs == Needs::Everything && lacks_pair)
}

/// The keyring account to ask: the official command line's active environment, where its file holds no
/// half of a pair and nothing before it gave a whole one.
pub fn keyring_to_ask(settings: &Settings, gathered: &Gathered, needs: Needs) -> Option<Store> {
    if needs != Needs::Everything || gathered.files.is_empty() {
        return None;
    }
    let mut known = explicit(settings);
    if let Some(source) = &gathered.source {
        known.add(source.values());
        known.client_id.as_ref()?;
    }
    known.add(variables(&gathered.surroundings));
    for file in &gathered.files {
        if known.client_id.is_some() && known.client_secret.is_some() {
            return None;
        }
        file.look_into(&mut known);
    }
    let environment = gathered.environment()?;
    let in_file = |found: &Option<Found>| {
        found
            .as_ref()
            .is_some_and(|found| found.place == Place::File(environment.path.clone()))
    };
    let complete = known.client_id.is_some() && known.client_secret.is_some();
    if complete || in_file(&known.client_id) || in_file(&known.client_secret) {
        return None;
    }
    let account = Account::new(environment.environment.as_deref()?);
    account.ok().map(Store::Keyring)
}

/// The profile that a call is for: the one that the settings name, else the default one where nothing else
/// says which tenant or as whom.
pub fn profile(settings: &Settings, surroundings: &Surroundings) -> Result<Option<Profile>> {
    if let Some(name) = &settings.profile {
        return settings.profile_places()?.find(name).map(Some);
    }
    let mut known = explicit(settings);
    known.add(variables(surroundings));
    if !known.is_empty() || settings.source.is_some() || settings.token.is_some() {
        return Ok(None);
    }
    let here = Surroundings::new(settings.variables(), settings.working_directory());
    if let Some(file) = read_files(&here).first() {
        file.look_into(&mut known);
    }
    match settings.profile_places() {
        Ok(places) if known.is_empty() => places.default(),
        _ => Ok(None),
    }
}

/// What a call depends on and that may take longer to ask for.
pub struct Asked {
    pub surroundings: Surroundings,
    pub profile: Option<Profile>,
    pub source: Option<FromSource>,
}

/// Reads the files where something is still missing.
pub fn gather(settings: &Settings, needs: Needs, asked: Asked) -> Gathered {
    let Asked {
        mut surroundings,
        profile,
        source,
    } = asked;
    let mut known = explicit(settings);
    if let Some(source) = &source {
        known.add(source.values());
    }
    known.add(variables(&surroundings));
    let incomplete = profile.is_none() && !known.complete(needs);
    let relative_ca = settings
        .ca_file
        .as_ref()
        .is_some_and(|path| path.is_relative());
    if incomplete || relative_ca {
        surroundings = Surroundings::new(settings.variables(), settings.working_directory());
    }
    let files = if incomplete {
        read_files(&surroundings)
    } else {
        Vec::new()
    };
    let ca_file = settings
        .ca_file
        .as_ref()
        .map(|path| match surroundings.working_directory() {
            Some(folder) => folder.join(path),
            None => path.clone(),
        });
    let variable = |name| surroundings.get(name).map(Path::new);
    let stamps = [
        ca_file.as_deref(),
        variable("SSL_CERT_FILE"),
        variable("SSL_CERT_DIR"),
    ]
    .map(|path| path.and_then(tls::stamp));
    Gathered {
        surroundings,
        profile,
        source,
        files,
        keyring: None,
        ca_file,
        stamps,
    }
}

fn read_files(surroundings: &Surroundings) -> Vec<File> {
    let in_folder = surroundings
        .working_directory()
        .map(|folder| folder.join("config.json"));
    let in_home = surroundings.home().map(command_line::default_path);
    [(Kind::ConfigJson, in_folder), (Kind::ConfigYaml, in_home)]
        .into_iter()
        .map(|(kind, path)| {
            let unknown = || Err("its folder is not known".to_owned());
            let text = path.as_deref().map_or_else(unknown, read_small);
            File { kind, path, text }
        })
        .collect()
}

/// Takes each value from the first place that has it; fails when one is missing, or is a secret in the place of
/// an id.
pub fn find(settings: &Settings, gathered: &Gathered, needs: Needs) -> Result<Essentials> {
    let essentials = collect(settings, gathered, needs)?;
    refuse_swapped(&essentials)?;
    Ok(essentials)
}

fn collect(settings: &Settings, gathered: &Gathered, needs: Needs) -> Result<Essentials> {
    let mut essentials = explicit(settings);
    let mut looked_at = vec!["the settings given".to_owned()];
    if let Some(profile) = &gathered.profile {
        let place = Place::Profile(profile.name.clone());
        essentials.add([found(profile.base_url.as_deref(), &place), None, None]);
        looked_at.push(format!(
            "profile {} in {}",
            profile.name,
            profile.from.name()
        ));
        return find_in_profile(essentials, gathered, needs, looked_at);
    }
    if let Some(source) = &gathered.source {
        essentials.add(source.values());
        looked_at.push(source.said());
        // Another credential than the one that was asked for would be worse than none.
        if !essentials.complete(needs) && source.values()[1].is_none() {
            return Err(missing(
                &["clientId", "clientSecret"],
                &looked_at,
                &gathered.surroundings,
            ));
        }
    }
    essentials.add(variables(&gathered.surroundings));
    looked_at.push("the variables SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET".to_owned());
    for file in &gathered.files {
        if !essentials.complete(needs) {
            looked_at.push(file.look_into(&mut essentials));
        }
    }
    if !essentials.complete(needs)
        && let Some((given, place)) = gathered.keyring_with_place()
    {
        essentials.add(given.values_at(&place));
        looked_at.push(given.said());
    }
    if essentials.complete(needs) {
        return Ok(essentials);
    }
    Err(missing(
        &essentials.missing(needs),
        &looked_at,
        &gathered.surroundings,
    ))
}

/// Ids are shown and secrets are not, so a secret in the place of the id would show everywhere.
fn refuse_swapped(essentials: &Essentials) -> Result<()> {
    let swapped = |id: &&Found| id::has_form_of_secret(&id.value);
    let Some(id) = essentials.client_id.as_ref().filter(swapped) else {
        return Ok(());
    };
    let what = match &id.place {
        Place::Setting(name) => (*name).to_owned(),
        place => format!("clientId ({place})"),
    };
    let both = essentials
        .client_secret
        .as_ref()
        .is_some_and(|secret| id::has_form_of_id(&secret.value));
    let remedy = if both {
        "exchange the two: what stands in the place of the secret has the form of an id"
    } else {
        "the client id is the token's id, of 32 or 36 characters"
    };
    Err(Error::setting(what, id::SECRET_FOR_ID)
        .with_field("clientId")
        .with_remedy(remedy))
}

/// With a profile, nothing but its own source is looked at: the surroundings may speak of another tenant.
fn find_in_profile(
    mut essentials: Essentials,
    gathered: &Gathered,
    needs: Needs,
    mut looked_at: Vec<String>,
) -> Result<Essentials> {
    if let Some(source) = &gathered.source {
        of_one_tenant(gathered.profile.as_ref(), source)?;
        essentials.add(source.values());
        looked_at.push(source.said());
    }
    if essentials.complete(needs) {
        return Ok(essentials);
    }
    let remedy = "store them in the profile: profile_set, Set-SailPatProfile";
    let error = missing(
        &essentials.missing(needs),
        &looked_at,
        &gathered.surroundings,
    );
    Err(error.with_remedy(remedy))
}

/// A place that names another tenant than the profile holds a pair that the profile's must not see.
fn of_one_tenant(profile: Option<&Profile>, source: &FromSource) -> Result<()> {
    let Some((profile, url)) = profile.and_then(|p| Some((p, p.base_url.as_deref()?))) else {
        return Ok(());
    };
    match &source.base_url {
        Some(theirs) if !same_tenant(theirs, url) => Err(Error::setting(
            format!("baseUrl (profile {})", profile.name),
            format!(
                "is {url}, and the pair in {} is for another tenant, {}",
                source.store, **theirs
            ),
        )
        .with_field("baseUrl")
        .with_remedy("set the profile's baseUrl and pair anew: profile_set, Set-SailPatProfile")),
        _ => Ok(()),
    }
}

fn variables(surroundings: &Surroundings) -> [Option<Found>; 3] {
    ["SAIL_BASE_URL", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET"]
        .map(|name| found(surroundings.get(name), &Place::Variable(name)))
}

fn explicit(settings: &Settings) -> Essentials {
    let found = |value: Option<&str>, name| found(value, &Place::Setting(name));
    Essentials {
        base_url: found(settings.base_url.as_deref(), "baseUrl"),
        client_id: found(settings.client_id.as_deref(), "clientId"),
        client_secret: found(
            settings
                .client_secret
                .as_ref()
                .map(|secret| secret.expose()),
            "clientSecret",
        ),
    }
}

fn found(value: Option<&str>, place: &Place) -> Option<Found> {
    let value = value::trimmed(value?);
    if value.is_empty() {
        return None;
    }
    Some(Found {
        value: Zeroizing::new(value.to_owned()),
        place: place.clone(),
    })
}

impl File {
    /// The text without a byte order mark, or why there is none.
    fn plain(&self) -> std::result::Result<&str, String> {
        let text = self.text.as_ref().map_err(Clone::clone)?;
        Ok(text.expose().trim_start_matches('\u{feff}'))
    }

    /// Adds what the file has; returns what there is to say about it.
    fn look_into(&self, essentials: &mut Essentials) -> String {
        let place = match &self.path {
            Some(path) => path.display().to_string(),
            None => match self.kind {
                Kind::ConfigJson => "config.json in the working directory".to_owned(),
                Kind::ConfigYaml => "~/.sailpoint/config.yaml".to_owned(),
            },
        };
        let values = self.plain().and_then(|text| {
            let found_in = Place::File(self.path.clone().unwrap_or_default());
            match self.kind {
                Kind::ConfigJson => config_json(text, &found_in),
                Kind::ConfigYaml => config_yaml(text, &found_in),
            }
        });
        match values {
            Ok(values) => {
                essentials.add(values);
                place
            }
            Err(problem) => format!("{place} ({problem})"),
        }
    }
}

/// A settings file's text, or in words why there is none.
fn read_small(path: &Path) -> std::result::Result<Secret, String> {
    file::read_small(path)
        .map(Secret::new)
        .map_err(|unreadable| match unreadable {
            Unreadable::Missing => "no such file".to_owned(),
            Unreadable::Other(problem) => problem,
        })
}

/// The official SDK's file: ClientId, ClientSecret, BaseURL, names ignoring case.
pub fn config_json(text: &str, place: &Place) -> std::result::Result<[Option<Found>; 3], String> {
    let [id, secret, url] = Format::Json.values(text)?;
    Ok([url, id, secret].map(|value| found(value.as_ref().map(|value| value.as_str()), place)))
}

/// The official command line's file: the active environment's base URL and pat pair.
pub fn config_yaml(text: &str, place: &Place) -> std::result::Result<[Option<Found>; 3], String> {
    let file = Scalars::read(text)?;
    if file.is_empty() {
        return Err("empty".to_owned());
    }
    let name = active(&file)?;
    let value = |path: &[&str]| {
        let path = [&["environments", name], path].concat();
        file.only(&path).map(|()| found(file.get(&path), place))
    };
    Ok([
        value(&["baseurl"])?,
        value(&["pat", "clientid"])?,
        value(&["pat", "clientsecret"])?,
    ])
}

/// The name of the active environment, which the file has.
fn active(file: &Scalars) -> std::result::Result<&str, String> {
    file.only(&["activeenvironment"])?;
    let name = file
        .get(&["activeenvironment"])
        .ok_or("names no activeenvironment")?;
    if !file.has_below(&["environments", name]) {
        return Err(format!("has no environment {name}"));
    }
    Ok(name)
}

/// The error that says what is missing, where it was looked for and what was likely meant.
fn missing(names: &[&str], looked_at: &[String], surroundings: &Surroundings) -> Error {
    let mut message = format!(
        "missing settings: {}. Looked at, in this order: {}",
        names.join(", "),
        looked_at.join("; ")
    );
    let slips: Vec<&str> = ["BASE_URL", "CLIENT_ID", "CLIENT_SECRET"]
        .into_iter()
        .filter(|name| surroundings.get(name).is_some())
        .collect();
    let mut remedy =
        "set SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET, or give the settings".to_owned();
    if !slips.is_empty() {
        let meant: Vec<String> = slips.iter().map(|name| format!("SAIL_{name}")).collect();
        message.push_str(&format!(". Set, but not what counts: {}", slips.join(", ")));
        remedy = format!(
            "did you mean {}? The variables need the prefix SAIL_",
            meant.join(", ")
        );
    }
    Error::new(Code::SettingsMissing, message)
        .with_field(names.join(", "))
        .with_remedy(remedy)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::client::settings::Snapshot;

    fn look(settings: &Settings, variables: &[(&str, &str)], folder: &Path) -> Result<Essentials> {
        let variables = variables
            .iter()
            .map(|(name, value)| {
                (
                    (*name).to_owned(),
                    Secret::new(Zeroizing::new((*value).to_owned())),
                )
            })
            .collect();
        let snapshot = Snapshot {
            environment: Some(Arc::new(variables)),
            working_directory: Some(folder.to_owned()),
        };
        let settings = Settings {
            snapshot: Some(snapshot),
            ..settings.clone()
        };
        find(
            &settings,
            &gathered(&settings, Needs::Everything),
            Needs::Everything,
        )
    }

    fn gathered(settings: &Settings, needs: Needs) -> Gathered {
        gathered_with(settings, needs, None)
    }

    fn gathered_with(settings: &Settings, needs: Needs, source: Option<FromSource>) -> Gathered {
        let surroundings = Surroundings::new(settings.variables(), None);
        let asked = Asked {
            profile: profile(settings, &surroundings).unwrap(),
            surroundings,
            source,
        };
        gather(settings, needs, asked)
    }

    fn values(essentials: &Essentials) -> [&str; 3] {
        [
            &essentials.base_url,
            &essentials.client_id,
            &essentials.client_secret,
        ]
        .map(|found| found.as_ref().map_or("", |found| found.value.as_str()))
    }

    #[test]
    fn each_field_comes_from_the_first_place_that_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".sailpoint")).unwrap();
        std::fs::write(
            home.path().join(".sailpoint/config.yaml"),
            "activeenvironment: Prod\nauthtype: pat\nenvironments:\n  prod:\n    tenanturl: https://t\n    baseurl: https://yaml\n    pat:\n      clientid: yaml-id\n      clientsecret: yaml-secret\n",
        )
        .unwrap();
        let home = home.path().to_str().unwrap().to_owned();
        let settings = Settings::default();
        let find = |variables: &[(&str, &str)]| look(&settings, variables, folder.path()).unwrap();
        assert_eq!(
            values(&find(&[("HOME", &home)])),
            ["https://yaml", "yaml-id", "yaml-secret"]
        );
        std::fs::write(
            folder.path().join("config.json"),
            r#"{"clientid":"json-id","CLIENTSECRET":"json-secret"}"#,
        )
        .unwrap();
        assert_eq!(
            values(&find(&[("HOME", &home)])),
            ["https://yaml", "json-id", "json-secret"]
        );
        let both = [("HOME", home.as_str()), ("SAIL_CLIENT_ID", "env-id")];
        assert_eq!(
            values(&find(&both)),
            ["https://yaml", "env-id", "json-secret"]
        );
        let settings = Settings {
            base_url: Some("https://given".into()),
            ..Settings::default()
        };
        let essentials = look(&settings, &both, folder.path()).unwrap();
        assert_eq!(
            values(&essentials),
            ["https://given", "env-id", "json-secret"]
        );
        assert_eq!(
            essentials.client_id.unwrap().place,
            Place::Variable("SAIL_CLIENT_ID")
        );
    }

    #[test]
    fn what_is_missing_is_named_with_every_place_and_the_likely_slip() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), "{").unwrap();
        let variables = [
            ("SAIL_CLIENT_ID", "i"),
            ("BASE_URL", "https://t"),
            ("CLIENT_SECRET", "planted"),
        ];
        let error = look(&Settings::default(), &variables, folder.path())
            .err()
            .unwrap();
        let text = error.to_string();
        assert_eq!(error.code(), Code::SettingsMissing);
        assert!(
            text.starts_with("missing settings: baseUrl, clientSecret."),
            "{text}"
        );
        for place in [
            "the settings given",
            "SAIL_BASE_URL",
            "config.json (not JSON, line 1",
            "~/.sailpoint/config.yaml",
        ] {
            assert!(text.contains(place), "{place} is not in: {text}");
        }
        let remedy = error.detail().remedy.clone().unwrap();
        assert!(
            remedy.contains("SAIL_BASE_URL, SAIL_CLIENT_SECRET"),
            "{remedy}"
        );
        assert!(!format!("{error:?}").contains("planted"));
    }

    /// A home whose official command line has the environment Prod active, with this in it.
    fn home_with(pat: &str) -> (tempfile::TempDir, Settings) {
        let home = tempfile::tempdir().unwrap();
        let path = command_line::default_path(home.path());
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        let text = format!(
            "activeenvironment: Prod\nenvironments:\n  prod:\n    baseurl: https://yaml\n{pat}"
        );
        std::fs::write(path, text).unwrap();
        let variable = Zeroizing::new(home.path().to_str().unwrap().to_owned());
        let snapshot = Snapshot {
            environment: Some(Arc::new(vec![("HOME".to_owned(), Secret::new(variable))])),
            working_directory: Some(home.path().to_owned()),
        };
        let settings = Settings {
            snapshot: Some(snapshot),
            ..Settings::default()
        };
        (home, settings)
    }

    fn from_keyring(pair: std::result::Result<Option<Pair>, String>) -> FromSource {
        FromSource {
            store: "keyring, account prod".to_owned(),
            origin: None,
            base_url: None,
            pair,
        }
    }

    #[test]
    fn an_environment_without_a_pair_is_completed_from_the_keyring() {
        let (_home, settings) = home_with("    authtype: pat\n");
        let needs = Needs::Everything;
        let gathered = || gathered(&settings, needs);
        let asked = keyring_to_ask(&settings, &gathered(), needs).unwrap();
        assert_eq!(asked.to_json(), serde_json::json!({"keyring": "prod"}));
        let pair = Pair::new("id", Zeroizing::new("planted".to_owned()));
        let given = from_keyring(Ok(Some(pair)));
        let essentials = find(&settings, &gathered().with_keyring(given), needs).unwrap();
        assert_eq!(values(&essentials), ["https://yaml", "id", "planted"]);
        let place = essentials.client_secret.unwrap().place;
        assert_eq!(place.to_string(), "keyring, environment Prod");

        let locked = from_keyring(Err("the keyring is locked".to_owned()));
        let error = find(&settings, &gathered().with_keyring(locked), needs);
        let text = error.err().unwrap().to_string();
        assert!(text.contains("; the keyring is locked"), "{text}");
        let empty = gathered().with_keyring(from_keyring(Ok(None)));
        let text = find(&settings, &empty, needs).err().unwrap().to_string();
        assert!(
            text.contains("keyring, account prod (holds no pair)"),
            "{text}"
        );
    }

    #[test]
    fn a_secret_in_the_place_of_the_keyrings_id_is_refused_and_not_told() {
        let (_home, settings) = home_with("    authtype: pat\n");
        let secret = "0123456789abcdef".repeat(4);
        let pair = Pair::new(
            secret.clone(),
            Zeroizing::new("ef38f94347e94562b5bb8424a56397d8".to_owned()),
        );
        let given =
            gathered(&settings, Needs::Everything).with_keyring(from_keyring(Ok(Some(pair))));
        let error = find(&settings, &given, Needs::Everything).err().unwrap();
        assert_eq!(error.code(), Code::SettingsInvalid);
        assert!(
            error
                .to_string()
                .starts_with("clientId (keyring, environment Prod): has the form")
        );
        assert!(
            error
                .detail()
                .remedy
                .as_deref()
                .unwrap()
                .starts_with("exchange the two")
        );
        assert!(!format!("{error:?}").contains(&secret));
    }

    #[test]
    fn the_keyring_is_asked_for_nothing_that_is_there_already() {
        let half = "    pat:\n      clientid: i\n";
        let whole = "    pat:\n      clientid: i\n      clientsecret: s\n";
        for pat in [half, whole] {
            let (_home, settings) = home_with(pat);
            let found = gathered(&settings, Needs::Everything);
            assert!(keyring_to_ask(&settings, &found, Needs::Everything).is_none());
        }
        let (_home, settings) = home_with("    authtype: pat\n");
        let found = gathered(&settings, Needs::BaseUrl);
        assert!(keyring_to_ask(&settings, &found, Needs::BaseUrl).is_none());
        // A source that the settings name, and that has nothing, is not replaced by another.
        let empty = FromSource {
            store: "file x".to_owned(),
            origin: None,
            base_url: None,
            pair: Ok(None),
        };
        let found = gathered_with(&settings, Needs::Everything, Some(empty));
        assert!(keyring_to_ask(&settings, &found, Needs::Everything).is_none());
        let given = Settings {
            client_id: Some("i".to_owned()),
            client_secret: Some(Secret::new(Zeroizing::new("s".to_owned()))),
            ..settings
        };
        let found = gathered(&given, Needs::Everything);
        assert!(keyring_to_ask(&given, &found, Needs::Everything).is_none());
    }

    #[test]
    fn a_bearer_needs_no_pair() {
        let settings = Settings {
            base_url: Some("https://t".into()),
            ..Settings::default()
        };
        let gathered = gathered(&settings, Needs::BaseUrl);
        assert!(gathered.files.is_empty());
        assert!(find(&settings, &gathered, Needs::BaseUrl).is_ok());
    }

    #[test]
    fn odd_files_are_told_and_passed_over() {
        let place = Place::File("f".into());
        for (text, problem) in [
            ("", "empty"),
            ("a: [", "not YAML"),
            ("a: 1", "names no activeenvironment"),
            (
                "activeenvironment: x
environments: {y: {z: 1}}",
                "has no environment x",
            ),
            (
                "activeenvironment: x
environments: {x: {pat: {clientid: a, ClientId: b}}}",
                "has environments.x.pat.clientid more than once",
            ),
        ] {
            let found = config_yaml(text, &place).err().unwrap();
            assert!(found.starts_with(problem), "{text}: {found}");
        }
        assert_eq!(
            config_json("[]", &place).err().unwrap(),
            "not a JSON object"
        );
        assert!(config_json("{\"ClientId\":5}", &place).unwrap()[1].is_none());
        let twice = config_json(r#"{"ClientId":"a","clientid":"b"}"#, &place);
        let problem = twice.err().unwrap();
        assert!(
            problem.starts_with("has ClientId more than once"),
            "{problem}"
        );
    }
}
