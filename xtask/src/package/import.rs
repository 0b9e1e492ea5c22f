//! sailpat.lib, with which Microsoft's linker finds the functions of sailpat.dll. What cargo leaves beside the DLL
//! is for mingw alone.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Native;
use crate::header;
use crate::process;
use crate::workspace::Workspace;

/// Tools that make import libraries, each with the words before its options; LLVM's are read by every linker.
const TOOLS: [(&str, &[&str]); 4] = [
    ("llvm-dlltool", &[]),
    ("zig", &["dlltool"]),
    ("python-zig", &["dlltool"]),
    ("x86_64-w64-mingw32-dlltool", &[]),
];

pub fn library(workspace: &Workspace, native: &Native) -> Result<PathBuf> {
    let definition = native.folder.join("sailpat.def");
    let mut text = format!("LIBRARY {}\nEXPORTS\n", native.library);
    for name in header::declared(workspace)? {
        text.push_str(&format!("    {name}\n"));
    }
    std::fs::write(&definition, text)?;

    let (tool, words) = TOOLS
        .into_iter()
        .find(|(tool, _)| process::find(tool).is_some())
        .context("no dlltool is installed, for sailpat.lib")?;
    let library = native.folder.join("sailpat.lib");
    let mut command = workspace.command(tool);
    command
        .args(words)
        .args(["-m", "i386:x86-64", "-d"])
        .arg(&definition);
    command.args(["-D", &native.library, "-l"]).arg(&library);
    process::check(&mut command, Duration::from_secs(60))?;
    Ok(library)
}
