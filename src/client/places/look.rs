//! What one place gave, and the values of a call with the places that they came from.

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::api::value;
use crate::client::places::PlaceKind;
use crate::store::Store;
use crate::store::holding::Holding;
use crate::store::profiles::Profile;

/// Where a value was found, in the words of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Setting(&'static str),
    Variable(&'static str),
    /// The official SDK's config.json or the official command line's config.yaml.
    File(PathBuf),
    /// The keyring's entries of the official command line's active environment.
    Keyring(String),
    /// The source that the settings or a profile name.
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

/// A value and the place it came from.
#[derive(Clone, PartialEq, Eq)]
pub struct PlacedValue {
    pub value: Zeroizing<String>,
    pub place: Place,
}

impl PlacedValue {
    /// A value as it stands there; a blank one is none.
    pub fn at(value: Option<&str>, place: &Place) -> Option<Self> {
        let value = value::trimmed(value?);
        (!value.is_empty()).then(|| PlacedValue {
            value: Zeroizing::new(value.to_owned()),
            place: place.clone(),
        })
    }
}

/// The three values that a call cannot do without.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Essentials {
    pub base_url: Option<PlacedValue>,
    pub client_id: Option<PlacedValue>,
    pub client_secret: Option<PlacedValue>,
}

impl Essentials {
    pub fn has_pair(&self) -> bool {
        self.client_id.is_some() && self.client_secret.is_some()
    }

    /// The half that is there without the other, and the name of the other.
    pub fn half(&self) -> Option<(&PlacedValue, &'static str)> {
        match (&self.client_id, &self.client_secret) {
            (Some(id), None) => Some((id, "clientSecret")),
            (None, Some(secret)) => Some((secret, "clientId")),
            _ => None,
        }
    }

    /// The pair that a place holds, or the half of it.
    pub fn take_pair(&mut self, holding: &Holding, place: &Place) {
        let [id, secret] = holding.halves();
        self.client_id = PlacedValue::at(id, place);
        self.client_secret = PlacedValue::at(secret, place);
    }

    pub fn is_empty(&self) -> bool {
        self.given().is_empty()
    }

    /// The names of what is there.
    pub fn given(&self) -> Vec<&'static str> {
        let all = [
            (&self.base_url, "baseUrl"),
            (&self.client_id, "clientId"),
            (&self.client_secret, "clientSecret"),
        ];
        let given = all.into_iter().filter(|(found, _)| found.is_some());
        given.map(|(_, name)| name).collect()
    }

    /// Whether the pair came from that place.
    pub fn pair_is_from(&self, look: &Look) -> bool {
        self.client_id.is_some() && self.client_id == look.gave.client_id
    }
}

/// What one place gave.
#[derive(Clone)]
pub struct Look {
    pub kind: PlaceKind,
    /// The place, for messages.
    pub words: String,
    /// Why it gave no pair, where that needs saying.
    pub why: Option<String>,
    pub gave: Essentials,
    /// The profile that was looked at.
    pub profile: Option<Profile>,
    /// Where a pair can go back to.
    pub origin: Option<Store>,
}

impl Look {
    pub fn new(kind: PlaceKind, words: impl Into<String>) -> Self {
        Look {
            kind,
            words: words.into(),
            why: None,
            gave: Essentials::default(),
            profile: None,
            origin: None,
        }
    }

    /// A place that gave nothing, and why.
    pub fn nothing(kind: PlaceKind, words: impl Into<String>, why: impl Into<String>) -> Self {
        Look {
            why: Some(why.into()),
            ..Look::new(kind, words)
        }
    }

    /// The place, and why it gave no pair.
    pub fn said(&self) -> String {
        match &self.why {
            Some(why) => format!("{} ({why})", self.words),
            None => self.words.clone(),
        }
    }
}
