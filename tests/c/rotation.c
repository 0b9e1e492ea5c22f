/* Rotation from C: the pair with the caller, in a file, in the environment; resumed, undone, refused. */
#include "control.h"

#ifdef _WIN32
#define set_variable(name, value) _putenv_s((name), (value))
#else
#include <signal.h>
#include <sys/wait.h>
#define set_variable(name, value) setenv((name), (value), 1)
#endif

static char state[1024];

/* A folder of this process's own, below the one for temporary files; JSON needs no escapes in it. */
static void make_folder(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(state, sizeof state, "%s/sailpat-rotation-%ld-%.0f", base == NULL ? "/tmp" : base, (long)getpid(), now_ms());
}

static char *call(pat_client client, const char *operation, const char *format, const char *value)
{
    const char *place = strstr(format, "%s");
    char *request = place == NULL ? text_of("%s", format)
                                  : text_of("%.*s%s%s", (int)(place - format), format, value, place + 2);
    char *reply = pat_client_call(client, operation, request);
    free(request);
    return reply;
}

static long tokens(void)
{
    char *list = control("GET", "tokens", "");
    long count = 0;
    for (const char *at = list; (at = strstr(at, "\"created\"")) != NULL; at++)
        count++;
    free(list);
    return count;
}

static void the_caller_stores(pat_client client)
{
    promise("a caller takes the pair once, stores it and confirms it");
    char *reply = call(client, "rotate", "{\"storeIn\":{\"caller\":true}}", "");
    CHECK(is_ok(reply));
    CHECK_TEXT(reply, "\"state\":\"awaiting_confirmation\"");
    CHECK(tokens() == 2);
    char *rotation = string_field(reply, "rotation");
    char *id = string_field(reply, "clientId");
    char *secret = string_field(reply, "clientSecret");
    pat_string_free(reply);

    promise("what is not confirmed is not finished, and the pair shows once");
    EXPECT_ERROR_WITH(call(client, "rotation_resume", "{\"rotation\":\"%s\"}", rotation), "invalid_request", "confirm");
    reply = heard(call(client, "rotation_list", "{}", ""));
    CHECK_NO_TEXT(reply, "clientSecret");
    pat_string_free(reply);

    promise("the confirmed pair takes the old one's place");
    char *confirm = text_of("{\"rotation\":\"%s\",\"confirm\":{\"clientId\":\"%s\",\"clientSecret\":\"%s\"}}", rotation, id, secret);
    reply = heard(pat_client_call(client, "rotation_resume", confirm));
    CHECK_TEXT(reply, "\"state\":\"done\"");
    CHECK(tokens() == 1);
    check_unheard(secret);
    set_variable("SAIL_CLIENT_ID", id);
    set_variable("SAIL_CLIENT_SECRET", secret);
    pat_string_free(reply);
    free(confirm);
    free(rotation);
    free(id);
    free(secret);
}

static void a_job_hands_over(pat_client client)
{
    promise("a job gives the secret of its pair once, beside its reply");
    pat_job job = pat_job_start(client, "rotate", "{\"storeIn\":{\"caller\":true}}");
    CHECK(pat_job_secret(job) == NULL);
    CHECK(pat_job_wait(job, 30000) == 1);
    char *secret = pat_job_secret(job);
    CHECK(secret != NULL && pat_string_len(secret) == 64);
    CHECK(pat_job_secret(job) == NULL);
    char *progress = heard(pat_job_progress(job));
    char *reply = heard(pat_job_take(job));
    CHECK(is_ok(reply));
    CHECK_NO_TEXT(reply, "clientSecret");
    CHECK_NO_TEXT(reply, secret);
    char *rotation = string_field(reply, "rotation");
    CHECK_TEXT(progress, rotation);
    pat_string_free(progress);
    pat_string_free(reply);
    pat_string_free(secret);
    CHECK(pat_job_free(job) == PAT_OK);
    CHECK(pat_job_secret(job) == NULL);
    reply = heard(call(client, "rotation_undo", "{\"rotation\":\"%s\"}", rotation));
    CHECK_TEXT(reply, "\"state\":\"undone\"");
    pat_string_free(reply);
    free(rotation);
    CHECK(tokens() == 1);
}

static void a_cancelled_job(pat_client client)
{
    promise("a job that is cancelled names the rotation that it began, and nothing of it is in the way");
    free(control("POST", "settings", "{\"lateSpreadSeconds\":30}"));
    pat_job job = pat_job_start(client, "rotate", "{\"storeIn\":{\"caller\":true}}");
    for (double end = now_ms() + 10000; tokens() < 2 && now_ms() < end;)
        CHECK(pat_job_wait(job, 5) == 0);
    CHECK(pat_job_cancel(job) == PAT_OK);
    CHECK(pat_job_wait(job, 10000) == 1);
    char *reply = heard(pat_job_take(job));
    CHECK(is_error(reply, "cancelled"));
    char *rotation = string_field(reply, "rotation");
    pat_string_free(reply);
    CHECK(pat_job_free(job) == PAT_OK);
    free(control("POST", "settings", "{\"lateSpreadSeconds\":0}"));
    reply = heard(call(client, "rotation_undo", "{\"rotation\":\"%s\"}", rotation));
    CHECK_TEXT(reply, "\"state\":\"undone\"");
    pat_string_free(reply);
    free(rotation);
    CHECK(tokens() == 1);
}

static void planned(void)
{
    promise("a plan says which token and which store, and refuses what a rotation would");
    reset_counters();
    char *reply = heard(pat_rotation_plan("{\"storeIn\":{\"caller\":true}}"));
    CHECK_TEXT(reply, "\"storedIn\":\"");
    CHECK_TEXT(reply, setting("SAIL_CLIENT_ID"));
    pat_string_free(reply);
    EXPECT_ERROR_WITH(pat_rotation_plan("{}"), "invalid_request", "storeIn");
    CHECK(requests_of("token") == 0);
}

