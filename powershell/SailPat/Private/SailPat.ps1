using namespace System.Collections
using namespace System.Collections.Generic
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

# What the module's own commands (Public/SailPat.ps1) share: time spans as people write them, the
# token in use, the scope of a patch, a place for secrets.

# 30d, 12h, 6mo, 1y2w, 90min; also a TimeSpan as text. Months and years follow the calendar. A
# parameter for it is a text, because PowerShell reads a bare 30d as the number 30.
function Add-Span([datetime]$From, [string]$Span, [int]$Sign = 1) {
    $text = $Span.Trim().ToLowerInvariant()
    $length = [timespan]::Zero
    try {
        if ($text.Contains(':') -and [timespan]::TryParse($text, [cultureinfo]::InvariantCulture, [ref]$length)) { return $From.AddTicks($Sign * $length.Ticks) }
        if ($text -cmatch '^([0-9]{1,6}\s*(y|mo|w|d|h|min|s)\s*)+$') { return Add-SpanParts $From $text $Sign }
    }
    catch {
        # Past the end of the calendar, in .NET's words.
        [Caller]::Forget($_)
        throw (New-LocalError 'invalid_request' "'$Span' leads out of the calendar, which ends with the year 9999." 'InvalidArgument')
    }
    throw (New-LocalError 'invalid_request' "'$Span' is no time span. Write it like 30d, 12h, 6mo, 2w, 1y or 90min." 'InvalidArgument')
}

function Add-SpanParts([datetime]$From, [string]$Text, [int]$Sign) {
    foreach ($part in [regex]::Matches($Text, '([0-9]+)\s*(y|mo|w|d|h|min|s)')) {
        $count = $Sign * [int]$part.Groups[1].Value
        $From = switch ($part.Groups[2].Value) {
            'y' { $From.AddYears($count) } 'mo' { $From.AddMonths($count) } 'w' { $From.AddDays(7 * $count) } 'd' { $From.AddDays($count) }
            'h' { $From.AddHours($count) } 'min' { $From.AddMinutes($count) } 's' { $From.AddSeconds($count) }
        }
    }
    $From
}

# Patterns with wildcards as -like takes them, but of the same meaning everywhere: -like follows the culture, and in
# Turkish FIND* is not like find.
function Get-Wildcards([string[]]$Patterns) {
    foreach ($pattern in $Patterns) { [WildcardPattern]::Get($pattern, [WildcardOptions]'IgnoreCase, CultureInvariant') }
}

# Seconds from a TimeSpan, a number or a span such as 1h.
function Get-Seconds([string]$Value) {
    $number = 0
    if ([int]::TryParse($Value, [Globalization.NumberStyles]::Integer, [cultureinfo]::InvariantCulture, [ref]$number)) { return $number }
    Get-SpanSeconds $Value
}

# Seconds from a TimeSpan or a span. A bare number says nothing: 2 may mean days.
function Get-SpanSeconds([string]$Value) {
    $start = [datetime]::UnixEpoch
    [long]((Add-Span $start $Value) - $start).TotalSeconds
}

# The row of -ApiVersion, else of the session's version, else of the profile's; for calls of that profile.
function Get-ChosenVersion($Cmdlet, [string]$Name, [string]$Profile) {
    if (-not $Name -and -not $script:ApiVersionGiven -and $Profile) { $Name = Get-ProfileVersion $Cmdlet $Profile }
    $row = if ($Name) { Get-CurrentVersion $Name.ToLowerInvariant() } else { Get-CurrentVersion }
    if ($Profile) { Get-RowOf $row $Profile } else { $row }
}

# The token that signs in, and the profile, where one is in force. Nothing is sent; when settings are
# missing, there is neither.
function Get-InForce($Cmdlet, $Version) {
    $inForce = @{ clientId = $null; baseUrl = $null; tokenUrl = $null; profile = $null }
    # Only these: all that there is to say of the settings takes twice as long to read as a list.
    try { $settings = (Invoke-Operation $Cmdlet $Version 'settings' '{}').data }
    catch {
        [Caller]::Forget($_)
        return $inForce
    }
    $value = [System.Text.Json.JsonElement]::new()
    foreach ($name in @($inForce.Keys)) { if ($settings.TryGetProperty($name, [ref]$value)) { $inForce[$name] = $value.GetString() } }
    $inForce
}

# Marks the token in use, and warns when it soon expires.
function Set-CurrentMark($Token) {
    $Token.isTokenInUse = $true
    Add-ExpiryWarning $Token "The token in use, '$($Token.name)',"
}

function Add-ExpiryWarning($Token, [string]$Subject) {
    # By its name: an odd token may have none.
    $end = $Token['expirationDate']
    if ($end -isnot [datetime]) { return }
    $left = $end - [datetime]::UtcNow
    if ($left.TotalDays -lt 14) { Add-Note Warning "$Subject expires on $($end.ToString('yyyy-MM-dd HH:mm', [cultureinfo]::InvariantCulture))Z, in less than two weeks." }
}

