# What was made for one tenant is sent to that one alone, whatever the session, its variables or its folder have come to
# say meanwhile: a second tenant stands beside it and must receive nothing.

BeforeDiscovery {
    . "$PSScriptRoot/Vault.ps1"
    $hasVault = Test-Vault
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    . "$PSScriptRoot/Vault.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $started = $PWD.ProviderPath
    $kept = @{}
    foreach ($name in 'SAILPAT_HOME', 'HOME', 'USERPROFILE') { $kept[$name] = [Environment]::GetEnvironmentVariable($name) }
    $planted = Start-Emulator @('--rate-limit', 'off')

    $env:TRIES = "$TestDrive/vault"
    Use-TestVault

    function New-Credential($Of) { [pscredential]::new($Of.clientId, (ConvertTo-SecureString $Of.clientSecret -AsPlainText -Force)) }
    function Get-Variables { "$env:SAIL_BASE_URL|$env:SAIL_CLIENT_ID|$env:SAIL_CLIENT_SECRET" }
    function Set-PairFile([string]$Path, $Of) {
        @{ BaseURL = $Of.url; ClientId = $Of.clientId; ClientSecret = $Of.clientSecret } | ConvertTo-Json | Set-Content $Path
    }

    # What may have come between a rotation and its end.
    $come = @{
        'the variables are another tenant''s'           = { Use-Tenant $planted }
        'SAIL_BASE_URL alone is another tenant''s'      = { $env:SAIL_BASE_URL = $planted.url }
        'the session names another tenant'              = { Clear-Settings; Set-SailPatConfiguration -BaseUrl $planted.url }
        'the session was given another tenant''s pair'  =
            { Set-SailPatConfiguration -BaseUrl $planted.url -Credential (New-Credential $planted) }
        'the session has another tenant''s profile'     =
            {
                [void](Set-SailPatProfile planted -BaseUrl $planted.url -Credential (New-Credential $planted))
                Set-SailPatConfiguration -Profile planted
            }
        'the folder has another tenant''s config.json'  =
            { Clear-Settings; Set-SailPatConfiguration -Reset; Set-PairFile config.json $planted }
        'another tenant''s profile is the default one'  =
            {
                Clear-Settings
                Set-SailPatConfiguration -Reset
                [void](Set-SailPatProfile planted -BaseUrl $planted.url -Credential (New-Credential $planted) -Default)
            }
    }
}
AfterAll {
    Clear-TestVault
    Set-SailPatConfiguration -Reset
    Set-Location $started
    foreach ($name in $kept.Keys) { [Environment]::SetEnvironmentVariable($name, $kept[$name]) }
    Clear-Settings
    Stop-Emulator $planted
}

