using namespace System.Management.Automation
using namespace System.Net.Http
using namespace System.Text.Json

# Errors of the native library's operations, in the shape that LocalErrors.ps1 tells of and in the words of these
# commands. A reply of the service with an HTTP status is a HttpResponseException with the whole response, its body in
# ErrorDetails; everything else has the id SailPat.<code>. Both carry code, number and remedy.

# Native code -> category. A code that is missing here is an InvalidOperation.
$script:ErrorCategories = @{
    null_argument = 'InvalidArgument'; invalid_utf8 = 'InvalidData'; invalid_json = 'ParserError'; invalid_request = 'InvalidArgument'
    settings_missing = 'ObjectNotFound'
    settings_invalid = 'InvalidArgument'
    settings_mixed = 'InvalidArgument'
    forbidden = 'PermissionDenied'
    not_found = 'ObjectNotFound'
    not_visible = 'PermissionDenied'
    unauthorized = 'AuthenticationError'
    sign_in_failed = 'AuthenticationError'
    refused = 'InvalidArgument'
    rate_limited = 'LimitsExceeded'
    server_error = 'ResourceUnavailable'
    redirect_refused = 'SecurityError'
    connection_failed = 'ConnectionError'
    tls_failed = 'SecurityError'
    ca_file_unreadable = 'ReadError'
    proxy_failed = 'ConnectionError'
    proxy_auth_required = 'AuthenticationError'
    timeout = 'OperationTimeout'; cancelled = 'OperationStopped'; reply_too_large = 'LimitsExceeded'; reply_invalid = 'InvalidResult'
    create_lost = 'InvalidResult'; store_failed = 'WriteError'; state_failed = 'WriteError'; rotation_refused = 'InvalidOperation'
    rotation_busy = 'ResourceBusy'
    rotation_unfinished = 'InvalidResult'
    rotation_unknown = 'ObjectNotFound'
    profile_unknown = 'ObjectNotFound'
}

# The error of a failed operation, from the `error` object of its envelope.
function New-OperationError([JsonElement]$Failure, $Target, [string]$Profile, $Sent, [string]$Operation, $Version) {
    $facts = [SailPatRecord]::Plain($Failure)
    if ($facts.code -clike 'rotation_*' -or $facts.field -eq 'confirm') { Set-CommandWords $facts $Target }
    Set-SessionWords $facts $Profile
    $remedy = Get-CallRemedy $facts $Operation $Version
    if ($remedy) { $facts | Add-Member -NotePropertyName remedy -NotePropertyValue $remedy -Force }
    $hasReply = $null -ne $facts.status -and $null -ne $facts.headers
    $exception = if ($hasReply) { New-HttpException $facts $Sent } else { New-PlainException $facts $Sent }
    $id = if ($hasReply) { 'WebCmdletWebResponseException' } else { "SailPat.$($facts.code)" }
    $category = if ($script:ErrorCategories.ContainsKey($facts.code)) { $script:ErrorCategories[$facts.code] } else { 'InvalidOperation' }
    foreach ($property in $facts.PSObject.Properties) {
        if ($property.Name -cne 'headers') { $exception.Data[$property.Name] = $property.Value }
    }
    if ($Profile) { $exception.Data['profile'] = $Profile }
    $record = [ErrorRecord]::new($exception, $id, $category, $Target)
    $detail = if ($hasReply -and $facts.body) { $facts.body } else { $facts.message }
    $record.ErrorDetails = [ErrorDetails]::new($detail)
    $action = Get-RecommendedAction $facts $detail
    if ($action) { $record.ErrorDetails.RecommendedAction = $action }
    $record
}

# What a remedy calls by the names of the native library's settings, in those of these commands.
$script:SettingWords = @{
    'baseUrl' = '-BaseUrl'; 'timeoutMs' = '-TimeoutSec'; 'connectTimeoutMs' = '-ConnectTimeoutSec'; 'caFile' = '-CaFile'
    'allowHttpHosts' = '-AllowHttpHost'; 'maximumReplyBytes' = '-MaximumReplyBytes'
}

function ConvertTo-CommandWords([string]$Remedy) {
    $word = "(?<![\w.'-])($($script:SettingWords.Keys -join '|'))(?!'|\.?\w)"
    $text = $Remedy.Replace('profile_set, Set-SailPatProfile', 'Set-SailPatProfile')
    [regex]::Replace($text, $word, { $script:SettingWords[$args[0].Value] })
}

