# Registers the nightly rotation with the Task Scheduler. Run it once, as an administrator, with PowerShell 7.
param(
    # The account that owns the pair and runs the task: a group managed service account, which ends with $. Windows
    # then knows the password. For another account the last line needs -User and -Password in place of -Principal.
    [Parameter(Mandatory)][string]$Account,
    # The folder with config.json; rotate.ps1 is copied there.
    [string]$Folder = "$env:ProgramData\SailPat",
    [string]$At = '03:00'
)
$ErrorActionPreference = 'Stop'
[void](New-Item -ItemType Directory -Force $Folder)
$script = Join-Path $Folder 'rotate.ps1'
Copy-Item (Join-Path $PSScriptRoot 'rotate.ps1') $script -Force
$pwsh = (Get-Process -Id $PID).Path
$arguments = "-NoProfile -NonInteractive -File `"$script`" -Store `"$(Join-Path $Folder 'config.json')`" " +
    "-Log `"$(Join-Path $Folder 'rotate.log')`""
$task = @{
    TaskName = 'SailPat nightly rotation'
    Action = New-ScheduledTaskAction -Execute $pwsh -Argument $arguments -WorkingDirectory $Folder
    Trigger = New-ScheduledTaskTrigger -Daily -At $At
    # Password without a password: Windows asks the domain for that of a managed service account.
    Principal = New-ScheduledTaskPrincipal -UserId $Account -LogonType Password
    # Missed while the server was off: then as soon as it is up. Never two at once.
    Settings = New-ScheduledTaskSettingsSet -StartWhenAvailable -MultipleInstances IgnoreNew -ExecutionTimeLimit (New-TimeSpan -Minutes 30)
}
Register-ScheduledTask @task -Force
