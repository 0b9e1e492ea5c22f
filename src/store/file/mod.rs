//! A pair in a file: the official SDK's config.json, or lines of SAIL_CLIENT_ID=… and SAIL_CLIENT_SECRET=…. What else
//! the file holds stays as it is, and so does who may read it; a new one is for its owner alone.

mod dotenv;
mod json;
mod text;

pub use text::BYTE_ORDER_MARK;

use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::api::address;
use crate::error::{Error, Result};
use crate::store::holding::{FOREIGN_REMEDY, Holding};
use crate::store::private::{Exclusive, Refusal, Rights};
use crate::store::{
    Contents, Over, Pair, Store, failed, private, same_tenant, unlike, writable_name,
};

/// A settings file larger than this is none.
const LARGEST_FILE: u64 = 1024 * 1024;
const TOO_LARGE: &str = "larger than 1 MiB, not read";

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

/// Client id, secret and base URL, as far as there are any.
pub type Values = [Option<Zeroizing<String>>; 3];

type Problem<T> = std::result::Result<T, String>;

const UNKEPT: &str = "is written in a way that a change could not keep whole";
const MEND: &str = "mend the file by hand, or name another one";

impl Format {
    /// What a text of this format says; the error says in words what is wrong with it.
    pub fn values(self, text: &str) -> Problem<Values> {
        let (_, text) = unmarked(text);
        let values = match self {
            Format::Json => json::values(text, self.names())?,
            Format::Dotenv => dotenv::values(text, self.names())?,
        };
        Ok(values.map(|value| value.filter(|value| !value.is_empty())))
    }

    /// The text with these values in their places.
    fn with(self, text: &str, wanted: &[(&str, &str)]) -> Problem<Zeroizing<String>> {
        let (mark, text) = unmarked(text);
        let after = match self {
            Format::Json => json::with(text, wanted),
            Format::Dotenv => dotenv::with(text, wanted),
        };
        Ok(marked(mark, after?))
    }

    /// The text without a pair; none where nothing is left that this library would not have written itself.
    fn without(self, text: &str) -> Problem<Option<Zeroizing<String>>> {
        let (mark, text) = unmarked(text);
        let ours = self.names();
        let [id, secret, _] = ours;
        let after = match self {
            Format::Json => json::without(text, &[id, secret], &ours)?,
            Format::Dotenv => dotenv::without(text, &[id, secret], &ours),
        };
        Ok(after.map(|after| marked(mark, after)))
    }
}

/// A byte order mark, and what comes after it.
fn unmarked(text: &str) -> (&str, &str) {
    let rest = text.trim_start_matches(text::BYTE_ORDER_MARK);
    text.split_at(text.len() - rest.len())
}

fn marked(mark: &str, text: Zeroizing<String>) -> Zeroizing<String> {
    if mark.is_empty() {
        return text;
    }
    let mut whole = Zeroizing::new(String::with_capacity(mark.len() + text.len()));
    whole.push_str(mark);
    whole.push_str(&text);
    whole
}

/// The text with other parts in the place of these, none of which overlap.
fn changed(text: &str, mut changes: Vec<(Range<usize>, Zeroizing<String>)>) -> Zeroizing<String> {
    changes.sort_by_key(|(range, _)| range.start);
    let more: usize = changes.iter().map(|(_, new)| new.len()).sum();
    let mut after = Zeroizing::new(String::with_capacity(text.len() + more));
    let mut end = 0;
    for (range, new) in &changes {
        after.push_str(&text[end..range.start]);
        after.push_str(new);
        end = range.end;
    }
    after.push_str(&text[end..]);
    after
}

impl PairFile {
    fn store(&self) -> Store {
        Store::File(self.clone())
    }

    fn refused(&self, refusal: Refusal) -> Error {
        refusal.told(&self.path, |problem| failed(&self.store(), problem))
    }

