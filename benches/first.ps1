# The first call of a session, sign-in included, in a fresh process: the list of all tokens. Prints milliseconds.
# The module is imported before the clock runs; Invoke-RestMethod's assembly, which is PowerShell's own, is not.
param([Parameter(Mandatory)][string]$Module, [Parameter(Mandatory)][ValidateSet('module', 'restmethod')][string]$Side)

$ErrorActionPreference = 'Stop'
if ($Side -eq 'module') { Import-Module $Module }
$watch = [System.Diagnostics.Stopwatch]::StartNew()
if ($Side -eq 'module') { $tokens = Get-V2024PersonalAccessTokens -WarningAction Ignore }
else {
    $form = @{ grant_type = 'client_credentials'; client_id = $env:SAIL_CLIENT_ID; client_secret = $env:SAIL_CLIENT_SECRET }
    $bearer = Invoke-RestMethod -Method Post -Uri "$env:SAIL_BASE_URL/oauth/token" -Body $form
    $tokens = Invoke-RestMethod -Uri "$env:SAIL_BASE_URL/v2024/personal-access-tokens" `
        -Headers @{ Authorization = "Bearer $($bearer.access_token)" }
}
$took = $watch.Elapsed.TotalMilliseconds
if (@($tokens).Count -eq 0) { throw 'no token was listed' }
"$took"
