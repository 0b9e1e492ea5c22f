using namespace System.Collections
using namespace System.Management.Automation
using namespace System.Management.Automation.Language
using namespace System.Text.Json

# What the rotation commands and New-SailPat -StoreIn share: where a pair goes, what the native library plans and
# does, and how the session goes on. What this module keeps itself is in Keeping.ps1.

# A rotation by its id, or by an object that has one.
[NoRunspaceAffinity()]
class RotationId : ArgumentTransformationAttribute {
    [object] Transform([EngineIntrinsics]$engine, [object]$value) {
        $plain = if ($value -is [psobject]) { $value.PSObject.BaseObject } else { $value }
        # A pipeline binds nothing between two of its objects.
        if ($null -eq $plain -or $plain -is [string]) { return $plain }
        $id = if ($plain -is [IDictionary]) { $plain['rotation'] }
        else {
            $property = ([psobject]$value).PSObject.Properties['rotation']
            if ($null -ne $property) { $property.Value }
        }
        if ($id -is [string] -and $id.Length -gt 0) { return $id }
        throw [ArgumentTransformationMetadataException]::new("A rotation is the text of its id, or an object with a text property 'rotation'.")
    }
}

# Ids of rotations that are not finished.
[NoRunspaceAffinity()]
class RotationCompleter : IArgumentCompleter {
    [System.Collections.Generic.IEnumerable[CompletionResult]] CompleteArgument([string]$command, [string]$parameter, [string]$word, [CommandAst]$tree, [IDictionary]$bound) {
        $results = [System.Collections.Generic.List[CompletionResult]]::new()
        $wanted = @{}
        if ($command -ne 'Get-SailPatRotation') { $wanted.Unfinished = $true }
        foreach ($rotation in SailPat\Get-SailPatRotation @wanted -ErrorAction Ignore) {
            [Completion]::Add($results, $word, $rotation.rotation, $parameter -eq 'Rotation' -and $command -eq 'Get-SailPatRotation', "$($rotation.name): $($rotation.state)")
        }
        return $results
    }
}

# What a rotation looks like to people: dates are dates, and the way to go on is in `next`.
function ConvertTo-Rotation([JsonElement]$Data) {
    $rotation = [SailPatRecord]::Plain($Data)
    foreach ($name in 'overlapUntil', 'started', 'updated') { $rotation.$name = ConvertFrom-IsoDate $rotation.$name }
    foreach ($event in $rotation.history) { $event.time = ConvertFrom-IsoDate $event.time }
    $rotation.PSObject.TypeNames.Insert(0, 'SailPat.Record')
    $rotation.PSObject.TypeNames.Insert(0, 'SailPat.Rotation')
    $rotation
}

function ConvertFrom-IsoDate($Text) {
    $date = [DateTimeOffset]::MinValue
    if ([DateTimeOffset]::TryParse([string]$Text, [cultureinfo]::InvariantCulture, [Globalization.DateTimeStyles]::AssumeUniversal, [ref]$date)) { return $date.UtcDateTime }
    $Text
}

function Get-Rotations($Cmdlet, [bool]$Unfinished, [string]$Id) {
    $request = @{ unfinished = $Unfinished }
    if ($Id) { $request.id = $Id }
    $listed = (Invoke-Operation $Cmdlet (Get-CurrentVersion) 'rotation_list' ([RequestJson]::Text($request))).data
    foreach ($element in $listed.EnumerateArray()) { ConvertTo-Rotation $element }
}

