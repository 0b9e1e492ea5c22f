# Writes the pages of this folder from the commands' own help, so that neither can say something
# else than the other: run it after a change of the help. A test compares (Help.Tests.ps1).
# One page serves a command in all API versions.
param(
    # SailPat.psd1; the module needs no native library for this.
    [string]$Module = "$PSScriptRoot/../../powershell/SailPat/SailPat.psd1",
    # Where the pages go; pages of commands that are gone are deleted there.
    [string]$Folder = $PSScriptRoot
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module $Module -Force -DisableNameChecking

# Which part of the index the commands of a file of the module belong to.
$parts = [ordered]@{
    SailPat = 'Commands for people'
    Rotation = 'Rotation'
    PersonalAccessTokens = 'Documented commands'
    Configuration = 'Settings'
    Doctor = 'Looking for what is wrong'
    Profiles = 'Many tenants'
    Log = 'The change log'
    Models = 'Helpers for requests and replies'
}

# Commands of the other versions are the same functions under other names; this is the name that
# the function was written with. Two helpers are written twice, because v2025 added a field.
function Get-PageName($Command) {
    $Command.ScriptBlock.Ast.Name -replace 'V2025', 'V2024' -replace 'JsonToPersonalAccessTokenModel$', 'JsonToModel'
}

# Help text as Markdown: what is indented is a table, and stays as it is.
function ConvertTo-Markdown([string[]]$Text) {
    $paragraphs = ($Text -join "`n").Trim("`r", "`n") -split '\r?\n[ \t]*\r?\n'
    $written = foreach ($paragraph in $paragraphs) {
        $body = ($paragraph -split '\r?\n' | ForEach-Object TrimEnd) -join "`n"
        if ($body.StartsWith('  ')) { "``````text`n$body`n``````" } else { $body.Trim().Replace('<', '\<') }
    }
    $written -join "`n`n"
}

function Get-OwnParameters($Command) {
    $shared = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    $Command.Parameters.Values | Where-Object Name -NotIn $shared
}

# What is not in the description: type, place, pipeline, other spellings, values.
function Get-ParameterFacts($Parameter, $Help) {
    $binding = @($Parameter.Attributes | Where-Object { $_ -is [Parameter] })
    $type = [Nullable]::GetUnderlyingType($Parameter.ParameterType)
    "``[$([Microsoft.PowerShell.ToStringCodeMethods]::Type($(if ($type) { $type } else { $Parameter.ParameterType })))]``"
    if ($binding.Mandatory -contains $true) { 'mandatory' }
    $places = @($binding | Where-Object Position -GE 0)
    if ($places) { "position $($places[0].Position)" }
    $ways = @(if ($binding.ValueFromPipeline -contains $true) { 'by value' }; if ($binding.ValueFromPipelineByPropertyName -contains $true) { 'by property name' })
    if ($ways) { "from the pipeline $($ways -join ' and ')" }
    if ($Help.defaultValue -and $Parameter.ParameterType -ne [switch]) { "default $($Help.defaultValue)" }
    if ($Parameter.Aliases.Count) { "also -$($Parameter.Aliases -join ', -')" }
    $values = $Parameter.Attributes | Where-Object { $_ -is [ValidateSet] } | ForEach-Object { $_.ValidValues | Where-Object { $_ } }
    if ($values) { "one of $($values -join ', ')" }
}

function Get-ParameterSection($Parameter, $Helps, $Commands) {
    $with = @($Commands | Where-Object { $_.Parameters.ContainsKey($Parameter.Name) })
    $help = @($Helps | ForEach-Object { $_.parameters.parameter } | Where-Object name -EQ $Parameter.Name)[0]
    "### -$($Parameter.Name)"
    ConvertTo-Markdown $help.description.Text
    $facts = (Get-ParameterFacts $Parameter $help) -join '; '
    if ($with.Count -lt $Commands.Count) { $facts += "; only of $($with.Name -join ', ')" }
    $facts
}

function Get-Link([string]$Name, $Pages) {
    if ($Name -like 'about_*') { return "[$Name](../../powershell/SailPat/en-US/$Name.help.txt)" }
    "[$Name]($($Pages[$Name]).md)"
}

function Get-Page([string]$Name, $Commands, $Pages) {
    # One of each written function: its first name, which is that of the earliest version.
    $written = @($Commands | Group-Object { $_.ScriptBlock.Ast.Name } | ForEach-Object { $_.Group[0] })
    $helps = @($written | ForEach-Object { Get-Help $_.Name -Full })
    $help = $helps[0]
    $sections = @(
        "# $Name"
        $help.Synopsis.Trim()
        '## Syntax'
        "``````text`n$(@(foreach ($command in $written) { foreach ($set in $command.ParameterSets) { "$($command.Name) $set" } }) -join "`n")`n``````"
        '## Description'
        ConvertTo-Markdown $help.description.Text
        '## Examples'
        $seen = @()
        foreach ($example in $helps.examples.example) {
            $remark = ConvertTo-Markdown ($example.remarks.Text | Where-Object { $_ })
            if ($seen -contains $remark) { continue }
            $seen += $remark
            "``````powershell`n$($example.code.Trim())`n``````"
            $remark
        }
        $parameters = @(Get-OwnParameters ($written | Sort-Object { $_.Parameters.Count } -Descending -Stable)[0])
        if ($parameters) {
            '## Parameters'
            foreach ($parameter in $parameters) { Get-ParameterSection $parameter $helps $Commands }
        }
        '## Inputs'
        ConvertTo-Markdown $help.inputTypes.inputType.type.name
        '## Outputs'
        ConvertTo-Markdown $help.returnValues.returnValue.type.name
        '## Notes'
        ConvertTo-Markdown $help.alertSet.alert.Text
        if ($Commands.Count -gt 1) { '## Names'; ($Commands.Name -replace '^', '- ') -join "`n" }
        '## See also'
        ($help.relatedLinks.navigationLink.linkText | ForEach-Object { Get-Link $_.Trim() $Pages }) -join ' · '
    )
    ($sections -join "`n`n") + "`n"
}

function Get-Index($Groups, $Pages) {
    $sections = @(
        '# Commands'
        'Written from the commands'' own help by [update.ps1](update.ps1). `Get-Help NAME -Full` says the same in PowerShell for every name, and `Get-Help about_SailPat` is where to begin.'
        'In the examples, `https://tenant.api.identitynow.com` stands for a tenant, `ef38f94347e94562b5bb8424a56397d8` for the id of a token, `2c9180a46faadee4016fb4e018c20639` for the id of an identity, and `$token` for a token that was made or listed before. The tests put real ones in their place and run every example.'
        foreach ($part in $parts.Keys) {
            "## $($parts[$part])"
            $rows = foreach ($group in $Groups | Where-Object { [IO.Path]::GetFileNameWithoutExtension($_.Group[0].ScriptBlock.File) -eq $part }) {
                "| [$($group.Name)]($($group.Name).md) | $((Get-Help $group.Group[0].Name).Synopsis.Trim()) |"
            }
            "| command | |`n|---|---|`n$($rows -join "`n")"
        }
        '## Topics'
        ('about_SailPat', 'about_SailPat_Configuration', 'about_SailPat_Errors', 'about_SailPat_Security', 'about_SailPat_Migrating' | ForEach-Object { Get-Link $_ $Pages }) -join ' · '
        '## Every name'
        "| name | page |`n|---|---|`n$(($Pages.Keys | Sort-Object | ForEach-Object { "| $_ | [$($Pages[$_])]($($Pages[$_]).md) |" }) -join "`n")"
    )
    ($sections -join "`n`n") + "`n"
}

$order = 'V2024', 'V2025', 'V2026', 'Beta', ''
$commands = Get-Command -Module SailPat | Sort-Object { $name = $_.Name; [array]::IndexOf($order, @($order | Where-Object { $name -match "-$_" })[0]) }, Name
$groups = @($commands | Group-Object { Get-PageName $_ } | Sort-Object Name)
$pages = @{}
foreach ($group in $groups) { foreach ($command in $group.Group) { $pages[$command.Name] = $group.Name } }

$texts = @{ README = Get-Index $groups $pages }
foreach ($group in $groups) { $texts[$group.Name] = Get-Page $group.Name $group.Group $pages }
foreach ($old in [IO.Directory]::GetFiles($Folder, '*.md')) {
    if (-not $texts.ContainsKey([IO.Path]::GetFileNameWithoutExtension($old))) { [IO.File]::Delete($old) }
}
foreach ($name in $texts.Keys) { [IO.File]::WriteAllText([IO.Path]::Combine($Folder, "$name.md"), $texts[$name].Replace("`r`n", "`n")) }
