using namespace System.Collections.Generic

# The settings of this runspace and the snapshot of its surroundings. The native library reads no
# variable and no current folder by itself when it is told them, and it must be told: on Linux
# `$env:X = …` is invisible to native code, and Set-Location does not move the process. Both are
# looked at on every call, so a change counts from the next one.

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
$script:ShownValues = @{}
# The API version of the SailPat commands, and whether it was set in this session.
$script:ApiVersion = 'v2024'
$script:ApiVersionGiven = $false

# The settings that say which tenant, and as whom. A profile says all of it, so the session has either.
$script:TenantSettings = 'BaseUrl', 'TokenUrl', 'ClientId', 'ClientSecret', 'Source', 'Token', 'TokenExpiration'

# Variables of the environment that the native library wants to know: its own list, which pat_version names and a test
# compares.
$script:SurroundingNames = [string[]]@(
    'SAIL_BASE_URL', 'SAIL_CLIENT_ID', 'SAIL_CLIENT_SECRET', 'BASE_URL', 'CLIENT_ID', 'CLIENT_SECRET'
    'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'
    'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'HOME', 'USERPROFILE', 'SAILPAT_HOME', 'SAILPAT_CHANGE_LOG'
)

# What a client is made from: the current folder, the settings and the surroundings, as one text to compare.
# Secrets are in it, so it is never a variable. A method, because this is on every call's way.
[NoRunspaceAffinity()]
class Surroundings {
    # Reads a variable. As a delegate, so that the loop over the names is .NET's: one of PowerShell takes ten times as
    # long, at each call.
    hidden static [Converter[string, string]]$Reader = [Environment].GetMethod('GetEnvironmentVariable', [type[]]@([string])).CreateDelegate([Converter[string, string]])

    static [string] Text($cmdlet, [object]$configured, [string[]]$names) {
        # Not its ProviderPath, which takes 40 us to find out. The root, because a drive's name can be
        # given to another folder; a network share has none.
        $place = $cmdlet.SessionState.Path.CurrentFileSystemLocation
        $root = if ($null -ne $place.Drive) { $place.Drive.Root }
        return [string]::Join("`n", [string]::Join("`n", [Array]::ConvertAll($names, [Surroundings]::Reader)), [Surroundings]::Settings($configured), $place.Path, $root)
    }

    # A number of changes, or, once the table of settings was handed out, what is in it.
    hidden static [string] Settings([object]$configured) {
        if ($configured -is [int]) { return $configured }
        return [Text.Encoding]::UTF8.GetString([RequestJson]::Bytes($configured))
    }

    # The variables that are set. Not a hashtable: there HTTP_PROXY and http_proxy would be one.
    static [Dictionary[string, string]] Variables([string[]]$names) {
        $set = [Dictionary[string, string]]::new([StringComparer]::Ordinal)
        foreach ($name in $names) { if ($null -ne [Environment]::GetEnvironmentVariable($name)) { $set[$name] = [Environment]::GetEnvironmentVariable($name) } }
        return $set
    }

    # .NET reads bytes of a variable that are no UTF-8 as U+FFFD, which would silently be another value.
    static [bool] IsBroken([string]$name) { return "$([Environment]::GetEnvironmentVariable($name))".Contains([char]0xfffd) }

    static [string] FirstBroken([string[]]$names) {
        if (-not [string]::Concat([Array]::ConvertAll($names, [Surroundings]::Reader)).Contains([char]0xfffd)) { return '' }
        foreach ($name in $names) { if ([Surroundings]::IsBroken($name)) { return $name } }
        return ''
    }
}

# One native client for each API version and profile in use (and for replies with headers or log lines),
# made anew when what it was made from has changed.
# Keys differ by case, as in a hashtable they would not.
$script:Clients = [System.Collections.Specialized.HybridDictionary]::new()

# Finds one. A method, because calling a function costs as much as the whole look, and this is on every call's way.
# (No number or truth has its type declared on this way: PowerShell compiles its own machinery anew for each, which is
# half of what the first call of a session costs.)
[NoRunspaceAffinity()]
class KnownClient {
    [string]$MadeFrom
    [object]$Handle

