# What the service, a file, a pipeline or a reply says is only ever a value: never a command, never a part of a
# script, and nothing that a terminal obeys. (CommandForm.Tests.ps1 looks at the module's own code for it.)

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
}

Describe 'What others wrote' {
    BeforeAll {
        $tenant = Start-Emulator @('--rate-limit', 'off')
        Use-Tenant $tenant
        # What somebody else of the tenant may call a token.
        $odd = "a`e]0;x`a`u{202e}`$(whoami)``"
        $names = "backup `u{2019}; whoami > file; `u{2018}", '[prod] deploy', 'backup*', 'back`tick', '-Force', "it's", "two`nlines", '12',
            $odd
        [void](Invoke-Control $tenant POST tokens `
            @(foreach ($name in $names) { @{ name = $name; scope = @('idn:a:read'); owner = @{ id = 'other'; name = 'Somebody else' } } }))

        function Get-Completed([string]$Line) { (TabExpansion2 $Line $Line.Length).CompletionMatches }
        # The word that a completed line hands to its command, and whether it does nothing else.
        function Get-Handed([string]$Line) {
            $tree = [System.Management.Automation.Language.Parser]::ParseInput($Line, [ref]$null, [ref]$null)
            $statements = $tree.EndBlock.Statements
            if ($statements.Count -ne 1 -or $statements[0].PipelineElements.Count -ne 1 -or
                $statements[0].PipelineElements[0].CommandElements.Count -ne 2) {
                throw "Not one command with one word: $Line"
            }
            $word = $statements[0].PipelineElements[0].CommandElements[1]
            if ($word -is [System.Management.Automation.Language.CommandParameterAst]) { throw "A parameter: $Line" }
            $word.SafeGetValue()
        }
        # Whether a text holds something that a terminal would obey.
        function Test-Raw([string]$Text) { $Text -match '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]' }
    }
    AfterAll { Stop-Emulator $tenant; Clear-Settings }

    It 'completes to exactly that token, and to nothing that runs' {
        [void](Get-SailPat)
        $completed = @(Get-Completed 'Get-SailPat ')
        $completed.Count | Should -BeGreaterOrEqual $names.Count
        foreach ($name in $names) {
            $own = @($completed | Where-Object { $name -like (Get-Handed "Get-SailPat $($_.CompletionText)") })
            $own.Count | Should -Be 1 -Because $name
            $found = @(Get-SailPat (Get-Handed "Get-SailPat $($own[0].CompletionText)"))
            $found.Count | Should -Be 1 -Because $name
            $found[0].name | Should -BeExactly $name
        }
    }

    It 'completes after a few letters, with a quote before them too' {
        [void](Get-SailPat)
        (Get-Completed 'Get-SailPat [pr').CompletionText | Should -Be "'``[prod``] deploy'"
        (Get-Completed "Get-SailPat 'it").CompletionText | Should -Be "'it''s'"
        (Get-Completed 'Get-SailPat backup').CompletionText | Should -Contain "'backup `u{2019}`u{2019}; whoami > file; `u{2018}`u{2018}'"
    }

    It 'completes scopes, profiles and stores as literals' {
        & (Get-Module SailPat) {
            [Session]::Variables()['LastList'] =
                @([pscustomobject]@{ id = 'i;d'; name = 'n'; scope = @('sp:scopes:all', "a`u{2019}; b"); owner = @{ id = "o `u{2018}x" } })
        }
        Get-Handed "New-SailPat $(@(Get-Completed 'New-SailPat x -Scope a')[0].CompletionText)" | Should -Be "a`u{2019}; b"
        Get-Handed "Get-SailPat $(@(Get-Completed 'Get-SailPat -Owner o')[0].CompletionText)" | Should -Be "o `u{2018}x"
        Get-Handed "Remove-SailPat $(@(Get-Completed 'Remove-SailPat i')[0].CompletionText)" | Should -Be 'i;d'
    }

    It 'shows no control or bidirectional character: tables, lists, -WhatIf, verbose lines, warnings, errors, tooltips' {
        $tokens = @(Get-SailPat)
        $own = $tokens | Where-Object name -CEQ $odd
        $own.name | Should -BeExactly $odd
        $id = $own.id
        $shown = @(
            $tokens | Out-String -Width 200
            $tokens | Format-List | Out-String -Width 200
            $tokens | Format-Table name | Out-String
            & { Set-SailPat $id -Name "x$odd" -WhatIf -Verbose } *>&1 | Out-String
            & { New-SailPat "y$odd" -ExpiresIn 1d -Verbose -Debug } *>&1 | Where-Object { $_ -isnot [string] } |
                ForEach-Object { if ($_.PSObject.Properties['Message']) { $_.Message } else { $_ | Out-String } }
            "$(Get-ErrorOf { New-SailPat "y$odd" -Scope a:b -ErrorAction Stop })"
            "$(Get-ErrorOf { Get-SailPatRotation "x`e`u{202e}" -ErrorAction Stop })"
            "$(Get-ErrorOf { Get-SailPatProfile "x`e`u{202e}" -ErrorAction Stop })"
            "$(Get-ErrorOf { New-SailPat x -Scope a:b -StoreIn "x$odd" -ErrorAction Stop })"
            Get-Completed 'Get-SailPat a' | ForEach-Object { $_.ToolTip; $_.ListItemText; $_.CompletionText }
        )
        # This one view is the caller's own: the property as it is.
        Test-Raw $shown[2] | Should -BeTrue
        $shown[2] = ''
        foreach ($text in $shown) { Test-Raw $text | Should -BeFalse -Because ($text -replace '[\x00-\x1f\u202e]', '?') }
        ($shown -join '') | Should -Match '\\u202e'
    }

    It 'shows as the views of other records do, character by character' {
        $record = [pscustomobject]@{ PSTypeName = 'SailPat.Record' }
        $text = [Text.StringBuilder]::new()
        foreach ($number in 0..0xd7ff + 0xe000..0xffff) { [void]$text.Append([char]$number) }
        [void]$text.Append([char]::ConvertFromUtf32(0xe0041)).Append([char]::ConvertFromUtf32(0x1f600))
        $shown = & (Get-Module SailPat) { [TerminalText]::Field($args[0]) } $text.ToString()
        $record.Shown($text.ToString()) | Should -BeExactly $shown
        Test-Raw $shown | Should -BeFalse
        foreach ($kept in 'é', [char]0x200d, [char]::ConvertFromUtf32(0x1f600)) { $shown | Should -Match $kept }
    }

    It 'a profile, a change and a rotation show so, too' {
        $facts = [pscustomobject]@{
            name = $odd; baseUrl = $odd; clientId = $odd; apiVersion = $odd; source = $odd; from = $odd; default = $true
        }
        $change = [pscustomobject]@{
            time = '2026-01-01T00:00:00Z'
            clientId = $odd
            baseUrl = $odd
            operation = $odd
            id = $odd
            name = $odd
            result = $odd
            status = 200
        }
        $views = & (Get-Module SailPat) {
            New-ProfileRecord $args[0] | Out-String
            New-ChangeRecord $args[1] | Out-String
            New-Check '' @{ check = 'settings'; state = 'failed'; found = $args[2]; remedy = $args[2] } | Out-String
            ConvertTo-Rotation `
                ([Text.Json.JsonDocument]::Parse((ConvertTo-Json `
                @{
                    rotation = $args[2]
                    state = $args[2]
                    name = $args[2]
                    oldId = $args[2]
                    newId = $args[2]
                    overlapUntil = $null
                    started = $null
                    updated = $args[2]
                    history = @()
                    storedIn = $args[2]
                    next = $args[2]
                })).RootElement) | Out-String
        } $facts $change $odd
        $views.Count | Should -Be 4
        foreach ($view in $views) {
            Test-Raw $view | Should -BeFalse -Because ($view -replace '[\x00-\x1f\u202e]', '?')
            $view | Should -Match '\\u001b|\\u0'
        }
    }
}

