using namespace System.Collections.Generic
using namespace System.Management.Automation

# Many tenants: which profiles -Profile means, which API version a call of one speaks, and whose a result is.

# The row of -ApiVersion, else of the session's version, else of the profile's; for calls of that profile.
function Get-ChosenVersion($Cmdlet, [string]$Name, [string]$Profile) {
    if (-not $Name -and -not $script:ApiVersionGiven -and $Profile) { $Name = Get-ProfileVersion $Cmdlet $Profile }
    $row = if ($Name) { Get-CurrentVersion $Name.ToLowerInvariant() } else { Get-CurrentVersion }
    if ($Profile) { Get-RowOf $row $Profile } else { $row }
}

# Every profile there is. Nothing is sent.
function Get-KnownProfiles($Cmdlet) {
    foreach ($known in [SailPatRecord]::Plain((Invoke-Operation $Cmdlet (Get-CurrentVersion) 'profiles' '{}').data)) { $known }
}

# The names that were asked for, each once; only a wildcard needs a look at what there is.
function Resolve-ProfileName($Cmdlet, [string[]]$Asked) {
    $names = [List[string]]::new()
    $seen = [HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    foreach ($one in $Asked) {
        if (-not $one) { continue }
        $found = if ([WildcardPattern]::ContainsWildcardCharacters($one)) {
            @(Get-KnownProfiles $Cmdlet).Where({ (Get-Wildcards $one).IsMatch($_.name) }).ForEach('name')
        }
        else { [WildcardPattern]::Unescape($one) }
        if (@($found).Count -eq 0) {
            throw (New-LocalError 'profile_unknown' "No profile is like '$one'." 'ObjectNotFound' `
                'Get-SailPatProfile shows those that there are.' $one)
        }
        foreach ($name in $found) { if ($seen.Add($name)) { $names.Add($name) } }
    }
    $names
}

# The one profile of a call: the one asked for, that of the token, or the session's.
function Get-OneProfile($Cmdlet, [string[]]$Asked, [string]$Id) {
    # Usually nobody asks for one.
    $names = @(if ($Asked) { Resolve-ProfileName $Cmdlet $Asked })
    if ($names.Count -gt 1) {
        throw (New-LocalError 'invalid_request' "This takes one profile, not $($names.Count): $($names -join ', ')." 'InvalidArgument' `
            'Name one with -Profile.')
    }
    $own, $url = [Tenant]::OfId($Id)
    if ($names.Count -and $own -and -not [string]::Equals($own, $names[0], [StringComparison]::OrdinalIgnoreCase)) {
        throw (New-LocalError 'invalid_request' "Token $Id is of profile $own, and -Profile says $($names[0])." 'InvalidArgument' `
            'Leave -Profile out: a token goes to the tenant that it came from.' $Id)
    }
    if ($url) { Assert-SameTenant $Cmdlet $Id $own $url }
    if ($names.Count) { $names[0] } elseif ($own) { $own } else { $script:Configuration['Profile'] }
}

# A profile may have been given another tenant since the token was listed. (An address that cannot be found out ends the
# call itself, which says why.)
function Assert-SameTenant($Cmdlet, [string]$Id, [string]$Name, [string]$Url) {
    $now = (Get-InForce $Cmdlet (Get-RowOf (Get-CurrentVersion) $Name)).baseUrl
    if (-not $now -or [TenantUrl]::Same($now, $Url)) { return }
    throw (New-LocalError 'invalid_request' `
        "Token $Id came from $([TenantUrl]::Redacted($Url)), and profile $Name says $([TenantUrl]::Redacted($now)) now. Nothing was sent." `
        'InvalidArgument' `
        ("Get the token anew to mean the one at $([TenantUrl]::Redacted($now)), or give the profile its tenant back with " +
        "Set-SailPatProfile.") $Id)
}

# What came with a profile goes back to its tenant: one look at the settings for all of a list.
function Set-TenantMark($Cmdlet, $Version, $Records, [bool]$Several) {
    if ($Version['Profile'] -and $null -ne $Records) {
        [Tenant]::Mark($Records, $Version.Profile, (Get-InForce $Cmdlet $Version).baseUrl, $Several)
    }
}

# The profiles to list, or none for the session's tenant.
function Get-AskedProfiles($Cmdlet, [string[]]$Asked) {
    $names = @(Resolve-ProfileName $Cmdlet $Asked)
    if ($names.Count) { $names } else { $script:Configuration['Profile'] }
}

# The API version that a profile names, if it names one.
function Get-ProfileVersion($Cmdlet, [string]$Name) {
    foreach ($known in Get-KnownProfiles $Cmdlet) {
        if ([string]::Equals($known.name, $Name, [StringComparison]::OrdinalIgnoreCase)) { return $known.apiVersion }
    }
}

# One tenant's failure among several: it names the profile and hides nothing of the others.
function New-TenantError([ErrorRecord]$Record, [string]$Name) {
    $remedy = if ($null -ne $Record.ErrorDetails) { $Record.ErrorDetails.RecommendedAction }
    $isBody = -not $Record.Exception.Data['local'] -and $null -ne $Record.ErrorDetails
    $words = "Profile ${Name}: $(Get-ErrorWords $Record)"
    $Record.Exception.Data['profile'] = $Name
    # The body of a reply is JSON, which scripts read: whose it is stands below it.
    $Record.ErrorDetails = [ErrorDetails]::new($(if ($isBody) { $Record.ErrorDetails.Message } else { $words }))
    if ($isBody) { $remedy = "$($words.TrimEnd('.')). $remedy".TrimEnd() }
    if ($remedy) { $Record.ErrorDetails.RecommendedAction = $remedy }
    $Record
}

# Begins a call for each profile, of this version's row, else of the one that is chosen by a name. What cannot begin
# says why when its turn comes.
function Start-Ahead($Cmdlet, $Ahead, [string[]]$Names, $Version, [string]$Chosen, [string]$Operation, [string]$Request,
    [bool]$WithHeaders) {
    $debugging = [Hearing]::Of($DebugPreference)
    foreach ($name in $Names) {
        try {
            $row = if ($null -ne $Version) { Get-RowOf $Version $name } else { Get-ChosenVersion $Cmdlet $Chosen $name }
            $client = Get-Client $Cmdlet $row ([bool]$WithHeaders) $debugging
        }
        catch {
            [Caller]::Forget($_)
            continue
        }
        $Ahead.Add($name, $row, $client, $Operation, (Get-OperationName $Operation), [Text.Encoding]::UTF8.GetBytes("$Request`0"))
    }
    $Ahead.Start()
}

# The tokens of one place as the documented list gives them: all of them as one object, or what -WithHttpInfo gives.
function Get-TokenList($Cmdlet, $Version, [string]$Name, [bool]$Several, [string]$Request, [string]$Owner, [bool]$WithHttpInfo) {
    $row = Get-RowOf $Version $Name
    $reply = Invoke-Operation $Cmdlet $row 'list' $Request $Owner $WithHttpInfo
    [PatCompleter]::Remember($script:SessionVariables, $reply.data)
    Set-TenantMark $Cmdlet $row $reply.data $Several
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
    # A completer runs in the caller's session, where the module's own functions are not seen; and where another copy
    # of the module may be, or none that Get-Module shows, as when it is a part of another module.
    [IEnumerable[CompletionResult]] CompleteArgument([string]$command, [string]$parameter, [string]$word, [Language.CommandAst]$tree,
        [System.Collections.IDictionary]$bound) {
        $results = [List[CompletionResult]]::new()
        $isPattern = -not [regex]::IsMatch($command, '^(Set-\w*SailPat(Configuration|Profile)|Remove-\w*SailPatProfile)$',
            [System.Text.RegularExpressions.RegexOptions]'IgnoreCase, CultureInvariant')
        foreach ($known in & ([Session]::Variables()['Module']) { Get-CompletedProfiles }) {
            [Completion]::Add($results, $word, $known.name, $isPattern, "$($known.name): $($known.baseUrl)")
        }
        return $results
    }
}

function Get-CompletedProfiles {
    try { Get-KnownProfiles ([pscustomobject]@{ SessionState = $ExecutionContext.SessionState }) } catch { [Caller]::Forget($_) }
}
