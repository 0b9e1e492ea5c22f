using namespace System.Management.Automation

# Before the old token of a rotation goes, the place that only PowerShell can reach must hold the new pair: it is looked
# at then, and again after the end. Somebody may have put something else there since it was stored.

# States in which what the place holds decides.
$script:HeldStates = 'awaiting_confirmation', 'stored', 'overlapping', 'deleted'

# The place that this session stored the pair of a rotation in, as long as it may be undone.
function Get-RememberedStore([string]$Id) { if ($script:KeptBefore.ContainsKey($Id)) { $script:KeptBefore[$Id].Keep } }

function Test-SameStore($One, $Other) {
    $null -ne $One -and $null -ne $Other -and [string]::Equals($One.Kind, $Other.Kind, [StringComparison]::OrdinalIgnoreCase) -and
        [string]::Equals($One.Name, $Other.Name, [StringComparison]::OrdinalIgnoreCase) -and
        [string]::Equals($One.Vault, $Other.Vault, [StringComparison]::OrdinalIgnoreCase)
}

function Resume-Rotation($Cmdlet, $Version, [string]$Id, [bool]$Now, $Keep) {
    $known = Get-KnownRotation $Cmdlet $Id
    $isRemembered = $script:KeptBefore.ContainsKey($Id)
    $isNamed = $null -ne $Keep
    if (-not $isNamed) { $Keep = Get-RememberedStore $Id }
    $isHere = $null -ne $Keep -and (Test-CallersStore $known) -and $script:HeldStates.Contains($known.state)
    # Looking there may put the pair back: of another tenant's rotation nothing is touched.
    if ($isHere) { Assert-Tenant $Cmdlet $Version $known }
    $pair = if ($isHere) { Get-HeldPair $Cmdlet $Version $known $Keep }
    if ($null -ne $pair) { return Complete-HeldRotation $Cmdlet $Version $known $Keep $pair $Now $isNamed }
    $rotation = ConvertTo-Rotation `
        (Invoke-Operation $Cmdlet $Version 'rotation_resume' ([RequestJson]::Text(@{ rotation = $Id; now = $Now })) $Id).data
    if ($rotation.state -eq 'undone' -and $isRemembered) { return Complete-Undone $Cmdlet $Version $known $rotation }
    Clear-KeptBefore $rotation
    # Where the place was looked at it has the old pair.
    if (-not $isHere) { Add-LeftNote $rotation }
    Update-SessionPair $Cmdlet $Version $rotation @{ Keep = $Keep }
    $rotation
}

# Confirms with what the place holds, and looks there again once the old token is gone.
function Complete-HeldRotation($Cmdlet, $Version, $Known, $Keep, [pscredential]$Pair, [bool]$Now, [bool]$IsNamed) {
    $confirmed = ConvertTo-Rotation `
        (Invoke-Operation $Cmdlet $Version 'rotation_resume' ([HandedPair]::Confirmation($Known.rotation, $Pair, $Now)) `
        $Known.rotation).data
    $confirmed.storedIn = $Keep.Words
    $Keep.Pair = $Pair
    if ($confirmed.state -in 'deleted', 'done') { Confirm-StillHeld $confirmed $Keep $Pair }
    Clear-KeptBefore $confirmed
    # A session that has the old pair during an overlap may have it on purpose.
    if ($IsNamed -or $confirmed.state -ne 'overlapping') { Update-SessionPair $Cmdlet $Version $confirmed @{ Keep = $Keep } }
    $confirmed
}

# The new pair, as the place holds it now. A place that lost it gets it again where this session knows it and nothing of
# anybody else is there. Nothing comes back where the pair never came there: then the rotation is to be taken back.
function Get-HeldPair($Cmdlet, $Version, $Known, $Keep) {
    try { $found = Get-KeptValue $Keep }
    catch {
        [Caller]::Forget($_)
        throw (New-NotHeldError $Known $Keep "What is in $($Keep.Words) cannot be looked at: $([SecretText]::Reason($_, @()))" 'ReadError' `
            'Unlock it, or see to it that it can be read, then resume again.')
    }
    if ([string]::Equals($found.Id(), $Known.newId)) { return $found.Pair() }
    $isFree = Test-Replaceable $Known $Keep $found
    if ($isFree -and $Known.state -eq 'awaiting_confirmation' -and
        -not [string]::Equals((Get-InForce $Cmdlet $Version).clientId, $Known.newId)) {
        return
    }
    $pair = if ($isFree) { Get-NewPair $Known }
    if ($null -eq $pair) {
        throw (New-NotHeldError $Known $Keep `
            "$($Keep.Words) holds $($found.Words()), and not the new pair of the rotation $($Known.rotation)" 'InvalidResult' `
            (Get-NotHeldRemedy $Known))
    }
    try { Restore-HeldPair $Known $Keep $pair $found }
    catch {
        [Caller]::Forget($_)
        throw (New-NotHeldError $Known $Keep `
            ("$($Keep.Words) holds $($found.Words()), and the new pair of the rotation $($Known.rotation) could not be put there again: " +
            "$([SecretText]::Reason($_, @($pair, $found.Pair())))") 'WriteError' `
            'Unlock it, or see to it that it can be written, then resume again.')
    }
    $pair
}

