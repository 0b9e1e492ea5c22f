# Personal access tokens of SailPoint Identity Security Cloud. A thin layer over the native
# library `sailpat`: it binds parameters, runs one native operation and turns the reply's bytes
# into objects. The library is loaded at the first call, not here.

if ($ExecutionContext.SessionState.LanguageMode -ne [System.Management.Automation.PSLanguageMode]::FullLanguage) {
    throw 'SailPat needs the full language mode: it declares native functions, which Constrained Language forbids. See about_SailPat_Security.'
}

Set-StrictMode -Version Latest
$script:ModuleRoot = $PSScriptRoot

# Models.ps1 marks a member for ConvertTo-Json, whose assembly may not be loaded yet.
[void][Reflection.Assembly]::Load('Newtonsoft.Json')
foreach ($part in 'Models', 'Versions', 'Errors', 'Native', 'Requests', 'Reply', 'Settings', 'Operation', 'ModelHelpers') {
    . ([IO.Path]::Combine($PSScriptRoot, 'Private', "$part.ps1"))
}
foreach ($part in 'PersonalAccessTokens', 'Models') {
    . ([IO.Path]::Combine($PSScriptRoot, 'Public', "$part.ps1"))
}
Register-VersionedCommands
Register-ModelCommands

$ExecutionContext.SessionState.Module.OnRemove = { Clear-Clients }
