//! Fault rules: which request goes wrong next.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::route::Kind;

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

    #[test]
    fn a_rule_skips_then_acts_then_is_gone() {
        let mut faults = Faults::default();
        let rule = json!({
            "match": {"kind": "list"}, "after": 1, "times": 2, "fault": {"hang": true},
        });
        faults.add(rule).unwrap();
        assert!(faults.take(Kind::Create).is_none());
        assert!(faults.take(Kind::List).is_none());
        assert!(faults.take(Kind::List).is_some());
        assert!(faults.take(Kind::List).is_some());
        assert!(faults.take(Kind::List).is_none());
        assert_eq!(faults.to_json(), json!([]));
    }

    #[test]
    fn rules_take_turns_in_the_order_in_which_they_came() {
        let mut faults = Faults::default();
        let rules = json!([{"fault": {"retryAfter": 1}}, {"fault": {"retryAfter": 2}}]);
        faults.add(rules).unwrap();
        for expected in ["RetryAfter(1)", "RetryAfter(2)"] {
            let fault = faults.take(Kind::List).unwrap();
            assert_eq!(format!("{:?}", fault.act), expected);
        }
    }

    #[test]
    fn a_wrong_rule_is_refused_and_none_of_its_neighbours_added() {
        for wrong in [
            json!({}),
            json!({"fault": {"hangs": true}}),
            json!({"match": {"kind": "lists"}, "fault": {"hang": true}}),
            json!({"match": {"kin": "list"}, "fault": {"hang": true}}),
        ] {
            let mut faults = Faults::default();
            let right = json!({"fault": {"hang": true}});
            assert!(faults.add(json!([right, wrong])).is_err(), "{wrong}");
            assert!(faults.take(Kind::List).is_none());
        }
    }
}
