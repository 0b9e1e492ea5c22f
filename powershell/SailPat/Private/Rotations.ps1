using namespace System.Collections
using namespace System.Management.Automation
using namespace System.Management.Automation.Language
using namespace System.Text.Json

# The rotations that the journals of this machine tell of, and whose tenant each is of.

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
        throw [ArgumentTransformationMetadataException]::new("A rotation is the text of its id, or an object with a text property " +
            "'rotation'.")
    }
}

# Ids of rotations that are not finished.
[NoRunspaceAffinity()]
class RotationCompleter : IArgumentCompleter {
    [System.Collections.Generic.IEnumerable[CompletionResult]] CompleteArgument([string]$command, [string]$parameter, [string]$word,
        [CommandAst]$tree, [IDictionary]$bound) {
        $results = [System.Collections.Generic.List[CompletionResult]]::new()
        foreach ($rotation in & ([Session]::Variables()['Module']) { Get-CompletedRotations $args[0] } `
            ($command -ne 'Get-SailPatRotation')) {
            [Completion]::Add($results, $word, $rotation.rotation, $parameter -eq 'Rotation' -and
                $command -eq 'Get-SailPatRotation', "$($rotation.name): $($rotation.state)")
        }
        return $results
    }
}

# Nothing where the journals cannot be read.
function Get-CompletedRotations([bool]$Unfinished) {
    try { Get-Rotations ([pscustomobject]@{ SessionState = $ExecutionContext.SessionState }) $Unfinished } catch { [Caller]::Forget($_) }
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
    if ([DateTimeOffset]::TryParse([string]$Text, [cultureinfo]::InvariantCulture, [Globalization.DateTimeStyles]::AssumeUniversal,
        [ref]$date)) {
        return $date.UtcDateTime
    }
    $Text
}

function Get-Rotations($Cmdlet, [bool]$Unfinished, [string]$Id) {
    $request = @{ unfinished = $Unfinished }
    if ($Id) { $request.id = $Id }
    $listed = (Invoke-Operation $Cmdlet (Get-CurrentVersion) 'rotation_list' ([RequestJson]::Text($request))).data
    foreach ($element in $listed.EnumerateArray()) { ConvertTo-Rotation $element }
}

function Get-KnownRotation($Cmdlet, [string]$Id) { Get-Rotations $Cmdlet $false | Where-Object rotation -CEQ $Id | Select-Object -First 1 }

# Whether the pair of a rotation is where only PowerShell can look.
function Test-CallersStore($Rotation) {
    $null -ne $Rotation -and $Rotation.state -ne 'unreadable' -and $null -ne $Rotation.storeIn -and
        $null -ne $Rotation.storeIn.PSObject.Properties['caller']
}

# Refuses a rotation of another tenant than the one that the settings say, before anything is touched.
function Assert-Tenant($Cmdlet, $Version, $Known) {
    $baseUrl = Get-NamedTenant $Cmdlet $Version
    if (-not $baseUrl -or [TenantUrl]::Same($baseUrl, $Known.baseUrl)) { return }
    throw (New-LocalError 'rotation_refused' `
        ("The rotation $($Known.rotation) belongs to $($Known.baseUrl), and the settings say $([TenantUrl]::Redacted($baseUrl)). Nothing " +
        "was changed.") 'InvalidOperation' 'Use the settings or the profile of that tenant.' $Known.rotation)
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

# Where a rotation is, by its journal; nothing where that cannot be read.
function Get-Standing($Cmdlet, [string]$Id) {
    if (-not $Id) { return }
    try { Get-KnownRotation $Cmdlet $Id } catch { [Caller]::Forget($_) }
}
