//! Where things are: the checkout, its target folder, and the cargo that runs this.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::clock::Clock;

/// The variables that tell the library about a tenant.
const SETTINGS: [&str; 6] = [
    "SAIL_BASE_URL",
    "SAIL_CLIENT_ID",
    "SAIL_CLIENT_SECRET",
    "BASE_URL",
    "CLIENT_ID",
    "CLIENT_SECRET",
];

pub struct Workspace {
    pub root: PathBuf,
    pub target: PathBuf,
    cargo: OsString,
    /// The clock that programs of tests are given, where that is not the true one.
    pub clock: Option<Clock>,
}

impl Workspace {
    /// Asks cargo, since a target folder can be set in the environment or in a configuration file.
    pub fn find() -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(&cargo);
        command
            .args([
                "metadata",
                "--no-deps",
                "--offline",
                "--format-version",
                "1",
            ])
            .current_dir(folder);
        let reply = command.output().context("cannot start cargo metadata")?;
        let metadata: Value = serde_json::from_slice(&reply.stdout).with_context(|| {
            format!(
                "cargo metadata failed: {}",
                String::from_utf8_lossy(&reply.stderr)
            )
        })?;
        let path = |key: &str| -> Result<PathBuf> {
            let value = metadata[key].as_str();
            Ok(value
                .with_context(|| format!("cargo metadata names no {key}"))?
                .into())
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            cargo,
            clock: None,
        })
    }

    /// A cargo that runs at the top of the checkout. Of what it starts, tests alone have the workspace's clock.
    pub fn cargo(&self) -> Command {
        let mut command = self.command_by_the_true_clock(&self.cargo);
        if let Some(clock) = &self.clock {
            command.arg("--config").arg(clock.runner());
        }
        command
    }

    /// Any other program, at the top of the checkout.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.command_by_the_true_clock(program);
        if let Some(clock) = &self.clock {
            command.envs(clock.variables());
        }
        command
    }

    fn command_by_the_true_clock(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // `cargo run` points this at the debug build; a program here is to find the library that it is told.
        command
            .current_dir(&self.root)
            .env_remove("LD_LIBRARY_PATH")
            // A test of this program may itself have been given another clock.
            .env_remove("LD_PRELOAD");
        // Whoever runs the chores may have a real tenant in these: nothing here may ever reach it.
        for variable in SETTINGS {
            command.env_remove(variable);
        }
        command
    }

    /// A folder under target for what xtask makes, there when this returns.
    pub fn scratch(&self, name: &str) -> Result<PathBuf> {
        let folder = self.target.join("xtask").join(name);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }
}
