/* What a newer compiler calls for copying under ThreadSanitizer, by the names that an older clang's runtime has:
 * there these functions themselves are watched. Weak, so that a runtime's own ones go first. */
#include <string.h>

void *__tsan_memcpy(void *to, const void *from, size_t length);
void *__tsan_memmove(void *to, const void *from, size_t length);
void *__tsan_memset(void *to, int value, size_t length);

__attribute__((weak)) void *__tsan_memcpy(void *to, const void *from, size_t length)
{
    return memcpy(to, from, length);
}

__attribute__((weak)) void *__tsan_memmove(void *to, const void *from, size_t length)
{
    return memmove(to, from, length);
}

__attribute__((weak)) void *__tsan_memset(void *to, int value, size_t length)
{
    return memset(to, value, length);
}
