using namespace System.Collections.Generic

# The settings of this runspace: what was set by commands or in the live table, and how it is changed and taken back.

# Set-DefaultConfiguration and Set-SailPatConfiguration write here; null means: look elsewhere
# (about_SailPat_Configuration has the order).
function New-Configuration {
    @{
        BaseUrl = $null; TokenUrl = $null; ClientId = $null; ClientSecret = $null; Token = $null; TokenExpiration = $null
        SkipCertificateCheck = $false; DefaultHeaders = @{}; MaximumRetryCount = $null; RetryIntervalSeconds = $null; Proxy = $null
        Experimental = $false; ConsumerIdentifier = $null; ConsumerVersion = $null; NermBaseUrl = $null
        CaFile = $null; TimeoutMs = $null; ConnectTimeoutMs = $null; RateLimit = $null; AllowHttpHosts = $null; MaximumReplyBytes = $null
        Profile = $null; ChangeLog = $null; Source = $null
    }
}
$script:Configuration = New-Configuration
# What the table has when nobody put more into it.
$script:SettingKeys = [System.Collections.Hashtable]::new((New-Configuration), [StringComparer]::OrdinalIgnoreCase)
# Counts the changes made by commands. Once the table itself was handed out it can change without
# them, and then its content is compared instead.
$script:ConfigurationChanges = 0
$script:ConfigurationShared = $false

# Values that Get-DefaultConfiguration filled into the table to show them: they were not set there,
# and count only once the caller has changed them.
$script:FilledValues = @{}
# The API version of the SailPat commands, and whether it was set in this session.
$script:ApiVersion = 'v2024'
$script:ApiVersionGiven = $false

# The settings that say which tenant, and as whom. A profile says all of it, so the session has either.
$script:TenantSettings = 'BaseUrl', 'TokenUrl', 'ClientId', 'ClientSecret', 'Source', 'Token', 'TokenExpiration'

# Takes over what was given of the settings that there are; an empty text takes one back.
function Set-Settings($Given) {
    $tenant = @($script:TenantSettings | Where-Object { $Given[$_] })
    if ($Given['Profile']) {
        if ($tenant) {
            throw (New-LocalError 'invalid_request' `
                "-Profile says the tenant and the credential; -$($tenant -join ', -') cannot be given with it." 'InvalidArgument' `
                'Give either.')
        }
        foreach ($name in $script:TenantSettings) {
            $script:Configuration[$name] = $null
            $script:FilledValues.Remove($name)
        }
    }
    else {
        $gone = Get-GivenUp $Given
        if ($tenant) { $script:Configuration.Profile = $null }
        foreach ($name in $gone) {
            $script:Configuration[$name] = $null
            $script:FilledValues.Remove($name)
        }
    }
    foreach ($name in @($Given.Keys)) {
        if (-not $script:Configuration.ContainsKey($name)) { continue }
        # Its value may be a secret, and is no variable here.
        $script:Configuration[$name] = if ($Given[$name] -is [switch]) { [bool]$Given[$name] }
        elseif ($name -eq 'BaseUrl' -and $Given[$name]) { Get-SlashedUrl $Given[$name] }
        elseif (-not [string]::Equals($Given[$name], '')) { $Given[$name] }
        $script:FilledValues.Remove($name)
    }
    $script:ConfigurationChanges++
}

# A pair is given or read from a source; a bearer that is given would be used before a source, in silence. What is named
# last counts, and takes these back.
function Get-GivenUp($Given) {
    $pair = @('ClientId', 'ClientSecret' | Where-Object { $Given[$_] })
    if ($Given['Source']) {
        $beside = @($pair) + @('Token' | Where-Object { $Given[$_] })
        if ($beside) {
            throw (New-LocalError 'invalid_request' `
                "-Source says where the pair is read from; $(if ($pair) { 'a pair' } else { '-Token' }) cannot be given with it." `
                'InvalidArgument' 'Give either.')
        }
        return 'ClientId', 'ClientSecret', 'Token', 'TokenExpiration'
    }
    if ($pair -or $Given['Token']) { 'Source' }
}

# The settings of parameters that are called otherwise.
$script:SettingsOf =
    @{
        Credential = 'ClientId', 'ClientSecret'
        TimeoutSec = @('TimeoutMs')
        ConnectTimeoutSec = @('ConnectTimeoutMs')
        AllowHttpHost = @('AllowHttpHosts')
    }

# The parameters whose settings can be taken back.
$script:ClearableNames =
    [HashSet[string]]::new([string[]]('BaseUrl', 'TokenUrl', 'Credential', 'ClientId', 'ClientSecret', 'Source', 'Token', 'TokenExpiration',
    'ApiVersion', 'Proxy',
'CaFile', 'SkipCertificateCheck', 'TimeoutSec', 'ConnectTimeoutSec', 'MaximumRetryCount', 'RetryIntervalSeconds', 'RateLimit',
'MaximumReplyBytes', 'AllowHttpHost', 'DefaultHeaders', 'Profile', 'ChangeLog'), [StringComparer]::OrdinalIgnoreCase)

# Keys that somebody put into the live table and that are no settings: all, or those that read like this. They may be
# anything, 5 for instance.
function Get-OtherKeys([string]$Text) {
    foreach ($key in @($script:Configuration.Keys)) {
        if (-not $script:SettingKeys.ContainsKey($key) -and
            (-not $Text -or [string]::Equals("$key", $Text, [StringComparison]::OrdinalIgnoreCase))) {
            $key
        }
    }
}

