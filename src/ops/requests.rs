//! Each operation's request, from JSON to the client's typed call.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::api::fields::Fields;
use crate::api::id::TokenId;
use crate::api::request::Request;
use crate::api::version::Version;
use crate::api::{list, patch};
use crate::client::reply::Shape;
use crate::client::{Answer, Client, Context, Options, settings};
use crate::error::Result;
use crate::lifecycle::changes::{Change, logged};
use crate::lifecycle::doctor;

/// Takes what any request may hold besides its own fields.
pub fn options(fields: &mut Fields<'_>) -> Result<Options> {
    Ok(Options {
        version: settings::api_version(fields)?,
        timeout: settings::milliseconds(fields, "timeoutMs")?,
    })
}

pub async fn list(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let (request, options) = prepared(&client, &json, list::from_fields)?;
    client.run(&request, Shape::Array, options, &context).await
}

pub async fn update(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let (request, options) = prepared(&client, &json, patch::from_fields)?;
    let id = Fields::of_request(&json)?.string("id")?;
    let change = Change::new("update", id.as_deref(), None);
    let work = client.run(&request, Shape::Object, options, &context);
    logged(&client, change, work).await
}

/// An operation that is one request of the service and its reply.
fn prepared(
    client: &Client,
    json: &str,
    build: fn(&Version, Fields<'_>) -> Result<Request>,
) -> Result<(Request, Options)> {
    let mut fields = Fields::of_request(json)?;
    let options = options(&mut fields)?;
    Ok((build(client.version(&options), fields)?, options))
}

pub async fn get(client: Arc<Client>, json: Zeroizing<String>, context: Context) -> Result<Answer> {
    let (id, options) = id_and_options(&json)?;
    client.get(&id, options, &context).await
}

pub async fn delete(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let (id, options) = id_and_options(&json)?;
    let change = Change::new("delete", Some(id.as_str()), None);
    logged(&client, change, client.delete(&id, options, &context)).await
}

/// Signs in where needed and gives the bearer itself.
pub async fn bearer(
    client: Arc<Client>,
    json: Zeroizing<String>,
    context: Context,
) -> Result<Answer> {
    let options = only_options(&json)?;
    client.bearer(options, &context).await
}

/// The settings in force and where each was found; nothing is sent.
pub async fn settings(
    client: Arc<Client>,
    json: Zeroizing<String>,
    _context: Context,
) -> Result<Answer> {
    let options = only_options(&json)?;
    client.effective_settings(&options).await
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
    Ok(Answer::local(&report))
}

fn only_options(json: &str) -> Result<Options> {
    let mut fields = Fields::of_request(json)?;
    let options = options(&mut fields)?;
    fields.finish()?;
    Ok(options)
}

fn id_and_options(json: &str) -> Result<(TokenId, Options)> {
    let mut fields = Fields::of_request(json)?;
    let options = options(&mut fields)?;
    let id = fields.string("id")?;
    let id = TokenId::parse("id", fields.required("id", id)?)?;
    fields.finish()?;
    Ok((id, options))
}
