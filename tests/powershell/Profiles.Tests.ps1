# Many tenants by name: each call goes to the tenant that was asked for, each token back to where it came
# from, and one tenant's failure hides nothing of the others.

BeforeDiscovery {
    . "$PSScriptRoot/Vault.ps1"
    $hasVault = Test-Vault
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    . "$PSScriptRoot/Vault.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $alpha = Start-Emulator @('--rate-limit', 'off', '--tokens', '2')
    $beta = Start-Emulator @('--rate-limit', 'off', '--tokens', '3')

    function Get-CredentialOf($Tenant) {
        [pscredential]::new($Tenant.clientId, (ConvertTo-SecureString $Tenant.clientSecret -AsPlainText -Force))
    }
    function New-Profiles {
        $env:SAILPAT_HOME = "$TestDrive/$([guid]::NewGuid())"
        [void](Set-SailPatProfile alpha -BaseUrl $alpha.url -Credential (Get-CredentialOf $alpha))
        [void](Set-SailPatProfile beta -BaseUrl $beta.url -Credential (Get-CredentialOf $beta))
    }
    function Reset-Everything {
        Clear-Settings
        Set-SailPatConfiguration -Reset -RateLimit none -MaximumRetryCount 0
        New-Profiles
        foreach ($name in 'alpha', 'beta') {
            Get-V2024PersonalAccessTokens me -Profile $name | Where-Object name -NE 'Emulator sign-in' | Remove-V2024PersonalAccessToken
        }
        Reset-Emulator $alpha
        Reset-Emulator $beta
    }
    # How many requests of a kind each tenant saw.
    function Get-Counts([string]$Kind) { "$(@(Get-RequestsOf $alpha $Kind).Count) $(@(Get-RequestsOf $beta $Kind).Count)" }
}
AfterAll { Stop-Emulator $alpha; Stop-Emulator $beta; Clear-Settings; Set-SailPatConfiguration -Reset }

