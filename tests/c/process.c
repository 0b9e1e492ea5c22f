/* The library as a guest in a process: nothing at load, nothing printed, fork, exit in the middle of a job. */
#include "control.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char *self;

static int entries_of(const char *folder)
{
    DIR *open = opendir(folder);
    if (open == NULL)
        return -1;
    int count = 0;
    while (readdir(open) != NULL)
        count++;
    closedir(open);
    return count;
}

static void at_load(void)
{
    promise("loading the library starts no thread");
    int threads = entries_of("/proc/self/task");
    if (threads >= 0)
        CHECK(threads == 3); /* this one thread, and the entries . and .. */
}

/* Waits for a child that is expected to end by itself; gives back its exit status, or -1. */
static int status_of(pid_t child)
{
    int status = 0;
    for (double end = now_ms() + 20000; now_ms() < end; sleep_ms(10))
        if (waitpid(child, &status, WNOHANG) == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -1;
}

/* Whether a reply says `forked`; takes it over. */
static int says_forked(char *reply)
{
    int says = is_error(reply, "forked");
    pat_string_free(reply);
    return says;
}

/* What a forked child sees; the parent's threads and locks do not exist there. */
static int child_sees_only_forked(pat_client client, pat_job job)
{
    pat_job other = 0;
    int right = says_forked(pat_list("{}"));
    right = says_forked(pat_client_call(client, "list", "{}")) && right;
    right = says_forked(pat_job_take(job)) && right;
    right = says_forked(pat_job_progress(job)) && right;
    right = says_forked(pat_log_take()) && right;
    right = pat_job_start(client, "list", "{}") == 0 && right;
    right = says_forked(pat_job_run(client, "list", "{}", 0, &other)) && right;
    right = pat_job_wait(job, 0) == -PAT_E_FORKED && pat_job_cancel(job) == PAT_E_FORKED && right;
    right = pat_job_free(job) == PAT_E_FORKED && pat_client_free(client) == PAT_E_FORKED && right;
    return right && pat_abi_version() == PAT_ABI_VERSION;
}

static void after_fork(void)
{
    promise("a forked child is told so by every call, and the parent does not notice");
    pat_client client = client_with("");
    pat_job job = pat_job_start(client, "list", "{\"ownerId\":\"me\"}");
    CHECK(pat_job_wait(job, 30000) == 1);
    /* Not the exit status: valgrind gives a child its own, for what the vanished threads held counts as lost there. */
    int answer[2];
    CHECK(pipe(answer) == 0);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        char right = (char)child_sees_only_forked(client, job);
        _exit(write(answer[1], &right, 1) == 1 ? 0 : 1);
    }
    close(answer[1]);
    char right = 0;
    CHECK(status_of(child) >= 0);
    CHECK(read(answer[0], &right, 1) == 1 && right == 1);
    close(answer[0]);
    EXPECT_OK(pat_job_take(job));
    EXPECT_OK(pat_client_call(client, "list", "{\"ownerId\":\"me\"}"));
    CHECK(pat_job_free(job) == PAT_OK);
    CHECK(pat_client_free(client) == PAT_OK);
}

/* The part of the second program: leaves main while its job hangs. */
static int leave_during_a_job(void)
{
    pat_job job = pat_job_start(client_with(""), "list", "{\"ownerId\":\"me\"}");
    return pat_job_wait(job, 200) == 0 ? 43 : 1;
}

static void exit_during_a_job(void)
{
    promise("a program may end while a job runs");
    fault("list", "{\"hang\":true}");
    pid_t child = fork();
    if (child == 0) {
        execl(self, self, "leave-during-a-job", (char *)NULL);
        _exit(1);
    }
    CHECK(status_of(child) == 43);
    no_more_faults();
}

static long size_of(int file)
{
    struct stat facts;
    return fstat(file, &facts) == 0 ? (long)facts.st_size : -1;
}

/* Whatever stands on stderr was not written by this program. */
static void nothing_printed(FILE *errors)
{
    promise("the library prints nothing");
    fault("list", "{\"html\":true}");
    EXPECT_ERROR(pat_list("{\"ownerId\":\"me\"}"), "reply_invalid");
    EXPECT_ERROR(pat_list("no"), "invalid_json");
    no_more_faults();
    CHECK(size_of(fileno(errors)) == 0);
}

int main(int count, char **arguments)
{
    self = arguments[0];
    if (count > 1 && strcmp(arguments[1], "leave-during-a-job") == 0)
        return leave_during_a_job();
    at_load();
    FILE *errors = tmpfile();
    if (errors == NULL || dup2(fileno(errors), STDERR_FILENO) < 0)
        return 1;
    after_fork();
    exit_during_a_job();
    nothing_printed(errors);
    fclose(errors);
    return finish();
}