# Which tokens of a list were asked for. One loop with everything in it: a call for each token of a large tenant takes
# ten times as long as the list itself. What was not asked for is not looked at.
[NoRunspaceAffinity()]
class Wanted {
    hidden [WildcardPattern[]]$Names
    [bool]$OnlyManaged
    [bool]$OnlyNeverUsed
    [object]$ExpiresBefore
    [object]$UnusedSince

    [void] Named([string[]]$patterns) {
        $this.Names = @(Get-Wildcards $patterns)
    }

    [object] Among([object]$tokens) {
        $patterns, $managed, $neverUsed, $before, $since = $this.Names, $this.OnlyManaged, $this.OnlyNeverUsed, $this.ExpiresBefore, $this.UnusedSince
        if (-not ($patterns -or $managed -or $neverUsed -or $before -or $since)) { return $tokens }
        return @(foreach ($token in $tokens) {
                $fields = if ($token -is [TokenAsSent]) { [Wanted]::FieldsOf($token) } else { $token }
                if ($patterns) {
                    $isNamed = $false
                    foreach ($pattern in $patterns) { if ($pattern.IsMatch([string]$fields.name)) { $isNamed = $true; break } }
                    if (-not $isNamed) { continue }
                }
                if ($managed -and $fields.managed -ne $true) { continue }
                if ($neverUsed -and $null -ne $fields.lastUsed) { continue }
                if ($before -and ($fields.expirationDate -isnot [datetime] -or $fields.expirationDate -gt $before)) { continue }
                if ($since) {
                    # One that was never used counts from when it was made.
                    $used = if ($fields.lastUsed -is [datetime]) { $fields.lastUsed } else { $fields.created }
                    if ($used -isnot [datetime] -or $used -gt $since) { continue }
                }
                $token
            })
    }

    # An odd token may lack one of them.
    hidden static [hashtable] FieldsOf([object]$token) {
        $fields = @{}
        foreach ($name in 'name', 'managed', 'lastUsed', 'expirationDate', 'created') { $fields[$name] = $token[$name] }
        return $fields
    }

    # The token of a list that has this id; nothing where there is none.
    static [object] WithId([object]$tokens, [string]$id) {
        if (-not $id) { return $null }
        foreach ($token in $tokens) { if ($token -is [ListedToken] -and [string]::Equals($token.id, $id)) { return $token } }
        return $null
    }
}

# The tokens of one place that were asked for, as one object.
function Get-WantedTokens($Cmdlet, $Version, [string]$Operation, [string]$Request, [string]$Target, $Wanted, [bool]$Several) {
    $listed = (Invoke-Operation $Cmdlet $Version $Operation $Request $Target).data
    if ($Operation -ceq 'list') { [PatCompleter]::Remember($listed) }
    $inForce = Get-InForce $Cmdlet $Version
    if ($inForce.profile) { [Tenant]::Mark($listed, $inForce.profile, $inForce.baseUrl, $Several) }
    $kept = $Wanted.Among($listed)
    $inUse = [Wanted]::WithId($kept, $inForce.clientId)
    if ($null -ne $inUse) { Set-CurrentMark $inUse }
    , $kept
}

# The JSON Patch that Set-SailPat sends.
function Get-SailPatPatch($Cmdlet, $Version, [string]$Id, $Given) {
    if ($Given.ContainsKey('Name')) { @{ op = 'replace'; path = '/name'; value = $Given.Name } }
    if ($Given.ContainsKey('Scope') -or $Given.ContainsKey('AddScope') -or $Given.ContainsKey('RemoveScope')) {
        $scope = if ($Given.ContainsKey('Scope')) { $Given.Scope } else { (Invoke-Operation $Cmdlet $Version 'get' ([RequestText]::Id($Id)) $Id).data.scope }
        $removed = [HashSet[string]]::new([string[]]@($Given['RemoveScope']), [StringComparer]::OrdinalIgnoreCase)
        $seen = [HashSet[string]]::new([StringComparer]::Ordinal)
        $scope = @(@($scope) + @($Given['AddScope']) | Where-Object { $_ -and -not $removed.Contains($_) -and $seen.Add($_) })
        if ($scope.Count -eq 0) { throw (New-LocalError 'invalid_request' 'No scope would be left; remove the token instead.' 'InvalidArgument' $null $Id) }
        @{ op = 'replace'; path = '/scope'; value = $scope }
    }
    $expiry = Get-Expiry $Given
    if ($null -eq $expiry -and -not $Given['NeverExpires']) { return }
    if (-not $Version.NeverExpires) {
        throw (New-LocalError 'invalid_request' "API version $($Version.Name) cannot change when a token expires." 'InvalidArgument' 'Add -ApiVersion v2025, or a later one.' $Id)
    }
    if ($Given['NeverExpires']) { @{ op = 'replace'; path = '/userAwareTokenNeverExpires'; value = $true } }
    @{ op = 'replace'; path = '/expirationDate'; value = $expiry }
}

