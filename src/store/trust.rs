//! Whether what is found on this machine may be believed: as ssh judges its files, by owner and mode. Whoever can
//! write a journal decides which token is removed and which program is run.
//!
//! What this library keeps must be the user's own, or root's, and no others may write it. Of a folder above, one
//! that others may write will do where its sticky bit keeps them from replacing what is not theirs.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::error::{Code, Error, Result};
use crate::store::plain_file::odd;
use crate::store::private;

pub use crate::store::plain_file::{is_at, open};

/// What of a file or folder changes when somebody else takes its place, or may write there.
type Mark = [u64; 6];

/// So many files are remembered as good.
const MOST_KNOWN: usize = 15;

/// A folder of this library's own, with those above it. One that is not there is judged by where it would be.
pub fn folder(path: &Path) -> Result<()> {
    own_folder(path)?;
    system::above(path)
}

/// A folder whose folder is trusted.
pub fn own_folder(path: &Path) -> Result<()> {
    match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unusable(path, &error)),
        Ok(metadata) if !metadata.is_dir() => Err(distrusted(path, "is no folder")),
        Ok(metadata) => system::own(path, &metadata),
    }
}

/// Makes a folder in one that is trusted, where it is not there yet.
pub fn make_folder(path: &Path) -> Result<()> {
    own_folder(path)?;
    private::create_folder(path).map_err(|error| unusable(path, &error))?;
    // Somebody else may have been first.
    own_folder(path)
}

/// A file that is open.
pub fn file(path: &Path, file: &File) -> Result<()> {
    let metadata = file.metadata().map_err(|error| unusable(path, &error))?;
    system::own(path, &metadata)
}

/// A file that was read, with the folder that it is in. It may be a link, which whoever may write that folder made.
///
/// It is read at each call, so what was found to be good is so as long as file and folder are the same ones, with the
/// same owners and modes.
pub fn what_was_read(path: &Path) -> Result<()> {
    static GOOD: Mutex<Vec<(PathBuf, [Mark; 2])>> = Mutex::new(Vec::new());
    let metadata = |path: &Path| path.metadata().map_err(|error| unusable(path, &error));
    let above = path.parent().unwrap_or(path);
    let file = metadata(path)?;
    let marks = [system::mark(&file), system::mark(&metadata(above)?)];
    let good = || GOOD.lock().unwrap_or_else(PoisonError::into_inner);
    if good()
        .iter()
        .any(|(known, known_marks)| known == path && *known_marks == marks)
    {
        return Ok(());
    }
    folder(above)?;
    system::own(path, &file)?;
    let mut good = good();
    good.retain(|(known, _)| known != path);
    good.truncate(MOST_KNOWN);
    good.push((path.to_owned(), marks));
    Ok(())
}

/// A file that is about to be opened; one that is not there will do.
pub fn file_at(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unusable(path, &error)),
        Ok(metadata) => match odd(&metadata) {
            Some(words) => Err(distrusted(path, words)),
            None => system::own(path, &metadata),
        },
    }
}

/// The owner of what is there, as people say it, and its mode; none where the system has no such thing.
pub fn owner_and_mode(metadata: &Metadata) -> Option<String> {
    system::owner_and_mode(metadata)
}

fn distrusted(path: &Path, why: &str) -> Error {
    Error::new(Code::StateFailed, format!("{}: {why}", path.display()))
        .with_field("stateFolder")
        .with_remedy(
            "move it away, or set stateFolder or SAILPAT_HOME to a folder of this user's own",
        )
}

/// What the system did not let this user do there, with the owner of whatever is in the way.
pub fn unusable(path: &Path, error: &io::Error) -> Error {
    let mut text = format!("{}: {error}", path.display());
    if error.kind() == io::ErrorKind::PermissionDenied {
        text.push_str(&in_the_way(path).unwrap_or_default());
    }
    Error::new(Code::StateFailed, text)
        .with_field("stateFolder")
        .with_remedy("let this user write there and make room on the disk, or set stateFolder or SAILPAT_HOME")
}

fn in_the_way(path: &Path) -> Option<String> {
    let seen = path.ancestors().find_map(|above| {
        let metadata = above.metadata().ok()?;
        Some((above, metadata))
    });
    let (above, metadata) = seen?;
    let owner = system::owner_and_mode(&metadata)?;
    Some(format!(" ({} belongs to {owner})", above.display()))
}

