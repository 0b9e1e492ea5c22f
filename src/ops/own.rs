//! Operations on what the library keeps on this machine: profiles and the change log. Nothing is sent.

use std::sync::Arc;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::api::fields::Fields;
use crate::client::asking::blocking;
use crate::client::{Answer, Client, Context};
use crate::error::Result;
use crate::lifecycle::changes::{self, Question};
use crate::lifecycle::profiles::{self, Wanted};
use crate::ops::local;
use crate::ops::requests::options;
use crate::ops::rotations::token_id;

pub async fn profiles(
    client: Arc<Client>,
    json: Zeroizing<String>,
    _context: Context,
) -> Result<Answer> {
    let mut fields = Fields::of_request(&json)?;
    options(&mut fields)?;
    fields.finish()?;
    let (profiles, problem) = blocking(move || profiles::list(client.settings())).await??;
    Ok(noted(&profiles, problem))
}

pub async fn profile_set(
    client: Arc<Client>,
    json: Zeroizing<String>,
    _context: Context,
) -> Result<Answer> {
    let mut fields = Fields::of_request(&json)?;
    // apiVersion is the profile's here, and not the call's.
    crate::client::settings::milliseconds(&mut fields, "timeoutMs")?;
    let wanted = Wanted::from_fields(client.settings(), fields)?;
    let profile = blocking(move || profiles::set(client.settings(), &wanted)).await??;
    Ok(local(&profile))
}

pub async fn profile_remove(
    client: Arc<Client>,
    json: Zeroizing<String>,
    _context: Context,
) -> Result<Answer> {
    let mut fields = Fields::of_request(&json)?;
    options(&mut fields)?;
    let name = fields.string("name")?;
    let name = fields.required("name", name)?;
    fields.finish()?;
    let profile = blocking(move || profiles::remove(client.settings(), &name)).await??;
    Ok(local(&profile))
}

pub async fn change_log(
    client: Arc<Client>,
    json: Zeroizing<String>,
    _context: Context,
) -> Result<Answer> {
    let question = question(&json)?;
    let (changes, odd) = blocking(move || changes::read(client.settings(), &question)).await??;
    let problem =
        (odd > 0).then(|| format!("lines of the change log that are cut off or no changes: {odd}"));
    Ok(noted(&changes, problem))
}

fn question(json: &str) -> Result<Question> {
    let mut fields = Fields::of_request(json)?;
    options(&mut fields)?;
    fields.never_null(&[
        ("since", "leave it out for the whole log"),
        ("id", "leave it out for the changes of every token"),
        ("last", "leave it out for all of them"),
    ])?;
    let last = match fields.integer("last")? {
        None => None,
        Some(last) => {
            Some(usize::try_from(last).map_err(|_| fields.breaks("last", "must be at least 0"))?)
        }
    };
    let question = Question {
        since: fields.instant("since")?,
        id: token_id(&mut fields)?,
        last,
    };
    fields.finish()?;
    Ok(question)
}

fn noted(data: &impl Serialize, note: Option<String>) -> Answer {
    Answer {
        note,
        ..local(data)
    }
}