# Refuses names of which there is nothing to take back. What somebody else put into the live table can be.
function Assert-Clearable([string[]]$Names) {
    foreach ($name in $Names) {
        if ($script:ClearableNames.Contains($name) -or $null -ne (Get-OtherKeys $name)) { continue }
        throw (New-LocalError 'invalid_request' `
            "-Clear takes settings by the names of their parameters, and '$name' is none; they are $($script:ClearableNames -join ', ')." `
            'InvalidArgument' 'Name one of them.' $name)
    }
}

# Takes settings back, each by the name of its parameter, and keys of the live table that are no settings.
function Clear-Settings([string[]]$Names) {
    $defaults = New-Configuration
    foreach ($name in $Names) {
        $others = @(Get-OtherKeys $name)
        foreach ($key in $others) { $script:Configuration.Remove($key) }
        if ($others.Count) { continue }
        if ($name -eq 'ApiVersion') {
            Set-ApiVersion 'v2024'
            $script:ApiVersionGiven = $false
            continue
        }
        foreach ($setting in $(if ($script:SettingsOf.ContainsKey($name)) { $script:SettingsOf[$name] } else { $name })) {
            $script:Configuration[$setting] = $defaults[$setting]
            $script:FilledValues.Remove($setting)
        }
    }
    $script:ConfigurationChanges++
}

# The table may be in the caller's hands, so it is emptied and not replaced.
function Reset-Settings {
    Get-OtherKeys | ForEach-Object { $script:Configuration.Remove($_) }
    foreach ($default in (New-Configuration).GetEnumerator()) { $script:Configuration[$default.Key] = $default.Value }
    $script:FilledValues.Clear()
    $script:ConfigurationChanges++
    Set-ApiVersion 'v2024'
    $script:ApiVersionGiven = $false
}

function Set-ApiVersion([string]$Name) {
    $script:ApiVersion = $Name.ToLowerInvariant()
    $script:ApiVersionGiven = $true
    Set-BridgedVersion $script:ApiVersion
}

# The row of the version that the SailPat commands use.
function Get-CurrentVersion([string]$Name = $script:ApiVersion) {
    foreach ($row in $script:ApiVersions) { if ([string]::Equals($row.Name, $Name, [StringComparison]::OrdinalIgnoreCase)) { return $row } }
}

# An address as scripts know it, which put a path right behind it.
function Get-SlashedUrl([string]$Url) { "$($Url.Trim().TrimEnd('/'))/" }

# The parameter of a setting of the native library.
function Get-ParameterName([string]$Native) {
    foreach ($entry in $script:SettingsOf.GetEnumerator()) {
        if ($entry.Value.Count -eq 1 -and [string]::Equals($entry.Value[0], $Native, [StringComparison]::OrdinalIgnoreCase)) {
            return $entry.Key
        }
    }
    $Native.Substring(0, 1).ToUpperInvariant() + $Native.Substring(1)
}

# Whether a value was given; nothing and what is empty takes a setting back.
function Test-Given($Given, [string]$Name) {
    if ($null -eq $Given[$Name] -or [string]::Equals($Given[$Name], '')) { return $false }
    $Name -ne 'DefaultHeaders' -or $Given[$Name].Count -gt 0
}

# Whether a setting was set. What was only filled in to be shown was not.
function Test-Configured([string]$Name) {
    if ($null -eq $script:Configuration[$Name] -or [string]::Equals($script:Configuration[$Name], '')) { return $false }
    if ($Name -eq 'DefaultHeaders') { return $script:Configuration.DefaultHeaders.Count -gt 0 }
    if ($script:Configuration[$Name] -is [datetime]) { return -not $script:Configuration[$Name].Equals($script:FilledValues[$Name]) }
    -not ($script:Configuration[$Name] -is [string] -and [string]::Equals($script:Configuration[$Name], $script:FilledValues[$Name]))
}

function Get-NativeName([string]$Name) { $Name.Substring(0, 1).ToLowerInvariant() + $Name.Substring(1) }

# Where a value came from: the native library names a setting that was given, and here the session gave it.
function Get-FromWords($From) { if ($From -cin 'baseUrl', 'clientId', 'clientSecret', 'token') { 'this session' } else { $From } }

# What the native library calls the settings given are those of this session.
function Get-SessionText($Text) { if ($Text -is [string]) { $Text -creplace '\bthe settings given\b', 'this session' } else { $Text } }

# The pair that this session was given directly.
function Get-SessionPair { [SecretText]::Pair($script:Configuration.ClientId, $script:Configuration.ClientSecret) }

# The settings of the session that say which tenant, and as whom.
function Get-TenantSettings {
    $settings = @{}
    foreach ($name in $script:TenantSettings) { $settings[$name] = $script:Configuration[$name] }
    $settings
}

function Restore-TenantSettings($Settings) {
    foreach ($name in $script:TenantSettings) { $script:Configuration[$name] = $Settings[$name] }
    $script:ConfigurationChanges++
}

# What another version of the module left may lack a setting of this one, and its API version counts here.
function Complete-Session {
    foreach ($default in (New-Configuration).GetEnumerator()) {
        if (-not $script:Configuration.ContainsKey($default.Key)) { $script:Configuration[$default.Key] = $default.Value }
    }
    Set-BridgedVersion $script:ApiVersion
}
