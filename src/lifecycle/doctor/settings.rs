//! Whether everything is set, and where each was found; never a secret.

use std::sync::Arc;

use serde_json::Value;

use super::Examination;
use super::check::{Check, Name, State};
use crate::client::config::Resolved;
use crate::error::Code;

/// A value, the variable that counts, and the one that people set by mistake.
const SLIPS: &[(&str, &str, &str)] = &[
    ("baseUrl", "SAIL_BASE_URL", "BASE_URL"),
    ("clientId", "SAIL_CLIENT_ID", "CLIENT_ID"),
    ("clientSecret", "SAIL_CLIENT_SECRET", "CLIENT_SECRET"),
];

pub async fn check(examination: &Examination<'_>) -> (Check, Option<Arc<Resolved>>) {
    let client = examination.client;
    let resolved = match client.resolved().await {
        Ok(resolved) => resolved,
        Err(error) => {
            let mut check = Examination::failed(Name::Settings, &error);
            // A message about what is missing names the slips by itself.
            if error.code() != Code::SettingsMissing {
                add_slips(&mut check, examination, &Value::Null);
            }
            return (check, None);
        }
    };
    let effective = match client.effective_settings(&examination.options).await {
        Ok(answer) => serde_json::from_slice(&answer.data).unwrap_or(Value::Null),
        Err(error) => return (Examination::failed(Name::Settings, &error), None),
    };
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let sources = &effective["sources"];
    let credential = if sources["clientId"].is_null() {
        "a bearer that was given".to_owned()
    } else {
        format!(
            "client id {} ({}), its secret ({})",
            text(&effective["clientId"]),
            text(&sources["clientId"]),
            text(&sources["clientSecret"])
        )
    };
    let found = format!(
        "{} ({}), {credential}, API version {}",
        text(&effective["baseUrl"]),
        text(&sources["baseUrl"]),
        text(&effective["apiVersion"])
    );
    let mut check = Check::ok(Name::Settings, found);
    add_slips(&mut check, examination, sources);
    (check.with_value(effective), Some(resolved))
}

/// Names variables that look like settings and are none, where a value came from a file instead, or from a
/// profile that nobody named.
fn add_slips(check: &mut Check, examination: &Examination<'_>, sources: &Value) {
    let from_file = |field: &str| {
        sources[field].as_str().is_none_or(|place| {
            let by_default = examination.client.settings().profile.is_none();
            place.starts_with("file ") || place.starts_with("profile ") && by_default
        })
    };
    let slips: Vec<_> = SLIPS
        .iter()
        .filter(|(field, right, wrong)| {
            let set = |name| examination.surroundings.get(name).is_some();
            set(wrong) && !set(right) && from_file(field)
        })
        .collect();
    if slips.is_empty() {
        return;
    }
    let list = |names: Vec<&str>| names.join(", ");
    let wrong = list(slips.iter().map(|(_, _, wrong)| *wrong).collect());
    let right = list(slips.iter().map(|(_, right, _)| *right).collect());
    check.and(
        State::Warning,
        &format!("{wrong} is set and does not count"),
        &format!("if you meant {right}: the variables need the prefix SAIL_"),
    );
}
