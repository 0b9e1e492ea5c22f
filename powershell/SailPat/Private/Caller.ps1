using namespace System.Collections
using namespace System.Management.Automation

# What a command takes over from whoever called it, in its begin block: the preferences, and the promise
# that nothing empty means everything. And what it gives back: its errors.

[NoRunspaceAffinity()]
class Caller {
    # The beginning of a command: refuses what was given and is empty, and gives the preferences to take over.
    # $own names parameters for whose absence the command has its own, documented words.
    static [object[]] Begin([PSCmdlet]$cmdlet, [string[]]$own) {
        foreach ($given in $cmdlet.MyInvocation.BoundParameters.GetEnumerator()) {
            if ([Caller]::IsEmpty($given.Value) -and -not $own.Contains($given.Key)) { [Caller]::Refuse($cmdlet, $given.Key) }
            if ($given.Value -isnot [string] -and [WrittenText]::IsScript($given.Value)) {
                [Caller]::RefuseWith($cmdlet, [WrittenText]::Error($given.Key))
            }
            if ([Caller]::IsTypeName($given.Value)) {
                $cmdlet.ThrowTerminatingError((New-LocalError 'invalid_request' "-$($given.Key) was given an object where a text belongs." `
                    'InvalidArgument' 'Give it a text.' $given.Key))
            }
        }
        return [Caller]::Preferences($cmdlet)
    }

    static [object[]] Begin([PSCmdlet]$cmdlet) { return [Caller]::Begin($cmdlet, @()) }

    # The preferences of whoever called. A function in a module sees the module's own and not the caller's:
    # with $WhatIfPreference set in a calling script it would delete all the same. What was given as a
    # parameter wins.
    static [object[]] Preferences([PSCmdlet]$cmdlet) {
        $callers = $cmdlet.SessionState.PSVariable
        $given = $cmdlet.MyInvocation.BoundParameters
        return @(foreach ($name in [Caller]::Switches) {
                if ($given.ContainsKey($name)) { [Caller]::Given($name, $given[$name]) }
                else { $callers.GetValue([Caller]::Variables[$name]) }
            })
    }

    # The common parameters that stand for a preference, in the order in which commands take them over, and its variable.
    hidden static [string[]]$Switches = @('WhatIf', 'Confirm', 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'ProgressAction')
    hidden static [hashtable]$Variables = @{
        WhatIf = 'WhatIfPreference'; Confirm = 'ConfirmPreference'; Verbose = 'VerbosePreference'; Debug = 'DebugPreference'
        ErrorAction = 'ErrorActionPreference'; WarningAction = 'WarningPreference'; ProgressAction = 'ProgressPreference'
    }

    hidden static [object] Given([string]$name, [object]$value) {
        switch ($name) {
            'WhatIf' { return [bool]$value }
            'Confirm' { return $(if ($value) { 'Low' } else { 'None' }) }
            'Verbose' { return [Caller]::Switched($value) }
            'Debug' { return [Caller]::Switched($value) }
        }
        return $value
    }

    hidden static [ActionPreference] Switched([bool]$on) {
        return $(if ($on) { [ActionPreference]::Continue } else { [ActionPreference]::SilentlyContinue })
    }

    # Nothing, blank text, or a list with nothing in it. A switch and a number are never empty here: see NotEmpty.
    static [bool] IsEmpty([object]$value) {
        $plain = if ($value -is [psobject]) { $value.PSObject.BaseObject } else { $value }
        if ($null -eq $plain) { return $true }
        if ($plain -is [string]) { return [string]::IsNullOrWhiteSpace($plain) }
        if ($plain -is [securestring]) { return $plain.Length -eq 0 }
        if ($plain -is [pscredential]) { return [string]::IsNullOrWhiteSpace($plain.UserName) }
        if ($plain -is [IDictionary]) { return $plain.Count -eq 0 }
        if ($plain -isnot [IList]) { return $false }
        foreach ($item in $plain) { if ([Caller]::IsEmpty($item)) { return $true } }
        return $plain.Count -eq 0
    }

    # What PowerShell makes of a table or the like for a parameter that takes text: the name of its type.
    hidden static [bool] IsTypeName([object]$value) {
        if ($value -is [string]) { return $value -cmatch '^System\.(Collections|Security|Management|Object)[\w.+`]*(\[\])?$' }
        if ($value -isnot [string[]]) { return $false }
        foreach ($item in $value) { if ([Caller]::IsTypeName($item)) { return $true } }
        return $false
    }

    # An argument that is empty is a slip, such as a variable that was never set. It never means all.
    static [void] Refuse([PSCmdlet]$cmdlet, [string]$parameter) { [Caller]::RefuseWith($cmdlet, [Caller]::EmptyError($parameter)) }

    hidden static [void] RefuseWith([PSCmdlet]$cmdlet, [ErrorRecord]$record) {
        $cmdlet.ThrowTerminatingError($(if ([Caller]::IsDocumented($cmdlet)) { [Caller]::Documented($record) } else { $record }))
    }

    # Not one of the module's own commands. By the name that it was written with: a prefix or an alias says nothing.
    hidden static [bool] IsDocumented([PSCmdlet]$cmdlet) {
        return -not $cmdlet.MyInvocation.MyCommand.ScriptBlock.Ast.Name.Contains('SailPat', [StringComparison]::Ordinal)
    }

    static [ErrorRecord] EmptyError([string]$parameter) {
        # Such a name chooses nothing.
        if ($parameter -in 'SecretName', 'Vault') {
            return New-LocalError 'invalid_request' "-$parameter was given and must not be empty." 'InvalidArgument' `
                'Leave it out, or give it a value: is the variable set?' $parameter
        }
        return New-LocalError 'invalid_request' "-$parameter was given and is empty, which never means everything." 'InvalidArgument' `
            'Leave it out, or give it a value: is the variable set?' $parameter
    }

    # An error on its way out of a command for people. PowerShell noted it in $Error when it was thrown in here, and will
    # note it again, or not with -ErrorAction Ignore, when it reaches the caller.
    static [ErrorRecord] Once([ErrorRecord]$record) {
        [Caller]::Forget($record)
        return Complete-ErrorForPeople $record
    }

    # One of a documented command (see LocalErrors.ps1).
    static [ErrorRecord] Documented([ErrorRecord]$record) {
        [Caller]::Forget($record)
        return Complete-DocumentedError $record
    }

    static [void] Forget([ErrorRecord]$record) {
        if ($global:Error.Count -eq 0 -or $global:Error[0] -isnot [ErrorRecord]) { return }
        if ([object]::ReferenceEquals($global:Error[0].Exception.GetBaseException(), $record.Exception.GetBaseException())) {
            $global:Error.RemoveAt(0)
        }
    }
}

# For a parameter that PowerShell would make 0 or $false of nothing, before it is bound. What is not given
# comes by here as well, as the 0 or $false that it is.
[NoRunspaceAffinity()]
class NotEmpty : ArgumentTransformationAttribute {
    [object] Transform([EngineIntrinsics]$engine, [object]$value) {
        if ($value -is [bool] -or $value -is [switch]) { return $value }
        if ([Caller]::IsEmpty($value)) {
            throw [ArgumentTransformationMetadataException]::new('It was given and is empty: leave it out, or give it a value.')
        }
        return $value
    }
}

# A name is text, or comes from an object that has one. Any other object would become text that names its type.
[NoRunspaceAffinity()]
class NameText : ArgumentTransformationAttribute {
    [object] Transform([EngineIntrinsics]$engine, [object]$value) {
        $plain = if ($value -is [psobject]) { $value.PSObject.BaseObject } else { $value }
        if ($null -eq $plain -or $plain -is [string] -or $plain -is [ValueType]) { return $plain }
        if ([WrittenText]::IsScript($plain)) { throw [WrittenText]::Late() }
        if ($plain -is [IDictionary]) { return [NameText]::Text($plain['name']) }
        if ($null -ne ([psobject]$value).PSObject.Properties['name']) { return [NameText]::Text($value.name) }
        return [NameText]::Text($null)
    }

    hidden static [string] Text([object]$name) {
        if ($name -is [string]) { return $name }
        throw [ArgumentTransformationMetadataException]::new("A name is a text, or an object with a text property 'name'.")
    }
}

# A text that is no script block, which PowerShell would take for its source: -Name { "$($_.name) old" } makes a name for
# each object only where a parameter takes objects from the pipeline, and a token would be called by the script.
[NoRunspaceAffinity()]
class WrittenText : ArgumentTransformationAttribute {
    hidden static [string]$Words = 'A script block is no value, and is not evaluated here.'
    hidden static [string]$Way = 'Give what it gives: … | ForEach-Object { Set-SailPat $_ -Name "$($_.name) old" }'

    [object] Transform([EngineIntrinsics]$engine, [object]$value) {
        if ([WrittenText]::IsScript($value)) { throw [WrittenText]::Late() }
        return $value
    }

    # One, or a list that holds one.
    static [bool] IsScript([object]$value) {
        $plain = if ($value -is [psobject]) { $value.PSObject.BaseObject } else { $value }
        if ($plain -is [scriptblock]) { return $true }
        if ($plain -isnot [object[]]) { return $false }
        foreach ($item in $plain) { if ([WrittenText]::IsScript($item)) { return $true } }
        return $false
    }

    static [ArgumentTransformationMetadataException] Late() {
        return [ArgumentTransformationMetadataException]::new("$([WrittenText]::Words) $([WrittenText]::Way)")
    }

    static [ErrorRecord] Error([string]$parameter) {
        return New-LocalError 'invalid_request' "-$($parameter): $([WrittenText]::Words)" 'InvalidArgument' ([WrittenText]::Way) $parameter
    }
}

# A point in time: a date of any of .NET's kinds, or a text that means the same to everybody. Without a zone it is the
# caller's local time, as everywhere in PowerShell; a day is its first moment. PowerShell alone takes 03/04/2027 for the
# fourth of March, and a number for ticks since the year 1. An empty cell of a CSV file is no date, and no mistake
# either. As an argument it is one: see Caller.Begin.
[NoRunspaceAffinity()]
class PointInTime : ArgumentTransformationAttribute {
    # The year of four digits first: read alike everywhere, whatever calendar a machine has.
    hidden static [regex]$YearFirst = [regex]::new('\A\s*[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}(?![0-9])')

    hidden static [string]$Advice = 'Write it as ISO 8601 has it: 2027-04-03, or with time and zone 2027-04-03T18:00:00Z.'

    [object] Transform([EngineIntrinsics]$engine, [object]$value) {
        $plain = if ($value -is [psobject]) { $value.PSObject.BaseObject } else { $value }
        if ($null -eq $plain -or $plain -is [datetime]) { return $plain }
        if ($plain -is [DateTimeOffset]) { return $plain.UtcDateTime }
        if ($plain -is [DateOnly]) { return $plain.ToDateTime([TimeOnly]::MinValue) }
        if ($plain -isnot [string]) { throw [PointInTime]::NoDate($plain) }
        if ([string]::IsNullOrWhiteSpace($plain)) { return $null }
        return [PointInTime]::Read($plain)
    }

    hidden static [datetime] Read([string]$text) {
        $found = [System.Collections.Generic.List[datetime]]::new()
        foreach ($culture in [PointInTime]::Readers($text)) {
            $date = [datetime]::MinValue
            if ([datetime]::TryParse($text, $culture, [System.Globalization.DateTimeStyles]'RoundtripKind, AllowWhiteSpaces',
                [ref]$date) -and -not $found.Contains($date)) {
                $found.Add($date)
            }
        }
        if ($found.Count -eq 0) { throw [PointInTime]::NoDate($text) }
        if ($found.Count -eq 1) { return $found[0] }
        $readings = @(foreach ($date in $found) { $date.ToString('yyyy-MM-dd HH:mm', [cultureinfo]::InvariantCulture) }) -join ' or '
        throw [ArgumentTransformationMetadataException]::new("'$([TerminalText]::Message($text))' may mean $readings, as one reads it. " +
            "$([PointInTime]::Advice)")
    }

    # Those who may read a text: month first, day first, year first, and this session. The day and the month alone have
    # an order of their own.
    hidden static [cultureinfo[]] Readers([string]$text) {
        $invariant = [cultureinfo]::InvariantCulture
        if ([PointInTime]::YearFirst.IsMatch($text)) { return $invariant }
        $others = foreach ($order in @('dd/MM/yyyy', 'dd MMMM'), @('yyyy/MM/dd', 'MMMM dd')) {
            $other = $invariant.Clone()
            $other.DateTimeFormat.ShortDatePattern, $other.DateTimeFormat.MonthDayPattern = $order
            $other
        }
        # Culture: what the session's own would read is just what has to be known.
        return @($invariant) + $others + [cultureinfo]::CurrentCulture
    }

    hidden static [ArgumentTransformationMetadataException] NoDate([object]$value) {
        return [ArgumentTransformationMetadataException]::new("'$([TerminalText]::Message($value))' is no date. $([PointInTime]::Advice)")
    }
}
