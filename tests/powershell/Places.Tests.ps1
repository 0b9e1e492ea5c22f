# What surrounds a call: which variables count, which file a path means, and the places that settings come from.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $homes = @{ HOME = $env:HOME; USERPROFILE = $env:USERPROFILE; SAILPAT_HOME = $env:SAILPAT_HOME }
    $started = $PWD.ProviderPath
    # The home folder of PowerShell: what ~ stands for in every path of it.
    $fileSystem = Get-PSProvider FileSystem
    $ownHome = $fileSystem.Home

    function Find-FilePath {
        [CmdletBinding()]
        param([string]$Path)
        & (Get-Module SailPat) { param($cmdlet, $path) Get-FilePath $cmdlet $path } $PSCmdlet $Path
    }
}
AfterAll {
    Set-Location $started
    $fileSystem.Home = $ownHome
    foreach ($name in $homes.Keys) { [Environment]::SetEnvironmentVariable($name, $homes[$name]) }
    Clear-Settings
    Set-SailPatConfiguration -Reset
}

Describe 'The variables that count' {
    BeforeEach { Clear-Settings; Set-SailPatConfiguration -Reset }

    It 'are those that the native library names' {
        $ours, $theirs = & (Get-Module SailPat) {
            $native = Initialize-Native
            $told = [Text.Encoding]::UTF8.GetString([NativeText]::Read($native, $native::pat_version())) | ConvertFrom-Json
            $script:SurroundingNames, $told.data.environmentVariables
        }
        ($ours | Sort-Object -CaseSensitive) -join ' ' | Should -BeExactly (($theirs | Sort-Object -CaseSensitive) -join ' ')
    }

    # Windows keeps text in its variables, elsewhere they hold bytes.
    It 'and hold bytes that are no text are an error that names them, and a failed check' -Skip:$IsWindows {
        $script = {
            Import-Module $env:SAILPAT_MODULE -DisableNameChecking
            try { Get-SailPatConfiguration }
            catch { "$($_.FullyQualifiedErrorId) $($_.Exception.Data['field']) $($_.ErrorDetails.RecommendedAction)" }
            (Test-SailPatConnection -Offline).ForEach({ "$($_.Check) $($_.State) $($_.Found)" })
        }
        $env:SAIL_BASE_URL = 'https://tenant.api.identitynow.com'
        $env:SAIL_CLIENT_ID = 'ef38f94347e94562b5bb8424a56397d8'
        $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes("$script"))
        $env:SAILPAT_MODULE = $script:ModulePath
        $said = & /bin/sh `
            -c "SAIL_CLIENT_SECRET=`$(printf 'planted\377') exec `"`$0`" -NoProfile -NonInteractive -EncodedCommand $encoded" `
            ([Environment]::ProcessPath)
        $said[0] | Should -BeExactly (
            'SailPat.settings_invalid,Get-SailPatConfiguration SAIL_CLIENT_SECRET Set SAIL_CLIENT_SECRET anew, or remove it.')
        $said[1] | Should -BeLike 'settings failed variable SAIL_CLIENT_SECRET: * not UTF-8'
        $said.Count | Should -Be 2
        "$said" | Should -Not -Match 'planted'
    }
}