Describe 'A secret in the place of an id' {
    It 'is refused by its form by <_>, sent nowhere and not shown' -ForEach 'Remove-SailPat', 'Get-V2024PersonalAccessToken',
        'Remove-V2024PersonalAccessToken', 'Set-SailPat', 'Invoke-SailPatRotation' {
        $secret = 'ab' * 32
        $failure = Get-ErrorOf { & $_ $secret -ErrorAction Stop }
        $failure.Exception.Message | Should -Match 'form of a secret'
        "$($failure.Exception.Message)$($failure.ErrorDetails.Message)" | Should -Not -Match $secret
        (Get-ErrorOf { [pscustomobject]@{ id = $secret } | & $_ -ErrorAction Stop }).Exception.Message | Should -Not -Match $secret
    }

    It 'and of a client id, by settings and doctor' {
        $secret = 'ab' * 32
        try {
            $env:SAIL_BASE_URL, $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET = 'http://127.0.0.1:9', $secret,
                'ef38f94347e94562b5bb8424a56397d8'
            $shown = @(
                "$(Get-ErrorOf { Get-SailPatConfiguration })"
                Test-SailPatConnection -Offline | Format-List | Out-String -Width 300
                Test-SailPatConnection -Offline | ConvertTo-Json -Depth 5
                "$(Get-ErrorOf { Get-V2024PersonalAccessTokens me })"
                (Get-DefaultConfiguration).ClientId
            ) -join "`n"
            $shown | Should -Match 'form of a secret'
            $shown | Should -Not -Match $secret
        }
        finally { Clear-Settings }
    }
}