    static [string] Key([object]$version, [object]$withHeaders, [object]$withLog) {
        return '{0} {1} {2} {3} {4}' -f $version['Name'], $withHeaders, $withLog, $version['Profile'], $version['Pair']
    }

    # Its handle, or nothing where there is none, or not of these surroundings any more.
    static [object] Find([object]$clients, [string]$key, [string]$madeFrom) {
        $known = $clients[$key]
        if ($null -eq $known -or -not [string]::Equals($known.MadeFrom, $madeFrom)) { return $null }
        return $known.Handle
    }
}

function Get-Client($Cmdlet, $Version, $WithHeaders, $WithLog) {
    $configured = if ($script:ConfigurationShared) { Get-ConfiguredSettings } else { $script:ConfigurationChanges }
    $key = [KnownClient]::Key($Version, $WithHeaders, $WithLog)
    $handle = [KnownClient]::Find($script:Clients, $key, [Surroundings]::Text($Cmdlet, $configured, $script:SurroundingNames))
    if ($null -ne $handle) { return $handle }
    $made = [KnownClient]::new()
    $made.MadeFrom = [Surroundings]::Text($Cmdlet, $configured, $script:SurroundingNames)
    $made.Handle = New-Client $Cmdlet $Version $WithHeaders $WithLog
    if ($null -ne $script:Clients[$key]) { [void]$script:Native::pat_client_free($script:Clients[$key].Handle) }
    $script:Clients[$key] = $made
    $made.Handle
}

# A profile says which tenant, and as whom. What the live table says of it beside one, where nothing refused it, would
# count for nothing.
function Assert-OneTenant {
    if (-not (Test-Configured 'Profile')) { return }
    $beside = @(foreach ($name in $script:TenantSettings) { if (Test-Configured $name) { $name } })
    if ($beside.Count) { throw (New-LocalError 'settings_mixed' "The session has the profile '$($script:Configuration.Profile)', and the table of Get-DefaultConfiguration sets $($beside -join ', ') beside it." 'InvalidArgument' 'Set-SailPatConfiguration -Clear takes back either.') }
}

function New-Client($Cmdlet, $Version, $WithHeaders, $WithLog) {
    Assert-OneTenant
    $settings = Get-ConfiguredSettings
    if ($Version['Profile']) {
        # What the session says of its own tenant must not win over the one that was asked for.
        foreach ($name in $script:TenantSettings) { $settings.Remove((Get-NativeName $name)) }
        $settings.profile = $Version['Profile']
    }
    # A call that must be made with another pair than the one in force: its tenant is said with it (Get-PairRow), and
    # nothing that is in force says where a pair goes that was kept from before.
    if ($null -ne $Version['Pair']) {
        foreach ($name in @($script:TenantSettings) + 'Profile') { $settings.Remove((Get-NativeName $name)) }
        $settings.baseUrl = $Version.PairTenant.BaseUrl
        if ($Version.PairTenant.TokenUrl) { $settings.tokenUrl = $Version.PairTenant.TokenUrl }
        $settings.clientId = $Version.Pair.UserName
        $settings.clientSecret = $Version.Pair.Password
    }
    $settings.apiVersion = $Version.Name
    $settings.replyHeaders = $WithHeaders
    $settings.replyLog = $WithLog
    $settings.workingDirectory = Get-CurrentFolder $Cmdlet
    Assert-VariablesAreText
    $settings.environment = [Surroundings]::Variables($script:SurroundingNames)
    New-NativeClient $settings
}

