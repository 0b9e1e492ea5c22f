# One import of a module in a fresh process, then one more in a second runspace.
# Prints three numbers: milliseconds, megabytes more of resident memory, milliseconds in the second runspace.
param([Parameter(Mandatory)][string]$Module)

$ErrorActionPreference = 'Stop'
function Get-Resident {
    [GC]::Collect()
    $process = [System.Diagnostics.Process]::GetCurrentProcess()
    try { $process.WorkingSet64 } finally { $process.Dispose() }
}

# What any first import costs (the command itself, its own types) is not the module's.
$other = New-Module -Name Warm { function Get-Warm { } }
Import-Module $other
$before = Get-Resident
$watch = [System.Diagnostics.Stopwatch]::StartNew()
Import-Module $Module
$first = $watch.Elapsed.TotalMilliseconds
$grown = (Get-Resident) - $before

$runspace = [runspacefactory]::CreateRunspace()
$runspace.Open()
$shell = [powershell]::Create()
$shell.Runspace = $runspace
$null = $shell.AddScript('Import-Module (New-Module -Name Warm { function Get-Warm { } })').Invoke()
$shell.Commands.Clear()
$null = $shell.AddScript('param($Module) $ErrorActionPreference = "Stop"; Import-Module $Module').AddArgument($Module)
$watch.Restart()
$null = $shell.Invoke()
$second = $watch.Elapsed.TotalMilliseconds
if ($shell.HadErrors) { throw $shell.Streams.Error[0] }
"$first $($grown / 1MB) $second"
