// What Swift cannot say itself: variadic calls, and C callbacks that carry no context.
#ifndef CCOUNTERSIGN_SHIMS_H
#define CCOUNTERSIGN_SHIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A block of memory that one thread uses for one hash after another.
typedef struct {
    uint8_t *base;
    size_t size;
} countersign_arena;

// Makes `arena` (or none, for NULL) the one that this thread's next hash works in.
void countersign_arena_enter(countersign_arena *arena);

// libargon2's allocation callbacks.
int countersign_arena_allocate(uint8_t **memory, size_t size);
void countersign_arena_free(uint8_t *memory, size_t size);

// Gives the memory back to the system.
void countersign_arena_release(countersign_arena *arena);

// Forbids core dumps and reading the process's memory from outside. False if the system refused.
bool countersign_forbid_core_dumps(void);

// Whether the process may be dumped or traced by its own user.
bool countersign_is_dumpable(void);

#endif
