/* Two clients in one process: each with settings of its own, both with the same credential, which signs in
 * once for both. A token is made with the first and removed with the second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sailpat.h"

/* Says what went wrong and ends the program. */
static void fail(const char *what, char *reply)
{
  fprintf(stderr, "%s: %s\n", what, reply);
  pat_string_free(reply);
  exit(1);
}

static pat_client open_client(const char *settings)
{
  char *reply = NULL;
  pat_client client = pat_client_new(settings, &reply);

  /* What comes back is never 0, which would be the default client: the envelope says whether it is a client. */
  if (strncmp(reply, "{\"ok\":true", 10) != 0)
    fail("no client", reply);
  pat_string_free(reply);
  return client;
}

static char *call(pat_client client, const char *operation, const char *request)
{
  char *reply = pat_client_call(client, operation, request);

  if (strncmp(reply, "{\"ok\":true", 10) != 0)
    fail(operation, reply);
  return reply;
}

int main(void)
{
  pat_client first = open_client("{\"timeoutMs\":20000}");
  pat_client second = open_client("{\"apiVersion\":\"v2025\",\"consumerIdentifier\":\"example\"}");
  char id[64], request[96];
  char *reply, *found;

  reply = call(first, "create", "{\"name\":\"from an example\",\"scope\":[\"sp:scopes:default\"]}");
  /* A real program reads this with its JSON library; the secret in it is shown this once. */
  found = strstr(reply, "\"id\":\"");
  if (found == NULL || sscanf(found, "\"id\":\"%63[^\"]", id) != 1)
    fail("no id", reply);
  pat_string_free(reply);
  printf("made %s\n", id);

  snprintf(request, sizeof request, "{\"id\":\"%s\"}", id);
  pat_string_free(call(second, "delete", request));
  printf("removed %s\n", id);

  pat_client_free(first);
  pat_client_free(second);
  return 0;
}
