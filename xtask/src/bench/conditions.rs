//! What a table of figures has to say about where it was made.

use std::time::Duration;

use crate::powershell::PowerShell;
use crate::process;
use crate::workspace::Workspace;

pub fn line(workspace: &Workspace) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let system = output(workspace.command("uname").arg("-srm"));
    let rust = output(workspace.command("rustc").arg("--version"));
    let powershell = PowerShell::find(workspace).map_or_else(
        |_| "no PowerShell".to_owned(),
        |host| {
            let question = "'PowerShell ' + $PSVersionTable.PSVersion";
            output(host.command(workspace).args(["-Command", question]))
        },
    );
    format!(
        "{cores} cores, {system}, {rust}, {powershell}; emulator on the same machine, loopback; medians"
    )
}

fn output(command: &mut std::process::Command) -> String {
    let text = process::check(command, Duration::from_secs(60));
    text.map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}
