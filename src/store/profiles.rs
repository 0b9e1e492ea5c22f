//! Profiles: tenants by name. Own ones are in profiles.json, a file of the library's own folder that never
//! holds a secret: each names the store of its pair, unless told otherwise the private file
//! profiles/<name>.json beside it. The official command line's environments are profiles as they are.
//!
//! Names are compared without case; an own profile goes before an environment of the same name.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::api::fields::Fields;
use crate::api::id;
use crate::api::version;
use crate::error::{Code, Error, Result};
use crate::store::command_line::CommandLine;
use crate::store::file::{Format, PairFile, ReadError, read_small};
use crate::store::keyring::Account;
use crate::store::official::{self, Official};
use crate::store::{Store, private, trust};

/// The file of own profiles.
const PROFILES_FILE: &str = "profiles.json";
/// The field of a profile that is being changed.
pub const CHANGING: &str = "changing";

/// One tenant: where it is, and where its pair is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub base_url: Option<String>,
    pub token_url: Option<String>,
    pub api_version: Option<String>,
    /// Where its pair is.
    pub store: Store,
    pub from: Origin,
    /// Whether it counts where nothing else names a tenant.
    pub is_default: bool,
    /// Whether it moves to another tenant: until that is done its pair may be either one's, and nobody uses it.
    pub is_changing: bool,
}

/// Which file a profile is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Own,
    CommandLine(PathBuf),
}

impl Origin {
    pub const fn name(&self) -> &'static str {
        match self {
            Origin::Own => PROFILES_FILE,
            Origin::CommandLine(_) => "config.yaml",
        }
    }
}

impl Profile {
    /// The client id, where it can be had without asking a slow store.
    pub fn client_id(&self) -> Option<String> {
        let pair = match &self.store {
            Store::CommandLine(place) => place.in_file(),
            store if store.is_quick() => store.read().ok().flatten(),
            _ => None,
        };
        let id = pair.map(|pair| pair.client_id);
        // What is swapped, whoever uses the profile is told; here it would only show.
        id.filter(|id| !id::has_form_of_secret(id))
    }
}

/// Where profiles are looked for.
#[derive(Clone, Debug)]
pub struct ProfileFiles {
    /// The library's own folder.
    pub state: PathBuf,
    /// The user's home folder, where it is known: the official command line's config.yaml is below it.
    pub home: Option<PathBuf>,
    /// That file as it was last understood.
    pub official: official::Last,
}

/// All profiles, and what was wrong with a file that they could not be read from.
pub struct Known {
    pub profiles: Vec<Profile>,
    pub problem: Option<String>,
}

impl ProfileFiles {
    /// Every profile there is: own ones first.
    pub fn all(&self) -> Result<Known> {
        Ok(self.with_environments(Book::read(self)?.profiles()?))
    }

    fn with_environments(&self, mut profiles: Vec<Profile>) -> Known {
        let command_line = self.home.as_deref().map(official::default_path);
        let (environments, problem) = match command_line
            .as_deref()
            .map(|path| environments(path, &self.official))
        {
            None => (Vec::new(), None),
            Some(Ok(environments)) => (environments, None),
            Some(Err(problem)) => (Vec::new(), Some(problem)),
        };
        for environment in environments {
            if !profiles
                .iter()
                .any(|own| same(&own.name, &environment.name))
            {
                profiles.push(environment);
            }
        }
        Known { profiles, problem }
    }

    /// The profile of that name, for use.
    pub fn find(&self, name: &str) -> Result<Profile> {
        let found = self.named(name)?;
        self.usable(&found)?;
        Ok(found)
    }

    /// The profile of that name. The official command line's file is read where no own one has it.
    pub fn named(&self, name: &str) -> Result<Profile> {
        let named = |profile: &&Profile| same(&profile.name, name);
        let own = Book::read(self)?.profiles()?;
        if let Some(found) = own.iter().find(named) {
            return Ok(found.clone());
        }
        let known = self.with_environments(own);
        let found = known.profiles.iter().find(named).cloned();
        found.ok_or_else(|| unknown(name, &known))
    }

