# Settings are looked at on every call, belong to a runspace, and never mix tenants.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $first = Start-Emulator @('--rate-limit', 'off', '--tokens', '2')
    $third = Start-Emulator @('--rate-limit', 'off')
    $second = Start-Emulator @('--rate-limit', 'off', '--tokens', '3')

    # Runs a script in a runspace of its own, with the module imported.
    function Start-Runspace([scriptblock]$Script, $Argument) {
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        [void]$shell.AddScript({
                param($module, $script, $argument) $WarningPreference = 'Ignore'
                Import-Module $module
                & ([scriptblock]::Create($script)) $argument
            })
        [void]$shell.AddArgument($script:ModulePath).AddArgument($Script.ToString()).AddArgument($Argument)
        @{ Shell = $shell; Running = $shell.BeginInvoke() }
    }
    function Wait-Runspace($Started) {
        try { $Started.Shell.EndInvoke($Started.Running); foreach ($problem in $Started.Shell.Streams.Error) { throw $problem } }
        finally { $Started.Shell.Dispose() }
    }
}
AfterAll { Stop-Emulator $first; Stop-Emulator $second; Stop-Emulator $third; Clear-Settings }

Describe 'A change in the middle of a session' {
    BeforeEach { Clear-Settings; Reset-Emulator $first; Reset-Emulator $second }

    It '$env:SAIL_BASE_URL and the credential: the next call follows' {
        Use-Tenant $first
        (Get-V2024PersonalAccessTokens me).id | Should -Contain $first.clientId
        Use-Tenant $second
        (Get-V2024PersonalAccessTokens me).id | Should -Contain $second.clientId
        Use-Tenant $first
        (Get-V2024PersonalAccessTokens me).id | Should -Contain $first.clientId
        (Get-RequestsOf $first list).Count | Should -Be 2
        (Get-RequestsOf $second list).Count | Should -Be 1
    }

    It 'Set-Location to a folder with another config.json: the next call follows' {
        $folders = foreach ($tenant in $first, $second) {
            $folder = New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid())"
            @{ ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret; BaseURL = $tenant.url } | ConvertTo-Json |
                Set-Content "$folder/config.json"
            $folder.FullName
        }
        Push-Location $folders[0]
        try {
            (Get-V2024PersonalAccessTokens me).id | Should -Contain $first.clientId
            Set-Location $folders[1]
            (Get-V2024PersonalAccessTokens me).id | Should -Contain $second.clientId
            @{ ClientId = $first.clientId; ClientSecret = $first.clientSecret; BaseURL = $first.url } | ConvertTo-Json |
                Set-Content config.json
            (Get-V2024PersonalAccessTokens me).id | Should -Contain $first.clientId
        }
        finally { Pop-Location }
    }

    It 'a drive of PowerShell that is given to another folder: the next call follows' {
        foreach ($tenant in $first, $second) {
            $folder = (New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid())").FullName
            @{ ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret; BaseURL = $tenant.url } | ConvertTo-Json |
                Set-Content "$folder/config.json"
            [void](New-PSDrive -Name SailPatTest -PSProvider FileSystem -Root $folder -Scope Global)
            Push-Location SailPatTest:/
            try { (Get-V2024PersonalAccessTokens me).id | Should -Contain $tenant.clientId }
            finally { Pop-Location; Remove-PSDrive SailPatTest }
        }
    }

    It 'half a pair in the variables is an error, and no half of config.json goes with it' {
        @{ ClientId = $first.clientId; ClientSecret = $first.clientSecret; BaseURL = $first.url } | ConvertTo-Json |
            Set-Content "$TestDrive/config.json"
        $env:SAIL_CLIENT_SECRET = $first.clientSecret
        Push-Location $TestDrive
        try { $failure = Get-ErrorOf { Get-V2024PersonalAccessTokens me } }
        finally { Pop-Location; Remove-Item "$TestDrive/config.json" }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_*'
        $failure.Exception.Message | Should -Match 'SAIL_CLIENT_ID'
        Get-Requests $first | Should -BeNullOrEmpty
    }
}

Describe 'Runspaces' {
    BeforeEach { Clear-Settings; Reset-Emulator $first; Reset-Emulator $second }

    It 'two with two tenants at once: no call reaches the other''s' {
        # Both read config.json of their own folder, so that one process-wide variable is not shared.
        $running = foreach ($tenant in $first, $second) {
            $folder = New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid())"
            @{ ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret; BaseURL = $tenant.url } | ConvertTo-Json |
                Set-Content "$folder/config.json"
            Start-Runspace { param($folder) Set-Location $folder; foreach ($i in 1..40) { (Get-V2024PersonalAccessTokens me).id } } `
                $folder.FullName
        }
        $ids = foreach ($one in $running) { , @(Wait-Runspace $one | Sort-Object -Unique) }
        $ids[0] | Should -Contain $first.clientId
        $ids[0] | Should -Not -Contain $second.clientId
        $ids[1] | Should -Contain $second.clientId
        $ids[1] | Should -Not -Contain $first.clientId
        (Get-RequestsOf $first list).Count | Should -Be 40
        (Get-RequestsOf $second list).Count | Should -Be 40
    }

    It 'eight with one credential share one bearer' {
        # A credential of its own, because the calls before count for the rate limit.
        Use-Tenant $third
        $running = foreach ($i in 1..8) { Start-Runspace { foreach ($i in 1..10) { @(Get-V2024PersonalAccessTokens me).Count } } }
        $counts = foreach ($one in $running) { Wait-Runspace $one }
        $counts.Count | Should -Be 80
        (Get-RequestsOf $third token).Count | Should -Be 1
    }
}

Describe 'A session that was told nothing' {
    It 'has the settings that its table says, which is not asked' {
        $started = Start-Runspace {
            & (Get-Module SailPat) {
                if ($script:ConfigurationChanges -ne 0 -or $script:ConfigurationShared) { throw 'This session was told something.' }
                $before = Get-ConfiguredSettings
                $script:ConfigurationChanges++
                $before, (Get-ConfiguredSettings) |
                    ForEach-Object { @($_.GetEnumerator() | Sort-Object Key | ForEach-Object { "$($_.Key) $($_.Value)" }) -join ', ' }
            }
        }
        $before, $read = Wait-Runspace $started
        $before | Should -Not -BeNullOrEmpty
        $before | Should -BeExactly $read
    }
}
