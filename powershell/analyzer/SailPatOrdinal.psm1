# Rules for PSScriptAnalyzer: text is compared, read and written alike on every machine. In Turkish and Azeri FIND is
# not find for -like, -match and Sort-Object; in Thai and Arabic a date is written with the years of another calendar;
# LastIndexOf finds nothing, or too much; and -eq takes "a", a zero-width joiner and "b" for "ab" where ICU is there.
# A place that means it says why: a comment `# Culture: ...` in its first line, or in the line above.
#   Invoke-ScriptAnalyzer -Path powershell/SailPat -Recurse -CustomRulePath powershell/analyzer/SailPatOrdinal.psm1
using namespace System.Management.Automation.Language

Set-StrictMode -Version Latest

# A rule is called for the script and for each block in it: the script alone is walked, once, in whole.
function Get-Found([ScriptBlockAst]$Script, [scriptblock]$IsWrong, [string]$Message, [string]$Rule) {
    if ($null -ne $Script.Parent) { return }
    $excused = Get-ExcusedLine $Script.Extent.StartScriptPosition.GetFullScript()
    foreach ($found in $Script.FindAll($IsWrong, $true)) {
        if ($excused.Contains($found.Extent.StartLineNumber)) { continue }
        [Microsoft.Windows.PowerShell.ScriptAnalyzer.Generic.DiagnosticRecord]@{
            Message = "$Message Or say why in a comment '# Culture: ...'."
            Extent = $found.Extent; RuleName = $Rule; Severity = 'Warning'
        }
    }
}

# The lines of comments that give a reason, and those below them.
function Get-ExcusedLine([string]$Text) {
    $tokens = $null
    [void][Parser]::ParseInput($Text, [ref]$tokens, [ref]$null)
    $lines = [System.Collections.Generic.HashSet[int]]::new()
    foreach ($token in $tokens) {
        if ($token.Kind -ne [TokenKind]::Comment -or $token.Text -cnotmatch '^#\s*Culture: \S+ \S') { continue }
        [void]$lines.Add($token.Extent.StartLineNumber)
        [void]$lines.Add($token.Extent.StartLineNumber + 1)
    }
    , $lines
}

# A fixed text, or nothing.
function Get-FixedText($Ast) {
    while ($Ast -is [ParenExpressionAst] -and $Ast.Pipeline -is [PipelineAst] -and
        $Ast.Pipeline.PipelineElements[0] -is [CommandExpressionAst]) {
        $Ast = $Ast.Pipeline.PipelineElements[0].Expression
    }
    if ($Ast -is [StringConstantExpressionAst]) { $Ast.Value }
}

# Whether a pattern may mean something else in another culture; one that is not fixed may. Letters that only name a
# class, a group or a character are none.
function Test-Letters($Ast) {
    $text = Get-FixedText $Ast
    if ($null -eq $text) { return $true }
    [regex]::Replace($text, '\\u[0-9a-fA-F]{4}|\\[pP]\{\w+\}|\\[a-zA-Z]|\(\?<\w+>', '') -cmatch '\p{L}'
}

# The pattern of -replace and -split is the first of several operands.
function Get-Pattern([BinaryExpressionAst]$Ast) { if ($Ast.Right -is [ArrayLiteralAst]) { $Ast.Right.Elements[0] } else { $Ast.Right } }

function Test-Parameter([CommandAst]$Command, [string[]]$Names) {
    foreach ($element in $Command.CommandElements) {
        if ($element -is [CommandParameterAst] -and
            $Names.Where({ $_.StartsWith($element.ParameterName, [StringComparison]::OrdinalIgnoreCase) })) {
            return $true
        }
    }
    $false
}

function Test-Named($Ast, [string[]]$Names) { $Ast -is [CommandAst] -and "$($Ast.GetCommandName())" -in $Names }

# Whether an argument says how: a culture or a way of comparing.
function Test-Way([InvokeMemberExpressionAst]$Call) {
    "$($Call.Arguments)" -cmatch 'InvariantCulture|Ordinal|StringComparison|CompareOptions|\$culture\b'
}

