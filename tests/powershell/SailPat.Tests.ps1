# The module's own commands, as people use them.

BeforeDiscovery {
    . "$PSScriptRoot/Vault.ps1"
    $hasVault = Test-Vault
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    . "$PSScriptRoot/Vault.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $tenant = Start-Emulator @('--rate-limit', 'off', '--tokens', '40')
    Use-Tenant $tenant
}
AfterAll { Stop-Emulator $tenant; Clear-Settings }

Describe 'Get-SailPat' {
    BeforeEach { Reset-Emulator $tenant }
    AfterEach { Remove-OwnTokens $tenant }

    It 'lists the tenant, and one''s own with -Mine' {
        @(Get-SailPat).Count | Should -BeGreaterOrEqual 40
        (Get-SailPat -Mine).owner.id | Sort-Object -Unique | Should -HaveCount 1
        (Get-RequestsOf $tenant list).target | Should -Be '/v2024/personal-access-tokens', '/v2024/personal-access-tokens?owner-id=me'
    }

    It 'finds by name with wildcards, by owner, by id' {
        $made = New-SailPat 'Find me'
        (Get-SailPat find*).id | Should -Be $made.id
        (Get-SailPat nothing*, FIND* -Mine).id | Should -Be $made.id
        (Get-SailPat -Owner $made.owner).name | Should -Contain 'Find me'
        (Get-SailPat -Id $made.id).name | Should -Be 'Find me'
        ($made | Get-SailPat).name | Should -Be 'Find me'
    }

    It 'reads time spans as people write them' {
        [void](New-SailPat 'Soon' -ExpiresIn 3d)
        [void](New-SailPat 'Later' -ExpiresIn 2mo)
        (Get-SailPat -Mine -ExpiringWithin 1w).name | Should -Contain 'Soon'
        (Get-SailPat -Mine -ExpiringWithin 1w).name | Should -Not -Contain 'Later'
        (Get-SailPat -Mine -ExpiringWithin ([timespan]::FromDays(90))).name | Should -Contain 'Later'
        (Get-ErrorOf { Get-SailPat -ExpiringWithin soon -ErrorAction Stop }).Exception.Message | Should -Match 'Write it like 30d'
    }

    It '-UnusedFor and -NeverUsed go by the clock in UTC; never used counts from its making' {
        $all = @(Get-SailPat)
        $cutoff = [datetime]::UtcNow.AddDays(-90)
        $expected = $all | Where-Object { $(if ($_.lastUsed) { $_.lastUsed } else { $_.created }) -le $cutoff }
        (Get-SailPat -UnusedFor 90d).id | Sort-Object | Should -Be ($expected.id | Sort-Object)
        (Get-SailPat -NeverUsed).id | Sort-Object | Should -Be (($all | Where-Object { $null -eq $_.lastUsed }).id | Sort-Object)
        (Get-RequestsOf $tenant list)[-1].target | Should -Match 'filters=lastUsed%20isnull|filters=lastUsed\+isnull'
    }

    It 'marks the token in use' {
        $own = Get-SailPat -Mine
        ($own | Where-Object isTokenInUse).id | Should -Be $tenant.clientId
        ($own | Out-String) | Should -Match '\* Emulator'
        ($own[0] | ConvertTo-Json) | Should -Not -Match 'isTokenInUse'
    }

    It 'asks in the version that is given or configured' {
        [void](Get-SailPat -Mine -ApiVersion v2026)
        (Get-RequestsOf $tenant list)[-1].target | Should -BeLike '/v2026/*'
    }
}

