using namespace System.Collections.Generic

# One native client for each API version and profile in use, made anew when its surroundings have changed. The native
# library reads no variable and no current folder by itself when it is told them, and it must be told: on Linux
# `$env:X = …` is invisible to native code, and Set-Location does not move the process. Both are looked at on every
# call, so a change counts from the next one.

# Variables of the environment that the native library wants to know: its own list, which pat_version names and a test
# compares.
$script:SurroundingNames = [string[]]@(
    'SAIL_BASE_URL', 'SAIL_CLIENT_ID', 'SAIL_CLIENT_SECRET', 'BASE_URL', 'CLIENT_ID', 'CLIENT_SECRET'
    'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'
    'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'HOME', 'USERPROFILE', 'SAILPAT_HOME',
    'SAILPAT_CHANGE_LOG'
)

# What a client is made from: the current folder, the settings and the surroundings, as one text to compare.
# Secrets are in it, so it is never a variable. A method, because this is on every call's way.
[NoRunspaceAffinity()]
class Surroundings {
    # Reads a variable. As a delegate, so that the loop over the names is .NET's: one of PowerShell takes ten times as
    # long, at each call.
    hidden static [Converter[string, string]]$Reader =
        [Environment].GetMethod('GetEnvironmentVariable', [type[]]@([string])).CreateDelegate([Converter[string, string]])

    static [string] Text($cmdlet, [object]$configured, [string[]]$names) {
        # Not its ProviderPath, which takes 40 us to find out. The root, because a drive's name can be
        # given to another folder; a network share has none.
        $location = $cmdlet.SessionState.Path.CurrentFileSystemLocation
        $root = if ($null -ne $location.Drive) { $location.Drive.Root }
        return [string]::Join("`n", [string]::Join("`n", [Array]::ConvertAll($names, [Surroundings]::Reader)),
            [Surroundings]::Settings($configured), $location.Path, $root)
    }

    # A number of changes, or, once the table of settings was handed out, what is in it.
    hidden static [string] Settings([object]$configured) {
        if ($configured -is [int]) { return $configured }
        return [Text.Encoding]::UTF8.GetString([RequestJson]::Bytes($configured))
    }

    # The variables that are set. Not a hashtable: there HTTP_PROXY and http_proxy would be one.
    static [Dictionary[string, string]] Variables([string[]]$names) {
        $set = [Dictionary[string, string]]::new([StringComparer]::Ordinal)
        foreach ($name in $names) {
            if ($null -ne [Environment]::GetEnvironmentVariable($name)) { $set[$name] = [Environment]::GetEnvironmentVariable($name) }
        }
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
    if ($beside.Count) {
        throw (New-LocalError 'settings_mixed' `
            ("The session has the profile '$($script:Configuration.Profile)', and the table of Get-DefaultConfiguration sets " +
            "$($beside -join ', ') beside it.") 'InvalidArgument' 'Set-SailPatConfiguration -Clear takes back either.')
    }
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
    $record = New-LocalError 'settings_invalid' "variable ${name}: its value is no valid text, it holds bytes that are not UTF-8" `
        'InvalidArgument' "Set $name anew, or remove it." $name
    $record.Exception.Data['field'] = $name
    throw $record
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

# The client that called last, and for which version: there is a bearer for it.
$script:CalledBy = 0UL
$script:CalledVersion = $null
