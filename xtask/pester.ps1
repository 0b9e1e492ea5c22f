# Runs every *.Tests.ps1 under Path and ends with the line that `cargo xtask test` reads.
param([Parameter(Mandatory)][string]$Path)

$ErrorActionPreference = 'Stop'
Import-Module Pester -MinimumVersion 5.0

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$result = Invoke-Pester -Configuration $configuration

# A file that does not even parse has no tests to fail: only the result as a whole tells.
$failed = $result.FailedCount
if ($failed -eq 0 -and $result.Result -ne 'Passed') { $failed = 1 }
"$($result.PassedCount) passed, $failed failed, $($result.SkippedCount + $result.NotRunCount) skipped"
exit ([int]($failed -gt 0))
