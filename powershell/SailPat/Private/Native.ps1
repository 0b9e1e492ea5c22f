using namespace System.Reflection
using namespace System.Reflection.Emit
using namespace System.Runtime.InteropServices

# All that touches the native library: where the library is looked for, how its exports
# become callable, and how a reply becomes bytes. The exports are declared with Reflection.Emit:
# no compiler, no extra DLL, no code but the declarations below and six instructions that keep
# dates in UTC. It happens at the first call, once per process and version of the module, whatever number of runspaces.

$script:Native = $null
$script:NativeAbi = 2

# name, what it returns, what it takes. Texts go in as UTF-8 bytes with a closing NUL.
function Get-NativeExports {
    , @('pat_abi_version', [uint32], @())
    , @('pat_version', [IntPtr], @())
    , @('pat_string_len', [IntPtr], @([IntPtr]))
    , @('pat_string_free', [void], @([IntPtr]))
    , @('pat_client_new', [uint64], @([byte[]], [IntPtr].MakeByRefType()))
    , @('pat_client_free', [int], @([uint64]))
    , @('pat_job_start', [uint64], @([uint64], [byte[]], [byte[]]))
    , @('pat_job_run', [IntPtr], @([uint64], [byte[]], [byte[]], [uint32], [uint64].MakeByRefType()))
    , @('pat_job_wait', [int], @([uint64], [uint32]))
    , @('pat_job_progress', [IntPtr], @([uint64]))
    , @('pat_job_cancel', [int], @([uint64]))
    , @('pat_job_secret', [IntPtr], @([uint64]))
    , @('pat_job_take', [IntPtr], @([uint64]))
    , @('pat_job_free', [int], @([uint64]))
}

# The folder under runtimes/ and the file name for this process: its architecture and its libc,
# which on Linux need not be the machine's.
function Get-NativeFile {
    $arch = [RuntimeInformation]::ProcessArchitecture.ToString().ToLowerInvariant()
    if ($IsWindows) { return "win-$arch", 'sailpat.dll' }
    if ($IsMacOS) { return "osx-$arch", 'libsailpat.dylib' }
    # (Not a pattern: the first regular expression of a session takes as long as all of this.)
    $system = [RuntimeInformation]::RuntimeIdentifier
    $libc = if ($system.Contains('musl') -or $system.Contains('alpine')) { '-musl' } else { '' }
    return "linux$libc-$arch", 'libsailpat.so'
}

# The first library that loads and speaks the same ABI; absolute paths only, so that no search
# path can put another library in its place.
function Find-NativeLibrary {
    $rid, $file = Get-NativeFile
    $candidates = @([IO.Path]::Combine($script:ModuleRoot, 'runtimes', $rid, 'native', $file))
    $override = [Environment]::GetEnvironmentVariable('SAILPAT_LIBRARY')
    if ($override) { $candidates += $override }
    $tried = @()
    foreach ($candidate in $candidates) {
        Assert-SameFile $candidate
        $reason = Test-NativeLibrary $candidate
        if (-not $reason) { return $candidate }
        $tried += "${candidate}: $reason"
    }
    throw (New-LocalError 'library_missing' ("SailPat's native library for $rid cannot be used. Tried: $($tried -join '; ')") `
        'NotInstalled' `
            "Install the SailPat module again for $rid, or set SAILPAT_LIBRARY to the full path of $file.")
}

# Why a library cannot be used, or nothing when it can. It stays loaded: it is never unmapped.
function Test-NativeLibrary($Path) {
    if (-not [IO.Path]::IsPathFullyQualified($Path)) { return 'not a full path' }
    if (-not [IO.File]::Exists($Path)) { return 'no such file' }
    $handle = [IntPtr]::Zero
    try { $handle = [NativeLibrary]::Load($Path) }
    catch {
        return "does not load in this $([RuntimeInformation]::ProcessArchitecture) process " +
            "($($_.Exception.GetBaseException().Message.Trim()))"
    }
    $address = [IntPtr]::Zero
    foreach ($export in Get-NativeExports) {
        if (-not [NativeLibrary]::TryGetExport($handle, $export[0], [ref]$address)) {
            return "another or older library, it has no $($export[0])"
        }
    }
}

# Declares the exports, and the converter that System.Text.Json uses for dates.
function New-NativeTypes($Path) {
    $assembly = [AssemblyBuilder]::DefineDynamicAssembly([AssemblyName]::new('SailPat.Native'), [AssemblyBuilderAccess]::Run)
    $module = $assembly.DefineDynamicModule('SailPat.Native')
    $exports = $module.DefineType('SailPat.Native', [TypeAttributes]'Public, Abstract, Sealed')
    foreach ($export in Get-NativeExports) {
        $name, $returns, $takes = $export
        $method = $exports.DefinePInvokeMethod($name, $Path, [MethodAttributes]'Public, Static, PinvokeImpl',
            [CallingConventions]::Standard,
            $returns, [type[]]$takes, [CallingConvention]::Cdecl, [CharSet]::Ansi)
        $method.SetImplementationFlags([MethodImplAttributes]::PreserveSig)
    }
    @{ Path = $Path; Exports = $exports.CreateType(); Dates = New-DateConverterType $module }
}

