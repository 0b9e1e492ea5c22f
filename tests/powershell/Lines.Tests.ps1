# Lines of the project's PowerShell can be read beside each other.

BeforeDiscovery {
    $root = [IO.Path]::GetFullPath("$PSScriptRoot/../..")
    $scripts = foreach ($folder in 'powershell', 'tests', 'docs', 'benches', 'xtask', 'examples') {
        Get-ChildItem "$root/$folder" -Recurse -Include *.ps1, *.psm1, *.psd1 -ErrorAction Ignore |
            ForEach-Object { @{ Name = [IO.Path]::GetRelativePath($root, $_.FullName).Replace('\', '/'); Path = $_.FullName } }
    }
}

Describe 'The lines of PowerShell' {
    It 'of <Name> have 140 columns at most' -ForEach $scripts {
        $number = 0
        $long = foreach ($line in [IO.File]::ReadAllLines($Path)) {
            $number++
            # A value of a manifest is one text, which a data file cannot put together.
            if ($line.Length -gt 140 -and -not ($Name -clike '*.psd1' -and $line -cmatch "^\s*\w+ = '[^']*'$")) { $number }
        }
        $long | Should -BeNullOrEmpty
    }

    It 'are those of all the project''s scripts' -ForEach @{ Scripts = $scripts } {
        $Scripts.Count | Should -BeGreaterThan 100
        foreach ($name in 'powershell/SailPat/SailPat.psm1', 'powershell/join.ps1', 'xtask/pester.ps1', 'benches/raw.ps1') {
            $Scripts.Name | Should -Contain $name
        }
    }
}
