/* The process whose memory is searched. It loads the library, does what its standard input says, and holds no copy
 * of a secret of its own: what it reads lies in one place, which is wiped, and replies are written out as they lie.
 *
 * A request is four lengths (uint32_t) and four texts with their NUL: "client", "job" or "keep", settings, operation,
 * request. What is answered is a length and the reply; for "keep" there is a client more, and that is all. Then it
 * waits: whoever searches it does so now. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM (16u << 20)

typedef uint64_t handle;

static struct {
    handle (*client_new)(const char *, char **);
    char *(*client_call)(handle, const char *, const char *);
    int32_t (*client_free)(handle);
    void (*string_free)(char *);
    size_t (*string_len)(const char *);
    handle (*job_start)(handle, const char *, const char *);
    int32_t (*job_wait)(handle, uint32_t);
    char *(*job_take)(handle);
    int32_t (*job_free)(handle);
} pat;

static char room[ROOM];

static void wipe(volatile char *bytes, size_t length)
{
    while (length-- > 0)
        *bytes++ = 0;
}

static void all(int writing, void *bytes, size_t length)
{
    char *at = bytes;
    while (length > 0) {
        ssize_t moved = writing ? write(1, at, length) : read(0, at, length);
        if (moved <= 0)
            exit(0);
        at += moved;
        length -= (size_t)moved;
    }
}

static void answer(char *reply)
{
    uint32_t length = (uint32_t)pat.string_len(reply);
    all(1, &length, sizeof length);
    all(1, reply, length);
    pat.string_free(reply);
}

static void *symbol(void *library, const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "no %s\n", name);
        exit(2);
    }
    return found;
}

static char *by_job(handle client, const char *operation, const char *request)
{
    handle job = pat.job_start(client, operation, request);
    while (pat.job_wait(job, 1000) == 0) {
    }
    char *reply = pat.job_take(job);
    pat.job_free(job);
    return reply;
}

/* A variable of this process, gone from where the system put it. */
static void forget_variables(void)
{
    extern char **environ;
    for (char **variable = environ; variable != NULL && *variable != NULL; variable++)
        if (strncmp(*variable, "SAIL_", 5) == 0)
            wipe(*variable, strlen(*variable));
}

int main(int count, char **words)
{
    void *library = count > 1 ? dlopen(words[1], RTLD_NOW) : NULL;
    if (library == NULL) {
        fprintf(stderr, "the library cannot be loaded: %s\n", dlerror());
        return 2;
    }
    *(void **)&pat.client_new = symbol(library, "pat_client_new");
    *(void **)&pat.client_call = symbol(library, "pat_client_call");
    *(void **)&pat.client_free = symbol(library, "pat_client_free");
    *(void **)&pat.string_free = symbol(library, "pat_string_free");
    *(void **)&pat.string_len = symbol(library, "pat_string_len");
    *(void **)&pat.job_start = symbol(library, "pat_job_start");
    *(void **)&pat.job_wait = symbol(library, "pat_job_wait");
    *(void **)&pat.job_take = symbol(library, "pat_job_take");
    *(void **)&pat.job_free = symbol(library, "pat_job_free");

    for (;;) {
        uint32_t lengths[4];
        char *texts[4];
        size_t end = 0;
        all(0, lengths, sizeof lengths);
        for (int text = 0; text < 4; text++) {
            texts[text] = room + end;
            if (lengths[text] >= ROOM - end)
                return 3;
            all(0, texts[text], lengths[text]);
            end += lengths[text];
        }
        char *made = NULL;
        handle client = pat.client_new(texts[1], &made);
        if (client == 0) {
            wipe(room, end);
            answer(made);
            continue;
        }
        if (strcmp(texts[0], "keep") == 0) {
            wipe(room, end);
            answer(made);
            continue;
        }
        pat.string_free(made);
        char *reply = strcmp(texts[0], "job") == 0 ? by_job(client, texts[2], texts[3])
                                                   : pat.client_call(client, texts[2], texts[3]);
        wipe(room, end);
        pat.client_free(client);
        forget_variables();
        answer(reply);
    }
}
