//! The bill of materials, CycloneDX 1.5 in JSON: the library and each crate in it, with its checksum and what it
//! depends on itself.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::VERSION;
use super::dependencies::{Crate, Linked};

/// The library's own reference.
const LIBRARY: &str = "sailpat";

pub fn text(linked: &Linked) -> Result<String> {
    let components: Vec<Value> = linked.crates.iter().map(component).collect();
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": LIBRARY,
                "name": "sailpat",
                "version": VERSION,
                "licenses": [{"expression": "MIT OR Apache-2.0"}],
            },
        },
        "components": components,
        "dependencies": graph(linked)?,
    });
    Ok(serde_json::to_string_pretty(&bill)? + "\n")
}

/// A row for the library and for each crate: what it depends on itself.
fn graph(linked: &Linked) -> Result<Vec<Value>> {
    let references: BTreeMap<&str, String> = linked
        .crates
        .iter()
        .map(|one| (one.id.as_str(), reference(one)))
        .collect();
    let row = |of: &str, needs: &[String]| -> Result<Value> {
        let mut needs = needs
            .iter()
            .map(|id| {
                references
                    .get(id.as_str())
                    .context("a crate that is needed is none of them")
            })
            .collect::<Result<Vec<_>>>()?;
        needs.sort_unstable();
        Ok(json!({"ref": of, "dependsOn": needs}))
    };
    let library = std::iter::once(row(LIBRARY, &linked.direct));
    let crates = linked
        .crates
        .iter()
        .map(|one| row(&reference(one), &one.needs));
    library.chain(crates).collect()
}

fn component(one: &Crate) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(one),
        "name": one.name,
        "version": one.version,
        "purl": reference(one),
        "licenses": [{"expression": one.licence}],
    });
    if let Some(checksum) = &one.checksum {
        component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
    }
    component
}

/// A package URL.
fn reference(one: &Crate) -> String {
    format!("pkg:cargo/{}@{}", one.name, one.version.replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use super::{LIBRARY, text};
    use crate::package::dependencies;
    use crate::process;
    use crate::workspace::Workspace;

    /// By reference, what the bill says that each depends on.
    fn graph(bill: &Value) -> BTreeMap<&str, BTreeSet<&str>> {
        let rows = bill["dependencies"].as_array().unwrap();
        rows.iter()
            .map(|row| {
                let needs = row["dependsOn"].as_array().unwrap().iter();
                let needs = needs.map(|one| one.as_str().unwrap()).collect();
                (row["ref"].as_str().unwrap(), needs)
            })
            .collect()
    }

    /// What Cargo.toml names for the library: on every platform, and on some.
    fn manifest(workspace: &Workspace) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut cargo = workspace.cargo();
        cargo.args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ]);
        let said = process::check(&mut cargo, std::time::Duration::from_secs(60)).unwrap();
        let metadata: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        let library = packages
            .iter()
            .find(|one| one["name"] == "sailpat")
            .unwrap();
        let needs = library["dependencies"].as_array().unwrap().iter();
        let ordinary = needs.filter(|one| one["kind"].is_null());
        let (somewhere, everywhere): (Vec<&Value>, Vec<_>) =
            ordinary.partition(|one| one["target"].is_string());
        let names = |of: Vec<&Value>| {
            of.iter()
                .map(|one| one["name"].as_str().unwrap().to_owned())
                .collect()
        };
        (names(everywhere), names(somewhere))
    }

    #[test]
    fn the_library_depends_on_what_its_manifest_names_and_reaches_every_component() {
        let workspace = Workspace::find().unwrap();
        let bill = text(&dependencies::of_library(&workspace).unwrap()).unwrap();
        let bill: Value = serde_json::from_str(&bill).unwrap();
        let graph = graph(&bill);

        let name = |reference: &&str| {
            let reference = reference.strip_prefix("pkg:cargo/").unwrap();
            reference.split('@').next().unwrap().to_owned()
        };
        let direct: BTreeSet<String> = graph[LIBRARY].iter().map(name).collect();
        let (everywhere, somewhere) = manifest(&workspace);
        let both = everywhere.union(&somewhere).cloned().collect();
        assert!(everywhere.is_subset(&direct), "{direct:?}");
        assert!(direct.is_subset(&both), "{direct:?}");

        let mut reached = BTreeSet::new();
        let mut waiting = vec![LIBRARY];
        while let Some(one) = waiting.pop() {
            if reached.insert(one) {
                waiting.extend(&graph[one]);
            }
        }
        let components = bill["components"].as_array().unwrap().iter();
        let components: BTreeSet<&str> = components
            .map(|one| one["bom-ref"].as_str().unwrap())
            .collect();
        assert!(components.len() > direct.len());
        reached.remove(LIBRARY);
        assert_eq!(reached, components);
    }
}
