#include "CCountersignShims.h"

#include <malloc.h>

void countersign_trim_memory(void) { (void)malloc_trim(0); }
