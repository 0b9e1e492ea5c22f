# The documented helpers that build and read the service's models. Only the V2024 names are written
# here (and two V2025 ones, with the field that v2025 added); Register-ModelCommands names the rest.

function Initialize-V2024CreatePersonalAccessTokenRequest {
    <#
    .SYNOPSIS
    Makes a request to create a token.
    .DESCRIPTION
    Returns an object with all fields of the model CreatePersonalAccessTokenRequest, those without a value as null.
    .PARAMETER Name
    The name of the token; unique for its owner.
    .PARAMETER Scope
    What the token may be used for; omitted: sp:scopes:all.
    .PARAMETER AccessTokenValiditySeconds
    How long a bearer made with the token is valid, 15 to 43200 seconds.
    .PARAMETER ExpirationDate
    When the token expires.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    Initialize-V2024CreatePersonalAccessTokenRequest -Name 'Deploy' -Scope 'sp:scopes:default'

    Makes a request to create a token.
    .EXAMPLE
    Initialize-V2024CreatePersonalAccessTokenRequest -Name 'Deploy' -AccessTokenValiditySeconds 3600

    The same with other values.
    #>
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [string]$Name,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [string[]]$Scope,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [Nullable[int]]$AccessTokenValiditySeconds,
        [Parameter(Position = 3, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$ExpirationDate
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { New-ModelObject $MyInvocation.MyCommand.Name @{ name = $Name; scope = $Scope; accessTokenValiditySeconds = $AccessTokenValiditySeconds; expirationDate = $ExpirationDate } $PSBoundParameters }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Initialize-V2025CreatePersonalAccessTokenRequest {
    <#
    .SYNOPSIS
    Makes a request to create a token.
    .DESCRIPTION
    Returns an object with all fields of the model CreatePersonalAccessTokenRequest, those without a value as null.
    .PARAMETER Name
    The name of the token; unique for its owner.
    .PARAMETER Scope
    What the token may be used for; omitted: sp:scopes:all.
    .PARAMETER AccessTokenValiditySeconds
    How long a bearer made with the token is valid, 15 to 43200 seconds.
    .PARAMETER ExpirationDate
    When the token expires.
    .PARAMETER UserAwareTokenNeverExpires
    That the user knows what a token means that never expires.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    Initialize-V2025CreatePersonalAccessTokenRequest -Name 'Deploy' -UserAwareTokenNeverExpires $true

    Makes a request to create a token.
    .EXAMPLE
    Initialize-V2025CreatePersonalAccessTokenRequest -Name 'Deploy' -ExpirationDate (Get-Date).AddDays(90)

    The same with other values.
    #>
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [string]$Name,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [string[]]$Scope,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [Nullable[int]]$AccessTokenValiditySeconds,
        [Parameter(Position = 3, ValueFromPipelineByPropertyName)] [Nullable[datetime]]$ExpirationDate,
        [Parameter(Position = 4, ValueFromPipelineByPropertyName)] [Nullable[bool]]$UserAwareTokenNeverExpires = $false
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { New-ModelObject $MyInvocation.MyCommand.Name @{ name = $Name; scope = $Scope; accessTokenValiditySeconds = $AccessTokenValiditySeconds; expirationDate = $ExpirationDate; userAwareTokenNeverExpires = $UserAwareTokenNeverExpires } $PSBoundParameters }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Initialize-V2024CreatePersonalAccessTokenResponse {
    <#
    .SYNOPSIS
    Makes the reply to a create.
    .DESCRIPTION
    Returns an object with all fields of the model CreatePersonalAccessTokenResponse, those without a value as null.
    .PARAMETER Id
    The id of the token, which is also the client id that signs in with it.
    .PARAMETER Secret
    The secret of the token.
    .PARAMETER Scope
    What the token may be used for; omitted: sp:scopes:all.
    .PARAMETER Name
    The name of the token; unique for its owner.
    .PARAMETER Owner
    Whose token it is, a PatOwner.
    .PARAMETER Created
    When the token was created.
    .PARAMETER AccessTokenValiditySeconds
    How long a bearer made with the token is valid, 15 to 43200 seconds.
    .PARAMETER ExpirationDate
    When the token expires.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Id '2c9180a46faadee4016fb4e018c20639'
    Initialize-V2024CreatePersonalAccessTokenResponse -Id 'a1' -Secret 's' -Name 'Deploy' -Owner $owner -Created (Get-Date) -AccessTokenValiditySeconds 3600 -ExpirationDate (Get-Date).AddDays(30)

    Makes the reply to a create.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Id '2c9180a46faadee4016fb4e018c20639'
    Initialize-V2024CreatePersonalAccessTokenResponse -Id 'a1' -Secret 's' -Name 'Deploy' -Owner $owner -Created (Get-Date) -AccessTokenValiditySeconds 3600 -ExpirationDate (Get-Date).AddDays(30) | ConvertTo-Json -Depth 5

    The same with its JSON as output.
    #>
    [CmdletBinding()]
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
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { New-ModelObject $MyInvocation.MyCommand.Name @{ id = $Id; secret = $Secret; scope = $Scope; name = $Name; owner = $Owner; created = $Created; accessTokenValiditySeconds = $AccessTokenValiditySeconds; expirationDate = $ExpirationDate } $PSBoundParameters }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Initialize-V2024GetPersonalAccessTokenResponse {
    <#
    .SYNOPSIS
    Makes a token as a list shows it.
    .DESCRIPTION
    Returns an object with all fields of the model GetPersonalAccessTokenResponse, those without a value as null.
    .PARAMETER Id
    The id of the token, which is also the client id that signs in with it.
    .PARAMETER Name
    The name of the token; unique for its owner.
    .PARAMETER Scope
    What the token may be used for; omitted: sp:scopes:all.
    .PARAMETER Owner
    Whose token it is, a PatOwner.
    .PARAMETER Created
    When the token was created.
    .PARAMETER LastUsed
    When the token last made a bearer; moves once a day at most.
    .PARAMETER Managed
    Whether the platform manages the token, for a workflow for instance.
    .PARAMETER AccessTokenValiditySeconds
    How long a bearer made with the token is valid, 15 to 43200 seconds.
    .PARAMETER ExpirationDate
    When the token expires.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Id '2c9180a46faadee4016fb4e018c20639'
    Initialize-V2024GetPersonalAccessTokenResponse -Id 'a1' -Name 'Deploy' -Owner $owner -Created (Get-Date)

    Makes a token as a list shows it.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Id '2c9180a46faadee4016fb4e018c20639'
    Initialize-V2024GetPersonalAccessTokenResponse -Id 'a1' -Name 'Deploy' -Owner $owner -Created (Get-Date) | ConvertTo-Json -Depth 5

    The same with its JSON as output.
    #>
    [CmdletBinding()]
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
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { New-ModelObject $MyInvocation.MyCommand.Name @{ id = $Id; name = $Name; scope = $Scope; owner = $Owner; created = $Created; lastUsed = $LastUsed; managed = $Managed; accessTokenValiditySeconds = $AccessTokenValiditySeconds; expirationDate = $ExpirationDate } $PSBoundParameters }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Initialize-V2025GetPersonalAccessTokenResponse {
    <#
    .SYNOPSIS
    Makes a token as a list shows it.
    .DESCRIPTION
    Returns an object with all fields of the model GetPersonalAccessTokenResponse, those without a value as null.
    .PARAMETER Id
    The id of the token, which is also the client id that signs in with it.
    .PARAMETER Name
    The name of the token; unique for its owner.
    .PARAMETER Scope
    What the token may be used for; omitted: sp:scopes:all.
    .PARAMETER Owner
    Whose token it is, a PatOwner.
    .PARAMETER Created
    When the token was created.
    .PARAMETER LastUsed
    When the token last made a bearer; moves once a day at most.
    .PARAMETER Managed
    Whether the platform manages the token, for a workflow for instance.
    .PARAMETER AccessTokenValiditySeconds
    How long a bearer made with the token is valid, 15 to 43200 seconds.
    .PARAMETER ExpirationDate
    When the token expires.
    .PARAMETER UserAwareTokenNeverExpires
    That the user knows what a token means that never expires.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Id '2c9180a46faadee4016fb4e018c20639'
    Initialize-V2025GetPersonalAccessTokenResponse -Id 'a1' -Name 'Deploy' -Owner $owner -Created (Get-Date)

    Makes a token as a list shows it.
    .EXAMPLE
    $owner = Initialize-V2024PatOwner -Id '2c9180a46faadee4016fb4e018c20639'
    Initialize-V2025GetPersonalAccessTokenResponse -Id 'a1' -Name 'Deploy' -Owner $owner -Created (Get-Date) | ConvertTo-Json -Depth 5

    The same with its JSON as output.
    #>
    [CmdletBinding()]
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
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { New-ModelObject $MyInvocation.MyCommand.Name @{ id = $Id; name = $Name; scope = $Scope; owner = $Owner; created = $Created; lastUsed = $LastUsed; managed = $Managed; accessTokenValiditySeconds = $AccessTokenValiditySeconds; expirationDate = $ExpirationDate; userAwareTokenNeverExpires = $UserAwareTokenNeverExpires } $PSBoundParameters }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Initialize-V2024JsonPatchOperation {
    <#
    .SYNOPSIS
    Makes one operation of a JSON Patch.
    .DESCRIPTION
    Returns an object with all fields of the model JsonPatchOperation, those without a value as null.
    .PARAMETER Op
    What to do: add, remove, replace, move, copy or test.
    .PARAMETER Path
    A JSON Pointer to what changes, such as /name.
    .PARAMETER Value
    The new value; needed for add, replace and test.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    Initialize-V2024JsonPatchOperation -Op replace -Path /name -Value 'New name'

    Makes one operation of a JSON Patch.
    .EXAMPLE
    Initialize-V2024JsonPatchOperation -Op replace -Path /scope -Value @('sp:scopes:default')

    The same with other values.
    #>
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [ValidateSet('add', 'remove', 'replace', 'move', 'copy', 'test')] [string]$Op,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [ArgumentCompleter([PatCompleter])] [string]$Path,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [object]$Value
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { New-ModelObject $MyInvocation.MyCommand.Name @{ op = $Op; path = $Path; value = $Value } $PSBoundParameters }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Initialize-V2024PatOwner {
    <#
    .SYNOPSIS
    Makes the owner of a token.
    .DESCRIPTION
    Returns an object with all fields of the model PatOwner, those without a value as null.
    .PARAMETER Type
    Always IDENTITY.
    .PARAMETER Id
    The id of the token, which is also the client id that signs in with it.
    .PARAMETER Name
    The name of the token; unique for its owner.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    Initialize-V2024PatOwner -Type IDENTITY -Id '2c9180a46faadee4016fb4e018c20639' -Name 'Support'

    Makes the owner of a token.
    .EXAMPLE
    Initialize-V2024PatOwner -Id '2c9180a46faadee4016fb4e018c20639'

    The same with other values.
    #>
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [ValidateSet('IDENTITY')] [string]$Type,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [string]$Id,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [string]$Name
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { New-ModelObject $MyInvocation.MyCommand.Name @{ type = $Type; id = $Id; name = $Name } $PSBoundParameters }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Initialize-V2024ErrorResponseDto {
    <#
    .SYNOPSIS
    Makes the body of an error.
    .DESCRIPTION
    Returns an object with all fields of the model ErrorResponseDto, those without a value as null.
    .PARAMETER DetailCode
    The code of the error in detail.
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
    Needs no rights: nothing is sent.
    .EXAMPLE
    Initialize-V2024ErrorResponseDto -DetailCode '404 Not found' -TrackingId 'b21b1f7c'

    Makes the body of an error.
    .EXAMPLE
    Initialize-V2024ErrorResponseDto -DetailCode '404 Not found' -TrackingId 'b21b1f7c' | ConvertTo-Json -Depth 5

    The same with its JSON as output.
    #>
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [string]$DetailCode,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [string]$TrackingId,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [object[]]$Messages,
        [Parameter(Position = 3, ValueFromPipelineByPropertyName)] [object[]]$Causes
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { New-ModelObject $MyInvocation.MyCommand.Name @{ detailCode = $DetailCode; trackingId = $TrackingId; messages = $Messages; causes = $Causes } $PSBoundParameters }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Initialize-V2024ErrorMessageDto {
    <#
    .SYNOPSIS
    Makes a message in the body of an error.
    .DESCRIPTION
    Returns an object with all fields of the model ErrorMessageDto, those without a value as null.
    .PARAMETER Locale
    The language of the text, such as en-US.
    .PARAMETER LocaleOrigin
    Where the language came from: DEFAULT or REQUEST.
    .PARAMETER Text
    The message.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    Initialize-V2024ErrorMessageDto -Locale 'en-US' -LocaleOrigin DEFAULT -Text 'Not found.'

    Makes a message in the body of an error.
    .EXAMPLE
    Initialize-V2024ErrorMessageDto -Text 'Not found.'

    The same with other values.
    #>
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [string]$Locale,
        [Parameter(Position = 1, ValueFromPipelineByPropertyName)] [ValidateSet('DEFAULT', 'REQUEST', '')] [string]$LocaleOrigin,
        [Parameter(Position = 2, ValueFromPipelineByPropertyName)] [string]$Text
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { New-ModelObject $MyInvocation.MyCommand.Name @{ locale = $Locale; localeOrigin = $LocaleOrigin; text = $Text } $PSBoundParameters }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Initialize-V2024ListAccessProfiles401Response {
    <#
    .SYNOPSIS
    Makes the body of a 401.
    .DESCRIPTION
    Returns an object with all fields of the model ListAccessProfiles401Response, those without a value as null.
    .PARAMETER VarError
    The text of the field error.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    Initialize-V2024ListAccessProfiles401Response -VarError 'JWT is required'

    Makes the body of a 401.
    .EXAMPLE
    Initialize-V2024ListAccessProfiles401Response -VarError 'JWT validation failed: JWT is expired'

    The same with other values.
    #>
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [object]$VarError
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { New-ModelObject $MyInvocation.MyCommand.Name @{ error = $VarError } $PSBoundParameters }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function Initialize-V2024ListAccessProfiles429Response {
    <#
    .SYNOPSIS
    Makes the body of a 429.
    .DESCRIPTION
    Returns an object with all fields of the model ListAccessProfiles429Response, those without a value as null.
    .PARAMETER Message
    The text of the field message.
    .INPUTS
    System.Object. An object with properties of these names.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    Initialize-V2024ListAccessProfiles429Response -Message ' Rate Limit Exceeded '

    Makes the body of a 429.
    .EXAMPLE
    Initialize-V2024ListAccessProfiles429Response -Message 'Too many requests'

    The same with other values.
    #>
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipelineByPropertyName)] [object]$Message
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { New-ModelObject $MyInvocation.MyCommand.Name @{ message = $Message } $PSBoundParameters }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

# Every ConvertFrom-…JsonTo… command: which model, it finds by the name it was called by. This name
# itself is not exported.
function ConvertFrom-V2024JsonToPersonalAccessTokenModel {
    <#
    .SYNOPSIS
    Reads a model of the service from JSON text.
    .DESCRIPTION
    Returns an object with all fields of the model that the command is named after, those that the
    JSON leaves out as null. A field that the model does not have is an error, and so is a required
    one that is missing. An array gives one object for each element.
    .PARAMETER Json
    The JSON text. Several lines from the pipeline are one text.
    .INPUTS
    System.String. JSON text.
    .OUTPUTS
    System.Management.Automation.PSCustomObject
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    ConvertFrom-V2024JsonToCreatePersonalAccessTokenRequest -Json '{"name":"Deploy","scope":["sp:scopes:default"]}'

    Reads a request from text.
    .EXAMPLE
    '[{"op":"replace","path":"/name","value":"New name"}]' | ConvertFrom-V2024JsonToJsonPatchOperation

    Reads the operations of a JSON Patch from the pipeline.
    #>
    [CmdletBinding()]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [AllowEmptyString()] [string]$Json
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet)
        $texts = [System.Collections.Generic.List[string]]::new()
    }
    process { $texts.Add($Json) }
    end {
        try { foreach ($document in Get-JsonDocuments $texts.ToArray()) { ConvertFrom-ModelJson $MyInvocation.MyCommand.Name $document } }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}

function ConvertFrom-JsonToJsonPatchOperationValue {
    <#
    .SYNOPSIS
    Reads the value of a JSON Patch operation from JSON text.
    .DESCRIPTION
    A value may be a text, a number, true or false, an object or an array.
    .PARAMETER Json
    The JSON text.
    .INPUTS
    System.String. JSON text.
    .OUTPUTS
    System.Object
    .NOTES
    Needs no rights: nothing is sent.
    .EXAMPLE
    ConvertFrom-JsonToJsonPatchOperationValue -Json '["sp:scopes:default"]'

    Reads a list of scopes.
    .EXAMPLE
    '"New name"' | ConvertFrom-JsonToJsonPatchOperationValue

    Reads a text.
    #>
    [CmdletBinding()]
    [OutputType([object])]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [AllowNull()] [AllowEmptyString()] [string]$Json
    )
    begin { $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference, $ProgressPreference = [Caller]::Preferences($PSCmdlet) }
    process {
        try { if ($Json) { ConvertFrom-Json -InputObject $Json -NoEnumerate -Depth 64 } }
        catch { $PSCmdlet.ThrowTerminatingError($_) }
    }
}