# Where a pair goes. Json is what the native library is told; Keep says how this module keeps the pair
# where the native library cannot; Words is for people, where the native library does not say it (Get-Plan). What came
# through the pipeline is data: it never names a program.
function Resolve-Place($Cmdlet, $StoreIn, [string]$SecretName, [string]$Vault, [bool]$IsPiped) {
    if ($SecretName) {
        if ($StoreIn) { throw (New-LocalError 'invalid_request' 'Only one of -StoreIn and -SecretName can hold.' 'InvalidArgument' 'Give one of them.') }
        Assert-SecretStore
        $words = "secret '$SecretName'$(if ($Vault) { " in the vault '$Vault'" })"
        $remedy = 'Name another secret with -SecretName, or remove this one with Remove-Secret once nobody needs it.'
        return @{ Json = @{ caller = $true }; Words = $words; Keep = @{ Kind = 'Secret'; Name = $SecretName; Vault = $(if ($Vault) { $Vault } else { Get-DefaultVault }); Words = $words; Remedy = $remedy } }
    }
    if ($Vault) { throw (New-LocalError 'invalid_request' '-Vault says where -SecretName goes, which was not given.' 'InvalidArgument' 'Give -SecretName, too.') }
    $plain = [PlainValue]::Of($StoreIn)
    if ([string]::IsNullOrWhiteSpace($plain -as [string]) -and ($null -eq $plain -or $plain -is [string])) { return @{ Json = $null; Words = $null; Keep = $null } }
    if ($IsPiped -and $plain -isnot [IO.FileInfo] -and ($plain -isnot [string] -or $plain -in 'Environment', 'CommandLine', 'Configuration')) {
        throw (New-LocalError 'invalid_request' 'StoreIn came through the pipeline, where it is the path of a file: what comes that way is data, which runs nothing and changes nothing else here.' 'InvalidArgument' 'Give any other store as the argument -StoreIn.')
    }
    $json = ConvertTo-StoreTable $Cmdlet $StoreIn
    if ($json['environment']) {
        $words = 'variables SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET of this session'
        $remedy = 'Name another place, or take these variables out of this session once nobody needs them.'
        return @{ Json = @{ caller = $true }; Words = $words; Keep = @{ Kind = 'Environment'; Name = $null; Vault = $null; Words = $words; Remedy = $remedy } }
    }
    @{ Json = $json; Words = $null; Keep = $null }
}

# What -StoreIn and -Source take, as the native library knows it.
function ConvertTo-StoreTable($Cmdlet, $Given) {
    $plain = [PlainValue]::Of($Given)
    if ($plain -is [IO.FileInfo]) { return @{ file = Get-FilePath $Cmdlet $plain.ToString() } }
    if ($plain -is [string]) {
        switch ($plain) {
            'Environment' { return @{ environment = $true } }
            'CommandLine' { return @{ commandLine = $true } }
            'Configuration' { return @{ file = Get-FilePath $Cmdlet 'config.json' } }
        }
        # A slip of one of the words must not become the name of a file.
        if ($plain.ToLowerInvariant() -cnotmatch '(\.json|\.env|(^|[\\/])\.env\.[^\\/]+)$') {
            throw (New-LocalError 'invalid_request' "'$plain' is no place to store a pair." 'InvalidArgument' 'Give a path that ends with .json or .env, one of the words Environment, CommandLine and Configuration, or a table such as @{ command = ''program'', ''argument'' }.')
        }
        return @{ file = Get-FilePath $Cmdlet $plain }
    }
    if ($null -eq $plain -or $plain -is [ValueType] -or ($plain -isnot [IDictionary] -and $plain -is [IEnumerable])) {
        throw (New-LocalError 'invalid_request' 'A place to store a pair is a path, a word or a table.' 'InvalidArgument' 'Give a path, one of the words Environment, CommandLine and Configuration, or a table such as @{ keyring = ''prod'' }.')
    }
    $table = Get-Fields $Given @('file', 'format', 'command', 'commandTimeoutMs', 'commandLine', 'keyring', 'environment', 'caller')
    if ($table['caller']) { throw (New-LocalError 'invalid_request' 'The store caller is for programs that call the C functions.' 'InvalidArgument' 'Give -SecretName, or -StoreIn Environment.') }
    if ($table['file'] -is [string]) { $table['file'] = Get-FilePath $Cmdlet $table['file'] }
    if ($table['command'] -is [string]) { $table['command'] = @($table['command']) }
    $table
}

# What the native library would do with a request, which it refuses here as it would then; nothing is sent. Its
# words for the place are the place's.
function Get-Plan($Cmdlet, $Version, $Request, $Place) {
    try { $plan = [SailPatRecord]::Plain((Invoke-Operation $Cmdlet $Version 'rotation_plan' ([RequestJson]::Text($Request)) $Request['id']).data) }
    catch {
        if ($null -eq $Place.Keep -or $_.Exception.Data['field'] -ne 'storeIn') { throw }
        # There it is the caller's, here it has a name.
        [Caller]::Forget($_)
        throw (New-LocalError $_.Exception.Data['code'] (Get-ErrorWords $_).Replace(' in caller ', " in $($Place.Words) ") $_.CategoryInfo.Category $_.ErrorDetails.RecommendedAction $Request['id'])
    }
    if ($null -eq $Place.Keep) { $Place.Words = $plan.storedIn }
    $plan
}

