//! Who else on this machine can read what holds secrets.

use super::Examination;
#[cfg(unix)]
use super::check::Status;
use super::check::{Check, Name};

#[cfg(not(unix))]
pub fn check(_examination: &Examination<'_>) -> Check {
    Check::skipped(
        Name::Permissions,
        "access lists are not looked at on this system; files that this library writes are for their owner alone",
    )
}

#[cfg(unix)]
pub use unix::check;

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::path::{Path, PathBuf};

    use serde_json::{Value, json};

    use super::*;
    use crate::store::file::{Format, PairFile};
    use crate::store::official::{self, Official};
    use crate::store::{Store, trust};

    /// Something that holds secrets, and who may do what with it.
    struct SecretPlace {
        path: PathBuf,
        folder: bool,
        mode: u32,
        /// The number of the user it belongs to.
        owner: u32,
    }

    impl SecretPlace {
        /// The mode for its owner alone.
        fn own_mode(&self) -> &'static str {
            if self.folder { "700" } else { "600" }
        }

        fn is_open(&self) -> bool {
            self.mode & 0o077 != 0
        }
    }

    pub fn check(examination: &Examination<'_>) -> Check {
        let held: Vec<SecretPlace> = candidates(examination)
            .into_iter()
            .filter_map(|path| look(&path))
            .collect();
        let value = Value::from_iter(held.iter().map(|held| {
            json!({
                "path": held.path.to_string_lossy(), "mode": format!("{:03o}", held.mode),
                "owner": held.owner, "open": held.is_open(),
            })
        }));
        let open: Vec<&SecretPlace> = held.iter().filter(|held| held.is_open()).collect();
        let check = if held.is_empty() {
            Check::ok(Name::Permissions, "no file here holds a secret")
        } else if open.is_empty() {
            Check::ok(
                Name::Permissions,
                format!(
                    "for their owner alone: {}",
                    list(held.iter(), |held| { held.path.display().to_string() })
                ),
            )
        } else {
            Check::warning(
                Name::Permissions,
                format!(
                    "others than the owner may use {}",
                    list(open.iter().copied(), |held| {
                        format!("{} (mode {:03o})", held.path.display(), held.mode)
                    })
                ),
                list(open.iter().copied(), |held| {
                    format!("chmod {} {}", held.own_mode(), quoted(&held.path))
                }),
            )
        };
        believed(examination, check).with_value(value)
    }

    /// With what keeps this library from believing what its own folder holds.
    fn believed(examination: &Examination<'_>, mut check: Check) -> Check {
        let folder = examination.client.settings().state_folder();
        if let Ok(folder) = folder
            && let Err(error) = trust::folder(&folder)
        {
            let remedy = error
                .detail()
                .remedy
                .as_deref()
                .unwrap_or("see the message");
            check.and(Status::Failed, &error.to_string(), remedy);
        }
        check
    }

    fn list<'h>(
        held: impl Iterator<Item = &'h SecretPlace>,
        text: impl Fn(&SecretPlace) -> String,
    ) -> String {
        held.map(text).collect::<Vec<_>>().join(", ")
    }

    /// A path as a shell takes it.
    fn quoted(path: &Path) -> String {
        let text = path.display().to_string();
        let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
        if text.chars().all(plain) {
            text
        } else {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
    }

    /// Files that hold a secret, and the state folder.
    fn candidates(examination: &Examination<'_>) -> Vec<PathBuf> {
        let settings = examination.client.settings();
        let surroundings = &examination.surroundings;
        let mut paths = Vec::new();
        let of_profile = examination.profile().map(|profile| profile.store);
        for store in [settings.source.as_ref(), of_profile.as_ref()] {
            if let Some(Store::File(file)) = store
                && holds_secret(file)
            {
                paths.push(file.path.clone());
            }
        }
        if let Some(folder) = surroundings.working_directory() {
            let file = PairFile {
                path: folder.join("config.json"),
                format: Format::Json,
            };
            if holds_secret(&file) {
                paths.push(file.path);
            }
        }
        if let Some(home) = surroundings.home() {
            let path = official::default_path(home);
            if yaml_holds_secret(&path) {
                paths.push(path);
            }
        }
        if let Ok(folder) = settings.state_folder() {
            paths.push(folder);
        }
        paths.dedup();
        paths
    }

    fn holds_secret(file: &PairFile) -> bool {
        file.path.is_file() && matches!(file.values(), Ok([_, Some(_), _]))
    }

    /// The official command line keeps secrets in the keyring, or in its file where there is none.
    fn yaml_holds_secret(path: &Path) -> bool {
        matches!(Official::read(path), Ok(Some(file)) if file.holds_secret())
    }

    fn look(path: &Path) -> Option<SecretPlace> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(SecretPlace {
            path: path.to_owned(),
            folder: metadata.is_dir(),
            mode: metadata.permissions().mode() & 0o777,
            owner: metadata.uid(),
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_path_can_be_pasted_into_a_shell() {
            assert_eq!(quoted(Path::new("/a/b-1.json")), "/a/b-1.json");
            assert_eq!(quoted(Path::new("/a b/it's")), r"'/a b/it'\''s'");
        }

        #[test]
        fn the_command_lines_file_counts_where_it_holds_a_secret() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("config.yaml");
            let file = |secret: &str| {
                format!(
                    "activeenvironment: a\nenvironments:\n  a:\n    pat:\n      clientsecret: {secret}\n"
                )
            };
            for (text, holds) in [(file("planted"), true), (file("\"\""), false)] {
                std::fs::write(&path, text).unwrap();
                assert_eq!(yaml_holds_secret(&path), holds);
            }
        }
    }
}
