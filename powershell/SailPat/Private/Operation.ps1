using namespace System.Diagnostics
using namespace System.Management.Automation
using namespace System.Net.Http
using namespace System.Text.Json

# Runs one operation of the native library and hands back its reply, or ends with the error that it ended with. Every
# command goes through here. The native job is waited for in turns of 50 ms, so that Ctrl-C and Select-Object -First
# end it at once: a blocking native call could not be interrupted.

# A request is JSON text, or Sealed where it holds a secret. (Nothing here asks for one of our classes by its type:
# when another runspace imports the module, there is another type of that name.) A reply to a create gives its bytes
# to $Handed first, and so does one that came when the command was stopped. A pair that is handed over never is part
# of a reply here: $Handed takes its secret from the job.
function Invoke-Operation($Cmdlet, $Version, [string]$Operation, $Request, $Target, $WithHeaders, $Handed) {
    $native = $script:Native
    if ($null -eq $native) { $native = Initialize-Native }
    $debugging = $DebugPreference -ne [ActionPreference]::SilentlyContinue -and [Hearing]::Of($DebugPreference)
    if ($debugging) {
        Add-Note Debug "$Operation, $(Get-RowText $Version): $(if ($Request -isnot [string]) { '[holds a secret]' } else { $Request })"
    }
    $configured = if ($script:ConfigurationShared) { Get-ConfiguredSettings } else { $script:ConfigurationChanges }
    $WithHeaders = [bool]$WithHeaders
    $client = [KnownClient]::Find($script:Clients, [KnownClient]::Key($Version, $WithHeaders, $debugging),
        [Surroundings]::Text($Cmdlet, $configured, $script:SurroundingNames))
    if ($null -eq $client) { $client = Get-Client $Cmdlet $Version $WithHeaders $debugging }

    $name = $script:OperationNames[$Operation]
    if ($null -eq $name) { $name = Get-OperationName $Operation }
    # What takes no longer than a turn is done on this thread; the rest goes on as a job. A call to one of several
    # tenants is one already.
    $job = 0UL
    $isTaken = $false
    $takesSecret = $null -ne $Handed -and $Handed.TakesSecret()
    try {
        $text = if ($null -ne $Version['Ahead'] -and [Ahead]::Has($Version, $Operation)) { $job = [Ahead]::Take($Version) }
        elseif ($takesSecret) { $job = $native::pat_job_start($client, $name, [Text.Encoding]::UTF8.GetBytes("$Request`0")) }
        elseif ($Request -isnot [string]) { $native::pat_job_run($client, $name, $Request.bytes, 50, [ref]$job) }
        else { $native::pat_job_run($client, $name, [Text.Encoding]::UTF8.GetBytes("$Request`0"), 50, [ref]$job) }
        if ($job -ne 0) {
            Wait-NativeJob $Cmdlet $job $Operation $Version['Ahead']
            if ($takesSecret) { $Handed.TakeSecret($native, $job) }
            $text = $native::pat_job_take($job)
            $isTaken = $true
        }
        $bytes = [NativeText]::Read($native, $text)
        if ($null -ne $Handed -and -not $takesSecret) { $Handed.TakeFrom($bytes) }
    }
    # Frees the job, and cancels it when it still runs.
    finally {
        if ($job -ne 0) {
            if ($takesSecret) { $Handed.Rotation = Get-BegunRotation $job }
            elseif (-not $isTaken -and $null -ne $Handed) { $Handed.TakeFrom((Stop-NativeJob $job)) }
            [void]$native::pat_job_free($job)
        }
        if ($Request -isnot [string]) { $Request.Wipe() }
    }

    $types = ($script:Operations[$Operation] ?? $script:OrdinaryOperation)['Reply'] ?? $script:OrdinaryOperation.Reply
    $type = $types[$(if ($Version['NeverExpires']) { 1 } else { 0 })]
    $extrasBefore = [ExtraFields]::Made.Value
    try { $reply = [JsonSerializer]::Deserialize([IO.MemoryStream]::new($bytes), $type, $script:JsonOptions) }
    catch [JsonException] {
        [Caller]::Forget($_)
        $reply = [SentReply]::Read($bytes, $type, $script:JsonOptions)
    }
    # Culture: these are numbers.
    if ([ExtraFields]::Made.Value -ne $extrasBefore) { $reply = Expand-UnknownFields $reply $bytes }
    if ($debugging -or ($VerbosePreference -ne [ActionPreference]::SilentlyContinue -and [Hearing]::Of($VerbosePreference))) {
        Add-CallDetail $Version $Operation $reply
    }
    if (-not $reply.ok) {
        throw (New-OperationError $reply.error $Target $Version['Profile'] (New-SentRequest $Cmdlet $Version $Operation $Target) `
            $Operation $Version)
    }
    # Whose bearer there is by now, see Show-BearerInForce.
    if ($null -ne $reply.status -or $Operation -ceq 'bearer') { $script:CalledBy = $client; $script:CalledVersion = $Version }
    if ($reply.meta.deprecated -and $script:DeprecationsKnown.Add($Version.Name)) { Add-DeprecationWarning $Version }
    $reply
}

# Longer than a moment: shows progress after a second, and says when it is the rate limit.
function Wait-NativeJob($Cmdlet, [ulong]$Job, [string]$Operation, $Ahead) {
    $native = $script:Native
    $watch = [Stopwatch]::StartNew()
    $activity = $null
    $warned = $false
    $nextLook = 1000
    while ($native::pat_job_wait($Job, 50) -eq 0) {
        if ($null -ne $Ahead) { $Ahead.All.Start() }
        if ($watch.ElapsedMilliseconds -lt $nextLook) { continue }
        $nextLook = $watch.ElapsedMilliseconds + 250
        $state = (Read-Envelope ([NativeText]::Read($native, $native::pat_job_progress($Job)))).data
        if ($state.ValueKind -ne [JsonValueKind]::Object) { continue }
        $state = [SailPatRecord]::Plain($state)
        if (-not $warned -and $state.waitReason -eq 'rate limit' -and $state.waitMs -gt 5000) {
            Add-Note Warning "The service's rate limit makes this call wait for $([int]($state.waitMs / 1000)) s."
            # Only where there is nothing that could be lost: a line may go to a command that ends this one.
            if (Get-OperationFact $Operation 'Reads') { Write-Notes }
            $warned = $true
        }
        $activity = Get-Activity $Operation
        Show-Progress 7257 "SailPoint: $activity" (Get-ProgressText $state) $false
    }
    if ($null -ne $activity) { Show-Progress 7257 "SailPoint: $activity" 'done' $true }
}

# Cancels a create, and gives what its reply says of what was made.
function Stop-NativeJob([ulong]$Job) {
    $native = $script:Native
    [void]$native::pat_job_cancel($Job)
    # The look for what was made takes three seconds at most.
    [void]$native::pat_job_wait($Job, 5000)
    , [NativeText]::Read($native, $native::pat_job_take($Job))
}

# Sees to it that nothing of a job is at work any more, and gives the id of the rotation that it began, if it did.
function Get-BegunRotation([ulong]$Job) {
    $native = $script:Native
    [void]$native::pat_job_cancel($Job)
    [void]$native::pat_job_wait($Job, 5000)
    $state = [SailPatRecord]::Plain((Read-Envelope ([NativeText]::Read($native, $native::pat_job_progress($Job)))).data)
    if ($null -ne $state.PSObject.Properties['rotation']) { $state.rotation }
}

function Get-ProgressText($State) {
    if ($State.waitReason -eq 'spreading') { return 'waiting for the new token to spread' }
    $text = [string]$State.phase
    if ($State.attempt -gt 1) { $text += ", attempt $($State.attempt)" }
    if ($State.receivedBytes -gt 0) { $text += ", $([math]::Round($State.receivedBytes / 1MB, 1)) MB received" }
    if ($text) { $text } else { 'waiting' }
}

function Add-CallDetail($Version, [string]$Operation, $Reply) {
    foreach ($line in $Reply.meta.log) { Add-Note Debug $line }
    if ($Reply.meta.note) { Add-Note Verbose $Reply.meta.note }
    # Nothing was sent: nothing to tell of.
    if (-not $Reply.meta.attempts) { return }
    $outcome = if ($Reply.ok) { "status $($Reply.status)" } else { 'failed' }
    Add-Note Verbose `
        ("$Operation ($($Version.Name)): $outcome, $($Reply.meta.attempts) attempt(s), " +
        "$($Reply.meta.elapsedMs.GetDouble().ToString('0.0', [cultureinfo]::InvariantCulture)) ms, request id $($Reply.meta.requestId)")
}

# Once per process, not once per runspace or call. What this runspace knows already is not asked again.
$script:DeprecationsKnown = [System.Collections.Generic.HashSet[string]]::new()

function Add-DeprecationWarning($Version) {
    $process = [AppDomain]::CurrentDomain
    $key = "SailPat.Deprecated.$($Version.Name)"
    if ($process.GetData($key)) { return }
    $process.SetData($key, $true)
    Add-Note Warning `
        ("The service calls API version $($Version.Name) deprecated; its successor is v1. 'Set-SailPatConfiguration -ApiVersion v1' " +
        "makes the V2024 commands speak v1.")
}

# What -WithHttpInfo hands out: as without it, a list of one token is that token, and an empty one nothing.
function New-HttpInfo($Reply, $Response, [string]$Profile) {
    if ($Response -is [array] -and $Response.Count -lt 2) { $Response = if ($Response.Count) { $Response[0] } }
    $headers = [System.Collections.Generic.Dictionary[string, string[]]]::new([StringComparer]::OrdinalIgnoreCase)
    if ($null -ne $Reply.meta.headers) { foreach ($pair in $Reply.meta.headers.GetEnumerator()) { $headers[$pair.Key] = $pair.Value } }
    $info = @{ Response = $Response; StatusCode = [int]$Reply.status; Headers = $headers }
    if ($Profile) { $info.Profile = $Profile }
    $info
}

# The request that an error is about.
function New-SentRequest($Cmdlet, $Version, [string]$Operation, $Target) {
    $method = Get-OperationFact $Operation 'Method'
    if ($null -eq $method) { return }
    $path = if ($Version.Suffix) { "personal-access-tokens/$($Version.Name)" } else { "$($Version.Name)/personal-access-tokens" }
    if (Get-OperationFact $Operation 'HasId') { $path += '/' + [uri]::EscapeDataString("$Target") }
    $base = (Get-InForce $Cmdlet $Version).baseUrl
    $address = if ($base) { [uri]::new("$($base.TrimEnd('/'))/$path") } else { [uri]::new($path, [UriKind]::Relative) }
    [HttpRequestMessage]::new([HttpMethod]::$method, $address)
}

# The token that signs in, and the profile, where one is in force. Nothing is sent; when settings are
# missing, there is neither.
function Get-InForce($Cmdlet, $Version) {
    $inForce = @{ clientId = $null; baseUrl = $null; tokenUrl = $null; profile = $null }
    # Only these: all that there is to say of the settings takes twice as long to read as a list.
    try { $settings = (Invoke-Operation $Cmdlet $Version 'settings' '{}').data }
    catch {
        [Caller]::Forget($_)
        return $inForce
    }
    $value = [System.Text.Json.JsonElement]::new()
    foreach ($name in @($inForce.Keys)) { if ($settings.TryGetProperty($name, [ref]$value)) { $inForce[$name] = $value.GetString() } }
    $inForce
}
