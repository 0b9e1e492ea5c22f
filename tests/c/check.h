/* What every caller in this folder shares: checks that are counted, replies that are remembered.
 * Usable from C11 and from C++17. A program ends with `return finish();`, which prints
 * `N passed, N failed, N skipped`. */
#ifndef SAILPAT_TESTS_CHECK_H
#define SAILPAT_TESTS_CHECK_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sailpat.h"

#if defined(__GNUC__)
#define MAYBE_UNUSED __attribute__((unused))
#define LIKE_PRINTF(format_at, values_at) __attribute__((format(printf, format_at, values_at)))
#else
#define MAYBE_UNUSED
#define LIKE_PRINTF(format_at, values_at)
#endif

/* ---- checks: called from the main thread only ---- */

static int checks_passed, checks_failed;
static const char *current_promise = "(no promise yet)";

/* Names what the checks that follow stand for. */
MAYBE_UNUSED static void promise(const char *words) { current_promise = words; }

MAYBE_UNUSED static void check_that(int holds, const char *what, int line, const char *seen)
{
    if (holds) {
        checks_passed++;
        return;
    }
    checks_failed++;
    printf("FAILED: %s\n  line %d: %s\n", current_promise, line, what);
    if (seen != NULL)
        printf("  saw: %.2000s\n", seen);
    fflush(stdout);
}

#define CHECK(condition) check_that((condition) ? 1 : 0, #condition, __LINE__, NULL)
#define CHECK_TEXT(text, part) check_that(contains((text), (part)), "has " #part, __LINE__, (text))
#define CHECK_NO_TEXT(text, part) check_that(!contains((text), (part)), "lacks " #part, __LINE__, (text))

MAYBE_UNUSED static int contains(const char *text, const char *part)
{
    return text != NULL && part != NULL && strstr(text, part) != NULL;
}

/* Tools such as valgrind make everything slow: fewer rounds then, the same checks. */
MAYBE_UNUSED static int rounds(int usual, int under_a_slow_tool)
{
    return getenv("CALLERS_SLOW_TOOL") != NULL ? under_a_slow_tool : usual;
}

/* ---- text ---- */

