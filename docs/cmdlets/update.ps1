# Writes the pages of this folder from the commands' own help with platyPS: run it after a change of the help. A test
# compares (Help.Tests.ps1). One page serves a command under all its names. SAILPAT_MODULES may name a folder that has
# Microsoft.PowerShell.PlatyPS.
param(
    # SailPat.psd1; the module needs no native library for this.
    [string]$Module = "$PSScriptRoot/../../powershell/SailPat/SailPat.psd1",
    # Where the pages go; pages of commands that are gone are deleted there.
    [string]$Folder = $PSScriptRoot
)
# platyPS reads properties that are not always there.
Set-StrictMode -Off
$ErrorActionPreference = 'Stop'
if ($env:SAILPAT_MODULES) { $env:PSModulePath = $env:SAILPAT_MODULES + [IO.Path]::PathSeparator + $env:PSModulePath }
Import-Module Microsoft.PowerShell.PlatyPS -MinimumVersion 1.0
Import-Module $Module -Force -DisableNameChecking

# By code: a culture's order would make pages that differ from machine to machine.
function Get-Sorted($Items, [scriptblock]$Key) {
    $sorted = [Collections.Generic.SortedDictionary[string, object]]::new([StringComparer]::Ordinal)
    foreach ($item in $Items) { $sorted[(& $Key $item)] = $item }
    $sorted.Values
}

# Commands of the other versions are the same functions under other names; a page is called by the first of them.
$order = @(& { . "$PSScriptRoot/../../powershell/SailPat/Private/Versions.ps1"; $script:ApiVersions.Prefix | Select-Object -Unique })
$commands = Get-Sorted (Get-Command -Module SailPat) {
    param($command)
    "$([array]::IndexOf($order, @($order | Where-Object { $command.Name -match "-$_" })[0])) $($command.Name)"
}
$groups = @(Get-Sorted ($commands | Group-Object { $_.ScriptBlock.Ast.Name }) { param($group) $group.Group[0].Name })
$pages = @{}
foreach ($group in $groups) { foreach ($command in $group.Group) { $pages[$command.Name] = "$($group.Group[0].Name).md" } }

function Get-Address([string]$Name) {
    if ($pages.ContainsKey($Name)) { $pages[$Name] } else { "../../powershell/SailPat/en-US/$Name.help.txt" }
}

# What platyPS leaves to be filled in by hand, and what would differ from day to day and from machine to machine.
function Complete-Page($Page, $Group) {
    $Page.Locale = 'en-US'
    $Page.Metadata['Locale'] = 'en-US'
    foreach ($name in 'ms.date', 'external help file') { $Page.Metadata.Remove($name) }
    $others = @($Group.Group.Name | Select-Object -Skip 1)
    $Page.Aliases = if ($others) { "The same command under its other names:`n`n" + (($others -replace '^', '- ') -join "`n") }
    else { 'None.' }
    foreach ($type in @($Page.Inputs) + @($Page.Outputs)) { $type.Description = '' }
    foreach ($link in $Page.RelatedLinks) { $link.Uri = Get-Address $link.LinkText }
    # platyPS joins code and words.
    $examples = @((Get-Help $Group.Group[0].Name -Full).examples.example)
    for ($number = 0; $number -lt $examples.Count; $number++) {
        $Page.Examples[$number].Remarks =
            "``````powershell`n$($examples[$number].code.Trim())`n```````n`n$((-join $examples[$number].remarks.Text).Trim())"
    }
}

function Get-Index {
    $rows = foreach ($group in $groups) {
        "| [$($group.Group[0].Name)]($($pages[$group.Group[0].Name])) | $((Get-Help $group.Group[0].Name).Synopsis.Trim()) |"
    }
    $topics = foreach ($file in [IO.Directory]::GetFiles("$PSScriptRoot/../../powershell/SailPat/en-US", '*.help.txt')) {
        [IO.Path]::GetFileName($file) -replace '\.help\.txt$'
    }
    $topics = foreach ($name in Get-Sorted $topics { $args[0] }) { "- [$name]($(Get-Address $name))" }
    $names = foreach ($name in Get-Sorted $pages.Keys { $args[0] }) { "| $name | [$($pages[$name] -replace '\.md$')]($($pages[$name])) |" }
    @(
        '# Commands'
        'Written from the commands'' own help by [update.ps1](update.ps1). `Get-Help NAME -Full` says the same in PowerShell for every ' +
            'name, and `Get-Help about_SailPat` is where to begin.'
        'In the examples, `https://tenant.api.identitynow.com` stands for a tenant, `ef38f94347e94562b5bb8424a56397d8` for the id of a ' +
            'token, `2c9180a46faadee4016fb4e018c20639` for the id of an identity, and `$token` for a token that was made or listed ' +
            'before. The tests put real ones in their place and run every example.'
        "| command | |`n|---|---|`n$($rows -join "`n")"
        "## Topics`n`n$($topics -join "`n")"
        "## Every name`n`n| name | page |`n|---|---|`n$($names -join "`n")"
    ) -join "`n`n"
}

$culture = [cultureinfo]::CurrentCulture
$made = [IO.Directory]::CreateTempSubdirectory('sailpat-pages-').FullName
try {
    [cultureinfo]::CurrentCulture = [cultureinfo]::InvariantCulture
    foreach ($group in $groups) {
        $page = $group.Group[0] | New-CommandHelp
        Complete-Page $page $group
        [void](Export-MarkdownCommandHelp $page -OutputFolder $made)
    }
    foreach ($old in [IO.Directory]::GetFiles($Folder, '*.md')) { [IO.File]::Delete($old) }
    # Lines without blanks at their ends, one line end, whatever the machine's.
    $write = { param($name, $text) [IO.File]::WriteAllText("$Folder/$name", ($text -replace '[ \t]*\r?\n', "`n").TrimEnd() + "`n") }
    foreach ($file in [IO.Directory]::GetFiles("$made/SailPat", '*.md')) {
        & $write ([IO.Path]::GetFileName($file)) ([IO.File]::ReadAllText($file))
    }
    & $write 'README.md' (Get-Index)
}
finally {
    [cultureinfo]::CurrentCulture = $culture
    [IO.Directory]::Delete($made, $true)
}
