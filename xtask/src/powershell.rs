//! Finds a PowerShell and lays the module out as a user gets it: the script joined from its parts, and the native
//! library.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::artifacts::Artifacts;
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

const JOIN_LIMIT: Duration = Duration::from_secs(300);

pub struct PowerShell {
    program: PathBuf,
    /// Folders to search for modules before all others: the one that $SAILPAT_MODULES names, the one that modules were
    /// brought to.
    modules: Vec<PathBuf>,
    /// PowerShell does not start without ICU unless it is told to do without.
    invariant: bool,
}

impl PowerShell {
    /// $SAILPAT_PWSH, then PATH, then the pinned release.
    pub fn find(workspace: &Workspace) -> Result<Self> {
        let named = std::env::var_os("SAILPAT_PWSH")
            .filter(|value| !value.is_empty())
            .map(PathBuf::from);
        if let Some(program) = named {
            if !program.is_file() {
                bail!(
                    "SAILPAT_PWSH names {}, which is not there",
                    program.display()
                );
            }
            return Ok(Self::at(std::path::absolute(program)?));
        }
        if let Some(program) = process::find("pwsh") {
            return Ok(Self::at(program));
        }
        let program = tools::powershell(workspace)?;
        Ok(Self {
            invariant: true,
            ..Self::at(program)
        })
    }

    fn at(program: PathBuf) -> Self {
        Self {
            program,
            modules: Vec::new(),
            invariant: false,
        }
    }

    /// Sees to it that Pester of this major version can be imported.
    pub fn with_pester(mut self, workspace: &Workspace, major: u8) -> Result<Self> {
        let question = format!(
            "@(Get-Module Pester -ListAvailable | Where-Object {{ $_.Version.Major -eq {major} }}).Count"
        );
        let mut command = self.command(workspace);
        command.args(["-Command", &question]);
        let found = process::check(&mut command, Duration::from_secs(120))?;
        if found.trim() == "0" {
            let pester = if major == 5 {
                &tools::PESTER_5
            } else {
                &tools::PESTER_6
            };
            let folder = tools::module(workspace, &self.program, pester)?;
            self.add(folder);
        }
        Ok(self)
    }

    /// Sees to it that the modules can be imported: from the folder that $SAILPAT_MODULES names, else fetched. Gives
    /// back their folder, too.
    pub fn with_modules(
        mut self,
        workspace: &Workspace,
        wanted: &[tools::Module],
    ) -> Result<(Self, PathBuf)> {
        let named = std::env::var_os("SAILPAT_MODULES").filter(|value| !value.is_empty());
        let folder = match named.map(PathBuf::from) {
            Some(folder) => {
                for module in wanted {
                    if !folder.join(module.name).is_dir() {
                        bail!(
                            "SAILPAT_MODULES names {}, which has no {}",
                            folder.display(),
                            module.name
                        );
                    }
                }
                folder
            }
            None => {
                let mut folder = PathBuf::new();
                for module in wanted {
                    folder = tools::module(workspace, &self.program, module)?;
                }
                folder
            }
        };
        self.add(folder.clone());
        Ok((self, folder))
    }

    fn add(&mut self, folder: PathBuf) {
        if !self.modules.contains(&folder) {
            self.modules.push(folder);
        }
    }

    /// A command that needs only the script and its arguments.
    pub fn command(&self, workspace: &Workspace) -> Command {
        let mut command = workspace.command(&self.program);
        command.args(["-NoProfile", "-NonInteractive"]);
        command
            .env("POWERSHELL_TELEMETRY_OPTOUT", "1")
            .env("POWERSHELL_UPDATECHECK", "Off");
        if self.invariant && std::env::var_os("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT").is_none() {
            command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
        }
        if !self.modules.is_empty() {
            let known = std::env::var_os("PSModulePath").unwrap_or_default();
            let folders = self
                .modules
                .iter()
                .cloned()
                .chain(std::env::split_paths(&known));
            if let Ok(path) = std::env::join_paths(folders) {
                command.env("PSModulePath", path);
            }
        }
        command
    }

    pub fn script(&self, workspace: &Workspace, file: &Path) -> Command {
        let mut command = self.command(workspace);
        command.arg("-File").arg(file);
        command
    }
}

/// `cargo xtask module`: builds the library and says where the module is that has it.
pub fn module(workspace: &Workspace) -> Result<ExitCode> {
    let artifacts = Artifacts::build(workspace)?;
    println!("{}", lay_out_module(workspace, &artifacts)?.display());
    Ok(ExitCode::SUCCESS)
}

/// The module without a native library, in an emptied folder: its parts joined into the one script that ships.
pub fn join(workspace: &Workspace, module: &Path) -> Result<()> {
    let host = PowerShell::find(workspace)
        .context("joining the parts of the module needs PowerShell 7.4 or later: install it, or name it with SAILPAT_PWSH")?;
    let _ = std::fs::remove_dir_all(module);
    copy_folder(&workspace.root.join("powershell").join("SailPat"), module)?;
    // A library that somebody put there by hand is not the one to use.
    let _ = std::fs::remove_dir_all(module.join("runtimes"));
    let script = workspace.root.join("powershell").join("join.ps1");
    let mut command = host.script(workspace, &script);
    process::check(command.arg("-Module").arg(module), JOIN_LIMIT)?;
    Ok(())
}

/// target/powershell/SailPat: the module's files and this machine's library. Returns the path of SailPat.psd1.
pub fn lay_out_module(workspace: &Workspace, artifacts: &Artifacts) -> Result<PathBuf> {
    let modules = workspace.target.join("powershell");
    lay_out(
        workspace,
        &modules,
        &runtime_identifier(),
        &artifacts.library,
    )
}

/// As `lay_out_module`, into a folder of modules and with a library of some platform.
pub fn lay_out(
    workspace: &Workspace,
    modules: &Path,
    runtime: &str,
    library: &Path,
) -> Result<PathBuf> {
    let module = modules.join("SailPat");
    join(workspace, &module)?;
    let native = module.join("runtimes").join(runtime).join("native");
    std::fs::create_dir_all(&native)?;
    let name = library.file_name().context("the library has a name")?;
    std::fs::copy(library, native.join(name))
        .with_context(|| format!("cannot copy {}", library.display()))?;
    Ok(module.join("SailPat.psd1"))
}

/// This machine's name in .NET's list of runtimes.
pub fn runtime_identifier() -> String {
    let system = match std::env::consts::OS {
        "windows" => "win",
        "macos" => "osx",
        "linux" if cfg!(target_env = "musl") => "linux-musl",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}-{processor}")
}

pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    let entries =
        std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
