# The documented commands, one function for each operation. The V2024 names are written out here;
# Names.ps1 gives the same functions their names in the other API versions, and each finds its
# version by what it is (CommandName in Versions.ps1), not by the name it was called by.

function New-V2024PersonalAccessToken {
    <#
    .SYNOPSIS
    Creates a personal access token for whoever signed in.
    .DESCRIPTION
    Sends the create request and returns the new token with its secret.
    This is the only time that the secret is shown: keep it at once.

    A create is never sent twice. When its reply is lost, the error has the
    code create_lost, and names the token of that name that was made in the
    meantime, if one can be seen.
    .PARAMETER CreatePersonalAccessTokenRequest
    A hashtable, an object (see
    Initialize-V2024CreatePersonalAccessTokenRequest) or JSON text with
    name, scope, accessTokenValiditySeconds (15 to 43200) and
    expirationDate; from v2025 on also userAwareTokenNeverExpires. JSON
    text is sent as it is. Of an object, properties that are null are not
    sent, nor is an empty cell of a CSV row; a single scope becomes an
    array, and a date is sent in UTC. Also
    spelt -V2024CreatePersonalAccessTokenRequest.
    .PARAMETER Profile
    The profile of the tenant to speak to, in place of the session's.
    .PARAMETER WithHttpInfo
    Returns a hashtable with Response, StatusCode and Headers (names ignore
    case; each has an array of texts) instead of the token alone.
    .INPUTS
    System.Object. A request.
    .OUTPUTS
    CreatePersonalAccessTokenResponse, or System.Collections.Hashtable with
    -WithHttpInfo.
    .NOTES
    Needs the right sp:my-personal-access-tokens:manage. Nobody can create
    a token for somebody else. A user has ten tokens at most, and a name is
    unique for its owner. Without a scope the token has sp:scopes:all.

    Without an expirationDate v2024 gives six months, which is also its
    longest. From v2025 on there is no upper limit, and a token without an
    expirationDate needs userAwareTokenNeverExpires, true.

    Success: 200. Failures: 400, 401, 403, 429, 500. Not retried.

    The same command in the other API versions:
    New-V2025PersonalAccessToken, New-V2026PersonalAccessToken,
    New-BetaPersonalAccessToken, New-PersonalAccessToken (v3) and
    New-PersonalAccessTokenV1 (v1).
    .EXAMPLE
    New-V2024PersonalAccessToken -CreatePersonalAccessTokenRequest @{ name = 'Nightly report'; scope = @('sp:scopes:default') }

    Creates a token with one scope, valid for six months.
    .EXAMPLE
    $request = Initialize-V2024CreatePersonalAccessTokenRequest -Name 'Deploy' -ExpirationDate (Get-Date).AddDays(30)
    New-V2024PersonalAccessToken $request

    Creates a token that expires in thirty days.
    .EXAMPLE
    $json = '{"name":"Raw","scope":["sp:scopes:all"],"accessTokenValiditySeconds":3600}'
    $result = New-V2024PersonalAccessToken $json -WithHttpInfo
    $result.StatusCode

    Sends JSON text byte for byte and shows the status, 200.
    .EXAMPLE
    New-V2025PersonalAccessToken @{ name = 'Forever'; userAwareTokenNeverExpires = $true }

    Creates a token that never expires, which v2024 cannot.
    .LINK
    Remove-V2024PersonalAccessToken
    .LINK
    New-SailPat
    .LINK
    about_SailPat_Errors
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium',
        HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/create-personal-access-token')]
    [OutputType('CreatePersonalAccessTokenResponse')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('V2024CreatePersonalAccessTokenRequest', 'V2025CreatePersonalAccessTokenRequest', 'V2026CreatePersonalAccessTokenRequest',
            'BetaCreatePersonalAccessTokenRequest')]
        [object]$CreatePersonalAccessTokenRequest,

        [switch][NotEmpty()]$WithHttpInfo,

        [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet, @('CreatePersonalAccessTokenRequest'))
        [Making]::AssertOutlet($PSCmdlet)
        $making = [Making]::new()
    }
    process {
        try {
            $making.Next()
            $made = try {
                if ($null -eq $CreatePersonalAccessTokenRequest) {
                    throw (New-MissingError 'CreatePersonalAccessTokenRequest' 'createPersonalAccessToken')
                }
                $version = Get-RowOf $script:VersionOf[[CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)] `
                    (Get-OneProfile $PSCmdlet $Profile)
                $body = ConvertTo-CreateText $CreatePersonalAccessTokenRequest
                if ($version.FillsExpiry) { $body = Add-DefaultExpiry $body }
                if ($WhatIfPreference) { Assert-RehearsedCreate $version $body }
                if (-not $PSCmdlet.ShouldProcess("personal access tokens ($(Get-RowText $version))",
                    [TerminalText]::Message("Create $body"))) {
                    return
                }
                $reply = Invoke-Operation $PSCmdlet $version 'create' ([RequestText]::Create($body, $null)) `
                    $CreatePersonalAccessTokenRequest $WithHttpInfo $making
                Set-TenantMark $PSCmdlet $version $reply.data
                if ($WithHttpInfo) { New-HttpInfo $reply $reply.data } else { $reply.data }
            }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
            $words = "'$($reply.data['name'])'"
            $making.Give($PSCmdlet, $made, "$words ($($reply.data['id']))")
            $making.Next()
            Add-ExpiryWarning $reply.data "The new token $words"
        }
        finally { if ($null -ne $making.reply) { Write-Orphan $making }; if ($script:Notes.Count) { Write-Notes } }
    }
    end { $making.isOver = $true }
    clean { Write-GivenBefore $making }
}