    /// Fails where a profile that was read before leads somewhere else now.
    pub fn still_as_it_was(&self, before: &Profile) -> Result<()> {
        if before.from != Origin::Own {
            return Ok(());
        }
        let now = self.find(&before.name)?;
        let of = |profile: &Profile| {
            let Profile {
                base_url,
                token_url,
                store,
                ..
            } = profile.clone();
            (base_url, token_url, store)
        };
        if of(&now) != of(before) {
            let path = self.state.join(PROFILES_FILE);
            let message = format!(
                "{}: profile {} was changed while its store was asked",
                path.display(),
                before.name
            );
            return Err(Error::new(Code::StateFailed, message)
                .with_field("profile")
                .retryable()
                .with_remedy("try again"));
        }
        Ok(())
    }

    /// One whose pair and tenant may not belong together yet is none to use.
    fn usable(&self, profile: &Profile) -> Result<()> {
        match profile.is_changing {
            true => Err(half_changed(&self.state.join(PROFILES_FILE), &profile.name)),
            false => Ok(()),
        }
    }

    /// The profile that counts where nothing else names a tenant.
    pub fn default(&self) -> Result<Option<Profile>> {
        let mut own = Book::read(self)?.profiles()?;
        let Some(index) = own.iter().position(|profile| profile.is_default) else {
            return Ok(None);
        };
        let found = own.swap_remove(index);
        self.usable(&found)?;
        Ok(Some(found))
    }

    /// Where the pair of an own profile is, unless told otherwise.
    pub fn own_store(&self, name: &str) -> Store {
        Store::File(PairFile {
            path: self.own_file(name),
            format: Format::Json,
        })
    }

    /// The private file of a profile's pair.
    pub fn own_file(&self, name: &str) -> PathBuf {
        let name = name.to_ascii_lowercase();
        self.state.join("profiles").join(format!("{name}.json"))
    }
}

/// Whether two names are one.
pub fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The rule of an own profile's name, which is the name of a file, too.
pub fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn object(text: &str) -> std::result::Result<Map<String, Value>, String> {
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(root)) => Ok(root),
        Ok(_) => Err("not a JSON object".to_owned()),
        Err(error) => Err(format!(
            "not JSON, line {} column {}",
            error.line(),
            error.column()
        )),
    }
}

/// profiles.json as it is, fields of others included.
#[derive(Clone)]
pub struct Book {
    files: ProfileFiles,
    root: Map<String, Value>,
}

impl Book {
    pub fn read(files: &ProfileFiles) -> Result<Self> {
        let path = files.state.join(PROFILES_FILE);
        let wrong = |problem: String| broken(&path, &problem);
        let root = match read_small(&path) {
            Err(ReadError::Missing) => Map::new(),
            Err(ReadError::Other(problem)) => return Err(wrong(problem)),
            Ok(text) => {
                // Whoever can write it says where a pair goes, and which program is run.
                trust::what_was_read(&path)?;
                object(&text).map_err(wrong)?
            }
        };
        Ok(Book {
            files: files.clone(),
            root,
        })
    }

    pub fn path(&self) -> PathBuf {
        self.files.state.join(PROFILES_FILE)
    }

