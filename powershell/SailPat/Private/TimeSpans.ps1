# Time spans and ends of a token's life as people write them.

# 30d, 12h, 6mo, 1y2w, 90min; also a TimeSpan as text. Months and years follow the calendar. A
# parameter for it is a text, because PowerShell reads a bare 30d as the number 30.
function Add-Span([datetime]$From, [string]$Span, [int]$Sign = 1) {
    $text = $Span.Trim().ToLowerInvariant()
    $length = [timespan]::Zero
    try {
        if ($text.Contains(':') -and [timespan]::TryParse($text, [cultureinfo]::InvariantCulture, [ref]$length)) {
            return $From.AddTicks($Sign * $length.Ticks)
        }
        if ($text -cmatch '^([0-9]{1,6}\s*(y|mo|w|d|h|min|s)\s*)+$') { return Add-SpanParts $From $text $Sign }
    }
    catch {
        # Past the end of the calendar, in .NET's words.
        [Caller]::Forget($_)
        throw (New-LocalError 'invalid_request' "'$Span' leads out of the calendar, which ends with the year 9999." 'InvalidArgument')
    }
    throw (New-LocalError 'invalid_request' "'$Span' is no time span. Write it like 30d, 12h, 6mo, 2w, 1y or 90min." 'InvalidArgument')
}

function Add-SpanParts([datetime]$From, [string]$Text, [int]$Sign) {
    foreach ($part in [regex]::Matches($Text, '([0-9]+)\s*(y|mo|w|d|h|min|s)')) {
        $count = $Sign * [int]$part.Groups[1].Value
        $From = switch ($part.Groups[2].Value) {
            'y' { $From.AddYears($count) } 'mo' { $From.AddMonths($count) } 'w' { $From.AddDays(7 * $count) } 'd' { $From.AddDays($count) }
            'h' { $From.AddHours($count) } 'min' { $From.AddMinutes($count) } 's' { $From.AddSeconds($count) }
        }
    }
    $From
}

# Seconds from a TimeSpan, a number or a span such as 1h.
function Get-Seconds([string]$Value) {
    $number = 0
    if ([int]::TryParse($Value, [Globalization.NumberStyles]::Integer, [cultureinfo]::InvariantCulture, [ref]$number)) { return $number }
    Get-SpanSeconds $Value
}

# Seconds from a TimeSpan or a span. A bare number says nothing: 2 may mean days.
function Get-SpanSeconds([string]$Value) {
    $start = [datetime]::UnixEpoch
    [long]((Add-Span $start $Value) - $start).TotalSeconds
}

# When it expires, from -ExpiresIn or -ExpiresOn; nothing when neither was given. An empty cell of a
# CSV file counts as not given.
function Get-Expiry($Given) {
    $ways = @('ExpiresIn', 'ExpiresOn', 'NeverExpires').Where({ $Given[$_] })
    if ($ways.Count -gt 1) {
        throw (New-LocalError 'invalid_request' "Only one of -$($ways -join ' and -') can hold." 'InvalidArgument' 'Give one of them.')
    }
    if ($Given['ExpiresIn']) { return Add-Span ([datetime]::UtcNow) $Given['ExpiresIn'] }
    if ($Given['ExpiresOn']) { return $Given['ExpiresOn'] }
}
