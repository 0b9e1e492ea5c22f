/* The emulator's control path, spoken over a plain socket: counters, faults, settings.
 * Usable from C11 and from C++17. */
#ifndef SAILPAT_TESTS_CONTROL_H
#define SAILPAT_TESTS_CONTROL_H

#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* Sends all of `text`; gives back whether that worked. */
MAYBE_UNUSED static int send_text(int connection, const char *text)
{
    size_t length = strlen(text), sent = 0;
    while (sent < length) {
        ssize_t count = send(connection, text + sent, length - sent, MSG_NOSIGNAL);
        if (count <= 0)
            return 0;
        sent += (size_t)count;
    }
    return 1;
}

/* A connection to a port of 127.0.0.1, or -1. */
MAYBE_UNUSED static int connect_to(int port)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connection >= 0 && connect(connection, (struct sockaddr *)&address, sizeof address) != 0) {
        close(connection);
        connection = -1;
    }
    return connection;
}

/* Everything until the other side closes, to be freed. */
MAYBE_UNUSED static char *receive_all(int connection)
{
    size_t length = 0, room = 65536;
    char *text = (char *)malloc(room);
    ssize_t count = 1;
    while (text != NULL && count > 0) {
        if (length + 4096 > room)
            text = (char *)realloc(text, room *= 2);
        if (text == NULL)
            break;
        count = recv(connection, text + length, room - length - 1, 0);
        if (count > 0)
            length += (size_t)count;
    }
    if (text == NULL)
        abort();
    text[length] = 0;
    return text;
}

/* Asks the control path, for instance control("GET", "stats", ""). The reply's body is to be freed. */
MAYBE_UNUSED static char *control(const char *method, const char *path, const char *body)
{
    /* http://127.0.0.1:PORT/PREFIX/ */
    const char *url = setting("SAILPAT_EMULATOR_CONTROL");
    const char *colon = strrchr(url, ':');
    int port = colon == NULL ? 0 : atoi(colon + 1);
    const char *prefix = colon == NULL ? NULL : strchr(colon, '/');
    int connection = connect_to(port);
    if (connection < 0) {
        printf("the emulator's control path %s does not answer\n", url);
        exit(1);
    }
    char *request = text_of("%s %s%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                            method, prefix == NULL ? "" : prefix, path, strlen(body), body);
    send_text(connection, request);
    free(request);
    char *reply = receive_all(connection);
    close(connection);
    const char *content = strstr(reply, "\r\n\r\n");
    if (strncmp(reply, "HTTP/1.1 2", 10) != 0)
        check_that(0, "the emulator's control path does what it is asked", __LINE__, reply);
    char *kept = text_of("%s", content == NULL ? "" : content + 4);
    free(reply);
    return kept;
}

MAYBE_UNUSED static void order(const char *method, const char *path, const char *body)
{
    free(control(method, path, body));
}

/* A counter of the emulator: counter("requests", "token"), or counter(NULL, "openConnections"). */
MAYBE_UNUSED static long counter(const char *group, const char *name)
{
    char *stats = control("GET", "stats", "");
    char *key = text_of("\"%s\":", group == NULL ? name : group);
    char *found = strstr(stats, key);
    long value = 0;
    if (found != NULL && group == NULL) {
        value = number_field(found, name, 0);
    } else if (found != NULL) {
        found[strcspn(found, "}")] = 0;
        value = number_field(found, name, 0);
    }
    free(key);
    free(stats);
    return value;
}

MAYBE_UNUSED static long requests_of(const char *kind) { return counter("requests", kind); }

/* Counters back to nothing. */
MAYBE_UNUSED static void reset_counters(void) { order("DELETE", "requests", ""); }

/* One fault for the next request of a kind: fault("list", "{\"status\":503}"). */
MAYBE_UNUSED static void fault(const char *kind, const char *what)
{
    char *rule = text_of("{\"match\":{\"kind\":\"%s\"},\"fault\":%s}", kind, what);
    order("POST", "faults", rule);
    free(rule);
}

/* As fault, for the next `times` requests. */
MAYBE_UNUSED static void faults(const char *kind, int times, const char *what)
{
    char *rule = text_of("{\"match\":{\"kind\":\"%s\"},\"times\":%d,\"fault\":%s}", kind, times, what);
    order("POST", "faults", rule);
    free(rule);
}

MAYBE_UNUSED static void no_more_faults(void) { order("DELETE", "faults", ""); }

/* Waits until a counter reaches `value`, at most five seconds; gives back whether it did. */
MAYBE_UNUSED static int counter_reaches(const char *group, const char *name, long value)
{
    for (double end = now_ms() + 5000; now_ms() < end; sleep_ms(5))
        if (counter(group, name) >= value)
            return 1;
    return 0;
}

#endif
