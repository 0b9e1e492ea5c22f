//! How a rotation begins: the look, the plan, the journal.

use crate::api::create::Create;
use crate::error::Result;
use crate::lifecycle::rotation::journal::{Kind, Plan};
use crate::lifecycle::rotation::lock::Lock;
use crate::lifecycle::rotation::look::{self, free_slot, owner_of, rotatable, writable};
use crate::lifecycle::rotation::run::Run;
use crate::lifecycle::rotation::service::Caller;
use crate::lifecycle::rotation::{Ended, Making, Wish, earlier, errors, folder, marker, successor};

pub async fn rotate(caller: Caller<'_>, wish: Wish) -> Result<Ended> {
    let identity = caller.client.identity_now(caller.options).await?;
    let id = look::wanted_id(&identity, &wish)?;
    look::destination(&caller, &identity, &wish, &id)?;
    let folder = folder(caller.client.settings())?;
    let lock = Lock::take(&folder, &id)?;
    if let Some(ended) = earlier::settle(caller, &folder, &id).await? {
        return Ok(ended);
    }
    // An earlier one may have put another pair in force.
    let identity = caller.client.identity_now(caller.options).await?;
    let destination = look::destination(&caller, &identity, &wish, &id)?;
    let listed = look::own_tokens(&caller, &identity, &folder).await?;
    let old = rotatable(&listed, &id)?;
    free_slot(&listed, "the new token needs a free one")?;
    let now = caller.client.server_time().await;
    let version = identity.version;
    // What an earlier rotation left at its end is no part of the name.
    let name = marker::plain(&old.token.name);
    let wanted = successor::successor(old, name, version, wish.expiration, now)?;
    let destination =
        writable(&caller, destination, Some(&id), &listed, &identity.base_url).await?;
    let plan = Plan {
        rotation: marker::new_rotation()?,
        kind: Kind::Rotation,
        base_url: identity.base_url.clone(),
        api_version: version.name.to_owned(),
        name: name.to_owned(),
        owner_id: owner_of(&listed)?,
        old_id: Some(id),
        store_in: destination.to_json(),
        // A part of a second is one.
        overlap_seconds: wish.overlap.as_secs_f64().ceil() as u64,
        began: Some(now.to_string()),
    };
    let mut run = Run::begin(caller, identity, plan, wish.patience, lock).await?;
    run.before = look::ids(&listed);
    run.go(&wanted).await?;
    Ok(run.end())
}

pub async fn create(caller: Caller<'_>, making: Making) -> Result<Ended> {
    let identity = caller.client.identity_now(caller.options).await?;
    let folder = folder(caller.client.settings())?;
    let Create { name, .. } = &making.create;
    let listed = look::own_tokens(&caller, &identity, &folder).await?;
    let owner_id = owner_of(&listed)?;
    let settled = earlier::settle_makings(
        caller,
        &folder,
        &identity.base_url,
        owner_id.as_deref(),
        name,
    );
    let listed = if settled.await? {
        look::own_tokens(&caller, &identity, &folder).await?
    } else {
        listed
    };
    if listed.iter().any(|listed| listed.token.name == *name) {
        return Err(
            errors::refused(format!("one of one's own tokens is named '{name}' already"))
                .with_field("name")
                .with_remedy("choose another name, or rotate that token"),
        );
    }
    free_slot(&listed, "a new token needs a free one")?;
    let destination = writable(
        &caller,
        making.destination,
        None,
        &listed,
        &identity.base_url,
    )
    .await?;
    let rotation = marker::new_rotation()?;
    let lock = Lock::take(&folder, &rotation)?;
    let plan = Plan {
        kind: Kind::Create,
        base_url: identity.base_url.clone(),
        api_version: identity.version.name.to_owned(),
        name: name.clone(),
        old_id: None,
        owner_id,
        store_in: destination.to_json(),
        overlap_seconds: 0,
        began: Some(caller.client.server_time().await.to_string()),
        rotation,
    };
    let mut run = Run::begin(caller, identity, plan, making.patience, lock).await?;
    run.before = look::ids(&listed);
    run.go(&making.create).await?;
    Ok(run.end())
}
