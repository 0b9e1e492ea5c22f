using namespace System.Collections
using namespace System.Management.Automation
using namespace System.Management.Automation.Language
using namespace System.Text.Json

# What the rotation commands and New-SailPat -StoreIn share: where a pair goes, and for the places that
# only PowerShell can reach, a vault and this session's variables, the take, store, read back and confirm.

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
    $rotation.PSObject.Properties.Remove('pair')
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
# where the native library cannot; Words is for people. What came through the pipeline is data: it never names a
# program.
function Resolve-Place($Cmdlet, $StoreIn, [string]$SecretName, [string]$Vault, [bool]$IsPiped) {
    if ($SecretName) {
        if ($StoreIn) { throw (New-LocalError 'invalid_request' 'Only one of -StoreIn and -SecretName can hold.' 'InvalidArgument' 'Give one of them.') }
        Assert-SecretStore
        $words = "secret '$SecretName'$(if ($Vault) { " in the vault '$Vault'" })"
        return @{ Json = @{ caller = $true }; Words = $words; Keep = @{ Kind = 'Secret'; Name = $SecretName; Vault = $Vault; Words = $words } }
    }
    if ($Vault) { throw (New-LocalError 'invalid_request' '-Vault says where -SecretName goes, which was not given.' 'InvalidArgument' 'Give -SecretName, too.') }
    $plain = [PlainValue]::Of($StoreIn)
    if ([string]::IsNullOrWhiteSpace($plain -as [string]) -and ($null -eq $plain -or $plain -is [string])) { return @{ Json = $null; Words = 'where the old one came from'; Keep = $null } }
    if ($IsPiped -and $plain -isnot [IO.FileInfo] -and ($plain -isnot [string] -or $plain -in 'Environment', 'CommandLine', 'Configuration')) {
        throw (New-LocalError 'invalid_request' 'StoreIn came through the pipeline, where it is the path of a file: what comes that way is data, which runs nothing and changes nothing else here.' 'InvalidArgument' 'Give any other store as the argument -StoreIn.')
    }
    $json = ConvertTo-StoreTable $Cmdlet $StoreIn
    if ($json['environment']) {
        $words = 'variables SAIL_CLIENT_ID and SAIL_CLIENT_SECRET of this session'
        return @{ Json = @{ caller = $true }; Words = $words; Keep = @{ Kind = 'Environment'; Words = $words } }
    }
    @{ Json = $json; Words = (Get-StoreWords $json); Keep = $null }
}

# What -StoreIn and -Source take, as the native library knows it.
function ConvertTo-StoreTable($Cmdlet, $Given) {
    $plain = [PlainValue]::Of($Given)
    if ($plain -is [IO.FileInfo]) { return @{ file = $plain.FullName } }
    if ($plain -is [string]) {
        switch ($plain) {
            'Environment' { return @{ environment = $true } }
            'CommandLine' { return @{ commandLine = $true } }
            'Configuration' { return @{ file = $Cmdlet.GetUnresolvedProviderPathFromPSPath('config.json') } }
        }
        # A slip of one of the words must not become the name of a file.
        if ($plain -notmatch '(\.json|\.env|(^|[\\/])\.env\.[^\\/]+)$') {
            throw (New-LocalError 'invalid_request' "'$plain' is no place to store a pair." 'InvalidArgument' 'Give a path that ends with .json or .env, one of the words Environment, CommandLine and Configuration, or a table such as @{ command = ''program'', ''argument'' }.')
        }
        return @{ file = $Cmdlet.GetUnresolvedProviderPathFromPSPath($plain) }
    }
    if ($null -eq $plain -or $plain -is [ValueType] -or ($plain -isnot [IDictionary] -and $plain -is [IEnumerable])) {
        throw (New-LocalError 'invalid_request' 'A place to store a pair is a path, a word or a table.' 'InvalidArgument' 'Give a path, one of the words Environment, CommandLine and Configuration, or a table such as @{ keyring = ''prod'' }.')
    }
    $table = Get-Fields $Given @('file', 'format', 'command', 'commandTimeoutMs', 'commandLine', 'keyring', 'environment', 'caller')
    if ($table['caller']) { throw (New-LocalError 'invalid_request' 'The store caller is for programs that call the C functions.' 'InvalidArgument' 'Give -SecretName, or -StoreIn Environment.') }
    if ($table['file'] -is [string]) { $table['file'] = $Cmdlet.GetUnresolvedProviderPathFromPSPath($table['file']) }
    if ($table['command'] -is [string]) { $table['command'] = @($table['command']) }
    $table
}

