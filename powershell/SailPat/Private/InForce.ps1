# What is in force, wherever it comes from: the settings as people see them, and what of them the live table shows.

function Get-SettingsInForce($Cmdlet, $Version = (Get-CurrentVersion)) {
    [SailPatRecord]::Plain((Invoke-Operation $Cmdlet $Version 'settings' '{}').data)
}

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
        if ($null -ne $script:Configuration[$name] -and -not [string]::Equals($script:Configuration[$name], $script:FilledValues[$name])) {
            continue
        }
        $script:FilledValues[$name] = $script:Configuration[$name] = if ($name -ceq 'BaseUrl') { Get-SlashedUrl $inForce.$name }
        else { $inForce.$name }
    }
}

# The same for one that was written into the table by hand.
function Complete-BaseUrl {
    $url = $script:Configuration['BaseUrl']
    if ($url -is [uri]) { $url = $url.OriginalString }
    if ($url -isnot [string] -or -not $url.Trim() -or [string]::Equals($url, $script:FilledValues['BaseUrl'])) { return }
    $script:Configuration['BaseUrl'] = Get-SlashedUrl $url
    # With the slash it may read like what was shown, and is set all the same.
    $script:FilledValues.Remove('BaseUrl')
}

function Test-SignedIn($Cmdlet) {
    # What was put into the table by hand may be anything.
    try { $configured = if ($script:ConfigurationShared) { Get-ConfiguredSettings } else { $script:ConfigurationChanges } }
    catch {
        [Caller]::Forget($_)
        return $false
    }
    foreach ($client in $script:Clients.Values) {
        # Culture: a handle is a number.
        if ($client.Handle -eq $script:CalledBy) {
            return [string]::Equals($client.MadeFrom, [Surroundings]::Text($Cmdlet, $configured, $script:SurroundingNames))
        }
    }
    $false
}

# Fills in the bearer of a session that called before with the settings in force, as scripts that call other addresses
# expect it. It is only shown, and nothing signs in for it: a bearer that was set stays. No variable holds it.
function Show-BearerInForce($Cmdlet, [bool]$IsSignedIn) {
    if (Test-Configured 'Token') { return }
    foreach ($name in 'Token', 'TokenExpiration') {
        if (-not (Test-Configured $name)) { $script:FilledValues[$name] = $script:Configuration[$name] = $null }
    }
    # Not that of a call to another tenant than the session's.
    if (-not $IsSignedIn -or $script:CalledVersion['Profile'] -or $script:CalledVersion['Pair']) { return }
    try { $reply = Invoke-Operation $Cmdlet $script:CalledVersion 'bearer' '{}' }
    catch {
        [Caller]::Forget($_)
        return
    }
    $script:FilledValues['Token'] = $script:Configuration['Token'] = $reply.data.GetProperty('accessToken').GetString()
    $expires = $reply.data.GetProperty('expires').GetString()
    if ($expires) {
        $script:FilledValues['TokenExpiration'] = $script:Configuration['TokenExpiration'] =
            [DateTimeOffset]::Parse($expires, [cultureinfo]::InvariantCulture).LocalDateTime
    }
}

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
