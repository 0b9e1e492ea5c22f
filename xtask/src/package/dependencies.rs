//! The crates that end up in the library on any platform that is published: not those of tests, tools or build
//! scripts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::libraries;
use crate::workspace::Workspace;

#[derive(Debug)]
pub struct Crate {
    /// As cargo tells packages apart.
    pub id: String,
    pub name: String,
    pub version: String,
    /// An SPDX expression.
    pub licence: String,
    /// SHA-256 of the published crate.
    pub checksum: Option<String>,
    /// Where its source is unpacked.
    pub folder: PathBuf,
    /// The ids of the crates that it depends on itself, in their order.
    pub needs: Vec<String>,
}

/// What is linked in, and what the library itself depends on of it.
pub struct Linked {
    pub crates: Vec<Crate>,
    /// The ids of the direct dependencies.
    pub direct: Vec<String>,
}

pub fn of_library(workspace: &Workspace) -> Result<Linked> {
    let lock = std::fs::read_to_string(workspace.root.join("Cargo.lock"))?;
    of_metadata(&metadata(workspace)?, &checksums(&lock))
}

fn of_metadata(metadata: &Value, checksums: &Checksums) -> Result<Linked> {
    let library = array(&metadata["packages"])
        .find(|package| package["name"] == "sailpat")
        .map(|package| text(&package["id"]))
        .context("there is no package sailpat")?;
    let mut graph = linked(metadata, &library)?;
    let direct = graph.remove(&library).unwrap_or_default();
    let mut crates = Vec::new();
    for package in array(&metadata["packages"]) {
        let id = text(&package["id"]);
        let Some(needs) = graph.remove(&id) else {
            continue;
        };
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        crates.push(Crate {
            licence: text(&package["license"]).replace('/', " OR "),
            checksum: checksums.get(&(name.clone(), version.clone())).cloned(),
            folder: manifest
                .parent()
                .context("a manifest is in a folder")?
                .to_owned(),
            id,
            name,
            version,
            needs,
        });
    }
    crates.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    Ok(Linked { crates, direct })
}

fn metadata(workspace: &Workspace) -> Result<Value> {
    let mut command = workspace.cargo();
    command.args(["metadata", "--locked", "--format-version", "1"]);
    for target in libraries::targets() {
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

/// By id, what each package depends on itself, of those that the library depends on in the end: by ordinary
/// dependencies alone.
fn linked(metadata: &Value, library: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let nodes: BTreeMap<String, &Value> = array(&metadata["resolve"]["nodes"])
        .map(|node| (text(&node["id"]), node))
        .collect();
    let mut waiting = vec![library.to_owned()];
    let mut graph = BTreeMap::new();
    while let Some(id) = waiting.pop() {
        if graph.contains_key(&id) {
            continue;
        }
        let node = nodes
            .get(&id)
            .with_context(|| format!("{id} is not resolved"))?;
        let ordinary = array(&node["deps"])
            .filter(|needed| array(&needed["dep_kinds"]).any(|kind| kind["kind"].is_null()));
        // A crate that is needed under two names is one crate.
        let needs: BTreeSet<String> = ordinary.map(|needed| text(&needed["pkg"])).collect();
        waiting.extend(needs.iter().cloned());
        graph.insert(id, needs.into_iter().collect());
    }
    Ok(graph)
}

type Checksums = BTreeMap<(String, String), String>;

/// The checksums of Cargo.lock, by name and version.
fn checksums(lock: &str) -> Checksums {
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
    use serde_json::json;

    use super::{checksums, of_metadata};

    #[test]
    fn what_builds_and_tests_is_not_linked_and_edges_are_those_of_the_resolve() {
        let package = |id: &str| json!({"id": id, "name": id, "version": "1.0.0", "license": "MIT/Zlib", "manifest_path": "/c/Cargo.toml"});
        let node = |id: &str, needs: &[(&str, serde_json::Value)]| {
            let needs: Vec<_> = needs
                .iter()
                .map(|(id, kind)| json!({"pkg": id, "dep_kinds": [{"kind": kind}]}))
                .collect();
            json!({"id": id, "deps": needs})
        };
        let ordinary = || json!(null);
        let packages = ["sailpat", "a", "b", "builds", "tests", "apart"].map(package);
        let nodes = [
            node(
                "sailpat",
                &[
                    ("a", ordinary()),
                    ("builds", json!("build")),
                    ("tests", json!("dev")),
                ],
            ),
            node("a", &[("b", ordinary()), ("b", ordinary())]),
            node("b", &[]),
            node("builds", &[("apart", ordinary())]),
            node("tests", &[]),
            node("apart", &[]),
        ];
        let metadata = json!({"packages": packages, "resolve": {"nodes": nodes}});
        let linked = of_metadata(&metadata, &checksums("")).unwrap();
        assert_eq!(linked.direct, ["a"]);
        let found: Vec<_> = linked
            .crates
            .iter()
            .map(|one| (one.name.as_str(), one.needs.as_slice()))
            .collect();
        assert_eq!(found, [("a", &["b".to_owned()][..]), ("b", &[][..])]);
        assert_eq!(linked.crates[0].licence, "MIT OR Zlib");
    }

    #[test]
    fn checksums_are_found_by_name_and_version() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"s\"\nchecksum = \"c1\"\n\n\
                    [[package]]\nname = \"own\"\nversion = \"0.1.0\"\n";
        let found = checksums(lock);
        assert_eq!(found.len(), 1);
        assert_eq!(found[&("a".to_owned(), "1.0.0".to_owned())], "c1");
    }
}
