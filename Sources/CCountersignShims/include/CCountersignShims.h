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

// Overwrites what hashes have left in the memory.
void countersign_arena_wipe(countersign_arena *arena);

// Whether nothing but zeros is in it.
bool countersign_arena_is_clear(const countersign_arena *arena);

// Gives the memory back to the system.
void countersign_arena_release(countersign_arena *arena);

// Asks libargon2 to leave the wiping to us. False where it is linked in such a way that nobody can ask.
bool countersign_argon2_leave_wiping(void);

// Overwrites the part of this thread's stack that a call of libargon2 from the same place has used.
void countersign_argon2_wipe_stack(void);

// Forbids core dumps and reading the process's memory from outside. False if the system refused.
bool countersign_forbid_core_dumps(void);

// What the kernel knows of the clock: 1 it is kept right, 0 it is not, -1 it does not tell.
int countersign_clock_is_synchronised(void);

// Whether the process may be dumped or traced by its own user.
bool countersign_is_dumpable(void);

// Gives what the allocator has free back to the system.
void countersign_trim_memory(void);

// Has the allocator take pieces of 32 KiB and more from the system, and give them back when they are freed. It would
// take them from its own heap, whose free parts between others stay.
void countersign_map_large_memory(void);

// Lets go of the program's own code and constants, which come back from the file page by page as they are used.
void countersign_unmap_code(void);

// Fills memory with random bytes of the system (getrandom). False if it gave none.
bool countersign_random(void *memory, size_t size);

#endif
