# The documented configuration commands, with their known faults mended, and the module's own.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $tenant = Start-Emulator @('--rate-limit', 'off')
    $other = Start-Emulator @('--rate-limit', 'off')
}
AfterAll { Stop-Emulator $tenant; Stop-Emulator $other; Clear-Settings; Set-SailPatConfiguration -Reset }

Describe 'Set-DefaultConfiguration' {
    BeforeEach { Clear-Settings; Set-SailPatConfiguration -Reset; Reset-Emulator $tenant; Reset-Emulator $other }

    It 'has the documented parameters' {
        $parameters = (Get-Command Set-DefaultConfiguration).Parameters.Keys
        foreach ($name in 'BaseUrl', 'NermBaseUrl', 'Token', 'TokenExpiration', 'TokenUrl', 'ClientId', 'ClientSecret',
            'ConsumerIdentifier', 'ConsumerVersion',
            'MaximumRetryCount', 'RetryIntervalSeconds', 'Experimental', 'Proxy', 'PassThru') { $parameters | Should -Contain $name }
    }

    It 'keeps client id, secret and base URL beyond the next call, before the environment' {
        Use-Tenant $other
        Set-DefaultConfiguration -BaseUrl $tenant.url -ClientId $tenant.clientId -ClientSecret $tenant.clientSecret
        foreach ($i in 1..3) { (Get-V2024PersonalAccessTokens me).id | Should -Contain $tenant.clientId }
        Get-Requests $other | Should -BeNullOrEmpty
        Set-DefaultConfiguration -BaseUrl '' -ClientId '' -ClientSecret ''
        (Get-V2024PersonalAccessTokens me).id | Should -Contain $other.clientId
    }

    It '-MaximumRetryCount and -RetryIntervalSeconds count' {
        Use-Tenant $tenant
        Set-DefaultConfiguration -MaximumRetryCount 2 -RetryIntervalSeconds 0.01
        Add-Fault $tenant list @{ status = 503 } 9
        [void](Get-ErrorOf { Get-V2024PersonalAccessTokens me })
        (Get-RequestsOf $tenant list).Count | Should -Be 3
        Set-DefaultConfiguration -MaximumRetryCount 0
        Reset-Emulator $tenant
        Add-Fault $tenant list @{ status = 503 } 9
        [void](Get-ErrorOf { Get-V2024PersonalAccessTokens me })
        (Get-RequestsOf $tenant list).Count | Should -Be 1
    }

    It '-Proxy takes a WebProxy, a URL or $false, carries the sign-in too, and stays when left out' {
        Use-Tenant $tenant
        # A proxy that answers everything itself: the request must not reach the tenant.
        $proxy = Start-RawServer (Get-HttpText 200 '{"access_token":"planted","token_type":"bearer","expires_in":60}')
        try {
            $env:SAIL_BASE_URL = 'http://localhost.example.test'
            Set-SailPatConfiguration -AllowHttpHost 'localhost.example.test' -MaximumRetryCount 0
            Set-DefaultConfiguration -Proxy (New-Object System.Net.WebProxy $proxy.url)
            Set-DefaultConfiguration -MaximumRetryCount 0
            # Sign-in and list both end at the proxy, whose one answer is no list.
            (Get-ErrorOf { Get-V2024PersonalAccessTokens me }).Exception.Data['code'] | Should -Be 'reply_invalid'
        }
        finally { Stop-RawServer $proxy }
    }

    It '<Name> of the environment is followed, <Bypass>' -ForEach @(
        @{ Name = 'HTTP_PROXY'; Bypass = '' }, @{ Name = 'http_proxy'; Bypass = '' }, @{ Name = 'ALL_PROXY'; Bypass = '' }
        @{ Name = 'HTTP_PROXY'; Bypass = 'but not to hosts in NO_PROXY' }
    ) {
        $proxy = Start-RawServer (Get-HttpText 200 '{"access_token":"planted","token_type":"bearer","expires_in":60}')
        try {
            Use-Tenant $tenant
            $env:SAIL_BASE_URL = 'http://tenant.example.test'
            Set-SailPatConfiguration -AllowHttpHost tenant.example.test -MaximumRetryCount 0 -TimeoutSec 5
            [Environment]::SetEnvironmentVariable($Name, $proxy.url)
            if ($Bypass) { $env:NO_PROXY = '.example.test' }
            $expected = if ($Bypass) { 'connection_failed' } else { 'reply_invalid' }
            (Get-ErrorOf { Get-V2024PersonalAccessTokens me }).Exception.Data['code'] | Should -Be $expected
        }
        finally {
            Stop-RawServer $proxy
            foreach ($variable in $Name, 'NO_PROXY') { [Environment]::SetEnvironmentVariable($variable, $null) }
        }
    }

    It 'a WebProxy keeps its login and its exclusions' {
        $setting = & (Get-Module SailPat) {
            $proxy = [Net.WebProxy]::new('http://proxy.example.test:3128')
            $proxy.Credentials = [Net.NetworkCredential]::new('user', 'word')
            $proxy.BypassList = 'intranet\.example\.test', '.*\.corp\.example\.test$'
            [ProxySetting]::Of($proxy, '')
        }
        $setting.url | Should -Be 'http://proxy.example.test:3128'
        $setting.username | Should -Be 'user'
        $setting.password | Should -Be 'word'
        $setting.bypass | Should -Be 'intranet.example.test', '.corp.example.test'
        & (Get-Module SailPat) { [ProxySetting]::Of([Net.WebProxy]::new(), '') } | Should -BeFalse
    }

    It 'a bearer of one''s own is used as it is, and nobody signs in' {
        Use-Tenant $tenant
        $bearer = Get-IDNAccessToken
        Clear-Settings
        Reset-Emulator $tenant
        Set-DefaultConfiguration -BaseUrl $tenant.url -Token $bearer -TokenExpiration (Get-Date).AddMinutes(5)
        Get-V2024PersonalAccessTokens me | Should -Not -BeNullOrEmpty
        Get-RequestsOf $tenant token | Should -BeNullOrEmpty
        (Get-RequestsOf $tenant list)[0].headers.authorization | Should -Be "Bearer $bearer"
    }

    It 'names the calling program to the service' {
        Use-Tenant $tenant
        Set-DefaultConfiguration -ConsumerIdentifier 'nightly' -ConsumerVersion '2.1'
        [void](Get-V2024PersonalAccessTokens me)
        ((Get-RequestsOf $tenant list)[0].headers | ConvertTo-Json) | Should -Match 'nightly/2\.1'
    }
}

