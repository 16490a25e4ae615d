#define _GNU_SOURCE
#include "CCountersignShims.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

// The first object is the program itself.
static int unmap_unwritable(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size;
    (void)data;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < info->dlpi_phnum; index += 1) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[index];
        // What can be written to would be lost; the rest is in the file.
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) {
            continue;
        }
        const uintptr_t start = (info->dlpi_addr + segment->p_vaddr) / page * page;
        const uintptr_t end = (info->dlpi_addr + segment->p_vaddr + segment->p_memsz) / page * page;
        if (end > start) {
            (void)madvise((void *)start, end - start, MADV_DONTNEED);
        }
    }
    return 1;
}

void countersign_unmap_code(void) { (void)dl_iterate_phdr(unmap_unwritable, NULL); }
