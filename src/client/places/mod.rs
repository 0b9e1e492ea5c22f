//! Which tenant, and as whom: where base URL, client id and client secret of a call come from.
//!
//! # The law
//!
//! 1. The places have one order, [`ORDER`]: the settings given (with the profile or the source that they name), the
//!    variables SAIL_…, config.json in the working folder, the default profile, the official command line's active
//!    environment. They are asked one after the other until one gives a pair; what comes after it is not opened.
//! 2. Client id and secret come from one place; half a pair is an error. The base URL comes from that same place. A
//!    place without one is completed by a place before it that the user set for this process: given settings, or
//!    variables. A file in the working folder, which anybody may have written, never says where a secret of another
//!    place goes, nor does a place after the pair's; and no base URL of another tenant than the pair's own place
//!    names ever counts. All of this is the error `settings_mixed`, which names the two places.
//! 3. A place that is there and cannot be used is an error that names it and the reason, and nothing after it is
//!    asked: what comes next may be another tenant. A file that is empty, or an object without any of the three
//!    names, is no place.
//!
//! One walk for each call ([`walk`]): every place is read at most once, and what it read is all that the call is
//! made from. The reader of each place is in `read`, the rule of law 2 in `settle`, the words in `words`.

mod look;
mod read;
mod settle;
mod survey;
mod words;

use std::path::{Path, PathBuf};

use crate::client::settings::Settings;
use crate::client::source_cache::SourceCache;
use crate::client::surroundings::Surroundings;
use crate::client::tls::{self, Stamp};
use crate::error::{Error, Result};
use crate::store::Store;
use crate::store::profiles::Profile;

pub use look::{Essentials, Look, Place, PlacedValue};
pub use read::{Reader, config_json};
pub use survey::{Survey, survey};

/// A place, or a few that count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// The settings that the caller gave, and the profile or source that they name.
    Given,
    Variables,
    ConfigJson,
    DefaultProfile,
    /// The official command line's active environment.
    CommandLine,
}

/// The order of the places. No other line of this library knows it.
pub const ORDER: [PlaceKind; 5] = [
    PlaceKind::Given,
    PlaceKind::Variables,
    PlaceKind::ConfigJson,
    PlaceKind::DefaultProfile,
    PlaceKind::CommandLine,
];

/// What a call needs: with a bearer at hand, the base URL alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    BaseUrl,
    Everything,
}

impl Needs {
    pub fn of(settings: &Settings) -> Self {
        match settings.token {
            Some(_) => Needs::BaseUrl,
            None => Needs::Everything,
        }
    }
}

/// Everything outside the settings that a call depends on. Two walks that are equal resolve to the same.
#[derive(PartialEq, Eq)]
pub struct Walk {
    pub surroundings: Surroundings,
    pub essentials: Essentials,
    /// The profile in force.
    pub profile: Option<Profile>,
    /// The store that the pair in force came from and can go back to.
    pub origin: Option<Store>,
    /// The CA file, below the working directory where its path is relative.
    pub ca_file: Option<PathBuf>,
    /// When the certificate files last changed.
    pub stamps: [Option<Stamp>; 3],
}

/// How far a walk came: what each place gave, and what it came to.
pub struct Walked {
    pub looks: Vec<Look>,
    /// The place that is there and cannot be used.
    pub unusable: Option<PlaceKind>,
    pub result: Result<Essentials>,
}

/// Finds what a call needs; `anew` does not trust what a slow source gave before.
pub async fn walk(settings: &Settings, sources: &SourceCache, anew: bool) -> Result<Walk> {
    let reader = Reader::new(settings, sources, anew);
    let walked = go(&reader).await;
    let essentials = walked.result?;
    let used = |look: &&Look| essentials.pair_is_from(look);
    let origin = walked.looks.iter().find(used);
    Ok(Walk {
        profile: walked.looks.iter().find_map(|look| look.profile.clone()),
        origin: origin.and_then(|look| look.origin.clone()),
        ca_file: ca_file(settings, &reader.surroundings),
        stamps: stamps(settings, &reader.surroundings),
        surroundings: reader.surroundings,
        essentials,
    })
}

/// The walk itself.
async fn go(reader: &Reader<'_>) -> Walked {
    let mut looks = Vec::with_capacity(ORDER.len());
    for kind in ORDER {
        match reader.look(kind).await {
            Ok(look) => looks.push(look),
            Err(error) => return stopped(looks, kind, error),
        }
        if settle::is_enough(&looks, reader.needs) {
            break;
        }
        if reader.settings.profile.is_some() {
            // With a profile it is the profile alone: what the surroundings say may be another tenant's.
            break;
        }
    }
    let result = settle::settle(&looks, reader.needs);
    let result = match result {
        Err(lack) => Err(reader.told(lack, &mut looks).await),
        Ok(essentials) => words::refuse_swapped(&essentials).map(|()| essentials),
    };
    Walked {
        looks,
        unusable: None,
        result,
    }
}

fn stopped(looks: Vec<Look>, kind: PlaceKind, error: Error) -> Walked {
    Walked {
        looks,
        unusable: Some(kind),
        result: Err(error),
    }
}

fn ca_file(settings: &Settings, surroundings: &Surroundings) -> Option<PathBuf> {
    let path = settings.ca_file.as_ref()?;
    Some(match surroundings.working_directory() {
        Some(folder) => folder.join(path),
        None => path.clone(),
    })
}

fn stamps(settings: &Settings, surroundings: &Surroundings) -> [Option<Stamp>; 3] {
    let variable = |name| surroundings.get(name).map(Path::new);
    [
        ca_file(settings, surroundings).as_deref(),
        variable("SSL_CERT_FILE"),
        variable("SSL_CERT_DIR"),
    ]
    .map(|path| path.and_then(tls::stamp))
}
