# Every command explains itself, and what the help says can be run.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $commands = Get-Command -Module SailPat | ForEach-Object { @{ Name = $_.Name; Tree = $_.ScriptBlock.Ast } }
    # Commands of the other versions are the same functions under other names.
    $written = $commands | Group-Object { "$($_.Tree.Extent.File):$($_.Tree.Extent.StartOffset)" } | ForEach-Object { $_.Group[0] }
    $topics = 'about_SailPat', 'about_SailPat_Configuration', 'about_SailPat_Errors', 'about_SailPat_Security', 'about_SailPat_Migrating' | ForEach-Object { @{ Topic = $_ } }
    $examples = foreach ($file in Get-ChildItem "$([IO.Path]::GetDirectoryName($script:ModulePath))/Public/*.ps1") {
        $tree = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$null, [ref]$null)
        foreach ($function in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] -and $args[0].Parent.Parent -eq $tree }, $true)) {
            $number = 0
            foreach ($example in $function.GetHelpContent().Examples) {
                $number++
                # The code goes up to the empty line before the remark.
                @{ Name = $function.Name; Number = $number; Code = ($example.Trim() -split '\r?\n\s*\r?\n')[0] }
            }
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $tenant = Start-Emulator @('--rate-limit', 'off', '--tokens', '20')
    Use-Tenant $tenant
}
AfterAll { Stop-Emulator $tenant; Clear-Settings; Set-SailPatConfiguration -Reset }

Describe 'Help' {
    It 'of <Name> has synopsis, parameters, outputs, notes and two examples' -ForEach $written {
        $help = Get-Help $Name -Full
        $help.Synopsis | Should -Not -BeLike "*$Name *"
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        $own = (Get-Command $Name).Parameters.Keys | Where-Object { $_ -notin [System.Management.Automation.PSCmdlet]::CommonParameters -and $_ -notin 'WhatIf', 'Confirm' }
        foreach ($parameter in $own) { ($help.parameters.parameter | Where-Object name -EQ $parameter).description.Text | Should -Not -BeNullOrEmpty -Because "-$parameter" }
    }

    It 'of every exported name has a synopsis' {
        foreach ($command in Get-Command -Module SailPat) { $command.ScriptBlock.Ast.GetHelpContent().Synopsis | Should -Not -BeNullOrEmpty -Because $command.Name }
        (Get-Help Update-V2026PersonalAccessToken).Synopsis | Should -Match 'JSON Patch'
    }

    It '<Topic> is there' -ForEach $topics {
        $folder = [IO.Path]::Combine([IO.Path]::GetDirectoryName($script:ModulePath), 'en-US')
        $text = [IO.File]::ReadAllText("$folder/$Topic.help.txt")
        $text | Should -Match "(?s)^TOPIC\r?\n    $Topic\r?\n.*SHORT DESCRIPTION.*LONG DESCRIPTION"
        foreach ($line in $text -split '\r?\n') { $line.Length | Should -BeLessOrEqual 105 }
    }

    It 'about_SailPat_Errors knows every code that the native library has and the module makes' {
        [void](Get-SailPat -Mine)
        $text = [IO.File]::ReadAllText([IO.Path]::Combine([IO.Path]::GetDirectoryName($script:ModulePath), 'en-US', 'about_SailPat_Errors.help.txt'))
        $codes = & (Get-Module SailPat) {
            ([Text.Encoding]::UTF8.GetString([NativeText]::Read($script:Native, $script:Native::pat_version())) | ConvertFrom-Json).data.errors.code
        }
        # These can only happen to callers of the C functions.
        $foreign = 'internal', 'null_argument', 'invalid_utf8', 'unknown_operation', 'invalid_handle', 'forked', 'not_finished'
        $sources = Get-ChildItem ([IO.Path]::GetDirectoryName($script:ModulePath)) -Recurse -Include *.ps1 | ForEach-Object { [IO.File]::ReadAllText($_.FullName) }
        $own = [regex]::Matches(($sources -join "`n"), "New-LocalError '(\w+)'") | ForEach-Object { $_.Groups[1].Value } | Sort-Object -Unique
        foreach ($code in @($codes) + $own | Where-Object { $_ -notin $foreign } | Sort-Object -Unique) { $text | Should -Match "(?m)^\s+$code\s" }
    }
}

Describe 'Example <Number> of <Name>' -ForEach $examples {
    BeforeEach {
        Remove-OwnTokens $tenant
        Reset-Emulator $tenant
        $token = New-V2024PersonalAccessToken @{ name = "For example $([guid]::NewGuid())" }
        $deploy = New-V2024PersonalAccessToken @{ name = 'deploy old'; scope = 'idn:accounts:manage', 'idn:accounts:read' }
    }
    AfterEach { Set-SailPatConfiguration -Reset }

    It 'runs' -Skip:($Code -match 'Get-Credential|WebProxy|Invoke-RestMethod') {
        # The documented id stands for a real one.
        $script = $Code.Replace('ef38f94347e94562b5bb8424a56397d8', $token.id)
        { & ([scriptblock]::Create("param(`$token, `$owner) $script")) $token @{ id = 'o' } } | Should -Not -Throw
    }
}