function New-NativeClient($Settings) {
    $sealed = [Sealed]::OfSettings($Settings)
    $answer = [IntPtr]::Zero
    try { $handle = $script:Native::pat_client_new($sealed.bytes, [ref]$answer) }
    finally { $sealed.Wipe() }
    $bytes = [NativeText]::Read($script:Native, $answer)
    # How each good reply begins. To read one as an object costs the first call of a session a tenth of its time.
    if ([Text.Encoding]::ASCII.GetString($bytes, 0, 10) -ceq '{"ok":true') { return $handle }
    # There is a handle all the same, which refuses every call.
    [void]$script:Native::pat_client_free($handle)
    throw (New-OperationError (Read-Envelope $bytes).error $null)
}

function Assert-VariablesAreText {
    $name = [Surroundings]::FirstBroken($script:SurroundingNames)
    if (-not $name) { return }
    $record = New-LocalError 'settings_invalid' "variable ${name}: its value is no valid text, it holds bytes that are not UTF-8" 'InvalidArgument' "Set $name anew, or remove it." $name
    $record.Exception.Data['field'] = $name
    throw $record
}

# The row of a version for calls with a pair of this tenant. Where to sign in there is only known where the tenant is
# the one in force; else it is found out.
function Get-PairRow($Cmdlet, $Version, [pscredential]$Pair, [string]$BaseUrl) {
    $row = $Version.Clone()
    $row.Pair = $Pair
    $row.PairTenant = @{ BaseUrl = $BaseUrl; TokenUrl = $null }
    $inForce = Get-InForce $Cmdlet $Version
    if ($inForce.baseUrl -and [TenantUrl]::Same($inForce.baseUrl, $BaseUrl) -and -not [string]::Equals($inForce.tokenUrl, "$($inForce.baseUrl.TrimEnd('/'))/oauth/token")) { $row.PairTenant.TokenUrl = $inForce.tokenUrl }
    $row
}

# The client of a call with a pair of its own is not needed again.
function Clear-ClientsWithPair {
    foreach ($key in @($script:Clients.Keys)) {
        if (-not $key.EndsWith([pscredential].FullName, [StringComparison]::Ordinal)) { continue }
        [void]$script:Native::pat_client_free($script:Clients[$key].Handle)
        [void]$script:Clients.Remove($key)
    }
}

# Called when the module is removed.
function Clear-Clients {
    foreach ($client in $script:Clients.Values) { [void]$script:Native::pat_client_free($client.Handle) }
    $script:Clients.Clear()
}

# Takes over what was given of the settings that there are; an empty text takes one back.
function Set-Settings($Given) {
    $tenant = @($script:TenantSettings | Where-Object { $Given[$_] })
    if ($Given['Profile']) {
        if ($tenant) { throw (New-LocalError 'invalid_request' "-Profile says the tenant and the credential; -$($tenant -join ', -') cannot be given with it." 'InvalidArgument' 'Give either.') }
        foreach ($name in $script:TenantSettings) {
            $script:Configuration[$name] = $null
            $script:ShownValues.Remove($name)
        }
    }
    else {
        $gone = Get-GivenUp $Given
        if ($tenant) { $script:Configuration.Profile = $null }
        foreach ($name in $gone) {
            $script:Configuration[$name] = $null
            $script:ShownValues.Remove($name)
        }
    }
    foreach ($name in @($Given.Keys)) {
        if (-not $script:Configuration.ContainsKey($name)) { continue }
        # Its value may be a secret, and is no variable here.
        $script:Configuration[$name] = if ($Given[$name] -is [switch]) { [bool]$Given[$name] } elseif ($name -eq 'BaseUrl' -and $Given[$name]) { Get-ShownUrl $Given[$name] } elseif (-not [string]::Equals($Given[$name], '')) { $Given[$name] }
        $script:ShownValues.Remove($name)
    }
    $script:ConfigurationChanges++
}

# A pair is given or read from a source; a bearer that is given would be used before a source, in silence. What is named
# last counts, and takes these back.
function Get-GivenUp($Given) {
    $pair = @('ClientId', 'ClientSecret' | Where-Object { $Given[$_] })
    if ($Given['Source']) {
        $beside = @($pair) + @('Token' | Where-Object { $Given[$_] })
        if ($beside) { throw (New-LocalError 'invalid_request' "-Source says where the pair is read from; $(if ($pair) { 'a pair' } else { '-Token' }) cannot be given with it." 'InvalidArgument' 'Give either.') }
        return 'ClientId', 'ClientSecret', 'Token', 'TokenExpiration'
    }
    if ($pair -or $Given['Token']) { 'Source' }
}

