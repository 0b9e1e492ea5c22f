//! What a JSON schema promises, flattened: which fields there are, of which kind, and which are required.
//!
//! A request may ask for less and take more over time; a reply may hold more and must not hold less.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::workspace::Workspace;

/// The keywords that say what a value may be.
const KINDS: [&str; 12] = [
    "type",
    "const",
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "minLength",
    "maxLength",
    "minItems",
    "minProperties",
    "$ref",
];

#[derive(Default, Serialize, Deserialize, PartialEq)]
pub struct Shape {
    /// Each place of the schema, as a JSON Pointer, and the keywords that stand there.
    fields: BTreeMap<String, Value>,
    required: BTreeSet<String>,
}

/// The shapes of every file in docs/schema, by its name without `.json`.
pub fn all(workspace: &Workspace) -> Result<BTreeMap<String, Shape>> {
    let folder = workspace.root.join("docs").join("schema");
    let mut shapes = BTreeMap::new();
    for entry in
        std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let schema = serde_json::from_str(&std::fs::read_to_string(&path)?)
            .with_context(|| format!("{} is not JSON", path.display()))?;
        shapes.insert(name.into_owned(), Shape::of(&schema));
    }
    Ok(shapes)
}

impl Shape {
    pub fn of(schema: &Value) -> Self {
        let mut shape = Shape::default();
        shape.add("", schema);
        shape
    }

    fn add(&mut self, place: &str, schema: &Value) {
        let Value::Object(schema) = schema else {
            return;
        };
        let kinds: Map<String, Value> = schema
            .iter()
            .filter(|(keyword, _)| KINDS.contains(&keyword.as_str()))
            .map(|(keyword, value)| (keyword.clone(), value.clone()))
            .collect();
        self.fields.insert(place.to_owned(), Value::Object(kinds));
        for field in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let field = field.as_str().unwrap_or_default();
            self.required.insert(format!("{place}/{field}"));
        }
        for (keyword, below) in schema {
            match (keyword.as_str(), below) {
                ("properties" | "$defs", Value::Object(below)) => {
                    for (name, schema) in below {
                        self.add(&format!("{place}/{name}"), schema);
                    }
                }
                ("items" | "additionalProperties" | "then" | "else", below) => {
                    let step = if keyword == "then" || keyword == "else" {
                        String::new()
                    } else {
                        format!("/{keyword}")
                    };
                    self.add(&format!("{place}{step}"), below);
                }
                ("anyOf" | "allOf" | "prefixItems", Value::Array(choices)) => {
                    for (number, schema) in choices.iter().enumerate() {
                        self.add(&format!("{place}/{keyword}{number}"), schema);
                    }
                }
                _ => {}
            }
        }
    }

    /// Breaks and additions since `before`.
    pub fn since(&self, before: &Shape, is_request: bool) -> (Vec<String>, Vec<String>) {
        let (mut breaks, mut additions) = (Vec::new(), Vec::new());
        for (place, kinds) in &before.fields {
            match self.fields.get(place) {
                None => breaks.push(format!("{place} is gone")),
                Some(now) if now == kinds => {}
                Some(now) if is_longer_enum(kinds, now) => {
                    additions.push(format!("{place} has more values"));
                }
                Some(now) => breaks.push(format!("{place} was {kinds} and is {now}")),
            }
        }
        let new = self
            .fields
            .keys()
            .filter(|place| !before.fields.contains_key(*place));
        additions.extend(new.cloned());

        let no_longer = before.required.difference(&self.required);
        let newly = self.required.difference(&before.required);
        let (stricter, looser) = if is_request {
            breaks.extend(newly.map(|field| format!("{field} is required now")));
            (Vec::new(), no_longer.collect::<Vec<_>>())
        } else {
            (no_longer.collect::<Vec<_>>(), newly.collect())
        };
        breaks.extend(
            stricter
                .iter()
                .map(|field| format!("{field} is not always there now")),
        );
        additions.extend(
            looser
                .iter()
                .map(|field| format!("{field} (required changed)")),
        );
        (breaks, additions)
    }
}

/// Whether only values were added to an enumeration.
fn is_longer_enum(before: &Value, now: &Value) -> bool {
    let (Some(old), Some(new)) = (before["enum"].as_array(), now["enum"].as_array()) else {
        return false;
    };
    old.iter().all(|value| new.contains(value))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Shape;

    fn schema(required: Value, properties: Value) -> Shape {
        Shape::of(&json!({"type": "object", "required": required, "properties": properties}))
    }

    #[test]
    fn a_reply_keeps_its_fields_and_may_gain_some() {
        let before = schema(json!(["id"]), json!({"id": {"type": "string"}}));
        let more = schema(
            json!(["id", "name"]),
            json!({"id": {"type": "string"}, "name": {}}),
        );
        let (breaks, additions) = more.since(&before, false);
        assert_eq!((breaks.len(), additions.len()), (0, 2));
        let (breaks, _) = before.since(&more, false);
        assert_eq!(breaks, ["/name is gone", "/name is not always there now"]);
    }

    #[test]
    fn a_request_never_asks_for_more() {
        let before = schema(json!([]), json!({"id": {"type": "string"}}));
        let strict = schema(json!(["id"]), json!({"id": {"type": "string"}}));
        assert_eq!(strict.since(&before, true).0, ["/id is required now"]);
        assert!(before.since(&strict, true).0.is_empty());
    }

    #[test]
    fn a_kind_stays_and_an_enumeration_may_grow() {
        let kind = |kind: Value| schema(json!([]), json!({"id": kind}));
        let text = kind(json!({"type": "string"}));
        assert_eq!(
            kind(json!({"type": "integer"})).since(&text, false).0.len(),
            1
        );
        let (two, three) = (
            kind(json!({"enum": [1, 2]})),
            kind(json!({"enum": [1, 2, 3]})),
        );
        assert!(three.since(&two, false).0.is_empty());
        assert_eq!(two.since(&three, false).0.len(), 1);
    }
}
