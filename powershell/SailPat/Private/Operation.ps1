using namespace System.Diagnostics
using namespace System.Management.Automation
using namespace System.Text.Json

# Runs one operation of the native library and hands back its reply. Every command goes through
# here. The native job is waited for in turns of 50 ms, so that Ctrl-C and Select-Object -First
# end it at once: a blocking native call could not be interrupted.

# Text with a closing NUL, ready for the native side.
$script:OperationNames = @{}
foreach ($name in 'create', 'list', 'get', 'update', 'delete', 'bearer', 'settings', 'rotate', 'rotation_list', 'rotation_resume', 'rotation_undo', 'doctor', 'profiles', 'profile_set', 'profile_remove', 'change_log') { $script:OperationNames[$name] = [Text.Encoding]::UTF8.GetBytes("$name`0") }
# A create whose pair is stored answers with another kind of token.
$script:OperationNames['create_stored'] = $script:OperationNames['create']

# Operations whose reply cannot be had again. With a preference at Stop a message ends the command, and
# nothing can catch that: so none comes before the reply is out.
$script:HandingOut = 'create', 'create_stored', 'rotate', 'rotation_resume', 'rotation_undo'

# The preferences of whoever called a command, for its begin block to take over. A function in a
# module sees the module's own and not the caller's: with $WhatIfPreference set in a calling
# script it would delete all the same. What was given as a parameter wins.
[NoRunspaceAffinity()]
class Caller {
    static [object[]] Preferences([PSCmdlet]$cmdlet) {
        $callers = $cmdlet.SessionState.PSVariable
        $given = $cmdlet.MyInvocation.BoundParameters
        return @(
            $(if ($given.ContainsKey('WhatIf')) { [bool]$given['WhatIf'] } else { $callers.GetValue('WhatIfPreference') })
            $(if ($given.ContainsKey('Confirm')) { if ($given['Confirm']) { 'Low' } else { 'None' } } else { $callers.GetValue('ConfirmPreference') })
            $(if ($given.ContainsKey('Verbose')) { [Caller]::Switched($given['Verbose']) } else { $callers.GetValue('VerbosePreference') })
            $(if ($given.ContainsKey('Debug')) { [Caller]::Switched($given['Debug']) } else { $callers.GetValue('DebugPreference') })
            $(if ($given.ContainsKey('ErrorAction')) { $given['ErrorAction'] } else { $callers.GetValue('ErrorActionPreference') })
            $(if ($given.ContainsKey('WarningAction')) { $given['WarningAction'] } else { $callers.GetValue('WarningPreference') })
            $(if ($given.ContainsKey('ProgressAction')) { $given['ProgressAction'] } else { $callers.GetValue('ProgressPreference') })
        )
    }

    # An error on its way out. PowerShell noted it in $Error when it was thrown in here, and will
    # note it again, or not with -ErrorAction Ignore, when it reaches the caller.
    static [ErrorRecord] Once([ErrorRecord]$record) {
        [Caller]::Forget($record)
        return $record
    }

    static [void] Forget([ErrorRecord]$record) {
        $noted = $global:Error
        if ($noted.Count -eq 0 -or $noted[0] -isnot [ErrorRecord]) { return }
        if ([object]::ReferenceEquals($noted[0].Exception.GetBaseException(), $record.Exception.GetBaseException())) { $noted.RemoveAt(0) }
    }

    hidden static [ActionPreference] Switched([bool]$on) {
        return $(if ($on) { [ActionPreference]::Continue } else { [ActionPreference]::SilentlyContinue })
    }
}

# A request that holds a secret comes as bytes with their closing NUL, and is wiped; every other one is
# text. A reply that hands a secret over gives it to $Handed and keeps none.
function Invoke-Operation($Cmdlet, $Version, [string]$Operation, $Request, $Target, [bool]$WithHeaders, $Handed) {
    $native = $script:Native
    if ($null -eq $native) { $native = Initialize-Native }
    $debugging = $DebugPreference -ne [ActionPreference]::SilentlyContinue
    # A request with a secret in it is not shown.
    if ($debugging) { $Cmdlet.WriteDebug("$Operation, $(Get-PlaceText $Version): $(if ($Request -is [byte[]] -or $Operation -ceq 'profile_set') { '[holds a secret]' } else { $Request })") }

    $configured = if ($script:ConfigurationShared) { ConvertTo-JsonText (Get-ConfiguredSettings) } else { $script:ConfigurationChanges }
    $seen = [Surroundings]::Text($Cmdlet, $configured, $script:SurroundingNames)
    $key = "$($Version.Name) $WithHeaders $debugging $($Version['Profile']) $($Version['Pair'])"
    $known = $null
    $client = if ($script:Clients.TryGetValue($key, [ref]$known) -and $known.MadeFrom -ceq $seen) { $known.Handle }
    else { New-Client $Cmdlet $key $seen $Version $WithHeaders $debugging }

    # What takes no longer than a turn is done on this thread; the rest goes on as a job.
    $job = 0UL
    try {
        $sent = if ($Request -is [byte[]]) { , $Request } else { , [Text.Encoding]::UTF8.GetBytes("$Request`0") }
        $text = $native::pat_job_run($client, $script:OperationNames[$Operation], $sent, 50, [ref]$job)
        if ($job -ne 0) {
            Wait-NativeJob $Cmdlet $job $Operation
            $text = $native::pat_job_take($job)
        }
        $bytes = [NativeText]::Read($native, $text)
    }
    # Frees the job, and cancels it when it still runs.
    finally {
        if ($job -ne 0) { [void]$native::pat_job_free($job) }
        if ($Request -is [byte[]]) { [Array]::Clear($Request, 0, $Request.Length) }
    }
    if ($null -ne $Handed) { $Handed.TakeFrom($bytes) }

    $type = $script:ReplyTypes[$Operation][[int]$Version.NeverExpires]
    $extrasBefore = [ExtraFields]::Made
    try { $reply = [JsonSerializer]::Deserialize([IO.MemoryStream]::new($bytes), $type, $script:JsonOptions) }
    catch [JsonException] {
        [Caller]::Forget($_)
        $reply = Read-ReplyAsSent $bytes $type
    }
    if ([ExtraFields]::Made -ne $extrasBefore) { $reply = Expand-UnknownFields $reply }
    $isOnlyOne = $Operation -cin $script:HandingOut
    if (($debugging -or $VerbosePreference -ne [ActionPreference]::SilentlyContinue) -and -not ($isOnlyOne -and [ActionPreference]::Stop -in $VerbosePreference, $DebugPreference)) { Write-CallDetail $Cmdlet $Version $Operation $reply }
    if (-not $reply.ok) { throw (New-OperationError $reply.error $Target $Version['Profile']) }
    if ($reply.meta.deprecated -and -not $isOnlyOne -and $script:DeprecationsKnown.Add($Version.Name)) { Write-DeprecationWarning $Cmdlet $Version }
    $reply
}

