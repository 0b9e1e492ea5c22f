/* Every function that takes one string and gives one back, with the process's default client, and the memory rules. */
#include "control.h"

static void versions(void)
{
    promise("a caller can tell which ABI the library has before it does anything");
    CHECK(pat_abi_version() == PAT_ABI_VERSION);
    char *reply = heard(pat_version());
    CHECK(is_ok(reply));
    char *number = text_of("\"abiVersion\":%d,", PAT_ABI_VERSION);
    CHECK_TEXT(reply, number);
    free(number);
    CHECK_TEXT(reply, "\"v2024\"");
    CHECK_TEXT(reply, "\"create\"");
    pat_string_free(reply);
}

static void memory(void)
{
    promise("a reply's length is known, and NULL may be freed and measured");
    char *reply = heard(pat_list("{}"));
    CHECK(pat_string_len(reply) == strlen(reply));
    CHECK(pat_string_len(reply) > 2);
    pat_string_free(reply);
    CHECK(pat_string_len(NULL) == 0);
    pat_string_free(NULL);
}

static void life_of_a_token(void)
{
    promise("a token is created, listed, read, changed and removed");
    char *reply = heard(pat_create("{\"name\":\"from C\",\"scope\":[\"sp:scopes:all\"]}"));
    CHECK(is_ok(reply));
    CHECK_TEXT(reply, "\"status\":200");
    char *id = string_field(reply, "id"), *secret = string_field(reply, "secret");
    CHECK(id != NULL && secret != NULL && strlen(secret) == 64);
    pat_string_free(reply);

    reply = heard(pat_list("{\"ownerId\":\"me\"}"));
    CHECK(is_ok(reply));
    CHECK_TEXT(reply, id);
    CHECK_NO_TEXT(reply, secret);
    pat_string_free(reply);

    char *request = text_of("{\"id\":\"%s\"}", id);
    reply = heard(pat_get(request));
    CHECK(is_ok(reply));
    CHECK_TEXT(reply, "\"name\":\"from C\"");
    pat_string_free(reply);

    char *change = text_of("{\"id\":\"%s\",\"patch\":[{\"op\":\"replace\",\"path\":\"/name\",\"value\":\"renamed\"}]}", id);
    reply = heard(pat_update(change));
    CHECK(is_ok(reply));
    CHECK_TEXT(reply, "\"name\":\"renamed\"");
    pat_string_free(reply);

    reply = heard(pat_delete(request));
    CHECK(is_ok(reply));
    CHECK_TEXT(reply, "\"status\":204,\"data\":null");
    pat_string_free(reply);

    free(change);
    free(request);
    free(secret);
    free(id);
}

static void what_is_not_there(void)
{
    promise("a missing id costs one DELETE, and the service's body comes untouched");
    reset_counters();
    char *reply = heard(pat_delete("{\"id\":\"00000000000000000000000000000000\"}"));
    CHECK(is_error(reply, "not_found"));
    CHECK_TEXT(reply, "\"status\":404");
    CHECK_TEXT(reply, "\"retryable\":false");
    CHECK_TEXT(reply, "detailCode");
    CHECK_TEXT(reply, "\"trackingId\":\"");
    pat_string_free(reply);
    CHECK(requests_of("delete") == 1);

    EXPECT_ERROR(pat_get("{\"id\":\"00000000000000000000000000000000\"}"), "not_found");
}

static void settings_of_the_default_client(void)
{
    promise("pat_configure replaces the settings of the call before it");
    EXPECT_OK(pat_configure("{\"replyHeaders\":true,\"rateLimit\":null}"));
    char *reply = heard(pat_list("{\"ownerId\":\"me\"}"));
    CHECK_TEXT(reply, "\"headers\":{");
    pat_string_free(reply);
    EXPECT_OK(pat_configure("{\"rateLimit\":null}"));
    reply = heard(pat_list("{\"ownerId\":\"me\"}"));
    CHECK_NO_TEXT(reply, "\"headers\":{");
    pat_string_free(reply);
    EXPECT_ERROR_WITH(pat_configure("{\"nonsense\":1}"), "settings_invalid", "nonsense");
    EXPECT_OK(pat_list("{\"ownerId\":\"me\"}"));
}

static void the_log(void)
{
    promise("the log is pulled, and is empty after that");
    EXPECT_OK(pat_list("{\"ownerId\":\"me\"}"));
    char *reply = heard(pat_log_take());
    CHECK(is_ok(reply));
    CHECK_TEXT(reply, "\"data\":[{");
    CHECK_TEXT(reply, "\"level\":\"");
    pat_string_free(reply);
    reply = heard(pat_log_take());
    CHECK_TEXT(reply, "\"data\":[]");
    pat_string_free(reply);
}

static void versions_of_the_service(void)
{
    promise("any version of the service can be asked for, call by call");
    EXPECT_OK(pat_list("{\"ownerId\":\"me\",\"apiVersion\":\"v1\"}"));
    EXPECT_OK(pat_list("{\"ownerId\":\"me\",\"apiVersion\":\"v2026\"}"));
    EXPECT_OK(pat_list("{\"ownerId\":\"me\",\"apiVersion\":\"beta\"}"));
    EXPECT_ERROR_WITH(pat_list("{\"apiVersion\":\"v1999\"}"), "invalid_request", "\"field\":\"apiVersion\"");
}

int main(void)
{
    versions();
    EXPECT_OK(pat_configure("{\"rateLimit\":null}"));
    memory();
    life_of_a_token();
    what_is_not_there();
    settings_of_the_default_client();
    the_log();
    versions_of_the_service();
    return finish();
}
