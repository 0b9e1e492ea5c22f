using namespace System.Management.Automation
using namespace System.Net.Http
using namespace System.Text.Json

# Errors in the shape that scripts for this service already read. A reply of the service with an
# HTTP status is a HttpResponseException with the whole response, its body in ErrorDetails;
# everything else has the id SailPat.<code>. Both carry code, number and remedy.

# Native code -> category. A code that is missing here is an InvalidOperation.
$script:ErrorCategories = @{
    null_argument = 'InvalidArgument'; invalid_utf8 = 'InvalidData'; invalid_json = 'ParserError'; invalid_request = 'InvalidArgument'
    settings_missing = 'ObjectNotFound'; settings_invalid = 'InvalidArgument'; settings_mixed = 'InvalidArgument'; forbidden = 'PermissionDenied'; not_found = 'ObjectNotFound'
    not_visible = 'PermissionDenied'; unauthorized = 'AuthenticationError'; sign_in_failed = 'AuthenticationError'; refused = 'InvalidArgument'
    rate_limited = 'LimitsExceeded'; server_error = 'ResourceUnavailable'; redirect_refused = 'SecurityError'; connection_failed = 'ConnectionError'
    tls_failed = 'SecurityError'; ca_file_unreadable = 'ReadError'; proxy_failed = 'ConnectionError'; proxy_auth_required = 'AuthenticationError'
    timeout = 'OperationTimeout'; cancelled = 'OperationStopped'; reply_too_large = 'LimitsExceeded'; reply_invalid = 'InvalidResult'
    create_lost = 'InvalidResult'; store_failed = 'WriteError'; state_failed = 'WriteError'; rotation_refused = 'InvalidOperation'
    rotation_busy = 'ResourceBusy'; rotation_unfinished = 'InvalidResult'; rotation_unknown = 'ObjectNotFound'; profile_unknown = 'ObjectNotFound'
}

# The error of a failed operation, from the `error` object of its envelope.
function New-OperationError([JsonElement]$Failure, $Target, [string]$Profile) {
    $facts = [SailPatRecord]::Plain($Failure)
    if ($facts.code -clike 'rotation_*' -or $facts.field -eq 'confirm') { Set-CommandWords $facts $Target }
    Set-SessionWords $facts $Profile
    $hasReply = $null -ne $facts.status -and $null -ne $facts.headers
    $exception = if ($hasReply) { New-HttpException $facts } else { New-PlainException $facts }
    $id = if ($hasReply) { 'WebCmdletWebResponseException' } else { "SailPat.$($facts.code)" }
    $category = if ($script:ErrorCategories.ContainsKey($facts.code)) { $script:ErrorCategories[$facts.code] } else { 'InvalidOperation' }
    foreach ($property in $facts.PSObject.Properties) {
        if ($property.Name -notin 'message', 'body', 'headers') { $exception.Data[$property.Name] = $property.Value }
    }
    if ($Profile) { $exception.Data['profile'] = $Profile }
    $record = [ErrorRecord]::new($exception, $id, $category, $Target)
    $detail = if ($hasReply -and $facts.body) { $facts.body } else { $facts.message }
    $record.ErrorDetails = [ErrorDetails]::new($detail)
    $action = Get-ShownAction $facts $detail
    if ($action) { $record.ErrorDetails.RecommendedAction = $action }
    $record
}

# What a remedy calls by the names of the native library's settings, in those of these commands.
$script:SettingWords = @{
    'baseUrl' = '-BaseUrl'; 'timeoutMs' = '-TimeoutSec'; 'connectTimeoutMs' = '-ConnectTimeoutSec'; 'caFile' = '-CaFile'
    'allowHttpHosts' = '-AllowHttpHost'; 'maximumReplyBytes' = '-MaximumReplyBytes'
}
$script:SettingWord = [regex]::new("(?<![\w.'-])($($script:SettingWords.Keys -join '|'))(?!'|\.?\w)")

function ConvertTo-CommandWords([string]$Remedy) {
    $script:SettingWord.Replace($Remedy.Replace('profile_set, Set-SailPatProfile', 'Set-SailPatProfile'), { $script:SettingWords[$args[0].Value] })
}

function Set-SessionWords($Facts, [string]$Profile) {
    if (-not $Profile -and $Facts.code -in 'settings_missing', 'settings_mixed', 'sign_in_failed') { $Facts.message = Get-SessionText $Facts.message }
    if (-not $Facts.remedy) { return }
    $Facts.remedy = ConvertTo-CommandWords $Facts.remedy
    $lacksTenant = $Facts.code -ceq 'settings_mixed' -or ($Facts.code -ceq 'settings_missing' -and $Facts.field -ceq 'baseUrl')
    if ($lacksTenant -and -not $Profile -and (Test-PairOnly)) { $Facts.remedy = 'name the tenant of the pair that this session was given, with Set-SailPatConfiguration -BaseUrl' }
}

