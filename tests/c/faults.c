/* A service or a network that does wrong: each comes back as its own code, in bounded time, and no credential leaks. */
#include "control.h"

#include <sys/time.h>

static pat_client client;

static char *list(void) { return pat_client_call(client, "list", "{\"ownerId\":\"me\"}"); }

static void a_wrong_secret(void)
{
    promise("a wrong secret is a failed sign-in with the server's words, and is not repeated back");
    const char *planted = "planted-secret-0123456789abcdef";
    char *settings = text_of("{\"baseUrl\":\"%s\",\"clientId\":\"%s\",\"clientSecret\":\"%s\"}", setting("SAIL_BASE_URL"),
                             setting("SAIL_CLIENT_ID"), planted);
    pat_client other = pat_client_new(settings, NULL);
    char *reply = heard(pat_client_call(other, "list", "{}"));
    CHECK(is_error(reply, "sign_in_failed"));
    CHECK_TEXT(reply, "\"status\":401");
    CHECK_TEXT(reply, "invalid_client");
    pat_string_free(reply);
    CHECK(pat_client_free(other) == PAT_OK);
    pat_string_free(heard(pat_log_take()));
    check_unheard(planted);
    free(settings);
}

static void a_server_that_is_down(void)
{
    promise("a server that is down is a failed connection");
    pat_client other = client_at("http://127.0.0.1:9", ",\"maximumRetryCount\":0,\"timeoutMs\":5000");
    EXPECT_ERROR_WITH(pat_client_call(other, "list", "{}"), "connection_failed", "\"retryable\":true");
    CHECK(pat_client_free(other) == PAT_OK);
}

static void a_server_that_hangs(void)
{
    promise("a server that hangs costs the deadline and no more");
    fault("list", "{\"hang\":true}");
    double begun = now_ms();
    EXPECT_ERROR(pat_client_call(client, "list", "{\"ownerId\":\"me\",\"timeoutMs\":400}"), "timeout");
    double took = now_ms() - begun;
    CHECK(took >= 390 && took < rounds(1000, 5000));
    no_more_faults();
}

static void a_server_that_resets(void)
{
    promise("a dropped list is asked again; a dropped one each time ends as a failed connection");
    fault("list", "{\"drop\":\"beforeCommit\"}");
    char *reply = heard(list());
    CHECK(is_ok(reply));
    CHECK_TEXT(reply, "\"attempts\":2");
    pat_string_free(reply);
    faults("list", 100, "{\"drop\":\"beforeCommit\"}");
    EXPECT_ERROR(list(), "connection_failed");
    no_more_faults();
}

static void what_is_no_reply(const char *what, const char *code)
{
    faults("list", 10, what);
    EXPECT_ERROR(list(), code);
    no_more_faults();
}

static void replies_that_are_none(void)
{
    promise("a reply that is none is refused");
    what_is_no_reply("{\"html\":true}", "reply_invalid");
    what_is_no_reply("{\"rawBody\":\"[{]\"}", "reply_invalid");
    what_is_no_reply("{\"jsonDepth\":10000}", "reply_invalid");
    what_is_no_reply("{\"oversizeBytes\":60000000}", "reply_too_large");
    what_is_no_reply("{\"oversizeHeaderBytes\":8000000}", "reply_too_large");
    faults("list", 100, "{\"truncateAt\":20}");
    char *reply = heard(list());
    CHECK(is_error(reply, "connection_failed") || is_error(reply, "reply_invalid"));
    pat_string_free(reply);
    no_more_faults();
}

static void a_server_in_trouble(void)
{
    promise("a 503 is asked again, a 400 never, a 429 waits as it is told");
    fault("list", "{\"status\":503,\"body\":\"{}\"}");
    EXPECT_OK(list());
    reset_counters();
    fault("list", "{\"status\":400,\"body\":\"{}\"}");
    EXPECT_ERROR(list(), "refused");
    CHECK(requests_of("list") == 1);
    fault("list", "{\"retryAfter\":1}");
    double begun = now_ms();
    EXPECT_OK(list());
    CHECK(now_ms() - begun >= 990);
    no_more_faults();
}

