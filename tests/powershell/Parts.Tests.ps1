# The parts of the module in their order: calls go down only. The list in SailPat.psm1 is the list of the floors, the lowest
# first.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $files = @(Get-ChildItem "$script:SourcePath/Private", "$script:SourcePath/Public" -Filter *.ps1 |
        ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } })
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"

    # A tree's nodes of a kind, by the name of its class without Ast.
    function Find-Node($Tree, [string]$Kind) {
        $type = "System.Management.Automation.Language.${Kind}Ast" -as [type]
        $Tree.FindAll({ $args[0] -is $type }, $true)
    }

    # The parts that SailPat.psm1 brings in, in order, as paths below its folder.
    function Get-PartNames([string]$Folder) {
        $head = [System.Management.Automation.Language.Parser]::ParseFile("$Folder/SailPat.psm1", [ref]$null, [ref]$null)
        foreach ($statement in $head.EndBlock.Statements) {
            $dot = Find-Node $statement Command | Where-Object InvocationOperator -EQ Dot
            if ($null -eq $dot) { continue }
            $words = @(Find-Node $dot StringConstantExpression | Where-Object StringConstantType -NE BareWord | ForEach-Object Value)
            if ($statement -isnot [System.Management.Automation.Language.ForEachStatementAst]) { $words -join '/'; continue }
            foreach ($name in (Find-Node $statement.Condition StringConstantExpression).Value) { "$($words[0])/$name.ps1" }
        }
    }

    # The simple names within a type's name.
    function Get-TypeNames($TypeName) {
        if ($TypeName -is [System.Management.Automation.Language.ArrayTypeName]) { return Get-TypeNames $TypeName.ElementType }
        if ($TypeName -isnot [System.Management.Automation.Language.GenericTypeName]) { return $TypeName.Name }
        $TypeName.TypeName.Name
        foreach ($argument in $TypeName.GenericArguments) { Get-TypeNames $argument }
    }

    # What a part defines: functions, [classes] and the $script: variables that it assigns.
    function Get-Defined($Tree) {
        Find-Node $Tree FunctionDefinition | Where-Object Parent -IsNot ([System.Management.Automation.Language.FunctionMemberAst]) |
            ForEach-Object Name
        Find-Node $Tree TypeDefinition | ForEach-Object { "[$($_.Name)]" }
        foreach ($assignment in Find-Node $Tree AssignmentStatement) {
            foreach ($variable in Find-Node $assignment.Left VariableExpression) {
                # A part of the variable's value is no variable.
                if ($variable.VariablePath.IsScript -and
                    $variable.Parent -isnot [System.Management.Automation.Language.MemberExpressionAst] -and
                    $variable.Parent -isnot [System.Management.Automation.Language.IndexExpressionAst]) {
                        "`$$($variable.VariablePath.UserPath -replace '^script:')"
                    }
            }
        }
    }

    # What a part names, as "name" -> the line.
    function Get-Named($Tree) {
        $named = [ordered]@{}
        foreach ($node in Find-Node $Tree Command) {
            if ($node.GetCommandName()) { $named[($node.GetCommandName() -replace '^SailPat\\')] = $node.Extent.StartLineNumber }
        }
        foreach ($node in @(Find-Node $Tree TypeExpression) + @(Find-Node $Tree AttributeBase)) {
            foreach ($name in Get-TypeNames $node.TypeName) { $named["[$name]"] = $node.Extent.StartLineNumber }
        }
        foreach ($node in Find-Node $Tree VariableExpression) {
            if ($node.VariablePath.IsScript) {
                $named["`$$($node.VariablePath.UserPath -replace '^script:')"] = $node.Extent.StartLineNumber
            }
        }
        $named
    }

    # A part: its name, what it defines and what it names.
    function Read-Part([string]$Name, [string]$Text) {
        $tree = [System.Management.Automation.Language.Parser]::ParseInput($Text, [ref]$null, [ref]$null)
        @{ Name = $Name; Defined = @(Get-Defined $tree); Named = Get-Named $tree }
    }

    # Each use of something that a later part defines. A variable is the first part's that assigns it.
    function Get-UpwardCalls($Parts) {
        $floors = @{}
        for ($i = 0; $i -lt $Parts.Count; $i++) {
            foreach ($defined in $Parts[$i].Defined) { if (-not $floors.ContainsKey($defined)) { $floors[$defined] = $i } }
        }
        for ($i = 0; $i -lt $Parts.Count; $i++) {
            foreach ($name in $Parts[$i].Named.Keys) {
                if ($floors[$name] -gt $i) {
                    "part $($Parts[$i].Name), line $($Parts[$i].Named[$name]), uses $name of part $($Parts[$floors[$name]].Name), which " +
                        "comes later"
                }
            }
        }
    }

    $parts = @(foreach ($name in Get-PartNames $script:SourcePath) { Read-Part $name ([IO.File]::ReadAllText("$script:SourcePath/$name")) })
}

Describe 'The parts' {
    It 'are all brought in by SailPat.psm1, each once' {
        $here = @(Get-ChildItem "$script:SourcePath/Private", "$script:SourcePath/Public" -Filter *.ps1 |
            ForEach-Object { "$($_.Directory.Name)/$($_.Name)" })
        @($parts.Name | Sort-Object) | Should -Be @($here | Sort-Object)
        $parts.Count | Should -BeGreaterThan 40
    }

    It 'use functions, classes and variables of their own and of parts before them only' {
        Get-UpwardCalls $parts | Should -BeNullOrEmpty
    }

    It 'that use <Name> of a later part are found' -ForEach @(
        @{
            Name = 'a function'
            Line = 'function Get-Planted { Get-SettingsInForce $null }'
            Says = 'Get-SettingsInForce of part Private/InForce.ps1'
        }
        @{
            Name = 'a class'; Line = 'function Get-Planted { [TokenFilter]::new() }'; Says = '[TokenFilter] of part Private/TokenFilter.ps1'
        }
        @{
            Name = 'a list of a class'
            Line = 'function Get-Planted([Collections.Generic.List[Sealed[]]]$Given) { $Given }'
            Says = '[Sealed] of part Private/Requests.ps1'
        }
        @{ Name = 'a variable'; Line = 'function Get-Planted { $script:Clients }'; Says = '$Clients of part Private/Clients.ps1' }
        @{ Name = 'a command'; Line = 'function Get-Planted { SailPat\Get-SailPat }'; Says = 'Get-SailPat of part Public/SailPat.ps1' }
    ) {
        $planted = @(foreach ($part in $parts) {
                if ($part.Name -ceq 'Private/Session.ps1') { Read-Part $part.Name "`n`n$Line" } else { $part }
            })
        Get-UpwardCalls $planted | Should -BeExactly "part Private/Session.ps1, line 3, uses $Says, which comes later"
    }

    It '<Name> says in its first comment what it is for' -ForEach $files {
        # Usings, then a comment of its own: not that of its first function.
        [IO.File]::ReadAllText($Path).Replace("`r`n", "`n") | Should -Match '\A(using namespace [\w.]+\n)*\n?(# .+\n|#\n)+\n'
    }
}
