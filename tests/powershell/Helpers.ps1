# What the tests share: the module under test, an emulated tenant, and a raw TCP server for what
# the emulator cannot do. Dot-source it in BeforeAll.
#   SAILPAT_MODULE    path of SailPat.psd1 (else the module in this repository), or SailPat for the one that is installed
#   SAILPAT_EMULATOR  path of the emulator's binary
#   SAILPAT_LIBRARY   path of the native library, when the module has none beside it

# The parts as people write them, of which the packaging makes one file.
$script:SourcePath = [IO.Path]::GetFullPath("$PSScriptRoot/../../powershell/SailPat")
# What tests import: a path, or a name that PSModulePath gives a path to. Tests that read the module's files take the path.
$script:ModuleName = if ($env:SAILPAT_MODULE) { $env:SAILPAT_MODULE }
else { [IO.Path]::GetFullPath("$PSScriptRoot/../../powershell/SailPat/SailPat.psd1") }
function Get-ModulePath([string]$Name) {
    if ($Name -match '[\\/]') { return $Name }
    $found = @(Get-Module $Name -ListAvailable)
    if ($found.Count -eq 0) { throw "There is no module $Name on PSModulePath." }
    $found[0].Path
}
$script:ModulePath = Get-ModulePath $script:ModuleName
$script:SettingNames = 'SAIL_BASE_URL', 'SAIL_CLIENT_ID', 'SAIL_CLIENT_SECRET', 'BASE_URL', 'CLIENT_ID', 'CLIENT_SECRET',
    'SAILPAT_CHANGE_LOG'
# No test sees the profiles of whoever runs it. Nothing is made there unless a test does.
$env:SAILPAT_HOME = [IO.Path]::Combine([IO.Path]::GetTempPath(), "sailpat-tests-$PID")

# The rows of the module's table of API versions, for tests that are made from it before there is a module.
function Get-VersionRows { & { . "$script:SourcePath/Private/Versions.ps1"; $script:ApiVersions } }

# The settings of a session outlive an import; a file of tests begins without any.
function Import-SailPat {
    Import-Module $script:ModuleName -Force -Global -DisableNameChecking
    Set-SailPatConfiguration -Reset
}

# Starts a tenant on a free port and waits until it answers. It ends with this process at the
# latest, because its stdin then ends.
function Start-Emulator([string[]]$Options = @()) {
    if (-not $env:SAILPAT_EMULATOR) { throw 'SAILPAT_EMULATOR is not set: the path of the emulator''s binary.' }
    $ready = [IO.Path]::GetTempFileName()
    [IO.File]::Delete($ready)
    $start = [Diagnostics.ProcessStartInfo]::new($env:SAILPAT_EMULATOR)
    foreach ($option in @('--port', '0', '--ready-file', $ready, '--exit-with-stdin') + $Options) { $start.ArgumentList.Add($option) }
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $text = $null
    while (-not $text) {
        if ($process.HasExited -or $watch.Elapsed.TotalSeconds -gt 20) { throw 'The emulator did not start.' }
        [Threading.Thread]::Sleep(10)
        # On Windows a file that is just being written is there, and cannot be read yet.
        try { $text = [IO.File]::ReadAllText($ready) } catch [IO.IOException] { }
    }
    $facts = $text | ConvertFrom-Json
    [IO.File]::Delete($ready)
    $facts | Add-Member -NotePropertyName Process -NotePropertyValue $process
    $facts
}

function Stop-Emulator($Emulator) {
    if ($null -eq $Emulator -or $Emulator.Process.HasExited) { return }
    $Emulator.Process.StandardInput.Close()
    if (-not $Emulator.Process.WaitForExit(3000)) { $Emulator.Process.Kill() }
}

# Points this session at a tenant, by its variables.
function Use-Tenant($Emulator) {
    $env:SAIL_BASE_URL = $Emulator.url
    $env:SAIL_CLIENT_ID = $Emulator.clientId
    $env:SAIL_CLIENT_SECRET = $Emulator.clientSecret
}

function Clear-Settings { foreach ($name in $script:SettingNames) { [Environment]::SetEnvironmentVariable($name, $null) } }

