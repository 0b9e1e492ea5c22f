/* The same from C: create, list, change, a refused change, remove. Every function takes one JSON text and gives one.
 * `cargo xtask demo` compiles this against include/sailpat.h and sets SAIL_BASE_URL, SAIL_CLIENT_ID, SAIL_CLIENT_SECRET. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sailpat.h"

/* Prints JSON in lines that fit a screen, broken after commas. */
static void print_json(const char *json)
{
    enum { WIDTH = 100 };
    while (strlen(json) > WIDTH) {
        size_t length = WIDTH;
        while (length > 0 && json[length - 1] != ',')
            length--;
        if (length == 0)
            length = WIDTH;
        printf("    %.*s\n", (int)length, json);
        json += length;
    }
    printf("    %s\n", json);
}

/* Prints a call and its reply; the 64 characters of a secret are hidden but for the first four. */
static void show(const char *call, char *reply)
{
    char *secret = strstr(reply, "\"secret\":\"");
    if (secret != NULL)
        for (char *at = secret + 14; *at != '"' && *at != 0; at++)
            *at = '.';
    printf("\n%s\n", call);
    print_json(reply);
}

static int succeeded(const char *reply) { return strncmp(reply, "{\"ok\":true,", 11) == 0; }

/* Shows a reply and frees it; ends the program when it is not what was hoped for. */
static void expect(const char *call, char *reply, int success)
{
    int as_hoped = succeeded(reply) == success;
    show(call, reply);
    pat_string_free(reply);
    if (!as_hoped)
        exit(1);
}

int main(void)
{
    printf("libsailpat speaks ABI %u\n", (unsigned)pat_abi_version());
    expect("pat_list({\"ownerId\":\"me\"})", pat_list("{\"ownerId\":\"me\"}"), 1);

    char *created = pat_create("{\"name\":\"from C\",\"accessTokenValiditySeconds\":3600}");
    char id[65] = "";
    const char *found = strstr(created, "\"id\":\"");
    if (found != NULL)
        sscanf(found, "\"id\":\"%64[^\"]", id);
    expect("pat_create({\"name\":\"from C\",\"accessTokenValiditySeconds\":3600})", created, 1);

    char request[256];
    snprintf(request, sizeof request, "{\"id\":\"%s\",\"patch\":[{\"op\":\"replace\",\"path\":\"/name\",\"value\":\"renamed\"}]}", id);
    expect("pat_update: replace /name", pat_update(request), 1);

    snprintf(request, sizeof request, "{\"id\":\"%s\",\"patch\":[{\"op\":\"replace\",\"path\":\"/description\",\"value\":\"x\"}]}", id);
    expect("pat_update: replace /description, which the service refuses", pat_update(request), 0);

    snprintf(request, sizeof request, "{\"id\":\"%s\"}", id);
    expect("pat_delete", pat_delete(request), 1);
    return 0;
}
