# The documented helpers that build and read the service's models. Only the V2024 names are written
# here (and two V2025 ones, with the field that v2025 added); update-names.ps1 gives the rest their names.

function Initialize-V2024CreatePersonalAccessTokenRequest {
    <#
    .SYNOPSIS
    Makes a request to create a token.
    .DESCRIPTION
    Returns an object with all fields of the model
    CreatePersonalAccessTokenRequest, in the service's order and spelling;
    those without a value are null.

    A missing name is an error, and so is a validity outside 15 to 43200
    seconds.
    .PARAMETER Name
    The name of the token; unique for its owner.
    .PARAMETER Scope
    What the token may be used for. Without one the service gives
    sp:scopes:all.
    .PARAMETER AccessTokenValiditySeconds
    How long a bearer made with the token is valid: 15 to 43200 seconds.
    Without it the service gives 43200.
    .PARAMETER ExpirationDate
    When the token expires.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent. Every API version has this helper:
    Initialize-V2025CreatePersonalAccessTokenRequest,
    Initialize-V2026CreatePersonalAccessTokenRequest,
    Initialize-BetaCreatePersonalAccessTokenRequest and, for v3 and v1,
    Initialize-CreatePersonalAccessTokenRequest.
    .EXAMPLE
    $request = Initialize-V2024CreatePersonalAccessTokenRequest -Name 'Deploy' -Scope 'sp:scopes:default'
    New-V2024PersonalAccessToken $request

    Makes a request and creates the token. What is null in the request is
    not sent.
    .EXAMPLE
    Initialize-V2024CreatePersonalAccessTokenRequest 'Deploy' -AccessTokenValiditySeconds 3600 | ConvertTo-Json

    Shows the request as JSON, nulls included.
    .LINK
    ConvertFrom-V2024JsonToCreatePersonalAccessTokenRequest
    .LINK
    New-V2024PersonalAccessToken
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/create-personal-access-token')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [string]$Name,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [string[]]$Scope,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [Nullable[int]]$AccessTokenValiditySeconds,
        [Parameter(Position = 3, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$ExpirationDate
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        $made = try {
            New-ModelObject ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) `
                @{
                    name = $Name; scope = $Scope; accessTokenValiditySeconds = $AccessTokenValiditySeconds; expirationDate = $ExpirationDate
                } $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

function Initialize-V2025CreatePersonalAccessTokenRequest {
    <#
    .SYNOPSIS
    Makes a request to create a token.
    .DESCRIPTION
    Returns an object with all fields of the model
    CreatePersonalAccessTokenRequest, in the service's order and spelling;
    those without a value are null.

    A missing name is an error, and so is a validity outside 15 to 43200
    seconds.
    .PARAMETER Name
    The name of the token; unique for its owner.
    .PARAMETER Scope
    What the token may be used for. Without one the service gives
    sp:scopes:all.
    .PARAMETER AccessTokenValiditySeconds
    How long a bearer made with the token is valid: 15 to 43200 seconds.
    Without it the service gives 43200.
    .PARAMETER ExpirationDate
    When the token expires.
    .PARAMETER UserAwareTokenNeverExpires
    Acknowledges that the token never expires. Needed, and true, when there
    is no expirationDate; false unless given. Not a field of v2024, Beta
    and v3; the helpers without a prefix, which v3 and v1 share, leave it
    out unless it is given.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent. Every API version has this helper:
    Initialize-V2024CreatePersonalAccessTokenRequest,
    Initialize-V2026CreatePersonalAccessTokenRequest,
    Initialize-BetaCreatePersonalAccessTokenRequest and, for v3 and v1,
    Initialize-CreatePersonalAccessTokenRequest.
    .EXAMPLE
    $request = Initialize-V2025CreatePersonalAccessTokenRequest -Name 'Deploy' -UserAwareTokenNeverExpires $true
    New-V2025PersonalAccessToken $request

    Creates a token that never expires.
    .EXAMPLE
    $request = Initialize-V2025CreatePersonalAccessTokenRequest -Name 'Deploy' -ExpirationDate (Get-Date).AddDays(90)
    New-V2025PersonalAccessToken $request

    Creates a token that expires in ninety days.
    .LINK
    ConvertFrom-V2024JsonToCreatePersonalAccessTokenRequest
    .LINK
    New-V2025PersonalAccessToken
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2025/create-personal-access-token')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [string]$Name,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [string[]]$Scope,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [Nullable[int]]$AccessTokenValiditySeconds,
        [Parameter(Position = 3, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$ExpirationDate,
        [Parameter(Position = 4, ValueFromPipelineByPropertyName)] [Nullable[bool]]$UserAwareTokenNeverExpires = $false
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        $made = try {
            New-ModelObject ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) `
                @{
                    name = $Name
                    scope = $Scope
                    accessTokenValiditySeconds = $AccessTokenValiditySeconds
                    expirationDate = $ExpirationDate
                    userAwareTokenNeverExpires = $UserAwareTokenNeverExpires
                } $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

function Initialize-V2024CreatePersonalAccessTokenResponse {
    <#
    .SYNOPSIS
    Makes the reply to a create, for tests of a script for instance.
    .DESCRIPTION
    Returns an object with all fields of the model
    CreatePersonalAccessTokenResponse, in the service's order and spelling;
    those without a value are null.

    Only the scope may be missing; any other field without a value is an
    error.
    .PARAMETER Id
    The id of the token, which is also the client id that signs in with it.
    .PARAMETER Secret
    The secret of the token.
    .PARAMETER Scope
    What the token may be used for. Without one the service gives
    sp:scopes:all.
    .PARAMETER Name
    The name of the token; unique for its owner.
    .PARAMETER Owner
    Whose token it is: a PatOwner.
    .PARAMETER Created
    When the token was created.
    .PARAMETER AccessTokenValiditySeconds
    How long a bearer made with the token is valid: 15 to 43200 seconds.
    Without it the service gives 43200.
    .PARAMETER ExpirationDate
    When the token expires.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent. Every API version has this helper:
    Initialize-V2025CreatePersonalAccessTokenResponse,
    Initialize-V2026CreatePersonalAccessTokenResponse,
    Initialize-BetaCreatePersonalAccessTokenResponse and, for v3 and v1,
    Initialize-CreatePersonalAccessTokenResponse.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Type IDENTITY -Id 2c9180a46faadee4016fb4e018c20639 -Name 'Support'
    $life = @{ AccessTokenValiditySeconds = 3600; ExpirationDate = (Get-Date).AddDays(30) }
    Initialize-V2024CreatePersonalAccessTokenResponse -Id a1 -Secret s1 -Name 'Deploy' -Owner $owner -Created (Get-Date) @life

    Makes a reply as the service would give it.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Type IDENTITY -Id 2c9180a46faadee4016fb4e018c20639 -Name 'Support'
    $life = @{ AccessTokenValiditySeconds = 3600; ExpirationDate = (Get-Date).AddDays(30) }
    $reply = Initialize-V2024CreatePersonalAccessTokenResponse -Id a1 -Secret s1 -Name 'Deploy' -Owner $owner -Created (Get-Date) @life
    $reply | ConvertTo-Json -Depth 5

    Shows it as JSON.
    .LINK
    ConvertFrom-V2024JsonToCreatePersonalAccessTokenResponse
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/create-personal-access-token')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [string]$Id,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [string]$Secret,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [string[]]$Scope,
        [Parameter(Position = 3, ValueFromPipelineByPropertyName)] [string]$Name,
        [Parameter(Position = 4, ValueFromPipelineByPropertyName)] [object]$Owner,
        [Parameter(Position = 5, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$Created,
        [Parameter(Position = 6, ValueFromPipelineByPropertyName)] [Nullable[int]]$AccessTokenValiditySeconds,
        [Parameter(Position = 7, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$ExpirationDate
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        $made = try {
            New-ModelObject ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) `
                @{
                    id = $Id
                    secret = $Secret
                    scope = $Scope
                    name = $Name
                    owner = $Owner
                    created = $Created
                    accessTokenValiditySeconds = $AccessTokenValiditySeconds
                    expirationDate = $ExpirationDate
                } $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

function Initialize-V2024GetPersonalAccessTokenResponse {
    <#
    .SYNOPSIS
    Makes a token as a list shows it, for tests of a script for instance.
    .DESCRIPTION
    Returns an object with all fields of the model
    GetPersonalAccessTokenResponse, in the service's order and spelling;
    those without a value are null.

    Id, name, owner and created must be given.
    .PARAMETER Id
    The id of the token, which is also the client id that signs in with it.
    .PARAMETER Name
    The name of the token; unique for its owner.
    .PARAMETER Scope
    What the token may be used for. Without one the service gives
    sp:scopes:all.
    .PARAMETER Owner
    Whose token it is: a PatOwner.
    .PARAMETER Created
    When the token was created.
    .PARAMETER LastUsed
    When a bearer was last made with the token; moves once a day at most.
    .PARAMETER Managed
    Whether the platform manages the token, for a workflow for instance;
    false unless given.
    .PARAMETER AccessTokenValiditySeconds
    How long a bearer made with the token is valid: 15 to 43200 seconds.
    Without it the service gives 43200.
    .PARAMETER ExpirationDate
    When the token expires.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent. Every API version has this helper:
    Initialize-V2025GetPersonalAccessTokenResponse,
    Initialize-V2026GetPersonalAccessTokenResponse,
    Initialize-BetaGetPersonalAccessTokenResponse and, for v3 and v1,
    Initialize-GetPersonalAccessTokenResponse.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Type IDENTITY -Id 2c9180a46faadee4016fb4e018c20639 -Name 'Support'
    Initialize-V2024GetPersonalAccessTokenResponse -Id a1 -Name 'Deploy' -Owner $owner -Created (Get-Date)

    Makes a token that was never used.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Type IDENTITY -Id 2c9180a46faadee4016fb4e018c20639 -Name 'Support'
    Initialize-V2024GetPersonalAccessTokenResponse -Id a1 -Name 'Deploy' -Owner $owner -Created (Get-Date) | ConvertTo-Json -Depth 5

    Shows it as JSON.
    .LINK
    ConvertFrom-V2024JsonToGetPersonalAccessTokenResponse
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/list-personal-access-tokens')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [string]$Id,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [string]$Name,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [string[]]$Scope,
        [Parameter(Position = 3, ValueFromPipelineByPropertyName)] [object]$Owner,
        [Parameter(Position = 4, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$Created,
        [Parameter(Position = 5, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$LastUsed,
        [Parameter(Position = 6, ValueFromPipelineByPropertyName)] [Nullable[bool]]$Managed = $false,
        [Parameter(Position = 7, ValueFromPipelineByPropertyName)] [Nullable[int]]$AccessTokenValiditySeconds = 43200,
        [Parameter(Position = 8, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$ExpirationDate
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        $made = try {
            New-ModelObject ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) `
                @{
                    id = $Id
                    name = $Name
                    scope = $Scope
                    owner = $Owner
                    created = $Created
                    lastUsed = $LastUsed
                    managed = $Managed
                    accessTokenValiditySeconds = $AccessTokenValiditySeconds
                    expirationDate = $ExpirationDate
                } $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

function Initialize-V2025GetPersonalAccessTokenResponse {
    <#
    .SYNOPSIS
    Makes a token as a list shows it, for tests of a script for instance.
    .DESCRIPTION
    Returns an object with all fields of the model
    GetPersonalAccessTokenResponse, in the service's order and spelling;
    those without a value are null.

    Id, name, owner and created must be given.
    .PARAMETER Id
    The id of the token, which is also the client id that signs in with it.
    .PARAMETER Name
    The name of the token; unique for its owner.
    .PARAMETER Scope
    What the token may be used for. Without one the service gives
    sp:scopes:all.
    .PARAMETER Owner
    Whose token it is: a PatOwner.
    .PARAMETER Created
    When the token was created.
    .PARAMETER LastUsed
    When a bearer was last made with the token; moves once a day at most.
    .PARAMETER Managed
    Whether the platform manages the token, for a workflow for instance;
    false unless given.
    .PARAMETER AccessTokenValiditySeconds
    How long a bearer made with the token is valid: 15 to 43200 seconds.
    Without it the service gives 43200.
    .PARAMETER ExpirationDate
    When the token expires.
    .PARAMETER UserAwareTokenNeverExpires
    Acknowledges that the token never expires. False unless given. Not a
    field of v2024, Beta and v3; the helpers without a prefix, which v3 and
    v1 share, leave it out unless it is given.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent. Every API version has this helper:
    Initialize-V2024GetPersonalAccessTokenResponse,
    Initialize-V2026GetPersonalAccessTokenResponse,
    Initialize-BetaGetPersonalAccessTokenResponse and, for v3 and v1,
    Initialize-GetPersonalAccessTokenResponse.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Type IDENTITY -Id 2c9180a46faadee4016fb4e018c20639 -Name 'Support'
    Initialize-V2025GetPersonalAccessTokenResponse -Id a1 -Name 'Deploy' -Owner $owner -Created (Get-Date)

    Makes a token that was never used.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Type IDENTITY -Id 2c9180a46faadee4016fb4e018c20639 -Name 'Support'
    Initialize-V2025GetPersonalAccessTokenResponse -Id a1 -Name 'Deploy' -Owner $owner -Created (Get-Date) | ConvertTo-Json -Depth 5

    Shows it as JSON.
    .LINK
    ConvertFrom-V2024JsonToGetPersonalAccessTokenResponse
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2025/list-personal-access-tokens')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [string]$Id,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [string]$Name,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [string[]]$Scope,
        [Parameter(Position = 3, ValueFromPipelineByPropertyName)] [object]$Owner,
        [Parameter(Position = 4, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$Created,
        [Parameter(Position = 5, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$LastUsed,
        [Parameter(Position = 6, ValueFromPipelineByPropertyName)] [Nullable[bool]]$Managed = $false,
        [Parameter(Position = 7, ValueFromPipelineByPropertyName)] [Nullable[int]]$AccessTokenValiditySeconds = 43200,
        [Parameter(Position = 8, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$ExpirationDate,
        [Parameter(Position = 9, ValueFromPipelineByPropertyName)] [Nullable[bool]]$UserAwareTokenNeverExpires = $false
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        $made = try {
            New-ModelObject ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) `
                @{
                    id = $Id
                    name = $Name
                    scope = $Scope
                    owner = $Owner
                    created = $Created
                    lastUsed = $LastUsed
                    managed = $Managed
                    accessTokenValiditySeconds = $AccessTokenValiditySeconds
                    expirationDate = $ExpirationDate
                    userAwareTokenNeverExpires = $UserAwareTokenNeverExpires
                } $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

function Initialize-V2024JsonPatchOperation {
    <#
    .SYNOPSIS
    Makes one operation of a JSON Patch.
    .DESCRIPTION
    Returns an object with all fields of the model JsonPatchOperation, in
    the service's order and spelling; those without a value are null.

    Op and path must be given.
    .PARAMETER Op
    What to do: add, remove, replace, move, copy or test.
    .PARAMETER Path
    A JSON Pointer to what changes: /name or /scope; from v2025 on also
    /expirationDate or /userAwareTokenNeverExpires.
    .PARAMETER Value
    The new value, of the kind that the field has: a list for /scope.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent. Every API version has this helper:
    Initialize-V2025JsonPatchOperation, Initialize-V2026JsonPatchOperation,
    Initialize-BetaJsonPatchOperation and, for v3 and v1,
    Initialize-JsonPatchOperation.
    .EXAMPLE
    $rename = Initialize-V2024JsonPatchOperation -Op replace -Path /name -Value 'Nightly'
    Update-V2024PersonalAccessToken -Id ef38f94347e94562b5bb8424a56397d8 -JsonPatchOperation $rename

    Renames a token.
    .EXAMPLE
    $operations = @(
        Initialize-V2024JsonPatchOperation -Op replace -Path /name -Value 'Nightly'
        Initialize-V2024JsonPatchOperation -Op replace -Path /scope -Value @('sp:scopes:default')
    )
    Update-V2024PersonalAccessToken ef38f94347e94562b5bb8424a56397d8 $operations

    Changes name and scope in one request.
    .LINK
    ConvertFrom-V2024JsonToJsonPatchOperation
    .LINK
    Update-V2024PersonalAccessToken
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/patch-personal-access-token')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [ValidateSet('add', 'remove', 'replace', 'move', 'copy',
            'test')] [string]$Op,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [ArgumentCompleter([PatCompleter])] [string]$Path,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [object]$Value
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        $made = try {
            New-ModelObject ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) @{ op = $Op; path = $Path; value = $Value } `
                $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

function Initialize-V2024PatOwner {
    <#
    .SYNOPSIS
    Makes the owner of a token.
    .DESCRIPTION
    Returns an object with all fields of the model PatOwner, in the
    service's order and spelling; those without a value are null.
    .PARAMETER Type
    Always IDENTITY.
    .PARAMETER Id
    The id of the identity.
    .PARAMETER Name
    The name of the identity.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent. Every API version has this helper:
    Initialize-V2025PatOwner, Initialize-V2026PatOwner,
    Initialize-BetaPatOwner and, for v3 and v1, Initialize-PatOwner.
    .EXAMPLE
    Initialize-V2024PatOwner -Type IDENTITY -Id 2c9180a46faadee4016fb4e018c20639 -Name 'Support'

    Makes an owner.
    .EXAMPLE
    Initialize-V2024PatOwner IDENTITY 2c9180a46faadee4016fb4e018c20639 | ConvertTo-Json

    Shows one as JSON; its name is null.
    .LINK
    ConvertFrom-V2024JsonToPatOwner
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/personal-access-tokens')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [ValidateSet('IDENTITY')] [string]$Type,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [string]$Id,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [string]$Name
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        $made = try {
            New-ModelObject ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) @{ type = $Type; id = $Id; name = $Name } `
                $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

function Initialize-V2024ErrorResponseDto {
    <#
    .SYNOPSIS
    Makes the body of an error of the service.
    .DESCRIPTION
    Returns an object with all fields of the model ErrorResponseDto, in the
    service's order and spelling; those without a value are null.
    .PARAMETER DetailCode
    The code of the error in words, such as 404 Not found.
    .PARAMETER TrackingId
    The id under which the service knows the error.
    .PARAMETER Messages
    What went wrong, each an ErrorMessageDto.
    .PARAMETER Causes
    Why, each an ErrorMessageDto.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent. Every API version has this helper:
    Initialize-V2025ErrorResponseDto, Initialize-V2026ErrorResponseDto,
    Initialize-BetaErrorResponseDto and, for v3 and v1,
    Initialize-ErrorResponseDto.
    .EXAMPLE
    $message = Initialize-V2024ErrorMessageDto -Locale en-US -LocaleOrigin DEFAULT -Text 'Not found.'
    Initialize-V2024ErrorResponseDto -DetailCode '404 Not found' -TrackingId b21b1f7c -Messages $message

    Makes the body of a 404.
    .EXAMPLE
    Initialize-V2024ErrorResponseDto -DetailCode '400 Bad request' | ConvertTo-Json

    Shows one as JSON.
    .LINK
    ConvertFrom-V2024JsonToErrorResponseDto
    .LINK
    about_SailPat_Errors
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/personal-access-tokens')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [string]$DetailCode,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [string]$TrackingId,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [object[]]$Messages,
        [Parameter(Position = 3, ValueFromPipelineByPropertyName)] [object[]]$Causes
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        $made = try {
            New-ModelObject ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) `
                @{ detailCode = $DetailCode; trackingId = $TrackingId; messages = $Messages; causes = $Causes } $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

function Initialize-V2024ErrorMessageDto {
    <#
    .SYNOPSIS
    Makes a message in the body of an error.
    .DESCRIPTION
    Returns an object with all fields of the model ErrorMessageDto, in the
    service's order and spelling; those without a value are null.
    .PARAMETER Locale
    The language of the text, such as en-US.
    .PARAMETER LocaleOrigin
    Where the language came from: DEFAULT, REQUEST, or an empty text.
    .PARAMETER Text
    The message.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent. Every API version has this helper:
    Initialize-V2025ErrorMessageDto, Initialize-V2026ErrorMessageDto,
    Initialize-BetaErrorMessageDto and, for v3 and v1,
    Initialize-ErrorMessageDto.
    .EXAMPLE
    Initialize-V2024ErrorMessageDto -Locale en-US -LocaleOrigin DEFAULT -Text 'Not found.'

    Makes a message.
    .EXAMPLE
    Initialize-V2024ErrorMessageDto -Text 'Not found.' | ConvertTo-Json

    Shows one as JSON.
    .LINK
    ConvertFrom-V2024JsonToErrorMessageDto
    .LINK
    Initialize-V2024ErrorResponseDto
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/personal-access-tokens')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [string]$Locale,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [ValidateSet('DEFAULT', 'REQUEST', '')] [string]$LocaleOrigin,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [string]$Text
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        $made = try {
            New-ModelObject ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) `
                @{ locale = $Locale; localeOrigin = $LocaleOrigin; text = $Text } $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

function Initialize-V2024ListAccessProfiles401Response {
    <#
    .SYNOPSIS
    Makes the body of a 401.
    .DESCRIPTION
    Returns an object with all fields of the model
    ListAccessProfiles401Response, in the service's order and spelling;
    those without a value are null.
    .PARAMETER VarError
    The value of the field error.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent. The model's name differs between the
    API versions: ListAccessProfiles401Response in v2024, v2025 and v3,
    GetAccessRequestConfig401Response in v2026,
    ListAccessModelMetadataAttribute401Response in Beta, and
    ListPersonalAccessTokensV1401Response in v1.
    .EXAMPLE
    Initialize-V2024ListAccessProfiles401Response -VarError 'JWT is required'

    Makes the body that a request without a bearer gets.
    .EXAMPLE
    Initialize-V2026GetAccessRequestConfig401Response 'JWT validation failed: JWT is expired' | ConvertTo-Json

    Shows the one for an expired bearer, by its v2026 name, as JSON.
    .LINK
    ConvertFrom-V2024JsonToListAccessProfiles401Response
    .LINK
    about_SailPat_Errors
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/personal-access-tokens')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [object]$VarError
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        $made = try {
            New-ModelObject ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) @{ error = $VarError } $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

function Initialize-V2024ListAccessProfiles429Response {
    <#
    .SYNOPSIS
    Makes the body of a 429.
    .DESCRIPTION
    Returns an object with all fields of the model
    ListAccessProfiles429Response, in the service's order and spelling;
    those without a value are null.
    .PARAMETER Message
    The value of the field message.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent. The model's name differs between the
    API versions: ListAccessProfiles429Response in v2024, v2025 and v3,
    GetAccessRequestConfig429Response in v2026,
    ListAccessModelMetadataAttribute429Response in Beta, and
    ListPersonalAccessTokensV1429Response in v1.
    .EXAMPLE
    Initialize-V2024ListAccessProfiles429Response -Message ' Rate Limit Exceeded '

    Makes the body that comes with Retry-After.
    .EXAMPLE
    Initialize-V2026GetAccessRequestConfig429Response ' Rate Limit Exceeded ' | ConvertTo-Json

    Shows it, by its v2026 name, as JSON.
    .LINK
    ConvertFrom-V2024JsonToListAccessProfiles429Response
    .LINK
    about_SailPat_Errors
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/personal-access-tokens')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [object]$Message
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        $made = try {
            New-ModelObject ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) @{ message = $Message } $PSBoundParameters
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

# Every ConvertFrom-…JsonTo… command: which model, it finds by the name it was called by. This name
# itself is not exported.
function ConvertFrom-V2024JsonToPersonalAccessTokenModel {
    <#
    .SYNOPSIS
    Reads a model of the service from JSON text.
    .DESCRIPTION
    Returns an object with all fields of the model that the command is
    named after; those that the JSON leaves out are null. A field that the
    model does not have is an error, and so is a missing one that is marked
    here with a star:

      CreatePersonalAccessTokenRequest   name*, scope,
                                         accessTokenValiditySeconds,
                                         expirationDate
      CreatePersonalAccessTokenResponse  id*, secret*, scope*, name*, owner*,
                                         created*, expirationDate*,
                                         accessTokenValiditySeconds*
      GetPersonalAccessTokenResponse     id*, name*, scope*, owner*, created*,
                                         lastUsed, managed,
                                         accessTokenValiditySeconds,
                                         expirationDate
      JsonPatchOperation                 op*, path*, value
      PatOwner                           type, id, name
      ErrorResponseDto                   detailCode, trackingId, messages,
                                         causes
      ErrorMessageDto                    locale, localeOrigin, text
      ListAccessProfiles401Response      error
      ListAccessProfiles429Response      message

    From v2025 on, CreatePersonalAccessTokenRequest and
    GetPersonalAccessTokenResponse have userAwareTokenNeverExpires, too. An
    array gives one object for each element. What a list or a create of
    this module returned needs no conversion.
    .PARAMETER Json
    The JSON text. Lines from the pipeline are one text, as Get-Content
    gives them; texts that are each whole JSON are read one by one.
    .INPUTS
    System.String. JSON text.
    .OUTPUTS
    GetPersonalAccessTokenResponse, CreatePersonalAccessTokenResponse and
    PatOwner are what the commands give; the others are
    System.Management.Automation.PSCustomObject.
    .NOTES
    Needs no rights: nothing is sent. Names with JsonTo and no version,
    such as ConvertFrom-JsonToPatOwner, are those of v3 and v1, and the
    other spelling of the V2024 names. The 401 and 429 models have other
    names in some versions: see
    Initialize-V2024ListAccessProfiles401Response.
    .EXAMPLE
    $request = ConvertFrom-V2024JsonToCreatePersonalAccessTokenRequest -Json '{"name":"Deploy","scope":["sp:scopes:default"]}'
    New-V2024PersonalAccessToken -CreatePersonalAccessTokenRequest $request

    Creates a token from JSON text that is checked first.
    .EXAMPLE
    $operations = '[{"op":"replace","path":"/name","value":"Nightly"}]' | ConvertFrom-V2024JsonToJsonPatchOperation
    Update-V2024PersonalAccessToken -Id ef38f94347e94562b5bb8424a56397d8 -JsonPatchOperation $operations

    Reads the operations of a JSON Patch from the pipeline.
    .EXAMPLE
    try { Get-V2024PersonalAccessTokens -OwnerId me -Filters 'lastUsed le 2026-01-31T00:00:00Z' }
    catch { $_.ErrorDetails.Message | ConvertFrom-V2024JsonToErrorResponseDto }

    Reads the body of an error.
    .LINK
    New-V2024PersonalAccessToken
    .LINK
    Update-V2024PersonalAccessToken
    .LINK
    about_SailPat_Migrating
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/personal-access-tokens')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [AllowEmptyString()] [string]$Json
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
        $texts = [System.Collections.Generic.List[string]]::new()
    }
    process { $texts.Add($Json) }
    end {
        $made = try {
            , @(foreach ($document in Get-JsonDocuments $texts.ToArray()) {
                    ConvertFrom-ModelJson ([CommandName]::Of($script:NameOf, $MyInvocation.MyCommand)) $document
                })
        }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        $made
    }
}

function ConvertFrom-JsonToJsonPatchOperationValue {
    <#
    .SYNOPSIS
    Reads the value of a JSON Patch operation from JSON text.
    .DESCRIPTION
    A value may be a text, a number, true or false, an object or an array.
    An array of one stays an array.
    .PARAMETER Json
    The JSON text. An empty one gives nothing.
    .INPUTS
    System.String. JSON text.
    .OUTPUTS
    System.Object
    .NOTES
    Needs no rights: nothing is sent. Only v3 and v1 have this helper.
    .EXAMPLE
    ConvertFrom-JsonToJsonPatchOperationValue -Json '["sp:scopes:default"]'

    Reads a list of scopes.
    .EXAMPLE
    $value = '"Nightly"' | ConvertFrom-JsonToJsonPatchOperationValue
    Initialize-JsonPatchOperation -Op replace -Path /name -Value $value

    Reads a text, and makes an operation with it.
    .LINK
    Initialize-V2024JsonPatchOperation
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/patch-personal-access-token')]
    [OutputType([object], [array])]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [AllowEmptyString()] [string]$Json
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Preferences($PSCmdlet)
    }
    process {
        if (-not $Json) { return }
        $value = try { , (ConvertFrom-JsonValue $Json) }
        catch { $PSCmdlet.ThrowTerminatingError([Caller]::Documented($_)) }
        # As one object, also an array.
        , $value
    }
}
