/* How long a library takes to load: `load LIBRARY` prints the time of dlopen in nanoseconds. A program of its own,
 * since one that is linked with the library has loaded it already. */
#define _POSIX_C_SOURCE 200809L

#include <dlfcn.h>
#include <stdio.h>
#include <time.h>

int main(int count, char **words)
{
    struct timespec begun, ended;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    void *opened = count == 2 ? dlopen(words[1], RTLD_NOW) : NULL;
    clock_gettime(CLOCK_MONOTONIC, &ended);
    if (opened == NULL) {
        fprintf(stderr, "%s\n", count == 2 ? dlerror() : "say: load LIBRARY");
        return 1;
    }
    printf("%lld 0\n", (ended.tv_sec - begun.tv_sec) * 1000000000LL + ended.tv_nsec - begun.tv_nsec);
    return 0;
}
