# What can be held by looking at the module's own code: a value is never a command, a part of a script or something that a
# terminal obeys, and each command has the form that loses nothing of what it made.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $manifest = Import-PowerShellDataFile $script:ModulePath
    $functions = foreach ($file in Get-ChildItem "$script:SourcePath/Public" -Filter *.ps1) {
        $tree = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$null, [ref]$null)
        foreach ($function in $tree.EndBlock.Statements) {
            if ($function -is [System.Management.Automation.Language.FunctionDefinitionAst] -and
                $function.Body.ParamBlock.Attributes.Count) {
                @{ Name = $function.Name; Tree = $function }
            }
        }
    }
    $asking = $functions | Where-Object { $_.Name -match '-SailPat|PersonalAccessToken$|PersonalAccessTokens$|IDNAccessToken' }
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $sources = @(Get-ChildItem $script:SourcePath -Recurse -Include *.ps1, *.psm1 | ForEach-Object {
            @{ Name = $_.Name; Tree = [System.Management.Automation.Language.Parser]::ParseFile($_.FullName, [ref]$null, [ref]$null) }
        })

    # Every node of a kind, as "file:line: text", but what is allowed.
    function Find-Node([string]$Kind, [scriptblock]$Where, [string[]]$Allowed = @()) {
        $type = "System.Management.Automation.Language.${Kind}Ast" -as [type]
        foreach ($source in $sources) {
            foreach ($node in $source.Tree.FindAll({ $args[0] -is $type }, $true)) {
                if (-not (& $Where $node)) { continue }
                $text = $node.Extent.Text.Split("`n")[0]
                if (@($Allowed | Where-Object { "$($source.Name): $text" -like $_ }).Count -eq 0) {
                    "$($source.Name):$($node.Extent.StartLineNumber): $text"
                }
            }
        }
    }
    function Test-Literal($Node) {
        $Node -is [System.Management.Automation.Language.StringConstantExpressionAst] -or
            $Node -is [System.Management.Automation.Language.ConstantExpressionAst]
    }
}

