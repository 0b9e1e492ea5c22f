//! Who may read a file that takes another's place. All of it goes by the open file: a path may name another one by
//! now.

use std::fs::File;
use std::io;

/// What rights a new file gets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// Nobody's but the owner's.
    Private,
    /// Those of the file before it: whoever could read that one still can, and nobody else.
    Kept,
}

/// Gives a new file, which only its owner can read yet, owner and rights of the one before it.
#[cfg(unix)]
pub fn give(new: &File, before: Option<&File>, rights: Rights) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    acl::remove(new)?;
    let Some(before) = before else {
        return Ok(());
    };
    let (was, now) = (before.metadata()?, new.metadata()?);
    let kept = rights == Rights::Kept;
    // A file of another user, replaced by root, stays that user's.
    if was.uid() != now.uid() || (kept && was.gid() != now.gid()) {
        fchown(new, Some(was.uid()), Some(was.gid())).map_err(|error| {
            let (uid, gid) = (was.uid(), was.gid());
            let what = format!("owner {uid} and group {gid} of the file cannot be kept: {error}");
            io::Error::new(error.kind(), what)
        })?;
    }
    if kept && !acl::copy(before, new)? {
        let mode = was.mode() & 0o777;
        new.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    }
    Ok(())
}

/// On Windows a new file is protected by `owner_only`.
#[cfg(not(unix))]
pub fn give(_new: &File, _before: Option<&File>, _rights: Rights) -> io::Result<()> {
    Ok(())
}

/// Rights of single users and groups, which the mode does not show.
#[cfg(target_os = "linux")]
mod acl {
    use std::fs::File;
    use std::io;

    use rustix::fs::{XattrFlags, fgetxattr, fremovexattr, fsetxattr};
    use rustix::io::Errno;

    const ACL_ATTRIBUTE: &str = "system.posix_acl_access";
    /// As large as the system lets one be.
    const LARGEST_ACL: usize = 64 * 1024;

    fn is_none(error: Errno) -> bool {
        matches!(error, Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS)
    }

    /// Takes away what the folder hands down to its files.
    pub fn remove(file: &File) -> io::Result<()> {
        match fremovexattr(file, ACL_ATTRIBUTE) {
            Err(error) if !is_none(error) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Copies them with the mode that goes with them; false where there are none.
    pub fn copy(from: &File, to: &File) -> io::Result<bool> {
        let mut list = vec![0; LARGEST_ACL];
        let length = match fgetxattr(from, ACL_ATTRIBUTE, &mut list[..]) {
            Err(error) if is_none(error) => return Ok(false),
            Err(error) => return Err(error.into()),
            Ok(length) => length,
        };
        fsetxattr(to, ACL_ATTRIBUTE, &list[..length], XattrFlags::empty()).map_err(|error| {
            let error = io::Error::from(error);
            let what = format!("the access control list of the file cannot be kept: {error}");
            io::Error::new(error.kind(), what)
        })?;
        Ok(true)
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod acl {
    use std::fs::File;
    use std::io;

    // `Result` as on the system that has them.
    pub fn remove(_file: &File) -> io::Result<()> {
        Ok(())
    }

    pub fn copy(_from: &File, _to: &File) -> io::Result<bool> {
        Ok(false)
    }
}