function Test-Static($Call, [string]$Types) {
    $Call.Static -and $Call.Expression -is [TypeExpressionAst] -and $Call.Expression.TypeName.Name -match "^(System\.)?($Types)$"
}

<#
.DESCRIPTION
Wildcards follow the culture: -like, switch -Wildcard, Where-Object -Like, WildcardPattern without CultureInvariant.
#>
function Measure-CultureWildcard {
    [CmdletBinding()]
    [OutputType([Microsoft.Windows.PowerShell.ScriptAnalyzer.Generic.DiagnosticRecord[]])]
    param([Parameter(Mandatory)] [ScriptBlockAst]$ScriptBlockAst)
    Get-Found $ScriptBlockAst {
        param($ast)
        if ($ast -is [BinaryExpressionAst] -and $ast.Operator -in 'Ilike', 'Inotlike') { return Test-Letters $ast.Right }
        if ($ast -is [SwitchStatementAst] -and $ast.Flags.HasFlag([SwitchFlags]::Wildcard)) {
            return -not $ast.Flags.HasFlag([SwitchFlags]::CaseSensitive) -and $ast.Clauses.Where({ Test-Letters $_.Item1 }).Count -gt 0
        }
        if (Test-Named $ast 'Where-Object', 'where', '?') { return Test-Parameter $ast 'Like', 'NotLike' }
        $ast -is [InvokeMemberExpressionAst] -and (Test-Static $ast '(Management\.Automation\.)?WildcardPattern') -and
            "$($ast.Member)" -in 'new', 'Get' -and "$($ast.Arguments)" -cnotmatch 'CultureInvariant'
    } 'Wildcards follow the culture: use -clike, or [WildcardPattern]::Get with IgnoreCase and CultureInvariant.' 'Measure-CultureWildcard'
}

<#
.DESCRIPTION
Regular expressions that ignore the case do it as the culture does; \d is a digit of any script.
#>
function Measure-CultureRegex {
    [CmdletBinding()]
    [OutputType([Microsoft.Windows.PowerShell.ScriptAnalyzer.Generic.DiagnosticRecord[]])]
    param([Parameter(Mandatory)] [ScriptBlockAst]$ScriptBlockAst)
    Get-Found $ScriptBlockAst {
        param($ast)
        if ($ast -is [BinaryExpressionAst] -and "$($ast.Operator)" -cmatch '^[IC](match|notmatch|replace|split)$') {
            return ("$($ast.Operator)"[0] -ceq 'I' -and (Test-Letters (Get-Pattern $ast))) -or
                "$(Get-FixedText (Get-Pattern $ast))" -cmatch '\\d'
        }
        if ($ast -is [SwitchStatementAst] -and $ast.Flags.HasFlag([SwitchFlags]::Regex)) {
            return -not $ast.Flags.HasFlag([SwitchFlags]::CaseSensitive) -and $ast.Clauses.Where({ Test-Letters $_.Item1 }).Count -gt 0
        }
        if ($ast -is [AttributeAst] -and $ast.TypeName.Name -in 'ValidatePattern', 'ValidatePatternAttribute') {
            return "$($ast.NamedArguments)" -cnotmatch 'CultureInvariant|None' -and (Test-Letters $ast.PositionalArguments[0])
        }
        if (Test-Named $ast 'Where-Object', 'where', '?') { return Test-Parameter $ast 'Match', 'NotMatch' }
        if (Test-Named $ast 'Select-String', 'sls') { return -not (Test-Parameter $ast 'CaseSensitive', 'Culture') }
        if ($ast -isnot [InvokeMemberExpressionAst] -or -not (Test-Static $ast '(Text\.RegularExpressions\.)?Regex')) { return $false }
        $given = "$($ast.Arguments)"
        $given -cmatch '\\d' -or ($given -cmatch 'IgnoreCase|\(\?[a-z]*i' -and $given -cnotmatch 'CultureInvariant')
    } ('A regular expression that ignores the case follows the culture, and \d is a digit of any script: use -cmatch, -creplace, -csplit ' +
        'and [0-9], or CultureInvariant.') 'Measure-CultureRegex'
}

