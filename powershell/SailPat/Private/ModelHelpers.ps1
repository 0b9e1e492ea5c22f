# What the documented Initialize-… and ConvertFrom-…JsonTo… commands share: one table of the
# service's models, and how a command finds its model.

# Fields in the service's order; Required must be in the JSON, NotNull must have a value.
# A model with NeverExpires has userAwareTokenNeverExpires too, in the versions that know it.
$script:Models = [ordered]@{
    CreatePersonalAccessTokenRequest = @{
        Fields = 'name', 'scope', 'accessTokenValiditySeconds', 'expirationDate'; NeverExpires = $true
        Required = @('name'); NotNull = @('name')
    }
    CreatePersonalAccessTokenResponse = @{
        Fields = 'id', 'secret', 'scope', 'name', 'owner', 'created', 'accessTokenValiditySeconds', 'expirationDate'; NeverExpires = $false
        Required = 'id', 'secret', 'scope', 'name', 'owner', 'created', 'accessTokenValiditySeconds', 'expirationDate'
        NotNull = 'id', 'secret', 'name', 'owner', 'created', 'accessTokenValiditySeconds', 'expirationDate'
    }
    GetPersonalAccessTokenResponse = @{
        Fields = 'id', 'name', 'scope', 'owner', 'created', 'lastUsed', 'managed', 'accessTokenValiditySeconds', 'expirationDate'
        NeverExpires = $true
        Required = 'id', 'name', 'scope', 'owner', 'created'; NotNull = 'id', 'name', 'owner', 'created'
    }
    JsonPatchOperation = @{ Fields = 'op', 'path', 'value'; NeverExpires = $false; Required = 'op', 'path'; NotNull = 'op', 'path' }
    PatOwner = @{ Fields = 'type', 'id', 'name'; NeverExpires = $false; Required = @(); NotNull = @() }
    ErrorResponseDto = @{ Fields = 'detailCode', 'trackingId', 'messages', 'causes'; NeverExpires = $false; Required = @(); NotNull = @() }
    ErrorMessageDto = @{ Fields = 'locale', 'localeOrigin', 'text'; NeverExpires = $false; Required = @(); NotNull = @() }
    # The two whose names differ between versions; the version's row has the names.
    Unauthorized = @{ Fields = @('error'); NeverExpires = $false; Required = @(); NotNull = @() }
    RateLimited = @{ Fields = @('message'); NeverExpires = $false; Required = @(); NotNull = @() }
}

# Command name -> its model, with the fields that the version has; found out at the first use. V3
# and V1 both go without a prefix: their helpers know userAwareTokenNeverExpires, and leave it out
# where it was not given.
$script:ModelOf = [System.Collections.Generic.Dictionary[string, object]]::new([StringComparer]::OrdinalIgnoreCase)

function Get-ModelEntry([string]$Command) {
    $entry = $null
    if ($script:ModelOf.TryGetValue($Command, [ref]$entry)) { return $entry }
    $null = $Command -cmatch '^(?:Initialize-|ConvertFrom-)(V20[0-9][0-9]|Beta)?(?:JsonTo)?(?<name>\w+)$'
    $prefix = [string]$Matches[1]
    $name = $Matches['name']
    foreach ($version in $script:ApiVersions) {
        if (-not [string]::Equals($version.Prefix, $prefix, [StringComparison]::OrdinalIgnoreCase)) { continue }
        $key = if ([string]::Equals($version.Unauthorized, $name, [StringComparison]::OrdinalIgnoreCase)) { 'Unauthorized' }
        elseif ([string]::Equals($version.RateLimited, $name, [StringComparison]::OrdinalIgnoreCase)) { 'RateLimited' }
        else { $name }
        if ($script:Models.Contains($key)) { break }
    }
    $model = $script:Models[$key]
    $entry = @{ Name = $name; Model = $model; Fields = $model.Fields; OptionalField = $null }
    if ($model.NeverExpires -and ($version.NeverExpires -or $prefix -eq '')) {
        $entry.Fields = $model.Fields + 'userAwareTokenNeverExpires'
    }
    if ($prefix -eq '') { $entry.OptionalField = 'userAwareTokenNeverExpires' }
    $script:ModelOf[$Command] = $entry
    $entry
}

# The object that an Initialize command returns: all fields in order, nulls kept.
function New-ModelObject([string]$Command, $Values, $Given) {
    $entry = Get-ModelEntry $Command
    $object = [ordered]@{}
    foreach ($field in $entry.Fields) {
        $parameter = if ($field -ceq 'error') { 'VarError' } else { $field.Substring(0, 1).ToUpperInvariant() + $field.Substring(1) }
        $value = $Values[$field]
        if ($value -is [string] -and $value.Length -eq 0 -and $field -cne 'localeOrigin') { $value = $null }
        # Culture: field names of our own table.
        if ($null -eq $value -and $entry.Model.NotNull -ccontains $field) {
            throw (New-ModelError "invalid value for '$parameter', '$parameter' cannot be null.")
        }
        # Culture: and here.
        if ($field -ceq $entry.OptionalField -and -not $Given.ContainsKey($parameter)) { continue }
        $object[$field] = $value
    }
    if ($entry.Name -eq 'CreatePersonalAccessTokenRequest') { Test-Validity $object['accessTokenValiditySeconds'] }
    [pscustomobject]$object
}

