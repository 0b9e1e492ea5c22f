using namespace System.Collections.Generic
using namespace System.Text.Json
using namespace System.Text.Json.Serialization.Metadata

# From the reply's bytes to objects. The usual way is System.Text.Json straight into the classes
# of Models.ps1. When a value does not fit its declared type, the reply is read again, element by
# element, and an odd element keeps its values as they came.

# The tolerant way: every element that fits becomes what it should be, the others TokenAsSent. Methods, and no
# variable ever holds a field: one of them may be a new secret (see Secrets.ps1). ConvertTo-Json sees fields that
# are note properties only of an object in PowerShell's wrapper, which [psobject] keeps and [object] takes off.
# Elements are [object]s, because a trace of conversions writes down whatever becomes a JsonElement.
[NoRunspaceAffinity()]
class SentReply {
    static [object] Read([byte[]]$bytes, [type]$type, [JsonSerializerOptions]$options) {
        $reply = [JsonSerializer]::Deserialize([IO.MemoryStream]::new([SentReply]::WithoutHalves($bytes)), [AnyReply], $options)
        $declared = $type.GetProperty('data').PropertyType
        if ($reply.data.ValueKind -ne [JsonValueKind]::Array) {
            return New-ReplyWith $reply ([SentReply]::Element($reply.data, $declared, $options))
        }
        $data = [List[psobject]]::new()
        $elements = $reply.data.EnumerateArray()
        while ($elements.MoveNext()) {
            $data.Add([SentReply]::Element($elements.Current, $(if ($declared.IsArray) { $declared.GetElementType() } else { $declared }),
                $options))
        }
        return New-ReplyWith $reply $data.ToArray()
    }

    # Half of a character (\ud800 alone) is good JSON, and no text: System.Text.Json throws at it wherever it stands,
    # and one name would cost the whole list. It shows as U+FFFD. Every escape is looked at, so that none is taken
    # for the half of another.
    hidden static [byte[]] WithoutHalves([byte[]]$bytes) {
        $mend = [Text.RegularExpressions.MatchEvaluator] { if ($args[0].Groups['whole'].Success) { $args[0].Value } else { '\ufffd' } }
        $text = [Text.Encoding]::UTF8.GetString($bytes)
        return [Text.Encoding]::UTF8.GetBytes([regex]::Replace($text,
        '(?<whole>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u(?![dD][89a-fA-F])|\\[^u])|\\u[dD][89a-fA-F][0-9a-fA-F]{2}',
                $mend))
    }

    static [psobject] Element([object]$element, [type]$type, [JsonSerializerOptions]$options) {
        if ($element.ValueKind -ne [JsonValueKind]::Object) { return [SailPatRecord]::Plain($element) }
        try { return [JsonSerializer]::Deserialize($element, $type, $options) } catch { [Caller]::Forget($_) }
        $fields, $apart = [ordered]@{}, [ExtraFields]::new()
        $members = $element.EnumerateObject()
        while ($members.MoveNext()) {
            if ([SentReply]::IsNote($members.Current.Name, $type, $fields)) {
                $fields[$members.Current.Name] = [SentReply]::Member($members.Current, $type, $options)
            }
            else { $apart[$members.Current.Name] = $members.Current.Value }
        }
        return [SentReply]::Record($fields, $type, $apart)
    }

    # Whether a field becomes a note: a declared one does, and any other that can be a member.
    hidden static [bool] IsNote([string]$name, [type]$type, [System.Collections.IDictionary]$others) {
        if ([SailPatRecord]::Inner.Contains($name)) { return $false }
        return $null -ne $type.GetProperty($name) -or ([FieldName]::CanBeMember($type, $name) -and -not $others.Contains($name))
    }

    # A field as its declared type where it fits, else as it came.
    hidden static [object] Member([object]$member, [type]$type, [JsonSerializerOptions]$options) {
        $property = $type.GetProperty($member.Name)
        if ($null -ne $property) {
            try { return [JsonSerializer]::Deserialize($member.Value, $property.PropertyType, $options) } catch { [Caller]::Forget($_) }
        }
        return [SailPatRecord]::Plain($member.Value)
    }

    # A record that shows like one of its type, and holds each field as a note property; those that can be none are where
    # its index finds them.
    static [psobject] Record([System.Collections.IDictionary]$fields, [type]$type, [ExtraFields]$apart) {
        $record = [TokenAsSent]::new()
        if ($null -ne $apart -and $apart.get_Count()) { $record.extra = $apart }
        foreach ($name in $fields.get_Keys()) {
            if ($fields[$name] -is [PatOwner] -and [Shape]::Names($fields[$name]).Count) {
                $record.PSObject.Properties.Add([psnoteproperty]::new($name, [SentReply]::Plainly($fields[$name])))
            }
            else { $record.PSObject.Properties.Add([psnoteproperty]::new($name, $fields[$name])) }
        }
        $names = $record.PSObject.TypeNames
        for ($class = $type; $class -notin [TokenRecord], [SailPatRecord]; $class = $class.BaseType) {
            # Culture: a place in a list, which compares ordinally.
            $names.Insert($names.IndexOf('TokenAsSent'), $class.Name)
        }
        return $record
    }

    # An owner with further fields, which ConvertTo-Json sees within another object only where they are its own: an object
    # with all of them, or a table where a name can be none of an object's.
    hidden static [object] Plainly([PatOwner]$owner) {
        $fields = [SentReply]::FieldsOf($owner)
        $apart = [SentReply]::ApartOf($owner, $fields)
        if ($null -eq $apart) { return [pscustomobject]$fields }
        foreach ($name in $apart.get_Keys()) { if (-not $fields.Contains($name)) { $fields[$name] = $owner.UnknownField($name) } }
        return $fields
    }

