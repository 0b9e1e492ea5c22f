//! A pair in a file that only its owner can read: the official SDK's config.json, or lines of
//! SAIL_CLIENT_ID=… and SAIL_CLIENT_SECRET=…. What else the file holds stays as it is.

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::api::fields::Pairs;
use crate::error::Result;
use crate::store::{Pair, Store, failed, private};

/// A settings file larger than this is none.
const LARGEST: u64 = 1024 * 1024;

/// A file that holds a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairFile {
    pub path: PathBuf,
    pub format: Format,
}

/// How a pair stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An object with ClientId and ClientSecret, and BaseURL where it is new.
    Json,
    /// Lines of NAME=value.
    Dotenv,
}

impl Format {
    pub const ALL: &'static [Format] = &[Format::Json, Format::Dotenv];

    pub const fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Dotenv => "dotenv",
        }
    }

    /// What a file's name says: .env, prod.env and .env.local hold lines, everything else JSON.
    pub fn of_path(path: &Path) -> Self {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().to_lowercase());
        let lines = name.is_some_and(|name| name.ends_with(".env") || name.starts_with(".env."));
        if lines { Format::Dotenv } else { Format::Json }
    }

    /// The names of client id, secret and base URL in a file of this format.
    const fn names(self) -> [&'static str; 3] {
        match self {
            Format::Json => ["ClientId", "ClientSecret", "BaseURL"],
            Format::Dotenv => ["SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET", "SAIL_BASE_URL"],
        }
    }
}

impl PairFile {
    fn store(&self) -> Store {
        Store::File(self.clone())
    }

    /// The pair in the file; none where the file or one half is missing.
    pub fn read(&self) -> Result<Option<Pair>> {
        let [id, secret, _] = self.values()?;
        let (Some(id), Some(secret)) = (id, secret) else {
            return Ok(None);
        };
        Ok(Some(Pair::new(id.to_string(), secret)))
    }

    /// Client id, secret and base URL, as far as the file has them.
    pub fn values(&self) -> Result<[Option<Zeroizing<String>>; 3]> {
        let text = match read_small(&self.path) {
            Ok(text) => text,
            Err(Unreadable::Missing) => return Ok([None, None, None]),
            Err(Unreadable::Other(problem)) => return Err(failed(&self.store(), problem)),
        };
        let text = text.trim_start_matches('\u{feff}');
        let values = match self.format {
            Format::Json => json_values(text).map_err(|problem| failed(&self.store(), problem))?,
            Format::Dotenv => Format::Dotenv.names().map(|name| line_value(text, name)),
        };
        Ok(values.map(|value| value.filter(|value| !value.is_empty())))
    }

    pub fn write(&self, pair: &Pair, base_url: &str) -> Result<()> {
        let before = match read_small(&self.path) {
            Ok(text) => Some(text),
            Err(Unreadable::Missing) => None,
            Err(Unreadable::Other(problem)) => return Err(failed(&self.store(), problem)),
        };
        let text = before
            .as_ref()
            .map_or("", |text| text.trim_start_matches('\u{feff}'));
        let [id, secret, url] = self.format.names();
        let mut values = vec![
            (id, pair.client_id.as_str()),
            (secret, pair.client_secret.expose()),
        ];
        if before.is_none() {
            values.insert(0, (url, base_url));
        }
        let after = match self.format {
            Format::Json => json_with(text, &values),
            Format::Dotenv => lines_with(text, &values),
        };
        let after = after.map_err(|problem| failed(&self.store(), problem))?;
        private::replace(&self.path, after.as_bytes()).map_err(|error| {
            failed(&self.store(), format!("cannot be written: {error}"))
                .with_remedy("make room on the disk, or let this user write to the file's folder")
        })
    }

    /// Whether the file could be written, and keeps what else it holds.
    pub fn check(&self) -> Result<()> {
        self.read()?;
        private::check(&self.path).map_err(|error| {
            failed(&self.store(), format!("cannot be written: {error}"))
                .with_remedy("make room on the disk, or let this user write to the file's folder")
        })
    }
}

/// Why a file was not read.
pub enum Unreadable {
    Missing,
    Other(String),
}

/// Reads a text file of at most 1 MiB.
pub fn read_small(path: &Path) -> std::result::Result<Zeroizing<String>, Unreadable> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Unreadable::Missing,
        _ => Unreadable::Other(format!("cannot be read: {error}")),
    };
    // Asked before it is opened: a pipe would wait for its other end.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Unreadable::Other("not a file".to_owned()));
    }
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = Zeroizing::new(String::new());
    file.take(LARGEST + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > LARGEST {
        return Err(Unreadable::Other("larger than 1 MiB, not read".to_owned()));
    }
    Ok(text)
}

type Problem<T> = std::result::Result<T, String>;

fn json_pairs(text: &str) -> Problem<Vec<(Cow<'_, str>, &RawValue)>> {
    let pairs: Pairs<'_> = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => "not a JSON object".to_owned(),
        _ => format!("not JSON, line {} column {}", error.line(), error.column()),
    })?;
    Ok(pairs.0)
}

/// Client id, secret and base URL of a JSON file, names ignoring case.
pub fn json_values(text: &str) -> Problem<[Option<Zeroizing<String>>; 3]> {
    let pairs = json_pairs(text)?;
    Ok(Format::Json.names().map(|wanted| {
        let (_, raw) = pairs
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        serde_json::from_str::<String>(raw.get())
            .ok()
            .map(Zeroizing::new)
    }))
}

