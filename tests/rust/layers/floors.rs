//! Calls go down only: a floor names the floors below it, and no other.

use super::Finding;
use super::source::Module;

/// The floors, the highest first: the rows of the table in the head of src/lib.rs.
pub fn table(map: &str) -> Vec<String> {
    let rows = map.lines().filter_map(|line| line.strip_prefix("//! | [`"));
    rows.filter_map(|row| Some(row.split_once("`]")?.0.to_owned()))
        .collect()
}

/// What names a floor above its own.
pub fn upward(floors: &[String], modules: &[Module]) -> Vec<Finding> {
    let height = |name: &str| floors.iter().position(|floor| floor == name);
    let mut findings = Vec::new();
    for module in modules {
        let (file, Some(own)) = (&module.file, module.path.first()) else {
            continue;
        };
        let Some(at) = height(own) else {
            findings.push(format!(
                "{file}:1: {own} is no floor of the table in src/lib.rs"
            ));
            continue;
        };
        for mention in &module.mentions {
            let named = mention
                .path
                .first()
                .and_then(|name| Some((name, height(name)?)));
            if let Some((name, _)) = named.filter(|(_, named)| *named < at) {
                findings.push(format!(
                    "{file}:{}: {own} names {name}, which is above it: calls go down only",
                    mention.line
                ));
            }
        }
    }
    findings
}
