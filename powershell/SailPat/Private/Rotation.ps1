using namespace System.Collections
using namespace System.Management.Automation
using namespace System.Management.Automation.Language
using namespace System.Text.Json

# What the rotation commands and New-SailPat -StoreIn share: the store that a pair goes to, and what the native library
# plans and does with it. What this module keeps itself is in Keeping.ps1.

# Where a pair goes. Json is what the native library is told; Keep says how this module keeps the pair
# where the native library cannot; Words is for people, where the native library does not say it (Get-Plan). What came
# through the pipeline is data: it never names a program.
function Resolve-Store($Cmdlet, $StoreIn, [string]$SecretName, [string]$Vault, [bool]$IsPiped) {
    if ($SecretName) {
        if ($StoreIn) {
            throw (New-LocalError 'invalid_request' 'Only one of -StoreIn and -SecretName can hold.' 'InvalidArgument' 'Give one of them.')
        }
        Assert-SecretStore
        $words = "secret '$SecretName'$(if ($Vault) { " in the vault '$Vault'" })"
        $remedy = 'Name another secret with -SecretName, or remove this one with Remove-Secret once nobody needs it.'
        return @{
            Json = @{ caller = $true }
            Words = $words
            Keep = @{
                Kind = 'Secret'
                Name = $SecretName
                Vault = $(if ($Vault) { $Vault } else { Get-DefaultVault })
                Words = $words
                Remedy = $remedy
            }
        }
    }
    if ($Vault) {
        throw (New-LocalError 'invalid_request' '-Vault says where -SecretName goes, which was not given.' 'InvalidArgument' `
            'Give -SecretName, too.')
    }
    $plain = [PlainValue]::Of($StoreIn)
    if ([string]::IsNullOrWhiteSpace($plain -as [string]) -and ($null -eq $plain -or $plain -is [string])) {
        return @{ Json = $null; Words = $null; Keep = $null }
    }
    if ($IsPiped -and $plain -isnot [IO.FileInfo] -and
        ($plain -isnot [string] -or $plain -in 'Environment', 'CommandLine', 'Configuration')) {
        throw (New-LocalError 'invalid_request' `
            ('StoreIn came through the pipeline, where it is the path of a file: what comes that way is data, which runs nothing and ' +
            'changes nothing else here.') 'InvalidArgument' 'Give any other store as the argument -StoreIn.')
    }
    $json = ConvertTo-StoreTable $Cmdlet $StoreIn
    if ($json['environment']) {
        $words = 'variables SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET of this session'
        $remedy = 'Name another place, or take these variables out of this session once nobody needs them.'
        return @{
            Json = @{ caller = $true }
            Words = $words
            Keep = @{ Kind = 'Environment'; Name = $null; Vault = $null; Words = $words; Remedy = $remedy }
        }
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
            throw (New-LocalError 'invalid_request' "'$plain' is no place to store a pair." 'InvalidArgument' `
                ('Give a path that ends with .json or .env, one of the words Environment, CommandLine and Configuration, or a table such ' +
                'as @{ command = ''program'', ''argument'' }.'))
        }
        return @{ file = Get-FilePath $Cmdlet $plain }
    }
    if ($null -eq $plain -or $plain -is [ValueType] -or ($plain -isnot [IDictionary] -and $plain -is [IEnumerable])) {
        throw (New-LocalError 'invalid_request' 'A place to store a pair is a path, a word or a table.' 'InvalidArgument' `
            'Give a path, one of the words Environment, CommandLine and Configuration, or a table such as @{ keyring = ''prod'' }.')
    }
    $table = Get-Fields $Given @('file', 'format', 'command', 'commandTimeoutMs', 'commandLine', 'keyring', 'environment', 'caller')
    if ($table['caller']) {
        throw (New-LocalError 'invalid_request' 'The store caller is for programs that call the C functions.' 'InvalidArgument' `
            'Give -SecretName, or -StoreIn Environment.')
    }
    if ($table['file'] -is [string]) { $table['file'] = Get-FilePath $Cmdlet $table['file'] }
    if ($table['command'] -is [string]) { $table['command'] = @($table['command']) }
    $table
}

# What the native library would do with a request, which it refuses here as it would then; nothing is sent. Its
# words for the place are the place's.
function Get-Plan($Cmdlet, $Version, $Request, $Store) {
    try {
        $plan = [SailPatRecord]::Plain((Invoke-Operation $Cmdlet $Version 'rotation_plan' ([RequestJson]::Text($Request)) `
            $Request['id']).data)
    }
    catch {
        if ($null -eq $Store.Keep -or $_.Exception.Data['field'] -ne 'storeIn') { throw }
        # There it is the caller's, here it has a name.
        [Caller]::Forget($_)
        throw (New-LocalError $_.Exception.Data['code'] (Get-ErrorWords $_).Replace(' in caller ', " in $($Store.Words) ") `
            $_.CategoryInfo.Category $_.ErrorDetails.RecommendedAction $Request['id'])
    }
    if ($null -eq $Store.Keep) { $Store.Words = $plan.storedIn }
    $plan
}

# The tenant that a pair is of is kept with it where this module keeps the pair itself in variables. Of another tenant
# they are refused as a file is, before anything is made.
function Set-StoreTenant($Cmdlet, $Version, $Store) {
    if ($null -eq $Store.Keep -or $Store.Keep.Kind -ne 'Environment') { return }
    $Store.Keep.BaseUrl = (Get-SettingsInForce $Cmdlet $Version).baseUrl
    $named = [Environment]::GetEnvironmentVariable('SAIL_BASE_URL')
    if ([string]::IsNullOrWhiteSpace($named) -or [TenantUrl]::Same($named, $Store.Keep.BaseUrl)) { return }
    throw (New-LocalError 'secret_not_stored' `
        ("The place $($Store.Words) is for another tenant: its SAIL_BASE_URL is $([TenantUrl]::Redacted($named)), not " +
        "$($Store.Keep.BaseUrl). Nothing was changed.") 'ResourceExists' $Store.Keep.Remedy $Store.Words)
}

