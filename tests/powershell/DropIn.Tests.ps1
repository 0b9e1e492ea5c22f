# Scripts written for the official SDK lean on habits that no documentation names: what its tables can do, what every
# error has, what the live configuration holds. Each test here is such a habit, as the official modules 1.7.100 and
# 2.1.21 have it, or the word that is said in its place.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $WarningPreference = 'Ignore'
    $tenant = Start-Emulator @('--rate-limit', 'off')
    Use-Tenant $tenant

    $usual = '{"id":"a1","name":"Usual","scope":["sp:scopes:all"],"owner":{"type":"IDENTITY","id":"o1","name":"Support"},' +
        '"created":"2026-01-11T18:45:37.098Z","lastUsed":null,"managed":false,' +
        '"accessTokenValiditySeconds":36900,"expirationDate":"2027-01-11T18:45:37.098Z"}'
    $fields = 'id', 'name', 'scope', 'owner', 'created', 'lastUsed', 'managed', 'accessTokenValiditySeconds', 'expirationDate'
    function Add-Field([string]$Json, [string]$More) { $Json.Substring(0, $Json.Length - 1) + ",$More}" }
    function Get-FromText([string]$Json, [string]$Command = 'Get-V2024PersonalAccessTokens') {
        Add-Fault $tenant list @{ rawBody = $Json }
        & $Command me
    }
}
AfterAll { Stop-Emulator $tenant; Clear-Settings }

Describe 'One token is a list of one' {
    It 'has itself at 0 and -1, and nothing elsewhere: <_>' -ForEach 'Get-V2024PersonalAccessTokens me', 'Get-SailPat -Mine',
        'Get-V2026PersonalAccessTokens me' {
        $tokens = & ([scriptblock]::Create($_))
        $tokens[0].id | Should -Be $tenant.clientId
        $tokens[-1].id | Should -Be $tenant.clientId
        $tokens[1] | Should -BeNullOrEmpty
        @($tokens).Count | Should -Be 1
        $tokens['0'] | Should -BeNullOrEmpty
    }

    It 'is Response itself with -WithHttpInfo, and an empty list is nothing' {
        (Get-V2024PersonalAccessTokens me -WithHttpInfo).Response.id | Should -Be $tenant.clientId
        Add-Fault $tenant list @{ rawBody = '[]' }
        (Get-V2024PersonalAccessTokens me -WithHttpInfo).Response | Should -BeNullOrEmpty
    }
}

