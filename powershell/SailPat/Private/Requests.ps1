using namespace System.Collections
using namespace System.Text.Json

# What people hand over becomes the JSON that the native library takes: a text that is JSON goes
# as it is; of an object, properties that are null are left out, names find the service's own
# spelling whatever their case, one scope stays an array, dates become ISO 8601 in UTC.

$script:RelaxedJson = [JsonWriterOptions]@{ Encoder = [System.Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping }
$script:CreateFields = 'name', 'scope', 'accessTokenValiditySeconds', 'expirationDate', 'userAwareTokenNeverExpires'
$script:PatchFields = 'op', 'path', 'value', 'from'
$script:MaximumDepth = 64
$script:StrictUtf8 = [Text.UTF8Encoding]::new($false, $true)

# A value without PowerShell's wrapper. (An `if` used as an expression would unroll an array of one.)
[NoRunspaceAffinity()]
class PlainValue {
    static [object] Of([object]$value) {
        if ($value -is [psobject]) { return $value.PSObject.BaseObject }
        return $value
    }
}

function ConvertTo-JsonText($Value) {
    $stream = [IO.MemoryStream]::new()
    $writer = [Utf8JsonWriter]::new($stream, $script:RelaxedJson)
    try { Write-JsonValue $writer $Value 0 }
    catch [ArgumentException] {
        if ($_.FullyQualifiedErrorId -like 'SailPat.*') { throw }
        throw (New-LocalError 'invalid_request' "A value cannot be written as JSON: $($_.Exception.Message)" 'InvalidArgument')
    }
    $writer.Dispose()
    [Text.Encoding]::UTF8.GetString($stream.GetBuffer(), 0, $stream.Length)
}

function Write-JsonValue([Utf8JsonWriter]$Writer, $Value, [int]$Depth) {
    if ($Depth -gt $script:MaximumDepth) { throw (New-LocalError 'invalid_request' "The request is nested deeper than $script:MaximumDepth levels." 'InvalidArgument') }
    $plain = [PlainValue]::Of($Value)
    if ($null -eq $plain) { $Writer.WriteNullValue() }
    elseif ($plain -is [string]) {
        Assert-WholeText $plain
        $Writer.WriteStringValue([string]$plain)
    }
    elseif ($plain -is [bool]) { $Writer.WriteBooleanValue($plain) }
    elseif ($plain -is [switch]) { $Writer.WriteBooleanValue([bool]$plain) }
    elseif ($plain -is [datetime] -or $plain -is [DateTimeOffset]) { $Writer.WriteStringValue([string](ConvertTo-IsoDate $plain)) }
    elseif ($plain -is [double] -or $plain -is [single]) { $Writer.WriteNumberValue([double]$plain) }
    elseif ($plain -is [decimal] -or $plain -is [ulong]) { $Writer.WriteNumberValue([decimal]$plain) }
    elseif ($plain -is [enum] -or $plain -is [guid] -or $plain -is [uri] -or $plain -is [char] -or $plain -is [timespan]) { $Writer.WriteStringValue($plain.ToString()) }
    elseif ($plain -is [ValueType] -and $plain.GetType().IsPrimitive) { $Writer.WriteNumberValue([long]$plain) }
    elseif ($plain -is [JsonElement]) { $plain.WriteTo($Writer) }
    elseif ($plain -is [securestring]) { throw (New-LocalError 'invalid_request' 'A secure string does not belong into a request.' 'InvalidArgument') }
    elseif ($plain -isnot [IDictionary] -and $plain -is [IEnumerable]) {
        $Writer.WriteStartArray()
        foreach ($item in $plain) { Write-JsonValue $Writer $item ($Depth + 1) }
        $Writer.WriteEndArray()
    }
    else {
        $Writer.WriteStartObject()
        foreach ($field in (Get-Fields $Value).GetEnumerator()) {
            $Writer.WritePropertyName([string]$field.Key)
            Write-JsonValue $Writer $field.Value ($Depth + 1)
        }
        $Writer.WriteEndObject()
    }
}

# Half a character (a lone surrogate) has no UTF-8: it would silently become another one.
function Assert-WholeText([string]$Text) {
    try { [void]$script:StrictUtf8.GetByteCount($Text) }
    catch { throw (New-LocalError 'invalid_utf8' 'The text holds half a character, a lone surrogate.' 'InvalidData') }
}

# The fields of a hashtable, an ordered one, a PSCustomObject or an object of a class, in order.
# Names listed in $Known take that spelling.
function Get-Fields($Value, [string[]]$Known = @()) {
    $fields = [Specialized.OrderedDictionary]::new([StringComparer]::Ordinal)
    $plain = $Value.PSObject.BaseObject
    if ($plain -is [IDictionary]) { foreach ($pair in $plain.GetEnumerator()) { $fields[(Get-Spelling ([string]$pair.Key) $Known)] = $pair.Value } }
    else { foreach ($property in $Value.PSObject.Properties) { $fields[(Get-Spelling $property.Name $Known)] = $property.Value } }
    $fields
}

function Get-Spelling([string]$Name, [string[]]$Known) {
    foreach ($spelling in $Known) { if ($spelling -eq $Name) { return $spelling } }
    $Name
}

# A date without a kind is the caller's local time, as everywhere in PowerShell.
function ConvertTo-IsoDate($Date) {
    $utc = if ($Date -is [DateTimeOffset]) { $Date.UtcDateTime } else { $Date.ToUniversalTime() }
    $utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", [cultureinfo]::InvariantCulture)
}

# JSON text as handed over: one text, or the lines that Get-Content gave. Nothing when it is no text.
function Get-JsonTextGiven($Value) {
    $lines = foreach ($item in @($Value)) {
        $plain = [PlainValue]::Of($item)
        if ($plain -isnot [string]) { return }
        $plain
    }
    $text = $lines -join "`n"
    # The native side takes texts up to a NUL: what comes after one would silently be cut off.
    if ($text.Contains([char]0)) { throw (New-LocalError 'invalid_json' 'The JSON text contains a NUL character.' 'InvalidArgument') }
    Assert-WholeText $text
    $text
}

# The body of a create.
function ConvertTo-CreateText($Request) {
    $text = Get-JsonTextGiven $Request
    if ($null -ne $text) { return $text }
    $fields = Get-Fields $Request $script:CreateFields
    $body = [ordered]@{}
    foreach ($name in $script:CreateFields + @($fields.Keys)) {
        $value = ConvertTo-FieldValue $name $fields[$name]
        if ($null -ne $value) { $body[$name] = $value }
    }
    ConvertTo-JsonText $body
}

# A create body with the expiry that v2024 fills in by itself.
function Add-DefaultExpiry([string]$Body) {
    try { $node = [Nodes.JsonNode]::Parse($Body) }
    catch {
        # The native side says what is wrong with it.
        [Caller]::Forget($_)
        return $Body
    }
    if ($node -isnot [Nodes.JsonObject] -or $null -ne $node['expirationDate'] -or "$($node['userAwareTokenNeverExpires'])" -eq 'true') { return $Body }
    $node['expirationDate'] = [Nodes.JsonValue]::Create((ConvertTo-IsoDate ([datetime]::UtcNow.AddMonths(6))))
    $node.ToJsonString()
}

# A field as the service wants it, also when it comes from a table of texts such as a CSV file.
function ConvertTo-FieldValue([string]$Name, $Value) {
    $plain = [PlainValue]::Of($Value)
    if ($plain -is [string] -and $Name -cne 'name') {
        if ($plain.Trim().Length -eq 0) { return }
        if ($Name -ceq 'scope') { return , ($plain.Trim() -split '[\s,;]+') }
        $number = 0
        if ($Name -ceq 'accessTokenValiditySeconds' -and [int]::TryParse($plain, [ref]$number)) { return $number }
        $truth = $false
        if ($Name -ceq 'userAwareTokenNeverExpires' -and [bool]::TryParse($plain, [ref]$truth)) { return $truth }
    }
    if ($plain -is [timespan] -and $Name -ceq 'accessTokenValiditySeconds') { return [long]$plain.TotalSeconds }
    if ($Name -ceq 'scope' -and $null -ne $plain) { return , @($Value) }
    , $Value
}

# The JSON Patch of an update: JSON text, one operation or several.
function ConvertTo-PatchText($Operations) {
    $text = Get-JsonTextGiven $Operations
    if ($null -ne $text) { return ConvertTo-PatchArray $text }
    $patch = foreach ($operation in @($Operations)) { ConvertTo-PatchOperation $operation }
    ConvertTo-JsonText @($patch)
}

# JSON text is sent as it is, a single operation in brackets. It is read first because it becomes
# part of a larger text, in which unbalanced brackets could mean something else.
function ConvertTo-PatchArray([string]$Text) {
    try { $document = [JsonDocument]::Parse($Text) }
    catch { throw (New-LocalError 'invalid_json' "The JSON Patch is not valid JSON: $($_.Exception.GetBaseException().Message)" 'InvalidArgument') }
    $isOne = $document.RootElement.ValueKind -eq [JsonValueKind]::Object
    $document.Dispose()
    if ($isOne) { "[$Text]" } else { $Text }
}

# A null value says something in add, replace and test; elsewhere it is only an empty field.
function ConvertTo-PatchOperation($Operation) {
    if ($null -eq $Operation -or $Operation.PSObject.BaseObject -is [ValueType] -or $Operation.PSObject.BaseObject -is [string]) {
        throw (New-LocalError 'invalid_request' 'A JSON Patch operation is an object with op, path and value.' 'InvalidArgument')
    }
    $fields = Get-Fields $Operation $script:PatchFields
    $keepsNull = [string]$fields['op'] -in 'add', 'replace', 'test'
    $kept = [ordered]@{}
    # op and path first, as in the documentation: a hashtable has no order of its own.
    foreach ($name in $script:PatchFields + @($fields.Keys)) {
        if ($fields.Contains($name) -and ($null -ne $fields[$name] -or ($name -ceq 'value' -and $keepsNull))) { $kept[$name] = $fields[$name] }
    }
    if ($kept['path'] -ceq '/scope' -and $kept['value'] -is [string]) { $kept['value'] = @($kept['value']) }
    $kept
}

# The requests that are only texts: {"id":…}, {"id":…,"patch":[…]} and {"ownerId":…,"filters":…}.
# Methods, because calling a function costs five times as much and this is on every call's way.
[NoRunspaceAffinity()]
class RequestText {
    static [string] Id([string]$id) { return '{"id":' + [RequestText]::Quote($id) + '}' }

    static [string] Update([string]$id, [string]$patch) { return '{"id":' + [RequestText]::Quote($id) + ',"patch":' + $patch + '}' }

    static [string] List([string]$ownerId, [string]$filters) {
        if ($ownerId -and $filters) { return '{"ownerId":' + [RequestText]::Quote($ownerId) + ',"filters":' + [RequestText]::Quote($filters) + '}' }
        if ($ownerId) { return '{"ownerId":' + [RequestText]::Quote($ownerId) + '}' }
        if ($filters) { return '{"filters":' + [RequestText]::Quote($filters) + '}' }
        return '{}'
    }

    hidden static [string] Quote([string]$text) { return '"' + [JsonEncodedText]::Encode($text, $null).ToString() + '"' }
}
