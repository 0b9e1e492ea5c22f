//! What can be seen from a library's file: its exports, its name, the glibc it needs, and whose paths it tells.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use object::Object;
use object::read::pe::PeFile64;

use crate::header;
use crate::libraries::Built;
use crate::libraries::table::OLDEST_GLIBC;
use crate::process;
use crate::test::report::Outcome;
use crate::workspace::Workspace;

const LIMIT: Duration = Duration::from_secs(60);

/// What every Windows has, besides the sets of functions named api-ms-win-….
const WINDOWS_HAS: [&str; 13] = [
    "advapi32.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "crypt32.dll",
    "kernel32.dll",
    "msvcrt.dll",
    "ncrypt.dll",
    "ntdll.dll",
    "secur32.dll",
    "ucrtbase.dll",
    "user32.dll",
    "userenv.dll",
    "ws2_32.dll",
];

type Check = fn(&Workspace, &Built) -> Result<()>;

pub fn check(workspace: &Workspace, built: &Built) -> Result<Outcome> {
    let mut checks: Vec<Check> = vec![tells_no_path];
    if built.platform.is_windows() {
        checks.extend([windows_exports as Check, windows_imports]);
    } else {
        checks.extend([elf_exports as Check, soname]);
        if built.platform.is_glibc() {
            checks.push(glibc);
        }
    }
    let mut outcome = Outcome::default();
    for check in checks {
        outcome.add(match check(workspace, built) {
            Ok(()) => Outcome::passed(),
            Err(error) => Outcome::failed(format!("{}: {error:#}\n", built.platform.rid)),
        });
    }
    Ok(outcome)
}

/// Who built a library is nobody's business.
fn tells_no_path(workspace: &Workspace, built: &Built) -> Result<()> {
    let bytes = std::fs::read(built.library())?;
    let home = std::env::home_dir().context("no home folder")?;
    for path in [&home.join(".cargo"), &workspace.root] {
        let path = path.to_string_lossy();
        if let Some(at) = find(&bytes, path.as_bytes()) {
            let end = bytes.len().min(at + 160);
            bail!("tells {:?}", String::from_utf8_lossy(&bytes[at..end]));
        }
    }
    Ok(())
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

fn elf_exports(workspace: &Workspace, built: &Built) -> Result<()> {
    header::compare_exports(workspace, &built.library())
}

fn windows_exports(workspace: &Workspace, built: &Built) -> Result<()> {
    let bytes = std::fs::read(built.library())?;
    let exported: BTreeSet<String> = PeFile64::parse(&*bytes)?
        .exports()?
        .iter()
        .map(|export| String::from_utf8_lossy(export.name()).into_owned())
        .collect();
    let declared = header::declared(workspace)?;
    if exported != declared {
        let lacks: Vec<_> = declared.difference(&exported).collect();
        let foreign: Vec<_> = exported.difference(&declared).collect();
        bail!("lacks {lacks:?}, and exports {foreign:?} besides");
    }
    Ok(())
}

/// A compiler's own runtime would have to be brought along: nothing may be needed that Windows does not have.
fn windows_imports(_workspace: &Workspace, built: &Built) -> Result<()> {
    let bytes = std::fs::read(built.library())?;
    let mut foreign: BTreeSet<String> = PeFile64::parse(&*bytes)?
        .imports()?
        .iter()
        .map(|import| String::from_utf8_lossy(import.library()).to_lowercase())
        .collect();
    foreign.retain(|name| !WINDOWS_HAS.contains(&&**name) && !name.starts_with("api-ms-win-"));
    if !foreign.is_empty() {
        bail!("needs {foreign:?}");
    }
    Ok(())
}

fn readelf(workspace: &Workspace, built: &Built, option: &str) -> Result<String> {
    let mut command = workspace.command("readelf");
    process::check(command.args(["--wide", option]).arg(built.library()), LIMIT)
}

fn soname(workspace: &Workspace, built: &Built) -> Result<()> {
    let name = crate::install::soname();
    if !readelf(workspace, built, "--dynamic")?.contains(&format!("[{name}]")) {
        bail!("its SONAME is not {name}");
    }
    Ok(())
}

/// The newest GLIBC_x.y that a symbol is bound to.
fn glibc(workspace: &Workspace, built: &Built) -> Result<()> {
    let symbols = readelf(workspace, built, "--version-info")?;
    let newest = newest_glibc(&symbols).context("it is bound to no version of glibc")?;
    if newest > OLDEST_GLIBC {
        bail!("it needs glibc {}.{}", newest.0, newest.1);
    }
    Ok(())
}

fn newest_glibc(symbols: &str) -> Option<(u32, u32)> {
    symbols
        .split("GLIBC_")
        .skip(1)
        .filter_map(|rest| {
            let version = rest.split(|letter: char| letter != '.' && !letter.is_ascii_digit());
            let (major, minor) = version.into_iter().next()?.split_once('.')?;
            let minor = minor.split('.').next()?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::newest_glibc;

    #[test]
    fn versions_are_compared_as_numbers() {
        let symbols = "Name: GLIBC_2.2.5 Flags\n Name: GLIBC_2.17  Flags\n GLIBC_2.3.4";
        assert_eq!(newest_glibc(symbols), Some((2, 17)));
        assert_eq!(newest_glibc("nothing"), None);
    }
}