# The tenant that a pair is of is kept with it where this module keeps the pair itself in variables. Of another tenant
# they are refused as a file is, before anything is made.
function Set-PlaceTenant($Cmdlet, $Version, $Place) {
    if ($null -eq $Place.Keep -or $Place.Keep.Kind -ne 'Environment') { return }
    $Place.Keep.BaseUrl = (Get-SettingsInForce $Cmdlet $Version).baseUrl
    $named = [Environment]::GetEnvironmentVariable('SAIL_BASE_URL')
    if ([string]::IsNullOrWhiteSpace($named) -or [TenantUrl]::Same($named, $Place.Keep.BaseUrl)) { return }
    throw (New-LocalError 'secret_not_stored' "The place $($Place.Words) is for another tenant: its SAIL_BASE_URL is $([TenantUrl]::Shown($named)), not $($Place.Keep.BaseUrl). Nothing was changed." 'ResourceExists' $Place.Keep.Remedy $Place.Words)
}

# Two pairs in one place: the second would write over the only copy of the first. Only what says where
# counts: how a file is written does not make it another one.
function Assert-OtherPlace($Used, $Place) {
    if ($null -eq $Place.Json) { return }
    $where = if ($null -ne $Place.Keep) { $Place.Keep.Kind, $Place.Keep['Name'], $Place.Keep['Vault'] }
    else { foreach ($name in $Place.Json.Keys | Where-Object { $_ -notin 'format', 'commandTimeoutMs' } | Sort-Object -Culture '') { "$name=$([RequestJson]::Text($Place.Json[$name]))" } }
    if (-not $Used.Add($where -join "`n")) {
        throw (New-LocalError 'invalid_request' "The pair of another token of this pipeline is in $($Place.Words) already." 'InvalidArgument' 'Name a place of its own for each token.')
    }
}

# Calls what hands a pair over and does something with it. When the command is stopped, or fails by itself,
# before the pair is settled, the rotation that it began is taken back: nobody has the pair any more.
function Invoke-Handing($Cmdlet, $Version, [string]$Operation, [string]$Request, $Target, $Keep, [scriptblock]$Settle) {
    $handed = [HandedPair]::new()
    $isSettled = $false
    try {
        $data = (Invoke-Operation $Cmdlet $Version $Operation $Request $Target $false $handed).data
        & $Settle $data $handed.Secret
        $isSettled = $true
    }
    catch {
        # What the native library refuses has no pair, and what could not be stored is taken back already.
        $isSettled = $null -ne $_.Exception.Data['code']
        [Caller]::Forget($_)
        throw
    }
    finally {
        if (-not $isSettled -and ($null -eq $Keep -or -not $Keep['IsTaken'])) {
            $isBack = $null -ne $Keep -and (Undo-Begun $Cmdlet $Version $handed.Rotation)
            if (-not $isBack) { Write-Unfinished $(if ($Target) { "'$Target'" } else { 'the token in use' }) $handed.Rotation (Get-Standing $Cmdlet $handed.Rotation) }
        }
    }
}

# Whether nothing is left of the rotation that a stopped command began.
function Undo-Begun($Cmdlet, $Version, [string]$Rotation) {
    if (-not $Rotation) { return $true }
    try {
        [void](Invoke-Operation $Cmdlet $Version 'rotation_undo' ([RequestJson]::Text(@{ rotation = $Rotation })) $Rotation)
        $true
    }
    catch {
        [Caller]::Forget($_)
        $false
    }
}

# Rotates, and where the pair is to be kept from here, keeps and confirms it.
function Invoke-Rotation($Cmdlet, $Version, $Request, $Target, $Place, [string]$OldId) {
    if ($null -ne $Place.Keep) { Assert-Keepable $Cmdlet $Place.Keep }
    $blind = @(Get-BlindRotations $Cmdlet $Place.Keep $OldId)
    $rotation = Invoke-Handing $Cmdlet $Version 'rotate' ([RequestJson]::Text($Request)) $Target $Place.Keep {
        param($data, [securestring]$secret)
        $rotation = ConvertTo-Rotation $data
        # Without a pair an earlier rotation of this token was carried to its end.
        if ($null -eq $Place.Keep -or $null -eq $secret) { return $rotation }
        Confirm-HandedPair $Cmdlet $Version $rotation ([pscredential]::new($rotation.newId, $secret)) $Place.Keep
    }
    foreach ($id in $blind) { Add-LeftNote (Get-KnownRotation $Cmdlet $id) }
    Update-SessionPair $Cmdlet $Version $rotation $Place
    $rotation
}

