//! Law 2, as pure functions of what the places gave: the pair's place, and the base URL that may go with it.

use crate::client::places::look::{Essentials, Look, PlacedValue};
use crate::client::places::{Needs, PlaceKind};
use crate::store::same_tenant;

/// Why what the places gave is no settings of a call.
#[derive(Debug, PartialEq, Eq)]
pub enum Lack {
    /// Nobody gave these.
    Missing(Vec<&'static str>),
    /// The base URL of one place would go with the pair of another. With the reason.
    Mixed {
        base_url: usize,
        pair: usize,
        why: Mix,
    },
}

/// Why two places do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// The pair's own place names another tenant.
    AnotherTenant,
    /// It is none that completes: a place after the pair's, or a file.
    NotCompleted,
}

/// Whether no place after these can change anything.
pub fn is_enough(looks: &[Look], needs: Needs) -> bool {
    let mut looks = looks.iter();
    match needs {
        // The variables are the last place that may say where a bearer goes.
        Needs::BaseUrl => {
            looks.any(|look| look.gave.base_url.is_some() || look.kind == PlaceKind::Variables)
        }
        Needs::Everything => looks.any(|look| look.gave.has_pair()),
    }
}

/// The settings that these places come to.
pub fn settle(looks: &[Look], needs: Needs) -> Result<Essentials, Lack> {
    match needs {
        Needs::BaseUrl => with_bearer(looks),
        Needs::Everything => with_pair(looks),
    }
}

/// A bearer is sent where the user said for this process, whichever pair it was fetched with.
fn with_bearer(looks: &[Look]) -> Result<Essentials, Lack> {
    let named = looks.iter().position(|look| look.gave.base_url.is_some());
    match named {
        Some(at) if is_the_users(looks[at].kind) => Ok(Essentials {
            base_url: looks[at].gave.base_url.clone(),
            ..Essentials::default()
        }),
        Some(at) => Err(Lack::Mixed {
            base_url: at,
            pair: 0,
            why: Mix::NotCompleted,
        }),
        None => Err(Lack::Missing(vec!["baseUrl"])),
    }
}

fn with_pair(looks: &[Look]) -> Result<Essentials, Lack> {
    let Some(pair) = looks.iter().position(|look| look.gave.has_pair()) else {
        let named = looks.iter().any(|look| look.gave.base_url.is_some());
        let names = ["baseUrl", "clientId", "clientSecret"];
        return Err(Lack::Missing(names[usize::from(named)..].to_vec()));
    };
    let gave = &looks[pair].gave;
    let base_url = base_url(looks, pair)?;
    Ok(Essentials {
        base_url: Some(base_url.clone()),
        ..gave.clone()
    })
}

/// The base URL that goes with the pair of that place.
fn base_url(looks: &[Look], pair: usize) -> Result<&PlacedValue, Lack> {
    let own = looks[pair].gave.base_url.as_ref();
    let mixed = |base_url, why| {
        Err(Lack::Mixed {
            base_url,
            pair,
            why,
        })
    };
    let named = |look: &Look| look.gave.base_url.is_some();
    let before = looks[..pair].iter().position(named);
    if let Some(at) = before
        && let Some(found) = &looks[at].gave.base_url
    {
        return match own {
            Some(own) if !same_tenant(&own.value, &found.value) => mixed(at, Mix::AnotherTenant),
            Some(own) => Ok(own),
            None if is_the_users(looks[at].kind) => Ok(found),
            None => mixed(at, Mix::NotCompleted),
        };
    }
    own.ok_or(Lack::Missing(vec!["baseUrl"]))
}

/// What the user set for this process, and no file can.
fn is_the_users(kind: PlaceKind) -> bool {
    matches!(kind, PlaceKind::Given | PlaceKind::Variables)
}
