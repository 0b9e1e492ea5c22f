//! Every place there is and what it says, for whoever wants to know why it is this tenant: the doctor. Places after
//! the one that counts are read as well, but no slow source of theirs is asked.

use serde::Serialize;

use crate::client::places::look::{Essentials, Look};
use crate::client::places::read::Reader;
use crate::client::places::{ORDER, PlaceKind, go};
use crate::client::settings::Settings;
use crate::client::source_cache::SourceCache;
use crate::visible;

/// What a place is for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The pair, or the base URL, is from here.
    Used,
    /// It says nothing.
    Nothing,
    /// It says something that does not count.
    Ignored,
    /// It says something, and the walk came to no whole settings.
    Found,
    /// It is there and cannot be used.
    Unusable,
}

/// One place; never a value.
#[derive(Debug, Serialize)]
pub struct Survey {
    #[serde(serialize_with = "visible::serialized")]
    pub place: String,
    pub gave: Vec<&'static str>,
    pub state: Standing,
    #[serde(serialize_with = "visible::serialized_if_any")]
    pub note: Option<String>,
}

/// Asks every place, in the order of the law.
pub async fn survey(settings: &Settings, sources: &SourceCache) -> Vec<Survey> {
    let reader = Reader::new(settings, sources, false);
    let glance = reader.at_a_glance();
    let walked = go(&reader).await;
    let counts = walked.result.as_ref().ok();
    let mut places: Vec<Survey> = Vec::new();
    for kind in ORDER {
        let look = walked.looks.iter().find(|look| look.kind == kind);
        let place = match look {
            Some(look) => of_look(look, counts),
            None => match (walked.unusable == Some(kind), glance.look(kind).await) {
                (true, _) => unusable(kind, walked.result.as_ref().err().map(ToString::to_string)),
                (false, Ok(look)) => of_look(&look, counts),
                (false, Err(error)) => unusable(kind, Some(error.to_string())),
            },
        };
        places.push(place);
    }
    places
}

fn of_look(look: &Look, counts: Option<&Essentials>) -> Survey {
    let url_is_from =
        |counts: &Essentials| counts.base_url.is_some() && counts.base_url == look.gave.base_url;
    let used = counts.is_some_and(|counts| counts.pair_is_from(look) || url_is_from(counts));
    let state = match (used, look.gave.is_empty()) {
        (true, _) => Standing::Used,
        (false, true) => Standing::Nothing,
        (false, false) if counts.is_none() => Standing::Found,
        (false, false) => Standing::Ignored,
    };
    Survey {
        place: look.words.clone(),
        gave: look.gave.given(),
        state,
        note: look.why.clone(),
    }
}

fn unusable(kind: PlaceKind, problem: Option<String>) -> Survey {
    let place = match kind {
        PlaceKind::Given => "the settings given",
        PlaceKind::Variables => "the variables SAIL_…",
        PlaceKind::ConfigJson => "config.json in the working folder",
        PlaceKind::DefaultProfile => "the default profile",
        PlaceKind::CommandLine => "the official command line's active environment",
    };
    Survey {
        place: place.to_owned(),
        gave: Vec::new(),
        state: Standing::Unusable,
        note: problem,
    }
}
