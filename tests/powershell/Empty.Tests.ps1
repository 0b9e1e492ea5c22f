# Nothing empty means everything: a parameter that was given without a value is a mistake of the caller,
# most often of a variable that was never set. It is refused by its name before anything is sent.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    $documented = '^(Get|Update|Remove)-\w*PersonalAccessTokens?(V1)?$'
    $commands = Get-Command -Module SailPat | Where-Object { $_.Noun -like 'SailPat*' -or $_.Name -match $documented }
    $cases = foreach ($command in $commands) {
        @{
            Command = $command.Name
            Parameters = @($command.Parameters.Values | Where-Object { $_.Name -notin $common -and $_.Name -notin 'WhatIf', 'Confirm' })
            Asks = $command.Parameters.ContainsKey('Confirm')
            TakesInput = [bool]($command.Parameters.Values.Attributes | Where-Object {
                    $_ -is [Parameter] -and ($_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName)
                })
        }
    }
    $versions = (Get-Command -Module SailPat -Name New-*PersonalAccessToken*).Name
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $started = $PWD.ProviderPath
    $home0 = $env:SAILPAT_HOME
    Set-Location $TestDrive
    $env:SAILPAT_HOME = "$TestDrive/home"
    $tenant = Start-Emulator @('--rate-limit', 'off')
    Use-Tenant $tenant
    Set-SailPatConfiguration -Reset -RateLimit none
    $me = @(Get-SailPat -Mine)[0].owner.id
    $walked = @{ Cells = 0; Parameters = 0 }
    $http = [Net.Http.HttpClient]::new()

    function Get-Total {
        $stats = [Text.Json.JsonDocument]::Parse($http.GetStringAsync("$($tenant.url)/_emulator/stats").Result)
        $stats.RootElement.GetProperty('requests').GetProperty('total').GetInt32()
    }
    function Get-TenantTokens { Invoke-Control $tenant GET tokens | ForEach-Object { $_ } }
    function Add-Token([string]$Name) {
        (Invoke-Control $tenant POST tokens @(@{ name = $Name; owner = $me; scope = @('a:b') }) | ForEach-Object { $_ }).id
    }
    # What profiles and rotations there are, as text.
    function Get-Kept {
        $files = Get-ChildItem $env:SAILPAT_HOME -Recurse -File -Force -ErrorAction Ignore | Sort-Object FullName
        ($files | ForEach-Object { "$($_.FullName) $(Get-Content $_ -Raw)" }) -join "`n"
    }

    # What a line of a script says and does.
    function Invoke-Line([string]$Line) {
        $said = @{ Errors = @(); Out = @(); Before = Get-Total }
        try {
            $all = @(& ([scriptblock]::Create($Line)) 2>&1 | Where-Object { $null -ne $_ })
            $said.Errors = @($all | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
            $said.Out = @($all | Where-Object { $_ -isnot [System.Management.Automation.ErrorRecord] })
        }
        catch { $said.Errors = @($_) }
        $said.Sent = (Get-Total) - $said.Before
        $said
    }
    function Start-Anew {
        Set-SailPatConfiguration -Reset -RateLimit none
        Reset-Emulator $tenant
    }
    # What else a command must be given.
    function Get-Others([string]$Command, [string]$But, [bool]$Asks) {
        $others = switch -Wildcard ($Command) {
            'New-SailPat' { @{ Name = '''Nothing''' } }
            'Set-SailPat' { @{ Id = $token; Name = '''Changed''' } }
            'Invoke-SailPatRotation' { @{ Id = $token; StoreIn = 'nothing.json' } }
            'Resume-SailPatRotation' { if ($But -ne 'All') { @{ Rotation = 'none' } } }
            'Undo-SailPatRotation' { @{ Rotation = 'none' } }
            'Set-SailPatProfile' { @{ Name = 'kept'; TokenUrl = 'http://127.0.0.1:9' } }
            'Remove-SailPatProfile' { @{ Name = 'kept' } }
            'Update-*' { @{ Id = $token; JsonPatchOperation = '@{ op = ''replace''; path = ''/name''; value = ''Changed'' }' } }
            'Get-*PersonalAccessTokens*' { }
            { $_ -eq 'Remove-SailPat' -or $_ -match '^(Get|Remove)-\w*PersonalAccessToken(V1)?$' } { @{ Id = $token } }
        }
        $text = foreach ($name in $others.Keys) { if ($name -ne $But) { "-$name $($others[$name])" } }
        "$text $(if ($Asks) { '-Confirm:$false' })"
    }
}
AfterAll {
    Write-Host "  $($walked.Parameters) parameters, $($walked.Cells) lines"
    Set-SailPatConfiguration -Reset
    Set-Location $started
    Stop-Emulator $tenant
    Clear-Settings
    $env:SAILPAT_HOME = $home0
}
Describe 'Every parameter of every command' {
    BeforeAll {
        $script:token = Add-Token 'Walked'
        [void](Set-SailPatProfile kept -BaseUrl $tenant.url)
    }
    BeforeEach { Start-Anew }
    AfterAll {
        Set-SailPatConfiguration -Reset
        Remove-OwnTokens $tenant
    }

    It 'refuses by its name a value that is none, and sends nothing: <Command>' -ForEach $cases {
        $faults = foreach ($parameter in $Parameters) {
            $walked.Parameters++
            foreach ($value in '$null', '''''', ''' ''', '@()') {
                # PowerShell itself takes a text there as a name, and asks for the password.
                if ($parameter.ParameterType -eq [pscredential] -and $value -like "'*") { continue }
                $walked.Cells++
                $kept = Get-Kept
                # Of a switch a value stands after a colon.
                $given = "-$($parameter.Name)$(if ($parameter.SwitchParameter) { ':' } else { ' ' })$value"
                $said = Invoke-Line "$Command $(Get-Others $Command $parameter.Name $Asks) $given"
                $isNamed = @($said.Errors |
                    Where-Object {
                        [regex]::IsMatch("$_ $($_.Exception.Message)", "\b$($parameter.Name)\b",
                            [Text.RegularExpressions.RegexOptions]'IgnoreCase, CultureInvariant')
                    }).Count
                if (-not $said.Errors.Count) { "${given}: no error" }
                elseif (-not $isNamed) { "${given}: the error names no $($parameter.Name): $($said.Errors[0])" }
                if ($said.Sent) {
                    "${given}: $($said.Sent) requests"
                    # It may be gone now, and a failure of the next line would be one of this.
                    $script:token = Add-Token "Walked $($walked.Cells)"
                }
                if ($said.Out.Count) { "${given}: something came out" }
                if ((Get-Kept) -cne $kept) { "${given}: something was written" }
            }
        }
        $faults -join "`n" | Should -BeNullOrEmpty
    }

    It 'takes what is none from the pipeline for a mistake, and sends nothing: <Command>' -ForEach ($cases | Where-Object TakesInput) {
        # What comes from the pipeline is not given as a parameter, too.
        $from = @($Parameters | Where-Object { $_.Attributes.ValueFromPipeline -eq $true -or $_.Name -in 'Id', 'Name', 'Rotation' }).Name
        $faults = foreach ($nothing in '$null', '''''', '[pscustomobject]@{ id = $null }') {
            $walked.Cells++
            $kept = Get-Kept
            $others = Get-Others $Command ($from | Select-Object -First 1) $Asks
            $said = Invoke-Line "$nothing | $Command $others"
            if (-not $said.Errors.Count) { "${nothing}: no error" }
            if ($said.Sent) {
                "${nothing}: $($said.Sent) requests"
                $script:token = Add-Token "Walked $($walked.Cells)"
            }
            if ($said.Out.Count) { "${nothing}: something came out" }
            if ((Get-Kept) -cne $kept) { "${nothing}: something was written" }
        }
        $faults -join "`n" | Should -BeNullOrEmpty
    }
}

