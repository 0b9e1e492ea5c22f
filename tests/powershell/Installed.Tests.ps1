# The module as people have it: published to a repository, installed from there into a folder of PSModulePath, and
# imported in every way there is, each in a process of its own. However it comes in, it is loaded once, Get-Module shows
# one, a list comes from the tenant with its views and members, and $Error is empty.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    $tenant = Start-Emulator @('--rate-limit', 'off')
    $separator = [IO.Path]::PathSeparator

    # The module with a library, as a release has it.
    function New-Release([string]$Version, [string]$Folder) {
        [void](New-Item -ItemType Directory $Folder -Force)
        Copy-Item ([IO.Path]::GetDirectoryName($script:ModulePath)) "$Folder/SailPat" -Recurse
        if (-not (Test-Path "$Folder/SailPat/runtimes")) {
            $system = if ($IsWindows) { 'win' } elseif ($IsMacOS) { 'osx' } else { 'linux' }
            $native = "$Folder/SailPat/runtimes/$system-$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture.ToString().ToLowerInvariant())/native"
            [void](New-Item -ItemType Directory $native)
            $name = if ($IsWindows) { 'sailpat.dll' } elseif ($IsMacOS) { 'libsailpat.dylib' } else { 'libsailpat.so' }
            Copy-Item $env:SAILPAT_LIBRARY "$native/$name"
        }
        # What an installation adds.
        Remove-Item "$Folder/SailPat/PSGetModuleInfo.xml" -ErrorAction Ignore
        $manifest = "$Folder/SailPat/SailPat.psd1"
        [IO.File]::WriteAllText($manifest, ([IO.File]::ReadAllText($manifest) -replace "ModuleVersion = '[^']*'", "ModuleVersion = '$Version'"))
        # Each load leaves a line.
        $root = "$Folder/SailPat/SailPat.psm1"
        [IO.File]::WriteAllText($root, [IO.File]::ReadAllText($root) + "`nif (`$env:SAILPAT_TEST_LOADS) { [IO.File]::AppendAllText(`$env:SAILPAT_TEST_LOADS, `"$Version`n`") }`n")
        "$Folder/SailPat"
    }

    # A process that knows no module but PowerShell's own and those of the folders named.
    function Invoke-Process([string]$Script, [string[]]$Modules, [hashtable]$Variables = @{}) {
        $file = "$TestDrive/$([guid]::NewGuid().ToString('n')).ps1"
        [IO.File]::WriteAllText($file, $Script)
        $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
        foreach ($argument in '-NoProfile', '-NonInteractive', '-File', $file) { $start.ArgumentList.Add($argument) }
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $start.Environment['PSModulePath'] = (@($Modules) + "$PSHOME/Modules") -join $separator
        $start.Environment['HOME'] = "$TestDrive/home"
        foreach ($name in 'SAILPAT_LIBRARY', 'SAILPAT_MODULE', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME') { [void]$start.Environment.Remove($name) }
        $start.Environment['NO_COLOR'] = '1'
        $start.Environment['SAIL_BASE_URL'] = $tenant.url
        $start.Environment['SAIL_CLIENT_ID'] = $tenant.clientId
        $start.Environment['SAIL_CLIENT_SECRET'] = $tenant.clientSecret
        foreach ($name in $Variables.Keys) { $start.Environment[$name] = $Variables[$name] }
        $process = [Diagnostics.Process]::Start($start)
        $errors = $process.StandardError.ReadToEndAsync()
        $text = $process.StandardOutput.ReadToEnd()
        $process.WaitForExit()
        ($text + $errors.Result).Trim()
    }

    # What a script sees of the module after it brought it in; {0} is the prefix of its commands.
    $look = @'

$list = @(Get-{0}V2024PersonalAccessTokens me)
"tokens: $($list.Count)"
"shown: $(@(Get-Module SailPat).Count)"
"loads: $(@([IO.File]::ReadAllLines($env:SAILPAT_TEST_LOADS)).Count)"
"table: $(($list | Out-String -Width 100).Trim().Split("`n")[0].Trim() -replace '\s+', ' ')"
"keys: $($list[0].Keys -ccontains 'accessTokenValiditySeconds')"
"members: $((Get-TypeData SailPatRecord).Members.Keys.Count) $($null -ne ([pscustomobject]@{ PSTypeName = 'SailPat.Record' }).PSObject.Methods['Shown'])"
"configuration: $(((Get-{0}SailPatConfiguration | Out-String -Width 100) -split "`n" -match '^BaseUrl\s').Count)"
"errors: $($Error.Count) $($Error -join '; ')"
'@
    $good = "tokens: 1`nshown: 1`nloads: 1`ntable: Name Id Last used Expires`nkeys: True`nmembers: 2 True`nconfiguration: 1`nerrors: 0"
    function Get-Look([string]$Prefix = '') { $look.Replace('{0}', $Prefix) }

    function Invoke-Installed([string]$Script, [string[]]$Modules = @($installed), [hashtable]$Variables = @{}) {
        $loads = "$TestDrive/$([guid]::NewGuid().ToString('n')).loads"
        [IO.File]::WriteAllText($loads, '')
        $said = (Invoke-Process $Script $Modules ($Variables + @{ SAILPAT_TEST_LOADS = $loads })).Replace("`r`n", "`n")
        # Which stands at the end of a process's output or amid it.
        $said -replace '(?s)WARNING: The service calls API version.*?speak v1\.\n?'
    }

    # Publish, install: the folder of modules that comes out.
    $repository = "$TestDrive/repository"
    [void](New-Item -ItemType Directory $repository, "$TestDrive/home")
    $release = New-Release '0.1.0' "$TestDrive/release"
    # On Windows the folder of a user's modules is no matter of variables.
    $get = if ($IsWindows) { "Save-PSResource SailPat -Repository local -Path '$TestDrive/home/modules'; '$TestDrive/home/modules'" }
    else { "Install-PSResource SailPat -Repository local; [IO.Path]::GetDirectoryName((Get-PSResource SailPat).InstalledLocation + '/x')" }
    $said = Invoke-Process "`$ErrorActionPreference = 'Stop'
        Register-PSResourceRepository -Name local -Uri '$repository' -Trusted
        Publish-PSResource -Path '$release' -Repository local
        $get" @()
    $installed = ($said -split '\r?\n')[-1].Trim()
    $manifest = "$installed/SailPat/0.1.0/SailPat.psd1"
}
AfterAll { Stop-Emulator $tenant }

