/* What a caller can do wrong: each mistake is refused before anything is sent, with a code and the place. */
#include "control.h"

typedef char *one_string(const char *);

static one_string *const operations[] = {pat_create, pat_list, pat_get, pat_update, pat_delete, pat_doctor, pat_configure,
                                         pat_profiles, pat_profile_set, pat_profile_remove, pat_change_log, pat_rotate,
                                         pat_rotation_plan, pat_rotation_list, pat_rotation_resume, pat_rotation_undo};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static char *repeated(char letter, size_t count)
{
    char *text = (char *)malloc(count + 1);
    if (text == NULL)
        abort();
    memset(text, letter, count);
    text[count] = 0;
    return text;
}

static void not_a_request(void)
{
    promise("NULL, broken UTF-8 and what is not JSON are refused by every function");
    for (int number = 0; number < OPERATIONS; number++) {
        EXPECT_ERROR(operations[number](NULL), "null_argument");
        EXPECT_ERROR(operations[number]("{\"name\":\"\xc3\x28\"}"), "invalid_utf8");
        EXPECT_ERROR(operations[number](""), "invalid_json");
        EXPECT_ERROR(operations[number]("{\"name\":"), "invalid_json");
        EXPECT_ERROR(operations[number]("name=x"), "invalid_json");
        EXPECT_ERROR(operations[number]("{} {}"), "invalid_json");
    }
    char *deep = repeated('[', 10000);
    for (int number = 0; number < OPERATIONS; number++)
        EXPECT_ERROR(operations[number](deep), "invalid_json");
    free(deep);
}

static void wrong_fields(void)
{
    promise("an unknown field and a wrong type are refused by name");
    EXPECT_ERROR_WITH(pat_create("{\"name\":\"x\",\"owner\":\"y\"}"), "invalid_request", "\"field\":\"owner\"");
    EXPECT_ERROR_WITH(pat_list("{\"ownerID\":\"me\"}"), "invalid_request", "\"field\":\"ownerID\"");
    EXPECT_ERROR_WITH(pat_get("{\"id\":7}"), "invalid_request", "\"field\":\"id\"");
    EXPECT_ERROR_WITH(pat_delete("{}"), "invalid_request", "\"field\":\"id\"");
    EXPECT_ERROR_WITH(pat_create("{\"name\":\"x\",\"scope\":\"all\"}"), "invalid_request", "\"field\":\"scope");
    EXPECT_ERROR_WITH(pat_list("{\"timeoutMs\":\"1\"}"), "invalid_request", "\"field\":\"timeoutMs\"");
    EXPECT_ERROR(pat_update("{\"id\":\"x\",\"patch\":{}}"), "invalid_request");
    EXPECT_ERROR(pat_update("{\"id\":\"x\",\"patch\":[{\"op\":\"set\",\"path\":\"/name\",\"value\":1}]}"),
                 "invalid_request");
    EXPECT_ERROR(pat_list("[]"), "invalid_request");
}

static void create_rules(void)
{
    promise("a create that the service would refuse is refused here, with the field");
    EXPECT_ERROR_WITH(pat_create("{}"), "invalid_request", "\"field\":\"name\"");
    EXPECT_ERROR_WITH(pat_create("{\"name\":null}"), "invalid_request", "\"field\":\"name\"");
    EXPECT_ERROR_WITH(pat_create("{\"name\":\"\"}"), "invalid_request", "\"field\":\"name\"");
    char *name = repeated('n', 300), *request = text_of("{\"name\":\"%s\"}", name);
    EXPECT_ERROR_WITH(pat_create(request), "invalid_request", "\"field\":\"name\"");
    free(request);
    free(name);
    const char *field = "\"field\":\"accessTokenValiditySeconds\"";
    EXPECT_ERROR_WITH(pat_create("{\"name\":\"x\",\"accessTokenValiditySeconds\":14}"), "invalid_request", field);
    EXPECT_ERROR_WITH(pat_create("{\"name\":\"x\",\"accessTokenValiditySeconds\":43201}"), "invalid_request", field);
    field = "\"field\":\"expirationDate\"";
    EXPECT_ERROR_WITH(pat_create("{\"name\":\"x\",\"expirationDate\":\"soon\"}"), "invalid_request", field);
    EXPECT_ERROR_WITH(pat_create("{\"name\":\"x\",\"expirationDate\":\"2999-01-01T00:00:00Z\"}"), "invalid_request", field);
    EXPECT_ERROR_WITH(pat_create("{\"name\":\"x\",\"expirationDate\":\"2001-01-01T00:00:00Z\"}"), "invalid_request", field);
    EXPECT_ERROR_WITH(pat_create("{\"body\":{\"name\":\"x\"},\"apiVersion\":\"v2025\"}"), "invalid_request", field);
}

