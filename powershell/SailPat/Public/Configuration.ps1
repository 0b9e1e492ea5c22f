# Settings of this runspace: the documented three commands, which give way where another module has
# them, and the module's own two.

function Get-DefaultConfiguration {
    <#
    .SYNOPSIS
    Gets the live table of settings of this session.
    .DESCRIPTION
    Returns the table itself: what is changed in it counts from the next
    call. BaseUrl, TokenUrl and ClientId show the values in force, wherever
    they come from; a client secret shows only when it was set in this
    session. After a call, Token and TokenExpiration show the bearer that
    it was made with: handle the table like a password then. BaseUrl ends
    with a slash.
    Other settings are null unless set here, and then have the defaults
    that about_SailPat_Configuration lists.
    .INPUTS
    None.
    .OUTPUTS
    System.Collections.Hashtable
    .NOTES
    Needs no rights: nothing is sent. Not there where another module had a
    command of this name when this one was imported: PSSailpoint calls it
    by that name. Set-SailPatConfiguration and Get-SailPatConfiguration are
    always there.
    .EXAMPLE
    (Get-DefaultConfiguration).BaseUrl

    Shows which tenant the next call goes to.
    .EXAMPLE
    (Get-DefaultConfiguration).MaximumRetryCount = 0

    Repeats no request from now on.
    .LINK
    Set-DefaultConfiguration
    .LINK
    Get-SailPatConfiguration
    .LINK
    about_SailPat_Configuration
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/authentication')]
    [OutputType([hashtable])]
    param()
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        try {
            try {
                $isSignedIn = Test-SignedIn $PSCmdlet
                $script:ConfigurationShared = $true
                Show-SettingsInForce $PSCmdlet
                Show-BearerInForce $PSCmdlet $isSignedIn
            }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
            $script:Configuration
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}

function Set-DefaultConfiguration {
    <#
    .SYNOPSIS
    Sets settings of this session, by the documented names.
    .DESCRIPTION
    Changes what is given and leaves the rest as it is. Settings hold until
    the session ends, before environment and files. An empty text or null
    takes a setting back.

    Client id and secret go together: with one of them alone the next call
    ends in an error, wherever the other half may be. A base URL alone goes
    with a pair of the environment or a file that names no other tenant.
    .PARAMETER BaseUrl
    The tenant, such as https://tenant.api.identitynow.com.
    .PARAMETER NermBaseUrl
    Kept for scripts that set it; nothing here uses it.
    .PARAMETER Token
    A bearer to use as it is, instead of signing in.
    .PARAMETER TokenExpiration
    When that bearer expires: a date, or seconds since 1970.
    .PARAMETER TokenUrl
    Where to sign in; found out from the base URL unless set.
    .PARAMETER ClientId
    The id of the personal access token to sign in with.
    .PARAMETER ClientSecret
    Its secret, as text or secure string.
    .PARAMETER ConsumerIdentifier
    A name for the calling program, sent in the User-Agent.
    .PARAMETER ConsumerVersion
    Its version.
    .PARAMETER MaximumRetryCount
    How often a request that is safe to repeat is repeated; 3 unless set.
    .PARAMETER RetryIntervalSeconds
    The first pause before a repetition, doubled each time up to 30; a
    Retry-After of the service goes before it. 0.5 unless set.
    .PARAMETER Experimental
    Kept for scripts that set it; nothing here uses it.
    .PARAMETER Proxy
    A System.Net.WebProxy, that of the system
    ([System.Net.WebRequest]::GetSystemWebProxy()), a URL, or $false for
    none even if the environment names one. Windows' own credentials
    (DefaultCredentials) are not sent to it.
    .PARAMETER PassThru
    Returns the table of settings.
    .INPUTS
    None.
    .OUTPUTS
    None, or System.Collections.Hashtable with -PassThru.
    .NOTES
    Needs no rights: nothing is sent. Not there where another module had a
    command of this name when this one was imported: PSSailpoint calls it
    by that name. Set-SailPatConfiguration and Get-SailPatConfiguration are
    always there.
    .EXAMPLE
    Set-DefaultConfiguration -MaximumRetryCount 2 -RetryIntervalSeconds 3

    Repeats at most twice, after some three and six seconds.
    .EXAMPLE
    Set-DefaultConfiguration -Proxy (New-Object System.Net.WebProxy 'http://127.0.0.1:8080')

    Sends everything, the sign-in too, through a proxy.
    .EXAMPLE
    Set-DefaultConfiguration -Proxy $null

    Takes the proxy back: the one of the environment counts again, if there
    is one.
    .LINK
    Get-DefaultConfiguration
    .LINK
    Set-SailPatConfiguration
    .LINK
    about_SailPat_Configuration
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/authentication')]
    [OutputType([hashtable])]
    param(
        [AllowEmptyString()] [string]$BaseUrl,
        [AllowEmptyString()] [string]$NermBaseUrl,
        [AllowEmptyString()] [string]$Token,
        [AllowNull()] [object]$TokenExpiration,
        [AllowEmptyString()] [string]$TokenUrl,
        [AllowEmptyString()] [string]$ClientId,
        [AllowNull()] [object]$ClientSecret,
        [AllowNull()] [Nullable[int]]$MaximumRetryCount,
        [AllowNull()] [Nullable[double]]$RetryIntervalSeconds,
        [AllowNull()] [Nullable[bool]]$Experimental,
        [AllowNull()] [object]$Proxy,
        [AllowEmptyString()] [string]$ConsumerIdentifier,
        [AllowEmptyString()] [string]$ConsumerVersion,
        [switch]$PassThru
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        try {
            Assert-Settings $PSCmdlet $PSBoundParameters
            Set-Settings $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        if ($PassThru) {
            $script:ConfigurationShared = $true
            $script:Configuration
        }
    }
}

function Get-IDNAccessToken {
    <#
    .SYNOPSIS
    Gets a bearer for other calls to the service.
    .DESCRIPTION
    Signs in when there is no valid bearer yet, and returns the bearer as
    text. Handle it like a password: until it expires it may do what the
    token may do.
    .PARAMETER Profile
    The profile of the tenant to speak to, in place of the session's.
    .INPUTS
    None.
    .OUTPUTS
    System.String
    .NOTES
    Needs no rights but a valid credential. A wrong one ends in an error
    with the code sign_in_failed and the words of the service. Not there
    where another module had a command of this name when this one was
    imported: PSSailpoint calls it by that name. Set-SailPatConfiguration
    and Get-SailPatConfiguration are always there.
    .EXAMPLE
    $headers = @{ Authorization = "Bearer $(Get-IDNAccessToken)" }
    Invoke-RestMethod "$((Get-DefaultConfiguration).BaseUrl)v2024/identities" -Headers $headers

    Calls an address that this module has no command for.
    .EXAMPLE
    $bearer = Get-IDNAccessToken
    $bearer.Length

    Keeps the bearer for later calls, and shows its length only.
    .LINK
    Set-SailPatConfiguration
    .LINK
    about_SailPat_Security
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/authentication')]
    [OutputType([string])]
    param(
        [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
    }
    process {
        try {
            # A bearer is as good as a secret: what holds it is the reply, until the output.
            $reply = try {
                Invoke-Operation $PSCmdlet `
                    (Get-RowOf $script:VersionOf['Get-V2024PersonalAccessTokens'] (Get-OneProfile $PSCmdlet $Profile)) 'bearer' '{}'
            }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
            $reply.data.GetProperty('accessToken').GetString()
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}

function Get-SailPatConfiguration {
    <#
    .SYNOPSIS
    Shows the settings in force, and where each comes from.
    .DESCRIPTION
    Says which tenant the next call goes to, as whom, and in which place
    each value was found. It never shows a secret. Places has each place
    that was asked: what it gave, and whether it is used or ignored.
    .PARAMETER Profile
    The profile of the tenant to speak of, in place of the session's.
    .INPUTS
    None.
    .OUTPUTS
    SailPat.Configuration
    .NOTES
    Needs no rights: nothing is sent. When base URL, client id or client
    secret are missing, the error has the code settings_missing and names
    every place looked at; where they are of places that do not go
    together, settings_mixed; where a place cannot be used,
    settings_invalid.
    .EXAMPLE
    Get-SailPatConfiguration

    Shows tenant, client id, API version, their sources and the other
    settings.
    .EXAMPLE
    (Get-SailPatConfiguration).BaseUrl

    Shows the tenant alone.
    .EXAMPLE
    Get-SailPatConfiguration | Format-List *From

    Shows where base URL, client id and secret come from.
    .LINK
    Set-SailPatConfiguration
    .LINK
    about_SailPat_Configuration
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/authentication')]
    [OutputType([pscustomobject])]
    param(
        [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
    }
    process {
        try {
            $inForce = try {
                New-ConfigurationRecord (Get-SettingsInForce $PSCmdlet (Get-ChosenVersion $PSCmdlet '' (Get-OneProfile $PSCmdlet $Profile)))
            }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Once($_)) }
            $inForce
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}

function Set-SailPatConfiguration {
    <#
    .SYNOPSIS
    Sets settings of this session, secrets as secure strings.
    .DESCRIPTION
    Changes what is given and leaves the rest as it is. Settings hold until
    the session ends, before environment and files. -Clear takes single
    settings back, -Reset all of the session.

    Client id and secret go together: with one of them alone the next call
    ends in an error, wherever the other half may be. A base URL alone goes
    with a pair of the environment or a file that names no other tenant. A
    pair needs its base URL, given with it or before: SAIL_BASE_URL may be
    another tenant's, and does not count. So does a source without one.

    There is a pair or a source: -Source takes back client id, secret and
    token of the session, and a client id or secret takes back the source.
    Both in one call are an error.
    .PARAMETER BaseUrl
    The tenant, such as https://tenant.api.identitynow.com.
    .PARAMETER TokenUrl
    Where to sign in; found out from the base URL unless set.
    .PARAMETER Credential
    Client id and secret of the personal access token to sign in with.
    .PARAMETER ClientId
    The id of the personal access token to sign in with.
    .PARAMETER ClientSecret
    Its secret, as a secure string.
    .PARAMETER Source
    The place that the pair is read from at each call, so that a rotation
    by another process counts at once: a path or a table as the parameter
    StoreIn of Invoke-SailPatRotation takes it.
    .PARAMETER Token
    A bearer to use as it is, instead of signing in, as a secure string.
    .PARAMETER TokenExpiration
    When that bearer expires. A date of any kind, or a text such as
    2027-04-03T18:00:00Z; without a zone it is local time.
    .PARAMETER ApiVersion
    The API version of the SailPat commands, v2024 unless set. With v1 the
    V2024 commands speak v1 and keep their meaning: a token without an
    expiry gets six months.
    .PARAMETER Proxy
    A System.Net.WebProxy, a URL, or $false for none even if the
    environment names one.
    .PARAMETER CaFile
    A PEM file with certificates to trust besides the system's; ~ is the
    home folder, as in every path.
    .PARAMETER SkipCertificateCheck
    Accepts any certificate; for tests only.
    .PARAMETER TimeoutSec
    The deadline of a whole call, with sign-in, waits and repetitions; 100
    seconds unless set.
    .PARAMETER ConnectTimeoutSec
    How long connecting may take; 10 seconds unless set.
    .PARAMETER MaximumRetryCount
    How often a request that is safe to repeat is repeated; 3 unless set.
    .PARAMETER RetryIntervalSeconds
    The first pause before a repetition, doubled each time up to 30; a
    Retry-After of the service goes before it. 0.5 unless set.
    .PARAMETER RateLimit
    The module's own pace, for each credential and API version in this
    process: a table with requests and perSeconds, or none. 100 requests in
    10 seconds unless set, as the service allows.
    .PARAMETER MaximumReplyBytes
    The largest reply to take; 512 MiB unless set.
    .PARAMETER AllowHttpHost
    Hosts besides this machine that may be spoken to without TLS.
    .PARAMETER DefaultHeaders
    Headers to send with every request.
    .PARAMETER Profile
    The profile that says which tenant, and as whom, in this session. It
    takes back base URL, token URL, client id, secret and token of the
    session, and each of these takes it back.
    .PARAMETER ChangeLog
    Writes every change that is made or tried to the change log, which
    Get-SailPatLog reads. A change that could not be written down is then
    not made.
    .PARAMETER Clear
    Takes these settings of the session back first, each by the name of its
    parameter. A key that was put into the table of
    Get-DefaultConfiguration and is no setting is taken out.
    .PARAMETER Reset
    Takes back all settings of the session first.
    .INPUTS
    None.
    .OUTPUTS
    None.
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    Set-SailPatConfiguration -BaseUrl https://tenant.api.identitynow.com -Credential (Get-Credential)
    Get-SailPat -Mine

    Uses a tenant with a client id and secret that are typed in, and lists
    one's own tokens.
    .EXAMPLE
    Set-SailPatConfiguration -TimeoutSec 20 -RateLimit @{ requests = 50; perSeconds = 10 }

    Gives up after twenty seconds, and leaves half of the pace to others.
    .EXAMPLE
    Set-SailPatConfiguration -BaseUrl https://tenant.api.identitynow.com -Source ./config.json

    Signs in with the pair that the file holds at each call.
    .EXAMPLE
    Set-SailPatConfiguration -ApiVersion v1

    Speaks v1, the successor of v2024, also in the V2024 commands.
    .EXAMPLE
    Set-SailPatConfiguration -Profile prod -ChangeLog
    Get-SailPat -Mine

    Speaks to the tenant of a profile, and writes every change down.
    .EXAMPLE
    Set-SailPatConfiguration -Clear Proxy, Source

    Takes two settings of the session back: what environment and files say
    counts again.
    .EXAMPLE
    Set-SailPatConfiguration -Reset

    Goes back to what environment and files say.
    .LINK
    Get-SailPatConfiguration
    .LINK
    about_SailPat_Configuration
    .LINK
    about_SailPat_Security
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/authentication')]
    [OutputType([void])]
    param(
        [string]$BaseUrl,
        [string]$TokenUrl,
        [pscredential]$Credential,
        [string]$ClientId,
        [securestring]$ClientSecret,
        [object]$Source,
        [securestring]$Token,
        [Nullable[datetime]][PointInTime()]$TokenExpiration,
        [ValidateSet('v2024', 'v2025', 'v2026', 'beta', 'v3', 'v1')] [string]$ApiVersion,
        [object]$Proxy,
        [string]$CaFile,
        [switch][NotEmpty()]$SkipCertificateCheck,
        [double][NotEmpty()]$TimeoutSec,
        [double][NotEmpty()]$ConnectTimeoutSec,
        [int][NotEmpty()]$MaximumRetryCount,
        [double][NotEmpty()]$RetryIntervalSeconds,
        [object]$RateLimit,
        [long][NotEmpty()]$MaximumReplyBytes,
        [string[]]$AllowHttpHost,
        [hashtable]$DefaultHeaders,

        [ArgumentCompleter([ProfileCompleter])]
        [string]$Profile,

        [switch][NotEmpty()]$ChangeLog,

        [ArgumentCompletions('BaseUrl', 'TokenUrl', 'Credential', 'ClientId', 'ClientSecret', 'Source', 'Token', 'TokenExpiration',
        'ApiVersion', 'Proxy',
            'CaFile', 'SkipCertificateCheck', 'TimeoutSec', 'ConnectTimeoutSec', 'MaximumRetryCount', 'RetryIntervalSeconds', 'RateLimit',
            'MaximumReplyBytes', 'AllowHttpHost', 'DefaultHeaders', 'Profile', 'ChangeLog')]
        [string[]]$Clear,

        [switch][NotEmpty()]$Reset
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
    }
    process {
        try {
            $given = @{} + $PSBoundParameters
            if ($given.ContainsKey('AllowHttpHost')) { $given.AllowHttpHosts = $AllowHttpHost }
            if ($given.ContainsKey('Credential')) { $given.ClientId = $Credential.UserName; $given.ClientSecret = $Credential.Password }
            if ($given.ContainsKey('Source')) { $given.Source = ConvertTo-StoreTable $PSCmdlet $Source }
            if ($given.ContainsKey('CaFile')) { $given.CaFile = Get-FilePath $PSCmdlet $CaFile }
            if ($given.ContainsKey('TimeoutSec')) { $given.TimeoutMs = $TimeoutSec * 1000 }
            if ($given.ContainsKey('ConnectTimeoutSec')) { $given.ConnectTimeoutMs = $ConnectTimeoutSec * 1000 }
            Assert-Settings $PSCmdlet $given
            if ($Clear) { Assert-Clearable $Clear }
            if ($Reset) { Reset-Settings }
            if ($Clear) { Clear-Settings $Clear }
            Set-Settings $given
            if ($given.ContainsKey('ApiVersion')) { Set-ApiVersion $ApiVersion }
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Once($_)) }
    }
}