# Ids of what is to be resumed: of this tenant, stopped or with an overlap that is over.
function Get-DueRotations($Cmdlet, $Version, [bool]$Now) {
    $tenant = (Get-SettingsInForce $Cmdlet $Version).baseUrl
    foreach ($rotation in Get-Rotations $Cmdlet $true) {
        if (-not [string]::Equals($rotation.baseUrl, $tenant, [StringComparison]::OrdinalIgnoreCase)) { Add-Note Verbose "Rotation $($rotation.rotation) belongs to $($rotation.baseUrl)." }
        elseif ($rotation.state -ne 'overlapping' -or $rotation.overdue -or $Now) { $rotation.rotation }
    }
}

# Refuses a rotation of another tenant than the one that the settings say, before anything is touched.
function Assert-Tenant($Cmdlet, $Version, $Known) {
    $baseUrl = Get-NamedTenant $Cmdlet $Version
    if (-not $baseUrl -or [TenantUrl]::Same($baseUrl, $Known.baseUrl)) { return }
    throw (New-LocalError 'rotation_refused' "The rotation $($Known.rotation) belongs to $($Known.baseUrl), and the settings say $([TenantUrl]::Shown($baseUrl)). Nothing was changed." 'InvalidOperation' 'Use the settings or the profile of that tenant.' $Known.rotation)
}

# The tenant in force; where settings are not complete, since a place has lost its pair, the one that this process was told.
function Get-NamedTenant($Cmdlet, $Version) {
    try { return (Get-SettingsInForce $Cmdlet $Version).baseUrl }
    catch {
        if ($_.Exception.Data['code'] -notin 'settings_missing', 'settings_mixed') { throw }
        [Caller]::Forget($_)
    }
    if ($Version['Profile'] -or $script:Configuration.Profile) { return }
    if (Test-Configured 'BaseUrl') { return $script:Configuration.BaseUrl }
    [Environment]::GetEnvironmentVariable('SAIL_BASE_URL')
}

# A session that signs in from the store that gets the old pair back follows by itself.
function Undo-Rotation($Cmdlet, $Version, [string]$Id) {
    if ($script:KeptBefore.ContainsKey($Id)) { return Undo-KeptRotation $Cmdlet $Version $Id }
    $undone = ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotation_undo' ([RequestJson]::Text(@{ rotation = $Id })) $Id).data
    Add-LeftNote $undone
    $undone
}

# The pair that this session was given directly.
function Get-SessionPair { [SecretText]::Pair($script:Configuration.ClientId, $script:Configuration.ClientSecret) }

# The pairs that this session was given or has in its variables, but for those of another tenant.
function Get-PairsAtHand([string]$BaseUrl) {
    if (-not $script:Configuration.BaseUrl -or [TenantUrl]::Same($script:Configuration.BaseUrl, $BaseUrl)) { Get-SessionPair }
    [KeptValue]::OfVariables($BaseUrl).Pair()
}

# A session that still signs in with the old pair goes on with the new one. A profile keeps its pair itself.
# The rotation is what it is: nothing that goes wrong here makes it a failed one.
function Update-SessionPair($Cmdlet, $Version, $Rotation, $Place) {
    Add-StaleNote $Rotation $Place
    try {
        if ($Version['Profile'] -or $null -eq $Rotation.oldId -or $Rotation.state -notin 'stored', 'overlapping', 'deleted', 'done') { return }
        $isHere = $null -ne $Rotation.storeIn.PSObject.Properties['caller']
        # Without the place it is not known where the new pair is.
        if ($isHere -and ($null -eq $Place.Keep -or $Place.Keep['Pair'] -isnot [pscredential] -or -not [string]::Equals($Place.Keep.Pair.UserName, $Rotation.newId))) { return }
        # What the session was given goes before variables: a source, or the old pair itself.
        if (-not [string]::Equals((Get-InForce $Cmdlet $Version).clientId, $Rotation.oldId)) { return }
        $settings = @{ ClientId = ''; ClientSecret = ''; Source = '' }
        if (-not $isHere) { $settings.Source = $Rotation.storeIn }
        elseif ($Place.Keep.Kind -eq 'Secret') {
            $settings.ClientId = $Place.Keep.Pair.UserName
            $settings.ClientSecret = $Place.Keep.Pair.Password
        }
        if ($script:KeptBefore.ContainsKey($Rotation.rotation)) {
            $script:KeptBefore[$Rotation.rotation].Old = Get-SessionPair
            $script:KeptBefore[$Rotation.rotation].Settings = Get-TenantSettings
        }
        Move-Session $Cmdlet $Version $settings $Rotation
    }
    catch { [Caller]::Forget($_) }
}

