# What a session was told outlives an import. A second import (by another path, of another version, with -Force, or
# after Remove-Module by the first command that is called) runs the module's scripts anew; were its settings new, too,
# the session's next line would go to whatever tenant the environment names. So the variables that hold them belong to
# the runspace: each copy of the module that it imports has the very same ones.

# The variables of this runspace by their names. They go when it goes.
function Get-SessionVariables {
    $process = [AppDomain]::CurrentDomain
    [Threading.Monitor]::Enter($process)
    try {
        $sessions = $process.GetData('SailPat.Sessions')
        if ($null -eq $sessions) {
            $sessions = [System.Runtime.CompilerServices.ConditionalWeakTable[object, object]]::new()
            $process.SetData('SailPat.Sessions', $sessions)
        }
    }
    finally { [Threading.Monitor]::Exit($process) }
    $variables = $null
    if (-not $sessions.TryGetValue([runspace]::DefaultRunspace, [ref]$variables)) {
        $variables = @{}
        $sessions.Add([runspace]::DefaultRunspace, $variables)
    }
    $variables
}

# What another version of the module left may lack a setting of this one, and its API version counts here.
function Complete-Session {
    foreach ($default in (New-Configuration).GetEnumerator()) {
        if (-not $script:Configuration.ContainsKey($default.Key)) { $script:Configuration[$default.Key] = $default.Value }
    }
    Set-BridgedVersion $script:ApiVersion
}

# The members of types are there already. Those of another copy of the module give way to this one's, as long as the
# session lasts: whichever copy is removed later, they stay.
function Update-SessionTypes([psvariable]$From) {
    $isThere = $null -ne ([pscustomobject]@{ PSTypeName = 'SailPat.Record' }).PSObject.Methods['Shown']
    if ($isThere -and [string]::Equals($From.Value, $script:ModuleRoot, [StringComparison]::Ordinal)) { return }
    Update-TypeData -TypeData (Get-OwnTypes) -Force
    $From.Value = $script:ModuleRoot
}

# What SailPat.Types.ps1xml says, as objects.
function Get-OwnTypes {
    $file = [xml][IO.File]::ReadAllText([IO.Path]::Combine($script:ModuleRoot, 'SailPat.Types.ps1xml'))
    foreach ($type in $file.SelectNodes('/Types/Type')) {
        $data = [System.Management.Automation.Runspaces.TypeData]::new($type.SelectSingleNode('Name').InnerText)
        foreach ($member in $type.SelectNodes('Members/*')) {
            $name = $member.SelectSingleNode('Name').InnerText
            $script = [scriptblock]::Create($member.SelectSingleNode('Script|GetScriptBlock').InnerText)
            $data.Members[$name] = if ($member.LocalName -ceq 'ScriptMethod') { [System.Management.Automation.Runspaces.ScriptMethodData]::new($name, $script) }
            else { [System.Management.Automation.Runspaces.ScriptPropertyData]::new($name, $script) }
            if ($member.GetAttribute('IsHidden') -ceq 'true') { $data.Members[$name].IsHidden = $true }
        }
        $data
    }
}
