# Every command explains itself, under each of its names, and what the help says can be run: each
# example, and each line of the topics that begins with a prompt.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    . "$PSScriptRoot/Vault.ps1"
    Import-SailPat
    # Examples that store in a vault run where there is one.
    $hasVault = Test-Vault
    $folder = [IO.Path]::Combine([IO.Path]::GetDirectoryName($script:ModulePath), 'en-US')
    $commands = Get-Command -Module SailPat
    # The folder that SAILPAT_MODULES names has it, or this machine. Without ICU platyPS does not run: it wants en-US.
    $hasPlatyPS = [cultureinfo]::GetCultures('AllCultures').Count -gt 1 -and
        (($env:SAILPAT_MODULES -and (Test-Path "$env:SAILPAT_MODULES/Microsoft.PowerShell.PlatyPS")) -or
        (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS))
    # Commands of the other versions are the same functions under other names; of each function its
    # first name, the V2024 one if it has one.
    $written = $commands | Group-Object { $_.ScriptBlock.Ast.Name } |
        ForEach-Object { @($_.Group | Sort-Object { $_.Name -notmatch 'V2024' }, Name)[0] }
    $names = $commands | ForEach-Object { @{ Name = $_.Name } }
    $examples = foreach ($command in $written) {
        $number = 0
        foreach ($example in (Get-Help $command.Name -Full).examples.example) {
            $number++
            if (-not $hasVault -and $example.code -match '-SecretName|Get-Secret') { continue }
            @{ Name = $command.Name; Number = $number; Code = $example.code; Remark = ($example.remarks.Text -join '').Trim() }
        }
    }
    $topics = foreach ($file in [IO.Directory]::GetFiles($folder, 'about_*.help.txt')) {
        @{ Topic = [IO.Path]::GetFileName($file) -replace '\.help\.txt$'; File = $file }
    }
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    . "$PSScriptRoot/Vault.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $repository = [IO.Path]::GetFullPath("$PSScriptRoot/../..")
    $started = $PWD.ProviderPath
    $home0 = $env:SAILPAT_HOME
    $tenant = Start-Emulator @('--rate-limit', 'off', '--tokens', '20')
    Use-Tenant $tenant
    $linkable = @((Get-Command -Module SailPat).Name) + @(Get-Help 'about_SailPat*' | ForEach-Object Name)

    # What examples need besides a tenant: a vault, and somebody who types.
    $env:TRIES = "$TestDrive/vault"
    Use-TestVault
    New-Module -Name ForExamples -ArgumentList $tenant -ScriptBlock {
        param($tenant)
        function Get-Credential { [pscredential]::new($tenant.clientId, (ConvertTo-SecureString $tenant.clientSecret -AsPlainText -Force)) }
    } | Import-Module -Global -DisableNameChecking

    # What stands for something in an example, and what the tests put there: docs/cmdlets/README.md.
    # An exit would end the tests.
    function Get-RunnableCode([string]$Code) {
        ($Code -replace '(?m)^exit ', '$null = ').Replace('https://tenant.api.identitynow.com',
            $tenant.url).Replace('ef38f94347e94562b5bb8424a56397d8', $token.id).
            Replace('2c9180a46faadee4016fb4e018c20639', $token.owner.id).Replace('<client id>', $tenant.clientId).
            Replace('<client secret>', $tenant.clientSecret).Replace('v2024/identities', 'v2024/personal-access-tokens')
    }

    # Runs code of the help as if it were typed, in a folder of its own; any error ends it.
    function Invoke-HelpCode([string]$Code) {
        $ErrorActionPreference = 'Stop'
        & ([scriptblock]::Create("param(`$token)`n$(Get-RunnableCode $Code)")) $token 4>$null
    }

    # A fresh tenant with what the examples speak of, so that none depends on another.
    function Reset-Surroundings {
        # A rotation of the token in use leaves the tenant's own credential behind: then a new tenant.
        $ids = (Invoke-Control $tenant GET tokens | ForEach-Object { $_ }).id
        if ($tenant.clientId -notin $ids) {
            Stop-Emulator $tenant
            $fresh = Start-Emulator @('--rate-limit', 'off', '--tokens', '20')
            foreach ($property in $fresh.PSObject.Properties) { $tenant.($property.Name) = $property.Value }
        }
        # Without the module's own pace, which would make these many calls wait.
        Set-SailPatConfiguration -Reset -RateLimit none
        Use-Tenant $tenant
        $env:SAILPAT_HOME = "$TestDrive/home"
        foreach ($left in 'vault', 'sailpoint.json', 'both.json', 'deploy.env', 'build.env', 'test.env', 'home') {
            if (Test-Path "$TestDrive/$left") { Remove-Item "$TestDrive/$left" -Recurse -Force }
        }
        foreach ($name in 'prod', 'lab') { [void](Set-SailPatProfile $name -BaseUrl $tenant.url -Credential (Get-Credential)) }
        Remove-OwnTokens $tenant
        Reset-Emulator $tenant
        $script:token = New-V2024PersonalAccessToken @{ name = 'An example'; scope = 'sp:scopes:all' }
        [void](New-V2024PersonalAccessToken @{ name = 'deploy old'; scope = 'idn:accounts:manage', 'idn:accounts:read' })
        Set-Content "$TestDrive/tokens.csv" "Name,Scope,ExpiresIn`nFrom a file,sp:scopes:default,30d`nAnother,idn:accounts:read,90d"
        Set-Location $TestDrive
        # Examples begin in a folder with a pair.
        @{ BaseURL = $tenant.url; ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret } | ConvertTo-Json |
            Set-Content "$TestDrive/config.json"
    }
}
AfterAll {
    Set-Location $started
    Set-SailPatConfiguration -Reset
    Remove-Module ForExamples
    Clear-TestVault
    Stop-Emulator $tenant
    Clear-Settings
    $env:SAILPAT_HOME = $home0
}