Describe 'A token does what scripts do with the official tables' {
    BeforeEach { $token = Get-FromText "[$(Add-Field $usual '"newField":7')]" }

    It 'Keys, Values, Contains, ContainsKey, GetEnumerator in the service''s order' {
        $token.Keys | Should -Be @($fields + 'newField')
        $token.Values[0] | Should -Be 'a1'
        $token.Values.Count | Should -Be 10
        $token.Contains('ID') | Should -BeTrue
        $token.ContainsKey('newField') | Should -BeTrue
        $token.Contains('secret') | Should -BeFalse
        $token.Contains('extra') | Should -BeFalse
        @(foreach ($entry in $token.GetEnumerator()) { $entry.Key }) | Should -Be @($fields + 'newField')
    }

    It 'a note is set by index, read as a member, written as JSON, and removed' {
        $token['note'] = 'mine'
        $token.note | Should -Be 'mine'
        $token['note'] | Should -Be 'mine'
        ($token | ConvertTo-Json -Depth 4 | ConvertFrom-Json).note | Should -Be 'mine'
        $token.Remove('note')
        $token.Contains('note') | Should -BeFalse
        $token['name'] = 'Changed'
        $token.name | Should -Be 'Changed'
        $token.Add('again', 1)
        { $token.Add('again', 2) } | Should -Throw "*'again' already*"
    }

    It 'what cannot be done says so: a new member by assignment, and taking a field out' {
        { $token.note = 1 } | Should -Throw '*note*cannot be found*'
        { $token.Remove('id') } | Should -Throw '*cannot be taken out. Clone() gives a table*'
        { $token.Clear() } | Should -Throw '*Clone() gives a table*'
        $token.Remove('nothing of the kind')
        $token.id | Should -Be 'a1'
    }

    It 'Clone() is a table of its own, in which all can be done' {
        $table = $token.Clone()
        $table.Remove('scope')
        $table.note = 1
        $table['name'] = 'Other'
        $table.Keys | Should -Be @(@($fields).Where({ $_ -ne 'scope' }) + 'newField' + 'note')
        $token.name | Should -Be 'Usual'
        $token.scope | Should -Be 'sp:scopes:all'
    }

    It 'becomes a hashtable, and an object by New-Object -Property' {
        $table = [hashtable]$token
        $table.Count | Should -Be 10
        $table.name | Should -Be 'Usual'
        $table.lastUsed | Should -BeNullOrEmpty
        $object = New-Object psobject -Property $token
        $object.newField | Should -Be 7
        ([pscustomobject]$token).id | Should -Be 'a1'
        (@{ more = 1 } + [hashtable]$token).more | Should -Be 1
    }

    It 'as text is its name and id, so that Compare-Object tells tokens apart' {
        "$token" | Should -BeExactly 'Usual (a1)'
        "$($token.owner)" | Should -BeExactly 'Support'
        $other = Get-FromText "[$($usual.Replace('a1', 'b1'))]"
        $difference = Compare-Object @($token, $other) @($token)
        $difference.InputObject.id | Should -Be 'b1'
        "$(Get-FromText '[{"id":"c1","name":"Odd\u001b[31m","created":"+"}]')" | Should -BeExactly 'Odd\u001b[31m (c1)'
    }

    It 'works in Select-Object *, Export-Csv, Group-Object and Where-Object, fields in order' {
        @(($token | Select-Object *).PSObject.Properties.Name) | Should -Be @($fields + 'newField')
        $token | Export-Csv "$TestDrive/one.csv"
        (Get-Content "$TestDrive/one.csv")[0] | Should -BeExactly ('"' + (@($fields + 'newField') -join '","') + '"')
        ($token, $token | Group-Object newField).Count | Should -Be 2
        ($token | Where-Object newField -EQ 7).id | Should -Be 'a1'
    }
}

Describe 'Members' {
    It 'stand in the service''s order: <_>' -ForEach 'V2025', 'V2026', 'V1' {
        $command = if ($_ -eq 'V1') { 'Get-PersonalAccessTokensV1' } else { "Get-${_}PersonalAccessTokens" }
        $token = Get-FromText "[$(Add-Field $usual '"userAwareTokenNeverExpires":true')]" $command
        @($token.PSObject.Properties.Name) | Should -Be @($fields + 'userAwareTokenNeverExpires')
        ($token | Format-Table | Out-String) | Should -Match 'Last used'
    }

    It 'that the service adds are on the tokens that have them alone, then and later' {
        $tokens = Get-FromText "[$(Add-Field $usual '"first":"x","deep":{"a":[1,null]}'),$usual,$(Add-Field $usual '"second":true')]"
        @($tokens[0].PSObject.Properties.Name) | Should -Be @($fields + 'first' + 'deep')
        @($tokens[1].PSObject.Properties.Name) | Should -Be $fields
        @($tokens[2].PSObject.Properties.Name) | Should -Be @($fields + 'second')
        $tokens[0].deep.a.Count | Should -Be 2
        $tokens[2].second | Should -BeTrue
        $tokens[0].GetType().Name | Should -Be 'GetPersonalAccessTokenResponse'
        ($tokens | Format-Table | Out-String) | Should -Match 'Usual\s+a1\s+never'
        @((Get-FromText "[$usual]").PSObject.Properties.Name) | Should -Be $fields
        $tokens[0] | Should -Not -BeNullOrEmpty
    }

    It 'keep their values where these are of several kinds, and of an owner, too' {
        $tokens = Get-FromText (
            "[$(Add-Field $usual '"more":7'),$(Add-Field $usual '"more":"x"'),$(Add-Field $usual '"more":null')," +
                "$($usual.Replace('"type":"IDENTITY"', '"type":"IDENTITY","email":"a@example.com"'))]")
        $tokens[0].more | Should -Be 7
        $tokens[1].more | Should -BeExactly 'x'
        $tokens[2].more | Should -BeNullOrEmpty
        $tokens[3].owner.email | Should -Be 'a@example.com'
        ($tokens[3] | ConvertTo-Json -Depth 4) | Should -Match '"email": "a@example.com"'
        "$($tokens[3].owner)" | Should -Be 'Support'
    }

    It 'that would stand for others are read by index alone: <_>' -ForEach '"NAME":"evil"', '"extra":"evil"', '"Keys":"evil"',
        '"profile":"evil"', '"isTokenInUse":"evil"' {
        $token = Get-FromText "[$(Add-Field $usual $_)]"
        $token.name | Should -Be 'Usual'
        $token.profile | Should -BeNullOrEmpty
        $token.Keys | Should -Contain 'expirationDate'
        ($token | Get-Member -MemberType Property).Count | Should -Be 9
        ($token | Format-List | Out-String) | Should -Match 'Usual'
    }

    Context 'of any name' {
        BeforeDiscovery {
            # Names of methods of the classes, of every object, of what PowerShell and this module add, and of what a table has.
            $hostile = '', 'Count', 'Length', 'ForEach', 'Where', 'Item', 'Keys', 'Values', 'GetEnumerator', 'ToString', 'GetType',
                'Equals', 'GetHashCode', 'Clone', 'Contains', 'ContainsKey'
            $hostile += 'Add', 'Remove', 'Clear', 'get_Item', 'Shown', 'FieldNames', 'Plain', 'PSObject', 'psbase', 'PSAdapted',
                'PSExtended', 'pstypenames', 'profile', 'tenantProfile', 'extra', 'isTokenInUse', 'NAME'
            $ways = foreach ($name in $hostile) { @{ Name = $name; Way = 'usual'; Sent = @($name) } }
            $ways += foreach ($way in 'usual', 'odd') { @{ Name = 'all of them'; Way = $way; Sent = $hostile } }
        }

        It 'is read by index, and takes nothing away: ''<Name>'', a token with <Way> values' -ForEach $ways {
            $more = foreach ($name in $Sent) { "`"$name`":`"sent $name`"" }
            $json = Add-Field $usual "`"later`":7,$($more -join ',')"
            if ($Way -eq 'odd') { $json = $json.Replace('36900', '"36900"') }
            $token = Get-FromText "[$json]"
            foreach ($name in $Sent) {
                # These two are the module's own, and not to be mistaken for it.
                if ($Way -eq 'usual' -and $name -in 'isTokenInUse', 'tenantProfile') { continue }
                $token[$name] | Should -BeExactly "sent $name"
                $token.ContainsKey($name) | Should -BeTrue
            }
            # Each habit.
            $token.Count | Should -Be 1
            $token[0].id | Should -Be 'a1'
            $token[-1].id | Should -Be 'a1'
            "$token" | Should -BeExactly 'Usual (a1)'
            $token.ToString() | Should -BeExactly 'Usual (a1)'
            $token.GetType().Name | Should -BeIn 'GetPersonalAccessTokenResponse', 'TokenAsSent'
            $token.Keys[0..8] | Should -Be $fields
            $token.Keys | Should -Contain 'later'
            foreach ($key in $token.Keys) { $null = $token[$key] }
            $token.Values[0] | Should -Be 'a1'
            @($token.GetEnumerator())[0].Key | Should -Be 'id'
            $token.Contains('ID') | Should -BeTrue
            $token.Contains('nothing') | Should -BeFalse
            $token['nothing'] | Should -BeNullOrEmpty
            $token['Name'] | Should -BeExactly 'Usual'
            $token.name | Should -BeExactly 'Usual'
            $token.later | Should -Be 7
            $token.profile | Should -BeNullOrEmpty
            $token['note'] = 1
            $token.note | Should -Be 1
            $token.Remove('note')
            $token.Add('note', 2)
            $token.Remove('note')
            if ('' -notin $Sent) { $token.Remove('') }
            { $token.Clear() } | Should -Throw '*Clone()*'
            $table = $token.Clone()
            $table['later'] | Should -Be 7
            ([hashtable]$token)['later'] | Should -Be 7
            (New-Object psobject -Property $token).later | Should -Be 7
            ([pscustomobject]$token.Clone()).later | Should -Be 7
            ($token | ConvertTo-Json -Depth 5 | ConvertFrom-Json).later | Should -Be 7
            ($token | ConvertTo-Csv | ConvertFrom-Csv).later | Should -Be 7
            ($token | Format-Table | Out-String) | Should -Match 'Usual'
            ($token | Format-List | Out-String) | Should -Match 'Usual'
            ($token, $token | Where-Object later -EQ 7).Where({ $_.id -eq 'a1' }).Count | Should -Be 2
            # Which tenant it is of says no service: not in a table either.
            foreach ($made in $table, [hashtable]$token) { $made.Contains('profile') -or $made.Contains('tenantProfile') | Should -BeFalse }
            @((New-Object psobject -Property $token).PSObject.Properties['profile']) | Should -BeNullOrEmpty
            & (Get-Module SailPat) { @([Tenant]::OfId([Tenant]::IdOf($args[0], 'a1')))[0] } $token | Should -BeNullOrEmpty
            & (Get-Module SailPat) { @([Tenant]::OfId([Tenant]::IdOf($args[0], 'a1')))[0] } $table | Should -BeNullOrEmpty
        }

        It 'is in a table where it can be, and cannot be set on the token' {
            $json = Add-Field $usual '"Count":99,"":"empty","Keys":"k"'
            $token = Get-FromText "[$json]"
            $token.Keys | Should -Be @($fields + 'Count' + 'Keys')
            $token.Clone()['Count'] | Should -Be 99
            ([hashtable]$token)['Keys'] | Should -Be 'k'
            $token['count'] | Should -Be 99
            ($token.Clone() | ConvertTo-Json -Depth 4 | ConvertFrom-Json -AsHashtable)['Count'] | Should -Be 99
            foreach ($name in '', 'Count', 'Keys') { { $token[$name] = 1 } | Should -Throw "*'$name' cannot be set*Clone()*" }
            $token['Count'] | Should -Be 99
        }

        It 'of an owner and of objects within fields' {
            Set-StrictMode -Version Latest
            foreach ($odd in $false, $true) {
                $json = (Add-Field $usual '"deep":{"":1,"PSObject":2,"a":{"pstypenames":3}}').Replace('"type":"IDENTITY"',
                    '"type":"IDENTITY","":"nobody","Count":9,"GetType":1,"email":"a@example.com"')
                if ($odd) { $json = $json.Replace('36900', '"36900"') }
                $tokens = Get-FromText "[$json,$usual]"
                $tokens[1].name | Should -Be 'Usual'
                $tokens[0].deep[''] | Should -Be 1
                $tokens[0].deep['PSObject'] | Should -Be 2
                $tokens[0].deep['a']['pstypenames'] | Should -Be 3
                $tokens[0].owner.email | Should -Be 'a@example.com'
                $tokens[0].owner[''] | Should -Be 'nobody'
                $tokens[0].owner['count'] | Should -Be 9
                $tokens[0].owner.name | Should -Be 'Support'
                ([hashtable]$tokens[0].owner)['email'] | Should -Be 'a@example.com'
                ($tokens[0] | ConvertTo-Json -Depth 5 | ConvertFrom-Json -AsHashtable).owner.email | Should -Be 'a@example.com'
                ($tokens[0] | ConvertTo-Json -Depth 5 | ConvertFrom-Json -AsHashtable).deep[''] | Should -Be 1
            }
        }

        It 'where a token has a profile, profile is this, whatever its service sends' {
            $token = Get-FromText "[$(Add-Field $usual '"profile":"evil"')]"
            $token['profile'] | Should -Be 'evil'
            & (Get-Module SailPat) { [Tenant]::Mark($args[0], 'mine', 'http://127.0.0.1:9', $true) } $token
            $token['profile'] | Should -Be 'mine'
            $token.profile | Should -Be 'mine'
        }
    }

    It 'are there in another runspace' {
        $token = Get-FromText "[$(Add-Field $usual '"newField":7')]"
        $token | ForEach-Object -Parallel { $_.newField } | Should -Be 7
    }

    It 'of ever new names cost no class each' {
        $json = foreach ($i in 1..120) { Add-Field $usual "`"field$i`":$i" }
        $tokens = Get-FromText "[$($json -join ',')]"
        $tokens.Count | Should -Be 120
        $tokens[119]['field120'] | Should -Be 120
        $tokens[119].Keys | Should -Contain 'field120'
        $tokens[119].field120 | Should -Be 120
        ($tokens[119] | ConvertTo-Json -Depth 4 | ConvertFrom-Json).field120 | Should -Be 120
        @($tokens[119].PSObject.Properties.Where({ -not $_.IsHidden -and $_.MemberType -ne 'ScriptProperty' }).Name)[0] | Should -Be 'id'
    }

    It 'of ever new names cost few classes and few walks over the reply, however many there are' {
        function Get-Made { & (Get-Module SailPat) { [Shape]::Made.Count } }
        $json = foreach ($i in 1..2000) { Add-Field $usual "`"only$i`":$i" }
        $before = Get-Made
        & (Get-Module SailPat) {
            $script:walks = 0
            $script:selectElements = ${function:Select-Elements}
            ${function:script:Select-Elements} = { $script:walks++; & $script:selectElements @args }
        }
        try { $tokens = Get-FromText "[$($json -join ',')]" }
        finally { & (Get-Module SailPat) { ${function:script:Select-Elements} = $script:selectElements } }
        (Get-Made) - $before | Should -BeLessOrEqual 8
        & (Get-Module SailPat) { $script:walks } | Should -BeLessOrEqual 8
        $tokens.Count | Should -Be 2000
        for ($i = 1; $i -le 2000; $i += 133) { $tokens[$i - 1]."only$i" | Should -Be $i }
        $tokens[1999].only2000 | Should -Be 2000
    }
}

Describe 'Every failure has what scripts read of one' {
    BeforeEach { Use-Tenant $tenant; Reset-Emulator $tenant; Set-SailPatConfiguration -Reset }
    AfterAll { Use-Tenant $tenant; Set-SailPatConfiguration -Reset }

    It 'refused before it was sent, a request is the 400 of the service: <Name>' -ForEach @(
        @{ Name = 'filter'; Code = { Get-V2024PersonalAccessTokens -Filters 'name eq "x"' }; Text = 'lastUsed' }
        @{
            Name = 'validity'
            Code = { New-V2024PersonalAccessToken @{ name = 'x'; accessTokenValiditySeconds = 3 } }
            Text = 'between 15 and 43200'
        }
        @{
            Name = 'past'
            Code = { New-V2024PersonalAccessToken @{ name = 'x'; expirationDate = [datetime]::UtcNow.AddDays(-1) } }
            Text = 'future'
        }
        @{ Name = 'no name'; Code = { New-V2024PersonalAccessToken @{ scope = 'x' } }; Text = 'name' }
        @{ Name = 'no id'; Code = { Remove-V2024PersonalAccessToken }; Text = 'parameter Id missing' }
        @{ Name = 'an empty filter'; Code = { Get-V2024PersonalAccessTokens -Filters '' }; Text = '-Filters was given and is empty' }
        @{ Name = 'patch'; Code = { Update-V2024PersonalAccessToken a1 '[{]' }; Text = 'not valid JSON' }
        @{
            Name = 'a model'
            Code = { Initialize-V2024CreatePersonalAccessTokenRequest -AccessTokenValiditySeconds 3 }
            Text = "'Name' cannot be null"
        }
        @{ Name = 'JSON text'; Code = { ConvertFrom-V2024JsonToPatOwner '{' }; Text = 'cannot be read' }
    ) {
        Set-StrictMode -Version Latest
        $seen = try { & $Code; 'nothing' }
        catch [Microsoft.PowerShell.Commands.HttpResponseException] { $_ }
        catch { "not this type: $($_.Exception.GetType())" }
        $seen.Exception.Response.StatusCode.value__ | Should -Be 400
        $(switch ($seen.Exception.Response.StatusCode) { 'NotFound' { 'gone' } 'BadRequest' { 'refused' } }) | Should -Be 'refused'
        ($seen.ErrorDetails | ConvertFrom-Json).messages[0].text | Should -Match $Text
        $body = $seen.ErrorDetails.Message | ConvertFrom-V2024JsonToErrorResponseDto
        $body.detailCode | Should -BeLike 'SailPat.invalid_*'
        $seen.Exception.Response.Headers.GetValues('X-SailPat-Local') | Should -BeLike 'invalid_*'
        $seen.Exception.Data['local'] | Should -BeTrue
        # What people see at the prompt says it, too.
        $seen.ErrorDetails.RecommendedAction | Should -Match $Text
        $seen.Exception.Message | Should -Match $Text
        Get-Requests $tenant | Where-Object kind -NE token | Should -BeNullOrEmpty
    }

    It 'a reply of the service says so in the words that scripts look for, and in its own' {
        $seen = Get-ErrorOf { Remove-V2024PersonalAccessToken -Id 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }
        $seen.Exception.Message | Should -BeLike 'Response status code does not indicate success: 404 (Not Found).*did not find*'
        $seen.Exception.Response.RequestMessage.Method.Method | Should -Be 'DELETE'
        $seen.Exception.Response.RequestMessage.RequestUri |
            Should -Be "$($tenant.url)/v2024/personal-access-tokens/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        $seen.Exception.Data['local'] | Should -BeNullOrEmpty
        ($seen.ErrorDetails | ConvertFrom-Json).detailCode | Should -Not -BeLike 'SailPat*'
    }

    It 'no reply is status 0, with strict mode, too: <Name>' -ForEach @(
        @{
            Name = 'no connection'
            Code = { $env:SAIL_BASE_URL = 'http://127.0.0.1:9'; Get-V2024PersonalAccessTokens me }
            Type = 'HttpRequestException'
        }
        @{ Name = 'settings'; Code = { $env:SAIL_CLIENT_SECRET = $null; Get-V2024PersonalAccessTokens me }; Type = '*Exception' }
        @{
            Name = 'time'
            Code = {
                Add-Fault $tenant list @{ delayMs = 3000 } 9; Set-SailPatConfiguration -TimeoutSec 0.3; Get-V2024PersonalAccessTokens me
            }
            Type = 'TimeoutException'
        }
        @{
            Name = 'own commands'
            Code = { $env:SAIL_BASE_URL = 'http://127.0.0.1:9'; Get-SailPat -Mine -ErrorAction Stop }
            Type = 'HttpRequestException'
        }
    ) {
        Set-StrictMode -Version Latest
        $seen = Get-ErrorOf $Code
        $seen.Exception.GetType().Name | Should -BeLike $Type
        $seen.Exception.Response.StatusCode.value__ | Should -Be 0
        $seen.Exception.Response.StatusCode.value__ -eq 404 | Should -BeFalse
        @($seen.Exception.Response.Headers | ConvertTo-Json) | Should -Not -BeNullOrEmpty
        if ($Name -ne 'own commands') { ($seen.ErrorDetails | ConvertFrom-Json).messages[0].text | Should -Not -BeNullOrEmpty }
    }

    It 'an id that no list shows is 404, by a look at one token' {
        (Get-ErrorOf { Get-V2024PersonalAccessToken aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }).Exception.Response.StatusCode.value__ |
            Should -Be 404
    }

    It 'own commands say it in text, as before' {
        $seen = Get-ErrorOf { New-SailPat x -ExpiresIn 5q -ErrorAction Stop }
        $seen.ErrorDetails.Message | Should -BeLike "'5q' is no time span*"
        $seen.Exception.Response.StatusCode.value__ | Should -Be 400
    }
}

Describe '$Error' {
    BeforeEach { Use-Tenant $tenant; Reset-Emulator $tenant }

    It 'has one entry for a failure, whatever -ErrorAction says: <_>' -ForEach @(
        'Update-V2024PersonalAccessToken a1 "[{]"', 'Update-V2024PersonalAccessToken a1 "x"', 'New-V2024PersonalAccessToken "{"'
        'Get-V2024PersonalAccessTokens -Filters "name eq 1"', 'Remove-V2024PersonalAccessToken nothing',
            'Get-V2024PersonalAccessToken nothing'
        'ConvertFrom-V2024JsonToPatOwner "{"', '"{", "x" | ConvertFrom-V2024JsonToPatOwner', 'ConvertFrom-JsonToJsonPatchOperationValue "{"'
        'Initialize-V2024JsonPatchOperation', 'Set-DefaultConfiguration -BaseUrl nonsense', 'Set-DefaultConfiguration -Proxy (Get-Date)'
        'Remove-SailPat nothing -Confirm:$false', 'New-SailPat x -ExpiresIn 5q', 'Set-SailPat nothing -Name y', 'Get-SailPat -Id nothing'
    ) {
        foreach ($action in 'Continue', 'SilentlyContinue', 'Ignore') {
            $global:Error.Clear()
            try { & ([scriptblock]::Create("$_ -ErrorAction $action")) 2>$null } catch { }
            $expected = if ($action -eq 'Ignore') { 0, 1 } else { @(1) }
            $expected | Should -Contain $global:Error.Count -Because $action
        }
    }

    It 'has none after a success' {
        $token = New-V2024PersonalAccessToken @{ name = 'For errors' }
        $global:Error.Clear()
        $null = '[', '{"op":"test","path":"/name"}', ']' | ConvertFrom-V2024JsonToJsonPatchOperation
        $null = ConvertFrom-JsonToJsonPatchOperationValue '[1]'
        $null = Update-V2024PersonalAccessToken $token '{"op":"replace","path":"/name","value":"For errors 2"}'
        $null = Get-V2024PersonalAccessTokens me
        $null = Get-V2024PersonalAccessToken $token
        $null = Get-SailPat -Name 'For*'
        $null = Get-DefaultConfiguration
        Set-DefaultConfiguration -MaximumRetryCount 3
        $null = Get-FromText "[$(Add-Field $usual '"newField":7'),{`"id`":7,`"created`":`"+`"}]"
        Remove-V2024PersonalAccessToken $token
        $global:Error | Should -BeNullOrEmpty
    }
}

Describe 'The live configuration' {
    BeforeEach { Use-Tenant $tenant; Reset-Emulator $tenant; Set-SailPatConfiguration -Reset }
    AfterAll { Use-Tenant $tenant; Set-SailPatConfiguration -Reset }

    It 'BaseUrl ends with a slash, and set back it is the same tenant' {
        $before = Get-DefaultConfiguration
        $before.BaseUrl | Should -BeExactly "$($tenant.url)/"
        $before.BaseUrl = $before.BaseUrl
        (Get-V2024PersonalAccessTokens me).id | Should -Be $tenant.clientId
        Set-DefaultConfiguration -BaseUrl $before.BaseUrl
        (Get-V2024PersonalAccessTokens me).id | Should -Be $tenant.clientId
        (Get-DefaultConfiguration).BaseUrl | Should -BeExactly "$($tenant.url)/"
    }

    It 'Token and TokenExpiration are filled after a call, and no request is made for them' {
        Set-SailPatConfiguration -BaseUrl $tenant.url `
            -Credential ([pscredential]::new($tenant.clientId, (ConvertTo-SecureString $tenant.clientSecret -AsPlainText -Force)))
        $null = Get-V2024PersonalAccessTokens me
        $seen = (Get-Requests $tenant).Count
        foreach ($time in 1, 2) {
            $live = Get-DefaultConfiguration
            $live.Token | Should -BeExactly (Get-IDNAccessToken)
            $live.TokenExpiration | Should -BeGreaterThan (Get-Date)
            $live.TokenExpiration | Should -BeOfType [datetime]
        }
        (Get-Requests $tenant).Count | Should -Be $seen
        # It is shown and not set: another pair is not called with it.
        $env:SAIL_CLIENT_SECRET = 'wrong'
        Set-SailPatConfiguration -Clear Credential, BaseUrl
        (Get-ErrorOf { Get-V2024PersonalAccessTokens me }).Exception.Data['code'] | Should -Be 'sign_in_failed'
        (Get-DefaultConfiguration).Token | Should -BeNullOrEmpty
    }

    It 'a proxy of the system, with the credentials that the official help shows' {
        $proxy = [Net.WebRequest]::GetSystemWebProxy()
        $proxy.Credentials = [Net.CredentialCache]::DefaultCredentials
        Set-DefaultConfiguration -Proxy $proxy
        (Get-V2024PersonalAccessTokens me).id | Should -Be $tenant.clientId
        [object]::ReferenceEquals((Get-DefaultConfiguration).Proxy, $proxy) | Should -BeTrue
    }

    It 'what the system says of an address counts: its proxy, with user and password' {
        class SystemProxy : System.Net.IWebProxy {
            hidden [System.Net.ICredentials]$own = [System.Net.CredentialCache]::DefaultCredentials
            [uri] GetProxy([uri]$destination) { return [uri]'http://127.0.0.1:9' }
            [bool] IsBypassed([uri]$destination) { return $destination.IsLoopback }
            [System.Net.ICredentials] get_Credentials() { return $this.own }
            [void] set_Credentials([System.Net.ICredentials]$value) { $this.own = $value }
        }
        $made = & (Get-Module SailPat) { [ProxySetting]::Of($args[0], 'https://tenant.example.com') } ([SystemProxy]::new())
        $made.url | Should -BeLike 'http://127.0.0.1:9*'
        $made.Keys | Should -Not -Contain 'username'
        & (Get-Module SailPat) { [ProxySetting]::Of($args[0], 'http://127.0.0.1:1') } ([SystemProxy]::new()) | Should -BeNullOrEmpty
    }

    It 'a bad address is refused when it is set, and nothing is changed: <Name>' -ForEach @(
        @{ Name = 'no URL'; Given = @{ BaseUrl = 'nonsense'; MaximumRetryCount = 7 } }
        @{ Name = 'plain http'; Given = @{ BaseUrl = 'http://example.com'; MaximumRetryCount = 7 } }
        @{ Name = 'a proxy of another kind'; Given = @{ Proxy = 'ftp://127.0.0.1:9'; MaximumRetryCount = 7 } }
        @{ Name = 'no proxy at all'; Given = @{ Proxy = [timespan]::Zero; MaximumRetryCount = 7 } }
    ) {
        foreach ($command in 'Set-DefaultConfiguration', 'Set-SailPatConfiguration') {
            $seen = Get-ErrorOf { & $command @Given }
            $seen.Exception.Data['code'] | Should -Be 'settings_invalid'
            (Get-DefaultConfiguration).MaximumRetryCount | Should -BeNullOrEmpty
            (Get-DefaultConfiguration).Proxy | Should -BeNullOrEmpty
        }
        (Get-V2024PersonalAccessTokens me).id | Should -Be $tenant.clientId
    }

    It 'parameters stand at their documented positions, and -Experimental takes $null' {
        $byPosition = (Get-Command Set-DefaultConfiguration).Parameters.Values |
            Where-Object { $_.Attributes.Where({ $_ -is [Parameter] })[0].Position -ge 0 } |
            Sort-Object { $_.Attributes.Where({ $_ -is [Parameter] })[0].Position }
        $byPosition.Name |
            Should -Be 'BaseUrl', 'NermBaseUrl', 'Token', 'TokenExpiration', 'TokenUrl', 'ClientId', 'ClientSecret', 'MaximumRetryCount',
            'RetryIntervalSeconds', 'Experimental', 'Proxy', 'ConsumerIdentifier', 'ConsumerVersion'
        Set-DefaultConfiguration -Experimental $null
        (Get-DefaultConfiguration).Experimental | Should -BeNullOrEmpty
    }

    It 'a token takes a source back' {
        Set-SailPatConfiguration -BaseUrl $tenant.url -Source ./nowhere.json
        Set-SailPatConfiguration -Token (ConvertTo-SecureString 'bearer' -AsPlainText -Force)
        (Get-DefaultConfiguration).Source | Should -BeNullOrEmpty
    }
}

Describe 'Objects of either module' {
    AfterAll { Remove-OwnTokens $tenant }

    It 'a table of the official module goes into every command' {
        $made = New-V2024PersonalAccessToken ('{"name":"Of a table"}' | ConvertFrom-Json -AsHashtable)
        $official = $made | ConvertTo-Json -Depth 4 | ConvertFrom-Json -AsHashtable
        (Update-V2024PersonalAccessToken $official `
            ('[{"op":"replace","path":"/name","value":"Of a table 2"}]' | ConvertFrom-Json -AsHashtable)).name | Should -Be 'Of a table 2'
        (Get-V2024PersonalAccessToken $official).id | Should -Be $made.id
        (Get-SailPat -Id $official.id).name | Should -Be 'Of a table 2'
        $official | Remove-V2024PersonalAccessToken
        (Get-V2024PersonalAccessTokens me).id | Should -Not -Contain $made.id
    }

    It 'an id of digits is taken as it was written: <_>' -ForEach '12345', '0012', '12345678901234567890',
        '12345678901234567890123456789012', '0x12', '1e5' {
        Reset-Emulator $tenant
        $seen = Get-ErrorOf ([scriptblock]::Create("Remove-V2024PersonalAccessToken -Id $_"))
        $seen.Exception.Response.StatusCode.value__ | Should -Be 404
        (Get-RequestsOf $tenant delete)[-1].target | Should -BeLike "*/$_"
    }

    It 'a number in a variable or an object is one, too' {
        $number = 12345
        foreach ($given in $number, 12345L, @{ id = 12345 }, [pscustomobject]@{ id = 12345 }) {
            (Get-ErrorOf { Remove-V2024PersonalAccessToken -Id $given }).TargetObject | Should -BeExactly '12345'
        }
    }
}

Describe 'docs/testing.md' {
    BeforeDiscovery {
        $page = [IO.File]::ReadAllText([IO.Path]::GetFullPath("$PSScriptRoot/../../docs/testing.md")).Replace("`r`n", "`n")
        $examples = foreach ($match in [regex]::Matches($page, '<!-- run: (?<name>\S+) -->\n```powershell\n(?<code>.*?)\n```',
            'Singleline')) {
            @{ Name = $match.Groups['name'].Value; Code = $match.Groups['code'].Value }
        }
    }
    BeforeAll {
        # The module where PowerShell finds it by name. (An installed one lies in a folder of its version.)
        $folder = [IO.Path]::GetDirectoryName([IO.Path]::GetDirectoryName($script:ModulePath))
        if ([IO.Path]::GetFileName($folder) -eq 'SailPat') { $folder = [IO.Path]::GetDirectoryName($folder) }
        $pester = (Get-Module Pester).Path
    }

    It 'has examples' { $examples.Count | Should -BeGreaterOrEqual 4 } -ForEach @(@{ examples = $examples })

    It 'the tests of <Name> pass' -ForEach $examples {
        $file = "$TestDrive/$Name"
        [IO.File]::WriteAllText($file, $Code)
        $runner = "$TestDrive/run-$Name.ps1"
        [IO.File]::WriteAllText($runner,
            "Import-Module '$pester'`n`$result = Invoke-Pester -Path '$file' -PassThru -Output None`n`"passed `$(`$result.PassedCount) " +
            "failed `$(`$result.FailedCount)`"`n`$result.Failed.ErrorRecord | Out-String`n")
        $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
        foreach ($argument in '-NoProfile', '-File', $runner) { $start.ArgumentList.Add($argument) }
        $start.Environment['PSModulePath'] = "$folder$([IO.Path]::PathSeparator)$env:PSModulePath"
        $start.RedirectStandardOutput = $true
        $process = [Diagnostics.Process]::Start($start)
        $said = $process.StandardOutput.ReadToEnd()
        $process.WaitForExit()
        $said | Should -Match 'passed [1-9]\d* failed 0'
    }
}
