/* Preloaded by Secrets.Tests.ps1: what PowerShell hands to syslog goes to the file that SYSLOG_FILE names. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void keep(const char *format, va_list values) {
    const char *path = getenv("SYSLOG_FILE");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file) return;
    vfprintf(file, format, values);
    fputc('\n', file);
    fclose(file);
}

void syslog(int priority, const char *format, ...) {
    va_list values;
    (void)priority;
    va_start(values, format);
    keep(format, values);
    va_end(values);
}

/* What a program built with _FORTIFY_SOURCE calls instead. */
void __syslog_chk(int priority, int flag, const char *format, ...) {
    va_list values;
    (void)priority;
    (void)flag;
    va_start(values, format);
    keep(format, values);
    va_end(values);
}

void openlog(const char *name, int option, int facility) { (void)name; (void)option; (void)facility; }
void closelog(void) { }
