# From the doctor's report to one object for each check.

function Get-Checks($Cmdlet, [string]$Profile, [string]$Request, $Row) {
    try {
        $report = [SailPatRecord]::Plain((Invoke-Operation $Cmdlet ($Row ?? (Get-ChosenVersion $Cmdlet '' $Profile)) 'doctor' `
            $Request).data)
    }
    catch {
        # Settings or profiles that make no client: there is nothing to go on with.
        [Caller]::Forget($_)
        return New-FailedCheck $Profile $_
    }
    foreach ($check in $report.checks) { New-Check $Profile $check }
}

function New-FailedCheck([string]$Profile, $Record) {
    if ($Record.Exception.Data['code'] -notin 'settings_invalid', 'settings_missing', 'settings_mixed', 'state_failed', 'profile_unknown',
        'invalid_request') {
        throw $Record
    }
    New-Check $Profile @{ check = 'settings'; state = 'failed'; found = Get-ErrorWords $Record; remedy = $Record.Exception.Data['remedy'] }
}

# The checks of each profile that was asked for; one whose name cannot be looked up is a failed check.
function Get-AllChecks($Cmdlet, [string[]]$Asked, [bool]$Offline) {
    $seen = [System.Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
    $entries = foreach ($one in $(if ($Asked) { $Asked } else { '' })) {
        try { $names = @(Get-AskedProfiles $Cmdlet $one) }
        catch {
            [Caller]::Forget($_)
            @{ Failed = New-FailedCheck $one $_ }
            continue
        }
        foreach ($name in $names) { if ($seen.Add([string]$name)) { @{ Name = [string]$name } } }
    }
    $request = if ($Offline) { '{"offline":true}' } else { '{}' }
    $ahead = New-Ahead
    try {
        $names = foreach ($entry in $entries) { if ($entry.ContainsKey('Name')) { $entry.Name } }
        if ($seen.Count -gt 1) { Start-Ahead $Cmdlet $ahead $names $null '' 'doctor' $request }
        foreach ($entry in $entries) {
            if ($entry.ContainsKey('Failed')) { $entry.Failed } else { Get-Checks $Cmdlet $entry.Name $request $ahead.Row($entry.Name) }
        }
    }
    finally { $ahead.Stop() }
}

# What a check of the session found. Of its settings the native library tells the names of what was given.
function Get-FoundText($Check, $Found) {
    $text = Get-SessionText $Found
    if ($Check -ceq 'settings' -and $text -is [string]) { $text -creplace '\((baseUrl|clientId|clientSecret)\)', '(this session)' }
    else { $text }
}

function New-Check([string]$Profile, $Check) {
    # Not every check has a value. An empty array stays one.
    $value = $null
    if ($Check -isnot [hashtable] -and $null -ne $Check.PSObject.Properties['value']) { $value = $Check.value }
    if ($null -ne $value -and $null -ne $value.PSObject.Properties['places']) { $value.places = @(ConvertTo-Places $value.places) }
    $record = [pscustomobject]@{
        PSTypeName = 'SailPat.Check'
        Check = $Check.check
        State = $Check.state
        Found = $(if ($Profile) { $Check.found } else { Get-FoundText $Check.check $Check.found })
        Remedy = $(if ($Check.remedy) { ConvertTo-CommandWords $Check.remedy })
        Value = $value
        Profile = $(if ($Profile) { $Profile })
    }
    $record.PSObject.TypeNames.Insert(1, 'SailPat.Record')
    $record
}