# JsonConverter<DateTime> whose Read is TimeZoneInfo.ConvertTimeToUtc(reader.GetDateTime()): System.Text.Json
# itself turns a time with an offset into local time. Written as instructions because a
# PowerShell method would run three times per token, 300,000 times for a large tenant.
function New-DateConverterType($Module) {
    $base = [System.Text.Json.Serialization.JsonConverter[datetime]]
    $type = $Module.DefineType('SailPat.UtcDateConverter', [TypeAttributes]'Public, Sealed', $base)
    foreach ($name in 'Read', 'Write') {
        $overridden = $base.GetMethod($name)
        $method = $type.DefineMethod($name, [MethodAttributes]'Public, HideBySig, Virtual', $overridden.ReturnType,
            [type[]]$overridden.GetParameters().ParameterType)
        $code = $method.GetILGenerator()
        $code.Emit([OpCodes]::Ldarg_1)
        if ($name -ceq 'Read') {
            $code.Emit([OpCodes]::Call, [System.Text.Json.Utf8JsonReader].GetMethod('GetDateTime'))
            $code.Emit([OpCodes]::Call, [TimeZoneInfo].GetMethod('ConvertTimeToUtc', [type[]]@([datetime])))
        }
        else {
            $code.Emit([OpCodes]::Ldarg_2)
            $code.Emit([OpCodes]::Callvirt, [System.Text.Json.Utf8JsonWriter].GetMethod('WriteStringValue', [type[]]@([datetime])))
        }
        $code.Emit([OpCodes]::Ret)
    }
    $type.CreateType()
}

# Loads the library at the first call. The declarations are kept with the process, under a lock: each import of the
# module would otherwise leave another dynamic assembly behind. They are those of this version of the module and of this
# library: where another version is at work, in this runspace or in another one, each goes on with its own.
function Initialize-Native {
    $process = [AppDomain]::CurrentDomain
    [Threading.Monitor]::Enter($process)
    try {
        $path = Find-NativeLibrary
        $key = "SailPat.Native $($ExecutionContext.SessionState.Module.Version) $path"
        $types = $process.GetData($key)
        if ($null -eq $types) { $types = New-NativeTypes $path }
        Assert-NativeAbi $types
        $process.SetData($key, $types)
    }
    finally { [Threading.Monitor]::Exit($process) }
    $script:JsonOptions = New-JsonOptions $types.Dates
    $script:NativePath = $types.Path
    $script:Native = $types.Exports
    $types.Exports
}

function Assert-NativeAbi($Types) {
    $abi = $Types.Exports::pat_abi_version()
    # Culture: these are numbers.
    if ($abi -eq $script:NativeAbi) { return }
    throw (New-LocalError 'library_version' "The native library $($Types.Path) speaks ABI $abi, this module needs $script:NativeAbi." `
        'NotInstalled' `
            'Install module and native library of the same release.')
}

# A library stays loaded until the process ends. When its file was replaced meanwhile, as by an installation over the
# old one, the system would go on with the old one without a word.
function Assert-SameFile([string]$Path) {
    $file = [IO.FileInfo]::new($Path)
    if (-not $file.Exists) { return }
    $is = "$($file.Length) $($file.LastWriteTimeUtc.Ticks)"
    $process = [AppDomain]::CurrentDomain
    $was = $process.GetData("SailPat.NativeFile $Path")
    if ($null -eq $was) { $process.SetData("SailPat.NativeFile $Path", $is) }
    elseif (-not [string]::Equals($was, $is, [StringComparison]::Ordinal)) {
        throw (New-LocalError 'library_version' `
            "The native library $Path was replaced since this process looked at it, and a process keeps the one that it has loaded." `
            'NotInstalled' `
                'Start PowerShell again.')
    }
}

# The bytes of a native text, copied once; the text itself is wiped and freed. A method, because
# calling a function costs five times as much and this is on every call's way.
[NoRunspaceAffinity()]
class NativeText {
    static [byte[]] Read([type]$native, [IntPtr]$text) {
        try {
            $bytes = [byte[]]::new($native::pat_string_len($text).ToInt32())
            [Marshal]::Copy($text, $bytes, 0, $bytes.Length)
            return $bytes
        }
        finally { $native::pat_string_free($text) }
    }

    # The secret that a job hands over; nothing where there is none. It is no text and no variable on its way.
    static [securestring] Secret([type]$native, [ulong]$job) {
        $text = $native::pat_job_secret($job)
        if ($text -eq [IntPtr]::Zero) { return $null }
        try {
            $taken = [securestring]::new()
            $length = $native::pat_string_len($text).ToInt32()
            for ($i = 0; $i -lt $length; $i++) {
                # The service's secrets are plain letters and digits; anything else is read as the text it is.
                if ([Marshal]::ReadByte($text, $i) -gt 126) { return [SecretText]::Secure([Marshal]::PtrToStringUTF8($text)) }
                $taken.AppendChar([char][Marshal]::ReadByte($text, $i))
            }
            $taken.MakeReadOnly()
            return $taken
        }
        finally { $native::pat_string_free($text) }
    }
}