Describe 'What was found by attack' {
    BeforeAll {
        $tenant = Start-Emulator @('--rate-limit', 'off')
        Use-Tenant $tenant
        $secret = 'ab' * 32
        $odd = "A`e]0;x`a`u{202e}"
    }
    AfterAll { Stop-Emulator $tenant; Clear-Settings }
    BeforeEach { Reset-Emulator $tenant }
    AfterEach { Remove-OwnTokens $tenant }

    It 'a scope of nothing gives nobody everything: <Name>' -ForEach @(
        @{ Name = 'a documented create, an empty text'; Run = { New-V2024PersonalAccessToken @{ name = 'x'; scope = '' } } }
        @{ Name = 'a documented create, a blank'; Run = { New-V2025PersonalAccessToken @{ name = 'x'; scope = ' ' } } }
        @{ Name = 'a documented create, an empty array'; Run = { New-PersonalAccessTokenV1 @{ name = 'x'; scope = @() } } }
        @{ Name = 'a patch, null'; Run = { Update-V2024PersonalAccessToken a1 @{ op = 'replace'; path = '/scope'; value = $null } } }
        @{
            Name = 'a patch, an empty array'; Run = { Update-V2024PersonalAccessToken a1 @{ op = 'replace'; path = '/scope'; value = @() } }
        }
        @{ Name = 'a patch that removes it'; Run = { Update-V2024PersonalAccessToken a1 @{ op = 'remove'; path = '/scope' } } }
    ) {
        (Get-ErrorOf $Run).Exception.Data['code'] | Should -Be 'invalid_request'
        Get-Requests $tenant | Where-Object kind -In 'create', 'patch' | Should -BeNullOrEmpty
    }

    It 'an object that names neither token nor profile lists nothing' {
        (Get-ErrorOf { [pscustomobject]@{ Profile = $null } | Get-SailPat -ErrorAction Stop }).Exception.Message | Should -Match '-Id'
        Get-RequestsOf $tenant list | Should -BeNullOrEmpty
    }

    It 'a cell of a table changes neither the session nor config.json: <_>' -ForEach 'Environment', 'Configuration', 'CommandLine' {
        Push-Location $TestDrive
        try {
            $failure = Get-ErrorOf { "Name,Scope,StoreIn`nx,a:b,$_" | ConvertFrom-Csv | New-SailPat -ErrorAction Stop }
            $failure.Exception.Message | Should -Match 'through the pipeline'
            $env:SAIL_CLIENT_ID | Should -Be $tenant.clientId
            Test-Path config.json | Should -BeFalse
        }
        finally { Pop-Location }
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
    }

    It 'an object in the place of a text is refused, and not taken for the name of its type: <Name>' -ForEach @(
        @{ Name = 'Name'; Run = { Set-SailPat a1 -Name @{} } }, @{ Name = 'Scope'; Run = { New-SailPat x -Scope @{} -ErrorAction Stop } }
        @{ Name = 'BaseUrl'; Run = { Set-SailPatConfiguration -BaseUrl @{} } }, @{ Name = 'Profile'; Run = { Get-SailPat -Profile @{} } }
    ) {
        (Get-ErrorOf $Run).Exception.Message | Should -Match $Name
        Get-Requests $tenant | Should -BeNullOrEmpty
    }

    It 'a secret with something before it is no id either, and messages never show what has its form' {
        $shown = @(
            "$(Get-ErrorOf { Remove-SailPat " $secret" -WhatIf })"
            "$(Get-ErrorOf { Get-SailPatRotation $secret -ErrorAction Stop })"
            "$(Get-ErrorOf { Get-SailPatProfile $secret -ErrorAction Stop })"
            & { New-SailPat "x $secret" -Scope a:b -WhatIf } *>&1 | Out-String
        ) -join "`n"
        $shown | Should -Not -Match $secret
        $shown | Should -Match '\[64 hexadecimal digits\]'
    }

    It 'no message of an error repeats what a terminal would obey: <Name>' -ForEach @(
        @{ Name = 'a date'; Run = { [pscustomobject]@{ Name = 'a'; ExpiresOn = $odd } | New-SailPat -Scope a:b -ErrorAction Stop } }
        @{ Name = 'JSON'; Run = { ConvertFrom-V2024JsonToPatOwner "{`"$odd`": bad}" } }
    ) {
        "$(Get-ErrorOf $Run)" | Should -Not -Match '[\x00-\x08\x0e-\x1f\x7f-\x9f\u202e]'
    }

    It 'JSON text may begin with the mark of its encoding' {
        (New-V2024PersonalAccessToken ([char]0xfeff + '{"name":"Marked","scope":["a:b"]}')).name | Should -Be 'Marked'
    }
}