function Get-V2024PersonalAccessTokens {
    <#
    .SYNOPSIS
    Lists personal access tokens.
    .DESCRIPTION
    Lists the tokens of one owner, or of the whole tenant when no owner is
    given. The service answers with all of them at once; there is no
    paging. An empty list gives nothing, one token comes unwrapped.

    A token's id is the client id that signs in with it. Dates are in UTC.
    Fields that the service adds later are there like the others.
    .PARAMETER OwnerId
    The id of an identity, or me for one's own tokens; an object with an id
    will do. Omitted: the whole tenant. Also spelt -V2024OwnerId.
    .PARAMETER Filters
    'lastUsed le 2026-01-31T00:00:00Z' for tokens not used since then, or
    'lastUsed isnull' for those never used. The service knows no other
    filter; a wrong one is refused before anything is sent. Also spelt
    -V2024Filters.
    .PARAMETER Profile
    Profiles to list, by name or with wildcards, in place of the session's
    tenant. With several, each token shows its profile, and the failure of
    one is an error that hides nothing of the others.
    .PARAMETER WithHttpInfo
    Returns a hashtable with Response, StatusCode and Headers (names ignore
    case; each has an array of texts) instead of the tokens alone.
    .INPUTS
    System.String. The id of an owner, or an object with an id.
    .OUTPUTS
    GetPersonalAccessTokenResponse, or System.Collections.Hashtable with
    -WithHttpInfo.
    .NOTES
    me needs idn:my-personal-access-tokens:read. Another owner, or the
    whole tenant, needs idn:all-personal-access-tokens:read. Managed tokens
    show with idn:managed-personal-access-tokens:read.

    lastUsed moves once a day at most.

    Success: 200. Failures: 400, 401, 403, 429, 500. Retried after 429,
    502, 503, 504 and connection faults.

    The same command in the other API versions:
    Get-V2025PersonalAccessTokens, Get-V2026PersonalAccessTokens,
    Get-BetaPersonalAccessTokens, Get-PersonalAccessTokens (v3) and
    Get-PersonalAccessTokensV1 (v1).
    .EXAMPLE
    Get-V2024PersonalAccessTokens -OwnerId me

    Lists one's own tokens.
    .EXAMPLE
    Get-V2024PersonalAccessTokens -Filters 'lastUsed isnull' | Sort-Object created

    Lists every token of the tenant that was never used, the oldest first.
    .EXAMPLE
    Get-V2024PersonalAccessTokens | Export-Csv -Path tokens-of-the-tenant.csv

    Writes the whole tenant to a CSV file. No list holds a secret.
    .EXAMPLE
    Get-V2024PersonalAccessTokens -OwnerId me -Profile prod, lab

    Lists one's own tokens at two tenants.
    .LINK
    Get-V2024PersonalAccessToken
    .LINK
    Get-SailPat
    .LINK
    about_SailPat_Errors
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/list-personal-access-tokens')]
    [OutputType('GetPersonalAccessTokenResponse')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('V2024OwnerId', 'V2025OwnerId', 'V2026OwnerId', 'BetaOwnerId')]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$OwnerId,

        [Parameter(Position = 1, ValueFromPipelineByPropertyName)]
        [Alias('V2024Filters', 'V2025Filters', 'V2026Filters', 'BetaFilters')]
        [string]$Filters,

        [switch][NotEmpty()]$WithHttpInfo,

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
            $names = try {
                if (-not $OwnerId -and $PSBoundParameters.ContainsKey('OwnerId')) { throw ([Caller]::EmptyError('OwnerId')) }
                $version = $script:VersionOf[[CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)]
                $request = [RequestText]::List($OwnerId, $Filters)
                if ($Profile -or $script:Configuration['Profile']) { , @(Get-AskedProfiles $PSCmdlet $Profile) } else { , @($null) }
            }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
            if ($names.Count -le 1) {
                $listed = try {
                    # Calling a function costs as much as making ten tokens of a reply: the usual list does without.
                    if ($names[0] -or $WithHttpInfo) { Get-TokenList $PSCmdlet $version $names[0] $false $request $OwnerId $WithHttpInfo }
                    else {
                        $reply = Invoke-Operation $PSCmdlet $version 'list' $request $OwnerId
                        [PatCompleter]::Remember($script:SessionVariables, $reply.data)
                        , $reply.data
                    }
                }
                catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
                $listed
                return
            }
            try {
                $ahead = New-Ahead
                [void](Start-Ahead $PSCmdlet $ahead $names $version '' 'list' $request $WithHttpInfo)
            }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
            # Not a loop, which would take what a caller's break or continue means for its own.
            $names | & { process {
                    $name = $_
                    $listed = try { Get-TokenList $PSCmdlet ($ahead.Row($name) ?? $version) $name $true $request $OwnerId $WithHttpInfo }
                    catch {
                        $PSCmdlet.WriteError([Caller]::Documented((New-TenantError $_ $name)))
                        return
                    }
                    $listed
                } }
        }
        finally { if ($null -ne $ahead) { $ahead.Stop() }; if ($script:Notes.Count) { Write-Notes } }
    }
}

