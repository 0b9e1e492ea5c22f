# What the gallery asks of a package, and that the module can be published: into a folder, which PSResourceGet treats as
# it treats the gallery.

BeforeDiscovery {
    $hasAnalyzer = $env:SAILPAT_MODULES -and (Test-Path "$env:SAILPAT_MODULES/PSScriptAnalyzer")
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $module = (Get-Module SailPat).ModuleBase
    $manifest = "$module/SailPat.psd1"
    $data = (Import-PowerShellDataFile $manifest).PrivateData.PSData
}

Describe 'The manifest' {
    It 'is valid, without a warning' {
        $found = Test-ModuleManifest $manifest -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -BeNullOrEmpty
        $found.Author | Should -Not -BeNullOrEmpty
        $found.Description | Should -Not -BeNullOrEmpty
        $found.ExportedFunctions.Count | Should -BeGreaterThan 100
    }

    It 'has a well-formed <_>' -ForEach 'ProjectUri', 'LicenseUri', 'IconUri' {
        $address = [uri]$data[$_]
        $address.IsWellFormedOriginalString() | Should -BeTrue
        $address.Scheme | Should -BeExactly $(if ($_ -ceq 'IconUri') { 'data' } else { 'https' })
        (Test-ModuleManifest $manifest).$_ | Should -Be $address
    }

    It 'has the icon that is in the package' {
        $icon = [IO.File]::ReadAllBytes("$module/icon.png")
        [Convert]::ToHexString($icon, 0, 8) | Should -BeExactly '89504E470D0A1A0A'
        $data.IconUri | Should -BeExactly "data:image/png;base64,$([Convert]::ToBase64String($icon))"
    }

    It 'has release notes, and tags that are one word each' {
        $data.ReleaseNotes | Should -Match '\w.*\.$'
        foreach ($tag in $data.Tags) { $tag | Should -Match '^[A-Za-z_]+$' }
        foreach ($tag in 'PSEdition_Core', 'Windows', 'Linux', 'MacOS') { $data.Tags | Should -Contain $tag }
    }

    It 'names no folder of a machine' {
        [IO.File]::ReadAllText($manifest) | Should -Not -Match '/home/|/work/|/tmp/|[A-Z]:\\'
    }
}

Describe 'The module' {
    It 'has no error of PSScriptAnalyzer' -Skip:(-not $hasAnalyzer) {
        Import-Module "$env:SAILPAT_MODULES/PSScriptAnalyzer"
        Invoke-ScriptAnalyzer -Path $module -Recurse -Severity Error | ForEach-Object { "$($_.ScriptName):$($_.Line): $($_.Message)" } |
            Should -BeNullOrEmpty
    }

    It 'can be published, found with what the manifest says, and saved whole' {
        $repository = [IO.Directory]::CreateDirectory("$TestDrive/repository").FullName
        $saved = [IO.Directory]::CreateDirectory("$TestDrive/saved").FullName
        # A folder of the module's name, as the gallery wants it. The module under test may lie in one of its version.
        Copy-Item $module "$TestDrive/SailPat" -Recurse
        # Who publishes names the places by hand; what is registered belongs to this test's home.
        $begin = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
        $script = @"
`$ErrorActionPreference = 'Stop'
`$ProgressPreference = 'SilentlyContinue'
Register-PSResourceRepository -Name SailPatTests$PID -Uri '$repository' -Trusted
try {
    Publish-PSResource -Path '$TestDrive/SailPat' -Repository SailPatTests$PID
    Find-PSResource SailPat -Repository SailPatTests$PID |
        Select-Object Name, @{ n = 'Version'; e = { "`$(`$_.Version)" } }, Author, Description, ReleaseNotes, Tags,
            @{ n = 'ProjectUri'; e = { `$_.ProjectUri.OriginalString } }, @{ n = 'LicenseUri'; e = { `$_.LicenseUri.OriginalString } },
            @{ n = 'IconUri'; e = { `$_.IconUri.OriginalString } } |
        ConvertTo-Json -Compress
    Save-PSResource SailPat -Repository SailPatTests$PID -Path '$saved'
}
finally { Unregister-PSResourceRepository SailPatTests$PID }
"@
        foreach ($argument in '-NoProfile', '-NonInteractive', '-c', $script) { $begin.ArgumentList.Add($argument) }
        # Without a folder for settings NuGet puts its own into whatever folder is the current one.
        [void][IO.Directory]::CreateDirectory("$TestDrive/home/.config")
        $begin.Environment['HOME'] = "$TestDrive/home"
        $begin.WorkingDirectory = [IO.Directory]::CreateDirectory("$TestDrive/working").FullName
        $begin.RedirectStandardOutput = $true
        $begin.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($begin)
        $errors = $process.StandardError.ReadToEndAsync()
        $said = $process.StandardOutput.ReadToEnd()
        $process.WaitForExit()
        $errors.Result.Trim() | Should -BeNullOrEmpty
        Get-ChildItem $begin.WorkingDirectory | Should -BeNullOrEmpty -Because 'it leaves nothing where it is called'

        $found = $said | ConvertFrom-Json
        $found.Name | Should -BeExactly SailPat
        $found.Version | Should -BeLike "$((Get-Module SailPat).Version)*"
        $found.Description | Should -BeExactly (Get-Module SailPat).Description
        foreach ($name in 'ProjectUri', 'LicenseUri', 'IconUri', 'ReleaseNotes') {
            $found.$name | Should -BeExactly $data[$name] -Because $name
        }
        foreach ($tag in $data.Tags) { $found.Tags | Should -Contain $tag }
        foreach ($file in [IO.Directory]::GetFiles($module, '*', 'AllDirectories')) {
            $same = [IO.Path]::GetFullPath("$saved/SailPat/$((Get-Module SailPat).Version)/$([IO.Path]::GetRelativePath($module, $file))")
            (Get-FileHash $same).Hash | Should -Be (Get-FileHash $file).Hash -Because $file
        }
    }
}
