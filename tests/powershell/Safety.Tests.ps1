# Nothing changes that the caller did not want changed, and no secret shows anywhere.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $tenant = Start-Emulator @('--rate-limit', 'off')
    Use-Tenant $tenant
}
AfterAll { Stop-Emulator $tenant; Clear-Settings }

Describe 'WhatIf and Confirm' {
    BeforeEach { Reset-Emulator $tenant }

    It 'a script that sets $WhatIfPreference sends nothing' {
        Set-Content "$TestDrive/careful.ps1" @'
$WhatIfPreference = $true
New-V2024PersonalAccessToken @{ name = 'Never' }
Update-V2024PersonalAccessToken a1 @{ op = 'replace'; path = '/name'; value = 'x' }
Remove-V2024PersonalAccessToken a1
'@
        & "$TestDrive/careful.ps1"
        Get-Requests $tenant | Should -BeNullOrEmpty
    }

    It 'so does a function of another module that sets it, and -WhatIf itself' {
        [void](New-Module -Name Careful `
            -ScriptBlock { function Invoke-Careful { [CmdletBinding(SupportsShouldProcess)] param() Remove-V2024PersonalAccessToken a1 } })
        Invoke-Careful -WhatIf
        Remove-V2024PersonalAccessToken a1 -WhatIf
        Get-Requests $tenant | Should -BeNullOrEmpty
    }

    It '-WhatIf:$false wins over the preference' {
        Set-Content "$TestDrive/careful.ps1" `
            '$WhatIfPreference = $true; try { Remove-V2024PersonalAccessToken aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa -WhatIf:$false } catch { }'
        & "$TestDrive/careful.ps1"
        (Get-RequestsOf $tenant delete).Count | Should -Be 1
    }

    It '-WhatIf says what would be sent' {
        $said = Invoke-InNewHost {
            param($m) Import-Module $m; New-V2024PersonalAccessToken @{ name = 'Said'; scope = 'idn:a:read' } -WhatIf
        }
        $said | Should -Match 'What if: .*\{"name":"Said","scope":\["idn:a:read"\]\}'
    }

    It 'asks when $ConfirmPreference of the caller says so; where nobody can answer, nothing is sent' {
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        [void]$shell.AddScript('param($m) Import-Module $m; $ConfirmPreference = "Low"; Remove-V2024PersonalAccessToken a1').
            AddArgument($script:ModulePath)
        { $shell.Invoke(); if ($shell.HadErrors) { throw $shell.Streams.Error[0] } } | Should -Throw
        $shell.Dispose()
        Get-Requests $tenant | Should -BeNullOrEmpty
    }

    It 'a command that reads has no -WhatIf' {
        (Get-Command Get-V2024PersonalAccessTokens).Parameters.Keys | Should -Not -Contain 'WhatIf'
    }

    BeforeAll {
        function Invoke-InNewHost([scriptblock]$Script) {
            $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
            foreach ($argument in '-NoProfile', '-c', "& { $Script } '$script:ModulePath'") { $start.ArgumentList.Add($argument) }
            $start.RedirectStandardOutput = $true
            $process = [Diagnostics.Process]::Start($start)
            $text = $process.StandardOutput.ReadToEnd()
            $process.WaitForExit()
            $text -replace '\r?\n'
        }
    }
}

Describe 'The caller''s preferences' {
    It '$VerbosePreference and $DebugPreference of a calling script count' {
        Set-Content "$TestDrive/loud.ps1" '$VerbosePreference = "Continue"; $DebugPreference = "Continue"; Get-V2024PersonalAccessTokens me'
        $records = & "$TestDrive/loud.ps1" *>&1
        @($records | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }).Count | Should -BeGreaterThan 0
        @($records | Where-Object { $_ -is [System.Management.Automation.DebugRecord] }).Count | Should -BeGreaterThan 0
        $quiet = Get-V2024PersonalAccessTokens me *>&1
        @($quiet | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }).Count | Should -Be 0
    }
}

