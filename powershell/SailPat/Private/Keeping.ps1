using namespace System.Management.Automation

# The places that only PowerShell can reach, a vault and the variables of this session: look, compare, store, look
# again, confirm. What the place holds decides, not what a command said of it; and a place that cannot be looked at, or
# may still be at work, decides nothing: then both tokens live, and the message says how to go on.

# Before anything is made: the place can be read, and holds nothing of anybody else.
function Assert-Keepable($Cmdlet, $Keep) {
    try { $found = Get-KeptValue $Keep }
    catch {
        [Caller]::Forget($_)
        throw (New-LocalError 'secret_not_stored' `
            "What is in $($Keep.Words) cannot be looked at: $([SecretText]::Reason($_, @())). Nothing was changed." 'ReadError' `
            'Unlock it, or see to it that it can be read, then try again.' $Keep.Words)
    }
    $foreign = Get-Foreign $Cmdlet $Keep $found
    if (-not $foreign) { return }
    $unfinished = Get-Rotations $Cmdlet $true |
        Where-Object { $_.state -ne 'unreadable' -and $found.Id() -and [string]::Equals($_.newId, $found.Id()) } | Select-Object -First 1
    if ($null -ne $unfinished) {
        throw (New-LocalError 'secret_not_stored' `
            ("There is something else in $($Keep.Words): $foreign, which the rotation $($unfinished.rotation) stored, and which is not " +
            "finished (Get-SailPatRotation -Unfinished). Nothing was changed.") 'ResourceExists' `
            "$(Get-ResumeWords $Keep $unfinished.rotation) ends it, Undo-SailPatRotation $($unfinished.rotation) takes it back." `
            $Keep.Words)
    }
    throw (New-LocalError 'secret_not_stored' "There is something else in $($Keep.Words): $foreign. Nothing was changed." 'ResourceExists' `
        $Keep.Remedy $Keep.Words)
}

# What is in a place and must stay there, in words. A rotation may replace the old pair of its token; and what a
# rotation of this machine removed is no token any more.
function Get-Foreign($Cmdlet, $Keep, $Found) {
    if ($Found.IsNothing()) { return }
    $id = $Found.Id()
    if ($id) {
        if ([string]::Equals($id, $Keep['Old'])) { return }
        foreach ($rotation in Get-Rotations $Cmdlet $false) {
            if ($rotation.state -eq 'undone' -and [string]::Equals($rotation.newId, $id)) { return }
            if ($rotation.state -in 'deleted', 'done' -and [string]::Equals($rotation.oldId, $id)) { return }
        }
    }
    $Found.Words()
}

# Keeps the pair, reads it back and confirms what came back.
function Confirm-HandedPair($Cmdlet, $Version, $Rotation, [pscredential]$Pair, $Keep) {
    $work = @{ Before = $null; IsTouched = $false; IsOpen = $false; HasTaken = $false; IsKept = $false; IsForeign = $false }
    $isOver = $false
    try {
        # From here on this function answers for the pair.
        $Keep.IsTaken = $true
        try { Save-KeptPair $Cmdlet $Rotation.rotation $Keep $Pair $work }
        catch {
            [Caller]::Forget($_)
            $failure = New-NotStoredError $Cmdlet $Version $Rotation $Pair $Keep $work ([SecretText]::Reason($_, @($Pair, $work.Before)))
            $isOver = $true
            throw $failure
        }
        $Keep.Pair = $Pair
        $confirmed = ConvertTo-Rotation `
            (Invoke-Operation $Cmdlet $Version 'rotation_resume' ([HandedPair]::Confirmation($Rotation.rotation, $Pair, $false)) `
            $Rotation.rotation).data
        $confirmed.storedIn = $Keep.Words
        Clear-KeptBefore $confirmed
        $isOver = $true
        $confirmed
    }
    catch {
        # What the native library refuses says itself where things stand.
        $isOver = $true
        [Caller]::Forget($_)
        throw
    }
    finally { if (-not $isOver) { Stop-Keeping $Cmdlet $Version $Rotation.rotation $Keep $work } }
}