Describe 'The installed module' {
    It 'lies where an installation lays it' {
        $said | Should -Be $installed
        $manifest | Should -Exist
        $installed | Should -BeLike "$TestDrive*".Replace('[', '`[')
    }

    It 'comes in <How>' -ForEach @(
        @{ How = 'by its name'; Begin = 'Import-Module SailPat' }
        @{ How = 'twice'; Begin = 'Import-Module SailPat; Import-Module SailPat' }
        @{ How = 'by itself, at the first command'; Begin = '' }
        @{ How = 'by itself, when a command is asked for'; Begin = '[void](Get-Command Get-V2024PersonalAccessTokens)' }
        @{ How = 'by itself, after a tab'; Begin = '$ends = [System.Management.Automation.CommandCompletion]::CompleteInput("Get-SailPat -Mi", 15, $null).CompletionMatches; if ($ends[0].CompletionText -cne "-Mine") { throw "completed to $($ends.CompletionText)" }' }
        @{ How = 'by #Requires -Modules'; Begin = '#Requires -Modules SailPat' }
        @{ How = 'by using module'; Begin = 'using module SailPat' }
        @{ How = 'by its path while it is on the path'; Begin = 'Import-Module {1}' }
        @{ How = 'by its path, then by its name'; Begin = 'Import-Module {1}; Import-Module SailPat; Import-Module {1}' }
        @{ How = 'with -Global from a function'; Begin = 'function Use-It { Import-Module SailPat -Global }; Use-It' }
        @{ How = 'with a version'; Begin = 'Import-Module SailPat -RequiredVersion 0.1.0' }
        @{ How = 'through a manifest that requires it'; Begin = 'Import-Module {2}/Requiring' }
    ) {
        [void](New-Item -ItemType Directory "$TestDrive/more/Requiring" -Force)
        [IO.File]::WriteAllText("$TestDrive/more/Requiring/Requiring.psd1", "@{ ModuleVersion = '1.0'; RequiredModules = @('SailPat'); FunctionsToExport = @() }")
        Invoke-Installed ($Begin.Replace('{1}', "'$manifest'").Replace('{2}', "$TestDrive/more") + (Get-Look)) | Should -BeExactly $good
    }

    It 'comes in anew <How>, with all that it had' -ForEach @(
        @{ How = 'with -Force'; Begin = 'Import-Module SailPat; [void](Get-SailPat); Import-Module SailPat -Force' }
        @{ How = 'after Remove-Module'; Begin = 'Import-Module SailPat; [void](Get-SailPat); Remove-Module SailPat; Import-Module SailPat' }
        @{ How = 'by itself after Remove-Module'; Begin = 'Import-Module SailPat; [void](Get-SailPat); Remove-Module SailPat' }
    ) {
        Invoke-Installed ($Begin + (Get-Look)) | Should -BeExactly $good.Replace('loads: 1', 'loads: 2')
    }

    It 'comes in to a function alone, with -Scope Local, and again outside' {
        $said = Invoke-Installed ("function Use-It { Import-Module SailPat -Scope Local`n$(Get-Look) }; Use-It; 'outside:'; [bool](Get-Command Get-SailPat -ListImported -ErrorAction Ignore)")
        $said | Should -BeExactly "$good`noutside:`nFalse"
    }

    It 'is a part of another module' {
        [void](New-Item -ItemType Directory "$TestDrive/more/Nesting" -Force)
        [IO.File]::WriteAllText("$TestDrive/more/Nesting/Nesting.psm1", "function Get-Own { Get-V2024PersonalAccessTokens me }")
        [IO.File]::WriteAllText("$TestDrive/more/Nesting/Nesting.psd1", "@{ ModuleVersion = '1.0'; RootModule = 'Nesting.psm1'; NestedModules = @('SailPat'); FunctionsToExport = @('Get-Own', 'Get-V2024PersonalAccessTokens', 'Get-SailPatConfiguration') }")
        Invoke-Installed ("Import-Module '$TestDrive/more/Nesting'; if (@(Get-Own).Count -ne 1) { 'none' }" + (Get-Look)) | Should -BeExactly $good.Replace('shown: 1', 'shown: 0')
    }

    It 'comes into eight runspaces at once, and is loaded once in each' {
        $said = Invoke-Installed @'
$shells = foreach ($number in 1..8) {
    $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
    [void]$shell.AddScript('Import-Module SailPat; $t = @(Get-V2024PersonalAccessTokens me); "$($t.Count) $($t[0].Keys -ccontains "id") $(($t | Out-String) -match "Last used") $(@(Get-Module SailPat).Count) $($Error.Count)"')
    @{ Shell = $shell; Running = $shell.BeginInvoke() }
}
foreach ($one in $shells) { $one.Shell.EndInvoke($one.Running) }
"loads: $(@([IO.File]::ReadAllLines($env:SAILPAT_TEST_LOADS)).Count)"
"declared: $(@([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'SailPat.Native' }).Count)"
'@
        $said | Should -BeExactly ("$('1 True True 1 0' + "`n")" * 8 + "loads: 8`ndeclared: 1")
    }
}

Describe 'A prefix, and other names' {
    It 'leave every command what it is' {
        $said = Invoke-Installed (@'
Import-Module SailPat -Prefix Acme
$known = @(Get-Command -Module SailPat)
"commands: $($known.Count) $(@($known.Where({ $_.Noun -cnotlike 'Acme*' })).Count)"
$names = & (Get-Module SailPat) { foreach ($command in $args) { [CommandName]::Of($command) } } @($known.Where({ $_.Name -match '^(Initialize|ConvertFrom)-|PersonalAccessToken' }))
"known: $($names.Count) $(@($names | Select-Object -Unique).Count)"
"wrong: $(@($known.Where({ $_.Name -match '^(Initialize|ConvertFrom)-|PersonalAccessToken' }) | Where-Object { $_.Name.Replace('-Acme', '-') -cnotin $names }).Count)"
$calls = foreach ($command in $known.Where({ $_.Name -match '^Get-.*PersonalAccessTokens' })) { "$($command.Name) $((& $command me -WithHttpInfo).StatusCode)" }
$calls
"$((Initialize-AcmeV2024PatOwner -Id x).id) $((ConvertFrom-AcmeV2025JsonToGetPersonalAccessTokenResponse '{"id":"1","name":"n","scope":[],"owner":{},"created":"2026-01-01T00:00:00Z"}').Keys.Count)"
"$((Initialize-AcmeV2026CreatePersonalAccessTokenRequest -Name x -UserAwareTokenNeverExpires $true).userAwareTokenNeverExpires)"
'@ + (Get-Look 'Acme'))
        $said | Should -Match 'commands: 143 0\nknown: (\d+) \1\nwrong: 0\n'
        foreach ($name in 'V2024PersonalAccessTokens', 'V2025PersonalAccessTokens', 'V2026PersonalAccessTokens', 'BetaPersonalAccessTokens', 'PersonalAccessTokens', 'PersonalAccessTokensV1') { $said | Should -Match "(?m)^Get-Acme$name 200$" }
        $said | Should -Match '(?m)^x \d+$'
        $said | Should -Match '(?m)^True$'
        $said | Should -BeLike "*$good"
    }

    It 'send what is called to its own version, whatever it is called by' {
        $before = @(Get-Requests $tenant).Count
        $said = Invoke-Installed @'
Import-Module SailPat
Set-Alias list2025 Get-V2025PersonalAccessTokens; [void](list2025 me)
Rename-Item function:Get-V2026PersonalAccessTokens Get-Renamed; [void](Get-Renamed me)
${function:Get-Copied} = ${function:Get-BetaPersonalAccessTokens}; [void](Get-Copied me)
[void](& (Get-Command Get-PersonalAccessTokensV1) me)
[void](. (Get-Command Get-PersonalAccessTokens) me)
[void](SailPat\Get-V2024PersonalAccessTokens me)
$wrapped = { Get-V2025PersonalAccessTokens me }.GetSteppablePipeline(); $wrapped.Begin($false); $wrapped.Process(); $wrapped.End(); $wrapped.Dispose()
"errors: $Error"
'@
        ($said -split '\n')[-1] | Should -BeExactly 'errors: '
        $paths = @(Get-Requests $tenant)[$before..1000] | Where-Object kind -EQ list | ForEach-Object { $_.path -replace '^/([^/?]+).*', '$1' }
        $paths -join ' ' | Should -Be 'v2025 v2026 beta personal-access-tokens v3 v2024 v2025'
    }
}
