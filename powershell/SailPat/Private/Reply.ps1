using namespace System.Text.Json
using namespace System.Text.Json.Serialization.Metadata

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
    bearer = [AnyReply], [AnyReply]
    settings = [AnyReply], [AnyReply]
    doctor = [AnyReply], [AnyReply]
    profiles = [AnyReply], [AnyReply]
    profile_set = [AnyReply], [AnyReply]
    profile_remove = [AnyReply], [AnyReply]
    change_log = [AnyReply], [AnyReply]
    create_stored = [AnyReply], [AnyReply]
    rotate = [AnyReply], [AnyReply]
    rotation_list = [AnyReply], [AnyReply]
    rotation_resume = [AnyReply], [AnyReply]
    rotation_undo = [AnyReply], [AnyReply]
}
$script:UnknownFields = [System.Collections.Generic.HashSet[string]]::new()

function New-JsonOptions([type]$DateConverter) {
    $options = [JsonSerializerOptions]::new()
    $options.MaxDepth = 256
    $options.Converters.Add($DateConverter::new())
    $resolver = [DefaultJsonTypeInfoResolver]::new()
    $resolver.Modifiers.Add([Action[JsonTypeInfo]] { param($info) if ($info.Kind -eq [JsonTypeInfoKind]::Object) { Skip-Constructor $info } })
    $options.TypeInfoResolver = $resolver
    $options
}

# Lets System.Text.Json make an object of a PowerShell class without its constructor. Of a class with
# methods that costs 4 us, because it looks up the session; two for each token are 0.8 s in 100,000.
# Nothing is lost: the classes here give no member a first value. (Set through the base class, whose
# property takes a delegate of any type.)
function Skip-Constructor([JsonTypeInfo]$Info) {
    $make = [System.Runtime.CompilerServices.RuntimeHelpers].GetMethod('GetUninitializedObject')
    [JsonTypeInfo].GetProperty('CreateObject').SetValue($Info, [Delegate]::CreateDelegate([Func[object]], $Info.Type, $make))
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
    New-ReplyWith $reply $data
}

function New-ReplyWith($Reply, $Data) {
    [pscustomobject]@{ ok = $Reply.ok; status = $Reply.status; error = $Reply.error; meta = $Reply.meta; data = $Data }
}

function Read-Element([JsonElement]$Element, [type]$Type) {
    if ($Element.ValueKind -ne [JsonValueKind]::Object) { return [SailPatRecord]::Plain($Element) }
    try { return [JsonSerializer]::Deserialize($Element, $Type, $script:JsonOptions) } catch { [Caller]::Forget($_) }
    $fields = [ordered]@{}
    foreach ($member in $Element.EnumerateObject()) { $fields[$member.Name] = Read-Member $member $Type }
    New-RecordAsSent $fields $Type
}

# A field as its declared type where it fits, else as it came.
function Read-Member([JsonProperty]$Member, [type]$Type) {
    $property = $Type.GetProperty($Member.Name)
    if ($null -ne $property) {
        try { return , [JsonSerializer]::Deserialize($Member.Value, $property.PropertyType, $script:JsonOptions) } catch { [Caller]::Forget($_) }
    }
    , [SailPatRecord]::Plain($Member.Value)
}

# A record that shows like one of its type, and holds each field as a note property.
function New-RecordAsSent($Fields, [type]$Type) {
    $record = [TokenAsSent]::new()
    foreach ($field in $Fields.GetEnumerator()) {
        $value = if ($field.Value -is [PatOwner] -and $null -ne $field.Value.extra) { ConvertTo-PlainRecord $field.Value } else { , $field.Value }
        $record.PSObject.Properties.Add([psnoteproperty]::new($field.Key, $value))
    }
    # After its fields: the type may by now have a script property of the same name.
    $names = $record.PSObject.TypeNames
    for ($class = $Type; $class -ne [SailPatRecord]; $class = $class.BaseType) { $names.Insert($names.IndexOf('TokenAsSent'), $class.Name) }
    [psobject]::AsPSObject($record)
}

# Makes fields readable that the classes do not declare: one script property per name and type,
# not one note property per object, which would cost ten times the list itself. ConvertTo-Json sees
# script properties only of an object in PowerShell's wrapper, so each gets one; and never of an
# object within another, so a token whose owner has unknown fields becomes a record of note properties.
function Expand-UnknownFields($Reply) {
    $data = foreach ($record in $Reply.data) {
        if ($record -is [SailPatRecord] -and $null -ne $record.extra) { Register-FieldsOf $record }
        if (Test-UnknownNested $record) { New-RecordAsSent (Get-RecordFields $record) $record.GetType() } else { [psobject]$record }
    }
    New-ReplyWith $Reply $(if ($Reply.data -is [array]) { , @($data) } else { $data })
}

function Test-UnknownNested($Record) {
    $Record -is [SailPatRecord] -and $Record -isnot [TokenAsSent] -and $null -ne $Record.owner -and $null -ne $Record.owner.extra
}

# Declared fields first, then the unknown ones.
function Get-RecordFields([SailPatRecord]$Record) {
    $fields = [ordered]@{}
    foreach ($property in $Record.GetType().GetProperties()) { if ($property.Name -cnotin 'extra', 'isTokenInUse', 'tenantProfile') { $fields[$property.Name] = $property.GetValue($Record) } }
    if ($null -ne $Record.extra) { foreach ($name in $Record.extra.Keys) { $fields[$name] = $Record.UnknownField($name) } }
    $fields
}

function ConvertTo-PlainRecord([SailPatRecord]$Record) { [pscustomobject](Get-RecordFields $Record) }

function Register-FieldsOf([SailPatRecord]$Record) {
    $type = $Record.GetType()
    foreach ($name in $Record.extra.Keys) {
        if (-not $script:UnknownFields.Add("$($type.Name)|$name")) { continue }
        if ($null -ne $type.GetProperty($name, [Reflection.BindingFlags]'Public, Instance, IgnoreCase')) { continue }
        $literal = [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($name)
        Update-TypeData -TypeName $type.Name -MemberType ScriptProperty -MemberName $name -Value ([scriptblock]::Create("`$this.UnknownField('$literal')")) -Force
    }
}
