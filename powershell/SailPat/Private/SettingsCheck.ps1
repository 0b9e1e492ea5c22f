using namespace System.Collections.Generic

# Settings are checked when they are set and not at the next call, by the native library, whose rules they are.

# What is not the native library's to judge by itself: it depends on a file or on the other settings.
$script:SettingsUnchecked =
    [HashSet[string]]::new([string[]]('CaFile', 'Profile', 'ChangeLog', 'Source', 'Experimental', 'NermBaseUrl'),
    [StringComparer]::OrdinalIgnoreCase)

# The native library is asked for the settings of a client with nothing else of its own, which sends nothing.
function Assert-Settings($Cmdlet, $Given) {
    $settings = @{}
    foreach ($name in $script:Configuration.Keys) {
        if ($script:SettingKeys.ContainsKey($name) -and -not $script:SettingsUnchecked.Contains($name) -and (Test-Given $Given $name)) {
            Add-NativeSetting $settings $Given $name
        }
    }
    if ($settings.Count -eq 0) { return }
    if ($null -eq $script:Native) { $null = Initialize-Native }
    foreach ($name in $settings['allowHttpHosts']) { Assert-HttpHost $Cmdlet $name }
    if ($settings.ContainsKey('consumerVersion')) { Assert-Version $Cmdlet $settings.consumerVersion }
    if (-not $settings.ContainsKey('allowHttpHosts') -and $script:Configuration.AllowHttpHosts) {
        $settings.allowHttpHosts = @($script:Configuration.AllowHttpHosts)
    }
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
    try {
        Assert-NativeSettings $Cmdlet `
            @{ baseUrl = "http://$($Name.Trim())"; allowHttpHosts = @($Name); clientId = 'nobody'; clientSecret = 'nothing' }
    }
    catch {
        [Caller]::Forget($_)
        throw (New-LocalError 'settings_invalid' "-AllowHttpHost: '$Name' is no host" 'InvalidArgument' `
            'Each is a host alone, without scheme, port or path.' 'AllowHttpHost')
    }
}

# The version of a calling program is sent behind its name, and the native library looks at both as one.
function Assert-Version($Cmdlet, $Version) {
    try {
        Assert-NativeSettings $Cmdlet `
            @{
                baseUrl = 'https://tenant.api.identitynow.com'
                consumerIdentifier = 'nobody'
                consumerVersion = $Version
                clientId = 'nobody'
                clientSecret = 'nothing'
            }
    }
    catch {
        [Caller]::Forget($_)
        throw (New-LocalError 'settings_invalid' '-ConsumerVersion: must be visible ASCII characters' 'InvalidArgument' $null `
            'ConsumerVersion')
    }
}

function Assert-NativeSettings($Cmdlet, $Settings) {
    $Settings.environment = @{}
    $Settings.workingDirectory = Get-CurrentFolder $Cmdlet
    $client = New-NativeClient $Settings
    $job = 0UL
    try {
        $reply = Read-Envelope `
            ([NativeText]::Read($script:Native,
            $script:Native::pat_job_run($client, (Get-OperationName 'settings'), [Text.Encoding]::UTF8.GetBytes("{}`0"), 30000, [ref]$job)))
    }
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
    $message = $message.Replace('between 1 and 86400000 milliseconds', 'between 0.001 and 86400 seconds').Replace('must be an object',
        'must be a table')
    $named = New-LocalError "$($Record.Exception.Data['code'])" "-$parameter$message" 'InvalidArgument' `
        "$($Record.Exception.Data['remedy'])" $parameter
    $named.Exception.Data['field'] = $field
    if ($Record.Exception.Data['number']) { $named.Exception.Data['number'] = $Record.Exception.Data['number'] }
    $named
}
