/* Many calls and many threads: what they share, what they do not. */
#include "control.h"

enum { MOST = 64 };

static pat_client client;

typedef struct {
    int number;
    int calls;
    int right;
} work;

/* Runs `body` in `count` threads and adds up how many calls were right. */
static int together(int count, int calls, void *(*body)(void *))
{
    pthread_t threads[MOST];
    work works[MOST];
    for (int number = 0; number < count; number++) {
        works[number].number = number;
        works[number].calls = calls;
        works[number].right = 0;
        if (pthread_create(&threads[number], NULL, body, &works[number]) != 0)
            abort();
    }
    int right = 0;
    for (int number = 0; number < count; number++) {
        pthread_join(threads[number], NULL);
        right += works[number].right;
    }
    return right;
}

/* The first reply that was not right, for the reader of a failure. */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static char first_wrong[1000];

static int is_right(const char *reply)
{
    if (is_ok(reply))
        return 1;
    pthread_mutex_lock(&guard);
    if (first_wrong[0] == '\0')
        snprintf(first_wrong, sizeof first_wrong, "%s", reply == NULL ? "NULL" : reply);
    pthread_mutex_unlock(&guard);
    return 0;
}

static void all_right(int right, int expected, int line)
{
    check_that(right == expected, "every call is right", line, first_wrong);
    first_wrong[0] = '\0';
}

static void *lists(void *given)
{
    work *mine = (work *)given;
    for (int call = 0; call < mine->calls; call++) {
        char *reply = pat_client_call(client, "list", "{\"ownerId\":\"me\"}");
        mine->right += is_right(reply);
        pat_string_free(reply);
    }
    return NULL;
}

/* One token of its own from its making to its end, with other calls between. */
static void *lives(void *given)
{
    work *mine = (work *)given;
    for (int call = 0; call < mine->calls; call++) {
        char *request = text_of("{\"name\":\"thread %d\"}", mine->number);
        char *reply = pat_client_call(client, "create", request);
        char *id = string_field(reply, "id");
        mine->right += is_right(reply);
        pat_string_free(reply);
        free(request);

        char *name = text_of("\"name\":\"thread %d\"", mine->number);
        request = text_of("{\"id\":\"%s\"}", id == NULL ? "" : id);
        reply = pat_client_call(client, "get", request);
        mine->right += is_right(reply) && contains(reply, name);
        pat_string_free(reply);

        pat_client own = pat_client_new("{\"rateLimit\":null}", NULL);
        reply = pat_client_call(own, "delete", request);
        mine->right += is_right(reply);
        pat_string_free(reply);
        mine->right += pat_client_free(own) == PAT_OK;
        free(request);
        free(name);
        free(id);
    }
    return NULL;
}

/* A handle that several threads free: exactly one of them succeeds. */
static pat_client contested;

static void *frees(void *given)
{
    work *mine = (work *)given;
    mine->right = pat_client_free(contested) == PAT_OK;
    return NULL;
}

static void a_thousand_warm_lists(void)
{
    int calls = rounds(1000, 100);
    promise("many lists cost one sign-in and one request each");
    reset_counters();
    work alone = {0, calls, 0};
    lists(&alone);
    all_right(alone.right, calls, __LINE__);
    CHECK(requests_of("token") == 1);
    CHECK(requests_of("list") == calls);
}

static void sixteen_threads(void)
{
    promise("threads that share a client do not disturb one another");
    int calls = rounds(20, 3);
    all_right(together(16, calls, lists), 16 * calls, __LINE__);
    all_right(together(8, calls, lives), 8 * calls * 4, __LINE__);
    contested = client_with("");
    CHECK(together(16, 1, frees) == 1);
}

static void an_expired_bearer(void)
{
    promise("64 threads on an expired bearer sign in once");
    reset_counters();
    order("POST", "settings", "{\"expireBearers\":true}");
    all_right(together(64, 1, lists), 64, __LINE__);
    CHECK(requests_of("token") == 1);
}

/* Under the service's own limit of 100 in 10 s: no call is refused, and none waits longer than the limit makes it. */
static void under_the_limit(void)
{
    promise("250 lists from 16 threads keep under the limit without a single 429");
    order("POST", "settings", "{\"rateLimit\":{\"requests\":100,\"perSeconds\":10}}");
    pat_client usual = client;
    client = pat_client_new("{\"timeoutMs\":60000}", NULL);
    reset_counters();
    double begun = now_ms();
    int right = together(16, 15, lists) + together(10, 1, lists);
    double took = now_ms() - begun;
    all_right(right, 250, __LINE__);
    CHECK(counter(NULL, "rateLimited") == 0);
    CHECK(took >= 9000 && took < 31000);
    CHECK(pat_client_free(client) == PAT_OK);
    client = usual;
    order("POST", "settings", "{\"rateLimit\":null}");
}

int main(void)
{
    EXPECT_OK(pat_configure("{\"rateLimit\":null}"));
    client = client_with("");
    a_thousand_warm_lists();
    sixteen_threads();
    an_expired_bearer();
    if (rounds(1, 0))
        under_the_limit();
    CHECK(pat_client_free(client) == PAT_OK);
    return finish();
}
