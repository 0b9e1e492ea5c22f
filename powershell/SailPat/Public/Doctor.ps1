# Looks for what is wrong between here and the tenant, and says what to do about it.

function Test-SailPatConnection {
    <#
    .SYNOPSIS
    Looks at everything a call depends on, and says what to do.
    .DESCRIPTION
    Makes one check after another and writes one object for each: the
    settings and where they come from, who else can read files with
    secrets, the clock, name resolution, proxy, TLS and its certificates,
    sign-in, rights, rotation, rate limit, API version, the token in use,
    unfinished rotations and the change log. It signs in and asks for two
    lists; it changes nothing and shows no secret.

    Below the settings stands each place that they were looked for in, in
    order, with what it gave: used, nothing, ignored (a place before it is
    used), found (it has something, and what there is makes no settings of
    a call), or unusable. Value.places of that check has the same.

    In the table + is well, ! a warning, x a failure, and - was skipped,
    because an earlier check makes it senseless. What is wrong is a failed
    check and never an error. A check takes 5 seconds at most.
    .PARAMETER Quiet
    Returns only whether no check failed: $true or $false. Warnings do not
    count.
    .PARAMETER Offline
    Makes only the checks that need no network.
    .PARAMETER Profile
    The profiles of the tenants to look at, in place of the session's;
    names with wildcards, * for all. Each object says its Profile, and one
    tenant's failure hides nothing of another.
    .INPUTS
    None.
    .OUTPUTS
    SailPat.Check, or System.Boolean with -Quiet.
    .NOTES
    Needs no rights: which there are is what it finds out. Each object has
    Check, State (ok, warning, failed or skipped), Found, Remedy and Value,
    the same for scripts. Checks may be added in later versions.

    Settings of the session that no call accepts are a failed check, too,
    and the only one; so is a profile that is unknown, or a file of
    profiles that cannot be read.
    .EXAMPLE
    Test-SailPatConnection

    Shows what is well and what is not.
    .EXAMPLE
    Test-SailPatConnection | Where-Object State -in warning, failed | Format-List

    Shows only what there is to do.
    .EXAMPLE
    (Test-SailPatConnection -Offline | Where-Object Check -EQ settings).Value.places

    Shows where settings were looked for, and which place is used.
    .EXAMPLE
    exit [int](-not (Test-SailPatConnection -Quiet))

    Ends a script with 0 when all is well and 1 when a check failed.
    .EXAMPLE
    Test-SailPatConnection -Offline | ConvertTo-Json -Depth 5

    Gives what can be seen without the network as JSON.
    .LINK
    Get-SailPatConfiguration
    .LINK
    about_SailPat_Configuration
    .LINK
    about_SailPat_Errors
    #>
    [CmdletBinding(HelpUri = 'https://developer.sailpoint.com/docs/api/authentication')]
    [OutputType('SailPat.Check')]
    [OutputType([bool])]
    param(
        [switch][NotEmpty()]$Quiet,
        [switch][NotEmpty()]$Offline,

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
            $checks = try { , @(Get-AllChecks $PSCmdlet $Profile ([bool]$Offline)) }
            catch { $PSCmdlet.ThrowTerminatingError([Caller]::Once($_)) }
            if ($Quiet) { -not ($checks.State -contains 'failed') } else { $checks }
        }
        finally { if ($script:Notes.Count) { Write-Notes } }
    }
}