# The settings of parameters that are called otherwise.
$script:SettingsOf = @{ Credential = 'ClientId', 'ClientSecret'; TimeoutSec = @('TimeoutMs'); ConnectTimeoutSec = @('ConnectTimeoutMs'); AllowHttpHost = @('AllowHttpHosts') }

# The parameters whose settings can be taken back.
$script:ClearableNames = [HashSet[string]]::new([string[]]('BaseUrl', 'TokenUrl', 'Credential', 'ClientId', 'ClientSecret', 'Source', 'Token', 'TokenExpiration', 'ApiVersion', 'Proxy',
'CaFile', 'SkipCertificateCheck', 'TimeoutSec', 'ConnectTimeoutSec', 'MaximumRetryCount', 'RetryIntervalSeconds', 'RateLimit',
'MaximumReplyBytes', 'AllowHttpHost', 'DefaultHeaders', 'Profile', 'ChangeLog'), [StringComparer]::OrdinalIgnoreCase)

# Keys that somebody put into the live table and that are no settings: all, or those that read like this. They may be
# anything, 5 for instance.
function Get-OtherKeys([string]$Text) {
    foreach ($key in @($script:Configuration.Keys)) {
        if (-not $script:SettingKeys.ContainsKey($key) -and (-not $Text -or [string]::Equals("$key", $Text, [StringComparison]::OrdinalIgnoreCase))) { $key }
    }
}

# Refuses names of which there is nothing to take back. What somebody else put into the live table can be.
function Assert-Clearable([string[]]$Names) {
    foreach ($name in $Names) {
        if ($script:ClearableNames.Contains($name) -or $null -ne (Get-OtherKeys $name)) { continue }
        throw (New-LocalError 'invalid_request' "-Clear takes settings by the names of their parameters, and '$name' is none; they are $($script:ClearableNames -join ', ')." 'InvalidArgument' 'Name one of them.' $name)
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
            $script:ShownValues.Remove($setting)
        }
    }
    $script:ConfigurationChanges++
}