# Whether the new pair may be written over what a place holds: the old pair; or nothing, in the place that it was in.
function Test-Replaceable($Known, $Keep, $Found) {
    if ($Found.IsNothing()) { return Test-SameStore $Keep (Get-RememberedStore $Known.rotation) }
    $null -ne $Known.oldId -and [string]::Equals($Found.Id(), $Known.oldId)
}

# The new pair of a rotation, where this session has it.
function Get-NewPair($Known) {
    $kept = if ($script:KeptBefore.ContainsKey($Known.rotation)) { $script:KeptBefore[$Known.rotation].Pair }
    foreach ($pair in @($kept) + @(Get-PairsAtHand $Known.baseUrl)) {
        if ($pair -is [pscredential] -and [string]::Equals($pair.UserName, $Known.newId)) { return $pair }
    }
}

function Restore-HeldPair($Known, $Keep, [pscredential]$Pair, $Found) {
    Set-KeptPair $Keep $Pair
    if (-not (Get-KeptValue $Keep).Holds($Pair)) { throw 'it gives back something else than was stored' }
    Add-Note Warning `
        "Rotation $($Known.rotation): $($Keep.Words) held $($Found.Words()), and no longer the new pair, which was put there again."
}

# The old token is gone: the place must not have lost the only pair meanwhile.
function Confirm-StillHeld($Rotation, $Keep, [pscredential]$Pair) {
    try {
        $found = Get-KeptValue $Keep
        if ($found.Holds($Pair)) { return }
        if (-not (Test-Replaceable $Rotation $Keep $found) -and -not $found.IsNothing()) { throw "it holds $($found.Words()), which stays" }
        Restore-HeldPair $Rotation $Keep $Pair $found
    }
    catch {
        [Caller]::Forget($_)
        Add-Note Warning `
            ("Rotation $($Rotation.rotation) removed the old token, and $($Keep.Words) does not give the new pair any more: " +
            "$([SecretText]::Reason($_, @($Pair))). Rotate the token $($Rotation.newId) into another place from this session, which " +
            "signs in with it as long as it lasts.")
    }
}

function New-NotHeldError($Known, $Keep, [string]$Text, [ErrorCategory]$Category, [string]$Remedy) {
    $old = if ($null -eq $Known.oldId) { '.' }
    elseif ($Known.state -eq 'deleted') { "; the old token $($Known.oldId) is removed already." }
    else { ", and the old token $($Known.oldId) stays." }
    New-LocalError 'rotation_unfinished' "$Text. Nothing was changed$old" $Category $Remedy $Known.rotation
}

function Get-NotHeldRemedy($Known) {
    if ($Known.state -eq 'awaiting_confirmation') {
        return "Name the secret that holds the pair of the token $($Known.newId). Where none does, Resume-SailPatRotation " +
            "$($Known.rotation) without -SecretName takes the rotation back, or Undo-SailPatRotation $($Known.rotation)."
    }
    "Put the pair of the token $($Known.newId) there again, or name the secret that holds it, then resume " +
        "again$(if ($Known.state -ne 'deleted') { "; or take the rotation back: Undo-SailPatRotation $($Known.rotation)" })."
}

# Carries an earlier rotation of the token to its end whose pair is where only PowerShell can look. Gives back the
# rotation, or nothing where there is none.
function Complete-EarlierRotation($Cmdlet, $Version, $Keep, [string]$OldId) {
    $baseUrl = (Get-InForce $Cmdlet $Version).baseUrl
    foreach ($rotation in Get-Rotations $Cmdlet $true) {
        if ($rotation.state -notin 'awaiting_confirmation', 'stored', 'deleted' -or -not [TenantUrl]::Same($rotation.baseUrl, $baseUrl) -or
            -not (Test-CallersStore $rotation) -or -not ($rotation.oldId, $rotation.newId).Contains($OldId)) {
            continue
        }
        $earlier = Find-EarlierStore $rotation $Keep
        if ($null -eq $earlier) { continue }
        $pair = Get-HeldPair $Cmdlet $Version $rotation $earlier
        if ($null -ne $pair) { return Complete-HeldRotation $Cmdlet $Version $rotation $earlier $pair $false $true }
    }
}

# Where the pair of an earlier rotation is, or should be.
function Find-EarlierStore($Rotation, $Keep) {
    $remembered = Get-RememberedStore $Rotation.rotation
    foreach ($earlier in $Keep, $remembered) {
        if ($null -ne $earlier -and [string]::Equals((Get-KeptValue $earlier).Id(), $Rotation.newId)) { return $earlier }
    }
    if ($Rotation.state -eq 'awaiting_confirmation') { return }
    if ($null -ne $remembered) { return $remembered }
    # It would hold the pair of a removed token.
    if ($null -ne $Keep -and $null -ne $Rotation.oldId -and [string]::Equals((Get-KeptValue $Keep).Id(), $Rotation.oldId)) { $Keep }
}

# Rotations of a token that a new one into another place takes back, where nobody can look whether their pair was stored.
function Get-BlindRotations($Cmdlet, $Keep, [string]$OldId) {
    # A place that is named was looked at.
    if ($null -ne $Keep) { return }
    foreach ($rotation in Get-Rotations $Cmdlet $true) {
        if ($rotation.state -eq 'awaiting_confirmation' -and (Test-CallersStore $rotation) -and
            [string]::Equals($OldId, $rotation.oldId) -and -not $script:KeptBefore.ContainsKey($rotation.rotation)) {
            $rotation.rotation
        }
    }
}
