using namespace System.Management.Automation

# Lines for people: verbose, debug and warning lines, and progress. None of them ever stops a command or asks:
# with -Debug, or a preference at Inquire or Stop, PowerShell would do so after something was done and before
# its result was handed out, and a new secret would be gone. So lines wait until a command has given what it
# has to give; each public command ends with Write-Notes. Only Write-EarlyWarning can stop a command.

$script:Notes = [System.Collections.Generic.List[object]]::new()

function Add-Note([string]$Stream, [string]$Text) { $script:Notes.Add(@{ Stream = $Stream; Text = $Text }) }

# Whether a preference lets lines through. Which of the others it is makes no difference here. A method, because
# this is on every call's way.
[NoRunspaceAffinity()]
class Hearing {
    static [bool] Of([object]$preference) {
        return $preference -ne [ActionPreference]::SilentlyContinue -and $preference -ne [ActionPreference]::Ignore
    }
}

function Write-Notes {
    # What is written may be redirected to a command that calls one of ours.
    $waiting = $script:Notes.ToArray()
    $script:Notes.Clear()
    foreach ($note in $waiting) {
        $text = [TerminalText]::Message($note.Text)
        switch ($note.Stream) {
            'Verbose' { if ([Hearing]::Of($VerbosePreference)) { Microsoft.PowerShell.Utility\Write-Verbose $text -Verbose } }
            'Debug' { if ([Hearing]::Of($DebugPreference)) { Microsoft.PowerShell.Utility\Write-Debug $text -Debug } }
            # One that is not shown is still for -WarningVariable.
            'Warning' {
                if ($WarningPreference -ne [ActionPreference]::Ignore) {
                    Microsoft.PowerShell.Utility\Write-Warning $text `
                        -WarningAction $(if ([Hearing]::Of($WarningPreference)) { 'Continue' } else { 'SilentlyContinue' })
                }
            }
        }
    }
}

# A warning before anything is done: with the caller's preference at Stop or Inquire it ends the command or asks.
# (Not by $PSCmdlet, which with -Debug always asks.)
function Write-EarlyWarning([string]$Text) {
    Microsoft.PowerShell.Utility\Write-Warning ([TerminalText]::Message($Text)) -WarningAction $WarningPreference
}

# Progress goes to the host alone, so it need not wait.
function Show-Progress([int]$Id, [string]$Activity, [string]$Status, [bool]$IsOver) {
    if (-not [Hearing]::Of($ProgressPreference)) { return }
    $line = @{
        Id = $Id
        Activity = [TerminalText]::Message($Activity)
        Status = [TerminalText]::Message($Status)
        Completed = $IsOver
        ProgressAction = 'Continue'
    }
    Microsoft.PowerShell.Utility\Write-Progress @line
}

# How far a pipeline is, once it takes longer than a second.
function Show-PipelineProgress($State, [string]$Activity) {
    $State.Count++
    if ($State.Watch.ElapsedMilliseconds -ge 1000) { Show-Progress 7258 $Activity "$($State.Count) so far" $false }
}
