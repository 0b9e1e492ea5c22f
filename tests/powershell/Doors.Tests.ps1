# What the service, a file, a pipeline or a reply says is only ever a value: never a command, never a part of a
# script, and nothing that a terminal obeys. What can be held by looking at the module's own code is held here.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $manifest = Import-PowerShellDataFile $script:ModulePath
    $root = [IO.Path]::GetDirectoryName($script:ModulePath)
    $functions = foreach ($file in Get-ChildItem "$root/Public" -Filter *.ps1) {
        $tree = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$null, [ref]$null)
        foreach ($function in $tree.EndBlock.Statements) {
            if ($function -is [System.Management.Automation.Language.FunctionDefinitionAst] -and $function.Body.ParamBlock.Attributes.Count) { @{ Name = $function.Name; Tree = $function } }
        }
    }
    $asking = $functions | Where-Object { $_.Name -match '-SailPat|PersonalAccessToken$|PersonalAccessTokens$|IDNAccessToken' }
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $root = [IO.Path]::GetDirectoryName($script:ModulePath)
    $sources = @(Get-ChildItem $root -Recurse -Include *.ps1, *.psm1 | ForEach-Object {
            @{ Name = $_.Name; Tree = [System.Management.Automation.Language.Parser]::ParseFile($_.FullName, [ref]$null, [ref]$null) }
        })

    # Every node of a kind, as "file:line: text", but what is allowed.
    function Find-Node([string]$Kind, [scriptblock]$Where, [string[]]$Allowed = @()) {
        $type = "System.Management.Automation.Language.${Kind}Ast" -as [type]
        foreach ($source in $sources) {
            foreach ($node in $source.Tree.FindAll({ $args[0] -is $type }, $true)) {
                if (-not (& $Where $node)) { continue }
                $text = $node.Extent.Text.Split("`n")[0]
                if (@($Allowed | Where-Object { "$($source.Name): $text" -like $_ }).Count -eq 0) { "$($source.Name):$($node.Extent.StartLineNumber): $text" }
            }
        }
    }
    function Test-Literal($Node) { $Node -is [System.Management.Automation.Language.StringConstantExpressionAst] -or $Node -is [System.Management.Automation.Language.ConstantExpressionAst] }
}

