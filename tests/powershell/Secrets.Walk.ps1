# The walk of Secrets.Tests.ps1, in a process of its own: every command that touches a secret, quiet and
# loud, while one channel is watched. It shows no secret itself, so whatever shows is the module's doing:
# a secret is only ever read, set and kept by a .NET method or a member, never by an argument of a
# command and never by a variable. What was made is noted in Folder/kept, for the test to search for.
param([string]$Channel, [string]$Module, [string]$Url, [string]$Folder)

Import-Module $Module -DisableNameChecking
[Environment]::CurrentDirectory = $Folder
Set-Location $Folder
$kept = [Collections.Generic.List[string]]::new()
$made = [Collections.Generic.List[string]]::new()
$outcome = [ordered]@{}
$given = @{ count = 0; http = [Net.Http.HttpClient]::new() }

function Get-Pair([string]$File) {
    $id = [IO.File]::ReadAllLines("$Folder/$File")[0]
    [pscredential]::new($id, [Net.NetworkCredential]::new('', [IO.File]::ReadAllLines("$Folder/$File")[1]).SecurePassword)
}
# The pair in config.json.
function Get-StoredPair {
    $id = [regex]::Match([IO.File]::ReadAllText("$Folder/config.json"), '"ClientId"\s*:\s*"([^"]+)"').Groups[1].Value
    [pscredential]::new($id, [Net.NetworkCredential]::new('',
            [regex]::Match([IO.File]::ReadAllText("$Folder/config.json"), '"ClientSecret"\s*:\s*"([^"]+)"').Groups[1].Value).SecurePassword)
}
# The pair that this process's variables hold.
function Get-OwnPair {
    [pscredential]::new($env:SAIL_CLIENT_ID,
        [Net.NetworkCredential]::new('', [Environment]::GetEnvironmentVariable('SAIL_CLIENT_SECRET')).SecurePassword)
}
function Set-OwnPair([pscredential]$Pair) {
    [Environment]::SetEnvironmentVariable('SAIL_CLIENT_ID', $Pair.UserName)
    [Environment]::SetEnvironmentVariable('SAIL_CLIENT_SECRET', $Pair.GetNetworkCredential().Password)
}
function Clear-OwnPair { foreach ($name in 'SAIL_CLIENT_ID', 'SAIL_CLIENT_SECRET') { [Environment]::SetEnvironmentVariable($name, $null) } }
function Get-Name { 'Walked {0}' -f (++$given.count) }
# Notes the secret of the token in $given.token.
function Add-Made {
    $made.Add($given.token.id)
    if ($given.token.secret -is [securestring]) { $kept.Add([Net.NetworkCredential]::new('', $given.token.secret).Password) }
    else { $kept.Add($given.token.secret) }
}
# What goes wrong next is in a file: its body may hold a secret.
function Add-Fault([string]$File) {
    [void]$given.http.PostAsync("$Url/_emulator/faults", [Net.Http.StringContent]::new([IO.File]::ReadAllText("$Folder/$File"))).Result
}
# A user has ten tokens at most.
function Remove-Made {
    foreach ($id in $made) { try { Remove-V2024PersonalAccessToken $id } catch { } }
    $made.Clear()
}

# A vault as strict as SecretManagement's. It passes no secret to any command either.
$vault = New-Module -Name Vault -ScriptBlock {
    $script:Mode = ''
    function Set-Mode([string]$Word) { $script:Mode = $Word }
    function Set-Secret {
        [CmdletBinding()] param([Parameter(Mandatory)][string]$Name, [string]$Vault, [Parameter(Mandatory)]$Secret)
        if ($script:Mode -eq 'full') { throw "no room for $($Secret.GetNetworkCredential().Password)." }
        [IO.File]::WriteAllText("vault-$Name", [string]::Concat($Secret.UserName, "`n", $Secret.GetNetworkCredential().Password))
    }
    function Get-Pair([string]$File) {
        $id = [IO.File]::ReadAllLines($File)[0]
        [pscredential]::new($id, [Net.NetworkCredential]::new('', [IO.File]::ReadAllLines($File)[1]).SecurePassword)
    }
    function Get-Secret {
        [CmdletBinding()] param([Parameter(Mandatory)][string]$Name, [string]$Vault)
        if ([IO.File]::Exists("vault-$Name")) { return Get-Pair "vault-$Name" }
        $missing = [System.Management.Automation.ItemNotFoundException]::new("The secret $Name was not found.")
        $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new($missing, 'GetSecretNotFound', 'ObjectNotFound', $null))
    }
    function Get-SecretInfo {
        [CmdletBinding()] param([string]$Name)
        if ([IO.File]::Exists("vault-$Name")) { [pscustomobject]@{ Name = $Name; Type = 'PSCredential'; VaultName = 'Store' } }
    }
    function Remove-Secret {
        [CmdletBinding()] param([Parameter(Mandatory)][string]$Name, [Parameter(Mandatory)][string]$Vault)
        [IO.File]::Delete("vault-$Name")
    }
}
$vault | Import-Module -Global -DisableNameChecking

