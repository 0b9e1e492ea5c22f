//! The look before anything is made: what must hold, found out without changing anything.

use std::path::Path;

use crate::api::id;
use crate::client::Identity;
use crate::client::blocking::blocking;
use crate::error::{Code, Error, Result};
use crate::lifecycle::changes::{self, StepOf};
use crate::lifecycle::rotation::destination::{Destination, variables_fit};
use crate::lifecycle::rotation::journal::Journal;
use crate::lifecycle::rotation::service::{Caller, Listed};
use crate::lifecycle::rotation::state::RotationState;
use crate::lifecycle::rotation::{Planned, Wish, errors, removal};
use crate::store::Store;

/// The service's cap of tokens for each user.
const MOST_TOKENS: usize = 10;

/// What a rotation would do.
pub async fn plan(caller: Caller<'_>, wish: &Wish) -> Result<Planned> {
    let identity = caller.client.identity(caller.options).await?;
    let id = wanted_id(&identity, wish)?;
    let destination = destination(&caller, &identity, wish, &id)?;
    Ok(planned(Some(id), identity, &destination))
}

/// What making a token and storing its pair would do.
pub async fn plan_create(caller: Caller<'_>, wish: &Wish) -> Result<Planned> {
    let identity = caller.client.identity(caller.options).await?;
    let destination = wish
        .destination
        .as_ref()
        .ok_or_else(|| Error::field("storeIn", "is required: where the new pair goes"))?;
    Ok(planned(None, identity, destination))
}

fn planned(id: Option<String>, identity: Identity, destination: &Destination) -> Planned {
    Planned {
        id,
        base_url: identity.base_url,
        store_in: destination.to_json(),
        stored_in: destination.to_string(),
        profile: identity.profile.map(|profile| profile.name),
    }
}

/// The token that is to be rotated.
pub fn wanted_id(identity: &Identity, wish: &Wish) -> Result<String> {
    let Some(pair) = &identity.pair else {
        return Err(errors::bearer_alone());
    };
    Ok(match &wish.id {
        Some(id) => id.as_str().to_owned(),
        None => pair.client_id.clone(),
    })
}

/// Where the new pair goes, and whether that makes sense.
pub fn destination(
    caller: &Caller<'_>,
    identity: &Identity,
    wish: &Wish,
    id: &str,
) -> Result<Destination> {
    let destination = match (&wish.destination, &identity.origin, &identity.pair) {
        (Some(destination), ..) => destination.clone(),
        (None, Some(origin), Some(pair)) if pair.client_id == id => {
            Destination::Store(origin.clone())
        }
        (None, ..) => {
            return Err(Error::field(
                "storeIn",
                "is required: the pair in use did not come from a place that it can be stored in again",
            )
            .with_remedy("name a file, a command or another store for the new pair"));
        }
    };
    if destination == Destination::Environment && caller.client.settings().has_environment() {
        return Err(Error::field(
            "storeIn",
            "cannot be the environment when the caller hands over its own",
        )
        .with_remedy("take the pair with {\"caller\": true} and set the variables yourself"));
    }
    keeps_its_profile(identity, &destination, id)?;
    Ok(destination)
}

/// A profile signs in with what its own store holds: a pair that goes elsewhere would leave it a dead one.
fn keeps_its_profile(identity: &Identity, destination: &Destination, id: &str) -> Result<()> {
    let (Some(profile), Some(pair)) = (&identity.profile, &identity.pair) else {
        return Ok(());
    };
    let is_from_profile = identity
        .origin
        .as_ref()
        .is_some_and(|origin| same_place(origin, &profile.store));
    if pair.client_id != id || !is_from_profile {
        return Ok(());
    }
    if destination
        .store()
        .is_some_and(|store| same_place(store, &profile.store))
    {
        return Ok(());
    }
    let rule = format!(
        "the token in use is the one that profile {} signs in with: with its pair in {destination} the profile would keep \
         the pair of a removed token",
        profile.name
    );
    Err(Error::field("storeIn", rule).with_remedy(
        "leave the store out: the pair then goes to the profile's own; or change that first",
    ))
}

/// Whether two stores are one place, however they are named.
fn same_place(one: &Store, other: &Store) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match (one, other) {
        (Store::File(one), Store::File(other)) => {
            one.format == other.format && real(&one.path) == real(&other.path)
        }
        (Store::CommandLine(one), Store::CommandLine(other)) => {
            let is_same = match (&one.environment, &other.environment) {
                (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
                (one, other) => one == other,
            };
            is_same && real(&one.path) == real(&other.path)
        }
        (Store::Command(one), Store::Command(other)) => one.words == other.words,
        (one, other) => one == other,
    }
}

