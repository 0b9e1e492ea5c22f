//! How much of the rate limit is left: this library's own pacing, and what the service said.

use std::time::Duration;

use serde_json::json;

use super::Examination;
use super::check::{Check, Name, spoken};
use super::rights::Lists;
use crate::client::config::Resolved;
use crate::error::Code;

pub fn check(examination: &Examination<'_>, resolved: &Resolved, lists: &Lists) -> Check {
    let credential = &resolved.credential;
    let version = examination.version();
    let rate = examination.client.settings().rate;
    let taken = rate.map(|rate| credential.pacer(version).taken(&rate));
    let asked = lists
        .errors()
        .filter(|error| error.code() == Code::RateLimited)
        .filter_map(|error| error.detail().retry_after)
        .max();
    let wait = credential.blocked_for().max(asked);
    let value = json!({
        "requests": rate.map(|rate| rate.requests), "perSeconds": rate.map(|rate| rate.window.as_secs_f64()),
        "taken": taken, "waitSeconds": wait.map(|wait| wait.as_secs_f64().ceil()),
    });
    let setting = match (rate, taken) {
        (Some(rate), Some(taken)) => format!(
            "{taken} of {} requests in {} are taken by this process",
            rate.requests,
            spoken(rate.window)
        ),
        _ => "this library's own pacing is off (rateLimit null)".to_owned(),
    };
    let check = match wait {
        Some(wait) => Check::warning(
            Name::Rate,
            format!(
                "the service answers 429 and asks to wait {}; {setting}",
                spoken(whole(wait))
            ),
            "wait that long; find out what else sends with this client id, and give it a token of its own",
        ),
        None => Check::ok(Name::Rate, setting),
    };
    check.with_value(value)
}

/// Retry-After in whole seconds, never less than it said.
fn whole(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs_f64().ceil() as u64)
}