# Functions of a module, because module logging looks at those only.
$walk = New-Module -Name Walk -ScriptBlock {
    # What this is given must be found in the channel: else nothing would be found of SailPat either.
    function Show-Control([string]$Text, [byte[]]$Bytes, [string]$Spaced) {
        $whole = $Text
        $numbers = $Bytes
        $apart = $Spaced
        "$whole $numbers $apart"
    }
    # Says to each channel which step it is in.
    function Mark([string]$Step) { $now = $Step }
}
$walk | Import-Module -Global -DisableNameChecking
$walk.LogPipelineExecutionDetails = $vault.LogPipelineExecutionDetails = $true

# A text is itself; of everything else each property.
function Write-Kept($Records) {
    $texts = foreach ($record in $Records) {
        if ($record -is [string]) { $record } else { $record | Format-List * -Force | Out-String -Width 4000 }
    }
    [IO.File]::AppendAllLines("$Folder/records", [string[]]@($texts))
}
function Write-Errors($Records) {
    foreach ($record in $Records) {
        if ($record -isnot [System.Management.Automation.ErrorRecord]) { continue }
        Write-Kept (Get-Error -InputObject $record | Out-String -Width 4000)
        # What it was called with.
        Write-Kept $record.InvocationInfo
        if ($record.InvocationInfo) { Write-Kept $record.InvocationInfo.BoundParameters.Values }
    }
}

function Invoke-Pass([string]$Name, [string]$Pass, [scriptblock]$Run, [bool]$Fails) {
    $loud = if ($Pass -eq 'loud') { @{ Verbose = $true; Debug = $true } } else { @{} }
    Mark "$Name ($Pass)"
    $Error.Clear()
    $thrown = $records = $null
    # A transcript has what goes to the host; records have what is taken.
    try { if ($Pass -eq 'loud' -and $Channel -eq 'transcript') { . $Run } else { $records = . $Run *>&1 } }
    catch { $thrown = $_ }
    $outcome["$Name ($Pass)"] = "$(if ($Error.Count) { 'failed' } else { 'done' }) $(if ($Fails) { 'failed' } else { 'done' }) $($Error[0])"
    if ($Channel -eq 'records') {
        [IO.File]::AppendAllText("$Folder/records", "@@ $Name ($Pass)`n")
        Write-Kept $records
        Write-Kept $thrown
        Write-Kept $Error
        Write-Errors (@($Error) + @($records))
        Write-Kept (Get-History)
    }
    # What was to fail is no matter of the steps after it.
    & $vault { Set-Mode '' }
}

function Step([string]$Name, [scriptblock]$Run, [switch]$Fails) {
    switch ($Channel) {
        'binding' {
            # Step by step, and not the conversions of a long one: where one fails PowerShell indents all that
            # follows, ever deeper, in the end by megabytes.
            $sources = @('ParameterBinding', 'ParameterBinderBase', 'ParameterBinderController')
            $isShort = $Name -match '^(a control|New-V2024\w+ of|New-SailPat$|the table|Set-SailPatConfiguration -C)'
            if ($isShort) { $sources += 'TypeConversion' }
            Trace-Command -Name $sources -Option All -FilePath "$Folder/binding" -Expression { Invoke-Pass $Name loud $Run $Fails }
        }
        'transcript' {
            Write-Host "@@ $Name"
            Invoke-Pass $Name loud $Run $Fails
        }
        # A loud pass does what a quiet one does, and more; the log alone is worth both.
        'log' { foreach ($pass in 'quiet', 'loud') { Invoke-Pass $Name $pass $Run $Fails } }
        default { Invoke-Pass $Name loud $Run $Fails }
    }
}

