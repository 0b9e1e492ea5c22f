# What a session was told outlives an import. A second import (by another path, of another version, with -Force, or
# after Remove-Module by the first command that is called) runs the module's scripts anew; were its settings new, too,
# the session's next line would go to whatever tenant the environment names. So the variables that hold them belong to
# the runspace: each copy of the module that it imports has the very same ones.
#
# The runspaces of a process share a module's classes as well as the process. So a class keeps nothing that belongs to
# one of them: it is here.

[NoRunspaceAffinity()]
class Session {
    # What belongs to this runspace, by its names. It goes when the runspace goes.
    static [hashtable] Variables() {
        $sessions = [Session]::OfProcess()
        $variables = $null
        if (-not $sessions.TryGetValue([runspace]::DefaultRunspace, [ref]$variables)) {
            $variables = @{}
            $sessions.Add([runspace]::DefaultRunspace, $variables)
        }
        return $variables
    }

    hidden static [System.Runtime.CompilerServices.ConditionalWeakTable[object, object]] OfProcess() {
        $process = [AppDomain]::CurrentDomain
        [System.Threading.Monitor]::Enter($process)
        try {
            if ($null -eq $process.GetData('SailPat.Sessions')) {
                $process.SetData('SailPat.Sessions', [System.Runtime.CompilerServices.ConditionalWeakTable[object, object]]::new())
            }
            return $process.GetData('SailPat.Sessions')
        }
        finally { [System.Threading.Monitor]::Exit($process) }
    }
}

# Those of this runspace, found once: that takes 25 us, too long for each call.
$script:SessionVariables = [Session]::Variables()

# The module that this runspace imported last, for completers: they run in the session of whoever calls, where the
# module's own functions are not seen.
[Session]::Variables()['Module'] = $ExecutionContext.SessionState.Module

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
            $data.Members[$name] = if ($member.LocalName -ceq 'ScriptMethod') {
                [System.Management.Automation.Runspaces.ScriptMethodData]::new($name, $script)
            }
            else { [System.Management.Automation.Runspaces.ScriptPropertyData]::new($name, $script) }
            if ($member.GetAttribute('IsHidden') -ceq 'true') { $data.Members[$name].IsHidden = $true }
        }
        $data
    }
}