function Set-SessionWords($Facts, [string]$Profile) {
    if (-not $Profile -and $Facts.code -in 'settings_missing', 'settings_mixed', 'sign_in_failed') {
        $Facts.message = Get-SessionText $Facts.message
    }
    if (-not $Facts.remedy) { return }
    $Facts.remedy = ConvertTo-CommandWords $Facts.remedy
    $lacksTenant = $Facts.code -ceq 'settings_mixed' -or ($Facts.code -ceq 'settings_missing' -and $Facts.field -ceq 'baseUrl')
    if ($lacksTenant -and -not $Profile -and (Test-PairOnly)) {
        $Facts.remedy = 'name the tenant of the pair that this session was given, with Set-SailPatConfiguration -BaseUrl'
    }
}

# Whether the session was given a pair, or a place to read it from, and no base URL.
function Test-PairOnly { -not (Test-Configured 'BaseUrl') -and ($null -ne (Get-SessionPair) -or (Test-Configured 'Source')) }

# What the native library advises to callers of its functions about a pair that they store themselves, in the words
# of these commands.
function Set-CommandWords($Facts, $Target) {
    $isRotation = "$Target" -cmatch '^[0-9]{8}-[0-9]{6}-\w+$'
    $id = if ($isRotation) { "$Target" } else { 'its id, from Get-SailPatRotation -Unfinished,' }
    $ways = ("Resume-SailPatRotation $id -SecretName and the name of the secret that the pair was stored in goes on with it; " +
        "Undo-SailPatRotation $id takes it back.")
    if ($Facts.field -eq 'confirm' -and $Facts.message -cmatch '^confirm:? is required') {
        $Facts.message = 'The pair that was stored and read back is needed to go on, and this session does not know where it is.'
    }
    $Facts.message = $Facts.message -creplace '^confirm:? is not the pair', 'What was read back is not the pair'
    $isOurs = $Facts.field -eq 'confirm' -or "$($Facts.remedy)" -cmatch '\bconfirm\b'
    if (-not $isOurs) { return }
    $remedy = if ($Facts.code -eq 'rotation_busy') { "Wait until it has ended. Where it waits for its pair to be stored: $ways" }
    else { $ways }
    $Facts | Add-Member -NotePropertyName remedy -NotePropertyValue $remedy -Force
}

# The type that Invoke-RestMethod throws; its assembly may not be loaded yet.
function New-HttpException($Facts, $Sent) {
    [void][Reflection.Assembly]::Load('Microsoft.PowerShell.Commands.Utility')
    $response = [HttpResponseMessage]::new([int]$Facts.status)
    $response.Content = [StringContent]::new([string]$Facts.body)
    $response.Content.Headers.Clear()
    foreach ($header in $Facts.headers.PSObject.Properties) {
        $values = [string[]]@($header.Value)
        if (-not $response.Headers.TryAddWithoutValidation($header.Name, $values)) {
            [void]$response.Content.Headers.TryAddWithoutValidation($header.Name, $values)
        }
    }
    $response.RequestMessage = $Sent ?? [HttpRequestMessage]::new()
    # First what Invoke-RestMethod would say, for scripts that look for it.
    $words = "Response status code does not indicate success: $([int]$response.StatusCode) ($($response.ReasonPhrase)). $($Facts.message)"
    [Microsoft.PowerShell.Commands.HttpResponseException]::new($words, $response)
}

function New-PlainException($Facts, $Sent) {
    if ($script:RefusedHere.Contains($Facts.code)) { return New-RefusalException $Facts.code $Facts.message $Sent }
    $exception = switch ($Facts.code) {
        'timeout' { [TimeoutException]::new($Facts.message) }
        'cancelled' { [OperationCanceledException]::new($Facts.message) }
        { $_ -in 'settings_invalid', 'settings_mixed' } { [ArgumentException]::new($Facts.message) }
        { $_ -in 'connection_failed', 'tls_failed', 'proxy_failed', 'proxy_auth_required', 'redirect_refused' } {
            [HttpRequestException]::new($Facts.message)
        }
        default { [InvalidOperationException]::new($Facts.message) }
    }
    [LocalResponse]::Add($exception, $Facts.code, $Facts.status, $Facts.retryAfterSeconds, $Sent, $Facts.message)
    $exception
}