Describe 'One profile' {
    BeforeEach { Reset-Everything }

    It 'says the tenant and the credential, before session, variables and config.json' {
        Use-Tenant $alpha
        Set-SailPatConfiguration -BaseUrl $alpha.url -Credential (Get-CredentialOf $alpha)
        (Get-V2024PersonalAccessTokens me -Profile beta).id | Should -Contain $beta.clientId
        (Get-SailPat -Mine -Profile BETA).id | Should -Contain $beta.clientId
        Get-Counts list | Should -Be '0 2'
        # Without it, everything is as it was.
        (Get-V2024PersonalAccessTokens me).id | Should -Contain $alpha.clientId
        Get-Counts list | Should -Be '1 2'
    }

    It '<_> has it' -ForEach 'New-V2024PersonalAccessToken', 'Get-V2025PersonalAccessTokens', 'Get-V2026PersonalAccessToken',
        'Update-BetaPersonalAccessToken',
    'Remove-PersonalAccessToken', 'Get-PersonalAccessTokensV1', 'Get-SailPat', 'New-SailPat', 'Set-SailPat', 'Remove-SailPat',
    'Get-IDNAccessToken',
    'Get-SailPatConfiguration', 'Test-SailPatConnection' {
        (Get-Command $_).Parameters['Profile'].ParameterType | Should -Be ([string[]])
    }

    It 'every command of it goes to its tenant' {
        $token = New-V2024PersonalAccessToken @{ name = 'one' } -Profile beta
        (Get-V2024PersonalAccessToken $token.id -Profile beta).name | Should -Be 'one'
        (Update-V2024PersonalAccessToken $token.id '[{"op":"replace","path":"/name","value":"two"}]' -Profile beta).name | Should -Be 'two'
        (Set-SailPat $token.id -Name three -Profile beta).name | Should -Be 'three'
        (Get-SailPat -Id $token.id -Profile beta).name | Should -Be 'three'
        Remove-V2024PersonalAccessToken $token.id -Profile beta
        $token = New-SailPat four -Profile beta
        Remove-SailPat $token.id -Profile beta
        Get-IDNAccessToken -Profile beta | Should -Not -BeNullOrEmpty
        (Get-SailPatConfiguration -Profile beta).BaseUrl | Should -Be $beta.url
        Test-SailPatConnection -Quiet -Profile beta | Should -BeTrue
        (Get-Requests $alpha).Count | Should -Be 0
        Get-Counts delete | Should -Be '0 2'
    }

    It 'an unknown name is refused, with the likely one' {
        $failure = Get-ErrorOf { Get-V2024PersonalAccessTokens me -Profile alhpa }
        $failure.FullyQualifiedErrorId | Should -Match '^SailPat\.profile_unknown'
        $failure.Exception.Message | Should -Be "no profile 'alhpa'; there are alpha, beta"
        $failure.ErrorDetails.RecommendedAction | Should -Match "'alpha'"
        (Get-ErrorOf { Get-V2024PersonalAccessTokens me -Profile x* }).Exception.Data['code'] | Should -Be 'profile_unknown'
    }

    It 'a session chooses one, and its tenant''s settings take each other back' {
        Set-SailPatConfiguration -BaseUrl http://127.0.0.1:1
        Set-SailPatConfiguration -Profile alpha
        (Get-V2024PersonalAccessTokens me).id | Should -Contain $alpha.clientId
        (Get-SailPatConfiguration).Profile | Should -Be alpha
        Set-SailPatConfiguration -BaseUrl $beta.url -Credential (Get-CredentialOf $beta)
        (Get-V2024PersonalAccessTokens me).id | Should -Contain $beta.clientId
        (Get-ErrorOf { Set-SailPatConfiguration -Profile alpha -BaseUrl $beta.url }).Exception.Data['code'] | Should -Be 'invalid_request'
        Set-SailPatConfiguration -Profile alpha
        (Get-V2024PersonalAccessTokens me -Profile beta).id | Should -Contain $beta.clientId
    }

    It 'its API version counts for the SailPat commands' {
        [void](Set-SailPatProfile beta -ApiVersion v2026)
        [void](Get-SailPat -Mine -Profile beta)
        (Get-RequestsOf $beta list)[0].target | Should -Match '/v2026/'
        [void](Get-SailPat -Mine -Profile beta -ApiVersion v2025)
        (Get-RequestsOf $beta list)[1].target | Should -Match '/v2025/'
    }

    It 'the default profile counts where nothing else is said' {
        [void](Set-SailPatProfile beta -Default)
        $tokens = @(Get-SailPat -Mine)
        $tokens.id | Should -Contain $beta.clientId
        $tokens[0].profile | Should -Be beta
        Use-Tenant $alpha
        (Get-SailPat -Mine).id | Should -Contain $alpha.clientId
    }
}

