/* Sides of `cargo xtask bench` that are C: the library, libcurl, a bare socket. All ask for the same list of one token.
 *
 *   sides                     reads lines `SIDE THREADS CALLS` and answers each with `MEDIAN WALL` in nanoseconds
 *   sides first SIDE          the first call of a process, sign-in included, in nanoseconds; for the library also the
 *                             first call of a second credential in the same process
 *
 * BENCH_URL, BENCH_BEARER, SAIL_CLIENT_ID, SAIL_CLIENT_SECRET and, for https, BENCH_CA_FILE say what to ask. The side
 * `found` is given the settings of BENCH_SETTINGS and finds the rest where it runs. */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef HAVE_CURL
#include <curl/curl.h>
#endif

#include "sailpat.h"

#define PATH "/v2024/personal-access-tokens?owner-id=me"

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL)
        fail(name);
    return value;
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* A side: what one caller opens, how it makes one list, how it closes. */
typedef struct {
    const char *name;
    void *(*open)(void);
    void (*list)(void *);
    void (*close)(void *);
} side;

/* ---- the library ---- */

static pat_client client_with(const char *settings)
{
    char *reply = NULL;
    pat_client client = pat_client_new(settings, &reply);
    if (strncmp(reply, "{\"ok\":true", 10) != 0)
        fail(reply);
    pat_string_free(reply);
    return client;
}

static pat_client client_of(const char *id, const char *secret)
{
    char settings[2048];
    const char *ca = getenv("BENCH_CA_FILE");
    snprintf(settings, sizeof settings,
             "{\"baseUrl\":\"%s\",\"clientId\":\"%s\",\"clientSecret\":\"%s\",\"rateLimit\":null,\"environment\":{}%s%s%s}",
             setting("BENCH_URL"), id, secret, ca ? ",\"caFile\":\"" : "", ca ? ca : "", ca ? "\"" : "");
    return client_with(settings);
}

static pat_client shared_client;

static void *pat_open(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    if (shared_client == 0)
        shared_client = client_of(setting("SAIL_CLIENT_ID"), setting("SAIL_CLIENT_SECRET"));
    pthread_mutex_unlock(&lock);
    return &shared_client;
}

static void list_by(pat_client client)
{
    char *reply = pat_client_call(client, "list", "{\"ownerId\":\"me\"}");
    if (strncmp(reply, "{\"ok\":true,", 11) != 0)
        fail(reply);
    pat_string_free(reply);
}

static void pat_list_once(void *opened) { list_by(*(pat_client *)opened); }

static void pat_close(void *opened) { (void)opened; }

static void *found_open(void)
{
    pat_client *mine = malloc(sizeof *mine);
    if (mine == NULL)
        fail("no memory");
    *mine = client_with(setting("BENCH_SETTINGS"));
    return mine;
}

static void found_close(void *opened)
{
    pat_client_free(*(pat_client *)opened);
    free(opened);
}

/* ---- a bare socket: what the machine can do at the very best ---- */

typedef struct {
    int connection;
    char request[2048];
} bare;

