//! Operations on what the library keeps on this machine: profiles and the change log. Nothing is sent.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::api::fields::Fields;
use crate::client::{Answer, Client, Context};
use crate::error::Result;
use crate::lifecycle::changes::{self, Question};
use crate::lifecycle::profiles::{self, ProfileRequest, Time};
use crate::ops::answers::{answer, noted};
use crate::ops::options::{options, token_id};

pub async fn profiles(
    client: Arc<Client>,
    json: Zeroizing<String>,
    _context: Context,
) -> Result<Answer> {
    let mut fields = Fields::of_request(&json)?;
    let time = time(&client, options(&mut fields)?.timeout);
    fields.finish()?;
    let list = move |time: &Time| {
        time.waits_for("the profiles");
        profiles::list(client.settings())
    };
    let (profiles, problem) = time.spent_on(list).await?;
    Ok(noted(&profiles, problem))
}

pub async fn profile_set(
    client: Arc<Client>,
    json: Zeroizing<String>,
    _context: Context,
) -> Result<Answer> {
    let mut fields = Fields::of_request(&json)?;
    // apiVersion is the profile's here, and not the call's.
    let timeout = crate::client::settings::milliseconds(&mut fields, "timeoutMs")?;
    let time = time(&client, timeout);
    let wanted = ProfileRequest::from_fields(client.settings(), fields)?;
    let set = move |time: &Time| profiles::set(client.settings(), &wanted, time);
    let profile = time.spent_on(set).await?;
    Ok(answer(&profile))
}

pub async fn profile_remove(
    client: Arc<Client>,
    json: Zeroizing<String>,
    _context: Context,
) -> Result<Answer> {
    let mut fields = Fields::of_request(&json)?;
    let time = time(&client, options(&mut fields)?.timeout);
    let name = fields.string("name")?;
    let name = fields.required("name", name)?;
    fields.finish()?;
    let remove = move |time: &Time| profiles::remove(client.settings(), &name, time);
    let profile = time.spent_on(remove).await?;
    Ok(answer(&profile))
}

pub async fn change_log(
    client: Arc<Client>,
    json: Zeroizing<String>,
    _context: Context,
) -> Result<Answer> {
    let (question, timeout) = question(&json)?;
    let time = time(&client, timeout);
    let read = move |time: &Time| {
        time.waits_for("the change log");
        changes::read(client.settings(), &question, time.left())
    };
    let (changes, odd) = time.spent_on(read).await?;
    let problem =
        (odd > 0).then(|| format!("lines of the change log that are cut off or no changes: {odd}"));
    Ok(noted(&changes, problem))
}

/// The time of a call: its own, else the client's.
fn time(client: &Client, timeout: Option<Duration>) -> Time {
    Time::new(timeout.unwrap_or(client.settings().timeout))
}

fn question(json: &str) -> Result<(Question, Option<Duration>)> {
    let mut fields = Fields::of_request(json)?;
    let timeout = options(&mut fields)?.timeout;
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
    Ok((question, timeout))
}