# Compares, replaces and looks. It ends without an error where the place holds the pair, whatever was said meanwhile.
function Save-KeptPair($Cmdlet, [string]$Id, $Keep, [pscredential]$Pair, $Work) {
    $found = Get-KeptValue $Keep
    $foreign = Get-Foreign $Cmdlet $Keep $found
    if ($foreign) {
        $Work.IsForeign = $true
        throw "there is something else in it: $foreign"
    }
    $Work.Before = $found.Pair()
    if ($Keep.Kind -eq 'Environment') { $Keep.BaseUrlBefore = [Environment]::GetEnvironmentVariable('SAIL_BASE_URL') }
    $script:KeptBefore[$Id] = @{ Keep = $Keep; Pair = $Pair; Before = $Work.Before; Old = $null; Settings = $null }
    # Until it was looked at, nobody knows what it holds.
    $Work.IsTouched = $Work.IsOpen = $true
    $said = $null
    try {
        Set-KeptPair $Keep $Pair
        $Work.HasTaken = $true
    }
    catch {
        [Caller]::Forget($_)
        $said = [SecretText]::Reason($_, @($Pair, $Work.Before))
    }
    $back = Get-KeptValue $Keep
    $Work.IsOpen = $false
    if (-not $back.Holds($Pair)) { throw $(if ($said) { $said } else { 'it gives back something else than was stored' }) }
    $Work.IsKept = $true
    if ($said) { Add-Note Verbose "$($Keep.Words) holds the new pair, though it said: $said" }
}

# The command was stopped. What was begun in a place that may still be at work is left for a resume or an undo.
function Stop-Keeping($Cmdlet, $Version, [string]$Id, $Keep, $Work) {
    if (-not $Work.IsTouched -and (Undo-Begun $Cmdlet $Version $Id)) { return }
    $standing = Get-Standing $Cmdlet $Id
    $lives = if ($null -ne $standing -and $null -eq $standing.oldId) { 'the new token lives' } else { 'both tokens live' }
    $state = if ($Work.IsKept) { 'It holds the new pair.' } elseif ($Work.IsTouched) { "It may be at work still, so $lives." }
    Write-Unfinished $Keep.Words $Id $standing $state (Get-ResumeWords $Keep $Id)
}

# How a rotation goes on whose place holds the new pair, also from another session.
function Get-ResumeWords($Keep, [string]$Id) {
    if ($Keep.Kind -ne 'Secret') { return "Resume-SailPatRotation $Id" }
    "Resume-SailPatRotation $Id -SecretName '$($Keep.Name)'$(if ($Keep.Vault) { " -Vault '$($Keep.Vault)'" })"
}

# Takes everything back where that loses nothing, and gives the error that says what came of it. The reason has no
# secret in it any more.
function New-NotStoredError($Cmdlet, $Version, $Rotation, [pscredential]$Pair, $Keep, $Work, [string]$Reason) {
    $id = $Rotation.rotation
    $message = "The new pair could not be stored in $($Keep.Words): $Reason. "
    $left = $null
    try {
        if ($Work.IsOpen) { throw 'whether it holds the new pair is not known' }
        if ($Work.IsTouched) { $left = Restore-KeptPair $Keep $Pair $Work.Before $Work.HasTaken }
        [void](Invoke-Operation $Cmdlet $Version 'rotation_undo' ([RequestJson]::Text(@{ rotation = $id })) $id)
        $script:KeptBefore.Remove($id)
    }
    catch {
        [Caller]::Forget($_)
        $message += ("$(if ($null -ne $Rotation.oldId) { 'Both tokens live, and the old pair works' } else { 'The new token lives' }): " +
            "$([SecretText]::Reason($_, @($Pair, $Work.Before))).")
        $remedy = ("See to it that it can be read and written. Then $(Get-ResumeWords $Keep $id) goes on where it holds the new pair, " +
            "and Undo-SailPatRotation $id in this session puts back what was there.")
        return New-LocalError 'secret_not_stored' $message 'WriteError' $remedy $Keep.Words
    }
    if ($left) {
        return New-LocalError 'secret_not_stored' `
            "$($message)The new token was removed again, but its pair may still be in $($Keep.Words): $left." 'WriteError' `
            'Look there and remove it, if it is there: it does not sign in any more.' $Keep.Words
    }
    New-LocalError 'secret_not_stored' "$($message)The new token was removed again; nothing was changed." 'WriteError' `
        $(if ($Work.IsForeign) { $Keep.Remedy } else { 'Unlock it, or see to it that it can be read and written, then try again.' }) `
        $Keep.Words
}

# Puts back what was there before the new pair. What somebody else put there meanwhile stays: that is an error where
# there is a pair to put back. With $Anew it is written even where it is there already: what the place has taken may
# yet come after it. Gives back why the new pair may be there still, where nothing was there before.
function Restore-KeptPair($Keep, [pscredential]$Pair, $Before, [bool]$Anew) {
    $now = Get-KeptValue $Keep
    if ($null -eq $Before) { return Remove-KeptPair $Keep $Pair $now $Anew }
    $isThere = $now.Holds($Before)
    if ($isThere -and -not $Anew) { return }
    if (-not $now.IsNothing() -and -not ($Pair.UserName, $Before.UserName).Contains($now.Id())) {
        throw "$($Keep.Words) holds $($now.Words()) now, which stays"
    }
    try { Set-KeptPair $Keep $Before $Keep['BaseUrlBefore'] }
    catch {
        if (-not $isThere) { throw }
        [Caller]::Forget($_)
    }
    # A place that gives back other secrets than it was given does so with both: the id tells which one it holds.
    if (-not [string]::Equals((Get-KeptValue $Keep).Id(), $Before.UserName)) {
        throw "$($Keep.Words) does not give back the old pair that was put there again"
    }
}

