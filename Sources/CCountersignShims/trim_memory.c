#include "CCountersignShims.h"

#include <malloc.h>

void countersign_trim_memory(void) { (void)malloc_trim(0); }

void countersign_map_large_memory(void) { (void)mallopt(M_MMAP_THRESHOLD, 32 * 1024); }
