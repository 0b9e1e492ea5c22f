# Writes what follows from the tables of versions and models: SailPat/Private/Names.ps1, which gives
# every command its names in all API versions, the list of exports in SailPat/SailPat.psd1, and in Public
# what -ApiVersion takes, with its help. They are files, and not made at import, because that took 40 ms
# and 7 MB. With -Check nothing is written and the names of stale files come out.
param([switch]$Check)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$module = [IO.Path]::Combine($PSScriptRoot, 'SailPat')
. "$module/Private/Versions.ps1"
. "$module/Private/ModelHelpers.ps1"

# The functions that are written out in Public, but for the one that only lends its body.
$common = 'ConvertFrom-V2024JsonToPersonalAccessTokenModel'
$written = foreach ($file in Get-ChildItem "$module/Public/*.ps1") {
    foreach ($match in [regex]::Matches([IO.File]::ReadAllText($file.FullName), '(?m)^function ([\w-]+)')) { $match.Groups[1].Value }
}

# name -> the written function that it is another name of
$names = [ordered]@{}
foreach ($version in $ApiVersions) {
    foreach ($pattern in $VersionedCommands) { $names[$pattern -f $version.Prefix, $version.Suffix] = $pattern -f 'V2024', '' }
    foreach ($key in $Models.Keys) {
        $name, $first = foreach ($row in $version, $ApiVersions[0]) { if ($row.ContainsKey($key)) { $row[$key] } else { $key } }
        # A helper without a prefix serves v3 and v1, of which v1 knows the field that v2025 added.
        $hasMore = $Models[$key].NeverExpires -and ($version.NeverExpires -or $version.Prefix -eq '')
        $names["Initialize-$($version.Prefix)$name"] = "Initialize-$(if ($hasMore) { 'V2025' } else { 'V2024' })$first"
        $names["ConvertFrom-$($version.Prefix)JsonTo$name"] = $common
    }
}

# For each written function whose name tells something: all its names.
$lines = @(
    '# All names of the commands in Public that have several, or whose name says which model it makes, and the version of'
    '# each that has one. Written by update-names.ps1 from the tables of versions and models.'
    ''
    '$script:VersionOf = @{'
    for ($i = 0; $i -lt $ApiVersions.Count; $i++) {
        # Culture: names are texts only.
        foreach ($pattern in $VersionedCommands) {
            $name = $pattern -f $ApiVersions[$i].Prefix, $ApiVersions[$i].Suffix
            "    '$name' = `$script:ApiVersions[$i]"
        }
    }
    '}'
    ''
    '# Each a script block of its own, by which it knows what it is; they share what is compiled. Into the scope of this'
    '# module: a plain function: would write into a function of the session that has the name, such as PSSailpoint''s.'
    '# Line by line: PowerShell compiles what a loop does anew once it has run for a while, which takes longer than this.'
    '$module = $ExecutionContext.SessionState.Module'
    foreach ($source in @($names.Values) | Select-Object -Unique) {
        ''
        "`$body = `${function:$source}"
        foreach ($name in $names.Keys) {
            if ($names[$name] -eq $source) {
                "`${function:script:$name} = `$own = `$module.NewBoundScriptBlock(`$body)"
                "`$script:NameOf[`$own] = '$name'"
            }
        }
    }
)

$exports = @($names.Keys) + $written | Where-Object { $_ -ne $common } | Sort-Object -Unique
$manifest = [IO.File]::ReadAllText("$module/SailPat.psd1")
$list = "FunctionsToExport = @(`n" + (($exports | ForEach-Object { "        '$_'" }) -join "`n") + "`n    )"

$texts = @{
    "$module/Private/Names.ps1" = ($lines -join "`n") + "`n"
    "$module/SailPat.psd1" = $manifest -replace '(?s)FunctionsToExport = @\(.*?\n    \)', $list
}
$versions = @($ApiVersions.Name)
$taken = "[ValidateSet('$($versions -join "', '")'"
$told = "The API version: $($versions[0..($versions.Count - 2)] -join ', ') or $($versions[-1]);"
foreach ($file in Get-ChildItem "$module/Public/*.ps1") {
    $text = [IO.File]::ReadAllText($file.FullName) -replace "\[ValidateSet\('v\d+'(, '\w+')*", $taken
    $texts[$file.FullName] = $text -replace 'The API version: [\w, ]+ or \w+;', $told
}
foreach ($path in $texts.Keys) {
    $isStale = -not [IO.File]::Exists($path) -or
        [IO.File]::ReadAllText($path).Replace("`r`n", "`n") -cne $texts[$path].Replace("`r`n", "`n")
    if (-not $isStale) { continue }
    if ($Check) { [IO.Path]::GetFileName($path) } else { [IO.File]::WriteAllText($path, $texts[$path]) }
}
