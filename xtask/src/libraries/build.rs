//! Builds the library for one platform, each in a target folder of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::table::{Platform, Runner, Tool};
use super::{Built, exports};
use crate::process;
use crate::workspace::Workspace;

const LIMIT: Duration = Duration::from_secs(40 * 60);

/// A Linux distribution's compiler, which has the source of its standard library in a package.
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";

/// Where the target's standard library comes from.
enum Standard {
    Installed,
    /// Built along from its source, by the compiler that it belongs to.
    Source(PathBuf),
}

/// The library, or what this machine lacks to build it.
pub type Possible = std::result::Result<Built, String>;

pub fn library(workspace: &Workspace, platform: &'static Platform) -> Result<Possible> {
    if let Some(lacking) = lacks(platform) {
        return Ok(Err(lacking));
    }
    let Some(standard) = standard(workspace, platform)? else {
        let lacking = format!(
            "no standard library for {0}: rustup target add {0}, or rust-src",
            platform.target
        );
        return Ok(Err(lacking));
    };
    let target = target(workspace, platform);
    std::fs::create_dir_all(&target)?;
    let mut flags = rust_flags(workspace, platform);
    if platform.target.ends_with("gnullvm") {
        // cargo-zigbuild drops the list of exports that the compiler makes, and then everything is exported.
        let list = exports::definition(workspace, &target, platform.library)?;
        flags.push(format!("-Clink-arg={}", list.display()));
    }
    for what in wanted(platform) {
        let mut command = command(workspace, platform, &standard, &flags, what);
        command.env("CARGO_TARGET_DIR", &target);
        process::check(&mut command, LIMIT)?;
    }
    Ok(Ok(Built {
        platform,
        folder: folder(workspace, platform),
    }))
}

fn target(workspace: &Workspace, platform: &Platform) -> PathBuf {
    workspace.target.join("platforms").join(platform.rid)
}

/// Where cargo puts the library.
pub fn folder(workspace: &Workspace, platform: &Platform) -> PathBuf {
    target(workspace, platform)
        .join(platform.target)
        .join("release")
}

fn lacks(platform: &Platform) -> Option<String> {
    let (program, package) = match platform.tool {
        Tool::Zig(_) => ("cargo-zigbuild", "cargo-zigbuild and zig"),
        Tool::Cargo if platform.is_windows() && !cfg!(windows) => {
            ("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64")
        }
        Tool::Cargo => return None,
    };
    process::find(program)
        .is_none()
        .then(|| format!("{package} is not installed"))
}

fn standard(workspace: &Workspace, platform: &Platform) -> Result<Option<Standard>> {
    let mut ask = workspace.command("rustc");
    ask.args(["--print", "target-libdir", "--target", platform.target]);
    if Path::new(process::check(&mut ask, LIMIT)?.trim()).is_dir() {
        return Ok(Some(Standard::Installed));
    }
    Ok(compiler_with_source(workspace).map(Standard::Source))
}

/// A compiler that has the source of its standard library at hand.
pub fn compiler_with_source(workspace: &Workspace) -> Option<PathBuf> {
    let has_source = |rustc: &&Path| {
        let mut ask = workspace.command(rustc);
        let root = process::check(ask.args(["--print", "sysroot"]), LIMIT);
        root.is_ok_and(|root| {
            Path::new(root.trim())
                .join("lib/rustlib/src/rust/library/std")
                .is_dir()
        })
    };
    [Path::new("rustc"), Path::new(SYSTEM_RUSTC)]
        .into_iter()
        .find(has_source)
        .map(Path::to_owned)
}

/// The libraries for C alone: made along with one for Rust, they keep what only a Rust program could call, and mingw's
/// linker does not drop it either.
const LIBRARIES: &[&str] = &[
    "--package",
    "sailpat",
    "--lib",
    "--crate-type",
    "cdylib,staticlib",
];

/// The PowerShell tests start an emulator themselves, and from Windows only a Windows program can be.
const EMULATOR: &[&str] = &["--package", "sailpat-emulator", "--bin", "sailpat-emulator"];

fn wanted(platform: &Platform) -> Vec<&'static [&'static str]> {
    match platform.runner {
        Runner::Wine => vec![LIBRARIES, EMULATOR],
        _ => vec![LIBRARIES],
    }
}

fn command(
    workspace: &Workspace,
    platform: &Platform,
    standard: &Standard,
    flags: &[String],
    what: &[&str],
) -> Command {
    let (mut command, target) = match platform.tool {
        Tool::Cargo => (workspace.cargo(), platform.target.to_owned()),
        Tool::Zig(glibc) => (
            workspace.command("cargo-zigbuild"),
            format!("{}{glibc}", platform.target),
        ),
    };
    command.args(["rustc", "--release", "--quiet", "--locked"]);
    command.args(["--target", &target]).args(what);
    if let Standard::Source(rustc) = standard {
        // -Z options are for nightly compilers, or for ones that are told to be.
        command.env("RUSTC_BOOTSTRAP", "1").env("RUSTC", rustc);
        command.arg("-Zbuild-std=std,panic_unwind");
    }
    let variable = platform.target.to_uppercase().replace('-', "_");
    command.env(
        format!("CARGO_TARGET_{variable}_RUSTFLAGS"),
        flags.join(" "),
    );
    command
}

/// The platform's own flags, and those that keep this machine's paths out of the library.
fn rust_flags(workspace: &Workspace, platform: &Platform) -> Vec<String> {
    let mut flags: Vec<String> = platform
        .rust_flags
        .iter()
        .map(|flag| (*flag).to_owned())
        .collect();
    if let Ok(crates) = crates() {
        flags.push(format!("--remap-path-prefix={}=crates", crates.display()));
    }
    flags.push(format!(
        "--remap-path-prefix={}=sailpat",
        workspace.root.display()
    ));
    flags
}

/// Where cargo keeps the sources of crates.
fn crates() -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let source = home.context("no home folder")?.join("registry").join("src");
    // One folder below is the registry; with one registry its name can go, too.
    let registries: Vec<_> = std::fs::read_dir(&source)?.flatten().collect();
    Ok(match registries.as_slice() {
        [only] => only.path(),
        _ => source,
    })
}
