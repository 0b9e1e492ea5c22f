# What the other sides of the benchmarks are made of.

function New-RawClient {
    $client = [System.Net.Http.HttpClient]::new()
    $client.Timeout = [timespan]::FromMinutes(10)
    $client.DefaultRequestHeaders.Authorization = [System.Net.Http.Headers.AuthenticationHeaderValue]::new('Bearer', $env:BENCH_BEARER)
    $client
}

# The emulator has no rate limit here; the library keeps under the service's own unless it is told not to.
function Disable-OwnPacing {
    Set-SailPatConfiguration -RateLimit none
}
