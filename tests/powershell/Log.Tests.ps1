# The change log: what was changed, at which tenant, and that nothing is changed unwritten.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $first = Start-Emulator @('--rate-limit', 'off')
    $second = Start-Emulator @('--rate-limit', 'off')
    function Get-CredentialOf($Tenant) {
        [pscredential]::new($Tenant.clientId, (ConvertTo-SecureString $Tenant.clientSecret -AsPlainText -Force))
    }
}
AfterAll { Stop-Emulator $first; Stop-Emulator $second; Clear-Settings; Set-SailPatConfiguration -Reset }

Describe 'Get-SailPatLog' {
    BeforeEach {
        Clear-Settings
        $env:SAILPAT_HOME = "$TestDrive/$([guid]::NewGuid())"
        Set-SailPatConfiguration -Reset -RateLimit none -MaximumRetryCount 0
        Use-Tenant $first
        Reset-Emulator $first
    }

    It 'is empty, and no folder is made, while the log is off' {
        New-SailPat unlogged | Remove-SailPat
        Get-SailPatLog | Should -BeNullOrEmpty
        Test-Path $env:SAILPAT_HOME | Should -BeFalse
    }

    It 'has every change of the session, with its token and result' {
        Set-SailPatConfiguration -ChangeLog
        $began = [datetime]::UtcNow.AddSeconds(-1)
        $token = New-SailPat logged
        [void](Set-SailPat $token.id -Name renamed)
        Remove-SailPat $token.id
        [void](Get-ErrorOf { Remove-V2024PersonalAccessToken $token.id })
        $log = @(Get-SailPatLog)
        "$($log.Operation)" | Should -Be 'create update delete delete'
        "$($log.Result)" | Should -Be 'done done done not_found'
        "$($log.Status)" | Should -Be '200 200 204 404'
        $log.Id | Sort-Object -Unique | Should -Be $token.id
        $log[0].Name | Should -Be logged
        $log[0].ClientId | Should -Be $first.clientId
        $log[0].BaseUrl | Should -Be $first.url
        $log[0].Time | Should -BeOfType [datetime]
        $log[0].Time.Kind | Should -Be Utc
        $log[0].Time | Should -BeGreaterThan $began
        $text = Get-Content "$env:SAILPAT_HOME/changes.jsonl" -Raw
        $text | Should -Not -Match $token.secret
        $text | Should -Not -Match $first.clientSecret
        $log | Out-String | Should -Match '(?s)Time.*Change.*Token.*Result.*Z create logged'
    }

    It 'is read by time, token and number' {
        Set-SailPatConfiguration -ChangeLog
        $one = New-SailPat one
        $two = New-SailPat two
        $one, $two | Remove-SailPat
        @(Get-SailPatLog -Last 1).Id | Should -Be $two.id
        @(Get-SailPatLog -Id $one).Count | Should -Be 2
        @($two | Get-SailPatLog -Last 1).Operation | Should -Be delete
        Get-SailPatLog -Since (Get-Date).AddHours(1) | Should -BeNullOrEmpty
        @(Get-SailPatLog -Since (Get-Date).AddHours(-1)).Count | Should -Be 4
    }

    It 'SAILPAT_CHANGE_LOG turns it on, and the session goes before it' {
        $env:SAILPAT_CHANGE_LOG = '1'
        New-SailPat byvariable | Remove-SailPat
        @(Get-SailPatLog).Count | Should -Be 2
        Set-SailPatConfiguration -ChangeLog:$false
        New-SailPat unlogged | Remove-SailPat
        @(Get-SailPatLog).Count | Should -Be 2
    }

    It 'says at which tenant, and with whose credential' {
        Set-SailPatConfiguration -ChangeLog
        [void](Set-SailPatProfile other -BaseUrl $second.url -Credential (Get-CredentialOf $second))
        New-SailPat here | Remove-SailPat
        New-SailPat there -Profile other | Remove-SailPat
        $log = Get-SailPatLog
        $log.BaseUrl | Should -Be $first.url, $first.url, $second.url, $second.url
        $log.ClientId | Should -Be $first.clientId, $first.clientId, $second.clientId, $second.clientId
    }

    It 'nothing is changed when it cannot be written' {
        Set-Content $env:SAILPAT_HOME 'a file where the folder should be'
        Set-SailPatConfiguration -ChangeLog
        $failure = Get-ErrorOf { New-SailPat x -ErrorAction Stop }
        $failure.Exception.Data['code'] | Should -Be 'state_failed'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'turn the change log off'
        (Get-RequestsOf $first create).Count | Should -Be 0
    }

    It 'passes over a torn line, and -Verbose says so' {
        Set-SailPatConfiguration -ChangeLog
        New-SailPat torn | Remove-SailPat
        $path = "$env:SAILPAT_HOME/changes.jsonl"
        $text = [IO.File]::ReadAllText($path)
        [IO.File]::WriteAllText($path, $text.Substring(0, $text.Length - 20))
        $said = Get-SailPatLog -Verbose 4>&1
        @($said | Where-Object { $_ -isnot [System.Management.Automation.VerboseRecord] }).Count | Should -Be 1
        "$said" | Should -Match 'cut off or no changes: 1'
        New-SailPat healed | Remove-SailPat
        @(Get-SailPatLog).Count | Should -Be 3
    }

    It 'several runspaces at once write whole lines' {
        $env:SAILPAT_CHANGE_LOG = '1'
        1..4 | ForEach-Object -Parallel {
            Import-Module $using:ModulePath
            Set-SailPatConfiguration -RateLimit none
            $runspace = $_
            1..10 | ForEach-Object { try { Remove-V2024PersonalAccessToken "r$runspace-$_" } catch { $null } }
        } -ThrottleLimit 4
        $log = @(Get-SailPatLog)
        $log.Count | Should -Be 40
        @($log.Result | Sort-Object -Unique) | Should -Be not_found
        @($log.Id | Sort-Object -Unique).Count | Should -Be 40
    }
}