Describe 'The path of a file' {
    BeforeAll {
        $folder = (New-Item -ItemType Directory "$TestDrive/here").FullName
        [void](New-PSDrive -Name SailPatHere -PSProvider FileSystem -Root $folder -Scope Global)
        $fileSystem.Home = (New-Item -ItemType Directory "$TestDrive/home").FullName
    }
    AfterAll {
        Set-Location $started
        Remove-PSDrive SailPatHere
        $fileSystem.Home = $ownHome
    }
    AfterEach { Set-Location $started }

    It '<Given> is <Expected>, in a folder and in <Drive>' -ForEach @(foreach ($drive in 'Env:', 'Function:', 'Variable:') {
            @{ Given = 'pair.json'; Expected = 'here/pair.json'; Drive = $drive }
            @{ Given = './pair.json'; Expected = 'here/pair.json'; Drive = $drive }
            @{ Given = '../pair.json'; Expected = 'pair.json'; Drive = $drive }
            @{ Given = 'sub\pair.json'; Expected = 'here/sub/pair.json'; Drive = $drive }
            @{ Given = '~/pair.json'; Expected = 'home/pair.json'; Drive = $drive }
            @{ Given = '~\pair.json'; Expected = 'home/pair.json'; Drive = $drive }
            @{ Given = '~'; Expected = 'home'; Drive = $drive }
            @{ Given = '~other/pair.json'; Expected = 'here/~other/pair.json'; Drive = $drive }
            @{ Given = 'SailPatHere:/pair.json'; Expected = 'here/pair.json'; Drive = $drive }
            @{ Given = 'FileSystem::pair.json'; Expected = 'here/pair.json'; Drive = $drive }
            @{ Given = 'FileSystem::~/pair.json'; Expected = 'home/pair.json'; Drive = $drive }
            @{ Given = 'pair[1].json'; Expected = 'here/pair[1].json'; Drive = $drive }
        }) {
        $full = [IO.Path]::GetFullPath("$TestDrive/$Expected")
        Set-Location $folder
        Find-FilePath $Given | Should -BeExactly $full
        Set-Location $Drive
        Find-FilePath $Given | Should -BeExactly $full
        Find-FilePath $full | Should -BeExactly $full
        Find-FilePath "FileSystem::$full" | Should -BeExactly $full
    }

    It '<Given> is none, which is told' `
        -ForEach @(@{ Given = 'Env:/HOME' }, @{ Given = 'Variable:x.json' }, @{ Given = 'nowhere:/pair.json' },
        @{ Given = 'Nothing::pair.json' }) {
        $failure = Get-ErrorOf { Find-FilePath $Given }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.invalid_request*'
        $failure.Exception.Message | Should -BeLike "'$Given' is no path of a file: *"
        $failure.ErrorDetails.RecommendedAction | Should -Match 'pair\.json'
    }

    It 'a drive of the caller''s own scope is seen' {
        New-Module -Name SailPatCaller -ScriptBlock {
            function Find-Ours([string]$Root) {
                [void](New-PSDrive -Name SailPatMine -PSProvider FileSystem -Root $Root)
                foreach ($path in 'SailPatMine:/sub/ca.pem', 'SailPatMine:\ca.pem') { Set-SailPatConfiguration -CaFile $path; Get-CaFile }
                Push-Location SailPatMine:/
                try { Set-SailPatConfiguration -CaFile ca.pem; Get-CaFile } finally { Pop-Location }
            }
            function Get-CaFile { & (Get-Module SailPat) { $script:Configuration.CaFile } }
        } | Import-Module
        $full = 'sub/ca.pem', 'ca.pem', 'ca.pem' | ForEach-Object { [IO.Path]::GetFullPath("$folder/$_") }
        try { Find-Ours $folder | Should -BeExactly $full }
        finally { Remove-Module SailPatCaller; Set-SailPatConfiguration -Reset }
    }

    It 'goes through it in -CaFile, -Source, -StoreIn and -SecretFile' {
        $file = [IO.Path]::Combine($fileSystem.Home, 'pair.json')
        Set-Location $folder
        Set-SailPatConfiguration -CaFile ~/ca.pem -Source ~/pair.json
        $set = & (Get-Module SailPat) { $script:Configuration.CaFile, $script:Configuration.Source.file }
        $set | Should -BeExactly ([IO.Path]::Combine($fileSystem.Home, 'ca.pem')), $file
        # Which .NET would look for below the folder that the process was started in.
        foreach ($given in @{ file = '~/pair.json' }, [IO.FileInfo]'~/pair.json', (Join-Path '~' pair.json)) {
            Set-SailPatConfiguration -Source $given
            & (Get-Module SailPat) { $script:Configuration.Source.file } | Should -BeExactly $file
        }
        Set-SailPatConfiguration -Source ([IO.FileInfo]'pair.json')
        & (Get-Module SailPat) { $script:Configuration.Source.file } | Should -BeExactly ([IO.Path]::Combine($folder, 'pair.json'))
        Set-SailPatConfiguration -Source Configuration
        & (Get-Module SailPat) { $script:Configuration.Source.file } | Should -BeExactly ([IO.Path]::Combine($folder, 'config.json'))
        Set-SailPatConfiguration -Reset
        Set-Location Env:
        (Set-SailPatProfile lab -BaseUrl https://tenant.api.identitynow.com -SecretFile ~/pair.json).Source | Should -BeLike "*$file*"
        Remove-SailPatProfile lab
    }

    It '-CaFile, -Source and the rest ask nothing but it for a path' {
        $texts = Get-ChildItem $script:SourcePath -Recurse -Filter *.ps1
        ($texts | Select-String `
            'GetUnresolvedProviderPathFromPSPath|GetResolvedProviderPathFromPSPath|Resolve-Path|Convert-Path').Line.Trim() |
            Should -BeLike '$full = $paths.GetUnresolvedProviderPathFromPSPath(*'
    }
}