/// The object again, with these values in place of those of the same name.
fn json_with(text: &str, values: &[(&str, &str)]) -> Problem<Zeroizing<String>> {
    let pairs = if text.trim().is_empty() {
        Vec::new()
    } else {
        json_pairs(text)?
    };
    let mut left: Vec<&(&str, &str)> = values.iter().collect();
    let mut after = Zeroizing::new(String::with_capacity(text.len() + 256));
    after.push('{');
    let mut add = |name: &str, value: &str| {
        let separator = if after.len() > 1 { ",\n  " } else { "\n  " };
        after.push_str(separator);
        after.push_str(&Value::from(name).to_string());
        after.push_str(": ");
        after.push_str(value);
    };
    for (name, raw) in &pairs {
        let place = left
            .iter()
            .position(|(wanted, _)| name.eq_ignore_ascii_case(wanted));
        match place.map(|place| left.remove(place)) {
            Some((_, value)) => add(name, &quoted(value)),
            None => add(name, raw.get()),
        }
    }
    left.iter()
        .for_each(|(name, value)| add(name, &quoted(value)));
    after.push_str("\n}\n");
    Ok(after)
}

fn quoted(text: &str) -> Zeroizing<String> {
    Zeroizing::new(serde_json::to_string(text).unwrap_or_default())
}

/// The name and value of a line such as `export NAME='value' # why`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if name.starts_with('#') {
        return None;
    }
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split_once(quote).map(|(inner, _)| (name, inner));
        }
    }
    Some((
        name,
        value
            .split_once(" #")
            .map_or(value, |(value, _)| value.trim_end()),
    ))
}

/// The last line of that name counts, as it does in a shell.
fn line_value(text: &str, name: &str) -> Option<Zeroizing<String>> {
    let mut values = text.lines().filter_map(assignment);
    let (_, value) = values.rfind(|(given, _)| *given == name)?;
    Some(Zeroizing::new(value.to_owned()))
}

/// The lines again, with these values in place of those of the same name.
fn lines_with(text: &str, values: &[(&str, &str)]) -> Problem<Zeroizing<String>> {
    let mut after = Zeroizing::new(String::with_capacity(text.len() + 256));
    for line in text.lines() {
        let name = assignment(line).map(|(name, _)| name);
        if !values.iter().any(|(wanted, _)| name == Some(wanted)) {
            after.push_str(line);
            after.push('\n');
        }
    }
    for (name, value) in values {
        if value.contains(['\'', '\n', '\r']) {
            return Err(
                "the value holds a quote or a line break, which no such file can hold".to_owned(),
            );
        }
        let plain = value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c));
        let quote = if plain { "" } else { "'" };
        for part in [*name, "=", quote, value, quote, "\n"] {
            after.push_str(part);
        }
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> Pair {
        Pair::new("new-id", Zeroizing::new("new \"s=cret".to_owned()))
    }

    fn written(name: &str, before: Option<&str>) -> (String, PairFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        if let Some(before) = before {
            std::fs::write(&path, before).unwrap();
        }
        let file = PairFile {
            format: Format::of_path(&path),
            path,
        };
        file.write(&pair(), "https://t").unwrap();
        assert_eq!(file.read().unwrap(), Some(pair()));
        (std::fs::read_to_string(&file.path).unwrap(), file)
    }

    #[test]
    fn a_json_file_keeps_its_other_fields_and_their_order() {
        let before =
            r#"{"baseurl":"https://own", "Note": [1, 2.50], "clientid":"old","ClientSecret":null}"#;
        let (text, _) = written("config.json", Some(before));
        assert_eq!(
            text,
            "{\n  \"baseurl\": \"https://own\",\n  \"Note\": [1, 2.50],\n  \"clientid\": \"new-id\",\n  \
             \"ClientSecret\": \"new \\\"s=cret\"\n}\n"
        );
    }

    #[test]
    fn a_new_file_holds_the_base_url_too() {
        let (text, _) = written("config.json", None);
        assert!(text.contains("\"BaseURL\": \"https://t\""), "{text}");
        let (text, _) = written("prod.env", None);
        assert_eq!(
            text,
            "SAIL_BASE_URL=https://t\nSAIL_CLIENT_ID=new-id\nSAIL_CLIENT_SECRET='new \"s=cret'\n"
        );
    }

    #[test]
    fn a_dotenv_file_keeps_its_other_lines() {
        let before =
            "# mine\nexport SAIL_CLIENT_ID=\"old\" # id\nOTHER='x # y'\n#SAIL_CLIENT_ID=no\n";
        let (text, _) = written(".env", Some(before));
        assert_eq!(
            text,
            "# mine\nOTHER='x # y'\n#SAIL_CLIENT_ID=no\nSAIL_CLIENT_ID=new-id\nSAIL_CLIENT_SECRET='new \"s=cret'\n"
        );
    }

    #[test]
    fn lines_are_read_as_a_shell_would() {
        let text = "A=1\nexport B = 'two words' # c\nA=3 # later\nC=\n";
        let value = |name| line_value(text, name).map(|value| value.to_string());
        assert_eq!(value("A").as_deref(), Some("3"));
        assert_eq!(value("B").as_deref(), Some("two words"));
        assert_eq!(value("C").as_deref(), Some(""));
        assert_eq!(value("D"), None);
    }

    #[test]
    fn a_file_that_is_something_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, "[1]").unwrap();
        let file = PairFile {
            path: path.clone(),
            format: Format::Json,
        };
        assert!(file.write(&pair(), "https://t").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[1]");
    }
}
