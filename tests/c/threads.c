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

static void *lists(void *given)
{
    work *mine = (work *)given;
    for (int call = 0; call < mine->calls; call++) {
        char *reply = pat_client_call(client, "list", "{\"ownerId\":\"me\"}");
        mine->right += is_ok(reply);
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
        mine->right += is_ok(reply);
        pat_string_free(reply);
        free(request);

        char *name = text_of("\"name\":\"thread %d\"", mine->number);
        request = text_of("{\"id\":\"%s\"}", id == NULL ? "" : id);
        reply = pat_client_call(client, "get", request);
        mine->right += is_ok(reply) && contains(reply, name);
        pat_string_free(reply);

        pat_client own = pat_client_new("{\"rateLimit\":null}", NULL);
        reply = pat_client_call(own, "delete", request);
        mine->right += is_ok(reply);
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
    CHECK(alone.right == calls);
    CHECK(requests_of("token") == 1);
    CHECK(requests_of("list") == calls);
}

static void sixteen_threads(void)
{
    promise("threads that share a client do not disturb one another");
    int calls = rounds(20, 3);
    CHECK(together(16, calls, lists) == 16 * calls);
    CHECK(together(8, calls, lives) == 8 * calls * 4);
    contested = client_with("");
    CHECK(together(16, 1, frees) == 1);
}

static void an_expired_bearer(void)
{
    promise("64 threads on an expired bearer sign in once");
    reset_counters();
    order("POST", "settings", "{\"expireBearers\":true}");
    CHECK(together(64, 1, lists) == 64);
    CHECK(requests_of("token") == 1);
}

/* Under the service's own limit of 100 in 10 s: no call is refused, and none waits longer than the limit makes it. */
static void under_the_limit(void)
{
    promise("250 lists from 16 threads keep under the limit without a single 429");
    order("POST", "settings", "{\"rateLimit\":{\"requests\":100,\"perSeconds\":10}}");
    pat_client usual = client;
    char *json = text_of("{\"clientId\":\"%s\",\"timeoutMs\":60000}", setting("SAIL_CLIENT_ID"));
    client = pat_client_new(json, NULL);
    free(json);
    reset_counters();
    double begun = now_ms();
    int right = together(16, 15, lists) + together(10, 1, lists);
    double took = now_ms() - begun;
    CHECK(right == 250);
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
