//! Whether everything is set, and where each was found; never a secret.

use std::sync::Arc;

use serde_json::json;

use super::Examination;
use super::check::{Check, Name, Status};
use crate::client::InForce;
use crate::client::config::{Effective, Sources};
use crate::error::Code;

/// A variable that people set by mistake, and the one that counts.
const SLIPS: &[(&str, &str)] = &[
    ("BASE_URL", "SAIL_BASE_URL"),
    ("CLIENT_ID", "SAIL_CLIENT_ID"),
    ("CLIENT_SECRET", "SAIL_CLIENT_SECRET"),
];

pub async fn check(examination: &Examination<'_>) -> (Check, Option<Arc<InForce>>) {
    let client = examination.client;
    let places = json!(client.survey().await);
    let in_force = match client.in_force().await {
        Ok(in_force) => in_force,
        Err(error) => {
            let mut check = Examination::failed(Name::Settings, &error);
            // A message about what is missing names the slips by itself.
            if error.code() != Code::SettingsMissing {
                add_slips(&mut check, examination, &Sources::default());
            }
            return (check.with_value(json!({"places": places})), None);
        }
    };
    let effective = client.effective(&in_force, examination.options);
    let mut check = Check::ok(Name::Settings, told(&effective));
    add_slips(&mut check, examination, &effective.sources);
    let mut value = json!(effective);
    value["places"] = places;
    (check.with_value(value), Some(in_force))
}

fn told(effective: &Effective) -> String {
    let place = |place: &Option<String>| place.clone().unwrap_or_else(|| "none".to_owned());
    let sources = &effective.sources;
    let credential = match &effective.client_id {
        None => "a bearer that was given".to_owned(),
        Some(id) => format!(
            "client id {id} ({}), its secret ({})",
            place(&sources.client_id),
            place(&sources.client_secret)
        ),
    };
    format!(
        "{} ({}), {credential}, API version {}",
        effective.base_url,
        place(&sources.base_url),
        effective.api_version
    )
}

/// Names variables that look like settings and are none, where a value came from a file instead, or from a
/// profile that nobody named.
fn add_slips(check: &mut Check, examination: &Examination<'_>, sources: &Sources) {
    let by_default = examination.client.settings().profile.is_none();
    let from_file = |place: &Option<String>| match place.as_deref() {
        None => true,
        Some(place) => place.starts_with("file ") || place.starts_with("profile ") && by_default,
    };
    let of = [
        &sources.base_url,
        &sources.client_id,
        &sources.client_secret,
    ];
    let slips: Vec<_> = SLIPS
        .iter()
        .zip(of)
        .filter(|((wrong, right), place)| {
            let set = |name| examination.surroundings.get(name).is_some();
            set(wrong) && !set(right) && from_file(place)
        })
        .map(|(slip, _)| slip)
        .collect();
    if slips.is_empty() {
        return;
    }
    let list = |names: Vec<&str>| names.join(", ");
    let wrong = list(slips.iter().map(|(wrong, _)| *wrong).collect());
    let right = list(slips.iter().map(|(_, right)| *right).collect());
    check.and(
        Status::Warning,
        &format!("{wrong} is set and does not count"),
        &format!("if you meant {right}: the variables need the prefix SAIL_"),
    );
}