static void options_apart(void)
{
    promise("nothing in a create body is an option, and beside it stands nothing but options");
    EXPECT_ERROR_WITH(pat_create("{\"name\":\"x\",\"storeIn\":{\"command\":[\"touch\",\"planted\"]}}"), "invalid_request",
                      "an option goes beside the body");
    EXPECT_ERROR_WITH(pat_create("{\"body\":{\"name\":\"x\",\"timeoutMs\":5}}"), "invalid_request",
                      "\"message\":\"timeoutMs: is not a known field");
    EXPECT_ERROR_WITH(pat_create("{\"body\":{\"name\":\"x\"},\"name\":\"y\"}"), "invalid_request", "\"field\":\"name\"");
    EXPECT_ERROR_WITH(pat_create("{\"body\":null}"), "invalid_request", "\"field\":\"body\"");
    CHECK(requests_of("create") == 0);
}

static void nothing_empty(void)
{
    promise("what is given and empty is refused and never means everything");
    static const char *const empty[] = {"\"\"", "\" \"", "null", "[]"};
    for (int number = 0; number < 4; number++) {
        char *owner = text_of("{\"ownerId\":%s}", empty[number]), *id = text_of("{\"id\":%s}", empty[number]);
        EXPECT_ERROR_WITH(pat_list(owner), "invalid_request", "leave it out for the whole tenant");
        EXPECT_ERROR_WITH(pat_rotate(id), "invalid_request", "leave it out for the token in use");
        EXPECT_ERROR_WITH(pat_rotation_list(id), "invalid_request", "\"field\":\"id\"");
        EXPECT_ERROR_WITH(pat_change_log(id), "invalid_request", "\"field\":\"id\"");
        free(owner);
        free(id);
    }
    EXPECT_ERROR_WITH(pat_create("{\"name\":\"x\",\"scope\":[]}"), "invalid_request", "leave it out for all scopes");
    EXPECT_ERROR_WITH(pat_configure("{\"profile\":\"\"}"), "settings_invalid", "\"field\":\"profile\"");
    EXPECT_ERROR_WITH(pat_configure("{\"clientId\":\" \"}"), "settings_invalid", "\"field\":\"clientId\"");
    CHECK(requests_of("list") == 0);
}

static void filters(void)
{
    promise("a filter that the service does not know is refused with the place shown");
    EXPECT_ERROR_WITH(pat_list("{\"filters\":\"name eq \\\"x\\\"\"}"), "invalid_request", "\"field\":\"filters\"");
    EXPECT_ERROR(pat_list("{\"filters\":\"lastUsed ge 2024-01-01T00:00:00Z\"}"), "invalid_request");
    EXPECT_ERROR(pat_list("{\"filters\":\"lastUsed le yesterday\"}"), "invalid_request");
    EXPECT_ERROR(pat_list("{\"filters\":\"lastUsed isnull and\"}"), "invalid_request");
}

