/* Threads that do everything at once to the same jobs and clients: whoever comes too late is refused, and
 * nothing is undefined. What each thread does is drawn by a fixed rule, so that a run can be repeated. */
#include "control.h"

enum { THREADS = 8, SHARED = 4, MOST_TURNS = 400 };

static pat_client clients[SHARED];
static pat_job jobs[SHARED];
static pthread_mutex_t places = PTHREAD_MUTEX_INITIALIZER;
static int wrong[THREADS];

static unsigned next(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* A number that another thread may free at any moment. */
static uint64_t look(const uint64_t *place)
{
    pthread_mutex_lock(&places);
    uint64_t handle = *place;
    pthread_mutex_unlock(&places);
    return handle;
}

static void put(uint64_t *place, uint64_t handle)
{
    pthread_mutex_lock(&places);
    *place = handle;
    pthread_mutex_unlock(&places);
}

static int may_be(int32_t result) { return result == PAT_OK || result == PAT_E_INVALID_HANDLE; }

/* Takes a reply over; whatever it is, it is an envelope. */
static int is_reply(char *reply)
{
    int is = is_ok(reply) || is_error(reply, "invalid_handle") || is_error(reply, "not_finished") ||
             is_error(reply, "cancelled");
    pat_string_free(reply);
    return is;
}

static int one_turn(unsigned *state)
{
    pat_job *place = &jobs[next(state) % SHARED];
    pat_client *client = &clients[next(state) % SHARED];
    pat_job job = look(place);
    int32_t waited;
    switch (next(state) % 8) {
    case 0:
        put(place, pat_job_start(look(client), "list", "{\"ownerId\":\"me\"}"));
        return 1;
    case 1:
        waited = pat_job_wait(job, next(state) % 3);
        return waited == 0 || waited == 1 || waited == -PAT_E_INVALID_HANDLE;
    case 2:
        return may_be(pat_job_cancel(job));
    case 3:
        return may_be(pat_job_free(job));
    case 4:
        return is_reply(pat_job_progress(job));
    case 5:
        return is_reply(pat_job_take(job));
    case 6:
        return is_reply(pat_client_call(look(client), "settings", "{}"));
    default:
        if (!may_be(pat_client_free(look(client))))
            return 0;
        put(client, pat_client_new("{\"rateLimit\":null}", NULL));
        return 1;
    }
}

static void *everything(void *number)
{
    unsigned state = 12345u + (unsigned)(size_t)number;
    for (int turn = 0; turn < rounds(MOST_TURNS, 40); turn++)
        wrong[(size_t)number] += !one_turn(&state);
    return NULL;
}

int main(void)
{
    promise("handles used, freed and freed again by many threads are refused or safe");
    EXPECT_OK(pat_configure("{\"rateLimit\":null}"));
    for (int number = 0; number < SHARED; number++)
        clients[number] = client_with("");
    pthread_t threads[THREADS];
    for (size_t number = 0; number < THREADS; number++)
        CHECK(pthread_create(&threads[number], NULL, everything, (void *)number) == 0);
    for (size_t number = 0; number < THREADS; number++) {
        pthread_join(threads[number], NULL);
        CHECK(wrong[number] == 0);
    }
    promise("and after that everything works as before");
    pat_client client = client_with("");
    EXPECT_OK(pat_client_call(client, "list", "{\"ownerId\":\"me\"}"));
    CHECK(pat_client_free(client) == PAT_OK);
    return finish();
}
