//! What surrounds a call: variables and the working directory, of the process or as a caller saw them.
//!
//! A caller such as PowerShell hands over a snapshot, since its own idea of both is invisible to
//! native code on Linux. With a snapshot nothing is read from the process.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::store::path;

/// The variables that count; no other one is ever read or kept.
pub const VARIABLES: &[&str] = &[
    "SAIL_BASE_URL",
    "SAIL_CLIENT_ID",
    "SAIL_CLIENT_SECRET",
    "BASE_URL",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HOME",
    "USERPROFILE",
    "SAILPAT_HOME",
    "SAILPAT_CHANGE_LOG",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_RUNTIME_DIR",
];

/// The variables that count, with their values, any of which may be a secret; none where the bytes are no UTF-8 text.
#[derive(Default, PartialEq, Eq)]
pub struct Variables(Vec<(&'static str, Option<Secret>)>);

impl Variables {
    /// Of a caller's; those that do not count are left out.
    pub fn of(given: impl IntoIterator<Item = (String, Zeroizing<String>)>) -> Self {
        let counts = |name: &str| VARIABLES.iter().find(|known| **known == name).copied();
        let given = given.into_iter();
        let given = given.filter_map(|(name, value)| Some((counts(&name)?, value)));
        Variables::kept(given.map(|(name, value)| (name, Some(value))).collect())
    }

    /// The process's own. As long as they do not change, every call shares one copy.
    pub fn of_process() -> Arc<Self> {
        static LAST: Mutex<Option<Arc<Variables>>> = Mutex::new(None);
        let now: Vec<(&'static str, Option<Zeroizing<String>>)> = VARIABLES
            .iter()
            .filter_map(|name| {
                let value = std::env::var_os(name)?.into_string();
                Some((*name, value.ok().map(Zeroizing::new)))
            })
            .collect();
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = &*last
            && last.are(&now)
        {
            return last.clone();
        }
        last.insert(Arc::new(Variables::kept(now))).clone()
    }

    /// All texts in one piece of memory, and those that are none.
    fn kept(values: Vec<(&'static str, Option<Zeroizing<String>>)>) -> Self {
        let (texts, none): (Vec<_>, Vec<_>) =
            values.into_iter().partition(|(_, value)| value.is_some());
        let texts = texts.into_iter();
        let texts = texts.map(|(name, value)| (name, value.unwrap_or_default()));
        let texts = Secret::together(texts.collect()).into_iter();
        let none = none.into_iter().map(|(name, _)| (name, None));
        Variables(
            texts
                .map(|(name, value)| (name, Some(value)))
                .chain(none)
                .collect(),
        )
    }

    fn are(&self, now: &[(&'static str, Option<Zeroizing<String>>)]) -> bool {
        self.0.len() == now.len()
            && now.iter().all(|(name, now)| {
                let value = self.value(name).map(Option::as_ref);
                value.map(|value| value.map(Secret::expose))
                    == Some(now.as_ref().map(|now| now.as_str()))
            })
    }

    fn value(&self, name: &str) -> Option<&Option<Secret>> {
        let (_, value) = self.0.iter().find(|(key, _)| *key == name)?;
        Some(value)
    }
}

/// Variables and working directory.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    variables: Arc<Variables>,
    working_directory: Option<PathBuf>,
}

impl Surroundings {
    pub fn new(variables: Arc<Variables>, working_directory: Option<PathBuf>) -> Self {
        Surroundings {
            variables,
            working_directory,
        }
    }

    /// The value of a variable; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        let text = self.variables.value(name)?.as_ref()?;
        Some(text.expose()).filter(|value| !value.is_empty())
    }

    /// Whether a variable is set to bytes that are no text.
    pub fn is_no_text(&self, name: &str) -> bool {
        self.variables.value(name).is_some_and(Option::is_none)
    }

    /// The first of `names` that is set, with its name.
    pub fn first_of<'n>(&self, names: &[&'n str]) -> Option<(&'n str, &str)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }

    pub fn working_directory(&self) -> Option<&Path> {
        self.working_directory.as_deref()
    }

    /// The user's home folder.
    pub fn home(&self) -> Option<&Path> {
        self.home_or_why().ok()
    }

    /// The user's home folder, or why none is known. A relative one would be another in each working directory.
    /// On Windows other programs may set HOME to something else.
    pub fn home_or_why(&self) -> std::result::Result<&Path, String> {
        let names = if cfg!(windows) {
            ["USERPROFILE", "HOME"]
        } else {
            ["HOME", "USERPROFILE"]
        };
        match self.first_of(&names) {
            Some((_, path)) if Path::new(path).is_absolute() => Ok(Path::new(path)),
            Some((name, path)) => Err(format!(
                "{name} is '{path}', which is relative: it must be an absolute path"
            )),
            None => Err(match names.iter().find(|name| self.is_no_text(name)) {
                Some(name) => format!("{name} is no UTF-8 text"),
                None => format!("neither {} nor {} is set", names[0], names[1]),
            }),
        }
    }

    /// The library's own folder: SAILPAT_HOME, else .sailpat in the home folder; or why it is not known.
    pub fn state_folder(&self) -> std::result::Result<PathBuf, String> {
        match self.get("SAILPAT_HOME") {
            Some(text) => path::given(text, self.working_directory(), self.home())
                .map_err(|rule| format!("SAILPAT_HOME {rule}")),
            None if self.is_no_text("SAILPAT_HOME") => {
                Err("SAILPAT_HOME is no UTF-8 text".to_owned())
            }
            None => Ok(self.home_or_why()?.join(".sailpat")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Surroundings {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Zeroizing::new((*value).to_owned())));
        Surroundings::new(Arc::new(Variables::of(variables)), Some("/w".into()))
    }

    #[test]
    fn only_the_variables_that_count_are_kept() {
        let variables = of(&[
            ("HOME", "/h"),
            ("AWS_SECRET", "planted"),
            ("SAIL_CLIENT_ID", ""),
        ]);
        assert_eq!(variables.get("HOME"), Some("/h"));
        assert_eq!(variables.get("AWS_SECRET"), None);
        assert_eq!(variables.get("SAIL_CLIENT_ID"), None);
    }

    #[test]
    fn a_relative_home_has_its_own_words() {
        let said = of(&[("HOME", "me")]).home_or_why().unwrap_err();
        assert!(
            said.starts_with("HOME is 'me', which is relative"),
            "{said}"
        );
        assert!(of(&[]).state_folder().unwrap_err().contains("neither HOME"));
    }

    #[test]
    fn the_state_folder_may_be_named_from_home() {
        let home = ("HOME", "/h");
        for (named, expected) in [("~/s", "/h/s"), ("s", "/w/s"), ("/s", "/s")] {
            let found = of(&[home, ("SAILPAT_HOME", named)]).state_folder();
            assert_eq!(found, Ok(PathBuf::from(expected)));
        }
        assert_eq!(of(&[home]).state_folder(), Ok(PathBuf::from("/h/.sailpat")));
        let said = of(&[("SAILPAT_HOME", "~/s")]).state_folder().unwrap_err();
        assert!(said.starts_with("SAILPAT_HOME begins with ~"), "{said}");
    }
}