Describe 'New-SailPat' {
    BeforeEach { Reset-Emulator $tenant }
    AfterEach { Remove-OwnTokens $tenant }

    It 'makes a token with scope, expiry and validity' {
        $token = New-SailPat 'Made' -Scope idn:a:read, idn:b:read -ExpiresIn 30d -AccessTokenValidity 1h
        $token.secret.Length | Should -Be 64
        $token.scope | Should -Be 'idn:a:read', 'idn:b:read'
        $token.accessTokenValiditySeconds | Should -Be 3600
        [math]::Round(($token.expirationDate - [datetime]::UtcNow).TotalDays) | Should -Be 30
        (New-SailPat 'Made too' -AccessTokenValidity 90).accessTokenValiditySeconds | Should -Be 90
        (New-SailPat 'Made three' -AccessTokenValidity ([timespan]::FromMinutes(2))).accessTokenValiditySeconds | Should -Be 120
    }

    It '-NeverExpires where the version allows' {
        (New-SailPat 'Forever' -NeverExpires -ApiVersion v2025).expirationDate | Should -BeNullOrEmpty
    }

    It 'takes rows of a CSV file; one that fails does not stop the others' {
        $errorsSeen = $null
        $made = @"
Name,Scope,ExpiresIn
Row one,idn:a:read,30d
Row one,idn:a:read,30d
Row three,idn:a:read,90d
"@ | ConvertFrom-Csv | New-SailPat -ErrorAction SilentlyContinue -ErrorVariable errorsSeen
        $made.name | Should -Be 'Row one', 'Row three'
        @($errorsSeen |
            Where-Object {
                $_ -is [System.Management.Automation.ErrorRecord] -and
                    $_.FullyQualifiedErrorId -like 'WebCmdletWebResponseException,New-SailPat'
            }).Count | Should -BeGreaterOrEqual 1
    }

    It 'divides scopes in a cell, and takes an empty cell as not given' {
        [void](@"
Name,Scope,ExpiresIn,ExpiresOn,AccessTokenValidity
Cells one,idn:a:read idn:b:read,,,
Cells two,,30d,,1h
Cells three,,,2099-01-01,
"@ | ConvertFrom-Csv | New-SailPat -ApiVersion v2025 -ErrorAction SilentlyContinue)
        $sent = @(Get-RequestsOf $tenant create).body
        $sent | Should -HaveCount 2
        $sent[0] | Should -Match '^\{"name":"Cells two","accessTokenValiditySeconds":3600,"expirationDate":"20\d\d-'
        $sent[1] | Should -Match '"expirationDate":"(2098-12-31|2099-01-0[12])T'
        (New-SailPat 'Cells four' -Scope 'idn:a:read idn:b:read').scope | Should -Be 'idn:a:read', 'idn:b:read'
    }

    It 'refuses what Export-Csv makes of a list of scopes, and says how to write it' {
        [void](New-SailPat 'Of a list' -Scope idn:a:read, idn:b:read)
        Reset-Emulator $tenant
        $rows = Get-SailPat 'Of a list' -Mine | ConvertTo-Csv | ConvertFrom-Csv | Select-Object @{ n = 'name'; e = { 'Again' } }, scope
        $failure = Get-ErrorOf { $rows | New-SailPat -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.invalid_request,New-SailPat'
        $failure.ErrorDetails.RecommendedAction | Should -Match "-join ' '"
        (Get-ErrorOf { $rows | New-SailPat -WhatIf -ErrorAction Stop }).FullyQualifiedErrorId |
            Should -BeLike 'SailPat.invalid_request,New-SailPat'
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
        # The way that it names.
        $written = Get-SailPat 'Of a list' -Mine |
            Select-Object @{ n = 'name'; e = { 'Again' } }, @{ n = 'scope'; e = { $_.scope -join ' ' } } | ConvertTo-Csv | ConvertFrom-Csv
        ($written | New-SailPat).scope | Should -Be 'idn:a:read', 'idn:b:read'
    }

    It 'takes one way to say when it expires' {
        (Get-ErrorOf { New-SailPat 'Both' -ExpiresIn 3d -NeverExpires -ErrorAction Stop }).Exception.Message |
            Should -Match 'Only one of -ExpiresIn and -NeverExpires'
    }

    It '-AsSecureString shows no secret anywhere' {
        $token = New-SailPat 'Quiet' -AsSecureString
        $token.secret | Should -BeOfType [securestring]
        $token.id.Length | Should -Be 32
        $sent = (Get-RequestsOf $tenant create)[-1]
        ($token | Out-String -Width 200) | Should -Match 'System\.Security\.SecureString'
    }

    It 'warns about a token that expires within two weeks' {
        $seen = New-SailPat 'Short' -ExpiresIn 2d -WarningAction Continue 3>&1
        @($seen | Where-Object { $_ -is [System.Management.Automation.WarningRecord] -and $_.Message -match "'Short' expires on" }).Count |
            Should -Be 1
    }
}

Describe 'A pipeline of tokens that ends early' {
    BeforeEach { Reset-Emulator $tenant }
    AfterEach { Remove-OwnTokens $tenant }

    # A statement that assigns loses the output of all of it.
    It 'names what was made before: <Name>' -ForEach @(
        @{ Name = 'an error of the service'; Make = { 'One', 'Two', 'One' | New-SailPat -Scope a:b -ErrorAction Stop } }
        @{
            Name = 'a name that is empty'
            Make = { 'Name,x', 'One,1', 'Two,1', ',1', 'Three,1' | ConvertFrom-Csv | New-SailPat -Scope a:b -ErrorAction Stop }
        }
        @{
            Name = 'a date that is none'
            Make = { 'Name,ExpiresOn', 'One,', 'Two,', 'Three,31.01.x' | ConvertFrom-Csv | New-SailPat -Scope a:b -ErrorAction Stop }
        }
        @{ Name = 'a documented create'; Make = { @{ name = 'One' }, @{ name = 'Two' }, @{ name = '' } | New-V2024PersonalAccessToken } }
    ) {
        $made = $null
        $warnings = [Collections.Generic.List[object]]::new()
        { $WarningPreference = 'Continue'; & { $made = & $Make } 3>&1 | ForEach-Object { $warnings.Add($_) } } | Should -Throw
        $warnings.Count | Should -BeGreaterOrEqual 1
        foreach ($token in Get-SailPat One, Two -Mine) { "$warnings" | Should -Match $token.id }
        "$warnings" | Should -Match 'Made before.*One.*Two.*Remove-SailPat'
    }

    It 'says nothing where the caller ended it, or it came to its end' {
        $WarningPreference = 'Continue'
        $said = @(
            & { [void]('One', 'Two' | New-SailPat -Scope a:b | Select-Object -First 1) } 3>&1
            & { [void]('Three', 'Four' | New-SailPat -Scope a:b) } 3>&1
            & { try { 'Five', 'Six' | New-SailPat -Scope a:b | ForEach-Object { throw 'no' } } catch { } } 3>&1
        )
        "$said" | Should -Not -Match 'Made before'
    }
}

Describe 'A warning that stops' {
    BeforeEach { Reset-Emulator $tenant }
    AfterEach {
        $WarningPreference = 'Ignore'
        Remove-OwnTokens $tenant
    }

    It 'loses no secret: <Name>' -ForEach @(
        @{ Name = 'New-SailPat'; Make = { New-SailPat 'Short' -AllScopes -ExpiresIn 2d -ErrorAction Stop } }
        @{
            Name = 'New-SailPat -WarningAction'
            Make = { $WarningPreference = 'Continue'; New-SailPat 'Short' -AllScopes -ExpiresIn 2d -WarningAction Stop -ErrorAction Stop }
        }
        @{
            Name = 'New-V2024PersonalAccessToken'
            Make = { New-V2024PersonalAccessToken @{ name = 'Short'; expirationDate = [datetime]::UtcNow.AddDays(2) } }
        }
        @{ Name = 'with $VerbosePreference, too'; Make = { $VerbosePreference = 'Stop'; New-SailPat 'Short' -AllScopes -ExpiresIn 2d } }
        @{
            Name = '-WithHttpInfo'
            Make = {
                (New-V2024PersonalAccessToken @{ name = 'Short'; expirationDate = [datetime]::UtcNow.AddDays(2) } -WithHttpInfo).Response
            }
        }
    ) {
        [AppDomain]::CurrentDomain.SetData('SailPat.Deprecated.v2024', $null)
        & (Get-Module SailPat) { $script:DeprecationsKnown.Clear() }
        $WarningPreference = 'Stop'
        $token = & $Make
        $WarningPreference = 'Ignore'
        $token.secret.Length | Should -Be 64
        $token.name | Should -Be 'Short'
    }
}

Describe 'New-SailPat with a vault' -Skip:(-not $hasVault) {
    BeforeAll { Use-TestVault }
    BeforeEach {
        Reset-Emulator $tenant
        $env:TRIES = "$TestDrive/$([guid]::NewGuid())"
        $env:TRIES_MODE = $null
        $home0 = $env:SAILPAT_HOME
        $env:SAILPAT_HOME = "$TestDrive/state"
    }
    AfterEach {
        Remove-OwnTokens $tenant
        $env:SAILPAT_HOME = $home0
    }
    AfterAll { Clear-TestVault }

    It 'stores id and secret as a pair and shows no secret' {
        $token = New-SailPat 'Stored' -SecretName stored
        $token.secret | Should -BeNullOrEmpty
        $pair = Get-Secret stored
        $pair.UserName | Should -Be $token.id
        $pair.GetNetworkCredential().Password.Length | Should -Be 64
        # What was stored signs in.
        Set-SailPatConfiguration -BaseUrl $env:SAIL_BASE_URL -Credential $pair
        (Get-SailPat -Id $token.id).isTokenInUse | Should -BeTrue
        Set-SailPatConfiguration -Reset
    }

    It 'removes the token again when storing or reading back fails' {
        foreach ($mode in 'full', 'gives another') {
            $env:TRIES_MODE = $mode
            $failure = Get-ErrorOf { New-SailPat "Lost $mode" -SecretName lost -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.secret_not_stored,*'
            (Get-SailPat -Mine).id | Should -Be $tenant.clientId
        }
        (Get-RequestsOf $tenant create).Count | Should -Be 2
    }
}

Describe 'New-SailPat without a vault' {
    It 'makes no token when -SecretName has nowhere to go' {
        Reset-Emulator $tenant
        # In a process whose folders of modules have none.
        $modules = $env:PSModulePath
        try {
            $env:PSModulePath = "$PSHOME/Modules"
            $said = & ([Environment]::ProcessPath) -NoProfile -NonInteractive `
                -c ("`$env:PSModulePath = '$PSHOME/Modules'; Import-Module '$script:ModulePath'; try { New-SailPat Nowhere -SecretName x " +
                "-ErrorAction Stop } catch { `$_.FullyQualifiedErrorId }")
        }
        finally { $env:PSModulePath = $modules }
        "$said" | Should -BeLike '*SailPat.secret_store_missing,*'
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
    }
}

Describe 'New-SailPat without a vault that is registered' -Skip:(-not $hasVault) {
    It 'says how to register one, and makes no token' {
        Reset-Emulator $tenant
        $said = & ([Environment]::ProcessPath) -NoProfile -NonInteractive `
            -c ("`$env:HOME = '$TestDrive'; if (`$env:SAILPAT_MODULES) { `$env:PSModulePath = `$env:SAILPAT_MODULES + " +
            "[IO.Path]::PathSeparator + `$env:PSModulePath }; Import-Module Microsoft.PowerShell.SecretManagement; Import-Module " +
            "'$script:ModulePath'; try { New-SailPat Nowhere -SecretName x -AllScopes -ErrorAction Stop } catch { " +
            "`$_.FullyQualifiedErrorId; `$_.ErrorDetails.RecommendedAction }")
        "$said" | Should -BeLike '*SailPat.secret_store_missing,*Register-SecretVault -DefaultVault*'
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
    }
}

Describe 'Set-SailPat' {
    BeforeEach { $token = New-SailPat 'Change me' -Scope idn:a:read, idn:b:read; Reset-Emulator $tenant }
    AfterEach { Remove-OwnTokens $tenant }

    It 'renames and shows the patch with -Verbose' {
        $seen = Set-SailPat $token.id -Name 'Changed' -Verbose 4>&1
        ($seen | Where-Object { $_ -isnot [System.Management.Automation.VerboseRecord] }).name | Should -Be 'Changed'
        ($seen | Out-String -Width 300) | Should -Match '\[\{"op":"replace","path":"/name","value":"Changed"\}\]'
    }

    It 'adds, removes and replaces scope; one scope stays an array' {
        ($token | Set-SailPat -AddScope idn:c:read -RemoveScope idn:a:read).scope | Should -Be 'idn:b:read', 'idn:c:read'
        ($token | Set-SailPat -Scope idn:only:read).scope | Should -Be 'idn:only:read'
        (Get-RequestsOf $tenant patch)[-1].body | Should -BeExactly '[{"op":"replace","path":"/scope","value":["idn:only:read"]}]'
        (Get-ErrorOf { $token | Set-SailPat -RemoveScope idn:only:read -ErrorAction Stop }).Exception.Message |
            Should -Match 'No scope would be left'
    }

    It 'changes the expiry where the version allows, and says where it does not' {
        (Get-ErrorOf { $token | Set-SailPat -ExpiresIn 30d -ErrorAction Stop }).ErrorDetails.RecommendedAction | Should -Match 'v2025'
        [math]::Round((($token | Set-SailPat -ExpiresIn 30d -ApiVersion v2025).expirationDate - [datetime]::UtcNow).TotalDays) |
            Should -Be 30
    }

    It 'a script block is refused, and never becomes a name or a scope' {
        foreach ($run in { $token | Set-SailPat -Name { "$($_.name) z" } }, { $token | Set-SailPat -Scope { 'a' } },
            { $token | Set-SailPat -AddScope @('a', { 'b' }) }, { $token | Set-SailPat -RemoveScope { 'a' } }, { Get-SailPat { 'x' } }) {
            (Get-ErrorOf $run).Exception.Message | Should -Match 'script block is no value.*ForEach-Object'
        }
        Get-RequestsOf $tenant patch | Should -BeNullOrEmpty
        # The way that it names; and what PowerShell itself evaluates for each object.
        ($token | ForEach-Object { Set-SailPat $_ -Name "$($_.name) old" }).name | Should -Be 'Change me old'
        ([pscustomobject]@{ name = 'Late' } | New-SailPat -Name { "$($_.name) bound" }).name | Should -Be 'Late bound'
    }

    It 'needs something to change' {
        (Get-ErrorOf { $token | Set-SailPat -ErrorAction Stop }).Exception.Message | Should -Match 'Nothing to change'
    }
}

Describe 'Remove-SailPat' {
    BeforeEach { Reset-Emulator $tenant }
    AfterEach { Remove-OwnTokens $tenant }

    It 'removes from the pipeline; one that is gone does not stop the others; nothing comes out' {
        $tokens = 'R1', 'R2', 'R3' | New-SailPat
        Remove-SailPat $tokens[1].id
        $errorsSeen = $null
        $tokens | Remove-SailPat -ErrorAction SilentlyContinue -ErrorVariable errorsSeen | Should -BeNullOrEmpty
        @($errorsSeen | Where-Object { $_.CategoryInfo.Category -eq 'ObjectNotFound' }).Count | Should -BeGreaterOrEqual 1
        Get-SailPat R? -Mine | Should -BeNullOrEmpty
    }

    It 'the token in use needs -Force, and so does a managed one' {
        $failure = Get-ErrorOf { Remove-SailPat $tenant.clientId -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.needs_force,*'
        $failure.Exception.Message | Should -Match 'in use'
        (Get-ErrorOf { [pscustomobject]@{ id = 'a1'; managed = $true } | Remove-SailPat -ErrorAction Stop }).Exception.Message |
            Should -Match 'managed'
        Get-RequestsOf $tenant delete | Should -BeNullOrEmpty
        # Nobody is asked what is refused anyway.
        Remove-SailPat $tenant.clientId -WhatIf -WarningVariable warned -WarningAction SilentlyContinue -ErrorAction Stop
        "$warned" | Should -Match 'would not be removed without -Force'
    }

    It '-WhatIf and $WhatIfPreference send nothing' {
        Get-SailPat -NeverUsed | Where-Object managed -NE $true | Remove-SailPat -WhatIf
        New-SailPat 'Never' -WhatIf
        Set-SailPat a1 -Name x -WhatIf
        Get-RequestsOf $tenant delete | Should -BeNullOrEmpty
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
        Get-RequestsOf $tenant patch | Should -BeNullOrEmpty
    }
}

Describe 'Tab completion' {
    It 'knows ids, names, scopes, owners and paths from the last list, without a call' {
        [void](Get-SailPat)
        Reset-Emulator $tenant
        function Complete([string]$Line) {
            [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.CompletionText
        }
        Complete 'Remove-SailPat -Id ' | Should -Contain $tenant.clientId
        Complete 'Get-V2025PersonalAccessToken -Id ' | Should -Contain $tenant.clientId
        Complete 'Get-SailPat -Name Emu' | Should -Contain "'Emulator sign-in'"
        Complete 'Get-SailPat -Owner m' | Should -Contain 'me'
        Complete 'New-SailPat x -Scope sp:scopes:d' | Should -Contain 'sp:scopes:default'
        Complete 'Initialize-V2024JsonPatchOperation -Path /s' | Should -Be '/scope'
        Complete 'Get-SailPat -ApiVersion v20' | Should -Contain 'v2026'
        Get-Requests $tenant | Should -BeNullOrEmpty
    }
}
