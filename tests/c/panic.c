/* Run against a library with one more operation, `panic`: the host survives it, hears of it in the reply, and nothing
 * is printed. Not one of the ordinary callers: `cargo xtask test` builds that library for it. */
#include "control.h"

#include <sys/stat.h>

static void a_panic_is_a_reply(pat_client client)
{
    promise("a panic inside an operation comes back as an envelope");
    EXPECT_ERROR_WITH(pat_client_call(client, "panic", "{}"), "internal", "\"number\":1,");
    pat_job job = pat_job_start(client, "panic", "{}");
    CHECK(pat_job_wait(job, 30000) == 1);
    EXPECT_ERROR(pat_job_take(job), "internal");
    CHECK(pat_job_free(job) == PAT_OK);
}

static void life_goes_on(pat_client client)
{
    promise("the library works on after a panic");
    for (int call = 0; call < 20; call++)
        EXPECT_ERROR(pat_client_call(client, "panic", "{}"), "internal");
    EXPECT_OK(pat_client_call(client, "list", "{\"ownerId\":\"me\"}"));
    CHECK(pat_client_free(client) == PAT_OK);
}

int main(void)
{
    FILE *errors = tmpfile();
    if (errors == NULL || dup2(fileno(errors), STDERR_FILENO) < 0)
        return 1;
    pat_client client = client_with("");
    a_panic_is_a_reply(client);
    life_goes_on(client);

    promise("a panic is not printed");
    struct stat facts;
    CHECK(fstat(fileno(errors), &facts) == 0 && facts.st_size == 0);
    fclose(errors);
    return finish();
}
