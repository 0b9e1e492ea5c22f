# A call can be stopped at any moment: Ctrl-C and Select-Object -First end the native request too.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $tenant = Start-Emulator @('--rate-limit', 'off')
    Use-Tenant $tenant
    [void](Get-V2024PersonalAccessTokens me -WarningAction Ignore)
}
AfterAll { Stop-Emulator $tenant; Clear-Settings }

Describe 'A hanging request' {
    BeforeEach { Reset-Emulator $tenant }

    It 'is stopped within 150 ms, and the tenant sees the connection close' {
        # How long the host takes by itself, on this machine at this moment.
        $idle = [powershell]::Create([initialsessionstate]::CreateDefault2()).AddScript('Start-Sleep 100')
        $null = $idle.BeginInvoke()
        Wait-Until { $idle.InvocationStateInfo.State -eq 'Running' }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $idle.Stop()
        $alone = $watch.ElapsedMilliseconds
        $idle.Dispose()
        Add-Fault $tenant list @{ hang = $true }
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        [void]$shell.AddScript('param($m) Import-Module $m; Get-V2024PersonalAccessTokens me').
            AddArgument($script:ModulePath)
        $running = $shell.BeginInvoke()
        Wait-Until { (Get-RequestsOf $tenant list).Count -gt 0 }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $watch.ElapsedMilliseconds | Should -BeLessThan (150 + 10 * $alone)
        $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        $shell.Dispose()
        Wait-Until { (Invoke-Control $tenant GET stats).droppedByClient -gt 0 }
        # The session is as good as new.
        Get-V2024PersonalAccessTokens me | Should -Not -BeNullOrEmpty
    }

    It 'shows progress after a second, and none before' {
        Add-Fault $tenant list @{ delayMs = 1700 }
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        [void]$shell.AddScript('param($m) Import-Module $m; Get-V2024PersonalAccessTokens me').
            AddArgument($script:ModulePath)
        [void]$shell.Invoke()
        $seen = @($shell.Streams.Progress | Where-Object Activity -Like 'SailPoint*')
        $shell.Dispose()
        $seen.Count | Should -BeGreaterThan 1
        $seen[-1].RecordType | Should -Be 'Completed'
        $quick = [powershell]::Create([initialsessionstate]::CreateDefault2())
        [void]$quick.AddScript('param($m) Import-Module $m; Get-V2024PersonalAccessTokens me').
            AddArgument($script:ModulePath)
        [void]$quick.Invoke()
        @($quick.Streams.Progress | Where-Object Activity -Like 'SailPoint*').Count | Should -Be 0
        $quick.Dispose()
    }

    It 'Select-Object -First ends a pipeline of calls' {
        $ids = 1..50 | ForEach-Object { 'me' } | Get-V2024PersonalAccessTokens | Select-Object -First 1
        @($ids).Count | Should -Be 1
        (Get-RequestsOf $tenant list).Count | Should -BeLessThan 5
    }

    It 'Remove-Module while a job runs does no harm' {
        Add-Fault $tenant list @{ delayMs = 400 }
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        [void]$shell.AddScript('param($m) Import-Module $m; Get-V2024PersonalAccessTokens me').
            AddArgument($script:ModulePath)
        $running = $shell.BeginInvoke()
        Remove-Module SailPat
        $shell.EndInvoke($running) | Should -Not -BeNullOrEmpty
        $shell.Dispose()
        Import-SailPat
        Get-V2024PersonalAccessTokens me | Should -Not -BeNullOrEmpty
    }

    It 'in the middle of a pipeline: the warning names what was made before, too, whose output is lost' {
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        [void]$shell.AddScript('param($m) Import-Module $m; $made = "One", "Two", "Three" | New-SailPat -Scope a:b').
            AddArgument($script:ModulePath)
        [void](Invoke-Control $tenant POST faults `
            @{ match = @{ kind = 'create' }; after = 2; times = 1; fault = @{ hangAfterCommit = $true } })
        [void]$shell.BeginInvoke()
        Wait-Until { Invoke-Control $tenant GET tokens | ForEach-Object { $_ } | Where-Object name -EQ 'Three' }
        $shell.Stop()
        $said = $shell.Streams.Warning -join "`n"
        $shell.Dispose()
        $own = @(Get-V2024PersonalAccessTokens me | Where-Object id -NE $tenant.clientId)
        $own.Count | Should -Be 3
        foreach ($token in $own) { $said | Should -Match $token.id }
        $own | Remove-V2024PersonalAccessToken
    }

    BeforeAll {
        function Wait-Until([scriptblock]$Condition) {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            while (-not (& $Condition)) {
                if ($watch.Elapsed.TotalSeconds -gt 10) { throw "Still not true after ten seconds: $Condition" }
                [Threading.Thread]::Sleep(20)
            }
        }
    }
}
