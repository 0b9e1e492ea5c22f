# The change log, which the native library writes.

function Get-SailPatLog {
    <#
    .SYNOPSIS
    Reads the change log: what this library changed, or tried to.
    .DESCRIPTION
    Each change that was made or tried while the log was on is one object:
    when, whose credential, which tenant, what, which token, and what came
    of it: done, lost (the reply to a create never came), cancelled, or the
    code of the error. No secret is ever written there.

    Set-SailPatConfiguration -ChangeLog turns the log on for a session, the
    environment variable SAILPAT_CHANGE_LOG=1 for every process. A change
    that could not be written down is then not made.
    .PARAMETER Since
    Changes since this time. A date of any kind, or a text such as
    2027-04-03 or 2027-04-03T18:00:00Z; without a zone it is local time.
    .PARAMETER Id
    Changes of one token: its id, or an object with an id.
    .PARAMETER Last
    At most this many, the newest.
    .INPUTS
    System.String. The id of a token, or an object with an id.
    .OUTPUTS
    SailPat.Change
    .NOTES
    Needs no rights: nothing is sent. The log is changes.jsonl in
    ~/.sailpat, or in the folder that SAILPAT_HOME names; at 10 MB it
    becomes changes.1.jsonl, which is read, too. Lines that a crash cut off
    are passed over; -Verbose says how many. A process that is killed in
    the middle of a call leaves no line of it.
    .EXAMPLE
    Get-SailPatLog -Last 20

    Shows the last twenty changes.
    .EXAMPLE
    Get-SailPatLog -Since (Get-Date).AddDays(-7) | Where-Object Result -NE done

    Shows what failed in the last week.
    .EXAMPLE
    $token | Get-SailPatLog | Format-List

    Shows everything that was done to a token.
    .LINK
    Set-SailPatConfiguration
    .LINK
    about_SailPat_Configuration
    .LINK
    about_SailPat_Security
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/v2024/personal-access-tokens')]
    [OutputType([pscustomobject])]
    param(
        [Nullable[datetime]][PointInTime()]$Since,

        [Parameter(ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ArgumentCompleter([PatCompleter])]
        [string][PatId()]$Id,

        [ValidateRange(0, [int]::MaxValue)] [int][NotEmpty()]$Last
    )
    begin {
        $WhatIfPreference, $ConfirmPreference, $VerbosePreference, $DebugPreference, $ErrorActionPreference, $WarningPreference,
            $ProgressPreference = [Caller]::Begin($PSCmdlet)
    }
    process {
        try {
            $changes = try {
                if (-not $Id -and $PSBoundParameters.ContainsKey('Id')) { throw ([Caller]::EmptyError('Id')) }
                $request = @{}
                if ($null -ne $Since) { $request.since = $Since }
                if ($Id) { $request.id = $Id }
                if ($PSBoundParameters.ContainsKey('Last')) { $request.last = $Last }
                $read = [SailPatRecord]::Plain((Invoke-Operation $PSCmdlet (Get-CurrentVersion) 'change_log' `
                    ([RequestJson]::Text($request))).data)
                , @(foreach ($change in $read) { New-ChangeRecord $change })
            }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Once($_)) }
            $changes
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}
