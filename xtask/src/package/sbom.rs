//! The bill of materials, CycloneDX 1.5 in JSON: the library and each crate in it, with its checksum.

use anyhow::Result;
use serde_json::{Value, json};

use super::VERSION;
use super::dependencies::Crate;

pub fn text(crates: &[Crate]) -> Result<String> {
    let components: Vec<Value> = crates.iter().map(component).collect();
    let references: Vec<String> = crates.iter().map(reference).collect();
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": "sailpat",
                "name": "sailpat",
                "version": VERSION,
                "licenses": [{"expression": "MIT OR Apache-2.0"}],
            },
        },
        "components": components,
        "dependencies": [{"ref": "sailpat", "dependsOn": references}],
    });
    Ok(serde_json::to_string_pretty(&bill)? + "\n")
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
