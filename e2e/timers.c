// Preloaded in front of libfaketime: timers run by the kernel's own clocks.
//
// libfaketime 0.9.10 moves the moment of every absolute timer by its offset, those of clocks that it was told to leave
// alone too. Such a timer lies in the past, fires at once, is set anew, and keeps a whole core busy.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int timer, int flags, const struct itimerspec *new_value, struct itimerspec *old_value) {
    return (int)syscall(SYS_timerfd_settime, timer, flags, new_value, old_value);
}

int timerfd_gettime(int timer, struct itimerspec *value) {
    return (int)syscall(SYS_timerfd_gettime, timer, value);
}
