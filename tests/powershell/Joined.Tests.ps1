# The one script that ships is the parts that people write: the same functions, classes and help, under full names.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    $join = [IO.Path]::GetFullPath("$PSScriptRoot/../../powershell/join.ps1")
    $joined = "$TestDrive/SailPat"
    Copy-Item $script:SourcePath $joined -Recurse
    & $join -Module $joined

    function Read-Tree([string]$Path) { [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref]$null, [ref]$null) }
    # Every node of a kind in the parts, or in the one script, by its name.
    function Get-Named([string]$Folder, [string]$Kind) {
        $type = "System.Management.Automation.Language.$Kind" -as [type]
        $named = [System.Collections.Generic.Dictionary[string, object]]::new([StringComparer]::Ordinal)
        foreach ($file in Get-ChildItem $Folder -Recurse -Include *.ps1, *.psm1) {
            foreach ($node in (Read-Tree $file.FullName).FindAll({ $args[0] -is $type }, $true)) {
                if ($node.Parent -isnot [System.Management.Automation.Language.FunctionMemberAst]) { $named.Add($node.Name, $node) }
            }
        }
        $named
    }
    # What a piece of script does: its words without comments, line breaks and the names of namespaces.
    function Get-Words($Node) {
        $tokens = $null
        [void][System.Management.Automation.Language.Parser]::ParseInput($Node.Extent.Text.Replace("`r`n", "`n"), [ref]$tokens, [ref]$null)
        $words = foreach ($token in $tokens) {
            if ("$($token.Kind)" -cin 'Comment', 'NewLine', 'EndOfInput') { continue }
            if ("$($token.TokenFlags)" -cmatch 'TypeName|AttributeName') {
                $token.Text -replace '^([\w]+\.)+' -replace 'Attribute$' | ForEach-Object ToLowerInvariant
            }
            # A type in a text, and one that is caught.
            else { [regex]::Replace($token.Text, '(?<=\[)([\w]+\.)*\w+', { ($args[0].Value -replace '^([\w]+\.)+').ToLowerInvariant() }) }
        }
        $words -join ' '
    }
    $functions = @{ Parts = Get-Named $script:SourcePath FunctionDefinitionAst; Joined = Get-Named $joined FunctionDefinitionAst }
    $classes = @{ Parts = Get-Named $script:SourcePath TypeDefinitionAst; Joined = Get-Named $joined TypeDefinitionAst }
}

Describe 'The joined module' {
    It 'is one script that parses without an error' {
        @(Get-ChildItem $joined -Recurse -Include *.ps1, *.psm1).Name | Should -Be 'SailPat.psm1'
        $problems = $null
        [void][System.Management.Automation.Language.Parser]::ParseFile("$joined/SailPat.psm1", [ref]$null, [ref]$problems)
        $problems | Should -BeNullOrEmpty
    }

    It 'has the functions of the parts, word for word, and their parameters' {
        $functions.Parts.Count | Should -BeGreaterThan 150
        Compare-Object @($functions.Parts.Keys) @($functions.Joined.Keys) | Should -BeNullOrEmpty
        foreach ($name in $functions.Parts.Keys) {
            if ((Get-Words $functions.Joined[$name]) -cne (Get-Words $functions.Parts[$name])) {
                throw "$name is another function in the joined module."
            }
        }
    }

    It 'has the classes of the parts with their members, word for word' {
        $classes.Parts.Count | Should -BeGreaterThan 30
        Compare-Object @($classes.Parts.Keys) @($classes.Joined.Keys) | Should -BeNullOrEmpty
        foreach ($name in $classes.Parts.Keys) {
            @($classes.Joined[$name].Members | ForEach-Object Name) -join ' ' |
                Should -BeExactly (@($classes.Parts[$name].Members | ForEach-Object Name) -join ' ')
            if ((Get-Words $classes.Joined[$name]) -cne (Get-Words $classes.Parts[$name])) {
                throw "$name is another class in the joined module."
            }
        }
    }

    It 'has the help of the parts' {
        $helped = 0
        foreach ($name in $functions.Parts.Keys) {
            $help = $functions.Parts[$name].GetHelpContent()
            if ($null -eq $help) { continue }
            $helped++
            $functions.Joined[$name].GetHelpContent().GetCommentBlock() | Should -BeExactly $help.GetCommentBlock()
        }
        $helped | Should -BeGreaterThan 25
    }

    It 'brings no namespace in, names types in full, and keeps no comment but help and the names of parts' {
        $text = [IO.File]::ReadAllText("$joined/SailPat.psm1")
        $text | Should -Not -Match '(?m)^using '
        $tree = Read-Tree "$joined/SailPat.psm1"
        $short = foreach ($node in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.TypeExpressionAst] }, $true)) {
            if ("$($node.TypeName)" -cin 'JsonSerializer', 'IDictionary', 'Text.Encoding', 'IO.Path') { "$($node.TypeName)" }
        }
        $short | Should -BeNullOrEmpty
        $tokens = $null
        [void][System.Management.Automation.Language.Parser]::ParseInput($text, [ref]$tokens, [ref]$null)
        foreach ($token in $tokens.Where({ $_.Kind -eq 'Comment' })) {
            $token.Text | Should -Match '^(# (Private|Public)/\w+\.ps1$|# Joined from |<#\s*\.SYNOPSIS)'
        }
    }
}

Describe 'Joining' {
    It 'refuses a part that SailPat.psm1 does not bring in' {
        Copy-Item $script:SourcePath "$TestDrive/forgotten" -Recurse
        [IO.File]::WriteAllText("$TestDrive/forgotten/Private/Forgotten.ps1", 'function Get-Forgotten { }')
        { & $join -Module "$TestDrive/forgotten" } | Should -Throw '*brings in no *Forgotten.ps1*'
    }

    It 'refuses a part that does not parse, and a type that is not there' -ForEach @(
        @{ Line = 'function Get-Half {'; Says = '*TerminalText.ps1 does not parse*' }
        @{ Line = 'function Get-Odd { [NoSuchType]::new() }'; Says = '*TerminalText.ps1: there is no type NoSuchType*' }
    ) {
        if (Test-Path "$TestDrive/broken") { Remove-Item "$TestDrive/broken" -Recurse }
        Copy-Item $script:SourcePath "$TestDrive/broken" -Recurse
        [IO.File]::AppendAllText("$TestDrive/broken/Private/TerminalText.ps1", "`n$Line")
        { & $join -Module "$TestDrive/broken" } | Should -Throw $Says
    }
}
