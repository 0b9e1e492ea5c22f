//! What surrounds a call: variables and the working directory, of the process or as a caller saw them.
//!
//! A caller such as PowerShell hands over a snapshot, since its own idea of both is invisible to
//! native code on Linux. With a snapshot nothing is read from the process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

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
];

/// Variables with their values.
pub type Variables = Vec<(String, Zeroizing<String>)>;

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

    /// The process's own variables.
    pub fn variables_of_process() -> Variables {
        VARIABLES
            .iter()
            .filter_map(|name| {
                let value = std::env::var(name).ok()?;
                Some(((*name).to_owned(), Zeroizing::new(value)))
            })
            .collect()
    }

    /// The value of a variable; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.variables.iter().find(|(key, _)| key == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
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
        self.first_of(&["HOME", "USERPROFILE"])
            .map(|(_, path)| Path::new(path))
    }
}
