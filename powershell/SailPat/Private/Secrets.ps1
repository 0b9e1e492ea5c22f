using namespace System.Collections
using namespace System.Management.Automation

# Secrets on their way through PowerShell. A policy of many companies, module logging, writes each argument of
# each function into the event log, and Set-PSDebug each variable that is set. So a secret is never an argument
# of a function nor the value of a variable here: it moves as a secure string, or within an object that shows
# nothing, and becomes text only within an expression of a method, whose arguments nobody logs.

[NoRunspaceAffinity()]
class SecretText {
    # The text of a secure string; text stays text. Without the blanks and line ends around it, which come along where
    # it is copied, and which the native library does not count either.
    static [string] Plain([object]$secret) {
        if ($secret -is [securestring]) { return [Net.NetworkCredential]::new('', $secret).Password.Trim() }
        return "$secret".Trim()
    }

    # A secure string of either.
    static [securestring] Secure([object]$secret) {
        if ($secret -is [securestring]) { return $secret }
        $secure = [Net.NetworkCredential]::new('', [SecretText]::Plain($secret)).SecurePassword
        $secure.MakeReadOnly()
        return $secure
    }

    # A pair from its two halves; nothing when one is missing or blank.
    static [pscredential] Pair([string]$id, [object]$secret) {
        if ([string]::IsNullOrWhiteSpace($id) -or [SecretText]::Plain($secret).Length -eq 0) { return $null }
        return [pscredential]::new($id.Trim(), [SecretText]::Secure($secret))
    }

    static [bool] Same([pscredential]$one, [pscredential]$other) {
        return [string]::Equals($one.UserName.Trim(), $other.UserName.Trim()) -and
            [string]::Equals([SecretText]::Plain($one.Password), [SecretText]::Plain($other.Password))
    }

    # Why a vault failed, in one line and without the secrets of some pairs.
    static [string] Reason([ErrorRecord]$failure, [object[]]$pairs) {
        return [SecretText]::Hide(($failure.Exception.Message -replace '\s*[\r\n]+\s*', ' ').Trim().TrimEnd('.'), $pairs)
    }

    # A text without the secrets of some pairs: a vault may repeat in an error what it was given, or what it holds.
    static [string] Hide([string]$text, [object[]]$pairs) { return [SecretText]::Hide($text, $pairs, 0) }

    hidden static [string] Hide([string]$text, [object[]]$pairs, [int]$from) {
        for ($i = $from; $i -lt $pairs.Length; $i++) {
            if ($pairs[$i] -is [pscredential] -and [SecretText]::Plain($pairs[$i].Password).Length -gt 0) {
                return [SecretText]::Hide($text.Replace([SecretText]::Plain($pairs[$i].Password), '[secret]'), $pairs, $i + 1)
            }
        }
        return $text
    }
}

# Addresses of one tenant have scheme, host, port and path in common, as the native library has it.
[NoRunspaceAffinity()]
class TenantUrl {
    static [bool] Same([string]$one, [string]$other) { return [string]::Equals([TenantUrl]::Plain($one), [TenantUrl]::Plain($other)) }

    hidden static [string] Plain([string]$text) {
        $url = $null
        $text = $text.Trim()
        # It has scheme and host in lower case, and no port that goes without saying.
        return $(if ([uri]::TryCreate($text, [UriKind]::Absolute, [ref]$url)) { $url.AbsoluteUri.TrimEnd('/') } else { $text })
    }

    # An address without what could be a secret in it.
    static [string] Redacted([string]$text) {
        $url = $null
        if (-not [uri]::TryCreate($text.Trim(), [UriKind]::Absolute, [ref]$url) -or -not $url.Host) { return 'no address' }
        return $url.GetComponents([UriComponents]'SchemeAndServer, Path', [UriFormat]::UriEscaped).TrimEnd('/')
    }
}

# What a vault or the variables of this session hold: a pair, nothing, or something else.
[NoRunspaceAffinity()]
class KeptValue {
    hidden [object]$value
    hidden [bool]$isHalf
    hidden [string]$tenant
    KeptValue([object]$found) { $this.value = $(if ($found -is [psobject]) { $found.PSObject.BaseObject } else { $found }) }

    # What the variables hold, of one tenant: with the base URL of another one they are somebody else's, whatever is
    # beside it. One half alone is no pair, and not nothing either.
    static [KeptValue] OfVariables([string]$baseUrl) {
        if ($baseUrl -and [KeptValue]::IsSet('SAIL_BASE_URL') -and
            -not [TenantUrl]::Same([Environment]::GetEnvironmentVariable('SAIL_BASE_URL'), $baseUrl)) {
            $other = [KeptValue]::new('tenant')
            $other.tenant = [TenantUrl]::Redacted([Environment]::GetEnvironmentVariable('SAIL_BASE_URL'))
            return $other
        }
        $hasId = [KeptValue]::IsSet('SAIL_CLIENT_ID')
        if ($hasId -xor [KeptValue]::IsSet('SAIL_CLIENT_SECRET')) {
            $half = [KeptValue]::new($(if ($hasId) { 'id' } else { 'secret' }))
            $half.isHalf = $true
            return $half
        }
        return [KeptValue]::new([SecretText]::Pair([Environment]::GetEnvironmentVariable('SAIL_CLIENT_ID'),
            [Environment]::GetEnvironmentVariable('SAIL_CLIENT_SECRET')))
    }

    hidden static [bool] IsSet([string]$name) { return -not [string]::IsNullOrWhiteSpace([Environment]::GetEnvironmentVariable($name)) }

    hidden [pscredential] Pair() { return $this.value -as [pscredential] }
    hidden [bool] IsNothing() { return $null -eq $this.value }
    hidden [bool] Holds([pscredential]$pair) {
        return $null -ne $pair -and $this.value -is [pscredential] -and [SecretText]::Same($this.value, $pair)
    }

    # The id of the pair that is there.
    hidden [string] Id() { return $(if ($this.value -is [pscredential]) { $this.value.UserName.Trim() }) }

    # What is there, for people: never its value.
    hidden [string] Words() {
        if ($this.IsNothing()) { return 'nothing' }
        if ($this.value -is [pscredential]) { return "the pair of the token $($this.Id())" }
        if ($this.tenant) { return "what is for another tenant, SAIL_BASE_URL $($this.tenant)" }
        if ($this.isHalf) { return "half a pair, the $($this.value) alone" }
        return "a $($this.value.GetType().Name), and no pair of id and secret"
    }
}
