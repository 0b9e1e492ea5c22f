# The module's tables beside what the native library names: an operation, a version or a setting that one of the two has
# alone is found here.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $library = & (Get-Module SailPat) {
        $native = Initialize-Native
        ([Text.Encoding]::UTF8.GetString([NativeText]::Read($native, $native::pat_version())) | ConvertFrom-Json).data
    }
    $trees = @(Get-ChildItem "$script:SourcePath/Private", "$script:SourcePath/Public" -Filter *.ps1 | ForEach-Object {
            [System.Management.Automation.Language.Parser]::ParseFile($_.FullName, [ref]$null, [ref]$null)
        })

    # The operations that the module runs: texts that are the argument of a command which runs one, or become it.
    function Get-RunOperations {
        $runners = 'Invoke-Operation', 'Invoke-Handing', 'Start-Ahead', 'Get-FilteredTokens', 'Get-OperationName'
        foreach ($tree in $trees) {
            foreach ($command in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                if ($command.GetCommandName() -notin $runners) { continue }
                foreach ($element in $command.CommandElements | Select-Object -Skip 1) {
                    if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst] -and
                        $element.Value -cmatch '^[a-z_]+$') {
                        $element.Value
                    }
                }
            }
            # Get-SailPat lists, or gets one.
            foreach ($assignment in $tree.FindAll({
                    $args[0] -is [System.Management.Automation.Language.AssignmentStatementAst] -and "$($args[0].Left)" -ceq '$operation'
                }, $true)) {
                $assignment.Right.FindAll({ $args[0] -is [System.Management.Automation.Language.StringConstantExpressionAst] }, $true).Value
            }
        }
    }
}

Describe 'The table of operations' {
    BeforeAll {
        $rows = & (Get-Module SailPat) { $script:Operations }
        # As the native library calls them.
        $native = & (Get-Module SailPat) { param($names) foreach ($name in $names) { (Get-OperationFact $name 'Native') ?? $name } } `
            $rows.Keys
    }

    It 'has rows of operations of the native library only' {
        @($native | Where-Object { $_ -cnotin $library.operations }) | Should -BeNullOrEmpty
    }

    It 'has facts only that the ordinary row knows' {
        $known = & (Get-Module SailPat) { $script:OrdinaryOperation.Keys }
        foreach ($name in $rows.Keys) { @($rows[$name].Keys | Where-Object { $_ -cnotin $known }) | Should -BeNullOrEmpty -Because $name }
    }

    It 'says what an ordinary operation is where it has no row' {
        & (Get-Module SailPat) {
            Get-Activity 'unheard_of' | Should -BeExactly 'unheard_of personal access tokens'
            Get-OperationFact 'unheard_of' 'Reads' | Should -BeFalse
            Get-OperationFact 'unheard_of' 'Reply' | Should -Be ([AnyReply], [AnyReply])
            [Text.Encoding]::UTF8.GetString((Get-OperationName 'unheard_of')) | Should -BeExactly "unheard_of`0"
        }
    }
}

Describe 'The operations of the native library' {
    It 'are all run by a command, and no others are' {
        $run = @(Get-RunOperations | ForEach-Object { & (Get-Module SailPat) { (Get-OperationFact $args[0] 'Native') ?? $args[0] } $_ } |
            Sort-Object -Unique)
        @($library.operations | Where-Object { $_ -cnotin $run }) | Should -BeNullOrEmpty -Because 'a command runs each operation'
        @($run | Where-Object { $_ -cnotin $library.operations }) |
            Should -BeNullOrEmpty -Because 'the library that was loaded has what commands run'
    }

    It 'that answer with tokens have classes for them in the table, or what comes out is a JsonElement' {
        foreach ($name in $library.operations) {
            $reply = [IO.File]::ReadAllText("$PSScriptRoot/../../docs/schema/$name.reply.json")
            if ($reply -cnotmatch '\$defs/token"') { continue }
            (& (Get-Module SailPat) { Get-OperationFact $args[0] 'Reply' } $name)[0].Name | Should -Not -Be AnyReply -Because $name
        }
    }
}