Describe 'Secrets' {
    # Every command in success and failure, every stream captured; then the text is searched for the
    # planted secret, the bearers, and what they look like when encoded.
    It 'show in no stream and no error, plain or encoded' {
        Reset-Emulator $tenant
        Set-SailPatConfiguration -RetryIntervalSeconds 0.01
        $runs = @(
            { Get-V2024PersonalAccessTokens me -Verbose -Debug }
            { Get-V2024PersonalAccessTokens me -WithHttpInfo -Verbose -Debug }
            { Get-V2024PersonalAccessToken $tenant.clientId -Verbose -Debug }
            { Get-V2024PersonalAccessToken nobody -Verbose -Debug }
            { New-V2024PersonalAccessToken @{ name = '' } -Verbose -Debug }
            { New-V2024PersonalAccessToken @{ name = 'Planted' } -WhatIf -Verbose -Debug }
            { Update-V2024PersonalAccessToken $tenant.clientId @{ op = 'replace'; path = '/description'; value = 'x' } -Verbose -Debug }
            { Remove-V2024PersonalAccessToken nobody -Verbose -Debug }
            { Get-SailPatConfiguration -Verbose -Debug }
            { Get-DefaultConfiguration -Verbose -Debug | Select-Object BaseUrl }
            { Initialize-V2024CreatePersonalAccessTokenRequest -Name '' -Verbose -Debug }
            { ConvertFrom-V2024JsonToPatOwner '{"x":1}' -Verbose -Debug }
            {
                Set-SailPatConfiguration -MaximumRetryCount 500; try { Get-V2024PersonalAccessTokens me -Verbose -Debug }
                finally { Set-SailPatConfiguration -MaximumRetryCount 3 }
            }
            { Add-Fault $tenant list @{ status = 500; body = '{}' } 5; Get-V2024PersonalAccessTokens me -Verbose -Debug }
            { Add-Fault $tenant list @{ drop = 'beforeCommit' } 5; Get-V2024PersonalAccessTokens me -Verbose -Debug }
            {
                Add-Fault $tenant token @{ status = 401; body = '{"error":"invalid_client"}' }
                [void](Invoke-Control $tenant POST settings @{ expireBearers = $true })
                Get-V2024PersonalAccessTokens me -Verbose -Debug
            }
            {
                $saved = $env:SAIL_BASE_URL
                $env:SAIL_BASE_URL = 'http://127.0.0.1:9'
                try { Get-V2024PersonalAccessTokens me -Verbose -Debug }
                finally { $env:SAIL_BASE_URL = $saved }
            }
        )
        $ErrorActionPreference = 'Continue'
        $Error.Clear()
        $text = foreach ($run in $runs) {
            try {
                & $run *>&1 |
                    ForEach-Object {
                        if ($_ -is [System.Management.Automation.ErrorRecord]) { Format-Whole $_ }
                        elseif ($_ -is [System.Management.Automation.InformationalRecord]) { $_.Message }
                        else { $_ | Out-String; ConvertTo-Json $_ -Depth 6 -WarningAction Ignore }
                    }
            }
            catch { Format-Whole $_ }
        }
        $text = ($text -join "`n") + ($Error | ForEach-Object { Format-Whole $_ })
        $text.Length | Should -BeGreaterThan 2000

        $bearers = @(Get-Requests $tenant | ForEach-Object { $_.headers.authorization } | Where-Object { $_ } | Sort-Object -Unique |
            ForEach-Object { $_ -replace '^Bearer ' })
        $bearers.Count | Should -BeGreaterThan 0
        foreach ($secret in @($tenant.clientSecret) + $bearers + ($bearers | ForEach-Object { $_.Split('.') | Select-Object -Last 2 })) {
            foreach ($form in $secret, [uri]::EscapeDataString($secret), [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($secret)),
                ($secret | ConvertTo-Json)) {
                $text.Contains($form) | Should -BeFalse -Because 'a secret is in what was printed'
            }
        }
    }

    It 'of a new token shows in its own view only' {
        Reset-Emulator $tenant
        # Its bearers are gone, and a create is not sent a second time with a new one.
        [void](Get-V2024PersonalAccessTokens me)
        $created = New-V2024PersonalAccessToken @{ name = 'Shown once' }
        ($created | Out-String -Width 200) | Should -Match $created.secret
        $records = & {
            $created | Update-V2024PersonalAccessToken -JsonPatchOperation @{ op = 'replace'; path = '/name'; value = 'Shown' } -Verbose `
                -Debug
            $created | Remove-V2024PersonalAccessToken -Verbose -Debug
        } *>&1 | Out-String
        $records | Should -Not -Match $created.secret
    }

    BeforeAll {
        function Format-Whole($Record) {
            $parts = @($Record | Out-String
            "$($Record.Exception)"
            $Record.ErrorDetails.Message
            "$($Record.TargetObject | ConvertTo-Json -Depth 3 -WarningAction Ignore)"
            "$($Record.Exception.Data | ConvertTo-Json -Depth 4 -WarningAction Ignore)")
            if ($null -ne $Record.Exception.PSObject.Properties['Response']) {
                $parts += "$($Record.Exception.Response)"; $parts += $Record.Exception.Response.RequestMessage
            }
            $parts -join "`n"
        }
    }
}
