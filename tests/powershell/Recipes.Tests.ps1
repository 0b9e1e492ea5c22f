# The scripts in docs/recipes and the examples in docs/rotation.md do what their pages say.

BeforeDiscovery {
    . "$PSScriptRoot/Vault.ps1"
    $hasVault = Test-Vault
    $recipes = [IO.Path]::GetFullPath("$PSScriptRoot/../../docs/recipes")
    $scripts = Get-ChildItem $recipes -Filter *.ps1 | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }
    $pages = Get-ChildItem $recipes -Filter *.md | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    . "$PSScriptRoot/Vault.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $recipes = [IO.Path]::GetFullPath("$PSScriptRoot/../../docs/recipes")
    $manual = [IO.Path]::GetFullPath("$PSScriptRoot/../../docs/rotation.md")
    $started = $PWD.ProviderPath
    $kept = @{}
    foreach ($name in 'SAILPAT_HOME', 'PSModulePath', 'PATH') { $kept[$name] = [Environment]::GetEnvironmentVariable($name) }
    # The module where PowerShell finds it by name, as after an installation.
    $modules = [IO.Path]::GetDirectoryName([IO.Path]::GetDirectoryName($script:ModulePath))
    # An installed module lies in a folder of its version.
    if ([IO.Path]::GetFileName($modules) -eq 'SailPat') { $modules = [IO.Path]::GetDirectoryName($modules) }
    $env:PSModulePath = "$modules$([IO.Path]::PathSeparator)$env:PSModulePath"

    # Runs a program and gives what it said, and its exit status.
    function Invoke-Program([string]$Program, [string[]]$Arguments, [hashtable]$Variables = @{}) {
        $start = [Diagnostics.ProcessStartInfo]::new($Program)
        foreach ($argument in $Arguments) { $start.ArgumentList.Add($argument) }
        foreach ($name in $Variables.Keys) { $start.Environment[$name] = $Variables[$name] }
        $start.WorkingDirectory = $PWD.ProviderPath
        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardInput.Close()
        $errors = $process.StandardError.ReadToEndAsync()
        $text = $process.StandardOutput.ReadToEnd()
        $process.WaitForExit()
        [pscustomobject]@{ Status = $process.ExitCode; Text = ($text + $errors.Result) }
    }
    function Invoke-Script([string]$Name, [string[]]$Arguments, [hashtable]$Variables = @{}) {
        Invoke-Program ([Environment]::ProcessPath) (@('-NoProfile', '-File', "$recipes/$Name") + $Arguments) $Variables
    }

    # A block of docs/rotation.md that is marked with the name of a file.
    function Get-MarkedBlock([string]$Name) {
        $found = [regex]::Match([IO.File]::ReadAllText($manual).Replace("`r`n", "`n"),
            "<!-- run: $([regex]::Escape($Name)) -->\n``````\w+\n(?<code>.*?)\n``````", 'Singleline')
        if (-not $found.Success) { throw "docs/rotation.md has no block $Name" }
        $found.Groups['code'].Value + "`n"
    }

    function Get-OwnTokens { @(Invoke-Control $tenant GET tokens | ForEach-Object { $_ } | Where-Object { $_.owner.id -eq $me }) }
    function Get-Pair { Get-Content config.json -Raw | ConvertFrom-Json }
}
AfterAll {
    foreach ($name in $kept.Keys) { [Environment]::SetEnvironmentVariable($name, $kept[$name]) }
    Set-SailPatConfiguration -Reset
    Set-Location $started
    Clear-Settings
}
Describe 'Recipes' {
    BeforeEach {
        Set-SailPatConfiguration -Reset -RateLimit none
        $folder = [IO.Directory]::CreateDirectory("$TestDrive/$([guid]::NewGuid())").FullName
        Set-Location $folder
        $env:SAILPAT_HOME = "$folder/state"
        $tenant = Start-Emulator @('--rate-limit', 'off')
        Use-Tenant $tenant
        $me = @(Get-SailPat -Mine)[0].owner.id
        Clear-Settings
        @{ BaseURL = $tenant.url; ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret } | ConvertTo-Json |
            Set-Content config.json
    }
    AfterEach { Stop-Emulator $tenant }

    Context 'docs/recipes' {
        It '<Name> parses and uses whole names of commands' -ForEach $scripts {
            $problems = $null
            $tree = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref]$null, [ref]$problems)
            $problems.Count | Should -Be 0
            $aliases = (Get-Alias).Name
            foreach ($call in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                $call.GetCommandName() | Should -Not -BeIn $aliases
            }
        }

        It '<Name> links to what is there' -ForEach $pages {
            foreach ($link in [regex]::Matches([IO.File]::ReadAllText($Path), '\]\((?<to>[^)#]+)\)')) {
                Test-Path (Join-Path $recipes $link.Groups['to'].Value) | Should -BeTrue -Because $link.Value
            }
        }
    }

    Context 'rotate.ps1' {
        It 'rotates, waits for the overlap, and the next night ends it and rotates again' {
            $first = Invoke-Script rotate.ps1 @('-Overlap', '2s', '-Log', 'rotate.log')
            $first.Text | Should -Match "rotation \S+ of '.+': overlapping, $($tenant.clientId) -> \w{32}, in file "
            $first.Status | Should -Be 0
            @(Get-OwnTokens).Count | Should -Be 2
            while (-not (Get-SailPatRotation -Overdue)) { [Threading.Thread]::Sleep(50) }
            $second = Invoke-Script rotate.ps1 @('-Overlap', '1h', '-Log', 'rotate.log')
            $second.Text | Should -Match '(?s): done,.*: overlapping,'
            $second.Status | Should -Be 0
            $third = Invoke-Script rotate.ps1 @('-Log', 'rotate.log')
            $third.Text | Should -Match 'resume it after'
            $third.Status | Should -Be 0
            @(Get-OwnTokens).Count | Should -Be 2
            @(Get-SailPatRotation).Count | Should -Be 2
            (Get-OwnTokens).id | Should -Contain (Get-Pair).ClientId
            $said = $first.Text + $second.Text + $third.Text + [IO.File]::ReadAllText("$folder/rotate.log")
            $said | Should -Not -Match '[0-9a-f]{64}'
            @(Get-Content rotate.log).Count | Should -Be 4
        }

        It 'resumes first what was stopped' {
            Use-Tenant $tenant
            Add-Fault $tenant delete @{ status = 403 }
            Invoke-SailPatRotation -StoreIn config.json -ErrorAction SilentlyContinue
            Clear-Settings
            $run = Invoke-Script rotate.ps1 @('-Overlap', '1h')
            $run.Text | Should -Match '(?s): done,.*: overlapping,'
            $run.Status | Should -Be 0
        }

        It 'another token''s overlap does not stop it' {
            Use-Tenant $tenant
            $second = New-SailPat 'Second'
            (Invoke-SailPatRotation $second.id -StoreIn second.json -Overlap 1h -ErrorAction Stop).state | Should -Be 'overlapping'
            Clear-Settings
            $run = Invoke-Script rotate.ps1 @('-Overlap', '1h')
            $run.Text | Should -Match "overlapping, $($tenant.clientId) -> "
            $run.Status | Should -Be 0
        }

        It 'another token''s stopped rotation is a failure that does not stop it, told last' {
            Use-Tenant $tenant
            $second = New-SailPat 'Second'
            Invoke-SailPatRotation $second.id -StoreIn second.json -Overlap 1s -ErrorAction Stop | Out-Null
            while (-not (Get-SailPatRotation -Overdue)) { [Threading.Thread]::Sleep(50) }
            Remove-Item second.json
            Clear-Settings
            $run = Invoke-Script rotate.ps1 @('-Overlap', '1h', '-Log', 'rotate.log')
            $run.Text | Should -Match "overlapping, $($tenant.clientId) -> "
            $run.Status | Should -Be 1
            @(Get-Content rotate.log)[-1] | Should -Match 'FAILED \(overdue\).*Second'
        }

        It 'fails with a line that says why, and without a secret' {
            @{ BaseURL = $tenant.url; ClientId = $tenant.clientId; ClientSecret = 'wrong' * 16 } | ConvertTo-Json | Set-Content config.json
            $run = Invoke-Script rotate.ps1 @('-Log', 'rotate.log')
            $run.Status | Should -Be 1
            $run.Text | Should -Match 'FAILED \(\S*sign_in_failed|FAILED \(WebCmdletWebResponseException'
            @(Get-Content rotate.log)[-1] | Should -Match 'FAILED'
            $run.Text | Should -Not -Match 'wrongwrong'
            @(Get-OwnTokens).Count | Should -Be 1
        }
    }

    Context 'register-task.ps1' {
        It 'registers a daily task that runs rotate.ps1 with its folder' {
            # Stand in for the Task Scheduler's commands.
            $script:registered = $null
            function New-ScheduledTaskAction($Execute, $Argument, $WorkingDirectory) {
                @{ Execute = $Execute; Argument = $Argument; WorkingDirectory = $WorkingDirectory }
            }
            function New-ScheduledTaskTrigger([switch]$Daily, $At) { @{ Daily = [bool]$Daily; At = $At } }
            function New-ScheduledTaskPrincipal($UserId, $LogonType) { @{ UserId = $UserId; LogonType = $LogonType } }
            function New-ScheduledTaskSettingsSet([switch]$StartWhenAvailable, $MultipleInstances, $ExecutionTimeLimit) {
                @{ Once = $MultipleInstances }
            }
            function Register-ScheduledTask($TaskName, $Action, $Trigger, $Principal, $Settings, [switch]$Force) {
                @{ TaskName = $TaskName; Action = $Action; Trigger = $Trigger; Principal = $Principal; Settings = $Settings }
            }
            $task = & "$recipes/register-task.ps1" -Account 'DOMAIN\sailpat$' -Folder "$folder/task"
            $task.Trigger.Daily | Should -BeTrue
            $task.Principal.UserId | Should -Be 'DOMAIN\sailpat$'
            $task.Settings.Once | Should -Be 'IgnoreNew'
            # What the task runs, run here.
            Move-Item config.json task/config.json
            $words = [regex]::Matches($task.Action.Argument, '"([^"]*)"|(\S+)') | ForEach-Object { $_.Value.Trim('"') }
            $run = Invoke-Program $task.Action.Execute $words
            $run.Text | Should -Match 'overlapping'
            $run.Status | Should -Be 0
            Get-Content task/rotate.log | Should -Match 'overlapping'
        }
    }

    Context 'The timer on Linux' -Skip:$IsWindows {
        It 'the script keeps pair and journals in the service''s folder' {
            $run = Invoke-Program "$recipes/sailpat-rotate.sh" @() `
                @{ STATE_DIRECTORY = $folder; PWSH = [Environment]::ProcessPath; OVERLAP = '1h' }
            $run.Text | Should -Match 'overlapping'
            $run.Status | Should -Be 0
            Test-Path .sailpat/rotations | Should -BeTrue
            (Get-OwnTokens).id | Should -Contain (Get-Pair).ClientId
        }

        It 'the units are whole' {
            $service = [IO.File]::ReadAllText("$recipes/sailpat-rotate.service")
            $timer = [IO.File]::ReadAllText("$recipes/sailpat-rotate.timer")
            foreach ($text in $service, $timer) {
                foreach ($line in $text -split '\n') { $line | Should -Match '^$|^\[\w+\]$|^[A-Z]\w+=.+$' }
            }
            $service | Should -Match '(?m)^Type=oneshot$'
            $timer | Should -Match '(?m)^OnCalendar=.+$'
            if (-not (Get-Command systemd-analyze -CommandType Application -ErrorAction Ignore)) { return }
            # The real verifier, with a program that is there.
            Set-Content "$folder/sailpat-rotate.service" ($service -replace '(?m)^ExecStart=.*$', 'ExecStart=/bin/true')
            Copy-Item "$recipes/sailpat-rotate.timer" $folder
            $judged = Invoke-Program systemd-analyze @('verify', "$folder/sailpat-rotate.service", "$folder/sailpat-rotate.timer")
            $judged.Text | Should -Not -Match 'sailpat-rotate\.\w+:\d+:'
        }
    }

    Context 'The pipeline' -Skip:$IsWindows {
        BeforeEach {
            # Stands in for the command of HashiCorp Vault, as far as vault-store.sh calls it.
            $bin = [IO.Directory]::CreateDirectory("$folder/bin").FullName
            Set-Content "$bin/vault" @'
#!/bin/sh
[ -z "${VAULT_SEALED:-}" ] || { echo 'Error: Vault is sealed' >&2; exit 2; }
case "$*" in
  'kv put -mount=secret sailpoint pair=-') cat > "$FAKE_VAULT" ;;
  'kv get -mount=secret -field=pair sailpoint') cat "$FAKE_VAULT" 2>/dev/null ||
    { echo 'No value found at secret/data/sailpoint' >&2; exit 2; } ;;
  'token lookup') ;;
  *) echo "unknown: $*" >&2; exit 1 ;;
esac
'@
            [IO.File]::SetUnixFileMode("$bin/vault", 'UserRead, UserWrite, UserExecute')
            $variables = @{ PATH = "${bin}:$($kept.PATH)"; FAKE_VAULT = "$folder/vaulted"; SAIL_BASE_URL = $tenant.url }
            Remove-Item config.json
            Set-Content vaulted (@{ clientId = $tenant.clientId; clientSecret = $tenant.clientSecret } | ConvertTo-Json -Compress)
        }

        It 'rotates the pair in the vault' {
            $run = Invoke-Script pipeline.ps1 @() $variables
            $run.Text | Should -Match "overlapping, $($tenant.clientId) -> "
            $run.Status | Should -Be 0
            $pair = Get-Content vaulted -Raw | ConvertFrom-Json
            $pair.clientId | Should -Not -Be $tenant.clientId
            (Get-OwnTokens).id | Should -Contain $pair.clientId
            $run.Text | Should -Not -Match $pair.clientSecret
            (Invoke-Script pipeline.ps1 @() $variables).Text | Should -Match 'resume it after'
        }

        It 'fails when the vault does, and changes nothing' {
            $run = Invoke-Script pipeline.ps1 @() ($variables + @{ VAULT_SEALED = '1' })
            $run.Status | Should -Be 1
            $run.Text | Should -Match 'FAILED.*sealed'
            @(Get-OwnTokens).Count | Should -Be 1
        }

        It 'wants the tenant, which the vault does not name' {
            $variables.SAIL_BASE_URL = ''
            $run = Invoke-Script pipeline.ps1 @() $variables
            $run.Status | Should -Not -Be 0
            $run.Text | Should -Match 'SAIL_BASE_URL is not set'
            @(Get-OwnTokens).Count | Should -Be 1
        }

        It 'wants a folder for its journals' {
            $variables.SAILPAT_HOME = ''
            (Invoke-Script pipeline.ps1 @() $variables).Status | Should -Not -Be 0
        }

        It 'an empty vault is no pair, and one that fails is a failure' {
            Remove-Item vaulted
            $said = '{"action":"read"}' |
                & {
                    $env:PATH = $variables.PATH
                    $env:FAKE_VAULT = $variables.FAKE_VAULT
                    $input | sh "$recipes/vault-store.sh"
                    $env:PATH = $kept.PATH
                }
            $said | Should -Be '{}'
        }
    }

    Context 'docs/rotation.md' {
        It 'the command for a shell stores, reads and rotates' -Skip:$IsWindows {
            [IO.File]::WriteAllText("$folder/store.sh", (Get-MarkedBlock store.sh))
            Use-Tenant $tenant
            # A variable that PowerShell sets is invisible to a program that native code starts.
            $rotation = Invoke-SailPatRotation -StoreIn @{ command = 'env', "HOME=$folder", 'sh', "$folder/store.sh" } -ErrorAction Stop
            $rotation.state | Should -Be 'done'
            (Get-Content .sailpoint-pair -Raw | ConvertFrom-Json).clientId | Should -Be $rotation.newId
            [int][IO.File]::GetUnixFileMode("$folder/.sailpoint-pair") | Should -Be 384
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
        }

        It 'the command for PowerShell stores, reads and rotates' -Skip:(-not $hasVault) {
            [IO.File]::WriteAllText("$folder/store.ps1", (Get-MarkedBlock store.ps1))
            Use-Tenant $tenant
            $env:TRIES = "$folder/vault"
            Use-TestVault
            try {
                # A variable that PowerShell sets is invisible to a program that native code starts.
                $variables = foreach ($name in 'HOME', 'PSModulePath', 'TRIES') { "$name=$([Environment]::GetEnvironmentVariable($name))" }
                $rotation = Invoke-SailPatRotation `
                    -StoreIn @{
                        command = @('env') + $variables + [Environment]::ProcessPath + '-NoProfile' + '-File' + "$folder/store.ps1"
                    } -ErrorAction Stop
                $rotation.state | Should -Be 'done'
                [IO.File]::ReadAllLines("$folder/vault/secret-sailpoint")[0] | Should -Be $rotation.newId
                # The session reads its pair through the command, so that the vault is still wanted.
                (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
            }
            finally { Clear-TestVault }
        }

        It 'names every state there is' {
            $states = (Get-Content "$PSScriptRoot/../../docs/schema/rotation.json" -Raw | ConvertFrom-Json).'$defs'.state.enum
            $text = [IO.File]::ReadAllText($manual)
            foreach ($state in $states) { $text | Should -Match "\b$state\b" }
        }
    }
}