/// One's own tokens, without what a create that came late left of a rotation that had ended by then: that one is
/// removed.
pub async fn own_tokens(
    caller: &Caller<'_>,
    identity: &Identity,
    folder: &Path,
) -> Result<Vec<Listed>> {
    let mut listed = list(caller).await?;
    let folder = folder.to_owned();
    let journals = blocking(move || Journal::all(&folder)).await??;
    let in_use = identity.pair.as_ref().map(|pair| pair.client_id.as_str());
    for journal in journals.iter().filter(|journal| journal.is_finished()) {
        let rotation = journal.plan.rotation.as_str();
        let late: Vec<String> = listed
            .iter()
            .filter(|listed| journal.made(listed))
            .map(|listed| listed.token.id.clone())
            .filter(|id| {
                let stays = journal.state() == RotationState::Done && journal.new_id() == Some(id);
                !stays && in_use != Some(id) && !removal::is_of_another(&journals, rotation, id)
            })
            .collect();
        for id in late {
            let of = StepOf {
                rotation,
                owner: journal.plan.owner_id.as_deref(),
                step: "removing what a create made late",
            };
            let removed = removal::remove(caller, of, in_use.unwrap_or_default(), &id).await?;
            listed = removed.unwrap_or(listed);
        }
    }
    Ok(listed)
}

async fn list(caller: &Caller<'_>) -> Result<Vec<Listed>> {
    caller.own_tokens().await.map_err(|error| match error.code() {
        Code::Forbidden => errors::refused_because(
            error,
            "the credential may not list its owner's own tokens (idn:my-personal-access-tokens:read)",
        ),
        _ => error,
    })
}

/// The ids of a list.
pub fn ids(listed: &[Listed]) -> Vec<String> {
    let ids = listed.iter().map(|listed| listed.token.id.clone());
    ids.collect()
}

/// Whose tokens these are.
pub fn owner_of(listed: &[Listed]) -> Result<Option<String>> {
    let mut owners = listed.iter().filter_map(Listed::owner_id);
    let Some(owner) = owners.next() else {
        return Ok(None);
    };
    match owners.find(|other| *other != owner) {
        None => Ok(Some(owner.to_owned())),
        Some(other) => Err(errors::refused(format!(
            "the list of one's own tokens shows tokens of two owners, {owner} and {other}"
        ))),
    }
}

/// The token that is to be rotated, in the list.
pub fn rotatable<'l>(listed: &'l [Listed], id: &str) -> Result<&'l Listed> {
    let Some(old) = listed.iter().find(|listed| listed.token.id == id) else {
        return Err(
            errors::refused(format!("the token {id} is none of one's own"))
                .with_field("id")
                .with_remedy(
                    "a token is rotated by its owner: sign in with one of that owner's tokens",
                ),
        );
    };
    if old.token.managed == Some(true) {
        return Err(errors::refused(format!(
            "the token '{}' belongs to a workflow",
            old.token.name
        ))
        .with_field("id")
        .with_remedy("rotate it where the workflow is kept"));
    }
    if old.token.name.is_empty() {
        return Err(
            errors::refused("the token has no name to give to its successor").with_field("id"),
        );
    }
    Ok(old)
}

/// The service's cap leaves room for one more.
pub fn free_slot(listed: &[Listed], why: &str) -> Result<()> {
    // Those that belong to workflows do not count.
    let count = listed
        .iter()
        .filter(|listed| listed.token.managed != Some(true))
        .count();
    if count < MOST_TOKENS {
        return Ok(());
    }
    Err(errors::refused(format!(
        "the owner has {count} tokens, as many as the service allows, and {why}"
    ))
    .with_remedy("remove a token that nobody uses"))
}

/// The destination, fixed to what it means now, once a pair can be written to it and to the change log. It holds nothing
/// but the pair of `old`, or nothing at all.
pub async fn writable(
    caller: &Caller<'_>,
    destination: Destination,
    old: Option<&str>,
    listed: &[Listed],
    base_url: &str,
) -> Result<Destination> {
    let settings = caller.client.settings().clone();
    blocking(move || changes::check(&settings))
        .await?
        .map_err(unchanged)?;
    let (destination, held) = match destination {
        Destination::Caller => (destination, None),
        Destination::Environment => {
            variables_fit(caller.client, base_url).map_err(unchanged)?;
            (destination, caller.client.pair_of_variables())
        }
        Destination::Store(store) => {
            let base_url = base_url.to_owned();
            let (store, held) = blocking(move || {
                let store = store.pinned()?;
                store.check(&base_url)?;
                let held = store.read()?;
                Ok((store, held))
            })
            .await?
            .map_err(unchanged)?;
            (Destination::Store(store), held)
        }
    };
    match held {
        Some(pair) if Some(pair.client_id.as_str()) != old => {
            Err(holds_another(&destination, &pair.client_id, listed))
        }
        _ => Ok(destination),
    }
}

/// A pair that is there already is somebody else's, whether its token lives or not.
fn holds_another(destination: &Destination, id: &str, listed: &[Listed]) -> Error {
    let whose = match listed.iter().find(|listed| listed.token.id == id) {
        Some(listed) => format!("of the token '{}', which lives", listed.token.name),
        None => format!("of {}, which is none of one's own tokens", id::shown(id)),
    };
    errors::refused(format!("{destination} holds the pair {whose}"))
        .with_field("storeIn")
        .with_remedy(
            "name another place, rotate that token, or take its pair out first if nobody needs it",
        )
}

fn unchanged(mut error: Error) -> Error {
    error.detail_mut().message.push_str("; nothing was changed");
    error
}
