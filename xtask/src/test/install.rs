//! An installed prefix: what is there, and programs that are built and run from it alone, shared and static.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use super::Context;
use super::report::Outcome;
use crate::compiler;
use crate::emulator::Emulator;
use crate::install::{Destination, soname};
use crate::process;

const LIMIT: Duration = Duration::from_secs(120);

pub fn run(context: &Context) -> Result<Outcome> {
    let (Some(compiler), Some(_)) = (compiler::first(), process::find("pkg-config")) else {
        return Ok(Outcome::skipped(
            "no C compiler or no pkg-config".to_owned(),
        ));
    };
    let workspace = &context.workspace;
    let prefix = workspace.scratch("install")?.join("prefix");
    let _ = std::fs::remove_dir_all(&prefix);
    destdir(context)?;
    let destination = Destination {
        prefix: prefix.clone(),
        libdir: "lib".into(),
        destdir: None,
    };
    destination.install(workspace, &context.artifacts()?.library)?;

    let shared = build(context, compiler.name, &prefix, false)?;
    ensure!(
        needs(context, &shared)?.contains(&soname()),
        "the program does not ask for the SONAME"
    );
    start(context, &shared, Some(&prefix.join("lib")))?;

    let fixed = build(context, compiler.name, &prefix, true)?;
    ensure!(
        !needs(context, &fixed)?.contains("libsailpat"),
        "the static program asks for the library"
    );
    start(context, &fixed, None)?;
    Ok(Outcome {
        passed: 3,
        ..Outcome::default()
    })
}

/// With DESTDIR nothing is written outside it, and the pkg-config file tells the destination of use.
fn destdir(context: &Context) -> Result<()> {
    let stage = context.workspace.scratch("install")?.join("stage");
    let _ = std::fs::remove_dir_all(&stage);
    let destination = Destination {
        prefix: "/opt/sailpat-test".into(),
        libdir: "lib".into(),
        destdir: Some(stage.clone()),
    };
    let files = destination.install(&context.workspace, &context.artifacts()?.library)?;
    let staged = stage.join("opt/sailpat-test");
    if let Some(outside) = files.iter().find(|file| !file.starts_with(&staged)) {
        bail!("{} is outside of DESTDIR", outside.display());
    }
    let description = std::fs::read_to_string(staged.join("lib/pkgconfig/sailpat.pc"))?;
    ensure!(
        description.starts_with("prefix=/opt/sailpat-test\n"),
        "{description}"
    );
    for link in ["libsailpat.so", &soname()] {
        ensure!(
            staged.join("lib").join(link).is_file(),
            "{link} leads nowhere"
        );
    }
    Ok(())
}

/// Compiles the first example as a user does, with what pkg-config says.
fn build(context: &Context, compiler: &str, prefix: &Path, fixed: bool) -> Result<PathBuf> {
    let workspace = &context.workspace;
    let ask = |option: &str| -> Result<Vec<String>> {
        let mut command = workspace.command("pkg-config");
        command.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
        if fixed {
            command.arg("--static");
        }
        let said = process::check(command.args([option, "sailpat"]), LIMIT)?;
        Ok(said.split_whitespace().map(str::to_owned).collect())
    };
    let name = if fixed { "static" } else { "shared" };
    let program = workspace.scratch("install")?.join(name);
    let mut command = workspace.command(compiler);
    command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic"]);
    command.args(ask("--cflags")?);
    command.arg(workspace.root.join("examples/c/one_call.c"));
    for option in ask("--libs")? {
        // Where both are there, the linker takes the shared one unless it is told.
        if fixed && option == "-lsailpat" {
            command.args(["-Wl,-Bstatic", "-lsailpat", "-Wl,-Bdynamic"]);
        } else {
            command.arg(option);
        }
    }
    process::check(command.arg("-o").arg(&program), LIMIT)?;
    Ok(program)
}

fn needs(context: &Context, program: &Path) -> Result<String> {
    let mut command = context.workspace.command("readelf");
    process::check(command.arg("--dynamic").arg(program), LIMIT)
}

fn start(context: &Context, program: &Path, libraries: Option<&Path>) -> Result<()> {
    let emulator = Emulator::start(&context.workspace, context.artifacts()?, &[])?;
    let mut command: Command = context.workspace.command(program);
    if let Some(libraries) = libraries {
        command.env("LD_LIBRARY_PATH", libraries);
    }
    let output = process::check(emulator.settle(&mut command), LIMIT)?;
    ensure!(output.starts_with("{\"ok\":true"), "{output}");
    Ok(())
}
