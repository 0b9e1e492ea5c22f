//! `cargo xtask package`: what a release publishes, in target/package: the PowerShell module as a .nupkg, an archive
//! per platform for C users, third-party licences, a bill of materials, checksums.
//!
//! The same sources give the same bytes: entries are sorted and carry no time of their own.

mod archive;
mod dependencies;
mod import;
mod licences;
pub mod module;
mod nuspec;
mod sbom;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::artifacts::Artifacts;
use crate::install::{pkg_config, soname};
use crate::libraries::{self, Built, Native};
use crate::workspace::Workspace;
use archive::Entry;

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(clap::Args)]
pub struct Options {
    /// Only this machine's platform, as cargo builds it by default
    #[arg(long, conflicts_with = "built")]
    host: bool,
    /// The libraries that `cargo xtask platforms` has made, as they are: what was tested is what is packed
    #[arg(long)]
    built: bool,
}

pub fn run(workspace: &Workspace, options: &Options) -> Result<ExitCode> {
    let natives = if options.host {
        vec![Native::host(&Artifacts::build(workspace)?.library)?]
    } else {
        let all = if options.built {
            libraries::all_built(workspace)
        } else {
            libraries::build_all(workspace)?
        };
        all.iter().map(Built::native).collect()
    };
    let folder = workspace.target.join("package");
    for file in make(workspace, &natives, &folder)? {
        let size = std::fs::metadata(&file)?.len() as f64 / 1e6;
        println!("{size:8.2} MB  {}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the package of the module alone, which takes a fraction of the time, in an emptied folder.
pub fn make_module(workspace: &Workspace, natives: &[Native], folder: &Path) -> Result<()> {
    empty(folder)?;
    let licences = licences::text(&dependencies::of_library(workspace)?.crates)?;
    let entries = module::entries(workspace, natives, &licences)?;
    archive::zip(&folder.join(module::file_name()), entries)?;
    Ok(())
}

fn empty(folder: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Makes everything in an emptied folder; gives back the files.
pub fn make(workspace: &Workspace, natives: &[Native], folder: &Path) -> Result<Vec<PathBuf>> {
    empty(folder)?;
    let linked = dependencies::of_library(workspace)?;
    let licences = licences::text(&linked.crates)?;

    let mut files = vec![folder.join(module::file_name())];
    archive::zip(&files[0], module::entries(workspace, natives, &licences)?)?;
    for native in natives {
        let name = format!("sailpat-{VERSION}-{}", native.rid);
        let entries = for_c(workspace, native, &name, &licences)?;
        files.push(if native.is_windows() {
            archive::zip(&folder.join(format!("{name}.zip")), entries)?
        } else {
            archive::tar_gz(&folder.join(format!("{name}.tar.gz")), entries)?
        });
    }
    let texts = [
        ("THIRD-PARTY-LICENSES.txt".to_owned(), licences),
        (format!("sailpat-{VERSION}.cdx.json"), sbom::text(&linked)?),
    ];
    for (name, text) in texts {
        files.push(folder.join(name));
        std::fs::write(files.last().context("just added")?, text)?;
    }
    files.push(checksums(&files, folder)?);
    Ok(files)
}

/// What a C program needs of one platform, in a folder that can stand anywhere.
fn for_c(workspace: &Workspace, native: &Native, name: &str, licences: &str) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for header in ["sailpat.h", "sailpat.hpp"] {
        let from = workspace.root.join("include").join(header);
        entries.push(Entry::file(format!("{name}/include/{header}"), &from)?);
    }
    for document in ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        entries.push(Entry::file(
            format!("{name}/{document}"),
            &workspace.root.join(document),
        )?);
    }
    // The promise, with what it links to.
    for document in ["docs/abi.md", "docs/abi-snapshot.json"] {
        let from = workspace.root.join(document);
        entries.push(Entry::file(format!("{name}/{document}"), &from)?);
    }
    for schema in std::fs::read_dir(workspace.root.join("docs/schema"))? {
        let schema = schema?;
        let file = schema.file_name();
        let path = format!("{name}/docs/schema/{}", file.to_string_lossy());
        entries.push(Entry::file(path, &schema.path())?);
    }
    entries.push(Entry::text(
        format!("{name}/THIRD-PARTY-LICENSES.txt"),
        licences,
    ));
    if native.is_windows() {
        entries.push(Entry::file(
            format!("{name}/bin/sailpat.dll"),
            &native.path(),
        )?);
        let import = import::library(workspace, native)?;
        entries.push(Entry::file(format!("{name}/lib/sailpat.lib"), &import)?);
        let import = native.folder.join("libsailpat.dll.a");
        if import.is_file() {
            entries.push(Entry::file(
                format!("{name}/lib/libsailpat.dll.a"),
                &import,
            )?);
        }
    } else {
        let soname = soname();
        let versioned = format!("libsailpat.so.{VERSION}");
        entries.push(Entry::file(
            format!("{name}/lib/{versioned}"),
            &native.path(),
        )?);
        entries.push(Entry::link(format!("{name}/lib/{soname}"), &versioned));
        entries.push(Entry::link(format!("{name}/lib/libsailpat.so"), &soname));
        entries.push(Entry::text(
            format!("{name}/lib/pkgconfig/sailpat.pc"),
            &pkg_config("${pcfiledir}/../..", Path::new("lib")),
        ));
    }
    let fixed = native.folder.join("libsailpat.a");
    entries.push(Entry::file(format!("{name}/lib/libsailpat.a"), &fixed)?);
    Ok(entries)
}

/// SHA256SUMS, as sha256sum --check reads it.
fn checksums(files: &[PathBuf], folder: &Path) -> Result<PathBuf> {
    let mut text = String::new();
    for file in files {
        let name = file
            .file_name()
            .context("a file has a name")?
            .to_string_lossy();
        text.push_str(&format!("{}  {name}\n", sha256(&std::fs::read(file)?)));
    }
    let sums = folder.join("SHA256SUMS");
    std::fs::write(&sums, text)?;
    Ok(sums)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