static void *socket_open(void)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atoi(strrchr(setting("BENCH_URL"), ':') + 1));
    bare *opened = malloc(sizeof *opened);
    if (opened == NULL)
        fail("no memory");
    opened->connection = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    setsockopt(opened->connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(opened->connection, (struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
    snprintf(opened->request, sizeof opened->request,
             "GET " PATH " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nAuthorization: Bearer %s\r\n\r\n",
             setting("BENCH_BEARER"));
    return opened;
}

static void socket_list(void *opened)
{
    bare *mine = opened;
    char reply[65536];
    size_t length = strlen(mine->request), got = 0;
    if (send(mine->connection, mine->request, length, MSG_NOSIGNAL) != (ssize_t)length)
        fail("send");
    for (;;) {
        ssize_t count = recv(mine->connection, reply + got, sizeof reply - 1 - got, 0);
        if (count <= 0)
            fail("recv");
        got += (size_t)count;
        reply[got] = 0;
        char *body = strstr(reply, "\r\n\r\n"), *size = strcasestr(reply, "\ncontent-length:");
        if (body != NULL && size != NULL && got >= (size_t)(body + 4 - reply) + strtoul(size + 16, NULL, 10))
            break;
    }
    if (strncmp(reply, "HTTP/1.1 200", 12) != 0)
        fail(reply);
}

static void socket_close(void *opened)
{
    close(((bare *)opened)->connection);
    free(opened);
}

/* ---- libcurl: an easy handle that keeps its connection ---- */

#ifdef HAVE_CURL
typedef struct {
    char *bytes;
    size_t length;
} text;

static size_t keep(char *bytes, size_t size, size_t count, void *kept)
{
    text *mine = kept;
    mine->bytes = realloc(mine->bytes, mine->length + size * count + 1);
    if (mine->bytes == NULL)
        return 0;
    memcpy(mine->bytes + mine->length, bytes, size * count);
    mine->length += size * count;
    mine->bytes[mine->length] = 0;
    return size * count;
}

typedef struct {
    CURL *handle;
    struct curl_slist *headers;
    char url[512];
} curl_side;

static void *curl_open(void)
{
    curl_side *mine = calloc(1, sizeof *mine);
    if (mine == NULL || (mine->handle = curl_easy_init()) == NULL)
        fail("curl_easy_init");
    snprintf(mine->url, sizeof mine->url, "%s" PATH, setting("BENCH_URL"));
    if (getenv("BENCH_CA_FILE") != NULL)
        curl_easy_setopt(mine->handle, CURLOPT_CAINFO, getenv("BENCH_CA_FILE"));
    curl_easy_setopt(mine->handle, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(mine->handle, CURLOPT_WRITEFUNCTION, keep);
    return mine;
}

/* One request; the reply's body is to be freed. */
static char *curl_perform(curl_side *mine)
{
    text reply = {NULL, 0};
    long status = 0;
    curl_easy_setopt(mine->handle, CURLOPT_WRITEDATA, &reply);
    if (curl_easy_perform(mine->handle) != CURLE_OK)
        fail("curl_easy_perform");
    curl_easy_getinfo(mine->handle, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        fail(reply.bytes);
    return reply.bytes;
}

static void curl_bearer(curl_side *mine, const char *bearer)
{
    char header[1500];
    snprintf(header, sizeof header, "Authorization: Bearer %s", bearer);
    mine->headers = curl_slist_append(curl_slist_append(NULL, "Accept: application/json"), header);
    curl_easy_setopt(mine->handle, CURLOPT_HTTPHEADER, mine->headers);
    curl_easy_setopt(mine->handle, CURLOPT_URL, mine->url);
    curl_easy_setopt(mine->handle, CURLOPT_HTTPGET, 1L);
}

static void *curl_open_signed_in(void)
{
    curl_side *mine = curl_open();
    curl_bearer(mine, setting("BENCH_BEARER"));
    return mine;
}

static void curl_list(void *opened) { free(curl_perform(opened)); }

static void curl_close(void *opened)
{
    curl_side *mine = opened;
    curl_easy_cleanup(mine->handle);
    curl_slist_free_all(mine->headers);
    free(mine);
}

/* Sign-in and list on one new connection: the two round trips that a first call needs. */
static void curl_first(void)
{
    curl_side *mine = curl_open();
    char url[512], form[512];
    snprintf(url, sizeof url, "%s/oauth/token", setting("BENCH_URL"));
    snprintf(form, sizeof form, "grant_type=client_credentials&client_id=%s&client_secret=%s", setting("SAIL_CLIENT_ID"),
             setting("SAIL_CLIENT_SECRET"));
    curl_easy_setopt(mine->handle, CURLOPT_URL, url);
    curl_easy_setopt(mine->handle, CURLOPT_POSTFIELDS, form);
    char *reply = curl_perform(mine), *bearer = strstr(reply, "\"access_token\":\"");
    if (bearer == NULL)
        fail("no access_token");
    bearer += strlen("\"access_token\":\"");
    bearer[strcspn(bearer, "\"")] = 0;
    curl_bearer(mine, bearer);
    free(reply);
    curl_list(mine);
    curl_close(mine);
}
#endif

static const side sides[] = {
    {"pat", pat_open, pat_list_once, pat_close},
    {"found", found_open, pat_list_once, found_close},
    {"socket", socket_open, socket_list, socket_close},
#ifdef HAVE_CURL
    {"curl", curl_open_signed_in, curl_list, curl_close},
#endif
};

/* ---- measuring ---- */

typedef struct {
    const side *what;
    int calls;
    int64_t *times;
    pthread_barrier_t *start;
} caller;

static void *run_caller(void *given)
{
    caller *mine = given;
    void *opened = mine->what->open();
    mine->what->list(opened); /* the connection is made before the clock runs */
    pthread_barrier_wait(mine->start);
    for (int call = 0; call < mine->calls; call++) {
        int64_t begun = now();
        mine->what->list(opened);
        mine->times[call] = now() - begun;
    }
    mine->what->close(opened);
    return NULL;
}

static int by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void measure(const side *what, int threads, int calls)
{
    pthread_t *running = calloc((size_t)threads, sizeof *running);
    caller *callers = calloc((size_t)threads, sizeof *callers);
    int64_t *times = calloc((size_t)threads * (size_t)calls, sizeof *times);
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
    if (running == NULL || callers == NULL || times == NULL)
        fail("no memory");
    for (int number = 0; number < threads; number++) {
        callers[number] = (caller){what, calls, times + (size_t)number * (size_t)calls, &start};
        pthread_create(&running[number], NULL, run_caller, &callers[number]);
    }
    pthread_barrier_wait(&start);
    int64_t begun = now();
    for (int number = 0; number < threads; number++)
        pthread_join(running[number], NULL);
    int64_t wall = now() - begun;
    size_t count = (size_t)threads * (size_t)calls;
    qsort(times, count, sizeof *times, by_size);
    printf("%lld %lld\n", (long long)times[count / 2], (long long)wall);
    fflush(stdout);
    pthread_barrier_destroy(&start);
    free(times);
    free(callers);
    free(running);
}

static void serve(void)
{
    char name[32];
    int threads, calls;
    while (scanf("%31s %d %d", name, &threads, &calls) == 3) {
        const side *what = NULL;
        for (size_t number = 0; number < sizeof sides / sizeof *sides; number++)
            if (strcmp(name, sides[number].name) == 0)
                what = &sides[number];
        if (what == NULL)
            fail("no such side");
        measure(what, threads, calls);
    }
}

/* The first call of this process; then, with all that is per process in place, the first one of another credential. */
static void first_of_pat(void)
{
    int64_t begun = now();
    pat_client client = client_of(setting("SAIL_CLIENT_ID"), setting("SAIL_CLIENT_SECRET"));
    list_by(client);
    int64_t cold = now() - begun;
    begun = now();
    list_by(client_of(setting("BENCH_SECOND_ID"), setting("BENCH_SECOND_SECRET")));
    printf("%lld %lld\n", (long long)cold, (long long)(now() - begun));
}

static void first(const char *name)
{
    if (strcmp(name, "pat") == 0) {
        first_of_pat();
        return;
    }
#ifdef HAVE_CURL
    int64_t begun = now();
    curl_first();
    int64_t cold = now() - begun;
    begun = now();
    curl_first();
    printf("%lld %lld\n", (long long)cold, (long long)(now() - begun));
#else
    fail("built without libcurl");
#endif
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[1], "first") == 0)
        first(words[2]);
    else
        serve();
    return 0;
}