Describe 'A token goes back to where it came from' {
    BeforeEach {
        Reset-Everything
        # The session's own tenant is the other one.
        Use-Tenant $beta
        $token = New-SailPat 'of alpha' -Profile alpha
    }

    It 'by pipeline: <Name>' -ForEach @(
        @{ Name = 'Get-SailPat | Remove-SailPat'; Code = { Get-SailPat 'of alpha' -Profile alpha | Remove-SailPat } }
        @{ Name = 'Get-SailPat of several | Remove-SailPat'; Code = { Get-SailPat 'of alpha' -Profile * | Remove-SailPat } }
        @{ Name = 'New-SailPat | Remove-SailPat'; Code = { $token | Remove-SailPat } }
        @{ Name = 'Remove-SailPat $token'; Code = { Remove-SailPat $token } }
        @{ Name = 'Remove-SailPat -Id $token'; Code = { Remove-SailPat -Id $token } }
        @{
            Name = 'Get-V2024… | Remove-V2024…'
            Code = { Get-V2024PersonalAccessTokens me -Profile alpha | Where-Object name -EQ 'of alpha' | Remove-V2024PersonalAccessToken }
        }
        @{ Name = 'Remove-V2024… $token'; Code = { Remove-V2024PersonalAccessToken $token } }
        @{ Name = 'a row with id and profile'; Code = { [pscustomobject]@{ id = $token.id; profile = 'alpha' } | Remove-SailPat } }
        @{ Name = 'a table with id and profile'; Code = { Remove-SailPat @{ id = $token.id; profile = 'alpha' } } }
        @{
            Name = 'out and back in by CSV'
            Code = { Get-SailPat 'of alpha' -Profile * | Select-Object id, profile | ConvertTo-Csv | ConvertFrom-Csv | Remove-SailPat }
        }
        @{ Name = 'through Set-SailPat'; Code = { $token | Set-SailPat -Name renamed | Remove-SailPat } }
    ) {
        & $Code
        Get-Counts delete | Should -Be '1 0'
    }

    It 'never to another, even when that is asked for: <Name>' -ForEach @(
        @{ Name = 'Remove-SailPat by pipeline'; Code = { $token | Remove-SailPat -Profile beta -ErrorAction Stop } }
        @{ Name = 'Remove-SailPat $token'; Code = { Remove-SailPat $token -Profile beta -ErrorAction Stop } }
        @{ Name = 'Remove-V2024…'; Code = { $token | Remove-V2024PersonalAccessToken -Profile beta } }
        @{ Name = 'Set-SailPat'; Code = { $token | Set-SailPat -Name x -Profile beta -ErrorAction Stop } }
        @{
            Name = 'Update-V2024…'
            Code = { Update-V2024PersonalAccessToken $token '[{"op":"replace","path":"/name","value":"x"}]' -Profile beta }
        }
    ) {
        (Get-ErrorOf $Code).ErrorDetails.Message | Should -Match 'is of profile alpha, and -Profile says beta'
        "$(Get-Counts delete) $(Get-Counts patch)" | Should -Be '0 0 0 0'
    }

    It 'a changing command takes exactly one profile' {
        (Get-ErrorOf { Remove-SailPat $token.id -Profile * -ErrorAction Stop }).ErrorDetails.Message |
            Should -Match 'takes one profile, not 2: alpha, beta'
        (Get-ErrorOf { New-SailPat x -Profile alpha, beta -ErrorAction Stop }).ErrorDetails.Message | Should -Match 'takes one profile'
        (Remove-SailPat $token.id -Profile al*)
        Get-Counts delete | Should -Be '1 0'
    }

    It 'an id that was taken out of a token is only an id' {
        $id = $token.id
        Remove-SailPat @{ id = $id; profile = 'alpha' }
        [void](Get-ErrorOf { Remove-SailPat $id -ErrorAction Stop })
        Get-Counts delete | Should -Be '1 1'
    }

    It 'the token in use is protected at its own tenant' {
        $mine = Get-SailPat -Mine -Profile alpha | Where-Object id -EQ $alpha.clientId
        $mine.isTokenInUse | Should -BeTrue
        (Get-ErrorOf { $mine | Remove-SailPat -ErrorAction Stop }).Exception.Data['code'] | Should -Be 'needs_force'
        Get-Counts delete | Should -Be '0 0'
    }

    It 'a token whose secret could not be stored is removed where it was made' -Skip:(-not $hasVault) {
        $env:TRIES, $env:TRIES_MODE = "$TestDrive/vault", 'full'
        Use-TestVault
        try {
            (Get-ErrorOf { New-SailPat stored -Profile alpha -SecretName x -ErrorAction Stop }).Exception.Data['code'] |
                Should -Be 'secret_not_stored'
        }
        finally { Clear-TestVault }
        # By its id and by its mark; the other tenant hears of nothing.
        Get-Counts delete | Should -Match '^1 0$'
        (Get-SailPat -Mine -Profile alpha).name | Should -Not -Contain stored
    }

    It '-WhatIf sends nothing, and what is asked names the profile' {
        $token | Remove-SailPat -WhatIf
        Get-Counts delete | Should -Be '0 0'
        $token | Remove-SailPat -Verbose 4>&1 | Out-String | Should -Match 'v2024, profile alpha'
    }
}

