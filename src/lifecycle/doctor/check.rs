//! One check's result, and the closed list of names.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::visible;

/// What is looked at. Names are part of the interface: one is never given to another check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Name {
    /// Whether everything is set, and where it was found.
    Settings,
    /// Who else can read what holds secrets.
    Permissions,
    /// The operating system's keyring.
    Keyring,
    /// This machine's clock against the server's.
    Clock,
    /// The addresses behind the base URL's host, or the proxy's.
    Names,
    Proxy,
    /// The connection and the server's certificates.
    Tls,
    SignIn,
    /// Which lists work.
    Rights,
    /// Whether the credential may replace itself.
    Rotation,
    /// How much of the rate limit is left.
    Rate,
    /// Whether the API version is deprecated.
    Version,
    /// The token in use.
    Token,
    /// Rotations on this machine that are not finished.
    Rotations,
    ChangeLog,
}

impl Name {
    /// What needs the network.
    pub const ONLINE: &'static [Name] = &[
        Name::Clock,
        Name::Names,
        Name::Proxy,
        Name::Tls,
        Name::SignIn,
        Name::Rights,
        Name::Rotation,
        Name::Rate,
        Name::Version,
        Name::Token,
    ];

    /// What needs the service to answer.
    pub const SERVICE: &'static [Name] = &[
        Name::SignIn,
        Name::Rights,
        Name::Rotation,
        Name::Rate,
        Name::Version,
        Name::Token,
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Skipped,
    Ok,
    Warning,
    Failed,
}

/// What one check found, and what to do about it.
#[derive(Debug, Serialize)]
pub struct Check {
    pub check: Name,
    pub state: Status,
    #[serde(serialize_with = "visible::serialized")]
    pub found: String,
    #[serde(serialize_with = "visible::serialized_if_any")]
    pub remedy: Option<String>,
    /// The same for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl Check {
    fn new(check: Name, state: Status, found: String, remedy: Option<String>) -> Self {
        Check {
            check,
            state,
            found,
            remedy,
            value: None,
        }
    }

    pub fn ok(check: Name, found: impl Into<String>) -> Self {
        Check::new(check, Status::Ok, found.into(), None)
    }

    pub fn skipped(check: Name, why: impl Into<String>) -> Self {
        Check::new(check, Status::Skipped, why.into(), None)
    }

    pub fn warning(check: Name, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Check::new(check, Status::Warning, found.into(), Some(remedy.into()))
    }

    pub fn failed(check: Name, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Check::new(check, Status::Failed, found.into(), Some(remedy.into()))
    }

    /// A check whose time was over.
    pub fn slow(check: Name, limit: Duration) -> Self {
        Check::failed(
            check,
            format!("no answer within {:.1} s", limit.as_secs_f64()),
            "see whether something between here and there is slow or swallows packets; a longer timeoutMs gives a check at most 5 s",
        )
    }

    pub fn with_value(mut self, value: Value) -> Self {
        self.value = Some(value);
        self
    }

    /// Makes it worse by one more finding; the worst state counts.
    pub fn and(&mut self, state: Status, found: &str, remedy: &str) {
        self.state = self.state.max(state);
        self.found.push_str("; ");
        self.found.push_str(found);
        match &mut self.remedy {
            Some(before) => {
                before.push_str("; ");
                before.push_str(remedy);
            }
            None => self.remedy = Some(remedy.to_owned()),
        }
    }
}

/// A time as people say it.
pub fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    let nearest = |unit: u64| (seconds + unit / 2) / unit;
    match seconds {
        0 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        1..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", nearest(60)),
        7_200..172_800 => format!("{} h", nearest(3_600)),
        _ => format!("{} days", nearest(86_400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_decides_and_each_keeps_its_remedy() {
        let mut check = Check::warning(Name::Token, "a", "do a");
        check.and(Status::Failed, "b", "do b");
        check.and(Status::Warning, "c", "do c");
        assert_eq!(check.state, Status::Failed);
        assert_eq!(check.found, "a; b; c");
        assert_eq!(check.remedy.as_deref(), Some("do a; do b; do c"));
    }

    #[test]
    fn times_are_short() {
        for (seconds, text) in [
            (0.0123, "12.3 ms"),
            (90.0, "90 s"),
            (7_140.0, "119 min"),
            (43_140.0, "12 h"),
            (90_000.0, "25 h"),
            (1e6, "12 days"),
        ] {
            assert_eq!(spoken(Duration::from_secs_f64(seconds)), text);
        }
    }
}
