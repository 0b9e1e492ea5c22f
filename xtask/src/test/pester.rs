//! The tests of the PowerShell module, run by a real host with Pester.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::{self, Outcome};
use crate::powershell::{self, PowerShell};
use crate::process;

const LIMIT: Duration = Duration::from_secs(15 * 60);

pub fn run(context: &Context) -> Result<Outcome> {
    let module = powershell::lay_out_module(&context.workspace, context.artifacts()?)?;
    suite(context, &module)
}

/// The whole suite, with the module whose manifest is named.
pub fn suite(context: &Context, module: &Path) -> Result<Outcome> {
    with_module(context, module.as_os_str(), None)
}

/// The whole suite, with the module that has its name in a folder of modules.
pub fn installed(context: &Context, modules: &Path) -> Result<Outcome> {
    with_module(context, "SailPat".as_ref(), Some(modules))
}

fn with_module(context: &Context, module: &OsStr, modules: Option<&Path>) -> Result<Outcome> {
    let workspace = &context.workspace;
    let host = match PowerShell::find(workspace).and_then(|host| host.with_pester(workspace)) {
        Ok(host) => host,
        Err(error) => {
            return Ok(Outcome::skipped(first_line(&format!(
                "no PowerShell with Pester: {error:#}"
            ))));
        }
    };
    let mut command = host.script(workspace, &workspace.root.join("xtask").join("pester.ps1"));
    command
        .arg("-Path")
        .arg(workspace.root.join("tests").join("powershell"));
    command
        .env("SAILPAT_MODULE", module)
        .env("SAILPAT_EMULATOR", &context.artifacts()?.emulator);
    if let Some(modules) = modules {
        let given = command
            .get_envs()
            .find_map(|(name, value)| (name == "PSModulePath").then_some(value).flatten())
            .map(OsStr::to_owned);
        let known = given
            .or_else(|| std::env::var_os("PSModulePath"))
            .unwrap_or_default();
        let folders = std::iter::once(modules.to_owned()).chain(std::env::split_paths(&known));
        command.env("PSModulePath", std::env::join_paths(folders)?);
    }
    // A test that writes to the current folder does not write into the checkout.
    command.current_dir(workspace.scratch("pester")?);
    let finished = process::run(&mut command, LIMIT)?;

    let mut outcome = report::counts(&finished.output).unwrap_or_default();
    if !finished.status.success() || outcome.passed == 0 {
        outcome.failed = outcome.failed.max(1);
        outcome.output = finished.output;
    } else if outcome.skipped > 0 {
        outcome.reason = "tests that skip themselves".to_owned();
    }
    Ok(outcome)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
