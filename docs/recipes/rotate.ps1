# Resumes what is due, then rotates the token, each night. The exit status tells a scheduler: 0, all is well;
# 1, somebody has to look. Each line says what was done; none holds a secret.
[Diagnostics.CodeAnalysis.SuppressMessage('PSReviewUnusedParameter', 'Log', Justification = 'Write-Line reads it.')]
param(
    # Where the pair is read from and stored in: a path, or a table as Invoke-SailPatRotation takes it.
    [object]$Store = 'config.json',
    # The tenant, where the store does not name it: a pair that is read from there goes nowhere else.
    [string]$BaseUrl,
    # How long programs may go on with the pair that they have read; shorter than the time between two runs.
    [string]$Overlap = '12h',
    # A file to append the lines to, besides the output.
    [string]$Log
)
$ErrorActionPreference = 'Stop'

function Write-Line([string]$Text) {
    $line = "$([datetime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [cultureinfo]::InvariantCulture)) $Text"
    if ($Log) { Add-Content -Path $Log -Value $line }
    $line
}

function Write-Rotation($Rotation) {
    Write-Line ("rotation $($Rotation.rotation) of '$($Rotation.name)': $($Rotation.state), $($Rotation.oldId) -> $($Rotation.newId), in " +
        "$($Rotation.storedIn)")
}

function Write-Failure($Record) {
    Write-Line "FAILED ($($Record.FullyQualifiedErrorId)): $($Record.Exception.Message) $($Record.ErrorDetails.RecommendedAction)"
}

try {
    Import-Module SailPat
    $tenant = if ($BaseUrl) { @{ BaseUrl = $BaseUrl } } else { @{} }
    Set-SailPatConfiguration @tenant -Source $Store
    $problems = @()
    foreach ($rotation in Resume-SailPatRotation -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problems) {
        Write-Rotation $rotation
    }
    # Of this tenant and this token; what others do with theirs is no reason to wait.
    $now = Get-SailPatConfiguration
    $here = @(Get-SailPatRotation -Unfinished | Where-Object baseUrl -EQ $now.BaseUrl)
    $waiting = @($here | Where-Object { ($_.oldId, $_.newId).Contains($now.ClientId) })
    foreach ($rotation in $waiting) { Write-Line "rotation $($rotation.rotation) of '$($rotation.name)': $($rotation.next)" }
    if ($waiting.Count -eq 0) { Write-Rotation (Invoke-SailPatRotation -Overlap $Overlap -Confirm:$false) }
    $overdue = @($here | Where-Object overdue)
    foreach ($problem in $problems) { Write-Failure $problem }
    foreach ($rotation in $overdue) {
        Write-Line "FAILED (overdue): rotation $($rotation.rotation) of '$($rotation.name)' is $($rotation.state): $($rotation.next)"
    }
    exit [int]($problems.Count + $overdue.Count -gt 0)
}
catch {
    Write-Failure $_
    exit 1
}
