//! Every block of README.md, run in the order of the page as a reader would: each finds what those before it have left,
//! in a home of its own, and speaks to an emulator.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail, ensure};

use super::blocks::{self, Block};
use super::{LIMIT, page, run_c};
use crate::emulator::Emulator;
use crate::libraries::Native;
use crate::package;
use crate::powershell::PowerShell;
use crate::process;
use crate::test::Context;
use crate::test::report::Outcome;

/// Why a block of PowerShell is left out.
pub const NO_HOST: &str = "no PowerShell with a home that can be moved";

/// How a block runs.
struct Row {
    /// What its text begins with.
    block: &'static str,
    run: fn(&Room<'_>, &Row, &str) -> Result<Outcome>,
    /// What stands for a reader's own things: a tenant that has a name, a person at the prompt.
    before: &'static str,
    /// What a reader finds afterwards.
    after: &'static str,
}

const ROWS: &[Row] = &[
    Row {
        block: "cargo xtask demo ",
        run: in_checkout,
        before: "",
        after: "",
    },
    Row {
        block: "Register-PSResourceRepository ",
        run: in_powershell,
        before: "",
        after: "if (-not (Get-PSResource SailPat)) { throw 'it is not installed' }",
    },
    Row {
        block: "Update-PSResource ",
        run: in_powershell,
        before: "",
        after: "if (Get-PSResource SailPat -ErrorAction Ignore) { throw 'it is still installed' }",
    },
    Row {
        block: "Expand-Archive ",
        run: in_powershell,
        before: "",
        after: "if (-not (Get-Module SailPat -ListAvailable)) { throw 'it is not found by its name' }",
    },
    Row {
        block: "cargo xtask install ",
        run: in_checkout,
        before: "",
        after: r#"test -f "$DESTDIR/usr/local/lib/pkgconfig/sailpat.pc""#,
    },
    Row {
        block: "Import-Module SailPat",
        run: in_powershell,
        before: "",
        after: "if ($token.secret.Length -ne 64) { throw 'the secret is not shown' }
            if (@(Get-V2024PersonalAccessTokens -OwnerId me).Count -ne 1) { throw 'the token is still there' }",
    },
    Row {
        block: "Test-SailPatConnection ",
        run: in_powershell,
        before: "",
        after: "if (-not (Test-SailPatConnection -Quiet)) { throw 'something is wrong' }",
    },
    Row {
        block: "#include <stdio.h>",
        run: as_first_c,
        before: "",
        after: "",
    },
    Row {
        block: "cc first.c ",
        run: with_installed_library,
        before: "",
        after: r#"./first | grep '"ok":true,"status":200'"#,
    },
    Row {
        block: "Invoke-SailPatRotation ",
        run: in_powershell,
        before: "@{ BaseURL = $env:SAIL_BASE_URL; ClientId = $env:SAIL_CLIENT_ID; ClientSecret = $env:SAIL_CLIENT_SECRET } | ConvertTo-Json | Set-Content config.json
            Remove-Item Env:SAIL_*",
        after: "if (@(Get-SailPatRotation)[0].state -ne 'done') { throw 'it is not done' }
            if (-not @(Get-SailPat -Mine)[0].isTokenInUse) { throw 'the new pair does not sign in' }
            Remove-Item config.json",
    },
    Row {
        block: "Set-SailPatProfile ",
        run: in_powershell,
        before: "$ConfirmPreference = 'None'
            function Get-Credential { [pscredential]::new($env:SAIL_CLIENT_ID, (ConvertTo-SecureString $env:SAIL_CLIENT_SECRET -AsPlainText -Force)) }
            Set-SailPatProfile lab -BaseUrl https://tenant.api.identitynow.com -Credential (Get-Credential)",
        after: "if ((Get-SailPatProfile).Count -ne 2) { throw 'these are not the two profiles' }",
    },
];

pub fn run(room: &Room<'_>) -> Result<Outcome> {
    let readme = page(&room.context.workspace.root, "README.md")?;
    let mut outcome = Outcome::default();
    let mut left: Vec<&Row> = ROWS.iter().collect();
    for block in blocks::of(&readme)? {
        let row = take(&mut left, &block)?;
        outcome.add((row.run)(room, row, block.text)?);
    }
    let gone: Vec<&str> = left.iter().map(|row| row.block).collect();
    ensure!(
        gone.is_empty(),
        "README.md has no block any more that begins with {gone:?}"
    );
    Ok(outcome)
}

fn take<'r>(left: &mut Vec<&'r Row>, block: &Block<'_>) -> Result<&'r Row> {
    let found = left
        .iter()
        .position(|row| block.text.starts_with(row.block));
    match found {
        Some(number) => Ok(left.remove(number)),
        None => bail!(
            "nothing runs this block of README.md, in {}: it needs a row in documents/readme.rs\n{}",
            block.language,
            block.text
        ),
    }
}

/// Where a reader works: a home, the packages of a release, what was installed.
pub struct Room<'c> {
    pub context: &'c Context,
    folder: PathBuf,
    host: Option<PowerShell>,
}

