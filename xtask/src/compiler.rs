//! Compiles and runs C and C++ programs against the header and the shared library.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

const LIMIT: Duration = Duration::from_secs(120);

/// Every warning counts: a caller's own build may be as strict, and the header has to pass there.
const STRICT: [&str; 5] = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-O1"];

/// A C and a C++ compiler that belong together.
#[derive(Clone)]
pub struct Compiler {
    pub name: &'static str,
    cxx: &'static str,
}

const KNOWN: [Compiler; 2] = [
    Compiler {
        name: "gcc",
        cxx: "g++",
    },
    Compiler {
        name: "clang",
        cxx: "clang++",
    },
];

/// The compilers that are installed here.
pub fn installed() -> Vec<Compiler> {
    let there = |compiler: &Compiler| {
        process::find(compiler.name).is_some() && process::find(compiler.cxx).is_some()
    };
    KNOWN.into_iter().filter(there).collect()
}

/// The first compiler that is installed here.
pub fn first() -> Option<Compiler> {
    installed().into_iter().next()
}

/// What to compile, and how.
pub struct Program<'a> {
    pub source: &'a Path,
    /// The folder that has sailpat.h.
    pub include: &'a Path,
    /// The shared library to link.
    pub library: &'a Path,
    /// Compiler and linker options beyond the strict ones.
    pub options: &'a [&'a str],
    /// The folder for the program.
    pub folder: &'a Path,
}

impl Program<'_> {
    /// Compiles as C11, or as C++17 when `plus_plus` says so.
    pub fn compile(
        &self,
        workspace: &Workspace,
        compiler: &Compiler,
        plus_plus: bool,
    ) -> Result<PathBuf> {
        let (driver, standard) = if plus_plus {
            (compiler.cxx, "-std=c++17")
        } else {
            (compiler.name, "-std=c11")
        };
        let stem = self
            .source
            .file_stem()
            .context("a source file has a name")?;
        let program = self
            .folder
            .join(format!("{}-{driver}", stem.to_string_lossy()));
        let language = if plus_plus { "c++" } else { "c" };
        let mut command = workspace.command(driver);
        command.arg(standard).args(STRICT);
        command.arg("-I").arg(self.include);
        command
            .args(["-x", language])
            .arg(self.source)
            .args(["-x", "none"]);
        command.arg(self.library).args(self.options);
        command.arg("-o").arg(&program).arg("-pthread");
        process::check(&mut command, LIMIT)?;
        Ok(program)
    }
}

/// A command that runs `program` with the library that it was linked with, not another one of the same name.
pub fn command(workspace: &Workspace, library: &Path, program: &Path) -> Command {
    let mut command = workspace.command(program);
    if let Some(folder) = library.parent() {
        command
            .env("LD_LIBRARY_PATH", folder)
            .env("DYLD_LIBRARY_PATH", folder);
    }
    command
}
