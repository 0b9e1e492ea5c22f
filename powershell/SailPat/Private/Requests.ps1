using namespace System.Collections
using namespace System.Text.Json

# What people hand over becomes the JSON that the native library takes: a text that is JSON goes
# as it is; of an object, properties that are null are left out, names find the service's own
# spelling whatever their case, one scope stays an array, dates become ISO 8601 in UTC.

$script:CreateFields = 'name', 'scope', 'accessTokenValiditySeconds', 'expirationDate', 'userAwareTokenNeverExpires'
$script:PatchFields = 'op', 'path', 'value', 'from'

# A value without PowerShell's wrapper. (An `if` used as an expression would unroll an array of one.)
[NoRunspaceAffinity()]
class PlainValue {
    static [object] Of([object]$value) {
        if ($value -is [psobject]) { return $value.PSObject.BaseObject }
        return $value
    }
}

[NoRunspaceAffinity()]
class WholeText {
    hidden static [Text.UTF8Encoding]$Strict = [Text.UTF8Encoding]::new($false, $true)

    # Half a character (a lone surrogate) has no UTF-8: it would silently become another one.
    static [void] Assert([string]$text) {
        try { [void][WholeText]::Strict.GetByteCount($text) }
        catch { throw (New-LocalError 'invalid_utf8' 'The text holds half a character, a lone surrogate.' 'InvalidData') }
    }
}

