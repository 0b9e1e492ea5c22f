# A created secret always reaches its caller, and what was done is reported as done: no preference, no
# stop, no consumer and no variable of the caller comes between the two.

BeforeDiscovery {
    $walkParts = @(
        'makers', 'changers'
        'variable Stop', 'variable Inquire', 'parameter Stop', 'parameter Inquire' | ForEach-Object { "slow, $_" }
        'Update-V2024PersonalAccessToken', 'Remove-V2024PersonalAccessToken', 'Set-SailPat', 'Remove-SailPat' |
            ForEach-Object { "first, $_" }
    )
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $home0 = $env:SAILPAT_HOME
    $env:SAILPAT_HOME = "$TestDrive/home"
    $tenant = Start-Emulator @('--rate-limit', 'off')
    Use-Tenant $tenant
    Set-SailPatConfiguration -Reset -RateLimit none
    $me = @(Get-SailPat -Mine)[0].owner.id

    function Wait-Until([scriptblock]$Condition) {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        while (-not (& $Condition)) {
            if ($watch.Elapsed.TotalSeconds -gt 20) { throw "Still not true after twenty seconds: $Condition" }
            [Threading.Thread]::Sleep(20)
        }
    }
    function Get-TenantTokens { Invoke-Control $tenant GET tokens | ForEach-Object { $_ } | Where-Object id -NE $tenant.clientId }
    # Tokens of the one who signs in, made by nobody.
    function Add-Tokens([string[]]$Names) {
        $tokens = foreach ($name in $Names) { @{ name = $name; owner = $me; scope = @('a:b') } }
        Invoke-Control $tenant POST tokens @($tokens) | ForEach-Object { $_.id }
    }
    # Another PowerShell's session, to stop it.
    function New-Shell([string]$Script) {
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        [void]$shell.AddScript("Import-Module '$script:ModulePath'; Set-SailPatConfiguration -RateLimit none; $Script")
        $shell
    }
    # Every token there is came out with its secret, or a warning says its id.
    function Assert-Known($Out, [string[]]$Warnings) {
        foreach ($token in Get-TenantTokens) {
            $isOut = @($Out | Where-Object { "$($_.id)" -eq $token.id -and ($_.secret -or $_.PSObject.Properties['storedIn']) }).Count
            if (-not $isOut -and -not ($Warnings -match $token.id)) { throw "The token '$($token.name)' is there, and nobody was told." }
        }
    }
}
AfterAll {
    Set-SailPatConfiguration -Reset
    Stop-Emulator $tenant
    Clear-Settings
    $env:SAILPAT_HOME = $home0
}

