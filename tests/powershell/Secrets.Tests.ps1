# A secret is never an argument of a PowerShell function, nor on any trace: what an administrator turns
# on to see what PowerShell does shows no secret of anybody who uses this module.

BeforeAll {
    . "$PSScriptRoot/Helpers.ps1"

    # Finds secrets in a text, whole, in part, taken apart or encoded. It runs over megabytes, so it is compiled.
    if (-not ('SailPatTests.SecretSearch' -as [type])) {
        Add-Type -TypeDefinition @'
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace SailPatTests
{
    public sealed class SecretSearch
    {
        // A part of a secret is what a secret's label and form say about it.
        private readonly Dictionary<string, string> whole = new Dictionary<string, string>();
        private readonly Dictionary<string, string> apart = new Dictionary<string, string>();
        private readonly HashSet<long> hashes = new HashSet<long>();
        private const int Part = 16;
        // Set-PSDebug cuts at 55 characters: sixteen numbers of three digits would never be seen.
        private const int Few = 10;

        public void Add(string label, string secret)
        {
            AddParts(label + ", as text", secret);
            for (int from = 0; from + Few <= secret.Length; from++) apart.TryAdd(secret.Substring(from, Few), label);
            foreach (var encoding in new[] { Encoding.UTF8, Encoding.Unicode })
            {
                byte[] bytes = encoding.GetBytes(secret);
                string hex = Convert.ToHexString(bytes);
                AddParts(label + ", as hexadecimal", hex);
                AddParts(label + ", as hexadecimal", hex.ToLowerInvariant());
                // Within a longer text it begins at any of three places.
                for (int from = 0; from < 3; from++)
                {
                    int length = (bytes.Length - from) / 3 * 3;
                    string text = Convert.ToBase64String(bytes, from, length);
                    AddParts(label + ", as base64", text);
                    AddParts(label + ", as base64", text.Replace('+', '-').Replace('/', '_'));
                }
            }
        }

        private void AddParts(string label, string text)
        {
            for (int from = 0; from + Part <= text.Length; from++)
                if (whole.TryAdd(text.Substring(from, Part), label)) hashes.Add(Hash(text, from));
        }

        private const long Factor = 1099511628211;
        private static long Hash(string text, int from)
        {
            long hash = 0;
            for (int i = from; i < from + Part; i++) hash = unchecked(hash * Factor + text[i]);
            return hash;
        }

        // Position -> what was found there. One for each label is enough of a run.
        private IEnumerable<KeyValuePair<int, string>> Found(string text)
        {
            if (text.Length >= Part)
            {
                long top = 1;
                for (int i = 1; i < Part; i++) top = unchecked(top * Factor);
                long hash = Hash(text, 0);
                for (int at = 0; ; at++)
                {
                    string label;
                    if (hashes.Contains(hash) && whole.TryGetValue(text.Substring(at, Part), out label))
                        yield return new KeyValuePair<int, string>(at, label);
                    if (at + Part >= text.Length) break;
                    hash = unchecked((hash - text[at] * top) * Factor + text[at + Part]);
                }
            }
            // Numbers one after another, or single letters: what is between two of them is no matter.
            var numbers = new StringBuilder();
            var letters = new StringBuilder();
            int numbersFrom = 0, lettersFrom = 0;
            for (int at = 0; at <= text.Length; at++)
            {
                int from = at;
                while (at < text.Length && IsPart(text[at])) at++;
                int length = at - from;
                if (length == 0 && at < text.Length) continue;
                int number = 0;
                bool isNumber = length > 0 && length <= 3 && int.TryParse(text.AsSpan(from, length), out number) && number < 256;
                bool isLetter = length == 1;
                if (isNumber) { if (numbers.Length == 0) numbersFrom = from; numbers.Append((char)number); }
                else
                {
                    string label = Apart(numbers.ToString());
                    if (label != null) yield return new KeyValuePair<int, string>(numbersFrom, label + ", as numbers");
                    numbers.Clear();
                }
                if (isLetter) { if (letters.Length == 0) lettersFrom = from; letters.Append(text[from]); }
                else
                {
                    string label = Apart(letters.ToString());
                    if (label != null) yield return new KeyValuePair<int, string>(lettersFrom, label + ", letter by letter");
                    letters.Clear();
                }
            }
        }

        private static bool IsPart(char character)
        {
            return char.IsLetterOrDigit(character) || character == '_' || character == '.' || character == '…';
        }

        private string Apart(string text)
        {
            string label;
            for (int from = 0; from + Few <= text.Length; from++) if (apart.TryGetValue(text.Substring(from, Few), out label)) return label;
            return null;
        }

        // Each finding once: the place, the secret's label, and in which steps. The last line that says a
        // step or a place counts for what comes after it.
        public string[] Find(string text, string step, string place)
        {
            var found = Found(text).OrderBy(one => one.Key).ToList();
            if (found.Count == 0) return new string[0];
            var steps = Regex.Matches(text, step);
            var places = Regex.Matches(text, place);
            var seen = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
            foreach (var one in found)
            {
                string what = Last(places, one.Key) + ": " + one.Value, when = Last(steps, one.Key);
                List<string> known;
                if (!seen.TryGetValue(what, out known)) seen[what] = known = new List<string>();
                if (!known.Contains(when)) known.Add(when);
            }
            return seen.Select(one =>
            {
                string others = one.Value.Count > 1 ? ", and " + (one.Value.Count - 1) + " more" : "";
                return one.Key + " [" + one.Value[0] + others + "]";
            }).ToArray();
        }

        private static string Last(MatchCollection marks, int before)
        {
            int low = 0, high = marks.Count - 1, last = -1;
            while (low <= high)
            {
                int middle = (low + high) / 2;
                if (marks[middle].Index <= before) { last = middle; low = middle + 1; } else high = middle - 1;
            }
            if (last < 0) return "before";
            return string.Join(" ", marks[last].Groups.Cast<Group>().Skip(1).Where(group => group.Success).Select(group => group.Value));
        }
    }
}
'@
    }

    # A secret that no other is like.
    function New-Planted { [Convert]::ToHexString([Security.Cryptography.RandomNumberGenerator]::GetBytes(24)).ToLowerInvariant() }

    # Starts the walk over one channel, with a tenant of its own.
    function Start-Walk([string]$Channel, [string[]]$Options, $Variables) {
        $folder = [IO.Directory]::CreateDirectory("$TestDrive/$Channel").FullName
        $walk = @{ Channel = $Channel; Folder = $folder; Tenant = Start-Emulator @('--rate-limit', 'off') }
        $walk.Secrets = [ordered]@{ 'the sign-in secret' = $walk.Tenant.clientSecret }
        foreach ($name in 'control', 'control-bytes', 'control-spaced', 'api-key', 'authorization', 'proxy-password') {
            $walk.Secrets[$name] = New-Planted
            [IO.File]::WriteAllText("$($walk.Folder)/$name", $walk.Secrets[$name])
        }
        foreach ($name in 'wrong', 'vault-planted') {
            $walk.Secrets[$name] = New-Planted
            [IO.File]::WriteAllText("$($walk.Folder)/$name", "$($walk.Tenant.clientId)`n$($walk.Secrets[$name])")
        }
        $walk.Secrets['an odd reply''s'] = New-Planted
        $reply = '{"id":"0123456789abcdef0123456789abcdef","secret":"' + $walk.Secrets['an odd reply''s'] +
        '","name":"Odd","scope":["a:b"],"created":"some day","accessTokenValiditySeconds":"long"}'
        $faults = @{ odd = @{ rawBody = $reply }; refused = @{ status = 403 }; lost = @{ drop = 'afterCommit' } }
        foreach ($name in $faults.Keys) {
            $fault = @{ match = @{ kind = 'create' }; times = 1; fault = $faults[$name] }
            [IO.File]::WriteAllText("$($walk.Folder)/$name", (ConvertTo-Json $fault -Depth 5 -Compress))
        }

        $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
        $file = '-File', "$PSScriptRoot/Secrets.Walk.ps1", '-Channel', $Channel, '-Module', $script:ModulePath
        $file += '-Url', $walk.Tenant.url, '-Folder', $walk.Folder
        foreach ($argument in @('-NoProfile', '-NonInteractive') + $Options + $file) { $start.ArgumentList.Add($argument) }
        $walk.Secrets['the variables'' proxy password'] = New-Planted
        $set = @{
            SAIL_BASE_URL = $walk.Tenant.url; SAIL_CLIENT_ID = $walk.Tenant.clientId; SAIL_CLIENT_SECRET = $walk.Tenant.clientSecret
            SAILPAT_HOME = "$($walk.Folder)/home"; SAILPAT_CHANGE_LOG = '1'
            HTTPS_PROXY = "http://walker:$($walk.Secrets['the variables'' proxy password'])@127.0.0.1:9"
        } + $Variables
        foreach ($name in $set.Keys) { $start.Environment[$name] = $set[$name] }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $walk.Started = [datetime]::Now
        $walk.Process = [Diagnostics.Process]::Start($start)
        $walk.Process.StandardInput.Close()
        $walk.Output = $walk.Process.StandardOutput.ReadToEndAsync()
        $walk.Errors = $walk.Process.StandardError.ReadToEndAsync()
        $walk
    }

    # Waits for a walk, and gathers the secrets there were: what was planted, what the walk kept, and what
    # the tenant saw.
    function Wait-Walk($Walk) {
        # Far more than it takes: only a walk that hangs shall end here, not one on a busy machine.
        if (-not $Walk.Process.WaitForExit(900000)) { throw "The walk over $($Walk.Channel) did not end." }
        $Walk.Text = $Walk.Output.Result
        $Walk.Outcome = [IO.File]::ReadAllText("$($Walk.Folder)/outcome") | ConvertFrom-Json -AsHashtable
        $seen = [Collections.Generic.HashSet[string]]::new()
        $places = @('kept') + @(Get-ChildItem "$($Walk.Folder)/*" -Include *.json, *.env, 'vault-*' -File).Name
        foreach ($name in $places) {
            $text = [IO.File]::ReadAllText("$($Walk.Folder)/$name")
            foreach ($match in [regex]::Matches($text, '\b[0-9a-f]{64}\b')) { [void]$seen.Add($match.Value) }
        }
        $bearers = [Collections.Generic.HashSet[string]]::new()
        foreach ($request in Get-Requests $Walk.Tenant) {
            if ($request.kind -eq 'token' -and $request.body -match 'client_secret=([0-9a-f]{64})') { [void]$seen.Add($Matches[1]) }
            # What comes before the first dot is the same in each.
            if ("$($request.headers.authorization)" -match '^Bearer [^.]+\.(.+)$') { [void]$bearers.Add($Matches[1]) }
        }
        [void]$seen.Remove($Walk.Tenant.clientSecret)
        $Walk.Made = $seen.Count
        $Walk.Bearers = $bearers.Count
        $search = [SailPatTests.SecretSearch]::new()
        foreach ($label in $Walk.Secrets.Keys) { $search.Add($label, $Walk.Secrets[$label]) }
        foreach ($secret in $seen) { $search.Add('a secret of a new token', $secret) }
        foreach ($bearer in $bearers) { $search.Add('a bearer', $bearer) }
        $Walk.Search = $search
        Stop-Emulator $Walk.Tenant
    }

    # No secret but the walk's own controls, each of which must be there: a search that finds nothing proves nothing.
    function Assert-NoSecret([string]$Channel, [string]$Text, [string]$Step, [string]$Place) {
        $controls = 'control, as text', 'control-bytes, as numbers', 'control-spaced, letter by letter'
        # Of an array of bytes this shows the type.
        if ($Channel -eq 'binding') { $controls = $controls -notlike '*numbers' }
        # What a vault throws PowerShell itself writes down, before any caller of the vault hears of it.
        $Text = $Text -replace '(?m)^.*(TerminatingError\((Set-Secret)?\): "|Error Message = |Error ID = |Converting ")no room for .*$'
        $found = $walks[$Channel].Search.Find($Text, $Step, $Place)
        foreach ($control in $controls) {
            $shown = @($found -like "*: $control ``[a control*")
            $shown.Count | Should -BeGreaterThan 0 -Because "what the walk itself shows must be found ($control)"
        }
        $leaks = @($found -notmatch ': control(-\w+)?, ' | Sort-Object -Unique)
        if ($leaks.Count) { throw "$($leaks.Count) places show a secret:`n$(($leaks | Select-Object -First 60) -join "`n")" }
    }

    # Module logging is a policy: here for one process, by a file of settings.
    $settings = "$TestDrive/powershell.config.json"
    Set-Content $settings (@{
            PowerShellPolicies = @{ ModuleLogging = @{ EnableModuleLogging = $true; ModuleNames = @('*') } }
            LogLevel = 'Verbose'; LogChannels = 'Operational,Analytic'; LogKeywords = 'Pipeline,Cmdlets'
        } | ConvertTo-Json -Depth 5)
    $walks = @{}
    $variables = @{}
    $noLog = $null
    if ($IsLinux) {
        # PowerShell logs to syslog there, so a library that takes its place is loaded before.
        $compiler = Get-Command cc -CommandType Application -ErrorAction Ignore | Select-Object -First 1
        if (-not $compiler) { throw 'No C compiler (cc) is here: it makes the library that catches what PowerShell logs.' }
        & $compiler.Source -shared -fPIC -o "$TestDrive/syslog.so" "$PSScriptRoot/syslog.c"
        if ($LASTEXITCODE) { throw 'syslog.c could not be compiled.' }
        $variables = @{ LD_PRELOAD = "$TestDrive/syslog.so"; SYSLOG_FILE = "$TestDrive/syslog" }
    }
    elseif ($IsWindows) {
        # A system that has no event logs at all throws.
        $log = try { Get-WinEvent -ListLog PowerShellCore/Operational -ErrorAction Ignore }
        catch [Diagnostics.Eventing.Reader.EventLogException] { $null }
        if ($null -eq $log -or -not $log.IsEnabled) {
            $noLog = 'the event log of PowerShell is not registered here, which its RegisterManifest.ps1 does'
        }
    }
    else { $noLog = 'what PowerShell hands to the log of this system cannot be read back by everybody' }
    if (-not $noLog) { $walks.log = Start-Walk log @('-SettingsFile', $settings) $variables }
    foreach ($channel in 'transcript', 'records', 'variables', 'binding') { $walks[$channel] = Start-Walk $channel @() @{} }
    foreach ($walk in $walks.Values) { Wait-Walk $walk }
}
AfterAll {
    foreach ($walk in $walks.Values) {
        if (-not $walk.Process.HasExited) { $walk.Process.Kill() }
        Stop-Emulator $walk.Tenant
    }
}

Describe 'Nobody who looks at what PowerShell does sees a secret' {
    It 'and everything was walked: what should work worked, and what should fail failed' {
        foreach ($walk in $walks.Values) {
            $walk.Process.ExitCode | Should -Be 0 -Because $walk.Errors.Result
            $otherwise = foreach ($step in $walk.Outcome.Keys) {
                if ($walk.Outcome[$step] -notmatch '^(\w+) \1\b') { "$($walk.Channel): ${step}: $($walk.Outcome[$step])" }
            }
            $otherwise -join "`n" | Should -BeNullOrEmpty
            $walk.Outcome.Count | Should -BeGreaterThan 45
            $walk.Made | Should -BeGreaterThan 20
            $walk.Bearers | Should -BeGreaterThan 5
        }
    }

    It 'with module logging: none is an argument of a function' {
        if ($noLog) { Set-ItResult -Skipped -Because $noLog; return }
        $text = if ($IsWindows) {
            $events = Get-WinEvent -FilterHashtable @{ LogName = 'PowerShellCore/Operational'; StartTime = $walks.log.Started } -Oldest
            @($events | Where-Object ProcessId -EQ $walks.log.Process.Id).Message -join "`n"
        }
        else { [IO.File]::ReadAllText("$TestDrive/syslog") }
        $place = '((?:CommandInvocation|ParameterBinding|(?:Non)?TerminatingError)\([^)]*\)): (?:name="([^"]*)")?'
        Assert-NoSecret log $text 'ParameterBinding\(Mark\): name="Step"; value="([^"]*)"' $place
    }

    It 'with Set-PSDebug -Trace 2: none is the value of a variable' {
        Assert-NoSecret variables $walks.variables.Text '! SET \$now = ''([^\r\n]*)''\.' '! (CALL function|SET) ''?([^'' ]+)'
    }

    It 'with Trace-Command: none is bound to a parameter or converted' {
        # Most of it is indentation.
        $text = [IO.File]::ReadAllText("$($walks.binding.Folder)/binding") -replace ' {3,}', ' '
        $place = 'BIND arg \[(?=[^\r\n]*\] to param(?:eter)? \[(\w+)\])|BIND \w+ cmd line args \[([^\]\r\n]*)\]'
        Assert-NoSecret binding $text 'BIND arg \[([^\]\r\n]*)\] to param(?:eter)? \[Step\]' $place
    }

    It 'in a transcript of a loud session' {
        Assert-NoSecret transcript ([IO.File]::ReadAllText("$($walks.transcript.Folder)/transcript")) '@@ ([^\r\n]*)' '(?m)^(\S+:)'
    }

    It 'in what such a session shows' {
        Assert-NoSecret transcript $walks.transcript.Text '@@ ([^\r\n]*)' '(?m)^(\S+:)'
    }

    It 'in any record of a stream, in $Error and Get-Error, or in what commands that report put out' {
        Assert-NoSecret records ([IO.File]::ReadAllText("$($walks.records.Folder)/records")) '@@ ([^\r\n]*)' '(?m)^ *(\w+) *:'
    }
}
