//! What callers build on: functions, numbers, types and the JSON of every request and reply. It is held against
//! docs/abi-snapshot.json, so that nothing of it goes away or changes by accident.
//!
//! `cargo xtask test` compares (step `abi`); `cargo xtask abi` records additions, and refuses to record a break
//! unless the major version has moved, or the interface has a number of its own that docs/abi.md tells about: see
//! [`Licence`].

mod header;
mod licence;
mod schema;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::workspace::Workspace;
use licence::Licence;
use schema::Shape;

/// Everything a caller can come to depend on.
#[derive(Serialize, Deserialize, PartialEq)]
pub struct Surface {
    major: u32,
    /// Each function's declaration, by its name.
    functions: BTreeMap<String, String>,
    types: BTreeMap<String, String>,
    numbers: BTreeMap<String, i64>,
    schemas: BTreeMap<String, Shape>,
}

/// How one surface differs from an earlier one.
#[derive(Default)]
pub struct Changes {
    pub breaks: Vec<String>,
    pub additions: Vec<String>,
}

/// The interface's own version may grow, where all other numbers stay.
const ABI_VERSION: &str = "PAT_ABI_VERSION";

impl Surface {
    /// What the checkout offers now.
    pub fn of(workspace: &Workspace) -> Result<Self> {
        let header = crate::header::committed(workspace);
        let header = std::fs::read_to_string(&header)
            .with_context(|| format!("cannot read {}", header.display()))?;
        Self::new(&header, schema::all(workspace)?)
    }

    fn new(header: &str, schemas: BTreeMap<String, Shape>) -> Result<Self> {
        Ok(Self {
            major: env!("CARGO_PKG_VERSION_MAJOR").parse()?,
            functions: header::functions(header),
            types: header::types(header),
            numbers: header::numbers(header),
            schemas,
        })
    }

    /// The number of the interface.
    fn abi(&self) -> i64 {
        self.numbers.get(ABI_VERSION).copied().unwrap_or(0)
    }

    /// What is different from `earlier`.
    pub fn since(&self, earlier: &Surface) -> Changes {
        let mut changes = Changes::default();
        changes.texts("function", &earlier.functions, &self.functions);
        changes.texts("type", &earlier.types, &self.types);
        changes.numbers(&earlier.numbers, &self.numbers);
        for (name, shape) in &earlier.schemas {
            match self.schemas.get(name) {
                Some(now) => changes.shape(name, shape, now),
                None => changes.breaks.push(format!("schema {name} is gone")),
            }
        }
        for name in self.schemas.keys() {
            if !earlier.schemas.contains_key(name) {
                changes.additions.push(format!("schema {name}"));
            }
        }
        changes
    }
}

impl Changes {
    fn texts(
        &mut self,
        kind: &str,
        before: &BTreeMap<String, String>,
        now: &BTreeMap<String, String>,
    ) {
        for (name, text) in before {
            match now.get(name) {
                None => self.breaks.push(format!("{kind} {name} is gone")),
                Some(other) if other != text => {
                    self.breaks.push(format!(
                        "{kind} {name} was\n    {text}\n  and is\n    {other}"
                    ));
                }
                Some(_) => {}
            }
        }
        let added = now.keys().filter(|name| !before.contains_key(*name));
        self.additions
            .extend(added.map(|name| format!("{kind} {name}")));
    }

    fn numbers(&mut self, before: &BTreeMap<String, i64>, now: &BTreeMap<String, i64>) {
        for (name, number) in before {
            match now.get(name) {
                None => self.breaks.push(format!("{name} is gone")),
                Some(other) if name == ABI_VERSION && other > number => {
                    self.additions.push(format!("{ABI_VERSION} {other}"));
                }
                Some(other) if other != number => {
                    self.breaks
                        .push(format!("{name} was {number} and is {other}"));
                }
                Some(_) => {}
            }
        }
        for (name, number) in now {
            if before.contains_key(name) {
                continue;
            }
            if let Some((taken, _)) = before.iter().find(|(taken, other)| {
                *other == number && taken.as_str() != ABI_VERSION && name != ABI_VERSION
            }) {
                self.breaks
                    .push(format!("{name} takes the number {number} of {taken}"));
            } else {
                self.additions.push(format!("{name} {number}"));
            }
        }
    }

