using namespace System.Management.Automation
using namespace System.Text.Json

# From the moment when a token was made until its secret is where it belongs: on the output, or in a store. What
# a command that is stopped on this way must say, it says here, and nothing keeps these lines from being shown.

# Tokens on their way to whoever asked for them, one for each object of a command's pipeline: from the reply on, a
# secret is nowhere but here. When the command ends before it could give a token, what was made must be named; and
# when it ends in the middle of its pipeline, what it gave before, too: a statement that assigns loses all of it.
[NoRunspaceAffinity()]
class Making {
    hidden [byte[]]$reply
    hidden [bool]$isGiving
    hidden [bool]$isOver
    hidden [System.Collections.Generic.List[string]]$given = [System.Collections.Generic.List[string]]::new()

    [void] TakeFrom([byte[]]$bytes) { $this.reply = $bytes }

    # A plain create's reply shows its secret.
    [bool] TakesSecret() { return $false }

    # Before anything is made: PowerShell hands nothing out when the variable that -PipelineVariable names takes
    # no token. (That of -OutVariable is looked at by PowerShell itself, before a command begins.)
    static [void] AssertOutlet([PSCmdlet]$cmdlet) {
        $name = $cmdlet.MyInvocation.BoundParameters['PipelineVariable']
        if (-not $name) { return }
        $variable = $cmdlet.SessionState.PSVariable.Get($name)
        if ($null -eq $variable) { return }
        # Only trying tells: a typed local variable does not say its type.
        try {
            $before = $variable.Value
            $variable.Value = [CreatePersonalAccessTokenResponse]::new()
            $variable.Value = $before
            return
        }
        catch { [Caller]::Forget($_) }
        $cmdlet.ThrowTerminatingError((New-LocalError 'invalid_request' `
            "-PipelineVariable names the variable $name, which cannot hold a token. Nothing was made." 'InvalidArgument' `
            'Name another one.' $name))
    }

    static [string] Field([JsonElement]$data, [string]$name) {
        $element = [JsonElement]::new()
        if ($data.TryGetProperty($name, [ref]$element)) { return $element.GetString() }
        return $null
    }

    # Hands out: called as the statement whose value is the output. What ends the command from here on is the
    # caller's own doing, until it goes on with the next object (Next).
    [object] Give([PSCmdlet]$cmdlet, [object]$made, [string]$words) {
        if ($cmdlet.Stopping) { throw [PipelineStoppedException]::new() }
        $this.isGiving = $true
        $this.Forget()
        if ($words) { $this.given.Add($words) }
        return $made
    }

    [void] Next() { $this.isGiving = $false }

    # The reply holds the secret: its bytes are wiped.
    [void] Forget() {
        if ($null -ne $this.reply) { [Array]::Clear($this.reply, 0, $this.reply.Length) }
        $this.reply = $null
    }
}

function Get-Orphan($Failure) { if ($null -ne $Failure.PSObject.Properties['orphan']) { $Failure.orphan } }

# After an object whose reply is still here: says what is left of the token that was not handed out.
function Write-Orphan($Making) {
    $reply = Read-Envelope $Making.reply
    $Making.Forget()
    $failure = if (-not $reply.ok) { Get-Failure $reply }
    # Any other failure says itself what it left behind.
    if ($null -ne $failure -and $failure.code -notin 'cancelled', 'not_finished') { return }
    $made = if ($reply.ok) { @{ name = [Making]::Field($reply.data, 'name'); id = [Making]::Field($reply.data, 'id') } }
    else { Get-Orphan $failure }
    $text = if ($null -ne $failure -and $failure.code -eq 'not_finished') {
        'The command was stopped while a token was being made, and whether it was made is not known. Get-SailPat -Mine shows it, if it ' +
            'was, and Remove-SailPat removes it: its secret is lost.'
    }
    elseif ($null -eq $made) { $failure.message }
    else {
        "The token '$($made.name)' was made, and its secret is lost, since the command ended before it could give it. Remove-SailPat " +
            "$($made.id) removes the token."
    }
    Microsoft.PowerShell.Utility\Write-Warning ([TerminalText]::Message($text)) -WarningAction Continue
}

# For a command's clean block: it ended in the middle of its pipeline, by an error or because it was stopped.
function Write-GivenBefore($Making) {
    if ($null -eq $Making -or $Making.isOver -or $Making.isGiving -or $Making.given.Count -eq 0) { return }
    $text = ("Made before this command ended early: $($Making.given -join ', '). Where its output is lost, so are their secrets: remove " +
        "them with Remove-SailPat.")
    Microsoft.PowerShell.Utility\Write-Warning ([TerminalText]::Message($text)) -WarningAction Continue
}

# For a command that is stopped on its way to a store. $Rotation is the one that it began, $Standing where that one
# is, as far as they are known; $State says what of the place, $Resume is the way on from there.
function Write-Unfinished([string]$What, [string]$Rotation, $Standing, [string]$State, [string]$Resume) {
    $ways = Get-UnfinishedWays $Rotation $Standing $State $Resume
    Microsoft.PowerShell.Utility\Write-Warning `
        ([TerminalText]::Message("The command was stopped on its way with $What. Nothing is lost: $ways")) -WarningAction Continue
}

function Get-UnfinishedWays([string]$Rotation, $Standing, [string]$State, [string]$Resume) {
    if (-not $Rotation) {
        return 'Get-SailPatRotation -Unfinished shows what is left, Resume-SailPatRotation carries it on or takes it back.'
    }
    if (-not $Resume) { $Resume = "Resume-SailPatRotation $Rotation" }
    $where = if ($null -ne $Standing) { $Standing.state }
    $hasOld = $null -ne $Standing -and $null -ne $Standing.oldId -and $where -ne 'awaiting_confirmation'
    $undo = "Undo-SailPatRotation $Rotation takes it back$(if ($hasOld) { ' as long as the old token lives' })."
    switch ($where) {
        'done' { return "the rotation $Rotation is done." }
        'undone' { return "the rotation $Rotation is taken back." }
        'deleted' { return "$State The old token is removed, $Resume ends the rotation.".TrimStart() }
        { $_ -in 'stored', 'overlapping' } { return "$State $Resume goes on, $undo".TrimStart() }
    }
    if (-not $State) { return "$Resume carries it on or takes it back." }
    "$State $Resume goes on where it holds the new pair, $undo"
}

# What a job hands over: the secret of a pair, and which rotation it is of.
[NoRunspaceAffinity()]
class HandedPair {
    [securestring]$Secret
    [string]$Rotation

    # Whether the secret is taken from the job, beside its reply.
    [bool] TakesSecret() { return $true }

    [void] TakeSecret([type]$native, [ulong]$job) { $this.Secret = [NativeText]::Secret($native, $job) }

    # The request that confirms a pair.
    static [Sealed] Confirmation([string]$rotation, [pscredential]$pair, [bool]$now) {
        return [Sealed]::Of([ordered]@{
                rotation = $rotation; now = $now; confirm = [ordered]@{ clientId = $pair.UserName; clientSecret = $pair.Password }
            })
    }
}