<#
.DESCRIPTION
Methods of text that follow the culture unless they are told how to compare.
#>
function Measure-CultureMethod {
    [CmdletBinding()]
    [OutputType([Microsoft.Windows.PowerShell.ScriptAnalyzer.Generic.DiagnosticRecord[]])]
    param([Parameter(Mandatory)] [ScriptBlockAst]$ScriptBlockAst)
    Get-Found $ScriptBlockAst {
        param($ast)
        if ($ast -isnot [InvokeMemberExpressionAst]) { return $false }
        $name = "$($ast.Member)"
        $count = @($ast.Arguments).Where({ $null -ne $_ }).Count
        if ($name -in 'ToLower', 'ToUpper') { return -not $ast.Static -and $count -eq 0 }
        if ($name -in 'Compare', 'CompareOrdinal') { return (Test-Static $ast 'string') -and $name -eq 'Compare' -and -not (Test-Way $ast) }
        if ($ast.Static -or $name -notin 'IndexOf', 'LastIndexOf', 'StartsWith', 'EndsWith', 'CompareTo') { return $false }
        # A single character is found as it is, and so is what no text holds.
        $count -gt 0 -and "$($ast.Arguments[0])" -cnotmatch '^\[char\]' -and -not (Test-Way $ast)
    } 'This follows the culture: use ToLowerInvariant and ToUpperInvariant, or give a StringComparison.' 'Measure-CultureMethod'
}

<#
.DESCRIPTION
Numbers and dates that are read or written as the culture has them.
#>
function Measure-CultureFormat {
    [CmdletBinding()]
    [OutputType([Microsoft.Windows.PowerShell.ScriptAnalyzer.Generic.DiagnosticRecord[]])]
    param([Parameter(Mandatory)] [ScriptBlockAst]$ScriptBlockAst)
    Get-Found $ScriptBlockAst {
        param($ast)
        if ($ast -is [BinaryExpressionAst] -and $ast.Operator -eq 'Format') {
            $format = Get-FixedText $ast.Left
            return $null -eq $format -or $format -cmatch '\{[0-9]+(,-?[0-9]+)?:(?![xX][0-9]*\})'
        }
        if (Test-Named $ast 'Get-Date') { return Test-Parameter $ast 'Format', 'UFormat' }
        if ($ast -isnot [InvokeMemberExpressionAst]) { return $false }
        $name = "$($ast.Member)"
        if ($name -in 'Parse', 'TryParse', 'ParseExact', 'TryParseExact') {
            $numbers = 'u?int(16|32|64)?|u?long|u?short|s?byte|double|single|float|decimal|bigint'
            $times = 'datetime|DateTimeOffset|DateOnly|TimeOnly|timespan'
            return (Test-Static $ast "$numbers|$times") -and -not (Test-Way $ast)
        }
        if ($name -ceq 'Format') { return (Test-Static $ast 'string') -and -not (Test-Way $ast) }
        if ($name -cmatch '^To(Short|Long)(Date|Time)String$') { return $true }
        if ($name -ceq 'AppendFormat') { return -not (Test-Way $ast) }
        if ($name -cne 'ToString' -or $ast.Static -or @($ast.Arguments).Count -ne 1 -or $null -eq $ast.Arguments) { return $false }
        # These formats are the same everywhere.
        "$(Get-FixedText $ast.Arguments[0])" -cnotmatch '^([oOrRsu]|[xX][0-9]*)$' -and -not (Test-Way $ast)
    } 'This follows the culture, with its calendar and its signs: give [cultureinfo]::InvariantCulture.' 'Measure-CultureFormat'
}

