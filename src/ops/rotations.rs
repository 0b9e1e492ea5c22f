//! The requests of rotation, from JSON to `lifecycle`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use zeroize::Zeroizing;

use crate::api::create::Create;
use crate::api::fields::Fields;
use crate::api::value;
use crate::client::settings::{self, Settings};
use crate::client::{Answer, Client, Context, Options};
use crate::error::Result;
use crate::lifecycle::rotation::destination::Destination;
use crate::lifecycle::rotation::service::Caller;
use crate::lifecycle::rotation::{self, Ended, Making, Resuming, Which, Wish};
use crate::ops::answers::answer;
use crate::ops::options::{options, token_id};
use crate::store::Pair;

/// Both tokens side by side for longer than this is no rotation.
const LONGEST_OVERLAP: f64 = 90.0 * 86_400.0;
const LONGEST_PATIENCE: f64 = 3_600.0;

pub async fn rotate(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let (wish, options) = {
        let mut fields = Fields::of_request(&json)?;
        let options = options(&mut fields)?;
        let wish = wish(&mut fields, client.settings())?;
        fields.finish()?;
        (wish, options)
    };
    let caller = caller(&client, options, &context);
    Ok(shown(rotation::rotate(caller, wish).await?))
}

/// What a rotation, or a create, of this request would do; nothing is sent.
pub async fn plan(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let (wish, is_create, options) = {
        let mut fields = Fields::of_request(&json)?;
        let options = options(&mut fields)?;
        let is_create = fields.boolean("create")?.unwrap_or(false);
        let wish = wish(&mut fields, client.settings())?;
        fields.finish()?;
        (wish, is_create, options)
    };
    let caller = caller(&client, options, &context);
    let planned = if is_create {
        rotation::plan_create(caller, &wish).await?
    } else {
        rotation::plan(caller, &wish).await?
    };
    Ok(answer(&planned))
}

/// What the request of a rotation wants.
fn wish(fields: &mut Fields<'_>, settings: &Settings) -> Result<Wish> {
    fields.never_null(&[("id", "leave it out for the token in use")])?;
    let back =
        "name one store in it, or leave it out to put the new pair where the old one came from";
    Ok(Wish {
        id: token_id(fields)?,
        destination: destination(fields, settings, back)?,
        overlap: seconds(fields, "overlapSeconds", LONGEST_OVERLAP)?.unwrap_or_default(),
        patience: seconds(fields, "verifySeconds", LONGEST_PATIENCE)?
            .unwrap_or(rotation::DEFAULT_PATIENCE),
        expiration: fields.instant("expirationDate")?,
    })
}

pub async fn list(
    client: Arc<Client>,
    json: Zeroizing<String>,
    _context: Context,
) -> Result<Answer> {
    let mut fields = Fields::of_request(&json)?;
    options(&mut fields)?;
    fields.never_null(&[
        ("id", "leave it out for the rotations of every token"),
        ("unfinished", "leave it out for all, finished ones too"),
    ])?;
    let which = Which {
        id: token_id(&mut fields)?,
        unfinished: fields.boolean("unfinished")?.unwrap_or(false),
    };
    fields.finish()?;
    Ok(answer(&rotation::list(client.settings(), &which)?))
}

pub async fn resume(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let (id, how, options) = {
        let mut fields = Fields::of_request(&json)?;
        let options = options(&mut fields)?;
        let id = rotation_id(&mut fields)?;
        let how = Resuming {
            confirm: confirmed(&mut fields)?,
            now: fields.boolean("now")?.unwrap_or(false),
        };
        fields.finish()?;
        (id, how, options)
    };
    let caller = caller(&client, options, &context);
    Ok(shown(rotation::resume(caller, &id, how).await?))
}

pub async fn undo(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let (id, options) = {
        let mut fields = Fields::of_request(&json)?;
        let options = options(&mut fields)?;
        let id = rotation_id(&mut fields)?;
        fields.finish()?;
        (id, options)
    };
    let caller = caller(&client, options, &context);
    Ok(shown(rotation::undo(caller, &id).await?))
}

/// Makes a token and stores its pair; the answer is the token as it is listed, and where its pair is.
pub async fn create_and_store(
    client: &Client,
    create: Create,
    destination: Destination,
    options: Options,
    context: &Context,
) -> Result<Answer> {
    let making = Making {
        create,
        destination,
        patience: rotation::DEFAULT_PATIENCE,
    };
    let caller = caller(client, options, context);
    let Ended { view, handed } = rotation::create(caller, making).await?;
    // The token is made and stored; that it cannot be listed now must not hide that.
    let listed = caller.own_tokens().await.unwrap_or_default();
    let token = listed
        .iter()
        .map(|listed| &listed.token)
        .find(|token| Some(token.id.as_str()) == view.new_id());
    let mut data = serde_json::to_value(token).unwrap_or_default();
    if data.is_null() {
        data = json!({"id": view.new_id()});
    }
    for (field, value) in view.summary() {
        data[field] = value;
    }
    Ok(Answer {
        handed,
        ..answer(&data)
    })
}

fn caller<'c>(client: &'c Client, options: Options, context: &'c Context) -> Caller<'c> {
    Caller {
        client,
        options,
        context,
    }
}

fn shown(ended: Ended) -> Answer {
    Answer {
        handed: ended.handed,
        ..answer(&ended.view)
    }
}

/// Where a request wants the new pair; `remedy` says what happens without.
pub fn destination(
    fields: &mut Fields<'_>,
    settings: &Settings,
    remedy: &'static str,
) -> Result<Option<Destination>> {
    fields.never_null(&[("storeIn", remedy)])?;
    let surroundings = settings.surroundings();
    let (folder, home) = (surroundings.working_directory(), surroundings.home());
    let named = fields.object("storeIn")?;
    named
        .map(|named| Destination::parse(named, folder, home))
        .transpose()
}

fn seconds(fields: &mut Fields<'_>, field: &'static str, most: f64) -> Result<Option<Duration>> {
    match fields.positive(field)? {
        Some(seconds) if seconds > most => {
            Err(fields.breaks(field, format!("must be at most {most:.0} seconds")))
        }
        seconds => Ok(seconds.map(Duration::from_secs_f64)),
    }
}

fn rotation_id(fields: &mut Fields<'_>) -> Result<String> {
    let id = fields.string("rotation")?;
    fields.required("rotation", id)
}

fn confirmed(fields: &mut Fields<'_>) -> Result<Option<Pair>> {
    let Some(mut pair) = fields.object("confirm")? else {
        return Ok(None);
    };
    let id = settings::client_id(&mut pair)?;
    let id = pair.required("clientId", id)?;
    let secret = pair.secret("clientSecret")?.map(|text| value::owned(&text));
    let secret = pair.required("clientSecret", secret)?;
    pair.finish()?;
    Ok(Some(Pair::new(value::trimmed(&id), secret)))
}
