/* The end of a process: a call from an atexit handler, a job that runs on, a thread that is in the middle of a
 * call. Each is a program of its own, started anew. */
#include "control.h"

#include <signal.h>
#include <sys/wait.h>

static const char *self;

/* Runs this program again in another part; gives back its exit status, or -1 when it hung or crashed. */
static int status_of(const char *part)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        execl(self, self, part, (char *)NULL);
        _exit(99);
    }
    for (double end = now_ms() + 30000; now_ms() < end; sleep_ms(10))
        if (waitpid(child, &status, WNOHANG) == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -1;
}

/* ---- the parts ---- */

static void call_at_exit(void)
{
    char *reply = pat_list("{\"ownerId\":\"me\"}");
    pat_job job = pat_job_start(0, "list", "{\"ownerId\":\"me\"}");
    int right = is_ok(reply) && pat_job_wait(job, 20000) == 1;
    pat_string_free(reply);
    _exit(right ? 41 : 1);
}

static int exit_with_a_handler(void)
{
    pat_string_free(pat_list("{\"ownerId\":\"me\"}"));
    return atexit(call_at_exit) == 0 ? 0 : 1;
}

static int exit_with_jobs(void)
{
    for (int number = 0; number < 20; number++)
        pat_job_start(0, "list", "{\"ownerId\":\"me\"}");
    exit(42);
}

static void *call_for_ever(void *unused)
{
    (void)unused;
    for (;;)
        pat_string_free(pat_list("{\"ownerId\":\"me\"}"));
    return NULL;
}

static int exit_while_threads_call(void)
{
    pthread_t threads[4];
    for (int number = 0; number < 4; number++)
        if (pthread_create(&threads[number], NULL, call_for_ever, NULL) != 0)
            return 1;
    sleep_ms(200);
    exit(43);
}

/* ---- */

int main(int count, char **arguments)
{
    self = arguments[0];
    if (count > 1 && strcmp(arguments[1], "handler") == 0)
        return exit_with_a_handler();
    if (count > 1 && strcmp(arguments[1], "jobs") == 0)
        return exit_with_jobs();
    if (count > 1 && strcmp(arguments[1], "threads") == 0)
        return exit_while_threads_call();

    promise("an atexit handler can call, blocking and as a job");
    CHECK(status_of("handler") == 41);
    promise("a program may end while many jobs run");
    CHECK(status_of("jobs") == 42);
    promise("a program may end while threads are in the middle of calls");
    CHECK(status_of("threads") == 43);
    return finish();
}
