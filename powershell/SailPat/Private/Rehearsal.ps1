using namespace System.Text.Json

# What -WhatIf looks at before it says what would be sent. The native library judges every request on its way out, and
# a rehearsal has none: so the rules that rows of a file break are here a second time, in the same words. A test holds
# both side by side.

function Assert-RehearsedId([string]$Id) {
    if ($Id -cnotmatch '\A[A-Za-z0-9_-]+\z') { throw (New-RuleError 'id' "may hold letters, digits, '-' and '_' only") }
}

function Assert-RehearsedCreate($Version, [string]$Body) {
    $known = @($script:CreateFields).Where({ $Version.NeverExpires -or -not [string]::Equals($_, 'userAwareTokenNeverExpires') })
    $fields = Read-RehearsedFields (Read-Json ([Text.Encoding]::UTF8.GetBytes($Body))) '' 'body' $known
    if (-not $fields.ContainsKey('name')) { throw (New-RuleError 'name' 'is required') }
    $seconds = 0L
    if ($fields.ContainsKey('accessTokenValiditySeconds') -and
        -not ($fields.accessTokenValiditySeconds.ValueKind -eq [JsonValueKind]::Number -and
        $fields.accessTokenValiditySeconds.TryGetInt64([ref]$seconds) -and $seconds -ge 15 -and $seconds -le 43200)) {
        throw (New-RuleError 'accessTokenValiditySeconds' 'must be between 15 and 43200 seconds')
    }
    Assert-RehearsedExpiry $Version $fields
}

function Assert-RehearsedExpiry($Version, $Fields) {
    if (-not $Fields.ContainsKey('expirationDate')) {
        if (-not $Version.NeverExpires -or
            ($Fields.ContainsKey('userAwareTokenNeverExpires') -and
            $Fields.userAwareTokenNeverExpires.ValueKind -eq [JsonValueKind]::True)) {
            return
        }
        throw (New-RuleError 'expirationDate' "is required in $($Version.Name), unless userAwareTokenNeverExpires is true")
    }
    $end = [DateTimeOffset]::MinValue
    $text = "$($Fields.expirationDate)"
    if ($text -cnotmatch '\A[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]+(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)\z' -or
        -not [DateTimeOffset]::TryParse($text, [cultureinfo]::InvariantCulture, [Globalization.DateTimeStyles]::None, [ref]$end)) {
        throw (New-RuleError 'expirationDate' 'must be a date and time with its offset in ISO 8601, as 2027-03-31T12:00:00Z')
    }
    # Clocks differ: what is this close, the service judges.
    $now = [DateTimeOffset]::UtcNow
    if ($end -lt $now.AddMinutes(-10)) { throw (New-RuleError 'expirationDate' 'must be in the future') }
    if (-not $Version.NeverExpires -and $end -gt $now.AddMonths(6).AddMinutes(10)) {
        throw (New-RuleError 'expirationDate' "must be at most six months ahead in $($Version.Name)")
    }
}

function Assert-RehearsedPatch([string]$Id, [string]$Patch) {
    Assert-RehearsedId $Id
    $root = Read-Json ([Text.Encoding]::UTF8.GetBytes($Patch))
    if ($root.ValueKind -ne [JsonValueKind]::Array) { throw (New-RuleError 'patch' 'must be an array of {op, path, value}') }
    if ($root.GetArrayLength() -eq 0) { throw (New-RuleError 'patch' 'must hold at least one operation') }
    $at = 0
    foreach ($operation in $root.EnumerateArray()) {
        $prefix = "patch[$at]."
        $fields = Read-RehearsedFields $operation $prefix "patch[$at]" $script:PatchFields
        foreach ($name in 'op', 'path') { if (-not $fields.ContainsKey($name)) { throw (New-RuleError "$prefix$name" 'is required') } }
        if (-not ([string[]]('add', 'remove', 'replace', 'move', 'copy', 'test')).Contains("$($fields.op)")) {
            throw (New-RuleError "${prefix}op" 'must be one of add, remove, replace, move, copy, test')
        }
        $at++
    }
}

# The fields of an object by name, without those that are null.
function Read-RehearsedFields($Element, [string]$Prefix, [string]$What, [string[]]$Known) {
    if ($Element.ValueKind -ne [JsonValueKind]::Object) { throw (New-RuleError $What 'must be an object') }
    $fields = @{}
    foreach ($member in $Element.EnumerateObject()) {
        if (-not $Known.Contains($member.Name)) {
            throw (New-RuleError "$Prefix$($member.Name)" "is not a known field; known are $($Known -join ', ')")
        }
        if ($member.Value.ValueKind -ne [JsonValueKind]::Null) { $fields[$member.Name] = $member.Value }
    }
    $fields
}

function New-RuleError([string]$Field, [string]$Rule) {
    $facts = [pscustomobject]@{ code = 'invalid_request'; field = $Field; message = "${Field}: $Rule"; remedy = $null }
    $record = New-LocalError 'invalid_request' $facts.message 'InvalidArgument' (Get-CallRemedy $facts)
    $record.Exception.Data['field'] = $Field
    $record
}