Describe 'The places that settings come from' {
    BeforeAll {
        $told = '[{"place":"the settings given","gave":[],"state":"nothing"},
            {"place":"variables SAIL_…","gave":["baseUrl","clientId","clientSecret"],"state":"used"},
            {"place":"file /there/\u001b[31mconfig.json","gave":["clientId"],"state":"ignored","note":"a place before it gave the pair"},
            {"place":"default profile","gave":[],"state":"unusable","note":"not JSON"}]'
        function New-ToldCheck([string]$Places, [string]$State = 'ok') {
            & (Get-Module SailPat) {
                param($json)
                New-Check '' ([SailPatRecord]::Plain([System.Text.Json.JsonDocument]::Parse($json).RootElement))
            } ("{""check"":""settings"",""state"":""$State"",""found"":""https://tenant (variable " +
                "SAIL_BASE_URL)"",""remedy"":$(if ($State -eq 'failed') { '"mend it"' } else { 'null' }),""value"":{""places"":$Places}}")
        }
    }

    It 'stand below the check that tells them, in their order, each with what it gave and why' {
        # The table is made for a window of 80 columns where there is none.
        $lines = (New-ToldCheck $told failed | Out-String -Width 300) -split '\r?\n' | Where-Object { $_ -match '\S' }
        $lines[2] | Should -Match '^x settings +https://tenant'
        $lines[3..8].Trim() | Should -BeExactly @(
            'nothing  this session'
            'used     variables SAIL_…: baseUrl, clientId, clientSecret'
            'ignored  file /there/\u001b[31mconfig.json: clientId (a place'
            'before it gave the pair)'
            'unusable default profile (not JSON)'
            '=> mend it'
        )
        $lines.Count | Should -Be 9
    }

    It 'stand in the list, too, and a check without them has none' {
        $list = New-ToldCheck $told | Format-List | Out-String -Width 300
        $list | Should -Match '(?m)^Places +: nothing  this session\r?$'
        $list | Should -Match '(?m)^ +used     variables SAIL_…: baseUrl, clientId, clientSecret\r?$'
        $list | Should -Not -Match ([char]27)
        New-ToldCheck 'null' | Format-List | Out-String | Should -Not -MatchExactly '(?m)^Places'
        & (Get-Module SailPat) { New-Check '' @{ check = 'clock'; state = 'ok'; found = 'right'; remedy = $null } } | Out-String |
            Should -Match '(?m)^\+ clock +right\s*$'
    }

    It 'are objects for scripts' {
        $check = New-ToldCheck $told
        $check.Value.places.Where({ $_.state -eq 'used' }).gave | Should -Be 'baseUrl', 'clientId', 'clientSecret'
        ($check | ConvertTo-Json -Depth 9 | ConvertFrom-Json).Value.places[2].note | Should -Be 'a place before it gave the pair'
    }

    It 'are told by Test-SailPatConnection, which says what was used and what was not' {
        $folder = (New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid())").FullName
        $env:HOME = $env:USERPROFILE = $folder
        $env:SAILPAT_HOME = $null
        '{"BaseURL":"https://other.example.com","ClientId":"00000000000000000000000000000002","ClientSecret":"planted"}' |
            Set-Content "$folder/config.json"
        $env:SAIL_BASE_URL = 'https://tenant.example.com'
        $env:SAIL_CLIENT_ID = '00000000000000000000000000000001'
        $env:SAIL_CLIENT_SECRET = 'planted'
        Push-Location $folder
        try { $check = Test-SailPatConnection -Offline | Where-Object Check -EQ settings }
        finally { Pop-Location; Clear-Settings }
        $check.State | Should -BeIn 'ok', 'warning'
        $used = @($check.Value.places | Where-Object state -EQ used)
        $used.Count | Should -Be 1
        $used[0].place | Should -Match 'SAIL_'
        $used[0].gave | Should -Be 'baseUrl', 'clientId', 'clientSecret'
        @($check.Value.places | Where-Object { $_.place -match 'config\.json' }).state | Should -Be 'ignored'
        $check | ConvertTo-Json -Depth 9 | Should -Not -Match planted
    }
}