Describe 'Get-DefaultConfiguration' {
    BeforeEach { Clear-Settings; Set-SailPatConfiguration -Reset; Use-Tenant $tenant; Reset-Emulator $tenant }

    It 'is a live table with the documented keys' {
        $table = Get-DefaultConfiguration
        foreach ($key in 'BaseUrl', 'ClientId', 'ClientSecret', 'TokenUrl', 'Token', 'TokenExpiration', 'SkipCertificateCheck',
            'DefaultHeaders',
            'MaximumRetryCount', 'RetryIntervalSeconds', 'Proxy', 'Experimental', 'ConsumerIdentifier', 'ConsumerVersion') {
                $table.Keys | Should -Contain $key
            }
        $table.MaximumRetryCount = 0
        Add-Fault $tenant list @{ status = 503 } 9
        [void](Get-ErrorOf { Get-V2024PersonalAccessTokens me })
        (Get-RequestsOf $tenant list).Count | Should -Be 1
    }

    It 'shows what is in force, and the environment is still followed' {
        (Get-DefaultConfiguration).BaseUrl | Should -Be "$($tenant.url)/"
        (Get-DefaultConfiguration).ClientId | Should -Be $tenant.clientId
        (Get-DefaultConfiguration).ClientSecret | Should -BeNullOrEmpty
        Use-Tenant $other
        (Get-V2024PersonalAccessTokens me).id | Should -Contain $other.clientId
        (Get-DefaultConfiguration).BaseUrl | Should -Be "$($other.url)/"
    }

    It 'with a header added to the table sends it' {
        (Get-DefaultConfiguration).DefaultHeaders['X-Ticket'] = 'T-1'
        [void](Get-V2024PersonalAccessTokens me)
        (Get-RequestsOf $tenant list)[0].headers.'x-ticket' | Should -Be 'T-1'
    }
}

