using namespace System.Management.Automation
using namespace System.Net.Http
using namespace System.Text.Json

# Errors in the shape that scripts for this service already read. A reply of the service with an
# HTTP status is a HttpResponseException with the whole response, its body in ErrorDetails;
# everything else has the id SailPat.<code>. Both carry code, number and remedy.
# Scripts ask every error for Exception.Response.StatusCode and read ErrorDetails as JSON. So a request that is refused
# here, before it is sent, is the 400 that the service would answer, and every other exception has a Response, too, with
# status 0 where there is none. What was not said by the service has a header that says so, and Data['local'].

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
    $action = Get-ShownAction $facts $detail
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
    [regex]::Replace($Remedy.Replace('profile_set, Set-SailPatProfile', 'Set-SailPatProfile'), $word, { $script:SettingWords[$args[0].Value] })
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
    Join-Sentences $lines
}

# Sentences, some of which are the library's, in small letters.
function Join-Sentences([string[]]$Lines) {
    for ($i = 1; $i -lt $Lines.Count; $i++) {
        $Lines[$i - 1] = $Lines[$i - 1].TrimEnd('.')
        $Lines[$i] = [regex]::Replace($Lines[$i], '^[a-z](?=[a-z]* )', { $args[0].Value.ToUpperInvariant() })
    }
    $Lines -join '. '
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
        { $_ -in 'connection_failed', 'tls_failed', 'proxy_failed', 'proxy_auth_required', 'redirect_refused' } { [HttpRequestException]::new($Facts.message) }
        default { [InvalidOperationException]::new($Facts.message) }
    }
    [LocalResponse]::Add($exception, $Facts.code, $Facts.status, $Facts.retryAfterSeconds, $Sent, $Facts.message)
    $exception
}

# A request that breaks a rule, found before it was sent: scripts know it as the 400 of the service.
$script:RefusedHere = [string[]]('invalid_request', 'invalid_json', 'invalid_utf8')

function New-RefusalException([string]$Code, [string]$Message, $Sent) {
    [void][Reflection.Assembly]::Load('Microsoft.PowerShell.Commands.Utility')
    $exception = [Microsoft.PowerShell.Commands.HttpResponseException]::new($Message, [LocalResponse]::Of($Code, 400, $null, $Sent, $Message))
    $exception.Data['local'] = $true
    $exception
}

# The request that an error is about.
function New-SentRequest($Cmdlet, $Version, [string]$Operation, $Target) {
    $method = @{ create = 'Post'; list = 'Get'; get = 'Get'; update = 'Patch'; delete = 'Delete' }[$Operation]
    if ($null -eq $method) { return }
    $path = if ($Version.Suffix) { "personal-access-tokens/$($Version.Name)" } else { "$($Version.Name)/personal-access-tokens" }
    if ($Operation -in 'update', 'delete') { $path += '/' + [uri]::EscapeDataString("$Target") }
    $base = (Get-InForce $Cmdlet $Version).baseUrl
    $address = if ($base) { [uri]::new("$($base.TrimEnd('/'))/$path") } else { [uri]::new($path, [UriKind]::Relative) }
    [HttpRequestMessage]::new([HttpMethod]::$method, $address)
}

# What stands in the place of the service's reply where there was none.
[NoRunspaceAffinity()]
class LocalResponse {
    # What is known without a reply: a list in which an id is missing says not found, the module's own pace too many.
    hidden static [hashtable]$Statuses = @{ not_found = 404; not_visible = 403; rate_limited = 429 }

    static [HttpResponseMessage] Of([string]$code, [object]$status, [object]$retryAfter, [object]$sent, [string]$words) {
        if ($null -eq $status) { $status = [LocalResponse]::Statuses[$code] ?? 0 }
        $response = [HttpResponseMessage]::new([Enum]::ToObject([Net.HttpStatusCode], [int]$status))
        if ($status -eq 0) { $response.ReasonPhrase = 'No reply' }
        [void]$response.Headers.TryAddWithoutValidation('X-SailPat-Local', $code)
        if ($null -ne $retryAfter) { [void]$response.Headers.TryAddWithoutValidation('Retry-After', "$retryAfter") }
        # Scripts read its address, with strict mode, too: where nothing was about to be sent it has none.
        $response.RequestMessage = $sent ?? [HttpRequestMessage]::new()
        $response.Content = [StringContent]::new([LocalResponse]::Body($code, $words), [Text.Encoding]::UTF8, 'application/json')
        return $response
    }

