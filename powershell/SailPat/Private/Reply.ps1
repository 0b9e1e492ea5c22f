using namespace System.Text.Json

# From the reply's bytes to objects. The usual way is System.Text.Json straight into the classes
# of Models.ps1. When a value does not fit its declared type, the reply is read again, element by
# element, and an odd element keeps its values as they came.

# Class of the envelope for each kind of reply: [usual, with userAwareTokenNeverExpires].
$script:ReplyTypes = @{
    list   = [TokensReply], [TokensReplyV2025]
    get    = [TokenReply], [TokenReplyV2025]
    update = [TokenReply], [TokenReplyV2025]
    create = [CreatedReply], [CreatedReply]
    delete = [AnyReply], [AnyReply]
}
$script:UnknownFields = [System.Collections.Generic.HashSet[string]]::new()

function New-JsonOptions([type]$DateConverter) {
    $options = [JsonSerializerOptions]::new()
    $options.MaxDepth = 256
    $options.Converters.Add($DateConverter::new())
    $options
}

# An envelope whose data may be anything.
function Read-Envelope([byte[]]$Bytes) { [JsonSerializer]::Deserialize([IO.MemoryStream]::new($Bytes), [AnyReply], $script:JsonOptions) }

# The tolerant way: every element that fits becomes what it should be, the others TokenAsSent.
function Read-ReplyAsSent([byte[]]$Bytes, [type]$Type) {
    $reply = Read-Envelope $Bytes
    $declared = $Type.GetProperty('data').PropertyType
    $single = if ($declared.IsArray) { $declared.GetElementType() } else { $declared }
    $data = if ($reply.data.ValueKind -eq [JsonValueKind]::Array) {
        , @(foreach ($element in $reply.data.EnumerateArray()) { Read-Element $element $single })
    }
    else { Read-Element $reply.data $single }
    [pscustomobject]@{ ok = $reply.ok; status = $reply.status; error = $reply.error; meta = $reply.meta; data = $data }
}

function Read-Element([JsonElement]$Element, [type]$Type) {
    if ($Element.ValueKind -ne [JsonValueKind]::Object) { return [SailPatRecord]::Plain($Element) }
    try { return [JsonSerializer]::Deserialize($Element, $Type, $script:JsonOptions) }
    catch { Read-ElementAsSent $Element $Type }
}

function Read-ElementAsSent([JsonElement]$Element, [type]$Type) {
    $record = [TokenAsSent]::new()
    $names = $record.PSObject.TypeNames
    for ($class = $Type; $class -ne [SailPatRecord]; $class = $class.BaseType) { $names.Insert($names.IndexOf('TokenAsSent'), $class.Name) }
    foreach ($member in $Element.EnumerateObject()) {
        $record.PSObject.Properties.Add([psnoteproperty]::new($member.Name, (Read-Member $member $Type)))
    }
    $record
}

# A field as its declared type where it fits, else as it came.
function Read-Member([JsonProperty]$Member, [type]$Type) {
    $property = $Type.GetProperty($Member.Name)
    if ($null -ne $property) {
        try { return , [JsonSerializer]::Deserialize($Member.Value, $property.PropertyType, $script:JsonOptions) } catch { }
    }
    , [SailPatRecord]::Plain($Member.Value)
}

# Makes fields readable that the classes do not declare: one script property per name and type,
# not one note property per object, which would cost ten times the list itself.
function Register-UnknownFields($Records) {
    foreach ($record in $Records) {
        if ($record -isnot [SailPatRecord]) { continue }
        if ($null -ne $record.extra) { Register-FieldsOf $record }
        if ($record -isnot [PatOwner] -and $null -ne $record.owner -and $null -ne $record.owner.extra) { Register-FieldsOf $record.owner }
    }
}

function Register-FieldsOf([SailPatRecord]$Record) {
    $type = $Record.GetType()
    foreach ($name in $Record.extra.Keys) {
        if (-not $script:UnknownFields.Add("$($type.Name)|$name")) { continue }
        if ($null -ne $type.GetProperty($name, [Reflection.BindingFlags]'Public, Instance, IgnoreCase')) { continue }
        $literal = [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($name)
        Update-TypeData -TypeName $type.Name -MemberType ScriptProperty -MemberName $name -Value ([scriptblock]::Create("`$this.Extra('$literal')")) -Force
    }
}