    fn entries(&self) -> Result<Vec<(&String, &Map<String, Value>)>> {
        let wrong = |what: &str| broken(&self.path(), &format!("{what} must be an object"));
        match self.root.get("profiles") {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Object(profiles)) => profiles
                .iter()
                .map(|(name, fields)| match fields {
                    _ if !is_name(name) => Err(broken(
                        &self.path(),
                        &format!("profiles: {} is no name", Value::from(name.as_str())),
                    )),
                    Value::Object(fields) => Ok((name, fields)),
                    _ => Err(wrong(&format!("profiles.{name}"))),
                })
                .collect(),
            Some(_) => Err(wrong("profiles")),
        }
    }

    /// The own profiles, in the order of their names.
    pub fn profiles(&self) -> Result<Vec<Profile>> {
        let default = self
            .root
            .get("default")
            .and_then(Value::as_str)
            .unwrap_or_default();
        self.entries()?
            .into_iter()
            .map(|(name, fields)| {
                let text = |field: &str| self.text(name, field, fields.get(field));
                Ok(Profile {
                    name: name.clone(),
                    base_url: text("baseUrl")?,
                    token_url: text("tokenUrl")?,
                    api_version: self.api_version(name, text("apiVersion")?)?,
                    store: self.store(name, fields.get("source"))?,
                    from: Origin::Own,
                    is_default: same(name, default),
                    is_changing: fields.contains_key(CHANGING),
                })
            })
            .collect()
    }

    fn text(&self, name: &str, field: &str, value: Option<&Value>) -> Result<Option<String>> {
        match value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.wrong(name, field, "must be a string")),
        }
    }

    fn api_version(&self, name: &str, version: Option<String>) -> Result<Option<String>> {
        match &version {
            Some(given) if version::find(given).is_err() => {
                Err(self.wrong(name, "apiVersion", "is none that this library knows"))
            }
            _ => Ok(version),
        }
    }

    fn store(&self, name: &str, source: Option<&Value>) -> Result<Store> {
        let Some(source) = source.filter(|source| !source.is_null()) else {
            return Ok(self.files.own_store(name));
        };
        let text = source.to_string();
        let (state, home) = (Some(self.files.state.as_path()), self.files.home.as_deref());
        let store = Fields::of_settings(&text).and_then(|f| Store::parse(f, state, home));
        match store {
            Ok(store) => Ok(store),
            Err(error) => {
                let rule = error.to_string();
                Err(self.wrong(name, "source", rule.trim_start_matches("the settings: ")))
            }
        }
    }

    fn wrong(&self, name: &str, field: &str, rule: &str) -> Error {
        broken(&self.path(), &format!("profiles.{name}.{field} {rule}"))
    }

    /// An own profile's fields, to be changed; made where there is none of that name yet.
    pub fn entry(&mut self, name: &str) -> Result<&mut Map<String, Value>> {
        let known = self.entries()?.into_iter().map(|(known, _)| known.clone());
        let key = known
            .into_iter()
            .find(|known| same(known, name))
            .unwrap_or_else(|| name.to_owned());
        let profiles = self.root.entry("profiles").or_insert_with(|| json!({}));
        if profiles.is_null() {
            *profiles = json!({});
        }
        let entry = profiles
            .as_object_mut()
            .map(|profiles| profiles.entry(key).or_insert_with(|| json!({})));
        entry
            .and_then(Value::as_object_mut)
            .ok_or_else(|| Error::new(Code::Internal, "a profile was an object and is none"))
    }

    pub fn set_default(&mut self, name: Option<&str>) {
        match name {
            Some(name) => self.root.insert("default".to_owned(), json!(name)),
            None => self.root.remove("default"),
        };
    }

    /// Takes a profile out.
    pub fn remove(&mut self, name: &str) {
        if let Some(Value::Object(profiles)) = self.root.get_mut("profiles") {
            profiles.retain(|known, _| !same(known, name));
        }
        if self
            .root
            .get("default")
            .and_then(Value::as_str)
            .is_some_and(|default| same(default, name))
        {
            self.set_default(None);
        }
    }

    /// Writes the file as one.
    pub fn write(&self) -> Result<()> {
        let path = self.path();
        let mut text = serde_json::to_string_pretty(&self.root).unwrap_or_default();
        text.push('\n');
        private::replace(&path, text.as_bytes()).map_err(|error| unwritable(&path, &error))
    }
}

fn broken(path: &Path, problem: &str) -> Error {
    Error::new(Code::StateFailed, format!("{}: {problem}", path.display()))
        .with_field("profile")
        .with_remedy("mend the file by hand, or move it away and set the profiles again")
}

/// A profile on its way to another tenant, or one that never came there.
pub fn half_changed(path: &Path, name: &str) -> Error {
    let message = format!(
        "{}: profile {name} is being changed to another tenant, or that was not finished: whose pair it has is not known",
        path.display()
    );
    Error::new(Code::StateFailed, message)
        .with_field("profile")
        .with_remedy(
            "wait for whoever changes it, or set it anew, with baseUrl, clientId and clientSecret: profile_set, Set-SailPatProfile",
        )
}

