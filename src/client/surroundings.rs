//! What surrounds a call: variables and the working directory, of the process or as a caller saw them.
//!
//! A caller such as PowerShell hands over a snapshot, since its own idea of both is invisible to
//! native code on Linux. With a snapshot nothing is read from the process.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::secret::Secret;

/// The variables that count; no other one is ever read.
const VARIABLES: &[&str] = &[
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
];

/// Variables with their values, any of which may be a secret.
pub type Variables = Vec<(String, Secret)>;

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

    /// The process's own variables. As long as they do not change, every call shares one copy.
    pub fn variables_of_process() -> Arc<Variables> {
        static LAST: Mutex<Option<Arc<Variables>>> = Mutex::new(None);
        let now: Vec<(&str, Zeroizing<String>)> = VARIABLES
            .iter()
            .filter_map(|name| Some((*name, Zeroizing::new(std::env::var(name).ok()?))))
            .collect();
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = &*last
            && same(last, &now)
        {
            return last.clone();
        }
        let kept = now
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        last.insert(Arc::new(Secret::together(kept.collect())))
            .clone()
    }

    /// The value of a variable; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.variables.iter().find(|(key, _)| key == name)?;
        Some(value.expose()).filter(|value| !value.is_empty())
    }

    /// The first of `names` that is set, with its name.
    pub fn first_of<'n>(&self, names: &[&'n str]) -> Option<(&'n str, &str)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }

    pub fn working_directory(&self) -> Option<&Path> {
        self.working_directory.as_deref()
    }

    /// The user's home folder. On Windows other programs may set HOME to something else.
    pub fn home(&self) -> Option<&Path> {
        let names = if cfg!(windows) {
            ["USERPROFILE", "HOME"]
        } else {
            ["HOME", "USERPROFILE"]
        };
        self.first_of(&names).map(|(_, path)| Path::new(path))
    }

    /// The library's own folder: SAILPAT_HOME, else .sailpat in the home folder.
    pub fn state_folder(&self) -> Option<PathBuf> {
        match self.get("SAILPAT_HOME") {
            Some(path) => Some(
                self.working_directory
                    .clone()
                    .unwrap_or_default()
                    .join(path),
            ),
            None => self.home().map(|home| home.join(".sailpat")),
        }
    }
}

fn same(before: &Variables, now: &[(&str, Zeroizing<String>)]) -> bool {
    before.len() == now.len()
        && before
            .iter()
            .zip(now)
            .all(|((name, value), (name_now, value_now))| {
                name == name_now && value.expose() == value_now.as_str()
            })
}
