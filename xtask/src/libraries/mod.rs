//! The library for each platform that this machine can build for. What packs libraries, and what runs programs with
//! them, calls these modules, never the other way round.
//!
//! `table` names the platforms, `build` makes a library, `exports` lists its functions for a linker.

pub mod build;
pub mod exports;
pub mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::powershell;
use crate::workspace::Workspace;
use table::{PLATFORMS, Platform};

/// A library for one platform.
pub struct Built {
    pub platform: &'static Platform,
    /// The folder that has the library, and what belongs to it.
    pub folder: PathBuf,
}

impl Built {
    pub fn library(&self) -> PathBuf {
        self.folder.join(self.platform.library)
    }

    /// As what is packed.
    pub fn native(&self) -> Native {
        Native {
            rid: self.platform.rid.to_owned(),
            library: self.platform.library.to_owned(),
            folder: self.folder.clone(),
        }
    }
}

/// A platform's library, wherever it was built.
pub struct Native {
    pub rid: String,
    /// The folder that cargo put it in, with the static and the import library beside it.
    pub folder: PathBuf,
    pub library: String,
}

impl Native {
    /// This machine's library.
    pub fn host(library: &Path) -> Result<Self> {
        let name = library.file_name().context("the library has a name")?;
        Ok(Self {
            rid: powershell::runtime_identifier(),
            folder: library.parent().context("it is in a folder")?.to_owned(),
            library: name.to_string_lossy().into_owned(),
        })
    }

    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.library)
    }

    pub fn is_windows(&self) -> bool {
        self.library.ends_with(".dll")
    }
}

/// Builds every platform that can be built here; the others are told and left out.
pub fn build_all(workspace: &Workspace) -> Result<Vec<Built>> {
    let mut all = Vec::new();
    for platform in PLATFORMS {
        match build::library(workspace, platform)? {
            Ok(built) => all.push(built),
            Err(lacking) => println!("{}: left out, {lacking}", platform.rid),
        }
    }
    Ok(all)
}

/// The libraries that are there.
pub fn all_built(workspace: &Workspace) -> Vec<Built> {
    let all = PLATFORMS.iter().map(|platform| Built {
        platform,
        folder: build::folder(workspace, platform),
    });
    all.filter(|built| built.library().is_file()).collect()
}

/// What cargo calls the platforms.
pub fn targets() -> impl Iterator<Item = &'static str> {
    PLATFORMS.iter().map(|platform| platform.target)
}