function Start-Walk {
    Step 'a control' {
        $given.bytes = [Text.Encoding]::ASCII.GetBytes([IO.File]::ReadAllText("$Folder/control-bytes"))
        $given.spaced = [IO.File]::ReadAllText("$Folder/control-spaced").ToCharArray() -join ' '
        Show-Control ([IO.File]::ReadAllText("$Folder/control")) $given.bytes $given.spaced
    }

    # Settings from variables.
    Step 'New-V2024PersonalAccessToken of a table' {
        $given.token = New-V2024PersonalAccessToken @{ name = Get-Name; scope = 'a:b' } @loud
        Add-Made
    }
    Step 'New-V2024PersonalAccessToken of an object' {
        $request = Initialize-V2024CreatePersonalAccessTokenRequest -Name (Get-Name) -Scope 'a:b'
        $given.token = New-V2024PersonalAccessToken $request @loud
        Add-Made
    }
    Step 'New-V2024PersonalAccessToken of a text' {
        $given.token = New-V2024PersonalAccessToken "{`"name`":`"$(Get-Name)`"}" @loud
        Add-Made
    }
    Step 'New-V2024PersonalAccessToken -WithHttpInfo' {
        $given.info = New-V2024PersonalAccessToken @{ name = Get-Name } -WithHttpInfo @loud
        $given.token = $given.info.Response
        Add-Made
    }
    foreach ($version in (& (Get-Module SailPat) { $script:ApiVersions }).Where({ $_.Name -cne 'v2024' })) {
        $command = "New-$($version.Prefix)PersonalAccessToken$($version.Suffix)"
        Step $command {
            Remove-Made
            $given.token = & $command @{ name = Get-Name; expirationDate = [datetime]::UtcNow.AddDays(60) } @loud
            Add-Made
        }
    }
    Step 'New-V2024PersonalAccessToken, an odd reply' {
        Add-Fault odd
        $given.token = New-V2024PersonalAccessToken @{ name = Get-Name } @loud
    }
    Step 'New-V2024PersonalAccessToken -WithHttpInfo, an odd reply' {
        Add-Fault odd
        $given.info = New-V2024PersonalAccessToken @{ name = Get-Name } -WithHttpInfo @loud
    }
    Step 'New-SailPat, an odd reply' { Add-Fault odd; $given.token = New-SailPat (Get-Name) -Scope a:b @loud }
    Step 'New-SailPat -AsSecureString, an odd reply' { Add-Fault odd; New-SailPat (Get-Name) -Scope a:b -AsSecureString @loud }
    Remove-Made
    Step 'New-SailPat' { $given.token = New-SailPat (Get-Name) -Scope a:b @loud; Add-Made }
    Step 'New-SailPat -AsSecureString' { $given.token = New-SailPat (Get-Name) -Scope a:b -AsSecureString @loud; Add-Made; $given.token }
    Step 'Update-, Set- and Remove-' {
        Update-V2024PersonalAccessToken $given.token.id @{ op = 'replace'; path = '/name'; value = Get-Name } @loud
        $given.token | Set-SailPat -Name (Get-Name) @loud
        $given.token = New-SailPat (Get-Name) -Scope a:b @loud
        $kept.Add($given.token.secret)
        $given.token | Get-SailPat @loud
        $given.token | Remove-SailPat @loud
        $given.token = [pscustomobject]@{ id = $made[-1] }
    }
    Remove-Made
    Step 'New-SailPat -StoreIn a file' {
        ($given.token = New-SailPat (Get-Name) -Scope a:b -StoreIn "made-$($given.count).env" @loud)
        $made.Add($given.token.id)
    }
    Step 'New-SailPat -StoreIn Environment' {
        $own = Get-OwnPair
        Set-SailPatConfiguration -BaseUrl $env:SAIL_BASE_URL -Credential $own
        Clear-OwnPair
        ($given.token = New-SailPat (Get-Name) -Scope a:b -StoreIn Environment @loud)
        $kept.Add([Environment]::GetEnvironmentVariable('SAIL_CLIENT_SECRET'))
        Set-OwnPair $own
        Set-SailPatConfiguration -Reset
        $made.Add($given.token.id)
    }
    Step 'New-SailPat -SecretName' {
        ($given.token = New-SailPat (Get-Name) -Scope a:b -SecretName "made-$($given.count)" @loud)
        $made.Add($given.token.id)
    }
    Step 'New-SailPat -StoreIn Environment, where something is' -Fails { New-SailPat (Get-Name) -Scope a:b -StoreIn Environment @loud }
    Step 'New-SailPat -SecretName, where something is' -Fails { New-SailPat (Get-Name) -Scope a:b -SecretName planted @loud }
    Step 'New-SailPat, a refused vault' -Fails { & $vault { Set-Mode full }; New-SailPat (Get-Name) -Scope a:b -SecretName none @loud }
    Step 'New-SailPat, a refused create' -Fails { Add-Fault refused; New-SailPat (Get-Name) -Scope a:b @loud }
    Step 'New-V2024PersonalAccessToken, a refused create' -Fails {
        Add-Fault refused
        New-V2024PersonalAccessToken @{ name = Get-Name } @loud
    }
    Step 'New-V2024PersonalAccessToken, a lost reply' -Fails { Add-Fault lost; New-V2024PersonalAccessToken @{ name = Get-Name } @loud }
    foreach ($token in Get-V2024PersonalAccessTokens me) { if ($token.id -ne $env:SAIL_CLIENT_ID) { $made.Add($token.id) } }
    Remove-Made

    # Rotations of another token, and of the one in use.
    Step 'Invoke-SailPatRotation into a file' {
        $given.token = New-SailPat (Get-Name) -Scope a:b -AsSecureString
        Add-Made
        ($given.rotation = Invoke-SailPatRotation $given.token.id -StoreIn "rotated-$($given.count).json" @loud)
        $made.Add($given.rotation.newId)
    }
    Step 'Invoke-SailPatRotation -Overlap into a file, Resume-SailPatRotation' {
        ($given.rotation = Invoke-SailPatRotation $made[-1] -StoreIn "resumed-$($given.count).json" -Overlap 1h @loud)
        Resume-SailPatRotation $given.rotation.rotation -Now @loud
        $made.Add($given.rotation.newId)
    }
    Step 'Invoke-SailPatRotation -Overlap into a file, Undo-SailPatRotation' {
        [IO.File]::WriteAllText("$Folder/undone.json", '{"ClientId":"' + $env:SAIL_CLIENT_ID +
            '","ClientSecret":"' + [Environment]::GetEnvironmentVariable('SAIL_CLIENT_SECRET') + '"}')
        ($given.rotation = Invoke-SailPatRotation -StoreIn undone.json -Overlap 1h @loud)
        Undo-SailPatRotation $given.rotation.rotation -Confirm:$false @loud
        # The session reads its pair from the file now.
        Set-SailPatConfiguration -Reset
    }
    Remove-Made
    Step 'Invoke-SailPatRotation into Environment' { Invoke-SailPatRotation -StoreIn Environment @loud }
    Step 'Invoke-SailPatRotation -Overlap into Environment, Undo-SailPatRotation' {
        ($given.rotation = Invoke-SailPatRotation -StoreIn Environment -Overlap 1h @loud)
        $kept.Add([Environment]::GetEnvironmentVariable('SAIL_CLIENT_SECRET'))
        Undo-SailPatRotation $given.rotation.rotation -Confirm:$false @loud
    }
    Step 'Invoke-SailPatRotation -Overlap into Environment, Resume-SailPatRotation' {
        ($given.rotation = Invoke-SailPatRotation -StoreIn Environment -Overlap 1h @loud)
        Resume-SailPatRotation $given.rotation.rotation -Now @loud
    }
    Step 'Invoke-SailPatRotation, a refused vault' -Fails { & $vault { Set-Mode full }; Invoke-SailPatRotation -SecretName none @loud }
    Step 'Invoke-SailPatRotation -SecretName' { Invoke-SailPatRotation -SecretName own @loud; Set-OwnPair (Get-Pair vault-own) }
    Step 'Invoke-SailPatRotation -SecretName, Undo-SailPatRotation' {
        ($given.rotation = Invoke-SailPatRotation -SecretName own -Overlap 1h @loud)
        $kept.Add([IO.File]::ReadAllLines("$Folder/vault-own")[1])
        Undo-SailPatRotation $given.rotation.rotation -Confirm:$false @loud
    }
    Step 'Invoke-SailPatRotation -SecretName, Resume-SailPatRotation' {
        ($given.rotation = Invoke-SailPatRotation -SecretName own -Overlap 1h @loud)
        Resume-SailPatRotation $given.rotation.rotation -SecretName own -Now @loud
        Set-OwnPair (Get-Pair vault-own)
    }
    Set-SailPatConfiguration -Reset

    # The other places that settings come from.
    $given.own = Get-OwnPair
    Step 'Set-SailPatProfile -Credential' {
        Set-SailPatProfile walked -BaseUrl $Url -Credential $given.own @loud
        Get-SailPat -Mine -Profile walked @loud
        Get-SailPatProfile @loud
    }
    Step 'Set-SailPatProfile -SecretFile' {
        Set-SailPatProfile filed -BaseUrl $Url -Credential $given.own -SecretFile profile.json @loud
        $given.bearer = Get-IDNAccessToken -Profile filed @loud
        Get-SailPatConfiguration -Profile filed @loud
    }
    Step 'Get-IDNAccessToken' { $given.bearer = Get-IDNAccessToken @loud }
    Step 'Test-SailPatConnection' { Test-SailPatConnection @loud }
    # The table has the bearer for whoever asks for it, as its help says: only what comes beside it is looked at.
    Step 'Get-SailPatConfiguration' { Get-SailPatConfiguration @loud; $null = Get-DefaultConfiguration @loud }
    Set-SailPatConfiguration -Reset
    Clear-OwnPair
    Step 'Set-SailPatConfiguration -Credential' {
        Set-SailPatConfiguration -BaseUrl $Url -Credential $given.own @loud
        $given.bearer = Get-IDNAccessToken
        $given.token = New-SailPat (Get-Name) -Scope a:b @loud
        Add-Made
        Get-SailPatConfiguration @loud
    }
    Step 'Set-SailPatConfiguration -ClientSecret, -DefaultHeaders, -Proxy' {
        Set-SailPatConfiguration -Reset -BaseUrl $Url -ClientId $given.own.UserName -ClientSecret $given.own.Password @loud
        Set-SailPatConfiguration -DefaultHeaders $given.headers -Proxy $given.proxy @loud
        Get-SailPat -Mine @loud
        Get-SailPatConfiguration @loud
        Test-SailPatConnection @loud
    }
    Step 'Set-SailPatConfiguration -DefaultHeaders with what is refused' -Fails {
        Set-SailPatConfiguration -Reset -BaseUrl $Url -Credential $given.own -DefaultHeaders $given.authorization @loud
        Get-SailPat -Mine @loud
    }
    Step 'Set-SailPatConfiguration -Token' {
        $token = [Net.NetworkCredential]::new('', $given.bearer).SecurePassword
        Set-SailPatConfiguration -Reset -BaseUrl $Url -Token $token -TokenExpiration ([datetime]::Now.AddHours(1)) @loud
        Get-SailPat -Mine @loud
        Get-SailPatConfiguration @loud
    }
    Step 'the table of Get-DefaultConfiguration' {
        Set-SailPatConfiguration -Reset -BaseUrl $Url -ClientId $given.own.UserName
        (Get-DefaultConfiguration @loud).ClientSecret = $given.own.GetNetworkCredential().Password
        Get-SailPat -Mine @loud
        $given.token = New-SailPat (Get-Name) -Scope a:b @loud
        Add-Made
    }
    Step 'a wrong secret' -Fails {
        Set-SailPatConfiguration -Reset -BaseUrl $Url -Credential $given.wrong
        Get-SailPat -Mine @loud
        Get-V2024PersonalAccessTokens me @loud
    }
    Step 'Set-SailPatConfiguration -Source' {
        Set-SailPatConfiguration -Reset -BaseUrl $Url -Source profile.json @loud
        Get-SailPat -Mine @loud
    }
    Set-SailPatConfiguration -Reset
    Step 'config.json' {
        [IO.File]::WriteAllText("$Folder/config.json", '{"BaseURL":"' + $Url + '","ClientId":"' + $given.own.UserName +
            '","ClientSecret":"' + $given.own.GetNetworkCredential().Password + '"}')
        Get-SailPat -Mine @loud
        $given.token = New-SailPat (Get-Name) -Scope a:b @loud
        Add-Made
        Get-SailPatConfiguration @loud
        Invoke-SailPatRotation @loud
        # A rotation ends with a pair that is stored; the next pass begins with it.
        $given.own = Get-StoredPair
    }
    Step 'Get-SailPatRotation' { Get-SailPatRotation @loud }
    Step 'Get-SailPatLog' { Get-SailPatLog @loud }
}

try {
    $given.wrong = Get-Pair wrong
    $given.headers = @{ 'X-Api-Key' = [IO.File]::ReadAllText("$Folder/api-key") }
    $given.authorization = @{ Authorization = [IO.File]::ReadAllText("$Folder/authorization") }
    # Nothing goes through it: the tenant is on this machine.
    $given.proxy = [Net.WebProxy]::new('http://127.0.0.1:9', $false, [string[]]'127\.0\.0\.1')
    $given.proxy.Credentials = [Net.NetworkCredential]::new('walker', [IO.File]::ReadAllText("$Folder/proxy-password"))
    switch ($Channel) {
        'transcript' {
            $null = Start-Transcript "$Folder/transcript" -IncludeInvocationHeader
            Start-Walk
            $null = Stop-Transcript
        }
        'variables' {
            Set-PSDebug -Trace 2
            Start-Walk
            Set-PSDebug -Off
        }
        default { Start-Walk }
    }
}
finally {
    [IO.File]::WriteAllLines("$Folder/kept", $kept)
    [IO.File]::WriteAllText("$Folder/outcome", (ConvertTo-Json $outcome))
}
