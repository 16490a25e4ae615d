#define _GNU_SOURCE
#include "CCountersignShims.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// libargon2's callbacks get no context argument, so the arena of the hash in progress hangs on its thread. With one
// thread per hash libargon2 allocates and frees on the thread that called it.
static _Thread_local countersign_arena *current_arena = NULL;

enum { huge_page_size = 2 * 1024 * 1024 };

void countersign_arena_enter(countersign_arena *arena) { current_arena = arena; }

void countersign_arena_wipe(countersign_arena *arena) {
    if (arena->base != NULL) {
        explicit_bzero(arena->base, arena->size);
    }
}

bool countersign_arena_is_clear(const countersign_arena *arena) {
    for (size_t place = 0; place < arena->size; place++) {
        if (arena->base[place] != 0) {
            return false;
        }
    }
    return true;
}

void countersign_arena_release(countersign_arena *arena) {
    if (arena->base != NULL) {
        munmap(arena->base, arena->size);
    }
    arena->base = NULL;
    arena->size = 0;
}

// Memory of exactly that size that begins where a huge page does: rounded up to whole huge pages, each hash would take a
// megabyte more than it is said to. NULL when there is none.
static uint8_t *map_for_huge_pages(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (size > SIZE_MAX - 2 * huge_page_size) {
        return NULL;
    }
    size_t whole = (size + page - 1) / page * page;
    uint8_t *reserved = mmap(NULL, whole + huge_page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (reserved == MAP_FAILED) {
        return NULL;
    }
    size_t before = (huge_page_size - (uintptr_t)reserved % huge_page_size) % huge_page_size;
    uint8_t *base = reserved + before;
    if (before > 0) {
        munmap(reserved, before);
    }
    munmap(base + whole, huge_page_size - before);
    if (mprotect(base, whole, PROT_READ | PROT_WRITE) != 0) {
        munmap(base, whole);
        return NULL;
    }
    return base;
}

int countersign_arena_allocate(uint8_t **memory, size_t size) {
    countersign_arena *arena = current_arena;
    // -1 becomes ARGON2_MEMORY_ALLOCATION_ERROR for libargon2, which only asks whether a pointer came back.
    *memory = NULL;
    if (arena == NULL || size == 0) {
        return -1;
    }
    if (arena->size < size) {
        countersign_arena_release(arena);
        uint8_t *base = map_for_huge_pages(size);
        if (base == NULL) {
            return -1;
        }
        // Only a wish: without huge pages the same hash takes a little longer.
        (void)madvise(base, size, MADV_HUGEPAGE);
        // Nothing a core dump could hold, should one be made in spite of everything.
        (void)madvise(base, size, MADV_DONTDUMP);
        arena->base = base;
        arena->size = size;
    }
    *memory = arena->base;
    return 0;
}

// The arena keeps the memory for the next hash; countersign_arena_release gives it back.
void countersign_arena_free(uint8_t *memory, size_t size) {
    (void)memory;
    (void)size;
}
