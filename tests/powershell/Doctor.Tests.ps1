# Test-SailPatConnection: one object for each check, one answer for scripts, and no secret.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $tenant = Start-Emulator @('--rate-limit', 'off', '--tls', '--ca-file', "$TestDrive/ca.pem")
    # A home of its own: what this machine's user has there must not count.
    $homes = @{ HOME = $env:HOME; USERPROFILE = $env:USERPROFILE; SAILPAT_HOME = $env:SAILPAT_HOME }
    $started = $PWD.ProviderPath

    function Get-Check([string]$Name) { Test-SailPatConnection | Where-Object Check -EQ $Name }
}
AfterAll {
    Set-Location $started
    foreach ($name in $homes.Keys) { [Environment]::SetEnvironmentVariable($name, $homes[$name]) }
    Set-SailPatConfiguration -Reset
    Stop-Emulator $tenant
    Clear-Settings
}

Describe 'Test-SailPatConnection' {
    BeforeEach {
        Clear-Settings
        Set-SailPatConfiguration -Reset
        Use-Tenant $tenant
        Reset-Emulator $tenant
        [void](Invoke-Control $tenant POST settings @{ dateSkewSeconds = 0 })
        $folder = (New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid())").FullName
        $env:HOME = $env:USERPROFILE = $folder
        $env:SAILPAT_HOME = $null
        Set-Location $folder
    }

    It 'writes one object for each check of a healthy tenant, in order' {
        Set-SailPatConfiguration -ApiVersion v2025
        $checks = Test-SailPatConnection
        $checks.Check -join ' ' |
            Should -Be 'settings permissions keyring clock names proxy tls signIn rights rotation rate version token rotations changeLog'
        $checks | Where-Object State -In 'failed', 'warning' | Should -BeNullOrEmpty
        foreach ($check in $checks) {
            $check.PSTypeNames | Should -Contain 'SailPat.Check'
            $check.Found | Should -Not -BeNullOrEmpty
        }
        ($checks | Where-Object Check -EQ token).Value.id | Should -Be $tenant.clientId
    }

    It '-Quiet is one bool, and warnings do not count' {
        $well = Test-SailPatConnection -Quiet
        $well | Should -BeOfType [bool]
        $well | Should -BeTrue
        (Get-Check version).State | Should -Be 'warning'
        $env:SAIL_CLIENT_SECRET = 'wrong'
        $ill = Test-SailPatConnection -Quiet
        $ill | Should -BeOfType [bool]
        $ill | Should -BeFalse
    }

    It '-Offline sends nothing' {
        $checks = Test-SailPatConnection -Offline
        ($checks | Where-Object { $_.State -ne 'skipped' -and $_.Check -notin 'keyring', 'permissions' }).Check -join ' ' |
            Should -Be 'settings rotations changeLog'
        Get-Requests $tenant | Should -BeNullOrEmpty
        Test-SailPatConnection -Offline -Quiet | Should -BeTrue
    }

    It 'shows a table with a symbol, and what to do below' {
        $env:SAIL_CLIENT_SECRET = 'planted-wrong-secret'
        $text = Test-SailPatConnection | Out-String -Width 200
        $text | Should -Match '(?m)^\+ clock '
        $text | Should -Match '(?m)^x signIn +sign-in failed \(401\)'
        $text | Should -Match '(?m)^ +=> check client id and client secret'
        $text | Should -Match '(?m)^- rights '
        $text | Should -Not -Match 'planted'
        $text | Should -Not -Match ([char]27)
        # No cell is cut in a word at the width of a usual window.
        foreach ($line in $text -split '\r?\n') { $line.TrimEnd().Length | Should -BeLessOrEqual 120 }
    }

    It 'is JSON for machines, a check''s value included' {
        $checks = Test-SailPatConnection | ConvertTo-Json -Depth 9 | ConvertFrom-Json
        $checks.Count | Should -Be 15
        $settings = $checks | Where-Object Check -EQ settings
        $settings.Value.baseUrl | Should -Be $tenant.url
        $settings.Value.sources.clientSecret | Should -Be 'variable SAIL_CLIENT_SECRET'
        $checks | ConvertTo-Json -Depth 9 | Should -Not -Match $tenant.clientSecret
    }

    It 'missing settings are a failed check that names the slip' {
        Clear-Settings
        $env:CLIENT_ID = 'x'
        $check = Get-Check settings
        $check.State | Should -Be 'failed'
        $check.Found | Should -Match 'missing settings: baseUrl, clientId, clientSecret'
        $check.Remedy | Should -Match 'SAIL_CLIENT_ID'
    }

    It 'settings of the session that no client takes are a failed check, not an error' {
        # By hand, where nothing looks at it when it is set.
        (Get-DefaultConfiguration).RateLimit = @{ requests = 0; perSeconds = 1 }
        $checks = @(Test-SailPatConnection)
        $checks.Count | Should -Be 1
        $checks[0].Check | Should -Be 'settings'
        $checks[0].State | Should -Be 'failed'
        $checks[0].Found | Should -Match 'rateLimit'
        Test-SailPatConnection -Quiet | Should -BeFalse
        $Error.Clear()
        [void](Test-SailPatConnection)
        $Error | Should -BeNullOrEmpty
    }

    It 'a clock that is off' {
        [void](Invoke-Control $tenant POST settings @{ dateSkewSeconds = -7500 })
        $check = Get-Check clock
        $check.State | Should -Be 'failed'
        $check.Found | Should -Be '2 h ahead of the server''s'
    }

    It 'an unknown host' {
        $env:SAIL_BASE_URL = 'https://tenant.invalid'
        (Get-Check names).Found | Should -Match 'tenant.invalid is not known'
    }

    It 'a CA that is not trusted, and that is once it is named' {
        $env:SAIL_BASE_URL = $tenant.tlsUrl
        $check = Get-Check tls
        $check.State | Should -Be 'failed'
        $check.Remedy | Should -Match 'caFile'
        Set-SailPatConfiguration -CaFile "$TestDrive/ca.pem"
        $check = Get-Check tls
        $check.State | Should -Be 'ok'
        $check.Value.version | Should -Be 'TLS 1.3'
        @($check.Value.chain)[0].issuer | Should -Not -BeNullOrEmpty
    }

    It 'a file with a secret that others can read' -Skip:$IsWindows {
        @{ ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret; BaseURL = $tenant.url } | ConvertTo-Json |
            Set-Content config.json
        [IO.File]::SetUnixFileMode("$folder/config.json", 'UserRead, UserWrite, GroupRead')
        $check = Get-Check permissions
        $check.State | Should -Be 'warning'
        $check.Remedy | Should -Match 'chmod 600 .*config.json'
    }

    It '-Profile: each tenant by itself, and one''s failure hides nothing of another' {
        $good, $bad = 'good', 'bad' | ForEach-Object { "$folder/$_.json" }
        @{ ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret } | ConvertTo-Json | Set-Content $good
        @{ ClientId = $tenant.clientId; ClientSecret = 'wrong' } | ConvertTo-Json | Set-Content $bad
        Clear-Settings
        foreach ($file in $good, $bad) {
            Set-SailPatProfile -Name ([IO.Path]::GetFileNameWithoutExtension($file)) -BaseUrl $tenant.url -SecretFile $file
        }
        $checks = Test-SailPatConnection -Profile *
        $checks.Count | Should -Be 30
        ($checks | Where-Object { $_.Profile -eq 'bad' -and $_.State -eq 'failed' }).Check | Should -Be 'signIn'
        $checks | Where-Object { $_.Profile -eq 'good' -and $_.State -eq 'failed' } | Should -BeNullOrEmpty
        Test-SailPatConnection -Profile good -Quiet | Should -BeTrue
        Test-SailPatConnection -Profile good, bad -Quiet | Should -BeFalse
    }

    It '-Profile with a file of profiles that is broken, or a name that is unknown, is a failed check' {
        Clear-Settings
        (Test-SailPatConnection -Profile nobody -ErrorAction Stop).State | Should -Contain 'failed'
        (Test-SailPatConnection -Profile nobody*).State | Should -Be 'failed'
        [void](New-Item -ItemType Directory "$folder/.sailpat")
        Set-Content "$folder/.sailpat/profiles.json" '{"profiles":[}'
        $checks = @(Test-SailPatConnection -Profile one, two, * -ErrorAction Stop)
        $checks.Profile | Should -Be 'one', 'two', '*'
        $checks.State | Should -Be 'failed', 'failed', 'failed'
        $checks.Found | Should -Match 'profiles\.json: not JSON'
        Test-SailPatConnection -Profile one -Quiet | Should -BeFalse
    }

    It 'ends a script with an exit code' {
        $result = foreach ($secret in $tenant.clientSecret, 'wrong') {
            $env:SAIL_CLIENT_SECRET = $secret
            [int](-not (Test-SailPatConnection -Quiet))
        }
        $result | Should -Be 0, 1
    }
}