# When it expires, from -ExpiresIn or -ExpiresOn; nothing when neither was given. An empty cell of a
# CSV file counts as not given.
function Get-Expiry($Given) {
    $ways = @('ExpiresIn', 'ExpiresOn', 'NeverExpires').Where({ $Given[$_] })
    if ($ways.Count -gt 1) { throw (New-LocalError 'invalid_request' "Only one of -$($ways -join ' and -') can hold." 'InvalidArgument' 'Give one of them.') }
    if ($Given['ExpiresIn']) { return Add-Span ([datetime]::UtcNow) $Given['ExpiresIn'] }
    if ($Given['ExpiresOn']) { return $Given['ExpiresOn'] }
}

# Before a pair is made that a vault shall keep: is there a vault to keep it in?
function Assert-SecretStore {
    if ($null -ne (Get-Command Set-Secret -ErrorAction Ignore) -and $null -ne (Get-Command Get-Secret -ErrorAction Ignore)) {
        if ($null -eq (Get-Command Get-SecretVault -ErrorAction Ignore) -or @(Get-SecretVault).Count) { return }
        throw (New-LocalError 'secret_store_missing' '-SecretName needs a vault, and none is registered here. Nothing was changed.' 'ObjectNotFound' `
                'Register one with Register-SecretVault -DefaultVault, for instance -Name Local -ModuleName Microsoft.PowerShell.SecretStore; or leave -SecretName out.')
    }
    throw (New-LocalError 'secret_store_missing' '-SecretName needs the module Microsoft.PowerShell.SecretManagement, which is not installed here. Nothing was changed.' 'NotInstalled' `
            'Install Microsoft.PowerShell.SecretManagement and a vault, or leave -SecretName out.')
}

# The reply to a create with its secret as a secure string.
function Copy-WithSecureSecret($Token) {
    # An odd reply has its fields as note properties.
    if ($null -eq $Token.GetType().GetProperty('secret')) {
        $Token.secret = [SecretText]::Secure($Token.secret)
        return $Token
    }
    $fields = [SentReply]::FieldsOf($Token)
    $fields['secret'] = [SecretText]::Secure($Token.secret)
    [SentReply]::Record($fields, $Token.GetType(), [SentReply]::ApartOf($Token, $fields))
}

# Tab completion by the parameter's name, from what is known already: never a call.
[NoRunspaceAffinity()]
class PatCompleter : IArgumentCompleter {
    # The tokens that this runspace listed last: another one may work at another tenant. A very long list is not kept
    # alive for this.
    static [void] Remember([object]$tokens) {
        if ($tokens -is [array] -and $tokens.Length -le 1000) { [Session]::Variables()['LastList'] = $tokens }
    }

    [IEnumerable[CompletionResult]] CompleteArgument([string]$command, [string]$parameter, [string]$word, [CommandAst]$tree, [IDictionary]$bound) {
        $results = [List[CompletionResult]]::new()
        $isPattern = $parameter -eq 'Name'
        foreach ($known in [SortedSet[string]]::new([PatCompleter]::Words($parameter), [StringComparer]::OrdinalIgnoreCase)) { [Completion]::Add($results, $word, $known, $isPattern, '') }
        return $results
    }

    hidden static [string[]] Words([string]$parameter) {
        $words = [List[string]]::new()
        switch -Regex -CaseSensitive ($parameter) {
            'Owner' { $words.Add('me') }
            'Scope' { $words.Add('sp:scopes:all'); $words.Add('sp:scopes:default') }
            '^StoreIn$' { $words.AddRange([string[]]('Environment', 'CommandLine', 'Configuration')) }
            'Path' { $words.AddRange([string[]]('/name', '/scope', '/expirationDate', '/userAwareTokenNeverExpires')) }
        }
        foreach ($token in [Session]::Variables()['LastList']) {
            switch -Regex -CaseSensitive ($parameter) {
                '^Id$' { $words.Add($token.id) }
                '^Name$' { $words.Add($token.name) }
                'Owner' { $words.Add($token.owner.id) }
                'Scope' { $words.AddRange([string[]]@($token.scope)) }
            }
        }
        return $words.Where({ $_ })
    }
}

# A line of the change log.
function New-ChangeRecord($Change) {
    $record = [pscustomobject]@{
        PSTypeName = 'SailPat.Change'
        Time = [datetime]::Parse($Change.time, [cultureinfo]::InvariantCulture, [System.Globalization.DateTimeStyles]::AdjustToUniversal)
        ClientId = $Change.clientId; BaseUrl = $Change.baseUrl; Operation = $Change.operation
        Id = $Change.id; Name = $Change.name; Result = $Change.result; Status = $Change.status
        Rotation = if ($Change.PSObject.Properties['rotation']) { $Change.rotation }
    }
    $record.PSObject.TypeNames.Insert(1, 'SailPat.Record')
    $record
}
