# Wherever a script runs it does the same: the culture of a machine changes neither what is found, nor what is sent,
# nor what is shown. Thai and Arabic have calendars of their own, Turkish and Azeri an i of their own, Arabic and
# Persian signs and digits of their own.

BeforeDiscovery {
    $cultures = 'th-TH', 'tr-TR', 'az', 'ar-SA', 'fa-IR', 'de-DE', ''
    $hasAnalyzer = [bool]$env:SAILPAT_MODULES -and (Test-Path "$env:SAILPAT_MODULES/PSScriptAnalyzer")
}
BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"
    Import-SailPat
    $emulator = Start-Emulator @('--rate-limit', 'off')
    function Use-Culture([string]$Name) {
        [cultureinfo]::CurrentCulture = [cultureinfo]::CurrentUICulture = [cultureinfo]::GetCultureInfo($Name)
    }
    # What a view shows, as text.
    function Get-View($Value, [string]$As) { $Value | & "Format-$As" | Out-String -Width 200 }
    $before = [cultureinfo]::CurrentCulture, [cultureinfo]::CurrentUICulture
}
AfterAll {
    [cultureinfo]::CurrentCulture, [cultureinfo]::CurrentUICulture = $before
    Stop-Emulator $emulator
    Clear-Settings
    Set-SailPatConfiguration -Reset
}