# Longer than a moment: shows progress after a second, and says when it is the rate limit.
function Wait-NativeJob($Cmdlet, [ulong]$Job, [string]$Operation) {
    $native = $script:Native
    $watch = [Stopwatch]::StartNew()
    $shown = $null
    $warned = $false
    $nextLook = 1000
    while ($native::pat_job_wait($Job, 50) -eq 0) {
        if ($watch.ElapsedMilliseconds -lt $nextLook) { continue }
        $nextLook = $watch.ElapsedMilliseconds + 250
        $state = (Read-Envelope ([NativeText]::Read($native, $native::pat_job_progress($Job)))).data
        if ($state.ValueKind -ne [JsonValueKind]::Object) { continue }
        $state = [SailPatRecord]::Plain($state)
        if (-not $warned -and $state.waitReason -eq 'rate limit' -and $state.waitMs -gt 5000) {
            $Cmdlet.WriteWarning("The service's rate limit makes this call wait for $([int]($state.waitMs / 1000)) s.")
            $warned = $true
        }
        $doing = if ($script:OperationWords.ContainsKey($Operation)) { $script:OperationWords[$Operation] } else { "$Operation personal access tokens" }
        $shown = [ProgressRecord]::new(7257, "SailPoint: $doing", (Get-ProgressText $state))
        $Cmdlet.WriteProgress($shown)
    }
    if ($null -ne $shown) {
        $shown.RecordType = [ProgressRecordType]::Completed
        $Cmdlet.WriteProgress($shown)
    }
}

# What progress says that an operation does, where its name does not.
$script:OperationWords = @{
    doctor = 'checking the connection'; create_stored = 'create a personal access token and store its secret'; rotate = 'rotate a personal access token'
    rotation_resume = 'carry a rotation on'; rotation_undo = 'take a rotation back'
}

function Get-ProgressText($State) {
    if ($State.waitReason -eq 'spreading') { return 'waiting for the new token to spread' }
    $text = [string]$State.phase
    if ($State.attempt -gt 1) { $text += ", attempt $($State.attempt)" }
    if ($State.receivedBytes -gt 0) { $text += ", $([math]::Round($State.receivedBytes / 1MB, 1)) MB received" }
    if ($text) { $text } else { 'waiting' }
}

function Write-CallDetail($Cmdlet, $Version, [string]$Operation, $Reply) {
    foreach ($line in $Reply.meta.log) { $Cmdlet.WriteDebug($line) }
    $outcome = if ($Reply.ok) { "status $($Reply.status)" } else { 'failed' }
    $Cmdlet.WriteVerbose(("{0} ({1}): {2}, {3} attempt(s), {4:0.0} ms, request id {5}" -f $Operation, $Version.Name, $outcome,
            $Reply.meta.attempts, $Reply.meta.elapsedMs, $Reply.meta.requestId))
    if ($Reply.meta.note) { $Cmdlet.WriteVerbose($Reply.meta.note) }
}

# Once per process, not once per runspace or call. What this runspace knows already is not asked again.
$script:DeprecationsKnown = [System.Collections.Generic.HashSet[string]]::new()

function Write-DeprecationWarning($Cmdlet, $Version) {
    $process = [AppDomain]::CurrentDomain
    $key = "SailPat.Deprecated.$($Version.Name)"
    if ($process.GetData($key)) { return }
    $process.SetData($key, $true)
    $Cmdlet.WriteWarning("The service calls API version $($Version.Name) deprecated; its successor is v1. 'Set-SailPatConfiguration -ApiVersion v1' makes the V2024 commands speak v1.")
}

# A warning about what was just handed out. With $WarningPreference at Stop it shows, and what was handed
# out stays: a command that is ended gives its caller nothing.
function Write-LateWarning($Cmdlet, [string]$Text) {
    if ($WarningPreference -eq [ActionPreference]::Stop) { Write-Warning $Text -WarningAction Continue } else { $Cmdlet.WriteWarning($Text) }
}

# What -WithHttpInfo hands out.
function New-HttpInfo($Reply, $Response, [string]$Profile) {
    $headers = [System.Collections.Generic.Dictionary[string, string[]]]::new([StringComparer]::OrdinalIgnoreCase)
    if ($null -ne $Reply.meta.headers) { foreach ($pair in $Reply.meta.headers.GetEnumerator()) { $headers[$pair.Key] = $pair.Value } }
    $info = @{ Response = $Response; StatusCode = [int]$Reply.status; Headers = $headers }
    if ($Profile) { $info.Profile = $Profile }
    $info
}
