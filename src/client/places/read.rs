//! The reader of each place. A place is opened when its turn comes, and once.

use std::path::Path;

use zeroize::Zeroizing;

use crate::client::address;
use crate::client::places::look::{Essentials, Look, Place, PlacedValue};
use crate::client::places::settle::{Lack, Mix};
use crate::client::places::{Needs, ORDER, PlaceKind, words};
use crate::client::settings::Settings;
use crate::client::source_cache::SourceCache;
use crate::client::surroundings::Surroundings;
use crate::error::{Error, Result};
use crate::store::command_line::CommandLine;
use crate::store::file::{Format, PairFile, ReadError, read_small};
use crate::store::keyring::Account;
use crate::store::official::{self, Official};
use crate::store::profiles::Profile;
use crate::store::{Contents, Store, same_tenant};

/// Reads the places for one call.
pub struct Reader<'c> {
    pub settings: &'c Settings,
    pub surroundings: Surroundings,
    pub needs: Needs,
    sources: &'c SourceCache,
    anew: bool,
}

impl<'c> Reader<'c> {
    pub fn new(settings: &'c Settings, sources: &'c SourceCache, anew: bool) -> Self {
        Reader {
            settings,
            surroundings: settings.surroundings(),
            needs: Needs::of(settings),
            sources,
            anew,
        }
    }

    /// The same, but a pair is not asked for.
    pub fn at_a_glance(&self) -> Self {
        Reader {
            needs: Needs::BaseUrl,
            surroundings: self.surroundings.clone(),
            ..*self
        }
    }

    /// What a place gives. An error is that of a place which is there and cannot be used.
    pub async fn look(&self, kind: PlaceKind) -> Result<Look> {
        match kind {
            PlaceKind::Given => self.given().await,
            PlaceKind::Variables => self.variables(),
            PlaceKind::ConfigJson => self.config_json(),
            PlaceKind::DefaultProfile => self.default_profile().await,
            PlaceKind::CommandLine => self.command_line().await,
        }
    }

    fn wants_pair(&self, look: &Look) -> bool {
        self.needs == Needs::Everything && !look.gave.has_pair()
    }

    async fn given(&self) -> Result<Look> {
        let settings = self.settings;
        let mut look = Look::new(PlaceKind::Given, "the settings given");
        let found = |value: Option<&str>, name| PlacedValue::at(value, &Place::Setting(name));
        let secret = settings.client_secret.as_ref();
        look.gave = Essentials {
            base_url: found(settings.base_url.as_deref(), "baseUrl"),
            client_id: found(settings.client_id.as_deref(), "clientId"),
            client_secret: found(secret.map(|secret| secret.expose()), "clientSecret"),
        };
        self.whole(&look)?;
        if settings.source.is_some() && look.gave.client_id.is_some() {
            return Err(Error::setting(
                "source",
                "stands beside clientId and clientSecret, and one pair counts",
            )
            .with_remedy("give one of the two"));
        }
        if let Some(name) = &settings.profile {
            self.add_profile(&mut look, settings.profile_files()?.find(name)?)
                .await?;
        } else if let Some(store) = &settings.source {
            self.add_store(&mut look, store).await?;
        }
        Ok(look)
    }