    /// The pair in the file; none where the file or one half is missing.
    pub fn read(&self) -> Result<Option<Pair>> {
        Ok(self.contents()?.holding.pair())
    }

    /// All that the file says of a pair, read once.
    pub fn contents(&self) -> Result<Contents> {
        let [id, secret, base_url] = self.values()?;
        Ok(Contents {
            holding: Holding::new(id, secret),
            base_url,
        })
    }

    /// Client id, secret and base URL, as far as the file has them.
    pub fn values(&self) -> Result<Values> {
        let text = match read_small(&self.path) {
            Ok(text) => text,
            Err(ReadError::Missing) => return Ok(Values::default()),
            Err(ReadError::Other(problem)) => return Err(failed(&self.store(), problem)),
        };
        self.said(&text).map_err(|refusal| self.refused(refusal))
    }

    /// Puts a pair in, where the file holds what may be written over and is for no other tenant, and reads it
    /// back. No other writer that uses this library comes in between.
    pub fn write(&self, pair: &Pair, base_url: &str, over: Over<'_>) -> Result<()> {
        self.put(pair, base_url, false, |text| {
            self.fits(text, base_url)?;
            let [id, secret, _] = self.said(text)?;
            Holding::new(id, secret)
                .gives_way_to(over)
                .map_err(|problem| Refusal::found(problem, FOREIGN_REMEDY))
        })
    }

    /// Puts a pair in, with its tenant, whatever was there.
    pub fn write_for(&self, pair: &Pair, base_url: &str) -> Result<()> {
        self.put(pair, base_url, true, |_| Ok(()))
    }

    fn put(
        &self,
        pair: &Pair,
        base_url: &str,
        with_url: bool,
        judge: impl Fn(&str) -> std::result::Result<(), Refusal>,
    ) -> Result<()> {
        let written = private::carefully(&self.path, |held| {
            let text = self.text(held)?;
            judge(&text)?;
            let after = self.filled(&text, pair, base_url, with_url)?;
            held.replace(after.as_bytes(), Rights::Kept)?;
            Ok(self.read()? == Some(pair.clone()))
        });
        match written.map_err(|refusal| self.refused(refusal))? {
            true => Ok(()),
            false => Err(unlike(&self.store())),
        }
    }

