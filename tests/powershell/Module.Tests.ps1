# The module itself: what it exports, how it is written, how it loads.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $sources = Get-ChildItem $script:SourcePath -Recurse -Include *.ps1, *.psm1 | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }
    $public = foreach ($source in $sources | Where-Object Path -Match '[\\/]Public[\\/]') {
        $tree = [System.Management.Automation.Language.Parser]::ParseFile($source.Path, [ref]$null, [ref]$null)
        foreach ($function in $tree.FindAll({
                $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] -and $args[0].Parent.Parent -eq $tree
            }, $true)) {
            @{ Name = $function.Name; Tree = $function }
        }
    }
}

Describe 'The module''s sources' {
    It '<Name> parses without an error' -ForEach $sources {
        $problems = $null
        [void][System.Management.Automation.Language.Parser]::ParseFile($Path, [ref]$null, [ref]$problems)
        # A class of another file is known once the module is loaded; a file alone cannot tell.
        @($problems | Where-Object ErrorId -NE 'TypeNotFound').Count | Should -Be 0
    }

    It '<Name> uses no alias' -ForEach $sources {
        $tree = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref]$null, [ref]$null)
        $aliases = (Get-Alias).Name
        foreach ($command in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
            if ($command.GetCommandName() -in $aliases) { throw "An alias: $command" }
        }
    }

    It '<Name> prints nothing by itself and evaluates no text' -ForEach $sources {
        [IO.File]::ReadAllText($Path) | Should -Not -Match 'Write-Host|Invoke-Expression|Add-Type|\[Console\]'
    }

    It 'the module is strict' {
        . "$PSScriptRoot/Helpers.ps1"
        [IO.File]::ReadAllText(($script:ModulePath -replace 'psd1$', 'psm1')) | Should -Match 'Set-StrictMode -Version Latest'
    }
}

