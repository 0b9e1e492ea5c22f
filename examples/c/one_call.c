/* Lists one's own tokens: one call, one string. Settings come from SAIL_BASE_URL, SAIL_CLIENT_ID and
 * SAIL_CLIENT_SECRET.
 *
 *   cc one_call.c $(pkg-config --cflags --libs sailpat) -o one_call
 */
#include <stdio.h>
#include <string.h>

#include "sailpat.h"

int main(void)
{
  char *reply = pat_list("{\"ownerId\":\"me\"}");
  int failed = strncmp(reply, "{\"ok\":true", 10) != 0;

  fputs(reply, failed ? stderr : stdout);
  pat_string_free(reply);
  return failed;
}