    /// The text of the file; an empty one where there is none.
    fn text(&self, held: &mut Exclusive) -> std::result::Result<Zeroizing<String>, Refusal> {
        let text = held
            .text(LARGEST_FILE)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::InvalidData => Refusal::found(
                    "is no UTF-8, which alone is written",
                    "save it as UTF-8, or name another file",
                ),
                _ => error.into(),
            })?;
        let text = text.unwrap_or_default();
        if text.len() as u64 > LARGEST_FILE {
            return Err(Refusal::found(TOO_LARGE, MEND));
        }
        Ok(text)
    }

    fn said(&self, text: &str) -> std::result::Result<Values, Refusal> {
        if text.trim().is_empty() {
            return Ok(Values::default());
        }
        let values = self.format.values(text);
        values.map_err(|problem| Refusal::found(problem, MEND))
    }

    /// The text with a pair; with its tenant, too, where nothing else is in it.
    fn filled(
        &self,
        text: &str,
        pair: &Pair,
        base_url: &str,
        with_url: bool,
    ) -> std::result::Result<Zeroizing<String>, Refusal> {
        let [id, secret, url] = self.format.names();
        let mut values = vec![
            (id, pair.client_id.as_str()),
            (secret, pair.client_secret.expose()),
        ];
        if with_url || text.trim().is_empty() {
            values.insert(0, (url, base_url));
        }
        let after = self.format.with(text, &values);
        after.map_err(|problem| Refusal::found(problem, MEND))
    }

    /// Whether the file is for this tenant, or says nothing of one.
    fn fits(&self, text: &str, base_url: &str) -> std::result::Result<(), Refusal> {
        let [_, _, url] = self.said(text)?;
        let Some(url) = url.filter(|url| !same_tenant(url, base_url)) else {
            return Ok(());
        };
        let name = self.format.names()[2];
        Err(Refusal::found(
            format!(
                "is for another tenant: its {name} is {}, not {base_url}",
                address::shown(&url)
            ),
            format!("name another file, or correct {name} in it"),
        ))
    }

    /// Whether a pair could be written to the file, without writing one, and what else it holds be kept.
    pub fn check(&self, base_url: &str) -> Result<()> {
        writable_name(&self.path).map_err(|problem| failed(&self.store(), problem))?;
        private::carefully(&self.path, |held| {
            let text = self.text(held)?;
            self.fits(&text, base_url)?;
            let pair = Pair::new("id", Zeroizing::new("secret".to_owned()));
            self.filled(&text, &pair, base_url, false)?;
            held.rehearse(Rights::Kept)
        })
        .map_err(|refusal| self.refused(refusal))
    }

    /// Takes exactly this pair out again; false where the file holds another or none.
    pub fn withdraw(&self, pair: &Pair) -> Result<bool> {
        private::exclusively(&self.path, |held| {
            let text = self.text(held)?;
            let [id, secret, _] = self.said(&text)?;
            if Holding::new(id, secret).pair().as_ref() != Some(pair) {
                return Ok(false);
            }
            let left = self.format.without(&text);
            match left.map_err(|problem| Refusal::found(problem, MEND))? {
                None => held.remove()?,
                Some(left) => {
                    held.look(&self.path)?;
                    held.replace(left.as_bytes(), Rights::Kept)?;
                }
            }
            Ok(true)
        })
        .map_err(|refusal| self.refused(refusal))
    }
}

/// Why a file was not read.
pub enum ReadError {
    Missing,
    Other(String),
}

