# From the doctor's report to one object for each check.

function Get-Checks($Cmdlet, [bool]$Offline) {
    $request = if ($Offline) { '{"offline":true}' } else { '{}' }
    try { $report = [SailPatRecord]::Plain((Invoke-Operation $Cmdlet (Get-CurrentVersion) 'doctor' $request).data) }
    catch {
        # Settings that make no client: there is nothing to go on with.
        if ($_.Exception.Data['code'] -ne 'settings_invalid') { throw }
        [Caller]::Forget($_)
        return , @(New-Check @{ check = 'settings'; state = 'failed'; found = $_.Exception.Message; remedy = $_.ErrorDetails.RecommendedAction })
    }
    , @(foreach ($check in $report.checks) { New-Check $check })
}

function New-Check($Check) {
    # Not every check has a value. An empty array stays one.
    $value = $null
    if ($Check -isnot [hashtable] -and $null -ne $Check.PSObject.Properties['value']) { $value = $Check.value }
    [pscustomobject]@{
        PSTypeName = 'SailPat.Check'
        Check = $Check.check; State = $Check.state; Found = $Check.found; Remedy = $Check.remedy; Value = $value
    }
}
