# Warm calls in one process, sides alternating: a list of one token, a token made and removed again (from an object and
# from JSON text), and the removal of an id that is not there.
# Prints one line a side, `NAME MICROSECONDS`, the median of its calls.
param([Parameter(Mandatory)][string]$Module, [int]$Rounds = 15, [int]$Calls = 60)

$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'raw.ps1')
Import-Module $Module
Disable-OwnPacing

$missing = '0' * 32
$list = "$env:SAIL_BASE_URL/v2024/personal-access-tokens?owner-id=me"
$delete = "$env:SAIL_BASE_URL/v2024/personal-access-tokens/$missing"
$client = New-RawClient
$headers = @{ Authorization = "Bearer $env:BENCH_BEARER" }
$tokens = "$env:SAIL_BASE_URL/v2024/personal-access-tokens"
$script:made = 0

$sides = [ordered]@{
    'list-httpclient' = { $null = $client.GetStringAsync($list).GetAwaiter().GetResult() }
    'list-restmethod' = { $null = Invoke-RestMethod -Uri $list -Headers $headers }
    'list-module' = { $null = Get-V2024PersonalAccessTokens -OwnerId 'me' }
    'pair-restmethod' = {
        $body = @{ name = "r$($script:made++)"; scope = @('sp:scopes:default') } | ConvertTo-Json
        $token = Invoke-RestMethod -Method Post -Uri $tokens -Headers $headers -Body $body -ContentType 'application/json'
        $null = Invoke-RestMethod -Method Delete -Uri "$tokens/$($token.id)" -Headers $headers
    }
    'pair-module' = {
        $token = New-V2024PersonalAccessToken @{ name = "m$($script:made++)"; scope = @('sp:scopes:default') }
        Remove-V2024PersonalAccessToken $token.id -Confirm:$false
    }
    'pair-json' = {
        $token = New-V2024PersonalAccessToken "{`"name`":`"j$($script:made++)`",`"scope`":[`"sp:scopes:default`"]}"
        Remove-V2024PersonalAccessToken $token.id -Confirm:$false
    }
    'missing-httpclient' = { $client.DeleteAsync($delete).GetAwaiter().GetResult().Dispose() }
    'missing-module' = { try { Remove-V2024PersonalAccessToken -Id $missing -Confirm:$false } catch { $null = $_ } }
}

# The engine compiles a script block after some thirty runs; nobody's warm call is one of the first.
foreach ($side in $sides.Values) { foreach ($call in 1..80) { . $side } }

$times = @{}
foreach ($name in $sides.Keys) { $times[$name] = [System.Collections.Generic.List[double]]::new() }
$watch = [System.Diagnostics.Stopwatch]::new()
foreach ($round in 1..$Rounds) {
    foreach ($name in $sides.Keys) {
        $side = $sides[$name]
        $mine = $times[$name]
        for ($call = 0; $call -lt $Calls; $call++) {
            $watch.Restart()
            . $side
            $mine.Add($watch.Elapsed.TotalMicroseconds)
        }
    }
}
foreach ($name in $sides.Keys) {
    $sorted = [double[]]$times[$name].ToArray()
    [Array]::Sort($sorted)
    $median = $sorted[[int][math]::Floor($sorted.Length / 2)]
    "$name $median"
}