    fn variables(&self) -> Result<Look> {
        let names = ["SAIL_BASE_URL", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET"];
        let words = "the variables SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET";
        let mut look = Look::new(PlaceKind::Variables, words);
        if let Some(name) = names.iter().find(|name| self.surroundings.is_no_text(name)) {
            return Err(
                Error::setting(format!("variable {name}"), "is no UTF-8 text")
                    .with_remedy("set it anew, or take it away"),
            );
        }
        let [base_url, client_id, client_secret] =
            names.map(|name| PlacedValue::at(self.surroundings.get(name), &Place::Variable(name)));
        look.gave = Essentials {
            base_url,
            client_id,
            client_secret,
        };
        self.whole(&look)?;
        Ok(look)
    }

    /// The official SDK's file: ClientId, ClientSecret, BaseURL, names ignoring case.
    fn config_json(&self) -> Result<Look> {
        let kind = PlaceKind::ConfigJson;
        let Some(folder) = self.surroundings.working_directory() else {
            let words = "config.json in the working directory";
            return Ok(Look::nothing(kind, words, "its folder is not known"));
        };
        let path = folder.join("config.json");
        let words = path.display().to_string();
        let text = match read_small(&path) {
            Ok(text) => text,
            Err(ReadError::Missing) => return Ok(Look::nothing(kind, words, "no such file")),
            Err(ReadError::Other(problem)) => return Err(unusable_json(&path, problem)),
        };
        let mut look = Look::new(kind, words);
        look.gave = config_json(&text, &Place::File(path.clone()))
            .map_err(|problem| unusable_json(&path, problem))?;
        self.whole(&look)?;
        if look.gave.is_empty() {
            look.why = Some("holds none of ClientId, ClientSecret and BaseURL".to_owned());
        }
        look.origin = Some(Store::File(PairFile {
            path,
            format: Format::Json,
        }));
        Ok(look)
    }

    async fn default_profile(&self) -> Result<Look> {
        let kind = PlaceKind::DefaultProfile;
        let words = "the default profile";
        let files = match self.settings.profile_files() {
            Ok(files) => files,
            Err(unknown) => return Ok(Look::nothing(kind, words, unknown.to_string())),
        };
        let Some(profile) = files.default()? else {
            return Ok(Look::nothing(kind, words, "there is none"));
        };
        let mut look = Look::new(kind, words);
        self.add_profile(&mut look, profile).await?;
        Ok(look)
    }

    /// What a profile says, where the settings do not say it themselves.
    async fn add_profile(&self, look: &mut Look, profile: Profile) -> Result<()> {
        look.words = format!("profile {} in {}", profile.name, profile.from.name());
        let place = Place::Profile(profile.name.clone());
        let named = PlacedValue::at(profile.base_url.as_deref(), &place);
        if self.wants_pair(look) {
            // Its pair is the profile's own tenant's, wherever it is kept.
            of_one_tenant(look, named.as_ref())?;
        }
        look.gave.base_url = look.gave.base_url.take().or(named);
        let store = self.settings.source.clone();
        let store = store.unwrap_or_else(|| profile.store.clone());
        look.profile = Some(profile.clone());
        self.add_store(look, &store).await?;
        self.still_as_it_was(look, &profile)
    }

    /// A profile that moved while its store was asked may have given the pair of another tenant than its address. The
    /// private file names its tenant itself.
    fn still_as_it_was(&self, look: &Look, before: &Profile) -> Result<()> {
        let files = self.settings.profile_files()?;
        let own = files.own_store(&before.name);
        match &look.origin {
            Some(store) if *store != own && *store == before.store => files.still_as_it_was(before),
            _ => Ok(()),
        }
    }

    /// What a store gives, where something of it is missing.
    async fn add_store(&self, look: &mut Look, store: &Store) -> Result<()> {
        let names_tenant = matches!(store, Store::File(_) | Store::CommandLine(_));
        let wants_pair = self.wants_pair(look);
        if !wants_pair && (look.gave.base_url.is_some() || !names_tenant) {
            return Ok(());
        }
        let contents = self.ask(look, store).await?.map_err(|mut error| {
            error.detail_mut().field = Some("source".to_owned());
            error
        })?;
        let place = Place::Source(store.to_string());
        let own = PlacedValue::at(contents.base_url.as_ref().map(|url| url.as_str()), &place);
        if wants_pair {
            look.gave.take_pair(&contents.holding, &place);
            self.whole(look)?;
            if !look.gave.has_pair() {
                return Err(words::no_pair(look, store));
            }
            look.origin = Some(store.clone());
            of_one_tenant(look, own.as_ref())?;
        }
        look.gave.base_url = look.gave.base_url.take().or(own);
        Ok(())
    }

    /// What a store says now, for the tenant that is known so far.
    async fn ask(&self, look: &Look, store: &Store) -> Result<Result<Contents>> {
        let base_url = look.gave.base_url.as_ref();
        let base_url = base_url.map(|found| found.value.as_str());
        self.sources.ask(store, base_url, self.anew).await
    }

    /// The official command line's active environment: its file, and the keyring where that holds no pair.
    async fn command_line(&self) -> Result<Look> {
        let kind = PlaceKind::CommandLine;
        let home = match self.surroundings.home_or_why() {
            Ok(home) => home,
            Err(why) => return Ok(Look::nothing(kind, "~/.sailpoint/config.yaml", why)),
        };
        let path = official::default_path(home);
        let words = path.display().to_string();
        let unusable = |problem| unusable_yaml(&path, problem);
        let file = Official::read_again(&path, &self.settings.official);
        let Some(file) = file.map_err(unusable)? else {
            return Ok(Look::nothing(kind, words, "no such file, or empty"));
        };
        let Some(name) = file.active().map_err(unusable)? else {
            return Ok(Look::nothing(kind, words, "has no environments"));
        };
        let environment = file.environment(name).map_err(unusable)?;
        let mut look = Look::new(kind, words);
        let place = Place::File(path.clone());
        let url = environment.base_url.as_ref();
        look.gave.base_url = PlacedValue::at(url.map(|url| url.as_str()), &place);
        look.gave.take_pair(&environment.filed, &place);
        self.whole(&look)?;
        if self.wants_pair(&look) {
            self.add_keyring(&mut look, name).await?;
        }
        look.origin = Some(Store::CommandLine(CommandLine {
            environment: Some(name.to_owned()),
            path,
        }));
        Ok(look)
    }

    async fn add_keyring(&self, look: &mut Look, environment: &str) -> Result<()> {
        let Ok(account) = Account::new(environment) else {
            return Ok(());
        };
        let store = Store::Keyring(account);
        // It is the last place: what is wrong with it is told among all that was looked at.
        match self.ask(look, &store).await? {
            Err(error) => look.why = Some(error.to_string()),
            Ok(contents) => {
                let place = Place::Keyring(environment.to_owned());
                look.gave.take_pair(&contents.holding, &place);
                if !look.gave.has_pair() {
                    look.why = Some(format!("{store} holds no pair"));
                }
            }
        }
        Ok(())
    }

    /// What is no address at all is told as such.
    fn well_formed(&self, found: &PlacedValue) -> Result<()> {
        let place = found.place.to_string();
        address::check_base(&place, &found.value, self.settings).map(drop)
    }

    /// Refuses half a pair.
    fn whole(&self, look: &Look) -> Result<()> {
        match look.gave.half() {
            Some((found, other)) if self.needs == Needs::Everything => {
                Err(words::half(found, other))
            }
            _ => Ok(()),
        }
    }

    /// Says what the walk lacks. What names a base URL after the pair's place is looked for to say so, and only
    /// for that.
    pub async fn told(&self, lack: Lack, looks: &mut Vec<Look>) -> Error {
        let glance = self.at_a_glance();
        let mut lack = lack;
        let lacks_url = lack == Lack::Missing(vec!["baseUrl"]) && self.settings.profile.is_none();
        for kind in ORDER.into_iter().skip(looks.len()).filter(|_| lacks_url) {
            let Ok(look) = glance.look(kind).await else {
                continue;
            };
            let names_one = look.gave.base_url.is_some();
            looks.push(look);
            if names_one {
                let has_pair =
                    |look: &Look| self.needs == Needs::Everything && look.gave.has_pair();
                let pair = looks.iter().position(has_pair);
                lack = Lack::Mixed {
                    base_url: looks.len() - 1,
                    pair: pair.unwrap_or_default(),
                    why: Mix::NotCompleted,
                };
                break;
            }
        }
        match &lack {
            Lack::Mixed {
                base_url,
                pair,
                why,
            } => match &looks[*base_url].gave.base_url {
                Some(found) => self
                    .well_formed(found)
                    .err()
                    .unwrap_or_else(|| words::mixed(found, &looks[*pair], *why)),
                None => words::missing(&["baseUrl"], looks, &self.surroundings),
            },
            Lack::Missing(names) => {
                let error = words::missing(names, looks, &self.surroundings);
                match self.settings.profile {
                    Some(_) => error
                        .with_remedy("store them in the profile: profile_set, Set-SailPatProfile"),
                    None => error,
                }
            }
        }
    }
}

/// The base URL that was given must be the one of the pair's own place, where that names one.
fn of_one_tenant(look: &Look, own: Option<&PlacedValue>) -> Result<()> {
    match (&look.gave.base_url, own) {
        (Some(named), Some(own)) if !same_tenant(&named.value, &own.value) => {
            let mut pair = look.clone();
            pair.gave.base_url = Some(own.clone());
            Err(words::mixed(named, &pair, Mix::AnotherTenant))
        }
        _ => Ok(()),
    }
}

/// What config.json says.
pub fn config_json(text: &str, place: &Place) -> std::result::Result<Essentials, String> {
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Ok(Essentials::default());
    }
    let [id, secret, url] = Format::Json.values(text)?;
    let found = |value: Option<Zeroizing<String>>| {
        PlacedValue::at(value.as_ref().map(|value| value.as_str()), place)
    };
    Ok(Essentials {
        base_url: found(url),
        client_id: found(id),
        client_secret: found(secret),
    })
}

fn unusable_json(path: &Path, problem: String) -> Error {
    Error::setting(format!("file {}", path.display()), problem).with_remedy(
        "mend the file, work in another folder, or give settings, variables or a profile: nothing after it was asked",
    )
}

fn unusable_yaml(path: &Path, problem: String) -> Error {
    Error::setting(format!("file {}", path.display()), problem).with_remedy(
        "mend the file with the official command line, or give settings, variables or a profile",
    )
}