# The old pair stays in variables that were not the place of the new one. What this session does about it no program
# sees that is started from here.
function Add-StaleNote($Rotation, $Place) {
    if ($null -eq $Rotation.oldId -or $Rotation.state -notin 'stored', 'overlapping', 'deleted', 'done') { return }
    if ($null -ne $Place.Keep -and $Place.Keep.Kind -eq 'Environment') { return }
    if (-not [string]::Equals([KeptValue]::OfVariables($Rotation.baseUrl).Id(), $Rotation.oldId)) { return }
    $when = if ($Rotation.state -in 'deleted', 'done') { 'is removed' } else { 'will be removed' }
    Add-Note Warning "The variables SAIL_CLIENT_ID and SAIL_CLIENT_SECRET still hold the pair of the token $($Rotation.oldId), which $when. Programs that are started from here read them: put the new pair there, or take them out with Remove-Item Env:SAIL_CLIENT_ID, Env:SAIL_CLIENT_SECRET."
}

# Changes the session's settings, and says that it signs in with the new pair once it does. Settings that do not
# come to that are taken back.
function Move-Session($Cmdlet, $Version, $Settings, $Rotation) {
    $before = Get-TenantSettings
    Set-Settings $Settings
    $inForce = Get-InForce $Cmdlet $Version
    # The tenant may have been named where the old pair was.
    if (-not [string]::Equals($inForce.clientId, $Rotation.newId) -or -not [string]::Equals($inForce.baseUrl, $Rotation.baseUrl)) {
        Set-Settings @{ BaseUrl = $Rotation.baseUrl }
        $inForce = Get-InForce $Cmdlet $Version
    }
    if ([string]::Equals($inForce.clientId, $Rotation.newId)) {
        Add-Note Verbose "This session signs in with the new pair from now on, from $($Rotation.storedIn)."
        return
    }
    Restore-TenantSettings $before
    Add-Note Warning "This session could not go over to the new pair, which is in $($Rotation.storedIn): name it with Set-SailPatConfiguration. The old token $($Rotation.oldId) is removed, or will be."
}

# The settings of the session that say which tenant, and as whom.
function Get-TenantSettings {
    $settings = @{}
    foreach ($name in $script:TenantSettings) { $settings[$name] = $script:Configuration[$name] }
    $settings
}

function Restore-TenantSettings($Settings) {
    foreach ($name in $script:TenantSettings) { $script:Configuration[$name] = $Settings[$name] }
    $script:ConfigurationChanges++
}

# Makes a token and stores its pair, or makes none. What comes out has no secret, and says where it is.
function New-StoredToken($Cmdlet, $Version, [string]$Body, [string]$Name, $Place) {
    if ($null -ne $Place.Keep) { Assert-Keepable $Cmdlet $Place.Keep }
    $made = Invoke-Handing $Cmdlet $Version 'create_stored' ([RequestText]::Create($Body, $Place.Json)) $Name $Place.Keep {
        param($data, [securestring]$secret)
        $token = [SentReply]::Element($data, [CreatePersonalAccessTokenResponse], $script:JsonOptions)
        $fields = [SentReply]::FieldsOf($token)
        $rotation = [pscustomobject]@{ rotation = $fields['rotation']; state = $fields['state']; storedIn = $fields['storedIn']; oldId = $null }
        if ($null -ne $Place.Keep) { $rotation = Confirm-HandedPair $Cmdlet $Version $rotation ([pscredential]::new($fields['id'], $secret)) $Place.Keep }
        @{ Fields = $fields; Apart = [SentReply]::ApartOf($token, $fields); StoredIn = $rotation.storedIn }
    }
    $fields = $made.Fields
    $fields['name'] = $Name
    $fields['secret'] = $null
    $fields['storedIn'] = $made.StoredIn
    foreach ($of in 'state', 'lastUsed', 'managed') { $fields.Remove($of) }
    [SentReply]::Record($fields, [CreatePersonalAccessTokenResponse], $made.Apart)
}
