//! Each operation's request, from JSON to the client's typed call.

use std::sync::Arc;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::api::fields::Fields;
use crate::api::id::TokenId;
use crate::api::request::Request;
use crate::api::version::Version;
use crate::api::{list, patch};
use crate::client::config::Effective;
use crate::client::places::Survey;
use crate::client::reply::Shape;
use crate::client::{Answer, Begun, Client, Context, Options, signin};
use crate::error::Result;
use crate::lifecycle::changes::{Change, logged};
use crate::lifecycle::doctor;
use crate::ops::answers::answer;
use crate::ops::options::{only_options, options};

pub async fn list(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let (request, begun) = prepared(&client, &json, &context, list::from_fields).await?;
    client.run(&begun, &request, Shape::Array, &context).await
}

pub async fn update(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let (request, begun) = prepared(&client, &json, &context, patch::from_fields).await?;
    let id = Fields::of_request(&json)?.string("id")?;
    let change = Change::new("update", id.as_deref(), None);
    let work = client.run(&begun, &request, Shape::Object, &context);
    logged(&client, &begun, change, work).await
}

/// An operation that is one request of the service and its reply.
async fn prepared(
    client: &Client,
    json: &str,
    context: &Context,
    build: fn(&Version, Fields<'_>) -> Result<Request>,
) -> Result<(Request, Begun)> {
    let mut fields = Fields::of_request(json)?;
    let options = options(&mut fields)?;
    let begun = client.begin(options, context).await;
    Ok((build(begun.version(), fields)?, begun))
}

pub async fn get(client: Arc<Client>, json: Zeroizing<String>, context: Context) -> Result<Answer> {
    let (id, options) = id_and_options(&json)?;
    let begun = client.begin(options, &context).await;
    client.get(&begun, &id, &context).await
}

pub async fn delete(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let (id, options) = id_and_options(&json)?;
    let change = Change::new("delete", Some(id.as_str()), None);
    let begun = client.begin(options, &context).await;
    let work = client.delete(&begun, &id, &context);
    logged(&client, &begun, change, work).await
}

/// Signs in where needed and gives the bearer itself.
pub async fn bearer(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let options = only_options(&json)?;
    let begun = client.begin(options, &context).await;
    let (bearer, token_url) = client.bearer(&begun, &context).await?;
    Ok(answer(&signin::shown(&bearer, &token_url)))
}

/// The settings in force and where each was found; nothing is sent.
pub async fn settings(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let options = only_options(&json)?;
    let begun = client.begin(options, &context).await;
    Ok(answer(&SettingsInForce {
        effective: client.effective(begun.in_force()?, options),
        places: client.survey().await,
    }))
}

/// The settings in force, and every place that they could have come from.
#[derive(Serialize)]
struct SettingsInForce {
    #[serde(flatten)]
    effective: Effective,
    places: Vec<Survey>,
}

/// Looks at everything a call depends on; what is wrong is in the report.
pub async fn doctor(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let (offline, options) = {
        let mut fields = Fields::of_request(&json)?;
        let options = options(&mut fields)?;
        let offline = fields.boolean("offline")?.unwrap_or(false);
        fields.finish()?;
        (offline, options)
    };
    let report = doctor::examine(&client, options, offline, &context).await;
    Ok(answer(&report))
}

fn id_and_options(json: &str) -> Result<(TokenId, Options)> {
    let mut fields = Fields::of_request(json)?;
    let options = options(&mut fields)?;
    let id = fields.string("id")?;
    let id = TokenId::parse("id", fields.required("id", id)?)?;
    fields.finish()?;
    Ok((id, options))
}
