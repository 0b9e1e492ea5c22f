using namespace System.Collections.Generic
using namespace System.Text.Json
using namespace System.Text.Json.Serialization

# The shapes that come back, written as classes so that System.Text.Json fills them straight
# from the reply's bytes. Declared members are the service's own, in its order; what the service
# adds later waits in `extra` (see Reply.ps1). The classes have no runspace affinity: without
# that attribute they are slow or stuck when another runspace touches them.

# The fields a class does not declare. It counts how often one was needed on this thread, so that a
# reply without any, the usual one, is not searched for them.
[NoRunspaceAffinity()]
class ExtraFields : Dictionary[string, JsonElement] {
    static [System.Threading.ThreadLocal[long]]$Made = [System.Threading.ThreadLocal[long]]::new()
    ExtraFields() { [ExtraFields]::Made.Value++ }
    # (Its names are get_Keys(): a field may be called Keys, and PowerShell would take it for them.)
}

# Names of fields that a token cannot have as members, or not in a table. A field may be called anything. Under the name
# of a method, or of what PowerShell has on every object, it would take that away, and with it what scripts do with a
# token: it is read by its name as an index alone.
[NoRunspaceAffinity()]
class FieldName {
    # What PowerShell finds on every object, SailPat.Types.ps1xml on these, and an index needs.
    hidden static [HashSet[string]]$Taken =
        [HashSet[string]]::new([string[]]('Count', 'Length', 'ForEach', 'Where', 'Item', 'Keys', 'Values', 'profile', 'extra',
        'isTokenInUse', 'tenantProfile', 'tenantUrl'), [StringComparer]::OrdinalIgnoreCase)

    # Those that PowerShell gives to no object.
    hidden static [HashSet[string]]$Reserved =
        [HashSet[string]]::new([string[]]('', 'PSObject', 'PSBase', 'PSAdapted', 'PSExtended', 'PSTypeNames'),
        [StringComparer]::OrdinalIgnoreCase)

    # Those of which New-Object -Property makes no object, and those by which a table would say a tenant: where a token
    # goes back to is nothing that a service has a say in.
    hidden static [HashSet[string]]$Apart =
        [HashSet[string]]::new([string[]]('GetType', 'ToString', 'Equals', 'GetHashCode', 'profile', 'tenantProfile', 'tenantUrl'),
        [StringComparer]::OrdinalIgnoreCase)

    static [bool] CanBeMember([type]$class, [string]$name) {
        if ($name.Contains([char]0) -or [FieldName]::Reserved.Contains($name) -or [FieldName]::Taken.Contains($name)) { return $false }
        return $class.GetMember($name, [Reflection.BindingFlags]'Public, Instance, IgnoreCase').Length -eq 0
    }

    static [bool] CanBeNote([string]$name) { return -not [FieldName]::Reserved.Contains($name) }

    static [bool] CanBeInTable([string]$name) {
        return -not [FieldName]::Reserved.Contains($name) -and -not [FieldName]::Apart.Contains($name)
    }
}