Describe 'In the module''s code' {
    It 'no script is made of text' {
        Find-Node InvokeMemberExpression {
            "$($args[0].Member)" -in 'InvokeScript', 'NewScriptBlock', 'ExpandString', 'AddScript', 'AddCommand'
        } | Should -BeNullOrEmpty
        Find-Node InvokeMemberExpression {
            "$($args[0].Expression)" -match '^\[(scriptblock|powershell)\]$' -and "$($args[0].Member)" -eq 'Create'
        } @(
            # Numbers only.
            'Reply.ps1: *UnknownField(-join [[]char[[]]]($numbers))")'
            # The module's own file of types.
            'Session.ps1: [[]scriptblock]::Create($member.SelectSingleNode(''Script|GetScriptBlock'').InnerText)') | Should -BeNullOrEmpty
        Find-Node Command { $args[0].GetCommandName() -in 'Invoke-Expression', 'iex', 'Add-Type', 'Start-Process', 'Invoke-Command' } |
            Should -BeNullOrEmpty
        # What is called by a value is a script of ours.
        Find-Node Command { $args[0].InvocationOperator -in 'Ampersand', 'Dot' } @(
            'SailPat.psm1: . ([[]IO.Path]::Combine($PSScriptRoot, *', 'SailPat.psm1: & {*', 'Rotation.ps1: & $Settle *',
                '*.ps1: & { process {', 'Profiles.ps1: & ([[]Session]::Variables()[[]''Module'']) { Get-CompletedProfiles }'
            'Rotations.ps1: & ([[]Session]::Variables()[[]''Module'']) { Get-CompletedRotations $args[[]0] } *'
        ) | Should -BeNullOrEmpty
    }

    It 'a format is a literal' {
        Find-Node BinaryExpression { $args[0].Operator -eq 'Format' -and -not (Test-Literal $args[0].Left) } @(
            # The names of commands, from a table of ours.
            'Versions.ps1: $pattern -f *') | Should -BeNullOrEmpty
        Find-Node InvokeMemberExpression { "$($args[0].Expression)" -eq '[string]' -and "$($args[0].Member)" -eq 'Format' } |
            Should -BeNullOrEmpty
        Find-Node InvokeMemberExpression { "$($args[0].Member)" -eq 'AppendFormat' -and "$($args[0].Arguments[1])" -ne '$pattern' } |
            Should -BeNullOrEmpty
    }

    It 'a pattern is a literal, or is made of a value by escaping it' {
        $operators = 'Imatch', 'Cmatch', 'Inotmatch', 'Cnotmatch', 'Ireplace', 'Creplace', 'Isplit', 'Csplit'
        Find-Node BinaryExpression {
            $args[0].Operator -in $operators -and -not (Test-Literal $args[0].Right) -and
                $args[0].Right -isnot [System.Management.Automation.Language.ArrayLiteralAst]
        } | Should -BeNullOrEmpty
        Find-Node InvokeMemberExpression {
            "$($args[0].Expression)" -eq '[regex]' -and "$($args[0].Member)" -in 'Replace', 'Match', 'Matches', 'IsMatch', 'Split' -and
                -not (Test-Literal $args[0].Arguments[1])
        } @(
            'TerminalText.ps1: [[]regex]::Replace($word, [[]Completion]::Quotes*'
            # The names of settings, from a table of ours.
            'OperationErrors.ps1: *, $word, { $script:SettingWords*') | Should -BeNullOrEmpty
    }

    It 'completion is written by the one who knows how' {
        Find-Node InvokeMemberExpression { "$($args[0].Expression)" -match 'CompletionResult\]$' } @('TerminalText.ps1: *') |
            Should -BeNullOrEmpty
    }

    It 'what is asked or shown by ShouldProcess has become text that is safe for a terminal' {
        Find-Node InvokeMemberExpression {
            if ("$($args[0].Member)" -ne 'ShouldProcess') { return $false }
            foreach ($part in $args[0].Arguments) {
                $isSafe = (Test-Literal $part) -or "$part" -match '^\[TerminalText\]::Message\(' -or
                    "$part" -match '^"personal access tokens \(\$\(Get-RowText \$version\)\)"$' -or "$part" -match '^\$\(if \(\$Now\)'
                if (-not $isSafe) { return $true }
            }
        } | Should -BeNullOrEmpty
    }

    It 'lines for people wait until what was done is handed out' {
        Find-Node InvokeMemberExpression {
            "$($args[0].Member)" -in 'WriteVerbose', 'WriteDebug', 'WriteWarning', 'WriteInformation', 'WriteProgress'
        } | Should -BeNullOrEmpty
        Find-Node Command {
            "$($args[0].GetCommandName())" -match '(^|\\)Write-(Verbose|Debug|Warning|Information|Progress|Host|Output)$'
        } @('Notes.ps1: *', 'Handing.ps1: *') | Should -BeNullOrEmpty
    }

    It 'what comes out is given outside of any try that catches, and never by WriteObject, which wraps what others throw' {
        Find-Node InvokeMemberExpression { "$($args[0].Member)" -eq 'WriteObject' } | Should -BeNullOrEmpty
    }

    It '<Name> gives nothing out within a try that catches' -ForEach $functions {
        # A statement of such a try is an assignment, a call of a method, or a command that gives nothing.
        $silent = '^(Write|Show|Add|Assert|Clear|Reset|Set|Update)-'
        foreach ($try in $Tree.FindAll({
                $args[0] -is [System.Management.Automation.Language.TryStatementAst] -and $args[0].CatchClauses.Count
            }, $true)) {
            $ofAssignment = $false
            for ($within = $try.Parent; $null -ne $within; $within = $within.Parent) {
                if ($within -is [System.Management.Automation.Language.AssignmentStatementAst]) { $ofAssignment = $true }
            }
            if ($ofAssignment) { continue }
            foreach ($pipeline in $try.Body.FindAll({ $args[0] -is [System.Management.Automation.Language.PipelineAst] }, $true)) {
                # Conditions, values of assignments and arguments give nothing out.
                if ($pipeline.Parent -isnot [System.Management.Automation.Language.StatementBlockAst]) { continue }
                if ($pipeline.Parent.Parent -is [System.Management.Automation.Language.SubExpressionAst]) { continue }
                for ($within = $pipeline.Parent; $within -ne $try.Body; $within = $within.Parent) {
                    if ($within -is [System.Management.Automation.Language.AssignmentStatementAst]) { break }
                }
                if ($within -ne $try.Body) { continue }
                $element = $pipeline.PipelineElements[0]
                if ($element -is [System.Management.Automation.Language.CommandAst] -and "$($element.GetCommandName())" -match $silent) {
                    continue
                }
                if ($element -is [System.Management.Automation.Language.CommandExpressionAst] -and
                    "$element" -match '^\[void\]|^\$PSCmdlet\.(WriteError|ThrowTerminatingError)\(') {
                    continue
                }
                "$element" | Should -BeNullOrEmpty -Because 'what is thrown downstream is the caller''s'
            }
        }
    }

    It '<Name> gives nothing out within a loop, which would take a caller''s break for its own' -ForEach $functions {
        foreach ($loop in $Tree.FindAll({ $args[0] -is [System.Management.Automation.Language.LoopStatementAst] }, $true)) {
            $ofAssignment = $false
            for ($within = $loop.Parent; $null -ne $within; $within = $within.Parent) {
                if ($within -is [System.Management.Automation.Language.AssignmentStatementAst]) { $ofAssignment = $true }
            }
            if ($ofAssignment) { continue }
            $given = $loop.Body.FindAll({
                    $args[0] -is [System.Management.Automation.Language.PipelineAst] -and
                        $args[0].Parent -is [System.Management.Automation.Language.StatementBlockAst] -and
                        $args[0].PipelineElements[0] -is [System.Management.Automation.Language.CommandExpressionAst] -and
                        $args[0].PipelineElements[0].Expression -is [System.Management.Automation.Language.VariableExpressionAst]
                }, $true)
            "$given" | Should -BeNullOrEmpty
        }
    }

    It '<Name> begins with a look at what was given, and ends with its lines' -ForEach $asking {
        $begin = "$($Tree.Body.BeginBlock)"
        $begin | Should -Match '\[Caller\]::Begin\(\$PSCmdlet'
        if ($Name -ne 'Set-SailPatConfiguration') {
            "$($Tree.Body.ProcessBlock)" |
                Should -Match ('finally \{ (if \(\$null -ne \$making\.reply\) \{ Write-Orphan \$making \}; )?(if \(\$null -ne \$ahead\) ' +
                '\{ \$ahead\.Stop\(\) \}; )?if \(\$script:Notes\.Count\) \{ Write-Notes \} \}') `
                    -Because 'process ends with finally { if ($script:Notes.Count) { Write-Notes } }'
        }
    }

    It 'no secret is a variable' {
        Find-Node AssignmentStatement {
            $args[0].Left -is [System.Management.Automation.Language.VariableExpressionAst] -and
                "$($args[0].Right)" -match 'GetNetworkCredential|\.Password\b(?!\.Length)|SecretText\]::Plain'
        } @(
            # Pairs, and tables that hold a secure string.
            'SessionPair.ps1: $settings = @{*Password }', 'Profiles.ps1: $records = try {', 'Secrets.ps1: $secure = *.SecurePassword') |
                Should -BeNullOrEmpty
        Find-Node ForEachStatement { "$($args[0].Condition)" -match '\.Password|SecretText\]::Plain' } | Should -BeNullOrEmpty
    }

    It 'no parameter of a function takes one as text' {
        Find-Node Parameter {
            $name = $args[0].Name.VariablePath.UserPath
            $ofFunction = $args[0].Parent -isnot [System.Management.Automation.Language.FunctionDefinitionAst] -or
                $args[0].Parent.Parent -isnot [System.Management.Automation.Language.FunctionMemberAst]
            $ofFunction -and $name -match 'Secret$|Password|^Token$|Bearer' -and "$($args[0].StaticType.Name)" -in 'String', 'Object'
        } @(
            # Documented: they take what scripts give them. A token, which shows nothing of itself.
            'Configuration.ps1: *$Token', 'Configuration.ps1: *$ClientSecret', 'Models.ps1: *$Secret', 'SailPat.ps1: $Token',
                'TokenFilter.ps1: $Token') | Should -BeNullOrEmpty
    }

    It 'the library starts a program in one place only' {
        $repository = [IO.Path]::GetFullPath("$PSScriptRoot/../../src")
        # What tests of the library start does not count.
        $places = Get-ChildItem $repository -Recurse -Filter *.rs | Where-Object {
            $text = ([IO.File]::ReadAllText($_.FullName) -split '#\[cfg\((all\()?test')[0]
            $text -match 'process::(\{[^}]*)?Command' -and $text -match '\.spawn\(|\.output\(|\.status\('
        } | ForEach-Object Name
        $places | Should -Be 'running.rs'
    }
}