# The same words as the native library's.
function Get-StoreWords($Table) {
    if ($Table['file'] -and -not $Table['commandLine']) { return "file $($Table['file'])" }
    if ($Table['command']) { return "command $(@($Table['command'])[0])" }
    if ($Table['keyring']) { return "keyring, account $($Table['keyring'])" }
    if ($Table['commandLine']) { return "official command line, $(if ($Table['commandLine'] -is [string]) { "environment $($Table['commandLine'])" } else { 'active environment' })" }
    [RequestJson]::Text($Table)
}

# Two pairs in one place: the second would write over the only copy of the first. Only what says where
# counts: how a file is written does not make it another one.
function Assert-OtherPlace($Used, $Place) {
    if ($null -eq $Place.Json) { return }
    $where = if ($null -ne $Place.Keep) { $Place.Keep.Kind, $Place.Keep['Name'], $Place.Keep['Vault'] }
    else { foreach ($name in $Place.Json.Keys | Where-Object { $_ -notin 'format', 'commandTimeoutMs' } | Sort-Object) { "$name=$([RequestJson]::Text($Place.Json[$name]))" } }
    if (-not $Used.Add($where -join "`n")) {
        throw (New-LocalError 'invalid_request' "The pair of another token of this pipeline is in $($Place.Words) already." 'InvalidArgument' 'Name a place of its own for each token.')
    }
}

