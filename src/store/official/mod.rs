//! The official command line's config.yaml: the one reader and the one writer of it. Which environment is active,
//! what an environment says of its tenant and its pair, and which of its keys count, is known here alone.

mod edit;
pub mod yaml;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::store::Pair;
use crate::store::file::{BYTE_ORDER_MARK, ReadError, read_small};
use crate::store::holding::Holding;
use edit::{Edit, edited};
use yaml::Scalars;

const CONFIG_PATH: [&str; 2] = [".sailpoint", "config.yaml"];
const ACTIVE: &str = "activeenvironment";
const ENVIRONMENTS: &str = "environments";
const PAIR_KEYS: [&str; 2] = ["clientid", "clientsecret"];
/// What the command line keeps of a bearer beside a pair.
const BEARER_KEYS: &[&str] = &["accesstoken", "expiry"];
/// The keys whose values are secrets, wherever they stand.
const SECRETS: &[&str] = &["clientsecret", "accesstoken", "refreshtoken"];
const NOBODY_ACTIVE: &str = "names no activeenvironment";

type Problem<T> = Result<T, String>;

/// Where the official command line keeps its file below a home folder.
pub fn default_path(home: &Path) -> PathBuf {
    CONFIG_PATH
        .iter()
        .fold(home.to_owned(), |path, part| path.join(part))
}

/// The file as it was read.
pub struct Official {
    /// Without a byte order mark.
    text: Zeroizing<String>,
    has_mark: bool,
    scalars: Scalars,
}

/// The file as it was last understood; clones share it.
#[derive(Clone, Default)]
pub struct Last(Arc<Mutex<Option<Arc<Official>>>>);

impl std::fmt::Debug for Last {
    /// It may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[config.yaml]")
    }
}

/// What an environment says.
#[derive(Clone, PartialEq, Eq)]
pub struct Environment {
    pub name: String,
    pub base_url: Option<Zeroizing<String>>,
    /// What the file itself holds of a pair; the keyring may hold the whole of it.
    pub filed: Holding,
}

impl Environment {
    /// One that the file says nothing of.
    pub fn empty(name: &str) -> Self {
        Environment {
            name: name.to_owned(),
            base_url: None,
            filed: Holding::default(),
        }
    }
}

/// What becomes of an environment's pair in the file. Its bearer goes away, so that the command line signs in anew.
pub enum PairChange<'p> {
    Put(&'p Pair),
    /// The pair stays as it is, which may be: in the keyring.
    DropBearer,
    TakeOut,
}

impl Official {
    /// Reads the file; none where there is none, or where it is empty. The error says what is wrong with it.
    pub fn read(path: &Path) -> Problem<Option<Self>> {
        match read_small(path) {
            Ok(text) => Self::of(text),
            Err(ReadError::Missing) => Ok(None),
            Err(ReadError::Other(problem)) => Err(problem),
        }
    }

    /// The same for whoever reads it at each call: one whose text is still that of `last` is not understood anew.
    pub fn read_again(path: &Path, last: &Last) -> Problem<Option<Arc<Self>>> {
        let text = match read_small(path) {
            Ok(text) => text,
            Err(ReadError::Missing) => return Ok(None),
            Err(ReadError::Other(problem)) => return Err(problem),
        };
        let mut last = last.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |known: &&Arc<Self>| *known.text == *text.trim_start_matches(BYTE_ORDER_MARK);
        if let Some(known) = last.as_ref().filter(is_it) {
            return Ok(Some(known.clone()));
        }
        *last = Self::of(text)?.map(Arc::new);
        Ok(last.clone())
    }

