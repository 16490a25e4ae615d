#define _GNU_SOURCE
#include "CCountersignShims.h"

#include <string.h>

// Of libargon2's public header. Its shared library keeps the name to itself, its archive does not.
extern int FLAG_clear_internal_memory __attribute__((weak));

bool countersign_argon2_leave_wiping(void) {
    if (&FLAG_clear_internal_memory == NULL) {
        return false;
    }
    FLAG_clear_internal_memory = 0;
    return true;
}

// With the flag libargon2 also leaves what it had on the stack: the first digest of the password, and the last block.
// Its deepest call takes less than 8 KiB.
__attribute__((noinline)) void countersign_argon2_wipe_stack(void) {
    uint8_t used[16 * 1024];
    explicit_bzero(used, sizeof used);
}
