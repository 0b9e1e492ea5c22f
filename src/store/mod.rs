//! Where a pair of client id and secret is kept on this machine: files, the official command line, an
//! external command, or with the caller.
//!
//! Each store writes a pair as one and reads it back. All of it blocks and knows nothing of the service.
//! `client` reads here, `lifecycle` writes.

pub mod command;
pub mod command_line;
pub mod file;
pub mod holding;
pub mod keyring;
pub mod lock;
pub mod official;
pub mod path;
pub mod plain_file;
pub mod private;
pub mod profiles;
pub mod trust;
mod words;

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::api::fields::Fields;
use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::store::command::Command;
use crate::store::command_line::{CommandLine, Kept};
use crate::store::file::{Format, PairFile};
use crate::store::holding::{FOREIGN_REMEDY, Holding};
use crate::store::keyring::Account;

pub use crate::store::holding::Over;

/// A client id and its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub client_id: String,
    pub client_secret: Secret,
}

impl Pair {
    pub fn new(client_id: impl Into<String>, client_secret: Zeroizing<String>) -> Self {
        Pair {
            client_id: client_id.into(),
            client_secret: Secret::new(client_secret),
        }
    }
}

/// What a place says: of a pair as much as it has, and the tenant that it is for.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Contents {
    pub holding: Holding,
    pub base_url: Option<Zeroizing<String>>,
}