    /// The same of a file's text.
    pub fn of(text: Zeroizing<String>) -> Problem<Option<Self>> {
        let has_mark = text.starts_with(BYTE_ORDER_MARK);
        let text = match text.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => Zeroizing::new(rest.to_owned()),
            None => text,
        };
        let scalars = Scalars::read(&text)?;
        let file = Official {
            text,
            has_mark,
            scalars,
        };
        Ok((!file.scalars.is_empty()).then_some(file))
    }

    /// The active environment's name; none where the file has no environments at all.
    pub fn active(&self) -> Problem<Option<&str>> {
        self.scalars.only(&[ACTIVE])?;
        match self.scalars.get(&[ACTIVE]).filter(|name| !name.is_empty()) {
            Some(name) if self.has(name) => Ok(Some(name)),
            Some(name) => Err(format!("has no environment {name}")),
            None if self.names().is_empty() => Ok(None),
            None => Err(NOBODY_ACTIVE.to_owned()),
        }
    }

    /// The environments' names, in their order.
    pub fn names(&self) -> Vec<&str> {
        self.scalars.keys_below(&[ENVIRONMENTS])
    }

    pub fn has(&self, name: &str) -> bool {
        self.scalars.has_below(&[ENVIRONMENTS, name])
    }

    /// What an environment says, of each key that counts one value.
    pub fn environment(&self, name: &str) -> Problem<Environment> {
        let value = |keys: &[&str]| {
            let path = [&[ENVIRONMENTS, name], keys].concat();
            self.scalars.only(&path)?;
            let value = self.scalars.text(&path)?;
            let value = value.filter(|value| !value.is_empty());
            Ok::<_, String>(value.map(|value| Zeroizing::new(value.to_owned())))
        };
        Ok(Environment {
            name: name.to_owned(),
            base_url: value(&["baseurl"])?,
            filed: Holding::new(
                value(&["pat", PAIR_KEYS[0]])?,
                value(&["pat", PAIR_KEYS[1]])?,
            ),
        })
    }

    /// Whether a secret stands in the file, of whichever environment.
    pub fn holds_secret(&self) -> bool {
        SECRETS.iter().any(|name| self.scalars.has_value_of(name))
    }

    /// The whole file with a change, and its byte order mark as it was; none where it is so already.
    pub fn changed(
        &self,
        name: &str,
        change: PairChange<'_>,
    ) -> Problem<Option<Zeroizing<String>>> {
        let values;
        let (set, remove): (&[(&str, &str)], Vec<&str>) = match change {
            PairChange::Put(pair) => {
                values = [
                    (PAIR_KEYS[0], pair.client_id.as_str()),
                    (PAIR_KEYS[1], pair.client_secret.expose()),
                ];
                (&values, BEARER_KEYS.to_vec())
            }
            PairChange::DropBearer => (&[], BEARER_KEYS.to_vec()),
            PairChange::TakeOut => (&[], [&PAIR_KEYS, BEARER_KEYS].concat()),
        };
        let wanted = Edit {
            path: &[ENVIRONMENTS, name, "pat"],
            set,
            remove: &remove,
        };
        let after = edited(&self.text, &wanted)?;
        Ok((*after != *self.text).then(|| self.marked(after)))
    }

    fn marked(&self, text: Zeroizing<String>) -> Zeroizing<String> {
        if !self.has_mark {
            return text;
        }
        let mut whole = Zeroizing::new(String::with_capacity(text.len() + 3));
        whole.push(BYTE_ORDER_MARK);
        whole.push_str(&text);
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Problem<Option<Official>> {
        Official::of(Zeroizing::new(text.to_owned()))
    }

    const PROD: &str = "activeenvironment: Prod\nenvironments:\n  prod:\n    baseurl: https://t\n    pat:\n      clientid: i\n      clientsecret: s\n";

    #[test]
    fn the_active_environment_is_found_whatever_the_case() {
        for text in [PROD.to_owned(), format!("\u{feff}{PROD}")] {
            let file = read(&text).unwrap().unwrap();
            let environment = file.environment(file.active().unwrap().unwrap()).unwrap();
            assert_eq!(environment.name, "Prod");
            assert_eq!(environment.base_url.as_ref().unwrap().as_str(), "https://t");
            assert_eq!(environment.filed.halves(), [Some("i"), Some("s")]);
            assert!(file.holds_secret());
        }
    }

    #[test]
    fn a_file_without_environments_says_nothing() {
        assert!(read("").unwrap().is_none());
        assert!(read("# later\n").unwrap().is_none());
        let file = read("debug: false\n").unwrap().unwrap();
        assert_eq!(file.active(), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, problem) in [
            ("environments: {y: {z: 1}}", NOBODY_ACTIVE),
            (
                "activeenvironment: x\nenvironments: {y: {z: 1}}",
                "has no environment x",
            ),
            (
                "activeenvironment: x\nActiveEnvironment: y\nenvironments: {x: {z: 1}}",
                "has activeenvironment more than once",
            ),
        ] {
            let said = read(text).unwrap().unwrap().active().unwrap_err();
            assert!(said.starts_with(problem), "{text}: {said}");
        }
        assert!(read("a: [").err().unwrap().starts_with("not YAML"));
        for (values, problem) in [
            (
                "pat: {clientid: a, ClientId: b}",
                "has environments.x.pat.clientid more than once",
            ),
            (
                "pat: {clientid: [a]}",
                "environments.x.pat.clientid is no text",
            ),
            ("baseurl: {a: b}", "environments.x.baseurl is no text"),
        ] {
            let file = read(&format!("environments: {{x: {{{values}}}}}")).unwrap();
            let said = file.unwrap().environment("x").err().unwrap();
            assert!(said.starts_with(problem), "{values}: {said}");
        }
    }

    #[test]
    fn a_change_keeps_the_rest_and_the_mark() {
        let file = read(&format!("\u{feff}# mine\n{PROD}")).unwrap().unwrap();
        let pair = Pair::new("n", Zeroizing::new("t".to_owned()));
        let after = file
            .changed("prod", PairChange::Put(&pair))
            .unwrap()
            .unwrap();
        assert!(after.starts_with("\u{feff}# mine\n"));
        let again = read(&after).unwrap().unwrap();
        assert_eq!(again.environment("prod").unwrap().filed.pair(), Some(pair));
        assert!(
            file.changed("prod", PairChange::DropBearer)
                .unwrap()
                .is_none()
        );
        let without = file.changed("prod", PairChange::TakeOut).unwrap().unwrap();
        assert!(!read(&without).unwrap().unwrap().holds_secret());
    }
}