impl<'c> Room<'c> {
    pub fn new(context: &'c Context) -> Result<Self> {
        let folder = context.workspace.scratch("examples")?.join("room");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("home/.config"))?;
        // What is installed on Windows lands in the user's own folders, whatever HOME says.
        let host = match cfg!(windows) {
            true => None,
            false => PowerShell::find(&context.workspace).ok(),
        };
        if host.is_some() {
            let native = Native::host(&context.artifacts()?.library)?;
            package::make_module(&context.workspace, &[native], &folder.join("packages"))?;
        }
        Ok(Self {
            context,
            folder,
            host,
        })
    }

    /// Where README.md unpacks the module to: PowerShell's own place for it on Linux.
    fn modules(&self) -> PathBuf {
        self.folder.join("home/.local/share/powershell/Modules")
    }

    /// What `cargo xtask install` put there.
    fn stage(&self) -> PathBuf {
        self.folder.join("stage")
    }

    /// Runs a script with the module that was unpacked, speaking to `emulator`; gives back what it prints.
    pub fn powershell(&self, emulator: &Emulator, script: &str) -> Result<Option<String>> {
        let Some(host) = &self.host else {
            return Ok(None);
        };
        let file = self.folder.join("block.ps1");
        std::fs::write(&file, format!("$ErrorActionPreference = 'Stop'\n{script}"))?;
        let mut command = host.script(&self.context.workspace, &file);
        command
            .current_dir(&self.folder)
            .env("HOME", self.folder.join("home"))
            .env("PSModulePath", self.modules());
        for variable in [
            "XDG_DATA_HOME",
            "XDG_CONFIG_HOME",
            "XDG_CACHE_HOME",
            "SAILPAT_HOME",
            "SAILPAT_CHANGE_LOG",
        ] {
            command.env_remove(variable);
        }
        Ok(Some(process::check(emulator.settle(&mut command), LIMIT)?))
    }
}

fn emulator(context: &Context) -> Result<Emulator> {
    Emulator::start(&context.workspace, context.artifacts()?, &[])
}

fn in_powershell(room: &Room<'_>, row: &Row, text: &str) -> Result<Outcome> {
    let emulator = emulator(room.context)?;
    let script = format!("{}\n{text}\n{}", row.before, row.after)
        .replace("https://tenant.api.identitynow.com", &emulator.url);
    Ok(match room.powershell(&emulator, &script)? {
        Some(_) => Outcome::passed(),
        None => Outcome::skipped(NO_HOST.to_owned()),
    })
}

/// As a program of its own, and kept under the name that the next block compiles it by.
fn as_first_c(room: &Room<'_>, _: &Row, text: &str) -> Result<Outcome> {
    std::fs::write(room.folder.join("first.c"), text)?;
    run_c(room.context, "readme-example", text)
}

/// At the top of the checkout. What would go to the system goes to a folder that DESTDIR names.
fn in_checkout(room: &Room<'_>, row: &Row, text: &str) -> Result<Outcome> {
    let mut command = room.context.workspace.command("sh");
    command.env("DESTDIR", room.stage());
    in_shell(room, command, row, text)
}

/// In the reader's own folder, with what was installed in DESTDIR as if that were the system.
fn with_installed_library(room: &Room<'_>, row: &Row, text: &str) -> Result<Outcome> {
    if process::find("pkg-config").is_none() || process::find("cc").is_none() {
        return Ok(Outcome::skipped("no cc or no pkg-config".to_owned()));
    }
    let libraries = room.stage().join("usr/local/lib");
    let mut command = room.context.workspace.command("sh");
    command
        .current_dir(&room.folder)
        .env("PKG_CONFIG_PATH", libraries.join("pkgconfig"))
        .env("PKG_CONFIG_SYSROOT_DIR", room.stage())
        .env("LD_LIBRARY_PATH", &libraries)
        .env("DYLD_LIBRARY_PATH", &libraries);
    in_shell(room, command, row, text)
}

fn in_shell(room: &Room<'_>, mut command: Command, row: &Row, text: &str) -> Result<Outcome> {
    if process::find("sh").is_none() {
        return Ok(Outcome::skipped("no sh".to_owned()));
    }
    let file = room.folder.join("block.sh");
    std::fs::write(&file, format!("{}\n{text}\n{}\n", row.before, row.after))?;
    let emulator = emulator(room.context)?;
    process::check(emulator.settle(command.args(["-e", "-u"]).arg(file)), LIMIT)?;
    Ok(Outcome::passed())
}