# Two pairs in one place: the second would write over the only copy of the first. Only what says where
# counts: how a file is written does not make it another one.
function Assert-OtherStore($Used, $Store) {
    if ($null -eq $Store.Json) { return }
    $where = if ($null -ne $Store.Keep) { $Store.Keep.Kind, $Store.Keep['Name'], $Store.Keep['Vault'] }
    else {
        foreach ($name in $Store.Json.Keys | Where-Object { $_ -notin 'format', 'commandTimeoutMs' } | Sort-Object -Culture '') {
            "$name=$([RequestJson]::Text($Store.Json[$name]))"
        }
    }
    if (-not $Used.Add($where -join "`n")) {
        throw (New-LocalError 'invalid_request' "The pair of another token of this pipeline is in $($Store.Words) already." `
            'InvalidArgument' 'Name a place of its own for each token.')
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
            if (-not $isBack) {
                Write-Unfinished $(if ($Target) { "'$Target'" } else { 'the token in use' }) $handed.Rotation `
                    (Get-Standing $Cmdlet $handed.Rotation)
            }
        }
    }
}

# Rotates, and where the pair is to be kept from here, keeps and confirms it.
function Invoke-Rotation($Cmdlet, $Version, $Request, $Target, $Store, [string]$OldId) {
    if ($null -ne $Store.Keep) { Assert-Keepable $Cmdlet $Store.Keep }
    $blind = @(Get-BlindRotations $Cmdlet $Store.Keep $OldId)
    $rotation = Invoke-Handing $Cmdlet $Version 'rotate' ([RequestJson]::Text($Request)) $Target $Store.Keep {
        param($data, [securestring]$secret)
        $rotation = ConvertTo-Rotation $data
        # Without a pair an earlier rotation of this token was carried to its end.
        if ($null -eq $Store.Keep -or $null -eq $secret) { return $rotation }
        Confirm-HandedPair $Cmdlet $Version $rotation ([pscredential]::new($rotation.newId, $secret)) $Store.Keep
    }
    foreach ($id in $blind) { Add-LeftNote (Get-KnownRotation $Cmdlet $id) }
    Update-SessionPair $Cmdlet $Version $rotation $Store
    $rotation
}

# Ids of what is to be resumed: of this tenant, stopped or with an overlap that is over.
function Get-DueRotations($Cmdlet, $Version, [bool]$Now) {
    $tenant = (Get-SettingsInForce $Cmdlet $Version).baseUrl
    foreach ($rotation in Get-Rotations $Cmdlet $true) {
        if (-not [string]::Equals($rotation.baseUrl, $tenant, [StringComparison]::OrdinalIgnoreCase)) {
            Add-Note Verbose "Rotation $($rotation.rotation) belongs to $($rotation.baseUrl)."
        }
        elseif ($rotation.state -ne 'overlapping' -or $rotation.overdue -or $Now) { $rotation.rotation }
    }
}

# Makes a token and stores its pair, or makes none. What comes out has no secret, and says where it is.
function New-StoredToken($Cmdlet, $Version, [string]$Body, [string]$Name, $Store) {
    if ($null -ne $Store.Keep) { Assert-Keepable $Cmdlet $Store.Keep }
    $made = Invoke-Handing $Cmdlet $Version 'create_stored' ([RequestText]::Create($Body, $Store.Json)) $Name $Store.Keep {
        param($data, [securestring]$secret)
        $token = [SentReply]::Element($data, [CreatePersonalAccessTokenResponse], $script:JsonOptions)
        $fields = [SentReply]::FieldsOf($token)
        $rotation = [pscustomobject]@{
            rotation = $fields['rotation']; state = $fields['state']; storedIn = $fields['storedIn']; oldId = $null
        }
        if ($null -ne $Store.Keep) {
            $rotation = Confirm-HandedPair $Cmdlet $Version $rotation ([pscredential]::new($fields['id'], $secret)) $Store.Keep
        }
        @{ Fields = $fields; Apart = [SentReply]::ApartOf($token, $fields); StoredIn = $rotation.storedIn }
    }
    $fields = $made.Fields
    $fields['name'] = $Name
    $fields['secret'] = $null
    $fields['storedIn'] = $made.StoredIn
    foreach ($of in 'state', 'lastUsed', 'managed') { $fields.Remove($of) }
    [SentReply]::Record($fields, [CreatePersonalAccessTokenResponse], $made.Apart)
}
