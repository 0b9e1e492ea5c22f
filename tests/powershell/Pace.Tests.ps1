# Warnings that concern time and versions, and the pace under the service's limit.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat

    # Runs a script in several runspaces at once; returns output, warnings and errors of each.
    function Invoke-InRunspaces([int]$Count, [scriptblock]$Script) {
        $shells = foreach ($i in 1..$Count) {
            $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            [void]$shell.AddScript("param(`$module) Import-Module `$module; $Script").AddArgument($script:ModulePath)
            @{ Shell = $shell; Running = $shell.BeginInvoke() }
        }
        foreach ($one in $shells) {
            $output = $one.Shell.EndInvoke($one.Running)
            [pscustomobject]@{ Output = $output; Warnings = @($one.Shell.Streams.Warning); Errors = @($one.Shell.Streams.Error) }
            $one.Shell.Dispose()
        }
    }
}
AfterAll { Clear-Settings }

Describe 'A wait for the rate limit' {
    It 'of more than five seconds is told, once' {
        $tenant = Start-Emulator @('--rate-limit', 'off')
        try {
            Use-Tenant $tenant
            [void](Get-V2024PersonalAccessTokens me -WarningAction Ignore)
            Add-Fault $tenant list @{ retryAfter = 7 }
            $result = Invoke-InRunspaces 1 { @(Get-V2024PersonalAccessTokens me).Count }
            $result.Output | Should -Be 1
            @($result.Warnings | Where-Object Message -Match 'rate limit').Count | Should -Be 1
        }
        finally { Stop-Emulator $tenant }
    }
}

Describe 'Eight runspaces with thirty calls each' {
    It 'keep under the default limit: no 429' {
        $tenant = Start-Emulator
        try {
            Use-Tenant $tenant
            $results = Invoke-InRunspaces `
                8 { $WarningPreference = 'Ignore'; foreach ($i in 1..30) { @(Get-V2024PersonalAccessTokens me).Count } }
            $results.Errors | Should -BeNullOrEmpty
            @($results.Output).Count | Should -Be 240
            $stats = Invoke-Control $tenant GET stats
            $stats.rateLimited | Should -Be 0
            $stats.requests.token | Should -Be 1
        }
        finally { Stop-Emulator $tenant }
    }
}

Describe 'A deprecated API version' {
    It 'is told once for the process, not once for each runspace' {
        $tenant = Start-Emulator @('--rate-limit', 'off')
        try {
            Use-Tenant $tenant
            # As in a process where nobody was told yet.
            [AppDomain]::CurrentDomain.SetData('SailPat.Deprecated.v2024', $null)
            $results = Invoke-InRunspaces 1 { 1..3 | ForEach-Object { [void](Get-V2024PersonalAccessTokens me) } }
            @($results.Warnings | Where-Object Message -Match 'v2024 deprecated').Count | Should -Be 1
            $results = Invoke-InRunspaces 2 { [void](Get-V2024PersonalAccessTokens me) }
            @($results.Warnings | Where-Object Message -Match 'v2024 deprecated') | Should -BeNullOrEmpty
        }
        finally { Stop-Emulator $tenant }
    }
}
