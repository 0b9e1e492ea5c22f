//! Paths that a user gives, in settings, requests and variables.

use std::path::{Path, PathBuf};

/// Why a path that begins with `~` leads nowhere.
pub const NO_HOME: &str =
    "begins with ~, and no home folder is known: HOME, or USERPROFILE, must be an absolute path";

/// The path that `text` means: `~` alone and what begins with `~/` lie in the home folder, what is relative below
/// `folder`. Without a folder it stays relative. `~name` is no other user's home, but a name.
pub fn given(
    text: &str,
    folder: Option<&Path>,
    home: Option<&Path>,
) -> Result<PathBuf, &'static str> {
    let path = at_home(text, home)?;
    Ok(match folder {
        Some(folder) => folder.join(path),
        None => path,
    })
}

/// The same, and what is relative stays so.
pub fn at_home(text: &str, home: Option<&Path>) -> Result<PathBuf, &'static str> {
    let Some(rest) = text.strip_prefix('~') else {
        return Ok(PathBuf::from(text));
    };
    if !(rest.is_empty() || rest.starts_with(std::path::is_separator)) {
        return Ok(PathBuf::from(text));
    }
    let below = rest.trim_start_matches(std::path::is_separator);
    let home = home.ok_or(NO_HOME)?;
    Ok(if below.is_empty() {
        home.to_owned()
    } else {
        home.join(below)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_the_home_folder_and_nothing_else_is() {
        let (folder, home) = (Some(Path::new("/w")), Some(Path::new("/home/me")));
        for (text, expected) in [
            ("~", "/home/me"),
            ("~/", "/home/me"),
            ("~/x/y.json", "/home/me/x/y.json"),
            ("~//x", "/home/me/x"),
            ("~other/x", "/w/~other/x"),
            ("a/~/x", "/w/a/~/x"),
            ("x", "/w/x"),
            ("/abs", "/abs"),
        ] {
            assert_eq!(given(text, folder, home), Ok(PathBuf::from(expected)));
        }
        assert_eq!(given("~/x", folder, None), Err(NO_HOME));
        assert_eq!(given("x", None, None), Ok(PathBuf::from("x")));
    }
}
