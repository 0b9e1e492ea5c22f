//! The look at a file before a secret goes into it: whether others could read it there or put another in its place,
//! and whether the system will let it be replaced. It goes by ssh's strict modes: a folder on the way that the group
//! or others may write to is refused, whoever is in the group, but for one with the sticky bit, as /tmp has it.

#[cfg(unix)]
pub use unix::look;

use std::path::Path;

use super::refusal::Refusal;

/// The folder must be there.
fn folder_of(target: &Path) -> Result<&Path, Refusal> {
    let folder = super::folder_of(target)?;
    if folder.is_dir() {
        return Ok(folder);
    }
    let shown = folder.display();
    let problem = match folder.exists() {
        true => format!("its folder {shown} is no folder"),
        false => format!("its folder {shown} is not there"),
    };
    Err(Refusal::found(
        problem,
        format!("make the folder {shown} first, for this user alone, or name a file elsewhere"),
    ))
}

/// On Windows the new file's own list of rights says it all, and who may write to the folder is inherited.
#[cfg(not(unix))]
pub fn look(path: &Path, target: &Path) -> Result<(), Refusal> {
    folder_of(target)?;
    super::check(path)?;
    Ok(())
}

#[cfg(unix)]
mod unix {
    use std::fs::Metadata;
    use std::io;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    const STICKY: u32 = 0o1000;
    const WRITABLE_BY_OTHERS: u32 = 0o022;

