# The documented Initialize-… and ConvertFrom-…JsonTo… helpers, in every version.

BeforeDiscovery {
    $sets = @(
        @{ Prefix = 'V2024'; More = $false; Unauthorized = 'ListAccessProfiles401Response'; RateLimited = 'ListAccessProfiles429Response' }
        @{ Prefix = 'V2025'; More = $true; Unauthorized = 'ListAccessProfiles401Response'; RateLimited = 'ListAccessProfiles429Response' }
        @{
            Prefix = 'V2026'
            More = $true
            Unauthorized = 'GetAccessRequestConfig401Response'
            RateLimited = 'GetAccessRequestConfig429Response'
        }
        @{
            Prefix = 'Beta'
            More = $false
            Unauthorized = 'ListAccessModelMetadataAttribute401Response'
            RateLimited = 'ListAccessModelMetadataAttribute429Response'
        }
        @{ Prefix = ''; More = $true; Unauthorized = 'ListAccessProfiles401Response'; RateLimited = 'ListAccessProfiles429Response' }
        @{
            Prefix = ''
            More = $true
            Unauthorized = 'ListPersonalAccessTokensV1401Response'
            RateLimited = 'ListPersonalAccessTokensV1429Response'
        }
    )
}

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    # Model -> its parameters in their order of position, as documented.
    $documented = [ordered]@{
        CreatePersonalAccessTokenRequest = 'Name', 'Scope', 'AccessTokenValiditySeconds', 'ExpirationDate'
        CreatePersonalAccessTokenResponse = 'Id', 'Secret', 'Scope', 'Name', 'Owner', 'Created', 'AccessTokenValiditySeconds',
            'ExpirationDate'
        GetPersonalAccessTokenResponse = 'Id', 'Name', 'Scope', 'Owner', 'Created', 'LastUsed', 'Managed', 'AccessTokenValiditySeconds',
            'ExpirationDate'
        JsonPatchOperation = 'Op', 'Path', 'Value'
        PatOwner = 'Type', 'Id', 'Name'
        ErrorResponseDto = 'DetailCode', 'TrackingId', 'Messages', 'Causes'
        ErrorMessageDto = 'Locale', 'LocaleOrigin', 'Text'
    }
    $values = @{
        Name = 'n'
        Id = 'i'
        Secret = 's'
        Owner = @{ id = 'o' }
        Created = [datetime]'2026-01-01'
        AccessTokenValiditySeconds = 60
        ExpirationDate = [datetime]'2026-06-01'
        Op = 'replace'
        Path = '/name'
    }
}

Describe 'The helpers of prefix "<Prefix>" with <Unauthorized>' -ForEach $sets {
    It 'exist for all nine models, with the documented parameters' {
        foreach ($model in $documented.Keys) {
            Get-Command "ConvertFrom-${Prefix}JsonTo$model" | Should -Not -BeNullOrEmpty
            $expected = @($documented[$model])
            if ($More -and $model -in 'CreatePersonalAccessTokenRequest', 'GetPersonalAccessTokenResponse') {
                $expected += 'UserAwareTokenNeverExpires'
            }
            $parameters = (Get-Command "Initialize-${Prefix}$model").Parameters.Values |
                Where-Object { $_.Attributes.Where({ $_ -is [Parameter] }).Position -ge 0 }
            $byPosition = $parameters | Sort-Object { $_.Attributes.Where({ $_ -is [Parameter] })[0].Position }
            @($byPosition.Name) | Should -Be $expected
        }
        (& "Initialize-${Prefix}$Unauthorized" -VarError 'JWT is required').error | Should -Be 'JWT is required'
        (& "Initialize-${Prefix}$RateLimited" -Message 'slow').message | Should -Be 'slow'
        (& "ConvertFrom-${Prefix}JsonTo$Unauthorized" '{"error":"e"}').error | Should -Be 'e'
        (& "ConvertFrom-${Prefix}JsonTo$RateLimited" '{"message":"m"}').message | Should -Be 'm'
    }

    It 'give all keys in the service''s spelling and order, nulls kept' {
        foreach ($model in $documented.Keys) {
            $arguments = @{}
            foreach ($parameter in $documented[$model]) {
                if ($values.ContainsKey($parameter)) { $arguments[$parameter] = $values[$parameter] }
            }
            $object = & "Initialize-${Prefix}$model" @arguments
            $names = @($object.PSObject.Properties.Name)
            $expected = $documented[$model] | ForEach-Object { $_.Substring(0, 1).ToLowerInvariant() + $_.Substring(1) }
            ($names | Where-Object { $_ -ne 'userAwareTokenNeverExpires' }) | Should -BeExactly $expected
            $names -ccontains 'userAwareTokenNeverExpires' |
                Should -Be ($More -and $Prefix -ne '' -and $model -in 'CreatePersonalAccessTokenRequest', 'GetPersonalAccessTokenResponse')
        }
    }
}

