using namespace System.Collections.Generic

# Calls to several tenants, which are under way side by side, each with a deadline of its own, and are taken in the
# order in which they were asked for: the row of a call leads to it. A job that nobody took is dropped with Stop.

[NoRunspaceAffinity()]
class Ahead {
    # At once; the next one begins when one of them has ended.
    static [int]$Most = 8
    hidden [object]$native
    hidden [List[object]]$calls = [List[object]]::new()
    hidden [Dictionary[string, object]]$rows = [Dictionary[string, object]]::new()

    Ahead([object]$native) { $this.native = $native }

    [void] Add([string]$profile, [object]$row, [ulong]$client, [string]$operation, [byte[]]$name, [byte[]]$request) {
        $row.Ahead = @{
            All = $this; Client = $client; Operation = $operation; Name = $name; Request = $request; Job = 0UL; IsTaken = $false
        }
        $this.rows[$profile] = $row
        $this.calls.Add($row.Ahead)
    }

    # The row of a profile whose call was added, or nothing.
    [object] Row([string]$profile) { return $(if ($this.rows.ContainsKey($profile)) { $this.rows[$profile] }) }

    # Begins as many calls as there is room for.
    [void] Start() {
        $library = $this.native
        $running = 0
        foreach ($call in $this.calls) { if ($call.Job -ne 0 -and $library::pat_job_wait($call.Job, 0) -eq 0) { $running++ } }
        foreach ($call in $this.calls) {
            if ($running -ge [Ahead]::Most) { return }
            if ($call.Job -ne 0 -or $call.IsTaken) { continue }
            $this.Begin($call)
            $running++
        }
    }

    hidden [void] Begin([object]$call) {
        $library = $this.native
        $call.Job = $library::pat_job_start($call.Client, $call.Name, $call.Request)
    }

    # Whether a row leads to a call of this operation that nobody took yet.
    static [bool] Has([object]$row, [string]$operation) {
        return -not $row.Ahead.IsTaken -and [string]::Equals($row.Ahead.Operation, $operation)
    }

    # The job of a row's call. Whoever takes it frees it.
    static [ulong] Take([object]$row) {
        $call = $row.Ahead
        if ($call.Job -eq 0) { $call.All.Begin($call) }
        $call.IsTaken = $true
        return $call.Job
    }

    [void] Stop() {
        $library = $this.native
        foreach ($call in $this.calls) {
            if ($call.Job -ne 0 -and -not $call.IsTaken) { [void]$library::pat_job_free($call.Job) }
            $call.IsTaken = $true
        }
    }
}

function New-Ahead {
    if ($null -eq $script:Native) { [void](Initialize-Native) }
    [Ahead]::new($script:Native)
}
