//! Everything there is at one moment: the tokens, the places, the journals.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::vault::Pair;

#[derive(Clone, Default)]
pub struct Snapshot {
    /// With their secrets.
    pub tokens: Vec<Value>,
    /// Where pairs are in force.
    pub places: Vec<(String, Holds)>,
    /// Every file of the state folders.
    pub backups: Vec<(PathBuf, String)>,
    /// Of each host, as it lists them.
    pub journals: Vec<Vec<Value>>,
}

/// What a place holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Holds {
    Nothing,
    Pair(Pair),
    /// A pair beside another tenant's address.
    Foreign(Option<Pair>),
    Garbage(String),
}

impl Holds {
    /// Read without the library.
    pub fn of_file(path: &Path) -> Holds {
        let Ok(text) = std::fs::read_to_string(path) else {
            return Holds::Nothing;
        };
        let Ok(value) = serde_json::from_str::<Value>(&text) else {
            return Holds::Garbage(text);
        };
        let field = |name: &str| value[name].as_str().map(str::to_owned);
        let pair = field("ClientId").zip(field("ClientSecret"));
        let is_foreign = field("BaseURL").is_some_and(|url| url.ends_with(":9"));
        match pair {
            pair if is_foreign => Holds::Foreign(pair),
            Some(pair) => Holds::Pair(pair),
            None => Holds::Nothing,
        }
    }

    pub fn pair(&self) -> Option<&Pair> {
        match self {
            Holds::Pair(pair) | Holds::Foreign(Some(pair)) => Some(pair),
            Holds::Nothing | Holds::Foreign(None) | Holds::Garbage(_) => None,
        }
    }
}

impl Snapshot {
    pub fn lives(&self, id: &str) -> bool {
        self.token(id).is_some()
    }

    pub fn token(&self, id: &str) -> Option<&Value> {
        self.tokens.iter().find(|token| token["id"] == id)
    }

    /// Where a pair is in force.
    pub fn in_force(&self, pair: &Pair) -> Option<&str> {
        let place = self
            .places
            .iter()
            .find(|(_, holds)| holds.pair() == Some(pair));
        place.map(|(name, _)| name.as_str())
    }

    /// Whether a pair is anywhere, in force or in a copy.
    pub fn holds(&self, pair: &Pair) -> bool {
        self.in_force(pair).is_some()
            || self
                .backups
                .iter()
                .any(|(_, text)| text.contains(&pair.0) && text.contains(&pair.1))
    }

    pub fn journal(&self, host: usize, rotation: &str) -> Option<&Value> {
        self.journals[host]
            .iter()
            .find(|journal| journal["rotation"] == rotation)
    }

    /// The place that a journal's store means.
    pub fn store_of(&self, journal: &Value) -> Option<&Holds> {
        let store = &journal["storeIn"];
        let place = match store["file"].as_str() {
            Some(file) if file.ends_with("second.json") => "second.json",
            Some(file) if file.ends_with("other.json") => "other.json",
            Some(_) => "the first place",
            None if store["command"].is_array() => "the first place",
            None => return None,
        };
        self.places
            .iter()
            .find(|(name, _)| name == place)
            .map(|(_, holds)| holds)
    }
}
