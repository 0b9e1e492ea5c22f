# What is wrong is refused before anything is sent, by name; what a server does wrong ends in an
# error and never in a hang, a crash or a credential at another host.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $tenant = Start-Emulator @('--rate-limit', 'off')
    $other = Start-Emulator
}
AfterAll { Stop-Emulator $tenant; Stop-Emulator $other; Clear-Settings }

Describe 'A bad request' {
    BeforeEach { Use-Tenant $tenant; Reset-Emulator $tenant }

    It '<Name>: <Code>' -ForEach @(
        @{ Name = 'not JSON'; Code = 'invalid_json'; Run = { New-V2024PersonalAccessToken 'name: x' } }
        @{ Name = 'half JSON'; Code = 'invalid_json'; Run = { New-V2024PersonalAccessToken '{"name":' } }
        @{ Name = 'an array'; Code = 'invalid_*'; Run = { New-V2024PersonalAccessToken '["name"]' } }
        @{ Name = 'a number as the name'; Code = 'invalid_request'; Field = 'name'; Run = { New-V2024PersonalAccessToken @{ name = 7 } } }
        @{
            Name = 'a text as the validity'
            Code = 'invalid_request'
            Field = 'accessTokenValiditySeconds'
            Run = { New-V2024PersonalAccessToken '{"name":"x","accessTokenValiditySeconds":"60"}' }
        }
        @{
            Name = 'an unknown field'
            Code = 'invalid_request'
            Field = 'nmae'
            Run = { New-V2024PersonalAccessToken @{ name = 'x'; nmae = 'y' } }
        }
        @{
            Name = 'a field twice'
            Code = 'invalid_request'
            Field = 'name'
            Run = { New-V2024PersonalAccessToken '{"name":"x","name":"y"}' }
        }
        @{ Name = 'an empty name'; Code = 'invalid_request'; Field = 'name'; Run = { New-V2024PersonalAccessToken @{ name = '' } } }
        @{ Name = 'no name'; Code = 'invalid_request'; Field = 'name'; Run = { New-V2024PersonalAccessToken @{ scope = 'x' } } }
        @{
            Name = 'a name of 300 characters'
            Code = 'invalid_request'
            Field = 'name'
            Run = { New-V2024PersonalAccessToken @{ name = 'x' * 300 } }
        }
        @{
            Name = 'a validity of 14'
            Code = 'invalid_request'
            Field = 'accessTokenValiditySeconds'
            Run = { New-V2024PersonalAccessToken @{ name = 'x'; accessTokenValiditySeconds = 14 } }
        }
        @{
            Name = 'a validity of 43201'
            Code = 'invalid_request'
            Field = 'accessTokenValiditySeconds'
            Run = { New-V2024PersonalAccessToken @{ name = 'x'; accessTokenValiditySeconds = 43201 } }
        }
        @{
            Name = 'an expiry past six months'
            Code = 'invalid_request'
            Field = 'expirationDate'
            Run = { New-V2024PersonalAccessToken @{ name = 'x'; expirationDate = (Get-Date).AddMonths(8) } }
        }
        @{
            Name = 'a filter with another field'
            Code = 'invalid_request'
            Field = 'filters'
            Run = { Get-V2024PersonalAccessTokens -Filters 'name eq "x"' }
        }
        @{
            Name = 'a filter without a date'
            Code = 'invalid_request'
            Field = 'filters'
            Run = { Get-V2024PersonalAccessTokens -Filters 'lastUsed le yesterday' }
        }
        @{ Name = 'a patch that is not JSON'; Code = 'invalid_json'; Run = { Update-V2024PersonalAccessToken a1 '[{]' } }
        @{
            Name = 'a patch that breaks out of its place'
            Code = 'invalid_json'
            Run = { Update-V2024PersonalAccessToken a1 '[],"timeoutMs":1' }
        }
        @{
            Name = 'a patch with an unknown operation'
            Code = 'invalid_request'
            Run = { Update-V2024PersonalAccessToken a1 @{ op = 'rename'; path = '/name'; value = 'x' } }
        }
        @{ Name = 'a patch of numbers'; Code = 'invalid_request'; Run = { Update-V2024PersonalAccessToken a1 1, 2 } }
        @{ Name = 'a text with NUL'; Code = 'invalid_json'; Run = { New-V2024PersonalAccessToken "{`"name`":`"x`"}`0garbage" } }
        @{
            Name = 'half a character in an object'
            Code = 'invalid_utf8'
            Run = { New-V2024PersonalAccessToken @{ name = "x$([char]0xD800)" } }
        }
        @{
            Name = 'half a character in a text'
            Code = 'invalid_utf8'
            Run = { New-V2024PersonalAccessToken "{`"name`":`"x$([char]0xD800)`"}" }
        }
        @{
            Name = 'a number that JSON does not have'
            Code = 'invalid_request'
            Run = { New-V2024PersonalAccessToken @{ name = 'x'; accessTokenValiditySeconds = [double]::NaN } }
        }
        @{ Name = 'a secure string'; Code = 'invalid_request'; Run = { New-V2024PersonalAccessToken @{ name = [securestring]::new() } } }
        @{
            Name = 'a script block as the request'
            Code = 'invalid_request'
            Said = 'script block'
            Run = { New-V2024PersonalAccessToken { @{ name = 'x' } } }
        }
        @{
            Name = 'a script block in the request'
            Code = 'invalid_request'
            Said = 'script block'
            Run = { New-V2024PersonalAccessToken @{ name = { 'x' } } }
        }
        @{
            Name = 'a script block as the patch'
            Code = 'invalid_request'
            Said = 'script block'
            Run = {
                [pscustomobject]@{ id = 'a1' } |
                    Update-V2024PersonalAccessToken -JsonPatchOperation { @{ op = 'replace'; path = '/name'; value = 'x' } }
            }
        }
        @{
            Name = 'a scope that is the name of a type'
            Code = 'invalid_request'
            Said = "-join ' '"
            Run = { New-V2024PersonalAccessToken ([pscustomobject]@{ name = 'x'; scope = 'System.String[]' }) }
        }
        @{
            Name = 'a list of scopes with the name of a type'
            Code = 'invalid_request'
            Said = "-join ' '"
            Run = { New-V2024PersonalAccessToken @{ name = 'x'; scope = @('System.String[]') } }
        }
        @{
            Name = 'a patch to the name of a type'
            Code = 'invalid_request'
            Said = "-join ' '"
            Run = { Update-V2024PersonalAccessToken a1 @{ op = 'replace'; path = '/scope'; value = 'System.String[]' } }
        }
        @{ Name = 'nothing as the request'; Code = 'invalid_request'; Run = { New-V2024PersonalAccessToken $null } }
        @{ Name = 'nothing as the id'; Code = 'invalid_request'; Run = { Remove-V2024PersonalAccessToken $null } }
        @{ Name = 'an empty id'; Code = 'invalid_request'; Run = { Get-V2024PersonalAccessToken '' } }
        @{
            Name = 'an object that contains itself'
            Code = 'invalid_request'
            Run = { $loop = @{ name = 'x' }; $loop.scope = $loop; New-V2024PersonalAccessToken $loop }
        }
    ) {
        $failure = Get-ErrorOf $Run
        $failure.FullyQualifiedErrorId | Should -BeLike "SailPat.$Code,*"
        if ($_.ContainsKey('Said')) { $failure.ErrorDetails.RecommendedAction | Should -Match $Said }
        if ($_.ContainsKey('Field')) { "$($failure.Exception.Data['field'])" | Should -BeLike "*$Field*" }
        Get-Requests $tenant | Where-Object kind -NE token | Should -BeNullOrEmpty
    }

    It '-WhatIf refuses it in the same words, and sends nothing: <Name>' -ForEach @(
        @{
            Name = 'an unknown field'
            Run = { param($more) [pscustomobject]@{ name = 'x'; id = 'a1'; owner = 'y' } | New-V2024PersonalAccessToken @more }
        }
        @{
            Name = 'a field of a later version'
            Run = { param($more) New-V2024PersonalAccessToken @{ name = 'x'; userAwareTokenNeverExpires = $true } @more }
        }
        @{ Name = 'no name'; Run = { param($more) New-V2024PersonalAccessToken @{ scope = @('a:b') } @more } }
        @{
            Name = 'a date of the United States'
            Run = { param($more) New-V2024PersonalAccessToken @{ name = 'x'; expirationDate = '05/28/2027 05:41:17' } @more }
        }
        @{
            Name = 'a date without its offset'
            Run = { param($more) New-V2024PersonalAccessToken @{ name = 'x'; expirationDate = '2027-05-28T05:41:17' } @more }
        }
        @{
            Name = 'a date that is past'
            Run = { param($more) New-V2024PersonalAccessToken @{ name = 'x'; expirationDate = '2018-05-28T05:41:17Z' } @more }
        }
        @{
            Name = 'a date past six months'
            Run = { param($more) New-V2024PersonalAccessToken @{ name = 'x'; expirationDate = [datetime]::UtcNow.AddMonths(8) } @more }
        }
        @{ Name = 'no expiry in v2025'; Run = { param($more) New-V2025PersonalAccessToken @{ name = 'x' } @more } }
        @{
            Name = 'a validity of 14'
            Run = { param($more) New-V2024PersonalAccessToken @{ name = 'x'; accessTokenValiditySeconds = 14 } @more }
        }
        @{ Name = 'a validity of 14 for New-SailPat'; Run = { param($more) New-SailPat 'x' -Scope a:b -AccessTokenValidity 14 @more } }
        @{
            Name = 'an unknown operation'
            Run = { param($more) Update-V2024PersonalAccessToken a1 @{ op = 'rename'; path = '/name'; value = 'x' } @more }
        }
        @{
            Name = 'an unknown field of an operation'
            Run = { param($more) Update-V2024PersonalAccessToken a1 @{ op = 'replace'; path = '/name'; value = 'x'; note = 'y' } @more }
        }
        @{ Name = 'a patch of nothing'; Run = { param($more) Update-V2024PersonalAccessToken a1 '[]' @more } }
        @{ Name = 'a name for an id'; Run = { param($more) Set-SailPat 'not there' -Name 'x' @more } }
        @{ Name = 'a name for an id of a removal'; Run = { param($more) Remove-SailPat 'not there' @more } }
        @{ Name = 'a name for an id of a documented removal'; Run = { param($more) Remove-V2024PersonalAccessToken 'not there' @more } }
    ) {
        $real = Get-ErrorOf { & $Run @{ ErrorAction = 'Stop' } }
        $rehearsed = Get-ErrorOf { & $Run @{ ErrorAction = 'Stop'; WhatIf = $true } }
        $rehearsed.FullyQualifiedErrorId | Should -Be $real.FullyQualifiedErrorId
        $rehearsed.Exception.Message | Should -BeExactly $real.Exception.Message
        $rehearsed.Exception.Data['field'] | Should -BeExactly $real.Exception.Data['field']
        Get-Requests $tenant | Where-Object kind -NE token | Should -BeNullOrEmpty
    }

    It '-WhatIf still shows what the service would take' {
        $body = @{ name = 'x'; scope = @('a:b'); accessTokenValiditySeconds = 60; expirationDate = [datetime]::UtcNow.AddMonths(5) }
        New-V2024PersonalAccessToken $body -WhatIf
        New-V2025PersonalAccessToken @{ name = 'x'; userAwareTokenNeverExpires = $true } -WhatIf
        New-V2024PersonalAccessToken `
            @{
                name = 'x'
                expirationDate =
                    '2026-12-31T12:00:00+01:00'.Replace('2026-12-31',
                    [datetime]::UtcNow.AddDays(9).ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture))
            } -WhatIf
        Update-V2024PersonalAccessToken a1 @{ op = 'replace'; path = '/name'; value = 'x' } -WhatIf
        Get-Requests $tenant | Where-Object kind -NE token | Should -BeNullOrEmpty
    }

    It 'an id with <Case> never leaves its place in the address' -ForEach @(
        @{ Case = 'a slash'; Id = 'a/../b' }, @{ Case = 'dots'; Id = '..' }, @{ Case = 'a percent sign'; Id = 'a%2Fb' }
        @{ Case = 'CR LF'; Id = "a`r`nX-Evil: 1" }, @{ Case = 'NUL'; Id = "a`0b" }, @{ Case = 'a question mark'; Id = 'a?x=1' }
    ) {
        foreach ($run in { Remove-V2024PersonalAccessToken -Id $Id },
            { Update-V2024PersonalAccessToken -Id $Id @{ op = 'replace'; path = '/name'; value = 'x' } }) {
            [void](Get-ErrorOf $run)
        }
        foreach ($seen in Get-Requests $tenant | Where-Object kind -NE token) {
            $seen.target | Should -Match '^/v2024/personal-access-tokens/[^/?]*$'
            ($seen.headers | ConvertTo-Json) | Should -Not -Match 'X-Evil'
        }
    }

    It 'a base URL that is <Case>' -ForEach @(
        @{ Case = 'without scheme'; Url = 'tenant.api.identitynow.com' },
            @{ Case = 'http to a remote host'; Url = 'http://tenant.example.com' }
        @{ Case = 'no URL'; Url = 'https://' }, @{ Case = 'of another scheme'; Url = 'ftp://127.0.0.1' }
    ) {
        $env:SAIL_BASE_URL = $Url
        (Get-ErrorOf { Get-V2024PersonalAccessTokens }).FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_invalid,*'
    }
}