Describe 'Whatever the preferences say' -ForEach @{ Parts = $walkParts } {
    BeforeAll {
        # All parts at once: those that wait for slow replies leave the processor to the others.
        $walks = foreach ($part in $Parts) {
            $folder = [IO.Directory]::CreateDirectory("$TestDrive/$($part -replace '\W+', '-')").FullName
            $walk = @{ Part = $part; Folder = $folder; Tenant = Start-Emulator @('--rate-limit', 'off') }
            $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
            $arguments = '-NoProfile', '-NonInteractive', '-File', "$PSScriptRoot/Preferences.Walk.ps1", '-Part', $part
            $arguments += '-Module', $script:ModulePath, '-Url', $walk.Tenant.url, '-Folder', $walk.Folder
            foreach ($argument in $arguments) { $start.ArgumentList.Add($argument) }
            $set = @{ SAIL_BASE_URL = $walk.Tenant.url; SAIL_CLIENT_ID = $walk.Tenant.clientId; SAILPAT_HOME = "$folder/home" }
            $set.SAIL_CLIENT_SECRET = $walk.Tenant.clientSecret
            foreach ($name in $set.Keys) { $start.Environment[$name] = $set[$name] }
            $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
            $walk.Process = [Diagnostics.Process]::Start($start)
            # Nobody is there to answer a question, or a debugger.
            $walk.Process.StandardInput.Close()
            [void]$walk.Process.StandardOutput.ReadToEndAsync()
            $walk.Errors = $walk.Process.StandardError.ReadToEndAsync()
            $walk
        }
    }
    AfterAll {
        foreach ($walk in $walks) {
            if (-not $walk.Process.HasExited) { $walk.Process.Kill() }
            Stop-Emulator $walk.Tenant
        }
    }

    It 'no token is made whose secret nobody has, and nothing that was done is called a failure: <_>' -ForEach $walkParts {
        $walk = $walks | Where-Object Part -EQ $_
        # Far more than it takes: only a walk that hangs shall end here, not one on a busy machine.
        if (-not $walk.Process.WaitForExit(900000)) { throw "The walk hangs at $(Get-Content "$($walk.Folder)/at" -ErrorAction Ignore)" }
        $walk.Process.ExitCode | Should -Be 0 -Because $walk.Errors.Result
        $count = [int][IO.File]::ReadAllText("$($walk.Folder)/count")
        $count | Should -BeGreaterThan $(if ($_ -like 'first*') { 0 } elseif ($_ -like 'slow*') { 7 } else { 250 })
        Write-Host "    $count cells"
        if ([IO.File]::Exists("$($walk.Folder)/violations")) { throw [IO.File]::ReadAllText("$($walk.Folder)/violations") }
    }

    It 'a stop before the act means that nothing is done: the warning that no scope was named, with <_>' -ForEach @(
        '$WarningPreference = ''Stop'';', '$WarningPreference = ''Inquire'';', '-WarningAction Stop', '-WarningAction Inquire'
    ) {
        Reset-Emulator $tenant
        $shell = New-Shell $(if ($_ -like '-*') { "New-SailPat 'Wide' $_" } else { "$_ New-SailPat 'Wide'" })
        try { [void]$shell.Invoke() } catch { }
        $shell.HadErrors | Should -BeTrue
        $shell.Dispose()
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
    }
}

Describe 'A command that is stopped while the service makes its token' {
    BeforeEach { Reset-Emulator $tenant }
    AfterEach { Remove-OwnTokens $tenant }

    It 'leaves none, or a warning says which, and what removes it: <Run>, <What>' -ForEach @(
        foreach ($run in "New-V2024PersonalAccessToken @{ name = 'Half made'; scope = 'a:b' }", "New-SailPat 'Half made' -Scope a:b",
            "New-SailPat 'Half made' -Scope a:b -AsSecureString", "New-SailPat 'Half made' -Scope a:b -StoreIn FOLDER/stopped.json") {
            @{ Run = $run; What = 'which is made late'; Fault = @{ delayMs = 700 } }
            @{ Run = $run; What = 'which is made, and no reply comes'; Fault = @{ hangAfterCommit = $true } }
        }
    ) {
        Add-Fault $tenant create $Fault
        $shell = New-Shell $Run.Replace('FOLDER', $TestDrive)
        [void]$shell.BeginInvoke()
        Wait-Until { (Get-RequestsOf $tenant create).Count -gt 0 }
        if ($Fault['hangAfterCommit']) { Wait-Until { Get-TenantTokens } }
        $shell.Stop()
        $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        # By now it was made, or the tenant knows that nobody waits.
        Wait-Until { (Invoke-Control $tenant GET stats).droppedByClient -gt 0 -or (Get-TenantTokens) }
        $warnings = @($shell.Streams.Warning).Message -join "`n"
        $shell.Dispose()
        foreach ($token in Get-TenantTokens) {
            $warnings | Should -Match 'Half made'
            # With a place it is the journal's, and is known by its name until it is resumed.
            if ($Run -notlike '*-StoreIn*') { $warnings | Should -Match $token.id }
            $warnings | Should -Match 'Remove-\w+|Resume-SailPatRotation'
        }
    }
}

