# A vault that goes wrong as it is told, behind the genuine commands of Microsoft.PowerShell.SecretManagement: the
# extension vault in Tries. Dot-source it after Helpers.ps1.
#   SAILPAT_MODULES  a folder with the module, when the machine's have none
#   TRIES            the folder that has the secrets, a file for each: secret-NAME with id and secret; and `calls`
#   TRIES_MODE       what goes wrong: see Tries.Extension.psm1

$script:VaultModule = 'Microsoft.PowerShell.SecretManagement'

# Vaults are registered below HOME. On Windows there is one place for all that a user has: no test touches it.
function Test-Vault {
    -not $IsWindows -and
        [bool](($env:SAILPAT_MODULES -and (Test-Path "$env:SAILPAT_MODULES/$script:VaultModule")) -or
        (Get-Module -ListAvailable $script:VaultModule))
}

# The commands look once in a process where vaults are registered, so that it is one home for all files of a process.
function Use-TestVault {
    if (-not (Test-Vault)) { return }
    $script:BeforeVault = @{ HOME = $env:HOME; PSModulePath = $env:PSModulePath }
    $env:HOME = [IO.Directory]::CreateDirectory("$([IO.Path]::GetTempPath())/sailpat-tests-$PID/vault-home").FullName
    if ($env:SAILPAT_MODULES) { $env:PSModulePath = "$env:SAILPAT_MODULES$([IO.Path]::PathSeparator)$env:PSModulePath" }
    Import-Module $script:VaultModule -Global
    Register-SecretVault -Name Tries -ModuleName "$PSScriptRoot/Tries" -DefaultVault -AllowClobber
}

function Clear-TestVault {
    $env:TRIES = $env:TRIES_MODE = $null
    if ($null -eq $script:BeforeVault) { return }
    Unregister-SecretVault Tries
    # A session without a vault is the rule.
    Remove-Module $script:VaultModule
    foreach ($name in $script:BeforeVault.Keys) { [Environment]::SetEnvironmentVariable($name, $script:BeforeVault[$name]) }
    $script:BeforeVault = $null
}
