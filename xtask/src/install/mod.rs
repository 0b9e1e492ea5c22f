//! `cargo xtask install`: puts the libraries, the header and the pkg-config file under a prefix, with the names that
//! programs look for. DESTDIR is honoured, so that a distribution's packager can collect the files elsewhere.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::artifacts::Artifacts;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub struct Options {
    /// Where it will be used from
    #[arg(long, default_value = "/usr/local")]
    prefix: PathBuf,
    /// The folder for libraries, below the prefix
    #[arg(long, default_value = "lib")]
    libdir: PathBuf,
    /// Put before every path when copying ($DESTDIR by default)
    #[arg(long)]
    destdir: Option<PathBuf>,
}

/// What the static library needs of the system: `rustc --print native-static-libs`, and what unwinding needs.
const STATIC_NEEDS: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let artifacts = Artifacts::build(workspace)?;
    let destdir = options
        .destdir
        .clone()
        .or_else(|| std::env::var_os("DESTDIR").map(PathBuf::from));
    let destination = Destination {
        prefix: options.prefix.clone(),
        libdir: options.libdir.clone(),
        destdir,
    };
    for file in destination.install(workspace, &artifacts.library)? {
        println!("{}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The name that a program linked with the library asks for; it moves with the major version only.
pub fn soname() -> String {
    format!("libsailpat.so.{}", env!("CARGO_PKG_VERSION_MAJOR"))
}

/// Where things go.
pub struct Destination {
    pub prefix: PathBuf,
    pub libdir: PathBuf,
    pub destdir: Option<PathBuf>,
}

impl Destination {
    /// Copies everything; gives back the files.
    pub fn install(&self, workspace: &Workspace, library: &Path) -> Result<Vec<PathBuf>> {
        if !self.prefix.is_absolute() {
            bail!(
                "--prefix {}: must be an absolute path",
                self.prefix.display()
            );
        }
        let libraries = self.real(&self.libdir);
        let headers = self.real(Path::new("include"));
        let mut files = self.libraries(library, &libraries)?;
        for header in ["sailpat.h", "sailpat.hpp"] {
            let from = workspace.root.join("include").join(header);
            files.push(copy(&from, &headers.join(header))?);
        }
        let description = libraries.join("pkgconfig").join("sailpat.pc");
        write(
            &description,
            &pkg_config(&self.prefix.display().to_string(), &self.libdir),
        )?;
        files.push(description);
        Ok(files)
    }

    /// The static library, and the shared one with the names of its version.
    fn libraries(&self, library: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
        let fixed = library.with_file_name("libsailpat.a");
        let mut files = vec![copy(&fixed, &folder.join("libsailpat.a"))?];
        let name = library.file_name().context("the library has a name")?;
        if name != "libsailpat.so" {
            files.push(copy(library, &folder.join(name))?);
            return Ok(files);
        }
        let versioned = format!("libsailpat.so.{}", env!("CARGO_PKG_VERSION"));
        files.push(copy(library, &folder.join(&versioned))?);
        for (link, to) in [
            (soname().as_str(), versioned.as_str()),
            ("libsailpat.so", &soname()),
        ] {
            files.push(link_to(&folder.join(link), to)?);
        }
        Ok(files)
    }

    /// A path below the prefix, where it is really written.
    fn real(&self, below: &Path) -> PathBuf {
        let path = self.prefix.join(below);
        match (&self.destdir, path.strip_prefix("/")) {
            (Some(destdir), Ok(relative)) => destdir.join(relative),
            _ => path,
        }
    }
}

/// The text of sailpat.pc. A prefix of `${pcfiledir}/../..` makes the files movable.
pub fn pkg_config(prefix: &str, libdir: &Path) -> String {
    format!(
        "prefix={prefix}\nlibdir=${{prefix}}/{}\nincludedir=${{prefix}}/include\n\n\
         Name: sailpat\nDescription: SailPoint personal access tokens\nVersion: {}\n\
         Libs: -L${{libdir}} -lsailpat\nLibs.private: {STATIC_NEEDS}\nCflags: -I${{includedir}}\n",
        libdir.display(),
        env!("CARGO_PKG_VERSION")
    )
}

fn copy(from: &Path, to: &Path) -> Result<PathBuf> {
    make_folder_of(to)?;
    // Written anew and not over the old one: a running program may have that mapped.
    let _ = std::fs::remove_file(to);
    std::fs::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(to.to_owned())
}

fn write(path: &Path, text: &str) -> Result<()> {
    make_folder_of(path)?;
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn make_folder_of(path: &Path) -> Result<()> {
    let folder = path.parent().context("a file is in a folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

#[cfg(unix)]
fn link_to(link: &Path, to: &str) -> Result<PathBuf> {
    let _ = std::fs::remove_file(link);
    std::os::unix::fs::symlink(to, link)
        .with_context(|| format!("cannot link {}", link.display()))?;
    Ok(link.to_owned())
}

#[cfg(not(unix))]
fn link_to(link: &Path, _to: &str) -> Result<PathBuf> {
    bail!("{}: links are made on Unix only", link.display())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Destination, pkg_config};

    #[test]
    fn destdir_goes_before_the_prefix_when_copying_only() {
        let destination = |destdir: Option<&str>| Destination {
            prefix: "/opt/sailpat".into(),
            libdir: "lib64".into(),
            destdir: destdir.map(PathBuf::from),
        };
        let below = Path::new("lib64");
        assert_eq!(
            destination(Some("/stage")).real(below),
            Path::new("/stage/opt/sailpat/lib64")
        );
        assert_eq!(
            destination(None).real(below),
            Path::new("/opt/sailpat/lib64")
        );
        let text = pkg_config("/opt/sailpat", below);
        assert!(
            text.starts_with("prefix=/opt/sailpat\nlibdir=${prefix}/lib64\n"),
            "{text}"
        );
    }
}