    fn shape(&mut self, name: &str, before: &Shape, now: &Shape) {
        let is_request = name.ends_with(".request");
        let (breaks, additions) = now.since(before, is_request);
        let named = |text: String| format!("schema {name}: {text}");
        self.breaks.extend(breaks.into_iter().map(named));
        self.additions.extend(additions.into_iter().map(named));
    }
}

fn file(workspace: &Workspace) -> PathBuf {
    workspace.root.join("docs").join("abi-snapshot.json")
}

fn recorded(workspace: &Workspace) -> Result<Surface> {
    let file = file(workspace);
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no snapshot", file.display()))
}

/// Fails on a break, and on an addition that is not recorded: what is not recorded could go away unseen.
pub fn compare(workspace: &Workspace) -> Result<()> {
    let (before, now) = (recorded(workspace)?, Surface::of(workspace)?);
    let changes = now.since(&before);
    Licence::of(workspace)?.refuse_breaks(&changes, &before, &now)?;
    if now != before {
        bail!(
            "docs/abi-snapshot.json lacks what has changed: run `cargo xtask abi` and commit it\n  {}",
            [changes.breaks, changes.additions].concat().join("\n  ")
        );
    }
    Ok(())
}

/// `cargo xtask abi`: records what is new.
pub fn record(workspace: &Workspace) -> Result<()> {
    let now = Surface::of(workspace)?;
    if file(workspace).is_file() {
        let before = recorded(workspace)?;
        let changes = now.since(&before);
        Licence::of(workspace)?.refuse_breaks(&changes, &before, &now)?;
        for change in &changes.breaks {
            println!("breaks callers: {change}");
        }
        for addition in &changes.additions {
            println!("new: {addition}");
        }
    }
    std::fs::write(file(workspace), serde_json::to_string_pretty(&now)? + "\n")?;
    println!("docs/abi-snapshot.json is up to date");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Changes, Surface};

    const HEADER: &str = "#define PAT_ABI_VERSION 1\n#define PAT_E_TIMEOUT 25\ntypedef uint64_t pat_job;\n\
                          char *pat_list(const char *json);\n";

    fn changes(edit: (&str, &str)) -> Changes {
        let surface = |header: &str| Surface::new(header, BTreeMap::new()).unwrap();
        surface(&HEADER.replace(edit.0, edit.1)).since(&surface(HEADER))
    }

    #[test]
    fn a_renamed_function_breaks() {
        assert_eq!(
            changes(("pat_list", "pat_show")).breaks,
            ["function pat_list is gone"]
        );
    }

    #[test]
    fn a_changed_signature_breaks() {
        assert_eq!(changes(("const char *json", "char *json")).breaks.len(), 1);
    }

    #[test]
    fn a_changed_number_breaks_and_so_does_one_used_again() {
        assert_eq!(
            changes((" 25", " 26")).breaks,
            ["PAT_E_TIMEOUT was 25 and is 26"]
        );
        let again = "#define PAT_E_TIMEOUT 25\n#define PAT_E_LATE 25";
        let breaks = changes(("#define PAT_E_TIMEOUT 25", again)).breaks;
        assert_eq!(breaks, ["PAT_E_LATE takes the number 25 of PAT_E_TIMEOUT"]);
    }

    #[test]
    fn additions_do_not_break() {
        let more = "char *pat_more(void);\nchar *pat_list";
        let found = changes(("char *pat_list", more));
        assert!(found.breaks.is_empty());
        assert_eq!(found.additions, ["function pat_more"]);
        let found = changes(("PAT_ABI_VERSION 1", "PAT_ABI_VERSION 2"));
        assert!(found.breaks.is_empty());
        assert_eq!(found.additions, ["PAT_ABI_VERSION 2"]);
    }
}
