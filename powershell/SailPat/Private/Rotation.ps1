using namespace System.Collections
using namespace System.Management.Automation
using namespace System.Management.Automation.Language
using namespace System.Runtime.InteropServices
using namespace System.Text.Json

# What the rotation commands and New-SailPat -StoreIn share: where a pair goes, and for the places that
# only PowerShell can reach, a vault and this session's variables, the take, store, read back and confirm.

# A pair that the native library hands over once. It is cut out of the reply's bytes before they are read
# as JSON, so that no text of the secret is ever made here.
[NoRunspaceAffinity()]
class HandedPair {
    hidden static [byte[]]$InRotation = [Text.Encoding]::ASCII.GetBytes('"clientSecret":"')
    hidden static [byte[]]$InCreate = [Text.Encoding]::ASCII.GetBytes('"secret":"')
    [securestring]$Secret

    # Within a JSON text these keys stand nowhere else: a quote in a value has a backslash before it.
    [void] TakeFrom([byte[]]$reply) {
        foreach ($key in [HandedPair]::InRotation, [HandedPair]::InCreate) {
            $start = [HandedPair]::EndOf($key, $reply)
            if ($start -lt 0) { continue }
            $taken = [securestring]::new()
            for ($i = $start; $i -lt $reply.Length -and $reply[$i] -ne 34; $i++) {
                # The service's secrets are plain letters and digits; anything else would be escaped.
                if ($reply[$i] -eq 92 -or $reply[$i] -gt 126) { throw [IO.InvalidDataException]::new('The new secret holds a character that no secret of the service has.') }
                $taken.AppendChar([char]$reply[$i])
                $reply[$i] = 42
            }
            $taken.MakeReadOnly()
            $this.Secret = $taken
            return
        }
    }

    hidden static [int] EndOf([byte[]]$key, [byte[]]$text) {
        $at = [Array]::IndexOf($text, $key[0])
        while ($at -ge 0 -and $at + $key.Length -lt $text.Length) {
            $length = 1
            while ($length -lt $key.Length -and $text[$at + $length] -eq $key[$length]) { $length++ }
            if ($length -eq $key.Length) { return $at + $length }
            $at = [Array]::IndexOf($text, $key[0], $at + 1)
        }
        return -1
    }

