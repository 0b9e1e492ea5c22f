//! What a release publishes, made for this machine alone and then used as a user does: the folder with the package is
//! a repository, Install-PSResource takes it from there into the modules of an empty home, and the PowerShell tests run
//! with it by its name; the archive for C unpacked and linked.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::report::Outcome;
use super::{Context, pester};
use crate::libraries::Native;
use crate::package;
use crate::powershell::PowerShell;
use crate::process;

const LIMIT: Duration = Duration::from_secs(120);

pub fn run(context: &Context) -> Result<Outcome> {
    let workspace = &context.workspace;
    let folder = workspace.scratch("package")?.join("made");
    let native = Native::host(&context.artifacts()?.library)?;
    let files = package::make(workspace, &[native], &folder)?;
    complete(&files)?;
    sums(context, &folder)?;
    bill(&folder)?;

    let mut outcome = Outcome {
        passed: 3,
        ..Outcome::default()
    };
    if let Ok(host) = PowerShell::find(workspace) {
        let modules = install(context, &host, &folder)?;
        outcome.passed += 1;
        outcome.add(pester::installed(context, &modules)?);
    } else {
        outcome.add(Outcome::skipped("no PowerShell".to_owned()));
    }
    Ok(outcome)
}

/// Installs the package from its folder, as users do from theirs, and gives back the folder of modules that it is in.
fn install(context: &Context, host: &PowerShell, folder: &Path) -> Result<PathBuf> {
    let home = context.workspace.scratch("package")?.join("home");
    let _ = std::fs::remove_dir_all(&home);
    // Without a folder for settings NuGet puts its own into whatever folder is the current one.
    std::fs::create_dir_all(home.join(".config"))?;
    let mut command = host.command(&context.workspace);
    command.env("HOME", &home).env("PACKAGES", folder);
    for variable in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
        command.env_remove(variable);
    }
    let script = "$ErrorActionPreference = 'Stop'; \
        Register-PSResourceRepository -Name folder -Uri $env:PACKAGES -Trusted; \
        Install-PSResource SailPat -Repository folder; (Get-PSResource SailPat).InstalledLocation";
    let said = process::check(command.args(["-Command", script]), LIMIT)?;
    let modules = PathBuf::from(said.trim());
    ensure!(
        modules.starts_with(&home),
        "it was installed elsewhere: {said}"
    );
    ensure!(
        modules
            .join("SailPat")
            .join(package::VERSION)
            .join("SailPat.psd1")
            .is_file(),
        "there is no SailPat in {said}"
    );
    Ok(modules)
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
