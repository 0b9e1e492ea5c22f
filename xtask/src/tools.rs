//! Pinned tools that a machine may lack: PowerShell and modules for it, fetched into target/tools and checked before use.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::process;
use crate::workspace::Workspace;

const DOWNLOAD_LIMIT: Duration = Duration::from_secs(300);
const UNPACK_LIMIT: Duration = Duration::from_secs(120);

/// A published file and the SHA-256 that it must have.
struct Pinned<'a> {
    /// Where it is, whole.
    address: &'a str,
    /// What it is called here.
    file: &'a str,
    sha256: &'a str,
}

/// A module of the gallery, whose package is a zip.
pub struct Module {
    pub name: &'static str,
    version: &'static str,
    sha256: &'static str,
}

const GALLERY: &str = "https://www.powershellgallery.com/api/v2/package/";

const POWERSHELL: &str = "https://github.com/PowerShell/PowerShell/releases/download/v7.6.6/";

/// The suite passes under both.
pub const PESTER_5: Module = Module {
    name: "Pester",
    version: "5.7.1",
    sha256: "4a27904c6814a5fbe4758f8e49861f6a1994aee77b71165a5c43c0371ba6c580",
};
pub const PESTER_6: Module = Module {
    name: "Pester",
    version: "6.1.0",
    sha256: "0207a75ea09f81b27c1ded44898b2bb3c845bafa02045bd64a39e26a53ca41b4",
};

pub const ANALYZER: Module = Module {
    name: "PSScriptAnalyzer",
    version: "1.25.0",
    sha256: "14e634c828eb98efb9f40b2918ba90f139ed5eccdf663a2a747736d996995d60",
};

/// What the tests want beside Pester: a genuine vault.
pub const VAULTS: [Module; 2] = [
    Module {
        name: "Microsoft.PowerShell.SecretManagement",
        version: "1.1.2",
        sha256: "0cbb138766531251fd63639cc715dc0bb3db2bc886007267d854f1fb23f4aa62",
    },
    Module {
        name: "Microsoft.PowerShell.SecretStore",
        version: "1.0.6",
        sha256: "29d35fce1c2e0e5971b3f01c9a8dc02acca0d23a0f8128dcf11bf9543bb23704",
    },
];

/// The archive of PowerShell 7.6.6 for this machine, where one is published.
fn powershell_archive() -> Option<(&'static str, &'static str)> {
    let archive = match (
        std::env::consts::OS,
        std::env::consts::ARCH,
        cfg!(target_env = "musl"),
    ) {
        ("linux", "x86_64", false) => (
            "powershell-7.6.6-linux-x64.tar.gz",
            "ddbc4a2d113bbd46d283cfedcbcd117a70caefd7673f41f2b4e0000badf103bc",
        ),
        ("linux", "x86_64", true) => (
            "powershell-7.6.6-linux-musl-x64.tar.gz",
            "9537c256a60c34f6bc2dd60c1c10b31a0c2ef26e96799d066be78325ab4947cc",
        ),
        ("linux", "aarch64", false) => (
            "powershell-7.6.6-linux-arm64.tar.gz",
            "924829e54c983648f6f1419a2dc7f9433c861b2fb5bd57736ff096c24f133729",
        ),
        ("macos", "x86_64", _) => (
            "powershell-7.6.6-osx-x64.tar.gz",
            "e325ed9f666894eb39a5ea52800b602da2fb4242bbe9747ceddb39cdc66de805",
        ),
        ("macos", "aarch64", _) => (
            "powershell-7.6.6-osx-arm64.tar.gz",
            "6df833d094ebac1c1a74340d7b3437f4aaf5e03ce640484a1c4359f3ce8b3db1",
        ),
        ("windows", "x86_64", _) => (
            "PowerShell-7.6.6-win-x64.zip",
            "02fe458be20493fbdf43f61ea20610b811ee6c738ab1676c61b9cfcd1a33c860",
        ),
        ("windows", "aarch64", _) => (
            "PowerShell-7.6.6-win-arm64.zip",
            "bbde9dda31d148415eccb5fbe1638e6400a144187b006e5b3fd8ec2f39d781be",
        ),
        _ => return None,
    };
    Some(archive)
}