/// Reads a text file of at most 1 MiB, UTF-8 or UTF-16 with its byte order mark, which stays.
pub fn read_small(path: &Path) -> std::result::Result<Zeroizing<String>, ReadError> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => ReadError::Missing,
        _ => ReadError::Other(format!("cannot be read: {error}")),
    };
    // Asked before it is opened: a pipe would wait for its other end.
    let about = match std::fs::metadata(path) {
        Err(_) if path.is_symlink() => {
            return Err(ReadError::Other("is a link that leads nowhere".to_owned()));
        }
        about => about.map_err(unreadable)?,
    };
    if !about.is_file() {
        return Err(ReadError::Other("not a file".to_owned()));
    }
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Zeroizing::new(private::room(about.len().min(LARGEST_FILE)).into_bytes());
    file.take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(ReadError::Other(TOO_LARGE.to_owned()));
    }
    text::of_bytes(bytes).map_err(ReadError::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://t";

    fn pair_of(id: &str) -> Pair {
        Pair::new(id, Zeroizing::new(format!("{id} \"s=cret")))
    }

    /// A file of that name in a folder of its own.
    fn file(name: &str, before: Option<&str>) -> (tempfile::TempDir, PairFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        if let Some(before) = before {
            std::fs::write(&path, before).unwrap();
        }
        let format = Format::of_path(&path);
        (folder, PairFile { path, format })
    }

    fn text(file: &PairFile) -> String {
        std::fs::read_to_string(&file.path).unwrap()
    }

    const NEW: [(&str, &str); 2] = [
        (
            "config.json",
            "{\n  \"BaseURL\": \"https://t\",\n  \"ClientId\": \"new\",\n  \"ClientSecret\": \"new \\\"s=cret\"\n}\n",
        ),
        (
            "prod.env",
            "SAIL_BASE_URL=https://t\nSAIL_CLIENT_ID=new\nSAIL_CLIENT_SECRET='new \"s=cret'\n",
        ),
    ];

    #[test]
    fn a_new_file_and_an_empty_one_hold_the_base_url_too() {
        for (name, expected) in NEW {
            for before in [None, Some(""), Some("\n")] {
                let (_folder, file) = file(name, before);
                file.write(&pair_of("new"), URL, Over::Only(&[])).unwrap();
                assert_eq!(text(&file).trim_start(), expected);
                assert_eq!(file.read().unwrap(), Some(pair_of("new")));
            }
        }
    }

    #[test]
    fn a_third_pair_stays_as_it_is() {
        for (name, _) in NEW {
            let (_folder, file) = file(name, None);
            let write = |id: &str, over: &[&str]| file.write(&pair_of(id), URL, Over::Only(over));
            write("old", &[]).unwrap();
            write("new", &["old", "new"]).unwrap();
            write("new", &["old", "new"]).unwrap();
            let before = text(&file);
            let error = write("third", &["old"]).unwrap_err();
            assert_eq!(error.code(), crate::error::Code::StoreFailed);
            let said = error.to_string();
            for part in [
                &*file.path.to_string_lossy(),
                "client id new",
                "somebody else",
            ] {
                assert!(said.contains(part), "{said}");
            }
            assert!(
                error
                    .detail()
                    .remedy
                    .as_deref()
                    .unwrap()
                    .contains("another place")
            );
            assert_eq!(text(&file), before);
            file.write(&pair_of("third"), URL, Over::Anything).unwrap();
        }
    }

    #[test]
    fn a_half_is_nobodys_to_overwrite() {
        for (half, words) in [
            (r#"{"ClientSecret":"planted"}"#, "without its client id"),
            (
                r#"{"ClientId":"theirs","ClientSecret":null}"#,
                "client id theirs",
            ),
        ] {
            let (_folder, file) = file("config.json", Some(half));
            assert_eq!(file.read().unwrap(), None);
            let said = file
                .write(&pair_of("new"), URL, Over::Only(&["old"]))
                .unwrap_err();
            let said = said.to_string();
            assert!(said.contains(words) && !said.contains("planted"), "{said}");
            assert_eq!(text(&file), half);
        }
    }

    #[test]
    fn a_file_of_another_tenant_gets_no_pair() {
        for (name, before, same) in [
            (
                "a.json",
                r#"{"baseurl":"https://other"}"#,
                "https://OTHER:443/",
            ),
            ("a.env", "SAIL_BASE_URL='https://other/'\n", "https://other"),
        ] {
            let (_folder, file) = file(name, Some(before));
            for error in [
                file.check(URL).unwrap_err(),
                file.write(&pair_of("new"), URL, Over::Anything)
                    .unwrap_err(),
            ] {
                let said = error.to_string();
                assert!(
                    said.contains("another tenant") && said.contains("https://other"),
                    "{said}"
                );
            }
            assert_eq!(text(&file), before);
            file.check(same).unwrap();
            file.write(&pair_of("new"), same, Over::Only(&[])).unwrap();
        }
    }

    #[test]
    fn a_name_twice_is_told_to_whoever_reads_and_whoever_writes() {
        let before = r#"{"ClientId":"a","clientid":"b","ClientSecret":"planted"}"#;
        let (_folder, json) = file("config.json", Some(before));
        let lines = "SAIL_CLIENT_ID=a\nSAIL_CLIENT_SECRET=planted\nSAIL_CLIENT_ID=b\n";
        let (_other, dotenv) = file(".env", Some(lines));
        let write = |file: &PairFile| file.write(&pair_of("new"), URL, Over::Anything);
        for error in [
            json.read().map(drop).unwrap_err(),
            json.check(URL).unwrap_err(),
            write(&json).unwrap_err(),
            json.withdraw(&pair_of("a")).map(drop).unwrap_err(),
        ] {
            let said = error.to_string();
            assert!(
                said.contains("config.json: has ClientId more than once"),
                "{said}"
            );
            assert!(!said.contains("planted"));
        }
        // A shell takes the last one; a change would have to choose.
        assert_eq!(dotenv.read().unwrap().unwrap().client_id, "b");
        for error in [dotenv.check(URL).unwrap_err(), write(&dotenv).unwrap_err()] {
            let said = error.to_string();
            assert!(
                said.contains("SAIL_CLIENT_ID with different values, lines 1, 3"),
                "{said}"
            );
        }
        assert_eq!(
            (text(&json), text(&dotenv)),
            (before.to_owned(), lines.to_owned())
        );
    }

    #[test]
    fn exactly_one_pair_is_withdrawn_and_a_file_of_our_own_goes_with_it() {
        for (name, _) in NEW {
            let (_folder, file) = file(name, None);
            assert!(!file.withdraw(&pair_of("new")).unwrap());
            file.write(&pair_of("new"), URL, Over::Only(&[])).unwrap();
            assert!(!file.withdraw(&pair_of("old")).unwrap());
            let other = Pair::new("new", Zeroizing::new("another".to_owned()));
            assert!(!file.withdraw(&other).unwrap());
            assert!(file.withdraw(&pair_of("new")).unwrap());
            assert!(!file.path.exists());
        }
        for (name, before) in [
            (
                "a.json",
                "\u{feff}{\r\n\t\"x\": 1.50, \"BaseURL\": \"https://t\"\r\n}",
            ),
            (
                "b.json",
                "{\"ClientId\":\"\",\"BaseURL\":\"https://t\" ,\"x\":[ ]}",
            ),
            (
                "c.json",
                "{\"ClientId\":null,\"x\":{},\"ClientSecret\":\"\"}",
            ),
            (".env", "# mine\r\nexport X=1"),
        ] {
            let (_folder, file) = file(name, Some(before));
            file.write(&pair_of("new"), URL, Over::Only(&[])).unwrap();
            assert!(file.withdraw(&pair_of("new")).unwrap());
            let left = text(&file);
            assert_eq!(file.read().unwrap(), None);
            let halves = [
                "\"ClientId\":\"\",",
                "\"ClientId\":null,",
                ",\"ClientSecret\":\"\"",
            ];
            let expected = halves
                .iter()
                .fold(before.to_owned(), |text, half| text.replace(half, ""));
            assert_eq!(left.trim_end(), expected, "{name}");
        }
    }

    #[test]
    fn a_file_that_is_something_else_is_left_alone() {
        for before in ["[1]", "{", r#"{"ClientSecret":{"vault":"x"}}"#] {
            let (_folder, file) = file("config.json", Some(before));
            assert!(file.check(URL).is_err(), "{before}");
            assert!(file.write(&pair_of("new"), URL, Over::Anything).is_err());
            assert_eq!(text(&file), before);
        }
    }

    #[test]
    fn many_threads_write_one_file_and_none_is_lost() {
        let (folder, file) = file("config.json", None);
        std::thread::scope(|scope| {
            for writer in 0..12 {
                let file = &file;
                scope.spawn(move || {
                    for turn in 0..12 {
                        let pair = pair_of(&format!("{writer}-{turn}"));
                        file.write(&pair, URL, Over::Anything).unwrap();
                    }
                });
            }
        });
        let last = file.read().unwrap().unwrap();
        assert_eq!(last, pair_of(&last.client_id));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn of_many_that_find_nothing_one_writes() {
        for _ in 0..20 {
            let (_folder, file) = file("config.json", None);
            let done = std::thread::scope(|scope| {
                let writers: Vec<_> = (0..8)
                    .map(|writer| {
                        let file = &file;
                        let pair = pair_of(&format!("w{writer}"));
                        scope.spawn(move || file.write(&pair, URL, Over::Only(&[])).is_ok())
                    })
                    .collect();
                let ended = writers.into_iter().map(|writer| writer.join().unwrap());
                ended.filter(|done| *done).count()
            });
            assert_eq!(done, 1);
        }
    }
}
