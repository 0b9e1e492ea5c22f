/* FreeLibrary while jobs run: the library stays where it is, and nothing piles up from turn to turn. Only for
 * Windows; process.c has the same for dlclose. The library is loaded by name, not linked. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <psapi.h>

typedef uint64_t job_start(uint64_t, const char *, const char *);
typedef int32_t job_free(uint64_t);
typedef char *configure(const char *);
typedef void string_free(char *);

enum { TURNS = 100 };

static int passed, failed;

static void check(int holds, const char *what)
{
    holds ? passed++ : failed++;
    if (!holds)
        printf("FAILED: %s\n", what);
}

/* The address of an exported function; the cast by way of memcpy is the one that ISO C allows. */
static void find(HMODULE library, const char *name, void *function)
{
    FARPROC address = GetProcAddress(library, name);
    check(address != NULL, name);
    memcpy(function, &address, sizeof address);
}

static SIZE_T private_bytes(void)
{
    PROCESS_MEMORY_COUNTERS facts;
    memset(&facts, 0, sizeof facts);
    GetProcessMemoryInfo(GetCurrentProcess(), &facts, sizeof facts);
    return facts.PagefileUsage;
}

static DWORD handles(void)
{
    DWORD count = 0;
    GetProcessHandleCount(GetCurrentProcess(), &count);
    return count;
}

int main(void)
{
    HMODULE first = LoadLibraryA("sailpat.dll");
    check(first != NULL, "the library loads");
    if (first == NULL)
        return 1;
    configure *settle;
    string_free *string_done;
    find(first, "pat_configure", (void *)&settle);
    find(first, "pat_string_free", (void *)&string_done);
    string_done(settle("{\"rateLimit\":null}"));

    SIZE_T bytes = 0;
    DWORD open = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        HMODULE library = LoadLibraryA("sailpat.dll");
        if (library != first) {
            check(0, "the library stays where it was first loaded");
            break;
        }
        job_start *start;
        job_free *done;
        FARPROC address = GetProcAddress(library, "pat_job_start");
        memcpy(&start, &address, sizeof address);
        address = GetProcAddress(library, "pat_job_free");
        memcpy(&done, &address, sizeof address);
        uint64_t running = start(0, "list", "{\"ownerId\":\"me\"}");
        FreeLibrary(library);
        if (turn == 0)
            FreeLibrary(library); /* the one of `first`: nobody holds the library now */
        Sleep(5);
        if (done(running) != 0)
            check(0, "a job can be freed after FreeLibrary");
        if (turn == TURNS / 2) {
            bytes = private_bytes();
            open = handles();
        }
    }
    check(GetModuleHandleA("sailpat.dll") == first, "the library is still there after FreeLibrary");
    check(private_bytes() < bytes + 4 * 1024 * 1024, "no memory piles up from turn to turn");
    check(handles() < open + 20, "no handle piles up from turn to turn");
    printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
