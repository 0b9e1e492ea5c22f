using namespace System.Management.Automation.Language

# Joins the parts of a laid out module into its one SailPat.psm1, for packaging: people write and read the parts. It is
# the same script, which PowerShell reads in less time: one file, without the comments that are not help, and with the
# full names of types in place of `using namespace` (a short name is looked for in every assembly, namespace by
# namespace). A test compares the functions, classes and help of both (Joined.Tests.ps1).
param(
    # The folder with SailPat.psm1, Private and Public: a copy of the sources, whose parts go.
    [Parameter(Mandatory)][string]$Module
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
# Types that the parts name and that no command here has loaded.
foreach ($assembly in 'Newtonsoft.Json', 'Microsoft.PowerShell.Commands.Utility', 'System.Net.Http') {
    [void][Reflection.Assembly]::Load($assembly)
}
$accelerators = [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')::Get

# A part as the parser sees it. A class of another part is not known to it; that is the only error allowed.
function Read-Part([string]$Path) {
    $tokens = $problems = $null
    $text = [IO.File]::ReadAllText($Path).Replace("`r`n", "`n")
    $tree = [Parser]::ParseInput($text, $Path, [ref]$tokens, [ref]$problems)
    $bad = @($problems | Where-Object ErrorId -CNE 'TypeNotFound')
    if ($bad) { throw "$Path does not parse: $($bad[0].Message)" }
    @{
        Path = $Path
        Text = $text
        Tree = $tree
        Tokens = $tokens
        Usings = @($tree.UsingStatements | ForEach-Object { $_.Extent.Text }) -join "`n"
        Edits = [System.Collections.Generic.List[object]]::new()
    }
}

function Add-Edit($Part, [int]$From, [int]$To, [string]$Text) { $Part.Edits.Add(@{ From = $From; To = $To; Text = $Text }) }

# The type that a name in a part stands for, found by PowerShell itself; nothing for a class of the module.
function Find-Type($Part, [string]$Name) {
    try { & ([scriptblock]::Create("$($Part.Usings)`n[$Name]")) }
    catch { if ($_.FullyQualifiedErrorId -cnotin 'TypeNotFound', 'TypeNotFoundWithMessage') { throw } }
}

# The simple names within a type's name: those of its elements and arguments are names of their own.
function Get-SimpleNames($TypeName, [bool]$IsAttribute) {
    if ($TypeName -is [ArrayTypeName]) { return Get-SimpleNames $TypeName.ElementType $IsAttribute }
    if ($TypeName -isnot [GenericTypeName]) { return @{ Name = $TypeName; Arguments = 0; IsAttribute = $IsAttribute } }
    @{ Name = $TypeName.TypeName; Arguments = $TypeName.GenericArguments.Count; IsAttribute = $IsAttribute }
    foreach ($argument in $TypeName.GenericArguments) { Get-SimpleNames $argument $false }
}

function Get-FullName($Part, $Simple) {
    $name = $Simple.Name.FullName
    if ($Simple.Arguments) {
        # Some take classes alone, some none.
        foreach ($any in 'object', 'int') {
            $type = Find-Type $Part "$name[$(@($any) * $Simple.Arguments -join ', ')]"
            if ($null -ne $type) { break }
        }
        if ($null -eq $type) { throw "$($Part.Path): there is no type $name of $($Simple.Arguments) others." }
        return $type.GetGenericTypeDefinition().FullName -replace '`\d+$'
    }
    # PowerShell's own words, of which some mean more than a type, are the fastest to find.
    if ($accelerators.ContainsKey($name) -or $name -ceq 'ordered' -or $classes.Contains($name)) { return $name }
    $type = if ($Simple.IsAttribute) { Find-Type $Part "${name}Attribute" }
    if ($null -eq $type) { $type = Find-Type $Part $name }
    if ($null -eq $type) { throw "$($Part.Path): there is no type $name." }
    $type.FullName
}

function Expand-TypeNames($Part) {
    $named = $Part.Tree.FindAll({ $args[0] -is [TypeExpressionAst] -or $args[0] -is [AttributeBaseAst] }, $true)
    foreach ($node in $named) {
        # What is replaced as a whole needs no change within.
        if ($Part.Edits.Where({ $_.From -le $node.Extent.StartOffset -and $_.To -ge $node.Extent.EndOffset }, 'First')) { continue }
        foreach ($simple in Get-SimpleNames $node.TypeName ($node -is [AttributeAst])) {
            $full = Get-FullName $Part $simple
            if ($full -cne $simple.Name.FullName) { Add-Edit $Part $simple.Name.Extent.StartOffset $simple.Name.Extent.EndOffset $full }
        }
    }
}

# Takes something out, and its line where it is alone there.
function Remove-Extent($Part, $Extent) {
    $from = $Part.Text.LastIndexOf([char]"`n", [Math]::Max($Extent.StartOffset - 1, 0)) + 1
    $to = $Extent.EndOffset
    if ($Part.Text.Substring($from, $Extent.StartOffset - $from).Trim().Length) { $from = $Extent.StartOffset }
    elseif ($to -lt $Part.Text.Length -and $Part.Text[$to] -ceq "`n") { $to++ }
    Add-Edit $Part $from $to ''
}

# A part's statements, ready to stand in the joined file. Of its comments only help stays.
function Get-JoinedText($Part) {
    foreach ($using in $Part.Tree.UsingStatements) { Remove-Extent $Part $using.Extent }
    foreach ($token in $Part.Tokens.Where({ $_.Kind -eq [TokenKind]::Comment -and $_.Text -cnotmatch '^<#\s*\.SYNOPSIS' })) {
        Remove-Extent $Part $token.Extent
    }
    Expand-TypeNames $Part
    $text = [Text.StringBuilder]::new($Part.Text)
    foreach ($edit in $Part.Edits | Sort-Object -Property { $_.From } -Descending) {
        [void]$text.Remove($edit.From, $edit.To - $edit.From).Insert($edit.From, $edit.Text)
    }
    $text.ToString().Trim() + "`n"
}

# The files that a statement of SailPat.psm1 brings in, one by one or in a loop over their names.
function Get-DottedFiles($Statement) {
    $dot = $Statement.Find({ $args[0] -is [CommandAst] -and $args[0].InvocationOperator -eq [TokenKind]::Dot }, $true)
    if ($null -eq $dot) { return }
    $words = @($dot.FindAll({ $args[0] -is [StringConstantExpressionAst] -and $args[0].StringConstantType -ne 'BareWord' }, $true).Value)
    if ($Statement -isnot [ForEachStatementAst]) { return [IO.Path]::Combine([string[]](@($Module) + $words)) }
    foreach ($name in $Statement.Condition.FindAll({ $args[0] -is [StringConstantExpressionAst] }, $true).Value) {
        [IO.Path]::Combine($Module, $words[0], "$name.ps1")
    }
}

# With one kind of separators, for paths are compared below.
$Module = [IO.Path]::GetFullPath($Module, $PWD.ProviderPath)
$head = Read-Part ([IO.Path]::Combine($Module, 'SailPat.psm1'))
$order = foreach ($statement in $head.Tree.EndBlock.Statements) { @{ Statement = $statement; Files = @(Get-DottedFiles $statement) } }
$parts = foreach ($path in $order.Files) { Read-Part $path }
$here = @(Get-ChildItem ([IO.Path]::Combine($Module, 'Private')), ([IO.Path]::Combine($Module, 'Public')) -Filter *.ps1)
$forgotten = @($here.FullName).Where({ $_ -cnotin $parts.Path })
if ($forgotten) { throw "SailPat.psm1 brings in no $forgotten." }
$defined = foreach ($part in $parts) { $part.Tree.FindAll({ $args[0] -is [TypeDefinitionAst] }, $true) | ForEach-Object Name }
$classes = [System.Collections.Generic.HashSet[string]]::new([string[]]$defined, [StringComparer]::OrdinalIgnoreCase)

# The parts come where SailPat.psm1 brings them in, each under its name.
$brought = $order.Where({ $_.Files })
foreach ($row in $brought) {
    $row.Text = foreach ($part in $parts.Where({ $_.Path -cin $row.Files })) {
        "# $([IO.Path]::GetRelativePath($Module, $part.Path).Replace('\', '/'))`n$(Get-JoinedText $part)"
    }
    Add-Edit $head $row.Statement.Extent.StartOffset $row.Statement.Extent.EndOffset "`n$($row.Text -join "`n")"
}
$written = "# Joined from the parts in the sources, each under its name, by join.ps1 there: change those.`n$(Get-JoinedText $head)"
$problems = $null
[void][Parser]::ParseInput($written, [ref]$null, [ref]$problems)
if ($problems) { throw "The joined module does not parse, line $($problems[0].Extent.StartLineNumber): $($problems[0].Message)" }
[IO.File]::WriteAllText($head.Path, $written)
foreach ($folder in 'Private', 'Public') { [IO.Directory]::Delete([IO.Path]::Combine($Module, $folder), $true) }
