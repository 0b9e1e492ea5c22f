//! Whether the credential signs in, how long that takes and how long the bearer lives.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Examination;
use super::check::{Check, Name, spoken};
use crate::client::config::{Login, Resolved};

/// The check, and whether there is a bearer to go on with.
pub async fn check(
    examination: &Examination<'_>,
    resolved: &Resolved,
    limit: Duration,
) -> (Check, Option<()>) {
    if let Login::Bearer(bearer) = &resolved.login {
        return if bearer.is_good() {
            let why = "the settings give a bearer: there is nothing to sign in with";
            (Check::skipped(Name::SignIn, why), Some(()))
        } else {
            let check = Check::failed(
                Name::SignIn,
                "the bearer that the settings give has expired",
                "give a fresh token, or a client id and secret to sign in with",
            );
            (check, None)
        };
    }
    let started = Instant::now();
    let options = examination.one_request(limit);
    let begun = examination.client.begin(options, examination.context).await;
    let signed_in = examination.client.sign_in(&begun, examination.context);
    let signed_in = match signed_in.await {
        Ok(signed_in) => signed_in,
        Err(error) => return (Examination::failed(Name::SignIn, &error), None),
    };
    let took = started.elapsed();
    let mut found = format!(
        "signed in within {}; the bearer is good for {}",
        spoken(took),
        spoken(Duration::from_secs(signed_in.good_for_seconds))
    );
    if let Some(base) = &signed_in.base_url {
        found.push_str(&format!(
            "; the base URL is a vanity URL and leads to {base}"
        ));
    }
    let value = json!({
        "ms": took.as_secs_f64() * 1e3, "goodForSeconds": signed_in.good_for_seconds,
        "apiUrl": signed_in.base_url, "tokenUrl": resolved.token_url.as_str(),
    });
    (Check::ok(Name::SignIn, found).with_value(value), Some(()))
}
