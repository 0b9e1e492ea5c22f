# Remedies of errors in the words of these commands, where the native library's own do not fit.

# What to do about an error of a certain call, where the native library cannot know it or says it in the words of its
# functions; null where its own remedy stands.
function Get-CallRemedy($Facts, [string]$Operation, $Version) {
    if ($Operation -ceq 'update' -and $Facts.code -ceq 'forbidden') {
        return 'Only its owner may change a token, whatever rights another has: sign in as the owner, with ' +
            'sp:my-personal-access-tokens:manage.'
    }
    if ($Operation -ceq 'update' -and $Facts.code -ceq 'refused') { return Get-PatchRemedy $Facts.message $Version }
    if ($Operation -ceq 'create' -and $Facts.code -ceq 'refused' -and
        $Facts.message.Contains('already exists', [StringComparison]::OrdinalIgnoreCase)) {
        return 'A name is unique for its owner: give another one, or rename or remove that token (Get-SailPat -Mine).'
    }
    if ($Operation -ceq 'profile_remove' -and $Facts.code -ceq 'profile_unknown') { return 'Name one of these.' }
    if ($Facts.code -cne 'invalid_request' -or $null -eq $Facts.PSObject.Properties['field']) { return }
    if ($Facts.field -ceq 'id' -and $Facts.message.Contains('may hold', [StringComparison]::Ordinal)) {
        return 'A name is no id: Get-SailPat finds a token by its name, and what it gives goes into this command.'
    }
    if ($Facts.field -ceq 'userAwareTokenNeverExpires' -and $Facts.message.Contains('not a known field', [StringComparison]::Ordinal)) {
        return 'It is known from v2025 on: New-V2025PersonalAccessToken, or New-SailPat -ApiVersion v2025.'
    }
}

# The service names the path, and not what can be changed instead.
function Get-PatchRemedy([string]$Message, $Version) {
    $isExpiry = $Message.Contains('expirationDate', [StringComparison]::Ordinal) -or
        $Message.Contains('userAwareTokenNeverExpires', [StringComparison]::Ordinal)
    if ($isExpiry -and -not $Version.NeverExpires) {
        return "API version $($Version.Name) cannot change when a token expires: Update-V2025PersonalAccessToken can, and Set-SailPat " +
            "-ApiVersion v2025."
    }
    if ($Message.Contains('path', [StringComparison]::OrdinalIgnoreCase)) {
        return 'What can be changed is /name and /scope; from v2025 on also /expirationDate and /userAwareTokenNeverExpires.'
    }
}
