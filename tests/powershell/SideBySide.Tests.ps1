# Several tenants at once: their calls are under way side by side, each with its own deadline, and what they give
# comes in the order in which they were asked for. Whoever stops the command stops all of them.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $well = Start-Emulator @('--rate-limit', 'off', '--tokens', '2')
    $ill = Start-Emulator @('--rate-limit', 'off')
    $env:SAILPAT_HOME = "$TestDrive/$([guid]::NewGuid())"
    function New-ProfileOf([string]$Name, $Tenant) {
        $secret = ConvertTo-SecureString $Tenant.clientSecret -AsPlainText -Force
        [void](Set-SailPatProfile $Name -BaseUrl $Tenant.url -Credential ([pscredential]::new($Tenant.clientId, $secret)))
    }
    Clear-Settings
    Set-SailPatConfiguration -Reset -RateLimit none -MaximumRetryCount 0
    foreach ($name in 'a', 'c', 'e') { New-ProfileOf $name $well }
    foreach ($number in 1..12) { New-ProfileOf "ill$number" $ill }
    # The bearers are there.
    [void](Get-V2024PersonalAccessTokens me -Profile a)
    [void](Get-V2024PersonalAccessTokens me -Profile ill1)
    $asked = 'a', 'ill1', 'c', 'ill2', 'e', 'ill3'
    $deadline = 4

    function Wait-Until([scriptblock]$Condition) {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        while (-not (& $Condition)) {
            if ($watch.Elapsed.TotalSeconds -gt 90) { throw "Still not true after ninety seconds: $Condition" }
            [Threading.Thread]::Sleep(20)
        }
    }
    function Get-Hanging { @(Get-RequestsOf $ill list).Count }
    # A session of its own that runs this; it is to be stopped.
    function Start-Session([string]$Script) {
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        [void]$shell.AddScript("param(`$m) Import-Module `$m -DisableNameChecking; Set-SailPatConfiguration -RateLimit none; $Script").
            AddArgument($script:ModulePath)
        [void]$shell.BeginInvoke()
        $shell
    }
}
AfterAll { Stop-Emulator $well; Stop-Emulator $ill; Clear-Settings; Set-SailPatConfiguration -Reset }

Describe 'Several profiles of which some hang' {
    BeforeEach {
        Reset-Emulator $well
        Reset-Emulator $ill
        Add-Fault $ill list @{ hang = $true } 100
        Set-SailPatConfiguration -TimeoutSec $deadline
    }

    It '<_> takes one deadline, keeps the order, and hides nothing of the others' -ForEach 'Get-SailPat', 'Get-V2024PersonalAccessTokens' {
        $arguments = if ($_ -eq 'Get-SailPat') { @{ Mine = $true } } else { @{ OwnerId = 'me' } }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $failed, $given =
            (& $_ @arguments -Profile $asked -ErrorAction Continue 2>&1).Where({ $_ -is [Management.Automation.ErrorRecord] }, 'Split')
        $watch.Elapsed.TotalSeconds | Should -BeGreaterThan ($deadline - 1)
        # The last one began before the first one's deadline was over.
        $began = (Get-RequestsOf $ill list).receivedMs | Measure-Object -Minimum -Maximum
        $began.Maximum - $began.Minimum | Should -BeLessThan ($deadline * 1000)
        ($given.profile | Select-Object -Unique) -join ' ' | Should -Be 'a c e'
        @($failed.Exception.Data).ForEach({ $_['profile'] }) -join ' ' | Should -Be 'ill1 ill2 ill3'
        @($failed).ForEach({ $_.Exception.Data['code'] }) -join ' ' | Should -Be 'timeout timeout timeout'
        Get-Hanging | Should -Be 3
    }

    It 'the first ones come before the last ones have ended, and Select-Object -First stops those' {
        $long = 100
        Set-SailPatConfiguration -TimeoutSec $long
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $first = Get-SailPat -Mine -Profile a, ill1, ill2 | Select-Object -First 1
        $watch.Elapsed.TotalSeconds | Should -BeLessThan $long
        $first.profile | Should -Be a
        Wait-Until { (Invoke-Control $ill GET stats).openConnections -le 1 }
    }

    It 'Ctrl-C stops all of them: <_>' -ForEach 'Get-SailPat -Mine -Profile ill*', 'Get-V2024PersonalAccessTokens me -Profile ill*' {
        $shell = Start-Session $_
        # Eight are under way, and no ninth begins before one of them has ended.
        Wait-Until { (Get-Hanging) -eq 8 }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        # Their deadline is a hundred seconds.
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 50
        $shell.Dispose()
        Wait-Until { (Invoke-Control $ill GET stats).openConnections -le 1 }
        Get-Hanging | Should -Be 8
    }

    It 'what a profile is missing is its own error, in its place' {
        $failed, $given =
            (Get-V2024PersonalAccessTokens me -Profile a, nobody,
            c -ErrorAction Continue 2>&1).Where({ $_ -is [Management.Automation.ErrorRecord] }, 'Split')
        ($given.profile | Select-Object -Unique) -join ' ' | Should -Be 'a c'
        @($failed).Count | Should -Be 1
        $failed[0].Exception.Data['code'] | Should -Be 'profile_unknown'
    }
}

Describe 'The doctor of several tenants' {
    It 'looks at them side by side and tells of them in their order' {
        Reset-Emulator $ill
        Add-Fault $ill list @{ hang = $true } 100
        $alone = [Diagnostics.Stopwatch]::StartNew()
        [void](Test-SailPatConnection -Profile ill1)
        $alone = $alone.Elapsed.TotalSeconds
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $checks = Test-SailPatConnection -Profile a, ill1, ill2, c, ill3
        $watch.Elapsed.TotalSeconds | Should -BeLessThan ([math]::Max(2 * $alone, $alone + 3))
        ($checks.Profile | Select-Object -Unique) -join ' ' | Should -Be 'a ill1 ill2 c ill3'
        $checks.Where({ $_.Profile -eq 'a' -and $_.State -eq 'failed' }).Count | Should -Be 0
    }
}
