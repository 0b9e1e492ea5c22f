//! The words for settings that lack something: what is missing, what is mixed, and what to do.

use crate::api::{address, id};
use crate::client::places::look::{Essentials, Look, Place, PlacedValue};
use crate::client::places::settle::Mix;
use crate::client::surroundings::Surroundings;
use crate::error::{Code, Error, Result};
use crate::store::Store;

/// What holds two halves of something together.
const HALF: &str = "client id and secret come from one place";

/// Nobody gave these. Says where it was looked and what was likely meant.
pub fn missing(names: &[&str], looks: &[Look], surroundings: &Surroundings) -> Error {
    let looked_at: Vec<String> = looks.iter().map(Look::said).collect();
    let mut message = format!(
        "missing settings: {}. Looked at, in this order: {}",
        names.join(", "),
        looked_at.join("; ")
    );
    let mut remedy = match names {
        ["baseUrl"] => "name the base URL where the pair is: baseUrl, SAIL_BASE_URL, BaseURL",
        _ => "set SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET, or give the settings",
    }
    .to_owned();
    let slips = slips(surroundings);
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

/// Variables that look like settings and are none, while the one that counts is not set.
pub fn slips(surroundings: &Surroundings) -> Vec<&'static str> {
    let is_slip = |name: &&str| {
        surroundings.get(name).is_some() && surroundings.get(&format!("SAIL_{name}")).is_none()
    };
    let names = ["BASE_URL", "CLIENT_ID", "CLIENT_SECRET"];
    names.into_iter().filter(is_slip).collect()
}

/// A half of a pair without the other.
pub fn half(found: &PlacedValue, other: &'static str) -> Error {
    let (other_place, remedy) = match &found.place {
        Place::Setting(_) => (other.to_owned(), "give both, or neither"),
        Place::Variable(_) => (
            match other {
                "clientId" => "SAIL_CLIENT_ID",
                _ => "SAIL_CLIENT_SECRET",
            }
            .to_owned(),
            "set both variables, or neither",
        ),
        _ => (format!("its {other}"), "put both in, or neither"),
    };
    let what = match other {
        "clientId" => "a client secret",
        _ => "a client id",
    };
    let message = format!(
        "missing settings: {other}. {} gives {what} without {other_place}; {HALF}",
        found.place
    );
    Error::new(Code::SettingsMissing, message)
        .with_field(other)
        .with_remedy(remedy)
}

/// A source, or a profile's, that holds no pair.
pub fn no_pair(look: &Look, store: &Store) -> Error {
    let why = match store {
        Store::File(file) if !file.path.exists() => "is not there",
        _ => "holds no pair",
    };
    let message = format!(
        "missing settings: clientId, clientSecret. {}: {store} {why}",
        look.words
    );
    let remedy = match &look.profile {
        Some(_) => "store them in the profile: profile_set, Set-SailPatProfile",
        None => "store a pair there, or name another source",
    };
    Error::new(Code::SettingsMissing, message)
        .with_field("clientId, clientSecret")
        .with_remedy(remedy)
}

/// The base URL of one place with the pair, or the bearer, of another.
pub fn mixed(base_url: &PlacedValue, pair: &Look, why: Mix) -> Error {
    let own = pair.gave.base_url.as_ref();
    let from = match &pair.gave.client_id {
        Some(id) => format!("client id and secret are from {}", shown_place(&id.place)),
        None if own.is_some() => format!("client id and secret are those of {}", pair.words),
        None => "the token is one that was given".to_owned(),
    };
    let (rule, remedy) = match why {
        Mix::AnotherTenant => (
            format!(
                ", which is for {}: a pair only goes to its own tenant",
                own.map_or("another one".to_owned(), |own| address::shown(&own.value))
            ),
            format!(
                "take the base URL out of {place}, or give the pair of that tenant there, too",
                place = shown_place(&base_url.place)
            ),
        ),
        Mix::NotCompleted => (
            ": where a secret of another place goes, only baseUrl that is given says, or SAIL_BASE_URL for a pair in a file"
                .to_owned(),
            "name the base URL where the pair is".to_owned(),
        ),
    };
    let message = format!(
        "the base URL {} is from {}; {from}{rule}",
        address::shown(&base_url.value),
        shown_place(&base_url.place)
    );
    Error::new(Code::SettingsMixed, message)
        .with_field("baseUrl")
        .with_remedy(remedy)
}

fn shown_place(place: &Place) -> String {
    match place {
        Place::Setting(name) => format!("the settings given ({name})"),
        place => place.to_string(),
    }
}

/// Ids are shown and secrets are not, so a secret in the place of the id would show everywhere.
pub fn refuse_swapped(essentials: &Essentials) -> Result<()> {
    let swapped = |id: &&PlacedValue| id::has_form_of_secret(&id.value);
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
