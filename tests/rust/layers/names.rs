//! One name is one thing. A type that more than its own file can see shares its name with no other type, and a
//! constant with no other such constant; what only its own file sees may be called as it likes beside others of its
//! kind.

use std::collections::BTreeMap;

use super::Finding;
use super::source::{Module, Name};

/// Names that are more than one thing, each with its reason.
const ALLOWED: &[(&str, &str)] = &[(
    "Result",
    "each is the standard one, with a floor's own error",
)];

/// The names that are given a second time.
pub fn twice(modules: &[Module]) -> Vec<Finding> {
    let mut all: BTreeMap<&str, Vec<(&str, &Name)>> = BTreeMap::new();
    for module in modules {
        for name in &module.names {
            all.entry(&name.name)
                .or_default()
                .push((&module.file, name));
        }
    }
    all.retain(|name, _| ALLOWED.iter().all(|(allowed, _)| allowed != name));
    all.values().flat_map(|same| clashes(same)).collect()
}

/// Of the things of one name, those that are not the first.
fn clashes(same: &[(&str, &Name)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, (file, name)) in same.iter().enumerate() {
        // Of two in one file each system has one.
        let mut elsewhere = same[..at].iter().filter(|(other, _)| other != file);
        let before = elsewhere.find(|(_, other)| clash(name, other));
        if let Some((other_file, other)) = before {
            findings.push(format!(
                "{file}:{}: {} is something else in {other_file}:{}: one name is one thing",
                name.line, name.name, other.line
            ));
        }
    }
    findings
}

fn clash(one: &Name, other: &Name) -> bool {
    let is_seen = match one.is_type {
        true => one.is_public || other.is_public,
        false => one.is_public && other.is_public,
    };
    one.is_type == other.is_type && is_seen
}
