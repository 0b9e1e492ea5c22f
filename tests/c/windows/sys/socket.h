/* The few POSIX names that control.h and faults.c use, over Winsock. Found before the system's headers only
 * when the callers are compiled for Windows. */
#ifndef SAILPAT_TESTS_WINDOWS_SOCKET_H
#define SAILPAT_TESTS_WINDOWS_SOCKET_H

#include <stdlib.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#define MSG_NOSIGNAL 0
#define close(socket) closesocket((SOCKET)(socket))
#define socklen_t int

/* A time limit is a struct timeval elsewhere, and milliseconds here; and accept does not keep it, so that it is
 * waited for first. */
static struct timeval accept_limit;

__attribute__((unused)) static SOCKET accept_in_time(SOCKET listener)
{
    fd_set waiting;
    FD_ZERO(&waiting);
    FD_SET(listener, &waiting);
    if (accept_limit.tv_usec + accept_limit.tv_sec > 0 && select(0, &waiting, NULL, NULL, &accept_limit) < 1)
        return INVALID_SOCKET;
    return accept(listener, NULL, NULL);
}
#define accept(listener, address, size) (int)accept_in_time((SOCKET)(listener))

__attribute__((unused)) static int set_option(SOCKET socket, int level, int name, const void *value, int length)
{
    if (name != SO_RCVTIMEO && name != SO_SNDTIMEO)
        return setsockopt(socket, level, name, (const char *)value, length);
    const struct timeval *time = (const struct timeval *)value;
    accept_limit = *time;
    DWORD ms = (DWORD)(time->tv_sec * 1000 + time->tv_usec / 1000);
    return setsockopt(socket, level, name, (const char *)&ms, sizeof ms);
}
#define setsockopt(socket, level, name, value, length) \
    set_option((SOCKET)(socket), (level), (name), (value), (int)(length))

/* Winsock wants to be started before main uses a socket. */
__attribute__((constructor)) static void start_winsock(void)
{
    WSADATA facts;
    if (WSAStartup(MAKEWORD(2, 2), &facts) != 0)
        abort();
}

#endif
