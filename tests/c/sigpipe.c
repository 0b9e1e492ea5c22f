/* A server that closes connections must not end the process: the host keeps SIGPIPE as it is by default. */
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#define TOKEN "{\"access_token\":\"b\",\"expires_in\":43200}"

static int listener;

/* Answers one request on each connection, ends it and resets it, although the reply promises to keep it: what
 * is written to it then is a broken pipe. */
static void *serve(void *unused)
{
    (void)unused;
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0)
            return NULL;
        char request[8192] = "";
        ssize_t got = recv(connection, request, sizeof request - 1, 0);
        const char *body = got > 4 && strncmp(request, "POST", 4) == 0 ? TOKEN : "[]";
        char *reply = text_of("HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s", (int)strlen(body), body);
        send(connection, reply, strlen(reply), MSG_NOSIGNAL);
        free(reply);
        shutdown(connection, SHUT_WR);
        struct timespec moment = {0, 300000};
        nanosleep(&moment, NULL);
        struct linger at_once = {1, 0};
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(connection);
    }
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0)
        return -1;
    return getsockname(listener, (struct sockaddr *)&address, &size) == 0 ? ntohs(address.sin_port) : -1;
}

int main(void)
{
    pthread_t server;
    int port = listen_on_loopback(), answered = 0;
    promise("a connection that the server closed raises no signal in the host");
    CHECK(port > 0 && pthread_create(&server, NULL, serve, NULL) == 0);
    CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    char *settings = text_of("{\"baseUrl\":\"http://127.0.0.1:%d\",\"clientId\":\"i\",\"clientSecret\":\"s\","
                             "\"rateLimit\":null,\"maximumRetryCount\":0,\"environment\":{}}", port);
    pat_client client = pat_client_new(settings, NULL);
    int calls = rounds(400, 50);
    for (int i = 0; i < calls; i++) {
        /* Blocking on this thread, then as a job on the library's own. */
        char *reply = pat_client_call(client, "list", "{}");
        answered += contains(reply, "\"ok\":");
        pat_string_free(reply);
        pat_job job = pat_job_start(client, "list", "{}");
        answered += pat_job_wait(job, 10000) == 1;
        pat_job_free(job);
        /* The reset arrives while the connection rests. */
        sleep_ms(1);
    }
    CHECK(answered == 2 * calls);

    promise("the host's own mask is as it was");
    sigset_t mask;
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0 && !sigismember(&mask, SIGPIPE));
    CHECK(pat_client_free(client) == PAT_OK);
    free(settings);
    return finish();
}
