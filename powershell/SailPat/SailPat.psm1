# Personal access tokens of SailPoint Identity Security Cloud. A thin layer over the native
# library `sailpat`: it binds parameters, runs one native operation and turns the reply's bytes
# into objects. The library is loaded at the first call, not here.

if ($ExecutionContext.SessionState.LanguageMode -ne [System.Management.Automation.PSLanguageMode]::FullLanguage) {
    throw 'SailPat needs the full language mode: it declares native functions, which Constrained Language forbids. See ' +
        'about_SailPat_Security.'
}

Set-StrictMode -Version Latest
$script:ModuleRoot = $PSScriptRoot

# Three commands give way to another module's: the parts of the official SDK call them unqualified
# and would reach ours. Only what is loaded counts, and a look must not load: GetCommand would search every
# module on the path, find this one, and import it again and again.
$kinds = [System.Management.Automation.CommandTypes]'Function, Cmdlet, Alias'
$yielded = foreach ($name in 'Get-DefaultConfiguration', 'Set-DefaultConfiguration', 'Get-IDNAccessToken') {
    foreach ($other in $ExecutionContext.SessionState.InvokeCommand.GetCommands($name, $kinds, $false)) {
        if ($other.Source -ne 'SailPat') { $name; break }
    }
}

# Models.ps1 marks a member for ConvertTo-Json, whose assembly may not be loaded yet.
[void][Reflection.Assembly]::Load('Newtonsoft.Json')
# The parts in the order of their floors: each uses what is its own or a part's before it (Parts.Tests.ps1 holds that).
foreach ($part in 'TerminalText', 'Session', 'LocalErrors', 'Models', 'Caller', 'Shapes', 'Notes', 'Versions', 'Json', 'Secrets', 'Native',
    'Operations', 'Requests', 'Remedies', 'Rehearsal', 'Reply', 'Settings', 'OperationErrors', 'Paths', 'NativeSettings', 'Clients',
    'SettingsCheck', 'Ahead', 'Handing', 'Operation', 'InForce', 'ModelHelpers', 'TimeSpans', 'PatCompleter', 'TokenFilter', 'SailPat',
    'Profiles', 'Doctor', 'Rotations', 'SessionPair', 'Keeping', 'Undoing', 'Held', 'Rotation') {
    . ([IO.Path]::Combine($PSScriptRoot, 'Private', "$part.ps1"))
}
foreach ($part in 'PersonalAccessTokens', 'Models', 'Configuration', 'SailPat', 'Profiles', 'Log', 'Doctor', 'Rotation') {
    . ([IO.Path]::Combine($PSScriptRoot, 'Public', "$part.ps1"))
}
. ([IO.Path]::Combine($PSScriptRoot, 'Private', 'Names.ps1'))
foreach ($name in $yielded) { $ExecutionContext.SessionState.InvokeProvider.Item.Remove("function:$name", $false) }

# The session's settings, and the pairs that it remembers, are those of the import before, if there was one.
$session = $script:SessionVariables
$isFirst = $null -eq $session['Configuration']
$variables = $ExecutionContext.SessionState.PSVariable
foreach ($name in 'Configuration', 'ConfigurationChanges', 'ConfigurationShared', 'FilledValues', 'ApiVersion', 'ApiVersionGiven',
    'KeptBefore') {
    if ($session[$name]) { $variables.Set($session[$name]) }
    else { $session[$name] = $variables.Get("script:$name") }
}
if (-not $isFirst) { Complete-Session }
# Members of types are the session's, too, and outlive the module; PowerShell takes none twice.
if ($session['TypesFrom']) { Update-SessionTypes $session['TypesFrom'] }
else {
    Import-Module ([IO.Path]::Combine($PSScriptRoot, 'SailPat.Types.psd1'))
    $session['TypesFrom'] = [psvariable]::new('TypesFrom', $PSScriptRoot)
}

$ExecutionContext.SessionState.Module.OnRemove = { Clear-Clients }