# A profile signs in with what its own store holds: a pair that goes elsewhere would leave it a dead one.
function Assert-ProfileKeepsPair($Cmdlet, $InForce, [string]$Id, $Place) {
    if (-not $InForce.profile -or $null -eq $Place.Json -or ($Id -and $Id -cne $InForce.clientId)) { return }
    $source = foreach ($known in Get-KnownProfiles $Cmdlet) { if ($known.name -eq $InForce.profile) { $known.source } }
    # A program is one of many by its arguments, which nobody is told.
    if ($null -eq $Place.Keep -and -not $Place.Json['command'] -and $Place.Words -ceq $source) { return }
    throw (New-LocalError 'invalid_request' "The token in use is the one that profile $($InForce.profile) signs in with. With its pair in $($Place.Words) the profile would keep the pair of a removed token." 'InvalidArgument' `
            'Leave -StoreIn and -SecretName out: the pair then goes to the profile''s own store. Or change that store first, with Set-SailPatProfile.')
}

# Calls what hands a pair over and does something with it. When the command is stopped, or fails by itself,
# before the pair is settled, what waits for it is taken back: nobody has the pair any more.
function Invoke-Handing($Cmdlet, $Version, [string]$Operation, [string]$Request, $Target, $Keep, [scriptblock]$Settle) {
    $handed = [HandedPair]::new()
    $began = [datetime]::UtcNow.AddSeconds(-1)
    $wanted = if ($null -eq $Keep) { } elseif ($Operation -ceq 'rotate') { if ($Target) { $Target } else { (Get-InForce $Cmdlet $Version).clientId } } else { $Target }
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
        if (-not $isSettled) {
            if ($null -eq $Keep) { Write-Unfinished $(if ($Target) { $Target } else { 'the token in use' }) }
            elseif (-not $Keep['IsTaken']) { Undo-Unsettled $Cmdlet $Version $wanted $began }
        }
    }
}

function Undo-Unsettled($Cmdlet, $Version, [string]$Wanted, [datetime]$Began) {
    try {
        foreach ($rotation in Get-Rotations $Cmdlet $true) {
            if ($rotation.state -ne 'awaiting_confirmation' -or $rotation.started -lt $Began) { continue }
            if ($Wanted -and $Wanted -cne $(if ($null -ne $rotation.oldId) { $rotation.oldId } else { $rotation.name })) { continue }
            [void](Invoke-Operation $Cmdlet $Version 'rotation_undo' ([RequestJson]::Text(@{ rotation = $rotation.rotation })) $rotation.rotation)
        }
    }
    # Resuming takes it back, too.
    catch { [Caller]::Forget($_) }
}

# Rotates, and where the pair is to be kept from here, keeps and confirms it.
function Invoke-Rotation($Cmdlet, $Version, $Request, $Target, $Place) {
    $rotation = Invoke-Handing $Cmdlet $Version 'rotate' ([RequestJson]::Text($Request)) $Target $Place.Keep {
        param($data, [securestring]$secret)
        $rotation = ConvertTo-Rotation $data
        # Without a pair an earlier rotation of this token was carried to its end.
        if ($null -eq $Place.Keep -or $null -eq $secret) { return $rotation }
        Confirm-HandedPair $Cmdlet $Version $rotation ([pscredential]::new($rotation.newId, $secret)) $Place.Keep
    }
    Update-SessionPair $Cmdlet $Version $rotation $Place
    $rotation
}

# What rotations of this session found in their places, for as long as they may be undone: the place, the
# new pair, what was there before, and the old pair where this session had it.
$script:KeptBefore = @{}

# Keeps the pair, reads it back and confirms what came back. When it cannot be kept, or the command is
# stopped before it was, everything goes back to what it was.
function Confirm-HandedPair($Cmdlet, $Version, $Rotation, [pscredential]$Pair, $Keep) {
    $isKept = $false
    $isTakenBack = $false
    $isTouched = $false
    $before = $null
    try {
        # From here on this function answers for the pair.
        $Keep.IsTaken = $true
        try {
            $before = Get-KeptValue $Keep
            if ($null -eq $before.Pair() -and -not $before.IsNothing()) { throw "it holds a $($before.value.GetType().Name), and no credential" }
            $isTouched = $true
            Set-KeptPair $Keep $Pair
            $back = Get-KeptValue $Keep
            if (-not $back.Holds($Pair)) { throw 'it gives back something else than was stored' }
            $isKept = $true
        }
        catch {
            [Caller]::Forget($_)
            $isTakenBack = $true
            throw (New-NotStoredError $Cmdlet $Version $Rotation $Pair $Keep $isTouched $before ([SecretText]::Hide($_.Exception.Message, @($Pair, $(if ($null -ne $before) { $before.Pair() })))))
        }
        $script:KeptBefore[$Rotation.rotation] = @{ Keep = $Keep; Pair = $back.Pair(); Before = $before.Pair() }
        $Keep.Pair = $back.Pair()
        $confirmed = ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotation_resume' ([HandedPair]::Confirmation($Rotation.rotation, $back.Pair(), $false)) $Rotation.rotation).data
        $confirmed.storedIn = $Keep.Words
        Clear-KeptBefore $confirmed
        $confirmed
    }
    finally {
        if (-not $isKept -and -not $isTakenBack) { [void](New-NotStoredError $Cmdlet $Version $Rotation $Pair $Keep $isTouched $before 'it was stopped') }
    }
}

# What cannot be undone any more needs nothing that was before.
function Clear-KeptBefore($Rotation) { if ($Rotation.state -in 'deleted', 'done', 'undone') { $script:KeptBefore.Remove($Rotation.rotation) } }

# Takes everything back, and gives the error that says so. The reason has no secret in it any more.
function New-NotStoredError($Cmdlet, $Version, $Rotation, [pscredential]$Pair, $Keep, [bool]$IsTouched, $Before, [string]$Reason) {
    $message = "The new pair could not be stored in $($Keep.Words): $($Reason.TrimEnd('.')). "
    $remedy = 'Look there, then try again.'
    $left = $null
    $old = if ($null -ne $Before) { $Before.Pair() }
    try {
        try { if ($IsTouched) { Restore-KeptPair $Keep $Pair $old } }
        catch {
            # With something else than nothing to go back to, the place may hold the new pair: it must live on.
            if ($null -ne $old) { throw }
            [Caller]::Forget($_)
            $left = [SecretText]::Hide($_.Exception.Message.TrimEnd('.'), @($Pair))
        }
        [void](Invoke-Operation $Cmdlet $Version 'rotation_undo' ([RequestJson]::Text(@{ rotation = $Rotation.rotation })) $Rotation.rotation)
        $message += if ($null -eq $left) { 'The new token was removed again; nothing was changed.' } else { "The new token was removed again, but its pair may still be in $($Keep.Words): $left." }
        if ($null -ne $left) { $remedy = "Look there and remove it, if it is there: it does not sign in any more." }
    }
    catch {
        [Caller]::Forget($_)
        if ($IsTouched) { $script:KeptBefore[$Rotation.rotation] = @{ Keep = $Keep; Pair = $Pair; Before = $old } }
        $message += "Taking the rotation $($Rotation.rotation) back failed, too: $([SecretText]::Hide($_.Exception.Message, @($Pair, $old))) The old token still works."
        $remedy = "Undo-SailPatRotation $($Rotation.rotation) once the cause is gone."
    }
    New-LocalError 'secret_not_stored' $message 'WriteError' $remedy $Keep.Words
}

# What is kept in a place now. A vault that is locked or fails is an error: what is in it is not known.
function Get-KeptValue($Keep) {
    if ($Keep.Kind -eq 'Environment') { return [KeptValue]::new([SecretText]::Pair([Environment]::GetEnvironmentVariable('SAIL_CLIENT_ID'), [Environment]::GetEnvironmentVariable('SAIL_CLIENT_SECRET'))) }
    $where = Get-VaultArguments $Keep
    try { [KeptValue]::new((Get-Secret @where -ErrorAction Stop)) }
    catch {
        if (($_.FullyQualifiedErrorId -split ',')[0] -cne 'GetSecretNotFound') { throw }
        [Caller]::Forget($_)
        [KeptValue]::new($null)
    }
}

function Set-KeptPair($Keep, [pscredential]$Pair) {
    if ($Keep.Kind -eq 'Environment') {
        # The two halves change between two calls of this thread; nothing here calls in between.
        [Environment]::SetEnvironmentVariable('SAIL_CLIENT_ID', $Pair.UserName)
        [Environment]::SetEnvironmentVariable('SAIL_CLIENT_SECRET', [SecretText]::Plain($Pair.Password))
        return
    }
    $where = Get-VaultArguments $Keep
    [void](Set-Secret @where -Secret $Pair -ErrorAction Stop)
}

# Puts back what was there, where the place does not hold it any more.
function Restore-KeptPair($Keep, [pscredential]$Pair, $Before) {
    if ($Keep.Kind -eq 'Environment') {
        [Environment]::SetEnvironmentVariable('SAIL_CLIENT_ID', $(if ($null -ne $Before) { $Before.UserName }))
        [Environment]::SetEnvironmentVariable('SAIL_CLIENT_SECRET', $(if ($null -ne $Before) { [SecretText]::Plain($Before.Password) }))
        return
    }
    $now = Get-KeptValue $Keep
    if ($null -ne $Before) { if ($now.Holds($Before)) { return } }
    elseif ($now.IsNothing()) { return }
    $where = Get-VaultArguments $Keep
    if ($null -ne $Before) {
        [void](Set-Secret @where -Secret $Before -ErrorAction Stop)
        return
    }
    # Remove-Secret wants a vault, and Set-Secret does not say which one it took.
    if (-not $where['Vault']) { $where.Vault = Get-VaultOf $Keep }
    if ($where.Vault) { Remove-Secret @where -ErrorAction Stop }
}

# The vault that holds a secret, the default one before others.
function Get-VaultOf($Keep) {
    # A name is a pattern here.
    $vaults = @(Get-SecretInfo -Name ([WildcardPattern]::Escape($Keep.Name)) -ErrorAction Stop | Where-Object Name -EQ $Keep.Name | ForEach-Object VaultName)
    if ($vaults.Count -gt 1) {
        $default = Get-SecretVault -ErrorAction Stop | Where-Object IsDefault | ForEach-Object Name
        if ($default -in $vaults) { return $default }
    }
    $vaults | Select-Object -First 1
}

function Get-VaultArguments($Keep) {
    $where = @{ Name = $Keep.Name }
    if ($Keep.Vault) { $where.Vault = $Keep.Vault }
    $where
}

# Goes on with what is stored and not yet ended: the place holds the new pair of such a rotation. Gives back
# the rotation, or nothing. $Wanted is a rotation's id, or with $OfToken that of a token.
function Complete-KeptRotation($Cmdlet, $Version, $Keep, [string]$Wanted, [bool]$OfToken, [bool]$Now) {
    $states = 'awaiting_confirmation', 'stored', 'deleted'
    if (-not $OfToken) { $states += 'overlapping' }
    $waiting = @(foreach ($rotation in Get-Rotations $Cmdlet $true) {
            if ($rotation.state -notin $states -or $null -eq $rotation.storeIn.PSObject.Properties['caller']) { continue }
            if ($Wanted -cin $(if ($OfToken) { $rotation.oldId, $rotation.newId } else { $rotation.rotation })) { $rotation }
        })
    if ($waiting.Count -eq 0) { return }
    $pair = (Get-KeptValue $Keep).Pair()
    if ($null -eq $pair) { return }
    foreach ($rotation in $waiting) {
        if ($rotation.newId -cne $pair.UserName) { continue }
        $confirmed = ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotation_resume' ([HandedPair]::Confirmation($rotation.rotation, $pair, $Now)) $rotation.rotation).data
        $confirmed.storedIn = $Keep.Words
        $Keep.Pair = $pair
        Clear-KeptBefore $confirmed
        return $confirmed
    }
}

# Ids of what is to be resumed: of this tenant, stopped or with an overlap that is over.
function Get-DueRotations($Cmdlet, $Version, [bool]$Now) {
    $tenant = (Get-SettingsInForce $Cmdlet $Version).baseUrl
    foreach ($rotation in Get-Rotations $Cmdlet $true) {
        if ($rotation.baseUrl -ne $tenant) { Add-Note Verbose "Rotation $($rotation.rotation) belongs to $($rotation.baseUrl)." }
        elseif ($rotation.state -ne 'overlapping' -or $rotation.overdue -or $Now) { $rotation.rotation }
    }
}

function Resume-Rotation($Cmdlet, $Version, [string]$Id, [bool]$Now, $Keep) {
    $rotation = if ($null -ne $Keep) { Complete-KeptRotation $Cmdlet $Version $Keep $Id $false $Now }
    if ($null -eq $rotation) {
        $rotation = ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotation_resume' ([RequestJson]::Text(@{ rotation = $Id; now = $Now })) $Id).data
        Clear-KeptBefore $rotation
    }
    Update-SessionPair $Cmdlet $Version $rotation @{ Keep = $Keep }
    $rotation
}

# A session that signs in from the store that gets the old pair back follows by itself. What this module
# keeps goes back first, so that at each moment the place holds a pair that signs in.
function Undo-Rotation($Cmdlet, $Version, [string]$Id) {
    $request = [RequestJson]::Text(@{ rotation = $Id })
    $kept = $script:KeptBefore[$Id]
    if ($null -eq $kept) { return ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotation_undo' $request $Id).data }
    $known = @(Get-Rotations $Cmdlet $false | Where-Object rotation -CEQ $Id)[0]
    $old = Get-OldPair $known $kept
    if ($null -eq $old -and $null -ne $known.oldId) {
        throw (New-LocalError 'rotation_refused' "The old secret is not known here, and $($kept.Keep.Words) holds the new pair. Nothing was changed." 'InvalidOperation' 'Set the old pair with Set-SailPatConfiguration -Credential, then undo again; or resume the rotation.' $Id)
    }
    $row = $Version.Clone()
    $row.Pair = $old
    $isRestored = $false
    try {
        # Refused while nothing has been changed yet.
        if ($known.state -in 'done', 'deleted') { $row.Pair = $null }
        elseif ($null -ne $old) { [void](Invoke-Operation $Cmdlet $row 'list' '{"ownerId":"me"}') }
        if ($known.state -notin 'done', 'deleted', 'undone') {
            $isRestored = $true
            Restore-KeptPair $kept.Keep $kept.Pair $kept.Before
        }
        $undone = ConvertTo-Rotation (Invoke-Operation $Cmdlet $row 'rotation_undo' $request $Id).data
    }
    catch {
        [Caller]::Forget($_)
        $failure = $_
        $code = $failure.Exception.Data['code']
        # The old token was removed meanwhile, so the new pair must be there.
        if ($isRestored -and $code -ceq 'rotation_refused') { Set-KeptPair $kept.Keep $kept.Pair }
        if ($null -ne $code -or $null -ne $failure.Exception.Data['status']) { throw $failure }
        throw (New-LocalError 'rotation_unfinished' ([SecretText]::Hide("What was in $($kept.Keep.Words) could not be put back: $($failure.Exception.Message)", @($kept.Pair, $kept.Before, $old))) 'InvalidResult' "Undo the rotation $Id again once the cause is gone; both tokens live." $Id)
    }
    finally { Clear-ClientsWithPair }
    $script:KeptBefore.Remove($Id)
    $undone.storedIn = $kept.Keep.Words
    try {
        if ($null -ne $old -and -not $Version['Profile'] -and $kept.Keep.Kind -eq 'Secret' -and (Get-InForce $Cmdlet $Version).clientId -ceq $known.newId) { Set-Settings @{ ClientId = $old.UserName; ClientSecret = $old.Password } }
    }
    catch { [Caller]::Forget($_) }
    $undone
}

# The old pair, where this session still has it.
function Get-OldPair($Rotation, $Kept) {
    if ($null -eq $Rotation.oldId) { return }
    foreach ($pair in $Kept.Before, $Kept['Old'], (Get-SessionPair), (Get-KeptValue @{ Kind = 'Environment' }).Pair()) { if ($pair -is [pscredential] -and $pair.UserName -ceq $Rotation.oldId) { return $pair } }
}

# The pair that this session was given directly.
function Get-SessionPair { [SecretText]::Pair($script:Configuration.ClientId, $script:Configuration.ClientSecret) }

# A session that still signs in with the old pair goes on with the new one. A profile keeps its pair itself.
# The rotation is what it is: nothing that goes wrong here makes it a failed one.
function Update-SessionPair($Cmdlet, $Version, $Rotation, $Place) {
    try {
        if ($Version['Profile'] -or $null -eq $Rotation.oldId -or $Rotation.state -notin 'stored', 'overlapping', 'deleted', 'done') { return }
        $isHere = $null -ne $Rotation.storeIn.PSObject.Properties['caller']
        # Without the place it is not known where the new pair is.
        if ($isHere -and ($null -eq $Place.Keep -or $Place.Keep['Pair'] -isnot [pscredential] -or $Place.Keep.Pair.UserName -cne $Rotation.newId)) { return }
        $current = Get-InForce $Cmdlet $Version
        if ($null -eq $current -or $current.clientId -cne $Rotation.oldId) { return }
        $settings = @{ ClientId = ''; ClientSecret = '' }
        if (-not $isHere) { $settings.Source = $Rotation.storeIn }
        elseif ($Place.Keep.Kind -eq 'Secret') { $settings = @{ ClientId = $Place.Keep.Pair.UserName; ClientSecret = $Place.Keep.Pair.Password } }
        if ($script:KeptBefore.ContainsKey($Rotation.rotation)) { $script:KeptBefore[$Rotation.rotation].Old = Get-SessionPair }
        Set-Settings $settings
        Add-Note Verbose "This session signs in with the new pair from now on, from $($Rotation.storedIn)."
    }
    catch { [Caller]::Forget($_) }
}

# Makes a token and stores its pair, or makes none. What comes out has no secret, and says where it is.
function New-StoredToken($Cmdlet, $Version, [string]$Body, [string]$Name, $Place) {
    $made = Invoke-Handing $Cmdlet $Version 'create_stored' ([RequestText]::Create($Body, $Place.Json)) $Name $Place.Keep {
        param($data, [securestring]$secret)
        $token = [SentReply]::Element($data, [CreatePersonalAccessTokenResponse], $script:JsonOptions)
        $fields = [ordered]@{}
        foreach ($property in $token.PSObject.Properties.Where({ $_.Name -ne 'extra' })) { $fields[$property.Name] = $property.Value }
        if ($null -ne $token.extra) { foreach ($unknown in $token.extra.Keys) { $fields[$unknown] = $token.UnknownField($unknown) } }
        $rotation = [pscustomobject]@{ rotation = $fields['rotation']; state = $fields['state']; storedIn = $fields['storedIn'] }
        if ($null -ne $Place.Keep) { $rotation = Confirm-HandedPair $Cmdlet $Version $rotation ([pscredential]::new($fields['id'], $secret)) $Place.Keep }
        @{ Fields = $fields; StoredIn = $rotation.storedIn }
    }
    $fields = $made.Fields
    $fields['name'] = $Name
    $fields['secret'] = $null
    $fields['storedIn'] = $made.StoredIn
    foreach ($of in 'state', 'lastUsed', 'managed') { $fields.Remove($of) }
    [SentReply]::Record($fields, [CreatePersonalAccessTokenResponse])
}