/* An id is data: it never becomes another path, host or header. */
static void ids(void)
{
    promise("an id with signs of another language never leaves its place in the URL");
    static const char *const odd[] = {"a/b", "..", ".", "%2e%2e", "a%2Fb", "a\\r\\nX-Evil: 1", "a\\u0000b", "?x=1", "#", " "};
    for (size_t number = 0; number < sizeof odd / sizeof odd[0]; number++) {
        char *request = text_of("{\"id\":\"%s\"}", odd[number]);
        char *reply = heard(pat_delete(request));
        check_that(is_error(reply, "invalid_request") || is_error(reply, "not_found"), odd[number], __LINE__, reply);
        pat_string_free(reply);
        free(request);
    }
    EXPECT_ERROR(pat_delete("{\"id\":\"\"}"), "invalid_request");
    char *seen = control("GET", "requests", "");
    CHECK_NO_TEXT(seen, "X-Evil");
    CHECK_NO_TEXT(seen, "x-evil");
    CHECK_NO_TEXT(seen, "personal-access-tokens/../");
    CHECK_NO_TEXT(seen, "personal-access-tokens/a/b");
    free(seen);
}

static void base_urls(void)
{
    promise("a base URL without scheme, or http to a remote host, is refused before a secret is sent");
    static const char *const wrong[] = {"tenant.api.example", "http://tenant.api.example", "ftp://127.0.0.1",
                                        "https://", "https://user:word@tenant.api.example", ""};
    for (size_t number = 0; number < sizeof wrong / sizeof wrong[0]; number++) {
        char *json = text_of("{\"baseUrl\":\"%s\",\"clientId\":\"a\",\"clientSecret\":\"b\",\"environment\":{}}", wrong[number]);
        char *reply = NULL;
        pat_client client = pat_client_new(json, &reply);
        pat_string_free(heard(reply));
        reply = pat_client_call(client, "list", "{}");
        pat_client_free(client);
        heard(reply);
        int refused = is_error(reply, "settings_invalid") || (*wrong[number] == 0 && is_error(reply, "settings_missing"));
        check_that(refused, wrong[number], __LINE__, reply);
        pat_string_free(reply);
        free(json);
    }
}

static char *list_with(const char *settings)
{
    char *reply = NULL;
    pat_client client = pat_client_new(settings, &reply);
    pat_string_free(heard(reply));
    reply = pat_client_call(client, "list", "{}");
    pat_client_free(client);
    return reply;
}

static void missing_settings(void)
{
    promise("missing settings: every place looked at is named, and the likely mistake too");
    char *reply = heard(list_with("{\"environment\":{\"HOME\":\"/nonexistent\"},\"workingDirectory\":\"/nonexistent\"}"));
    CHECK(is_error(reply, "settings_missing"));
    CHECK_TEXT(reply, "SAIL_BASE_URL");
    CHECK_TEXT(reply, "SAIL_CLIENT_ID");
    CHECK_TEXT(reply, "SAIL_CLIENT_SECRET");
    CHECK_TEXT(reply, "config.json");
    CHECK_TEXT(reply, "config.yaml");
    pat_string_free(reply);

    const char *mistaken = "{\"environment\":{\"HOME\":\"/nonexistent\",\"BASE_URL\":\"https://x.example\",\"CLIENT_ID\":\"1\"},"
                           "\"workingDirectory\":\"/nonexistent\"}";
    reply = heard(list_with(mistaken));
    CHECK(is_error(reply, "settings_missing"));
    CHECK_TEXT(reply, " BASE_URL");
    pat_string_free(reply);
}

static void nothing_was_sent(void)
{
    promise("what is refused here never reaches the service");
    CHECK(requests_of("create") == 0);
    CHECK(requests_of("list") == 0);
    CHECK(requests_of("patch") == 0);
}

int main(void)
{
    reset_counters();
    not_a_request();
    EXPECT_OK(pat_configure("{\"rateLimit\":null}"));
    wrong_fields();
    create_rules();
    options_apart();
    nothing_empty();
    filters();
    base_urls();
    missing_settings();
    nothing_was_sent();
    ids();
    return finish();
}