# What all of them share: they are read, and to a certain degree changed, like the tables that the official SDK returns
# (`$r['id']`, `$r.Keys`, `$r.Contains('id')`, `[hashtable]$r`), and one of them is, like any single object in
# PowerShell, its own element 0. There is a place for unknown fields.
[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class SailPatRecord {
    [JsonExtensionData()] [Newtonsoft.Json.JsonIgnore()] hidden [ExtraFields]$extra

    # Not the service's: the profile of the tenant that it came from. Read as `profile` (SailPat.Types.ps1xml).
    [JsonIgnore()] [Newtonsoft.Json.JsonIgnore()] hidden [string]$tenantProfile

    # The address that the profile stood for then: a profile can be given another one.
    [JsonIgnore()] [Newtonsoft.Json.JsonIgnore()] hidden [string]$tenantUrl

    # Members of these classes that are no fields.
    hidden static [HashSet[string]]$Inner =
        [HashSet[string]]::new([string[]]('extra', 'isTokenInUse', 'tenantProfile', 'tenantUrl'), [StringComparer]::OrdinalIgnoreCase)

    # A list of one token comes as that token, and scripts that expect a list take its element.
    hidden [object] get_Item([int]$position) {
        if ($position -eq 0 -or $position -eq -1) { return $this }
        return $null
    }

    hidden [object] get_Item([string]$name) {
        if ($null -ne $this.extra -and $this.IsApart($name)) { return $this.UnknownField($name) }
        # A property is no variable here: it would show its value, which may be a new secret.
        if ($this.HasMember($name)) { return $this.PSObject.Properties[$name].Value }
        return $this.UnknownField($name)
    }

    # A field of the service that is no member, or none of just this spelling. (Which tenant a token is of says this
    # module alone.)
    hidden [bool] IsApart([string]$name) {
        $spelt = $this.UnknownName($name)
        if ($null -eq $spelt) { return $false }
        if ($this.tenantProfile -and [string]::Equals($name, 'profile', [StringComparison]::OrdinalIgnoreCase)) { return $false }
        if (-not $this.HasMember($name) -or $this.PSObject.Properties[$name] -is [psscriptproperty]) { return $true }
        return [string]::Equals($spelt, $name) -and
            -not ($this.PSObject.Properties[$name] -is [psnoteproperty] -and [string]::Equals($this.PSObject.Properties[$name].Name, $name))
    }

    hidden [bool] HasMember([string]$name) {
        return $name.Length -gt 0 -and -not [SailPatRecord]::Inner.Contains($name) -and $null -ne $this.PSObject.Properties[$name]
    }

    hidden [bool] HasUnknown([string]$name) { return $null -ne $this.UnknownName($name) }

    # As the service spelt it.
    hidden [object] UnknownName([string]$name) {
        if ($null -eq $this.extra) { return $null }
        if ($this.extra.ContainsKey($name)) { return $name }
        foreach ($known in $this.extra.get_Keys()) {
            if ([string]::Equals($known, $name, [StringComparison]::OrdinalIgnoreCase)) { return $known }
        }
        return $null
    }

    # What a script notes on a token that has no such field is a note of this one object.
    hidden [void] set_Item([string]$name, [object]$value) {
        if ([SailPatRecord]::Inner.Contains($name)) { throw [ArgumentException]::new("'$name' cannot be set.") }
        if (-not [FieldName]::CanBeNote($name) -or ($this.HasUnknown($name) -and -not [FieldName]::CanBeMember($this.GetType(), $name))) {
            throw [ArgumentException]::new("'$name' cannot be set on a token. Clone() gives a table, in which it can.")
        }
        if ($null -ne $this.PSObject.Properties[$name]) { $this.PSObject.Properties[$name].Value = $value }
        else { $this.PSObject.Properties.Add([psnoteproperty]::new($name, $value)) }
    }

    # A name for people: a message, a comparison.
    [string] ToString() {
        if ($this['name']) { return [TerminalText]::Field($this['name']) }
        return [TerminalText]::Field($this['id'])
    }

    # For the views: what may reach a terminal.
    hidden [string] Shown([object]$value) { return [TerminalText]::Field($value) }

    hidden [object] UnknownField([string]$name) {
        $spelt = $this.UnknownName($name)
        if ($null -ne $spelt) { return [SailPatRecord]::Plain($this.extra[$spelt]) }
        return $null
    }

    hidden [bool] ContainsKey([string]$name) {
        if ($this.tenantProfile -and [string]::Equals($name, 'profile', [StringComparison]::OrdinalIgnoreCase)) { return $true }
        if ($this.HasUnknown($name)) { return $true }
        if (-not $this.HasMember($name)) { return $false }
        # Not a script property, such as Keys.
        return $this.PSObject.Properties[$name] -isnot [psscriptproperty]
    }

    hidden [bool] Contains([string]$name) { return $this.ContainsKey($name) }

    # The fields of the class in the service's order, then what is noted, by a script or because its class cannot have it,
    # then what else the service sent, then the profile that it came from. Read as `Keys`. Not what can be in no table.
    hidden [string[]] FieldNames() {
        $names = [List[string]]::new()
        foreach ($property in $this.GetType().GetProperties()) {
            if (-not [SailPatRecord]::Inner.Contains($property.Name)) { $names.Add($property.Name) }
        }
        foreach ($property in $this.PSObject.Properties) {
            if ($property -is [psnoteproperty] -and -not $names.Contains($property.Name)) { $names.Add($property.Name) }
        }
        if ($null -ne $this.extra) {
            foreach ($name in $this.extra.get_Keys()) {
                if ([FieldName]::CanBeInTable($name) -and -not $names.Contains($name)) { $names.Add($name) }
            }
        }
        # What is made from the fields of a token goes to its tenant, too.
        if ($this.tenantProfile -and -not $names.Contains('profile')) { $names.Add('profile') }
        return $names.ToArray()
    }

    # A table of its own with the same fields, in order and whatever their case. From it a field can be taken out.
    hidden [object] Clone() {
        $table = [System.Collections.Specialized.OrderedDictionary]::new([StringComparer]::OrdinalIgnoreCase)
        # A field may differ from another one in nothing but its case: the first counts, as everywhere here.
        foreach ($name in $this.FieldNames()) { if (-not $table.Contains($name)) { $table.Add($name, $this[$name]) } }
        [Tenant]::KeepUrl($table, $this)
        return $table
    }

    hidden [System.Collections.IDictionaryEnumerator] GetEnumerator() { return $this.Clone().GetEnumerator() }

    hidden [void] Add([string]$name, [object]$value) {
        if ($this.ContainsKey($name)) { throw [ArgumentException]::new("There is a field '$name' already.") }
        $this[$name] = $value
    }

    hidden [void] Remove([string]$name) {
        if ($name.Length -gt 0 -and $this.PSObject.Properties[$name] -is [psnoteproperty]) { $this.PSObject.Properties.Remove($name) }
        elseif ($this.ContainsKey($name)) {
            throw [InvalidOperationException]::new("The field '$name' belongs to every $($this.GetType().Name) and cannot be taken out. " +
                "Clone() gives a table, from which it can; Select-Object -ExcludeProperty leaves it out.")
        }
    }

    hidden [void] Clear() {
        throw [InvalidOperationException]::new("The fields of a $($this.GetType().Name) cannot be taken out. Clone() gives a table, " +
            "from which they can.")
    }

    # [hashtable]$r, and -Property of New-Object.
    hidden static [hashtable] op_Implicit([SailPatRecord]$record) {
        $table = @{}
        foreach ($name in $record.FieldNames()) { if (-not $table.ContainsKey($name)) { $table.Add($name, $record[$name]) } }
        [Tenant]::KeepUrl($table, $record)
        return $table
    }

    # A JSON object as PowerShell would hold it: as a table where a name can be none of an object's.
    hidden static [object] PlainObject([JsonElement]$element) {
        $object, $table = [pscustomobject]@{}, $null
        foreach ($member in $element.EnumerateObject()) {
            if (-not [FieldName]::CanBeNote($member.Name)) {
                $table = [System.Collections.Specialized.OrderedDictionary]::new([StringComparer]::Ordinal); break
            }
            $object.PSObject.Properties.Add([psnoteproperty]::new($member.Name, [SailPatRecord]::Plain($member.Value)))
        }
        if ($null -eq $table) { return $object }
        foreach ($member in $element.EnumerateObject()) { $table[$member.Name] = [SailPatRecord]::Plain($member.Value) }
        return $table
    }

    # A JSON value as PowerShell would hold it: objects keep their order, texts stay texts.
    hidden static [object] Plain([JsonElement]$element) {
        switch ($element.ValueKind) {
            'Object' { return [SailPatRecord]::PlainObject($element) }
            'Array' {
                $items = [List[object]]::new()
                foreach ($item in $element.EnumerateArray()) { $items.Add([SailPatRecord]::Plain($item)) }
                return $items.ToArray()
            }
            'String' { return $element.GetString() }
            'Number' {
                $whole = 0L
                if ($element.TryGetInt64([ref]$whole)) { return $whole }
                return $element.GetDouble()
            }
            'True' { return $true }
            'False' { return $false }
        }
        return $null
    }
}

[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class PatOwner : SailPatRecord {
    [string]$type
    [string]$id
    [string]$name
}

# Of a token, the name alone does not say which.
[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class TokenRecord : SailPatRecord {
    [string] ToString() { return "$([TerminalText]::Field($this['name'])) ($([TerminalText]::Field($this['id'])))" }
}

# What a list, a look at one token and an update give.
[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class ListedToken : TokenRecord {
    # Not the service's: whether this token is the one that signs in.
    [JsonIgnore()] [Newtonsoft.Json.JsonIgnore()] hidden [bool]$isTokenInUse
}

[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class GetPersonalAccessTokenResponse : ListedToken {
    [string]$id
    [string]$name
    [string[]]$scope
    [PatOwner]$owner
    [Nullable[datetime]]$created
    [Nullable[datetime]]$lastUsed
    [Nullable[bool]]$managed
    [Nullable[long]]$accessTokenValiditySeconds
    [Nullable[datetime]]$expirationDate
}

# Not a class under that one, whose own field would come before the inherited.
[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class GetPersonalAccessTokenResponseV2025 : ListedToken {
    [string]$id
    [string]$name
    [string[]]$scope
    [PatOwner]$owner
    [Nullable[datetime]]$created
    [Nullable[datetime]]$lastUsed
    [Nullable[bool]]$managed
    [Nullable[long]]$accessTokenValiditySeconds
    [Nullable[datetime]]$expirationDate
    [Nullable[bool]]$userAwareTokenNeverExpires
}

[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class CreatePersonalAccessTokenResponse : TokenRecord {
    [string]$id
    [string]$secret
    [string[]]$scope
    [string]$name
    [PatOwner]$owner
    [Nullable[datetime]]$created
    [Nullable[long]]$accessTokenValiditySeconds
    [Nullable[datetime]]$expirationDate
}

# A token with a value that does not fit its declared type. Its fields are note properties, each
# with the value as it came, so that one odd date never loses a list.
[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class TokenAsSent : TokenRecord { }

# The envelope around every reply of the native library. Of types that its tokens need anyway, or of any value: .NET
# compiles its reader for each type of number once more, and the first call of a session waits for it.
[NoRunspaceAffinity()]
class ReplyMeta {
    [Nullable[long]]$attempts
    [JsonElement]$elapsedMs
    [string]$requestId
    [bool]$deprecated
    [string]$note
    [Dictionary[string, string[]]]$headers
    [string[]]$log
}

[NoRunspaceAffinity()]
class Reply {
    [bool]$ok
    [Nullable[long]]$status
    [JsonElement]$error
    [ReplyMeta]$meta
}

[NoRunspaceAffinity()] class TokenReply : Reply { [GetPersonalAccessTokenResponse]$data }
[NoRunspaceAffinity()] class TokenReplyV2025 : Reply { [GetPersonalAccessTokenResponseV2025]$data }
[NoRunspaceAffinity()] class TokensReply : Reply { [GetPersonalAccessTokenResponse[]]$data }
[NoRunspaceAffinity()] class TokensReplyV2025 : Reply { [GetPersonalAccessTokenResponseV2025[]]$data }
[NoRunspaceAffinity()] class CreatedReply : Reply { [CreatePersonalAccessTokenResponse]$data }
[NoRunspaceAffinity()] class AnyReply : Reply { [JsonElement]$data }

# The tenant that a token came from goes with it: in the token, in a table that is made of it, and in its id once a command
# has taken that out of the object. Without this a token of one tenant could be removed at another.
[NoRunspaceAffinity()]
class Tenant {
    # By reference: only the very text that was taken out of the object is known here. A profile and its address then.
    hidden static [System.Runtime.CompilerServices.ConditionalWeakTable[string, string[]]]$OfIds =
        [System.Runtime.CompilerServices.ConditionalWeakTable[string, string[]]]::new()

    # The address for each table that was made of a token. The profile is a key of it; the address would be one too many.
    hidden static [System.Runtime.CompilerServices.ConditionalWeakTable[object, string]]$UrlOfTables =
        [System.Runtime.CompilerServices.ConditionalWeakTable[object, string]]::new()

    static [void] Mark([object]$records, [string]$name, [string]$url, [bool]$shows) {
        foreach ($record in $records) {
            if ($record -isnot [SailPatRecord]) { continue }
            $record.tenantProfile = $name
            $record.tenantUrl = $url
            if ($shows) { ([psobject]$record).PSObject.TypeNames.Insert(0, 'SailPat.TokenOfProfile') }
        }
    }

    static [void] KeepUrl([object]$table, [SailPatRecord]$record) {
        if ($record.tenantUrl) { [Tenant]::UrlOfTables.AddOrUpdate($table, $record.tenantUrl) }
    }

    static [string] IdOf([object]$token, [string]$id) {
        $plain = if ($token -is [psobject]) { $token.PSObject.BaseObject } else { $token }
        $name = [Tenant]::ProfileOf($plain, $token)
        if ($name -isnot [string] -or $name.Length -eq 0) { return $id }
        $own = [string]::new($id.ToCharArray())
        [Tenant]::OfIds.AddOrUpdate($own, [string[]]($name, [Tenant]::UrlOf($plain, $token)))
        return $own
    }

    # What comes out of a job or a file has the profile as the record had it; its `profile` is a part of the module, which
    # may not be loaded there yet.
    hidden static [object] ProfileOf([object]$plain, [psobject]$token) {
        if ($plain -is [System.Collections.IDictionary]) { return $plain['profile'] }
        foreach ($name in 'tenantProfile', 'profile') {
            if ($null -ne $token.PSObject.Properties[$name] -and $token.PSObject.Properties[$name].Value) {
                return $token.PSObject.Properties[$name].Value
            }
            # Of a token of this session no field of the service is taken for one.
            if ($plain -is [SailPatRecord]) { return $null }
        }
        return $null
    }

    hidden static [string] UrlOf([object]$plain, [psobject]$token) {
        $url = $null
        if ([Tenant]::UrlOfTables.TryGetValue($plain, [ref]$url)) { return $url }
        return $(if ($null -ne $token.PSObject.Properties['tenantUrl']) { $token.PSObject.Properties['tenantUrl'].Value })
    }

    # The profile of the token that an id was taken from, and its address then, either null where it is not known.
    static [object[]] OfId([string]$id) {
        $facts = $null
        if ($id -and [Tenant]::OfIds.TryGetValue($id, [ref]$facts)) { return $facts }
        return @($null, $null)
    }
}

# Lets an id parameter take a text or an object that has an id, and nothing else: converting
# anything else to text would send the name of its type as the id.
[NoRunspaceAffinity()]
class PatId : System.Management.Automation.ArgumentTransformationAttribute {
    [object] Transform([System.Management.Automation.EngineIntrinsics]$engine, [object]$value) {
        # Usually a text that is too short for a secret; what is not given comes by here as an empty one.
        if ($value -is [string] -and $value.Length -lt 64) { return $value }
        # (Not by an `if` with a value, which takes a list apart.)
        $plain = $value
        if ($value -is [psobject]) { $plain = $value.PSObject.BaseObject }
        if ($null -eq $plain) { return $plain }
        if ($plain -is [string]) {
            [PatId]::RefuseSecret($plain)
            return $plain
        }
        if ([PatId]::IsNumber($value)) { return [PatId]::Digits($value) }
        if ($plain -is [System.Collections.IList]) { return $(if ($plain.Count) { $this.Transform($engine, [PatId]::OnlyOne($plain)) }) }
        $id = if ($plain -is [System.Collections.IDictionary]) { $plain['id'] }
        else {
            $property = ([psobject]$value).PSObject.Properties['id']
            if ($null -ne $property) { $property.Value }
        }
        if ([PatId]::IsNumber($id)) { $id = [PatId]::Digits($id) }
        if ($id -is [string] -and $id.Length -gt 0) {
            [PatId]::RefuseSecret($id)
            return [Tenant]::IdOf($value, $id)
        }
        throw [System.Management.Automation.ArgumentTransformationMetadataException]::new(
            "An id is a text, or an object with a text property 'id'; this is a $($plain.GetType().Name) without one.")
    }

    # A list of one, as scripts make of whatever they find, is that one.
    hidden static [object] OnlyOne([System.Collections.IList]$list) {
        if ($list.Count -eq 1 -and ([psobject]$list[0])?.PSObject.BaseObject -isnot [System.Collections.IList]) { return $list[0] }
        throw [System.Management.Automation.ArgumentTransformationMetadataException]::new(
            "An id is one text, or one object with a text property 'id'; this is a list of $($list.Count). Pipe its items to the " +
                "command, which takes them one by one.")
    }

    # An id of digits, or of digits and one e, is a number to PowerShell, which still knows how it was written. A number
    # that was calculated, such as 0.5 or 1E+20, is none.
    hidden static [bool] IsNumber([psobject]$value) {
        if ($null -eq $value) { return $false }
        $plain = $value.PSObject.BaseObject
        if ($plain -isnot [int] -and $plain -isnot [long] -and $plain -isnot [bigint] -and $plain -isnot [double] -and
            $plain -isnot [decimal]) {
            return $false
        }
        return [PatId]::Digits($value) -cmatch '^[0-9][0-9A-Za-z]*$'
    }

    hidden static [string] Digits([psobject]$value) { return [string]$value }

    # A secret that was given for an id would be sent, shown and written down as one.
    hidden static [void] RefuseSecret([string]$id) {
        if ($id.Length -lt 64 -or $id -cnotmatch '(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])') { return }
        throw [System.Management.Automation.ArgumentTransformationMetadataException]::new('An id has 32 or 36 characters; this has the ' +
            'form of a secret, and was sent nowhere.')
    }
}

# True, false or nothing, also as the text that a row of Import-Csv has of them. (What is not given comes by here, too.)
[NoRunspaceAffinity()]
class TruthText : System.Management.Automation.ArgumentTransformationAttribute {
    [object] Transform([System.Management.Automation.EngineIntrinsics]$engine, [object]$value) {
        $plain = if ($value -is [psobject]) { $value.PSObject.BaseObject } else { $value }
        if ($plain -isnot [string]) { return $plain }
        if ([string]::IsNullOrWhiteSpace($plain)) { return $null }
        $truth = $false
        if ([bool]::TryParse($plain, [ref]$truth)) { return $truth }
        throw [System.Management.Automation.ArgumentTransformationMetadataException]::new("'$([TerminalText]::Message($plain))' is " +
            "neither True nor False.")
    }
}