    # The request that confirms a pair, as bytes with a closing NUL; the caller wipes them.
    static [byte[]] Confirmation([string]$rotation, [pscredential]$pair) {
        $before = '{"rotation":' + [RequestText]::Quote($rotation) + ',"confirm":{"clientId":' + [RequestText]::Quote($pair.UserName) + ',"clientSecret":"'
        $characters = [HandedPair]::Characters($pair.Password)
        $request = [IO.MemoryStream]::new($before.Length * 6 + $characters.Length * 6 + 8)
        $request.Write([Text.Encoding]::UTF8.GetBytes($before))
        foreach ($character in $characters) {
            $plain = $character -ge ' ' -and $character -le '~' -and $character -ne '"' -and $character -ne '\'
            if ($plain) { $request.WriteByte([byte]$character) } else { $request.Write([Text.Encoding]::ASCII.GetBytes('\u' + ([int]$character).ToString('x4'))) }
        }
        $request.Write([Text.Encoding]::ASCII.GetBytes("`"}}`0"))
        [Array]::Clear($characters, 0, $characters.Length)
        $bytes = $request.ToArray()
        [Array]::Clear($request.GetBuffer(), 0, $request.Capacity)
        return $bytes
    }

    static [bool] Same([pscredential]$one, [pscredential]$other) {
        if ($one.UserName -cne $other.UserName) { return $false }
        $first = [HandedPair]::Characters($one.Password)
        $second = [HandedPair]::Characters($other.Password)
        $different = $first.Length -bxor $second.Length
        for ($i = 0; $i -lt [math]::Min($first.Length, $second.Length); $i++) { $different = $different -bor ([int]$first[$i] -bxor [int]$second[$i]) }
        [Array]::Clear($first, 0, $first.Length)
        [Array]::Clear($second, 0, $second.Length)
        return $different -eq 0
    }

    hidden static [char[]] Characters([securestring]$text) {
        $characters = [char[]]::new($text.Length)
        $memory = [Marshal]::SecureStringToGlobalAllocUnicode($text)
        try { [Marshal]::Copy($memory, $characters, 0, $characters.Length) }
        finally { [Marshal]::ZeroFreeGlobalAllocUnicode($memory) }
        return $characters
    }
}

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
            if (-not $rotation.rotation.StartsWith($word.Trim('"', "'"), [StringComparison]::OrdinalIgnoreCase)) { continue }
            $results.Add([CompletionResult]::new($rotation.rotation, $rotation.rotation, [CompletionResultType]::ParameterValue, "$($rotation.name): $($rotation.state)"))
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
    $listed = (Invoke-Operation $Cmdlet (Get-CurrentVersion) 'rotation_list' (ConvertTo-JsonText $request)).data
    foreach ($element in $listed.EnumerateArray()) { ConvertTo-Rotation $element }
}

# Where a pair goes. Json is what the native library is told; Keep says how this module keeps the pair
# where the native library cannot; Words is for people.
function Resolve-Place($Cmdlet, $StoreIn, [string]$SecretName, [string]$Vault) {
    if ($SecretName) {
        if ($StoreIn) { throw (New-LocalError 'invalid_request' 'Only one of -StoreIn and -SecretName can hold.' 'InvalidArgument' 'Give one of them.') }
        Assert-SecretStore
        $words = "secret '$SecretName'$(if ($Vault) { " in the vault '$Vault'" })"
        return @{ Json = @{ caller = $true }; Words = $words; Keep = @{ Kind = 'Secret'; Name = $SecretName; Vault = $Vault; Words = $words } }
    }
    if ($Vault) { throw (New-LocalError 'invalid_request' '-Vault says where -SecretName goes, which was not given.' 'InvalidArgument' 'Give -SecretName, too.') }
    if ($null -eq $StoreIn) { return @{ Json = $null; Words = 'where the old one came from'; Keep = $null } }
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

function Get-StoreWords($Table) {
    if ($Table['file'] -and -not $Table['commandLine']) { return "file $($Table['file'])" }
    if ($Table['command']) { return "command $(@($Table['command'])[0])" }
    if ($Table['keyring']) { return "keyring, $($Table['keyring'])" }
    if ($Table['commandLine']) { return 'the official command line' }
    ConvertTo-JsonText $Table
}

# Two pairs in one place: the second would write over the only copy of the first.
function Assert-OtherPlace($Used, $Place) {
    if ($null -eq $Place.Json) { return }
    if (-not $Used.Add($Place.Words)) {
        throw (New-LocalError 'invalid_request' "The pair of another token of this pipeline is in $($Place.Words) already." 'InvalidArgument' 'Name a place of its own for each token.')
    }
}

# Rotates, and where the pair is to be kept from here, keeps and confirms it.
function Invoke-Rotation($Cmdlet, $Version, $Request, $Target, $Place) {
    $handed = [HandedPair]::new()
    $rotation = ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotate' (ConvertTo-JsonText $Request) $Target $false $handed).data
    # Without a pair an earlier rotation of this token was carried to its end.
    if ($null -ne $Place.Keep -and $null -ne $handed.Secret) {
        $rotation = Confirm-HandedPair $Cmdlet $Version $rotation ([pscredential]::new($rotation.newId, $handed.Secret)) $Place.Keep
    }
    Update-SessionPair $Cmdlet $Version $rotation $Place
    $rotation
}

# Keeps the pair, reads it back and confirms what came back. When it cannot be kept, or the command is
# stopped before it was, everything goes back to what it was.
function Confirm-HandedPair($Cmdlet, $Version, $Rotation, [pscredential]$Pair, $Keep) {
    $isKept = $false
    $isTakenBack = $false
    $before = $null
    try {
        try {
            $before = Get-KeptPair $Keep
            Set-KeptPair $Keep $Pair
            $back = Get-KeptPair $Keep
            if ($back -isnot [pscredential] -or -not [HandedPair]::Same($back, $Pair)) { throw 'it gives back something else than was stored' }
            $isKept = $true
        }
        catch {
            [Caller]::Forget($_)
            $isTakenBack = $true
            throw (New-NotStoredError $Cmdlet $Version $Rotation $Pair $Keep $before $_.Exception.Message)
        }
        $confirmation = [HandedPair]::Confirmation($Rotation.rotation, $back)
        $confirmed = ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotation_resume' $confirmation $Rotation.rotation).data
        $confirmed.storedIn = $Keep.Words
        $confirmed
    }
    finally {
        if (-not $isKept -and -not $isTakenBack) { [void](New-NotStoredError $Cmdlet $Version $Rotation $Pair $Keep $before 'it was stopped') }
    }
}

# Takes everything back, and gives the error that says so.
function New-NotStoredError($Cmdlet, $Version, $Rotation, [pscredential]$Pair, $Keep, $Before, [string]$Reason) {
    # A vault may repeat what it was given.
    $Reason = $Reason.Replace($Pair.GetNetworkCredential().Password, '[secret]').TrimEnd('.')
    $message = "The new pair could not be stored in $($Keep.Words): $Reason. "
    $remedy = 'Look there, then try again.'
    try {
        Restore-KeptPair $Keep $Pair $Before
        [void](Invoke-Operation $Cmdlet $Version 'rotation_undo' (ConvertTo-JsonText @{ rotation = $Rotation.rotation }) $Rotation.rotation)
        $message += 'The new token was removed again; nothing was changed.'
    }
    catch {
        [Caller]::Forget($_)
        $message += "Taking the rotation $($Rotation.rotation) back failed, too: $($_.Exception.Message) The old token still works."
        $remedy = "Undo-SailPatRotation $($Rotation.rotation) once the cause is gone."
    }
    New-LocalError 'secret_not_stored' $message 'WriteError' $remedy $Keep.Words
}

# The pair that is kept in a place now, or whatever else is there.
function Get-KeptPair($Keep) {
    if ($Keep.Kind -eq 'Environment') {
        $id, $secret = foreach ($name in 'SAIL_CLIENT_ID', 'SAIL_CLIENT_SECRET') { , [Environment]::GetEnvironmentVariable($name) }
        if (-not $id -or -not $secret) { return }
        return [pscredential]::new($id, (ConvertTo-SecureText $secret))
    }
    $where = Get-VaultArguments $Keep
    # Whether there is one already is asked without an error, which most vaults make of nothing.
    Get-Secret @where -ErrorAction Ignore
}

function Set-KeptPair($Keep, [pscredential]$Pair) {
    if ($Keep.Kind -eq 'Environment') {
        # The two halves change between two calls of this thread; nothing here calls in between.
        [Environment]::SetEnvironmentVariable('SAIL_CLIENT_ID', $Pair.UserName)
        [Environment]::SetEnvironmentVariable('SAIL_CLIENT_SECRET', $Pair.GetNetworkCredential().Password)
        return
    }
    $where = Get-VaultArguments $Keep
    [void](Set-Secret @where -Secret $Pair -ErrorAction Stop)
}

# Puts back what was there, where the place does not hold it any more.
function Restore-KeptPair($Keep, [pscredential]$Pair, $Before) {
    if ($Keep.Kind -eq 'Environment') {
        $isPair = $Before -is [pscredential]
        [Environment]::SetEnvironmentVariable('SAIL_CLIENT_ID', $(if ($isPair) { $Before.UserName }))
        [Environment]::SetEnvironmentVariable('SAIL_CLIENT_SECRET', $(if ($isPair) { $Before.GetNetworkCredential().Password }))
        return
    }
    $now = Get-KeptPair $Keep
    $isOld = if ($Before -is [pscredential]) { $now -is [pscredential] -and [HandedPair]::Same($now, $Before) } else { $null -eq $now }
    if ($isOld) { return }
    $where = Get-VaultArguments $Keep
    if ($null -ne $Before) { [void](Set-Secret @where -Secret $Before -ErrorAction Stop) }
    elseif ($null -ne (Get-Command Remove-Secret -ErrorAction Ignore)) { Remove-Secret @where -ErrorAction Stop }
}

function Get-VaultArguments($Keep) {
    $where = @{ Name = $Keep.Name }
    if ($Keep.Vault) { $where.Vault = $Keep.Vault }
    $where
}

# Ends what an earlier process stored and had no time to confirm: the place holds the pair of a rotation
# that still waits for it. Gives back the rotation, or nothing.
function Complete-KeptRotation($Cmdlet, $Version, $Keep, [string]$Only) {
    $waiting = @(Get-Rotations $Cmdlet $true | Where-Object { $_.state -eq 'awaiting_confirmation' -and (-not $Only -or $_.rotation -ceq $Only) })
    if ($waiting.Count -eq 0) { return }
    $pair = Get-KeptPair $Keep
    if ($pair -isnot [pscredential]) { return }
    foreach ($rotation in $waiting) {
        if ($rotation.newId -cne $pair.UserName) { continue }
        $confirmed = ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotation_resume' ([HandedPair]::Confirmation($rotation.rotation, $pair)) $rotation.rotation).data
        $confirmed.storedIn = $Keep.Words
        return $confirmed
    }
}

# Ids of what is to be resumed: of this tenant, stopped or with an overlap that is over.
function Get-DueRotations($Cmdlet, $Version, [bool]$Now) {
    $tenant = (Get-SettingsInForce $Cmdlet $Version).baseUrl
    foreach ($rotation in Get-Rotations $Cmdlet $true) {
        if ($rotation.baseUrl -ne $tenant) { $Cmdlet.WriteVerbose("Rotation $($rotation.rotation) belongs to $($rotation.baseUrl).") }
        elseif ($rotation.state -ne 'overlapping' -or $rotation.overdue -or $Now) { $rotation.rotation }
    }
}

function Resume-Rotation($Cmdlet, $Version, [string]$Id, [bool]$Now, $Keep) {
    $rotation = if ($null -ne $Keep) { Complete-KeptRotation $Cmdlet $Version $Keep $Id }
    if ($null -eq $rotation -or ($Now -and $rotation.state -eq 'overlapping')) {
        $rotation = ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotation_resume' (ConvertTo-JsonText @{ rotation = $Id; now = $Now }) $Id).data
    }
    Update-SessionPair $Cmdlet $Version $rotation @{ Keep = $Keep }
    $rotation
}

# A session that signs in from the store that gets the old pair back follows by itself.
function Undo-Rotation($Cmdlet, $Version, [string]$Id) {
    ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotation_undo' (ConvertTo-JsonText @{ rotation = $Id }) $Id).data
}

# A session that still signs in with the old pair goes on with the new one. A profile keeps its pair itself.
function Update-SessionPair($Cmdlet, $Version, $Rotation, $Place) {
    if ($Version['Profile'] -or $null -eq $Rotation.oldId -or $Rotation.state -notin 'stored', 'overlapping', 'deleted', 'done') { return }
    $current = Get-InForce $Cmdlet $Version
    if ($null -eq $current -or $current.clientId -cne $Rotation.oldId) { return }
    $settings = @{ ClientId = ''; ClientSecret = '' }
    if ($null -ne $Place.Keep) {
        if ($Place.Keep.Kind -eq 'Secret') {
            $pair = Get-KeptPair $Place.Keep
            $settings = @{ ClientId = $pair.UserName; ClientSecret = $pair.Password }
        }
    }
    elseif ($null -eq $Rotation.storeIn.PSObject.Properties['caller']) { $settings.Source = $Rotation.storeIn }
    Set-Settings $settings
    $Cmdlet.WriteVerbose("This session signs in with the new pair from now on, from $($Rotation.storedIn).")
}

# The create request of a token whose pair is stored at once.
function Add-Place([string]$Body, $Place) { $Body.Substring(0, $Body.LastIndexOf('}')) + ',"storeIn":' + (ConvertTo-JsonText $Place.Json) + '}' }

# Makes a token and stores its pair, or makes none. What comes out has no secret, and says where it is.
function New-StoredToken($Cmdlet, $Version, [string]$Body, [string]$Name, $Place) {
    $handed = [HandedPair]::new()
    $data = (Invoke-Operation $Cmdlet $Version 'create_stored' (Add-Place $Body $Place) $Name $false $handed).data
    $token = Read-Element $data ([CreatePersonalAccessTokenResponse])
    $fields = [ordered]@{}
    foreach ($property in $token.PSObject.Properties.Where({ $_.Name -ne 'extra' })) { $fields[$property.Name] = $property.Value }
    if ($null -ne $token.extra) { foreach ($unknown in $token.extra.Keys) { $fields[$unknown] = $token.UnknownField($unknown) } }
    $rotation = [pscustomobject]@{ rotation = $fields['rotation']; state = $fields['state']; storedIn = $fields['storedIn'] }
    if ($null -ne $Place.Keep) { $rotation = Confirm-HandedPair $Cmdlet $Version $rotation ([pscredential]::new($fields['id'], $handed.Secret)) $Place.Keep }
    $fields['name'] = $Name
    $fields['secret'] = $null
    $fields['storedIn'] = $rotation.storedIn
    foreach ($of in 'state', 'lastUsed', 'managed') { $fields.Remove($of) }
    New-RecordAsSent $fields ([CreatePersonalAccessTokenResponse])
}
