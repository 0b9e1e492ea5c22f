# The walk of Preferences.Tests.ps1, in a process where a question ends the command: every value of every
# preference, as a variable of the caller and as a parameter, over every command that changes something.
# For each cell the tenant before and after is compared with what came out. Writes the violations.
param([string]$Part, [string]$Module, [string]$Url, [string]$Folder)

$ErrorActionPreference = 'Stop'
Import-Module $Module -DisableNameChecking
Set-SailPatConfiguration -RateLimit none
Set-Location $Folder
$http = [Net.Http.HttpClient]::new()
$http.DefaultRequestHeaders.Authorization = [Net.Http.Headers.AuthenticationHeaderValue]::new('Bearer', (Get-IDNAccessToken))
function Send-Control([string]$Method, [string]$Path, [string]$Body) {
    $request = [Net.Http.HttpRequestMessage]::new($Method, "$Url/$Path")
    if ($Body) { $request.Content = [Net.Http.StringContent]::new($Body) }
    $http.Send($request).Content.ReadAsStringAsync().Result
}
# Id -> what a token is.
function Get-Tenant {
    $tokens = @{}
    foreach ($token in [Text.Json.JsonDocument]::Parse((Send-Control GET _emulator/tokens)).RootElement.EnumerateArray()) {
        $tokens[$token.GetProperty('id').GetString()] = "$($token.GetProperty('name')) $($token.GetProperty('scope'))"
    }
    $tokens
}
$owner = ((Send-Control GET 'v2024/personal-access-tokens?owner-id=me') | ConvertFrom-Json)[0].owner.id
function Add-Token([string]$Name) {
    $token = @{ name = $Name; owner = $owner; scope = @('a:b') } | ConvertTo-Json -Compress
    (Send-Control POST _emulator/tokens "[$token]" | ConvertFrom-Json)[0].id
}

# With these nothing is in the way of the act.
$quiet = 'SilentlyContinue', 'Continue', 'Ignore'
$actions = $quiet + 'Stop', 'Inquire', 'Break'
function Get-Cells {
    switch ($Part) {
        # Progress shows after a second only.
        'slow, variable Stop' { return @{ Set = "`$ProgressPreference = 'Stop'" } }
        'slow, variable Inquire' { return @{ Set = "`$ProgressPreference = 'Inquire'" } }
        'slow, parameter Stop' { return @{ Given = '-ProgressAction Stop' } }
        'slow, parameter Inquire' { return @{ Given = '-ProgressAction Inquire' } }
        # That a version is deprecated is said once in a process.
        'first, Update-V2024PersonalAccessToken' { return @{ Set = "`$WarningPreference = 'Stop'" } }
        'first, Remove-V2024PersonalAccessToken' { return @{ Given = '-WarningAction Stop' } }
        'first, Set-SailPat' { return @{ Set = "`$WarningPreference = 'Inquire'" } }
        'first, Remove-SailPat' { return @{ Given = '-WarningAction Inquire' } }
    }
    foreach ($name in 'Verbose', 'Debug', 'Warning', 'Information', 'Progress', 'ErrorAction') {
        # Ignore is for the parameter only.
        foreach ($value in $actions) {
            if ($name -ne 'ErrorAction' -or $value -ne 'Ignore') { @{ Set = "`$${name}Preference = '$value'"; Acts = $value -in $quiet } }
        }
    }
    foreach ($name in 'WarningAction', 'InformationAction', 'ProgressAction', 'ErrorAction') {
        foreach ($value in $actions) { @{ Given = "-$name $value"; Acts = $value -in $quiet } }
    }
    foreach ($given in '-Verbose', '-Debug', '-Verbose -Debug', '-Verbose:$false', '-Debug:$false', '-Confirm:$false', '-WhatIf:$false') {
        @{ Given = $given; Acts = $true }
    }
    foreach ($given in '-Confirm', '-WhatIf') { @{ Given = $given; Never = $true } }
    foreach ($value in 'None', 'High') { @{ Set = "`$ConfirmPreference = '$value'"; Acts = $true } }
    foreach ($value in 'Low', 'Medium') { @{ Set = "`$ConfirmPreference = '$value'"; Never = $true } }
    @{ Set = '$WhatIfPreference = $false'; Acts = $true }
    @{ Set = '$WhatIfPreference = $true'; Never = $true }
}