Describe 'The module''s own configuration' {
    BeforeEach { Clear-Settings; Set-SailPatConfiguration -Reset; Use-Tenant $tenant; Reset-Emulator $tenant }

    It 'shows where each setting comes from, and no secret' {
        $shown = Get-SailPatConfiguration
        $shown.BaseUrl | Should -Be $tenant.url
        $shown.BaseUrlFrom | Should -Match 'SAIL_BASE_URL'
        $shown.ClientSecretFrom | Should -Match 'SAIL_CLIENT_SECRET'
        ($shown | Format-List * | Out-String -Width 300) | Should -Not -Match $tenant.clientSecret
    }

    It 'takes a PSCredential and secure strings' {
        Clear-Settings
        $secret = ConvertTo-SecureString $other.clientSecret -AsPlainText -Force
        Set-SailPatConfiguration -BaseUrl $other.url -Credential ([pscredential]::new($other.clientId, $secret))
        (Get-V2024PersonalAccessTokens me).id | Should -Contain $other.clientId
        Set-SailPatConfiguration -Reset -BaseUrl $tenant.url -ClientId $tenant.clientId `
            -ClientSecret (ConvertTo-SecureString $tenant.clientSecret -AsPlainText -Force)
        (Get-V2024PersonalAccessTokens me).id | Should -Contain $tenant.clientId
    }

    It 'with API version v1 the V2024 names speak v1 and keep v2024''s meaning' {
        Set-SailPatConfiguration -ApiVersion v1
        $token = New-V2024PersonalAccessToken @{ name = 'Bridged' }
        $raw = New-V2024PersonalAccessToken '{"name":"Bridged raw"}'
        (Get-RequestsOf $tenant create).target | Should -Be '/personal-access-tokens/v1', '/personal-access-tokens/v1'
        foreach ($made in $token, $raw) { [math]::Round(($made.expirationDate - [datetime]::UtcNow).TotalDays) | Should -BeIn (181..184) }
        $token, $raw | Remove-V2024PersonalAccessToken
        Set-SailPatConfiguration -Reset
        Reset-Emulator $tenant
        [void](Get-V2024PersonalAccessTokens me)
        (Get-RequestsOf $tenant list)[0].target | Should -BeLike '/v2024/*'
    }

    It 'a deadline ends a call that hangs' {
        Set-SailPatConfiguration -TimeoutSec 0.4
        Add-Fault $tenant list @{ hang = $true } 9
        (Get-ErrorOf { Get-V2024PersonalAccessTokens me }).FullyQualifiedErrorId | Should -BeLike 'SailPat.timeout,*'
        # It is the whole call's: nothing is tried again after it.
        @(Get-RequestsOf $tenant list).Count | Should -Be 1
    }

    It 'a reply past the limit is refused before it fills the memory' {
        Set-SailPatConfiguration -MaximumReplyBytes 1MB
        Add-Fault $tenant list @{ oversizeBytes = 51MB } 9
        (Get-ErrorOf { Get-V2024PersonalAccessTokens me }).FullyQualifiedErrorId | Should -BeLike 'SailPat.reply_too_large,*'
    }

    It 'a setting that cannot be, in the table, is refused by name at the next call' {
        (Get-DefaultConfiguration).MaximumRetryCount = 500
        $failure = Get-ErrorOf { Get-V2024PersonalAccessTokens me }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_invalid,*'
        $failure.Exception.Data['field'] | Should -Be 'maximumRetryCount'
    }

    It 'TLS with a CA of one''s own, from the parameter; a file that cannot be read has its own error' {
        $secure = Start-Emulator @('--tls', '--ca-file', "$TestDrive/ca.pem", '--rate-limit', 'off')
        try {
            Use-Tenant $secure
            $env:SAIL_BASE_URL = $secure.tlsUrl
            Set-SailPatConfiguration -MaximumRetryCount 0
            (Get-ErrorOf { Get-V2024PersonalAccessTokens me }).FullyQualifiedErrorId | Should -BeLike 'SailPat.tls_failed,*'
            Set-SailPatConfiguration -CaFile "$TestDrive/ca.pem"
            (Get-V2024PersonalAccessTokens me).id | Should -Contain $secure.clientId
            Set-SailPatConfiguration -CaFile "$TestDrive/none.pem"
            (Get-ErrorOf { Get-V2024PersonalAccessTokens me }).FullyQualifiedErrorId | Should -BeLike 'SailPat.ca_file_unreadable,*'
        }
        finally { Stop-Emulator $secure }
    }

    It 'without the client''s own pace eight runspaces make 1,600 calls on one bearer' {
        # A credential that nobody used yet, so that its one sign-in is seen.
        $fresh = Start-Emulator @('--rate-limit', 'off')
        $shells = foreach ($i in 1..8) {
            $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            [void]$shell.AddScript({
                    param($module, $url, $id, $secret)
                    $WarningPreference = 'Ignore'
                    Import-Module $module
                    Set-SailPatConfiguration -BaseUrl $url -ClientId $id `
                        -ClientSecret (ConvertTo-SecureString $secret -AsPlainText -Force) -RateLimit none
                    foreach ($i in 1..200) { @(Get-V2024PersonalAccessTokens me).Count }
                }).AddArgument($script:ModulePath).AddArgument($fresh.url).AddArgument($fresh.clientId).AddArgument($fresh.clientSecret)
            @{ Shell = $shell; Running = $shell.BeginInvoke() }
        }
        $counts = foreach ($one in $shells) {
            $one.Shell.EndInvoke($one.Running); $one.Shell.Streams.Error | Should -BeNullOrEmpty; $one.Shell.Dispose()
        }
        $stats = Invoke-Control $fresh GET stats
        Stop-Emulator $fresh
        $counts.Count | Should -Be 1600
        $stats.requests.token | Should -Be 1
        $stats.requests.list | Should -Be 1600
    }
}

