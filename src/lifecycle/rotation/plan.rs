//! What a rotation would do, and what it refuses by itself. Nothing is sent.

use serde::Serialize;
use serde_json::Value;

use crate::client::Identity;
use crate::error::{Error, Result};
use crate::lifecycle::rotation::Wish;
use crate::lifecycle::rotation::begin::chosen_store;
use crate::lifecycle::rotation::service::Caller;
use crate::store::Store;

/// A rotation, or a create, before anything of it is done.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    /// The token; none for a create.
    id: Option<String>,
    base_url: String,
    store_in: Value,
    /// The same in words.
    stored_in: String,
    /// The profile in force.
    profile: Option<String>,
}

/// What rotating would do.
pub async fn rotation(caller: Caller<'_>, wish: Wish) -> Result<Planned> {
    let identity = caller.client.identity().await?;
    let profile = profile_in_force(&caller).await?;
    let in_use = identity.pair.as_ref().map(|pair| pair.client_id.clone());
    let id = match (&wish.id, &in_use) {
        (Some(id), _) => id.as_str().to_owned(),
        (None, Some(in_use)) => in_use.clone(),
        (None, None) => return Err(super::errors::bearer_alone()),
    };
    let store = chosen_store(&caller, &identity, &wish, &id)?;
    if let (Some(profile), true) = (&profile, in_use.as_deref() == Some(&id)) {
        keeps_its_pair(profile, &identity, &store)?;
    }
    Ok(planned(Some(id), &identity, &store, profile))
}

/// What making and storing would do.
pub async fn create(caller: Caller<'_>, wish: Wish) -> Result<Planned> {
    let identity = caller.client.identity().await?;
    let profile = profile_in_force(&caller).await?;
    let store = wish
        .store
        .ok_or_else(|| Error::field("storeIn", "is required: where the new pair goes"))?;
    Ok(planned(None, &identity, &store, profile))
}

fn planned(
    id: Option<String>,
    identity: &Identity,
    store: &Store,
    profile: Option<String>,
) -> Planned {
    Planned {
        id,
        base_url: identity.base_url.clone(),
        store_in: store.to_json(),
        stored_in: store.to_string(),
        profile,
    }
}

async fn profile_in_force(caller: &Caller<'_>) -> Result<Option<String>> {
    let effective = caller.client.effective_settings(&caller.options).await?;
    let effective: Value = serde_json::from_slice(&effective.data).unwrap_or_default();
    Ok(effective["profile"].as_str().map(str::to_owned))
}

/// A profile signs in with what its own store holds: a pair that goes elsewhere would leave it a dead one.
fn keeps_its_pair(profile: &str, identity: &Identity, store: &Store) -> Result<()> {
    let own = identity.origin.as_ref();
    let same = match (own, store) {
        (Some(Store::File(own)), Store::File(store)) => own.path == store.path,
        (Some(own), store) => own == store,
        (None, _) => false,
    };
    if same {
        return Ok(());
    }
    let what = format!(
        "the token in use is the one that profile {profile} signs in with: with its pair in {store} the profile would keep the pair of a removed token"
    );
    Err(Error::field("storeIn", what).with_remedy(
        "leave the store out: the pair then goes to the profile's own; or change that first",
    ))
}