Describe 'The table of versions' {
    BeforeAll { $rows = & (Get-Module SailPat) { $script:ApiVersions } }

    It 'has the versions of the native library' {
        ($rows.Name | Sort-Object) -join ' ' | Should -BeExactly (($library.apiVersions | Sort-Object) -join ' ')
    }

    It 'says what -ApiVersion takes, of every command' {
        $commands = @(Get-Command -Module SailPat | Where-Object { $_.Parameters.ContainsKey('ApiVersion') })
        $commands.Count | Should -BeGreaterThan 6
        foreach ($command in $commands) {
            $set = $command.Parameters['ApiVersion'].Attributes.Where({ $_ -is [ValidateSet] }).ValidValues.Where({ $_ })
            $set -join ' ' | Should -BeExactly ($rows.Name -join ' ') -Because $command.Name
        }
    }

    It 'has an alias of its own for each documented parameter' {
        $names = & (Get-Module SailPat) { $script:VersionedCommands }
        foreach ($name in $names) {
            $parameters = (Get-Command ($name -f 'V2024', '')).Parameters.Values
            foreach ($alias in $parameters.Aliases -cmatch '^V2024') {
                $others = $parameters.Where({ $_.Aliases -ccontains $alias })[0].Aliases
                foreach ($row in $rows.Where({ $_.Prefix })) { $others | Should -Contain ($alias -creplace '^V2024', $row.Prefix) }
            }
        }
    }

    It 'has its commands named in the help of those that are written out' {
        $names = & (Get-Module SailPat) { $script:VersionedCommands }
        foreach ($name in $names) {
            $told = (Get-Help ($name -f 'V2024', '') -Full | Out-String)
            foreach ($row in $rows) { $told | Should -Match "\b$($name -f $row.Prefix, $row.Suffix)\b" -Because $row.Name }
        }
    }

    It 'names models that the help of the written ones tells of: <Command>' -ForEach @(
        @{ Command = 'Initialize-V2024ListAccessProfiles401Response'; Key = 'Unauthorized' },
        @{ Command = 'Initialize-V2024ListAccessProfiles429Response'; Key = 'RateLimited' }
    ) {
        $notes = (Get-Help $Command -Full).alertSet.alert.Text -join ' '
        foreach ($row in $rows) { $notes | Should -Match "\b$($row[$Key])\b" -Because $row.Name }
    }
}

