//! The crates that end up in the library on any platform that is published: not those of tests, tools or build
//! scripts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::platforms;
use crate::workspace::Workspace;

pub struct Crate {
    pub name: String,
    pub version: String,
    /// An SPDX expression.
    pub licence: String,
    /// SHA-256 of the published crate.
    pub checksum: Option<String>,
    /// Where its source is unpacked.
    pub folder: PathBuf,
}

pub fn of_library(workspace: &Workspace) -> Result<Vec<Crate>> {
    let metadata = metadata(workspace)?;
    let checksums = checksums(&std::fs::read_to_string(workspace.root.join("Cargo.lock"))?);
    let linked = linked(&metadata)?;
    let mut crates = Vec::new();
    for package in array(&metadata["packages"]) {
        if package["name"] == "sailpat" || !linked.contains(&text(&package["id"])) {
            continue;
        }
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        crates.push(Crate {
            licence: text(&package["license"]).replace('/', " OR "),
            checksum: checksums.get(&(name.clone(), version.clone())).cloned(),
            folder: manifest
                .parent()
                .context("a manifest is in a folder")?
                .to_owned(),
            name,
            version,
        });
    }
    crates.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    Ok(crates)
}

fn metadata(workspace: &Workspace) -> Result<Value> {
    let mut command = workspace.cargo();
    command.args(["metadata", "--locked", "--format-version", "1"]);
    for target in platforms::targets() {
        command.args(["--filter-platform", target]);
    }
    let reply = command
        .stdin(Stdio::null())
        .output()
        .context("cannot start cargo")?;
    if !reply.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&reply.stderr));
    }
    serde_json::from_slice(&reply.stdout).context("cargo metadata is not JSON")
}

/// The ids of the packages that the library depends on in the end, by ordinary dependencies alone.
fn linked(metadata: &Value) -> Result<BTreeSet<String>> {
    let nodes: BTreeMap<String, &Value> = array(&metadata["resolve"]["nodes"])
        .map(|node| (text(&node["id"]), node))
        .collect();
    let library = array(&metadata["packages"]).find(|package| package["name"] == "sailpat");
    let mut waiting = vec![text(&library.context("there is no package sailpat")?["id"])];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let node = nodes
            .get(&id)
            .with_context(|| format!("{id} is not resolved"))?;
        for dependency in array(&node["deps"]) {
            if array(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null()) {
                waiting.push(text(&dependency["pkg"]));
            }
        }
    }
    Ok(seen)
}

/// The checksums of Cargo.lock, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let value = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(key))?;
        Some(
            line.trim_matches(|letter| matches!(letter, ' ' | '=' | '"'))
                .to_owned(),
        )
    };
    lock.split("[[package]]")
        .filter_map(|block| {
            let name = (value(block, "name")?, value(block, "version")?);
            Some((name, value(block, "checksum")?))
        })
        .collect()
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::checksums;

    #[test]
    fn checksums_are_found_by_name_and_version() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"s\"\nchecksum = \"c1\"\n\n\
                    [[package]]\nname = \"own\"\nversion = \"0.1.0\"\n";
        let found = checksums(lock);
        assert_eq!(found.len(), 1);
        assert_eq!(found[&("a".to_owned(), "1.0.0".to_owned())], "c1");
    }
}