Describe 'In the culture "<_>"' -ForEach $cultures {
    BeforeEach {
        Use-Culture $_
        Clear-Settings
        $env:SAILPAT_HOME = "$TestDrive/$([guid]::NewGuid())"
        Set-SailPatConfiguration -Reset -MaximumRetryCount 0
        Use-Tenant $emulator
        Reset-Emulator $emulator
        $WarningPreference = 'Ignore'
    }
    AfterEach {
        Remove-OwnTokens $emulator
        [cultureinfo]::CurrentCulture, [cultureinfo]::CurrentUICulture = $before
    }

    It 'a name is found whatever its case' {
        $null = New-SailPat 'Find me' -Scope sp:scopes:default
        (Get-SailPat FIND*).name | Should -Be 'Find me'
        (Get-SailPat *IN?ME, FIND*).name | Should -Be 'Find me'
    }

    It 'a profile is found whatever its case' {
        Set-SailPatProfile live-it -BaseUrl $emulator.url `
            -Credential ([pscredential]::new($emulator.clientId, (ConvertTo-SecureString $emulator.clientSecret -AsPlainText -Force)))
        (Get-SailPatProfile LIVE-I*).Name | Should -Be 'live-it'
        (Get-SailPatProfile LIVE-IT).Name | Should -Be 'live-it'
        { Get-SailPat -Profile LIVE-I* -ErrorAction Stop } | Should -Not -Throw
    }

    It 'a scope is taken away whatever its case' {
        $token = New-SailPat scoped -Scope sp:scopes:default, sp:admin:read
        (Set-SailPat $token -RemoveScope SP:ADMIN:READ).scope | Should -Be 'sp:scopes:default'
    }

    It 'a pair is stored' {
        $file = "$env:SAILPAT_HOME-pair.json"
        (New-SailPat stored -Scope sp:scopes:default -StoreIn $file).storedIn | Should -Not -BeNullOrEmpty
        $file | Should -Exist
    }

    It 'a span is read' {
        $begin = [datetime]::UtcNow
        foreach ($span in '90MIN', '1d12H', '1.12:00:00') {
            $end = (New-SailPat "spanned $span" -Scope sp:scopes:default -ExpiresIn $span).expirationDate
            $end | Should -BeGreaterThan $begin.AddMinutes(89)
            $end | Should -BeLessThan $begin.AddDays(2)
        }
    }

    It 'a number is read, and its length sent' {
        (New-SailPat short -Scope sp:scopes:default -AccessTokenValidity 900).accessTokenValiditySeconds | Should -Be 900
    }

    It 'a date is sent in the common calendar' {
        $end = [datetime]::new(([datetime]::UtcNow.Year + 1), 1, 2, 3, 4, 5, 0, [DateTimeKind]::Utc)
        Set-SailPatConfiguration -ApiVersion v2025
        $null = New-SailPat dated -Scope sp:scopes:default -ExpiresOn $end
        $sent = (Get-RequestsOf $emulator create).body
        "$($sent | ConvertTo-Json -Depth 5)" | Should -BeLike "*$($end.Year)-01-02T03:04:05*"
    }

    It 'messages have the numbers and dates of everywhere' {
        $said = New-SailPat told -Scope sp:scopes:default -ExpiresIn 2d -Verbose 3>&1 4>&1 -WarningAction Continue | Out-String -Width 300
        $said | Should -Match ', [0-9]+\.[0-9] ms'
        $said | Should -Match "expires on $([datetime]::UtcNow.AddDays(2).Year)-[0-9]{2}-[0-9]{2} "
    }

    It 'a view shows dates in the common calendar' {
        $made = New-SailPat viewed -Scope sp:scopes:default -ExpiresIn 20d
        $listed = Get-SailPat viewed
        $created = [regex]::Escape($listed.created.ToString('u', [cultureinfo]::InvariantCulture))
        Get-View $listed List | Should -Match "created\s*: $created"
        Get-View $made List | Should -Match "created\s*: $created"
        Get-View $listed Table | Should -Match 'in (19|20) d'
    }

    It 'the change log is read and shown' {
        Set-SailPatConfiguration -ChangeLog
        $null = New-SailPat logged -Scope sp:scopes:default
        $change = Get-SailPatLog -Since ([datetime]::UtcNow.AddMinutes(-5))
        $change.Time | Should -BeGreaterThan ([datetime]::UtcNow.AddMinutes(-5))
        Get-View $change Table | Should -Match "$([datetime]::UtcNow.Year)-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}Z"
    }

    It 'a setting with a fraction is shown with a point' {
        Set-SailPatConfiguration -RetryIntervalSeconds 1.5
        Get-View (Get-SailPatConfiguration) List | Should -Match 'RetryIntervalSeconds\s*: 1\.5\s'
    }

    It 'digits of another script are refused in plain words' {
        $arabic = -join [char[]](0x0663, 0x0660)
        $failed = Get-ErrorOf { New-SailPat a -Scope sp:scopes:default -ExpiresIn "${arabic}d" -ErrorAction Stop }
        $failed.Exception.Message | Should -Be "'${arabic}d' is no time span. Write it like 30d, 12h, 6mo, 2w, 1y or 90min."
        (Get-ErrorOf { New-SailPat a -Scope sp:scopes:default -AccessTokenValidity $arabic -ErrorAction Stop }).Exception.Message |
            Should -Match 'is no time span'
        Get-RequestsOf $emulator create | Should -BeNullOrEmpty
    }
}

Describe 'A point in time' {
    BeforeAll {
        Use-Tenant $emulator
        $point = & (Get-Module SailPat) { [PointInTime]::new() }
        function Get-Point($Value) { $point.Transform($null, $Value) }
    }
    AfterEach { [cultureinfo]::CurrentCulture, [cultureinfo]::CurrentUICulture = $before }

    It '<Name> is taken' -ForEach @(
        @{ Name = 'a DateTime'; Value = [datetime]::new(2027, 4, 3, 1, 2, 3, 0, [DateTimeKind]::Utc); Utc = '2027-04-03 01:02:03Z' }
        @{
            Name = 'a DateTimeOffset'
            Value = [DateTimeOffset]::new(2027, 4, 3, 1, 2, 3, [timespan]::FromHours(5))
            Utc = '2027-04-02 20:02:03Z'
        }
        @{ Name = 'ISO 8601 with Z'; Value = '2027-04-03T18:00:00Z'; Utc = '2027-04-03 18:00:00Z' }
        @{ Name = 'ISO 8601 with an offset'; Value = '2027-04-03T18:00:00+02:00'; Utc = '2027-04-03 16:00:00Z' }
        @{ Name = 'the form of HTTP'; Value = 'Sat, 03 Apr 2027 10:00:00 GMT'; Utc = '2027-04-03 10:00:00Z' }
    ) {
        [cultureinfo]::CurrentCulture = [cultureinfo]::InvariantCulture
        (Get-Point $Value).ToUniversalTime().ToString('u') | Should -Be $Utc
    }

    It 'without a zone <Name> is local time' -ForEach @(
        @{ Name = 'a DateOnly'; Value = [DateOnly]::new(2027, 4, 3); Local = [datetime]::new(2027, 4, 3) }
        @{ Name = 'a day'; Value = '2027-04-03'; Local = [datetime]::new(2027, 4, 3) }
        @{ Name = 'a day with slashes'; Value = '2027/4/3'; Local = [datetime]::new(2027, 4, 3) }
        @{ Name = 'an hour of a day'; Value = '2027-04-03 18:00'; Local = [datetime]::new(2027, 4, 3, 18, 0, 0) }
        @{ Name = 'a day that has its month''s name'; Value = '3 Apr 2027'; Local = [datetime]::new(2027, 4, 3) }
        @{ Name = 'a day that only one order allows'; Value = '31/12/2027'; Local = [datetime]::new(2027, 12, 31) }
    ) {
        [cultureinfo]::CurrentCulture = [cultureinfo]::InvariantCulture
        $found = Get-Point $Value
        $found | Should -Be $Local
        $found.Kind | Should -Be 'Unspecified'
    }

    It 'what begins with its year is read alike in the culture "<_>"' -ForEach $cultures {
        Use-Culture $_
        Get-Point '2027-04-03T18:00:00' | Should -Be ([datetime]::new(2027, 4, 3, 18, 0, 0))
    }

    It '<_> is refused, with what it may mean and what to write' -ForEach '03/04/2027', '03.04.2027', '3-4-2027', '04/03/2027 10:00',
        '13/04/27', '1.2' {
        [cultureinfo]::CurrentCulture = [cultureinfo]::InvariantCulture
        $failed = Get-ErrorOf { New-SailPat a -Scope a:b -ExpiresOn $_ -ErrorAction Stop }
        $failed.Exception.Message | Should -Match "'$([regex]::Escape($_))' may mean [-0-9]{10} [0-9:]{5} or [-0-9]{10} [0-9:]{5}"
        $failed.Exception.Message | Should -Match 'as ISO 8601 has it: 2027-04-03, or with time and zone 2027-04-03T18:00:00Z'
    }

    It 'what the session''s own calendar reads otherwise is refused' {
        Use-Culture th-TH
        { Get-Point '3/12/2570' } | Should -Throw '*may mean*'
        { Get-Point '3 Apr 2027' } | Should -Throw '*may mean 2027-04-03 00:00 or 1484-04-03 00:00*'
    }

    It '<Name> is no date' -ForEach @(
        @{ Name = 'a number'; Value = 5 }
        @{ Name = 'a word'; Value = 'tomorrow' }
        @{ Name = 'a day that is none'; Value = '2027-02-30' }
        @{ Name = 'a table'; Value = @{ a = 1 } }
    ) {
        { Get-Point $Value } | Should -Throw '*is no date. Write it as ISO 8601 has it*'
    }

    It '-<Parameter> of <Command> is read so' -ForEach @(
        @{ Command = 'New-SailPat'; Parameter = 'ExpiresOn' }
        @{ Command = 'Set-SailPat'; Parameter = 'ExpiresOn' }
        @{ Command = 'Invoke-SailPatRotation'; Parameter = 'ExpiresOn' }
        @{ Command = 'Set-SailPatConfiguration'; Parameter = 'TokenExpiration' }
        @{ Command = 'Get-SailPatLog'; Parameter = 'Since' }
    ) {
        (Get-Command $Command).Parameters[$Parameter].Attributes.ForEach({ $_.GetType().Name }) | Should -Contain 'PointInTime'
    }

    It 'a span that leads out of the calendar is refused in plain words: <_>' -ForEach '9999y', '999999mo', '999999y' {
        (Get-ErrorOf { New-SailPat a -Scope a:b -ExpiresIn $_ -ErrorAction Stop }).Exception.Message |
            Should -Be "'$_' leads out of the calendar, which ends with the year 9999."
    }
}

Describe 'Texts are the same only when each character is' {
    BeforeAll {
        Clear-Settings
        Set-SailPatConfiguration -Reset
        Use-Tenant $emulator
    }

    It 'an id with an invisible character is not the one in use' {
        $said = try { Remove-SailPat "$($emulator.clientId)$([char]0x200d)" -WhatIf -ErrorAction Stop 3>&1 6>&1 | Out-String }
        catch { "$_" }
        $said | Should -Match 'id: may hold'
        $said | Should -Not -Match 'without -Force'
        (Remove-SailPat $emulator.clientId -WhatIf 3>&1 6>&1 | Out-String) | Should -Match 'without -Force'
    }
}

Describe 'The rule for the analyzer' -Skip:(-not $hasAnalyzer) {
    BeforeAll {
        $root = [IO.Path]::GetFullPath("$PSScriptRoot/../..")
        $rules = "$root/powershell/analyzer/SailPatOrdinal.psm1"
        Import-Module "$env:SAILPAT_MODULES/PSScriptAnalyzer"
        function Get-Findings([string]$Code) {
            @(Invoke-ScriptAnalyzer -ScriptDefinition $Code -CustomRulePath $rules | Where-Object RuleName -Like 'Measure-*')
        }
    }

    It 'finds <_>' -ForEach @(
        '$a -like ''FIND*''', '$a -notlike $b', 'switch -Wildcard ($a) { ''I*'' { 1 } }', '$a | Where-Object name -Like x*',
            '[WildcardPattern]::new($a, ''IgnoreCase'')',
        '$a -match ''find''', '$a -notmatch $b', '$a -replace ''i''', '$a -split ''i''', '$a -cmatch ''^\d$''',
        'switch -Regex ($a) { ''I'' { 1 } }',
        '[regex]::IsMatch($a, ''x'', ''IgnoreCase'')', '[regex]::new(''(?i)x'')', '[regex]::new(''\d'')',
        'param([ValidatePattern(''find'')]$a)', '$a | Select-String x',
        '$a.ToLower()', '$a.ToUpper()', '$a.LastIndexOf(''}'')', '$a.StartsWith($b)', '$a.EndsWith(''x'')', '$a.CompareTo($b)',
        '[string]::Compare($a, $b)',
        '''{0:0.0}'' -f $a', '$a -f $b', 'Get-Date -Format yyyy', '[int]::TryParse($a, [ref]$b)', '[datetime]::Parse($a)',
        '$a.ToString(''yyyy-MM-dd'')', '$a.ToShortDateString()', '[string]::Format(''{0}'', $a)',
        '$a | Sort-Object', '$a | sort -Unique', '$a | Group-Object name', 'Compare-Object $a $b', '$a | Select-Object -Unique',
        '$a -eq $b', '$a.id -ceq $b.id', '$a -notin $b', '$a -ccontains $b.name',
        '[cultureinfo]::CurrentCulture', '[StringComparer]::CurrentCultureIgnoreCase', '$PSCulture'
    ) {
        (Get-Findings $_).Count | Should -Be 1
    }

    It 'lets <_> be' -ForEach @(
        '$a -clike ''Find*''', '$a -like ''*.*''', 'switch -Wildcard -CaseSensitive ($a) { ''I*'' { 1 } }',
            '[WildcardPattern]::Get($a, [WildcardOptions]''IgnoreCase, CultureInvariant'')',
        '$a -cmatch ''find''', '$a -split ''[\s,;]+''', '$a -replace ''^\p{Cc}|\u200c''', '[regex]::IsMatch($a, ''x'')',
        '[regex]::IsMatch($a, ''x'', ''IgnoreCase, CultureInvariant'')',
        '$a.ToLowerInvariant()', '$a.IndexOf([char]''}'')', '$a.StartsWith($b, [StringComparison]::Ordinal)',
        '[string]::Compare($a, $b, [StringComparison]::Ordinal)', '$a.Contains(''x'')',
        '''{0} {1:x4}'' -f $a, $b', 'Get-Date',
        '[int]::TryParse($a, [Globalization.NumberStyles]::Integer, [cultureinfo]::InvariantCulture, [ref]$b)', '$a.ToString(''u'')',
        '$a.ToString(''0.0'', [cultureinfo]::InvariantCulture)', '[bool]::TryParse($a, [ref]$b)',
        '$a | Sort-Object -Culture ''''', '$a | Select-Object -First 1', '$a -eq ''x''', '$null -ne $a', '$a -in ''x'', ''y''',
        '$a.Count -eq $b', '[string]::Equals($a, $b)'
    ) {
        (Get-Findings $_).ForEach('Message') | Should -BeNullOrEmpty
    }

    It 'lets be what has its reason, in its line or above, and nothing without one' {
        Get-Findings '$a -eq $b # Culture: these are numbers.' | Should -BeNullOrEmpty
        Get-Findings "# Culture: these are numbers.`n`$a -eq `$b" | Should -BeNullOrEmpty
        Get-Findings '$a -eq $b # Culture:' | Should -Not -BeNullOrEmpty
        Get-Findings "# Culture: these are numbers.`n`n`$a -eq `$b" | Should -Not -BeNullOrEmpty
        Get-Findings "'# Culture: no comment'; `$a -eq `$b" | Should -Not -BeNullOrEmpty
    }

    It 'finds a thing once, however deep it is' {
        (Get-Findings 'function f { & { process { if ($a) { $b.ToLower() } } } }').Count | Should -Be 1
    }

    # The sources are the same on every system, and a look at all of them takes its time.
    It 'finds nothing in <_>' -Skip:$IsWindows -ForEach 'powershell/SailPat', 'docs/recipes' {
        $found = Invoke-ScriptAnalyzer -Path "$root/$_" -Recurse -CustomRulePath $rules | Where-Object RuleName -Like 'Measure-*'
        $found.ForEach({ "$($_.ScriptName):$($_.Line) $($_.Extent.Text)" }) | Should -BeNullOrEmpty
    }

    It 'finds nothing in the scripts of the views and types' -Skip:$IsWindows {
        foreach ($file in 'SailPat.Format.ps1xml', 'SailPat.Types.ps1xml') {
            $scripts = ([xml](Get-Content `
                -Raw "$root/powershell/SailPat/$file")).SelectNodes('//ScriptBlock|//Script|//GetScriptBlock').ForEach('InnerText')
            $scripts.Count | Should -BeGreaterThan 3
            Get-Findings (($scripts | Select-Object -Unique).ForEach({ "& {`n$_`n}" }) -join "`n") |
                ForEach-Object { "$($_.Extent.Text)" } | Should -BeNullOrEmpty
        }
    }
}
