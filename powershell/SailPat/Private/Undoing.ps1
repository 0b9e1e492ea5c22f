using namespace System.Management.Automation

# How a rotation is taken back: the place gets back what it held, and the session signs in as it did before.

# Takes a rotation of this session back. What was in the place goes back first, so that at each moment it holds a
# pair that signs in; and where the old token turns out to be gone, the new pair goes back, which must not be lost.
function Undo-KeptRotation($Cmdlet, $Version, [string]$Id) {
    $request = [RequestJson]::Text(@{ rotation = $Id })
    $kept = $script:KeptBefore[$Id]
    $known = Get-KnownRotation $Cmdlet $Id
    if ($null -eq $known -or $known.state -in 'deleted', 'done', 'undone') {
        $ended = ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotation_undo' $request $Id).data
        if ($ended.state -ne 'undone') { return $ended }
        return Complete-Undone $Cmdlet $Version $known $ended
    }
    Assert-Tenant $Cmdlet $Version $known
    $session = Get-TenantSettings
    $isRestored = $false
    $undone = $null
    try {
        $row = Get-OldRow $Cmdlet $Version $known $kept
        # Refused while nothing has been changed yet.
        if ($null -ne $known.oldId) { Assert-OldLives $Cmdlet $Version $row $known }
        [void](Restore-KeptPair $kept.Keep $kept.Pair $kept.Before $false)
        $isRestored = $true
        $undone = ConvertTo-Rotation (Invoke-Operation $Cmdlet $row 'rotation_undo' $request $Id).data
    }
    catch {
        [Caller]::Forget($_)
        $failure = $_
        Restore-TenantSettings $session
        if ($isRestored) { Restore-NewPair $Cmdlet $known $kept }
        if ($null -ne $failure.Exception.Data['code'] -or $null -ne $failure.Exception.Data['status']) { throw $failure }
        throw (New-LocalError 'rotation_unfinished' `
            "What was in $($kept.Keep.Words) could not be put back: $([SecretText]::Reason($failure, @($kept.Pair, $kept.Before)))." `
            'InvalidResult' "Undo the rotation $Id again once the cause is gone$(if ($null -ne $known.oldId) { '; both tokens live' })." `
            $Id)
    }
    finally { Clear-ClientsWithPair }
    if ($undone.state -ne 'undone') {
        Restore-TenantSettings $session
        Restore-NewPair $Cmdlet $known $kept
        return $undone
    }
    $script:KeptBefore.Remove($Id)
    $undone.storedIn = $kept.Keep.Words
    Update-UndoneSession $Cmdlet $Version $known $kept $session
    $undone
}

# The row of a version for calls with the old pair: as it is at hand, or as the session had it before it went over.
function Get-OldRow($Cmdlet, $Version, $Known, $Kept) {
    if ($null -eq $Known.oldId) { return $Version }
    $pair = Get-OldPair $Known $Kept
    if ($null -ne $pair) { return Get-PairRow $Cmdlet $Version $pair $Known.baseUrl }
    if ($null -ne $Kept.Settings -and -not $Version['Profile']) { Restore-TenantSettings $Kept.Settings }
    $inForce = Get-InForce $Cmdlet $Version
    if ([string]::Equals($inForce.clientId, $Known.oldId) -and [TenantUrl]::Same($inForce.baseUrl, $Known.baseUrl)) { return $Version }
    throw (New-LocalError 'rotation_refused' `
        "The old secret is not known here, and $($Kept.Keep.Words) holds the new pair. Nothing was changed." 'InvalidOperation' `
        'Set the old pair with Set-SailPatConfiguration -BaseUrl and -Credential, then undo again; or resume the rotation.' $Known.rotation)
}

# The row of a version for calls with a pair of this tenant. Where to sign in there is only known where the tenant is
# the one in force; else it is found out.
function Get-PairRow($Cmdlet, $Version, [pscredential]$Pair, [string]$BaseUrl) {
    $row = $Version.Clone()
    $row.Pair = $Pair
    $row.PairTenant = @{ BaseUrl = $BaseUrl; TokenUrl = $null }
    $inForce = Get-InForce $Cmdlet $Version
    if ($inForce.baseUrl -and [TenantUrl]::Same($inForce.baseUrl, $BaseUrl) -and
        -not [string]::Equals($inForce.tokenUrl, "$($inForce.baseUrl.TrimEnd('/'))/oauth/token")) {
        $row.PairTenant.TokenUrl = $inForce.tokenUrl
    }
    $row
}

# The old pair, where this session still has it.
function Get-OldPair($Rotation, $Kept) {
    foreach ($pair in @($Kept.Before, $Kept.Old) + @(Get-PairsAtHand $Rotation.baseUrl)) {
        if ($pair -is [pscredential] -and [string]::Equals($pair.UserName, $Rotation.oldId)) { return $pair }
    }
}

# The list tells, and not the bearer, which may outlive its token.
function Assert-OldLives($Cmdlet, $Version, $Row, $Known) {
    $own = try { (Invoke-Operation $Cmdlet $Row 'list' '{"ownerId":"me"}').data }
    catch {
        # A token of narrow scope signs in, and may list nothing.
        if ($_.Exception.Data['status'] -ne 403) { throw }
        [Caller]::Forget($_)
        (Invoke-Operation $Cmdlet $Version 'list' '{"ownerId":"me"}').data
    }
    foreach ($token in $own) { if ([string]::Equals($token.id, $Known.oldId)) { return } }
    throw (New-LocalError 'rotation_refused' "The old token $($Known.oldId) is gone: there is nothing to go back to. Nothing was changed." `
        'InvalidOperation' "Resume-SailPatRotation $($Known.rotation)" $Known.rotation)
}

# The rotation was not taken back: where the old token is not the one that stays, the new pair must be in its place.
function Restore-NewPair($Cmdlet, $Known, $Kept) {
    try {
        $now = Get-KnownRotation $Cmdlet $Known.rotation
        $isHalfBack = $now.state -eq 'undoing' -and $Known.state -ne 'undoing'
        if ($isHalfBack -or (Get-KeptValue $Kept.Keep).Holds($Kept.Pair)) { return }
        $found = Get-KeptValue $Kept.Keep
        if ($found.IsNothing() -or $found.Holds($Kept.Before)) { Set-KeptPair $Kept.Keep $Kept.Pair }
    }
    catch {
        [Caller]::Forget($_)
        Add-Note Warning `
            ("The new pair of the rotation $($Known.rotation) is no longer in $($Kept.Keep.Words), and could not be put there again: " +
            "Undo-SailPatRotation $($Known.rotation) once the cause is gone, in this session.")
    }
}

# A rotation of this session was taken back, whoever did it: its place gets back what it held, and the session signs in
# as it did before.
function Complete-Undone($Cmdlet, $Version, $Known, $Undone) {
    $kept = $script:KeptBefore[$Undone.rotation]
    $session = Get-TenantSettings
    try {
        $left = Restore-KeptPair $kept.Keep $kept.Pair $kept.Before $false
        if ($left) { throw $left }
        $script:KeptBefore.Remove($Undone.rotation)
    }
    catch {
        [Caller]::Forget($_)
        Add-Note Warning `
            ("Rotation $($Undone.rotation) is undone, and $($kept.Keep.Words) did not get back what it held: " +
            "$([SecretText]::Reason($_, @($kept.Pair, $kept.Before))). Undo it again in this session once the cause is gone, or put the " +
            "old pair back by hand.")
    }
    $Undone.storedIn = $kept.Keep.Words
    Update-UndoneSession $Cmdlet $Version $Known $kept $session
    $Undone
}

# A rotation was taken back, and its place cannot be looked at.
function Add-LeftNote($Rotation) {
    if ($Rotation.state -ne 'undone' -or -not (Test-CallersStore $Rotation) -or $Rotation.history.step -notcontains 'handed_over') {
        return
    }
    $way = if ($null -eq $Rotation.oldId) { 'Take it out by hand where they do.' } else { 'Put the old pair back by hand where they do.' }
    Add-Note Warning `
        ("Rotation $($Rotation.rotation): the vault or variables that it stored its pair in cannot be looked up from here, and may hold " +
        "the pair of the removed token. $way")
}

# A session that signs in from the store that gets the old pair back follows by itself.
function Undo-Rotation($Cmdlet, $Version, [string]$Id) {
    if ($script:KeptBefore.ContainsKey($Id)) { return Undo-KeptRotation $Cmdlet $Version $Id }
    $undone = ConvertTo-Rotation (Invoke-Operation $Cmdlet $Version 'rotation_undo' ([RequestJson]::Text(@{ rotation = $Id })) $Id).data
    Add-LeftNote $undone
    $undone
}
