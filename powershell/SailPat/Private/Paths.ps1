# From a path as somebody gives it to PowerShell to the file that the native library opens.

# The one way from a path that somebody gives to the file that the native library opens: a PowerShell path, with ~
# for the home folder and the drives of the caller's session, below the current folder of the file system whatever
# location is current. The file need not be there.
function Get-FilePath($Cmdlet, [string]$Path) {
    $paths = $Cmdlet.SessionState.Path
    $folder = Get-CurrentFolder $Cmdlet
    $provider, $drive, $prefix = $null, $null, $null
    $isHome = $Path -match '^~($|[\\/])'
    # PowerShell would look below its current location, which may be Env: and its like.
    if (-not $isHome -and -not $paths.IsPSAbsolute($Path, [ref]$prefix)) {
        return [IO.Path]::GetFullPath($Path.Replace([char]'\', [IO.Path]::DirectorySeparatorChar), $folder)
    }
    $remedy = 'Give the path of a file, such as ./pair.json or ~/pair.json.'
    try {
        $full = $paths.GetUnresolvedProviderPathFromPSPath($(if ($isHome) { "FileSystem::$Path" } else { $Path }), [ref]$provider,
            [ref]$drive)
    }
    catch {
        [Caller]::Forget($_)
        $full = Get-PathOnCallersDrive $Cmdlet $prefix $Path
        if ($full) { return $full }
        throw (New-LocalError 'invalid_request' "'$Path' is no path of a file: $($_.Exception.GetBaseException().Message)" `
            'InvalidArgument' $remedy $Path)
    }
    if ($provider.Name -cne 'FileSystem') {
        throw (New-LocalError 'invalid_request' "'$Path' is no path of a file: the drive is one of $($provider.Name)." 'InvalidArgument' `
            $remedy $Path)
    }
    # FileSystem::x is relative, too.
    [IO.Path]::GetFullPath($full, $folder)
}

# The current folder of the file system.
function Get-CurrentFolder($Cmdlet) {
    $location = $Cmdlet.SessionState.Path.CurrentFileSystemLocation
    if ($null -eq $location.Drive -or [IO.Path]::IsPathFullyQualified($location.ProviderPath)) { return $location.ProviderPath }
    [IO.Path]::GetFullPath($location.Drive.CurrentLocation, $location.Drive.Root)
}

# A drive that a calling function made for itself: PowerShell looks for drives from the module's scope on.
function Get-PathOnCallersDrive($Cmdlet, [string]$Name, [string]$Path) {
    $drive = $Cmdlet.SessionState.Drive.GetAll().Where({
            [string]::Equals($_.Name, $Name, [StringComparison]::OrdinalIgnoreCase) -and $_.Provider.Name -ceq 'FileSystem'
        })
    if ($drive.Count) {
        [IO.Path]::GetFullPath($Path.Substring($Name.Length + 1).TrimStart([char[]]'\/').Replace([char]'\',
            [IO.Path]::DirectorySeparatorChar), $drive[0].Root)
    }
}