Describe 'Several profiles' {
    BeforeEach { Reset-Everything }

    It '<Name> lists each, and every token says whose it is' -ForEach @(
        @{ Name = 'Get-SailPat'; Code = { Get-SailPat -Mine -Profile alpha, beta } }
        @{ Name = 'Get-SailPat with wildcards'; Code = { Get-SailPat -Mine -Profile 'al*', 'b*', alpha } }
        @{ Name = 'Get-V2024PersonalAccessTokens'; Code = { Get-V2024PersonalAccessTokens me -Profile * } }
        @{ Name = 'Get-PersonalAccessTokensV1'; Code = { Get-PersonalAccessTokensV1 me -Profile * } }
    ) {
        $found = & $Code
        "$(@($found).profile)" | Should -Be 'alpha beta'
        @($found).id | Should -Be $alpha.clientId, $beta.clientId
    }

    It 'the profile is in table, CSV and JSON of several, and nowhere else' {
        $several = Get-SailPat -Mine -Profile *
        $several | Out-String | Should -Match '(?s)Profile +Name.*alpha.*beta'
        ($several | Out-String).Split("`n").TrimEnd().Where({ $_.Length -gt 80 }) | Should -BeNullOrEmpty
        ($several | ConvertTo-Csv)[0] | Should -Match '"profile"'
        $one = Get-SailPat -Mine -Profile alpha
        $one.profile | Should -Be alpha
        ($one | ConvertTo-Csv)[0] | Should -Not -Match 'rofile'
        $one | ConvertTo-Json -Depth 4 | Should -Not -Match 'rofile'
        $one | Out-String | Should -Not -Match 'Profile'
    }

    It 'one that fails is an error that names it, and hides nothing: <Name>' -ForEach @(
        @{ Name = 'Get-SailPat'; Code = { Get-SailPat -Mine -Profile alpha, down, beta } }
        @{ Name = 'Get-V2024PersonalAccessTokens'; Code = { Get-V2024PersonalAccessTokens me -Profile alpha, down, beta } }
    ) {
        # Whoever runs the tests may stop at errors.
        $ErrorActionPreference = 'Continue'
        [void](Set-SailPatProfile down -BaseUrl http://127.0.0.1:1 -Credential (Get-CredentialOf $alpha))
        $Error.Clear()
        $found = & $Code 2>&1
        $failures, $tokens = $found.Where({ $_ -is [System.Management.Automation.ErrorRecord] }, 'Split')
        $failures.Count | Should -Be 1
        # The documented command's details are JSON, the own command's a text.
        $(if ($Name -eq 'Get-SailPat') { $failures[0].ErrorDetails.Message }
            else { ($failures[0].ErrorDetails | ConvertFrom-Json).messages[0].text }) | Should -Match '^Profile down: .*cannot connect'
        $failures[0].Exception.Data['profile'] | Should -Be down
        "$($tokens.profile)" | Should -Be 'alpha beta'
        $Error.Count | Should -Be 1
    }

    It '-WithHttpInfo gives one reply for each, with its profile' {
        $replies = Get-V2024PersonalAccessTokens me -Profile * -WithHttpInfo
        $replies.Profile | Should -Be alpha, beta
        $replies.StatusCode | Should -Be 200, 200
    }

    It 'the first of several ends the rest' {
        (Get-SailPat -Mine -Profile * | Select-Object -First 1).profile | Should -Be alpha
        Get-Counts list | Should -Match '^1 [01]$'
    }

    It 'each signs in once for itself' {
        foreach ($i in 1..3) { [void](Get-SailPat -Mine -Profile *) }
        (Get-RequestsOf $alpha token).Count | Should -BeLessOrEqual 1
        (Get-RequestsOf $beta token).Count | Should -BeLessOrEqual 1
        Get-Counts list | Should -Be '3 3'
    }
}

Describe 'Profiles' {
    BeforeEach { Reset-Everything }

    It 'are listed without a secret' {
        [void](Set-SailPatProfile beta -Default -ApiVersion v2025)
        $found = Get-SailPatProfile
        $found.Name | Should -Be alpha, beta
        $found[1].BaseUrl | Should -Be $beta.url
        $found[1].ClientId | Should -Be $beta.clientId
        $found[1].ApiVersion | Should -Be v2025
        $found[1].Default | Should -BeTrue
        $found[1].From | Should -Be 'profiles.json'
        $found | ConvertTo-Json | Should -Not -Match $beta.clientSecret
        $found | Out-String | Should -Match '\* beta'
        (Get-SailPatProfile al*).Name | Should -Be alpha
        (Get-ErrorOf { Get-SailPatProfile nobody -ErrorAction Stop }).Exception.Data['code'] | Should -Be 'profile_unknown'
        Get-SailPatProfile nobody* | Should -BeNullOrEmpty
    }

    It 'the command line''s environments are profiles, too' {
        $before = $HOME, $env:HOME, $env:USERPROFILE
        $place = New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid())/.sailpoint"
        Set-Content "$place/config.yaml" `
            ("activeenvironment: lab`nenvironments:`n  lab:`n    baseurl: $($alpha.url)`n    pat:`n      clientid: $($alpha.clientId)`n  " +
            "    clientsecret: $($alpha.clientSecret)")
        $env:HOME = $env:USERPROFILE = $place.Parent.FullName
        try {
            (Get-SailPatProfile lab).From | Should -Be 'config.yaml'
            (Get-SailPat -Mine -Profile lab).id | Should -Contain $alpha.clientId
            (Get-ErrorOf { Remove-SailPatProfile lab -ErrorAction Stop }).ErrorDetails.Message |
                Should -Match 'environment of the official command line'
        }
        finally { $env:HOME, $env:USERPROFILE = $before[1, 2] }
    }

    It 'the secret shows in no message, verbose or debug line' {
        $said = Set-SailPatProfile gamma -BaseUrl $beta.url -Credential (Get-CredentialOf $beta) -Verbose -Debug *>&1 | Out-String
        $said | Should -Match 'profile_set'
        $said | Should -Not -Match $beta.clientSecret
        [void](Set-SailPatProfile gamma -Credential (Get-CredentialOf $alpha) -WhatIf)
        (Get-SailPatProfile gamma).ClientId | Should -Be $beta.clientId
    }

    It '-SecretFile keeps the pair elsewhere, and removing the profile leaves it there' {
        Push-Location $TestDrive
        try { $set = Set-SailPatProfile gamma -BaseUrl $beta.url -Credential (Get-CredentialOf $beta) -SecretFile ./gamma.env }
        finally { Pop-Location }
        $set.Source | Should -Be "file $([IO.Path]::Combine($TestDrive, 'gamma.env'))"
        (Get-SailPat -Mine -Profile gamma).id | Should -Contain $beta.clientId
        Remove-SailPatProfile gamma
        Test-Path "$TestDrive/gamma.env" | Should -BeTrue
        Get-SailPatProfile gamma* | Should -BeNullOrEmpty
    }

    It '-Command asks an external program' -Skip:$IsWindows {
        $answer = @{ clientId = $beta.clientId; clientSecret = $beta.clientSecret } | ConvertTo-Json -Compress
        Set-Content "$TestDrive/vault.sh" "#!/bin/sh`ncat > /dev/null`necho '$answer'"
        $set = Set-SailPatProfile vault -BaseUrl $beta.url -Command /bin/sh, "$TestDrive/vault.sh"
        $set.ClientId | Should -BeNullOrEmpty
        (Get-SailPat -Mine -Profile vault).id | Should -Contain $beta.clientId
    }

    It 'removing takes the private file of the secret along' {
        Test-Path "$env:SAILPAT_HOME/profiles/alpha.json" | Should -BeTrue
        Remove-SailPatProfile alpha -WhatIf
        Test-Path "$env:SAILPAT_HOME/profiles/alpha.json" | Should -BeTrue
        Get-SailPatProfile al* | Remove-SailPatProfile
        Test-Path "$env:SAILPAT_HOME/profiles/alpha.json" | Should -BeFalse
        Test-Path "$env:SAILPAT_HOME/profiles/beta.json" | Should -BeTrue
        (Get-ErrorOf { Remove-SailPatProfile alpha -ErrorAction Stop }).Exception.Data['code'] | Should -Be 'profile_unknown'
    }

    It 'rows of a CSV file make them' {
        "Name,BaseUrl,ApiVersion`none,$($alpha.url),v2025`ntwo,$($beta.url)," | ConvertFrom-Csv | Set-SailPatProfile |
            ForEach-Object ApiVersion | Should -Be v2025, $null
        (Get-SailPatProfile).Name | Should -Be alpha, beta, one, two
    }

    It 'a broken file says where' {
        Set-Content "$env:SAILPAT_HOME/profiles.json" "{`n  `"profiles`": [}"
        $failure = Get-ErrorOf { Get-V2024PersonalAccessTokens me -Profile alpha }
        $failure.Exception.Data['code'] | Should -Be 'state_failed'
        $failure.ErrorDetails.Message | Should -Match 'profiles\.json: not JSON, line 2 column'
    }

    It 'tab completes their names' {
        foreach ($line in 'Get-SailPat -Profile ', 'Remove-PersonalAccessTokenV1 -Profile ', 'Set-SailPatConfiguration -Profile ',
            'Remove-SailPatProfile ') {
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be alpha, beta -Because $line
        }
        (TabExpansion2 'Get-SailPat -Profile b' 22).CompletionMatches.CompletionText | Should -Be beta
    }
}
