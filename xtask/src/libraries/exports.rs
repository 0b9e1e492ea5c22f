//! sailpat.def, which names the functions of the header for a linker.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::header;
use crate::workspace::Workspace;

/// Writes it into the folder.
pub fn definition(workspace: &Workspace, folder: &Path, library: &str) -> Result<PathBuf> {
    let definition = folder.join("sailpat.def");
    let mut text = format!("LIBRARY {library}\nEXPORTS\n");
    for name in header::declared(workspace)? {
        text.push_str(&format!("    {name}\n"));
    }
    std::fs::write(&definition, text)
        .with_context(|| format!("cannot write {}", definition.display()))?;
    Ok(definition)
}
