//! How a rotation begins: what must hold before anything is made, and the plan.

use std::path::Path;

use serde_json::Value;

use crate::api::token::Token;
use crate::client::Identity;
use crate::client::asking::blocking;
use crate::error::{Code, Error, Result};
use crate::lifecycle::changes;
use crate::lifecycle::rotation::journal::{self, Journal, Kind, Plan};
use crate::lifecycle::rotation::lock::Lock;
use crate::lifecycle::rotation::run::Run;
use crate::lifecycle::rotation::service::Caller;
use crate::lifecycle::rotation::state::{State, View};
use crate::lifecycle::rotation::{Making, Resuming, Wish, errors, folder, make, marker};
use crate::store::Store;

/// The service's cap of tokens for each user.
const MOST_TOKENS: usize = 10;

pub async fn rotate(caller: Caller<'_>, wish: Wish) -> Result<View> {
    let identity = caller.client.identity().await?;
    let Some(pair) = &identity.pair else {
        return Err(errors::refused("a bearer alone cannot rotate a token")
            .with_remedy("give client id and client secret instead of a token"));
    };
    let id = match &wish.id {
        Some(id) => id.as_str().to_owned(),
        None => pair.client_id.clone(),
    };
    let store = chosen_store(&caller, &identity, &wish, &id)?;
    let folder = folder(caller.client.settings())?;
    let lock = Lock::take(&folder, &id)?;
    if let Some(ended) = settle_earlier(caller, &folder, &id).await? {
        return Ok(ended);
    }
    // An earlier one may have put another pair in force.
    let identity = caller.client.identity().await?;
    let tokens = own_tokens(&caller, &folder).await?;
    let old = rotatable(&tokens, &id)?;
    free_slot(&tokens, "the new token needs a free one")?;
    let store = writable(&caller, store).await?;
    let rotation = marker::new_rotation()?;
    let backup = backup_of(&store, &folder, &rotation).await?;
    let plan = Plan {
        kind: Kind::Rotation,
        base_url: identity.base_url.clone(),
        api_version: caller.client.version(&caller.options).name.to_owned(),
        name: old.name.clone(),
        old_id: Some(id),
        owner_id: owner_of(&tokens),
        store_in: store.to_json(),
        backup,
        overlap_seconds: wish.overlap.as_secs(),
        rotation,
    };
    let now = caller.client.server_time().await;
    let body = make::successor(
        old,
        caller.client.version(&caller.options),
        wish.expiration,
        now,
    );
    let mut run = Run::begin(caller, identity, plan, wish.patience, lock)?;
    run.go(body, now).await?;
    Ok(run.end())
}

pub async fn create(caller: Caller<'_>, making: Making) -> Result<View> {
    let identity = caller.client.identity().await?;
    let folder = folder(caller.client.settings())?;
    let name = making.body["name"].as_str().unwrap_or_default().to_owned();
    settle_earlier_makings(caller, &folder, &identity.base_url, &name).await?;
    let tokens = own_tokens(&caller, &folder).await?;
    if tokens.iter().any(|token| token.name == name) {
        return Err(
            errors::refused(format!("one of one's own tokens is named '{name}' already"))
                .with_field("name")
                .with_remedy("choose another name, or rotate that token"),
        );
    }
    free_slot(&tokens, "a new token needs a free one")?;
    let store = writable(&caller, making.store).await?;
    nobodys(&store, &tokens).await?;
    let rotation = marker::new_rotation()?;
    let lock = Lock::take(&folder, &rotation)?;
    let plan = Plan {
        kind: Kind::Create,
        base_url: identity.base_url.clone(),
        api_version: caller.client.version(&caller.options).name.to_owned(),
        name,
        old_id: None,
        owner_id: owner_of(&tokens),
        store_in: store.to_json(),
        backup: None,
        overlap_seconds: 0,
        rotation,
    };
    let now = caller.client.server_time().await;
    let body = making.body.as_object().cloned().unwrap_or_default();
    let mut run = Run::begin(caller, identity, plan, making.patience, lock)?;
    run.go(body, now).await?;
    Ok(run.end())
}

/// Where the new pair goes, and whether that makes sense.
fn chosen_store(caller: &Caller<'_>, identity: &Identity, wish: &Wish, id: &str) -> Result<Store> {
    let store = match (&wish.store, &identity.origin, &identity.pair) {
        (Some(store), ..) => store.clone(),
        (None, Some(origin), Some(pair)) if pair.client_id == id => origin.clone(),
        (None, ..) => {
            return Err(Error::field(
                "storeIn",
                "is required: the pair in use did not come from a place that it can be stored in again",
            )
            .with_remedy("name a file, a command or another store for the new pair"));
        }
    };
    if store == Store::Environment && caller.client.settings().has_environment() {
        return Err(Error::field(
            "storeIn",
            "cannot be the environment when the caller hands over its own",
        )
        .with_remedy("take the pair with {\"caller\": true} and set the variables yourself"));
    }
    Ok(store)
}

/// One's own tokens, without what a create that came late left of a rotation that had ended by then: that one
/// is removed.
async fn own_tokens(caller: &Caller<'_>, folder: &Path) -> Result<Vec<Token>> {
    let mut tokens = listed(caller).await?;
    for journal in Journal::all(folder)? {
        let rotation = &journal.plan.rotation;
        let is_late = |token: &Token| {
            marker::is_of(&token.name, rotation) && journal.new_id() != Some(token.id.as_str())
        };
        if journal.is_finished() && tokens.iter().any(is_late) {
            caller.sweep(rotation, journal.new_id()).await?;
            tokens.retain(|token| !is_late(token));
        }
    }
    Ok(tokens)
}

