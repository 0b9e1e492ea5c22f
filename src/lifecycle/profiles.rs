//! Lists, sets and removes profiles. Nothing is sent. All of it blocks.
//!
//! Whoever changes profiles holds a lock, so that of two processes none overwrites what the other wrote. The
//! pair is stored and read back before profiles.json names its store. Where the profile moves to another tenant,
//! it is marked before: whoever reads in between, or after a crash or a store that failed, is refused, and never
//! sends the pair of the one tenant to the other.

mod change;
mod time;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::api::fields::{Fields, Remedy};
use crate::api::{address as told, value};
use crate::client::address;
use crate::client::settings::{self, Settings};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::store::profiles::{
    self, Book, CHANGING, Origin, Profile, ProfileFiles, half_changed, same, unwritable,
};
use crate::store::{Pair, Store, lock, private, same_tenant, trust};

pub use time::Time;

use change::ProfileChange;

/// What of a profile may be left out.
const KEPT: &[Remedy] = &[
    ("baseUrl", "leave it out to keep the profile's"),
    ("tokenUrl", "leave it out to keep the profile's"),
    ("apiVersion", "leave it out to keep the profile's"),
    (
        "clientId",
        "leave it out, and clientSecret, to keep the pair",
    ),
    (
        "clientSecret",
        "leave it out, and clientId, to keep the pair",
    ),
];

/// A profile as callers see it; never a secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileView {
    name: String,
    base_url: Option<String>,
    /// None where it is not known without asking a slow store.
    client_id: Option<String>,
    api_version: Option<String>,
    source: String,
    from: &'static str,
    default: bool,
}

impl ProfileView {
    fn of(profile: &Profile) -> Self {
        ProfileView {
            name: profile.name.clone(),
            base_url: profile.base_url.as_deref().map(told::shown),
            client_id: profile.client_id(),
            api_version: profile.api_version.clone(),
            source: profile.store.to_string(),
            from: profile.from.name(),
            default: profile.is_default,
        }
    }
}

/// Every profile there is, and what was wrong with a file that could not be read.
pub fn list(settings: &Settings) -> Result<(Vec<ProfileView>, Option<String>)> {
    let files = settings.profile_files()?;
    let known = files.all()?;
    let changing = known.profiles.iter().find(|profile| profile.is_changing);
    let changing = changing.map(|profile| {
        let path = files.state.join(profile.from.name());
        half_changed(&path, &profile.name).to_string()
    });
    Ok((
        known.profiles.iter().map(ProfileView::of).collect(),
        known.problem.or(changing),
    ))
}

/// What a profile shall be; what is not given stays as it is.
pub struct ProfileRequest {
    name: String,
    base_url: Option<String>,
    token_url: Option<String>,
    api_version: Option<&'static str>,
    pair: Option<Pair>,
    source: Option<Store>,
    default: Option<bool>,
}

impl ProfileRequest {
    /// Reads the fields of a request; addresses are checked as a call would.
    pub fn from_fields(settings: &Settings, mut fields: Fields<'_>) -> Result<Self> {
        fields.never_empty(KEPT)?;
        fields.never_null(&[(
            "source",
            "name one store in it, or leave it out to keep the pair where it is",
        )])?;
        let f = &mut fields;
        let name = name(f)?;
        let client_id = settings::client_id(f)?;
        let secret = f.secret("clientSecret")?.map(Secret::new);
        let pair = match (client_id, secret) {
            (None, None) => None,
            (Some(client_id), Some(client_secret)) => Some(pair(f, client_id, client_secret)?),
            (Some(_), None) => return Err(f.breaks("clientId", "goes together with clientSecret")),
            (None, Some(_)) => return Err(f.breaks("clientSecret", "goes together with clientId")),
        };
        let here = settings.surroundings();
        let source = f
            .object("source")?
            .map(|inner| Store::parse(inner, here.working_directory(), here.home()))
            .transpose()?;
        let wanted = ProfileRequest {
            name,
            base_url: address(settings, f, "baseUrl")?,
            token_url: address(settings, f, "tokenUrl")?,
            api_version: settings::api_version(f)?.map(|version| version.name),
            pair,
            source,
            default: f.boolean("default")?,
        };
        fields.finish()?;
        Ok(wanted)
    }
}