Describe 'In the module''s code' {
    It 'no script is made of text' {
        Find-Node InvokeMemberExpression { "$($args[0].Member)" -in 'InvokeScript', 'NewScriptBlock', 'ExpandString', 'AddScript', 'AddCommand' } | Should -BeNullOrEmpty
        Find-Node InvokeMemberExpression { "$($args[0].Expression)" -match '^\[(scriptblock|powershell)\]$' -and "$($args[0].Member)" -eq 'Create' } @(
            # Numbers only.
            'Reply.ps1: *UnknownField(-join [[]char[[]]]($numbers))")') | Should -BeNullOrEmpty
        Find-Node Command { $args[0].GetCommandName() -in 'Invoke-Expression', 'iex', 'Add-Type', 'Start-Process', 'Invoke-Command' } | Should -BeNullOrEmpty
        # What is called by a value is a script of ours.
        Find-Node Command { $args[0].InvocationOperator -in 'Ampersand', 'Dot' } @(
            'SailPat.psm1: . ([[]IO.Path]::Combine($PSScriptRoot, *', 'SailPat.psm1: & {*', 'Rotation.ps1: & $Settle *', 'Profiles.ps1: & (Get-Module SailPat) { Get-CompletedProfiles }'
        ) | Should -BeNullOrEmpty
    }

    It 'a format is a literal' {
        Find-Node BinaryExpression { $args[0].Operator -eq 'Format' -and -not (Test-Literal $args[0].Left) } @(
            # The names of commands, from a table of ours.
            'Versions.ps1: $pattern -f *') | Should -BeNullOrEmpty
        Find-Node InvokeMemberExpression { "$($args[0].Expression)" -eq '[string]' -and "$($args[0].Member)" -eq 'Format' } | Should -BeNullOrEmpty
        Find-Node InvokeMemberExpression { "$($args[0].Member)" -eq 'AppendFormat' -and "$($args[0].Arguments[1])" -ne '$pattern' } | Should -BeNullOrEmpty
    }

    It 'a pattern is a literal, or is made of a value by escaping it' {
        $operators = 'Imatch', 'Cmatch', 'Inotmatch', 'Cnotmatch', 'Ireplace', 'Creplace', 'Isplit', 'Csplit'
        Find-Node BinaryExpression { $args[0].Operator -in $operators -and -not (Test-Literal $args[0].Right) -and $args[0].Right -isnot [System.Management.Automation.Language.ArrayLiteralAst] } | Should -BeNullOrEmpty
        Find-Node InvokeMemberExpression { "$($args[0].Expression)" -eq '[regex]' -and "$($args[0].Member)" -in 'Replace', 'Match', 'Matches', 'IsMatch', 'Split' -and -not (Test-Literal $args[0].Arguments[1]) } @(
            'Shown.ps1: [[]regex]::Replace($word, [[]Completion]::Quotes*') | Should -BeNullOrEmpty
    }

    It 'completion is written by the one who knows how' {
        Find-Node InvokeMemberExpression { "$($args[0].Expression)" -match 'CompletionResult\]$' } @('Shown.ps1: *') | Should -BeNullOrEmpty
    }

    It 'what is asked or shown by ShouldProcess has passed by Shown' {
        Find-Node InvokeMemberExpression {
            if ("$($args[0].Member)" -ne 'ShouldProcess') { return $false }
            foreach ($part in $args[0].Arguments) {
                $isSafe = (Test-Literal $part) -or "$part" -match '^\[Shown\]::Text\(' -or "$part" -match '^"personal access tokens \(\$\(Get-PlaceText \$version\)\)"$' -or "$part" -match '^\$\(if \(\$Now\)'
                if (-not $isSafe) { return $true }
            }
        } | Should -BeNullOrEmpty
    }

    It 'lines for people wait until what was done is handed out' {
        Find-Node InvokeMemberExpression { "$($args[0].Member)" -in 'WriteVerbose', 'WriteDebug', 'WriteWarning', 'WriteInformation', 'WriteProgress' } | Should -BeNullOrEmpty
        Find-Node Command { "$($args[0].GetCommandName())" -match '(^|\\)Write-(Verbose|Debug|Warning|Information|Progress|Host|Output)$' } @('Notes.ps1: *', 'Handing.ps1: *') | Should -BeNullOrEmpty
    }

    It 'what comes out is given outside of any try that catches, and never by WriteObject, which wraps what others throw' {
        Find-Node InvokeMemberExpression { "$($args[0].Member)" -eq 'WriteObject' } | Should -BeNullOrEmpty
    }

    It '<Name> gives nothing out within a try that catches' -ForEach $functions {
        # A statement of such a try is an assignment, a call of a method, or a command that gives nothing.
        $silent = '^(Write|Show|Add|Assert|Clear|Reset|Set|Update)-'
        foreach ($try in $Tree.FindAll({ $args[0] -is [System.Management.Automation.Language.TryStatementAst] -and $args[0].CatchClauses.Count }, $true)) {
            if ($try.Parent -is [System.Management.Automation.Language.AssignmentStatementAst]) { continue }
            foreach ($pipeline in $try.Body.FindAll({ $args[0] -is [System.Management.Automation.Language.PipelineAst] }, $true)) {
                # Conditions, values of assignments and arguments give nothing out.
                if ($pipeline.Parent -isnot [System.Management.Automation.Language.StatementBlockAst]) { continue }
                if ($pipeline.Parent.Parent -is [System.Management.Automation.Language.SubExpressionAst]) { continue }
                for ($within = $pipeline.Parent; $within -ne $try.Body; $within = $within.Parent) { if ($within -is [System.Management.Automation.Language.AssignmentStatementAst]) { break } }
                if ($within -ne $try.Body) { continue }
                $element = $pipeline.PipelineElements[0]
                if ($element -is [System.Management.Automation.Language.CommandAst] -and "$($element.GetCommandName())" -match $silent) { continue }
                if ($element -is [System.Management.Automation.Language.CommandExpressionAst] -and "$element" -match '^\[void\]|^\$PSCmdlet\.(WriteError|ThrowTerminatingError)\(') { continue }
                "$element" | Should -BeNullOrEmpty -Because 'what is thrown downstream is the caller''s'
            }
        }
    }

    It '<Name> begins with a look at what was given, and ends with its lines' -ForEach $asking {
        $begin = "$($Tree.Body.BeginBlock)"
        $begin | Should -Match '\[Caller\]::Begin\(\$PSCmdlet'
        if ($Name -ne 'Set-SailPatConfiguration') { "$($Tree.Body.ProcessBlock)" | Should -Match 'finally \{ (Write-Orphan \$making; )?Write-Notes \}' }
    }

    It 'no secret is a variable' {
        Find-Node AssignmentStatement { $args[0].Left -is [System.Management.Automation.Language.VariableExpressionAst] -and "$($args[0].Right)" -match 'GetNetworkCredential|\.Password\b(?!\.Length)|SecretText\]::Plain' } @(
            # Pairs, and tables that hold a secure string.
            'Rotation.ps1: $settings = @{*Password }', 'Profiles.ps1: $shown = try {') | Should -BeNullOrEmpty
        Find-Node ForEachStatement { "$($args[0].Condition)" -match '\.Password|SecretText\]::Plain' } | Should -BeNullOrEmpty
    }

    It 'no parameter of a function takes one as text' {
        Find-Node Parameter {
            $name = $args[0].Name.VariablePath.UserPath
            $ofFunction = $args[0].Parent -isnot [System.Management.Automation.Language.FunctionDefinitionAst] -or $args[0].Parent.Parent -isnot [System.Management.Automation.Language.FunctionMemberAst]
            $ofFunction -and $name -match 'Secret$|Password|^Token$|Bearer' -and "$($args[0].StaticType.Name)" -in 'String', 'Object'
        } @(
            # Documented: they take what scripts give them. A token, which shows nothing of itself.
            'Configuration.ps1: *$Token', 'Configuration.ps1: *$ClientSecret', 'Models.ps1: *$Secret', 'SailPat.ps1: $Token') | Should -BeNullOrEmpty
    }

    It 'the library starts a program in one place only' {
        $repository = [IO.Path]::GetFullPath("$PSScriptRoot/../../src")
        $places = Get-ChildItem $repository -Recurse -Filter *.rs | Where-Object { [IO.File]::ReadAllText($_.FullName) -match 'process::(\{[^}]*)?Command' } | ForEach-Object Name
        $places | Should -Be 'command.rs'
    }
}