Describe 'Get-Help' {
    It '<Name> has synopsis, description, inputs, outputs, notes, links, every parameter and two examples' -ForEach $names {
        $help = Get-Help $Name -Full
        $help.Name | Should -Be $Name
        # Without help of its own PowerShell shows the syntax there.
        $help.Synopsis.Trim() | Should -Match '^[A-Z][^\[\]]+\.$'
        $help.description.Text | Should -Not -BeNullOrEmpty
        $help.inputTypes.inputType.type.name | Should -Not -BeNullOrEmpty
        $help.returnValues.returnValue.type.name | Should -Not -BeNullOrEmpty
        ($help.alertSet.alert.Text -join ' ') | Should -Match 'Needs (no rights|the rights?|sp:|idn:)|needs idn:'
        $links = $help.relatedLinks.navigationLink.linkText | ForEach-Object Trim
        $links | Should -Not -BeNullOrEmpty
        foreach ($link in $links) { $link | Should -BeIn $linkable }
        $command = Get-Command $Name
        $own = $command.Parameters.Keys |
            Where-Object {
                $_ -notin [System.Management.Automation.PSCmdlet]::CommonParameters -and
                    $_ -notin [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
            }
        foreach ($parameter in $own) {
            ($help.parameters.parameter | Where-Object name -EQ $parameter).description.Text |
                Should -Not -BeNullOrEmpty -Because "-$parameter"
        }
        foreach ($parameter in $command.ScriptBlock.Ast.GetHelpContent().Parameters.Keys) { $own | Should -Contain $parameter }
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
    }

    It '<Name> has a page of the service for -Online' -ForEach $names {
        (Get-Command $Name).HelpUri | Should -Match '^https://developer\.sailpoint\.com/docs/api/(authentication|v202[45]/[a-z-]+)$'
    }

    It '<Name> opens it' -ForEach ($written | ForEach-Object { @{ Name = $_.Name } }) -Skip:$IsWindows {
        # What PowerShell opens an address with. It is not waited for, so the file appears when it has run.
        $opened = "$TestDrive/opened"
        [void][IO.Directory]::CreateDirectory("$TestDrive/bin")
        foreach ($program in 'xdg-open', 'open') {
            [IO.File]::WriteAllText("$TestDrive/bin/$program", "#!/bin/sh`
printf %s `"`$1`" >'$opened.part' && mv '$opened.part' '$opened'`
")
            [IO.File]::SetUnixFileMode("$TestDrive/bin/$program", 'UserRead, UserExecute')
        }
        [IO.File]::Delete($opened)
        $path = $env:PATH
        try {
            $env:PATH = "$TestDrive/bin$([IO.Path]::PathSeparator)$path"
            Get-Help $Name -Online
            $watch = [Diagnostics.Stopwatch]::StartNew()
            while (-not [IO.File]::Exists($opened) -and $watch.Elapsed.TotalSeconds -lt 60) { [Threading.Thread]::Sleep(5) }
        }
        finally { $env:PATH = $path }
        [IO.File]::ReadAllText($opened) | Should -BeExactly (Get-Command $Name).HelpUri
    }

    It '<Name> -<_> names the statuses' -ForEach 'New', 'Update', 'Remove' {
        ((Get-Help "$_-V2024PersonalAccessToken" -Full).alertSet.alert.Text -join ' ') -replace '\s+', ' ' |
            Should -Match 'Success: 20[04]\. Failures: 400, 401, 403, (404, )?429, 500'
    }

    It 'fits a screen of 80 columns' {
        foreach ($command in Get-Command -Module SailPat | Sort-Object { $_.ScriptBlock.Ast.Name } -Unique) {
            $help = $command.ScriptBlock.Ast.GetHelpContent()
            $text = @($help.Synopsis, $help.Description, $help.Notes) + @($help.Inputs) + @($help.Outputs) +
                @($help.Parameters.Values) -join "`n"
            foreach ($line in $text -split '\r?\n') { $line.Length | Should -BeLessOrEqual 76 -Because "$($command.Name): $line" }
        }
    }
}

Describe 'Topic <Topic>' -ForEach $topics {
    It 'is found by Get-Help' {
        $text = Get-Help $Topic | Out-String
        $text | Should -Match "(?s)^TOPIC\r?\n    $Topic\r?\n.*SHORT DESCRIPTION.*LONG DESCRIPTION.*SEE ALSO"
        (Get-Help 'about_SailPat*').Name | Should -Contain $Topic
    }

    It 'says what it is about in one line, which Get-Help about_* shows whole' {
        $text = [IO.File]::ReadAllText($File).Replace("`r`n", "`n")
        $text -match '(?s)\nSHORT DESCRIPTION\n(.*?)\n\n' | Should -BeTrue
        $whole = ($Matches[1] -split '\n' | ForEach-Object Trim) -join ' '
        $whole | Should -Match '\.$'
        (Get-Help 'about_SailPat*' | Where-Object Name -CEQ $Topic).Synopsis | Should -BeExactly $whole
    }

    It 'fits a screen of 80 columns, in plain ASCII' {
        foreach ($line in [IO.File]::ReadAllLines($File)) {
            $line.Length | Should -BeLessOrEqual 80 -Because $line
            $line | Should -Match '^[ -~]*$'
        }
    }

    It 'names only commands and parameters that there are' {
        $text = [IO.File]::ReadAllText($File)
        $known = (Get-Command -Module SailPat).Name
        $verbs, $nouns = 'New|Get|Set|Update|Remove|Invoke|Resume|Undo', 'SailPat|PersonalAccessToken|DefaultConfiguration|IDNAccessToken'
        foreach ($name in [regex]::Matches($text, "\b($verbs)-[A-Za-z0-9]*($nouns)\w*").Value | Sort-Object -Unique) {
            # Acme is the prefix that somebody chose.
            $known | Should -Contain $name.Replace('-Acme', '-')
        }
        foreach ($pair in [regex]::Matches($text, '(?<!Get-Help )\b(?<c>\w+-SailPat\w*)( [\w*]+)? -(?<p>\w+)')) {
            (Get-Command $pair.Groups['c'].Value).Parameters.Keys | Should -Contain $pair.Groups['p'].Value
        }
    }

    It 'runs where it shows a prompt' -Skip:(-not $hasVault -and [IO.File]::ReadAllText($File) -match 'PS> .*-SecretName') {
        Reset-Surroundings
        $lines = [IO.File]::ReadAllLines($File) | Where-Object { $_ -match '^\s+(PS>|>>) ' } |
            ForEach-Object { $_ -replace '^\s+(PS>|>>) ' }
        @($lines).Count | Should -BeGreaterThan 0
        Invoke-HelpCode ($lines -join "`n") | Out-String | Should -Not -BeNullOrEmpty
    }
}

Describe 'about_SailPat_Errors' {
    It 'knows every code that the native library has and the module makes, and no other' {
        [void](Get-SailPat -Mine)
        $module = [IO.Path]::GetDirectoryName($script:ModulePath)
        $text = [IO.File]::ReadAllText("$module/en-US/about_SailPat_Errors.help.txt")
        $codes = & (Get-Module SailPat) {
            ([Text.Encoding]::UTF8.GetString([NativeText]::Read($script:Native, $script:Native::pat_version())) |
                ConvertFrom-Json).data.errors.code
        }
        @($codes).Count | Should -BeGreaterThan 25
        # These can only happen to callers of the C functions.
        $foreign = 'null_argument', 'unknown_operation', 'invalid_handle', 'forked', 'not_finished'
        $sources = Get-ChildItem $script:SourcePath -Recurse -Include *.ps1 | ForEach-Object { [IO.File]::ReadAllText($_.FullName) }
        $own = [regex]::Matches(($sources -join "`n"), "New-LocalError '(\w+)'") | ForEach-Object { $_.Groups[1].Value } |
            Sort-Object -Unique
        $listed = [regex]::Matches($text,
            '(?m)^        ([a-z]+(_[a-z0-9]+)+|forbidden|refused|unauthorized|timeout|cancelled|internal)( \*)? {2,}') |
            ForEach-Object { $_.Groups[1].Value }
        $expected = @($codes) + $own | Where-Object { $_ -notin $foreign } | Sort-Object -Unique
        Compare-Object $expected ($listed | Sort-Object -Unique) | ForEach-Object { "$($_.InputObject) $($_.SideIndicator)" } |
            Should -BeNullOrEmpty
    }
}

Describe 'Example <Number> of <Name>' -ForEach $examples {
    It 'says what it does, and runs' {
        $Remark | Should -Match '\w.*\.$'
        Reset-Surroundings
        { Invoke-HelpCode $Code } | Should -Not -Throw
    }
}

Describe 'The code of the help' {
    It 'calls only commands that there are, with whole names of parameters' -ForEach @{ examples = $examples } {
        foreach ($example in $examples) {
            $problems = $null
            $tree = [System.Management.Automation.Language.Parser]::ParseInput($example.Code, [ref]$null, [ref]$problems)
            $problems.Count | Should -Be 0 -Because $example.Code
            foreach ($call in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                $command = Get-Command $call.GetCommandName() -CommandType Function, Cmdlet
                foreach ($element in $call.CommandElements |
                    Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
                    $command.Parameters.Keys | Should -Contain $element.ParameterName -Because $example.Code
                }
            }
        }
    }
}

Describe 'The pages in docs/cmdlets' {
    It 'say what the help says; docs/cmdlets/update.ps1 writes them anew' -Skip:(-not $hasPlatyPS) {
        # From the sources: the commands are the same, and only there each stands in the file that it is written in.
        & "$repository/docs/cmdlets/update.ps1" -Folder $TestDrive
        Import-SailPat
        $committed = [IO.Directory]::GetFiles("$repository/docs/cmdlets", '*.md') | ForEach-Object { [IO.Path]::GetFileName($_) } |
            Sort-Object
        $written = [IO.Directory]::GetFiles($TestDrive, '*.md') | ForEach-Object { [IO.Path]::GetFileName($_) } | Sort-Object
        $written.Count | Should -BeGreaterThan 30
        Compare-Object $committed $written | Should -BeNullOrEmpty
        foreach ($page in $written) {
            # A checkout may have its own line ends.
            $text = [IO.File]::ReadAllText("$repository/docs/cmdlets/$page").Replace("`r`n", "`n")
            if ($text -cne [IO.File]::ReadAllText("$TestDrive/$page")) { throw "docs/cmdlets/$page is stale." }
        }
    }

    It 'have a page for each name, and no link that leads nowhere' {
        $index = [IO.File]::ReadAllText("$repository/docs/cmdlets/README.md")
        foreach ($name in (Get-Command -Module SailPat).Name) { $index | Should -Match "\| $name \| \[" }
        foreach ($page in [IO.Directory]::GetFiles("$repository/docs/cmdlets", '*.md')) {
            $text = [IO.File]::ReadAllText($page)
            $text | Should -Not -Match '\{\{|\]\(\)' -Because $page
            # Code may look like a link.
            $text = $text -replace '(?sm)^```.*?^```'
            foreach ($link in [regex]::Matches($text, '\]\((?!https://)([^)]+)\)')) {
                [IO.Path]::GetFullPath("$repository/docs/cmdlets/$($link.Groups[1].Value)") | Should -Exist -Because $page
            }
        }
    }
}