/// Takes the name of an own profile.
pub fn name(fields: &mut Fields<'_>) -> Result<String> {
    let name = fields.string("name")?;
    let name = fields.required("name", name)?;
    if profiles::is_name(&name) {
        Ok(name)
    } else {
        Err(fields.breaks("name", "must be 1 to 64 of letters, digits, - _ and ."))
    }
}

fn pair(fields: &Fields<'_>, client_id: String, client_secret: Secret) -> Result<Pair> {
    let client_id = value::trimmed(&client_id).to_owned();
    let client_secret = Secret::new(value::owned(client_secret.expose()));
    for (field, value) in [
        ("clientId", client_id.as_str()),
        ("clientSecret", client_secret.expose()),
    ] {
        if value.is_empty() || value.chars().any(char::is_control) {
            return Err(fields.breaks(field, "must be visible characters"));
        }
    }
    Ok(Pair {
        client_id,
        client_secret,
    })
}

fn address(
    settings: &Settings,
    fields: &mut Fields<'_>,
    field: &'static str,
) -> Result<Option<String>> {
    let Some(text) = fields.string(field)? else {
        return Ok(None);
    };
    let check = if field == "baseUrl" {
        address::check_base
    } else {
        address::check
    };
    match check(field, &text, settings) {
        Ok(address) => Ok(Some(address)),
        Err(error) => {
            let text = error.to_string();
            let rule = text.strip_prefix(&format!("{field}: ")).unwrap_or(&text);
            Err(fields.breaks(field, rule))
        }
    }
}

/// Makes a profile or changes one. A store that is written to has its own limit; all else ends with the call's time.
pub fn set(settings: &Settings, wanted: &ProfileRequest, time: &Time) -> Result<ProfileView> {
    let files = settings.profile_files()?;
    let _lock = locked(&files, time)?;
    let mut book = Book::read(&files)?;
    let as_it_was = book.clone();
    let before = book
        .profiles()?
        .into_iter()
        .find(|known| same(&known.name, &wanted.name));
    if before.as_ref().is_some_and(|before| before.is_changing)
        && (wanted.pair.is_none() || wanted.base_url.is_none())
    {
        return Err(half_changed(&book.path(), &wanted.name));
    }
    let base_url = wanted
        .base_url
        .clone()
        .or(before.as_ref().and_then(|before| before.base_url.clone()));
    let Some(base_url) = base_url else {
        return Err(Error::field(
            "baseUrl",
            "is required: there is no profile of that name yet",
        ));
    };
    if wanted.pair.is_none() && (wanted.base_url.is_some() || wanted.source.is_some()) {
        stays_with_its_tenant(&files, wanted, before.as_ref(), &base_url, time)?;
    }
    fill(book.entry(&wanted.name)?, wanted);
    match wanted.default {
        Some(true) => book.set_default(Some(&wanted.name)),
        Some(false) if before.as_ref().is_some_and(|before| before.is_default) => {
            book.set_default(None)
        }
        _ => {}
    }
    let change = ProfileChange {
        files: &files,
        wanted,
        before: before.as_ref(),
        was: &as_it_was,
        shall_be: &book,
    };
    change.made(time)?;
    let now = files.find(&wanted.name)?;
    remove_unused(&files, wanted, &now)?;
    Ok(ProfileView::of(&now))
}

