using namespace System.Collections.Generic
using namespace System.Management.Automation

# Which tokens of a list were asked for, and what a list says of the token that signs in.

# Patterns with wildcards as -like takes them, but of the same meaning everywhere: -like follows the culture, and in
# Turkish FIND* is not like find.
function Get-Wildcards([string[]]$Patterns) {
    foreach ($pattern in $Patterns) { [WildcardPattern]::Get($pattern, [WildcardOptions]'IgnoreCase, CultureInvariant') }
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
    if ($left.TotalDays -lt 14) {
        Add-Note Warning `
            "$Subject expires on $($end.ToString('yyyy-MM-dd HH:mm', [cultureinfo]::InvariantCulture))Z, in less than two weeks."
    }
}

# Which tokens of a list were asked for. One loop with everything in it: a call for each token of a large tenant takes
# ten times as long as the list itself. What was not asked for is not looked at.
[NoRunspaceAffinity()]
class TokenFilter {
    hidden [WildcardPattern[]]$Names
    [bool]$OnlyManaged
    [bool]$OnlyNeverUsed
    [object]$ExpiresBefore
    [object]$UnusedSince

    [void] Named([string[]]$patterns) {
        $this.Names = @(Get-Wildcards $patterns)
    }

    [object] Apply([object]$tokens) {
        $patterns, $managed, $neverUsed, $before, $since = $this.Names, $this.OnlyManaged, $this.OnlyNeverUsed, $this.ExpiresBefore,
            $this.UnusedSince
        if (-not ($patterns -or $managed -or $neverUsed -or $before -or $since)) { return $tokens }
        return @(foreach ($token in $tokens) {
                $fields = if ($token -is [TokenAsSent]) { [TokenFilter]::FieldsOf($token) } else { $token }
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
function Get-FilteredTokens($Cmdlet, $Version, [string]$Operation, [string]$Request, [string]$Target, $Filter, [bool]$Several) {
    $listed = (Invoke-Operation $Cmdlet $Version $Operation $Request $Target).data
    if ($Operation -ceq 'list') { [PatCompleter]::Remember($script:SessionVariables, $listed) }
    $inForce = Get-InForce $Cmdlet $Version
    if ($inForce.profile) { [Tenant]::Mark($listed, $inForce.profile, $inForce.baseUrl, $Several) }
    $kept = $Filter.Apply($listed)
    $inUse = [TokenFilter]::WithId($kept, $inForce.clientId)
    if ($null -ne $inUse) { Set-CurrentMark $inUse }
    , $kept
}