function Get-V2024PersonalAccessToken {
    <#
    .SYNOPSIS
    Gets one personal access token by its id.
    .DESCRIPTION
    The service has no request for one token: this looks among one's own
    tokens first, then among the tenant's. PSSailpoint has no such command.

    A token that one may not see is reported as not visible, with the code
    not_visible, and not as missing.
    .PARAMETER Id
    The id of the token, or an object with an id. Also spelt -V2024Id.
    .PARAMETER Profile
    The profile of the tenant to speak to, in place of the session's; comes
    with a token from the pipeline, which goes to where it came from.
    .PARAMETER WithHttpInfo
    Returns a hashtable with Response, StatusCode and Headers (names ignore
    case; each has an array of texts) instead of the token alone.
    .INPUTS
    System.String. The id of a token, or an object with an id.
    .OUTPUTS
    GetPersonalAccessTokenResponse, or System.Collections.Hashtable with
    -WithHttpInfo.
    .NOTES
    Needs the rights of a list: idn:my-personal-access-tokens:read, and
    idn:all-personal-access-tokens:read for another's token.

    Success: 200. Failures: as for a list; 404 is reported when no token
    has that id.

    The same command in the other API versions:
    Get-V2025PersonalAccessToken, Get-V2026PersonalAccessToken,
    Get-BetaPersonalAccessToken, Get-PersonalAccessToken (v3) and
    Get-PersonalAccessTokenV1 (v1).
    .EXAMPLE
    Get-V2024PersonalAccessToken -Id ef38f94347e94562b5bb8424a56397d8

    Gets the token with that id.
    .EXAMPLE
    (Get-V2024PersonalAccessToken ef38f94347e94562b5bb8424a56397d8).scope

    Shows what a token may be used for.
    .LINK
    Get-V2024PersonalAccessTokens
    .LINK
    Get-SailPat
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/list-personal-access-tokens')]
    [OutputType('GetPersonalAccessTokenResponse')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('V2024Id', 'V2025Id', 'V2026Id', 'BetaId')]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [switch][NotEmpty()]$WithHttpInfo,

        [Parameter(ValueFromPipelineByPropertyName)] [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet, @('Id'))
    }
    process {
        try {
            $found = try {
                if (-not $Id) { throw (New-MissingError 'Id' 'getPersonalAccessToken') }
                $version = Get-RowOf $script:VersionOf[[CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)] `
                    (Get-OneProfile $PSCmdlet $Profile $Id)
                $reply = Invoke-Operation $PSCmdlet $version 'get' ([RequestText]::Id($Id)) $Id $WithHttpInfo
                Set-TenantMark $PSCmdlet $version $reply.data
                if ($WithHttpInfo) { New-HttpInfo $reply $reply.data } else { $reply.data }
            }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
            $found
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}

function Update-V2024PersonalAccessToken {
    <#
    .SYNOPSIS
    Changes a personal access token with a JSON Patch.
    .DESCRIPTION
    Sends the patch and returns the token as it is then. Patchable are
    /name and /scope; from v2025 on also /expirationDate and
    /userAwareTokenNeverExpires. The service refuses any other path with
    400.

    A new scope takes up to twenty minutes to show on new bearers, and
    never changes bearers that are already out.
    .PARAMETER Id
    The id of the token, or an object with an id. Also spelt -V2024Id.
    .PARAMETER JsonPatchOperation
    One operation or several, each an object or hashtable with op, path and
    value (see Initialize-V2024JsonPatchOperation); or JSON text, which is
    sent as it is. Also spelt -V2024JsonPatchOperation.
    .PARAMETER Profile
    The profile of the tenant to speak to, in place of the session's; comes
    with a token from the pipeline, which goes to where it came from.
    .PARAMETER WithHttpInfo
    Returns a hashtable with Response, StatusCode and Headers (names ignore
    case; each has an array of texts) instead of the token alone.
    .INPUTS
    System.String. The id of a token, or an object with an id.
    .OUTPUTS
    GetPersonalAccessTokenResponse, or System.Collections.Hashtable with
    -WithHttpInfo.
    .NOTES
    Needs sp:my-personal-access-tokens:manage, and only the owner may: an
    administrator who patches another's token gets 403.

    Success: 200. Failures: 400, 401, 403, 404, 429, 500. Retried only when
    every operation replaces a value, because that is safe to repeat.

    The same command in the other API versions:
    Update-V2025PersonalAccessToken, Update-V2026PersonalAccessToken,
    Update-BetaPersonalAccessToken, Update-PersonalAccessToken (v3) and
    Update-PersonalAccessTokenV1 (v1).
    .EXAMPLE
    $rename = @{ op = 'replace'; path = '/name'; value = 'Nightly' }
    Update-V2024PersonalAccessToken -Id ef38f94347e94562b5bb8424a56397d8 -JsonPatchOperation $rename

    Renames a token.
    .EXAMPLE
    $token | Update-V2024PersonalAccessToken -JsonPatchOperation '[{"op":"replace","path":"/scope","value":["sp:scopes:default"]}]'

    Narrows the scope of a token that comes from the pipeline.
    .EXAMPLE
    $date = (Get-Date).AddDays(90)
    Update-V2025PersonalAccessToken ef38f94347e94562b5bb8424a56397d8 @{ op = 'replace'; path = '/expirationDate'; value = $date }

    Lets a token live for another ninety days, which v2024 cannot.
    .LINK
    Initialize-V2024JsonPatchOperation
    .LINK
    Set-SailPat
    .LINK
    about_SailPat_Errors
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium',
        HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/patch-personal-access-token')]
    [OutputType('GetPersonalAccessTokenResponse')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('V2024Id', 'V2025Id', 'V2026Id', 'BetaId')]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [Parameter(Position = 1, ValueFromPipelineByPropertyName)]
        [Alias('V2024JsonPatchOperation', 'V2025JsonPatchOperation', 'V2026JsonPatchOperation', 'BetaJsonPatchOperation')]
        [object[]]$JsonPatchOperation,

        [switch][NotEmpty()]$WithHttpInfo,

        [Parameter(ValueFromPipelineByPropertyName)] [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet, @('Id', 'JsonPatchOperation'))
    }
    process {
        try {
            $updated = try {
                if (-not $Id) { throw (New-MissingError 'Id' 'patchPersonalAccessToken') }
                if ([Caller]::IsEmpty($JsonPatchOperation)) { throw (New-MissingError 'JsonPatchOperation' 'patchPersonalAccessToken') }
                $version = Get-RowOf $script:VersionOf[[CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)] `
                    (Get-OneProfile $PSCmdlet $Profile $Id)
                $patch = ConvertTo-PatchText $JsonPatchOperation
                if ($WhatIfPreference) { Assert-RehearsedPatch $Id $patch }
                if (-not $PSCmdlet.ShouldProcess([TerminalText]::Message("personal access token $Id ($(Get-RowText $version))"),
                    [TerminalText]::Message("Update with $patch"))) {
                    return
                }
                $reply = Invoke-Operation $PSCmdlet $version 'update' ([RequestText]::Update($Id, $patch)) $Id $WithHttpInfo
                Set-TenantMark $PSCmdlet $version $reply.data
                if ($WithHttpInfo) { New-HttpInfo $reply $reply.data } else { $reply.data }
            }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
            $updated
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}

function Remove-V2024PersonalAccessToken {
    <#
    .SYNOPSIS
    Deletes a personal access token.
    .DESCRIPTION
    Deletes the token at once and emits nothing. What uses the token can no
    longer sign in; bearers that are already out live until they expire.

    When the reply to a delete was lost and the repeated one finds no
    token, the delete succeeded; -Verbose says so.
    .PARAMETER Id
    The id of the token, or an object with an id. Also spelt -V2024Id.
    .PARAMETER Profile
    The profile of the tenant to speak to, in place of the session's; comes
    with a token from the pipeline, which goes to where it came from.
    .PARAMETER WithHttpInfo
    Returns a hashtable with Response (empty), StatusCode (204) and
    Headers.
    .INPUTS
    System.String. The id of a token, or an object with an id.
    .OUTPUTS
    None, or System.Collections.Hashtable with -WithHttpInfo.
    .NOTES
    Needs sp:my-personal-access-tokens:manage for one's own tokens and
    sp:all-personal-access-tokens:manage for another's. Managed tokens
    belong to the platform, to workflows for instance: look twice.
    Remove-SailPat asks for -Force there.

    Success: 204. Failures: 400, 401, 403, 404, 429, 500. Retried after
    429, 502, 503, 504 and connection faults; a 404 is reported at once.

    The same command in the other API versions:
    Remove-V2025PersonalAccessToken, Remove-V2026PersonalAccessToken,
    Remove-BetaPersonalAccessToken, Remove-PersonalAccessToken (v3) and
    Remove-PersonalAccessTokenV1 (v1).
    .EXAMPLE
    Remove-V2024PersonalAccessToken -Id ef38f94347e94562b5bb8424a56397d8

    Deletes one token.
    .EXAMPLE
    Get-V2024PersonalAccessTokens -OwnerId me -Filters 'lastUsed isnull' | Remove-V2024PersonalAccessToken -WhatIf

    Shows which of one's own tokens would be deleted because they were
    never used.
    .EXAMPLE
    try { Remove-V2024PersonalAccessToken -Id ef38f94347e94562b5bb8424a56397d8 }
    catch { ($_.ErrorDetails.Message | ConvertFrom-Json).messages[0].text }

    Shows the service's own words when it fails.
    .LINK
    Remove-SailPat
    .LINK
    about_SailPat_Errors
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium',
        HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/delete-personal-access-token')]
    [OutputType([void])]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('V2024Id', 'V2025Id', 'V2026Id', 'BetaId')]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [switch][NotEmpty()]$WithHttpInfo,

        [Parameter(ValueFromPipelineByPropertyName)] [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet, @('Id'))
    }
    process {
        try {
            $removed = try {
                if (-not $Id) { throw (New-MissingError 'Id' 'deletePersonalAccessToken') }
                $version = Get-RowOf $script:VersionOf[[CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)] `
                    (Get-OneProfile $PSCmdlet $Profile $Id)
                if ($WhatIfPreference) { Assert-RehearsedId $Id }
                if (-not $PSCmdlet.ShouldProcess([TerminalText]::Message("personal access token $Id ($(Get-RowText $version))"),
                    'Delete')) {
                    return
                }
                $reply = Invoke-Operation $PSCmdlet $version 'delete' ([RequestText]::Id($Id)) $Id $WithHttpInfo
                if ($WithHttpInfo) { New-HttpInfo $reply '' }
            }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
            if ($WithHttpInfo) { $removed }
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}
