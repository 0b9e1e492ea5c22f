# Rotation from PowerShell: whatever happens on the way, a pair that signs in is stored, and in the end
# exactly one token is left.

BeforeDiscovery {
    . "$PSScriptRoot/Vault.ps1"
    $hasVault = Test-Vault
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    . "$PSScriptRoot/Vault.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $started = $PWD.ProviderPath
    $home0 = $env:SAILPAT_HOME

    # What a vault holds is in a file of its folder.
    function Read-Vault([string]$Name) { if (Test-Path "$env:TRIES/secret-$Name") { [IO.File]::ReadAllLines("$env:TRIES/secret-$Name") } }
    # What counts its calls begins anew.
    function Reset-Calls { [IO.File]::Delete("$env:TRIES/calls") }
    Use-TestVault
    # The genuine commands wait for their vault, which gets on once the stop has reached them.
    function Stop-AtWork($Shell) {
        $stopping = $Shell.BeginStop($null, $null)
        while ($Shell.InvocationStateInfo.State -eq 'Running') { [Threading.Thread]::Sleep(10) }
        [IO.File]::WriteAllText("$env:TRIES/go", '')
        $Shell.EndStop($stopping)
    }

    # Another PowerShell, with this one's variables.
    function Start-Other([string]$Script) {
        $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
        $begin = ("`$ErrorActionPreference = 'Stop'; Import-Module '$script:ModulePath'; Set-SailPatConfiguration -RateLimit none; " +
            "Set-Location '$($PWD.ProviderPath)'")
        foreach ($argument in '-NoProfile', '-c', "$begin; $Script") { $start.ArgumentList.Add($argument) }
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        [Diagnostics.Process]::Start($start)
    }
    function Invoke-Other([string]$Script) {
        $process = Start-Other $Script
        $errors = $process.StandardError.ReadToEndAsync()
        $text = $process.StandardOutput.ReadToEnd()
        $process.WaitForExit()
        ($text + $errors.Result).Trim()
    }

    function Get-OwnNames { (Invoke-Control $tenant GET tokens | ForEach-Object { $_ } | Where-Object { $_.owner.id -eq $me }).name }

    # Whether a pair signs in, asked by another client than this session's.
    function Test-Pair([string[]]$Pair) {
        $id, $secret = $Pair
        try {
            [bool](Invoke-RestMethod -Method Post -Uri "$($tenant.url)/oauth/token" -ContentType 'application/x-www-form-urlencoded' `
                -Body "grant_type=client_credentials&client_id=$id&client_secret=$secret").access_token
        }
        catch { $false }
    }
    function Get-StoredPair([string]$Path) {
        $stored = Get-Content $Path -Raw | ConvertFrom-Json; @($stored.ClientId, $stored.ClientSecret)
    }
}
AfterAll {
    Clear-TestVault
    Set-SailPatConfiguration -Reset
    Set-Location $started
    $env:SAILPAT_HOME = $home0
    Clear-Settings
}
Describe 'Rotation from PowerShell' {
    BeforeEach {
        Set-SailPatConfiguration -Reset -RateLimit none
        $folder = [IO.Directory]::CreateDirectory("$TestDrive/$([guid]::NewGuid())").FullName
        Set-Location $folder
        $env:SAILPAT_HOME = "$folder/state"
        $env:TRIES = [IO.Directory]::CreateDirectory("$folder/vault").FullName
        $env:TRIES_MODE = $null
        $tenant = Start-Emulator @('--rate-limit', 'off')
        Use-Tenant $tenant
        $me = @(Get-SailPat -Mine)[0].owner.id
        Reset-Emulator $tenant
    }
    AfterEach { Stop-Emulator $tenant }

    Context 'Invoke-SailPatRotation' {
        It 'replaces the token in use and goes on with the new one' {
            $before = Get-SailPat -Mine
            $rotation = Invoke-SailPatRotation -StoreIn ./pair.json
            $rotation.state | Should -Be 'done'
            $rotation.finished | Should -BeTrue
            $rotation.updated | Should -BeOfType [datetime]
            $rotation.history.step |
                Should -Be 'begin', 'creating', 'created', 'verified', 'storing', 'stored', 'deleted', 'naming', 'named', 'done'
            $after = Get-SailPat -Mine
            $after.id | Should -Be $rotation.newId
            $after.isTokenInUse | Should -BeTrue
            $after.name | Should -Be $before.name
            $after.scope | Should -Be $before.scope
            Test-Pair (Get-StoredPair ./pair.json) | Should -BeTrue
            Test-Pair $tenant.clientId, $tenant.clientSecret | Should -BeFalse
        }

        It 'puts the pair back where it came from when no place is named' {
            @{ BaseURL = $tenant.url; ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret; Note = 'mine' } | ConvertTo-Json |
                Set-Content config.json
            Clear-Settings
            $rotation = Invoke-SailPatRotation
            $rotation.state | Should -Be 'done'
            $rotation.storedIn | Should -BeLike '*config.json'
            (Get-Content config.json -Raw | ConvertFrom-Json).Note | Should -Be 'mine'
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
        }

        It 'takes <What> as a place' -ForEach @{ What = 'Configuration'; File = 'config.json' },
            @{ What = 'a table'; File = 'config.json' }, @{ What = 'a file'; File = 'there.json' },
            @{ What = 'a path'; File = 'prod.env' } {
            Set-Content there.json '{}'
            # 0640: who could read a file still can. A new one is 0600.
            if (-not $IsWindows) { [IO.File]::SetUnixFileMode("$folder/there.json", 416) }
            $places = @{
                'Configuration' = 'Configuration'
                'a table' = @{ file = 'config.json'; format = 'json' }
                'a file' = (Get-Item there.json)
                'a path' = './prod.env'
            }
            $rotation = Invoke-SailPatRotation -StoreIn $places[$What] -ErrorAction Stop
            $rotation.state | Should -Be 'done'
            [IO.File]::ReadAllText("$folder/$File") | Should -Match $rotation.newId
            if (-not $IsWindows) {
                [int][IO.File]::GetUnixFileMode("$folder/$File") | Should -Be $(if ($What -eq 'a file') { 416 } else { 384 })
            }
        }

        It 'Environment sets the variables of this session' {
            $rotation = Invoke-SailPatRotation -StoreIn Environment
            $rotation.state | Should -Be 'done'
            $env:SAIL_CLIENT_ID | Should -Be $rotation.newId
            Test-Pair $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET | Should -BeTrue
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
        }

        It 'hands the pair to an external command on its input, and reads it back' -Skip:$IsWindows {
            Set-Content store.sh `
                ('cd "$(dirname "$0")"; read -r request; case $request in *store*) printf %s "$request" > kept;; *read*) cat kept ' +
                '2>/dev/null || echo "{}";; esac')
            $rotation = Invoke-SailPatRotation -StoreIn @{ command = 'sh', "$folder/store.sh" } -ErrorAction Stop
            $rotation.state | Should -Be 'done'
            $rotation.storedIn | Should -Be 'command sh'
            # The session reads its pair from there now.
            (Get-SailPatConfiguration).ClientIdFrom | Should -Be 'command sh'
            (Get-SailPat -Mine).id | Should -Be $rotation.newId
        }

        It 'writes into the official command line''s file, and drops its cached bearer' {
            Set-Content config.yaml `
                ("activeenvironment: prod`nenvironments:`n  prod:`n    baseurl: $($tenant.url)`n    pat:`n      clientid: " +
                "$($tenant.clientId)`n      clientsecret: $($tenant.clientSecret)`n      accesstoken: cached`n")
            $rotation = Invoke-SailPatRotation -StoreIn @{ commandLine = 'prod'; file = 'config.yaml' } -ErrorAction Stop
            $rotation.state | Should -Be 'done'
            $text = [IO.File]::ReadAllText("$folder/config.yaml")
            $text | Should -Match $rotation.newId
            $text | Should -Not -Match 'cached'
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
        }

        It 'an explicit pair of the session gives way to the new one' {
            Clear-Settings
            Set-SailPatConfiguration -BaseUrl $tenant.url -ClientId $tenant.clientId `
                -ClientSecret (ConvertTo-SecureString $tenant.clientSecret -AsPlainText -Force)
            [void](Invoke-SailPatRotation -StoreIn ./pair.json)
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
        }

        It 'a session with a source goes over to the new pair where that is: <Name>' -ForEach @(
            @{ Name = 'from a file into variables'; Place = @{ StoreIn = 'Environment' }; Whole = $false }
            @{ Name = 'from a file with the tenant into variables'; Place = @{ StoreIn = 'Environment' }; Whole = $true }
            @{ Name = 'from a file into a vault'; Place = @{ SecretName = 'sailpoint' }; Whole = $false }
            @{ Name = 'from a file with the tenant into a vault'; Place = @{ SecretName = 'sailpoint' }; Whole = $true }
            @{ Name = 'from a file with the tenant into another file'; Place = @{ StoreIn = 'other.json' }; Whole = $true }
        ).Where({ $hasVault -or -not $_.Place.SecretName }) {
            Clear-Settings
            $pair = @{ ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret }
            if ($Whole) { $pair.BaseURL = $tenant.url }
            $pair | ConvertTo-Json | Set-Content pair.json
            if ($Whole) { Set-SailPatConfiguration -Source pair.json }
            else { Set-SailPatConfiguration -BaseUrl $tenant.url -Source pair.json }
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
            $said = $null
            $rotation = Invoke-SailPatRotation @Place -ErrorAction Stop -Verbose 4>&1 |
                ForEach-Object { if ($_ -is [System.Management.Automation.VerboseRecord]) { $said += "$_" } else { $_ } }
            $rotation.state | Should -Be 'done'
            $said | Should -Match 'signs in with the new pair'
            (Get-SailPatConfiguration).ClientId | Should -Be $rotation.newId
            # Without the bearer that the old pair got.
            (Invoke-Control $tenant POST settings @{ expireBearers = $true }) | Out-Null
            (Get-SailPat -Mine).id | Should -Be $rotation.newId
            (Invoke-SailPatRotation -StoreIn next.json -ErrorAction Stop).oldId | Should -Be $rotation.newId
        }

        It 'undo brings such a session back to its source: <_>' -ForEach @('Environment'; if ($hasVault) { 'a vault' }) {
            Clear-Settings
            @{ ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret } | ConvertTo-Json | Set-Content pair.json
            Set-SailPatConfiguration -BaseUrl $tenant.url -Source pair.json
            $place = if ($_ -eq 'Environment') { @{ StoreIn = 'Environment' } } else { @{ SecretName = 'sailpoint' } }
            $rotation = Invoke-SailPatRotation @place -Overlap 1h
            (Get-SailPatConfiguration).ClientId | Should -Be $rotation.newId
            ($rotation | Undo-SailPatRotation -Confirm:$false -ErrorAction Stop).state | Should -Be 'undone'
            (Get-SailPatConfiguration).ClientIdFrom | Should -BeLike '*pair.json*'
            (Get-SailPat -Mine).id | Should -Be $tenant.clientId
            $env:SAIL_CLIENT_ID | Should -BeNullOrEmpty
            Read-Vault sailpoint | Should -BeNullOrEmpty
        }

        It 'undo brings such a session back past variables that hold the pair of a removed token' {
            (Invoke-SailPatRotation -StoreIn pair.json -ErrorAction Stop).state | Should -Be 'done'
            $rotation = Invoke-SailPatRotation -StoreIn Environment -Overlap 1h -ErrorAction Stop
            ($rotation | Undo-SailPatRotation -Confirm:$false -ErrorAction Stop).state | Should -Be 'undone'
            $env:SAIL_CLIENT_ID | Should -Be $tenant.clientId
            (Get-SailPatConfiguration).ClientId | Should -Be $rotation.oldId
            (Get-SailPatConfiguration).ClientIdFrom | Should -BeLike '*pair.json*'
            (Get-SailPat -Mine).id | Should -Be $rotation.oldId
        }

        It 'undo leaves a session alone that was given another pair meanwhile' {
            $third = New-SailPat 'Third' -Scope sp:scopes:all
            $rotation = Invoke-SailPatRotation -StoreIn Environment -Overlap 1h -ErrorAction Stop
            Set-SailPatConfiguration -BaseUrl $tenant.url `
                -Credential ([pscredential]::new($third.id, (ConvertTo-SecureString $third.secret -AsPlainText -Force)))
            ($rotation | Undo-SailPatRotation -Confirm:$false -ErrorAction Stop).state | Should -Be 'undone'
            (Get-SailPatConfiguration).ClientId | Should -Be $third.id
        }

        It 'variables that hold another token''s pair, or half of one, keep it: <_>' -ForEach 'a pair', 'an id', 'a secret' {
            $third = New-SailPat 'Third'
            Reset-Emulator $tenant
            Clear-Settings
            Set-SailPatConfiguration -BaseUrl $tenant.url -ClientId $tenant.clientId `
                -ClientSecret (ConvertTo-SecureString $tenant.clientSecret -AsPlainText -Force)
            if ($_ -ne 'a secret') { $env:SAIL_CLIENT_ID = $third.id }
            if ($_ -ne 'an id') { $env:SAIL_CLIENT_SECRET = $third.secret }
            foreach ($call in { Invoke-SailPatRotation -StoreIn Environment -ErrorAction Stop },
                { New-SailPat Deploy -Scope a:b -StoreIn Environment -ErrorAction Stop }) {
                $failure = Get-ErrorOf $call
                $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.secret_not_stored,*'
                $failure.Exception.Message |
                    Should -Match ("SAIL_CLIENT_ID and " +
                    "SAIL_CLIENT_SECRET.*$(if ($_ -eq 'a pair') { $third.id } else { 'half' }).*Nothing was changed")
            }
            Get-RequestsOf $tenant create | Should -BeNullOrEmpty
            Get-SailPatRotation | Should -BeNullOrEmpty
            if ($_ -ne 'an id') { $env:SAIL_CLIENT_SECRET | Should -Be $third.secret }
        }

        It 'variables that got a third pair during the overlap keep it when it is undone' {
            $third = New-SailPat 'Third'
            $rotation = Invoke-SailPatRotation -StoreIn Environment -Overlap 1h
            $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET = $third.id, $third.secret
            $failure = Get-ErrorOf { $rotation | Undo-SailPatRotation -Confirm:$false -ErrorAction Stop }
            $failure.Exception.Message | Should -Match "$($third.id).*stays"
            $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET | Should -Be $third.id, $third.secret
            (Get-SailPatRotation).state | Should -Be 'overlapping'
            $env:SAIL_CLIENT_ID = $env:SAIL_CLIENT_SECRET = $null
            ($rotation | Undo-SailPatRotation -Confirm:$false -ErrorAction Stop).state | Should -Be 'undone'
            $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET | Should -Be $tenant.clientId, $tenant.clientSecret
        }

        It 'refuses what is no place, before anything is made' {
            foreach ($place in 'Enviroment', 5, @('a', 'b'), @{ caller = $true }, @{ nowhere = 1 }, @{ }) {
                (Get-ErrorOf { Invoke-SailPatRotation -StoreIn $place -ErrorAction Stop }).FullyQualifiedErrorId |
                    Should -BeLike 'SailPat.invalid_request,*'
            }
            (Get-ErrorOf { Invoke-SailPatRotation -StoreIn a.json -SecretName b -ErrorAction Stop }).Exception.Message |
                Should -Match 'Only one'
            (Get-ErrorOf { Invoke-SailPatRotation -Vault b -ErrorAction Stop }).Exception.Message | Should -Match '-SecretName'
            (Get-ErrorOf { Invoke-SailPatRotation -ErrorAction Stop }).Exception.Data['field'] | Should -Be 'storeIn'
            Get-RequestsOf $tenant create | Should -BeNullOrEmpty
            Get-SailPatRotation | Should -BeNullOrEmpty
        }

        It 'rotates another of one''s own, from the pipeline, with an expiry' {
            $second = New-SailPat 'Second' -Scope idn:a:read
            $rotation = $second | Invoke-SailPatRotation -StoreIn second.json -ExpiresIn 30d
            $rotation.oldId | Should -Be $second.id
            $token = Get-SailPat Second -Mine
            $token.id | Should -Be $rotation.newId
            $token.scope | Should -Be 'idn:a:read'
            [math]::Round(($token.expirationDate - [datetime]::UtcNow).TotalDays) | Should -Be 30
            (Get-SailPat -Id $tenant.clientId).isTokenInUse | Should -BeTrue
        }

        It 'rotates six of one''s own, each into the file that its row names' {
            $rows = foreach ($number in 1..6) {
                [pscustomobject]@{
                    id = (New-SailPat "Own $number" -Scope "idn:a$($number):read").id
                    StoreIn = "own-$number.$(('json', 'env')[$number % 2])"
                }
            }
            $done = @($rows | Invoke-SailPatRotation -ErrorAction Stop)
            $done.state | Should -Be (, 'done' * 6)
            $done.oldId | Should -Be $rows.id
            foreach ($number in 1..6) {
                $file = $rows[$number - 1].StoreIn
                $pair = if ($file -like '*.json') { Get-StoredPair $file }
                else {
                    @((Get-Content $file -Raw | Select-String '(?m)^SAIL_CLIENT_ID=(\S+)').Matches[0].Groups[1].Value,
                        (Get-Content $file -Raw | Select-String '(?m)^SAIL_CLIENT_SECRET=(\S+)').Matches[0].Groups[1].Value)
                }
                $pair[0] | Should -Be $done[$number - 1].newId
                Test-Pair $pair | Should -BeTrue
            }
            $own = Get-SailPat -Mine | Sort-Object name
            @($own).Count | Should -Be 7
            @($own | Where-Object name -Like 'Own ?').scope | Should -Be (1..6 | ForEach-Object { "idn:a$($_):read" })
            # The session's own is as it was.
            ($own | Where-Object isTokenInUse).id | Should -Be $tenant.clientId
        }

        It 'does not put two pairs into one place' {
            $two = 'One', 'Two' | New-SailPat
            $seen = $null
            $done = $two | Invoke-SailPatRotation -StoreIn one.json -ErrorAction SilentlyContinue -ErrorVariable seen
            @($done).Count | Should -Be 1
            $seen[0].ErrorDetails.RecommendedAction | Should -Match 'place of its own'
            Test-Pair (Get-StoredPair one.json) | Should -BeTrue
        }

        It 'knows one place from another by more than its words' -Skip:$IsWindows {
            foreach ($name in 'a', 'b') {
                Set-Content "$name.sh" `
                    ("cd '$folder'; read -r request; case `$request in *store*) printf %s `"`$request`" > kept-$name;; *read*) cat " +
                    "kept-$name 2>/dev/null || echo '{}';; esac")
            }
            # A program is an argument of the caller's own; one that comes through the pipeline is refused.
            $states = foreach ($name in 'a', 'b') {
                (New-SailPat $name | Invoke-SailPatRotation -StoreIn @{ command = 'sh', "$folder/$name.sh" } -ErrorAction Stop).state
            }
            $states | Should -Be 'done', 'done'
            $row = [pscustomobject]@{ id = (New-SailPat c).id; StoreIn = @{ command = 'sh', "$folder/a.sh" } }
            (Get-ErrorOf { $row | Invoke-SailPatRotation -ErrorAction Stop }).Exception.Message | Should -Match 'runs nothing'
            # A file by its name alone: some systems do not tell ONE from one.
            $seen = $null
            $two = 'One', 'Two' | New-SailPat
            $done = @([pscustomobject]@{ id = $two[0].id; StoreIn = 'one.json' },
                [pscustomobject]@{ id = $two[1].id; StoreIn = [IO.FileInfo]"$folder/ONE.json" }) |
                Invoke-SailPatRotation -ErrorAction SilentlyContinue -ErrorVariable seen
            @($done).Count | Should -Be 1
            $seen[0].ErrorDetails.RecommendedAction | Should -Match 'place of its own'
        }

        It 'another owner''s token is refused, and nothing is made' {
            $others = Get-SailPat | Where-Object { $_.owner.id -ne $me } | Select-Object -First 1
            $id = if ($others) { $others.id } else { 'ef38f94347e94562b5bb8424a56397d8' }
            $failure = Get-ErrorOf { Invoke-SailPatRotation $id -StoreIn a.json -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.rotation_refused,*'
            $failure.Exception.Message | Should -Match 'nothing was changed'
            Get-RequestsOf $tenant create | Should -BeNullOrEmpty
            Test-Path a.json | Should -BeFalse
        }

        It '-WhatIf and $WhatIfPreference make nothing' {
            Invoke-SailPatRotation -StoreIn a.json -WhatIf
            Invoke-SailPatRotation -StoreIn Environment -WhatIf
            New-SailPat 'Never' -StoreIn a.json -WhatIf
            & { $WhatIfPreference = $true; Invoke-SailPatRotation -SecretName x }
            Get-Requests $tenant | Should -BeNullOrEmpty
            Test-Path a.json | Should -BeFalse
            Test-Path $env:SAILPAT_HOME | Should -BeFalse
        }

        It 'says that it waits for the new token to spread' {
            [void](Invoke-Control $tenant POST settings @{ lateSpreadSeconds = 2.5 })
            $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            [void]$shell.AddScript({
                    param($module, $file) Import-Module $module; Invoke-SailPatRotation -StoreIn $file
                }).AddArgument($script:ModulePath).AddArgument("$folder/late.json")
            $rotation = $shell.Invoke()
            $progress = @($shell.Streams.Progress)
            $shell.Dispose()
            $rotation.state | Should -Be 'done'
            $progress.Activity | Should -Contain 'SailPoint: rotate a personal access token'
            $progress.StatusDescription | Should -Contain 'waiting for the new token to spread'
        }
    }

    Context 'Get-, Resume- and Undo-SailPatRotation' {
        It 'an overlap lets both work until it is resumed' {
            $rotation = Invoke-SailPatRotation -StoreIn pair.json -Overlap 1h
            $rotation.state | Should -Be 'overlapping'
            [math]::Round(($rotation.overlapUntil - [datetime]::UtcNow).TotalMinutes) | Should -Be 60
            $rotation.next | Should -Match 'resume it after'
            Test-Pair $tenant.clientId, $tenant.clientSecret | Should -BeTrue
            Test-Pair (Get-StoredPair pair.json) | Should -BeTrue
            # Not due yet.
            Resume-SailPatRotation | Should -BeNullOrEmpty
            (Resume-SailPatRotation $rotation).state | Should -Be 'overlapping'
            ($rotation | Resume-SailPatRotation -Now).state | Should -Be 'done'
            Test-Pair $tenant.clientId, $tenant.clientSecret | Should -BeFalse
            @(Get-OwnNames).Count | Should -Be 1
        }

        It 'without an id everything that is due is resumed' {
            $second = New-SailPat 'Second'
            $rotations = @(Invoke-SailPatRotation -StoreIn pair.json -Overlap 1s
            Invoke-SailPatRotation $second -StoreIn second.json -Overlap 1s)
            $rotations.state | Should -Be 'overlapping', 'overlapping'
            while (@(Get-SailPatRotation -Overdue).Count -lt 2) { [Threading.Thread]::Sleep(50) }
            (Resume-SailPatRotation).state | Should -Be 'done', 'done'
            Get-SailPatRotation -Unfinished | Should -BeNullOrEmpty
            @(Get-OwnNames).Count | Should -Be 2
        }

        It 'what stopped half way says so, and is resumed once the cause is gone' {
            Add-Fault $tenant delete @{ status = 403 }
            $failure = Get-ErrorOf { Invoke-SailPatRotation -StoreIn pair.json -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.rotation_unfinished,*'
            $failure.Exception.Message |
                Should -Match 'The pair of the new token \w+ was stored in file .*; the old token \w+ was not seen to be removed'
            Test-Pair (Get-StoredPair pair.json) | Should -BeTrue
            $waiting = Get-SailPatRotation -Unfinished
            $waiting.state | Should -Be 'stored'
            $waiting.next | Should -Match 'resume'
            ($waiting | Out-String) | Should -Match 'resume'
            (Resume-SailPatRotation -All).state | Should -Be 'done'
            @(Get-OwnNames).Count | Should -Be 1
        }

        It 'undo puts the old pair back and removes the new token' {
            Set-Content pair.json (@{ ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret } | ConvertTo-Json)
            $rotation = Invoke-SailPatRotation -StoreIn pair.json -Overlap 1h
            ($rotation | Undo-SailPatRotation -Confirm:$false).state | Should -Be 'undone'
            (Get-StoredPair pair.json)[0] | Should -Be $tenant.clientId
            @(Get-OwnNames).Count | Should -Be 1
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
            (Get-ErrorOf {
                    Undo-SailPatRotation (Invoke-SailPatRotation -StoreIn pair.json) -Confirm:$false -ErrorAction Stop
                }).FullyQualifiedErrorId | Should -BeLike 'SailPat.rotation_refused,*'
        }

        It '-WhatIf leaves a rotation as it is' {
            $rotation = Invoke-SailPatRotation -StoreIn pair.json -Overlap 1h
            $rotation | Resume-SailPatRotation -Now -WhatIf
            $rotation | Undo-SailPatRotation -WhatIf
            (Get-SailPatRotation $rotation.rotation).state | Should -Be 'overlapping'
        }

        It 'finds rotations by id, by token and by state, and says when there is none' {
            $first = Invoke-SailPatRotation -StoreIn pair.json
            $second = Invoke-SailPatRotation -Overlap 1h
            (Get-SailPatRotation).rotation | Should -Be $second.rotation, $first.rotation
            (Get-SailPatRotation -Id $tenant.clientId).rotation | Should -Be $first.rotation
            (Get-SailPatRotation -Id $first.newId).rotation | Should -Be $second.rotation, $first.rotation
            (Get-SailPatRotation "$($first.rotation.Substring(0, 8))*").Count | Should -Be 2
            (Get-SailPatRotation -Unfinished).rotation | Should -Be $second.rotation
            foreach ($call in { Get-SailPatRotation none -ErrorAction Stop }, { Resume-SailPatRotation none -ErrorAction Stop },
                { Undo-SailPatRotation none -Confirm:$false -ErrorAction Stop }) {
                (Get-ErrorOf $call).FullyQualifiedErrorId | Should -BeLike 'SailPat.rotation_unknown,*'
            }
            (Get-ErrorOf { 5 | Resume-SailPatRotation -ErrorAction Stop }).Exception.Message | Should -Match 'a text property'
        }

        It 'tab completion knows the unfinished ones, without a call' {
            $done = Invoke-SailPatRotation -StoreIn pair.json
            $waiting = Invoke-SailPatRotation -Overlap 1h
            Reset-Emulator $tenant
            function Complete([string]$Line) {
                [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.CompletionText
            }
            foreach ($command in 'Resume', 'Undo') { Complete "$command-SailPatRotation -Rotation " | Should -Be $waiting.rotation }
            Complete 'Get-SailPatRotation -Rotation ' | Should -Be $waiting.rotation, $done.rotation
            Complete 'Invoke-SailPatRotation -StoreIn E' | Should -Contain 'Environment'
            Get-Requests $tenant | Should -BeNullOrEmpty
        }

        It 'the table fits 80 columns' {
            [void](Invoke-SailPatRotation -StoreIn pair.json)
            $lines = (Get-SailPatRotation | Out-String -Width 80) -split '\r?\n'
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
            $lines -join "`n" | Should -Match 'Rotation +State +Name +OldId +NewId +Updated +StoredIn'
        }
    }

    Context 'A vault' -Skip:(-not $hasVault) {
        It 'takes the pair, and the session goes on with it' {
            $rotation = Invoke-SailPatRotation -SecretName sailpoint
            $rotation.state | Should -Be 'done'
            $rotation.storedIn | Should -Be "secret 'sailpoint'"
            Test-Pair (Read-Vault sailpoint) | Should -BeTrue
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
            @(Get-OwnNames).Count | Should -Be 1
            $rotation.PSObject.Properties.Name | Should -Not -Contain 'pair'
        }

        It 'that is <_> changes nothing' -ForEach 'full', 'gives another' {
            Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret
            $env:TRIES_MODE = $_
            Reset-Calls
            $failure = Get-ErrorOf { Invoke-SailPatRotation -SecretName sailpoint -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.secret_not_stored,*'
            $failure.Exception.Message | Should -Match 'nothing was changed'
            Read-Vault sailpoint | Should -Be $tenant.clientId, $tenant.clientSecret
            @(Get-OwnNames).Count | Should -Be 1
            (Get-SailPatRotation).state | Should -Be 'undone'
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
        }

        It 'that fails after it took the pair holds it, and that counts' {
            Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret
            $env:TRIES_MODE = 'full then'
            Reset-Calls
            $rotation = Invoke-SailPatRotation -SecretName sailpoint -ErrorAction Stop
            $rotation.state | Should -Be 'done'
            (Read-Vault sailpoint)[0] | Should -Be $rotation.newId
            Test-Pair (Read-Vault sailpoint) | Should -BeTrue
        }

        It 'no stream, error or journal ever shows a secret' {
            $Error.Clear()
            $said = foreach ($mode in '', 'full', 'gives another', 'full then', '') {
                $env:TRIES_MODE = $mode
                Invoke-SailPatRotation -SecretName sailpoint -Verbose -Debug -ErrorAction Continue *>&1 | Format-List * -Force |
                    Out-String -Width 500
                Read-Vault sailpoint | ForEach-Object { if ($_.Length -eq 64) { $script:secrets += @($_) } }
            }
            $said += Invoke-SailPatRotation -StoreIn Environment -Verbose -Debug *>&1 | Format-List * -Force | Out-String -Width 500
            $said += New-SailPat 'Kept' -SecretName kept -Verbose -Debug *>&1 | Format-List * -Force | Out-String -Width 500
            $said += $Error | ForEach-Object { $_ | Format-List * -Force | Out-String -Width 500 }
            $said += Get-ChildItem $env:SAILPAT_HOME -Recurse -File | ForEach-Object { [IO.File]::ReadAllText($_.FullName) }
            $text = $said -join "`n"
            $text | Should -Match 'holds a secret'
            $secrets = @($secrets) + $env:SAIL_CLIENT_SECRET + $tenant.clientSecret + (Read-Vault kept)[1] | Sort-Object -Unique
            $secrets.Count | Should -BeGreaterOrEqual 5
            foreach ($secret in $secrets) { if ($text.Contains($secret)) { throw 'a secret was shown' } }
            # Nor any other: each is 64 hex digits.
            [regex]::Match($text, '(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])').Value | Should -BeNullOrEmpty
        }

        It 'when PowerShell dies before it was stored, the next rotation takes it back and begins anew' {
            $env:TRIES_MODE = 'dies first'
            [void](Invoke-Other 'Invoke-SailPatRotation -SecretName sailpoint')
            @(Get-OwnNames).Count | Should -Be 2
            (Get-SailPatRotation).state | Should -Be 'awaiting_confirmation'
            $env:TRIES_MODE = $null
            (Invoke-SailPatRotation -SecretName sailpoint).state | Should -Be 'done'
            (Get-SailPatRotation).state | Should -Be 'done', 'undone'
            @(Get-OwnNames).Count | Should -Be 1
            Test-Pair (Read-Vault sailpoint) | Should -BeTrue
        }

        It 'when PowerShell dies before it was stored, resuming removes what was made' {
            $env:TRIES_MODE = 'dies first'
            [void](Invoke-Other 'Invoke-SailPatRotation -SecretName sailpoint')
            $env:TRIES_MODE = $null
            (Resume-SailPatRotation).state | Should -Be 'undone'
            @(Get-OwnNames).Count | Should -Be 1
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
        }

        It 'when PowerShell dies after it was stored, the stored pair is never lost: <_>' -ForEach 'the settings come from the vault',
            'the vault is named', 'it is resumed with the vault' {
            $env:TRIES_MODE = 'dies then'
            [void](Invoke-Other 'Invoke-SailPatRotation -SecretName sailpoint')
            $env:TRIES_MODE = $null
            @(Get-OwnNames).Count | Should -Be 2
            if ($_ -like 'the settings*') {
                Set-SailPatConfiguration -BaseUrl $tenant.url -Credential (Get-Secret sailpoint)
                (Resume-SailPatRotation).state | Should -Be 'done'
            }
            elseif ($_ -like 'the vault*') { (Invoke-SailPatRotation -SecretName sailpoint).state | Should -Be 'done' }
            else { (Resume-SailPatRotation -SecretName sailpoint).state | Should -Be 'done' }
            @(Get-SailPatRotation).Count | Should -Be 1
            @(Get-OwnNames).Count | Should -Be 1
            Test-Pair (Read-Vault sailpoint) | Should -BeTrue
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
        }

        It 'undo gives it back what it held: <_>' -ForEach 'the old pair', 'nothing' {
            if ($_ -like 'the old*') {
                Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret
                Clear-Settings
                Set-SailPatConfiguration -BaseUrl $tenant.url -Credential (Get-Secret sailpoint)
            }
            $rotation = Invoke-SailPatRotation -SecretName sailpoint -Overlap 1h
            (Read-Vault sailpoint)[0] | Should -Be $rotation.newId
            ($rotation | Undo-SailPatRotation -Confirm:$false -ErrorAction Stop).state | Should -Be 'undone'
            if ($_ -like 'the old*') { Read-Vault sailpoint | Should -Be $tenant.clientId, $tenant.clientSecret }
            else { Read-Vault sailpoint | Should -BeNullOrEmpty }
            (Get-SailPat -Mine).id | Should -Be $tenant.clientId
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
        }

        It 'undo leaves the new pair where it is when the vault fails, and works once it does' {
            Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret
            $rotation = Invoke-SailPatRotation -SecretName sailpoint -Overlap 1h
            $env:TRIES_MODE = 'full'
            $failure = Get-ErrorOf { $rotation | Undo-SailPatRotation -Confirm:$false -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.rotation_unfinished,*'
            # What the vault itself said is not passed on by the genuine commands.
            $failure.Exception.Message | Should -Match 'Unable to add secret sailpoint'
            Test-Pair (Read-Vault sailpoint) | Should -BeTrue
            $env:TRIES_MODE = $null
            ($rotation | Undo-SailPatRotation -Confirm:$false).state | Should -Be 'undone'
            Read-Vault sailpoint | Should -Be $tenant.clientId, $tenant.clientSecret
        }

        It 'undo in another session says that the vault must be changed by hand' {
            $rotation = Invoke-SailPatRotation -SecretName sailpoint -Overlap 1h
            # This one signs in with the old pair, by its variables.
            $said = Invoke-Other "Undo-SailPatRotation $($rotation.rotation) -Confirm:`$false"
            $said | Should -Match 'by hand'
            (Get-SailPatRotation).state | Should -Be 'undone'
        }

        It 'that another session rotated is not undone by one that has only the new pair' {
            $rotation = Invoke-SailPatRotation -SecretName sailpoint -Overlap 1h
            $said = Invoke-Other `
                ("`$env:SAIL_CLIENT_ID = `$env:SAIL_CLIENT_SECRET = `$null; Set-SailPatConfiguration -BaseUrl $($tenant.url) -Credential " +
                "(Get-Secret sailpoint); try { Undo-SailPatRotation $($rotation.rotation) -Confirm:`$false } catch { " +
                "`$_.FullyQualifiedErrorId }")
            $said | Should -Match 'rotation_refused'
            Test-Pair (Read-Vault sailpoint) | Should -BeTrue
            ($rotation | Resume-SailPatRotation -Now).state | Should -Be 'done'
        }

        It 'that cannot be read is not touched' {
            Set-Content "$env:TRIES/secret-sailpoint" 'someone', 'else'
            Reset-Emulator $tenant
            $env:TRIES_MODE = 'locked'
            $failure = Get-ErrorOf { Invoke-SailPatRotation -SecretName sailpoint -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.secret_not_stored,*'
            $failure.Exception.Message | Should -Match 'Unable to get secret.*nothing was changed'
            Get-Content "$env:TRIES/calls" | Should -Be 'Get-Secret'
            Read-Vault sailpoint | Should -Be 'someone', 'else'
            Get-RequestsOf $tenant create | Should -BeNullOrEmpty
            Get-SailPatRotation | Should -BeNullOrEmpty
        }

        It 'that is locked is not an empty one: nothing is resumed or taken back' {
            $env:TRIES_MODE = 'dies then'
            [void](Invoke-Other 'Invoke-SailPatRotation -SecretName sailpoint')
            $env:TRIES_MODE = 'locked'
            $failed = Get-ErrorOf { Resume-SailPatRotation -SecretName sailpoint -ErrorAction Stop }
            $failed.Exception.Message | Should -Match 'Unable to get secret'
            [void](Get-ErrorOf { Invoke-SailPatRotation -SecretName sailpoint -ErrorAction Stop })
            (Get-SailPatRotation).state | Should -Be 'awaiting_confirmation'
            @(Get-OwnNames).Count | Should -Be 2
            $env:TRIES_MODE = $null
            (Resume-SailPatRotation -SecretName sailpoint).state | Should -Be 'done'
            Test-Pair (Read-Vault sailpoint) | Should -BeTrue
        }

        It 'that does not let go of what it took loses no token' {
            $env:TRIES_MODE = 'spoils and keeps'
            Reset-Calls
            $failure = Get-ErrorOf { Invoke-SailPatRotation -SecretName sailpoint -ErrorAction Stop }
            $failure.Exception.Message | Should -Match 'removed again, but its pair may still be in'
            Get-Content "$env:TRIES/calls" | Should -Contain 'Remove-Secret'
            (Get-SailPatRotation).state | Should -Be 'undone'
            @(Get-OwnNames).Count | Should -Be 1
        }

        It 'that repeats what it holds shows neither the old nor the new secret' {
            Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret
            Reset-Calls
            $env:TRIES_MODE = 'shows'
            $failure = Get-ErrorOf { Invoke-SailPatRotation -SecretName sailpoint -ErrorAction Stop }
            $failure.Exception.Message | Should -Match 'Unable to get secret sailpoint'
            $failure | Format-List * -Force | Out-String -Width 500 | Should -Not -Match '[0-9a-f]{64}'
            $failure.Exception.Message | Should -Match 'Both tokens live'
            # The new pair is there still, and so is its token.
            $env:TRIES_MODE = $null
            Test-Pair (Read-Vault sailpoint) | Should -BeTrue
        }

        It 'holds the pair of another token: that one is not what was asked for, and stays' {
            $second = New-SailPat 'Second'
            $env:TRIES_MODE = 'dies then'
            [void](Invoke-Other "Invoke-SailPatRotation $($second.id) -SecretName second")
            $env:TRIES_MODE = $null
            $pair = Read-Vault second
            $failure = Get-ErrorOf { Invoke-SailPatRotation -SecretName second -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.secret_not_stored,*'
            $failure.Exception.Message | Should -Match $pair[0]
            Read-Vault second | Should -Be $pair
            Test-Pair $pair | Should -BeTrue
            (Get-SailPatRotation).state | Should -Be 'awaiting_confirmation'
        }

        It 'a token that is named is completed, too' {
            $second = New-SailPat 'Second'
            $env:TRIES_MODE = 'dies then'
            [void](Invoke-Other "Invoke-SailPatRotation $($second.id) -SecretName second")
            $env:TRIES_MODE = $null
            $rotation = Invoke-SailPatRotation $second.id -SecretName second
            $rotation.state | Should -Be 'done'
            $rotation.newId | Should -Be (Read-Vault second)[0]
            @(Get-SailPatRotation).Count | Should -Be 1
        }

        It 'resuming an overlap that is not due leaves the session''s pair' {
            Clear-Settings
            $pair = [pscredential]::new($tenant.clientId, (ConvertTo-SecureString $tenant.clientSecret -AsPlainText -Force))
            Set-SailPatConfiguration -BaseUrl $tenant.url -Credential $pair
            $rotation = Invoke-SailPatRotation -SecretName sailpoint -Overlap 1h
            Set-SailPatConfiguration -Credential $pair
            (Resume-SailPatRotation $rotation).state | Should -Be 'overlapping'
            (Get-SailPat -Id $tenant.clientId).isTokenInUse | Should -BeTrue
            (Resume-SailPatRotation $rotation -SecretName sailpoint).state | Should -Be 'overlapping'
            (Get-SailPat -Id $rotation.newId).isTokenInUse | Should -BeTrue
        }

        It 'that lost the new pair during the overlap gets it again before the old token goes: <What>, <How>' -ForEach @(
            foreach ($how in 'with its name', 'as it is remembered', 'by a rotation of the same token') {
                @{ What = 'the old pair is there'; How = $how }
                @{ What = 'nothing is there'; How = $how }
            }
        ) {
            Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret
            if ($How -like 'by*') {
                Add-Fault $tenant delete @{ status = 403 }
                $failure = Get-ErrorOf { Invoke-SailPatRotation -SecretName sailpoint -ErrorAction Stop }
                $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.rotation_unfinished,*'
                $rotation = Get-SailPatRotation
                $rotation.state | Should -Be 'stored'
            }
            else { $rotation = Invoke-SailPatRotation -SecretName sailpoint -Overlap 1h }
            if ($What -like 'the old*') { Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret }
            else { Remove-Item "$env:TRIES/secret-sailpoint" }
            $said = $null
            $done = switch ($How) {
                'with its name' {
                    Resume-SailPatRotation $rotation -Now -SecretName sailpoint -ErrorAction Stop -WarningVariable said `
                        -WarningAction SilentlyContinue
                }
                'as it is remembered' {
                    Resume-SailPatRotation $rotation -Now -ErrorAction Stop -WarningVariable said -WarningAction SilentlyContinue
                }
                default {
                    Invoke-SailPatRotation -SecretName sailpoint -ErrorAction Stop -WarningVariable said -WarningAction SilentlyContinue
                }
            }
            $done.state | Should -Be 'done'
            $done.rotation | Should -Be $rotation.rotation
            (Read-Vault sailpoint)[0] | Should -Be $rotation.newId
            Test-Pair (Read-Vault sailpoint) | Should -BeTrue
            "$said" | Should -Match "$($rotation.rotation).*secret 'sailpoint'.*put there again"
        }

        It 'that holds a third pair, or is not the one, keeps the old token alive: <What>' -ForEach @(
            @{
                What = 'a third pair, with its name'
                Named = @{ SecretName = 'sailpoint' }
                Says = 'pair of the token \w+'
                Advice = 'Undo-SailPatRotation'
            }
            @{ What = 'a third pair, remembered'; Named = @{ }; Says = 'pair of the token \w+'; Advice = 'Undo-SailPatRotation' }
            @{ What = 'another name'; Named = @{ SecretName = 'sailpiont' }; Says = 'nothing'; Advice = 'Undo-SailPatRotation' }
            @{ What = 'locked'; Named = @{ }; Says = 'Unable to get'; Advice = 'Unlock' }
        ) {
            $third = New-SailPat 'Third'
            $rotation = Invoke-SailPatRotation -SecretName sailpoint -Overlap 1h
            $new = Read-Vault sailpoint
            if ($What -like 'a third*') { Set-Content "$env:TRIES/secret-sailpoint" $third.id, $third.secret }
            if ($What -eq 'locked') { $env:TRIES_MODE = 'locked' }
            $failure = Get-ErrorOf { Resume-SailPatRotation $rotation -Now @Named -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.rotation_unfinished,*'
            $failure.Exception.Message |
                Should -Match ("secret '$(if ($What -like 'another*') { 'sailpiont' } else { 'sailpoint' })'.*$Says.*old token " +
                "$($tenant.clientId) stays")
            $failure.ErrorDetails.RecommendedAction | Should -Match $Advice
            $env:TRIES_MODE = $null
            (Get-SailPatRotation -Unfinished).state | Should -Be 'overlapping'
            Test-Pair $tenant.clientId, $tenant.clientSecret | Should -BeTrue
            Test-Pair $new | Should -BeTrue
            if ($What -like 'a third*') { Read-Vault sailpoint | Should -Be $third.id, $third.secret }
            Read-Vault sailpiont | Should -BeNullOrEmpty
        }

        It 'that lost the new pair is known to have, also to another session: <_>' -ForEach 'with the old pair', 'with the new pair' {
            Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret
            $rotation = Invoke-SailPatRotation -SecretName sailpoint -Overlap 1h
            $new = Read-Vault sailpoint
            Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret
            $pair = if ($_ -like '*new*') { $new } else { $tenant.clientId, $tenant.clientSecret }
            $said = Invoke-Other `
                ("Set-SailPatConfiguration -BaseUrl $($tenant.url) -Credential ([pscredential]::new('$($pair[0])', " +
                "(ConvertTo-SecureString '$($pair[1])' -AsPlainText -Force))); try { (Resume-SailPatRotation $($rotation.rotation) -Now " +
                "-SecretName sailpoint -WarningAction Ignore).state } catch { `$_.FullyQualifiedErrorId }")
            if ($_ -like '*new*') {
                $said | Should -Be 'done'
                Read-Vault sailpoint | Should -Be $new
                return
            }
            $said | Should -BeLike 'SailPat.rotation_unfinished,*'
            Test-Pair $new | Should -BeTrue
            Test-Pair $tenant.clientId, $tenant.clientSecret | Should -BeTrue
        }

        It 'variables that lost the new pair get it again before the old token goes' {
            $rotation = Invoke-SailPatRotation -StoreIn Environment -Overlap 1h
            $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET = $tenant.clientId, $tenant.clientSecret
            (Resume-SailPatRotation $rotation -Now -ErrorAction Stop).state | Should -Be 'done'
            $env:SAIL_CLIENT_ID | Should -Be $rotation.newId
            Test-Pair $env:SAIL_CLIENT_ID, $env:SAIL_CLIENT_SECRET | Should -BeTrue
        }

        It 'that loses the new pair while the rotation ends is said to' {
            $rotation = Invoke-SailPatRotation -SecretName sailpoint -Overlap 1h
            $env:TRIES_MODE = 'forgets'
            Reset-Calls
            $done = Resume-SailPatRotation $rotation -Now -SecretName sailpoint -WarningVariable said -WarningAction SilentlyContinue
            $done.state | Should -Be 'done'
            "$said" | Should -Match "$($rotation.rotation).*secret 'sailpoint'.*nothing"
        }

        It 'whose session died is not forgotten when it is resumed without its name: <_>' -ForEach 'Resume', 'Undo', 'Invoke' {
            Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret
            $env:TRIES_MODE = 'dies then'
            [void](Invoke-Other 'Invoke-SailPatRotation -SecretName sailpoint')
            $env:TRIES_MODE = $null
            $rotation = Get-SailPatRotation
            $settled = switch ($_) {
                'Resume' { Resume-SailPatRotation -WarningVariable said -WarningAction SilentlyContinue }
                'Undo' { Undo-SailPatRotation $rotation -Confirm:$false -WarningVariable said -WarningAction SilentlyContinue }
                default {
                    [void](Invoke-SailPatRotation -StoreIn pair.json -WarningVariable said -WarningAction SilentlyContinue)
                    Get-SailPatRotation $rotation.rotation
                }
            }
            $settled.state | Should -Be 'undone'
            "$said" | Should -Match "$($rotation.rotation).*cannot be looked up from here, and may hold the pair of the removed token"
        }

        It 'whose name is mistyped is no reason to take the rotation back: <_>' -ForEach 'nothing', 'another pair' {
            $env:TRIES_MODE = 'dies then'
            [void](Invoke-Other 'Invoke-SailPatRotation -SecretName sailpoint')
            $env:TRIES_MODE = $null
            $third = New-SailPat 'Third'
            if ($_ -eq 'another pair') { Set-Content "$env:TRIES/secret-sailpiont" $third.id, $third.secret }
            $failure = Get-ErrorOf { Resume-SailPatRotation -SecretName sailpiont -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.rotation_unfinished,*'
            $failure.Exception.Message |
                Should -Match "secret 'sailpiont' holds $(if ($_ -eq 'nothing') { 'nothing' } else { ".*$($third.id)" })"
            $failure.ErrorDetails.RecommendedAction | Should -Match 'without -SecretName'
            (Get-SailPatRotation).state | Should -Be 'awaiting_confirmation'
            Test-Pair (Read-Vault sailpoint) | Should -BeTrue
            (Resume-SailPatRotation -SecretName sailpoint).state | Should -Be 'done'
        }

        It 'whose session died is named in the words of these commands where nobody has the old pair' {
            $env:TRIES_MODE = 'dies then'
            [void](Invoke-Other 'Invoke-SailPatRotation -SecretName sailpoint')
            $env:TRIES_MODE = $null
            $third = New-SailPat 'Third' -Scope sp:scopes:all
            Set-SailPatConfiguration -BaseUrl $tenant.url `
                -Credential ([pscredential]::new($third.id, (ConvertTo-SecureString $third.secret -AsPlainText -Force)))
            $rotation = (Get-SailPatRotation).rotation
            $failure = Get-ErrorOf { Resume-SailPatRotation $rotation -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.rotation_refused,*'
            $failure.ErrorDetails.RecommendedAction | Should -Match "Resume-SailPatRotation $rotation -SecretName"
        }

        It 'undone by another session is put back, and so is the session: <_>' -ForEach 'Undo', 'Resume', 'Undo of nothing',
            'Undo of a third pair' {
            if ($_ -ne 'Undo of nothing') { Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret }
            $rotation = Invoke-SailPatRotation -SecretName sailpoint -Overlap 1h
            [void](Invoke-Other "Undo-SailPatRotation $($rotation.rotation) -Confirm:`$false -WarningAction Ignore")
            if ($_ -like '*third*') { Set-Content "$env:TRIES/secret-sailpoint" 'somebody', 'else' }
            $call = if ($_ -eq 'Resume') { { Resume-SailPatRotation $rotation @args } }
            else { { Undo-SailPatRotation $rotation -Confirm:$false @args } }
            $undone = . $call -ErrorAction Stop -WarningVariable said -WarningAction SilentlyContinue
            $undone.state | Should -Be 'undone'
            switch -Wildcard ($_) {
                '*nothing' { Read-Vault sailpoint | Should -BeNullOrEmpty }
                '*third*' {
                    Read-Vault sailpoint | Should -Be 'somebody', 'else'; "$said" | Should -Match "secret 'sailpoint'.*somebody.*stays"
                }
                default { Read-Vault sailpoint | Should -Be $tenant.clientId, $tenant.clientSecret; $said | Should -BeNullOrEmpty }
            }
            (Get-SailPat -Mine).id | Should -Be $tenant.clientId
        }

        It 'that is locked between the look and the store is to be unlocked, and not emptied' {
            Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret
            $env:TRIES_MODE = 'locks then'
            Reset-Calls
            $failure = Get-ErrorOf { Invoke-SailPatRotation -SecretName sailpoint -ErrorAction Stop }
            $failure.Exception.Message |
                Should -Match 'Unable to get secret sailpoint from vault Tries\. The new token was removed again; nothing was changed'
            $failure.ErrorDetails.RecommendedAction | Should -Match 'Unlock it'
            $failure.ErrorDetails.RecommendedAction | Should -Not -Match 'Remove-Secret|remove'
            Read-Vault sailpoint | Should -Be $tenant.clientId, $tenant.clientSecret
        }

        It 'that holds the pair of an unfinished rotation is not to be emptied: that one is named' {
            $env:TRIES_MODE = 'dies then'
            [void](Invoke-Other "New-SailPat 'Deploy' -SecretName deploy")
            $env:TRIES_MODE = $null
            $rotation = (Get-SailPatRotation).rotation
            $failure = Get-ErrorOf { New-SailPat 'Deploy' -SecretName deploy -ErrorAction Stop }
            $failure.Exception.Message | Should -Match "rotation $rotation stored.*Get-SailPatRotation -Unfinished"
            $failure.ErrorDetails.RecommendedAction |
                Should -Match "Resume-SailPatRotation $rotation -SecretName 'deploy'.*Undo-SailPatRotation $rotation"
            $failure.ErrorDetails.RecommendedAction | Should -Not -Match 'Remove-Secret'
            (Resume-SailPatRotation $rotation -SecretName deploy).state | Should -Be 'done'
            Test-Pair (Read-Vault deploy) | Should -BeTrue
        }

        It 'is never named by a blank, and the message says only that: <_>' -ForEach 'SecretName', 'Vault' {
            $given = @{ SecretName = 'sailpoint' }
            $given[$_] = ' '
            foreach ($call in { Invoke-SailPatRotation @given -ErrorAction Stop }, { Resume-SailPatRotation @given -ErrorAction Stop },
                { New-SailPat x -Scope a:b @given -ErrorAction Stop }) {
                $failure = Get-ErrorOf $call
                $failure.Exception.Message | Should -Be "-$_ was given and must not be empty."
            }
            Get-RequestsOf $tenant create | Should -BeNullOrEmpty
        }

        It 'a command that is stopped says what is true where its rotation is: <State>' -ForEach @(
            @{ State = 'done'; Old = 'a'; Says = 'is done'; Never = 'Undo|Resume' }
            @{ State = 'undone'; Old = 'a'; Says = 'is taken back'; Never = 'Undo|Resume' }
            @{
                State = 'deleted'
                Old = 'a'
                Says = 'old token is removed, Resume-SailPatRotation r ends'
                Never = 'Undo|takes it back|tokens live'
            }
            @{
                State = 'overlapping'
                Old = 'a'
                Says = 'Resume-SailPatRotation r goes on.*as long as the old token lives'
                Never = 'carries it on'
            }
            @{
                State = 'stored'
                Old = $null
                Says = 'Resume-SailPatRotation r goes on, Undo-SailPatRotation r takes it back'
                Never = 'old'
            }
            @{ State = 'created'; Old = 'a'; Says = 'Resume-SailPatRotation r carries it on or takes it back'; Never = 'Undo' }
        ) {
            $said = & (Get-Module SailPat) { Get-UnfinishedWays 'r' ([pscustomobject]@{ state = $args[0]; oldId = $args[1] }) '' '' } `
                $State $Old
            $said | Should -Match $Says
            $said | Should -Not -Match $Never
        }

        It 'a token that is made and has no old one is not said to have: stopped while the vault is at work' {
            $env:TRIES_MODE = 'slow'
            $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            [void]$shell.AddScript("Import-Module '$script:ModulePath'; New-SailPat 'Deploy' -Scope idn:a:read -SecretName deploy")
            $running = $shell.BeginInvoke()
            while (-not (Test-Path "$env:TRIES/came")) {
                if ($running.IsCompleted) { throw $shell.Streams.Error[0] }; [Threading.Thread]::Sleep(10)
            }
            Stop-AtWork $shell
            $said = $shell.Streams.Warning -join "`n"
            $shell.Dispose()
            $said | Should -Match "on its way with secret 'deploy'\. .*so the new token lives\. Resume"
            $said | Should -Not -Match '\b(both|old)\b'
        }

        It 'a command that is stopped while the vault is at work leaves both tokens, and says how to go on' {
            Set-Content "$env:TRIES/secret-sailpoint" $tenant.clientId, $tenant.clientSecret
            $env:TRIES_MODE = 'slow'
            $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            [void]$shell.AddScript("Import-Module '$script:ModulePath'; Invoke-SailPatRotation -SecretName sailpoint")
            $running = $shell.BeginInvoke()
            while (-not (Test-Path "$env:TRIES/came")) {
                if ($running.IsCompleted) { throw $shell.Streams.Error[0] }; [Threading.Thread]::Sleep(10)
            }
            Stop-AtWork $shell
            $said = $shell.Streams.Warning -join "`n"
            $id = (Get-SailPatRotation).rotation
            $said | Should -Match (
                "may be at work still, so both tokens live. Resume-SailPatRotation $id -SecretName 'sailpoint' -Vault 'Tries' " +
                "goes on where it holds the new pair, Undo-SailPatRotation $id takes it back")
            (Get-SailPatRotation).state | Should -Be 'awaiting_confirmation'
            Test-Pair $tenant.clientId, $tenant.clientSecret | Should -BeTrue
            @(Get-OwnNames).Count | Should -Be 2
            # The session that was stopped still has both pairs.
            $env:TRIES_MODE = $null
            $shell.Commands.Clear()
            [void]$shell.AddScript("(Undo-SailPatRotation $id -Confirm:`$false).state")
            $shell.Invoke() | Should -Be 'undone'
            $shell.Dispose()
            Read-Vault sailpoint | Should -Be $tenant.clientId, $tenant.clientSecret
            @(Get-OwnNames).Count | Should -Be 1
        }

        It 'a command that is stopped takes back what it began itself, and nothing else' {
            [void](New-SailPat 'Deploy')
            $second = Get-SailPat Deploy -Mine
            $env:TRIES_MODE = 'dies first'
            [void](Invoke-Other "Invoke-SailPatRotation $($second.id) -SecretName second")
            $env:TRIES_MODE = $null
            [void](Invoke-Control $tenant POST settings @{ lateSpreadSeconds = 30 })
            $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            [void]$shell.AddScript("Import-Module '$script:ModulePath'; Invoke-SailPatRotation -SecretName sailpoint")
            $running = $shell.BeginInvoke()
            while (@(Get-OwnNames).Count -lt 4) {
                if ($running.IsCompleted) { throw $shell.Streams.Error[0] }; [Threading.Thread]::Sleep(10)
            }
            $shell.Stop()
            $shell.Streams.Warning | Should -BeNullOrEmpty
            $shell.Dispose()
            (Get-SailPatRotation -Id $tenant.clientId).state | Should -Be 'undone'
            (Get-SailPatRotation -Id $second.id).state | Should -Be 'awaiting_confirmation'
            @(Get-OwnNames).Count | Should -Be 3
        }

        It 'a command that is stopped before it took the pair leaves no token: <_>' -ForEach 'Invoke-SailPatRotation -SecretName sailpoint',
            "New-SailPat 'Deploy' -SecretName deploy" {
            # What comes between the reply and the vault takes its time, or fails, in a session of its own.
            foreach ($end in 'while ($true) { Start-Sleep -Milliseconds 10 }', 'throw ''broken''') {
                Remove-Item came -ErrorAction Ignore
                $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
                [void]$shell.AddScript("Import-Module '$script:ModulePath'; & (Get-Module SailPat) { function script:Confirm-HandedPair " +
                    "{ Set-Content '$folder/came' x; $end } }; `$ErrorActionPreference = 'Stop'; $_")
                $running = $shell.BeginInvoke()
                while (-not (Test-Path came)) { if ($running.IsCompleted) { throw $shell.Streams.Error[0] }; [Threading.Thread]::Sleep(10) }
                if ($end -like 'while*') { $shell.Stop() } else { { $shell.EndInvoke($running) } | Should -Throw }
                $shell.Dispose()
                @(Get-OwnNames).Count | Should -Be 1
                (Get-SailPatRotation)[0].state | Should -Be 'undone'
            }
            (Get-RequestsOf $tenant create).Count | Should -Be 2
            Read-Vault sailpoint | Should -BeNullOrEmpty
        }
    }

    Context 'New-SailPat with a place' {
        It 'makes and stores in one step, and shows no secret' {
            $token = New-SailPat 'Stored' -Scope idn:a:read -StoreIn stored.env
            $token.secret | Should -BeNullOrEmpty
            $token.name | Should -Be 'Stored'
            $token.storedIn | Should -BeLike 'file *stored.env'
            $token.created | Should -BeOfType [datetime]
            $token.scope | Should -Be 'idn:a:read'
            ($token | Out-String) | Should -Match 'storedIn'
            ($token | Out-String) | Should -Not -Match 'secret'
            $lines = Get-Content stored.env
            Test-Pair $token.id, ($lines -match '^SAIL_CLIENT_SECRET=' -replace '^\w+=')[0] | Should -BeTrue
            (Get-SailPat Stored -Mine).id | Should -Be $token.id
        }

        It 'makes none when it cannot be stored' -Skip:(-not $hasVault) {
            $failure = Get-ErrorOf { New-SailPat 'Nowhere' -StoreIn ./missing/folder/x.json -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.store_failed,*'
            $env:TRIES_MODE = 'full'
            (Get-ErrorOf { New-SailPat 'Nowhere' -SecretName x -ErrorAction Stop }).Exception.Message | Should -Match 'nothing was changed'
            Get-OwnNames | Should -Not -Match 'Nowhere'
            @(Get-OwnNames).Count | Should -Be 1
        }

        It 'leaves no orphan when PowerShell dies: the next of that name removes it' -Skip:(-not $hasVault) {
            $env:TRIES_MODE = 'dies first'
            [void](Invoke-Other "New-SailPat 'Deploy' -SecretName deploy")
            Get-OwnNames | Should -HaveCount 2
            $env:TRIES_MODE = $null
            $token = New-SailPat 'Deploy' -SecretName deploy
            $token.name | Should -Be 'Deploy'
            Get-OwnNames | Sort-Object | Should -Be (@('Deploy') + (Get-SailPat -Id $tenant.clientId).name)
            Test-Pair (Read-Vault deploy) | Should -BeTrue
        }

        It 'and so does resuming' -Skip:(-not $hasVault) {
            $env:TRIES_MODE = 'dies first'
            [void](Invoke-Other "New-SailPat 'Deploy' -SecretName deploy")
            (Resume-SailPatRotation).state | Should -Be 'undone'
            Get-OwnNames | Should -HaveCount 1
        }

        It 'each row of a CSV file needs a place of its own' {
            $seen = $null
            $made = "Name,StoreIn`nA,a.json`nB,b.json`nC,b.json" | ConvertFrom-Csv |
                New-SailPat -ErrorAction SilentlyContinue -ErrorVariable seen
            $made.name | Should -Be 'A', 'B'
            $seen[0].ErrorDetails.RecommendedAction | Should -Match 'place of its own'
            Get-OwnNames | Should -Not -Contain 'C'
        }
    }

    Context 'A profile' {
        It 'is rotated where its pair is kept, and no other tenant hears of it' {
            $other = Start-Emulator @('--rate-limit', 'off')
            try {
                $credential = [pscredential]::new($other.clientId, (ConvertTo-SecureString $other.clientSecret -AsPlainText -Force))
                [void](Set-SailPatProfile lab -BaseUrl $other.url -Credential $credential)
                $rotation = Invoke-SailPatRotation -Profile lab -Overlap 1h -ErrorAction Stop
                $rotation.oldId | Should -Be $other.clientId
                # Not of this session's tenant.
                Resume-SailPatRotation -Now | Should -BeNullOrEmpty
                (Resume-SailPatRotation -Profile lab -Now).state | Should -Be 'done'
                (Get-SailPat -Mine -Profile lab).id | Should -Be $rotation.newId
                (Get-SailPat -Mine).id | Should -Be $tenant.clientId
                Get-RequestsOf $tenant create | Should -BeNullOrEmpty
                (Get-Command Invoke-SailPatRotation).Parameters['Profile'].ParameterType | Should -Be ([string[]])
            }
            finally { Stop-Emulator $other }
        }
    }

    Context 'A session with one tenant, a call with another' {
        BeforeEach {
            $other = Start-Emulator @('--rate-limit', 'off')
            [void](Set-SailPatProfile other -BaseUrl $other.url `
                -Credential ([pscredential]::new($other.clientId, (ConvertTo-SecureString $other.clientSecret -AsPlainText -Force))))
            Reset-Emulator $other
            # All that arrived there, as text.
            function Get-Heard { Get-Requests $other | ConvertTo-Json -Depth 9 }
        }
        AfterEach { Stop-Emulator $other }

        It 'nothing of the session''s pair goes there: <_>' -ForEach 'a source', 'a source with the tenant', 'after a rotation' {
            Clear-Settings
            $pair = @{ ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret }
            if ($_ -eq 'a source with the tenant') { $pair.BaseURL = $tenant.url }
            $pair | ConvertTo-Json | Set-Content pair.json
            if ($_ -eq 'after a rotation') {
                Set-SailPatConfiguration -BaseUrl $tenant.url -ClientId $tenant.clientId `
                    -ClientSecret (ConvertTo-SecureString $tenant.clientSecret -AsPlainText -Force)
                (Invoke-SailPatRotation -StoreIn pair.json).state | Should -Be 'done'
            }
            else { Set-SailPatConfiguration -BaseUrl $tenant.url -Source pair.json }
            (Get-SailPat -Mine -Profile other).id | Should -Contain $other.clientId
            (Get-SailPatConfiguration -Profile other).ClientId | Should -Be $other.clientId
            $heard = Get-Heard
            $heard | Should -Match $other.clientId
            foreach ($word in (Get-StoredPair pair.json) + $tenant.clientId + $tenant.clientSecret) { $heard | Should -Not -Match $word }
            # The session stays where it was.
            (Get-SailPat -Mine).isTokenInUse | Should -BeTrue
        }

        It 'a profile and a source do not go together' {
            (Get-ErrorOf { Set-SailPatConfiguration -Profile other -Source pair.json }).Exception.Data['code'] |
                Should -Be 'invalid_request'
        }

        It 'the pair of a profile''s token in use goes to its own store only' {
            foreach ($call in { Invoke-SailPatRotation -Profile other -StoreIn pair.json -ErrorAction Stop },
                { Invoke-SailPatRotation $other.clientId -Profile other -SecretName x -ErrorAction Stop }) {
                $failure = Get-ErrorOf $call
                $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.invalid_request,*'
                $failure.Exception.Message | Should -Match 'profile other signs in with.* in (file .*pair.json|secret ''x'') '
                $failure.Exception.Message | Should -Not -Match 'caller'
            }
            Get-RequestsOf $other create | Should -BeNullOrEmpty
            Set-Content own.json (@{ ClientId = $other.clientId; ClientSecret = $other.clientSecret } | ConvertTo-Json)
            [void](Set-SailPatProfile own -BaseUrl $other.url -SecretFile own.json)
            (Invoke-SailPatRotation -Profile own -StoreIn own.json -ErrorAction Stop).state | Should -Be 'done'
            (Get-SailPat -Mine -Profile own).isTokenInUse | Should -BeTrue
            $second = New-SailPat Second -Profile own
            (Invoke-SailPatRotation $second.id -Profile own -StoreIn second.json -ErrorAction Stop).state | Should -Be 'done'
        }
    }

    Context 'Others at the same time' {
        It 'a session that keeps calling sees no failed call while another process rotates its token' {
            @{ BaseURL = $tenant.url; ClientId = $tenant.clientId; ClientSecret = $tenant.clientSecret } | ConvertTo-Json |
                Set-Content config.json
            Clear-Settings
            $other = Start-Other 'foreach ($i in 1..3) { $null = Invoke-SailPatRotation }'
            $calls = 0
            $failed = [System.Collections.Generic.List[string]]::new()
            $after = 0
            while ($after -lt 60 -or $calls -lt 200) {
                try { $ids = (Get-V2024PersonalAccessTokens me).id } catch { $failed.Add("$_") }
                $calls++
                if ($other.HasExited) { $after++ }
            }
            $other.ExitCode | Should -Be 0 -Because $other.StandardError.ReadToEnd()
            $failed -join "`n" | Should -BeNullOrEmpty
            @(Get-SailPatRotation).Count | Should -Be 3
            $ids | Should -Be (Get-SailPatRotation)[0].newId
        }

        It 'a second rotation of a token is refused while the first is at work' {
            [void](Invoke-Control $tenant POST settings @{ lateSpreadSeconds = 4 })
            $other = Start-Other 'Invoke-SailPatRotation -StoreIn pair.json -WarningAction Ignore | ConvertTo-Json'
            while (-not (Get-SailPatRotation -Unfinished)) {
                if ($other.HasExited) { throw $other.StandardError.ReadToEnd() }; [Threading.Thread]::Sleep(20)
            }
            $failure = Get-ErrorOf { Invoke-SailPatRotation -StoreIn mine.json -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SailPat.rotation_busy,*'
            $failure.ErrorDetails.RecommendedAction | Should -Match 'Get-SailPatRotation -Unfinished.*Undo-SailPatRotation'
            # What is at work elsewhere is not due here.
            Resume-SailPatRotation -ErrorAction Stop | Should -BeNullOrEmpty
            $text = $other.StandardOutput.ReadToEnd()
            $other.WaitForExit()
            ($text | ConvertFrom-Json).state | Should -Be 'done'
            @(Get-OwnNames).Count | Should -Be 1
        }

        It 'stopping the command in the middle leaves nothing behind that resuming does not settle' {
            [void](Invoke-Control $tenant POST settings @{ lateSpreadSeconds = 30 })
            $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            [void]$shell.AddScript({
                    param($module, $file) Import-Module $module; Invoke-SailPatRotation -StoreIn $file
                }).AddArgument($script:ModulePath).AddArgument("$folder/pair.json")
            $running = $shell.BeginInvoke()
            while (@(Get-OwnNames).Count -lt 2) { [Threading.Thread]::Sleep(20) }
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            # Not when the rotation would have ended.
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 15
            $shell.Dispose()
            (Resume-SailPatRotation).state | Should -Be 'undone'
            @(Get-OwnNames).Count | Should -Be 1
        }
    }
}
