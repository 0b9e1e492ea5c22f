# Errors have the shape that scripts read, end the command, and say what to do next.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $tenant = Start-Emulator @('--rate-limit', 'off')
}
AfterAll { Stop-Emulator $tenant; Clear-Settings }

Describe 'An error of the service' {
    BeforeEach { Use-Tenant $tenant; Reset-Emulator $tenant }

    It 'is a HttpResponseException with status, headers and the body untouched' {
        $failure = Get-ErrorOf { Remove-V2024PersonalAccessToken -Id 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }
        $failure.Exception.GetType().FullName | Should -Be 'Microsoft.PowerShell.Commands.HttpResponseException'
        $failure.Exception.Response.GetType().FullName | Should -Be 'System.Net.Http.HttpResponseMessage'
        $failure.Exception.Response.StatusCode.value__ | Should -Be 404
        @($failure.Exception.Response.Headers.Key) | Should -Contain 'Date'
        $failure.Exception.Response.Content.Headers.ContentType.MediaType | Should -Be 'application/json'
        $failure.FullyQualifiedErrorId | Should -Be 'WebCmdletWebResponseException,Remove-V2024PersonalAccessToken'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failure.TargetObject | Should -Be 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
        ($failure.ErrorDetails.Message | ConvertFrom-Json).detailCode | Should -Match '^404'
        ($failure.ErrorDetails | ConvertFrom-Json).messages[0].text | Should -Not -BeNullOrEmpty
        $failure.Exception.Data['code'] | Should -Be 'not_found'
        $failure.Exception.Data['number'] | Should -Be 12
        $failure.Exception.Data['trackingId'] | Should -Be ($failure.ErrorDetails | ConvertFrom-Json).trackingId
    }

    It 'is read by one line that about_SailPat_Errors shows, whatever it is, with strict mode, too: <Name>' -ForEach @(
        @{
            Name = 'of the service'
            Code = { Remove-V2024PersonalAccessToken -Id 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }
            Said = 'did not find'
        }
        @{
            Name = '401'
            Code = {
                Add-Fault $tenant list @{ status = 401; body = '{"error":"JWT validation failed"}' } 9; Get-V2024PersonalAccessTokens me
            }
            Said = 'JWT'
        }
        @{
            Name = '429'
            Code = {
                Add-Fault $tenant create @{ status = 429; body = '{"message":" Rate Limit Exceeded "}' } 9
                New-V2024PersonalAccessToken @{ name = 'x' }
            }
            Said = '\S'
        }
        @{ Name = 'sign-in'; Code = { $env:SAIL_CLIENT_SECRET = 'x' * 64; Get-V2024PersonalAccessTokens me }; Said = 'sign-in failed' }
        @{
            Name = 'no JSON'
            Code = {
                Add-Fault $tenant create @{ status = 500; body = '<html>down</html>' } 9; New-V2024PersonalAccessToken @{ name = 'x' }
            }
            Said = '\S'
        }
        @{ Name = 'a parameter'; Code = { Remove-V2024PersonalAccessToken }; Said = 'parameter Id missing' }
        @{
            Name = 'no connection'
            Code = { $env:SAIL_BASE_URL = 'http://127.0.0.1:9'; Get-V2024PersonalAccessTokens me }
            Said = '127.0.0.1'
        }
        @{ Name = 'a command for people'; Code = { New-SailPat x -ExpiresIn 5q -ErrorAction Stop }; Said = 'no time span' }
    ) {
        Set-StrictMode -Version Latest
        $failure = Get-ErrorOf $Code
        $line = "`$_.Exception.Data['message'] ?? `$_.Exception.Message"
        [IO.File]::ReadAllText("$script:SourcePath/en-US/about_SailPat_Errors.help.txt").Contains($line) | Should -BeTrue
        $failure | ForEach-Object ([scriptblock]::Create($line)) | Should -Match $Said
        # What else scripts log of an error is there each time.
        $null = $failure.Exception.Response.RequestMessage.RequestUri
        $null = $failure.Exception.Response.RequestMessage.Method.Method
        $body = $failure.Exception.Response.Content.ReadAsStringAsync().Result
        $body | Should -Not -BeNullOrEmpty
        if ($failure.Exception.Data['local']) {
            ($body | ConvertFrom-Json).messages[0].text | Should -Match $Said
            ($body | ConvertFrom-Json).detailCode | Should -BeLike 'SailPat.*'
            $failure.Exception.Response.Content.Headers.ContentType.MediaType | Should -Be 'application/json'
        }
        else { $failure.ErrorDetails.Message | Should -BeExactly $body }
    }

    It 'is JSON in a documented command by whatever name it is called, and text in one for people' {
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        try {
            [void]$shell.AddScript({
                    param($path)
                    Import-Module $path -Prefix SailPat -DisableNameChecking
                    Rename-Item function:Get-SailPatSailPat Get-Renamed
                    try { Get-SailPatV2024PersonalAccessTokens -Filters '' } catch { $_.ErrorDetails.Message }
                    try { Get-Renamed -Name '' -ErrorAction Stop } catch { $_.ErrorDetails.Message }
                }).AddArgument($script:ModulePath)
            $said = $shell.Invoke()
        }
        finally { $shell.Dispose() }
        ($said[0] | ConvertFrom-Json).detailCode | Should -BeExactly 'SailPat.invalid_request'
        $said[1] | Should -Not -Match '^\{'
    }

    It 'a refused sign-in: the body stays the error''s, and what was found out about it is shown below' {
        $env:SAIL_CLIENT_SECRET = '"' + $tenant.clientSecret + '"'
        $failure = Get-ErrorOf { Get-V2024PersonalAccessTokens me }
        $failure.Exception.Data['code'] | Should -Be 'sign_in_failed'
        ($failure.ErrorDetails.Message | ConvertFrom-Json).error | Should -Be 'invalid_client'
        # All that PowerShell shows of an error at the prompt are these two.
        $failure.ErrorDetails.RecommendedAction |
            Should -Match "^sign-in failed \(401\) at $([uri]::new($tenant.url).Authority):.*SAIL_CLIENT_SECRET.*quotes"
        $failure.ErrorDetails.RecommendedAction | Should -BeLike "*$($failure.Exception.Data['message'].TrimEnd('.'))*"
        $failure.ErrorDetails.RecommendedAction.Length | Should -BeGreaterThan ($failure.Exception.Data['message'].Length + 10)
        $failure.ErrorDetails.RecommendedAction | Should -Not -Match $tenant.clientSecret
        # Once: where there is no body, the error says it, and below it is said to people.
        Add-Fault $tenant token @{ status = 401; body = '' }
        Use-Tenant $tenant
        $env:SAIL_CLIENT_SECRET = 'x' * 64
        $plain = Get-ErrorOf { Get-V2024PersonalAccessTokens me }
        ($plain.ErrorDetails | ConvertFrom-Json).messages[0].text | Should -Be $plain.Exception.Data['message']
        [regex]::Matches($plain.ErrorDetails.RecommendedAction, 'sign-in failed').Count | Should -Be 1
    }

    It 'a remedy speaks of parameters: <Text>' -ForEach @(
        @{ Text = 'raise timeoutMs'; Expected = 'raise -TimeoutSec' }
        @{ Text = 'name it in caFile, or give baseUrl.'; Expected = 'name it in -CaFile, or give -BaseUrl.' }
        @{ Text = 'add the host to allowHttpHosts'; Expected = 'add the host to -AllowHttpHost' }
        @{ Text = 'store them in the profile: profile_set, Set-SailPatProfile'; Expected = 'store them in the profile: Set-SailPatProfile' }
        @{ Text = 'correct "baseUrlFrom" or settings.baseUrl in it'; Expected = 'correct "baseUrlFrom" or settings.baseUrl in it' }
    ) {
        & (Get-Module SailPat) { ConvertTo-CommandWords $args[0] } $Text | Should -BeExactly $Expected
    }

    It 'the commands for people show the words of the service and no JSON: <Name>' -ForEach @(
        @{ Name = 'Get-SailPat'; Kind = 'list'; Run = { Get-SailPat -Mine -ErrorAction Stop } }
        @{ Name = 'New-SailPat'; Kind = 'create'; Run = { New-SailPat 'Refused' -Scope a:b -ErrorAction Stop } }
        @{ Name = 'Set-SailPat'; Kind = 'patch'; Run = { Set-SailPat a1 -Name 'Refused' -ErrorAction Stop } }
        @{ Name = 'Remove-SailPat'; Kind = 'delete'; Run = { Remove-SailPat a1 -ErrorAction Stop } }
    ) {
        $body = '{"detailCode":"403 Forbidden","trackingId":"t1","messages":[{"text":"said so"}]}'
        Add-Fault $tenant $Kind @{ status = 403; body = $body } 3
        $failure = Get-ErrorOf $Run
        $failure.Exception.Response.StatusCode.value__ | Should -Be 403
        $failure.ErrorDetails.Message | Should -BeExactly $failure.Exception.Data['message']
        $failure.ErrorDetails.Message | Should -Match '403.*said so'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        "$failure" | Should -Not -Match 'detailCode'
        # The body stays for scripts.
        $failure.Exception.Data['body'] | Should -BeExactly $body
        $failure.Exception.Response.Content.ReadAsStringAsync().GetAwaiter().GetResult() | Should -BeExactly $body
    }

    It 'says what to do about it: <Name>' -ForEach @(
        @{
            Name = 'another''s token'
            Kind = 'patch'
            Status = 403
            Text = 'no'
            Said = 'sign in as the owner'
            Run = { Set-SailPat a1 -Name 'x' -ErrorAction Stop }
        }
        @{
            Name = 'a name that is taken'
            Run = { 1, 2 | ForEach-Object { New-V2024PersonalAccessToken @{ name = 'Taken' } } }
            Said = 'unique for its owner'
        }
        @{
            Name = 'an expiry in v2024'
            Run = {
                Update-V2024PersonalAccessToken $tenant.clientId `
                    @{ op = 'replace'; path = '/expirationDate'; value = '2027-01-01T00:00:00Z' }
            }
            Said = 'Update-V2025PersonalAccessToken'
        }
        @{
            Name = 'a path that cannot be changed'
            Run = { Update-V2024PersonalAccessToken $tenant.clientId @{ op = 'replace'; path = '/description'; value = 'x' } }
            Said = '/name and /scope'
        }
        @{
            Name = 'a field of a later version'
            Run = { New-V2024PersonalAccessToken @{ name = 'x'; userAwareTokenNeverExpires = $true } }
            Said = 'from v2025 on'
        }
        @{ Name = 'a name for an id'; Run = { Remove-SailPat 'not there' -ErrorAction Stop }; Said = 'A name is no id' }
        @{
            Name = 'a path without its slash'
            Run = { Update-V2024PersonalAccessToken a1 @{ op = 'replace'; path = 'name'; value = 'x' } }
            Said = '\. Write /name'
        }
    ) {
        if ($_.ContainsKey('Kind')) { Add-Fault $tenant $Kind @{ status = $Status; body = "{`"messages`":[{`"text`":`"$Text`"}]}" } }
        try { (Get-ErrorOf $Run).ErrorDetails.RecommendedAction | Should -MatchExactly $Said }
        finally { Remove-OwnTokens $tenant }
    }

    It 'a refused sign-in is said once by a command for people' {
        $env:SAIL_CLIENT_SECRET = '"' + $tenant.clientSecret + '"'
        $failure = Get-ErrorOf { Get-SailPat -Mine -ErrorAction Stop }
        $failure.ErrorDetails.Message | Should -Match '^sign-in failed \(401\).*quotes'
        "$($failure.ErrorDetails.RecommendedAction)" | Should -Not -Match 'sign-in failed'
    }

    It 'names the caller''s line, not the module''s' {
        $failure = Get-ErrorOf { Remove-V2024PersonalAccessToken -Id 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }
        $failure.InvocationInfo.MyCommand.Name | Should -Be 'Remove-V2024PersonalAccessToken'
        $failure.InvocationInfo.ScriptName | Should -Be $PSCommandPath
    }

    It '403, 429 and 500 come with their own category' {
        foreach ($row in @(403, 'PermissionDenied'), @(500, 'ResourceUnavailable')) {
            Add-Fault $tenant create @{ status = $row[0]; body = '{"detailCode":"x","messages":[{"text":"said so"}]}' }
            $failure = Get-ErrorOf { New-V2024PersonalAccessToken @{ name = 'Refused' } }
            $failure.Exception.Response.StatusCode.value__ | Should -Be $row[0]
            $failure.CategoryInfo.Category | Should -Be $row[1]
            ($failure.ErrorDetails | ConvertFrom-Json).messages[0].text | Should -Be 'said so'
        }
    }

    It 'a rate limit past the deadline comes back at once, and says for how long' {
        # Its own tenant: the wait counts for every later call with the same credential.
        $limited = Start-Emulator
        Use-Tenant $limited
        Add-Fault $limited create @{ retryAfter = 600 } 9
        $failure = Get-ErrorOf { New-V2024PersonalAccessToken @{ name = 'Refused' } }
        Stop-Emulator $limited
        $failure.Exception.Response.StatusCode.value__ | Should -Be 429
        $failure.Exception.Response.Headers.GetValues('Retry-After') | Should -Be '600'
        $failure.Exception.Data['retryAfterSeconds'] | Should -Be 600
        $failure.CategoryInfo.Category | Should -Be 'LimitsExceeded'
    }

    It 'a missing id: one DELETE, and no other request' {
        Get-V2024PersonalAccessTokens me | Out-Null
        Reset-Emulator $tenant
        [void](Get-ErrorOf { Remove-V2024PersonalAccessToken -Id 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' })
        (Get-Requests $tenant).kind | Should -Be 'delete'
    }

    It 'a create whose reply is lost is sent once and names the orphan' {
        Add-Fault $tenant create @{ drop = 'afterCommit' }
        $failure = Get-ErrorOf { New-V2024PersonalAccessToken @{ name = 'Lost' } }
        (Get-RequestsOf $tenant create).Count | Should -Be 1
        $failure.FullyQualifiedErrorId | Should -Be 'SailPat.create_lost,New-V2024PersonalAccessToken'
        $failure.Exception.Data['orphan'].name | Should -Be 'Lost'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-RequestsOf $tenant delete | Should -BeNullOrEmpty
        Get-V2024PersonalAccessToken $failure.Exception.Data['orphan'].id | Remove-V2024PersonalAccessToken
    }

    It 'a create that never arrived says that none was made' {
        Add-Fault $tenant create @{ drop = 'beforeCommit' }
        $failure = Get-ErrorOf { New-V2024PersonalAccessToken @{ name = 'Never made' } }
        $failure.Exception.Data['orphan'] | Should -BeNullOrEmpty
        (Get-V2024PersonalAccessTokens me).name | Should -Not -Contain 'Never made'
    }
}

Describe 'An error without a reply' {
    It 'has a stable id, a category and a remedy' {
        Clear-Settings
        $failure = Get-ErrorOf { Push-Location $TestDrive; try { Get-V2024PersonalAccessTokens } finally { Pop-Location } }
        if ($failure.FullyQualifiedErrorId -notlike 'SailPat.settings_missing*') {
            Set-ItResult -Skipped -Because 'this user has a config.yaml of the command line' ; return
        }
        $failure.FullyQualifiedErrorId | Should -Be 'SailPat.settings_missing,Get-V2024PersonalAccessTokens'
        foreach ($place in 'SAIL_BASE_URL', 'config.json', 'config.yaml') { $failure.Exception.Message | Should -Match $place }
    }

    It 'names the likely mistake when BASE_URL is set without SAIL_' {
        Clear-Settings
        $env:BASE_URL = $tenant.url
        $env:CLIENT_ID = 'x'
        $failure = Get-ErrorOf { Push-Location $TestDrive; try { Get-V2024PersonalAccessTokens } finally { Pop-Location } }
        Clear-Settings
        "$($failure.Exception.Message) $($failure.ErrorDetails.RecommendedAction)" | Should -Match '(^|[^_])BASE_URL'
    }

    It 'a server that is down' {
        Use-Tenant $tenant
        $env:SAIL_BASE_URL = 'http://127.0.0.1:9'
        $failure = Get-ErrorOf { Get-V2024PersonalAccessTokens }
        $failure.FullyQualifiedErrorId | Should -Be 'SailPat.connection_failed,Get-V2024PersonalAccessTokens'
        $failure.CategoryInfo.Category | Should -Be 'ConnectionError'
    }

    It 'a wrong secret is told as such, with the server''s words' {
        Use-Tenant $tenant
        $env:SAIL_CLIENT_SECRET = 'wrong'
        $failure = Get-ErrorOf { Get-V2024PersonalAccessTokens }
        $failure.Exception.Data['code'] | Should -Be 'sign_in_failed'
        $failure.Exception.Response.StatusCode.value__ | Should -Be 401
        $failure.CategoryInfo.Category | Should -Be 'AuthenticationError'
    }
}

Describe 'Handling' {
    BeforeEach { Use-Tenant $tenant; Reset-Emulator $tenant }

    It 'try, catch by type and finally' {
        $steps = @(try { Remove-V2024PersonalAccessToken missing0000000000000000000000000; 'not here' }
            catch [Microsoft.PowerShell.Commands.HttpResponseException] { 'caught' } finally { 'finally' })
        $steps | Should -Be 'caught', 'finally'
    }

    It '$Error notes a failure once, -ErrorAction Ignore of the own commands not at all, and what was mended never' {
        $Error.Clear()
        try { Remove-V2024PersonalAccessToken missing0000000000000000000000000 } catch { }
        $Error.Count | Should -Be 1
        $Error[0].FullyQualifiedErrorId | Should -Be 'WebCmdletWebResponseException,Remove-V2024PersonalAccessToken'
        $Error.Clear()
        Remove-SailPat missing0000000000000000000000000 -ErrorAction Ignore
        Add-Fault $tenant list @{ rawBody = '[{"id":1,"created":"some day"},{"id":"a"}]' }
        @(Get-V2024PersonalAccessTokens me).Count | Should -Be 2
        $Error.Count | Should -Be 0
    }

    It '-ErrorAction SilentlyContinue: the caller goes on, nothing after the failure runs in the module' {
        Add-Fault $tenant create @{ status = 403 }
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        [void]$shell.AddScript({
                param($module)
                Import-Module $module
                $WarningPreference = 'Ignore'
                $output = New-V2024PersonalAccessToken @{ name = 'x' } -ErrorAction SilentlyContinue -ErrorVariable seen
                $succeeded = $?
                Remove-V2024PersonalAccessToken -ErrorAction SilentlyContinue
                New-V2024PersonalAccessToken '{"name":' -ErrorAction SilentlyContinue
                Update-V2024PersonalAccessToken a1 '[{]' -ErrorAction SilentlyContinue
                Update-V2024PersonalAccessToken -ErrorAction SilentlyContinue
                @{ Output = $output; Succeeded = $succeeded; Status = $seen[0].Exception.Response.StatusCode.value__ }
            }).AddArgument($script:ModulePath)
        $result = $shell.Invoke()[0]
        $shell.Dispose()
        $result.Output | Should -BeNullOrEmpty
        $result.Succeeded | Should -BeFalse
        $result.Status | Should -Be 403
        @(Get-Requests $tenant | Where-Object kind -NE token).Count | Should -Be 1
    }
}
