/* Preloaded into the process that is to die: counts what it does to files in one folder and to sockets, and
 * ends it by SIGKILL just before or after the chosen one, or lets that one fail.
 *
 * BOUNDARY_FOLDER  files below count
 * BOUNDARY_LOG     a file that each boundary's name is appended to
 * BOUNDARY_AT      the number of the boundary to die at; each call is two, before and after
 * BOUNDARY_FAIL    the number of the boundary whose call fails with "no space left on device"
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *folder;
static long die_at, fail_at;
static int log_fd = -1;
static atomic_long seen;

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("BOUNDARY_AT");
    die_at = text ? atol(text) : 0;
    text = getenv("BOUNDARY_FAIL");
    fail_at = text ? atol(text) : 0;
    folder = getenv("BOUNDARY_FOLDER");
    text = getenv("BOUNDARY_LOG");
    if (text)
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    /* What the process starts lives on. */
    unsetenv("LD_PRELOAD");
}

/* True when the call is to fail. */
static int boundary(const char *when, const char *what)
{
    long number = atomic_fetch_add(&seen, 1) + 1;
    if (log_fd >= 0) {
        char line[64];
        int length = snprintf(line, sizeof line, "%ld %s %s\n", number, when, what);
        syscall(SYS_write, log_fd, line, (size_t)length);
    }
    if (number == die_at)
        syscall(SYS_kill, getpid(), SIGKILL);
    return number == fail_at;
}

static int below(const char *path)
{
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int counts(int fd)
{
    char name[64], path[4096];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(name, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return below(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define BETWEEN(condition, what, call)          \
    do {                                        \
        if (!(condition))                       \
            return call;                        \
        if (boundary("before", what)) {         \
            errno = ENOSPC;                     \
            return -1;                          \
        }                                       \
        __typeof__(call) result = call;         \
        int kept = errno;                       \
        boundary("after", what);                \
        errno = kept;                           \
        return result;                          \
    } while (0)

ssize_t write(int fd, const void *bytes, size_t length)
{
    BETWEEN(counts(fd), "write", REAL(write)(fd, bytes, length));
}

int fsync(int fd)
{
    BETWEEN(counts(fd), "fsync", REAL(fsync)(fd));
}

int fdatasync(int fd)
{
    BETWEEN(counts(fd), "fdatasync", REAL(fdatasync)(fd));
}

int rename(const char *from, const char *to)
{
    BETWEEN(below(to), "rename", REAL(rename)(from, to));
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    BETWEEN(below(to), "renameat", REAL(renameat)(from_folder, from, to_folder, to));
}

int unlink(const char *path)
{
    BETWEEN(below(path), "unlink", REAL(unlink)(path));
}

int mkdir(const char *path, mode_t mode)
{
    BETWEEN(below(path), "mkdir", REAL(mkdir)(path, mode));
}

int flock(int fd, int what)
{
    BETWEEN(counts(fd), "flock", REAL(flock)(fd, what));
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    BETWEEN((flags & O_CREAT) && below(path), "create", REAL(open64)(path, flags, mode));
}

ssize_t send(int socket, const void *bytes, size_t length, int flags)
{
    BETWEEN(1, "send", REAL(send)(socket, bytes, length, flags));
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    BETWEEN(1, "writev", REAL(writev)(fd, parts, count));
}