Describe 'The settings of the schema' {
    BeforeAll {
        $schemas = [IO.Path]::GetFullPath("$PSScriptRoot/../../docs/schema")
        function Read-Schema([string]$Name) { [IO.File]::ReadAllText("$schemas/$Name") | ConvertFrom-Json -AsHashtable }
        $settings = (Read-Schema configure.request.json).properties
        # What the module says by itself at each call, and what the environment says to it alone (SAILPAT_HOME).
        $filledIn = 'replyHeaders', 'replyLog', 'environment', 'workingDirectory', 'stateFolder'
        # Kept for scripts that set them.
        $unread = 'experimental', 'nermBaseUrl'
        # The session keeps the version beside its table.
        $beside = 'apiVersion'
        $table = & (Get-Module SailPat) { New-Configuration }
        $parameters = & (Get-Module SailPat) {
            $common = [System.Management.Automation.Cmdlet]::CommonParameters
            @((Get-Command Set-SailPatConfiguration).Parameters.Keys | Where-Object { $_ -cnotin $common -and $_ -cnotin 'Clear', 'Reset' })
        }
        # Parameter -> its settings, as the native library calls them.
        function Get-SettingsOf([string]$Parameter) {
            & (Get-Module SailPat) {
                foreach ($one in $(if ($script:SettingsOf.ContainsKey($args[0])) { $script:SettingsOf[$args[0]] } else { $args[0] })) {
                    Get-NativeName $one
                }
            } $Parameter
        }
        # Rows of the table in about_SailPat_Configuration: parameter -> what it is unless set.
        $told = @{}
        $about = [IO.File]::ReadAllText("$script:SourcePath/en-US/about_SailPat_Configuration.help.txt").Replace("`r`n", "`n")
        $columns = [regex]::Match($about, '(?m)^ +(?=setting +)(?<names>setting +)(?<unset>unless set +)meaning\n(?<rows>(?: +\S.*\n)+)')
        $indent = $columns.Groups['names'].Index - $columns.Index
        foreach ($row in [regex]::Matches($columns.Groups['rows'].Value,
            "(?m)^ {$indent}(?<names>\S.{$($columns.Groups['names'].Length - 1)})(?<unset>.{$($columns.Groups['unset'].Length)})")) {
            foreach ($name in $row.Groups['names'].Value.Trim() -split ', ') { $told[$name] = $row.Groups['unset'].Value.Trim() }
        }
    }

    It 'are all in the table of the session, which has no others' {
        $ours = @($table.Keys | ForEach-Object { & (Get-Module SailPat) { Get-NativeName $args[0] } $_ }) + $beside |
            Where-Object { $_ -cnotin $unread }
        ($ours | Sort-Object) -join ' ' |
            Should -BeExactly (($settings.Keys | Where-Object { $_ -cnotin $filledIn } | Sort-Object) -join ' ')
    }

    It 'are all parameters of Set-SailPatConfiguration, which has no others' {
        $ours = @($parameters | ForEach-Object { Get-SettingsOf $_ } | Sort-Object -Unique)
        # Documented ones, which name a calling program to the service: Set-DefaultConfiguration takes them.
        $documented = 'consumerIdentifier', 'consumerVersion'
        $theirs = @($settings.Keys | Where-Object { $_ -cnotin $filledIn -and $_ -cnotin $documented } | Sort-Object)
        $ours -join ' ' | Should -BeExactly ($theirs -join ' ')
        foreach ($name in $documented) { (Get-Command Set-DefaultConfiguration).Parameters.Keys | Should -Contain $name }
    }

    It 'can all be taken back with -Clear, which completes to them' {
        $clearable = & (Get-Module SailPat) { $script:ClearableNames }
        ($clearable | Sort-Object) -join ' ' | Should -BeExactly (($parameters | Sort-Object) -join ' ')
        $line = 'Set-SailPatConfiguration -Clear '
        ((TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Sort-Object) -join ' ' |
            Should -BeExactly (($parameters | Sort-Object) -join ' ')
    }

    It 'are all in the table of about_SailPat_Configuration, which has no others' {
        # The pair goes by its two halves there.
        (@($told.Keys) | Sort-Object) -join ' ' |
            Should -BeExactly (($parameters | Where-Object { $_ -cne 'Credential' } | Sort-Object) -join ' ')
    }

    It 'have the defaults there that the schema says' {
        $defaults = @($settings.Keys |
            Where-Object { $settings[$_] -is [System.Collections.IDictionary] -and $settings[$_].Contains('default') })
        foreach ($name in $defaults) {
            $value = $settings[$name].default
            $words = switch ($name) {
                { $_ -cmatch 'Ms$' } { "$($value / 1000)" }
                { $_ -cmatch 'Bytes$' } { "$($value / 1MB) MiB" }
                'rateLimit' { "$($value.requests) in $($value.perSeconds) s" }
                default {
                    if ($value -is [bool]) { "$value".ToLowerInvariant() }
                    else { [string]::Format([cultureinfo]::InvariantCulture, '{0}', $value) }
                }
            }
            $parameter = & (Get-Module SailPat) { Get-ParameterName $args[0] } $name
            $told[$parameter] | Should -BeExactly $words -Because $name
        }
    }

    It 'have the defaults that Get-SailPatConfiguration shows' {
        $shown = & (Get-Module SailPat) {
            New-ConfigurationRecord `
                ([pscustomobject]@{
                        baseUrl = $null
                        clientId = $null
                        profile = $null
                        tokenUrl = $null
                        apiVersion = $null
                        proxy = $null
                        sources = @{ baseUrl = $null; clientId = $null; clientSecret = $null }
                    })
        }
        "$($shown.MaximumRetryCount)" | Should -BeExactly $told.MaximumRetryCount
        $shown.RetryIntervalSeconds.ToString([cultureinfo]::InvariantCulture) | Should -BeExactly $told.RetryIntervalSeconds
        "$($shown.TimeoutSeconds)" | Should -BeExactly $told.TimeoutSec
        "$($shown.RateLimit.requests) in $($shown.RateLimit.perSeconds) s" | Should -BeExactly $told.RateLimit
        "$($shown.SkipCertificateCheck)".ToLowerInvariant() | Should -BeExactly $told.SkipCertificateCheck
    }
}
