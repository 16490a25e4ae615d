#include "CCountersignShims.h"

#include <errno.h>
#include <sys/random.h>

bool countersign_random(void *memory, size_t size) {
    uint8_t *next = memory;
    while (size > 0) {
        const ssize_t count = getrandom(next, size, 0);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        if (count > 0) {
            next += count;
            size -= (size_t)count;
        }
    }
    return true;
}
