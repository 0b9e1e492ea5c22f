/* Clients and jobs are numbers: one that is freed, freed twice, never given out or of the other kind is refused. */
#include "check.h"

static void clients(void)
{
    promise("a client works until it is freed, and is refused after that");
    pat_client client = client_with("");
    EXPECT_OK(pat_client_call(client, "list", "{\"ownerId\":\"me\"}"));
    CHECK(pat_client_free(client) == PAT_OK);
    EXPECT_ERROR(pat_client_call(client, "list", "{}"), "invalid_handle");
    CHECK(pat_client_free(client) == PAT_E_INVALID_HANDLE);
}

static void clients_that_never_were(void)
{
    promise("a client that was never given out is refused");
    EXPECT_ERROR(pat_client_call(UINT64_MAX, "list", "{}"), "invalid_handle");
    EXPECT_ERROR(pat_client_call(12345, "list", "{}"), "invalid_handle");
    CHECK(pat_client_free(UINT64_MAX) == PAT_E_INVALID_HANDLE);
}

static void a_place_used_again(void)
{
    promise("an old handle never reaches the client that took its place");
    pat_client old = client_with("");
    CHECK(pat_client_free(old) == PAT_OK);
    pat_client next = client_with("");
    CHECK(next != old);
    EXPECT_ERROR(pat_client_call(old, "list", "{}"), "invalid_handle");
    EXPECT_OK(pat_client_call(next, "list", "{\"ownerId\":\"me\"}"));
    CHECK(pat_client_free(next) == PAT_OK);
}

/* Everything that takes a client says why this one could not be made, and none of it reaches a tenant. */
static void expect_refused(pat_client client, const char *code, const char *words)
{
    CHECK(client != 0);
    EXPECT_ERROR_WITH(pat_client_call(client, "list", "{\"ownerId\":\"me\"}"), code, words);
    pat_job job = pat_job_start(client, "list", "{\"ownerId\":\"me\"}");
    CHECK(job != 0);
    CHECK(pat_job_wait(job, 30000) == 1);
    EXPECT_ERROR_WITH(pat_job_take(job), code, words);
    CHECK(pat_job_free(job) == PAT_OK);
    job = 7;
    EXPECT_ERROR_WITH(pat_job_run(client, "list", "{\"ownerId\":\"me\"}", 50, &job), code, words);
    CHECK(job == 0);
    CHECK(pat_client_free(client) == PAT_OK);
    EXPECT_ERROR(pat_client_call(client, "list", "{}"), "invalid_handle");
    CHECK(pat_client_free(client) == PAT_E_INVALID_HANDLE);
}

static void new_clients(void)
{
    promise("wrong settings give a client that refuses every call and says which one is wrong, never the default one");
    char *reply = NULL;
    pat_client wrong = pat_client_new("{\"timeoutMs\":\"soon\"}", &reply);
    EXPECT_ERROR_WITH(reply, "settings_invalid", "timeoutMs");
    expect_refused(wrong, "settings_invalid", "this client could not be made: timeoutMs");
    reply = NULL;
    wrong = pat_client_new(NULL, &reply);
    EXPECT_ERROR(reply, "null_argument");
    expect_refused(wrong, "null_argument", "json");
    expect_refused(pat_client_new("{", NULL), "invalid_json", "this client could not be made");
    expect_refused(pat_client_new("{\"clientId\":\"\xff\"}", NULL), "invalid_utf8", "this client could not be made");
    pat_client silent = pat_client_new("{}", NULL);
    CHECK(silent != 0);
    CHECK(pat_client_free(silent) == PAT_OK);
}

static void the_default_client(void)
{
    promise("0 stands for the default client, which cannot be freed");
    EXPECT_OK(pat_client_call(0, "list", "{\"ownerId\":\"me\"}"));
    CHECK(pat_client_free(0) == PAT_E_INVALID_HANDLE);
    EXPECT_OK(pat_client_call(0, "list", "{\"ownerId\":\"me\"}"));
}

static void operations(void)
{
    promise("an operation that is not there is named in the error");
    pat_client client = client_with("");
    EXPECT_ERROR_WITH(pat_client_call(client, "destroy", "{}"), "unknown_operation", "destroy");
    EXPECT_ERROR(pat_client_call(client, NULL, "{}"), "null_argument");
    EXPECT_ERROR(pat_client_call(client, "list", NULL), "null_argument");
    EXPECT_ERROR(pat_client_call(client, "\xff", "{}"), "invalid_utf8");
    CHECK(pat_client_free(client) == PAT_OK);
}

static void jobs(void)
{
    promise("a job that is freed is refused, and so is one that never was");
    pat_client client = client_with("");
    pat_job job = pat_job_start(client, "list", "{\"ownerId\":\"me\"}");
    CHECK(job != 0);
    CHECK(pat_job_wait(job, 30000) == 1);
    EXPECT_OK(pat_job_take(job));
    CHECK(pat_job_free(job) == PAT_OK);
    CHECK(pat_job_free(job) == PAT_E_INVALID_HANDLE);
    CHECK(pat_job_wait(job, 0) == -PAT_E_INVALID_HANDLE);
    CHECK(pat_job_cancel(job) == PAT_E_INVALID_HANDLE);
    EXPECT_ERROR(pat_job_take(job), "invalid_handle");
    EXPECT_ERROR(pat_job_progress(job), "invalid_handle");
    CHECK(pat_job_free(0) == PAT_E_INVALID_HANDLE);
    CHECK(pat_job_wait(0, 0) == -PAT_E_INVALID_HANDLE);
    CHECK(pat_client_free(client) == PAT_OK);
}

static void a_client_freed_under_its_job(void)
{
    promise("a job outlives the client that it was started with");
    pat_client client = client_with("");
    pat_job job = pat_job_start(client, "list", "{\"ownerId\":\"me\"}");
    CHECK(pat_client_free(client) == PAT_OK);
    CHECK(pat_job_wait(job, 30000) == 1);
    EXPECT_OK(pat_job_take(job));
    CHECK(pat_job_free(job) == PAT_OK);
}

int main(void)
{
    clients();
    clients_that_never_were();
    a_place_used_again();
    new_clients();
    the_default_client();
    operations();
    jobs();
    a_client_freed_under_its_job();
    return finish();
}
