//! sailpat.lib, with which Microsoft's linker finds the functions of sailpat.dll. What cargo leaves beside the DLL
//! is for mingw alone.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::libraries::{Native, exports};
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
    let definition = exports::definition(workspace, &native.folder, &native.library)?;
    let machine = match native.rid.as_str() {
        "win-arm64" => "arm64",
        _ => "i386:x86-64",
    };

    let (tool, words) = TOOLS
        .into_iter()
        .find(|(tool, _)| process::find(tool).is_some() && knows(tool, machine))
        .context("no dlltool is installed, for sailpat.lib")?;
    let library = native.folder.join("sailpat.lib");
    let mut command = workspace.command(tool);
    command
        .args(words)
        .args(["-m", machine, "-d"])
        .arg(&definition);
    command.args(["-D", &native.library, "-l"]).arg(&library);
    process::check(&mut command, Duration::from_secs(60))?;
    Ok(library)
}

/// mingw's own tool is for one processor.
fn knows(tool: &str, machine: &str) -> bool {
    !tool.starts_with("x86_64") || machine == "i386:x86-64"
}