/// PowerShell from target/tools, brought there first when it is not.
pub fn powershell(workspace: &Workspace) -> Result<PathBuf> {
    let (file, sha256) =
        powershell_archive().context("no PowerShell is published for this machine")?;
    let folder = tools(workspace).join("powershell");
    let program = folder.join(format!("pwsh{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        let archive = fetch(
            workspace,
            &Pinned {
                address: &format!("{POWERSHELL}{file}"),
                file,
                sha256,
            },
        )?;
        // Unpacked beside its place and moved there, so that a half unpacked one is never taken for whole.
        let unpacked = empty_folder(&tools(workspace).join("powershell.part"))?;
        let mut tar = workspace.command("tar");
        tar.arg("-xf").arg(&archive).arg("-C").arg(&unpacked);
        process::check(&mut tar, UNPACK_LIMIT)?;
        allow_to_run(&unpacked.join(program.file_name().unwrap_or_default()))?;
        std::fs::rename(&unpacked, &folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    Ok(program)
}

/// The folder for PSModulePath that has this module; `pwsh` unpacks it, for a zip needs no other tool then.
pub fn module(workspace: &Workspace, pwsh: &Path, module: &Module) -> Result<PathBuf> {
    let modules = tools(workspace).join("modules");
    let folder = modules.join(module.name).join(module.version);
    if !folder.is_dir() {
        let archive = fetch(
            workspace,
            &Pinned {
                address: &format!("{GALLERY}{}/{}", module.name, module.version),
                file: &format!("{}.{}.nupkg", module.name, module.version),
                sha256: module.sha256,
            },
        )?;
        let unpacked = empty_folder(&tools(workspace).join("module.part"))?;
        let script =
            "[System.IO.Compression.ZipFile]::ExtractToDirectory($env:ARCHIVE, $env:FOLDER)";
        let mut unzip = workspace.command(pwsh);
        unzip.args(["-NoProfile", "-NonInteractive", "-Command", script]);
        unzip.env("ARCHIVE", &archive).env("FOLDER", &unpacked);
        process::check(&mut unzip, UNPACK_LIMIT)?;
        std::fs::create_dir_all(modules.join(module.name))?;
        std::fs::rename(&unpacked, &folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    Ok(modules)
}

fn tools(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools")
}

fn empty_folder(folder: &Path) -> Result<PathBuf> {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder.to_owned())
}

/// Downloads a file with curl and keeps it only when its digest is the pinned one.
fn fetch(workspace: &Workspace, pinned: &Pinned<'_>) -> Result<PathBuf> {
    let folder = tools(workspace).join("downloads");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let kept = folder.join(pinned.file);
    if kept.is_file() && digest(&kept)? == pinned.sha256 {
        return Ok(kept);
    }
    let part = folder.join(format!("{}.part", pinned.file));
    let mut curl = workspace.command("curl");
    curl.args([
        "--fail",
        "--silent",
        "--show-error",
        "--location",
        "--connect-timeout",
        "15",
        "--output",
    ]);
    curl.arg(&part).arg(pinned.address);
    let finished = process::run(&mut curl, DOWNLOAD_LIMIT)?;
    if !finished.status.success() {
        bail!(
            "{} cannot be had: {}",
            pinned.address,
            finished.output.trim()
        );
    }
    let found = digest(&part)?;
    if found != pinned.sha256 {
        std::fs::remove_file(&part)?;
        bail!(
            "{} has the SHA-256 {found} and not {}: not used",
            pinned.address,
            pinned.sha256
        );
    }
    std::fs::rename(&part, &kept)?;
    Ok(kept)
}

fn digest(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// The archive's pwsh comes without its run bit.
#[cfg(unix)]
fn allow_to_run(program: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755))
        .with_context(|| format!("{} is not in the archive", program.display()))
}

#[cfg(not(unix))]
fn allow_to_run(_program: &Path) -> Result<()> {
    Ok(())
}
