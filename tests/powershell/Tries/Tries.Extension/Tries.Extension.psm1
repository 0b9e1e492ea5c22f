# A secret is a file of its id and its secret; `before-NAME` has what it held before the last change, `calls` has each
# call, `mode` or the variable TRIES_MODE says what goes wrong. The folder is a parameter of the vault, or TRIES.

function Get-Folder([hashtable]$Parameters) {
    $folder = if ($null -ne $Parameters -and $Parameters.ContainsKey('Folder')) { $Parameters.Folder } else { $env:TRIES }
    [IO.Directory]::CreateDirectory($folder).FullName
}
function Get-Mode($Folder) {
    if ([IO.File]::Exists("$Folder/mode")) { [IO.File]::ReadAllText("$Folder/mode").Trim() } else { $env:TRIES_MODE }
}
function Add-Call($Folder, [string]$Name) { [IO.File]::AppendAllText("$Folder/calls", "$Name`n") }
function Get-CallCount($Folder, [string]$Name) { @([IO.File]::ReadAllLines("$Folder/calls") -ceq $Name).Count }
function Stop-All { [Diagnostics.Process]::GetCurrentProcess().Kill(); [Threading.Thread]::Sleep(-1) }
# A pair, or the text that somebody else keeps here. No secret is an argument or a variable.
function Read-Pair([string]$Path, [string]$Shape = '{0}') {
    if (-not [IO.File]::Exists($Path)) { return }
    if ([IO.File]::ReadAllLines($Path).Count -lt 2) { return [IO.File]::ReadAllText($Path).Trim() }
    [pscredential]::new([IO.File]::ReadAllLines($Path)[0],
        [Net.NetworkCredential]::new('', [string]::Format($Shape, [IO.File]::ReadAllLines($Path)[1])).SecurePassword)
}

function Set-Secret {
    param([string]$Name, [object]$Secret, [string]$VaultName, [hashtable]$AdditionalParameters)
    $folder = Get-Folder $AdditionalParameters
    Add-Call $folder Set-Secret
    $mode = Get-Mode $folder
    if ($mode -eq 'dies first') { Stop-All }
    if ($mode -eq 'locked') { throw 'it is locked' }
    if ($mode -eq 'full') { throw "no room for $($Secret.GetNetworkCredential().Password)." }
    if ($mode -eq 'slow') {
        [IO.File]::WriteAllText("$folder/came", '')
        while (-not [IO.File]::Exists("$folder/go")) { [Threading.Thread]::Sleep(10) }
    }
    if ([IO.File]::Exists("$folder/secret-$Name")) { [IO.File]::Copy("$folder/secret-$Name", "$folder/before-$Name", $true) }
    if ($mode -ne 'takes none') {
        [IO.File]::WriteAllLines("$folder/secret-$Name", [string[]]@($Secret.UserName, $Secret.GetNetworkCredential().Password))
    }
    if ($mode -eq 'locks') { [IO.File]::WriteAllText("$folder/mode", 'locked') }
    if ($mode -eq 'dies then') { Stop-All }
    if ($mode -eq 'full then') { throw 'there is no room' }
}

function Get-Secret {
    param([string]$Name, [string]$VaultName, [hashtable]$AdditionalParameters)
    $folder = Get-Folder $AdditionalParameters
    Add-Call $folder Get-Secret
    $mode = Get-Mode $folder
    $reads = Get-CallCount $folder Get-Secret
    $wasSet = (Get-CallCount $folder Set-Secret) -gt 0
    if ($mode -eq 'locked') { throw 'it is locked' }
    # From the second look on.
    if ($mode -eq 'locks then' -and $reads -eq 2) { throw "The vault`r`nis locked." }
    if ($mode -eq 'forgets' -and $reads -eq 2) { [IO.File]::Delete("$folder/secret-$Name") }
    if ($mode -eq 'hides' -or ($mode -eq 'gives none' -and $wasSet)) { return }
    if ($mode -eq 'gives the old' -and $wasSet) { return Read-Pair "$folder/before-$Name" }
    if ($mode -eq 'shows' -and $wasSet) {
        throw ([string]::Join(' ', @([IO.File]::ReadAllLines("$folder/secret-$Name")) + [IO.File]::ReadAllLines("$folder/before-$Name")[1]))
    }
    # Somebody else comes between the first look and the second.
    if ($mode -eq 'third' -and $reads -eq 2) { [IO.File]::Copy("$folder/third", "$folder/secret-$Name", $true) }
    Read-Pair "$folder/secret-$Name" $(if ($mode -in 'gives another', 'spoils and keeps' -and $wasSet) { 'another{0}' } else { '{0}' })
}

function Get-SecretInfo {
    param([string]$Filter, [string]$VaultName, [hashtable]$AdditionalParameters)
    $folder = Get-Folder $AdditionalParameters
    if ((Get-Mode $folder) -eq 'locked') { throw 'it is locked' }
    if ((Get-Mode $folder) -eq 'gives none') { return }
    $pattern = [System.Management.Automation.WildcardPattern]::new($Filter, 'IgnoreCase, CultureInvariant')
    foreach ($file in Get-ChildItem "$folder/secret-*") {
        $name = $file.Name.Substring('secret-'.Length)
        if ($pattern.IsMatch($name)) { [Microsoft.PowerShell.SecretManagement.SecretInformation]::new($name, 'PSCredential', $VaultName) }
    }
}

function Remove-Secret {
    param([string]$Name, [string]$VaultName, [hashtable]$AdditionalParameters)
    $folder = Get-Folder $AdditionalParameters
    Add-Call $folder Remove-Secret
    if ((Get-Mode $folder) -eq 'spoils and keeps') { throw 'the vault is read only' }
    [IO.File]::Delete("$folder/secret-$Name")
}

function Test-SecretVault { param([string]$VaultName, [hashtable]$AdditionalParameters) $true }