    # Declared fields first, then the unknown ones that can be members.
    static [System.Collections.Specialized.OrderedDictionary] FieldsOf([SailPatRecord]$record) {
        $fields = [ordered]@{}
        foreach ($property in $record.GetType().GetProperties()) {
            if ($property.Name -cnotin 'extra', 'isTokenInUse', 'tenantProfile', 'tenantUrl') {
                $fields[$property.Name] = $property.GetValue($record)
            }
        }
        if ($record -is [TokenAsSent]) {
            foreach ($name in @($record.PSObject.Properties.Match('*', 'NoteProperty')).Name) {
                $fields[$name] = $record.PSObject.Properties[$name].Value
            }
        }
        foreach ($name in [Shape]::Names($record)) { if (-not $fields.Contains($name)) { $fields[$name] = $record.UnknownField($name) } }
        return $fields
    }

    # The others.
    static [ExtraFields] ApartOf([SailPatRecord]$record, [System.Collections.IDictionary]$fields) {
        if ($null -eq $record.extra) { return $null }
        $apart = [ExtraFields]::new()
        foreach ($name in $record.extra.get_Keys()) {
            if (-not ([string[]]$fields.get_Keys()).Contains($name)) { $apart[$name] = $record.extra[$name] }
        }
        return $(if ($apart.get_Count()) { $apart })
    }

    # A record as one with notes.
    static [psobject] OfRecord([SailPatRecord]$record) {
        $fields = [SentReply]::FieldsOf($record)
        return [SentReply]::Record($fields, $record.GetType(), [SentReply]::ApartOf($record, $fields))
    }
}

# Reads records with fields that their classes do not declare into classes that do (see Shapes.ps1): once more from the
# reply, all with the same fields at a time. Most replies have but one kind.
function Expand-UnknownFields($Reply, [byte[]]$Bytes) {
    $isList = $Reply.data -is [array]
    $records = @($Reply.data)
    $kinds = Get-KindsOfRecords $records
    if ($kinds.Count -eq 0) { return $Reply }
    # There may be halves of characters in these fields, which no other step has looked at.
    $data = try { , (Expand-Records $records $kinds $Bytes) }
    catch {
        [Caller]::Forget($_)
        , (Expand-Records $records $kinds ([SentReply]::WithoutHalves($Bytes)))
    }
    New-ReplyWith $Reply $(if ($isList) { , $data } else { $data[0] })
}

function Expand-Records([object[]]$Records, $Kinds, [byte[]]$Bytes) {
    $sent = (Read-Envelope $Bytes).data
    $data = [object[]]::new($Records.Count)
    [Array]::Copy($Records, $data, $Records.Count)
    # Each kind costs a class, and a walk over the reply. A service whose tokens have ever other fields gets few of them:
    # the rest have notes, which cost each its own share and no more.
    $left = 8
    foreach ($kind in $Kinds.Values) {
        if ($left-- -gt 0 -and $null -ne [Shape]::Of($Records[$kind[0]], $false)) {
            $elements = if ($kind.Count -eq $Records.Count) { $sent } else { Select-Elements $sent $kind }
            $read = @([Shape]::Read($elements, $Records[$kind[0]], $script:JsonOptions))
        }
        else { $read = @(foreach ($i in $kind) { ConvertTo-SentRecord $Records[$i] }) }
        for ($i = 0; $i -lt $kind.Count; $i++) { $data[$kind[$i]] = $read[$i] }
    }
    , $data
}

# The positions of the records that have further fields, by the names of these.
function Get-KindsOfRecords([object[]]$Records) {
    $kinds = [Dictionary[string, List[int]]]::new([StringComparer]::Ordinal)
    # Inline, because a list may be long.
    for ($i = 0; $i -lt $Records.Count; $i++) {
        $record = $Records[$i]
        if ($record -isnot [SailPatRecord] -or $record -is [TokenAsSent]) { continue }
        $owner = $record.owner
        $ofOwner = if ($owner -is [SailPatRecord] -and $null -ne $owner.extra) { [string]::Join("`0", $owner.extra.get_Keys()) }
        if ($null -eq $record.extra -and $null -eq $ofOwner) { continue }
        $kind = if ($null -ne $record.extra) { [string]::Join("`0", $record.extra.get_Keys()) }
        $kind += "`0`0$ofOwner"
        $positions = $null
        if (-not $kinds.TryGetValue($kind, [ref]$positions)) { $kinds[$kind] = $positions = [List[int]]::new() }
        $positions.Add($i)
    }
    # Not its entries.
    , $kinds
}

# Some elements of an array as an array of their own. In one walk: to find one by its position takes one each.
function Select-Elements($Array, [List[int]]$Positions) {
    $stream = [IO.MemoryStream]::new()
    $writer = [Utf8JsonWriter]::new($stream)
    $writer.WriteStartArray()
    $next, $at = 0, 0
    foreach ($element in $Array.EnumerateArray()) {
        # Culture: these are numbers.
        if ($next -lt $Positions.Count -and $Positions[$next] -eq $at) {
            $element.WriteTo($writer)
            $next++
        }
        $at++
    }
    $writer.WriteEndArray()
    $writer.Dispose()
    Read-Json $stream.ToArray()
}

# A record whose class does not declare its fields: they are note properties. Where none of them can be one, it stays.
function ConvertTo-SentRecord($Record) {
    if ([Shape]::Names($Record).Count -or [Shape]::Names($Record.owner).Count) { return [SentReply]::OfRecord($Record) }
    $Record
}

function New-ReplyWith($Reply, $Data) {
    [pscustomobject]@{ ok = $Reply.ok; status = $Reply.status; error = $Reply.error; meta = $Reply.meta; data = $Data }
}