/// A file or folder of the library's own that cannot be written.
pub fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Code::StateFailed, format!("{} cannot be written: {error}", path.display()))
        .with_field("stateFolder")
        .with_remedy("make room on the disk, or let this user write there, or name another folder in stateFolder or SAILPAT_HOME")
}

/// The official command line's environments.
fn environments(path: &Path, last: &official::Last) -> std::result::Result<Vec<Profile>, String> {
    let said = |problem: String| format!("{}: {problem}", path.display());
    let Some(file) = Official::read_again(path, last).map_err(said)? else {
        return Ok(Vec::new());
    };
    let names = file.names().into_iter();
    Ok(names
        .filter_map(|name| environment(path, &file, name))
        .collect())
}

fn environment(path: &Path, file: &Official, name: &str) -> Option<Profile> {
    // What is wrong with an environment, whoever uses it is told.
    let base_url = file.environment(name).ok().and_then(|found| found.base_url);
    Some(Profile {
        name: name.to_owned(),
        base_url: base_url.map(|url| url.to_string()),
        token_url: None,
        api_version: None,
        store: command_line(path, name)?,
        from: Origin::CommandLine(path.to_owned()),
        is_default: false,
        is_changing: false,
    })
}

/// The command line's own store; none where the name is none that a store can have.
fn command_line(path: &Path, name: &str) -> Option<Store> {
    Account::new(name).ok()?;
    Some(Store::CommandLine(CommandLine {
        environment: Some(name.trim().to_owned()),
        path: path.to_owned(),
    }))
}

/// The error that lists the names there are, and the one that was likely meant.
fn unknown(name: &str, known: &Known) -> Error {
    let names: Vec<&str> = known
        .profiles
        .iter()
        .map(|profile| profile.name.as_str())
        .collect();
    let wanted = match id::has_form_of_secret(name) {
        true => "of that name, which has the form of a secret".to_owned(),
        false => format!("'{name}'"),
    };
    let mut message = match names.as_slice() {
        [] => format!("no profile {wanted}; there are none yet"),
        names => format!("no profile {wanted}; there are {}", names.join(", ")),
    };
    if let Some(problem) = &known.problem {
        message.push_str(&format!(" ({problem})"));
    }
    let error = Error::new(Code::ProfileUnknown, message).with_field("profile");
    match near(name, &names) {
        Some(near) => error.with_remedy(format!("did you mean '{near}'?")),
        None => error.with_remedy("name one of these, or make it: profile_set, Set-SailPatProfile"),
    }
}

/// The name that is at most two slips away, or that goes on where this one ends.
fn near<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    let name = name.to_lowercase();
    let slips = |known: &str| {
        let known = known.to_lowercase();
        if known.starts_with(&name) {
            1
        } else {
            distance(&name, &known)
        }
    };
    let nearest = names.iter().min_by_key(|known| slips(known))?;
    let limit = 2.min(name.chars().count().saturating_sub(1));
    (slips(nearest) <= limit).then_some(*nearest)
}