Describe 'A server that misbehaves' {
    BeforeAll { Set-SailPatConfiguration -RetryIntervalSeconds 0.01 }
    BeforeEach { Use-Tenant $tenant; Reset-Emulator $tenant }
    AfterAll { Set-SailPatConfiguration -Reset }

    It '<Name>: <Code>' -ForEach @(
        @{ Name = 'HTML'; Code = 'reply_invalid'; Fault = @{ html = $true } }
        @{ Name = 'half a body'; Code = 'connection_failed|reply_invalid'; Fault = @{ truncateAt = 40 } }
        @{ Name = 'an 8 MB header'; Code = 'connection_failed|reply_invalid|reply_too_large'; Fault = @{ oversizeHeaderBytes = 8MB } }
        @{ Name = 'JSON 10,000 deep'; Code = 'reply_invalid'; Fault = @{ jsonDepth = 10000 } }
    ) {
        Add-Fault $tenant list $Fault 20
        $failure = Get-ErrorOf { Get-V2024PersonalAccessTokens me }
        $failure.Exception.Data['code'] | Should -Match "^($Code)$"
    }

    It 'a redirect of the list to another host is refused, and nothing reaches that host' {
        Reset-Emulator $other
        Add-Fault $tenant list @{ redirect = "$($other.url)/v2024/personal-access-tokens"; status = 307 } 9
        $failure = Get-ErrorOf { Get-V2024PersonalAccessTokens me }
        $failure.Exception.Data['code'] | Should -Be 'redirect_refused'
        Get-Requests $other | Should -BeNullOrEmpty
    }

    It 'a redirect of the sign-in to another host is refused, and no secret reaches that host' {
        Reset-Emulator $other
        [void](Invoke-Control $tenant POST settings @{ expireBearers = $true })
        Add-Fault $tenant token @{ redirect = "$($other.url)/oauth/token"; status = 307 } 9
        $failure = Get-ErrorOf { Get-V2024PersonalAccessTokens me }
        $failure.Exception.Data['code'] | Should -Match 'redirect_refused|sign_in_failed'
        Get-Requests $other | Should -BeNullOrEmpty
    }

    It 'one that answers nonsense instead of HTTP' {
        $server = Start-RawServer "SSH-2.0-OpenSSH_9.2`r`n"
        try {
            $env:SAIL_BASE_URL = $server.url
            (Get-ErrorOf { Get-V2024PersonalAccessTokens }).Exception.Data['code'] | Should -Match 'connection_failed|reply_invalid'
        }
        finally { Stop-RawServer $server }
    }
}
