/* A job, for a program that must stay responsive: the list of the whole tenant, watched while it arrives, and
 * a second one that is cancelled. */
#include <stdio.h>
#include <string.h>

#include "sailpat.h"

/* One turn of a program's own loop; a window would be redrawn here. */
static void show(pat_job job)
{
  char *progress = pat_job_progress(job);

  fprintf(stderr, "%s\n", progress);
  pat_string_free(progress);
}

int main(void)
{
  pat_job job = pat_job_start(0, "list", "{}");
  pat_job second;
  char *reply;
  size_t length;
  int right;

  while (pat_job_wait(job, 50) == 0)
    show(job);
  show(job);
  reply = pat_job_take(job);
  length = pat_string_len(reply);
  right = strncmp(reply, "{\"ok\":true", 10) == 0;
  printf("%lu bytes\n", (unsigned long)length);
  pat_string_free(reply);
  pat_job_free(job);

  second = pat_job_start(0, "list", "{}");
  pat_job_cancel(second); /* its connection is closed, whatever it was doing */
  pat_job_wait(second, 1000);
  reply = pat_job_take(second);
  puts(strstr(reply, "\"code\":\"cancelled\"") != NULL ? "cancelled" : "was quicker than the cancel");
  pat_string_free(reply);
  pat_job_free(second);
  return right ? 0 : 1;
}
