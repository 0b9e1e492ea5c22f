# Scripts written to the published documentation run as they are: names, both spellings of each
# parameter, objects and raw JSON text, results and errors.

BeforeDiscovery {
    . "$PSScriptRoot/Helpers.ps1"
    $versions = foreach ($row in Get-VersionRows) { @{ Version = $row.Name; Prefix = $row.Prefix; Suffix = $row.Suffix } }
    $prefixes = @($versions.Prefix | Where-Object { $_ })
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $tenant = Start-Emulator @('--rate-limit', 'off')
    Use-Tenant $tenant
    function New-Token([string]$Name) { New-V2024PersonalAccessToken @{ name = $Name } -WarningAction Ignore }
}
AfterAll { Stop-Emulator $tenant; Clear-Settings }

Describe 'The four documented examples' {
    AfterAll { Remove-OwnTokens $tenant }

    It 'create: a converted object' {
        $CreatePersonalAccessTokenRequest = @"
{
  "scope" : [ "demo:personal-access-token-scope:first", "demo:personal-access-token-scope:second" ],
  "name" : "Documented create",
  "accessTokenValiditySeconds" : 36900
}
"@
        $Result = ConvertFrom-JsonToCreatePersonalAccessTokenRequest -Json $CreatePersonalAccessTokenRequest
        $created = New-V2024PersonalAccessToken -V2024CreatePersonalAccessTokenRequest $Result
        $created.secret.Length | Should -Be 64
        $created.accessTokenValiditySeconds | Should -Be 36900
        $created.scope | Should -Be 'demo:personal-access-token-scope:first', 'demo:personal-access-token-scope:second'
    }

    It 'create: the commented variant, raw JSON text, arrives byte for byte' {
        $text = "{`n  `"name`" : `"Raw create`",`n  `"scope`" : [ `"sp:scopes:all`" ]`n}"
        $created = New-V2024PersonalAccessToken -CreatePersonalAccessTokenRequest $text
        $created.name | Should -Be 'Raw create'
        (Get-RequestsOf $tenant create)[-1].body | Should -BeExactly $text
    }

    It 'list: by owner and filter, both spellings' {
        Get-V2024PersonalAccessTokens -OwnerId me -Filters 'lastUsed isnull' | Should -Not -BeNullOrEmpty
        $tomorrow = [datetime]::UtcNow.AddDays(1).ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture)
        Get-V2024PersonalAccessTokens -V2024OwnerId me -V2024Filters "lastUsed le ${tomorrow}T00:00:00Z" | Should -Not -BeNullOrEmpty
        Get-V2024PersonalAccessTokens me 'lastUsed isnull' | Should -Not -BeNullOrEmpty
        @(Get-V2024PersonalAccessTokens).Count | Should -BeGreaterThan 1
    }

    It 'patch: converted JSON, and the refusal of /description as the service words it' {
        $id = (New-Token 'Documented patch').id
        $JsonPatchOperation = @"
[{ "op" : "replace", "path" : "/description", "value" : "New description" }]
"@
        $Result = ConvertFrom-JsonToJsonPatchOperation -Json $JsonPatchOperation
        $failure = Get-ErrorOf { Update-V2024PersonalAccessToken -Id $id -V2024JsonPatchOperation $Result }
        $failure.Exception.Response.StatusCode.value__ | Should -Be 400
        ($failure.ErrorDetails | ConvertFrom-Json).messages[0].text | Should -Not -BeNullOrEmpty
    }

    It 'patch: raw JSON text arrives byte for byte' {
        $id = (New-Token 'Raw patch').id
        $text = '[ {"op":"replace", "path":"/name", "value":"Raw patched"} ]'
        (Update-V2024PersonalAccessToken -V2024Id $id -JsonPatchOperation $text).name | Should -Be 'Raw patched'
        (Get-RequestsOf $tenant patch)[-1].body | Should -BeExactly $text
        Remove-V2024PersonalAccessToken $id
    }

    It 'patch: one PSCustomObject, and an array of hashtables; one scope stays an array' {
        $id = (New-Token 'Object patch').id
        (Update-V2024PersonalAccessToken -Id $id `
            -JsonPatchOperation ([PSCustomObject]@{ op = 'replace'; path = '/name'; value = 'One object' })).name | Should -Be 'One object'
        $patched = Update-V2024PersonalAccessToken -Id $id `
            -JsonPatchOperation @(@{ op = 'replace'; path = '/name'; value = 'Two' },
            @{ op = 'replace'; path = '/scope'; value = @('idn:one:read') })
        $patched.name | Should -Be 'Two'
        $patched.scope.GetType().Name | Should -Be 'String[]'
        (Get-RequestsOf $tenant patch)[-1].body | Should -Match '"value":\["idn:one:read"\]'
        Remove-V2024PersonalAccessToken $id
    }

    It 'delete: by either spelling; nothing comes out' {
        $id = (New-Token 'Documented delete').id
        Remove-V2024PersonalAccessToken -V2024Id $id | Should -BeNullOrEmpty
        (Get-ErrorOf { Remove-V2024PersonalAccessToken -Id $id }).Exception.Response.StatusCode.value__ | Should -Be 404
    }
}

Describe 'Version <Version>' -ForEach $versions {
    AfterAll { Remove-OwnTokens $tenant }

    It 'creates, lists, gets, updates and removes at its own address' {
        Reset-Emulator $tenant
        $request = & "Initialize-${Prefix}CreatePersonalAccessTokenRequest" -Name "Round $Version" `
            -ExpirationDate ([datetime]::UtcNow.AddDays(40))
        $token = & "New-${Prefix}PersonalAccessToken${Suffix}" $request
        (& "Get-${Prefix}PersonalAccessTokens${Suffix}" -OwnerId me).name | Should -Contain "Round $Version"
        (& "Get-${Prefix}PersonalAccessToken${Suffix}" -Id $token.id).id | Should -Be $token.id
        (& "Update-${Prefix}PersonalAccessToken${Suffix}" $token.id @{ op = 'replace'; path = '/name'; value = "Renamed $Version" }).name |
            Should -Be "Renamed $Version"
        & "Remove-${Prefix}PersonalAccessToken${Suffix}" $token.id
        $expected = if ($Version -eq 'v1') { '/personal-access-tokens/v1' } else { "/$Version/personal-access-tokens" }
        foreach ($seen in Get-Requests $tenant | Where-Object kind -NE token) { $seen.target | Should -BeLike "$expected*" }
    }
}

Describe 'The documented parameters' {
    It '<_> has them at their positions' -ForEach $prefixes {
        $expected = @(
            @("New-${_}PersonalAccessToken", 'CreatePersonalAccessTokenRequest', 0), @("Remove-${_}PersonalAccessToken", 'Id', 0)
            @("Get-${_}PersonalAccessTokens", 'OwnerId', 0), @("Get-${_}PersonalAccessTokens", 'Filters', 1)
            @("Update-${_}PersonalAccessToken", 'Id', 0), @("Update-${_}PersonalAccessToken", 'JsonPatchOperation', 1)
        )
        foreach ($row in $expected) {
            $parameter = (Get-Command $row[0]).Parameters[$row[1]]
            $parameter.Aliases | Should -Contain "$_$($row[1])"
            $attribute = $parameter.Attributes | Where-Object { $_ -is [Parameter] }
            $attribute.Position | Should -Be $row[2]
            $attribute.Mandatory | Should -BeFalse
            $attribute.ValueFromPipelineByPropertyName | Should -BeTrue
            (Get-Command $row[0]).Parameters.Keys | Should -Contain 'WithHttpInfo'
        }
    }

    It 'one that is missing is the documented error' {
        (Get-ErrorOf { Remove-V2024PersonalAccessToken }).Exception.Message |
            Should -Be 'Error! The required parameter Id missing when calling deletePersonalAccessToken.'
        (Get-ErrorOf { New-V2024PersonalAccessToken }).Exception.Message |
            Should -Be 'Error! The required parameter CreatePersonalAccessTokenRequest missing when calling createPersonalAccessToken.'
        (Get-ErrorOf { Update-V2024PersonalAccessToken }).Exception.Message |
            Should -Be 'Error! The required parameter Id missing when calling patchPersonalAccessToken.'
        (Get-ErrorOf { Update-V2024PersonalAccessToken a1 }).Exception.Message |
            Should -Be 'Error! The required parameter JsonPatchOperation missing when calling patchPersonalAccessToken.'
    }

    It '-WithHttpInfo gives Response, StatusCode and Headers' {
        $list = Get-V2024PersonalAccessTokens me -WithHttpInfo
        $list | Should -BeOfType [hashtable]
        $list.StatusCode | Should -BeOfType [int]
        $list.StatusCode | Should -Be 200
        $list.Response[0].id | Should -Not -BeNullOrEmpty
        $list.Headers['CONTENT-TYPE'] | Should -BeLike 'application/json*'
        $token = New-V2024PersonalAccessToken @{ name = 'Info' } -WithHttpInfo
        $token.Response.secret | Should -Not -BeNullOrEmpty
        (Remove-V2024PersonalAccessToken $token.Response.id -WithHttpInfo).StatusCode | Should -Be 204
    }
}

Describe 'Requests' {
    BeforeEach { Reset-Emulator $tenant }
    AfterEach { Remove-OwnTokens $tenant }

    It 'a hashtable, an ordered one, an object and one of a class are the same request; null is not sent' {
        class ScriptRequest { [string]$Name; [string[]]$Scope; [Nullable[int]]$AccessTokenValiditySeconds }
        $made = [ScriptRequest]::new()
        $made.Name = 'Shape'
        $made.Scope = 'sp:scopes:default'
        foreach ($request in @{ name = 'Shape'; scope = 'sp:scopes:default'; expirationDate = $null },
            ([ordered]@{ Name = 'Shape'; Scope = @('sp:scopes:default') }),
            ([pscustomobject]@{ name = 'Shape'; scope = @('sp:scopes:default'); accessTokenValiditySeconds = $null }), $made) {
            $token = New-V2024PersonalAccessToken $request
            $token.scope | Should -Be 'sp:scopes:default'
            $sent = (Get-RequestsOf $tenant create)[-1].body | ConvertFrom-Json
            ($sent.PSObject.Properties.Name | Sort-Object) | Should -Be 'name', 'scope'
            (Get-RequestsOf $tenant create)[-1].body | Should -Match '"scope":\["sp:scopes:default"\]'
            Remove-V2024PersonalAccessToken $token
        }
    }

    It 'a date goes out as ISO 8601 in UTC, whatever its kind' {
        $date = [datetime]::UtcNow.Date.AddDays(90).AddHours(12)
        $sent = $date.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture) + 'T12:00:00.000Z'
        foreach ($given in $date, $date.ToLocalTime(), [DateTimeOffset]::new($date).ToOffset([timespan]::FromHours(5))) {
            $token = New-V2025PersonalAccessToken @{ name = 'Dated'; expirationDate = $given }
            ((Get-RequestsOf $tenant create)[-1].body) | Should -Match "`"expirationDate`":`"$sent`""
            Remove-V2024PersonalAccessToken $token
        }
    }

    It 'rows of a CSV file become tokens' {
        "name,scope,accessTokenValiditySeconds,expirationDate`nCsv one,sp:scopes:default idn:x:read,3600,`nCsv two,,," | ConvertFrom-Csv |
            New-V2024PersonalAccessToken | ForEach-Object {
            Remove-V2024PersonalAccessToken $_
        }
        $sent = Get-RequestsOf $tenant create
        $sent[0].body | Should -BeExactly '{"name":"Csv one","scope":["sp:scopes:default","idn:x:read"],"accessTokenValiditySeconds":3600}'
        $sent[1].body | Should -BeExactly '{"name":"Csv two"}'
    }

    It 'Get pipes to Update and Remove, by value and by property name' {
        'Pipe a', 'Pipe b' | ForEach-Object { [void](New-Token $_) }
        $changed = Get-V2024PersonalAccessTokens me | Where-Object name -Like 'Pipe ?' |
            Update-V2024PersonalAccessToken -JsonPatchOperation @{ op = 'replace'; path = '/scope'; value = 'idn:one:read' }
        @($changed).Count | Should -Be 2
        $changed[0] | Select-Object id, name | Remove-V2024PersonalAccessToken
        $changed[1].id | Remove-V2024PersonalAccessToken
        Get-V2024PersonalAccessTokens me | Where-Object name -Like 'Pipe ?' | Should -BeNullOrEmpty
    }

    It 'an id is a text or has one; nothing else is sent as an id' {
        foreach ($wrong in @{ name = 'x' }, (Get-Date), 4.2, ([pscustomobject]@{ id = $true }), $true) {
            { Remove-V2024PersonalAccessToken -Id $wrong } | Should -Throw '*An id is a text*'
        }
        Get-RequestsOf $tenant delete | Should -BeNullOrEmpty
        $token = New-Token 'By object'
        Remove-V2024PersonalAccessToken -Id @{ id = $token.id }
    }
}
