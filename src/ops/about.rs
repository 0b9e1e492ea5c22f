//! What the library says about itself, and its log.

use jiff::Timestamp;
use serde::Serialize;

use crate::api::version::VERSIONS;
use crate::client::log;
use crate::client::surroundings::VARIABLES;
use crate::error::Code;
use crate::ops::OPERATIONS;
use crate::ops::envelope::{self, Envelope};
use crate::visible;

/// Counts the interfaces that callers can tell apart: docs/abi.md has a section for each that asks something
/// of those who used the one before.
pub const ABI_VERSION: u32 = 2;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct About {
    version: &'static str,
    abi_version: u32,
    api_versions: Vec<&'static str>,
    operations: Vec<&'static str>,
    errors: Vec<NumberedCode>,
    environment_variables: &'static [&'static str],
}

#[derive(Serialize)]
struct NumberedCode {
    number: u16,
    code: &'static str,
}

/// Version, ABI version, API versions, operations, error codes and the variables that count.
pub fn version() -> Envelope {
    envelope::local(&About {
        version: env!("CARGO_PKG_VERSION"),
        abi_version: ABI_VERSION,
        api_versions: VERSIONS.iter().map(|version| version.name).collect(),
        operations: OPERATIONS.iter().map(|operation| operation.name).collect(),
        errors: Code::ALL
            .iter()
            .map(|code| NumberedCode {
                number: code.number(),
                code: code.name(),
            })
            .collect(),
        environment_variables: VARIABLES,
    })
}

#[derive(Serialize)]
struct LogView {
    time: Option<String>,
    level: &'static str,
    message: String,
}

/// Takes the log's lines, the oldest first.
pub fn take_log() -> Envelope {
    let lines: Vec<LogView> = log::take()
        .into_iter()
        .map(|line| LogView {
            time: Timestamp::try_from(line.time)
                .ok()
                .map(|time| time.to_string()),
            level: line.level.name(),
            message: visible::line(&line.message.to_string()).into_owned(),
        })
        .collect();
    envelope::local(&lines)
}
