/* Jobs: what a caller that must stay responsive can see and do. */
#include "control.h"

static pat_client client;

static void a_job_from_start_to_end(void)
{
    promise("a job's reply is taken once");
    pat_job job = pat_job_start(client, "list", "{\"ownerId\":\"me\"}");
    CHECK(pat_job_wait(job, 30000) == 1);
    CHECK(pat_job_wait(job, 0) == 1);
    EXPECT_OK(pat_job_take(job));
    char *again = heard(pat_job_take(job));
    CHECK(!is_ok(again));
    pat_string_free(again);
    CHECK(pat_job_free(job) == PAT_OK);
}

static void what_was_wrong_is_in_the_reply(void)
{
    promise("a job always starts, and its reply says what was wrong");
    pat_job job = pat_job_start(client, "destroy", "{}");
    CHECK(job != 0);
    CHECK(pat_job_wait(job, 30000) == 1);
    EXPECT_ERROR(pat_job_take(job), "unknown_operation");
    CHECK(pat_job_free(job) == PAT_OK);

    job = pat_job_start(client, NULL, NULL);
    CHECK(pat_job_wait(job, 30000) == 1);
    EXPECT_ERROR(pat_job_take(job), "null_argument");
    CHECK(pat_job_free(job) == PAT_OK);

    job = pat_job_start(UINT64_MAX, "list", "{}");
    CHECK(pat_job_wait(job, 30000) == 1);
    EXPECT_ERROR(pat_job_take(job), "invalid_handle");
    CHECK(pat_job_free(job) == PAT_OK);
}

static void the_default_client(void)
{
    promise("0 stands for the default client");
    pat_job job = pat_job_start(0, "list", "{\"ownerId\":\"me\"}");
    CHECK(pat_job_wait(job, 30000) == 1);
    EXPECT_OK(pat_job_take(job));
    CHECK(pat_job_free(job) == PAT_OK);
}

/* A list that the emulator has received and will never answer. */
static pat_job hanging_list(void)
{
    reset_counters();
    fault("list", "{\"hang\":true}");
    pat_job job = pat_job_start(client, "list", "{\"ownerId\":\"me\"}");
    CHECK(counter_reaches("requests", "list", 1));
    return job;
}

static void a_running_job(void)
{
    promise("a running job can be watched, and its reply cannot be taken yet");
    pat_job job = hanging_list();
    double begun = now_ms();
    CHECK(pat_job_wait(job, 100) == 0);
    CHECK(now_ms() - begun >= 95);
    char *reply = heard(pat_job_progress(job));
    CHECK(is_ok(reply));
    CHECK_TEXT(reply, "\"state\":\"running\"");
    CHECK_TEXT(reply, "\"attempt\":1");
    CHECK_TEXT(reply, "\"phase\":\"");
    pat_string_free(reply);
    EXPECT_ERROR(pat_job_take(job), "not_finished");

    promise("cancelling really stops the request: the connection closes");
    begun = now_ms();
    CHECK(pat_job_cancel(job) == PAT_OK);
    CHECK(pat_job_wait(job, 5000) == 1);
    CHECK(now_ms() - begun < rounds(500, 5000));
    CHECK(counter_reaches(NULL, "droppedByClient", 1));
    reply = heard(pat_job_progress(job));
    CHECK_TEXT(reply, "\"state\":\"cancelled\"");
    pat_string_free(reply);
    EXPECT_ERROR_WITH(pat_job_take(job), "cancelled", "\"retryable\":");
    CHECK(pat_job_free(job) == PAT_OK);
}

static void a_cancelled_create(void)
{
    promise("a create that is cancelled after it was sent names the token that it made");
    reset_counters();
    fault("create", "{\"hangAfterCommit\":true}");
    pat_job job = pat_job_start(client, "create", "{\"name\":\"cancelled in C\"}");
    int made = 0;
    for (double end = now_ms() + 5000; !made && now_ms() < end;) {
        char *tokens = control("GET", "tokens", "");
        made = strstr(tokens, "cancelled in C") != NULL;
        free(tokens);
    }
    CHECK(made);
    double begun = now_ms();
    CHECK(pat_job_cancel(job) == PAT_OK);
    CHECK(pat_job_wait(job, 30000) == 1);
    CHECK(now_ms() - begun < rounds(3500, 10000));
    char *reply = heard(pat_job_take(job));
    CHECK(is_error(reply, "cancelled"));
    CHECK_TEXT(reply, "\"orphan\":{\"id\":\"");
    CHECK_TEXT(reply, "its secret is lost");
    pat_string_free(reply);
    CHECK(pat_job_free(job) == PAT_OK);
    CHECK(requests_of("create") == 1);
    CHECK(requests_of("delete") == 0);
}