<#
.DESCRIPTION
Commands that order or group text as the culture does.
#>
function Measure-CultureOrder {
    [CmdletBinding()]
    [OutputType([Microsoft.Windows.PowerShell.ScriptAnalyzer.Generic.DiagnosticRecord[]])]
    param([Parameter(Mandatory)] [ScriptBlockAst]$ScriptBlockAst)
    Get-Found $ScriptBlockAst {
        param($ast)
        if (Test-Named $ast 'Sort-Object', 'sort', 'Group-Object', 'group', 'Compare-Object', 'compare', 'diff') {
            return -not (Test-Parameter $ast 'Culture')
        }
        if (Test-Named $ast 'Select-Object', 'select') { return Test-Parameter $ast 'Unique' }
        Test-Named $ast 'Get-Unique', 'gu'
    } 'This orders or groups as the culture does: give -Culture '''', or use a SortedSet or a HashSet with an ordinal comparer.' `
        'Measure-CultureOrder'
}

<#
.DESCRIPTION
-eq and its kin compare two texts by the invariant culture, which overlooks what is invisible. With a fixed word on one side they may stay.
#>
function Measure-CultureEquality {
    [CmdletBinding()]
    [OutputType([Microsoft.Windows.PowerShell.ScriptAnalyzer.Generic.DiagnosticRecord[]])]
    param([Parameter(Mandatory)] [ScriptBlockAst]$ScriptBlockAst)
    Get-Found $ScriptBlockAst {
        param($ast)
        if ($ast -isnot [BinaryExpressionAst] -or "$($ast.Operator)" -cnotmatch '^[IC](eq|ne|in|notin|contains|notcontains)$') {
            return $false
        }
        -not (Test-Fixed $ast.Left) -and -not (Test-Fixed $ast.Right)
    } ('Two texts are equal by the invariant culture, which overlooks what is invisible: use [string]::Equals, with OrdinalIgnoreCase ' +
        'where the case does not count.') 'Measure-CultureEquality'
}

# A word, number, type, member of a type or count, or a list of such.
function Test-Fixed($Ast) {
    if ($Ast -is [ConstantExpressionAst] -or $Ast -is [TypeExpressionAst]) { return $true }
    if ($Ast -is [ParenExpressionAst]) {
        return $Ast.Pipeline -is [PipelineAst] -and $Ast.Pipeline.PipelineElements[0] -is [CommandExpressionAst] -and
            (Test-Fixed $Ast.Pipeline.PipelineElements[0].Expression)
    }
    if ($Ast -is [ArrayLiteralAst]) { return -not $Ast.Elements.Where({ -not (Test-Fixed $_) }) }
    if ($Ast -is [UnaryExpressionAst]) { return Test-Fixed $Ast.Child }
    if ($Ast -is [VariableExpressionAst]) { return "$($Ast.VariablePath)" -in 'null', 'true', 'false' }
    $Ast -is [MemberExpressionAst] -and
        ($Ast.Static -or ("$($Ast.Member)" -in 'Count', 'Length' -and $Ast -isnot [InvokeMemberExpressionAst]))
}

<#
.DESCRIPTION
The session's own culture, by its name.
#>
function Measure-CultureOfSession {
    [CmdletBinding()]
    [OutputType([Microsoft.Windows.PowerShell.ScriptAnalyzer.Generic.DiagnosticRecord[]])]
    param([Parameter(Mandatory)] [ScriptBlockAst]$ScriptBlockAst)
    Get-Found $ScriptBlockAst {
        param($ast)
        if ($ast -is [VariableExpressionAst]) { return "$($ast.VariablePath)" -in 'PSCulture', 'PSUICulture' }
        if (Test-Named $ast 'Get-Culture', 'Get-UICulture') { return $true }
        $ast -is [MemberExpressionAst] -and $ast.Static -and "$($ast.Member)" -cmatch '^Current(UI)?Culture'
    } 'This is the session''s culture: use InvariantCulture or Ordinal.' 'Measure-CultureOfSession'
}

Export-ModuleMember -Function Measure-*
