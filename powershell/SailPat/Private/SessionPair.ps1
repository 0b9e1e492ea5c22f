using namespace System.Management.Automation

# Which pair this session signs in with: those at hand, what rotations found, and how the session goes over to a new one.

# What rotations of this session found in their places, for as long as they may be undone: the place, the new pair,
# what was there before, the old pair where this session had it, and the settings that it signed in with.
$script:KeptBefore = @{}

# What cannot be undone any more needs nothing that was before.
function Clear-KeptBefore($Rotation) {
    if ($Rotation.state -in 'deleted', 'done', 'undone') { $script:KeptBefore.Remove($Rotation.rotation) }
}

# The pairs that this session was given or has in its variables, but for those of another tenant.
function Get-PairsAtHand([string]$BaseUrl) {
    if (-not $script:Configuration.BaseUrl -or [TenantUrl]::Same($script:Configuration.BaseUrl, $BaseUrl)) { Get-SessionPair }
    [KeptValue]::OfVariables($BaseUrl).Pair()
}

# A session that still signs in with the old pair goes on with the new one. A profile keeps its pair itself.
# The rotation is what it is: nothing that goes wrong here makes it a failed one.
function Update-SessionPair($Cmdlet, $Version, $Rotation, $Store) {
    Add-StaleNote $Rotation $Store
    try {
        if ($Version['Profile'] -or $null -eq $Rotation.oldId -or $Rotation.state -notin 'stored', 'overlapping', 'deleted', 'done') {
            return
        }
        $isHere = $null -ne $Rotation.storeIn.PSObject.Properties['caller']
        # Without the place it is not known where the new pair is.
        if ($isHere -and
            ($null -eq $Store.Keep -or $Store.Keep['Pair'] -isnot [pscredential] -or
            -not [string]::Equals($Store.Keep.Pair.UserName, $Rotation.newId))) {
            return
        }
        # What the session was given goes before variables: a source, or the old pair itself.
        if (-not [string]::Equals((Get-InForce $Cmdlet $Version).clientId, $Rotation.oldId)) { return }
        $settings = @{ ClientId = ''; ClientSecret = ''; Source = '' }
        if (-not $isHere) { $settings.Source = $Rotation.storeIn }
        elseif ($Store.Keep.Kind -eq 'Secret') {
            $settings.ClientId = $Store.Keep.Pair.UserName
            $settings.ClientSecret = $Store.Keep.Pair.Password
        }
        if ($script:KeptBefore.ContainsKey($Rotation.rotation)) {
            $script:KeptBefore[$Rotation.rotation].Old = Get-SessionPair
            $script:KeptBefore[$Rotation.rotation].Settings = Get-TenantSettings
        }
        Move-Session $Cmdlet $Version $settings $Rotation
    }
    catch { [Caller]::Forget($_) }
}

# The old pair stays in variables that were not the place of the new one. What this session does about it no program
# sees that is started from here.
function Add-StaleNote($Rotation, $Store) {
    if ($null -eq $Rotation.oldId -or $Rotation.state -notin 'stored', 'overlapping', 'deleted', 'done') { return }
    if ($null -ne $Store.Keep -and $Store.Keep.Kind -eq 'Environment') { return }
    if (-not [string]::Equals([KeptValue]::OfVariables($Rotation.baseUrl).Id(), $Rotation.oldId)) { return }
    $when = if ($Rotation.state -in 'deleted', 'done') { 'is removed' } else { 'will be removed' }
    Add-Note Warning `
        ("The variables SAIL_CLIENT_ID and SAIL_CLIENT_SECRET still hold the pair of the token $($Rotation.oldId), which $when. Programs " +
        "that are started from here read them: put the new pair there, or take them out with Remove-Item Env:SAIL_CLIENT_ID, " +
        "Env:SAIL_CLIENT_SECRET.")
}

# Changes the session's settings, and says that it signs in with the new pair once it does. Settings that do not
# come to that are taken back.
function Move-Session($Cmdlet, $Version, $Settings, $Rotation) {
    $before = Get-TenantSettings
    Set-Settings $Settings
    $inForce = Get-InForce $Cmdlet $Version
    # The tenant may have been named where the old pair was.
    if (-not [string]::Equals($inForce.clientId, $Rotation.newId) -or -not [string]::Equals($inForce.baseUrl, $Rotation.baseUrl)) {
        Set-Settings @{ BaseUrl = $Rotation.baseUrl }
        $inForce = Get-InForce $Cmdlet $Version
    }
    if ([string]::Equals($inForce.clientId, $Rotation.newId)) {
        Add-Note Verbose "This session signs in with the new pair from now on, from $($Rotation.storedIn)."
        return
    }
    Restore-TenantSettings $before
    Add-Note Warning `
        ("This session could not go over to the new pair, which is in $($Rotation.storedIn): name it with Set-SailPatConfiguration. The " +
        "old token $($Rotation.oldId) is removed, or will be.")
}

# The session signs in as it did before it went over.
function Update-UndoneSession($Cmdlet, $Version, $Known, $Kept, $Session) {
    if ($Version['Profile'] -or $null -eq $Known.oldId) { return }
    try {
        Restore-TenantSettings $Session
        $inForce = (Get-InForce $Cmdlet $Version).clientId
        # Variables may have got back a pair that they held and nobody signed in with.
        $isUseless = [string]::Equals($inForce, $Known.newId) -or
            ($null -ne $Kept.Before -and [string]::Equals($inForce, $Kept.Before.UserName))
        if ([string]::Equals($inForce, $Known.oldId) -or ($inForce -and -not $isUseless)) { return }
        if ($null -ne $Kept.Settings) { Restore-TenantSettings $Kept.Settings }
    }
    catch { [Caller]::Forget($_) }
}
