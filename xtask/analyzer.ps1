# Runs PSScriptAnalyzer over every script of the project, prints what it finds, and ends with the line that
# `cargo xtask test` reads: each script is a test.
param(
    [string]$Root = [IO.Path]::GetFullPath("$PSScriptRoot/.."),
    # Scripts to look at in place of all.
    [string[]]$Path
)

$ErrorActionPreference = 'Stop'
Import-Module PSScriptAnalyzer -MinimumVersion 1.25.0

# Rules of our own stand in modules beside the settings; a path in a settings file would be taken from the current folder.
# They are for what runs in the cultures of others: the module and the recipes.
$own = @(if ([IO.Directory]::Exists("$Root/powershell/analyzer")) { [IO.Directory]::GetFiles("$Root/powershell/analyzer", '*.psm1') })
function Get-Setting([string[]]$File, [string[]]$Rules) {
    $settings = Import-PowerShellDataFile "$Root/powershell/PSScriptAnalyzerSettings.psd1"
    foreach ($one in $File) { $settings.ExcludeRules += (Import-PowerShellDataFile $one).ExcludeRules }
    if ($Rules) { $settings.CustomRulePath = $Rules; $settings.IncludeDefaultRules = $true }
    $settings
}
$everywhere = Get-Setting
$shipped = Get-Setting -Rules $own
$inTests = Get-Setting "$Root/tests/powershell/PSScriptAnalyzerSettings.psd1"

if (-not $Path) {
    $Path = foreach ($folder in 'powershell', 'tests', 'docs', 'benches', 'xtask', 'examples') {
        foreach ($pattern in '*.ps1', '*.psm1', '*.psd1') { [IO.Directory]::GetFiles("$Root/$folder", $pattern, 'AllDirectories') }
    }
}
$bad = 0
function Test-Below([string]$File, [string]$Folder) {
    [IO.Path]::GetFullPath($File).StartsWith([IO.Path]::GetFullPath("$Root/$Folder") + [IO.Path]::DirectorySeparatorChar,
        [StringComparison]::Ordinal)
}
foreach ($file in $Path) {
    $settings = if (Test-Below $file tests/powershell) { $inTests }
    elseif ((Test-Below $file powershell/SailPat) -or (Test-Below $file docs/recipes)) { $shipped }
    else { $everywhere }
    # A class of another file is known once the module is loaded; a file alone cannot tell.
    $found = @(Invoke-ScriptAnalyzer -Path $file -Settings $settings -ErrorVariable trouble -ErrorAction SilentlyContinue |
        Where-Object RuleName -CNE 'TypeNotFound')
    # A rule that fails has found nothing.
    foreach ($failure in $trouble) { "${file}: $failure" }
    foreach ($record in $found) { "${file}:$($record.Line):$($record.Column): $($record.RuleName): $($record.Message)" }
    if ($found -or $trouble) { $bad++ }
}
"$($Path.Count - $bad) passed, $bad failed, 0 skipped"
exit ([int]($bad -gt 0))