#[cfg(unix)]
mod system {
    use std::fs::{self, Metadata};
    use std::io;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use super::distrusted;
    use crate::error::{Error, Result};

    const ROOT: u32 = 0;
    const OTHERS_MAY_WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;

    fn this_user() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    /// What root left is no other user's; where root itself believes, only root may have written.
    fn is_trusted(uid: u32) -> bool {
        uid == ROOT || uid == this_user()
    }

    pub fn mark(metadata: &Metadata) -> super::Mark {
        [
            metadata.dev(),
            metadata.ino(),
            metadata.uid().into(),
            metadata.mode().into(),
            metadata.ctime().cast_unsigned(),
            metadata.ctime_nsec().cast_unsigned(),
        ]
    }

    pub fn own(path: &Path, metadata: &Metadata) -> Result<()> {
        if !is_trusted(metadata.uid()) {
            return Err(foreign(path, metadata));
        }
        if metadata.mode() & OTHERS_MAY_WRITE != 0 {
            return Err(open_to_others(path, metadata));
        }
        Ok(())
    }

    /// The folders above, as they are named and as they are.
    pub fn above(path: &Path) -> Result<()> {
        let unusable = |error: io::Error| super::unusable(path, &error);
        let named = std::path::absolute(path).map_err(unusable)?;
        for link in named.ancestors() {
            match link.symlink_metadata() {
                Ok(metadata) if metadata.is_symlink() && !is_trusted(metadata.uid()) => {
                    return Err(foreign(link, &metadata));
                }
                _ => {}
            }
        }
        let Some(there) = named.ancestors().find(|folder| folder.exists()) else {
            return Ok(());
        };
        let real = fs::canonicalize(there).map_err(unusable)?;
        let judged_already = usize::from(there == named);
        for folder in real.ancestors().skip(judged_already) {
            let metadata = folder.metadata().map_err(unusable)?;
            if !is_trusted(metadata.uid()) {
                return Err(foreign(folder, &metadata));
            }
            let mode = metadata.mode();
            if mode & OTHERS_MAY_WRITE != 0 && mode & STICKY == 0 {
                return Err(open_to_others(folder, &metadata));
            }
        }
        Ok(())
    }

    fn foreign(path: &Path, metadata: &Metadata) -> Error {
        let user = person(this_user());
        let why = format!(
            "belongs to {}, and this process runs as {user}: what others can write is not believed",
            told(metadata)
        );
        let remedy = if this_user() == ROOT {
            "run it as that user, or with root's own home (sudo -H), or set stateFolder or SAILPAT_HOME to a folder of root's"
        } else {
            "give it to this user (chown), or set stateFolder or SAILPAT_HOME to a folder of this user's own"
        };
        distrusted(path, &why).with_remedy(remedy)
    }

    fn open_to_others(path: &Path, metadata: &Metadata) -> Error {
        let why = format!(
            "others than its owner may write there (it belongs to {}), and what others can write is not believed",
            told(metadata)
        );
        distrusted(path, &why).with_remedy(format!(
            "take that right away (chmod go-w {}), or set stateFolder or SAILPAT_HOME to a folder of this user's own",
            path.display()
        ))
    }

    fn told(metadata: &Metadata) -> String {
        format!(
            "{}, mode {:03o}",
            person(metadata.uid()),
            metadata.mode() & 0o7777
        )
    }

