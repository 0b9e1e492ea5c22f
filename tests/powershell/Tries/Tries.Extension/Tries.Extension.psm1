# A secret is a file of its id and its secret; `before-NAME` has what it held before the last change. `calls` has each
# call, `mode` says what goes wrong.

function Get-Mode($Folder) { if ([IO.File]::Exists("$Folder/mode")) { [IO.File]::ReadAllText("$Folder/mode").Trim() } }
function Read-Pair([string]$Path) {
    if (-not [IO.File]::Exists($Path)) { return }
    $id, $secret = [IO.File]::ReadAllLines($Path)
    if ($null -eq $secret) { return $id }
    [pscredential]::new($id, (ConvertTo-SecureString $secret -AsPlainText -Force))
}

function Set-Secret {
    param([string]$Name, [object]$Secret, [string]$VaultName, [hashtable]$AdditionalParameters)
    $folder = $AdditionalParameters.Folder
    [IO.File]::AppendAllText("$folder/calls", "set`n")
    $mode = Get-Mode $folder
    if ($mode -eq 'locked') { throw 'it is locked' }
    if ($mode -eq 'full') { throw 'there is no room' }
    if ($mode -eq 'slow') {
        [IO.File]::WriteAllText("$folder/came", '')
        while (-not [IO.File]::Exists("$folder/go")) { [Threading.Thread]::Sleep(10) }
    }
    if ([IO.File]::Exists("$folder/secret-$Name")) { [IO.File]::Copy("$folder/secret-$Name", "$folder/before-$Name", $true) }
    if ($mode -ne 'takes none') { [IO.File]::WriteAllLines("$folder/secret-$Name", [string[]]@($Secret.UserName, $Secret.GetNetworkCredential().Password)) }
    if ($mode -eq 'locks') { [IO.File]::WriteAllText("$folder/mode", 'locked') }
    if ($mode -eq 'full then') { throw 'there is no room' }
}

function Get-Secret {
    param([string]$Name, [string]$VaultName, [hashtable]$AdditionalParameters)
    $folder = $AdditionalParameters.Folder
    [IO.File]::AppendAllText("$folder/calls", "get`n")
    $mode = Get-Mode $folder
    $wasSet = [IO.File]::ReadAllLines("$folder/calls") -contains 'set'
    if ($mode -eq 'locked') { throw 'it is locked' }
    if ($mode -eq 'hides' -or ($mode -eq 'gives none' -and $wasSet)) { return }
    if ($mode -eq 'gives the old' -and $wasSet) { return Read-Pair "$folder/before-$Name" }
    # Somebody else comes between the first look and the second.
    if ($mode -eq 'third' -and @([IO.File]::ReadAllLines("$folder/calls") -eq 'get').Count -eq 2) { [IO.File]::Copy("$folder/third", "$folder/secret-$Name", $true) }
    $pair = Read-Pair "$folder/secret-$Name"
    if ($mode -eq 'gives another' -and $wasSet) { return [pscredential]::new($pair.UserName, (ConvertTo-SecureString 'another' -AsPlainText -Force)) }
    $pair
}

function Get-SecretInfo {
    param([string]$Filter, [string]$VaultName, [hashtable]$AdditionalParameters)
    $folder = $AdditionalParameters.Folder
    if ((Get-Mode $folder) -eq 'locked') { throw 'it is locked' }
    if ((Get-Mode $folder) -eq 'gives none') { return }
    foreach ($file in Get-ChildItem "$folder/secret-*") {
        $name = $file.Name.Substring('secret-'.Length)
        if ($name -like $Filter) { [Microsoft.PowerShell.SecretManagement.SecretInformation]::new($name, 'PSCredential', $VaultName) }
    }
}

function Remove-Secret {
    param([string]$Name, [string]$VaultName, [hashtable]$AdditionalParameters)
    [IO.File]::AppendAllText("$($AdditionalParameters.Folder)/calls", "remove`n")
    [IO.File]::Delete("$($AdditionalParameters.Folder)/secret-$Name")
}

function Test-SecretVault { param([string]$VaultName, [hashtable]$AdditionalParameters) $true }
