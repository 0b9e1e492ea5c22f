# Resumes what is due, then rotates the token, each night. The exit status tells a scheduler: 0, all is well;
# 1, somebody has to look. Each line says what was done; none holds a secret.
param(
    # Where the pair is read from and stored in: a path, or a table as Invoke-SailPatRotation takes it.
    [object]$Store = 'config.json',
    # How long programs may go on with the pair that they have read; shorter than the time between two runs.
    [string]$Overlap = '12h',
    # A file to append the lines to, besides the output.
    [string]$Log
)
$ErrorActionPreference = 'Stop'

function Write-Line([string]$Text) {
    $line = "$([datetime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')) $Text"
    if ($Log) { Add-Content -Path $Log -Value $line }
    $line
}

function Write-Rotation($Rotation) {
    Write-Line "rotation $($Rotation.rotation) of '$($Rotation.name)': $($Rotation.state), $($Rotation.oldId) -> $($Rotation.newId), in $($Rotation.storedIn)"
}

try {
    Import-Module SailPat
    Set-SailPatConfiguration -Source $Store
    foreach ($rotation in Resume-SailPatRotation -Confirm:$false) { Write-Rotation $rotation }
    $waiting = @(Get-SailPatRotation -Unfinished)
    foreach ($rotation in $waiting) { Write-Line "rotation $($rotation.rotation) of '$($rotation.name)': $($rotation.next)" }
    if ($waiting.Count -eq 0) { Write-Rotation (Invoke-SailPatRotation -Overlap $Overlap -Confirm:$false) }
    exit 0
}
catch {
    Write-Line "FAILED ($($_.FullyQualifiedErrorId)): $($_.Exception.Message) $($_.ErrorDetails.RecommendedAction)"
    exit 1
}
