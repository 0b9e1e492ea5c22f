using namespace System.Collections.Generic
using namespace System.Management.Automation

# Many tenants: which profiles -Profile means, and whose a result is.

# The row of a version for calls of one profile. A command hands its row to everything that it calls, so
# that no call of it can end at another tenant.
function Get-RowOf($Version, [string]$Name) {
    if (-not $Name) { return $Version }
    $row = $Version.Clone()
    $row.Profile = $Name
    $row
}

# The version of a row and its profile, for people.
function Get-PlaceText($Row) { if ($Row['Profile']) { "$($Row.Name), profile $($Row.Profile)" } else { $Row.Name } }

# Every profile there is. Nothing is sent.
function Get-KnownProfiles($Cmdlet) {
    foreach ($known in [SailPatRecord]::Plain((Invoke-Operation $Cmdlet (Get-CurrentVersion) 'profiles' '{}').data)) { $known }
}

# The names that were asked for, each once; only a wildcard needs a look at what there is.
function Resolve-ProfileName($Cmdlet, [string[]]$Asked) {
    $names = [List[string]]::new()
    foreach ($one in $Asked) {
        if (-not $one) { continue }
        $found = if ([WildcardPattern]::ContainsWildcardCharacters($one)) { @(Get-KnownProfiles $Cmdlet).Where({ $_.name -like $one }).ForEach('name') } else { [WildcardPattern]::Unescape($one) }
        if (@($found).Count -eq 0) { throw (New-LocalError 'profile_unknown' "No profile is like '$one'." 'ObjectNotFound' 'Get-SailPatProfile shows those that there are.' $one) }
        foreach ($name in $found) { if ($names -notcontains $name) { $names.Add($name) } }
    }
    $names
}

# The one profile of a call: the one asked for, that of the token, or the session's.
function Get-OneProfile($Cmdlet, [string[]]$Asked, [string]$Id) {
    $names = @(Resolve-ProfileName $Cmdlet $Asked)
    if ($names.Count -gt 1) { throw (New-LocalError 'invalid_request' "This takes one profile, not $($names.Count): $($names -join ', ')." 'InvalidArgument' 'Name one with -Profile.') }
    $own = [Tenant]::OfId($Id)
    if ($names.Count -eq 0) { return $(if ($own) { $own } else { $script:Configuration['Profile'] }) }
    if ($own -and $own -ne $names[0]) {
        throw (New-LocalError 'invalid_request' "Token $Id is of profile $own, and -Profile says $($names[0])." 'InvalidArgument' 'Leave -Profile out: a token goes to the tenant that it came from.' $Id)
    }
    $names[0]
}

# The profiles to list, or none for the session's tenant.
function Get-AskedProfiles($Cmdlet, [string[]]$Asked) {
    $names = @(Resolve-ProfileName $Cmdlet $Asked)
    if ($names.Count) { $names } else { $script:Configuration['Profile'] }
}

# The API version that a profile names, if it names one.
function Get-ProfileVersion($Cmdlet, [string]$Name) {
    foreach ($known in Get-KnownProfiles $Cmdlet) { if ($known.name -eq $Name) { return $known.apiVersion } }
}

# One tenant's failure among several: it names the profile and hides nothing of the others.
function New-TenantError([ErrorRecord]$Record, [string]$Name) {
    $reason = $Record.Exception.Message
    $remedy = if ($null -ne $Record.ErrorDetails) { $Record.ErrorDetails.RecommendedAction }
    $Record.Exception.Data['profile'] = $Name
    $Record.ErrorDetails = [ErrorDetails]::new("Profile ${Name}: $reason")
    if ($remedy) { $Record.ErrorDetails.RecommendedAction = $remedy }
    $Record
}

# The tokens of one place as the documented list gives them: all of them as one object, or what -WithHttpInfo gives.
function Get-TokenList($Cmdlet, $Version, [string]$Name, [bool]$Several, [string]$Request, [string]$Owner, [bool]$WithHttpInfo) {
    $reply = Invoke-Operation $Cmdlet (Get-RowOf $Version $Name) 'list' $Request $Owner $WithHttpInfo
    [PatCompleter]::Remember($reply.data)
    if ($Name) { [Tenant]::Mark($reply.data, $Name, $Several) }
    if ($WithHttpInfo) { New-HttpInfo $reply $reply.data $(if ($Several) { $Name }) } else { , $reply.data }
}

function New-ProfileRecord($Facts) {
    $record = [pscustomobject]@{
        PSTypeName = 'SailPat.Profile'
        Name = $Facts.name; BaseUrl = $Facts.baseUrl; ClientId = $Facts.clientId; ApiVersion = $Facts.apiVersion
        Source = $Facts.source; From = $Facts.from; Default = $Facts.default
    }
    $record.PSObject.TypeNames.Insert(1, 'SailPat.Record')
    $record
}

# Tab completion of -Profile: what the files say now, and nothing where they cannot be read.
[NoRunspaceAffinity()]
class ProfileCompleter : IArgumentCompleter {
    [IEnumerable[CompletionResult]] CompleteArgument([string]$command, [string]$parameter, [string]$word, [Language.CommandAst]$tree, [System.Collections.IDictionary]$bound) {
        $results = [List[CompletionResult]]::new()
        # A completer runs in the caller's session, where the module's own functions are not seen.
        $isPattern = $command -notin 'Set-SailPatConfiguration', 'Set-SailPatProfile', 'Remove-SailPatProfile'
        foreach ($known in & (Get-Module SailPat) { Get-CompletedProfiles }) { [Completion]::Add($results, $word, $known.name, $isPattern, "$($known.name): $($known.baseUrl)") }
        return $results
    }
}

function Get-CompletedProfiles {
    try { Get-KnownProfiles ([pscustomobject]@{ SessionState = $ExecutionContext.SessionState }) } catch { [Caller]::Forget($_) }
}