function Test-Validity($Seconds) {
    if ($null -eq $Seconds) { return }
    if ($Seconds -gt 43200) {
        throw (New-ModelError "invalid value for 'AccessTokenValiditySeconds', must be smaller than or equal to 43200.")
    }
    if ($Seconds -lt 15) { throw (New-ModelError "invalid value for 'AccessTokenValiditySeconds', must be greater than or equal to 15.") }
}

function New-ModelError([string]$Message) { New-LocalError 'invalid_request' $Message 'InvalidArgument' }

# The JSON documents in what was piped: texts that are documents each for themselves, or the
# lines of one.
function Get-JsonDocuments([string[]]$Texts) {
    if ($Texts.Count -le 1) { return $Texts }
    foreach ($text in $Texts) {
        try { [System.Text.Json.JsonDocument]::Parse($text).Dispose() }
        catch {
            [Caller]::Forget($_)
            return $Texts -join "`n"
        }
    }
    $Texts
}

# Objects of the model from JSON text, checked as the documented helpers check.
function ConvertFrom-ModelJson([string]$Command, [string]$Json) {
    $entry = Get-ModelEntry $Command
    if ($Json.Trim() -in '', '{}' -and $entry.Model.Required.Count) {
        throw (New-ModelError "Error! Empty JSON cannot be serialized due to the required property '$($entry.Model.Required[0])' missing.")
    }
    $read = ConvertFrom-JsonValue $(if ($Json.Trim()) { $Json } else { '{}' })
    if ($null -eq $read) { ConvertTo-Model $entry $null }
    foreach ($object in $read) { ConvertTo-ModelClass $entry (ConvertTo-Model $entry $object) }
}

# What the commands give is of these classes, and so is what stands in for it in a test: with an index, names of fields,
# a view and dates in UTC. [usual, with userAwareTokenNeverExpires]
function Get-ModelClasses([string]$Model) {
    switch ($Model) {
        'GetPersonalAccessTokenResponse' { [GetPersonalAccessTokenResponse], [GetPersonalAccessTokenResponseV2025] }
        'CreatePersonalAccessTokenResponse' { [CreatePersonalAccessTokenResponse], [CreatePersonalAccessTokenResponse] }
        'PatOwner' { [PatOwner], [PatOwner] }
    }
}

# The helpers without a prefix have userAwareTokenNeverExpires where it was given.
function ConvertTo-ModelClass($Entry, $Model) {
    $classes = @(Get-ModelClasses $Entry.Name)
    if ($classes.Count -eq 0) { return $Model }
    $type = $classes[[int]($null -ne $Model.PSObject.Properties['userAwareTokenNeverExpires'])]
    try { ConvertTo-FilledRecord $type $Model }
    catch {
        # A value that does not fit costs nothing else, as in a reply.
        [Caller]::Forget($_)
        $fields = [ordered]@{}
        foreach ($property in $Model.PSObject.Properties) { $fields[$property.Name] = $property.Value }
        [SentReply]::Record($fields, $type, $null)
    }
}

function ConvertTo-FilledRecord([type]$Type, $Model) {
    $record = $Type::new()
    foreach ($name in $Model.PSObject.Properties.ForEach('Name')) {
        if ($null -eq $Model.$name) { continue }
        if ($Model.$name -is [datetime]) { $record.$name = ConvertTo-Utc $Model.$name }
        elseif ($name -ceq 'owner' -and $Model.$name -is [System.Management.Automation.PSCustomObject]) {
            $record.$name = ConvertTo-FilledRecord ([PatOwner]) $Model.$name
        }
        else { $record.$name = $Model.$name }
    }
    $record
}

# The service's dates are in UTC, also where one does not say so.
function ConvertTo-Utc([datetime]$Date) {
    if ($Date.Kind -eq [DateTimeKind]::Unspecified) { [datetime]::SpecifyKind($Date, [DateTimeKind]::Utc) } else { $Date.ToUniversalTime() }
}

# A value of any kind; an array as one.
function ConvertFrom-JsonValue([string]$Json) {
    try { , (ConvertFrom-Json -InputObject $Json -NoEnumerate -Depth 64) }
    catch {
        [Caller]::Forget($_)
        throw (New-ModelError "Error! The JSON cannot be read: $($_.Exception.Message)")
    }
}

function ConvertTo-Model($Entry, $Object) {
    $values = @{}
    if ($Object -isnot [System.Management.Automation.PSCustomObject]) {
        throw (New-ModelError "Error! JSON cannot be serialized: $($Entry.Name) is an object.")
    }
    foreach ($property in $Object.PSObject.Properties) {
        if (-not ([string[]]$Entry.Fields).Contains($property.Name)) {
            throw (New-ModelError "Error! JSON key '$($property.Name)' not found in the properties: $($Entry.Fields)")
        }
        $values[$property.Name] = $property.Value
    }
    foreach ($name in $Entry.Model.Required) {
        if (-not $values.ContainsKey($name)) {
            throw (New-ModelError "Error! JSON cannot be serialized due to the required property '$name' missing.")
        }
    }
    $model = [ordered]@{}
    foreach ($field in $Entry.Fields) {
        # Culture: field names of our own table.
        if ($values.ContainsKey($field) -or $field -cne $Entry.OptionalField) { $model[$field] = $values[$field] }
    }
    [pscustomobject]$model
}