Describe 'Initialize' {
    It 'refuses a null in the documented words' {
        { Initialize-V2024CreatePersonalAccessTokenRequest } | Should -Throw "invalid value for 'Name', 'Name' cannot be null."
        { Initialize-V2024JsonPatchOperation -Op add } | Should -Throw "invalid value for 'Path', 'Path' cannot be null."
        { Initialize-V2024GetPersonalAccessTokenResponse -Id x -Name y -Created (Get-Date) } |
            Should -Throw "invalid value for 'Owner', 'Owner' cannot be null."
    }

    It 'refuses a validity outside 15..43200' {
        { Initialize-V2024CreatePersonalAccessTokenRequest x -AccessTokenValiditySeconds 14 } |
            Should -Throw '*must be greater than or equal to 15*'
        { Initialize-V2024CreatePersonalAccessTokenRequest x -AccessTokenValiditySeconds 43201 } |
            Should -Throw '*must be smaller than or equal to 43200*'
    }

    It 'binds by property name and keeps a single scope an array' {
        $request = [pscustomobject]@{ Name = 'piped'; Scope = 'one' } | Initialize-V2024CreatePersonalAccessTokenRequest
        $request.name | Should -Be 'piped'
        ($request | ConvertTo-Json -Compress) | Should -Match '"scope":\["one"\]'
    }

    It 'has the documented defaults' {
        $token = Initialize-V2025GetPersonalAccessTokenResponse -Id i -Name n -Owner o -Created (Get-Date)
        $token.managed | Should -BeFalse
        $token.accessTokenValiditySeconds | Should -Be 43200
        $token.userAwareTokenNeverExpires | Should -BeFalse
    }
}

Describe 'ConvertFrom' {
    It 'says in the documented words what is wrong' {
        { ConvertFrom-V2024JsonToCreatePersonalAccessTokenRequest -Json '{"name":"x","foo":1}' } |
            Should -Throw "Error! JSON key 'foo' not found in the properties: name scope accessTokenValiditySeconds expirationDate"
        { ConvertFrom-V2024JsonToCreatePersonalAccessTokenRequest -Json '{}' } |
            Should -Throw "Error! Empty JSON cannot be serialized due to the required property 'name' missing."
        { ConvertFrom-V2024JsonToCreatePersonalAccessTokenRequest -Json '' } |
            Should -Throw "Error! Empty JSON cannot be serialized due to the required property 'name' missing."
        { ConvertFrom-V2024JsonToCreatePersonalAccessTokenRequest -Json '{"scope":[]}' } |
            Should -Throw "Error! JSON cannot be serialized due to the required property 'name' missing."
    }

    It 'takes JSON from the pipeline: a text, lines of one text, several texts' {
        ('{"op":"test","path":"/name"}' | ConvertFrom-JsonToJsonPatchOperation).op | Should -Be 'test'
        ('[', '{"op":"test","path":"/name"}', ']' | ConvertFrom-V2024JsonToJsonPatchOperation).op | Should -Be 'test'
        @('{"id":"a"}', '{"id":"b"}' | ConvertFrom-V2024JsonToPatOwner).id | Should -Be 'a', 'b'
    }

    It 'gives tokens and owners of the classes that the commands give: <Prefix>' -ForEach @(
        @{ Prefix = 'V2024'; Class = 'GetPersonalAccessTokenResponse' },
            @{ Prefix = 'V2025'; Class = 'GetPersonalAccessTokenResponseV2025' }, @{ Prefix = ''; Class = 'GetPersonalAccessTokenResponse' }
    ) {
        $json = '{"id":"a1","name":"n","scope":["s"],"owner":{"type":"IDENTITY","id":"o1","name":"Someone"},' +
            '"created":"2026-01-01T00:00:00Z"}'
        $token = & "ConvertFrom-${Prefix}JsonToGetPersonalAccessTokenResponse" $json
        $token.GetType().Name | Should -Be $Class
        $token['id'] | Should -Be 'a1'
        "$token" | Should -Be 'n (a1)'
        "$($token.owner)" | Should -Be 'Someone'
        $token.Keys | Should -Contain 'lastUsed'
        ([hashtable]$token).id | Should -Be 'a1'
        $token.created.Kind | Should -Be 'Utc'
        , $token.scope | Should -BeOfType [string[]]
        ($token | Out-String) | Should -Match 'Name.*Last used'
        @(& "ConvertFrom-${Prefix}JsonToGetPersonalAccessTokenResponse" "[$json,$json]").Count | Should -Be 2
        $later = & "ConvertFrom-${Prefix}JsonToCreatePersonalAccessTokenResponse" `
            $json.Replace('"id":"a1"', '"id":"a1","secret":"s","accessTokenValiditySeconds":60,"expirationDate":"2026-06-01T00:00:00Z"')
        $later.GetType().Name | Should -Be 'CreatePersonalAccessTokenResponse'
        $later['accessTokenValiditySeconds'] | Should -Be 60
        (& "ConvertFrom-${Prefix}JsonToPatOwner" '{"id":"o1"}')['id'] | Should -Be 'o1'
        # One value that does not fit loses nothing else.
        (& "ConvertFrom-${Prefix}JsonToGetPersonalAccessTokenResponse" $json.Replace('2026-01-01T00:00:00Z', 'some day'))['created'] |
            Should -Be 'some day'
    }

    It 'the helpers without a prefix have userAwareTokenNeverExpires where it was given' {
        $token = ConvertFrom-JsonToGetPersonalAccessTokenResponse `
            '{"id":"a1","name":"n","scope":[],"owner":{},"created":"2026-01-01T00:00:00Z","userAwareTokenNeverExpires":true}'
        $token['userAwareTokenNeverExpires'] | Should -BeTrue
    }

    It 'reads a value of any kind' {
        ConvertFrom-JsonToJsonPatchOperationValue '"text"' | Should -Be 'text'
        (ConvertFrom-JsonToJsonPatchOperationValue '["one"]').GetType().Name | Should -Be 'Object[]'
    }
}