    /// A user by name, where the machine's own list has it, and number.
    fn person(uid: u32) -> String {
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let name = users.lines().find_map(|line| {
            let mut parts = line.split(':');
            let name = parts.next()?;
            (parts.nth(1)? == uid.to_string()).then_some(name)
        });
        match name {
            Some(name) => format!("{name} (user {uid})"),
            None => format!("user {uid}"),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
    pub fn owner_and_mode(metadata: &Metadata) -> Option<String> {
        Some(told(metadata))
    }
}

/// On Windows access lists decide, a folder below the user's profile is the user's alone, and what this library
/// makes gets a protected list of its own.
#[cfg(not(unix))]
mod system {
    use std::fs::Metadata;
    use std::path::Path;

    use crate::error::Result;

    pub fn mark(_metadata: &Metadata) -> super::Mark {
        super::Mark::default()
    }

    pub fn own(_path: &Path, _metadata: &Metadata) -> Result<()> {
        Ok(())
    }

    pub fn above(_path: &Path) -> Result<()> {
        Ok(())
    }

    pub fn owner_and_mode(_metadata: &Metadata) -> Option<String> {
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    /// Only root can give something away.
    fn is_root() -> bool {
        rustix::process::geteuid().is_root()
    }

    #[test]
    fn what_was_good_is_looked_at_again_once_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("profiles.json");
        fs::write(&file, "{}").unwrap();
        mode(&file, 0o600);
        for _ in 0..2 {
            what_was_read(&file).unwrap();
        }
        for (path, open, own) in [
            (file.as_path(), 0o666, 0o600),
            (folder.path(), 0o777, 0o700),
        ] {
            mode(path, open);
            refusal(what_was_read(&file), path);
            mode(path, own);
            what_was_read(&file).unwrap();
        }
    }

    fn refusal(result: Result<()>, path: &Path) -> String {
        let error = result.unwrap_err();
        assert_eq!(error.code(), Code::StateFailed);
        assert_eq!(error.detail().field.as_deref(), Some("stateFolder"));
        assert!(error.detail().remedy.is_some());
        let text = error.to_string();
        assert!(text.contains(&path.display().to_string()), "{text}");
        text
    }

    #[test]
    fn what_others_may_write_is_refused_with_owner_and_mode() {
        let base = tempfile::tempdir().unwrap();
        let state = base.path().join("state");
        folder(&state).unwrap();
        make_folder(&state).unwrap();
        folder(&state).unwrap();
        let journal = state.join("a.jsonl");
        fs::write(&journal, "").unwrap();
        mode(&journal, 0o644);
        file_at(&journal).unwrap();
        for bits in [0o666, 0o620, 0o602] {
            mode(&journal, bits);
            let text = refusal(file_at(&journal), &journal);
            assert!(text.contains(&format!("mode {bits:o}")), "{text}");
            let open = File::open(&journal).unwrap();
            refusal(file(&journal, &open), &journal);
        }
        for bits in [0o777, 0o770, 0o1777] {
            mode(&state, bits);
            let text = refusal(folder(&state), &state);
            assert!(text.contains(&format!("mode {bits:o}")), "{text}");
            refusal(make_folder(&state), &state);
        }
    }

    #[test]
    fn a_folder_above_that_others_may_write_needs_its_sticky_bit() {
        let base = tempfile::tempdir().unwrap();
        let above = base.path().join("above");
        let state = above.join("a/state");
        fs::create_dir_all(&state).unwrap();
        mode(&above, 0o1777);
        folder(&state).unwrap();
        mode(&above, 0o777);
        refusal(folder(&state), &above);
        refusal(folder(&above.join("not/there")), &above);
        let link = base.path().join("link");
        symlink(&state, &link).unwrap();
        refusal(folder(&link), &above);
        mode(&above, 0o755);
        folder(&link).unwrap();
    }

    #[test]
    fn what_another_user_owns_is_refused() {
        if !is_root() {
            return;
        }
        let base = tempfile::tempdir().unwrap();
        let home = base.path().join("home");
        let state = home.join("state");
        fs::create_dir_all(&state).unwrap();
        chown(&home, Some(54_321), None).unwrap();
        let text = refusal(folder(&state), &home);
        assert!(text.contains("belongs to user 54321, mode 755"), "{text}");
        assert!(text.contains("runs as root (user 0)"), "{text}");
        let error = folder(&home.join("new")).unwrap_err();
        assert!(
            error
                .detail()
                .remedy
                .as_deref()
                .unwrap()
                .contains("sudo -H")
        );
        chown(&home, Some(0), None).unwrap();
        chown(&state, Some(54_321), None).unwrap();
        refusal(folder(&state), &state);
        let link = base.path().join("link");
        symlink(&home, &link).unwrap();
        std::os::unix::fs::lchown(&link, Some(54_321), None).unwrap();
        refusal(folder(&link), &link);
    }

    #[test]
    fn a_link_a_pipe_and_a_folder_are_no_files() {
        let base = tempfile::tempdir().unwrap();
        let link = base.path().join("link");
        fs::write(base.path().join("file"), "").unwrap();
        symlink(base.path().join("file"), &link).unwrap();
        refusal(file_at(&link), &link);
        refusal(file_at(base.path()), base.path());
        refusal(own_folder(&base.path().join("file")), base.path());
        file_at(&base.path().join("none")).unwrap();
    }
}
