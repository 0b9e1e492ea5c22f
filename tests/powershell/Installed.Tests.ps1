# The module as people have it: published to a repository, installed from there into a folder of PSModulePath, and
# imported in every way there is, each in a process of its own. However it comes in, it is loaded once, Get-Module shows
# one, a list comes from the tenant with its views and members, and $Error is empty.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    $tenant = Start-Emulator @('--rate-limit', 'off')
    $other = Start-Emulator @('--rate-limit', 'off')
    $separator = [IO.Path]::PathSeparator

    # The module with a library, as a release has it.
    function New-Release([string]$Version, [string]$Folder) {
        [void](New-Item -ItemType Directory $Folder -Force)
        Copy-Item ([IO.Path]::GetDirectoryName($script:ModulePath)) "$Folder/SailPat" -Recurse
        if (-not (Test-Path "$Folder/SailPat/runtimes")) {
            $system = if ($IsWindows) { 'win' } elseif ($IsMacOS) { 'osx' } else { 'linux' }
            $processor = [Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture.ToString().ToLowerInvariant()
            $native = "$Folder/SailPat/runtimes/$system-$processor/native"
            [void](New-Item -ItemType Directory $native)
            $name = if ($IsWindows) { 'sailpat.dll' } elseif ($IsMacOS) { 'libsailpat.dylib' } else { 'libsailpat.so' }
            Copy-Item $env:SAILPAT_LIBRARY "$native/$name"
        }
        # What an installation adds.
        Remove-Item "$Folder/SailPat/PSGetModuleInfo.xml" -ErrorAction Ignore
        $manifest = "$Folder/SailPat/SailPat.psd1"
        [IO.File]::WriteAllText($manifest,
            ([IO.File]::ReadAllText($manifest) -replace "ModuleVersion = '[^']*'", "ModuleVersion = '$Version'"))
        # Each load leaves a file: of lines that two runspaces append at once .NET keeps one.
        $root = "$Folder/SailPat/SailPat.psm1"
        [IO.File]::WriteAllText($root,
            [IO.File]::ReadAllText($root) +
            "`nif (`$env:SAILPAT_TEST_LOADS) { " +
            "[IO.File]::WriteAllText(`"`$env:SAILPAT_TEST_LOADS/`$([guid]::NewGuid().ToString('n'))`", '') }`n")
        "$Folder/SailPat"
    }

    # A process that knows no module but PowerShell's own and those of the folders named.
    function Invoke-Process([string]$Script, [string[]]$Modules, [hashtable]$Variables = @{}) {
        $file = "$TestDrive/$([guid]::NewGuid().ToString('n')).ps1"
        [IO.File]::WriteAllText($file, $Script)
        $surroundings = @{
            PSModulePath = (@($Modules) + "$PSHOME/Modules") -join $separator
            # The folder of a user's own modules comes first, whatever PSModulePath says: only what installs has it.
            HOME = if ($Modules) { "$TestDrive/bare" } else { "$TestDrive/home" }
            SAILPAT_LIBRARY = $null; SAILPAT_MODULE = $null; XDG_DATA_HOME = $null; XDG_CONFIG_HOME = $null; XDG_CACHE_HOME = $null
            NO_COLOR = '1'; SAIL_BASE_URL = $tenant.url; SAIL_CLIENT_ID = $tenant.clientId; SAIL_CLIENT_SECRET = $tenant.clientSecret
        }
        foreach ($name in $Variables.Keys) { $surroundings[$name] = $Variables[$name] }
        Invoke-PowerShell '-NonInteractive', '-File', $file $surroundings
    }

    # What a script sees of the module after it brought it in; {0} is the prefix of its commands.
    $look = @'

$list = @(Get-{0}V2024PersonalAccessTokens me)
"tokens: $($list.Count)"
"shown: $(@(Get-Module SailPat).Count)"
"loads: $([IO.Directory]::GetFiles($env:SAILPAT_TEST_LOADS).Count)"
"table: $(($list | Out-String -Width 100).Trim().Split("`n")[0].Trim() -replace '\s+', ' ')"
"keys: $($list[0].Keys -ccontains 'accessTokenValiditySeconds')"
$record = [pscustomobject]@{ PSTypeName = 'SailPat.Record' }
"members: $((Get-TypeData SailPatRecord).Members.Count) $($null -ne $record.PSObject.Methods['Shown'])"
"configuration: $(((Get-{0}SailPatConfiguration | Out-String -Width 100) -split "`n" -match '^BaseUrl\s').Count)"
"errors: $($Error.Count)$($Error -join '; ')"
'@
    $good = "tokens: 1`nshown: 1`nloads: 1`ntable: Name Id Last used Expires`nkeys: True`nmembers: 3 True`nconfiguration: 1`nerrors: 0"
    function Get-Look([string]$Prefix = '') { $look.Replace('{0}', $Prefix) }

    function Invoke-Installed([string]$Script, [string[]]$Modules = @($installed), [hashtable]$Variables = @{}) {
        $loads = "$TestDrive/$([guid]::NewGuid().ToString('n')).loads"
        [void](New-Item -ItemType Directory $loads)
        $said = (Invoke-Process $Script $Modules ($Variables + @{ SAILPAT_TEST_LOADS = $loads })).Replace("`r`n", "`n")
        # Which stands at the end of a process's output or amid it.
        $said -replace '(?s)WARNING: The service calls API version.*?speak v1\.\n?'
    }

    # Publish, install: the folder of modules that comes out.
    $repository = "$TestDrive/repository"
    # Without a folder for settings NuGet puts its own into whatever folder is the current one.
    [void](New-Item -ItemType Directory $repository, "$TestDrive/home/modules", "$TestDrive/home/.config", "$TestDrive/bare")
    $release = New-Release '0.1.0' "$TestDrive/release"
    # On Windows neither the folder of a user's modules nor the list of repositories is a matter of variables: this one
    # has a name of its own and goes again.
    $from = "SailPatTests$PID"
    $get = if ($IsWindows) { "Save-PSResource SailPat -Repository $from -Path '$TestDrive/home/modules'; '$TestDrive/home/modules'" }
    else { "Install-PSResource SailPat -Repository $from; [IO.Path]::GetDirectoryName((Get-PSResource SailPat).InstalledLocation + '/x')" }
    $said = Invoke-Process "`$ErrorActionPreference = 'Stop'
        Register-PSResourceRepository -Name $from -Uri '$repository' -Trusted
        try {
            Publish-PSResource -Path '$release' -Repository $from
            $get
        }
        finally { Unregister-PSResourceRepository $from }" @()
    $installed = ($said -split '\r?\n')[-1].Trim()
    $manifest = "$installed/SailPat/0.1.0/SailPat.psd1"
}
AfterAll { Stop-Emulator $tenant; Stop-Emulator $other }

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
        @{
            How = 'by itself, after a tab'
            Begin = '$ends = [System.Management.Automation.CommandCompletion]::CompleteInput("Get-SailPat -Mi", 15, ' +
                '$null).CompletionMatches; if ($ends[0].CompletionText -cne "-Mine") { throw "completed to $($ends.CompletionText)" }'
        }
        @{ How = 'by #Requires -Modules'; Begin = '#Requires -Modules SailPat' }
        @{ How = 'by using module'; Begin = 'using module SailPat' }
        @{ How = 'by its path while it is on the path'; Begin = 'Import-Module {1}' }
        @{ How = 'by its path, then by its name'; Begin = 'Import-Module {1}; Import-Module SailPat; Import-Module {1}' }
        @{ How = 'with -Global from a function'; Begin = 'function Use-It { Import-Module SailPat -Global }; Use-It' }
        @{ How = 'with a version'; Begin = 'Import-Module SailPat -RequiredVersion 0.1.0' }
        @{ How = 'through a manifest that requires it'; Begin = 'Import-Module {2}/Requiring' }
    ) {
        [void](New-Item -ItemType Directory "$TestDrive/more/Requiring" -Force)
        [IO.File]::WriteAllText("$TestDrive/more/Requiring/Requiring.psd1",
            "@{ ModuleVersion = '1.0'; RequiredModules = @('SailPat'); FunctionsToExport = @() }")
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
        $said = Invoke-Installed `
            ("function Use-It { Import-Module SailPat -Scope Local`n$(Get-Look) }; Use-It; 'outside:'; Test-Path function:Get-SailPat")
        $said | Should -BeExactly "$good`noutside:`nFalse"
    }

    It 'is a part of another module' {
        [void](New-Item -ItemType Directory "$TestDrive/more/Nesting" -Force)
        [IO.File]::WriteAllText("$TestDrive/more/Nesting/Nesting.psm1", "function Get-Own { Get-V2024PersonalAccessTokens me }")
        [IO.File]::WriteAllText("$TestDrive/more/Nesting/Nesting.psd1",
            "@{ ModuleVersion = '1.0'; RootModule = 'Nesting.psm1'; NestedModules = @('SailPat'); FunctionsToExport = @('Get-Own', " +
            "'Get-V2024PersonalAccessTokens', 'Get-SailPatConfiguration') }")
        Invoke-Installed ("Import-Module '$TestDrive/more/Nesting'; if (@(Get-Own).Count -ne 1) { 'none' }" + (Get-Look)) |
            Should -BeExactly $good.Replace('shown: 1', 'shown: 0')
    }

    It 'comes into eight runspaces at once, and is loaded once in each' {
        $said = Invoke-Installed @'
$shells = foreach ($number in 1..8) {
    $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
    [void]$shell.AddScript('Import-Module SailPat; $t = @(Get-V2024PersonalAccessTokens me); ' +
            '"$($t.Count) $($t[0].Keys -ccontains "id") $(($t | Out-String) -match "Last used") ' +
            '$(@(Get-Module SailPat).Count) $($Error.Count)"')
    @{ Shell = $shell; Running = $shell.BeginInvoke() }
}
foreach ($one in $shells) { $one.Shell.EndInvoke($one.Running) }
"loads: $([IO.Directory]::GetFiles($env:SAILPAT_TEST_LOADS).Count)"
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
$named = @($known.Where({ $_.Name -match '^(Initialize|ConvertFrom)-|PersonalAccessToken' -and $_.Name -notmatch 'OperationValue$' }))
$names = & (Get-Module SailPat) {
    param($commands)
    foreach ($command in $commands) { [CommandName]::Of($script:NameOf, $command) }
} $named
"known: $($names.Count) $(@($names | Select-Object -Unique).Count)"
"wrong: $(@($named | Where-Object { $_.Name.Replace('-Acme', '-') -cnotin $names }).Count)"
$calls = foreach ($command in $known.Where({ $_.Name -match '^Get-.*PersonalAccessTokens' })) {
    "$($command.Name) $((& $command me -WithHttpInfo).StatusCode)"
}
$calls
$json = '{"id":"1","name":"n","scope":[],"owner":{},"created":"2026-01-01T00:00:00Z"}'
$token = ConvertFrom-AcmeV2025JsonToGetPersonalAccessTokenResponse $json
"$((Initialize-AcmeV2024PatOwner -Id x).id) $($token.PSObject.Properties.Name.Count)"
"$((Initialize-AcmeV2026CreatePersonalAccessTokenRequest -Name x -UserAwareTokenNeverExpires $true).userAwareTokenNeverExpires)"
'@ + (Get-Look 'Acme'))
        $said | Should -Match 'commands: 143 0\nknown: (\d+) \1\nwrong: 0\n'
        foreach ($name in 'V2024PersonalAccessTokens', 'V2025PersonalAccessTokens', 'V2026PersonalAccessTokens', 'BetaPersonalAccessTokens',
            'PersonalAccessTokens', 'PersonalAccessTokensV1') {
            $said | Should -Match "(?m)^Get-Acme$name 200$"
        }
        $said | Should -Match '(?m)^x 10$'
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
$wrapped = { Get-V2025PersonalAccessTokens me }.GetSteppablePipeline()
$wrapped.Begin($false)
$wrapped.Process()
$wrapped.End()
$wrapped.Dispose()
"errors: $Error"
'@
        ($said -split '\n')[-1] | Should -BeExactly 'errors:'
        $paths = @(Get-Requests $tenant)[$before..1000] | Where-Object kind -EQ list |
            ForEach-Object { $_.target -replace '^/([^/?]+).*', '$1' }
        $paths -join ' ' | Should -Be 'v2025 v2026 beta personal-access-tokens v3 v2024 v2025'
    }
}

