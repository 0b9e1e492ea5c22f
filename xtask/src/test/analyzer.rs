//! PSScriptAnalyzer over every script of the project, with the rules that the settings beside the module leave on.

use std::time::Duration;

use anyhow::Result;

use super::Context;
use super::report::{self, Outcome};
use crate::powershell::PowerShell;
use crate::process;
use crate::tools;

const LIMIT: Duration = Duration::from_secs(10 * 60);

pub fn run(context: &Context) -> Result<Outcome> {
    let workspace = &context.workspace;
    let found = PowerShell::find(workspace)
        .and_then(|host| host.with_modules(workspace, &[tools::ANALYZER]));
    let host = match found {
        Ok((host, _)) => host,
        Err(error) => {
            return Ok(Outcome::skipped(format!("no PSScriptAnalyzer: {error:#}")));
        }
    };
    let script = workspace.root.join("xtask").join("analyzer.ps1");
    let mut command = host.script(workspace, &script);
    let finished = process::run(&mut command, LIMIT)?;
    let mut outcome = report::counts(&finished.output).unwrap_or_default();
    if !finished.status.success() || outcome.passed == 0 {
        outcome.failed = outcome.failed.max(1);
        outcome.output = finished.output;
    }
    Ok(outcome)
}