Describe 'One place says tenant and pair' {
    BeforeEach {
        Clear-Settings
        Set-SailPatConfiguration -Reset
        $folder = (New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid())").FullName
        $env:HOME = $env:USERPROFILE = $folder
        $env:SAILPAT_HOME = $null
        Set-Location $folder
        $own, $other, $secret = 'ef38f94347e94562b5bb8424a56397d8', '00000000000000000000000000000002', 'planted-secret'
        $secure = ConvertTo-SecureString $secret -AsPlainText -Force
    }
    AfterEach { Set-Location $started }

    It 'a client id of the session and a secret in a variable are halves, and an error' {
        $env:SAIL_BASE_URL, $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET = 'https://tenant.example.com', $own, $secret
        Set-SailPatConfiguration -ClientId $other
        $failure = Get-ErrorOf { Get-SailPatConfiguration }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_*'
        $failure.Exception.Message | Should -Match 'clientSecret'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'a base URL of the session, and in config.json a pair of another tenant: settings_mixed, which names both' {
        @{ BaseURL = 'https://other.example.com'; ClientId = $own; ClientSecret = $secret } | ConvertTo-Json | Set-Content config.json
        Set-SailPatConfiguration -BaseUrl https://tenant.example.com
        $failure = Get-ErrorOf { Get-SailPatConfiguration }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_mixed,*'
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $failure.Exception | Should -BeOfType [ArgumentException]
        $failure.Exception.Message | Should -Match 'baseUrl'
        $failure.Exception.Message | Should -Match 'config\.json'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        "$failure $($failure.ErrorDetails.RecommendedAction)" | Should -Not -Match 'planted'
        $checks = @(Test-SailPatConnection -Offline)
        @($checks | Where-Object Check -EQ settings).State | Should -Be 'failed'
    }

    It 'a base URL of the session completes a place without one: <_>' -ForEach 'config.json', 'variables' {
        if ($_ -eq 'variables') { $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET = $own, $secret }
        else { @{ ClientId = $own; ClientSecret = $secret } | ConvertTo-Json | Set-Content config.json }
        Set-SailPatConfiguration -BaseUrl https://tenant.example.com
        $inForce = Get-SailPatConfiguration
        $inForce.BaseUrl | Should -Be 'https://tenant.example.com'
        $inForce.ClientId | Should -Be $own
        $inForce.ClientSecretFrom | Should -Match $(if ($_ -eq 'variables') { 'SAIL_CLIENT_SECRET' } else { 'config\.json' })
    }

    It 'a pair in variables is sent nowhere that config.json names' {
        $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET = $own, $secret
        @{ BaseURL = 'https://other.example.com' } | ConvertTo-Json | Set-Content config.json
        (Get-ErrorOf { Get-SailPatConfiguration }).FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_*'
    }

    It 'what the session gave is said to be of this session: each value, each place, errors and checks' {
        Set-SailPatConfiguration -BaseUrl https://tenant.example.com -Credential ([pscredential]::new($own, $secure))
        $inForce = Get-SailPatConfiguration
        $inForce.BaseUrlFrom, $inForce.ClientIdFrom, $inForce.ClientSecretFrom | Should -Be 'this session', 'this session', 'this session'
        $inForce.Places[0].place | Should -Be 'this session'
        "$($inForce.Places[0])" | Should -Be 'used this session: baseUrl, clientId, clientSecret'
        # Readable in a list of all properties, also where strict mode is on.
        $list = & { Set-StrictMode -Version Latest; $inForce | Format-List * | Out-String -Width 300 }
        $list | Should -Match '(?m)^Places +: \{used this session: baseUrl, clientId, clientSecret, nothing '
        $list | Should -Not -Match '@\{place'
        & { Set-StrictMode -Version Latest; Test-SailPatConnection -Offline | Out-String -Width 300 } |
            Should -Match 'used     this session'
        (Test-SailPatConnection -Offline)[0].Found |
            Should -BeLike "https://tenant.example.com (this session), client id $own (this session), its secret (this session)*"
        Set-SailPatConfiguration -Clear ClientSecret
        "$(Get-ErrorOf { Get-SailPatConfiguration }) $((Test-SailPatConnection -Offline)[0].Found)" | Should -Not -Match 'settings given'
    }

    It 'a pair of the session without its base URL: the error says what to do, and where to look: <_>' -ForEach 'a pair',
        'a pair, and SAIL_BASE_URL', 'a source' {
        if ($_ -match 'SAIL_BASE_URL') { $env:SAIL_BASE_URL = 'https://tenant.example.com' }
        if ($_ -eq 'a source') {
            @{ ClientId = $own; ClientSecret = $secret } | ConvertTo-Json | Set-Content pair.json
            Set-SailPatConfiguration -Source pair.json
        }
        else { Set-SailPatConfiguration -Credential ([pscredential]::new($own, $secure)) }
        $failure = Get-ErrorOf { Get-SailPatConfiguration }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_*'
        $failure.ErrorDetails.RecommendedAction |
            Should -Match 'Set-SailPatConfiguration -BaseUrl.*\. Test-SailPatConnection shows every place\.$'
        # Not to whoever asked it.
        (Test-SailPatConnection -Offline)[0].Remedy | Should -Not -Match 'Test-SailPatConnection'
        Set-SailPatConfiguration -BaseUrl https://tenant.example.com
        (Get-SailPatConfiguration).ClientId | Should -Be $own
    }

    It 'settings_missing and settings_mixed end with the command that shows every place' {
        (Get-ErrorOf { Get-SailPatConfiguration }).ErrorDetails.RecommendedAction |
            Should -Match '. Test-SailPatConnection shows every place\.$'
        @{ BaseURL = 'https://other.example.com'; ClientId = $own; ClientSecret = $secret } | ConvertTo-Json | Set-Content config.json
        Set-SailPatConfiguration -BaseUrl https://tenant.example.com
        $failure = Get-ErrorOf { Get-SailPatConfiguration }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_mixed,*'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Test-SailPatConnection shows every place\.$'
        $failure.ErrorDetails.RecommendedAction | Should -Not -Match 'the pair that this session was given'
    }

    It 'a pair and a source are never both in force: <Name>' -ForEach @(
        @{ Name = 'a source takes back a credential'; First = 'Credential'; Then = 'Source'; Wins = 'pair.json' }
        @{ Name = 'a source takes back a token'; First = 'Token'; Then = 'Source'; Wins = 'pair.json' }
        @{ Name = 'a credential takes back a source'; First = 'Source'; Then = 'Credential'; Wins = 'this session' }
        @{ Name = 'a client id takes back a source'; First = 'Source'; Then = 'Id'; Wins = 'this session' }
        @{ Name = 'Set-DefaultConfiguration takes back a source'; First = 'Source'; Then = 'Default'; Wins = 'this session' }
    ) {
        @{ ClientId = $own; ClientSecret = $secret } | ConvertTo-Json | Set-Content pair.json
        $say = @{
            Credential = { Set-SailPatConfiguration -Credential ([pscredential]::new($other, $secure)) }
            Id = { Set-SailPatConfiguration -ClientId $other; Set-SailPatConfiguration -ClientSecret $secure }
            Default = { Set-DefaultConfiguration -ClientId $other -ClientSecret $secret }
            Source = { Set-SailPatConfiguration -Source pair.json }
            Token = { Set-SailPatConfiguration -Token $secure -TokenExpiration ([datetime]::Now.AddHours(1)) }
        }
        Set-SailPatConfiguration -BaseUrl https://tenant.example.com
        . $say[$First]
        . $say[$Then]
        $inForce = Get-SailPatConfiguration
        $inForce.ClientIdFrom | Should -Match "$([regex]::Escape($Wins))$"
        $inForce.ClientId | Should -Be $(if ($Then -eq 'Source') { $own } else { $other })
        # What was taken back does not come again with the other.
        $table = Get-DefaultConfiguration
        if ($Then -eq 'Source') { "$($table.ClientSecret)$($table.Token)$($table.TokenExpiration)" | Should -BeNullOrEmpty }
        else { $table.Source | Should -BeNullOrEmpty }
    }

    It 'a pair and a source in one call are an error, and nothing is changed: <_>' -ForEach 'Credential', 'ClientId', 'ClientSecret',
        'Token' {
        [void](Set-SailPatProfile kept -BaseUrl https://kept.example.com -Credential ([pscredential]::new($own, $secure)))
        Set-SailPatConfiguration -Profile kept
        $given = @{ $_ = switch ($_) { 'Credential' { [pscredential]::new($other, $secure) } 'ClientId' { $other } default { $secure } } }
        $failure = Get-ErrorOf { Set-SailPatConfiguration -Source pair.json @given }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.invalid_request,*'
        $failure.Exception.Message | Should -Match '-Source.*cannot be given with it'
        (Get-SailPatConfiguration).BaseUrl | Should -Be 'https://kept.example.com'
    }

    It 'a pair of the session is not sent where variables say, with a pair of their own or without' {
        $env:SAIL_BASE_URL, $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET = 'https://tenant.example.com', $own, $secret
        Set-SailPatConfiguration -Credential ([pscredential]::new($other, $secure))
        (Get-ErrorOf { Get-SailPatConfiguration }).FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_*'
        $env:SAIL_CLIENT_ID = $env:SAIL_CLIENT_SECRET = $null
        (Get-ErrorOf { Get-SailPatConfiguration }).FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_*'
        Set-SailPatConfiguration -BaseUrl 'https://own.example.com'
        $inForce = Get-SailPatConfiguration
        "$($inForce.BaseUrl) $($inForce.ClientId)" | Should -Be "https://own.example.com $other"
    }

    It 'config.json that cannot be used is an error, and no place after it is asked: <_>' -ForEach '{"ClientId":', '[]',
        '{"ClientId":"ef38f94347e94562b5bb8424a56397d8"}',
        '{"BaseURL":"https://other.example.com","ClientId":"ef38f94347e94562b5bb8424a56397d8","ClientSecret":7}' {
        Set-Content config.json $_
        [void](New-Item -ItemType Directory .sailpoint)
        Set-Content .sailpoint/config.yaml `
            ("activeenvironment: a`nenvironments:`n  a:`n    baseurl: https://tenant.example.com`n    pat:`n      clientid: $own`n      " +
            "clientsecret: $secret")
        $failure = Get-ErrorOf { Get-SailPatConfiguration }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.settings_*'
        $failure.Exception.Message | Should -Match 'config\.json'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'an empty config.json is no place: <_>' -ForEach '', '{}' {
        Set-Content config.json $_
        [void](New-Item -ItemType Directory .sailpoint)
        Set-Content .sailpoint/config.yaml `
            ("activeenvironment: a`nenvironments:`n  a:`n    baseurl: https://tenant.example.com`n    pat:`n      clientid: $own`n      " +
            "clientsecret: $secret")
        (Get-SailPatConfiguration).ClientId | Should -Be $own
    }
}

Describe 'A culture of one''s own' {
    BeforeAll { $culture = [cultureinfo]::CurrentCulture }
    AfterAll { [cultureinfo]::CurrentCulture = $culture; Clear-Settings; Set-SailPatConfiguration -Reset }

    It '<_> changes nothing about settings and checks' -ForEach 'th-TH', 'tr-TR', 'de-DE' {
        [cultureinfo]::CurrentCulture = [cultureinfo]::new($_)
        $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET = 'ef38f94347e94562b5bb8424a56397d8', 'planted'
        Set-SailPatConfiguration -Reset -BaseUrl https://TENANT-I.example.com -TimeoutSec 1.5 -RetryIntervalSeconds 0.25 `
            -MaximumRetryCount 1 -ApiVersion v2025
        $inForce = Get-SailPatConfiguration
        $inForce.BaseUrl | Should -BeExactly 'https://tenant-i.example.com'
        $inForce.TimeoutSeconds | Should -Be 1.5
        $inForce.ApiVersion | Should -BeExactly 'v2025'
        Set-SailPatConfiguration -Clear TimeoutSec, ApiVersion
        (Get-SailPatConfiguration).TimeoutSeconds | Should -Be 100
        $checks = Test-SailPatConnection -Offline
        $checks.Check | Should -Contain 'settings'
        @($checks | Where-Object State -EQ failed) | Should -BeNullOrEmpty
        # A moment of another calendar.
        Clear-Settings
        Set-SailPatConfiguration -Reset -BaseUrl https://tenant.example.com -Token (ConvertTo-SecureString 'planted' -AsPlainText -Force) `
            -TokenExpiration ([datetime]::UtcNow.AddHours(1))
        (Get-SailPatConfiguration).ClientId | Should -BeNullOrEmpty
    }
}

Describe 'Blanks around a secret' {
    It 'are no part of it, wherever it comes from' {
        $plain, $padded = foreach ($text in 'planted', " planted`r`n") {
            [pscredential]::new('ef38f94347e94562b5bb8424a56397d8', (ConvertTo-SecureString $text -AsPlainText -Force))
        }
        & (Get-Module SailPat) {
            param($plain, $padded)
            [SecretText]::Same($plain, $padded)
            [SecretText]::Plain($padded.Password)
            [KeptValue]::new($padded).Holds($plain)
            [SecretText]::Hide('the vault says planted', @($padded))
            [SecretText]::Plain([SecretText]::Pair(' a ', " planted`n").Password)
            [SecretText]::Pair(' a ', 'b').UserName
            $null -eq [SecretText]::Pair('a', ' ')
        } $plain $padded | Should -BeExactly $true, 'planted', $true, 'the vault says [secret]', 'planted', 'a', $true
    }

    It 'blank variables hold nothing' {
        $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET = ' ', "`t"
        try { & (Get-Module SailPat) { [KeptValue]::OfVariables('').Words() } | Should -Be 'nothing' }
        finally { Clear-Settings }
    }
}
