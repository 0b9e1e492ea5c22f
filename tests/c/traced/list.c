/* A client of the settings in the first word lists its own tokens a few times: once to sign in, then between marks
 * that a tracer of system calls sees as files that are not there. `cargo xtask test --only opens` runs this and reads
 * the trace. */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sailpat.h"

#define CALLS 3

static void mark(const char *name)
{
    int there = open(name, O_RDONLY);
    if (there >= 0) {
        fprintf(stderr, "%s is a file\n", name);
        exit(1);
    }
}

static void take(char *reply)
{
    if (strncmp(reply, "{\"ok\":true,", 11) != 0) {
        fprintf(stderr, "%s\n", reply);
        exit(1);
    }
    pat_string_free(reply);
}

int main(int count, char **words)
{
    if (count != 2) {
        fprintf(stderr, "usage: list SETTINGS\n");
        return 2;
    }
    char *reply = NULL;
    pat_client client = pat_client_new(words[1], &reply);
    take(reply);
    take(pat_client_call(client, "list", "{\"ownerId\":\"me\"}"));
    for (int call = 0; call < CALLS; call++) {
        mark("/sailpat-mark/begin");
        take(pat_client_call(client, "list", "{\"ownerId\":\"me\"}"));
        mark("/sailpat-mark/end");
    }
    pat_client_free(client);
    return 0;
}