    # In the shape of the service's errors.
    static [string] Body([string]$code, [string]$words) {
        $body = [ordered]@{
            detailCode = "SailPat.$(if ($code) { $code } else { 'internal' })"; trackingId = $null
            messages = @([ordered]@{ locale = 'en-US'; localeOrigin = 'DEFAULT'; text = $words }); causes = @()
        }
        return Microsoft.PowerShell.Utility\ConvertTo-Json -InputObject $body -Compress -Depth 4
    }

    # A note on the exception, whose type stays what it is. (By the list of its members, since the exception itself is
    # what is thrown on.)
    static [void] Add([Exception]$exception, [string]$code, [object]$status, [object]$retryAfter, [object]$sent, [string]$words) {
        if ($null -ne $exception.PSObject.Properties['Response']) { return }
        $exception.PSObject.Properties.Add([psnoteproperty]::new('Response', [LocalResponse]::Of($code, $status, $retryAfter, $sent, $words)))
        $exception.Data['local'] = $true
    }
}

# Errors of the documented commands: their ErrorDetails are JSON in the service's shape, whoever found the error. What
# PowerShell shows below them says it to people.
[NoRunspaceAffinity()]
class DocumentedError {
    static [ErrorRecord] Of([ErrorRecord]$record) {
        $words = if ($null -ne $record.ErrorDetails) { $record.ErrorDetails.Message } else { $record.Exception.Message }
        [LocalResponse]::Add($record.Exception, "$($record.Exception.Data['code'])", $null, $null, $null, $words)
        # A body of the service is never touched; a reply without one is like no reply.
        $isBody = -not $record.Exception.Data['local'] -and -not [string]::Equals($words, $record.Exception.Data['message'])
        if ($isBody -or $words.StartsWith('{"detailCode":"SailPat.', [StringComparison]::Ordinal)) { return $record }
        $remedy = if ($null -ne $record.ErrorDetails) { $record.ErrorDetails.RecommendedAction }
        $record.ErrorDetails = [ErrorDetails]::new([LocalResponse]::Body($record.Exception.Data['code'], $words))
        $record.ErrorDetails.RecommendedAction = $(if ($remedy) { Join-Sentences @($words, $remedy) } else { $words })
        return $record
    }
}

# Errors of the commands for people: text and not the body of a reply, which a script finds in Data['body'] and in the
# response.
function Complete-ErrorForPeople([ErrorRecord]$Record) {
    $data = $Record.Exception.Data
    if ($null -eq $data['body'] -or $null -eq $Record.ErrorDetails -or -not [string]::Equals($data['body'], $Record.ErrorDetails.Message)) { return $Record }
    $words = $data['message']
    $remedy = Get-ShownAction ([pscustomobject]@{ code = $data['code']; message = $words; remedy = $data['remedy'] }) $words
    # One of several tenants.
    $isNamed = "$($Record.ErrorDetails.RecommendedAction)".StartsWith("Profile $($data['profile']): ", [StringComparison]::Ordinal)
    if ($isNamed) { $words = "Profile $($data['profile']): $words" }
    $Record.ErrorDetails = [ErrorDetails]::new($words)
    if ($remedy) { $Record.ErrorDetails.RecommendedAction = $remedy }
    $Record
}

function Complete-DocumentedError([ErrorRecord]$Record) { [DocumentedError]::Of($Record) }

# What an error says in this module's own words.
function Get-ErrorWords([ErrorRecord]$Record) { $Record.Exception.Data['message'] ?? $Record.Exception.Message }

# An error that this module finds by itself, before or without the native library. (The native library's texts
# are fit to be shown as they come.)
function New-LocalError([string]$Code, [string]$Message, [ErrorCategory]$Category, [string]$Remedy, $Target) {
    $Message, $Remedy = [Shown]::Text($Message), [Shown]::Text($Remedy)
    $exception = if ($script:RefusedHere.Contains($Code)) { New-RefusalException $Code $Message } elseif ($Category -eq [ErrorCategory]::InvalidArgument) { [ArgumentException]::new($Message) } else { [InvalidOperationException]::new($Message) }
    [LocalResponse]::Add($exception, $Code, $null, $null, $null, $Message)
    $exception.Data['code'] = $Code
    $exception.Data['message'] = $Message
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