Describe 'A setting that cannot be is refused when it is set, and changes nothing' {
    BeforeEach { Clear-Settings; Set-SailPatConfiguration -Reset; Use-Tenant $tenant; Reset-Emulator $tenant }

    It '<Command> -<Parameter> <Text>' -ForEach @(
        foreach ($command in 'Set-DefaultConfiguration', 'Set-SailPatConfiguration') {
            @{ Command = $command; Parameter = 'MaximumRetryCount'; Value = -1 }
            @{ Command = $command; Parameter = 'MaximumRetryCount'; Value = 101 }
            @{ Command = $command; Parameter = 'RetryIntervalSeconds'; Value = [double]::NaN }
            @{ Command = $command; Parameter = 'RetryIntervalSeconds'; Value = -1 }
            @{ Command = $command; Parameter = 'ClientId'; Value = "a`nb" }
            @{ Command = $command; Parameter = 'BaseUrl'; Value = 'garbage' }
            @{ Command = $command; Parameter = 'Proxy'; Value = 5 }
        }
        foreach ($bad in 'garbage', [double]::NaN, 1e300) {
            @{ Command = 'Set-DefaultConfiguration'; Parameter = 'TokenExpiration'; Value = $bad }
        }
        foreach ($name in 'Token', 'ClientSecret', 'ConsumerIdentifier', 'ConsumerVersion') {
            @{ Command = 'Set-DefaultConfiguration'; Parameter = $name; Value = "a`nb" }
        }
        foreach ($name in 'Token', 'ClientSecret') {
            @{ Command = 'Set-SailPatConfiguration'; Parameter = $name; Value = (ConvertTo-SecureString "a`nb" -AsPlainText -Force) }
        }
        foreach ($name in 'TimeoutSec', 'ConnectTimeoutSec') {
            foreach ($bad in -1, 0, 1e9, [double]::PositiveInfinity) {
                @{ Command = 'Set-SailPatConfiguration'; Parameter = $name; Value = $bad }
            }
        }
        @{ Command = 'Set-SailPatConfiguration'; Parameter = 'RateLimit'; Value = @{ requests = 0; perSeconds = 10 } }
        @{ Command = 'Set-SailPatConfiguration'; Parameter = 'RateLimit'; Value = 'fast' }
        @{ Command = 'Set-SailPatConfiguration'; Parameter = 'MaximumReplyBytes'; Value = 0 }
        foreach ($bad in 'http://gateway', 'gateway:80', 'a b', 'gateway/path') {
            @{ Command = 'Set-SailPatConfiguration'; Parameter = 'AllowHttpHost'; Value = @('good', $bad) }
        }
        foreach ($bad in @{ 'bad name' = '1' }, @{ 'x' = "a`nb" }, @{ Host = 'x' }, @{ x = 5 }) {
            @{ Command = 'Set-SailPatConfiguration'; Parameter = 'DefaultHeaders'; Value = $bad }
        }
    ).ForEach({ $_.Text = ($_.Value | ConvertTo-Json -Compress -Depth 3 -WarningAction Ignore) -replace '<', '('; $_ }) {
        Set-SailPatConfiguration -MaximumRetryCount 7 -TimeoutSec 9
        $before = & (Get-Module SailPat) { $script:Configuration.Clone() }
        $arguments = @{ $Parameter = $Value }
        # Nothing of such a call counts.
        $beside = @{}
        foreach ($name in 'MaximumRetryCount', 'BaseUrl') {
            if ($name -ne $Parameter) { $beside[$name] = if ($name -eq 'BaseUrl') { $other.url } else { 1 } }
        }
        if ($Command -eq 'Set-SailPatConfiguration') { $beside.Reset = $true }
        $failure = Get-ErrorOf { & $Command @arguments @beside }
        $failure.FullyQualifiedErrorId | Should -Be "SailPat.settings_invalid,$Command"
        $failure.Exception.Message | Should -Match "^(-$Parameter\b|proxy:)"
        $now = & (Get-Module SailPat) { $script:Configuration }
        $now.Count | Should -Be $before.Count
        foreach ($name in $before.Keys) { $now[$name] | Should -Be $before[$name] -Because $name }
        (Get-SailPatConfiguration).BaseUrl | Should -Be $tenant.url
        Get-Requests $tenant | Should -BeNullOrEmpty
    }

    It 'what can be is still taken: <_>' -ForEach '-RateLimit none', '-RateLimit @{ requests = 1; perSeconds = 0.5 }', '-TimeoutSec 0.001',
        '-MaximumReplyBytes 1',
    '-AllowHttpHost gateway.test, GATEWAY, 10.0.0.1, ''[::2]''' {
        & ([scriptblock]::Create("Set-SailPatConfiguration $_"))
        Get-SailPatConfiguration | Should -Not -BeNullOrEmpty
    }
}

