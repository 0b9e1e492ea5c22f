# From the doctor's report to one object for each check.

function Get-Checks($Cmdlet, [string]$Profile, [bool]$Offline) {
    $request = if ($Offline) { '{"offline":true}' } else { '{}' }
    try { $report = [SailPatRecord]::Plain((Invoke-Operation $Cmdlet (Get-ChosenVersion $Cmdlet '' $Profile) 'doctor' $request).data) }
    catch {
        # Settings that make no client: there is nothing to go on with.
        if ($_.Exception.Data['code'] -ne 'settings_invalid') { throw }
        [Caller]::Forget($_)
        return New-Check $Profile @{ check = 'settings'; state = 'failed'; found = $_.Exception.Message; remedy = $_.ErrorDetails.RecommendedAction }
    }
    foreach ($check in $report.checks) { New-Check $Profile $check }
}

function New-Check([string]$Profile, $Check) {
    # Not every check has a value. An empty array stays one.
    $value = $null
    if ($Check -isnot [hashtable] -and $null -ne $Check.PSObject.Properties['value']) { $value = $Check.value }
    [pscustomobject]@{
        PSTypeName = 'SailPat.Check'
        Check = $Check.check; State = $Check.state; Found = $Check.found; Remedy = $Check.remedy; Value = $value; Profile = $(if ($Profile) { $Profile })
    }
}