Describe 'A consumer of what comes out' {
    BeforeDiscovery {
        # What puts something out. Kind: the requests that change something, of which the second object of the
        # pipeline must not cause one.
        $talkers = @(
            @{ Name = 'Get-SailPat'; Run = { Get-SailPat -Mine } }
            @{ Name = 'Get-SailPat -Id'; Run = { $rows | Get-SailPat } }
            @{ Name = 'New-SailPat'; Kind = 'create'; Run = { $names | New-SailPat -Scope a:b } }
            @{ Name = 'New-SailPat -AsSecureString'; Kind = 'create'; Run = { $names | New-SailPat -Scope a:b -AsSecureString } }
            @{ Name = 'New-SailPat -StoreIn'; Kind = 'create'; Run = { $rows | New-SailPat -Scope a:b } }
            @{ Name = 'Set-SailPat'; Kind = 'patch'; Run = { $two | Set-SailPat -Scope c:d } }
            @{ Name = 'Invoke-SailPatRotation'; Kind = 'create'; Run = { $rows | Invoke-SailPatRotation } }
            @{ Name = 'Get-SailPatRotation'; Rotation = $true; Run = { Get-SailPatRotation } }
            @{ Name = 'Resume-SailPatRotation'; Rotation = $true; Run = { Get-SailPatRotation -Unfinished | Resume-SailPatRotation } }
            @{
                Name = 'Undo-SailPatRotation'; Rotation = $true
                Run = { Get-SailPatRotation -Unfinished | Undo-SailPatRotation -Confirm:$false }
            }
            @{ Name = 'Get-SailPatLog'; Log = $true; Run = { Get-SailPatLog } }
            @{ Name = 'Set-SailPatProfile'; Run = { Set-SailPatProfile consumed -BaseUrl $tenant.url } }
            @{ Name = 'Get-SailPatProfile'; Run = { Get-SailPatProfile } }
            @{ Name = 'Test-SailPatConnection'; Run = { Test-SailPatConnection -Offline } }
            @{ Name = 'Test-SailPatConnection -Quiet'; Run = { Test-SailPatConnection -Offline -Quiet } }
            @{ Name = 'Get-SailPatConfiguration'; Run = { Get-SailPatConfiguration } }
            @{ Name = 'Get-DefaultConfiguration'; Run = { Get-DefaultConfiguration } }
            @{ Name = 'Set-DefaultConfiguration -PassThru'; Run = { Set-DefaultConfiguration -MaximumRetryCount 3 -PassThru } }
            @{ Name = 'Get-IDNAccessToken'; Run = { Get-IDNAccessToken } }
            @{ Name = 'Get-V2024PersonalAccessTokens'; Run = { 'me', 'me' | Get-V2024PersonalAccessTokens } }
            @{ Name = 'Get-V2024PersonalAccessTokens -WithHttpInfo'; Run = { 'me', 'me' | Get-V2024PersonalAccessTokens -WithHttpInfo } }
            @{ Name = 'Get-V2024PersonalAccessToken'; Run = { $two | Get-V2024PersonalAccessToken } }
            @{ Name = 'Get-V2024PersonalAccessToken -WithHttpInfo'; Run = { $two | Get-V2024PersonalAccessToken -WithHttpInfo } }
            @{ Name = 'New-V2024PersonalAccessToken'; Kind = 'create'; Run = { $requests | New-V2024PersonalAccessToken } }
            @{
                Name = 'New-V2024PersonalAccessToken -WithHttpInfo'; Kind = 'create'
                Run = { $requests | New-V2024PersonalAccessToken -WithHttpInfo }
            }
            @{
                Name = 'Update-V2024PersonalAccessToken'; Kind = 'patch'
                Run = { $two | Update-V2024PersonalAccessToken -JsonPatchOperation $patch }
            }
            @{
                Name = 'Update-V2024PersonalAccessToken -WithHttpInfo'; Kind = 'patch'
                Run = { $two | Update-V2024PersonalAccessToken -JsonPatchOperation $patch -WithHttpInfo }
            }
            @{
                Name = 'Remove-V2024PersonalAccessToken -WithHttpInfo'; Kind = 'delete'
                Run = { $two | Remove-V2024PersonalAccessToken -WithHttpInfo }
            }
            @{ Name = 'Initialize-V2024Create...Request'; Run = { Initialize-V2024CreatePersonalAccessTokenRequest -Name x } }
            @{ Name = 'Initialize-V2025Create...Request'; Run = { Initialize-V2025CreatePersonalAccessTokenRequest -Name x } }
            @{ Name = 'Initialize-V2024JsonPatchOperation'; Run = { Initialize-V2024JsonPatchOperation -Op replace -Path /name -Value x } }
            @{ Name = 'ConvertFrom-V2024JsonToPatOwner'; Run = { '{"id":"a"}', '{"id":"b"}' | ConvertFrom-V2024JsonToPatOwner } }
            @{ Name = 'ConvertFrom-JsonToCreate...Request'; Run = { ConvertFrom-JsonToCreatePersonalAccessTokenRequest '{"name":"x"}' } }
        )
    }
    BeforeEach {
        $two = @(Add-Tokens 'Given one', 'Given two')
        $rows = foreach ($id in $two) {
            [pscustomobject]@{ Name = "Made $($id.Substring(0, 4))"; id = $id; StoreIn = "$TestDrive/$([guid]::NewGuid()).json" }
        }
        $names = 'Made one', 'Made two'
        $requests = $names | ForEach-Object { @{ name = $_ } }
        $patch = @{ op = 'replace'; path = '/scope'; value = @('c:d') }
        Reset-Emulator $tenant
        function Assert-OnlyFirst($Case) {
            if (-not $Case['Kind']) { return }
            # A rotation patches, too: the name.
            $acts = @(Get-RequestsOf $tenant $Case.Kind | Where-Object { $Case.Kind -ne 'patch' -or $_.body -match 'c:d' })
            $acts.Count | Should -Be 1 -Because 'the second object is not gone on with'
        }
        function Initialize-Case($Case) {
            if (-not $Case['Rotation']) { }
            elseif ($Case.Name -notlike 'Undo*') {
                [void](Invoke-SailPatRotation $two[0] -StoreIn $rows[0].StoreIn -Overlap 1h -ErrorAction Stop)
            }
            else {
                # Only a pair that is known can be put back.
                $pair = @{ ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret } | ConvertTo-Json
                [IO.File]::WriteAllText($rows[0].StoreIn, $pair)
                [void](Invoke-SailPatRotation -StoreIn $rows[0].StoreIn -Overlap 1h -ErrorAction Stop)
            }
            if ($Case['Log']) {
                Set-SailPatConfiguration -ChangeLog
                [void](Update-V2024PersonalAccessToken $two[0] @{ op = 'replace'; path = '/scope'; value = @('e:f') })
            }
        }
    }
    AfterEach {
        # The token in use is put back, all else is ended.
        Get-SailPatRotation -Unfinished | Where-Object oldId -EQ $tenant.clientId | Undo-SailPatRotation -Confirm:$false | Out-Null
        Get-SailPatRotation -Unfinished | Resume-SailPatRotation -Now -ErrorAction Ignore | Out-Null
        Set-SailPatConfiguration -Reset -RateLimit none
        Remove-OwnTokens $tenant
    }

    It 'that throws ends the pipeline with its own error: <Name>' -ForEach $talkers {
        Initialize-Case $_
        $failure = Get-ErrorOf { & $Run | ForEach-Object { throw 'no' } }
        $failure.Exception.Message | Should -BeExactly 'no'
        $failure.FullyQualifiedErrorId | Should -BeExactly 'no'
        $failure.Exception.GetType().FullName | Should -BeExactly 'System.Management.Automation.RuntimeException'
        Assert-OnlyFirst $_
    }

    It 'that breaks ends the loop that it is in: <Name>' -ForEach $talkers {
        Initialize-Case $_
        $rounds = $after = 0
        foreach ($round in 1..2) {
            $rounds++
            & $Run | ForEach-Object { break }
            $after++
        }
        "$rounds rounds, $after beyond" | Should -Be '1 rounds, 0 beyond'
        Assert-OnlyFirst $_
    }

    # What acts has nothing left to act on in the second round.
    It 'that continues goes on with the next round of the loop: <Name>' -ForEach (
        $talkers | Where-Object { -not $_['Kind'] -and $_.Name -notmatch '^(Resume|Undo)' }
    ) {
        Initialize-Case $_
        $rounds = $after = 0
        foreach ($round in 1..2) {
            $rounds++
            & $Run | ForEach-Object { continue }
            $after++
        }
        "$rounds rounds, $after beyond" | Should -Be '2 rounds, 0 beyond'
    }

    It 'that takes the first only leaves nothing behind: <Name>' -ForEach ($talkers | Where-Object { $_['Kind'] }) {
        @(& $Run | Select-Object -First 1).Count | Should -Be 1
        Assert-OnlyFirst $_
    }

    It 'that throws at a verbose line has the token already: <Name>' -ForEach ($talkers | Where-Object { $_['Kind'] -eq 'create' }) {
        $got = [Collections.Generic.List[object]]::new()
        try {
            & { $PSDefaultParameterValues['*:Verbose'] = $true; & $Run } 4>&1 | ForEach-Object {
                # What is said before the act may end it.
                if ($_ -is [System.Management.Automation.VerboseRecord] -and (Get-RequestsOf $tenant create).Count) { throw 'no' }
                if ($_ -is [hashtable]) { $got.Add($_.Response) } else { $got.Add($_) }
            }
        }
        catch { $_.Exception.Message | Should -BeExactly 'no' }
        finally { $PSDefaultParameterValues.Remove('*:Verbose') }
        # In its store is at hand, too.
        $stored = $rows.StoreIn | Where-Object { Test-Path $_ } | ForEach-Object { [IO.File]::ReadAllText($_) }
        foreach ($token in Get-TenantTokens | Where-Object id -NotIn $two) {
            $isOut = @($got | Where-Object { $_.PSObject.Properties['id'] -and $_.id -eq $token.id }).Count
            if (-not $isOut -and -not ($stored -match $token.id)) { throw "The token '$($token.name)' was made, and nobody has it." }
        }
    }
}

