# What comes out is pleasant to work with, complete, and never lost for one odd value.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $tenant = Start-Emulator @('--rate-limit', 'off')
    Use-Tenant $tenant

    $usual = '{"id":"a1","name":"Usual","scope":["sp:scopes:all"],"owner":{"type":"IDENTITY","id":"o1","name":"Support"},' +
        '"created":"2026-01-11T18:45:37.098Z","lastUsed":null,"managed":false,' +
        '"accessTokenValiditySeconds":36900,"expirationDate":"2027-01-11T18:45:37.098Z"}'
    function Get-FromText([string]$Json) {
        Add-Fault $tenant list @{ rawBody = $Json }
        Get-V2024PersonalAccessTokens me
    }
}
AfterAll { Stop-Emulator $tenant; Clear-Settings }

Describe 'A token' {
    It 'is read by any spelling, by index, by keys' {
        $token = Get-FromText "[$usual]"
        $token.id | Should -Be 'a1'
        $token.Id | Should -Be 'a1'
        $token['id'] | Should -Be 'a1'
        $token['ID'] | Should -Be 'a1'
        $token['nothing'] | Should -BeNullOrEmpty
        $token.Keys | Should -Contain 'accessTokenValiditySeconds'
        $token.ContainsKey('id') | Should -BeTrue
        $token.ContainsKey('secret') | Should -BeFalse
        $token.accessTokenValiditySeconds | Should -BeOfType [long]
        $token.owner.name | Should -Be 'Support'
        $token.owner['id'] | Should -Be 'o1'
        $token.GetType().Name | Should -Be 'GetPersonalAccessTokenResponse'
    }

    It 'has dates as DateTime in UTC, whatever the offset and the fraction' {
        $tokens = Get-FromText (
            "[$($usual.Replace('37.098Z', '37Z')),$($usual.Replace('37.098Z', '37.123456Z'))," +
                "$($usual.Replace('37.098Z', '37.098+02:00')),$($usual.Replace('37.098Z', '37.098-05:00'))]")
        foreach ($token in $tokens) { $token.created | Should -BeOfType [datetime]; $token.created.Kind | Should -Be 'Utc' }
        $tokens.created.Hour | Should -Be 18, 18, 16, 23
        $tokens[1].created.Ticks % 10000000 | Should -Be 1234560
    }

    It 'works with Where-Object, Sort-Object, Group-Object, Select-Object, Export-Csv and ConvertTo-Json' {
        $tokens = Get-FromText "[$usual,$($usual.Replace('Usual', 'Another'))]"
        ($tokens | Where-Object name -EQ 'Usual').id | Should -Be 'a1'
        ($tokens | Sort-Object name)[0].name | Should -Be 'Another'
        ($tokens | Group-Object id).Count | Should -Be 2
        ($tokens | Select-Object name, id)[1].name | Should -Be 'Another'
        $tokens | Export-Csv "$TestDrive/tokens.csv"
        (Import-Csv "$TestDrive/tokens.csv")[1].name | Should -Be 'Another'
        ($tokens[0] | ConvertTo-Json -Compress -Depth 5) | Should -BeExactly $usual
    }

    It 'fits a table of 80 columns with relative times' {
        $soon = [datetime]::UtcNow.AddDays(3).AddHours(1).ToString('o')
        $used = [datetime]::UtcNow.AddDays(-5).ToString('o')
        $json = $usual.Replace('2027-01-11T18:45:37.098Z', $soon).Replace('"lastUsed":null', '"lastUsed":"' + $used + '"')
        $text = Get-FromText "[$json]" | Out-String -Width 80
        $text | Should -Match 'Usual\s+a1\s+5 d ago\s+.*in 3 d'
        ($text -split '\r?\n' | ForEach-Object Length | Measure-Object -Maximum).Maximum | Should -BeLessOrEqual 80
    }

    It 'an empty list is nothing, one token comes unwrapped' {
        Get-FromText '[]' | Should -BeNullOrEmpty
        (Get-FromText "[$usual]").GetType().IsArray | Should -BeFalse
        @(Get-FromText '[]').Count | Should -Be 0
    }

    It 'can be used from ForEach-Object -Parallel' {
        $tokens = Get-FromText "[$($(foreach ($i in 1..300) { $usual.Replace('a1', "id$i") }) -join ',')]"
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $ids = $tokens | ForEach-Object -Parallel { $_['id'] } -ThrottleLimit 4
        @($ids).Count | Should -Be 300
        $ids | Should -Contain 'id300'
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 30
    }
}

