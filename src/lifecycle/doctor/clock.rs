//! This machine's clock against the server's Date: sign-ins, certificates and expiry dates depend on it.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use serde_json::json;

use super::Examination;
use super::check::{Check, Name, spoken};
use crate::client::config::Resolved;
use crate::client::reply;
use crate::client::transport::{self, Outgoing};
use crate::error::Result;

const NOTED: SignedDuration = SignedDuration::from_secs(60);
const TOO_MUCH: SignedDuration = SignedDuration::from_secs(300);
/// A Date header names the second only.
const RESOLUTION: SignedDuration = SignedDuration::from_secs(1);

pub async fn check(examination: &Examination<'_>, resolved: &Resolved) -> (Check, Option<()>) {
    let before = Timestamp::now();
    let started = Instant::now();
    match server_date(examination, resolved).await {
        Ok(Some(date)) => {
            let here = before + started.elapsed() / 2;
            (judge(here.duration_since(date)), Some(()))
        }
        Ok(None) => (
            Check::skipped(Name::Clock, "the server's replies have no Date"),
            None,
        ),
        Err(error) => {
            let redactor = resolved.redactor(examination.client.settings());
            let text = redactor.clean_message(&error.to_string());
            let remedy = error.detail().remedy.as_deref();
            let check = Check::failed(Name::Clock, text, remedy.unwrap_or("call again later"));
            (check, None)
        }
    }
}

/// The Date of a reply that needs no bearer, over the connections that calls use.
async fn server_date(
    examination: &Examination<'_>,
    resolved: &Resolved,
) -> Result<Option<Timestamp>> {
    let context = examination.context;
    let deadline = Instant::now() + examination.client.settings().timeout;
    let connections = context
        .pool
        .connections(&resolved.credential, &resolved.wire, deadline)
        .await?;
    let mut url = resolved.base_url.clone();
    url.set_path(&format!("{}/oauth/info", url.path().trim_end_matches('/')));
    let outgoing = Outgoing {
        method: reqwest::Method::GET,
        url,
        headers: HeaderMap::new(),
        body: None,
    };
    let limit = examination.client.settings().maximum_reply_bytes;
    match transport::exchange(&connections, outgoing, limit, &context.monitor).await {
        Ok(raw) => Ok(reply::date(&raw.headers)),
        Err(failure) => Err(failure.error),
    }
}

/// `ahead`: by how much this machine's clock is ahead of the server's.
fn judge(ahead: SignedDuration) -> Check {
    let off = ahead.abs();
    let direction = if ahead.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    let value = json!({"aheadSeconds": ahead.as_secs_f64().round()});
    let found = if off <= RESOLUTION {
        "agrees with the server's to the second".to_owned()
    } else {
        let off = spoken(off.unsigned_abs());
        format!("{off} {direction} the server's")
    };
    let remedy = "set this machine's clock, best by NTP (timedatectl set-ntp true; w32tm /resync)";
    let check = if off > TOO_MUCH {
        Check::failed(Name::Clock, found, remedy)
    } else if off > NOTED {
        Check::warning(Name::Clock, found, remedy)
    } else {
        Check::ok(Name::Clock, found)
    };
    check.with_value(value)
}

#[cfg(test)]
mod tests {
    use super::super::check::Status;
    use super::*;

    #[test]
    fn a_minute_is_noted_and_five_are_too_much() {
        for (seconds, state, words) in [
            (0, Status::Ok, "to the second"),
            (-60, Status::Ok, "60 s behind"),
            (61, Status::Warning, "61 s ahead of"),
            (-300, Status::Warning, "5 min behind"),
            (301, Status::Failed, "5 min ahead of"),
            (-7_300, Status::Failed, "2 h behind"),
        ] {
            let check = judge(SignedDuration::from_secs(seconds));
            assert_eq!(check.state, state, "{seconds}");
            assert!(check.found.contains(words), "{}", check.found);
        }
    }
}
