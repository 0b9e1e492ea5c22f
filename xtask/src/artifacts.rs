//! What cargo builds and the other chores use: the library, its fresh header, the emulator.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::Workspace;

pub struct Artifacts {
    /// The shared library that programs link and PowerShell loads.
    pub library: PathBuf,
    /// The header as cbindgen has just written it, not the committed one.
    pub header: PathBuf,
    pub emulator: PathBuf,
}

impl Artifacts {
    /// The release build of the library and of the emulator, in one cargo call so that they share what they can.
    pub fn build(workspace: &Workspace) -> Result<Self> {
        let messages = build(
            workspace,
            &["--package", "sailpat", "--package", "sailpat-emulator"],
            None,
        )?;
        let (library, package) = shared_library(&messages)?;
        Ok(Self {
            library,
            header: out_folder(&messages, &package)?.join("sailpat.h"),
            emulator: executable(&messages, "sailpat-emulator")?,
        })
    }
}

/// A release library whose operation `panic` panics. It has a target folder of its own: cargo gives both libraries
/// the same file name, and the ordinary one must never be mistaken for this.
pub fn panicking_library(workspace: &Workspace) -> Result<PathBuf> {
    let target = workspace.scratch("panic")?;
    // The shared library alone: each further kind would be linked and optimised as a whole once more.
    let arguments = [
        "rustc",
        "--release",
        "--package",
        "sailpat",
        "--lib",
        "--crate-type",
        "cdylib",
        "--features",
        "panic-operation",
    ];
    Ok(shared_library(&cargo_messages(workspace, &arguments, Some(&target))?)?.0)
}

/// The program that measures reqwest by itself, for the benchmark.
pub fn raw_reqwest(workspace: &Workspace) -> Result<PathBuf> {
    executable(
        &build(workspace, &["--package", "sailpat-bench"], None)?,
        "raw-reqwest",
    )
}

/// The header that the build script writes, without building the library itself.
pub fn fresh_header(workspace: &Workspace) -> Result<PathBuf> {
    let messages = cargo_messages(workspace, &["check", "--package", "sailpat", "--lib"], None)?;
    let package = messages
        .iter()
        .find(|message| {
            message["reason"] == "compiler-artifact" && message["target"]["name"] == "sailpat"
        })
        .map(|message| message["package_id"].clone())
        .context("cargo check names no package sailpat")?;
    Ok(out_folder(&messages, &package)?.join("sailpat.h"))
}

fn build(workspace: &Workspace, arguments: &[&str], target: Option<&Path>) -> Result<Vec<Value>> {
    let arguments = [&["build", "--release"], arguments].concat();
    cargo_messages(workspace, &arguments, target)
}

/// Runs cargo and reads its JSON messages, which name every file that it made.
fn cargo_messages(
    workspace: &Workspace,
    arguments: &[&str],
    target: Option<&Path>,
) -> Result<Vec<Value>> {
    let mut command = workspace.cargo();
    command
        .args(arguments)
        .args(["--quiet", "--message-format=json-render-diagnostics"]);
    if let Some(target) = target {
        command.env("CARGO_TARGET_DIR", target);
    }
    let reply = command
        .stdin(Stdio::null())
        .output()
        .context("cannot start cargo")?;
    if !reply.status.success() {
        bail!(
            "cargo {}\n{}",
            arguments.join(" "),
            String::from_utf8_lossy(&reply.stderr)
        );
    }
    let text = String::from_utf8_lossy(&reply.stdout);
    let lines = text.lines().map(serde_json::from_str);
    lines
        .collect::<Result<_, _>>()
        .context("a message of cargo is not JSON")
}

/// The path of the shared library, and the id of its package.
fn shared_library(messages: &[Value]) -> Result<(PathBuf, Value)> {
    let is_shared = |name: &&str| name.ends_with(std::env::consts::DLL_SUFFIX);
    for message in messages {
        if message["reason"] != "compiler-artifact" || message["target"]["name"] != "sailpat" {
            continue;
        }
        let mut files = message["filenames"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        if let Some(file) = files.find(is_shared) {
            return Ok((file.into(), message["package_id"].clone()));
        }
    }
    bail!("cargo made no shared library of sailpat")
}

fn out_folder(messages: &[Value], package: &Value) -> Result<PathBuf> {
    messages
        .iter()
        .find(|message| {
            message["reason"] == "build-script-executed" && message["package_id"] == *package
        })
        .and_then(|message| message["out_dir"].as_str())
        .map(PathBuf::from)
        .context("cargo names no OUT_DIR of sailpat")
}

fn executable(messages: &[Value], name: &str) -> Result<PathBuf> {
    messages
        .iter()
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| message["executable"].as_str())
        .map(PathBuf::from)
        .with_context(|| format!("cargo made no program {name}"))
}
