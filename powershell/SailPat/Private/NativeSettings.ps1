using namespace System.Collections.Generic

# The settings of this runspace as the native library takes them: its names, and its forms of dates and proxies.

# The configured settings under their native names; what is not set is left out.
function Get-ConfiguredSettings {
    # Nothing was set here, and nobody has the table: what the loop would find, at once, for the first call of a session.
    if (-not $script:ConfigurationShared -and $script:ConfigurationChanges -eq 0) { return @{ skipCertificateCheck = $false } }
    $settings = @{}
    foreach ($name in $script:Configuration.Keys) {
        if (-not $script:SettingKeys.ContainsKey($name)) {
            Assert-NoValue $name
            continue
        }
        if ($name -in 'Experimental', 'NermBaseUrl' -or -not (Test-Configured $name)) { continue }
        Add-NativeSetting $settings $script:Configuration $name
    }
    $settings
}

# A key that somebody put into the live table. As a setting that nothing reads it would be a slip that nobody sees.
function Assert-NoValue($Key) {
    if ($null -eq $script:Configuration[$Key]) { return }
    $name = [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent("$Key")
    $known = [SortedSet[string]]::new([string[]]@($script:SettingKeys.Keys), [StringComparer]::OrdinalIgnoreCase) -join ', '
    throw (New-LocalError 'settings_invalid' `
        "The table of Get-DefaultConfiguration has a key '$Key', which is no setting; there are $known." 'InvalidArgument' `
        "Set-SailPatConfiguration -Clear '$name' takes it out, and so does -Reset." "$Key")
}

# Adds one setting as the native library knows it. A value may be a secret, and is no variable here.
function Add-NativeSetting($Settings, $Table, [string]$Name) {
    $native = Get-NativeName $Name
    switch ($Name) {
        'Proxy' {
            $proxy = [ProxySetting]::Of($Table.Proxy, (Get-AddressForProxy $Table['BaseUrl']))
            # A proxy of the system that lets this address through says nothing, and the environment counts.
            if ($null -ne $proxy) { $Settings[$native] = $proxy }
        }
        'AllowHttpHosts' { $Settings[$native] = @($Table.AllowHttpHosts) }
        'RateLimit' { $Settings[$native] = if ($Table.RateLimit -ne 'none') { $Table.RateLimit } }
        'TokenExpiration' { $Settings[$native] = ConvertTo-Instant $Table.TokenExpiration }
        default {
            # JSON has no word for these.
            if (($Table[$Name] -is [double] -or $Table[$Name] -is [float]) -and -not [double]::IsFinite($Table[$Name])) {
                $parameter = Get-ParameterName $native
                throw (New-LocalError 'settings_invalid' "-${parameter}: must be a finite number" 'InvalidArgument' $null $parameter)
            }
            $Settings[$native] = if ($Table[$Name] -is [switch]) { [bool]$Table[$Name] } else { $Table[$Name] }
        }
    }
}

# A date, or seconds since 1970.
function ConvertTo-Instant($Value) {
    if ($Value -isnot [ValueType] -or $Value -is [datetime] -or $Value -is [DateTimeOffset]) { return $Value }
    try { [DateTimeOffset]::FromUnixTimeSeconds($Value) }
    catch {
        [Caller]::Forget($_)
        throw (New-LocalError 'settings_invalid' '-TokenExpiration: must be a date, or seconds since 1970' 'InvalidArgument' $null `
            'TokenExpiration')
    }
}

# The address that a proxy of the system is asked about.
function Get-AddressForProxy([string]$BaseUrl) {
    foreach ($address in $BaseUrl, $script:Configuration['BaseUrl'], [Environment]::GetEnvironmentVariable('SAIL_BASE_URL')) {
        if ([uri]::IsWellFormedUriString($address, [UriKind]::Absolute)) { return $address }
    }
    'https://tenant.api.identitynow.com'
}

# A proxy as scripts hand it over: a System.Net.WebProxy, the system's ([Net.WebRequest]::GetSystemWebProxy()), a URL,
# or $false for none at all.
[NoRunspaceAffinity()]
class ProxySetting {
    static [object] Of([object]$proxy, [string]$address) {
        if ($proxy -is [uri]) { return $proxy.OriginalString }
        if ($proxy -is [Net.IWebProxy] -and $proxy -isnot [Net.WebProxy]) { return [ProxySetting]::OfSystem($proxy, [uri]$address) }
        if ($proxy -is [string] -or $proxy -is [bool] -or $proxy -is [System.Collections.IDictionary]) { return $proxy }
        if ($proxy -isnot [Net.WebProxy]) {
            throw (New-LocalError 'settings_invalid' "proxy: a $($proxy.GetType().FullName) is no proxy" 'InvalidArgument' `
                'Give a System.Net.WebProxy, [System.Net.WebRequest]::GetSystemWebProxy(), a URL, or $false for none.' 'Proxy')
        }
        if ($null -eq $proxy.Address) { return $false }
        $setting = @{ url = $proxy.Address.OriginalString }
        # What is empty there is not set.
        if ($proxy.Credentials -is [Net.NetworkCredential]) {
            if ($proxy.Credentials.UserName) { $setting.username = $proxy.Credentials.UserName }
            if ($proxy.Credentials.Password) { $setting.password = $proxy.Credentials.Password }
        }
        # A WebProxy's list holds regular expressions; the plain host in them is what counts here.
        $hosts = foreach ($pattern in $proxy.BypassList) {
            [regex]::Unescape($pattern) -replace '^\^|\$$' -replace '^\.\*' -replace '^\w+://'
        }
        if ($hosts) { $setting.bypass = @($hosts) }
        return $setting
    }

    # DefaultCredentials are those of Windows, which are never handed out: such a proxy is asked without.
    hidden static [object] OfSystem([Net.IWebProxy]$proxy, [uri]$address) {
        $way = $proxy.GetProxy($address)
        if ($null -eq $way -or $proxy.IsBypassed($address)) { return $null }
        $plain = [Net.WebProxy]::new($way)
        $plain.Credentials = $proxy.Credentials
        return [ProxySetting]::Of($plain, $address)
    }
}