# The table may be in the caller's hands, so it is emptied and not replaced.
function Reset-Settings {
    Get-OtherKeys | ForEach-Object { $script:Configuration.Remove($_) }
    foreach ($default in (New-Configuration).GetEnumerator()) { $script:Configuration[$default.Key] = $default.Value }
    $script:ShownValues.Clear()
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

function Get-SettingsInForce($Cmdlet, $Version = (Get-CurrentVersion)) { [SailPatRecord]::Plain((Invoke-Operation $Cmdlet $Version 'settings' '{}').data) }

# Fills values in force into the table. When they cannot be found out, they are missing: the next
# call says so, and this one has a table to show all the same.
function Show-SettingsInForce($Cmdlet) {
    Complete-BaseUrl
    try { $inForce = Get-SettingsInForce $Cmdlet }
    catch {
        [Caller]::Forget($_)
        return
    }
    foreach ($name in 'BaseUrl', 'TokenUrl', 'ClientId') {
        if ($null -ne $script:Configuration[$name] -and -not [string]::Equals($script:Configuration[$name], $script:ShownValues[$name])) { continue }
        $script:ShownValues[$name] = $script:Configuration[$name] = if ($name -ceq 'BaseUrl') { Get-ShownUrl $inForce.$name } else { $inForce.$name }
    }
}

# An address as scripts know it, which put a path right behind it.
function Get-ShownUrl([string]$Url) { "$($Url.Trim().TrimEnd('/'))/" }

# The same for one that was written into the table by hand.
function Complete-BaseUrl {
    $url = $script:Configuration['BaseUrl']
    if ($url -is [uri]) { $url = $url.OriginalString }
    if ($url -isnot [string] -or -not $url.Trim() -or [string]::Equals($url, $script:ShownValues['BaseUrl'])) { return }
    $script:Configuration['BaseUrl'] = Get-ShownUrl $url
    # With the slash it may read like what was shown, and is set all the same.
    $script:ShownValues.Remove('BaseUrl')
}

# The client that called last, and for which version: there is a bearer for it.
$script:CalledBy = 0UL
$script:CalledVersion = $null

function Test-SignedIn($Cmdlet) {
    # What was put into the table by hand may be anything.
    try { $configured = if ($script:ConfigurationShared) { Get-ConfiguredSettings } else { $script:ConfigurationChanges } }
    catch {
        [Caller]::Forget($_)
        return $false
    }
    foreach ($client in $script:Clients.Values) {
        # Culture: a handle is a number.
        if ($client.Handle -eq $script:CalledBy) { return [string]::Equals($client.MadeFrom, [Surroundings]::Text($Cmdlet, $configured, $script:SurroundingNames)) }
    }
    $false
}

# Fills in the bearer of a session that called before with the settings in force, as scripts that call other addresses
# expect it. It is only shown, and nothing signs in for it: a bearer that was set stays. No variable holds it.
function Show-BearerInForce($Cmdlet, [bool]$IsSignedIn) {
    if (Test-Configured 'Token') { return }
    foreach ($name in 'Token', 'TokenExpiration') { if (-not (Test-Configured $name)) { $script:ShownValues[$name] = $script:Configuration[$name] = $null } }
    # Not that of a call to another tenant than the session's.
    if (-not $IsSignedIn -or $script:CalledVersion['Profile'] -or $script:CalledVersion['Pair']) { return }
    try { $reply = Invoke-Operation $Cmdlet $script:CalledVersion 'bearer' '{}' }
    catch {
        [Caller]::Forget($_)
        return
    }
    $script:ShownValues['Token'] = $script:Configuration['Token'] = $reply.data.GetProperty('accessToken').GetString()
    $expires = $reply.data.GetProperty('expires').GetString()
    if ($expires) { $script:ShownValues['TokenExpiration'] = $script:Configuration['TokenExpiration'] = [DateTimeOffset]::Parse($expires, [cultureinfo]::InvariantCulture).LocalDateTime }
}

# What is not the native library's to judge by itself: it depends on a file or on the other settings.
$script:SettingsUnchecked = [HashSet[string]]::new([string[]]('CaFile', 'Profile', 'ChangeLog', 'Source', 'Experimental', 'NermBaseUrl'), [StringComparer]::OrdinalIgnoreCase)

# Settings are checked when they are set and not at the next call, by the native library, whose rules they are: it is
# asked for the settings of a client with nothing else of its own, which sends nothing.
function Assert-Settings($Cmdlet, $Given) {
    $settings = @{}
    foreach ($name in $script:Configuration.Keys) {
        if ($script:SettingKeys.ContainsKey($name) -and -not $script:SettingsUnchecked.Contains($name) -and (Test-Given $Given $name)) { Add-NativeSetting $settings $Given $name }
    }
    if ($settings.Count -eq 0) { return }
    if ($null -eq $script:Native) { $null = Initialize-Native }
    foreach ($name in $settings['allowHttpHosts']) { Assert-HttpHost $Cmdlet $name }
    if ($settings.ContainsKey('consumerVersion')) { Assert-Version $Cmdlet $settings.consumerVersion }
    if (-not $settings.ContainsKey('allowHttpHosts') -and $script:Configuration.AllowHttpHosts) { $settings.allowHttpHosts = @($script:Configuration.AllowHttpHosts) }
    $beside = @{ baseUrl = 'https://tenant.api.identitynow.com'; clientId = 'nobody'; clientSecret = 'nothing' }
    foreach ($name in $beside.Keys) { if (-not $settings.ContainsKey($name)) { $settings[$name] = $beside[$name] } }
    try { Assert-NativeSettings $Cmdlet $settings }
    catch {
        [Caller]::Forget($_)
        throw (New-ParameterError $_)
    }
}

# A host that may be spoken to without TLS: the native library then takes an address of nothing but it.
function Assert-HttpHost($Cmdlet, [string]$Name) {
    try { Assert-NativeSettings $Cmdlet @{ baseUrl = "http://$($Name.Trim())"; allowHttpHosts = @($Name); clientId = 'nobody'; clientSecret = 'nothing' } }
    catch {
        [Caller]::Forget($_)
        throw (New-LocalError 'settings_invalid' "-AllowHttpHost: '$Name' is no host" 'InvalidArgument' 'Each is a host alone, without scheme, port or path.' 'AllowHttpHost')
    }
}

# The version of a calling program is sent behind its name, and the native library looks at both as one.
function Assert-Version($Cmdlet, $Version) {
    try { Assert-NativeSettings $Cmdlet @{ baseUrl = 'https://tenant.api.identitynow.com'; consumerIdentifier = 'nobody'; consumerVersion = $Version; clientId = 'nobody'; clientSecret = 'nothing' } }
    catch {
        [Caller]::Forget($_)
        throw (New-LocalError 'settings_invalid' '-ConsumerVersion: must be visible ASCII characters' 'InvalidArgument' $null 'ConsumerVersion')
    }
}

function Assert-NativeSettings($Cmdlet, $Settings) {
    $Settings.environment = @{}
    $Settings.workingDirectory = Get-CurrentFolder $Cmdlet
    $client = New-NativeClient $Settings
    $job = 0UL
    try { $reply = Read-Envelope ([NativeText]::Read($script:Native, $script:Native::pat_job_run($client, (Get-OperationName 'settings'), [Text.Encoding]::UTF8.GetBytes("{}`0"), 30000, [ref]$job))) }
    finally { [void]$script:Native::pat_client_free($client) }
    if (-not $reply.ok) { throw (New-OperationError $reply.error) }
}

# An error about a setting, by the name of the parameter that gave it.
function New-ParameterError($Record) {
    $field = "$($Record.Exception.Data['field'])"
    $message = "$($Record.Exception.Data['message'])"
    $native = ($field -split '[.\[]')[0]
    if (-not $native -or -not $message.StartsWith($native, [StringComparison]::Ordinal)) { return $Record }
    $parameter = Get-ParameterName $native
    $message = $message.Substring($native.Length)
    # The parameter takes seconds, and a table is what a JSON object is here.
    $message = $message.Replace('between 1 and 86400000 milliseconds', 'between 0.001 and 86400 seconds').Replace('must be an object', 'must be a table')
    $named = New-LocalError "$($Record.Exception.Data['code'])" "-$parameter$message" 'InvalidArgument' "$($Record.Exception.Data['remedy'])" $parameter
    $named.Exception.Data['field'] = $field
    if ($Record.Exception.Data['number']) { $named.Exception.Data['number'] = $Record.Exception.Data['number'] }
    $named
}

# The parameter of a setting of the native library.
function Get-ParameterName([string]$Native) {
    foreach ($entry in $script:SettingsOf.GetEnumerator()) { if ($entry.Value.Count -eq 1 -and [string]::Equals($entry.Value[0], $Native, [StringComparison]::OrdinalIgnoreCase)) { return $entry.Key } }
    $Native.Substring(0, 1).ToUpperInvariant() + $Native.Substring(1)
}

# Whether a value was given; nothing and what is empty takes a setting back.
function Test-Given($Given, [string]$Name) {
    if ($null -eq $Given[$Name] -or [string]::Equals($Given[$Name], '')) { return $false }
    $Name -ne 'DefaultHeaders' -or $Given[$Name].Count -gt 0
}

# The address that a proxy of the system is asked about.
function Get-AddressForProxy([string]$BaseUrl) {
    foreach ($address in $BaseUrl, $script:Configuration['BaseUrl'], [Environment]::GetEnvironmentVariable('SAIL_BASE_URL')) {
        if ([uri]::IsWellFormedUriString($address, [UriKind]::Absolute)) { return $address }
    }
    'https://tenant.api.identitynow.com'
}

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
    throw (New-LocalError 'settings_invalid' "The table of Get-DefaultConfiguration has a key '$Key', which is no setting; there are $known." 'InvalidArgument' "Set-SailPatConfiguration -Clear '$name' takes it out, and so does -Reset." "$Key")
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

# Whether a setting was set. What was only filled in to be shown was not.
function Test-Configured([string]$Name) {
    if ($null -eq $script:Configuration[$Name] -or [string]::Equals($script:Configuration[$Name], '')) { return $false }
    if ($Name -eq 'DefaultHeaders') { return $script:Configuration.DefaultHeaders.Count -gt 0 }
    if ($script:Configuration[$Name] -is [datetime]) { return -not $script:Configuration[$Name].Equals($script:ShownValues[$Name]) }
    -not ($script:Configuration[$Name] -is [string] -and [string]::Equals($script:Configuration[$Name], $script:ShownValues[$Name]))
}

function Get-NativeName([string]$Name) { $Name.Substring(0, 1).ToLowerInvariant() + $Name.Substring(1) }

# A date, or seconds since 1970.
function ConvertTo-Instant($Value) {
    if ($Value -isnot [ValueType] -or $Value -is [datetime] -or $Value -is [DateTimeOffset]) { return $Value }
    try { [DateTimeOffset]::FromUnixTimeSeconds($Value) }
    catch {
        [Caller]::Forget($_)
        throw (New-LocalError 'settings_invalid' '-TokenExpiration: must be a date, or seconds since 1970' 'InvalidArgument' $null 'TokenExpiration')
    }
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
            throw (New-LocalError 'settings_invalid' "proxy: a $($proxy.GetType().FullName) is no proxy" 'InvalidArgument' 'Give a System.Net.WebProxy, [System.Net.WebRequest]::GetSystemWebProxy(), a URL, or $false for none.' 'Proxy')
        }
        if ($null -eq $proxy.Address) { return $false }
        $setting = @{ url = $proxy.Address.OriginalString }
        # What is empty there is not set.
        if ($proxy.Credentials -is [Net.NetworkCredential]) {
            if ($proxy.Credentials.UserName) { $setting.username = $proxy.Credentials.UserName }
            if ($proxy.Credentials.Password) { $setting.password = $proxy.Credentials.Password }
        }
        # A WebProxy's list holds regular expressions; the plain host in them is what counts here.
        $hosts = foreach ($pattern in $proxy.BypassList) { [regex]::Unescape($pattern) -replace '^\^|\$$' -replace '^\.\*' -replace '^\w+://' }
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

# The one way from a path that somebody gives to the file that the native library opens: a PowerShell path, with ~
# for the home folder and the drives of the caller's session, below the current folder of the file system whatever
# location is current. The file need not be there.
function Get-FilePath($Cmdlet, [string]$Path) {
    $paths = $Cmdlet.SessionState.Path
    $folder = Get-CurrentFolder $Cmdlet
    $provider, $drive, $prefix = $null, $null, $null
    $isHome = $Path -match '^~($|[\\/])'
    # PowerShell would look below its current location, which may be Env: and its like.
    if (-not $isHome -and -not $paths.IsPSAbsolute($Path, [ref]$prefix)) { return [IO.Path]::GetFullPath($Path.Replace([char]'\', [IO.Path]::DirectorySeparatorChar), $folder) }
    $remedy = 'Give the path of a file, such as ./pair.json or ~/pair.json.'
    try { $full = $paths.GetUnresolvedProviderPathFromPSPath($(if ($isHome) { "FileSystem::$Path" } else { $Path }), [ref]$provider, [ref]$drive) }
    catch {
        [Caller]::Forget($_)
        $full = Get-PathOnCallersDrive $Cmdlet $prefix $Path
        if ($full) { return $full }
        throw (New-LocalError 'invalid_request' "'$Path' is no path of a file: $($_.Exception.GetBaseException().Message)" 'InvalidArgument' $remedy $Path)
    }
    if ($provider.Name -cne 'FileSystem') { throw (New-LocalError 'invalid_request' "'$Path' is no path of a file: the drive is one of $($provider.Name)." 'InvalidArgument' $remedy $Path) }
    # FileSystem::x is relative, too.
    [IO.Path]::GetFullPath($full, $folder)
}

# The current folder of the file system.
function Get-CurrentFolder($Cmdlet) {
    $place = $Cmdlet.SessionState.Path.CurrentFileSystemLocation
    if ($null -eq $place.Drive -or [IO.Path]::IsPathFullyQualified($place.ProviderPath)) { return $place.ProviderPath }
    [IO.Path]::GetFullPath($place.Drive.CurrentLocation, $place.Drive.Root)
}

# A drive that a calling function made for itself: PowerShell looks for drives from the module's scope on.
function Get-PathOnCallersDrive($Cmdlet, [string]$Name, [string]$Path) {
    $drive = $Cmdlet.SessionState.Drive.GetAll().Where({ [string]::Equals($_.Name, $Name, [StringComparison]::OrdinalIgnoreCase) -and $_.Provider.Name -ceq 'FileSystem' })
    if ($drive.Count) { [IO.Path]::GetFullPath($Path.Substring($Name.Length + 1).TrimStart([char[]]'\/').Replace([char]'\', [IO.Path]::DirectorySeparatorChar), $drive[0].Root) }
}

# Where a value came from: the native library names a setting that was given, and here the session gave it.
function Get-FromWords($From) { if ($From -cin 'baseUrl', 'clientId', 'clientSecret', 'token') { 'this session' } else { $From } }

# What the native library calls the settings given are those of this session.
function Get-SessionText($Text) { if ($Text -is [string]) { $Text -creplace '\bthe settings given\b', 'this session' } else { $Text } }

# The places of settings, each with words for a list.
function ConvertTo-Places($Places) {
    foreach ($place in $Places) {
        foreach ($name in 'place', 'note') {
            $property = $place.PSObject.Properties[$name]
            if ($null -ne $property -and $property.Value -is [string]) { $property.Value = Get-SessionText $property.Value }
        }
        $place.PSObject.TypeNames.Insert(0, 'SailPat.Record')
        $place.PSObject.TypeNames.Insert(0, 'SailPat.Place')
        $place
    }
}

# The settings in force as people see them.
function New-ConfigurationRecord($InForce) {
    $configuration = $script:Configuration
    $record = [pscustomobject]@{
        PSTypeName = 'SailPat.Configuration'
        BaseUrl = $InForce.baseUrl; BaseUrlFrom = Get-FromWords $InForce.sources.baseUrl
        ClientId = $InForce.clientId; ClientIdFrom = Get-FromWords $InForce.sources.clientId
        ClientSecretFrom = Get-FromWords $InForce.sources.clientSecret
        Profile = $InForce.profile
        # Every place that was asked, in order; an older native library tells none.
        Places = if ($InForce.PSObject.Properties['places']) { , @(ConvertTo-Places $InForce.places) }
        TokenUrl = $InForce.tokenUrl; ApiVersion = $InForce.apiVersion; Proxy = $InForce.proxy
        CaFile = $configuration.CaFile; SkipCertificateCheck = [bool]$configuration.SkipCertificateCheck
        MaximumRetryCount = $configuration.MaximumRetryCount ?? 3
        RetryIntervalSeconds = $configuration.RetryIntervalSeconds ?? 0.5
        TimeoutSeconds = ($configuration.TimeoutMs ?? 100000) / 1000
        RateLimit = $configuration.RateLimit ?? @{ requests = 100; perSeconds = 10 }
        NativeLibrary = $script:NativePath
    }
    $record.PSObject.TypeNames.Insert(1, 'SailPat.Record')
    $record
}
