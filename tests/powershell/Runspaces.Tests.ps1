# Runspaces of one process share the module's classes, whatever they import and wherever they are signed in: each has
# its own session all the same. (Settings: Tenants.Tests.ps1. A library for all: Module.Tests.ps1.)

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $kept = foreach ($file in Get-ChildItem $script:SourcePath -Recurse -Filter *.ps1) {
        $tree = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$null, [ref]$null)
        foreach ($member in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.PropertyMemberAst] -and $args[0].IsStatic },
            $true)) {
            @{
                Class = $member.Parent.Name
                Member = $member.Name
                Type = "$($member.PropertyType.TypeName)" -replace '\[.*'
                First = "$($member.InitialValue)"
            }
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"

    function New-Session([string]$Begin = '') {
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        [void](Invoke-In $shell "`$WarningPreference = 'Ignore'; $Begin; Import-Module '$script:ModulePath'")
        $shell
    }
    function Invoke-In($Shell, [string]$Script) {
        $Shell.Commands.Clear()
        $said = $Shell.AddScript($Script).Invoke()
        if ($Shell.HadErrors) { throw "$($Shell.Streams.Error)" }
        $said
    }
    function Get-Completed([string]$Line) {
        "([System.Management.Automation.CommandCompletion]::CompleteInput('$Line', $($Line.Length), " +
            "`$null).CompletionMatches.CompletionText | Sort-Object) -join ' '"
    }
}

Describe 'Sessions of one process' {
    It 'know all their commands, when 8 of them come at once' {
        # Several times, for what goes wrong between threads does so now and then.
        foreach ($round in 1..6) {
            $shells = foreach ($number in 1..8) {
                $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
                [void]$shell.AddScript({
                        param($module)
                        Import-Module $module
                        $commands = @(Get-Command `
                            -Module SailPat).Where({
                                $_.Name -cmatch '^(Initialize|ConvertFrom)-|PersonalAccessToken' -and $_.Name -cnotmatch 'OperationValue$'
                            })
                        $names = & (Get-Module SailPat) {
                            param($commands) foreach ($command in $commands) { [CommandName]::Of($script:NameOf, $command) }
                        } $commands
                        "$([System.Linq.Enumerable]::SequenceEqual([string[]]$names, [string[]]$commands.Name)) $($names.Count)"
                    }).AddArgument($script:ModulePath)
                @{ Shell = $shell; Running = $shell.BeginInvoke() }
            }
            $said = foreach ($one in $shells) {
                $one.Shell.EndInvoke($one.Running); $one.Shell.Streams.Error | Should -BeNullOrEmpty; $one.Shell.Dispose()
            }
            $said | Select-Object -Unique | Should -BeLike 'True ?*'
            $said.Count | Should -Be 8
        }
    }

    It 'complete what they listed themselves, not what another one did at another tenant' {
        $first, $second = (Start-Emulator @('--rate-limit', 'off')), (Start-Emulator @('--rate-limit', 'off'))
        $one, $two = (New-Session), (New-Session)
        try {
            foreach ($pair in @(, @($one, $first, 'here')), @(, @($two, $second, 'there'))) {
                $shell, $tenant, $name = $pair[0]
                [void](Invoke-In $shell `
                    ("Set-SailPatConfiguration -BaseUrl '$($tenant.url)' -ClientId '$($tenant.clientId)' -ClientSecret " +
                    "(ConvertTo-SecureString '$($tenant.clientSecret)' -AsPlainText -Force); [void](New-V2024PersonalAccessToken @{ " +
                    "name = '$name' }); [void](Get-SailPat)"))
            }
            Invoke-In $one (Get-Completed 'Get-SailPat ') | Should -Match '\bhere\b'
            Invoke-In $one (Get-Completed 'Get-SailPat ') | Should -Not -Match '\bthere\b'
            Invoke-In $two (Get-Completed 'Get-SailPat ') | Should -Match '\bthere\b'
            Invoke-In $two (Get-Completed 'Get-SailPat ') | Should -Not -Match '\bhere\b'
            Invoke-In (New-Session) (Get-Completed 'Get-SailPat ') | Should -Not -Match 'here'
        }
        finally { $one.Dispose(); $two.Dispose(); Stop-Emulator $first; Stop-Emulator $second }
    }

    It 'complete the profiles through their own module, and say nothing of another''s' {
        # What the function of a session says shows whose module was asked.
        $one, $two = (New-Session), (New-Session)
        try {
            foreach ($pair in @(, @($one, 'of-one')), @(, @($two, 'of-two'))) {
                [void](Invoke-In $pair[0][0] `
                    ("& (Get-Module SailPat) { function script:Get-CompletedProfiles { [pscustomobject]@{ name = '$($pair[0][1])'; " +
                    "baseUrl = 'https://acme.api.identitynow.com' } } }"))
            }
            Invoke-In $one (Get-Completed 'Get-SailPat -Profile ') | Should -Be 'of-one'
            Invoke-In $two (Get-Completed 'Get-SailPat -Profile ') | Should -Be 'of-two'
        }
        finally { $one.Dispose(); $two.Dispose() }
    }
}

Describe 'What a class keeps' {
    It '[<Class>]::<Member> is the same for all, or made for many threads: <Type>' -ForEach $kept {
        $constant = 'int', 'string', 'string[]', 'regex', 'Converter', 'HashSet', 'Text.UTF8Encoding', 'JsonWriterOptions'
        $many = 'System.Runtime.CompilerServices.ConditionalWeakTable', 'System.Collections.Concurrent.ConcurrentDictionary',
            'System.Threading.ThreadLocal'
        # A table that is written where it is declared, and nowhere else.
        $isTable = $Type -ceq 'hashtable' -and $First.Length -gt 3
        $isTable -or $Type -cin $constant -or $Type -cin $many | Should -BeTrue
        $places = Get-ChildItem $script:SourcePath -Recurse -Filter *.ps1 | Select-String -SimpleMatch "[$Class]::$Member" -CaseSensitive
        if ($Type -cnotin $many) {
            $places.Line | Where-Object { $_ -cmatch "\]::$Member(\[[^\]]*\])?(\+\+| *=|\.(Add|Remove|Clear|Set)\w*\()" } |
                Should -BeNullOrEmpty
        }
    }
}
