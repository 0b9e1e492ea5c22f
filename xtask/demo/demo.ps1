# Personal access tokens from PowerShell, from sign-in to removal, against the emulator of this repository.
# `cargo xtask demo` starts it with SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET set, as a user would set them.
param([Parameter(Mandatory)][string]$Module)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3

$colour = $Host.UI.SupportsVirtualTerminal -and -not [Console]::IsOutputRedirected -and -not $env:NO_COLOR
function Write-Line([string]$Text, [string]$Code) {
    if ($colour) { $Text = "$([char]27)[${Code}m$Text$([char]27)[0m" }
    $Host.UI.WriteLine($Text)
}
function Write-Step([string]$Text) { Write-Line "`n$Text" '1;36' }
function Write-Command([string]$Text) { Write-Line "PS> $Text" '33' }
function Write-Seen($Shown) {
    foreach ($line in ($Shown | Out-String -Width 110).Trim("`r", "`n") -split "`r?`n") { $Host.UI.WriteLine("    $line") }
}

# A secret is shown as a user recognises it, and never whole.
function Hide-Middle([string]$Secret) { $Secret.Substring(0, 4) + ('.' * 8) + $Secret.Substring($Secret.Length - 4) }

$clock = [System.Diagnostics.Stopwatch]::StartNew()
Import-Module $Module
Write-Step "The module SailPat is imported ($($clock.ElapsedMilliseconds) ms). The tenant is $env:SAIL_BASE_URL"

Write-Step '1. Sign in and look: one command does both'
Write-Command "Get-V2024PersonalAccessTokens -OwnerId 'me'"
Write-Seen (Get-V2024PersonalAccessTokens -OwnerId 'me' | Format-Table id, name, managed, expirationDate)

Write-Step '2. Create a token. Its secret is shown this once'
Write-Command `
    ("`$request = Initialize-V2024CreatePersonalAccessTokenRequest -Name 'nightly report' -Scope 'sp:scopes:all' " +
    "-AccessTokenValiditySeconds 3600")
Write-Command 'New-V2024PersonalAccessToken -CreatePersonalAccessTokenRequest $request'
$request = Initialize-V2024CreatePersonalAccessTokenRequest -Name 'nightly report' -Scope 'sp:scopes:all' -AccessTokenValiditySeconds 3600
$token = New-V2024PersonalAccessToken -CreatePersonalAccessTokenRequest $request
Write-Seen ([pscustomobject]@{ id = $token.id; name = $token.name; secret = Hide-Middle $token.secret; expires = $token.expirationDate } |
    Format-List)

Write-Step '3. Rename it and narrow its scope, in one request'
$patch = @(
    @{ op = 'replace'; path = '/name'; value = 'nightly report, read only' }
    @{ op = 'replace'; path = '/scope'; value = @('idn:my-personal-access-tokens:read') }
)
Write-Command "`$patch = @{ op = 'replace'; path = '/name'; value = … }, @{ op = 'replace'; path = '/scope'; value = … }"
Write-Command 'Update-V2024PersonalAccessToken -Id $token.id -JsonPatchOperation $patch'
Write-Seen (Update-V2024PersonalAccessToken -Id $token.id -JsonPatchOperation $patch | Format-List id, name, scope)

Write-Step '4. A change that the service refuses comes with its status and its words'
Write-Command "Update-V2024PersonalAccessToken -Id `$token.id -JsonPatchOperation @{ op = 'replace'; path = '/description'; value = 'x' }"
$refused = $null
try {
    $null = Update-V2024PersonalAccessToken -Id $token.id -JsonPatchOperation @{ op = 'replace'; path = '/description'; value = 'x' }
} catch {
    $refused = $_
}
if ($null -eq $refused) { throw 'The patch of /description was expected to be refused.' }
Write-Seen "StatusCode    $($refused.Exception.Response.StatusCode.value__)"
Write-Seen "ErrorDetails  $($refused.ErrorDetails)"

Write-Step '5. Remove it: first what would happen, then really'
Write-Command 'Remove-V2024PersonalAccessToken -Id $token.id -WhatIf'
Remove-V2024PersonalAccessToken -Id $token.id -WhatIf
Write-Command 'Remove-V2024PersonalAccessToken -Id $token.id'
$null = Remove-V2024PersonalAccessToken -Id $token.id
$left = @(Get-V2024PersonalAccessTokens -OwnerId 'me')
if ($left.id -contains $token.id) { throw 'The token is still there.' }
Write-Seen "gone; $($left.Count) token left, the one that signed in"