Describe 'A variable of the caller that cannot be assigned' {
    AfterEach { Remove-OwnTokens $tenant }

    It 'leaves no token that nobody knows: <_>' -ForEach @(
        foreach ($command in 'New-SailPat Kept -Scope a:b -ExpiresIn 1d', 'New-SailPat Kept -Scope a:b -ExpiresIn 1d -AsSecureString',
            'New-V2024PersonalAccessToken @{ name = ''Kept''; expirationDate = [datetime]::UtcNow.AddDays(1) }') {
            "[int]`$n = 1; $command -OutVariable n"
            "New-Variable n 1 -Option ReadOnly; $command -OutVariable n"
            "[int]`$n = 1; $command -WarningVariable n"
            "[int]`$n = 1; $command -PipelineVariable n"
        }
    ) {
        $got = [Collections.Generic.List[object]]::new()
        $script = [scriptblock]::Create("`$WarningPreference = 'Continue'; $_")
        try { & $script 3>&1 2>&1 | ForEach-Object { $got.Add($_) } } catch { $got.Add($_) }
        $warnings = @($got | Where-Object { $_ -is [System.Management.Automation.WarningRecord] })
        Assert-Known ($got | Where-Object { $_.PSObject.Properties['id'] }) $warnings.Message
    }
}
