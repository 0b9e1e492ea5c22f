//! The scalars of a small YAML file, by their place. Read from the parser's events, so that a file that
//! nests without end or multiplies itself by aliases is refused before it costs anything.

use yaml_rust2::Event;
use yaml_rust2::parser::Parser;
use yaml_rust2::scanner::{Marker, TScalarStyle};
use zeroize::Zeroizing;

/// The official command line's file goes four levels deep.
const DEEPEST: usize = 16;
/// Stands for the place in a list; no key of a mapping that is looked for is named so.
const IN_LIST: &str = "[]";

/// A value and the keys that lead to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Node {
    pub keys: Vec<String>,
    pub value: NodeValue,
    /// Where its last key stands: the line from 0, and the column in characters.
    pub line: usize,
    pub column: usize,
}

/// A value; a mapping and a list come before what they hold.
#[derive(Clone, PartialEq, Eq)]
pub enum NodeValue {
    Scalar(TScalarStyle, Zeroizing<String>),
    Map,
    List,
}

impl Node {
    /// Whether `path` leads here; keys are compared without case.
    pub fn is_at(&self, path: &[&str]) -> bool {
        self.keys.len() == path.len() && self.is_below_or_at(path)
    }

    /// Whether this lies below `path`.
    pub fn is_below(&self, path: &[&str]) -> bool {
        self.keys.len() > path.len() && self.is_below_or_at(path)
    }

    fn is_below_or_at(&self, path: &[&str]) -> bool {
        self.keys
            .iter()
            .zip(path)
            .all(|(key, wanted)| key.eq_ignore_ascii_case(wanted))
    }
}

/// Everything in a file, with the keys that lead to it.
pub struct Scalars(Vec<Node>);

