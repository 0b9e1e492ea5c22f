# The documented commands, one function for each operation. The V2024 names are written out here;
# SailPat.psm1 gives the same functions their names in the other API versions, and each finds its
# version by the name it was called by.

function New-V2024PersonalAccessToken {
    <#
    .SYNOPSIS
    Creates a personal access token for whoever signed in.
    .DESCRIPTION
    Sends the create request and returns the new token with its secret. This is the only time
    that the secret is shown. A create is never sent twice: when its reply is lost, the error
    names the token that was made in the meantime, if there is one.
    .PARAMETER CreatePersonalAccessTokenRequest
    A hashtable, an object (see Initialize-V2024CreatePersonalAccessTokenRequest) or JSON text with
    name, scope, accessTokenValiditySeconds and expirationDate. JSON text is sent as it is; of an
    object, properties that are null are not sent.
    .PARAMETER WithHttpInfo
    Returns a hashtable with Response, StatusCode and Headers instead of the token alone.
    .INPUTS
    System.Object. A request.
    .OUTPUTS
    CreatePersonalAccessTokenResponse
    .NOTES
    Needs the right sp:my-personal-access-tokens:manage. A user has ten tokens at most, and a name
    is unique for its owner. Success: 200. Failures: 400, 401, 403, 429, 500.
    .EXAMPLE
    New-V2024PersonalAccessToken -CreatePersonalAccessTokenRequest @{ name = 'Nightly report'; scope = @('sp:scopes:default') }

    Creates a token with one scope, valid for six months.
    .EXAMPLE
    $request = Initialize-V2024CreatePersonalAccessTokenRequest -Name 'Deploy' -ExpirationDate (Get-Date).AddDays(30)
    New-V2024PersonalAccessToken $request

    Creates a token that expires in thirty days.
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType('CreatePersonalAccessTokenResponse')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('V2024CreatePersonalAccessTokenRequest', 'V2025CreatePersonalAccessTokenRequest', 'V2026CreatePersonalAccessTokenRequest', 'BetaCreatePersonalAccessTokenRequest')]
        [object]$CreatePersonalAccessTokenRequest,

        [switch]$WithHttpInfo
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try {
            if ($null -eq $CreatePersonalAccessTokenRequest) { throw (New-MissingError 'CreatePersonalAccessTokenRequest' 'createPersonalAccessToken') }
            $version = $script:VersionOf[$MyInvocation.MyCommand.Name]
            $body = ConvertTo-CreateText $CreatePersonalAccessTokenRequest
            if ($version.FillsExpiry) { $body = Add-DefaultExpiry $body }
            if (-not $PSCmdlet.ShouldProcess("personal access tokens ($($version.Name))", "Create $body")) { return }
            $reply = Invoke-Operation $PSCmdlet $version 'create' $body $CreatePersonalAccessTokenRequest $WithHttpInfo
            Write-ExpiryWarning $PSCmdlet $reply.data "The new token '$($reply.data.name)'"
            if ($WithHttpInfo) { New-HttpInfo $reply $reply.data } else { $PSCmdlet.WriteObject($reply.data) }
        }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Get-V2024PersonalAccessTokens {
    <#
    .SYNOPSIS
    Lists personal access tokens.
    .DESCRIPTION
    Lists the tokens of one owner, or of the whole tenant when no owner is given. The service
    answers with all of them at once; there is no paging.
    .PARAMETER OwnerId
    The id of an identity, or me for one's own tokens. Omitted: the whole tenant.
    .PARAMETER Filters
    'lastUsed le 2024-01-31T00:00:00Z' or 'lastUsed isnull': tokens not used since then, or never.
    .PARAMETER WithHttpInfo
    Returns a hashtable with Response, StatusCode and Headers instead of the tokens alone.
    .INPUTS
    System.String. The id of an owner, or an object with an id.
    .OUTPUTS
    GetPersonalAccessTokenResponse
    .NOTES
    me needs idn:my-personal-access-tokens:read; another owner or the whole tenant needs
    idn:all-personal-access-tokens:read; managed tokens show with
    idn:managed-personal-access-tokens:read. Success: 200. Failures: 400, 401, 403, 429, 500.
    .EXAMPLE
    Get-V2024PersonalAccessTokens -OwnerId me

    Lists one's own tokens.
    .EXAMPLE
    Get-V2024PersonalAccessTokens -Filters 'lastUsed isnull' | Sort-Object created

    Lists every token of the tenant that was never used, the oldest first.
    #>
    [CmdletBinding()]
    [OutputType('GetPersonalAccessTokenResponse')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('V2024OwnerId', 'V2025OwnerId', 'V2026OwnerId', 'BetaOwnerId')]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$OwnerId,

        [Parameter(Position = 1, ValueFromPipelineByPropertyName)]
        [Alias('V2024Filters', 'V2025Filters', 'V2026Filters', 'BetaFilters')]
        [string]$Filters,

        [switch]$WithHttpInfo
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try {
            $version = $script:VersionOf[$MyInvocation.MyCommand.Name]
            $request = [RequestText]::List($OwnerId, $Filters)
            $reply = Invoke-Operation $PSCmdlet $version 'list' $request $OwnerId $WithHttpInfo
            [PatCompleter]::Remember($reply.data)
            if ($WithHttpInfo) { New-HttpInfo $reply $reply.data } else { $PSCmdlet.WriteObject($reply.data, $true) }
        }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Get-V2024PersonalAccessToken {
    <#
    .SYNOPSIS
    Gets one personal access token by its id.
    .DESCRIPTION
    The service has no request for one token: this looks among one's own tokens first, then among
    the tenant's. A token that one may not see is reported as not visible, not as missing.
    .PARAMETER Id
    The id of the token, or an object with an id.
    .PARAMETER WithHttpInfo
    Returns a hashtable with Response, StatusCode and Headers instead of the token alone.
    .INPUTS
    System.String. The id of a token, or an object with an id.
    .OUTPUTS
    GetPersonalAccessTokenResponse
    .NOTES
    Needs the rights of a list (see Get-V2024PersonalAccessTokens).
    .EXAMPLE
    Get-V2024PersonalAccessToken -Id ef38f94347e94562b5bb8424a56397d8

    Gets the token with that id.
    .EXAMPLE
    (Get-V2024PersonalAccessToken ef38f94347e94562b5bb8424a56397d8).scope

    Shows what a token may be used for.
    #>
    [CmdletBinding()]
    [OutputType('GetPersonalAccessTokenResponse')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('V2024Id', 'V2025Id', 'V2026Id', 'BetaId')]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [switch]$WithHttpInfo
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try {
            if (-not $Id) { throw (New-MissingError 'Id' 'getPersonalAccessToken') }
            $version = $script:VersionOf[$MyInvocation.MyCommand.Name]
            $reply = Invoke-Operation $PSCmdlet $version 'get' ([RequestText]::Id($Id)) $Id $WithHttpInfo
            if ($WithHttpInfo) { New-HttpInfo $reply $reply.data } else { $PSCmdlet.WriteObject($reply.data) }
        }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Update-V2024PersonalAccessToken {
    <#
    .SYNOPSIS
    Changes a personal access token with a JSON Patch.
    .DESCRIPTION
    Sends the patch and returns the token as it is then. Patchable are /name and /scope, from
    v2025 on also /expirationDate and /userAwareTokenNeverExpires. A new scope takes up to twenty
    minutes to show on new bearers, and never changes bearers that are already out.
    .PARAMETER Id
    The id of the token, or an object with an id.
    .PARAMETER JsonPatchOperation
    One operation or several, each an object or hashtable with op, path and value; or JSON text,
    which is sent as it is.
    .PARAMETER WithHttpInfo
    Returns a hashtable with Response, StatusCode and Headers instead of the token alone.
    .INPUTS
    System.String. The id of a token, or an object with an id.
    .OUTPUTS
    GetPersonalAccessTokenResponse
    .NOTES
    Needs sp:my-personal-access-tokens:manage, and only the owner may: an administrator who
    patches another's token gets 403. Success: 200. Failures: 400, 401, 403, 404, 429, 500.
    .EXAMPLE
    Update-V2024PersonalAccessToken -Id $token.id -JsonPatchOperation @{ op = 'replace'; path = '/name'; value = 'Nightly' }

    Renames a token.
    .EXAMPLE
    $token | Update-V2024PersonalAccessToken -JsonPatchOperation '[{"op":"replace","path":"/scope","value":["sp:scopes:default"]}]'

    Narrows the scope of a token that comes from the pipeline.
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType('GetPersonalAccessTokenResponse')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('V2024Id', 'V2025Id', 'V2026Id', 'BetaId')]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [Parameter(Position = 1, ValueFromPipelineByPropertyName)]
        [Alias('V2024JsonPatchOperation', 'V2025JsonPatchOperation', 'V2026JsonPatchOperation', 'BetaJsonPatchOperation')]
        [object[]]$JsonPatchOperation,

        [switch]$WithHttpInfo
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try {
            if (-not $Id) { throw (New-MissingError 'Id' 'patchPersonalAccessToken') }
            if ($null -eq $JsonPatchOperation) { throw (New-MissingError 'JsonPatchOperation' 'patchPersonalAccessToken') }
            $version = $script:VersionOf[$MyInvocation.MyCommand.Name]
            $patch = ConvertTo-PatchText $JsonPatchOperation
            if (-not $PSCmdlet.ShouldProcess("personal access token $Id ($($version.Name))", "Update with $patch")) { return }
            $reply = Invoke-Operation $PSCmdlet $version 'update' ([RequestText]::Update($Id, $patch)) $Id $WithHttpInfo
            if ($WithHttpInfo) { New-HttpInfo $reply $reply.data } else { $PSCmdlet.WriteObject($reply.data) }
        }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Remove-V2024PersonalAccessToken {
    <#
    .SYNOPSIS
    Deletes a personal access token.
    .DESCRIPTION
    Deletes the token at once and emits nothing. What uses the token can no longer sign in.
    .PARAMETER Id
    The id of the token, or an object with an id.
    .PARAMETER WithHttpInfo
    Returns a hashtable with Response, StatusCode and Headers.
    .INPUTS
    System.String. The id of a token, or an object with an id.
    .OUTPUTS
    None, or System.Collections.Hashtable with -WithHttpInfo.
    .NOTES
    Needs sp:my-personal-access-tokens:manage for one's own tokens and
    sp:all-personal-access-tokens:manage for another's. Success: 204. Failures: 400, 401, 403,
    404, 429, 500.
    .EXAMPLE
    Remove-V2024PersonalAccessToken -Id ef38f94347e94562b5bb8424a56397d8

    Deletes one token.
    .EXAMPLE
    Get-V2024PersonalAccessTokens -OwnerId me -Filters 'lastUsed isnull' | Remove-V2024PersonalAccessToken -WhatIf

    Shows which of one's own tokens would be deleted because they were never used.
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType([void])]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('V2024Id', 'V2025Id', 'V2026Id', 'BetaId')]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [switch]$WithHttpInfo
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try {
            if (-not $Id) { throw (New-MissingError 'Id' 'deletePersonalAccessToken') }
            $version = $script:VersionOf[$MyInvocation.MyCommand.Name]
            if (-not $PSCmdlet.ShouldProcess("personal access token $Id ($($version.Name))", 'Delete')) { return }
            $reply = Invoke-Operation $PSCmdlet $version 'delete' ([RequestText]::Id($Id)) $Id $WithHttpInfo
            if ($WithHttpInfo) { New-HttpInfo $reply '' }
        }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}