Describe 'An odd value' {
    It '<Case> is kept as it came, and the other tokens are as usual' -ForEach @(
        @{
            Case = 'a date with +0000'
            From = '"2026-01-11T18:45:37.098Z"'
            To = '"2026-01-11T18:45:37.098+0000"'
            Field = 'created'
            Value = '2026-01-11T18:45:37.098+0000'
        }
        @{ Case = 'a number as text'; From = '36900'; To = '"36900"'; Field = 'accessTokenValiditySeconds'; Value = '36900' }
        @{ Case = 'a text as scope'; From = '["sp:scopes:all"]'; To = '"sp:scopes:all"'; Field = 'scope'; Value = 'sp:scopes:all' }
        @{ Case = 'a number as id'; From = '"a1"'; To = '42'; Field = 'id'; Value = 42 }
        @{
            Case = 'an owner that is a text'
            From = '{"type":"IDENTITY","id":"o1","name":"Support"}'
            To = '"Support"'
            Field = 'owner'
            Value = 'Support'
        }
        @{ Case = 'a number with a fraction'; From = '36900'; To = '36900.5'; Field = 'accessTokenValiditySeconds'; Value = 36900.5 }
    ) {
        $tokens = @(Get-FromText "[$usual,$($usual.Replace($From, $To)),$usual]")
        $tokens.Count | Should -Be 3
        $tokens[1].$Field | Should -Be $Value
        $tokens[1][$Field] | Should -Be $Value
        $tokens[1].name | Should -Be 'Usual'
        $tokens[0].GetType().Name | Should -Be 'GetPersonalAccessTokenResponse'
        ($tokens[1] | ConvertTo-Json -Depth 5 -Compress) | Should -Be $usual.Replace($From, $To)
        ($tokens | Out-String) | Should -Match 'Usual'
        $tokens[1].PSObject.TypeNames | Should -Contain 'GetPersonalAccessTokenResponse'
    }

    It 'that is no token at all does not lose the others' {
        $tokens = @(Get-FromText "[$usual,7,$usual]")
        $tokens.Count | Should -Be 3
        $tokens[1] | Should -Be 7
    }
}

Describe 'A thousand tokens with odd data' {
    It 'come back equal as values through ConvertTo-Json' {
        $random = [Random]::new(20)
        $sent = foreach ($i in 1..1000) {
            $name = -join (1..8 | ForEach-Object { [char]::ConvertFromUtf32((0x61, 0xE9, 0x4E2D, 0x1F600, 0x22, 0x5C)[$random.Next(6)]) })
            $fraction = ('', '.1', '.098', '.123456')[$random.Next(4)]
            $token = [ordered]@{ id = "id$i"; name = $name; scope = @($null, @(), @('sp:scopes:all'))[$random.Next(3)]
                owner = [ordered]@{ type = 'IDENTITY'; id = "o$i"; name = $null }; created = "2026-01-11T18:45:37${fraction}Z"
                lastUsed = ($null, '2026-02-01T00:00:00+0000', '2026-02-01T00:00:00Z')[$random.Next(3)]; managed = $random.Next(2) -eq 0
                accessTokenValiditySeconds = (60, '60', $null)[$random.Next(3)]; expirationDate = $null }
            if ($random.Next(4) -eq 0) { $token.unknown = @{ nested = @(1, @{ deeper = 'x' }) } }
            $token
        }
        $json = ConvertTo-Json -InputObject @($sent) -Depth 9 -Compress
        $received = @(Get-FromText $json)
        $received.Count | Should -Be 1000
        $wrong = for ($i = 0; $i -lt 1000; $i++) {
            $back = ConvertTo-Json -InputObject $received[$i] -Depth 9 | ConvertFrom-Json -AsHashtable
            $original = ConvertTo-Json -InputObject $sent[$i] -Depth 9 | ConvertFrom-Json -AsHashtable
            foreach ($key in $original.Keys) {
                $a = ConvertTo-Json $original[$key] -Depth 9 -Compress
                $b = ConvertTo-Json $back[$key] -Depth 9 -Compress
                if ($a -cne $b) { "$i ${key}: $a / $b" }
            }
        }
        $wrong | Should -BeNullOrEmpty
    }
}