/* The last one, for the whole credential has to wait after it. */
static void a_long_wait(void)
{
    promise("a Retry-After past the deadline returns at once, and so does every call until then");
    fault("list", "{\"retryAfter\":600}");
    reset_counters();
    double begun = now_ms();
    EXPECT_ERROR_WITH(list(), "rate_limited", "\"retryAfterSeconds\":");
    EXPECT_ERROR_WITH(list(), "rate_limited", "\"retryAfterSeconds\":");
    CHECK(now_ms() - begun < 2000);
    CHECK(requests_of("list") == 1);
}

/* Accepts one connection if one comes within 300 ms; gives back whether one came. */
static int someone_came(int listener)
{
    struct timeval limit;
    limit.tv_sec = 0;
    limit.tv_usec = 300000;
    setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    int connection = accept(listener, NULL, NULL);
    if (connection >= 0)
        close(connection);
    return connection >= 0;
}

static void redirects(void)
{
    promise("a redirect is refused with its target named, and no credential follows it");
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 8) == 0);
    getsockname(listener, (struct sockaddr *)&address, &size);
    static const int statuses[] = {301, 302, 307, 308};
    for (size_t number = 0; number < sizeof statuses / sizeof statuses[0]; number++) {
        char *what = text_of("{\"redirect\":\"http://127.0.0.1:%d/elsewhere\",\"status\":%d}", ntohs(address.sin_port),
                             statuses[number]);
        fault("list", what);
        EXPECT_ERROR_WITH(list(), "redirect_refused", "elsewhere");
        order("POST", "settings", "{\"expireBearers\":true}");
        fault("token", what);
        fault("token", what);
        EXPECT_ERROR_WITH(list(), "redirect_refused", "elsewhere");
        no_more_faults();
        free(what);
    }
    CHECK(!someone_came(listener));
    close(listener);
    EXPECT_OK(list());
}

static void lost_replies(void)
{
    promise("a create whose reply is lost is sent once, the error names the orphan, and nothing is deleted");
    reset_counters();
    fault("create", "{\"drop\":\"afterCommit\"}");
    char *reply = heard(pat_client_call(client, "create", "{\"name\":\"lost\"}"));
    CHECK(is_error(reply, "create_lost"));
    CHECK_TEXT(reply, "\"orphan\":{\"id\":\"");
    CHECK_TEXT(reply, "\"name\":\"lost\"");
    const char *orphan = reply == NULL ? NULL : strstr(reply, "\"orphan\"");
    char *id = string_field(orphan, "id");
    pat_string_free(reply);
    CHECK(requests_of("create") == 1);
    CHECK(requests_of("delete") == 0);

    promise("a delete whose reply is lost succeeds when the token is gone");
    fault("delete", "{\"drop\":\"afterCommit\"}");
    char *request = text_of("{\"id\":\"%s\"}", id == NULL ? "" : id);
    reply = heard(pat_client_call(client, "delete", request));
    CHECK(is_ok(reply));
    CHECK_TEXT(reply, "\"note\":\"");
    pat_string_free(reply);
    free(request);
    free(id);

    promise("a create that never arrived says that none was made");
    reset_counters();
    fault("create", "{\"drop\":\"beforeCommit\"}");
    reply = heard(pat_client_call(client, "create", "{\"name\":\"never\"}"));
    CHECK(!is_ok(reply));
    CHECK_NO_TEXT(reply, "\"orphan\":{");
    pat_string_free(reply);
    CHECK(requests_of("create") == 1);
    reply = heard(list());
    CHECK_NO_TEXT(reply, "\"never\"");
    pat_string_free(reply);
    no_more_faults();
}

int main(void)
{
    client = client_with(",\"maximumReplyBytes\":10000000,\"retryIntervalSeconds\":0.05,\"timeoutMs\":20000");
    EXPECT_OK(list());
    a_wrong_secret();
    a_server_that_is_down();
    a_server_that_hangs();
    a_server_that_resets();
    replies_that_are_none();
    a_server_in_trouble();
    redirects();
    lost_replies();
    a_long_wait();
    CHECK(pat_client_free(client) == PAT_OK);
    return finish();
}