# NAME and ID are what each cell puts there.
$commands = [ordered]@{
    'New-V2024PersonalAccessToken' = "New-V2024PersonalAccessToken @{ name = 'NAME'; expirationDate = [datetime]::UtcNow.AddDays(1) }"
    'New-SailPat' = "New-SailPat 'NAME' -Scope a:b -ExpiresIn 1d"
    'New-SailPat -AsSecureString' = "New-SailPat 'NAME' -Scope a:b -ExpiresIn 1d -AsSecureString"
    'New-SailPat -StoreIn' = "New-SailPat 'NAME' -Scope a:b -ExpiresIn 1d -StoreIn NAME.json"
    'Invoke-SailPatRotation' = 'Invoke-SailPatRotation ID -StoreIn NAME.json'
    'Update-V2024PersonalAccessToken' = "Update-V2024PersonalAccessToken ID @{ op = 'replace'; path = '/name'; value = 'changed NAME' }"
    'Set-SailPat' = "Set-SailPat ID -Name 'changed NAME'"
    'Remove-V2024PersonalAccessToken' = 'Remove-V2024PersonalAccessToken ID'
    'Remove-SailPat' = 'Remove-SailPat ID'
}
$kinds = @{ New = 'create'; Invoke = 'create'; Update = 'patch'; Set = 'patch'; Remove = 'delete' }

# What is wrong with a cell; nothing where all is as promised.
function Test-Cell($Cell, [string]$Name, $Before, $After, $Seen) {
    $failed = $null -ne $Seen.Thrown -or @($Seen.Out | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }).Count
    $out = @($Seen.Out | Where-Object { $null -ne $_ -and $_ -isnot [System.Management.Automation.ErrorRecord] })
    $gained = @($After.Keys | Where-Object { -not $Before.ContainsKey($_) })
    $acted = $gained.Count -or @($Before.Keys | Where-Object { $After[$_] -cne $Before[$_] }).Count
    $stored = if ([IO.File]::Exists("$Folder/$Name.json")) { [IO.File]::ReadAllText("$Folder/$Name.json") } else { '' }
    foreach ($id in $gained) {
        $isOut = @($out | Where-Object { $_.PSObject.Properties['secret'] -and $_.secret -and $_.id -ceq $id }).Count
        $isStored = $stored.Contains($id) -and $stored -match '"ClientSecret": *"[0-9a-f]{64}"'
        if (-not $isOut -and -not $isStored) { 'a token was made whose secret nobody has' }
    }
    if ($acted -and $failed) { "what was done was called a failure: $($Seen.Thrown)" }
    if ($acted -and $Cell['Never']) { 'it acted unasked' }
    if (-not $acted -and $Cell['Acts']) { "nothing was done: $($Seen.Thrown) $($Seen.Out)" }
    if (-not $acted -and $out.Count) { 'something came out though nothing was done' }
    # Whoever asks for it hears of no failure, and an answer of no is none.
    $isUnheard = "$($Cell['Set'])$($Cell['Given'])" -match 'WhatIf|Confirm|ErrorAction(Preference = ''| )(Ignore|SilentlyContinue)'
    if (-not $acted -and -not $failed -and -not $isUnheard) { 'nothing was done, and no failure reported' }
}

$count = 0
$chosen = switch ($Part) {
    'makers' { $commands.Keys -like 'New-*' }
    'changers' { $commands.Keys -notlike 'New-*' }
    { $_ -like 'first*' } { ($Part -split ', ')[1]; break }
    default { $commands.Keys -notlike '*AsSecureString' }
}
foreach ($command in $chosen) {
    foreach ($cell in Get-Cells) {
        $name = "$($Part -replace '\W+', '-')-$((++$count))"
        $id = if ($command -notlike 'New-*') { Add-Token $name }
        $text = "$($cell['Set'])`n`$seen.Out = $($commands[$command].Replace('NAME', $name).Replace('ID', $id)) $($cell['Given']) 2>&1"
        [IO.File]::WriteAllText("$Folder/at", "${command}: $($cell['Set'])$($cell['Given'])")
        $before = Get-Tenant
        if ($Part -like 'slow*') {
            $fault = @{ match = @{ kind = $kinds[($command -split '-')[0]] }; times = 1; fault = @{ delayMs = 1400 } }
            [void](Send-Control POST _emulator/faults ($fault | ConvertTo-Json -Compress))
        }
        $seen = @{ Out = $null; Thrown = $null }
        # Not this script's own preference: that of a script that sets none.
        try { & { $ErrorActionPreference = 'Continue'; & ([scriptblock]::Create($text)) } } catch { $seen.Thrown = $_ }
        $after = Get-Tenant
        foreach ($violation in Test-Cell $cell $name $before $after $seen) {
            $line = "${command}: $($cell['Set'])$($cell['Given']): $($violation -replace '\s+', ' ')`n"
            [IO.File]::AppendAllText("$Folder/violations", $line)
        }
        foreach ($token in $after.Keys) {
            if (-not $before.ContainsKey($token) -or $token -ceq $id) { [void](Send-Control DELETE "v2024/personal-access-tokens/$token") }
        }
    }
}
[IO.File]::WriteAllText("$Folder/count", "$count")
