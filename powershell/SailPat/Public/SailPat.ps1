# The module's own commands, for people: they speak of names, spans of time and scopes, and write
# one error for each item that fails, and go on.

function Get-SailPat {
    <#
    .SYNOPSIS
    Lists personal access tokens by name, owner, use and expiry.
    .DESCRIPTION
    Lists the tenant's tokens, or with -Mine one's own, and keeps those
    that fit everything that was asked for. The token in use, the one that
    signs in, is marked with a star in the table and has isTokenInUse. A
    warning says when it expires within two weeks.
    .PARAMETER Name
    Names, with wildcards; case does not matter.
    .PARAMETER Id
    The id of one token, or an object with an id.
    .PARAMETER Mine
    One's own tokens only.
    .PARAMETER Owner
    The id of the identity whose tokens to list, or an object with an id;
    me for oneself.
    .PARAMETER ExpiringWithin
    Tokens that expire within this span, or have expired: 30d, 12h, 6mo,
    2w, 1y, or a TimeSpan.
    .PARAMETER UnusedFor
    Tokens not used for this span; one that was never used counts from when
    it was made.
    .PARAMETER NeverUsed
    Tokens that were never used.
    .PARAMETER Managed
    Tokens that the platform manages.
    .PARAMETER Profile
    Profiles to list, by name or with wildcards, in place of the session's
    tenant. With several, each token shows its profile, and the failure of
    one is an error that hides nothing of the others.
    .PARAMETER ApiVersion
    The API version: v2024, v2025, v2026, beta, v3 or v1; else the
    configured one, v2024 unless set.
    .INPUTS
    System.String. An id by property name.
    .OUTPUTS
    GetPersonalAccessTokenResponse
    .NOTES
    -Mine needs idn:my-personal-access-tokens:read. Other owners and the
    whole tenant need idn:all-personal-access-tokens:read. Managed tokens
    show with idn:managed-personal-access-tokens:read.

    Spans are counted in UTC; comparing lastUsed with Get-Date in a script
    is off by the time zone.

    Success: 200. Failures: 400, 401, 403, 429, 500; with -Id also the
    codes not_found and not_visible. Writes one error for each item that
    fails, and goes on; -ErrorAction Stop ends at the first.
    .EXAMPLE
    Get-SailPat -Mine

    Lists one's own tokens.
    .EXAMPLE
    Get-SailPat -UnusedFor 90d | Sort-Object lastUsed

    Lists what nobody used for ninety days.
    .EXAMPLE
    Get-SailPat 'deploy*', '*report' -ExpiringWithin 2w

    Lists tokens of these names that expire in the next two weeks.
    .EXAMPLE
    Get-SailPat | Group-Object { $_.owner.name } -NoElement | Sort-Object Count -Descending

    Counts the tokens of each owner.
    .EXAMPLE
    Get-SailPat -Profile * -ExpiringWithin 30d | Sort-Object expirationDate

    Lists what soon expires, at every tenant that there is a profile of.
    .LINK
    New-SailPat
    .LINK
    Set-SailPat
    .LINK
    Remove-SailPat
    .LINK
    Get-V2024PersonalAccessTokens
    #>
    [CmdletBinding(DefaultParameterSetName = 'List',
        HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/list-personal-access-tokens')]
    [OutputType('GetPersonalAccessTokenResponse')]
    param(
        [Parameter(ParameterSetName = 'List', Position = 0)] [SupportsWildcards()]
        [ArgumentCompleter([PatCompleter])]
        [string[]][WrittenText()]$Name,

        [Parameter(ParameterSetName = 'Id', Mandatory, ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [Parameter(ParameterSetName = 'List')] [switch][NotEmpty()]$Mine,

        [Parameter(ParameterSetName = 'List')]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Owner,

        [Parameter(ParameterSetName = 'List')] [string]$ExpiringWithin,
        [Parameter(ParameterSetName = 'List')] [string]$UnusedFor,
        [Parameter(ParameterSetName = 'List')] [switch][NotEmpty()]$NeverUsed,
        [Parameter(ParameterSetName = 'List')] [switch][NotEmpty()]$Managed,

        [ValidateSet('v2024', 'v2025', 'v2026', 'beta', 'v3', 'v1')] [string]$ApiVersion,

        [Parameter(ValueFromPipelineByPropertyName)] [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
    }
    process {
        $ahead = $null
        try {
            $profiles = try {
                $filter = [TokenFilter]::new()
                if ($Name) { $filter.Named($Name) }
                $filter.OnlyManaged = [bool]$Managed
                $filter.OnlyNeverUsed = [bool]$NeverUsed
                if ($ExpiringWithin) { $filter.ExpiresBefore = Add-Span ([datetime]::UtcNow) $ExpiringWithin }
                if ($UnusedFor) { $filter.UnusedSince = Add-Span ([datetime]::UtcNow) $UnusedFor -1 }
                # An object that names no token and no profile must not mean every token.
                if ($MyInvocation.ExpectingInput -and -not $Id -and [Caller]::IsEmpty($Profile)) { throw ([Caller]::EmptyError('Id')) }
                $operation = if ($Id) { 'get' } else { 'list' }
                $target = if ($Id) { $Id } else { $Owner }
                $request = if ($Id) { [RequestText]::Id($Id) }
                else { [RequestText]::List($(if ($Mine) { 'me' } else { $Owner }), $(if ($NeverUsed) { 'lastUsed isnull' })) }
                , @(if ($Id) { Get-OneProfile $PSCmdlet $Profile $Id }
                    elseif ($Profile) { Get-AskedProfiles $PSCmdlet $Profile }
                    else { $script:Configuration['Profile'] })
            }
            catch {
                $PSCmdlet.WriteError([Caller]::Once($_))
                return
            }
            if ($profiles.Count -le 1) {
                $found = try {
                    Get-FilteredTokens $PSCmdlet (Get-ChosenVersion $PSCmdlet $ApiVersion $profiles[0]) $operation $request $target `
                        $filter $false
                }
                catch {
                    $PSCmdlet.WriteError([Caller]::Once($_))
                    return
                }
                $found
                return
            }
            try {
                $ahead = New-Ahead
                [void](Start-Ahead $PSCmdlet $ahead $profiles $null $ApiVersion 'list' $request)
            }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Once($_)) }
            # Not a loop, which would take what a caller's break or continue means for its own.
            $profiles | & { process {
                    $profileName = $_
                    $found = try {
                        Get-FilteredTokens $PSCmdlet ($ahead.Row($profileName) ?? (Get-ChosenVersion $PSCmdlet $ApiVersion $profileName)) `
                            $operation $request $target $filter $true
                    }
                    catch {
                        $PSCmdlet.WriteError([Caller]::Once((New-TenantError $_ $profileName)))
                        return
                    }
                    $found
                } }
        }
        finally { if ($null -ne $ahead) { $ahead.Stop() }; if ($script:Notes.Count) { Write-Notes } }
    }
}

function New-SailPat {
    <#
    .SYNOPSIS
    Makes a personal access token.
    .DESCRIPTION
    Makes a token for whoever signed in and returns it with its secret,
    which is shown this once.

    With -StoreIn or -SecretName id and secret are stored as a pair and
    read back in the same step: either the token is there and its pair is
    stored, or there is no token. What comes out then has no secret, and
    storedIn says where it is. When the session dies on the way, the next
    token of that name, or Resume-SailPatRotation, removes what was made.
    .PARAMETER Name
    The name; unique for its owner.
    .PARAMETER Scope
    What the token may be used for. When omitted it may do all that its
    owner may, and a warning says so before it is made.
    .PARAMETER AllScopes
    That the token may do all that its owner may; no warning then.
    .PARAMETER ExpiresIn
    When it expires, from now on: 30d, 12h, 6mo, 2w, 1y, or a TimeSpan.
    .PARAMETER ExpiresOn
    When it expires. A date of any kind, or a text such as 2027-04-03 or
    2027-04-03T18:00:00Z; without a zone it is local time. A text that two
    cultures read differently, such as 03/04/2027, is refused.
    .PARAMETER NeverExpires
    That it never expires; from v2025 on.
    .PARAMETER AccessTokenValidity
    How long its bearers are valid: a TimeSpan, seconds, or a span such as
    1h; between 15 seconds and 12 hours, which is what it is unless given.
    .PARAMETER StoreIn
    Where to store the pair: a path that ends with .json or .env, or
    another place as Invoke-SailPatRotation takes it. From the pipeline only
    the path of a file is taken.
    .PARAMETER SecretName
    The name of a secret of Microsoft.PowerShell.SecretManagement in which
    to store the pair, as a credential. What is there already stays, and no
    token is made.
    .PARAMETER Vault
    The vault to store it in; the default one when omitted.
    .PARAMETER AsSecureString
    Returns the secret as a secure string.
    .PARAMETER Profile
    The profile of the tenant to speak to, in place of the session's; also
    from a row of a CSV file.
    .PARAMETER ApiVersion
    The API version: v2024, v2025, v2026, beta, v3 or v1; else the
    configured one, v2024 unless set.
    .INPUTS
    System.Object. Objects with Name, Scope, ExpiresOn and so on, such as
    rows of a CSV file, where an empty cell counts as not given; or names.
    .OUTPUTS
    CreatePersonalAccessTokenResponse
    .NOTES
    Needs sp:my-personal-access-tokens:manage. A user has ten tokens at
    most. v2024 gives six months when no expiry is named, which is also its
    longest.

    A command that is stopped before it could give a token out warns of what
    it made. When it ends in the middle of a pipeline, by an error or because
    it was stopped, a warning names the tokens that it made before.

    -WhatIf refuses what the library would refuse, such as an unknown field
    or a date that is past. What only the service knows, a name that is
    taken for instance, it does not look at.

    Success: 200. Failures: 400, 401, 403, 429, 500, and the codes
    secret_store_missing and secret_not_stored. Never sent twice. Writes
    one error for each item that fails, and goes on; -ErrorAction Stop ends
    at the first.
    .EXAMPLE
    New-SailPat 'Nightly report' -Scope sp:scopes:default -ExpiresIn 90d

    Makes a token for ninety days.
    .EXAMPLE
    $token = New-SailPat 'Deploy' -AllScopes -ExpiresIn 6mo -AsSecureString

    Makes a token that may do all that its owner may, whose secret does not
    show on the screen.
    .EXAMPLE
    New-SailPat 'Deploy' -Scope sp:scopes:default -AccessTokenValidity 1h -SecretName sailpoint-deploy

    Makes a token whose bearers live for an hour, and stores id and secret
    in the default vault.
    .EXAMPLE
    New-SailPat 'Build' -Scope sp:scopes:default -StoreIn ./build.env

    Makes a token and stores its pair as variables in a file that only its
    owner can read.
    .EXAMPLE
    Import-Csv tokens.csv | New-SailPat -WhatIf

    Shows what would be sent for each row of a CSV file. Scopes are one text
    there, with spaces between them.
    .LINK
    Get-SailPat
    .LINK
    New-V2024PersonalAccessToken
    .LINK
    Invoke-SailPatRotation
    .LINK
    about_SailPat_Security
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium',
        HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/create-personal-access-token')]
    [OutputType('CreatePersonalAccessTokenResponse')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)] [string][NameText()]$Name,

        [Parameter(Position = 1, ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([PatCompleter])]
        [string[]]$Scope,

        [switch][NotEmpty()]$AllScopes,

        [Parameter(ValueFromPipelineByPropertyName)] [string]$ExpiresIn,
        [Parameter(ValueFromPipelineByPropertyName)] [Alias('ExpirationDate')] [Nullable[datetime]][PointInTime()]$ExpiresOn,
        [switch][NotEmpty()]$NeverExpires,

        [Parameter(ValueFromPipelineByPropertyName)] [Alias('AccessTokenValiditySeconds')] [string]$AccessTokenValidity,
        [Parameter(ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([PatCompleter])]
        [object]$StoreIn,
        [Parameter(ValueFromPipelineByPropertyName)] [string]$SecretName,
        [Parameter(ValueFromPipelineByPropertyName)] [string]$Vault,
        [switch][NotEmpty()]$AsSecureString,
        [ValidateSet('v2024', 'v2025', 'v2026', 'beta', 'v3', 'v1')] [string]$ApiVersion,

        [Parameter(ValueFromPipelineByPropertyName)] [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
        [Making]::AssertOutlet($PSCmdlet)
        $making = [Making]::new()
        # What came as an argument; the rest comes from the pipeline.
        $arguments = @($PSBoundParameters.Keys)
        $pipeline = @{ Count = 0; Watch = [System.Diagnostics.Stopwatch]::StartNew() }
        $stores = [System.Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    }
    process {
        try {
            $making.Next()
            $token = try {
                $version = Get-ChosenVersion $PSCmdlet $ApiVersion (Get-OneProfile $PSCmdlet $Profile)
                if ($AllScopes -and $Scope) {
                    throw (New-LocalError 'invalid_request' 'Only one of -Scope and -AllScopes can hold.' 'InvalidArgument' `
                        'Give one of them.' $Name)
                }
                $request = [ordered]@{ name = $Name }
                $scopes = @($Scope -split '[\s,;]+' -ne '')
                Assert-Scopes $scopes
                if ($scopes.Count) { $request.scope = $scopes }
                $expiry = Get-Expiry $PSBoundParameters
                if ($null -ne $expiry) { $request.expirationDate = $expiry }
                if ($NeverExpires) { $request.userAwareTokenNeverExpires = $true }
                if ($AccessTokenValidity) { $request.accessTokenValiditySeconds = Get-Seconds $AccessTokenValidity }
                $body = ConvertTo-CreateText $request
                if ($version.Name -eq 'v1' -and -not $NeverExpires) { $body = Add-DefaultExpiry $body }
                $store = Resolve-Store $PSCmdlet $StoreIn $SecretName $Vault ('StoreIn' -cnotin $arguments)
                if ($null -ne $store.Json) { [void](Get-Plan $PSCmdlet $version @{ create = $true; storeIn = $store.Json } $store) }
                Set-StoreTenant $PSCmdlet $version $store
                $action = if ($null -ne $store.Json) { "Create $body and store its pair in $($store.Words)" } else { "Create $body" }
                if ($WhatIfPreference) { Assert-RehearsedCreate $version $body }
                # Before anything is made: whoever does not want that can stop it here.
                if ($scopes.Count -eq 0 -and -not $AllScopes) {
                    Write-EarlyWarning `
                        ("Without -Scope the token '$Name' may do all that its owner may. Name what it is for with -Scope, or say " +
                        "-AllScopes.")
                }
                if (-not $PSCmdlet.ShouldProcess("personal access tokens ($(Get-RowText $version))", [TerminalText]::Message($action))) {
                    return
                }
                Assert-OtherStore $stores $store
                $new = if ($null -ne $store.Json) { New-StoredToken $PSCmdlet $version $body $Name $store }
                else { (Invoke-Operation $PSCmdlet $version 'create' ([RequestText]::Create($body, $null)) $Name $false $making).data }
                if ($AsSecureString -and $new['secret']) { $new = Copy-WithSecureSecret $new }
                Set-TenantMark $PSCmdlet $version $new
                $new
            }
            catch [System.Management.Automation.ActionPreferenceStopException] { $PSCmdlet.ThrowTerminatingError([Caller]::Once($_)) }
            catch {
                $PSCmdlet.WriteError([Caller]::Once($_))
                return
            }
            $making.Give($PSCmdlet, $token, $(if ($null -eq $store.Json) { "'$Name' ($($token['id']))" }))
            $making.Next()
            Add-ExpiryWarning $token "The new token '$Name'"
            Show-PipelineProgress $pipeline 'Making personal access tokens'
        }
        finally { if ($null -ne $making.reply) { Write-Orphan $making }; if ($script:Notes.Count) { Write-Notes } }
    }
    end { $making.isOver = $true }
    clean { Write-GivenBefore $making }
}

function Set-SailPat {
    <#
    .SYNOPSIS
    Renames a personal access token, or changes its scope or expiry.
    .DESCRIPTION
    Builds the JSON Patch, shows it with -Verbose, sends it and returns the
    token as it is then. -AddScope and -RemoveScope start from the scope
    that the token has now.

    A new scope takes up to twenty minutes to show on new bearers, and
    never changes bearers that are already out.
    .PARAMETER Id
    The id of the token, or an object with an id.
    .PARAMETER Name
    The new name.
    .PARAMETER Scope
    The new scope, in place of the old one.
    .PARAMETER AddScope
    What to add to the scope.
    .PARAMETER RemoveScope
    What to take out of the scope; something must be left.
    .PARAMETER ExpiresIn
    When it shall expire, from now on: 30d, 12h, 6mo, 2w, 1y, or a
    TimeSpan; from v2025 on.
    .PARAMETER ExpiresOn
    When it shall expire; from v2025 on. A date of any kind, or a text such
    as 2027-04-03 or 2027-04-03T18:00:00Z; without a zone it is local time.
    .PARAMETER NeverExpires
    That it shall never expire; from v2025 on.
    .PARAMETER Profile
    The profile of the tenant to speak to, in place of the session's; comes
    with a token from the pipeline, which goes to where it came from.
    .PARAMETER ApiVersion
    The API version: v2024, v2025, v2026, beta, v3 or v1; else the
    configured one, v2024 unless set.
    .INPUTS
    System.String. The id of a token, or an object with an id.
    .OUTPUTS
    GetPersonalAccessTokenResponse
    .NOTES
    Needs sp:my-personal-access-tokens:manage, and only the owner may: an
    administrator gets 403 for another's token.

    Success: 200. Failures: 400, 401, 403, 404, 429, 500. Writes one error
    for each item that fails, and goes on; -ErrorAction Stop ends at the
    first.
    .EXAMPLE
    Get-SailPat deploy* -Mine | Set-SailPat -RemoveScope idn:accounts:manage -Verbose

    Takes one right out of a token and shows the patch.
    .EXAMPLE
    Get-SailPat deploy* -Mine | ForEach-Object { Set-SailPat $_ -Name "$($_.name) old" }

    Renames several. A script block for -Name is refused: it would be taken
    for the name.
    .EXAMPLE
    Set-SailPat ef38f94347e94562b5bb8424a56397d8 -Name 'Nightly' -WhatIf

    Shows the patch that would rename a token, and sends nothing.
    .EXAMPLE
    Set-SailPat ef38f94347e94562b5bb8424a56397d8 -ExpiresIn 90d -ApiVersion v2025

    Lets a token live for ninety days from now.
    .LINK
    Get-SailPat
    .LINK
    Update-V2024PersonalAccessToken
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium',
        HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/patch-personal-access-token')]
    [OutputType('GetPersonalAccessTokenResponse')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [string][WrittenText()]$Name,
        [ArgumentCompleter([PatCompleter])] [string[]][WrittenText()]$Scope,
        [ArgumentCompleter([PatCompleter])] [string[]][WrittenText()]$AddScope,
        [ArgumentCompleter([PatCompleter])] [string[]][WrittenText()]$RemoveScope,
        [string]$ExpiresIn,
        [Nullable[datetime]][PointInTime()]$ExpiresOn,
        [switch][NotEmpty()]$NeverExpires,
        [ValidateSet('v2024', 'v2025', 'v2026', 'beta', 'v3', 'v1')] [string]$ApiVersion,

        [Parameter(ValueFromPipelineByPropertyName)] [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
        $pipeline = @{ Count = 0; Watch = [System.Diagnostics.Stopwatch]::StartNew() }
    }
    process {
        try {
            $token = try {
                $version = Get-ChosenVersion $PSCmdlet $ApiVersion (Get-OneProfile $PSCmdlet $Profile $Id)
                $operations = @(Get-SailPatPatch $PSCmdlet $version $Id $PSBoundParameters)
                if ($operations.Count -eq 0) {
                    throw (New-LocalError 'invalid_request' 'Nothing to change was given.' 'InvalidArgument' `
                        'Give -Name, -Scope, -AddScope, -RemoveScope or -ExpiresIn.' $Id)
                }
                $patch = ConvertTo-PatchText $operations
                Add-Note Verbose "JSON Patch for ${Id}: $patch"
                if ($WhatIfPreference) { Assert-RehearsedPatch $Id $patch }
                if (-not $PSCmdlet.ShouldProcess([TerminalText]::Message("personal access token $Id ($(Get-RowText $version))"),
                    [TerminalText]::Message("Update with $patch"))) {
                    return
                }
                $changed = (Invoke-Operation $PSCmdlet $version 'update' ([RequestText]::Update($Id, $patch)) $Id).data
                Set-TenantMark $PSCmdlet $version $changed
                $changed
            }
            catch {
                $PSCmdlet.WriteError([Caller]::Once($_))
                return
            }
            $token
            Show-PipelineProgress $pipeline 'Changing personal access tokens'
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}

function Remove-SailPat {
    <#
    .SYNOPSIS
    Removes personal access tokens.
    .DESCRIPTION
    Deletes each token at once and emits nothing. The token in use, with
    which this session signs in, and tokens that the platform manages need
    -Force.
    .PARAMETER Id
    The id of the token, or an object with an id.
    .PARAMETER IsManaged
    Whether the platform manages the token; comes with a token from the
    pipeline.
    .PARAMETER Force
    Removes the token in use, or a managed one.
    .PARAMETER Profile
    The profile of the tenant to speak to, in place of the session's; comes
    with a token from the pipeline, which goes to where it came from.
    .PARAMETER ApiVersion
    The API version: v2024, v2025, v2026, beta, v3 or v1; else the
    configured one, v2024 unless set.
    .INPUTS
    System.String. The id of a token, or an object with an id.
    .OUTPUTS
    None.
    .NOTES
    Needs sp:my-personal-access-tokens:manage for one's own tokens and
    sp:all-personal-access-tokens:manage for another's.

    Success: 204. Failures: 400, 401, 403, 404, 429, 500, and the code
    needs_force. Writes one error for each item that fails, and goes on;
    -ErrorAction Stop ends at the first.
    .EXAMPLE
    Get-SailPat -Mine -NeverUsed | Remove-SailPat -WhatIf

    Shows which of one's own tokens would be removed because they were
    never used.
    .EXAMPLE
    Remove-SailPat ef38f94347e94562b5bb8424a56397d8

    Removes one token.
    .EXAMPLE
    Get-SailPat -UnusedFor 1y | Where-Object managed -NE $true | Remove-SailPat -Confirm:$false

    Removes what nobody used for a year, without asking, but nothing that
    the platform manages.
    .EXAMPLE
    Get-SailPat -Profile prod, lab -UnusedFor 1y | Remove-SailPat -WhatIf

    Shows what would be removed, each token at the tenant it came from.
    .LINK
    Get-SailPat
    .LINK
    Remove-V2024PersonalAccessToken
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium',
        HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/delete-personal-access-token')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [Parameter(ValueFromPipelineByPropertyName)] [Alias('managed')] [Nullable[bool]][TruthText()]$IsManaged,
        [switch][NotEmpty()]$Force,
        [ValidateSet('v2024', 'v2025', 'v2026', 'beta', 'v3', 'v1')] [string]$ApiVersion,

        [Parameter(ValueFromPipelineByPropertyName)] [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
        $pipeline = @{ Count = 0; Watch = [System.Diagnostics.Stopwatch]::StartNew() }
    }
    process {
        try {
            $version = Get-ChosenVersion $PSCmdlet $ApiVersion (Get-OneProfile $PSCmdlet $Profile $Id)
            $reason = if ([string]::Equals($Id, (Get-InForce $PSCmdlet $version).clientId)) {
                'is the one in use: this session could no longer sign in'
            }
            elseif ($IsManaged) { 'is managed by the platform: what uses it, a workflow for instance, would stop' }
            if ($reason -and -not $Force) {
                # What would not be removed is no failure of a look at what would.
                if ($WhatIfPreference) { Add-Note Warning "Token $Id would not be removed without -Force: it $reason."; return }
                throw (New-LocalError 'needs_force' "Token $Id $reason." 'PermissionDenied' 'Add -Force to remove it all the same.' $Id)
            }
            if ($WhatIfPreference) { Assert-RehearsedId $Id }
            if (-not $PSCmdlet.ShouldProcess([TerminalText]::Message("personal access token $Id ($(Get-RowText $version))"), 'Delete')) {
                return
            }
            [void](Invoke-Operation $PSCmdlet $version 'delete' ([RequestText]::Id($Id)) $Id)
            Show-PipelineProgress $pipeline 'Removing personal access tokens'
        }
        catch { $PSCmdlet.WriteError([Caller]::Once($_)) }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}