Describe 'What a session was told' {
    # A laboratory's tenant is given to the session, whose variables name another one.
    It 'is still told <How>' -ForEach @(
        @{ How = 'to a second import'; Again = 'Import-Module SailPat' }
        @{ How = 'after -Force'; Again = 'Import-Module SailPat -Force' }
        @{ How = 'after an import by another path'; Again = 'Import-Module {1}' }
        @{ How = 'after Remove-Module, when a command brings the module in again'; Again = 'Remove-Module SailPat' }
        @{ How = 'to a newer version'; Again = 'Import-Module {2}' }
        @{
            How = 'to the older version, when the newer one is removed'
            Again = 'Import-Module {2}; Get-Module SailPat | Where-Object Version -EQ 0.1.1 | Remove-Module'
        }
    ) {
        if (-not (Test-Path "$TestDrive/newer/SailPat")) { [void](New-Release '0.1.1' "$TestDrive/newer") }
        if (-not (Test-Path "$TestDrive/elsewhere/SailPat")) { [void](New-Release '0.1.0' "$TestDrive/elsewhere") }
        $before = @(Get-RequestsOf $tenant list).Count
        $again = $Again.Replace('{1}', "'$TestDrive/elsewhere/SailPat/SailPat.psd1'").Replace('{2}',
            "'$TestDrive/newer/SailPat/SailPat.psd1'")
        $said = Invoke-Installed @"
Import-Module SailPat
`$pair = [pscredential]::new(`$env:OTHER_ID, (ConvertTo-SecureString `$env:OTHER_SECRET -AsPlainText -Force))
Set-SailPatConfiguration -BaseUrl $($other.url) -Credential `$pair -ApiVersion v1 -TimeoutSec 7
[void](Get-SailPat -Mine)
`$table = Get-DefaultConfiguration
$again
`$now = Get-SailPatConfiguration
"`$(`$now.BaseUrl) `$(`$now.ClientIdFrom) `$(`$now.ApiVersion) `$(`$now.TimeoutSeconds) `$((Get-V2024PersonalAccessTokens me).Count)"
`$table.TimeoutMs = 9000
"`$((Get-SailPatConfiguration).TimeoutSeconds) `$(`$Error.Count)`$Error"
Set-SailPatConfiguration -Reset
(Get-SailPatConfiguration).BaseUrl
"@ @($installed) @{ OTHER_ID = $other.clientId; OTHER_SECRET = $other.clientSecret }
        $said | Should -BeExactly "$($other.url) this session v1 7 1`n9 0`n$($tenant.url)"
        @(Get-RequestsOf $tenant list).Count | Should -Be $before
    }

    It 'is told to no other runspace' {
        Invoke-Installed `
            ("Import-Module SailPat; Set-SailPatConfiguration -BaseUrl $($other.url); 1 | ForEach-Object -Parallel { " +
            "(Get-SailPatConfiguration).BaseUrl }") | Should -BeExactly $tenant.url
    }
}