# Whether the session was given a pair, or a place to read it from, and no base URL.
function Test-PairOnly { -not (Test-Configured 'BaseUrl') -and ($null -ne (Get-SessionPair) -or (Test-Configured 'Source')) }

# What is shown below an error. Where the error itself is the body of a reply, what the library says of a refused sign-in
# would be seen nowhere else.
function Get-ShownAction($Facts, [string]$Detail) {
    $lines = @(
        if ($Facts.code -eq 'sign_in_failed' -and -not [string]::Equals($Detail, $Facts.message)) { $Facts.message }
        if ($Facts.remedy) { $Facts.remedy }
        if ($Facts.code -in 'settings_missing', 'settings_mixed') { 'Test-SailPatConnection shows every place.' }
    )
    # Sentences, the first of which often is the library's, in small letters.
    for ($i = 1; $i -lt $lines.Count; $i++) {
        $lines[$i - 1] = $lines[$i - 1].TrimEnd('.')
        $lines[$i] = [regex]::Replace($lines[$i], '^[a-z](?=[a-z]* )', { $args[0].Value.ToUpperInvariant() })
    }
    $lines -join '. '
}

# What the native library advises to callers of its functions about a pair that they store themselves, in the words
# of these commands.
function Set-CommandWords($Facts, $Target) {
    $isRotation = "$Target" -cmatch '^[0-9]{8}-[0-9]{6}-\w+$'
    $id = if ($isRotation) { "$Target" } else { 'its id, from Get-SailPatRotation -Unfinished,' }
    $ways = "Resume-SailPatRotation $id -SecretName and the name of the secret that the pair was stored in goes on with it; Undo-SailPatRotation $id takes it back."
    if ($Facts.field -eq 'confirm' -and $Facts.message -cmatch '^confirm:? is required') { $Facts.message = 'The pair that was stored and read back is needed to go on, and this session does not know where it is.' }
    $Facts.message = $Facts.message -creplace '^confirm:? is not the pair', 'What was read back is not the pair'
    $isOurs = $Facts.field -eq 'confirm' -or "$($Facts.remedy)" -cmatch '\bconfirm\b'
    if (-not $isOurs) { return }
    $remedy = if ($Facts.code -eq 'rotation_busy') { "Wait until it has ended. Where it waits for its pair to be stored: $ways" } else { $ways }
    $Facts | Add-Member -NotePropertyName remedy -NotePropertyValue $remedy -Force
}

# The type that Invoke-RestMethod throws; its assembly may not be loaded yet.
function New-HttpException($Facts) {
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
    [Microsoft.PowerShell.Commands.HttpResponseException]::new($Facts.message, $response)
}

function New-PlainException($Facts) {
    switch ($Facts.code) {
        'timeout' { return [TimeoutException]::new($Facts.message) }
        'cancelled' { return [OperationCanceledException]::new($Facts.message) }
        { $_ -in 'invalid_request', 'settings_invalid', 'settings_mixed', 'invalid_json' } { return [ArgumentException]::new($Facts.message) }
        { $_ -in 'connection_failed', 'tls_failed', 'proxy_failed', 'proxy_auth_required', 'redirect_refused' } { return [HttpRequestException]::new($Facts.message) }
    }
    [InvalidOperationException]::new($Facts.message)
}

# An error that this module finds by itself, before or without the native library. (The native library's texts
# are fit to be shown as they come.)
function New-LocalError([string]$Code, [string]$Message, [ErrorCategory]$Category, [string]$Remedy, $Target) {
    $Message, $Remedy = [Shown]::Text($Message), [Shown]::Text($Remedy)
    $exception = if ($Category -eq [ErrorCategory]::InvalidArgument) { [ArgumentException]::new($Message) } else { [InvalidOperationException]::new($Message) }
    $exception.Data['code'] = $Code
    $exception.Data['remedy'] = $Remedy
    $record = [ErrorRecord]::new($exception, "SailPat.$Code", $Category, $Target)
    $record.ErrorDetails = [ErrorDetails]::new($Message)
    if ($Remedy) { $record.ErrorDetails.RecommendedAction = $Remedy }
    $record
}

# The message that scripts know for a parameter that was left out.
function New-MissingError([string]$Parameter, [string]$Operation) {
    New-LocalError 'invalid_request' "Error! The required parameter $Parameter missing when calling $Operation." 'InvalidArgument' "Give -$Parameter."
}