# The same where there was nothing: no living token's secret depends on it.
function Remove-KeptPair($Keep, [pscredential]$Pair, $Now, [bool]$Anew) {
    if ($Now.IsNothing()) { return $(if ($Anew) { 'it took it without an error, and says that it has none' }) }
    if (-not [string]::Equals($Now.Id(), $Pair.UserName)) { return }
    try {
        if ($Keep.Kind -eq 'Environment') {
            [Environment]::SetEnvironmentVariable('SAIL_CLIENT_ID', $null)
            [Environment]::SetEnvironmentVariable('SAIL_CLIENT_SECRET', $null)
            [Environment]::SetEnvironmentVariable('SAIL_BASE_URL', $Keep['BaseUrlBefore'])
            return
        }
        $where = Get-VaultArguments $Keep
        # Remove-Secret wants a vault, and Set-Secret does not say which one it took.
        if (-not $Keep.Vault) { $where.Vault = Get-VaultOf $Keep }
        $WhatIfPreference, $ConfirmPreference = $false, 'None'
        Remove-Secret @where
    }
    catch {
        [Caller]::Forget($_)
        [SecretText]::Reason($_, @($Pair))
    }
}

# What is kept in a place now. A vault that is locked or fails is an error: what is in it is not known. Nor is it where
# a vault lists what it does not give.
function Get-KeptValue($Keep) {
    if ($Keep.Kind -eq 'Environment') { return [KeptValue]::OfVariables($Keep['BaseUrl']) }
    $where = Get-VaultArguments $Keep
    try { return [KeptValue]::new((Get-Secret @where)) }
    catch {
        if (($_.FullyQualifiedErrorId -split ',')[0] -cne 'GetSecretNotFound') { throw }
        [Caller]::Forget($_)
    }
    if (Get-VaultOf $Keep) { throw "the vault lists the secret '$($Keep.Name)', and does not give it" }
    [KeptValue]::new($null)
}

# The variables are one place: without the base URL beside it a pair would go to whatever tenant another place names.
function Set-KeptPair($Keep, [pscredential]$Pair, $BaseUrl = $Keep['BaseUrl']) {
    if ($Keep.Kind -eq 'Environment') {
        # They change between two calls of this thread; nothing here calls in between.
        [Environment]::SetEnvironmentVariable('SAIL_BASE_URL', $BaseUrl)
        [Environment]::SetEnvironmentVariable('SAIL_CLIENT_ID', $Pair.UserName)
        [Environment]::SetEnvironmentVariable('SAIL_CLIENT_SECRET', [SecretText]::Plain($Pair.Password))
        return
    }
    $where = Get-VaultArguments $Keep
    $WhatIfPreference, $ConfirmPreference = $false, 'None'
    [void](Set-Secret @where -Secret $Pair)
}

# The vault that holds a secret: the one that was named, or any.
function Get-VaultOf($Keep) {
    $where = Get-VaultArguments $Keep
    # A name is a pattern here.
    $where.Name = [WildcardPattern]::Escape($Keep.Name)
    foreach ($info in Get-SecretInfo @where) {
        if ([string]::Equals($info.Name, $Keep.Name, [StringComparison]::OrdinalIgnoreCase)) { return $info.VaultName }
    }
}

# Without its name Get-Secret would look in all vaults, and Set-Secret write into the default one.
function Get-DefaultVault {
    if ($null -eq (Get-Command Get-SecretVault -ErrorAction Ignore)) { return }
    foreach ($registered in Get-SecretVault @script:VaultCall) { if ($registered.IsDefault) { return $registered.Name } }
}

# A caller's preferences are not the vault's: with one at Stop a line of its own would end the call, and with -Confirm
# it would ask once more.
$script:VaultCall =
    @{
        ErrorAction = 'Stop'
        WarningAction = 'SilentlyContinue'
        InformationAction = 'SilentlyContinue'
        ProgressAction = 'SilentlyContinue'
        Verbose = $false
        Debug = $false
    }

function Get-VaultArguments($Keep) {
    $where = $script:VaultCall.Clone()
    $where.Name = $Keep.Name
    if ($Keep.Vault) { $where.Vault = $Keep.Vault }
    $where
}
