# The one table of API versions: how each version's commands and models are called, and which
# rules differ. Everything else in the module reads a row of it; a new version is one row here.

$script:ApiVersions = @(
    @{ Name = 'v2024'; Prefix = 'V2024'; Suffix = ''; NeverExpires = $false; FillsExpiry = $false
        Unauthorized = 'ListAccessProfiles401Response'; RateLimited = 'ListAccessProfiles429Response' }
    @{ Name = 'v2025'; Prefix = 'V2025'; Suffix = ''; NeverExpires = $true; FillsExpiry = $false
        Unauthorized = 'ListAccessProfiles401Response'; RateLimited = 'ListAccessProfiles429Response' }
    @{ Name = 'v2026'; Prefix = 'V2026'; Suffix = ''; NeverExpires = $true; FillsExpiry = $false
        Unauthorized = 'GetAccessRequestConfig401Response'; RateLimited = 'GetAccessRequestConfig429Response' }
    @{ Name = 'beta'; Prefix = 'Beta'; Suffix = ''; NeverExpires = $false; FillsExpiry = $false
        Unauthorized = 'ListAccessModelMetadataAttribute401Response'; RateLimited = 'ListAccessModelMetadataAttribute429Response' }
    @{ Name = 'v3'; Prefix = ''; Suffix = ''; NeverExpires = $false; FillsExpiry = $false
        Unauthorized = 'ListAccessProfiles401Response'; RateLimited = 'ListAccessProfiles429Response' }
    @{ Name = 'v1'; Prefix = ''; Suffix = 'V1'; NeverExpires = $true; FillsExpiry = $false
        Unauthorized = 'ListPersonalAccessTokensV1401Response'; RateLimited = 'ListPersonalAccessTokensV1429Response' }
)

# The commands that every version has; {0} is the version's prefix and {1} its suffix.
$script:VersionedCommands = @(
    'New-{0}PersonalAccessToken{1}'
    'Get-{0}PersonalAccessTokens{1}'
    'Get-{0}PersonalAccessToken{1}'
    'Update-{0}PersonalAccessToken{1}'
    'Remove-{0}PersonalAccessToken{1}'
)

# Command name -> the row of its version. Names.ps1 has them all.
$script:VersionOf = @{}

# Each command's name by its script block: what it is called in the tables here, whatever it was called by. Every name
# has a script block of its own, which stays the same with a prefix, an alias, another name or a copy of the function.
$script:NameOf = @{}

[NoRunspaceAffinity()]
class CommandName {
    static [string] Of([hashtable]$names, [System.Management.Automation.CommandInfo]$command) {
        $name = $names[$command.ScriptBlock]
        if ($null -ne $name) { return $name }
        throw [System.InvalidOperationException]::new("'$($command.Name)' is a copy of a command of SailPat that does not tell which " +
            "one. Call the command itself.")
    }
}

# With API version v1 configured the V2024 commands speak v1 and keep their meaning: where v2024
# fills in an expiry of six months, v1 refuses a token without one. Any other version, or none,
# gives them back their own row.
function Set-BridgedVersion([string]$ApiVersion) {
    $row = $script:ApiVersions.Where({ $_.Name -ceq 'v2024' })[0]
    if ($ApiVersion -eq 'v1') {
        $row = $script:ApiVersions.Where({ $_.Name -ceq 'v1' })[0].Clone()
        $row.FillsExpiry = $true
    }
    # Culture: names are texts only.
    foreach ($pattern in $script:VersionedCommands) { $script:VersionOf[$pattern -f 'V2024', ''] = $row }
}

# The row of a version for calls of one profile. A command hands its row to everything that it calls, so
# that no call of it can end at another tenant.
function Get-RowOf($Version, [string]$Name) {
    if (-not $Name) { return $Version }
    $row = $Version.Clone()
    $row.Profile = $Name
    $row
}

# The version of a row and its profile, for people.
function Get-RowText($Row) { if ($Row['Profile']) { "$($Row.Name), profile $($Row.Profile)" } else { $Row.Name } }
