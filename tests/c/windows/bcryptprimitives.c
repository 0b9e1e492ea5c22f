/* Wine 8 has no bcryptprimitives.dll, from which Rust's standard library takes its random numbers on Windows.
 * This one stands in for it beside the programs of the tests, and nowhere else: Windows has its own. */
#include <windows.h>

#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
    return RtlGenRandom(data, (ULONG)length);
}
