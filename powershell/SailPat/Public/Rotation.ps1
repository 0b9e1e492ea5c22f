# A new token in place of an old one, with no moment at which a secret could be lost. The order of the
# steps and what each crash leads to is in docs/rotation.md; the steps are the native library's.

function Invoke-SailPatRotation {
    <#
    .SYNOPSIS
    Replaces a personal access token by a new one and stores the new pair.
    .DESCRIPTION
    Makes a token with the scope, validity and length of life of the old
    one, waits until it signs in, stores id and secret as a pair, reads
    them back, removes the old token with the new one and gives the new one
    the name. Each step is journaled before the next, so that whatever
    stops it, a pair that signs in is stored; Resume-SailPatRotation then
    carries it on or takes it back.

    With -Overlap both tokens live side by side until that time is over and
    Resume-SailPatRotation is called.

    When an earlier rotation of the same token was stopped, it is settled
    first. One that had stored its pair is carried to its end and given
    back, in the place where it stored it, and no new one is made; one that
    had not is taken back. A session that signs in with the old token goes
    on with the new one.
    .PARAMETER Id
    The id of one of one's own tokens, or an object with an id; the token
    in use when omitted.
    .PARAMETER StoreIn
    Where the new pair goes; where the old one came from when omitted.
    A path: a file that only its owner can read, .json with ClientId and
    ClientSecret or .env with lines of SAIL_CLIENT_ID and
    SAIL_CLIENT_SECRET; what else it holds stays.
    Configuration: config.json in the current folder. CommandLine: the
    active environment of the official command line. Environment: the
    variables SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET of this
    session, where they name no other tenant and hold the old pair, none,
    or one whose token a rotation of this machine removed.
    A table: @{ command = 'program', 'argument' }, @{ keyring = 'prod' },
    @{ commandLine = 'prod' }, @{ file = 'x'; format = 'dotenv' }.
    .PARAMETER SecretName
    The name of a secret of Microsoft.PowerShell.SecretManagement in which
    to store the pair, as a credential. It must hold nothing yet, the old
    pair, or one whose token a rotation of this machine removed: what else
    is there stays, and nothing is made.
    .PARAMETER Vault
    The vault of that secret; the default one when omitted.
    .PARAMETER Overlap
    How long both tokens live: 1h, 2d, or a TimeSpan. At most 90 days.
    .PARAMETER ExpiresIn
    When the new token expires, from now on: 30d, 12h, 6mo, 2w, 1y, or a
    TimeSpan. As long a life as the old one had, when omitted.
    .PARAMETER ExpiresOn
    When the new token expires. A date of any kind, or a text such as
    2027-04-03 or 2027-04-03T18:00:00Z; without a zone it is local time.
    .PARAMETER Profile
    The profile of the tenant to speak to, in place of the session's.
    .PARAMETER ApiVersion
    The API version: v2024, v2025, v2026, beta, v3 or v1; else the
    configured one, v2024 unless set.
    .INPUTS
    System.Object. A token's id, or an object with an id; StoreIn,
    SecretName and Vault by property name, where an empty one counts as not
    given and StoreIn is the path of a file.
    .OUTPUTS
    SailPat.Rotation
    .NOTES
    Needs sp:my-personal-access-tokens:manage. Only the owner can rotate a
    token, and one of the ten places for tokens must be free.

    Failures: the codes rotation_refused (nothing was made),
    rotation_busy (another rotation of this token is under way),
    rotation_unfinished (it stopped half way, resume or undo it),
    secret_not_stored (nothing was changed; or a vault cannot be read after
    it was asked to store: then both tokens live, and the message says how
    to go on), store_failed, state_failed.
    Writes one error for each token that fails, and goes on.

    Journals are in ~/.sailpat/rotations, or below the variable
    SAILPAT_HOME; no journal holds a secret.
    .EXAMPLE
    Invoke-SailPatRotation -StoreIn ./sailpoint.json

    Rotates the token in use and stores the new pair in a file.
    .EXAMPLE
    Invoke-SailPatRotation -SecretName sailpoint

    Rotates the token in use and stores the new pair in the default vault.
    .EXAMPLE
    Get-SailPat 'deploy*' -Mine | Invoke-SailPatRotation -StoreIn ./deploy.env -Overlap 2d

    Rotates another of one's own tokens; both work for two days.
    .EXAMPLE
    Invoke-SailPatRotation -StoreIn Environment -ExpiresIn 30d -WhatIf

    Says what would be rotated and where the pair would go.
    .LINK
    Resume-SailPatRotation
    .LINK
    Undo-SailPatRotation
    .LINK
    Get-SailPatRotation
    .LINK
    about_SailPat_Rotation
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium',
        HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/personal-access-tokens')]
    [OutputType('SailPat.Rotation')]
    param(
        [Parameter(Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [Parameter(Position = 1, ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([PatCompleter])]
        [object]$StoreIn,

        [Parameter(ValueFromPipelineByPropertyName)] [string]$SecretName,
        [Parameter(ValueFromPipelineByPropertyName)] [string]$Vault,
        [string]$Overlap,
        [string]$ExpiresIn,
        [Nullable[datetime]][PointInTime()]$ExpiresOn,
        [ValidateSet('v2024', 'v2025', 'v2026', 'beta', 'v3', 'v1')] [string]$ApiVersion,

        [Parameter(ValueFromPipelineByPropertyName)] [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
        # What came as an argument; the rest comes from the pipeline.
        $arguments = @($PSBoundParameters.Keys)
        $stores = [System.Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    }
    process {
        try {
            $rotation = try {
                if ($MyInvocation.ExpectingInput -and -not $Id) { throw ([Caller]::EmptyError('Id')) }
                $version = Get-ChosenVersion $PSCmdlet $ApiVersion (Get-OneProfile $PSCmdlet $Profile $Id)
                $store = Resolve-Store $PSCmdlet $StoreIn $SecretName $Vault ('StoreIn' -cnotin $arguments)
                $request = [ordered]@{}
                if ($Id) { $request.id = $Id }
                if ($null -ne $store.Json) { $request.storeIn = $store.Json }
                if ($Overlap) { $request.overlapSeconds = Get-SpanSeconds $Overlap }
                $expiry = Get-Expiry $PSBoundParameters
                if ($null -ne $expiry) { $request.expirationDate = $expiry }
                $plan = Get-Plan $PSCmdlet $version $request $store
                Set-StoreTenant $PSCmdlet $version $store
                $token = if ($Id) { "personal access token $Id" } else { 'the personal access token in use' }
                if (-not $PSCmdlet.ShouldProcess([TerminalText]::Message("$token ($(Get-RowText $version))"),
                    [TerminalText]::Message("Replace by a new one and store its pair in $($store.Words)"))) {
                    return
                }
                Assert-OtherStore $stores $store
                if ($null -ne $store.Keep) { $store.Keep.Old = $plan.id }
                $kept = Complete-EarlierRotation $PSCmdlet $version $store.Keep $plan.id
                # What was completed may have been the rotation that made this token.
                if ($null -eq $kept -or -not [string]::Equals($kept.oldId, $plan.id)) {
                    $kept = Invoke-Rotation $PSCmdlet $version $request $Id $store $plan.id
                }
                $kept
            }
            catch {
                $PSCmdlet.WriteError([Caller]::Once($_))
                return
            }
            $rotation
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}

function Get-SailPatRotation {
    <#
    .SYNOPSIS
    Lists the rotations on this machine, the newest first.
    .DESCRIPTION
    Reads the journals, and sends nothing. A rotation says which token took
    the place of which, where the pair is stored, in which state it is, and
    in next what to do when it is not finished. Its history has each step.
    .PARAMETER Rotation
    Ids of rotations, with wildcards.
    .PARAMETER Id
    Rotations of this token, old or new: its id, or an object with an id.
    .PARAMETER Unfinished
    Those that are not finished.
    .PARAMETER Overdue
    Those that somebody should resume: their overlap is over, or they
    stopped more than ten minutes ago.
    .INPUTS
    System.String. Ids of rotations.
    .OUTPUTS
    SailPat.Rotation
    .NOTES
    Needs no rights: nothing is sent. Journals are in ~/.sailpat/rotations,
    or below the variable SAILPAT_HOME.
    .EXAMPLE
    Get-SailPatRotation -Unfinished

    Lists what still has to be resumed or undone.
    .EXAMPLE
    Get-SailPatRotation | Select-Object -First 1 -ExpandProperty history

    Shows the steps of the last rotation, with the time of each.
    .LINK
    Invoke-SailPatRotation
    .LINK
    Resume-SailPatRotation
    .LINK
    about_SailPat_Rotation
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/personal-access-tokens')]
    [OutputType('SailPat.Rotation')]
    param(
        [Parameter(Position = 0, ValueFromPipeline)] [SupportsWildcards()]
        [ArgumentCompleter([RotationCompleter])]
        [string[]]$Rotation,

        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [switch][NotEmpty()]$Unfinished,
        [switch][NotEmpty()]$Overdue
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
    }
    process {
        try {
            $records = try {
                foreach ($given in 'Rotation', 'Id') {
                    if ($PSBoundParameters.ContainsKey($given) -and [Caller]::IsEmpty($PSBoundParameters[$given])) {
                        throw ([Caller]::EmptyError($given))
                    }
                }
                $known = @(Get-Rotations $PSCmdlet ($Unfinished -or $Overdue) $Id)
                , @(foreach ($pattern in $(if ($Rotation) { $Rotation } else { '*' })) {
                        $found = @($known |
                            Where-Object { (Get-Wildcards $pattern).IsMatch($_.rotation) -and (-not $Overdue -or $_.overdue) })
                        if ($found.Count -eq 0 -and
                            -not [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($pattern)) {
                            $PSCmdlet.WriteError((New-LocalError 'rotation_unknown' "No such rotation is on this machine: $pattern" `
                                'ObjectNotFound' 'List all with Get-SailPatRotation.' $pattern))
                        }
                        $found
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

function Resume-SailPatRotation {
    <#
    .SYNOPSIS
    Carries rotations on that were stopped or whose overlap is over.
    .DESCRIPTION
    What was stored is carried on to its end: the old token is removed and
    the new one gets the name. What was not stored is taken back: the new
    token is removed, and the old one stays in use. Either way nothing is
    lost, and calling it again does no harm.

    A rotation into a vault or variables whose session ended before it
    could confirm what they took is taken back without -SecretName, where
    the old pair signs in, with a warning: the vault may hold the pair of
    the removed token. With -SecretName it is carried on with what is there.

    Before the old token goes, the secret that is named, or the place that
    this session stored the pair in, must hold the new pair. Where it holds
    nothing or the old pair, it gets the new one again, if this session
    knows it; anything else there is an error, and both tokens stay.

    Without -Rotation everything of this tenant that is due is resumed: all
    that was stopped, and each overlap that is over. What another process
    is working on is left alone.
    .PARAMETER Rotation
    The id of a rotation, or an object with one.
    .PARAMETER All
    Everything that is due, as without any parameter.
    .PARAMETER Now
    Ends an overlap early.
    .PARAMETER SecretName
    The secret that the pair was stored in. When it holds the new pair of a
    rotation, that one is carried on with it, also where the session had
    no time to confirm it. When it cannot be read, or holds something else,
    nothing is done; the old pair there says that nothing was stored.
    .PARAMETER Vault
    The vault of that secret; the default one when omitted.
    .PARAMETER Profile
    The profile of the tenant to speak to, in place of the session's.
    .INPUTS
    System.Object. Rotations, or their ids.
    .OUTPUTS
    SailPat.Rotation
    .NOTES
    Needs sp:my-personal-access-tokens:manage.

    Failures: the codes rotation_unknown, rotation_busy,
    rotation_unfinished. Writes one error for each rotation that fails, and
    goes on.
    .EXAMPLE
    Resume-SailPatRotation

    Resumes everything that is due; a task that runs every hour needs no
    more.
    .EXAMPLE
    Invoke-SailPatRotation -StoreIn ./sailpoint.json -Overlap 1d | Resume-SailPatRotation -Now

    Ends an overlap at once.
    .LINK
    Invoke-SailPatRotation
    .LINK
    Undo-SailPatRotation
    .LINK
    Get-SailPatRotation
    .LINK
    about_SailPat_Rotation
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Due',
        HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/personal-access-tokens')]
    [Diagnostics.CodeAnalysis.SuppressMessage('PSReviewUnusedParameter', 'All', Justification = 'It chooses the set of parameters.')]
    [OutputType('SailPat.Rotation')]
    param(
        [Parameter(ParameterSetName = 'One', Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([RotationCompleter])]
        [string][RotationId()]$Rotation,

        [Parameter(ParameterSetName = 'Due')] [switch][NotEmpty()]$All,
        [switch][NotEmpty()]$Now,
        [string][WrittenText()]$SecretName,
        [string][WrittenText()]$Vault,

        [Parameter(ValueFromPipelineByPropertyName)] [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
    }
    process {
        try {
            $due = try {
                $version = Get-RowOf (Get-CurrentVersion) (Get-OneProfile $PSCmdlet $Profile)
                $keep = (Resolve-Store $PSCmdlet $null $SecretName $Vault).Keep
                , @(if ($Rotation) { $Rotation } else { Get-DueRotations $PSCmdlet $version $Now })
            }
            catch {
                $PSCmdlet.WriteError([Caller]::Once($_))
                return
            }
            # Not a loop: a loop here would take what a caller's break or continue means for its own.
            $due | & { process {
                    $one = $_
                    $resumed = try {
                        if (-not $PSCmdlet.ShouldProcess([TerminalText]::Message("rotation $one"),
                            $(if ($Now) { 'End its overlap, carry it on or take it back' } else { 'Carry it on or take it back' }))) {
                            return
                        }
                        Resume-Rotation $PSCmdlet $version $one $Now $keep
                    }
                    catch {
                        if ($Rotation -or $_.Exception.Data['code'] -ne 'rotation_busy') { $PSCmdlet.WriteError([Caller]::Once($_)) }
                        else {
                            [Caller]::Forget($_)
                            Add-Note Verbose "Rotation ${one}: another process is working on it."
                        }
                        return
                    }
                    $resumed
                } }
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}

function Undo-SailPatRotation {
    <#
    .SYNOPSIS
    Takes a rotation back, as long as the old token lives.
    .DESCRIPTION
    Puts the old pair back to where the new one was stored and removes the
    new token. That works until the old token is removed: during an
    overlap, and after a stop half way.

    A vault or variables get back what they held before in the session that
    rotated, also when another one has taken the rotation back; what
    somebody else put there meanwhile stays. In another one the token is
    removed when that session has the old pair, and a warning says that the
    vault must be changed by hand.
    .PARAMETER Rotation
    The id of a rotation, or an object with one.
    .PARAMETER Profile
    The profile of the tenant to speak to, in place of the session's.
    .INPUTS
    System.Object. Rotations, or their ids.
    .OUTPUTS
    SailPat.Rotation
    .NOTES
    Needs sp:my-personal-access-tokens:manage. Asks first, because whoever
    signs in with the new token no longer can: add -Confirm:$false where
    nobody is there to answer.

    The old pair comes from a copy that only its owner can read, from the
    vault before it was rotated, or from the settings. Failures: the codes
    rotation_unknown, rotation_refused (there is nothing to go back to),
    rotation_busy, rotation_unfinished.
    .EXAMPLE
    Undo-SailPatRotation (Invoke-SailPatRotation -StoreIn ./sailpoint.json -Overlap 1d) -Confirm:$false

    Takes a rotation back during its overlap, without asking.
    .EXAMPLE
    Get-SailPatRotation -Unfinished | Undo-SailPatRotation -WhatIf

    Says which rotations would be taken back.
    .LINK
    Invoke-SailPatRotation
    .LINK
    Resume-SailPatRotation
    .LINK
    Get-SailPatRotation
    .LINK
    about_SailPat_Rotation
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High',
        HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/personal-access-tokens')]
    [OutputType('SailPat.Rotation')]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([RotationCompleter])]
        [string][RotationId()]$Rotation,

        [Parameter(ValueFromPipelineByPropertyName)] [SupportsWildcards()]
        [ArgumentCompleter([ProfileCompleter])]
        [string[]]$Profile
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
    }
    process {
        try {
            $undone = try {
                $version = Get-RowOf (Get-CurrentVersion) (Get-OneProfile $PSCmdlet $Profile)
                if (-not $PSCmdlet.ShouldProcess([TerminalText]::Message("rotation $Rotation"),
                    'Put the old pair back and remove the new token')) {
                    return
                }
                Undo-Rotation $PSCmdlet $version $Rotation
            }
            catch {
                $PSCmdlet.WriteError([Caller]::Once($_))
                return
            }
            $undone
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}
