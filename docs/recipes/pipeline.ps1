# The nightly job of a pipeline: the pair is in a vault, read and stored by vault-store.sh. SAIL_BASE_URL names the
# tenant, SAILPAT_HOME a folder that is kept from one run to the next.
$ErrorActionPreference = 'Stop'
if (-not $env:SAILPAT_HOME) { throw 'SAILPAT_HOME is not set: without the journals of the last run nothing can be resumed.' }
if (-not $env:SAIL_BASE_URL) { throw 'SAIL_BASE_URL is not set: the vault does not say which tenant its pair is of.' }
& "$PSScriptRoot/rotate.ps1" -BaseUrl $env:SAIL_BASE_URL -Store @{ command = 'sh', "$PSScriptRoot/vault-store.sh" } -Overlap 6h
exit $LASTEXITCODE
