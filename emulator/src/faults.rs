//! Fault rules: which request goes wrong next, and how.

use std::collections::BTreeMap;

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

use crate::route::Kind;

/// What goes wrong with one request.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// Waited before anything else happens.
    pub delay: Duration,
    pub date_skew_seconds: i64,
    pub act: Act,
}

/// The one thing that a fault does, besides a delay and a skewed clock. The names are those of
/// the rule's JSON.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Act {
    /// Nothing: the request is executed and answered as always.
    #[serde(skip)]
    Nothing,
    Drop(Moment),
    TruncateAt(usize),
    #[serde(skip)]
    Status(StatusReply),
    StatusAfterCommit(Status),
    RetryAfter(u64),
    Drip(Drip),
    Hang(True),
    HangAfterCommit(True),
    #[serde(skip)]
    Redirect(Redirect),
    OversizeBytes(u64),
    OversizeHeaderBytes(usize),
    Html(True),
    JsonDepth(usize),
    RawBody(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Moment {
    BeforeCommit,
    AfterCommit,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Drip {
    pub bytes: usize,
    pub every_ms: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct StatusReply {
    pub status: Status,
    pub body: Option<String>,
    pub content_type: Option<String>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redirect {
    pub redirect: String,
    #[serde(default = "temporary_redirect")]
    pub status: Status,
}

fn temporary_redirect() -> Status {
    Status(StatusCode::TEMPORARY_REDIRECT)
}

/// A status code a reply can have.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u16")]
pub(crate) struct Status(pub StatusCode);

impl TryFrom<u16> for Status {
    type Error = &'static str;

    fn try_from(code: u16) -> Result<Status, Self::Error> {
        match StatusCode::from_u16(code) {
            Ok(status) if (200..600).contains(&code) => Ok(Status(status)),
            _ => Err("a status is between 200 and 599"),
        }
    }
}

/// The word true: `"hang": false` would be a rule that does nothing.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "bool")]
pub(crate) struct True;

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(given: bool) -> Result<True, Self::Error> {
        given.then_some(True).ok_or("it takes true only")
    }
}

impl Fault {
    fn read(fault: &Value) -> Result<Fault, String> {
        let mut rest = fault.as_object().ok_or("fault must be an object")?.clone();
        let mut number = |name: &str| match rest.remove(name) {
            Some(value) => value
                .as_i64()
                .ok_or_else(|| format!("{name} takes an integer")),
            None => Ok(0),
        };
        let delay_ms = number("delayMs")?;
        let date_skew_seconds = number("dateSkewSeconds")?;
        Ok(Fault {
            delay: Duration::from_millis(
                u64::try_from(delay_ms).map_err(|_| "delayMs is negative")?,
            ),
            date_skew_seconds: i32::try_from(date_skew_seconds)
                .map_err(|_| "dateSkewSeconds is out of range")?
                .into(),
            act: Act::read(Value::Object(rest)).map_err(|error| error.to_string())?,
        })
    }
}

impl Act {
    fn read(rest: Value) -> serde_json::Result<Act> {
        if rest.as_object().is_some_and(|fields| fields.is_empty()) {
            return Ok(Act::Nothing);
        }
        if rest.get("redirect").is_some() {
            return serde_json::from_value(rest).map(Act::Redirect);
        }
        if rest.get("status").is_some() {
            return serde_json::from_value(rest).map(Act::Status);
        }
        serde_json::from_value(rest)
    }
}

/// The rules in the order in which they were added.
#[derive(Default)]
pub(crate) struct Faults(Vec<Rule>);

struct Rule {
    /// None: any.
    kind: Option<Kind>,
    after: u64,
    times: u64,
    fault: Fault,
    /// The fault as it came, to show.
    given: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenRule {
    #[serde(default)]
    r#match: Match,
    #[serde(default = "once")]
    times: u64,
    #[serde(default)]
    after: u64,
    fault: Value,
}

fn once() -> u64 {
    1
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Match {
    #[serde(default)]
    kind: MatchKind,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MatchKind {
    #[default]
    Any,
    #[serde(untagged)]
    One(Kind),
}

impl Faults {
    /// Adds one rule, or an array of them; none where one is wrong.
    pub fn add(&mut self, given: Value) -> Result<(), String> {
        let rules = match given {
            Value::Array(rules) => rules,
            rule => vec![rule],
        };
        let rules: Vec<Rule> = rules
            .into_iter()
            .map(Rule::read)
            .collect::<Result<_, _>>()?;
        self.0.extend(rules);
        Ok(())
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn to_json(&self) -> Value {
        self.0
            .iter()
            .map(|rule| {
                json!({
                    "match": {"kind": rule.kind.map_or("any", |kind| Kind::NAMES[kind as usize])},
                    "after": rule.after,
                    "times": rule.times,
                    "fault": rule.given,
                })
            })
            .collect()
    }

    /// The fault for the next request of a kind. Every matching rule that still waits (`after`)
    /// counts the request; the first that does not takes it.
    pub fn take(&mut self, kind: Kind) -> Option<Fault> {
        if self.0.is_empty() {
            return None;
        }
        let mut taken = None;
        let matching = self
            .0
            .iter_mut()
            .filter(|rule| rule.kind.is_none_or(|wanted| wanted == kind));
        for rule in matching {
            if rule.after > 0 {
                rule.after -= 1;
            } else if taken.is_none() && rule.times > 0 {
                rule.times -= 1;
                taken = Some(rule.fault.clone());
            }
        }
        self.0.retain(|rule| rule.times > 0);
        taken
    }
}

impl Rule {
    fn read(given: Value) -> Result<Rule, String> {
        let given: GivenRule = serde_json::from_value(given).map_err(|error| error.to_string())?;
        Ok(Rule {
            kind: match given.r#match.kind {
                MatchKind::Any => None,
                MatchKind::One(kind) => Some(kind),
            },
            after: given.after,
            times: given.times,
            fault: Fault::read(&given.fault)?,
            given: given.fault,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rule: Value) -> Faults {
        let mut faults = Faults::default();
        faults.add(rule).unwrap();
        faults
    }

    #[test]
    fn a_rule_skips_then_acts_then_is_gone() {
        let mut faults = faults(json!({
            "match": {"kind": "list"}, "after": 1, "times": 2, "fault": {"hang": true},
        }));
        assert!(faults.take(Kind::Create).is_none());
        assert!(faults.take(Kind::List).is_none());
        assert!(faults.take(Kind::List).is_some());
        assert!(faults.take(Kind::List).is_some());
        assert!(faults.take(Kind::List).is_none());
        assert_eq!(faults.to_json(), json!([]));
    }

    #[test]
    fn every_fault_of_the_manual_is_read() {
        for fault in [
            json!({"delayMs": 5}),
            json!({"dateSkewSeconds": -5}),
            json!({"drop": "beforeCommit", "delayMs": 5}),
            json!({"drop": "afterCommit"}),
            json!({"truncateAt": 10}),
            json!({"status": 503}),
            json!({"status": 503, "body": "x", "contentType": "text/plain", "headers": {"a": "b"}}),
            json!({"statusAfterCommit": 502}),
            json!({"retryAfter": 60}),
            json!({"drip": {"bytes": 1, "everyMs": 2}}),
            json!({"hang": true}),
            json!({"hangAfterCommit": true}),
            json!({"redirect": "http://127.0.0.1:1/", "status": 302}),
            json!({"redirect": "http://127.0.0.1:1/"}),
            json!({"oversizeBytes": 10}),
            json!({"oversizeHeaderBytes": 10}),
            json!({"html": true}),
            json!({"jsonDepth": 10}),
            json!({"rawBody": "x"}),
        ] {
            assert!(Fault::read(&fault).is_ok(), "{fault}");
        }
    }

    #[test]
    fn a_wrong_rule_is_refused() {
        for rule in [
            json!({}),
            json!({"fault": {"hangs": true}}),
            json!({"fault": {"hang": false}}),
            json!({"fault": {"status": 42}}),
            json!({"fault": {"hang": true, "html": true}}),
            json!({"fault": {"delayMs": -1}}),
            json!({"match": {"kind": "lists"}, "fault": {"hang": true}}),
            json!({"match": {"kin": "list"}, "fault": {"hang": true}}),
        ] {
            assert!(Faults::default().add(rule.clone()).is_err(), "{rule}");
        }
    }
}