static void the_environment(void)
{
    promise("a pair in the environment is replaced there, and the next call uses it");
    char *settings = text_of("{\"rateLimit\":null,\"stateFolder\":\"%s\"}", state);
    char *reply = pat_configure(settings);
    EXPECT_OK(reply);
    free(settings);
    char *before = text_of("%s", setting("SAIL_CLIENT_ID"));
    reply = heard(pat_rotate("{\"storeIn\":{\"environment\":true}}"));
    CHECK_TEXT(reply, "\"state\":\"done\"");
    CHECK(strcmp(before, setting("SAIL_CLIENT_ID")) != 0);
    CHECK_TEXT(reply, setting("SAIL_CLIENT_ID"));
    pat_string_free(reply);
    free(before);
    EXPECT_OK(pat_list("{\"ownerId\":\"me\"}"));
    CHECK(tokens() == 1);
}

#ifndef _WIN32
/* Hands a pair over and takes the rotation back, with whatever there is in between. */
static void handed_and_undone(void (*between)(void *), void *with)
{
    char *reply = heard(pat_rotate("{\"storeIn\":{\"caller\":true}}"));
    CHECK_TEXT(reply, "\"state\":\"awaiting_confirmation\"");
    char *rotation = string_field(reply, "rotation");
    char *request = text_of("{\"rotation\":\"%s\"}", rotation);
    pat_string_free(reply);
    if (between != NULL)
        between(with);
    reply = heard(pat_rotation_undo(request));
    CHECK_TEXT(reply, "\"state\":\"undone\"");
    pat_string_free(reply);
    free(request);
    free(rotation);
}

struct forked {
    pid_t child;
    int ends[2];
};

/* A child that lives, with all that was open, until the other end is closed. It ends without looking back: what its
   parent's threads hold is no leak of its own. */
static void fork_off(void *with)
{
    struct forked *forked = (struct forked *)with;
    CHECK(pipe(forked->ends) == 0);
    forked->child = fork();
    if (forked->child == 0) {
        char end;
        close(forked->ends[1]);
        ssize_t got = read(forked->ends[0], &end, 1);
        if (got == 0)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    close(forked->ends[0]);
}

static void forked_children(void)
{
    promise("a child that the host forked does not keep a token locked");
    struct forked forked = {0, {0, 0}};
    handed_and_undone(fork_off, &forked);
    handed_and_undone(NULL, NULL);
    int status = 1;
    CHECK(waitpid(forked.child, &status, WNOHANG) == 0);
    close(forked.ends[1]);
    CHECK(waitpid(forked.child, &status, 0) == forked.child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
#endif

static void undone(void)
{
    promise("in the overlap a rotation is undone: the old pair is back, the new token gone");
    char *before = text_of("%s", setting("SAIL_CLIENT_ID"));
    char *request = text_of("{\"storeIn\":{\"file\":\"%s/pair.env\"},\"overlapSeconds\":600}", state);
    char *reply = heard(pat_rotate(request));
    CHECK_TEXT(reply, "\"state\":\"overlapping\"");
    CHECK_TEXT(reply, "\"next\":\"resume it after ");
    char *rotation = string_field(reply, "rotation");
    pat_string_free(reply);
    free(request);
    request = text_of("{\"rotation\":\"%s\"}", rotation);
    reply = heard(pat_rotation_undo(request));
    CHECK_TEXT(reply, "\"state\":\"undone\"");
    CHECK_TEXT(reply, before);
    pat_string_free(reply);
    CHECK(tokens() == 1);
    EXPECT_OK(pat_list("{\"ownerId\":\"me\"}"));
    reply = heard(pat_rotation_resume(request));
    CHECK_TEXT(reply, "\"state\":\"undone\"");
    pat_string_free(reply);
    free(request);
    free(rotation);
    free(before);
}

static void refused(void)
{
    promise("what cannot be rotated is refused before anything is made");
    reset_counters();
    EXPECT_ERROR_WITH(pat_rotate("{\"id\":\"0123\",\"storeIn\":{\"caller\":true}}"), "rotation_refused", "none of one's own");
    EXPECT_ERROR_WITH(pat_rotate("{}"), "invalid_request", "storeIn");
    EXPECT_ERROR_WITH(pat_rotate("{\"storeIn\":{}}"), "invalid_request", "name one store in it, or leave it out");
    EXPECT_ERROR_WITH(pat_rotate("{\"storeIn\":{\"file\":\"/nonexistent/x.json\"}}"), "store_failed", "nothing was changed");
    EXPECT_ERROR(pat_rotation_resume("{\"rotation\":\"20200101-000000-00000000\"}"), "rotation_unknown");
    EXPECT_ERROR_WITH(pat_rotation_undo("{\"rotation\":\"../x\"}"), "invalid_request", "rotation");
    CHECK(requests_of("create") == 0);
    char *reply = heard(pat_rotation_list("{\"unfinished\":true}"));
    CHECK_TEXT(reply, "\"data\":[]");
    pat_string_free(reply);
}

int main(void)
{
    make_folder();
    char *more = text_of(",\"stateFolder\":\"%s\"", state);
    pat_client client = client_with(more);
    a_job_hands_over(client);
    a_cancelled_job(client);
    the_caller_stores(client);
    CHECK(pat_client_free(client) == PAT_OK);
    free(more);
    the_environment();
    planned();
    undone();
#ifndef _WIN32
    forked_children();
#endif
    refused();
    return finish();
}