async fn listed(caller: &Caller<'_>) -> Result<Vec<Token>> {
    caller.own_tokens().await.map_err(|error| match error.code() {
        Code::Forbidden => errors::refused_because(
            error,
            "the credential may not list its owner's own tokens (idn:my-personal-access-tokens:read)",
        ),
        _ => error,
    })
}

fn owner_of(tokens: &[Token]) -> Option<String> {
    tokens
        .iter()
        .find_map(|token| token.owner.as_ref()?.id.clone())
}

/// The pair of a token that lives must not be written over.
async fn nobodys(store: &Store, tokens: &[Token]) -> Result<()> {
    let read = store.clone();
    let held = blocking(move || read.read()).await?.map_err(unchanged)?;
    let living = held.and_then(|pair| tokens.iter().find(|token| token.id == pair.client_id));
    match living {
        None => Ok(()),
        Some(token) => Err(errors::refused(format!(
            "{store} holds the pair of the token '{}', which lives",
            token.name
        ))
        .with_field("storeIn")
        .with_remedy("name another place, or rotate that token")),
    }
}

fn rotatable<'t>(tokens: &'t [Token], id: &str) -> Result<&'t Token> {
    let Some(token) = tokens.iter().find(|token| token.id == id) else {
        return Err(
            errors::refused(format!("the token {id} is none of one's own"))
                .with_field("id")
                .with_remedy(
                    "a token is rotated by its owner: sign in with one of that owner's tokens",
                ),
        );
    };
    if token.managed == Some(true) {
        return Err(
            errors::refused(format!("the token '{}' belongs to a workflow", token.name))
                .with_field("id")
                .with_remedy("rotate it where the workflow is kept"),
        );
    }
    if token.name.is_empty() {
        return Err(
            errors::refused("the token has no name to give to its successor").with_field("id"),
        );
    }
    Ok(token)
}

fn free_slot(tokens: &[Token], why: &str) -> Result<()> {
    // Those that belong to workflows do not count.
    let count = tokens
        .iter()
        .filter(|token| token.managed != Some(true))
        .count();
    if count < MOST_TOKENS {
        return Ok(());
    }
    Err(errors::refused(format!(
        "the owner has {count} tokens, as many as the service allows, and {why}"
    ))
    .with_remedy("remove a token that nobody uses"))
}

/// The store, fixed to what it means now, once a pair can be written to it and to the change log.
async fn writable(caller: &Caller<'_>, store: Store) -> Result<Store> {
    let settings = caller.client.settings().clone();
    let looked_at = blocking(move || {
        let store = store.pinned()?;
        store.check()?;
        changes::check(&settings).map(|()| store)
    });
    looked_at.await?.map_err(unchanged)
}

fn unchanged(mut error: Error) -> Error {
    error.detail_mut().message.push_str("; nothing was changed");
    error
}

/// Where the old pair is kept meanwhile, so that a rotation can be undone.
async fn backup_of(store: &Store, folder: &Path, rotation: &str) -> Result<Option<Value>> {
    let (store, folder) = (store.clone(), folder.to_owned());
    let name = format!("{rotation}.old");
    let backup = blocking(move || store.beside(&folder, &name)).await?;
    Ok(backup.map_err(unchanged)?.map(|store| store.to_json()))
}

/// Carries on or takes back what a crash left of making a token of this name. One that is under way elsewhere
/// is left alone.
async fn settle_earlier_makings(
    caller: Caller<'_>,
    folder: &Path,
    base_url: &str,
    name: &str,
) -> Result<()> {
    let found = journal::look(folder)?;
    found.nothing_unreadable_about(name)?;
    for journal in found.journals {
        let plan = &journal.plan;
        let same = plan.kind == Kind::Create && plan.base_url == base_url && plan.name == name;
        if !same || journal.is_finished() {
            continue;
        }
        let lock = match Lock::take(folder, super::run::locked_id(plan)) {
            Err(error) if error.code() == Code::RotationBusy => continue,
            lock => lock?,
        };
        // Read again under the lock: whoever held it may just have ended it.
        let journal = Journal::find(folder, &journal.plan.rotation)?;
        let mut run = Run::reopen(caller, journal, Some(lock)).await?;
        run.resume(Resuming::default()).await?;
    }
    Ok(())
}

/// Deals with an earlier rotation that touched this token: carries on or takes back what a crash left. The
/// view of one that has put another token in the place of this one.
async fn settle_earlier(caller: Caller<'_>, folder: &Path, id: &str) -> Result<Option<View>> {
    let found = journal::look(folder)?;
    found.nothing_unreadable_about(id)?;
    for journal in found.journals {
        if journal.is_finished() {
            continue;
        }
        let replaced_it = journal.plan.old_id.as_deref() == Some(id);
        let made_it = journal.new_id() == Some(id);
        if !replaced_it && !made_it {
            continue;
        }
        if journal.state() == State::Overlapping && !journal.is_overdue() {
            let rotation = &journal.plan.rotation;
            return Err(Error::new(
                Code::RotationUnfinished,
                format!("the rotation {rotation} of this token is not over: both tokens live side by side"),
            )
            .with_field("rotation")
            .with_remedy(format!("wait for the end of the overlap, resume {rotation} now, or undo it")));
        }
        let lock = match &journal.plan.old_id {
            // Held already.
            Some(old) if old == id => None,
            _ => Some(Lock::take(folder, super::run::locked_id(&journal.plan))?),
        };
        // Read again under the lock: whoever held it may just have ended it.
        let journal = Journal::find(folder, &journal.plan.rotation)?;
        let mut run = Run::reopen(caller, journal, lock).await?;
        run.resume(Resuming::default()).await?;
        if replaced_it && run.state() == State::Done {
            return Ok(Some(run.end()));
        }
    }
    Ok(None)
}