Describe 'A key of the live table that is no setting' {
    BeforeEach { Clear-Settings; Set-SailPatConfiguration -Reset; Use-Tenant $tenant; Reset-Emulator $tenant }
    AfterEach { Set-SailPatConfiguration -Reset }

    It 'is named in the error, with how to take it back, and in PowerShell''s names: <_>' -ForEach 'Nonsense', 'It''s', 5 {
        (Get-DefaultConfiguration)[$_] = 1
        foreach ($code in { Get-SailPatConfiguration }, { Get-V2024PersonalAccessTokens me }) {
            $failure = Get-ErrorOf $code
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_invalid,*'
            $failure.Exception.Message | Should -BeLike "*Get-DefaultConfiguration has a key '$_'*"
            $failure.Exception.Message | Should -Not -Match 'workingDirectory|environment|replyLog'
            $failure.ErrorDetails.RecommendedAction | Should -Match '-Reset'
        }
        # The words are a command that does it.
        $line = [regex]::Match($failure.ErrorDetails.RecommendedAction, "Set-SailPatConfiguration -Clear '(''|[^'])+'").Value
        Set-SailPatConfiguration -MaximumRetryCount 7
        & ([scriptblock]::Create($line))
        (Get-SailPatConfiguration).MaximumRetryCount | Should -Be 7
        (Get-DefaultConfiguration).ContainsKey($_) | Should -BeFalse
    }

    It 'is taken out by -Reset, in the table that the caller has' {
        $table = Get-DefaultConfiguration
        $table.Nonsense = 1
        $table[5] = 1
        Set-SailPatConfiguration -Reset
        $table.Keys | Should -Not -Contain 'Nonsense'
        $table.Keys | Should -Not -Contain 5
        (Get-SailPatConfiguration).BaseUrl | Should -Be $tenant.url
    }

    It 'completion offers each parameter that can be taken back' {
        $offered = (Get-Command `
            Set-SailPatConfiguration).Parameters['Clear'].Attributes.Where({ $_ -is [ArgumentCompletions] })[0].CompleteArgument('', '', '',
            $null, @{}).CompletionText
        $offered | Should -Be (& (Get-Module SailPat) { $script:ClearableNames })
    }
}

Describe 'BaseUrl of the live table ends with a slash' {
    BeforeEach { Clear-Settings; Set-SailPatConfiguration -Reset; Use-Tenant $other; Reset-Emulator $tenant; Reset-Emulator $other }
    AfterEach { Set-SailPatConfiguration -Reset }

    It 'set by <Name>' -ForEach @(
        foreach ($end in '', '/') {
            @{ Name = "Set-DefaultConfiguration, '$end'"; Code = { Set-DefaultConfiguration -BaseUrl "$($tenant.url)$end" }; End = $end }
            @{
                Name = "-PassThru, '$end'"
                Code = { (Set-DefaultConfiguration -BaseUrl "$($tenant.url)$end" -PassThru).BaseUrl | Should -Be "$($tenant.url)/" }
                End = $end
            }
            @{ Name = "Set-SailPatConfiguration, '$end'"; Code = { Set-SailPatConfiguration -BaseUrl "$($tenant.url)$end" }; End = $end }
            @{ Name = "hand, '$end'"; Code = { (Get-DefaultConfiguration).BaseUrl = "$($tenant.url)$end" }; End = $end }
            @{ Name = "hand as a [uri], '$end'"; Code = { (Get-DefaultConfiguration).BaseUrl = [uri]"$($tenant.url)$end" }; End = $end }
        }
    ) {
        & $Code
        Set-SailPatConfiguration `
            -Credential ([pscredential]::new($tenant.clientId, (ConvertTo-SecureString $tenant.clientSecret -AsPlainText -Force)))
        foreach ($i in 1..2) { (Get-DefaultConfiguration).BaseUrl | Should -BeExactly "$($tenant.url)/" }
        # The first example of Get-IDNAccessToken.
        Invoke-RestMethod "$((Get-DefaultConfiguration).BaseUrl)v2024/personal-access-tokens?owner-id=me" `
            -Headers @{ Authorization = "Bearer $(Get-IDNAccessToken)" } | Out-Null
        (Get-V2024PersonalAccessTokens me).id | Should -Contain $tenant.clientId
        (Get-SailPatConfiguration).BaseUrl | Should -Be $tenant.url
        # What was set stays set, whatever the variables say.
        (Get-RequestsOf $tenant token).Count | Should -BeLessOrEqual 1
        Get-Requests $other | Should -BeNullOrEmpty
    }

    It 'is set by hand even where it reads like what was shown, but for the slash' {
        $table = Get-DefaultConfiguration
        $table.BaseUrl | Should -BeExactly "$($other.url)/"
        $table.BaseUrl = $other.url
        (Get-DefaultConfiguration).BaseUrl | Should -BeExactly "$($other.url)/"
        $env:SAIL_BASE_URL = $tenant.url
        (Get-DefaultConfiguration).BaseUrl | Should -BeExactly "$($other.url)/"
    }
}

Describe 'Get-IDNAccessToken' {
    BeforeEach { Clear-Settings; Set-SailPatConfiguration -Reset; Use-Tenant $tenant; Reset-Emulator $tenant }

    It 'gives the bearer that calls use, as a text' {
        $bearer = Get-IDNAccessToken
        $bearer | Should -BeOfType [string]
        [void](Get-V2024PersonalAccessTokens me)
        (Get-RequestsOf $tenant list)[0].headers.authorization | Should -Be "Bearer $bearer"
    }
}

Describe 'The three documented names' {
    It 'give way where another module has them' {
        $result = & {
            $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            [void]$shell.AddScript({
                    param($path)
                    New-Module -Name OfficialLike -ScriptBlock { function Get-DefaultConfiguration { 'theirs' } } | Import-Module
                    Import-Module $path
                    Get-DefaultConfiguration
                    (Get-Command Set-DefaultConfiguration).Source
                }).AddArgument($script:ModulePath)
            $shell.Invoke()
            $shell.Dispose()
        }
        $result | Should -Be 'theirs', 'SailPat'
    }
}
