//! The scalars of a small YAML file, by their place. Read from the parser's events, so that a file that
//! nests without end or multiplies itself by aliases is refused before it costs anything.

use yaml_rust2::Event;
use yaml_rust2::parser::Parser;
use zeroize::Zeroizing;

/// The official command line's file goes four levels deep.
const DEEPEST: usize = 16;

/// Scalars with the keys that lead to them.
pub struct Scalars(Vec<(Vec<String>, Zeroizing<String>)>);

impl Scalars {
    /// Reads the first document of `text`; the error says what is wrong and where.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut parser = Parser::new_from_str(text);
        let mut reader = Reader::default();
        loop {
            let (event, marker) = parser
                .next_token()
                .map_err(|error| format!("not YAML, line {}", error.marker().line()))?;
            if reader
                .take(event)
                .map_err(|problem| format!("{problem}, line {}", marker.line()))?
            {
                return Ok(Scalars(reader.scalars));
            }
        }
    }

    /// The scalar at `path`; keys are compared without case.
    pub fn get(&self, path: &[&str]) -> Option<&str> {
        let same = |keys: &[String]| {
            keys.len() == path.len()
                && keys
                    .iter()
                    .zip(path)
                    .all(|(key, wanted)| key.eq_ignore_ascii_case(wanted))
        };
        let (_, value) = self.0.iter().find(|(keys, _)| same(keys))?;
        Some(value.as_str())
    }

    /// Whether a key of this name, anywhere, has a value.
    pub fn has_value_of(&self, name: &str) -> bool {
        self.0.iter().any(|(keys, value)| {
            let last = keys.last();
            last.is_some_and(|key| key.eq_ignore_ascii_case(name)) && !value.is_empty()
        })
    }

    /// The keys right below `path`, in their order.
    pub fn keys_below(&self, path: &[&str]) -> Vec<&str> {
        let mut below: Vec<&str> = Vec::new();
        for (keys, _) in &self.0 {
            let Some((key, _)) = keys.get(path.len()).zip(keys.get(path.len() + 1)) else {
                continue;
            };
            let leads = keys
                .iter()
                .zip(path)
                .all(|(key, wanted)| key.eq_ignore_ascii_case(wanted));
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
        self.0.iter().any(|(keys, _)| {
            keys.len() > path.len()
                && keys
                    .iter()
                    .zip(path)
                    .all(|(key, wanted)| key.eq_ignore_ascii_case(wanted))
        })
    }
}

/// Where the reader is: in a list, or in a map with the key whose value comes next.
enum Level {
    List,
    Map(Option<String>),
}

#[derive(Default)]
struct Reader {
    levels: Vec<Level>,
    scalars: Vec<(Vec<String>, Zeroizing<String>)>,
}

impl Reader {
    /// Takes one event; true at the end of the first document.
    fn take(&mut self, event: Event) -> Result<bool, &'static str> {
        match event {
            Event::Scalar(text, ..) => self.scalar(Zeroizing::new(text)),
            Event::SequenceStart(..) => self.deeper(Level::List)?,
            Event::MappingStart(..) => self.deeper(Level::Map(None))?,
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

    fn deeper(&mut self, level: Level) -> Result<(), &'static str> {
        if self.levels.len() == DEEPEST {
            return Err("nests too deep");
        }
        self.levels.push(level);
        Ok(())
    }

    fn scalar(&mut self, text: Zeroizing<String>) {
        if let Some(Level::Map(key @ None)) = self.levels.last_mut() {
            *key = Some(text.to_string());
            return;
        }
        // What lies in a list has no keys of its own, and nothing here looks for it.
        if !self.levels.iter().any(|level| matches!(level, Level::List)) {
            let keys = self.levels.iter().filter_map(|level| match level {
                Level::Map(key) => key.clone(),
                Level::List => None,
            });
            self.scalars.push((keys.collect(), text));
        }
        self.value_ended();
    }

    fn value_ended(&mut self) {
        if let Some(Level::Map(key)) = self.levels.last_mut() {
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
    fn hostile_files_are_refused() {
        for (text, problem) in [
            ("- ".repeat(200_000), "nests too deep"),
            ("[".repeat(200_000), "not YAML"),
            ("[".repeat(20) + &"]".repeat(20), "nests too deep"),
            ("a: &x [1]\nb: *x\n".to_owned(), "aliases"),
            ("a: [".to_owned(), "not YAML"),
        ] {
            let error = Scalars::read(&text).err().unwrap();
            assert!(error.contains(problem), "{error}");
        }
        assert!(Scalars::read("").unwrap().is_empty());
    }
}