Describe 'Each public command' {
    It '<Name> is an advanced function with help' -ForEach $public {
        $Tree.Body.ParamBlock.Attributes.TypeName.Name | Should -Contain 'CmdletBinding'
        $Tree.GetHelpContent().Synopsis | Should -Not -BeNullOrEmpty
        $Tree.GetHelpContent().Examples.Count | Should -BeGreaterOrEqual 2 -Because 'help has two examples'
        $Tree.GetHelpContent().Notes | Should -Not -BeNullOrEmpty
        foreach ($parameter in $Tree.Body.ParamBlock.Parameters) {
            $Tree.GetHelpContent().Parameters.Keys | Should -Contain $parameter.Name.VariablePath.UserPath.ToUpperInvariant()
        }
    }

    It '<Name> takes over its caller''s preferences before it does anything' -ForEach $public {
        $first = $Tree.Body.BeginBlock.Statements[0].Extent.Text
        $first |
            Should -Match ('^\$WhatIfPreference, \$ConfirmPreference, \$VerbosePreference, \$DebugPreference, \$ErrorActionPreference, ' +
            '\$WarningPreference,\s+\$ProgressPreference = \[Caller\]::(Begin|Preferences)\(\$PSCmdlet[^)]*\)+$')
    }

    It '<Name> ends at an error, whatever -ErrorAction says' -ForEach $public {
        # With -ErrorAction SilentlyContinue, what follows a throw goes on running unless a catch ends it.
        $ends = '\$PSCmdlet\.(ThrowTerminatingError|WriteError)\(\[Caller\]::(Once|Documented)\('
        foreach ($block in @($Tree.Body.ProcessBlock, $Tree.Body.EndBlock) -ne $null) {
            $able = $block.FindAll({
                    $args[0] -is [System.Management.Automation.Language.ThrowStatementAst] -or
                        $args[0] -is [System.Management.Automation.Language.CommandAst]
                }, $true)
            foreach ($node in $able) {
                if ($node -is [System.Management.Automation.Language.CommandAst] -and $node.GetCommandName() -match '^(Write|Show|Add)-') {
                    continue
                }
                # A script of its own is looked at by what is in it.
                if ($node -is [System.Management.Automation.Language.CommandAst] -and
                    $node.CommandElements[0] -is [System.Management.Automation.Language.ScriptBlockExpressionAst]) {
                    continue
                }
                $isCaught = $false
                for ($within = $node; $within -ne $block; $within = $within.Parent) {
                    if ($within -is [System.Management.Automation.Language.CatchClauseAst]) { $isCaught = $true }
                    if ($within.Parent -isnot [System.Management.Automation.Language.TryStatementAst] -or $within.Parent.Body -ne $within) {
                        continue
                    }
                    if ($within.Parent.CatchClauses.Count -and $within.Parent.CatchClauses[0].Extent.Text -match $ends) {
                        $isCaught = $true
                    }
                }
                if (-not $isCaught) { throw "Not within a try whose catch ends the command: $node" }
            }
        }
    }

    It 'are found by this test' -ForEach @(@{ Count = @($public).Count }) { $Count | Should -BeGreaterThan 25 }

    It '<Name> asks before it changes anything, when it changes anything' `
        -ForEach ($public | Where-Object Name -Match '^(New|Update|Remove)-') {
        $Tree.Extent.Text | Should -Match 'SupportsShouldProcess'
        $Tree.Extent.Text.IndexOf('ShouldProcess(') | Should -BeLessThan $Tree.Extent.Text.IndexOf('Invoke-Operation')
    }
}

Describe 'The manifest of the types' {
    It 'is of the module''s version' {
        . "$PSScriptRoot/Helpers.ps1"
        (Import-PowerShellDataFile ($script:ModulePath -replace 'SailPat\.psd1$', 'SailPat.Types.psd1')).ModuleVersion |
            Should -BeExactly (Import-PowerShellDataFile $script:ModulePath).ModuleVersion
    }
}

Describe 'The exports' {
    BeforeAll {
        . "$PSScriptRoot/Helpers.ps1"
        Import-SailPat
    }

    It 'are exactly the names that the tables give' {
        & "$PSScriptRoot/../../powershell/update-names.ps1" -Check | Should -BeNullOrEmpty -Because 'then update-names.ps1 must be run'
    }

    It 'all exist' {
        foreach ($name in (Import-PowerShellDataFile $script:ModulePath).FunctionsToExport) {
            Get-Command $name -ErrorAction Ignore | Should -Not -BeNullOrEmpty -Because "$name is exported"
        }
    }

    It 'have approved verbs only, but for the documented names' {
        $approved = (Get-Verb).Verb
        foreach ($command in Get-Command -Module SailPat) { $approved | Should -Contain $command.Verb }
    }

    It 'leave nothing else in the caller''s session' {
        $result = & { $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            [void]$shell.AddScript({
                    param($path)
                    $before = (Get-Variable).Name
                    $errors = $Error.Count
                    Import-Module $path
                    (Get-Variable).Name | Where-Object { $_ -notin $before -and $_ -ne 'before' -and $_ -ne 'errors' }
                    if ($Error.Count -ne $errors) { "errors: $Error" }
                    "$ErrorActionPreference $WhatIfPreference $VerbosePreference"
                }).AddArgument($script:ModulePath)
            $shell.Invoke()
            $shell.Dispose() }
        $result | Should -Be 'Continue False SilentlyContinue'
    }
}

Describe 'Loading' {
    # Each in a process of its own: a library stays loaded for the life of a process.
    BeforeAll {
        . "$PSScriptRoot/Helpers.ps1"
        function Invoke-Fresh([string]$Script, [hashtable]$Variables = @{}) { Invoke-PowerShell '-c', $Script $Variables }
        $bare = "$TestDrive/SailPat"
        Copy-Item ([IO.Path]::GetDirectoryName($script:ModulePath)) $bare -Recurse
        if (Test-Path "$bare/runtimes") { Remove-Item "$bare/runtimes" -Recurse -Force }
        $call = ("Import-Module '$bare/SailPat.psd1'; try { Get-V2024PersonalAccessTokens } catch { `$_.FullyQualifiedErrorId; " +
            "`$_.ErrorDetails.Message; `$_.ErrorDetails.RecommendedAction }")
    }

    It 'says at the first call, and not before, that there is no native library, and names each place' {
        $said = Invoke-Fresh $call @{ SAILPAT_LIBRARY = "$TestDrive/none.so" }
        $said | Should -Match 'SailPat\.library_missing,Get-V2024PersonalAccessTokens'
        $said | Should -Match 'runtimes.*native.*no such file'
        $said | Should -Match 'none\.so: no such file'
        $said | Should -Match 'Install the SailPat module again'
    }

    It 'refuses a file that is no library' {
        Set-Content "$TestDrive/text.so" 'not a library'
        Invoke-Fresh $call @{ SAILPAT_LIBRARY = "$TestDrive/text.so" } | Should -Match 'text\.so: does not load in this'
    }

    It 'refuses a relative path, because a search path could answer it' {
        Invoke-Fresh $call @{ SAILPAT_LIBRARY = 'libsailpat.so' } | Should -Match 'libsailpat\.so: not a full path'
    }

    It 'refuses another library' -Skip:(-not $IsWindows -and -not (Test-Path '/lib/x86_64-linux-gnu/libm.so.6')) {
        $other = if ($IsWindows) { "$env:windir\System32\version.dll" } else { '/lib/x86_64-linux-gnu/libm.so.6' }
        Invoke-Fresh $call @{ SAILPAT_LIBRARY = $other } | Should -Match 'another or older library, it has no pat_'
    }

    It 'works twice, with -Force, and in two runspaces, with one set of native declarations' {
        $script = "Import-Module '$script:ModulePath'; Import-Module '$script:ModulePath' -Force; Import-Module '$script:ModulePath'
            Set-SailPatConfiguration -MaximumRetryCount 0; try { Get-V2024PersonalAccessTokens } catch { }
            `$shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            [void]`$shell.AddScript(`"Import-Module '$script:ModulePath'
                Set-SailPatConfiguration -MaximumRetryCount 0; try { Get-V2024PersonalAccessTokens } catch { }`")
            `$shell.Invoke(); `$shell.Dispose()
            Remove-Module SailPat; Import-Module '$script:ModulePath'
            Set-SailPatConfiguration -MaximumRetryCount 0; try { Get-V2024PersonalAccessTokens } catch { }
            @([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { `$_.GetName().Name -eq 'SailPat.Native' }).Count"
        Invoke-Fresh $script @{ SAIL_BASE_URL = 'http://127.0.0.1:1'; SAIL_CLIENT_ID = 'x'; SAIL_CLIENT_SECRET = 'y' } | Should -Be '1'
    }

    It 'has nothing to declare in Constrained Language, and says so' {
        $said = Invoke-Fresh "`$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; Import-Module '$script:ModulePath'"
        $said | Should -Match 'full language|Full language|not allowed|cannot be'
    }
}