# Last, because a field that one object has shows, empty, on all of its type from then on.
Describe 'Fields that the service adds' {
    It 'are readable, in tables and in JSON, nested ones too' {
        $json = $usual.Replace('"managed":false', '"managed":false,"newField":{"deep":[1,2.5,"x",null,true]},"plainField":7')
        $token = Get-FromText "[$($json.Replace('"type":"IDENTITY"', '"type":"IDENTITY","email":"a@example.com"'))]"
        $token.plainField | Should -Be 7
        $token.newField.deep[1] | Should -Be 2.5
        $token['plainField'] | Should -Be 7
        $token.ContainsKey('newField') | Should -BeTrue
        $token.owner.email | Should -Be 'a@example.com'
        $flat = $json
        $json = $token | ConvertTo-Json -Depth 9 | ConvertFrom-Json
        $json.newField.deep.Count | Should -Be 5
        $json.plainField | Should -Be 7
        $json.owner.email | Should -Be 'a@example.com'
        ($token | Select-Object plainField).plainField | Should -Be 7
        Add-Fault $tenant list @{ rawBody = "[$flat]" }
        (ConvertTo-Json (Get-V2024PersonalAccessTokens me -WithHttpInfo) -Depth 9 | ConvertFrom-Json).Response[0].plainField | Should -Be 7
    }
}

# The last one: a field that was seen once shows on every token from then on.
Describe 'Half of a character in a text of the service' {
    It 'costs no list, wherever it stands: <_>' -ForEach @(
        '{"id":"b","name":"x\ud800y"}'
        '{"id":"b","name":"x\uFFFDy","description":"\uDC00"}'
        '{"id":"b","name":"x\uFFFDy","owner":{"id":"o","name":"\udc00\ud83d"}}'
        '{"id":"b","name":"x\uFFFDy","\ud800":1}'
        '{"id":"b","name":"x\ud83dy","new":["\ud83d\u0041"]}'
    ) {
        $tokens = Get-FromText "[$usual,$_]"
        $tokens.Count | Should -Be 2
        $tokens[0].name | Should -Be 'Usual'
        $tokens[0].created | Should -BeOfType [datetime]
        $tokens[1].id | Should -Be 'b'
        $tokens[1].name | Should -BeExactly "x$([char]0xfffd)y"
        $tokens | ConvertTo-Json -Depth 5 | Should -Match 'Usual'
    }

    It 'leaves whole characters and what only looks like half of one' {
        $tokens = Get-FromText "[$usual,{`"id`":`"b`",`"name`":`"\ud83d\ude00 \\ud800 \\\ud800 \n`"}]"
        $tokens[1].name | Should -BeExactly "$([char]::ConvertFromUtf32(0x1f600)) \ud800 \$([char]0xfffd) `n"
    }

    It 'is no reason to lose a new secret' {
        Add-Fault $tenant create @{ rawBody = '{"id":"b","name":"\ud800","secret":"planted-secret-1"}' }
        $made = New-V2024PersonalAccessToken @{ name = 'n'; scope = 'sp:scopes:all' }
        $made.id | Should -Be 'b'
        $made.secret | Should -BeExactly 'planted-secret-1'
    }
}