/// Characters to insert, remove or replace to make one of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> ProfileFiles {
        ProfileFiles {
            state: folder.to_owned(),
            home: Some(folder.to_owned()),
            official: official::Last::default(),
        }
    }

    fn write(folder: &Path, name: &str, text: &str) {
        let path = match name {
            PROFILES_FILE => folder.join(name),
            _ => official::default_path(folder),
        };
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn own_profiles_go_before_environments_of_the_same_name() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        write(
            folder.path(),
            "config.yaml",
            "activeenvironment: prod\nenvironments:\n  prod:\n    baseurl: https://theirs\n  Lab One:\n    baseurl: https://lab\n    pat:\n      clientid: i\n      clientsecret: planted\n",
        );
        write(
            folder.path(),
            PROFILES_FILE,
            r#"{"default":"PROD","profiles":{"Prod":{"baseUrl":"https://ours","hue":3}}}"#,
        );
        let found = files.find("pROD").unwrap();
        assert_eq!(found.base_url.as_deref(), Some("https://ours"));
        assert!(found.is_default && found.from == Origin::Own);
        assert_eq!(
            found.store.to_string(),
            format!(
                "file {}",
                folder.path().join("profiles/prod.json").display()
            )
        );
        let lab = files.find("lab one").unwrap();
        assert_eq!(lab.from.name(), "config.yaml");
        assert!(!format!("{lab:?}").contains("planted"));
        let names: Vec<String> = files
            .all()
            .unwrap()
            .profiles
            .into_iter()
            .map(|p| p.name)
            .collect();
        assert_eq!(names, ["Prod", "Lab One"]);
    }

    #[test]
    fn an_unknown_name_lists_those_there_are_and_the_likely_one() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        assert!(
            files
                .find("prod")
                .unwrap_err()
                .to_string()
                .ends_with("there are none yet")
        );
        write(
            folder.path(),
            PROFILES_FILE,
            r#"{"profiles":{"production":{},"test":{}}}"#,
        );
        write(folder.path(), "config.yaml", "a: [");
        for (asked, meant) in [
            ("prod", Some("production")),
            ("tset", Some("test")),
            ("x", None),
            ("staging", None),
        ] {
            let error = files.find(asked).unwrap_err();
            assert_eq!(error.code(), Code::ProfileUnknown);
            assert!(
                error.to_string().contains("there are production, test ("),
                "{error}"
            );
            let remedy = error.detail().remedy.clone().unwrap();
            assert_eq!(
                meant.map(|meant| format!("did you mean '{meant}'?")),
                meant.map(|_| remedy.clone()),
                "{asked}: {remedy}"
            );
            assert_eq!(
                meant.is_none(),
                remedy.starts_with("name one"),
                "{asked}: {remedy}"
            );
        }
    }

    #[test]
    fn a_broken_file_says_where() {
        let folder = tempfile::tempdir().unwrap();
        for (text, problem) in [
            ("{\n  \"profiles\": [}", "not JSON, line 2 column 16"),
            ("[]", "not a JSON object"),
            (r#"{"profiles":5}"#, "profiles must be an object"),
            (
                r#"{"profiles":{"../a":{}}}"#,
                "profiles: \"../a\" is no name",
            ),
            (r#"{"profiles":{"a":[]}}"#, "profiles.a must be an object"),
            (
                r#"{"profiles":{"a":{"baseUrl":5}}}"#,
                "profiles.a.baseUrl must be a string",
            ),
            (
                r#"{"profiles":{"a":{"apiVersion":"v9"}}}"#,
                "profiles.a.apiVersion is none",
            ),
            (
                r#"{"profiles":{"a":{"source":{"caller":true}}}}"#,
                "profiles.a.source must name one store",
            ),
            (
                r#"{"profiles":{"a":{"source":{}}}}"#,
                "profiles.a.source must name one store",
            ),
        ] {
            write(folder.path(), PROFILES_FILE, text);
            let error = files(folder.path()).find("a").unwrap_err();
            assert_eq!(error.code(), Code::StateFailed, "{text}");
            assert!(
                error
                    .to_string()
                    .contains(&format!("profiles.json: {problem}")),
                "{error}"
            );
        }
    }

    #[test]
    fn what_others_wrote_stays_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        write(
            folder.path(),
            PROFILES_FILE,
            r#"{"theme":"dark","profiles":{"A":{"note":[1,2],"baseUrl":"x"},"b":{}}}"#,
        );
        let mut book = Book::read(&files(folder.path())).unwrap();
        book.entry("a")
            .unwrap()
            .insert("baseUrl".to_owned(), json!("y"));
        book.remove("B");
        book.write().unwrap();
        let text = std::fs::read_to_string(folder.path().join(PROFILES_FILE)).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value,
            json!({"theme":"dark","profiles":{"A":{"note":[1,2],"baseUrl":"y"}}})
        );
    }

    #[test]
    fn names_are_names_of_files() {
        for name in ["a", "Prod-1", "x.y_z", &"n".repeat(64)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a b", "a/b", "ä", "..\\x", &"n".repeat(65)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
