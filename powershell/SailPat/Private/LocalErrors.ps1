using namespace System.Management.Automation
using namespace System.Net.Http

# Errors that this module finds by itself, in the shape that scripts for this service already read. They ask every error
# for Exception.Response.StatusCode and read ErrorDetails as JSON. So a request that is refused here, before it is sent,
# is the 400 that the service would answer, and every other exception has a Response, too, with status 0 where there is
# none. What was not said by the service has a header that says so, and Data['local'].

# An error that this module finds by itself, before or without the native library. (The native library's texts
# are fit to be shown as they come.)
function New-LocalError([string]$Code, [string]$Message, [ErrorCategory]$Category, [string]$Remedy, $Target) {
    $Message, $Remedy = [TerminalText]::Message($Message), [TerminalText]::Message($Remedy)
    $exception = if ($script:RefusedHere.Contains($Code)) { New-RefusalException $Code $Message }
    elseif ($Category -eq [ErrorCategory]::InvalidArgument) { [ArgumentException]::new($Message) }
    else { [InvalidOperationException]::new($Message) }
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
    New-LocalError 'invalid_request' "Error! The required parameter $Parameter missing when calling $Operation." 'InvalidArgument' `
        "Give -$Parameter."
}

# What an error says in this module's own words.
function Get-ErrorWords([ErrorRecord]$Record) { $Record.Exception.Data['message'] ?? $Record.Exception.Message }

# A request that breaks a rule, found before it was sent: scripts know it as the 400 of the service.
$script:RefusedHere = [string[]]('invalid_request', 'invalid_json', 'invalid_utf8')

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
        $exception.PSObject.Properties.Add([psnoteproperty]::new('Response',
            [LocalResponse]::Of($code, $status, $retryAfter, $sent, $words)))
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

function Complete-DocumentedError([ErrorRecord]$Record) { [DocumentedError]::Of($Record) }

# Errors of the commands for people: text and not the body of a reply, which a script finds in Data['body'] and in the
# response.
function Complete-ErrorForPeople([ErrorRecord]$Record) {
    $data = $Record.Exception.Data
    if ($null -eq $data['body'] -or $null -eq $Record.ErrorDetails -or -not [string]::Equals($data['body'], $Record.ErrorDetails.Message)) {
        return $Record
    }
    $words = $data['message']
    $remedy = Get-RecommendedAction ([pscustomobject]@{ code = $data['code']; message = $words; remedy = $data['remedy'] }) $words
    # One of several tenants.
    $isNamed = "$($Record.ErrorDetails.RecommendedAction)".StartsWith("Profile $($data['profile']): ", [StringComparison]::Ordinal)
    if ($isNamed) { $words = "Profile $($data['profile']): $words" }
    $Record.ErrorDetails = [ErrorDetails]::new($words)
    if ($remedy) { $Record.ErrorDetails.RecommendedAction = $remedy }
    $Record
}

# What is shown below an error. Where the error itself is the body of a reply, what the library says of a refused sign-in
# would be seen nowhere else.
function Get-RecommendedAction($Facts, [string]$Detail) {
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

function New-RefusalException([string]$Code, [string]$Message, $Sent) {
    [void][Reflection.Assembly]::Load('Microsoft.PowerShell.Commands.Utility')
    $exception = [Microsoft.PowerShell.Commands.HttpResponseException]::new($Message,
        [LocalResponse]::Of($Code, 400, $null, $Sent, $Message))
    $exception.Data['local'] = $true
    $exception
}