    /// Looks at a file, where the path leads, and at the folders on the way to it.
    pub fn look(path: &Path, target: &Path) -> Result<(), Refusal> {
        let user = rustix::process::geteuid().as_raw();
        let folder = folder_of(target)?;
        ways(folder, user, owner_of(target))?;
        flags(folder, "folder")?;
        for way in path.ancestors().filter(|way| way.is_symlink()) {
            link(way, target, user)?;
        }
        match target.symlink_metadata() {
            Ok(file) => {
                let shared = is_shared(&folder.metadata()?);
                existing(target, &file, shared, user)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn owner_of(file: &Path) -> Option<u32> {
        file.symlink_metadata().ok().map(|file| file.uid())
    }

    fn shown(metadata: &Metadata) -> String {
        format!(
            "owner {}, group {}, mode {:04o}",
            metadata.uid(),
            metadata.gid(),
            metadata.mode() & 0o7777
        )
    }

    /// Whether everybody may make files in a folder, each his own.
    fn is_shared(folder: &Metadata) -> bool {
        folder.mode() & STICKY != 0 && folder.mode() & WRITABLE_BY_OTHERS != 0
    }

    /// The folder and those above it.
    fn ways(folder: &Path, user: u32, file: Option<u32>) -> Result<(), Refusal> {
        for way in folder.ancestors() {
            let found = way.metadata()?;
            let name = way.display();
            if found.mode() & WRITABLE_BY_OTHERS != 0 && !is_shared(&found) {
                return Err(Refusal::found(
                    format!(
                        "others may write to {name} ({}) and put another file in this one's place",
                        shown(&found)
                    ),
                    format!("take that right away: chmod go-w {name}; or name a file elsewhere"),
                ));
            }
            // Who owns a folder moves everything in it. Root works for the owner of a file, in that one's own folder.
            let is_files = user == 0 && file == Some(found.uid());
            if way == folder && ![0, user].contains(&found.uid()) && !is_files {
                return Err(Refusal::found(
                    format!(
                        "its folder {name} belongs to another user ({}) than this one, {user}",
                        shown(&found)
                    ),
                    "name a file in a folder of this user's",
                ));
            }
        }
        Ok(())
    }

    /// A link leads where its maker wants, and that must not be to what its maker could not reach.
    fn link(path: &Path, target: &Path, user: u32) -> Result<(), Refusal> {
        let folder = std::fs::canonicalize(super::super::folder_of(path)?)?;
        let (maker, around) = (path.symlink_metadata()?.uid(), folder.metadata()?);
        let own = [0, user].contains(&maker);
        let to_own = target.symlink_metadata().is_ok_and(|to| to.uid() == maker);
        if own || (to_own && !is_shared(&around)) {
            return ways(&folder, user, owner_of(target));
        }
        Err(Refusal::found(
            format!(
                "leads over the link {} that another user, {maker}, made",
                path.display()
            ),
            "name the file itself, in a folder of this user's",
        ))
    }

    fn existing(path: &Path, file: &Metadata, shared: bool, user: u32) -> Result<(), Refusal> {
        if file.is_dir() {
            return Err(Refusal::found("is a folder", "name a file, not a folder"));
        }
        if !file.is_file() {
            return Err(Refusal::found("is not a file", "name a plain file"));
        }
        owner(file, shared, user)?;
        names(file)?;
        if is_mount_point(path)? {
            return Err(Refusal::found(
                "is a mount point of its own, whose file cannot be replaced by another",
                "mount the folder that it lies in instead of the single file, or name a file elsewhere",
            ));
        }
        flags(path, "file")
    }

    fn owner(file: &Metadata, shared: bool, user: u32) -> Result<(), Refusal> {
        if file.uid() == user || (user == 0 && !shared) {
            return Ok(());
        }
        let whose = format!(
            "belongs to another user ({}) than this one, {user}",
            shown(file)
        );
        if shared {
            return Err(Refusal::found(
                format!(
                    "{whose}, who made it in a folder where everybody may, and could read the secret"
                ),
                "name a file in a folder of this user's, or remove that file",
            ));
        }
        Err(Refusal::found(
            format!("{whose}, who could not read the new file"),
            format!(
                "run this as user {}, or give the file to this user: chown {user}",
                file.uid()
            ),
        ))
    }

    /// The old pair would stay under the other name.
    fn names(file: &Metadata) -> Result<(), Refusal> {
        if file.nlink() <= 1 {
            return Ok(());
        }
        Err(Refusal::found(
            format!(
                "has {} names (hard links), and all but this one would keep the old pair",
                file.nlink()
            ),
            "remove the other names, or make them symbolic links to this one",
        ))
    }

    #[cfg(target_os = "linux")]
    fn is_mount_point(path: &Path) -> io::Result<bool> {
        use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
        let at = AtFlags::SYMLINK_NOFOLLOW;
        match statx(CWD, path, at, StatxFlags::BASIC_STATS) {
            Ok(found)
                if found
                    .stx_attributes_mask
                    .contains(StatxAttributes::MOUNT_ROOT) =>
            {
                Ok(found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
            }
            _ => lies_on_another_device(path),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn is_mount_point(path: &Path) -> io::Result<bool> {
        lies_on_another_device(path)
    }

    /// Than its folder; what an old kernel lets one see.
    fn lies_on_another_device(path: &Path) -> io::Result<bool> {
        let folder = super::super::folder_of(path)?.metadata()?;
        Ok(path.symlink_metadata()?.dev() != folder.dev())
    }

    fn flagged(what: &str, flag: &str, undo: &str, path: &Path) -> Refusal {
        let name = path.display();
        Refusal::found(
            format!("the {what} {name} is {flag}, so no file takes the place of another there"),
            format!("take that flag away: {undo} {name}; or name a file elsewhere"),
        )
    }

    #[cfg(target_os = "linux")]
    fn flags(path: &Path, what: &str) -> Result<(), Refusal> {
        use rustix::fs::{IFlags, ioctl_getflags};
        // What cannot be opened or has no flags will be told by the rehearsal.
        let Ok(file) = std::fs::File::open(path) else {
            return Ok(());
        };
        let found = ioctl_getflags(&file).unwrap_or(IFlags::empty());
        if found.contains(IFlags::IMMUTABLE) {
            return Err(flagged(what, "immutable", "chattr -i", path));
        }
        if found.contains(IFlags::APPEND) {
            return Err(flagged(what, "append-only", "chattr -a", path));
        }
        Ok(())
    }

    #[cfg(target_os = "macos")]
    fn flags(path: &Path, what: &str) -> Result<(), Refusal> {
        use std::os::macos::fs::MetadataExt;
        let found = path.metadata()?.st_flags();
        if found & (libc::UF_IMMUTABLE | libc::SF_IMMUTABLE) != 0 {
            return Err(flagged(what, "immutable", "chflags nouchg,noschg", path));
        }
        if found & (libc::UF_APPEND | libc::SF_APPEND) != 0 {
            return Err(flagged(
                what,
                "append-only",
                "chflags nouappnd,nosappnd",
                path,
            ));
        }
        Ok(())
    }

    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    fn flags(_path: &Path, _what: &str) -> Result<(), Refusal> {
        let _ = flagged;
        Ok(())
    }
}