Describe 'An empty cell of a CSV file counts as not given' {
    BeforeEach { Start-Anew }
    AfterEach { Remove-OwnTokens $tenant }

    It 'for New-SailPat: <_>' -ForEach @(
        'Scope', 'ExpiresIn', 'ExpiresOn', 'AccessTokenValidity', 'StoreIn', 'SecretName', 'Vault', 'Profile'
    ) {
        # The last cell of a row that is too short is null, one between commas is empty.
        $made = "Name,$_,Note`nEmpty,,`nShort`n" | ConvertFrom-Csv | New-SailPat -ErrorAction Stop
        $made.name | Should -Be 'Empty', 'Short'
        $made | ForEach-Object { $_.secret.Length } | Should -Be 64, 64
    }

    It 'for Invoke-SailPatRotation: <_>' -ForEach 'SecretName', 'Vault', 'Profile' {
        $ids = (Add-Token 'One'), (Add-Token 'Two')
        $places = 1..2 | ForEach-Object { "$([guid]::NewGuid()).json" }
        $rows = "id,StoreIn,$_,Note`n$($ids[0]),$($places[0]),,`n$($ids[1]),$($places[1])`n" | ConvertFrom-Csv
        $done = $rows | Invoke-SailPatRotation -ErrorAction Stop
        $done.state | Should -Be 'done', 'done'
    }

    It 'for Invoke-SailPatRotation: StoreIn, which goes where the session''s pair comes from' {
        $pair = @{ BaseURL = $tenant.url; ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret }
        Set-Content config.json ($pair | ConvertTo-Json)
        Clear-Settings
        try {
            $rotation = "id,StoreIn`n$($tenant.clientId),`n" | ConvertFrom-Csv | Invoke-SailPatRotation -Overlap 1h -ErrorAction Stop
            $rotation.storedIn | Should -BeLike '*config.json'
            [void]($rotation | Undo-SailPatRotation -Confirm:$false -ErrorAction Stop)
        }
        finally {
            Use-Tenant $tenant
            Remove-Item config.json
        }
    }

    It 'for Get-, Set- and Remove-: Profile' {
        $id = Add-Token 'Rowed'
        $rows = "id,Profile`n$id,`n$id" | ConvertFrom-Csv
        ($rows | Get-SailPat -ErrorAction Stop).name | Should -Be 'Rowed', 'Rowed'
        ($rows | Get-V2024PersonalAccessToken).name | Should -Be 'Rowed', 'Rowed'
        ($rows | Set-SailPat -Name 'Rowed on' -ErrorAction Stop).name | Should -Be 'Rowed on', 'Rowed on'
        $rows[0] | Remove-SailPat -ErrorAction Stop
        (Get-TenantTokens).id | Should -Not -Contain $id
    }

    It 'for Set-SailPatProfile: <_>' -ForEach 'BaseUrl', 'TokenUrl', 'ApiVersion' {
        [void](Set-SailPatProfile rowed -BaseUrl http://127.0.0.1:9)
        $set = "Name,$_,Note`nrowed,,`nrowed`n" | ConvertFrom-Csv | Set-SailPatProfile -ErrorAction Stop
        $set.BaseUrl | Should -Be 'http://127.0.0.1:9', 'http://127.0.0.1:9'
        Remove-SailPatProfile rowed
    }
}

Describe 'What a variable that was never set did' {
    BeforeEach {
        Start-Anew
        $token = Add-Token 'Mine'
    }
    AfterEach { Remove-OwnTokens $tenant }

    It 'a list that was to be narrowed removes nothing: Get-SailPat -<_>' -ForEach @(
        'Owner', 'Name', 'UnusedFor', 'ExpiringWithin', 'Profile'
    ) {
        $before = (Get-TenantTokens).id
        $by = $_
        foreach ($value in $null, '', ' ', @()) {
            $narrowed = @{ $by = $value }
            # The token in use stays, for the tests after this one: it is never removed without -Force.
            try { Get-SailPat @narrowed -ErrorAction Ignore | Remove-SailPat -Confirm:$false -ErrorAction Ignore } catch { }
        }
        Get-RequestsOf $tenant delete | Should -BeNullOrEmpty
        (Get-TenantTokens).id | Should -Be $before
    }

    It 'a token that was to be rotated is not the one in use: <_>' -ForEach @(
        '-Id $null', '-Id ''''', '$null |', ''''' |', '@{ id = '''' } |', '[pscustomobject]@{ id = $null } |'
    ) {
        # The old token would live on, so that the tests after this one could sign in.
        $rest = '-StoreIn pair.json -Overlap 1h'
        $said = Invoke-Line $(if ($_ -like '*|') { "$_ Invoke-SailPatRotation $rest" } else { "Invoke-SailPatRotation $_ $rest" })
        try {
            $said.Errors.Count | Should -BeGreaterThan 0
            $said.Sent | Should -Be 0
            Test-Path pair.json | Should -BeFalse
        }
        finally {
            Set-SailPatConfiguration -Reset
            Get-SailPatRotation -Unfinished | Undo-SailPatRotation -Confirm:$false -ErrorAction Ignore | Out-Null
            Remove-Item pair.json -ErrorAction Ignore
        }
    }

    It 'no rights were to be left out: New-SailPat -Scope <_> makes nothing' -ForEach @(
        '$null', '@()', '''''', ''' ''', '@($null)', '@('''')', '''a:b'', '''''
    ) {
        $said = Invoke-Line "New-SailPat 'Wide' -Scope $_"
        "$($said.Errors[0])" | Should -Match 'Scope'
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
    }

    It 'a place was to take the pair: New-SailPat <_> makes nothing and shows no secret' -ForEach @(
        '-StoreIn $null', '-StoreIn ''''', '-SecretName ''''', '-SecretName $null', '-StoreIn @{ }'
    ) {
        $said = Invoke-Line "New-SailPat 'Open' -Scope a:b $_"
        "$($said.Errors[0])" | Should -Match $(if ($_ -like '*@{*') { '.' } else { $_ -replace '^-(\w+).*', '$1' })
        $said.Out | Should -BeNullOrEmpty
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
    }

    It 'the old token was to live on: Invoke-SailPatRotation -Overlap <_> refuses' -ForEach '$null', '''''', ''' ''' {
        $said = Invoke-Line "Invoke-SailPatRotation $token -StoreIn overlap.json -Overlap $_"
        "$($said.Errors[0])" | Should -Match 'Overlap'
        $said.Sent | Should -Be 0
        Test-Path overlap.json | Should -BeFalse
    }

    It 'another tenant was meant: Set-SailPatConfiguration -Profile <_> refuses, and the session stays' -ForEach '$null', '''''', ''' ''' {
        $pair = [pscredential]::new('someone', [Net.NetworkCredential]::new('', 'something').SecurePassword)
        [void](Set-SailPatProfile meant -BaseUrl http://127.0.0.1:9 -Credential $pair)
        Set-SailPatConfiguration -Profile meant
        try {
            $said = Invoke-Line "Set-SailPatConfiguration -Profile $_"
            "$($said.Errors[0])" | Should -Match 'Profile'
            (Get-SailPatConfiguration).Profile | Should -Be 'meant'
        }
        finally {
            Set-SailPatConfiguration -Reset
            Remove-SailPatProfile meant
        }
    }
}

Describe 'Set-SailPatConfiguration -Clear' {
    BeforeEach { Start-Anew }
    AfterEach { Set-SailPatConfiguration -Reset }

    It 'takes back the settings that are named, and no other' {
        Set-SailPatConfiguration -Proxy http://127.0.0.1:9 -Source $TestDrive/pair.json -MaximumRetryCount 7
        Set-SailPatConfiguration -Clear Proxy, Source
        $now = Get-SailPatConfiguration
        $now.Proxy | Should -BeNullOrEmpty
        $now.ClientIdFrom | Should -Not -BeLike '*pair.json*'
        $now.MaximumRetryCount | Should -Be 7
        Set-SailPatConfiguration -Clear MaximumRetryCount
        (Get-SailPatConfiguration).MaximumRetryCount | Should -Be 3
    }

    It 'refuses a name that is no setting, and takes nothing back: <_>' -ForEach 'Prxy', 'Reset', 'Clear', '*' {
        Set-SailPatConfiguration -MaximumRetryCount 7
        (Get-Command Set-SailPatConfiguration).Parameters.Keys | Should -Contain 'Clear'
        (Get-ErrorOf { Set-SailPatConfiguration -Clear MaximumRetryCount, $_ }).Exception.Message | Should -Match ([regex]::Escape($_))
        (Get-SailPatConfiguration).MaximumRetryCount | Should -Be 7
    }
}

Describe 'A token that may do all that its owner may' {
    BeforeEach { Start-Anew }
    AfterEach { Remove-OwnTokens $tenant }

    It 'is warned of before anything is sent' {
        $sent = $null
        $said = New-SailPat 'Wide' -WarningAction Continue 3>&1 | ForEach-Object {
            if ($_ -is [System.Management.Automation.WarningRecord]) {
                $sent ??= (Get-RequestsOf $tenant create).Count
                "$_"
            }
        }
        $said -join "`n" | Should -Match 'scope'
        $sent | Should -Be 0
        (Get-RequestsOf $tenant create).Count | Should -Be 1
    }

    It 'is not made with -WarningAction Stop' {
        { New-SailPat 'Wide' -WarningAction Stop } | Should -Throw
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
    }

    It 'is made without a word with -AllScopes, also where a warning stops' {
        $said = New-SailPat 'Wide' -AllScopes -WarningAction Stop 3>&1
        @($said).Count | Should -Be 1
        $said.scope | Should -Be 'sp:scopes:all'
    }

    It 'is no token with a scope: -Scope and -AllScopes together are refused' {
        (Get-Command New-SailPat).Parameters.Keys | Should -Contain 'AllScopes'
        $said = Invoke-Line "New-SailPat 'Wide' -Scope a:b -AllScopes"
        "$($said.Errors[0])" | Should -Match 'Scope'
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
    }
}

Describe 'An object from the pipeline' {
    BeforeEach {
        Start-Anew
        $token = Add-Token 'Piped'
        # A store that leaves a trace when it is asked anything.
        $trace = "$TestDrive/ran-$([guid]::NewGuid())"
        $store = @{ command = if ($IsWindows) { 'cmd', '/c', "echo x>`"$trace`"" } else { 'sh', '-c', "echo > '$trace'" } }
        # What ConvertFrom-Json makes of it: objects within objects.
        function ConvertTo-Row($Fields) { $Fields | ConvertTo-Json -Depth 4 | ConvertFrom-Json }
    }
    AfterEach { Remove-OwnTokens $tenant }

    It 'names a store as text or file only, and runs nothing: <Name>' -ForEach @(
        @{ Name = 'New-SailPat, a table'; Run = { [pscustomobject]@{ Name = 'Ran'; Scope = 'a:b'; StoreIn = $store } | New-SailPat } }
        @{
            Name = 'New-SailPat, an object of JSON'
            Run = { ConvertTo-Row @{ Name = 'Ran'; Scope = 'a:b'; StoreIn = $store } | New-SailPat }
        }
        @{ Name = 'Invoke-SailPatRotation, a table'; Run = { [pscustomobject]@{ id = $token; StoreIn = $store } | Invoke-SailPatRotation } }
        @{
            Name = 'Invoke-SailPatRotation, an object of JSON'
            Run = { ConvertTo-Row @{ id = $token; StoreIn = $store } | Invoke-SailPatRotation }
        }
    ) {
        $failure = Get-ErrorOf { $ErrorActionPreference = 'Stop'; & $Run }
        "$failure" | Should -Match 'StoreIn'
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
        Test-Path $trace | Should -BeFalse
    }

    It 'a table as an argument works, and so does a path or a file from the pipeline' {
        Set-Content filed.json '{}'
        $ErrorActionPreference = 'Stop'
        $argued = New-SailPat 'Argued' -Scope a:b -StoreIn @{ file = 'argued.json'; format = 'json' }
        $texted = [pscustomobject]@{ Name = 'Texted'; Scope = 'a:b'; StoreIn = 'texted.env' } | New-SailPat
        $filed = [pscustomobject]@{ Name = 'Filed'; Scope = 'a:b'; StoreIn = Get-Item filed.json } | New-SailPat
        $argued.storedIn | Should -BeLike '*argued.json'
        $texted.storedIn | Should -BeLike '*texted.env'
        $filed.storedIn | Should -BeLike '*filed.json'
        ([pscustomobject]@{ id = $token; StoreIn = 'rotated.json' } | Invoke-SailPatRotation -ErrorAction Stop).state | Should -Be 'done'
    }

    It 'is a request of the service''s own fields, and of no other: <_>' -ForEach $versions {
        $command = $_
        $expiry = [datetime]::UtcNow.AddDays(60).ToString('o')
        $written = "$TestDrive/written-$([guid]::NewGuid()).json"
        $extras = @{ storeIn = $store }, @{ storeIn = @{ file = $written } }, @{ apiVersion = 'v2025' }, @{ timeoutMs = 5 },
        @{ body = @{ name = 'Inner' }; storeIn = @{ file = $written } }
        $faults = foreach ($extra in $extras) {
            $request = @{ name = 'Ran'; expirationDate = $expiry } + $extra
            if ($extra['body']) { $request = $extra }
            Set-Content request.json (ConvertTo-Json $request -Depth 5)
            $ways = [ordered]@{
                'an object from the pipeline' = { Get-Content request.json -Raw | ConvertFrom-Json | & $command }
                'text from the pipeline' = { Get-Content request.json -Raw | & $command }
                'a text' = { & $command (Get-Content request.json -Raw) }
                'lines' = { & $command (Get-Content request.json) }
                'a table' = { & $command $request }
            }
            foreach ($way in $ways.Keys) {
                $what = "$($extra.Keys -join ' and '), ${way}"
                $failure = $null
                try { [void](& $ways[$way]) } catch { $failure = $_ }
                if ($null -eq $failure) { "${what}: not refused"; continue }
                $message = "$($failure.Exception.Message) $($failure.ErrorDetails.RecommendedAction)"
                if (-not ($extra.Keys | Where-Object { $message.Contains($_) })) { "${what}: not refused by name: $message" }
                # What was given may be named; the rest speaks of the service's fields.
                foreach ($name in $extra.Keys) { $message = $message.Replace($name, '') }
                if ($message -match 'body|apiVersion|timeoutMs|storeIn|ownerId|patch\b') { "${what}: speaks of $($Matches[0]): $message" }
            }
        }
        $faults -join "`n" | Should -BeNullOrEmpty
        Get-RequestsOf $tenant create | Should -BeNullOrEmpty
        Test-Path $trace | Should -BeFalse
        Test-Path $written | Should -BeFalse
    }
}

Describe 'What a file or a script makes of one token' {
    BeforeEach { Start-Anew }
    AfterEach { Remove-OwnTokens $tenant }

    It 'rows of Import-Csv go into <_>' -ForEach 'Remove-SailPat', 'Remove-V2024PersonalAccessToken', 'Set-SailPat', 'Get-SailPat' {
        $id = Add-Token Exported
        Get-SailPat Exported | Export-Csv "$TestDrive/tokens.csv"
        $rows = @(Import-Csv "$TestDrive/tokens.csv")
        $rows[0].managed | Should -BeOfType [string]
        $more = if ($_ -eq 'Set-SailPat') { @{ Name = 'Renamed' } } else { @{} }
        $rows | & $_ @more -ErrorAction Stop | Out-Null
        $left = Get-TenantTokens | Where-Object id -EQ $id
        if ($_ -like 'Remove-*') { $left | Should -BeNullOrEmpty }
        else { $left.name | Should -Be $(if ($more.Count) { 'Renamed' } else { 'Exported' }) }
    }

    It 'a cell of managed that says <Cell> is <Meaning>' -ForEach @(
        @{ Cell = 'True'; Meaning = 'managed' }, @{ Cell = 'true'; Meaning = 'managed' }, @{ Cell = 'False'; Meaning = 'not' },
            @{ Cell = ''; Meaning = 'not given' }
    ) {
        $id = Add-Token Row
        $row = "id,managed`n$id,$Cell" | ConvertFrom-Csv
        if ($Meaning -eq 'managed') {
            (Get-ErrorOf { $row | Remove-SailPat -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'SailPat.needs_force,*'
            $row | Remove-SailPat -Force -ErrorAction Stop
        }
        else { $row | Remove-SailPat -ErrorAction Stop }
        (Get-TenantTokens).id | Should -Not -Contain $id
    }

    It 'a cell of managed that says neither is refused' {
        $id = Add-Token Row
        (Get-ErrorOf { "id,managed`n$id,perhaps" | ConvertFrom-Csv | Remove-SailPat -ErrorAction Stop }).Exception.Message |
            Should -BeLike "*'perhaps' is neither True nor False*"
        (Get-TenantTokens).id | Should -Contain $id
    }

    It 'a list of one is that one: <Name>' -ForEach @(
        @{ Name = 'an object'; Make = { param($id) , @(Get-SailPat -Id $id) } }
        @{ Name = 'a text'; Make = { param($id) , @($id) } }
        @{ Name = 'a table'; Make = { param($id) , @(@{ id = $id }) } }
        @{ Name = 'a typed list'; Make = { param($id) , [Collections.Generic.List[string]]@($id) } }
    ) {
        $id = Add-Token One
        Remove-SailPat (& $Make $id) -ErrorAction Stop
        (Get-TenantTokens).id | Should -Not -Contain $id
        $id = Add-Token One
        Remove-V2024PersonalAccessToken (& $Make $id)
        (Get-TenantTokens).id | Should -Not -Contain $id
    }

    It 'a list of two says to pipe it' {
        $ids = foreach ($i in 1..2) { Add-Token "Of $i" }
        $before = Get-Total
        foreach ($list in $ids, @(Get-SailPat 'Of *')) {
            (Get-ErrorOf { Remove-SailPat $list -ErrorAction Stop }).Exception.Message |
                Should -BeLike '*this is a list of 2. Pipe its items to the command*'
            (Get-ErrorOf { Remove-V2024PersonalAccessToken $list }).Exception.Message |
                Should -BeLike '*this is a list of 2. Pipe its items to the command*'
        }
        (Get-Total) - $before | Should -Be 1
        $ids | Remove-SailPat -ErrorAction Stop
        (Get-TenantTokens).name | Should -Not -BeLike 'Of *'
    }

    It 'a list without an id is none: <Name>' -ForEach @{ Name = 'an empty list'; Value = @() }, @{ Name = 'null'; Value = , $null },
        @{ Name = 'blank'; Value = , ' ' }, @{ Name = 'a list'; Value = , (, 'x') } {
        $before = Get-Total
        { Remove-SailPat $Value -ErrorAction Stop } | Should -Throw
        Get-Total | Should -Be $before
    }
}