/// A pair that stays where it is, or that is taken from another place, must be the tenant's that it will be sent
/// to: of another tenant that would be somebody else's secret.
fn stays_with_its_tenant(
    files: &ProfileFiles,
    wanted: &ProfileRequest,
    before: Option<&Profile>,
    base_url: &str,
    time: &Time,
) -> Result<()> {
    let kept = before.map(|before| before.store.clone());
    let named = wanted.source.clone();
    let elsewhere = named.is_some() && named != kept;
    let store = named
        .or(kept)
        .unwrap_or_else(|| files.own_store(&wanted.name));
    time.waits_for(&store);
    match store.base_url()? {
        Some(url) if same_tenant(&url, base_url) => return Ok(()),
        Some(url) => return Err(of_another(&store, &url)),
        None => {}
    }
    let known = before.and_then(|before| before.base_url.as_deref());
    let moves = known.is_some_and(|known| !same_tenant(known, base_url));
    match known {
        Some(known) if moves && !elsewhere && store.read()?.is_some() => {
            Err(of_another(&store, known))
        }
        _ => Ok(()),
    }
}

fn of_another(store: &Store, base_url: &str) -> Error {
    let rule = format!(
        "is another tenant than that of the pair in {store}, {}",
        told::shown(base_url)
    );
    Error::field("baseUrl", rule).with_remedy(
        "give the other tenant's clientId and clientSecret with it, or make a profile of another name",
    )
}

fn fill(entry: &mut Map<String, Value>, wanted: &ProfileRequest) {
    entry.remove(CHANGING);
    let mut put = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            entry.insert(field.to_owned(), value);
        }
    };
    put("apiVersion", wanted.api_version.map(Value::from));
    put("source", wanted.source.as_ref().map(Store::to_json));
    put("tokenUrl", wanted.token_url.clone().map(Value::from));
    let moved = wanted
        .base_url
        .as_ref()
        .is_some_and(|url| entry.get("baseUrl") != Some(&Value::from(url.as_str())));
    if moved && wanted.token_url.is_none() {
        // It was the other tenant's.
        entry.remove("tokenUrl");
    }
    if let Some(url) = &wanted.base_url {
        entry.insert("baseUrl".to_owned(), Value::from(url.as_str()));
    }
}

/// Once a pair is stored elsewhere, the one in the private file is only a secret more.
fn remove_unused(files: &ProfileFiles, wanted: &ProfileRequest, now: &Profile) -> Result<()> {
    if wanted.pair.is_none() || keeps_in_own_file(files, now) {
        return Ok(());
    }
    remove_own_file(files, &wanted.name)
}

fn keeps_in_own_file(files: &ProfileFiles, profile: &Profile) -> bool {
    matches!(&profile.store, Store::File(file) if file.path == files.own_file(&profile.name))
}

fn remove_own_file(files: &ProfileFiles, name: &str) -> Result<()> {
    let path = files.own_file(name);
    private::remove_leftovers(&path);
    private::remove(&path).map_err(|error| unwritable(&path, &error))
}

/// Removes an own profile and the private file of its pair; a store of others keeps what it has. Returns
/// the profile as it was.
pub fn remove(settings: &Settings, name: &str, time: &Time) -> Result<ProfileView> {
    let files = settings.profile_files()?;
    let _lock = locked(&files, time)?;
    let profile = files.named(name)?;
    if let Origin::CommandLine(path) = &profile.from {
        let rule = format!(
            "is an environment of the official command line, in {}",
            path.display()
        );
        return Err(
            Error::field("name", rule).with_remedy("remove it with the command line itself")
        );
    }
    let shown = ProfileView::of(&profile);
    time.begins_to_write()?;
    let mut book = Book::read(&files)?;
    book.remove(name);
    // The secret first: after a crash in between the profile is still there, to be removed again.
    remove_own_file(&files, name)?;
    book.write()?;
    Ok(shown)
}

fn locked(files: &ProfileFiles, time: &Time) -> Result<lock::Held> {
    trust::folder(&files.state)?;
    private::create_folder(&files.state).map_err(|error| unwritable(&files.state, &error))?;
    let path = files.state.join("profiles.lock");
    time.waits_for(format!(
        "{}: another process is changing profiles",
        path.display()
    ));
    match lock::take(&path, time.left()) {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => Err(time.is_over()),
        Err(error) => Err(unwritable(&path, &error)),
    }
}
