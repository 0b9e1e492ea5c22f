# Rotation with the genuine Microsoft.PowerShell.SecretManagement: into SecretStore, and into an extension vault of the
# tests that is slow, locked, full or lies. In none of these is a living token's secret lost, the old pair works as long
# as its token lives, and what somebody else keeps there stays. The variable SAILPAT_MODULES names the folder with both
# modules; without it there is nothing to test with.

BeforeDiscovery {
    $hasModules = $env:SAILPAT_MODULES -and (Test-Path "$env:SAILPAT_MODULES/Microsoft.PowerShell.SecretManagement") -and -not $IsWindows
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    $started = $PWD.ProviderPath
    $home0, $user0, $path0 = $env:SAILPAT_HOME, $env:HOME, $env:PSModulePath

    function Get-OwnNames { (Invoke-Control $tenant GET tokens | ForEach-Object { $_ } | Where-Object { $_.owner.id -eq $me }).name }
    function Test-Pair([string[]]$Pair) {
        $id, $secret = $Pair
        try {
            [bool](Invoke-RestMethod -Method Post -Uri "$($tenant.url)/oauth/token" -ContentType 'application/x-www-form-urlencoded' `
                -Body "grant_type=client_credentials&client_id=$id&client_secret=$secret").access_token
        }
        catch { $false }
    }

    # A session of its own, with this one's variables. It knows its vault by what is registered in its home.
    function Start-Session([string]$Script) {
        $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
        $begin = ("`$ErrorActionPreference = 'Stop'; `$WarningPreference = 'SilentlyContinue'; Import-Module " +
            "Microsoft.PowerShell.SecretManagement; Import-Module '$script:ModulePath'; Set-SailPatConfiguration -RateLimit none")
        $tell = ("function Tell(`$Code) { try { & `$Code } catch { `"`$(`$_.FullyQualifiedErrorId) `$(`$_.Exception.Message) " +
            "`$(`$_.ErrorDetails.RecommendedAction)`" } }")
        foreach ($argument in '-NoProfile', '-NonInteractive', '-c', "$begin; $tell; $Script") { $start.ArgumentList.Add($argument) }
        $start.WorkingDirectory = $folder
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        [Diagnostics.Process]::Start($start)
    }
    function Complete-Session($Process) {
        $errors = $Process.StandardError.ReadToEndAsync()
        $text = $Process.StandardOutput.ReadToEnd()
        $Process.WaitForExit()
        ($text + $errors.Result).Trim()
    }
    function Invoke-Session([string]$Script) { Complete-Session (Start-Session $Script) }

    function Set-Mode([string]$Mode) { [IO.File]::WriteAllText("$folder/vault/mode", $Mode) }
    function Set-Kept([string]$Id, [string]$Secret, [string]$File = 'secret-pair') {
        [IO.File]::WriteAllLines("$folder/vault/$File", [string[]]@($Id, $Secret))
    }
    function Get-Kept([string]$File = 'secret-pair') {
        if (Test-Path "$folder/vault/$File") { [IO.File]::ReadAllLines("$folder/vault/$File") }
    }
    function Get-Calls { if (Test-Path "$folder/vault/calls") { [IO.File]::ReadAllLines("$folder/vault/calls") } }
    # A pair of another token of the same owner, as text.
    function New-Third { $made = New-SailPat 'Third' -Scope idn:a:read; Reset-Emulator $tenant; @($made.id, $made.secret) }
    function Get-States { (Get-SailPatRotation).state }
}
AfterAll {
    Set-SailPatConfiguration -Reset
    Set-Location $started
    $env:SAILPAT_HOME, $env:HOME, $env:PSModulePath = $home0, $user0, $path0
    Clear-Settings
}

Describe 'A vault of SecretManagement' -Skip:(-not $hasModules) {
    BeforeAll {
        Import-SailPat
        $folder = [IO.Directory]::CreateDirectory("$TestDrive/home").FullName
        $env:SAILPAT_HOME, $env:HOME = "$folder/state", $folder
        $env:PSModulePath = "$env:SAILPAT_MODULES$([IO.Path]::PathSeparator)$path0"
    }
    BeforeEach {
        # The home is one for all: a vault is registered there.
        Set-Location $folder
        foreach ($name in 'vault', 'state') {
            if (Test-Path $name) { Remove-Item $name -Recurse }
            [void][IO.Directory]::CreateDirectory("$folder/$name")
        }
        $tenant = Start-Emulator @('--rate-limit', 'off')
        Use-Tenant $tenant
        Set-SailPatConfiguration -Reset -RateLimit none
        $old = @($tenant.clientId, $tenant.clientSecret)
        $me = @(Get-SailPat -Mine)[0].owner.id
        Reset-Emulator $tenant
    }
    AfterEach { Stop-Emulator $tenant }

    Context 'SecretStore' {
        It 'takes the pair, and six tokens by property each into a secret of its own' {
            $said = Invoke-Session @'
Import-Module Microsoft.PowerShell.SecretStore
Reset-SecretStore -Scope CurrentUser -Authentication None -Interaction None -Force
Register-SecretVault -Name Store -ModuleName Microsoft.PowerShell.SecretStore -DefaultVault -AllowClobber
$mine = Invoke-SailPatRotation -SecretName pair
$rows = foreach ($number in 1..6) { [pscustomobject]@{ id = (New-SailPat "Own $number" -Scope idn:a:read).id; SecretName = "own $number" } }
$done = $rows | Invoke-SailPatRotation
@{ mine = $mine.state; done = @($done.state); inUse = (Get-SailPat -Mine | Where-Object isTokenInUse).id
    newId = $mine.newId; ids = @($done.newId)
    pairs = @(foreach ($name in @('pair') + $rows.SecretName) {
            $pair = Get-Secret $name
            , @($pair.UserName, $pair.GetNetworkCredential().Password)
        }) } | ConvertTo-Json -Depth 4 -Compress
'@
            $result = $said | ConvertFrom-Json
            $result.mine | Should -Be 'done'
            $result.done | Should -Be (, 'done' * 6)
            $result.inUse | Should -Be $result.newId
            @($result.pairs | ForEach-Object { $_[0] }) | Should -Be (@($result.newId) + $result.ids)
            foreach ($pair in $result.pairs) { Test-Pair $pair | Should -BeTrue }
            Test-Pair $old | Should -BeFalse
            Get-OwnNames | Should -HaveCount 7
        }

        It 'that is locked is refused before anything is made, and takes the pair once it is open' {
            $word = "`$word = ConvertTo-SecureString 'a word' -AsPlainText -Force; Import-Module Microsoft.PowerShell.SecretStore;"
            Invoke-Session `
                ("$word Reset-SecretStore -Scope CurrentUser -Authentication Password -Password `$word -Interaction None -Force; " +
                "Register-SecretVault -Name Store -ModuleName Microsoft.PowerShell.SecretStore -DefaultVault -AllowClobber") |
                Should -BeNullOrEmpty
            # Each session finds it locked.
            $said = Invoke-Session ($word + @'

Tell { Invoke-SailPatRotation -SecretName pair }
Tell { New-SailPat Deploy -Scope a:b -SecretName pair }
"then $(@(Get-SailPatRotation).Count)"
Unlock-SecretStore -Password $word
(Invoke-SailPatRotation -SecretName pair).state
'@)
            [regex]::Matches($said, 'SailPat.secret_not_stored').Count | Should -Be 2
            [regex]::Matches($said, 'Nothing was changed').Count | Should -Be 2
            $said | Should -Match 'then 0'
            $said | Should -Match 'done$'
            Get-RequestsOf $tenant create | Should -HaveCount 1
        }
    }

    Context 'A vault that goes wrong' {
        BeforeAll {
            $said = Invoke-Session `
                ("Register-SecretVault -Name Tries -ModuleName '$PSScriptRoot/Tries' -VaultParameters @{ Folder = '$folder/vault' } " +
                "-DefaultVault")
            $said | Should -BeNullOrEmpty
        }

        It 'that works takes the pair' {
            Set-Kept @old
            (Invoke-Session '(Invoke-SailPatRotation -SecretName pair).state') | Should -Be 'done'
            Test-Pair (Get-Kept) | Should -BeTrue
            Get-OwnNames | Should -HaveCount 1
        }

        It 'hears nothing of the caller''s preferences: <_> at Stop' -ForEach 'Verbose', 'Debug', 'Warning', 'Information' {
            Set-Kept @old
            Invoke-Session `
                ("`$global:$($_)Preference = 'Stop'; (Invoke-SailPatRotation -SecretName pair -Vault Tries 6>`$null 5>`$null 4>`$null " +
                "3>`$null).state") | Should -Be 'done'
            Test-Pair (Get-Kept) | Should -BeTrue
            Get-OwnNames | Should -HaveCount 1
        }

        It 'is asked for with one line of -WhatIf, and nobody is asked by the vault' {
            Set-Kept @old
            $said = Invoke-Session `
                ('Invoke-SailPatRotation -SecretName pair -WhatIf; Resume-SailPatRotation -SecretName pair -WhatIf; New-SailPat Deploy ' +
                '-Scope a:b -SecretName other -WhatIf')
            [regex]::Matches($said, 'What if').Count | Should -Be 2 -Because $said
            Get-Kept | Should -Be $old
            # Nobody is there to answer: what asks fails.
            Invoke-Session '$global:ConfirmPreference = "Low"; (Invoke-SailPatRotation -SecretName pair -Confirm:$false).state' |
                Should -Be 'done'
            Test-Pair (Get-Kept) | Should -BeTrue
        }

        It 'that is locked, or whose extension is gone, is refused before anything is made: <_>' -ForEach 'locked', 'gone' {
            Set-Kept @old
            if ($_ -eq 'locked') { Set-Mode locked }
            else {
                [void](New-Item -ItemType Directory "$folder/modules")
                Copy-Item "$PSScriptRoot/Tries" "$folder/modules/Gone" -Recurse
                foreach ($file in Get-ChildItem "$folder/modules/Gone" -Recurse -Filter 'Tries*' |
                    Sort-Object { $_.FullName.Length } -Descending) {
                    Rename-Item $file.FullName ($file.Name -replace 'Tries', 'Gone')
                }
                foreach ($file in Get-ChildItem "$folder/modules/Gone" -Recurse -Filter '*.psd1') {
                    [IO.File]::WriteAllText($file.FullName, [IO.File]::ReadAllText($file.FullName).Replace('Tries', 'Gone'))
                }
                Invoke-Session `
                    "Register-SecretVault -Name Gone -ModuleName '$folder/modules/Gone' -VaultParameters @{ Folder = '$folder/vault' }" |
                    Should -BeNullOrEmpty
                Remove-Item "$folder/modules" -Recurse
            }
            $vault = if ($_ -eq 'gone') { '-Vault Gone' }
            $said = Invoke-Session `
                "Tell { Invoke-SailPatRotation -SecretName pair $vault }; Tell { New-SailPat Deploy -Scope a:b -SecretName pair $vault }"
            [regex]::Matches($said, 'SailPat.secret_not_stored').Count | Should -Be 2 -Because $said
            Get-RequestsOf $tenant create | Should -BeNullOrEmpty
            Get-Kept | Should -Be $old
        }

        It 'that is full changes nothing' {
            Set-Kept @old
            Set-Mode full
            $said = Invoke-Session 'Tell { Invoke-SailPatRotation -SecretName pair }'
            $said | Should -Match 'secret_not_stored.*nothing was changed'
            Get-Kept | Should -Be $old
            Get-States | Should -Be 'undone'
            Get-OwnNames | Should -HaveCount 1
        }

        It 'that fails after it took the pair holds it, and that counts' {
            Set-Kept @old
            Set-Mode 'full then'
            (Invoke-Session '(Invoke-SailPatRotation -SecretName pair).state') | Should -Be 'done'
            Test-Pair (Get-Kept) | Should -BeTrue
            Get-OwnNames | Should -HaveCount 1
        }

        It 'that gives back something else gets the old pair again: <_>' -ForEach 'gives another', 'gives the old' {
            Set-Kept @old
            Set-Mode $_
            $said = Invoke-Session 'Tell { Invoke-SailPatRotation -SecretName pair }'
            $said | Should -Match 'secret_not_stored'
            # What it gives may be false; what it holds is the old pair, or the rotation waits and both live.
            if ((Get-States) -eq 'undone') { Get-Kept | Should -Be $old; Get-OwnNames | Should -HaveCount 1 }
            else { $said | Should -Match 'Both tokens live.*Undo-SailPatRotation'; Get-OwnNames | Should -HaveCount 2 }
            Test-Pair $old | Should -BeTrue
            Test-Pair (Get-Kept) | Should -BeTrue
        }

        It 'that takes nothing, without a word, loses nothing' {
            Set-Kept @old
            Set-Mode 'takes none'
            Invoke-Session 'Tell { Invoke-SailPatRotation -SecretName pair }' |
                Should -Match 'something else than was stored.*nothing was changed'
            Get-Kept | Should -Be $old
            Get-OwnNames | Should -HaveCount 1
        }

        It 'that says it has none after it took the pair is said to hold a dead one' {
            Set-Mode 'gives none'
            Invoke-Session 'Tell { Invoke-SailPatRotation -SecretName pair }' | Should -Match 'may still be in.*does not sign in any more'
            Get-OwnNames | Should -HaveCount 1
            Test-Pair $old | Should -BeTrue
        }

        It 'that lists a secret and does not give it is no empty one' {
            Set-Kept 'somebody' 'else'
            Set-Mode hides
            Invoke-Session 'Tell { Invoke-SailPatRotation -SecretName pair }' | Should -Match 'secret_not_stored.*lists the secret'
            Get-RequestsOf $tenant create | Should -BeNullOrEmpty
            Get-Kept | Should -Be 'somebody', 'else'
        }

        It 'that is locked after it took the pair decides nothing: both live until <_>' -ForEach 'it is resumed', 'it is undone',
            'another session resumes it' {
            Set-Kept @old
            Set-Mode locks
            $unlock = "[IO.File]::Delete('$folder/vault/mode')"
            $then = @{
                'it is resumed' = "$unlock; (Resume-SailPatRotation (Get-SailPatRotation)).state"
                'it is undone' = "$unlock; (Undo-SailPatRotation (Get-SailPatRotation) -Confirm:`$false).state"
                'another session resumes it' = ''
            }[$_]
            $said = Invoke-Session "Tell { Invoke-SailPatRotation -SecretName pair }; `"lives `$(@(Get-SailPat -Mine).Count)`"; $then"
            $said |
                Should -Match "secret_not_stored.*Both tokens live, and the old pair works.*Resume-SailPatRotation \S+ -SecretName 'pair'"
            $said | Should -Match 'lives 2'
            if ($_ -like 'another*') {
                [IO.File]::Delete("$folder/vault/mode")
                (Invoke-Session '(Resume-SailPatRotation -SecretName pair).state') | Should -Be 'done'
            }
            else { $said | Should -Match $(if ($_ -like '*undone') { 'undone$' } else { 'done$' }) }
            if ($_ -like '*undone') { Get-Kept | Should -Be $old } else { Test-Pair $old | Should -BeFalse }
            Test-Pair (Get-Kept) | Should -BeTrue
            Get-OwnNames | Should -HaveCount 1
        }

        It 'that is slow when the command is stopped decides nothing, and the pair that it took is resumed' {
            Set-Kept @old
            Set-Mode slow
            $session = Start-Session @"
`$shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
[void]`$shell.AddScript("Import-Module Microsoft.PowerShell.SecretManagement; Import-Module '$script:ModulePath'
    Invoke-SailPatRotation -SecretName pair")
`$running = `$shell.BeginInvoke()
while (-not [IO.File]::Exists('$folder/vault/came')) {
    if (`$running.IsCompleted) { throw `$shell.Streams.Error[0] }
    [Threading.Thread]::Sleep(10) }
`$stopping = `$shell.BeginStop(`$null, `$null)
while (`$shell.InvocationStateInfo.State -eq 'Running') { [Threading.Thread]::Sleep(10) }
[IO.File]::WriteAllText('$folder/vault/go', '')
`$shell.EndStop(`$stopping)
"@
            Complete-Session $session | Should -BeNullOrEmpty
            Get-States | Should -Be 'awaiting_confirmation'
            Get-OwnNames | Should -HaveCount 2
            Test-Pair $old | Should -BeTrue
            Test-Pair (Get-Kept) | Should -BeTrue
            (Get-Kept)[0] | Should -Not -Be $old[0]
            Set-Mode ''
            (Invoke-Session '(Resume-SailPatRotation -SecretName pair).state') | Should -Be 'done'
            Test-Pair (Get-Kept) | Should -BeTrue
            Get-OwnNames | Should -HaveCount 1
        }

        It 'that holds another token''s pair, or a secret of another type, keeps it, and nothing is made: <_>' -ForEach 'a pair', 'a text' {
            $third = if ($_ -eq 'a pair') { New-Third } else { , 'a text' }
            [IO.File]::WriteAllLines("$folder/vault/secret-pair", [string[]]$third)
            $said = Invoke-Session `
                'Tell { Invoke-SailPatRotation -SecretName pair }; Tell { New-SailPat Deploy -Scope a:b -SecretName pair }'
            [regex]::Matches($said, 'SailPat.secret_not_stored').Count | Should -Be 2 -Because $said
            $said | Should -Match "secret 'pair'.*$(if ($_ -eq 'a pair') { $third[0] } else { 'String' }).*Nothing was changed.*-SecretName"
            Get-Kept | Should -Be $third
            Get-RequestsOf $tenant create | Should -BeNullOrEmpty
            Get-States | Should -BeNullOrEmpty
        }

        It 'that holds the maker''s own pair keeps it when another token is made' {
            Set-Kept @old
            Invoke-Session 'Tell { New-SailPat Deploy -Scope a:b -SecretName pair }' | Should -Match "secret_not_stored.*$($old[0])"
            Get-Kept | Should -Be $old
            Get-RequestsOf $tenant create | Should -BeNullOrEmpty
        }

        It 'that gets a third pair between the look and the store keeps it' {
            $third = New-Third
            Set-Kept @old
            Set-Kept @third third
            Set-Mode third
            $said = Invoke-Session 'Tell { Invoke-SailPatRotation -SecretName pair }'
            $said | Should -Match "secret_not_stored.*$($third[0]).*nothing was changed"
            Get-Kept | Should -Be $third
            Get-Calls | Should -Not -Contain 'Set-Secret'
            Get-States | Should -Be 'undone'
            Test-Pair $old | Should -BeTrue
        }

        It 'that got a third pair during the overlap keeps it, and the old pair is not forgotten' {
            $third = New-Third
            Set-Kept @old
            $said = Invoke-Session @"
`$rotation = Invoke-SailPatRotation -SecretName pair -Overlap 1h
[IO.File]::WriteAllLines('$folder/vault/secret-pair', [string[]]('$($third -join "','")'))
Tell { `$rotation | Undo-SailPatRotation -Confirm:`$false }
(Get-SailPatRotation).state
[IO.File]::Delete('$folder/vault/secret-pair')
(`$rotation | Undo-SailPatRotation -Confirm:`$false).state
"@
            $said | Should -Match "rotation_unfinished.*$($third[0])(.|\n)*overlapping(.|\n)*undone"
            Get-Kept | Should -Be $old
            Test-Pair $old | Should -BeTrue
        }

        It 'keeps the new pair when the old token is gone at an undo' {
            Set-Kept @old
            $said = Invoke-Session @"
`$rotation = Invoke-SailPatRotation -SecretName pair -Overlap 1h
Remove-SailPat $($old[0]) -Confirm:`$false
Tell { `$rotation | Undo-SailPatRotation -Confirm:`$false }
(`$rotation | Resume-SailPatRotation -SecretName pair -Now).state
"@
            $said | Should -Match "rotation_refused.*$($old[0]) is gone(.|\n)*done$"
            Test-Pair (Get-Kept) | Should -BeTrue
            Get-OwnNames | Should -HaveCount 1
        }
    }
}
