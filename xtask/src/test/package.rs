//! What a release publishes, made for this machine alone and then used as a user does: installed into an empty
//! folder of modules, where the PowerShell tests run with it; the archive for C unpacked and linked.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::report::Outcome;
use super::{Context, pester};
use crate::package::{self, module};
use crate::powershell::PowerShell;
use crate::process;

const LIMIT: Duration = Duration::from_secs(120);

pub fn run(context: &Context) -> Result<Outcome> {
    let workspace = &context.workspace;
    let folder = workspace.scratch("package")?.join("made");
    let native = package::host(&context.artifacts()?.library)?;
    let files = package::make(workspace, &[native], &folder)?;
    complete(&files)?;
    sums(context, &folder)?;
    bill(&folder)?;

    let modules = workspace.scratch("package")?.join("modules");
    let _ = std::fs::remove_dir_all(&modules);
    let manifest = module::install(&folder.join(module::file_name()), &modules)?;
    let mut outcome = Outcome {
        passed: 3,
        ..Outcome::default()
    };
    if let Ok(host) = PowerShell::find(workspace) {
        found_by_name(context, &host, &modules)?;
        outcome.passed += 1;
    }
    outcome.add(pester::suite(context, &manifest)?);
    Ok(outcome)
}

/// In a folder of modules it is found by its name, and its library loads.
fn found_by_name(context: &Context, host: &PowerShell, modules: &Path) -> Result<()> {
    let mut command = host.command(&context.workspace);
    let known = std::env::var_os("PSModulePath").unwrap_or_default();
    let folders = std::iter::once(modules.to_owned()).chain(std::env::split_paths(&known));
    command.env("PSModulePath", std::env::join_paths(folders)?);
    let script =
        "$ErrorActionPreference = 'Stop'; Import-Module SailPat; (Get-Module SailPat).Path";
    let said = process::check(command.args(["-Command", script]), LIMIT)?;
    ensure!(
        Path::new(said.trim()).starts_with(modules),
        "another module was found: {said}"
    );
    Ok(())
}

fn complete(files: &[std::path::PathBuf]) -> Result<()> {
    for ending in [
        ".nupkg",
        ".cdx.json",
        "THIRD-PARTY-LICENSES.txt",
        "SHA256SUMS",
    ] {
        let found = files
            .iter()
            .any(|file| file.to_string_lossy().ends_with(ending));
        ensure!(found, "the package lacks {ending}");
    }
    Ok(())
}

/// The checksums are what sha256sum finds.
fn sums(context: &Context, folder: &Path) -> Result<()> {
    if process::find("sha256sum").is_some() {
        let mut command = context.workspace.command("sha256sum");
        command
            .args(["--check", "--strict", "SHA256SUMS"])
            .current_dir(folder);
        process::check(&mut command, LIMIT)?;
    }
    Ok(())
}

/// The bill of materials names what TLS and HTTP stand on, each with a checksum.
fn bill(folder: &Path) -> Result<()> {
    let text =
        std::fs::read_to_string(folder.join(format!("sailpat-{}.cdx.json", package::VERSION)))?;
    let bill: Value = serde_json::from_str(&text)?;
    let components = bill["components"]
        .as_array()
        .context("it has no components")?;
    for name in ["rustls", "ring", "reqwest", "tokio", "serde_json"] {
        let found = components
            .iter()
            .find(|component| component["name"] == name);
        let found = found.with_context(|| format!("{name} is not in the bill of materials"))?;
        ensure!(
            found["hashes"][0]["content"].is_string(),
            "{name} has no checksum"
        );
    }
    Ok(())
}