/* A formatted string in memory of its own, to be freed. */
LIKE_PRINTF(1, 2) MAYBE_UNUSED static char *text_of(const char *format, ...)
{
    va_list values, again;
    va_start(values, format);
    va_copy(again, values);
    int length = vsnprintf(NULL, 0, format, values);
    va_end(values);
    char *text = (char *)malloc((size_t)length + 1);
    if (text == NULL)
        abort();
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

/* The string value of `"name":"…"`, the first one in `json`, to be freed; NULL when there is none. */
MAYBE_UNUSED static char *string_field(const char *json, const char *name)
{
    char *key = text_of("\"%s\":\"", name);
    const char *start = json == NULL ? NULL : strstr(json, key);
    size_t skip = strlen(key);
    free(key);
    if (start == NULL)
        return NULL;
    start += skip;
    return text_of("%.*s", (int)strcspn(start, "\""), start);
}

/* The integer value of `"name":…` after `start`, or `missing`. */
MAYBE_UNUSED static long number_field(const char *json, const char *name, long missing)
{
    char *key = text_of("\"%s\":", name);
    const char *start = json == NULL ? NULL : strstr(json, key);
    size_t skip = strlen(key);
    free(key);
    return start == NULL ? missing : strtol(start + skip, NULL, 10);
}

/* ---- time ---- */

MAYBE_UNUSED static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

MAYBE_UNUSED static void sleep_ms(long ms)
{
    struct timespec time;
    time.tv_sec = ms / 1000;
    time.tv_nsec = ms % 1000 * 1000000;
    nanosleep(&time, NULL);
}

/* ---- everything that the library said, so that a secret in it is found at the end ---- */

static pthread_mutex_t heard_lock = PTHREAD_MUTEX_INITIALIZER;
static char *heard_text;
static size_t heard_length, heard_room;

/* Remembers a reply and gives it back. Callable from any thread. */
MAYBE_UNUSED static char *heard(char *reply)
{
    if (reply == NULL)
        return NULL;
    size_t length = pat_string_len(reply);
    pthread_mutex_lock(&heard_lock);
    if (heard_length + length + 1 > heard_room) {
        heard_room = (heard_length + length + 1) * 2;
        heard_text = (char *)realloc(heard_text, heard_room);
        if (heard_text == NULL)
            abort();
    }
    memcpy(heard_text + heard_length, reply, length + 1);
    heard_length += length;
    pthread_mutex_unlock(&heard_lock);
    return reply;
}

/* ---- replies ---- */

MAYBE_UNUSED static int is_ok(const char *reply)
{
    return reply != NULL && strncmp(reply, "{\"ok\":true,", 11) == 0;
}

MAYBE_UNUSED static int is_error(const char *reply, const char *code)
{
    char *start = text_of("{\"ok\":false,\"error\":{\"code\":\"%s\",", code);
    int is = reply != NULL && strncmp(reply, start, strlen(start)) == 0;
    free(start);
    return is;
}

/* Each takes a reply over: remembers it, checks it, frees it. */
MAYBE_UNUSED static void expect_ok(char *reply, int line)
{
    check_that(is_ok(heard(reply)), "the reply is ok", line, reply);
    pat_string_free(reply);
}

MAYBE_UNUSED static void expect_error(char *reply, const char *code, const char *also, int line)
{
    check_that(is_error(heard(reply), code), code, line, reply);
    if (also != NULL)
        check_that(contains(reply, also), also, line, reply);
    pat_string_free(reply);
}

#define EXPECT_OK(reply) expect_ok((reply), __LINE__)
#define EXPECT_ERROR(reply, code) expect_error((reply), (code), NULL, __LINE__)
#define EXPECT_ERROR_WITH(reply, code, also) expect_error((reply), (code), (also), __LINE__)

/* ---- clients ---- */

MAYBE_UNUSED static const char *setting(const char *variable)
{
    const char *value = getenv(variable);
    if (value == NULL) {
        printf("set %s (cargo xtask test does)\n0 passed, 1 failed, 0 skipped\n", variable);
        exit(1);
    }
    return value;
}

/* A client with the emulator's credential at `base_url`; `more` is further settings, such as `,"timeoutMs":300`. */
MAYBE_UNUSED static pat_client client_at(const char *base_url, const char *more)
{
    char *json = text_of("{\"baseUrl\":\"%s\",\"clientId\":\"%s\",\"clientSecret\":\"%s\",\"rateLimit\":null%s}",
                         base_url, setting("SAIL_CLIENT_ID"), setting("SAIL_CLIENT_SECRET"), more);
    char *reply = NULL;
    pat_client client = pat_client_new(json, &reply);
    check_that(is_ok(heard(reply)) && client != 0, "a client is made", __LINE__, reply);
    pat_string_free(reply);
    free(json);
    return client;
}

MAYBE_UNUSED static pat_client client_with(const char *more)
{
    return client_at(setting("SAIL_BASE_URL"), more);
}

/* ---- the end ---- */

MAYBE_UNUSED static void check_unheard(const char *secret)
{
    check_that(!contains(heard_text, secret), "no reply and no log line has a secret", __LINE__, NULL);
}

/* Looks for the client secret in all that was heard, prints the counts, and gives main its result. */
MAYBE_UNUSED static int finish(void)
{
    promise("the client secret is in no reply and in no log line");
    pat_string_free(heard(pat_log_take()));
    check_unheard(setting("SAIL_CLIENT_SECRET"));
    free(heard_text);
    printf("%d passed, %d failed, 0 skipped\n", checks_passed, checks_failed);
    return checks_failed == 0 ? 0 : 1;
}

#endif