# JSON from what was handed over. Methods and not functions: a value may be a secret, and what a function takes
# can end up in a log. For the same reason values are arguments here, and never variables.
[NoRunspaceAffinity()]
class RequestJson {
    hidden static [JsonWriterOptions]$Relaxed =
        [JsonWriterOptions]@{ Encoder = [System.Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping }
    hidden static [int]$MaximumDepth = 64

    static [string] Text([object]$value) {
        $stream = [RequestJson]::Written($value, $false)
        return [Text.Encoding]::UTF8.GetString($stream.GetBuffer(), 0, $stream.Length)
    }

    # With a closing NUL, for the native library; secure strings in it become text. Nothing else keeps a copy.
    static [byte[]] Bytes([object]$value) { return [RequestJson]::Closed([RequestJson]::Written($value, $true)) }

    # What was written, with a closing NUL, and nothing of it left in the stream.
    static [byte[]] Closed([IO.MemoryStream]$stream) {
        $stream.WriteByte(0)
        $bytes = $stream.ToArray()
        [Array]::Clear($stream.GetBuffer(), 0, $stream.Length)
        return $bytes
    }

    hidden static [IO.MemoryStream] Written([object]$value, [bool]$opens) {
        $stream = [IO.MemoryStream]::new(4096)
        $writer = [Utf8JsonWriter]::new($stream, [RequestJson]::Relaxed)
        try {
            # Usually a table; what writes all else is long, and compiled only where it is needed.
            if ($value -is [IDictionary]) { [RequestJson]::WriteTable($writer, $value, $opens, 0) }
            else { [RequestJson]::Write($writer, $value, $opens, 0) }
        }
        catch [ArgumentException] {
            [Caller]::Forget($_)
            throw (New-LocalError 'invalid_request' "A value cannot be written as JSON: $($_.Exception.Message)" 'InvalidArgument')
        }
        $writer.Dispose()
        return $stream
    }

    hidden static [void] Write([Utf8JsonWriter]$writer, [object]$value, [bool]$opens, [int]$depth) {
        if ($depth -gt [RequestJson]::MaximumDepth) {
            throw (New-LocalError 'invalid_request' "The request is nested deeper than $([RequestJson]::MaximumDepth) levels." `
                'InvalidArgument')
        }
        if ($value -is [IDictionary]) { [RequestJson]::WriteTable($writer, $value, $opens, $depth); return }
        [RequestJson]::WritePlain($writer, [PlainValue]::Of($value), $value, $opens, $depth)
    }

    hidden static [void] WritePlain([Utf8JsonWriter]$writer, [object]$plain, [object]$value, [bool]$opens, [int]$depth) {
        if ($null -eq $plain) { $writer.WriteNullValue() }
        elseif ($plain -is [string]) { [WholeText]::Assert($plain); $writer.WriteStringValue([string]$plain) }
        elseif ($plain -is [bool]) { $writer.WriteBooleanValue($plain) }
        elseif ($plain -is [switch]) { $writer.WriteBooleanValue([bool]$plain) }
        elseif ($plain -is [datetime] -or $plain -is [DateTimeOffset]) { $writer.WriteStringValue([string](ConvertTo-IsoDate $plain)) }
        elseif ($plain -is [double] -or $plain -is [single]) { $writer.WriteNumberValue([double]$plain) }
        elseif ($plain -is [decimal] -or $plain -is [ulong]) { $writer.WriteNumberValue([decimal]$plain) }
        elseif ($plain -is [enum] -or $plain -is [guid] -or $plain -is [uri] -or $plain -is [char] -or $plain -is [timespan]) {
            $writer.WriteStringValue($plain.ToString())
        }
        elseif ($plain -is [ValueType] -and $plain.GetType().IsPrimitive) { $writer.WriteNumberValue([long]$plain) }
        elseif ($plain -is [JsonElement]) { $plain.WriteTo($writer) }
        elseif ($plain -is [securestring]) {
            if (-not $opens) {
                throw (New-LocalError 'invalid_request' 'A secure string does not belong into a request.' 'InvalidArgument')
            }
            $writer.WriteStringValue([SecretText]::Plain($plain))
        }
        elseif ($plain -is [scriptblock]) { throw ([WrittenText]::Error('Value')) }
        elseif ($plain -is [IEnumerable]) {
            $writer.WriteStartArray()
            foreach ($item in $plain) { [RequestJson]::Write($writer, $item, $opens, $depth + 1) }
            $writer.WriteEndArray()
        }
        else { [RequestJson]::WriteTable($writer, (Get-Fields $value), $opens, $depth) }
    }

    # Texts and truths go straight: they are nearly all that there is.
    hidden static [void] WriteTable([Utf8JsonWriter]$writer, [IDictionary]$fields, [bool]$opens, [int]$depth) {
        $writer.WriteStartObject()
        foreach ($name in $fields.Keys) {
            if ($fields[$name] -is [string]) {
                [WholeText]::Assert($fields[$name]); $writer.WriteString([string]$name, [string]$fields[$name])
            }
            elseif ($fields[$name] -is [bool]) { $writer.WriteBoolean([string]$name, [bool]$fields[$name]) }
            else {
                $writer.WritePropertyName([string]$name)
                [RequestJson]::Write($writer, $fields[$name], $opens, $depth + 1)
            }
        }
        $writer.WriteEndObject()
    }

    # What a JSON text is: an object, an array or something else.
    static [JsonValueKind] Kind([string]$text, [string]$what) {
        $document = $null
        try { $document = [JsonDocument]::Parse($text) }
        catch {
            [Caller]::Forget($_)
            throw (New-LocalError 'invalid_json' "$what is not valid JSON: $($_.Exception.GetBaseException().Message)" 'InvalidArgument')
        }
        $kind = $document.RootElement.ValueKind
        $document.Dispose()
        return $kind
    }
}

# A request for the native library that may hold a secret: UTF-8 with a closing NUL, wiped once it was sent.
# It shows nothing of itself.
[NoRunspaceAffinity()]
class Sealed {
    hidden [byte[]]$bytes

    # The JSON of a value. A secure string in it becomes text here.
    static [Sealed] Of([object]$value) {
        $made = [Sealed]::new()
        $made.bytes = [RequestJson]::Bytes($value)
        return $made
    }

    # The request for a client. Its settings are nearly always texts and truths, beside the table of variables, and the
    # way for these is short: all that can write any value costs a session's first call a tenth of its time.
    static [Sealed] OfSettings([IDictionary]$settings) {
        foreach ($name in $settings.Keys) {
            if ($settings[$name] -isnot [string] -and $settings[$name] -isnot [bool] -and $name -cne 'environment') {
                return [Sealed]::Of($settings)
            }
        }
        $text = [Text.StringBuilder]::new()
        [Sealed]::Add($text, $settings)
        $made = [Sealed]::new()
        $made.bytes = [Text.Encoding]::UTF8.GetBytes($text.Append([char]0).ToString())
        return $made
    }

    hidden static [void] Add([Text.StringBuilder]$text, [IDictionary]$fields) {
        $before = '{"'
        foreach ($name in $fields.Keys) {
            [void]$text.Append($before).Append($name).Append('":')
            if ($fields[$name] -is [string]) {
                [WholeText]::Assert($fields[$name]); [void]$text.Append([RequestText]::Quote($fields[$name]))
            }
            elseif ($fields[$name] -is [bool]) { [void]$text.Append($(if ($fields[$name]) { 'true' } else { 'false' })) }
            else { [Sealed]::Add($text, $fields[$name]) }
            $before = ',"'
        }
        [void]$text.Append($(if ($before -ceq ',"') { '}' } else { '{}' }))
    }

    hidden [void] Wipe() { [Array]::Clear($this.bytes, 0, $this.bytes.Length) }
}

# The fields of a hashtable, an ordered one, a PSCustomObject or an object of a class, in order. A pair of name and
# value is no variable here: it would show its value.
# Names listed in $Known take that spelling.
function Get-Fields($Value, [string[]]$Known = @()) {
    $fields = [Specialized.OrderedDictionary]::new([StringComparer]::Ordinal)
    $plain = $Value.PSObject.BaseObject
    $isTable = $plain -is [IDictionary]
    foreach ($name in @(if ($isTable) { $plain.Keys } else { $Value.PSObject.Properties.ForEach('Name') })) {
        # Most names are spelt as they are known.
        $spelling = if ($Known.Length -eq 0 -or [Array]::IndexOf($Known, $name) -ge 0) { [string]$name }
        else { Get-Spelling ([string]$name) $Known }
        $fields[$spelling] = if ($isTable) { , $plain[$name] } else { , $Value.PSObject.Properties[$name].Value }
    }
    $fields
}

function Get-Spelling([string]$Name, [string[]]$Known) {
    foreach ($spelling in $Known) { if ([string]::Equals($spelling, $Name, [StringComparison]::OrdinalIgnoreCase)) { return $spelling } }
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
    # A file may begin with the mark of its encoding.
    $text = ($lines -join "`n").TrimStart([char]0xfeff)
    # The native side takes texts up to a NUL: what comes after one would silently be cut off.
    if ($text.Contains([char]0)) { throw (New-LocalError 'invalid_json' 'The JSON text contains a NUL character.' 'InvalidArgument') }
    [WholeText]::Assert($text)
    $text
}

# The body of a create. JSON text is sent as it is. It is read first because it becomes part of a larger text,
# in which unbalanced brackets could mean something else.
function ConvertTo-CreateText($Request) {
    $text = Get-JsonTextGiven $Request
    if ($null -ne $text) {
        [void][RequestJson]::Kind($text, 'The request')
        return $text
    }
    $fields = Get-Fields $Request $script:CreateFields
    $body = [ordered]@{}
    # A row of a CSV file is an object; its empty cell counts as not given.
    $isRow = [PlainValue]::Of($Request) -isnot [IDictionary]
    foreach ($name in $script:CreateFields + @($fields.Keys)) {
        if ($null -eq $fields[$name] -or $body.Contains($name)) { continue }
        # What needs no look is most of a request, and a call for each field is most of the time of making one.
        $isPlain = $fields[$name] -is [bool] -or $fields[$name] -is [int] -or ($name -ceq 'name' -and $fields[$name] -is [string]) -or
            ($name -ceq 'scope' -and $fields[$name] -is [array] -and [Array]::IndexOf($fields[$name], 'System.String[]') -lt 0)
        $value = if ($isPlain) { , $fields[$name] } else { ConvertTo-FieldValue $name $fields[$name] $isRow }
        if ($null -ne $value) { $body[$name] = $value }
    }
    [RequestJson]::Text($body)
}

# A create body with the expiry that v2024 fills in by itself.
function Add-DefaultExpiry([string]$Body) {
    try { $node = [Nodes.JsonNode]::Parse($Body) }
    catch {
        # The native side says what is wrong with it.
        [Caller]::Forget($_)
        return $Body
    }
    if ($node -isnot [Nodes.JsonObject] -or $null -ne $node['expirationDate'] -or "$($node['userAwareTokenNeverExpires'])" -eq 'true') {
        return $Body
    }
    $node['expirationDate'] = [Nodes.JsonValue]::Create((ConvertTo-IsoDate ([datetime]::UtcNow.AddMonths(6))))
    $node.ToJsonString()
}

# A field as the service wants it, also when it comes from a table of texts such as a CSV file.
function ConvertTo-FieldValue([string]$Name, $Value, [bool]$IsRow) {
    $plain = [PlainValue]::Of($Value)
    if ($plain -is [string] -and $Name -cne 'name') {
        if ($Name -ceq 'scope' -and $plain.Trim().Length -eq 0 -and -not ($IsRow -and $plain.Length -eq 0)) {
            throw (New-LocalError 'invalid_request' 'scope: must not be empty' 'InvalidArgument' `
                'Name what the token is for; leave it out, or null, for all that its owner may.')
        }
        if ($plain.Trim().Length -eq 0) { return }
        if ($Name -ceq 'scope') {
            $scopes = $plain.Trim() -split '[\s,;]+'
            Assert-Scopes $scopes
            return , $scopes
        }
        $number = 0
        if ($Name -ceq 'accessTokenValiditySeconds' -and
            [int]::TryParse($plain, [Globalization.NumberStyles]::Integer, [cultureinfo]::InvariantCulture, [ref]$number)) {
            return $number
        }
        $truth = $false
        if ($Name -ceq 'userAwareTokenNeverExpires' -and [bool]::TryParse($plain, [ref]$truth)) { return $truth }
    }
    if ($plain -is [timespan] -and $Name -ceq 'accessTokenValiditySeconds') { return [long]$plain.TotalSeconds }
    if ($Name -ceq 'scope' -and $null -ne $plain) {
        Assert-Scopes @($Value)
        return , @($Value)
    }
    , $Value
}

# Export-Csv writes a list as the name of its type, and a token made of such a row would have that for its scope.
function Assert-Scopes([string[]]$Scopes) {
    foreach ($scope in $Scopes) {
        if ($scope -cnotmatch '^System\.(String|Object)\[\]$') { continue }
        throw (New-LocalError 'invalid_request' "scope: '$scope' is what Export-Csv writes for a list, and no scope." 'InvalidArgument' `
                ("Write the scopes as one text: Get-SailPat | Select-Object name, @{ n = 'scope'; e = { `$_.scope -join ' ' } } | " +
                "Export-Csv tokens.csv"))
    }
}

# The JSON Patch of an update: JSON text, one operation or several.
function ConvertTo-PatchText($Operations) {
    $text = Get-JsonTextGiven $Operations
    if ($null -ne $text) { return ConvertTo-PatchArray $text }
    $patch = foreach ($operation in @($Operations)) { ConvertTo-PatchOperation $operation }
    [RequestJson]::Text(@($patch))
}

# JSON text is sent as it is, a single operation in brackets.
function ConvertTo-PatchArray([string]$Text) {
    if ([RequestJson]::Kind($Text, 'The JSON Patch') -eq [JsonValueKind]::Object) { "[$Text]" } else { $Text }
}

# A null value says something in add, replace and test; elsewhere it is only an empty field.
function ConvertTo-PatchOperation($Operation) {
    if ([WrittenText]::IsScript($Operation)) { throw ([WrittenText]::Error('JsonPatchOperation')) }
    if ($null -eq $Operation -or $Operation.PSObject.BaseObject -is [ValueType] -or $Operation.PSObject.BaseObject -is [string]) {
        throw (New-LocalError 'invalid_request' 'A JSON Patch operation is an object with op, path and value.' 'InvalidArgument')
    }
    $fields = Get-Fields $Operation $script:PatchFields
    $keepsNull = [string]$fields['op'] -in 'add', 'replace', 'test'
    $kept = [ordered]@{}
    # op and path first, as in the documentation: a hashtable has no order of its own.
    foreach ($name in $script:PatchFields + @($fields.Keys)) {
        if ($fields.Contains($name) -and ($null -ne $fields[$name] -or ($name -ceq 'value' -and $keepsNull))) {
            $kept[$name] = $fields[$name]
        }
    }
    if ($kept['path'] -ceq '/scope' -and $kept['value'] -is [string]) { $kept['value'] = @($kept['value']) }
    if ($kept['path'] -ceq '/scope' -and $null -ne $kept['value']) { Assert-Scopes @($kept['value']) }
    $kept
}

# The requests that are only texts: {"id":…}, {"id":…,"patch":[…]}, {"ownerId":…,"filters":…} and {"body":…},
# where the body is the service's and never holds an option of the library, whoever wrote it: options stand beside it.
# Methods, because calling a function costs five times as much and this is on every call's way.
[NoRunspaceAffinity()]
class RequestText {
    static [string] Id([string]$id) { return '{"id":' + [RequestText]::Quote($id) + '}' }

    static [string] Update([string]$id, [string]$patch) { return '{"id":' + [RequestText]::Quote($id) + ',"patch":' + $patch + '}' }

    static [string] Create([string]$body, [object]$storeIn) {
        if ($null -eq $storeIn) { return '{"body":' + $body + '}' }
        return '{"body":' + $body + ',"storeIn":' + [RequestJson]::Text($storeIn) + '}'
    }

    static [string] List([string]$ownerId, [string]$filters) {
        if ($ownerId -and $filters) {
            return '{"ownerId":' + [RequestText]::Quote($ownerId) + ',"filters":' + [RequestText]::Quote($filters) + '}'
        }
        if ($ownerId) { return '{"ownerId":' + [RequestText]::Quote($ownerId) + '}' }
        if ($filters) { return '{"filters":' + [RequestText]::Quote($filters) + '}' }
        return '{}'
    }

    hidden static [string] Quote([string]$text) { return '"' + [JsonEncodedText]::Encode($text, $null).ToString() + '"' }
}
