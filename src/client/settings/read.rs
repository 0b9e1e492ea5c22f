//! How each setting is read, and the rules it keeps to.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{ProxyChoice, ProxySettings, Setting, Settings, ValueForm, folder, variables};
use crate::api::fields::Fields;
use crate::api::id;
use crate::api::value;
use crate::api::version::{self, Version};
use crate::client::pacing::Rate;
use crate::client::surroundings::{Surroundings, Variables};
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::store::{Store, path};

const LONGEST_TIMEOUT_MS: f64 = 24.0 * 3_600_000.0;

/// A store that a pair can be read from.
pub fn source(settings: &mut Settings, fields: &mut Fields<'_>, setting: &Setting) -> Result<()> {
    let Some(inner) = fields.object(setting.name)? else {
        return Ok(());
    };
    let here = settings.surroundings();
    settings.source = Some(Store::parse(inner, here.working_directory(), here.home())?);
    Ok(())
}

/// A path below a folder, where it is relative; `~` is the home folder.
fn path_in(
    settings: &Settings,
    fields: &mut Fields<'_>,
    setting: &Setting,
    folder: Option<&Path>,
) -> Result<Option<PathBuf>> {
    let home = Surroundings::new(variables(settings.snapshot.as_ref()), None);
    let text = fields.string(setting.name)?;
    let path = text.map(|text| path::given(&text, folder, home.home()));
    path.transpose()
        .map_err(|rule| fields.breaks(setting.name, rule))
}

pub fn state_folder(
    settings: &mut Settings,
    fields: &mut Fields<'_>,
    setting: &Setting,
) -> Result<()> {
    let folder = folder(settings.snapshot.as_ref());
    settings.state_folder = path_in(settings, fields, setting, folder.as_deref())?;
    Ok(())
}

/// Below the working directory of each call, where it is relative.
pub fn ca_file(settings: &mut Settings, fields: &mut Fields<'_>, setting: &Setting) -> Result<()> {
    settings.ca_file = path_in(settings, fields, setting, None)?;
    Ok(())
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

pub fn secret(fields: &mut Fields<'_>, field: &'static str) -> Result<Option<Secret>> {
    let text = fields.secret(field)?.map(|text| value::owned(&text));
    if text
        .as_ref()
        .is_some_and(|text| text.chars().any(char::is_control))
    {
        return Err(fields.breaks(field, "must not hold control characters"));
    }
    Ok(text.map(Secret::new))
}

/// A whole number within the limits of its form.
pub fn whole(fields: &mut Fields<'_>, setting: &Setting) -> Result<Option<i64>> {
    let ValueForm::Whole { least, most } = setting.form else {
        return fields.integer(setting.name);
    };
    match fields.integer(setting.name)? {
        Some(number) if number < least || most.is_some_and(|most| number > most) => {
            let rule = match most {
                Some(most) => format!("must be between {least} and {most}"),
                None => format!("must be at least {least} byte"),
            };
            Err(fields.breaks(setting.name, rule))
        }
        number => Ok(number),
    }
}

/// A time in seconds, at most as long as its form says.
pub fn seconds(fields: &mut Fields<'_>, setting: &Setting) -> Result<Option<Duration>> {
    let ValueForm::Seconds { most } = setting.form else {
        return Ok(None);
    };
    match fields.positive(setting.name)? {
        Some(seconds) if seconds > f64::from(most) => Err(fields.breaks(
            setting.name,
            format!("must be between 0 and {most} seconds"),
        )),
        seconds => Ok(seconds.map(Duration::from_secs_f64)),
    }
}

/// `null` means no pacing, so absent and null differ here.
pub fn rate(fields: &mut Fields<'_>) -> Result<Option<Rate>> {
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

/// A URL, an object with login and exclusions, or `false` for none at all.
pub fn proxy(fields: &mut Fields<'_>) -> Result<Option<ProxyChoice>> {
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

pub fn default_headers(fields: &mut Fields<'_>) -> Result<Vec<(String, Secret)>> {
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

pub fn consumer_version(
    settings: &mut Settings,
    fields: &mut Fields<'_>,
    setting: &Setting,
) -> Result<()> {
    let version = fields.string(setting.name)?;
    let consumer = match (settings.consumer.take(), version) {
        (None, _) => return Ok(()),
        (Some(name), None) => name,
        (Some(name), Some(version)) => format!("{name}/{version}"),
    };
    if reqwest::header::HeaderValue::from_str(&consumer).is_err() {
        return Err(fields.breaks("consumerIdentifier", "must be visible ASCII characters"));
    }
    settings.consumer = Some(consumer);
    Ok(())
}

pub fn environment(
    settings: &mut Settings,
    fields: &mut Fields<'_>,
    setting: &Setting,
) -> Result<()> {
    if let Some(environment) = fields.object(setting.name)? {
        let variables = Variables::of(environment.into_string_map()?);
        let snapshot = settings.snapshot.get_or_insert_default();
        snapshot.environment = Some(Arc::new(variables));
    }
    Ok(())
}

pub fn working_directory(
    settings: &mut Settings,
    fields: &mut Fields<'_>,
    setting: &Setting,
) -> Result<()> {
    if let Some(folder) = fields.string(setting.name)? {
        let snapshot = settings.snapshot.get_or_insert_default();
        snapshot.working_directory = Some(PathBuf::from(folder));
    }
    Ok(())
}
