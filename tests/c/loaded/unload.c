/* dlopen and dlclose a hundred times with jobs running: the library is never unmapped, and nothing piles up from
 * turn to turn. Not linked with the library: $SAILPAT_LIBRARY is its path. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* The address of an exported function, by way of memory: ISO C has no cast for it. */
static void find(void *library, const char *name, void *function)
{
    void *address = dlsym(library, name);
    if (address == NULL)
        check(0, name);
    memcpy(function, &address, sizeof address);
}

static int entries_of(const char *folder)
{
    DIR *open = opendir(folder);
    int count = 0;
    while (open != NULL && readdir(open) != NULL)
        count++;
    if (open != NULL)
        closedir(open);
    return count;
}

/* Pages of memory that only this process has. */
static long pages(void)
{
    long size = 0, resident = 0, shared = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld %ld", &size, &resident, &shared) != 3)
        check(0, "/proc/self/statm can be read");
    if (file != NULL)
        fclose(file);
    return resident - shared;
}

/* How often the library's file is mapped, once for each of its parts. */
static int mappings(const char *name)
{
    char line[4096];
    int count = 0;
    FILE *file = fopen("/proc/self/maps", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        count += strstr(line, name) != NULL;
    if (file != NULL)
        fclose(file);
    return count;
}

static void one_turn(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    job_start *start;
    job_free *done;
    if (library == NULL) {
        check(0, "the library loads again");
        return;
    }
    find(library, "pat_job_start", (void *)&start);
    find(library, "pat_job_free", (void *)&done);
    uint64_t left = start(0, "list", "{\"ownerId\":\"me\"}");
    uint64_t freed = start(0, "list", "{\"ownerId\":\"me\"}");
    dlclose(library);
    usleep(3000);
    if (done(freed) != 0 || done(left) != 0)
        check(0, "a job can be freed after dlclose");
}

int main(void)
{
    const char *path = getenv("SAILPAT_LIBRARY");
    void *first = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    check(first != NULL, "the library loads");
    if (first == NULL)
        return 1;
    check(entries_of("/proc/self/task") == 3, "loading starts no thread"); /* this one, and . and .. */
    configure *settle;
    string_free *string_done;
    find(first, "pat_configure", (void *)&settle);
    find(first, "pat_string_free", (void *)&string_done);
    string_done(settle("{\"rateLimit\":null}"));
    dlclose(first);
    check(mappings("libsailpat") > 0, "the library stays mapped after dlclose");

    for (int turn = 0; turn < TURNS / 2; turn++)
        one_turn(path);
    long memory = pages();
    int threads = entries_of("/proc/self/task"), files = entries_of("/proc/self/fd");
    int parts = mappings("libsailpat");
    for (int turn = TURNS / 2; turn < TURNS; turn++)
        one_turn(path);
    check(entries_of("/proc/self/task") <= threads, "no thread piles up");
    check(entries_of("/proc/self/fd") <= files + 4, "no file or connection piles up");
    check(mappings("libsailpat") == parts, "no second copy is mapped");
    check((pages() - memory) * 4096 < 2 * 1024 * 1024, "no memory piles up");
    printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