# The emulator's control path: what it saw, and what shall go wrong next.
function Invoke-Control($Emulator, [string]$Method, [string]$Path, $Body) {
    $arguments = @{ Method = $Method; Uri = "$($Emulator.url)/_emulator/$Path" }
    if ($null -ne $Body) {
        $arguments.Body = ConvertTo-Json -InputObject $Body -Depth 9 -Compress
        $arguments.ContentType = 'application/json'
    }
    Invoke-RestMethod @arguments
}
function Add-Fault($Emulator, [string]$Kind, $Fault, [int]$Times = 1) {
    [void](Invoke-Control $Emulator POST faults @{ match = @{ kind = $Kind }; times = $Times; fault = $Fault })
}
function Reset-Emulator($Emulator) {
    [void](Invoke-Control $Emulator DELETE faults)
    [void](Invoke-Control $Emulator DELETE requests)
}
function Get-Requests($Emulator) { @(Invoke-Control $Emulator GET requests | ForEach-Object { $_ }) }
# The requests of one kind: token, list, create, patch, delete.
function Get-RequestsOf($Emulator, [string]$Kind) { @(Get-Requests $Emulator | Where-Object kind -EQ $Kind) }

# All tokens of the one who signs in but the one that signs in: a user has ten at most.
function Remove-OwnTokens($Emulator) {
    Get-V2024PersonalAccessTokens me | Where-Object id -NE $Emulator.clientId | Remove-V2024PersonalAccessToken
}

# The error that a piece of code ends with.
function Get-ErrorOf([scriptblock]$Code) {
    try { [void](& $Code) } catch { return $_ }
    throw 'This was expected to fail.'
}

# A server that answers each connection with the bytes of a text, for replies no tenant sends.
# "hang" answers nothing; the connection is then held open.
function Start-RawServer([string]$Reply) {
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
    [void]$shell.AddScript({
            param($listener, $reply)
            while ($true) {
                try { $client = $listener.AcceptTcpClient() } catch { return }
                $stream = $client.GetStream()
                $buffer = [byte[]]::new(65536)
                $seen = ''
                while ($seen -notmatch "`r`n`r`n") {
                    $count = $stream.Read($buffer, 0, $buffer.Length)
                    if ($count -eq 0) { break }
                    $seen += [Text.Encoding]::ASCII.GetString($buffer, 0, $count)
                }
                if ($reply -eq 'hang') { continue }
                $bytes = [Text.Encoding]::UTF8.GetBytes($reply)
                try { $stream.Write($bytes, 0, $bytes.Length); $stream.Flush() } catch { }
                $client.Dispose()
            }
        }).AddArgument($listener).AddArgument($Reply)
    $running = $shell.BeginInvoke()
    [pscustomobject]@{ url = "http://127.0.0.1:$($listener.LocalEndpoint.Port)"; Listener = $listener; Shell = $shell; Running = $running }
}
function Stop-RawServer($Server) {
    $Server.Listener.Stop()
    $Server.Shell.Stop()
    $Server.Shell.Dispose()
}

# A whole HTTP reply as text.
function Get-HttpText([int]$Status, [string]$Body, [string]$ContentType = 'application/json') {
    "HTTP/1.1 $Status X`r`ncontent-type: $ContentType`r`ncontent-length: $([Text.Encoding]::UTF8.GetByteCount($Body))`r`nconnection: " +
        "close`r`n`r`n$Body"
}

# Runs PowerShell as a process of its own, and gives all that it says. Null as a variable's value takes the variable away.
function Invoke-PowerShell([string[]]$Arguments, [hashtable]$Variables = @{}) {
    $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
    foreach ($argument in @('-NoProfile') + $Arguments) { $start.ArgumentList.Add($argument) }
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    foreach ($name in $Variables.Keys) {
        if ($null -eq $Variables[$name]) { [void]$start.Environment.Remove($name) } else { $start.Environment[$name] = $Variables[$name] }
    }
    $process = [Diagnostics.Process]::Start($start)
    $errors = $process.StandardError.ReadToEndAsync()
    $text = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    ($text + $errors.Result).Trim()
}