impl Scalars {
    /// Reads the first document of `text`; the error says what is wrong and where.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut parser = Parser::new_from_str(text);
        let mut reader = ScalarReader::default();
        loop {
            let (event, marker) = parser
                .next_token()
                .map_err(|error| format!("not YAML, line {}", error.marker().line()))?;
            if reader
                .take(event, marker)
                .map_err(|problem| format!("{problem}, line {}", marker.line()))?
            {
                return Ok(Scalars(reader.nodes));
            }
        }
    }

    pub fn nodes(&self) -> &[Node] {
        &self.0
    }

    /// The scalar at `path`; keys are compared without case.
    pub fn get(&self, path: &[&str]) -> Option<&str> {
        self.0.iter().find_map(|node| match &node.value {
            NodeValue::Scalar(_, text) if node.is_at(path) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The same; a mapping or a list in its place is none, and said so.
    pub fn text(&self, path: &[&str]) -> Result<Option<&str>, String> {
        let structure =
            |node: &Node| !matches!(node.value, NodeValue::Scalar(..)) && node.is_at(path);
        if self.0.iter().any(structure) {
            return Err(format!("{} is no text", path.join(".")));
        }
        Ok(self.get(path))
    }

    /// Whether each key that leads to `path` is there once at most, whatever the case of its letters; else in words
    /// which is not. Of two, readers that differ about case or order would take different ones.
    pub fn only(&self, path: &[&str]) -> Result<(), String> {
        let twice = (1..=path.len()).find(|length| {
            let here = self.0.iter().filter(|node| node.is_at(&path[..*length]));
            here.count() > 1
        });
        match twice {
            None => Ok(()),
            Some(length) => Err(format!(
                "has {} more than once, whatever the case of its letters; leave the one that counts",
                path[..length].join(".")
            )),
        }
    }

    /// Whether a key of this name, anywhere, has a value.
    pub fn has_value_of(&self, name: &str) -> bool {
        self.0.iter().any(|node| {
            let named = |key: &String| key.eq_ignore_ascii_case(name);
            let filled = matches!(&node.value, NodeValue::Scalar(_, text) if !text.is_empty());
            filled && node.keys.last().is_some_and(named)
        })
    }

    /// The keys right below `path`, in their order.
    pub fn keys_below(&self, path: &[&str]) -> Vec<&str> {
        let mut below: Vec<&str> = Vec::new();
        for node in &self.0 {
            let keys = &node.keys;
            let Some((key, _)) = keys.get(path.len()).zip(keys.get(path.len() + 1)) else {
                continue;
            };
            let leads = node.is_below(path);
            if leads && !below.contains(&key.as_str()) {
                below.push(key);
            }
        }
        below
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether anything lies below `path`.
    pub fn has_below(&self, path: &[&str]) -> bool {
        self.0.iter().any(|node| node.is_below(path))
    }
}

/// Where the reader is: in a list, or in a map with the key whose value comes next.
enum Nesting {
    List,
    Map(Option<MapKey>),
}

struct MapKey {
    text: String,
    line: usize,
    column: usize,
}

#[derive(Default)]
struct ScalarReader {
    levels: Vec<Nesting>,
    nodes: Vec<Node>,
}

impl ScalarReader {
    /// Takes one event; true at the end of the first document.
    fn take(&mut self, event: Event, at: Marker) -> Result<bool, &'static str> {
        match event {
            Event::Scalar(text, style, ..) => self.scalar(Zeroizing::new(text), style, at),
            Event::SequenceStart(..) => self.deeper(Nesting::List, NodeValue::List)?,
            Event::MappingStart(..) => self.deeper(Nesting::Map(None), NodeValue::Map)?,
            Event::SequenceEnd | Event::MappingEnd => {
                self.levels.pop();
                self.value_ended();
            }
            Event::Alias(_) => return Err("aliases are not read here"),
            Event::DocumentEnd | Event::StreamEnd => return Ok(true),
            Event::Nothing | Event::StreamStart | Event::DocumentStart => {}
        }
        Ok(false)
    }

    fn deeper(&mut self, level: Nesting, value: NodeValue) -> Result<(), &'static str> {
        if self.levels.len() == DEEPEST {
            return Err("nests too deep");
        }
        if !self.levels.is_empty() {
            self.add(value);
        }
        self.levels.push(level);
        Ok(())
    }

    fn scalar(&mut self, text: Zeroizing<String>, style: TScalarStyle, at: Marker) {
        if let Some(Nesting::Map(key @ None)) = self.levels.last_mut() {
            *key = Some(MapKey {
                text: text.to_string(),
                line: at.line().saturating_sub(1),
                column: at.col(),
            });
            return;
        }
        self.add(NodeValue::Scalar(style, text));
        self.value_ended();
    }

    fn add(&mut self, value: NodeValue) {
        let keys = self.levels.iter().filter_map(|level| match level {
            Nesting::Map(key) => key.as_ref().map(|key| key.text.clone()),
            Nesting::List => Some(IN_LIST.to_owned()),
        });
        let place = self.levels.iter().rev().find_map(|level| match level {
            Nesting::Map(Some(key)) => Some((key.line, key.column)),
            _ => None,
        });
        let (line, column) = place.unwrap_or_default();
        self.nodes.push(Node {
            keys: keys.collect(),
            value,
            line,
            column,
        });
    }

    fn value_ended(&mut self) {
        if let Some(Nesting::Map(key)) = self.levels.last_mut() {
            *key = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_found_by_their_keys() {
        let scalars = Scalars::read(
            "a: x\nMap:\n  inner:\n    k: \"quoted: text\"\n  list: [1, {k: v}]\n  n: 007\nlast: ~\n",
        )
        .unwrap();
        assert_eq!(scalars.get(&["a"]), Some("x"));
        assert_eq!(scalars.get(&["map", "INNER", "k"]), Some("quoted: text"));
        assert_eq!(scalars.get(&["map", "n"]), Some("007"));
        assert_eq!(scalars.get(&["map", "list", "k"]), None);
        assert!(scalars.has_below(&["map"]) && !scalars.has_below(&["a"]));
    }

    #[test]
    fn a_key_twice_is_told_at_every_level() {
        let twice = |text: &str| Scalars::read(text).unwrap().only(&["envs", "prod", "id"]);
        assert_eq!(
            twice("envs:\n  prod:\n    id: a\n  dev:\n    id: b\nother: 1\nOther: 2\n"),
            Ok(())
        );
        for (text, key) in [
            ("envs:\n  prod:\n    id: a\n    ID: b\n", "envs.prod.id"),
            (
                "envs:\n  prod:\n    id: a\n  Prod:\n    secret: b\n",
                "envs.prod",
            ),
            ("envs:\n  prod:\n    id: a\nEnvs:\n", "envs"),
        ] {
            let said = twice(text).unwrap_err();
            assert!(
                said.starts_with(&format!("has {key} more than once")),
                "{said}"
            );
        }
    }

    #[test]
    fn hostile_files_are_refused() {
        for (text, problem) in [
            ("- ".repeat(200_000), "nests too deep"),
            ("[".repeat(200_000), "not YAML"),
            ("[".repeat(20) + &"]".repeat(20), "nests too deep"),
            ("a: &x [1]\nb: *x\n".to_owned(), "aliases"),
            ("a: [".to_owned(), "not YAML"),
            ("a:\n\tb: c\n".to_owned(), "not YAML, line 2"),
        ] {
            let error = Scalars::read(&text).err().unwrap();
            assert!(error.contains(problem), "{error}");
        }
        assert!(Scalars::read("").unwrap().is_empty());
    }
}
