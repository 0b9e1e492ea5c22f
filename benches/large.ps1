# One list of very many tokens into objects, in a fresh process.
# Prints three numbers: milliseconds, megabytes of resident memory at the peak over idle, number of objects.
param([Parameter(Mandatory)][string]$Module, [Parameter(Mandatory)][ValidateSet('module', 'sailpat', 'httpclient')][string]$Side)

$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'raw.ps1')

# The same fields as the module's own class, without anything around them.
[NoRunspaceAffinity()]
class RawOwner { [string]$type; [string]$id; [string]$name }
[NoRunspaceAffinity()]
class RawToken {
    [string]$id; [string]$name; [string[]]$scope; [RawOwner]$owner; [datetime]$created; [System.Nullable[datetime]]$lastUsed
    [bool]$managed; [System.Nullable[int]]$accessTokenValiditySeconds; [System.Nullable[datetime]]$expirationDate
}

# VmHWM and VmRSS in kilobytes; the peak starts anew where the system allows it.
function Get-Memory([string]$Name) {
    $line = [System.IO.File]::ReadAllLines('/proc/self/status') -match "^${Name}:"
    [long](($line -split '\s+')[1])
}

Import-Module $Module
Disable-OwnPacing
# Both sides have made their first connection and read their first token before the clock runs.
$null = if ($Side -eq 'sailpat') { Get-SailPat -Mine } else { Get-V2024PersonalAccessTokens -OwnerId 'me' }
$client = New-RawClient
$one = $client.GetStringAsync("$env:SAIL_BASE_URL/v2024/personal-access-tokens?owner-id=me").GetAwaiter().GetResult()
$null = [System.Text.Json.JsonSerializer]::Deserialize($one, [RawToken[]])

[GC]::Collect()
$idle = Get-Memory 'VmRSS'
[System.IO.File]::WriteAllText('/proc/self/clear_refs', '5')
$watch = [System.Diagnostics.Stopwatch]::StartNew()
if ($Side -eq 'module') {
    $tokens = Get-V2024PersonalAccessTokens
} elseif ($Side -eq 'sailpat') {
    $tokens = Get-SailPat
} else {
    $text = $client.GetStringAsync("$env:SAIL_BASE_URL/v2024/personal-access-tokens").GetAwaiter().GetResult()
    $tokens = [System.Text.Json.JsonSerializer]::Deserialize($text, [RawToken[]])
}
$took = $watch.Elapsed.TotalMilliseconds
$peak = ((Get-Memory 'VmHWM') - $idle) / 1024
"$took $peak $($tokens.Count)"
