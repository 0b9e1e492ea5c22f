using namespace System.Collections.Generic
using namespace System.Text.Json
using namespace System.Text.Json.Serialization

# The shapes that come back, written as classes so that System.Text.Json fills them straight
# from the reply's bytes. Declared members are the service's own, in its order; what the service
# adds later waits in `extra` (see Reply.ps1). The classes have no runspace affinity: without
# that attribute they are slow or stuck when another runspace touches them.

# The fields a class does not declare. It counts how often one was needed, so that a reply
# without any, the usual one, is not searched for them.
[NoRunspaceAffinity()]
class ExtraFields : Dictionary[string, JsonElement] {
    static [long]$Made = 0
    ExtraFields() { [ExtraFields]::Made++ }
}

# What all of them share: `$r['id']`, `$r.ContainsKey('id')`, and a place for unknown fields.
[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class SailPatRecord {
    [JsonExtensionData()] [Newtonsoft.Json.JsonIgnore()] hidden [ExtraFields]$extra

    # Not the service's: the profile of the tenant that it came from. Read as `profile` (SailPat.Types.ps1xml).
    [JsonIgnore()] [Newtonsoft.Json.JsonIgnore()] hidden [string]$tenantProfile

    hidden [object] get_Item([string]$name) {
        # A property is no variable here: it would show its value, which may be a new secret.
        if ($null -ne $this.PSObject.Properties[$name]) { return $this.PSObject.Properties[$name].Value }
        return $this.UnknownField($name)
    }

    # For the views: what may reach a terminal.
    hidden [string] Shown([object]$value) { return [Shown]::Visible($value) }

    hidden [object] UnknownField([string]$name) {
        $element = [JsonElement]::new()
        if ($null -ne $this.extra -and $this.extra.TryGetValue($name, [ref]$element)) { return [SailPatRecord]::Plain($element) }
        return $null
    }

    hidden [bool] ContainsKey([string]$name) {
        if ($null -ne $this.extra -and $this.extra.ContainsKey($name)) { return $true }
        # A script property stands for a field that some object of this type has, not for this one's.
        return $null -ne $this.PSObject.Properties[$name] -and $this.PSObject.Properties[$name] -isnot [psscriptproperty]
    }

    # A JSON value as PowerShell would hold it: objects keep their order, texts stay texts.
    hidden static [object] Plain([JsonElement]$element) {
        switch ($element.ValueKind) {
            'Object' {
                $object = [pscustomobject]@{}
                foreach ($member in $element.EnumerateObject()) {
                    $object.PSObject.Properties.Add([psnoteproperty]::new($member.Name, [SailPatRecord]::Plain($member.Value)))
                }
                return $object
            }
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

    [string] ToString() { return $(if ($this.name) { $this.name } else { $this.id }) }
}

[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class GetPersonalAccessTokenResponse : SailPatRecord {
    [string]$id
    [string]$name
    [string[]]$scope
    [PatOwner]$owner
    [Nullable[datetime]]$created
    [Nullable[datetime]]$lastUsed
    [Nullable[bool]]$managed
    [Nullable[long]]$accessTokenValiditySeconds
    [Nullable[datetime]]$expirationDate

    # Not the service's: whether this token is the one that signs in.
    [JsonIgnore()] [Newtonsoft.Json.JsonIgnore()] hidden [bool]$isTokenInUse
}

[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class GetPersonalAccessTokenResponseV2025 : GetPersonalAccessTokenResponse {
    [Nullable[bool]]$userAwareTokenNeverExpires
}

[NoRunspaceAffinity()] [Reflection.DefaultMember('Item')]
class CreatePersonalAccessTokenResponse : SailPatRecord {
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
class TokenAsSent : SailPatRecord { }

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

# The tenant that a token came from goes with it: in the token, and in its id once a command has taken that
# out of the object. Without this a token of one tenant could be removed at another.
[NoRunspaceAffinity()]
class Tenant {
    # By reference: only the very text that was taken out of the object is known here.
    hidden static [System.Runtime.CompilerServices.ConditionalWeakTable[string, string]]$OfIds = [System.Runtime.CompilerServices.ConditionalWeakTable[string, string]]::new()

    static [void] Mark([object]$records, [string]$name, [bool]$shows) {
        foreach ($record in $records) {
            if ($record -isnot [SailPatRecord]) { continue }
            $record.tenantProfile = $name
            if ($shows) { ([psobject]$record).PSObject.TypeNames.Insert(0, 'SailPat.TokenOfProfile') }
        }
    }

    static [string] IdOf([object]$token, [string]$id) {
        $plain = if ($token -is [psobject]) { $token.PSObject.BaseObject } else { $token }
        $name = if ($plain -is [SailPatRecord]) { $plain.tenantProfile }
        elseif ($plain -is [System.Collections.IDictionary]) { $plain['profile'] }
        elseif ($null -ne ($property = ([psobject]$token).PSObject.Properties['profile'])) { $property.Value }
        if ($name -isnot [string] -or $name.Length -eq 0) { return $id }
        $own = [string]::new($id.ToCharArray())
        [Tenant]::OfIds.AddOrUpdate($own, $name)
        return $own
    }

    # The profile of the token that an id was taken from; null where that is not known.
    static [object] OfId([string]$id) {
        $name = $null
        if ($id -and [Tenant]::OfIds.TryGetValue($id, [ref]$name)) { return $name }
        return $null
    }
}

# Lets an id parameter take a text or an object that has an id, and nothing else: converting
# anything else to text would send the name of its type as the id.
[NoRunspaceAffinity()]
class PatId : System.Management.Automation.ArgumentTransformationAttribute {
    [object] Transform([System.Management.Automation.EngineIntrinsics]$engine, [object]$value) {
        # Usually a text that is too short for a secret; what is not given comes by here as an empty one.
        if ($value -is [string] -and $value.Length -lt 64) { return $value }
        $plain = if ($value -is [psobject]) { $value.PSObject.BaseObject } else { $value }
        if ($null -eq $plain) { return $plain }
        if ($plain -is [string]) {
            [PatId]::RefuseSecret($plain)
            return $plain
        }
        $id = if ($plain -is [System.Collections.IDictionary]) { $plain['id'] }
        else {
            $property = ([psobject]$value).PSObject.Properties['id']
            if ($null -ne $property) { $property.Value }
        }
        if ($id -is [string] -and $id.Length -gt 0) {
            [PatId]::RefuseSecret($id)
            return [Tenant]::IdOf($value, $id)
        }
        throw [System.Management.Automation.ArgumentTransformationMetadataException]::new(
            "An id is a text, or an object with a text property 'id'; this is a $($plain.GetType().Name) without one.")
    }

    # A secret that was given for an id would be sent, shown and written down as one.
    hidden static [void] RefuseSecret([string]$id) {
        if ($id.Length -lt 64 -or $id -notmatch '(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])') { return }
        throw [System.Management.Automation.ArgumentTransformationMetadataException]::new('An id has 32 or 36 characters; this has the form of a secret, and was sent nowhere.')
    }
}