macro_rules! stores {
    ($($(#[$doc:meta])* $variant:ident($place:ty) = $field:literal;)*) => {
        /// A place that a pair can be kept in.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Store { $($(#[$doc])* $variant($place)),* }

        impl Store {
            /// The field by which each is named, in requests, settings and journals.
            pub const FIELDS: &[&str] = &[$($field),*];
        }
    };
}

stores! {
    File(PairFile) = "file";
    Command(Command) = "command";
    /// An environment of the official command line: its keyring entries, its config.yaml.
    CommandLine(CommandLine) = "commandLine";
    /// The keyring of the operating system.
    Keyring(Account) = "keyring";
}

/// The rule that one store is named, or one of `others`.
pub fn names_one(others: &[&str]) -> String {
    let fields = [Store::FIELDS, others].concat();
    let (last, first) = fields.split_last().unwrap_or((&"", &[]));
    format!("must name one store: {} or {last}", first.join(", "))
}

impl Store {
    /// Reads a store from the fields that name it. A relative path lies below `folder`; `~`, and the official
    /// command line's file, in the `home` folder.
    pub fn parse(
        mut fields: Fields<'_>,
        folder: Option<&Path>,
        home: Option<&Path>,
    ) -> Result<Self> {
        let mut named: Vec<Store> = Vec::new();
        let file = fields.string("file")?;
        if let Some(environment) = environment(&mut fields)? {
            let path = match &file {
                Some(path) => absolute(&fields, path, folder, home)?,
                None => home.map(official::default_path).ok_or_else(|| {
                    fields.breaks("file", "must be given: no home folder is known")
                })?,
            };
            writable_name(&path).map_err(|rule| fields.breaks("file", rule))?;
            named.push(Store::CommandLine(CommandLine { environment, path }));
        } else if let Some(path) = file {
            named.push(Store::File(pair_file(&mut fields, &path, folder, home)?));
        }
        if let Some(name) = fields.string("keyring")? {
            named.push(Store::Keyring(
                Account::new(&name).map_err(|rule| fields.breaks("keyring", rule))?,
            ));
        }
        if let Some(words) = fields.words("command")? {
            let words =
                placed(words, folder, home).map_err(|rule| fields.breaks("command", rule))?;
            let limit = fields.positive("commandTimeoutMs")?;
            named.push(Store::Command(
                Command::new(words, limit).map_err(|rule| fields.breaks("command", rule))?,
            ));
        }
        if named.len() != 1 {
            return Err(fields.itself(names_one(&[])));
        }
        fields.finish()?;
        Ok(named.remove(0))
    }

    /// The same store in the form that `parse` reads; never a secret.
    pub fn to_json(&self) -> Value {
        match self {
            Store::File(file) => json!({"file": text_of(&file.path), "format": file.format.name()}),
            Store::Command(command) => {
                json!({"command": command.words, "commandTimeoutMs": command.limit.as_millis() as u64})
            }
            Store::CommandLine(place) => {
                let environment = place.environment.as_deref();
                json!({"commandLine": environment.map_or(json!(true), Value::from), "file": text_of(&place.path)})
            }
            Store::Keyring(account) => json!({"keyring": account.name()}),
        }
    }

    /// The pair in the store; none where there is none yet.
    pub fn read(&self) -> Result<Option<Pair>> {
        match self {
            Store::File(file) => file.read(),
            Store::Command(command) => command.read(),
            Store::CommandLine(place) => place.read(),
            Store::Keyring(account) => account.read(),
        }
    }

    /// All that the store says, read once.
    pub fn contents(&self) -> Result<Contents> {
        let of_pair = |pair| Contents {
            holding: Holding::of(pair),
            base_url: None,
        };
        match self {
            Store::File(file) => file.contents(),
            Store::CommandLine(place) => place.contents(),
            Store::Command(_) | Store::Keyring(_) => self.read().map(of_pair),
        }
    }

    /// Compares, replaces, reads back: writes a pair where the store holds what may be written over. What is there
    /// afterwards is the old pair or the new one.
    ///
    /// With a file, and the official command line's, no other writer that uses this library comes in between, on
    /// this host or another that shares the file. A keyring and a command know nothing of the kind: there the time
    /// between the look and the write is short, and that is all.
    pub fn write(&self, pair: &Pair, base_url: &str, over: Over<'_>) -> Result<()> {
        self.write_guarded(pair, base_url, over, None)
    }

    /// The same; a command, which may go on when this process has ended, holds the lock `guard` meanwhile.
    pub fn write_guarded(
        &self,
        pair: &Pair,
        base_url: &str,
        over: Over<'_>,
        guard: Option<&Path>,
    ) -> Result<()> {
        match self {
            // Reads back before another writer may.
            Store::File(file) => return file.write(pair, base_url, over),
            Store::Command(command) => {
                self.compare(over, || command.read())?;
                command.write(pair, base_url, guard)?;
            }
            Store::CommandLine(place) => place.write(pair, base_url, over)?,
            Store::Keyring(account) => account.write(pair, over)?,
        }
        match self.read()? {
            Some(back) if back == *pair => Ok(()),
            _ => Err(unlike(self)),
        }
    }

    fn compare(&self, over: Over<'_>, read: impl Fn() -> Result<Option<Pair>>) -> Result<()> {
        if matches!(over, Over::Anything) {
            return Ok(());
        }
        Holding::of(read()?)
            .gives_way_to(over)
            .map_err(|problem| failed(self, problem).with_remedy(FOREIGN_REMEDY))
    }

    /// Takes exactly this pair out again; false where the store holds another or none, or cannot do it. A file that
    /// this library made whole goes with it.
    pub fn withdraw(&self, pair: &Pair) -> Result<bool> {
        match self {
            Store::File(file) => file.withdraw(pair),
            Store::CommandLine(place) => place.withdraw(pair),
            Store::Keyring(account) => account.withdraw(pair),
            Store::Command(_) => Ok(false),
        }
    }

    /// The tenant that the place itself names for its pair.
    pub fn base_url(&self) -> Result<Option<Zeroizing<String>>> {
        match self {
            Store::File(file) => file.values().map(|[_, _, url]| url),
            Store::CommandLine(place) => Ok(place.base_url()),
            Store::Command(_) | Store::Keyring(_) => Ok(None),
        }
    }

    /// Removes what is stored, where this library made the whole of it.
    pub fn erase(&self) -> Result<()> {
        match self {
            Store::File(file) => private::remove(&file.path)
                .map_err(|error| failed(self, format!("cannot be removed: {error}"))),
            Store::Keyring(account) => account.erase(),
            Store::Command(_) | Store::CommandLine(_) => Ok(()),
        }
    }

    /// Removes what a crash left half written.
    pub fn tidy(&self) {
        match self {
            Store::File(file) => private::remove_leftovers(&file.path),
            Store::CommandLine(place) => place.tidy(),
            Store::Keyring(account) => account.tidy(),
            Store::Command(_) => {}
        }
    }

    /// The same store, whatever changes around it later.
    pub fn pinned(self) -> Result<Self> {
        match self {
            Store::CommandLine(place) => place.pinned().map(Store::CommandLine),
            store => Ok(store),
        }
    }

    /// A store of the same kind for a second pair, which nothing else reads: a file in `folder`, or an
    /// account of the keyring.
    pub fn beside(&self, folder: &Path, name: &str) -> Result<Option<Self>> {
        let in_file = || {
            Store::File(PairFile {
                path: folder.join(name),
                format: Format::Json,
            })
        };
        let in_keyring = || Account::new(name).ok().map(Store::Keyring);
        Ok(match self {
            Store::File(_) => Some(in_file()),
            Store::Keyring(_) => in_keyring(),
            Store::CommandLine(place) => match place.place()? {
                Kept::File => Some(in_file()),
                Kept::Keyring => in_keyring(),
            },
            Store::Command(_) => None,
        })
    }

    /// Whether a pair of this tenant could be written now, found out without writing one.
    pub fn check(&self, base_url: &str) -> Result<()> {
        match self {
            Store::File(file) => file.check(base_url),
            Store::Command(command) => command.check(),
            Store::CommandLine(place) => place.check(base_url),
            Store::Keyring(account) => account.check(),
        }
    }

    /// Whether reading takes no longer than a look at a file.
    pub fn is_quick(&self) -> bool {
        matches!(self, Store::File(_))
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Store::File(file) => write!(f, "file {}", file.path.display()),
            Store::Command(command) => write!(f, "command {}", command.program()),
            Store::CommandLine(place) => match &place.environment {
                Some(name) => write!(f, "official command line, environment {name}"),
                None => f.write_str("official command line, active environment"),
            },
            Store::Keyring(account) => write!(f, "keyring, account {}", account.name()),
        }
    }
}

/// The words of a command, its program by its whole path where it is named by one: whoever resumes a rotation may
/// be somewhere else.
fn placed(
    mut words: Vec<String>,
    folder: Option<&Path>,
    home: Option<&Path>,
) -> std::result::Result<Vec<String>, String> {
    if let (Some(program), Some(folder)) = (words.first_mut(), folder)
        && program.contains(['/', '\\'])
        && Path::new(program.as_str()).is_relative()
    {
        let path = path::given(program, Some(folder), home)?;
        writable_name(&path)?;
        *program = text_of(&path);
    }
    Ok(words)
}

/// A path as text; only one that `writable_name` lets pass comes back the same.
fn text_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A path goes into JSON, of the journal among others, and must come back the same.
fn writable_name(path: &Path) -> std::result::Result<(), String> {
    match path.to_str() {
        Some(_) => Ok(()),
        None => Err(format!(
            "lies in a folder whose name is no UTF-8: {}",
            path.display()
        )),
    }
}

/// Whether two addresses are one, however they are written.
pub fn same_tenant(one: &str, other: &str) -> bool {
    let plain = |text: &str| match reqwest::Url::parse(text.trim()) {
        Ok(url) => url.as_str().trim_end_matches('/').to_owned(),
        Err(_) => text.trim().to_owned(),
    };
    plain(one) == plain(other)
}

/// The store gave back another pair than it was given.
fn unlike(store: &Store) -> Error {
    failed(store, "gives back something else than was written")
        .with_remedy("look at what is stored there, and whether something else writes to it")
}

/// A store that does not do what it should.
pub fn failed(store: &Store, problem: impl fmt::Display) -> Error {
    Error::new(Code::StoreFailed, format!("{store}: {problem}")).with_field("storeIn")
}

/// The environment that `commandLine` names; `true` for the active one.
fn environment(fields: &mut Fields<'_>) -> Result<Option<Option<String>>> {
    let Some(raw) = fields.raw("commandLine") else {
        return Ok(None);
    };
    match raw.get() {
        "true" => return Ok(Some(None)),
        "false" => return Ok(None),
        _ => {}
    }
    serde_json::from_str(raw.get())
        .ok()
        .filter(|name: &String| Account::new(name).is_ok())
        .map(|name| Some(Some(name.trim().to_owned())))
        .ok_or_else(|| fields.breaks("commandLine", "must be the name of an environment, or true"))
}

/// The path of a file, below `folder` where it is relative; `~` is the home folder.
fn absolute(
    fields: &Fields<'_>,
    path: &str,
    folder: Option<&Path>,
    home: Option<&Path>,
) -> Result<PathBuf> {
    let rule = "must be the path of a file";
    if path.trim().is_empty() || path.chars().any(char::is_control) {
        return Err(fields.breaks("file", rule));
    }
    let path = path::given(path, folder, home).map_err(|rule| fields.breaks("file", rule))?;
    if !path.is_absolute() || path.file_name().is_none() {
        return Err(fields.breaks("file", rule));
    }
    writable_name(&path).map_err(|rule| fields.breaks("file", rule))?;
    Ok(path)
}

fn pair_file(
    fields: &mut Fields<'_>,
    path: &str,
    folder: Option<&Path>,
    home: Option<&Path>,
) -> Result<PairFile> {
    let path = absolute(fields, path, folder, home)?;
    let format = match fields.string("format")? {
        None => Format::of_path(&path),
        Some(name) => Format::ALL
            .iter()
            .copied()
            .find(|format| format.name() == name)
            .ok_or_else(|| fields.breaks("format", "must be json or dotenv"))?,
    };
    Ok(PairFile { path, format })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Store> {
        let (folder, home) = if cfg!(windows) {
            (r"C:\work", r"C:\home")
        } else {
            ("/work", "/home/me")
        };
        let fields = Fields::of_request(text)?;
        Store::parse(fields, Some(Path::new(folder)), Some(Path::new(home)))
    }

    #[test]
    fn every_store_reads_back_its_own_json_and_names_itself() {
        let stores = [
            (r#"{"file":"x.json"}"#, "file "),
            (r#"{"command":["vault"]}"#, "command vault"),
            (
                r#"{"commandLine":"Prod"}"#,
                "official command line, environment Prod",
            ),
            (
                r#"{"commandLine":true}"#,
                "official command line, active environment",
            ),
            (
                r#"{"commandLine":"dev","file":"c.yaml"}"#,
                "official command line, environment dev",
            ),
            (r#"{"keyring":"Prod"}"#, "keyring, account prod"),
        ];
        for field in Store::FIELDS {
            let begin = format!("{{\"{field}\":");
            assert!(
                stores.iter().any(|(text, _)| text.starts_with(&begin)),
                "{field} is not tried"
            );
        }
        for (text, words) in stores {
            let store = parse(text).unwrap();
            assert!(store.to_string().starts_with(words), "{store}");
            let json = store.to_json().to_string();
            let again = Store::parse(Fields::of_request(&json).unwrap(), None, None).unwrap();
            assert_eq!(again, store, "{json}");
        }
    }

    #[test]
    fn every_store_is_read_by_its_field() {
        for field in Store::FIELDS {
            let error = parse(&format!("{{\"{field}\":7}}")).unwrap_err();
            assert_eq!(error.detail().field.as_deref(), Some(*field), "{error}");
        }
    }

    #[test]
    fn what_names_no_store_or_two_is_refused() {
        for (text, words) in [
            ("{}", "must name one store"),
            (r#"{"commandLine":false}"#, "must name one store"),
            (
                r#"{"commandLine":"a","keyring":"a"}"#,
                "must name one store",
            ),
            (r#"{"commandLine":7}"#, "commandLine: must be the name"),
            (r#"{"commandLine":" "}"#, "commandLine: must be the name"),
            (r#"{"keyring":""}"#, "keyring: must not be empty"),
            (r#"{"file":" "}"#, "file: must not be empty"),
            (r#"{"command":[]}"#, "command: must be a program"),
            (r#"{"command":[""]}"#, "command: must be a program"),
            (
                r#"{"commandLine":"a","format":"json"}"#,
                "format: is not a known field",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
        let homeless = Fields::of_request(r#"{"commandLine":"a"}"#).unwrap();
        let error = Store::parse(homeless, None, None).unwrap_err().to_string();
        assert!(error.contains("no home folder is known"), "{error}");
    }

    #[test]
    fn addresses_are_compared_and_not_their_spelling() {
        for (one, other) in [
            ("https://t", "https://t/"),
            ("https://T.Example:443", "https://t.example/"),
            ("https://t/a", " https://t/a/ "),
        ] {
            assert!(same_tenant(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("https://t", "http://t"),
            ("https://t", "https://t:8443"),
            ("https://t/a", "https://t/b"),
            ("t", "https://t"),
        ] {
            assert!(!same_tenant(one, other), "{one} {other}");
        }
    }

    /// A path that is no text would come back from a journal as another one.
    #[cfg(unix)]
    #[test]
    fn a_folder_whose_name_is_no_text_is_refused_and_nothing_panics() {
        use std::os::unix::ffi::OsStrExt;
        let folder = Path::new(std::ffi::OsStr::from_bytes(b"/work\xff"));
        for text in [
            r#"{"file":"x.json"}"#,
            r#"{"commandLine":"prod"}"#,
            r#"{"commandLine":"prod","file":"x.yaml"}"#,
            r#"{"command":["./vault"]}"#,
        ] {
            let fields = Fields::of_request(text).unwrap();
            let error = Store::parse(fields, Some(folder), Some(folder)).unwrap_err();
            assert!(error.to_string().contains("no UTF-8"), "{text}: {error}");
        }
        let fields = Fields::of_request(r#"{"command":["vault"]}"#).unwrap();
        Store::parse(fields, Some(folder), None).unwrap();
        let path = folder.join("x.json");
        for store in [
            Store::File(PairFile {
                path: path.clone(),
                format: Format::Json,
            }),
            Store::CommandLine(CommandLine {
                environment: Some("prod".to_owned()),
                path,
            }),
        ] {
            assert!(store.to_json().is_object());
            let error = store.check("https://t").unwrap_err().to_string();
            assert!(error.contains("no UTF-8"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_command_is_asked_before_it_stores() {
        let words = |answer: &str| {
            let script =
                format!("read -r l; case $l in *read*) echo '{answer}';; *) exit 3;; esac");
            ["sh".to_owned(), "-c".to_owned(), script].to_vec()
        };
        let store = |answer: &str| Store::Command(Command::new(words(answer), None).unwrap());
        let pair = Pair::new("new", Zeroizing::new("s".to_owned()));
        let write = |answer: &str, over: Over<'_>| {
            let error = store(answer).write(&pair, "https://t", over);
            error.unwrap_err().to_string()
        };
        let theirs = r#"{"clientId":"theirs","clientSecret":"planted"}"#;
        let said = write(theirs, Over::Only(&["old"]));
        assert!(
            said.contains("client id theirs") && !said.contains("planted"),
            "{said}"
        );
        for (answer, over) in [
            ("{}", Over::Only(&["old"])),
            (theirs, Over::Only(&["theirs"])),
            (theirs, Over::Anything),
        ] {
            let said = write(answer, over);
            assert!(!said.contains("somebody else"), "{said}");
        }
        assert!(!store(theirs).withdraw(&pair).unwrap());
    }
}