static void freeing_a_running_job(void)
{
    promise("freeing a running job cancels it");
    pat_job job = hanging_list();
    double begun = now_ms();
    CHECK(pat_job_free(job) == PAT_OK);
    CHECK(now_ms() - begun < rounds(500, 5000));
    CHECK(counter_reaches(NULL, "droppedByClient", 1));
}

static void a_finished_job_and_cancel(void)
{
    promise("cancelling a finished job changes nothing");
    pat_job job = pat_job_start(client, "list", "{\"ownerId\":\"me\"}");
    CHECK(pat_job_wait(job, 30000) == 1);
    CHECK(pat_job_cancel(job) == PAT_OK);
    EXPECT_OK(pat_job_take(job));
    CHECK(pat_job_free(job) == PAT_OK);
}

static void quick_on_the_calling_thread(void)
{
    promise("pat_job_run gives a quick reply at once and needs no job");
    pat_job job = 12345;
    EXPECT_OK(pat_job_run(client, "list", "{\"ownerId\":\"me\"}", 30000, &job));
    CHECK(job == 0);
    job = 12345;
    EXPECT_ERROR(pat_job_run(client, "destroy", "{}", 30000, &job), "unknown_operation");
    CHECK(job == 0);
    EXPECT_ERROR(pat_job_run(UINT64_MAX, "list", "{}", 30000, &job), "invalid_handle");
    CHECK(job == 0);
    EXPECT_ERROR(pat_job_run(client, "list", NULL, 30000, &job), "null_argument");
    EXPECT_ERROR(pat_job_run(client, "list", "{}", 30000, NULL), "null_argument");
}

static void slow_as_a_job(void)
{
    promise("what takes pat_job_run longer goes on as a job, sent once");
    reset_counters();
    fault("list", "{\"delayMs\":500}");
    pat_job job = 0;
    double begun = now_ms();
    CHECK(pat_job_run(client, "list", "{\"ownerId\":\"me\"}", 50, &job) == NULL);
    CHECK(now_ms() - begun < rounds(400, 5000));
    CHECK(job != 0);
    CHECK(pat_job_wait(job, 30000) == 1);
    EXPECT_OK(pat_job_take(job));
    CHECK(pat_job_free(job) == PAT_OK);
    CHECK(requests_of("list") == 1);

    promise("such a job is cancelled like any other");
    reset_counters();
    fault("list", "{\"hang\":true}");
    CHECK(pat_job_run(client, "list", "{\"ownerId\":\"me\"}", 50, &job) == NULL);
    CHECK(counter_reaches("requests", "list", 1));
    CHECK(pat_job_cancel(job) == PAT_OK);
    CHECK(pat_job_wait(job, 5000) == 1);
    CHECK(counter_reaches(NULL, "droppedByClient", 1));
    EXPECT_ERROR(pat_job_take(job), "cancelled");
    CHECK(pat_job_free(job) == PAT_OK);
}

static void many_jobs(void)
{
    promise("many jobs run at once, and each gives its own reply");
    enum { MANY = 50 };
    pat_job jobs[MANY];
    for (int number = 0; number < MANY; number++)
        jobs[number] = pat_job_start(client, number % 2 ? "list" : "destroy", "{\"ownerId\":\"me\"}");
    int right = 0;
    for (int number = 0; number < MANY; number++) {
        int finished = pat_job_wait(jobs[number], 60000) == 1;
        char *reply = heard(pat_job_take(jobs[number]));
        right += finished && (number % 2 ? is_ok(reply) : is_error(reply, "unknown_operation"));
        pat_string_free(reply);
        pat_job_free(jobs[number]);
    }
    CHECK(right == MANY);
}

int main(void)
{
    client = client_with("");
    EXPECT_OK(pat_configure("{\"rateLimit\":null}"));
    a_job_from_start_to_end();
    what_was_wrong_is_in_the_reply();
    the_default_client();
    a_running_job();
    a_cancelled_create();
    freeing_a_running_job();
    a_finished_job_and_cancel();
    quick_on_the_calling_thread();
    slow_as_a_job();
    many_jobs();
    no_more_faults();
    CHECK(pat_client_free(client) == PAT_OK);
    return finish();
}
