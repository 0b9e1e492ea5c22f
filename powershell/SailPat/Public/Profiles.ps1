# Profiles: tenants by name, for -Profile and Set-SailPatConfiguration -Profile. What is said and where it
# is kept belongs to the native library; nothing here is sent.

function Get-SailPatProfile {
    <#
    .SYNOPSIS
    Lists the profiles: tenants by name.
    .DESCRIPTION
    Lists the own profiles, and each environment of the official command
    line, which is a profile as it is. An own profile goes before an
    environment of the same name. It never shows a secret.

    The client id is missing where only a slow store, such as an external
    command, could say it. A star marks the default profile.
    .PARAMETER Name
    Names, with wildcards; case does not matter.
    .INPUTS
    System.String. Names.
    .OUTPUTS
    SailPat.Profile
    .NOTES
    Needs no rights: nothing is sent. Own profiles are in profiles.json of
    ~/.sailpat, or of the folder that SAILPAT_HOME names; when that file is
    broken, the error has the code state_failed and says where.
    .EXAMPLE
    Get-SailPatProfile

    Lists every profile there is.
    .EXAMPLE
    Get-SailPatProfile prod* | Format-List

    Shows everything about the profiles of these names.
    .LINK
    Set-SailPatProfile
    .LINK
    Remove-SailPatProfile
    .LINK
    about_SailPat_Configuration
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/authentication')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)] [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Name
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
    }
    process {
        try {
            $records = try {
                if ($PSBoundParameters.ContainsKey('Name') -and [Caller]::IsEmpty($Name)) { throw ([Caller]::EmptyError('Name')) }
                $known = @(Get-KnownProfiles $PSCmdlet)
                , @(foreach ($pattern in $(if ($Name) { $Name } else { '*' })) {
                        $found = @($known |
                            Where-Object {
                                (Get-Wildcards $pattern).IsMatch($_.name) -or
                                    [string]::Equals($_.name, $pattern, [StringComparison]::OrdinalIgnoreCase)
                            })
                        if ($found.Count -eq 0 -and -not [WildcardPattern]::ContainsWildcardCharacters($pattern)) {
                            throw (New-LocalError 'profile_unknown' "There is no profile '$pattern'." 'ObjectNotFound' `
                                'Get-SailPatProfile without a name lists those that there are.' $pattern)
                        }
                        foreach ($one in $found) { New-ProfileRecord $one }
                    })
            }
            catch {
                $PSCmdlet.WriteError([Caller]::Once($_))
                return
            }
            $records
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}

function Set-SailPatProfile {
    <#
    .SYNOPSIS
    Makes a profile, or changes one.
    .DESCRIPTION
    Changes what is given and leaves the rest as it is. With -Credential,
    client id and secret go into the profile's store and are read back: by
    default a file that only its owner can read, else the one that
    -SecretFile or -Command names. The list of profiles itself never holds
    a secret.
    .PARAMETER Name
    The name: 1 to 64 of letters, digits, hyphen, underscore and dot; case
    does not matter.
    .PARAMETER BaseUrl
    The tenant, such as https://tenant.api.identitynow.com; needed for a
    new profile.
    .PARAMETER Credential
    Client id and secret of the personal access token to sign in with.
    .PARAMETER TokenUrl
    Where to sign in; found out from the base URL unless set.
    .PARAMETER ApiVersion
    The API version of the SailPat commands with this profile.
    .PARAMETER Command
    An external program and its arguments that keeps the pair, for a vault:
    it is asked over its standard input, never by its arguments.
    .PARAMETER SecretFile
    A file that keeps the pair: JSON, or lines where its name ends with
    .env.
    .PARAMETER Default
    Lets this profile count where nothing else names a tenant: neither the
    session nor SAIL_BASE_URL and its like nor a config.json.
    .INPUTS
    System.Object. Objects with Name, BaseUrl and so on, such as rows of a
    CSV file.
    .OUTPUTS
    SailPat.Profile
    .NOTES
    Needs no rights: nothing is sent, so whether the credential is right
    shows at the next call. Codes of failures: invalid_request,
    store_failed, state_failed.
    .EXAMPLE
    Set-SailPatProfile prod -BaseUrl https://tenant.api.identitynow.com -Credential (Get-Credential) -Default

    Makes the default profile; the secret goes into a private file.
    .EXAMPLE
    Set-SailPatProfile lab -BaseUrl https://tenant.api.identitynow.com -SecretFile ./lab.json

    Makes a profile whose pair is in a file that is kept elsewhere.
    .EXAMPLE
    Set-SailPatProfile prod -ApiVersion v2025

    Lets the SailPat commands speak v2025 with this profile.
    .LINK
    Get-SailPatProfile
    .LINK
    Remove-SailPatProfile
    .LINK
    about_SailPat_Configuration
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium', HelpUri = 'https://developer.sailpoint.com/docs/api/authentication')]
    [OutputType([pscustomobject])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([ProfileCompleter])]
        [string]$Name,

        [Parameter(ValueFromPipelineByPropertyName)] [string]$BaseUrl,
        [pscredential]$Credential,
        [Parameter(ValueFromPipelineByPropertyName)] [string]$TokenUrl,
        [Parameter(ValueFromPipelineByPropertyName)] [ValidateSet('v2024', 'v2025', 'v2026', 'beta', 'v3', 'v1', '')] [string]$ApiVersion,
        [string[]]$Command,
        [string]$SecretFile,
        [switch][NotEmpty()]$Default
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
    }
    process {
        try {
            $records = try {
                if ($Command -and $SecretFile) {
                    throw (New-LocalError 'invalid_request' 'The pair has one store: -Command or -SecretFile.' 'InvalidArgument' `
                        'Give one of them.' $Name)
                }
                $request = [ordered]@{ name = $Name }
                if ($BaseUrl) { $request.baseUrl = $BaseUrl }
                if ($TokenUrl) { $request.tokenUrl = $TokenUrl }
                if ($ApiVersion) { $request.apiVersion = $ApiVersion.ToLowerInvariant() }
                if ($Command) { $request.source = @{ command = @($Command) } }
                if ($SecretFile) { $request.source = @{ file = Get-FilePath $PSCmdlet $SecretFile } }
                if ($PSBoundParameters.ContainsKey('Default')) { $request.default = [bool]$Default }
                $words = "Set $([RequestJson]::Text($request))$(if ($Credential) { ' and store the credential' })"
                if (-not $PSCmdlet.ShouldProcess([TerminalText]::Message("profile $Name"), [TerminalText]::Message($words))) { return }
                if ($Credential) {
                    $request.clientId = $Credential.UserName
                    $request.clientSecret = $Credential.Password
                }
                $set = (Invoke-Operation $PSCmdlet (Get-CurrentVersion) 'profile_set' ([Sealed]::Of($request)) $Name).data
                New-ProfileRecord ([SailPatRecord]::Plain($set))
            }
            catch {
                $PSCmdlet.WriteError([Caller]::Once($_))
                return
            }
            $records
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}

function Remove-SailPatProfile {
    <#
    .SYNOPSIS
    Removes profiles.
    .DESCRIPTION
    Takes a profile out of the list and removes the private file of its
    secret. A store that was named with -Command or -SecretFile keeps what
    it has, and the token itself stays as it is. Environments of the
    official command line are removed with the command line.
    .PARAMETER Name
    The name of an own profile.
    .INPUTS
    System.String. Names, or objects with a name.
    .OUTPUTS
    None.
    .NOTES
    Needs no rights: nothing is sent. Codes of failures: profile_unknown,
    invalid_request, state_failed. Writes one error for each that fails,
    and goes on.
    .EXAMPLE
    Remove-SailPatProfile prod

    Removes a profile and the file of its secret.
    .EXAMPLE
    Get-SailPatProfile lab* | Remove-SailPatProfile -WhatIf

    Shows which profiles would be removed.
    .LINK
    Get-SailPatProfile
    .LINK
    Set-SailPatProfile
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium', HelpUri = 'https://developer.sailpoint.com/docs/api/authentication')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([ProfileCompleter])]
        [string]$Name
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
    }
    process {
        try {
            if (-not $PSCmdlet.ShouldProcess([TerminalText]::Message("profile $Name"), 'Remove with the private file of its secret')) {
                return
            }
            [void](Invoke-Operation $PSCmdlet (Get-CurrentVersion) 'profile_remove' ([RequestJson]::Text(@{ name = $Name })) $Name)
        }
        catch { $PSCmdlet.WriteError([Caller]::Once($_)) }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}