Describe 'A pair stays with its tenant' {
    BeforeEach {
        Set-SailPatConfiguration -Reset -RateLimit none
        $folder = [IO.Directory]::CreateDirectory("$TestDrive/$([guid]::NewGuid())").FullName
        Set-Location $folder
        $env:SAILPAT_HOME = "$folder/state"
        $env:HOME = $env:USERPROFILE = $folder
        $secret = "sailpoint-$([guid]::NewGuid())"
        $tenant = Start-Emulator @('--rate-limit', 'off')
        Use-Tenant $tenant
        Reset-Emulator $planted
    }
    AfterEach { Stop-Emulator $tenant }

    It '<Command>, from <Place>: is refused where <Where>, and changes nothing' -ForEach @(
        foreach ($command in 'undo', 'resume') {
            foreach ($place in @('variables'; if ($hasVault) { 'a vault' })) {
                foreach ($where in 'the variables are another tenant''s', 'SAIL_BASE_URL alone is another tenant''s',
                    'the session names another tenant', 'the session was given another tenant''s pair',
                    'the session has another tenant''s profile', 'the folder has another tenant''s config.json',
                    'another tenant''s profile is the default one') {
                    # A session that goes on with the vault's pair was given its base URL: no variable counts.
                    if ($place -eq 'a vault' -and $where -match 'variables|SAIL_BASE_URL') { continue }
                    @{ Command = $command; Place = $place; Where = $where }
                }
            }
        }
    ) {
        # The old pair is at hand, so that only its tenant can stop it.
        Set-SailPatConfiguration -BaseUrl $tenant.url -Credential (New-Credential $tenant)
        $rotation = if ($Place -eq 'variables') { Invoke-SailPatRotation -StoreIn Environment -Overlap 1h -ErrorAction Stop }
        else { Invoke-SailPatRotation -SecretName $secret -Overlap 1h -ErrorAction Stop }
        if ($Where -match 'variables|SAIL_BASE_URL') { Set-SailPatConfiguration -Clear BaseUrl, Credential }
        . $come[$Where]
        $before = Get-Variables
        $vault = (Get-Secret $secret -ErrorAction Ignore).UserName
        Reset-Emulator $tenant
        $failure = Get-ErrorOf {
            if ($Command -eq 'undo') { $rotation | Undo-SailPatRotation -Confirm:$false -ErrorAction Stop }
            else { $rotation | Resume-SailPatRotation -Now -ErrorAction Stop }
        }
        Get-Requests $planted | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.rotation_refused,*'
        $failure.Exception.Message |
            Should -BeLike "*$($rotation.rotation) belongs to $($tenant.url), and the settings say $($planted.url)*"
        Get-Requests $tenant | Should -BeNullOrEmpty
        Get-Variables | Should -Be $before
        (Get-Secret $secret -ErrorAction Ignore).UserName | Should -Be $vault
        (Get-SailPatRotation).state | Should -Be 'overlapping'
    }

    It 'undo with no settings at all takes the pair that it kept, to the tenant of the rotation' {
        $rotation = Invoke-SailPatRotation -StoreIn Environment -Overlap 1h -ErrorAction Stop
        Clear-Settings
        ($rotation | Undo-SailPatRotation -Confirm:$false -ErrorAction Stop).state | Should -Be 'undone'
        # As they were.
        Get-Variables | Should -Be "$($tenant.url)|$($tenant.clientId)|$($tenant.clientSecret)"
        Get-Requests $planted | Should -BeNullOrEmpty
    }

    It 'undo of a profile''s rotation goes to the profile''s tenant, past what the folder says' -Skip:(-not $hasVault) {
        [void](Set-SailPatProfile own -BaseUrl $tenant.url -Credential (New-Credential $tenant))
        Clear-Settings
        $second = New-SailPat Second -Profile own -Scope sp:scopes:all -SecretName $secret -ErrorAction Stop
        $rotation = Invoke-SailPatRotation $second.id -Profile own -SecretName $secret -Overlap 1h -ErrorAction Stop
        Set-PairFile config.json $planted
        ($rotation | Undo-SailPatRotation -Profile own -Confirm:$false -ErrorAction Stop).state | Should -Be 'undone'
        (Get-Secret $secret).UserName | Should -Be $second.id
        Get-Requests $planted | Should -BeNullOrEmpty
    }

    Context 'Variables are one place' {
        It '<Command> keeps the base URL with the pair, which works from any folder: settings from <From>' -ForEach @(
            foreach ($command in 'Invoke-SailPatRotation', 'New-SailPat') {
                foreach ($from in 'config.json', 'config.yaml', 'the session') { @{ Command = $command; From = $from } }
            }
        ) {
            Clear-Settings
            switch ($From) {
                'config.json' { Set-PairFile config.json $tenant }
                'config.yaml' {
                    [void](New-Item -ItemType Directory .sailpoint)
                    Set-Content .sailpoint/config.yaml `
                        ("activeenvironment: a`nenvironments:`n  a:`n    baseurl: $($tenant.url)`n    pat:`n      clientid: " +
                        "$($tenant.clientId)`n      clientsecret: $($tenant.clientSecret)")
                }
                default { Set-SailPatConfiguration -BaseUrl $tenant.url -Credential (New-Credential $tenant) }
            }
            $made = if ($Command -eq 'New-SailPat') { New-SailPat Made -Scope sp:scopes:all -StoreIn Environment -ErrorAction Stop }
            else { Invoke-SailPatRotation -StoreIn Environment -ErrorAction Stop }
            $made.storedIn | Should -Be 'variables SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET of this session'
            if ($Command -ne 'New-SailPat') { $made.state | Should -Be 'done' }
            Get-SailPatRotation -Unfinished | Should -BeNullOrEmpty
            $env:SAIL_BASE_URL | Should -Be $tenant.url
            $env:SAIL_CLIENT_ID | Should -Be $(if ($Command -eq 'New-SailPat') { $made.id } else { $made.newId })
            Set-SailPatConfiguration -Reset
            Set-Location ([IO.Directory]::CreateDirectory("$folder/planted").FullName)
            Set-PairFile config.json $planted
            (Get-SailPat -Mine).id | Should -Contain $env:SAIL_CLIENT_ID
            Get-Requests $planted | Should -BeNullOrEmpty
        }

        It 'those of another tenant take no pair: <Name>' -ForEach @(
            @{ Name = 'Invoke-SailPatRotation'; Code = { Invoke-SailPatRotation -StoreIn Environment -ErrorAction Stop } }
            @{ Name = 'Invoke-SailPatRotation -WhatIf'; Code = { Invoke-SailPatRotation -StoreIn Environment -WhatIf -ErrorAction Stop } }
            @{ Name = 'New-SailPat'; Code = { New-SailPat Made -Scope a:b -StoreIn Environment -ErrorAction Stop } }
        ) {
            Clear-Settings
            $env:SAIL_BASE_URL = $planted.url
            Set-SailPatConfiguration -BaseUrl $tenant.url -Credential (New-Credential $tenant)
            $failure = Get-ErrorOf $Code
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.secret_not_stored,*'
            $failure.Exception.Message |
                Should -BeLike "*is for another tenant: its SAIL_BASE_URL is $($planted.url), not $($tenant.url)*Nothing was changed*"
            Get-RequestsOf $tenant create | Should -BeNullOrEmpty
            Get-SailPatRotation | Should -BeNullOrEmpty
            Get-Variables | Should -Be "$($planted.url)||"
            Set-SailPatConfiguration -Reset
            Get-Requests $planted | Should -BeNullOrEmpty
        }

        It 'undo puts all three back: <_>' -ForEach 'nothing', 'a base URL', 'a pair', 'a pair and a base URL' {
            Clear-Settings
            Set-SailPatConfiguration -BaseUrl $tenant.url -Credential (New-Credential $tenant)
            # Written otherwise, and the same tenant.
            if ($_ -match 'base URL') { $env:SAIL_BASE_URL = "$($tenant.url)/" }
            if ($_ -match 'pair') { $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET = $tenant.clientId, $tenant.clientSecret }
            $before = Get-Variables
            $rotation = Invoke-SailPatRotation -StoreIn Environment -Overlap 1h -ErrorAction Stop
            $env:SAIL_BASE_URL | Should -Be $tenant.url
            ($rotation | Undo-SailPatRotation -Confirm:$false -ErrorAction Stop).state | Should -Be 'undone'
            Get-Variables | Should -Be $before
        }

        It 'a pair that resume puts back has its base URL beside it' {
            $rotation = Invoke-SailPatRotation -StoreIn Environment -Overlap 1h -ErrorAction Stop
            $variables = Get-Variables
            $env:SAIL_BASE_URL = $null
            $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET = $tenant.clientId, $tenant.clientSecret
            ($rotation | Resume-SailPatRotation -Now -ErrorAction Stop).state | Should -Be 'done'
            Get-Variables | Should -Be $variables
        }
    }

    Context 'Variables that hold the pair of a removed token' {
        It 'are named in a warning after the rotation into <Name>' -ForEach @(
            @{ Name = 'a file'; Place = @{ StoreIn = './pair.json' } }
            if ($hasVault) { @{ Name = 'a vault'; Place = @{ SecretName = 'warned' } } }
        ) {
            $rotation = Invoke-SailPatRotation @Place -WarningVariable said -WarningAction SilentlyContinue -ErrorAction Stop
            $rotation.state | Should -Be 'done'
            "$said" |
                Should -Match ("SAIL_CLIENT_ID and SAIL_CLIENT_SECRET still hold the pair of the token $($tenant.clientId), which is " +
                "removed.*Remove-Item Env:SAIL_CLIENT_ID")
            # They hold no such pair the next time.
            $env:SAIL_CLIENT_ID = $env:SAIL_CLIENT_SECRET = $null
            [void](Invoke-SailPatRotation -StoreIn ./next.json -WarningVariable quiet -WarningAction SilentlyContinue -ErrorAction Stop)
            "$quiet" | Should -Not -Match 'SAIL_CLIENT_ID'
        }

        It 'are named when an overlap begins, and when it ends' {
            $rotation = Invoke-SailPatRotation -StoreIn ./pair.json -Overlap 1h -WarningVariable said -WarningAction SilentlyContinue `
                -ErrorAction Stop
            "$said" | Should -Match "$($tenant.clientId), which will be removed"
            [void]($rotation | Resume-SailPatRotation -Now -WarningVariable ended -WarningAction SilentlyContinue -ErrorAction Stop)
            "$ended" | Should -Match "$($tenant.clientId), which is removed"
        }

        It 'are not where they were the place of the new pair' {
            [void](Invoke-SailPatRotation -StoreIn Environment -WarningVariable said -WarningAction SilentlyContinue -ErrorAction Stop)
            "$said" | Should -Not -Match 'still hold'
        }
    }
}

Describe 'A token of a profile goes back to its tenant' {
    BeforeAll {
        $id = '0123456789abcdef0123456789abcdef'
        $env:SAILPAT_HOME = "$TestDrive/tokens-home"
        Set-SailPatConfiguration -Reset -RateLimit none
        $tenant = Start-Emulator @('--rate-limit', 'off')
        # The session's own tenant has a token of the same id, which must stay.
        Use-Tenant $planted
        function Get-Ids($Of) { @((Invoke-Control $Of GET tokens | ForEach-Object { $_ }).id) }
        function Set-OwnProfile($Of) { [void](Set-SailPatProfile own -BaseUrl $Of.url -Credential (New-Credential $Of)) }
        [void](Set-SailPatProfile other -BaseUrl $planted.url -Credential (New-Credential $planted))
    }
    AfterAll { Stop-Emulator $tenant }
    BeforeEach {
        foreach ($one in $tenant, $planted) {
            if ($id -notin (Get-Ids $one)) { [void](Invoke-Control $one POST tokens @(@{ name = 'same'; id = $id })) }
            Reset-Emulator $one
        }
        Set-OwnProfile $tenant
        $token = Get-SailPat same -Profile own
        $shown = Get-SailPat same -Profile own, other | Where-Object profile -EQ own
        Reset-Emulator $planted
        $ModulePath = $script:ModulePath
    }

    It 'in a job that has not loaded the module when the token comes' {
        Start-Job { Import-Module $using:ModulePath; Remove-SailPat $using:shown } | Receive-Job -Wait -ErrorAction Stop
        Get-Requests $planted | Should -BeNullOrEmpty
        Get-Ids $tenant | Should -Not -Contain $id
    }

    It 'in another session that reads it before it loads the module: <Name>' -ForEach @(
        @{ Name = 'of one profile'; Of = 'token'; Code = 'Remove-SailPat $read -ErrorAction Stop' }
        @{ Name = 'through the pipeline, by a documented command'; Of = 'shown'; Code = '$read | Remove-V2024PersonalAccessToken' }
    ) {
        $text = [Management.Automation.PSSerializer]::Serialize((Get-Variable $Of -ValueOnly))
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        try {
            [void]$shell.AddScript({
                    param($text, $module, $code)
                    $read = [Management.Automation.PSSerializer]::Deserialize($text)
                    Import-Module $module
                    . ([scriptblock]::Create($code))
                }).AddArgument($text).AddArgument($script:ModulePath).AddArgument($Code)
            [void]$shell.Invoke()
            $shell.Streams.Error | Should -BeNullOrEmpty
        }
        finally { $shell.Dispose() }
        Get-Requests $planted | Should -BeNullOrEmpty
        Get-Ids $tenant | Should -Not -Contain $id
    }

    It 'as a table that was made of it: <Name>' -ForEach @(
        @{ Name = '[hashtable]'; Make = { param($t) [hashtable]$t } }
        @{ Name = 'Clone()'; Make = { param($t) $t.Clone() } }
        @{ Name = 'Clone() added to a table'; Make = { param($t) @{} + [hashtable]$t } }
        @{ Name = 'New-Object'; Make = { param($t) New-Object psobject -Property $t } }
        @{
            Name = 'its entries'
            Make = { param($t) $h = @{}; foreach ($entry in $t.GetEnumerator()) { $h[$entry.Key] = $entry.Value }; $h }
        }
        @{
            Name = 'its keys'; Make = { param($t) $h = [ordered]@{}; foreach ($key in $t.Keys) { $h[$key] = $t[$key] }; [pscustomobject]$h }
        }
    ) {
        foreach ($one in $token, $shown) {
            $made = & $Make $one
            $made.profile | Should -Be own
            (Get-ErrorOf { Remove-SailPat $made -Profile other -ErrorAction Stop }).Exception.Message |
                Should -BeLike '*is of profile own, and -Profile says other*'
            [void](Remove-SailPat $made -ErrorAction Stop)
            Get-Requests $planted | Should -BeNullOrEmpty
            Get-Ids $tenant | Should -Not -Contain $id
            [void](Invoke-Control $tenant POST tokens @(@{ name = 'same'; id = $id }))
        }
    }

    It 'has the profile among its keys, and one of no profile has not' {
        $token.Contains('Profile') | Should -BeTrue
        $token.Keys[-1] | Should -Be profile
        $plain = Get-SailPat same
        $plain.Contains('profile') | Should -BeFalse
        $plain.Keys | Should -Not -Contain profile
        ([hashtable]$plain).ContainsKey('profile') | Should -BeFalse
    }

    It 'is refused where the profile has another tenant by now: <Name>' -ForEach @(
        @{ Name = 'Remove-SailPat'; Act = { param($t) $t | Remove-SailPat -ErrorAction Stop } }
        @{ Name = 'an argument'; Act = { param($t) Remove-SailPat $t -Profile own -ErrorAction Stop } }
        @{ Name = 'a documented command'; Act = { param($t) $t | Remove-V2024PersonalAccessToken } }
        @{
            Name = 'a documented update'
            Act = { param($t) Update-V2024PersonalAccessToken $t -JsonPatchOperation @{ op = 'replace'; path = '/name'; value = 'x' } }
        }
        @{ Name = 'Set-SailPat'; Act = { param($t) $t | Set-SailPat -Name x -ErrorAction Stop } }
        @{ Name = 'a rotation'; Act = { param($t) Invoke-SailPatRotation $t -StoreIn Environment -ErrorAction Stop } }
        @{ Name = 'its clone'; Act = { param($t) Remove-SailPat $t.Clone() -ErrorAction Stop } }
        @{ Name = 'its table'; Act = { param($t) Remove-SailPat ([hashtable]$t) -ErrorAction Stop } }
        @{
            Name = 'from a file'
            Act = {
                param($t) [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($t)) |
                    Remove-SailPat -ErrorAction Stop
            }
        }
    ) {
        $listed = (Get-V2024PersonalAccessTokens -Profile own).Where({ $_.name -eq 'same' })[0]
        Set-OwnProfile $planted
        foreach ($one in $token, $shown, $listed) {
            $failure = Get-ErrorOf { & $Act $one }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.invalid_request,*'
            $failure.Exception.Message |
                Should -Be "Token $id came from $($tenant.url), and profile own says $($planted.url) now. Nothing was sent."
            $failure.ErrorDetails.RecommendedAction | Should -BeLike '*Set-SailPatProfile*'
        }
        Get-Requests $planted | Should -BeNullOrEmpty
        Set-OwnProfile $tenant
        $token | Remove-SailPat -ErrorAction Stop
        Get-Ids $tenant | Should -Not -Contain $id
    }

    It 'looks at the address once for a whole list' {
        [void](Invoke-Control $tenant POST tokens @(foreach ($i in 1..20) { @{ name = "many $i" } }))
        $looks = & (Get-Module SailPat) {
            $script:TestLooks = 0
            $own = (Get-Command Get-InForce).ScriptBlock
            function script:Get-InForce { $script:TestLooks++; & $own @args }
            try { [void](Get-V2024PersonalAccessTokens -Profile own); $script:TestLooks }
            finally { Set-Item function:script:Get-InForce $own }
        }
        $looks | Should -Be 1
    }
}