Describe 'Two versions' {
    BeforeAll {
        Copy-Item $installed "$TestDrive/both" -Recurse
        Copy-Item (New-Release '0.1.1' "$TestDrive/second") "$TestDrive/both/SailPat/0.1.1" -Recurse
        $both = "$TestDrive/both"
    }

    It 'are both there; <How>' -ForEach @(
        @{ How = 'the newest is meant'; Begin = 'Import-Module SailPat'; Version = '0.1.1' }
        @{ How = 'the newest comes in by itself'; Begin = ''; Version = '0.1.1' }
        @{ How = 'the older one comes in where it is asked for'; Begin = 'Import-Module SailPat -RequiredVersion 0.1.0'; Version = '0.1.0' }
    ) {
        Invoke-Installed ($Begin + (Get-Look) + "`n(Get-Module SailPat).Version.ToString()") @($both) | Should -BeExactly "$good`n$Version"
    }

    It 'can follow each other in a session, each with its own library' {
        $said = Invoke-Installed (@'
Import-Module SailPat -RequiredVersion 0.1.0
[void](Get-SailPat)
Import-Module SailPat -RequiredVersion 0.1.1
[void](Get-SailPat)
(Get-Command Get-SailPat).Version.ToString()
Get-Module SailPat | Sort-Object Version | ForEach-Object {
    "$($_.Version) $(& $_ { $script:NativePath } | Split-Path | Split-Path | Split-Path | Split-Path | Split-Path -Leaf)"
}
Get-Module SailPat | Where-Object Version -EQ 0.1.0 | Remove-Module
'@ + (Get-Look)) @($both)
        $said | Should -BeExactly ("0.1.1`n0.1.0 0.1.0`n0.1.1 0.1.1`n" + $good.Replace('loads: 1', 'loads: 2'))
    }

    It 'work at once in two runspaces, each with its own library' {
        $said = Invoke-Installed @'
Import-Module SailPat -RequiredVersion 0.1.1
[void](Get-SailPat)
$own = & (Get-Module SailPat) { $script:NativePath }
$theirs = 1 | ForEach-Object -Parallel {
    Import-Module SailPat -RequiredVersion 0.1.0
    [void](Get-SailPat)
    & (Get-Module SailPat) { $script:NativePath }
}
"$($own -match '0\.1\.1') $($theirs -match '0\.1\.0') $((Get-SailPat -Mine).Count) $($Error.Count)"
"declared: $(@([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'SailPat.Native' }).Count)"
'@ @($both)
        $said | Should -BeExactly "True True 1 0`ndeclared: 2"
    }

    It 'of which one was put over the other while it was at work: the session has to start again' {
        [void](New-Release '0.1.0' "$TestDrive/over")
        $said = Invoke-Installed @"
Import-Module '$TestDrive/over/SailPat'
[void](Get-SailPat)
`$library = & (Get-Module SailPat) { `$script:NativePath }
[IO.File]::Move(`$library, "`$library.old")
[IO.File]::Copy("`$library.old", `$library)
[IO.File]::SetLastWriteTimeUtc(`$library, [datetime]::UtcNow.AddDays(1))
"here: `$((Get-SailPat -Mine).Count)"
1 | ForEach-Object -Parallel {
    Import-Module '$TestDrive/over/SailPat'
    try { Get-V2024PersonalAccessTokens }
    catch { `$_.FullyQualifiedErrorId; `$_.ErrorDetails.Message; `$_.ErrorDetails.RecommendedAction }
}
"@
        $said | Should -Match (
            'here: 1\nSailPat\.library_version,Get-V2024PersonalAccessTokens\n(.*\n)?.*was replaced since.* Start PowerShell again')
    }
}

Describe 'Tokens of another runspace, import or process' {
    BeforeAll {
        # The service has a field that this version does not know.
        $body = ('[{"id":"2c9180835d191a86015d28455b4a2329","name":"Made ' +
            'elsewhere","scope":["a:b"],"owner":{"type":"IDENTITY","id":"o1","name":"Support"},' +
            '"created":"2026-01-11T18:45:37.098Z","brandNew":{"deep":"yes"}}]')
        $fake = Start-Emulator @('--rate-limit', 'off')
        Add-Fault $fake list @{ rawBody = $body } 1000
    }
    AfterAll { Stop-Emulator $fake }

    It 'show, read and go into commands: <How>' -ForEach @(
        @{ How = 'ForEach-Object -Parallel'; Make = '$t = 1 | ForEach-Object -Parallel { Get-V2024PersonalAccessTokens me }' }
        @{
            How = 'ForEach-Object -Parallel, with the module here already'
            Make = 'Import-Module SailPat; $t = 1 | ForEach-Object -Parallel { Get-V2024PersonalAccessTokens me }'
        }
        @{
            How = 'Start-ThreadJob'
            Make = 'Import-Module SailPat; $t = Start-ThreadJob { Get-V2024PersonalAccessTokens me } | Receive-Job -Wait'
        }
        @{
            How = 'from here, in ForEach-Object -Parallel'
            Make = '$t = Get-V2024PersonalAccessTokens me; $t = $t | ForEach-Object -Parallel { Import-Module SailPat; if ' +
                '($_.brandNew.deep -ne "yes") { "not there" }; $_ }'
        }
        @{ How = 'an import before'; Make = '$t = Get-V2024PersonalAccessTokens me; Import-Module SailPat -Force' }
        @{ How = 'a copy that is removed'; Make = '$t = Get-V2024PersonalAccessTokens me; Remove-Module SailPat; Import-Module SailPat' }
    ) {
        $said = Invoke-Installed ($Make + @'

"$($t.brandNew.deep) $($t['brandNew'].deep) $($t.id -ceq $t['ID']) $($t.owner)"
Import-Module SailPat
"$($t.Keys -ccontains 'brandNew') $($t.ContainsKey('brandNew')) $(($t | ConvertTo-Json -Depth 5 | ConvertFrom-Json).brandNew.deep)"
(($t | Out-String) -split "`n" -match 'Made').Trim() -replace '\s+', ' '
(($t | Format-List | Out-String) -split "`n" -match '^(name|more)').Trim() -replace '\s+', ' '
$t | Remove-SailPat -WhatIf
$t | Set-SailPat -Name x -WhatIf
Update-V2024PersonalAccessToken $t -JsonPatchOperation @{ op = 'replace'; path = '/name'; value = 'y' } -WhatIf
"errors: $Error"
'@) @($installed) @{ SAIL_BASE_URL = $fake.url; SAIL_CLIENT_ID = $fake.clientId; SAIL_CLIENT_SECRET = $fake.clientSecret }
        $said | Should -Match (
            '^yes yes True Support\nTrue True yes\nMade elsewhere 2c9180835d191a86015d28455b4a2329 never never\nname : Made ' +
            'elsewhere\nmore : brandNew = .*\n(What if: .*2c9180835d191a86015d28455b4a2329.*\n){3}errors:$')
    }

    It 'are useful from Start-Job and from a file' {
        $said = Invoke-Installed @'
$t = Start-Job { Get-V2024PersonalAccessTokens me } | Receive-Job -Wait
Import-Module SailPat
$t | Export-Clixml "$env:SAILPAT_TEST_LOADS.xml"; $u = Import-Clixml "$env:SAILPAT_TEST_LOADS.xml"
foreach ($one in $t, $u) {
    "$($one.brandNew.deep) $($one.Keys -ccontains 'brandNew') $($one.name) $($one.owner) $($one.created.GetType().Name) $($one.scope)"
    (($one | Out-String) -split "`n" -match 'Made').Trim() -replace '\s+', ' '
    (($one | Format-List | Out-String) -split "`n" -match '^name').Trim() -replace '\s+', ' '
    $one | Remove-SailPat -WhatIf
}
$c = Start-Job { Get-SailPatConfiguration } | Receive-Job -Wait
($c | Out-String) -split "`n" -match '^BaseUrl ' -replace '\s+', ' '
"errors: $Error"
'@ @($installed) @{ SAIL_BASE_URL = $fake.url; SAIL_CLIENT_ID = $fake.clientId; SAIL_CLIENT_SECRET = $fake.clientSecret }
        $one = ('yes True Made elsewhere Support DateTime a:b\nMade elsewhere 2c9180835d191a86015d28455b4a2329 never never\nname : Made ' +
            'elsewhere\nWhat if: .*2c9180835d191a86015d28455b4a2329.*\n')
        $said | Should -Match "^($one){2}BaseUrl : $($fake.url)\s*\nerrors:`$"
    }

    It 'keep their tenant: <How>' -ForEach @(
        @{ How = 'from ForEach-Object -Parallel'; Make = '1 | ForEach-Object -Parallel { Get-V2024PersonalAccessTokens me -Profile lab }' }
        @{ How = 'from Start-ThreadJob'; Make = 'Start-ThreadJob { Get-SailPat -Mine -Profile lab } | Receive-Job -Wait' }
        @{ How = 'from Start-Job'; Make = 'Start-Job { Get-SailPat -Mine -Profile lab } | Receive-Job -Wait' }
        @{ How = 'from an import before'; Make = 'Get-SailPat -Mine -Profile lab; Import-Module SailPat -Force' }
        @{ How = 'from an older version'; Make = 'Get-SailPat -Mine -Profile lab; Import-Module {2}/newer/SailPat' }
    ) {
        if (-not (Test-Path "$TestDrive/newer/SailPat")) { [void](New-Release '0.1.1' "$TestDrive/newer") }
        $name = "tenant-$([guid]::NewGuid())"
        Reset-Emulator $tenant
        $said = Invoke-Installed (@'
$pair = [pscredential]::new($env:OTHER_ID, (ConvertTo-SecureString $env:OTHER_SECRET -AsPlainText -Force))
[void](Set-SailPatProfile lab -BaseUrl $env:OTHER_URL -Credential $pair)
[void](New-V2024PersonalAccessToken @{ name = '{0}'; scope = @('sp:scopes:all') } -Profile lab)
$t = & { {1} } | Where-Object name -EQ '{0}'
$t.profile
$t | Remove-V2024PersonalAccessToken
@(Get-SailPat -Mine -Profile lab | Where-Object name -EQ '{0}').Count
"errors: $Error"
'@.Replace('{0}', $name).Replace('{1}', $Make).Replace('{2}', $TestDrive)) @($installed) `
    @{ OTHER_URL = $other.url; OTHER_ID = $other.clientId; OTHER_SECRET = $other.clientSecret; SAILPAT_HOME = "$TestDrive/$name" }
        $said | Should -BeExactly "lab`n0`nerrors:"
        @(Get-Requests $tenant).Count | Should -Be 0
    }
}

Describe 'Beside PSSailpoint' {
    BeforeAll {
        # As it is built: version 2 gives some commands itself and imports its parts with -Global; version 1.7 has all
        # in one list. Each load leaves a mark.
        $v1 = 'New-PersonalAccessTokenV1', 'Get-PersonalAccessTokensV1', 'Update-PersonalAccessTokenV1', 'Remove-PersonalAccessTokenV1'
        $own = 'Get-DefaultConfiguration', 'Set-DefaultConfiguration', 'Get-IDNAccessToken'
        $models = 'CreatePersonalAccessTokenRequest', 'CreatePersonalAccessTokenResponse', 'ErrorMessageDto', 'ErrorResponseDto',
            'GetPersonalAccessTokenResponse', 'JsonPatchOperation', 'ListPersonalAccessTokensV1401Response',
            'ListPersonalAccessTokensV1429Response', 'PatOwner'
        $v1 += $models.ForEach({ "Initialize-$_"; "ConvertFrom-JsonTo$_" })
        function New-Official([string]$Folder, [string]$Name, [string[]]$Commands, [string]$Exports, [string]$Begin, [string]$Version) {
            [void](New-Item -ItemType Directory $Folder -Force)
            $mark = 'if ($env:SAILPAT_TEST_OFFICIAL) { [IO.File]::AppendAllText($env:SAILPAT_TEST_OFFICIAL, "loaded`n") }'
            [IO.File]::WriteAllText("$Folder/$Name.psm1",
                "$mark`n$Begin`n" + (($Commands | ForEach-Object { "function $_ { 'official $_' }" }) -join "`n"))
            [IO.File]::WriteAllText("$Folder/$Name.psd1",
                "@{ ModuleVersion = '$Version'; RootModule = '$Name.psm1'; FunctionsToExport = $Exports; CmdletsToExport = @(); " +
                "AliasesToExport = @() }")
        }
        $two = "$TestDrive/two/PSSailpoint/2.1.21"
        New-Official $two PSSailpoint $own "'*'" `
            'Import-Module "$PSScriptRoot/personal-access-tokens/src/PSSailpoint.PersonalAccessTokens" -Force -Global' '2.1.21'
        New-Official "$two/personal-access-tokens/src/PSSailpoint.PersonalAccessTokens" 'PSSailpoint.PersonalAccessTokens' `
            ($v1 + 'Get-Reached') "@('$(($v1 + 'Get-Reached') -join "', '")')" '' '2.1.21'
        $part = "$two/personal-access-tokens/src/PSSailpoint.PersonalAccessTokens/PSSailpoint.PersonalAccessTokens.psm1"
        [IO.File]::WriteAllText($part,
            [IO.File]::ReadAllText($part).Replace("function Get-Reached { 'official Get-Reached' }",
            'function Get-Reached { Get-DefaultConfiguration }'))
        $old = $own +
            ('New-V2024PersonalAccessToken', 'Get-V2024PersonalAccessTokens', 'Update-V2024PersonalAccessToken',
            'Remove-V2024PersonalAccessToken')
        New-Official "$TestDrive/one/PSSailpoint/1.7.100" PSSailpoint $old "@('$($old -join "', '")')" '' '1.7.100'

        # What is to be seen of both.
        $see = @'

$manifest = Import-PowerShellDataFile (Get-Module SailPat).Path.Replace('psm1', 'psd1')
$missing = foreach ($name in $manifest.FunctionsToExport) {
    if ((Get-Command "SailPat\$name" -ErrorAction Ignore).Source -cne 'SailPat') { $name }
}
"missing: $missing"
"ours: $(@(SailPat\Get-V2024PersonalAccessTokens me).Count)"
"marks: $(@([IO.File]::ReadAllLines($env:SAILPAT_TEST_OFFICIAL)).Count)"
'@
        $yielded = 'Get-DefaultConfiguration Get-IDNAccessToken Set-DefaultConfiguration'
        function Invoke-Beside([string]$Script, [string]$Official) {
            $marks = "$TestDrive/$([guid]::NewGuid().ToString('n')).marks"
            [IO.File]::WriteAllText($marks, '')
            Invoke-Installed $Script @($installed, "$TestDrive/$Official") @{ SAILPAT_TEST_OFFICIAL = $marks }
        }
    }

    It 'that is installed and not loaded: it stays so (<Official>)' -ForEach @(@{ Official = 'one' }, @{ Official = 'two' }) {
        Invoke-Beside `
            ('Import-Module SailPat; [void](Get-PersonalAccessTokensV1 me); [void](Get-DefaultConfiguration)' + (Get-Look) + $see) `
            $Official | Should -BeExactly "$good`nmissing: `nours: 1`nmarks: 0"
        Invoke-Beside ('[void](Get-SailPat -Mine)' + (Get-Look) + $see) $Official | Should -BeExactly "$good`nmissing: `nours: 1`nmarks: 0"
    }

    It 'that was loaded before, version 2' {
        $said = Invoke-Beside ('Import-Module PSSailpoint; Import-Module SailPat' + $see + @'

"ours by name: $(@(SailPat\Get-PersonalAccessTokensV1 me).Count) $((SailPat\Initialize-PatOwner -Id x).id)"
"plain: $(@(Get-PersonalAccessTokensV1 me).id.Length) $(Get-DefaultConfiguration) $(Get-Reached)"
$parts = Get-Module PSSailpoint.PersonalAccessTokens
"theirs: $(@($parts.ExportedFunctions.Keys.Where({ (& "PSSailpoint.PersonalAccessTokens\$_") -notlike 'official *' })))"
Remove-Module SailPat
$theirs = @($parts.ExportedFunctions.Keys.Where({ (& "PSSailpoint.PersonalAccessTokens\$_") -notlike 'official *' }))
"theirs after: $theirs $(Get-DefaultConfiguration)"
"errors: $Error"
'@) 'two'
        $said | Should -BeExactly (
            "missing: $yielded`nours: 1`nmarks: 2`nours by name: 1 x`nplain: 32 official Get-DefaultConfiguration official " +
            "Get-DefaultConfiguration`ntheirs: `ntheirs after:  official Get-DefaultConfiguration`nerrors:")
    }

    It 'that was loaded before, version 1.7' {
        $said = Invoke-Beside ('Import-Module PSSailpoint; Import-Module SailPat' + $see + @'

"plain: $(@(Get-V2024PersonalAccessTokens me).id.Length) $(Get-DefaultConfiguration)"
"theirs: $(PSSailpoint\Get-V2024PersonalAccessTokens)"
Remove-Module SailPat
"theirs after: $(PSSailpoint\Get-V2024PersonalAccessTokens)"
"errors: $Error"
'@) 'one'
        $said |
            Should -BeExactly ("missing: $yielded`nours: 1`nmarks: 1`nplain: 32 official Get-DefaultConfiguration`ntheirs: official " +
            "Get-V2024PersonalAccessTokens`ntheirs after: official Get-V2024PersonalAccessTokens`nerrors:")
    }

    It 'that is loaded after it' {
        $said = Invoke-Beside ('Import-Module SailPat; Import-Module PSSailpoint' + $see + @'

"ours by name: $(@(SailPat\Get-PersonalAccessTokensV1 me).Count) $(SailPat\Get-DefaultConfiguration | ForEach-Object BaseUrl)"
"plain: $(Get-PersonalAccessTokensV1) $(Get-DefaultConfiguration) $(Get-Reached)"
Remove-Module SailPat
"after: $(Get-PersonalAccessTokensV1) $(Get-DefaultConfiguration)"
"errors: $Error"
'@) 'two'
        $theirs = 'official Get-PersonalAccessTokensV1 official Get-DefaultConfiguration'
        $said |
            Should -BeExactly ("missing: `nours: 1`nmarks: 2`nours by name: 1 $($tenant.url)/`nplain: $theirs official " +
            "Get-DefaultConfiguration`nafter: $theirs`nerrors:")
    }
}
