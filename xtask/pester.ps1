# Runs *.Tests.ps1 files and ends with the line that `cargo xtask test` reads.
[CmdletBinding(PositionalBinding = $false)]
param(
    # Files in the order in which they run, or folders of files.
    [Parameter(Mandatory, ValueFromRemainingArguments)][string[]]$Path,
    # The major version of Pester; the newest one of it that is found.
    [int]$Pester = 5,
    # The culture that the process was started in, by LC_ALL; `invariant` for a process without ICU.
    [string]$Culture,
    # The folder of a module, and the file that gets which of its lines ran: path, line, 1 or 0.
    [string]$Cover,
    [string]$CoverTo
)

$ErrorActionPreference = 'Stop'

# A culture that could not be had would let every test of it pass.
if ($Culture) {
    $found = if ([cultureinfo]::GetCultures('AllCultures').Count -le 1) { 'invariant' } else { [cultureinfo]::CurrentCulture.Name }
    if ($found -cne $Culture) { throw "The culture here is $found and not $Culture." }
}

Import-Module Pester -MinimumVersion "$Pester.0" -MaximumVersion "$Pester.999"

# What ran, in lines. A line counts when anything on it did.
function Save-Coverage($Coverage, [string]$File) {
    $lines = [Collections.Generic.SortedDictionary[string, int]]::new([StringComparer]::Ordinal)
    foreach ($command in $Coverage.CommandsMissed) { $lines["$($command.File)`t$($command.Line)"] = 0 }
    foreach ($command in $Coverage.CommandsExecuted) { $lines["$($command.File)`t$($command.Line)"] = 1 }
    [IO.File]::WriteAllLines($File, [string[]]@(foreach ($line in $lines.GetEnumerator()) { "$($line.Key)`t$($line.Value)" }))
}

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
if ($Cover) {
    $configuration.CodeCoverage.Enabled = $true
    $configuration.CodeCoverage.Path =
        [string[]]@([IO.Directory]::GetFiles($Cover, '*.ps*1', 'AllDirectories') | Where-Object { $_ -match '\.psm?1$' })
    # By tracing, which costs little; breakpoints make the module several times slower.
    $configuration.CodeCoverage.UseBreakpoints = $false
    # Nobody reads the report; of those that Pester knows this one takes the least time, a fifth of what JaCoCo's takes.
    $configuration.CodeCoverage.OutputFormat = 'Cobertura'
    $configuration.CodeCoverage.OutputPath = "$CoverTo.xml"
}
$result = Invoke-Pester -Configuration $configuration
if ($Cover) { Save-Coverage $result.CodeCoverage $CoverTo }

# The slowest of them, for the table of `cargo xtask test`.
$slowest = $result.Tests | Sort-Object Duration -Descending | Select-Object -First 10
foreach ($test in $slowest) {
    $file = [IO.Path]::GetFileName($test.ScriptBlock.File).Replace('.Tests.ps1', '')
    $seconds = $test.Duration.TotalSeconds.ToString('0.00', [cultureinfo]::InvariantCulture)
    "took $seconds s`t${file}: $($test.ExpandedPath -replace '\s+', ' ')"
}

# A file that does not even parse has no tests to fail: only the result as a whole tells.
$failed = $result.FailedCount
if ($failed -eq 0 -and $result.Result -ne 'Passed') { $failed = 1 }
"$($result.PassedCount) passed, $failed failed, $($result.SkippedCount + $result.NotRunCount) skipped"
exit ([int]($failed -gt 0))
