// Preloaded by a test: a library whose clean-up at the end of a process ends badly, as that of libraries does whose
// functions other threads are still in.
#include <stdlib.h>

__attribute__((destructor)) static void clean_up(void) { abort(); }
