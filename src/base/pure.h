/* pure.h — the last include of every file of the core.
 *
 * A core file that reaches for the outside world does not compile. */
#ifndef FRUGAL_BASE_PURE_H
#define FRUGAL_BASE_PURE_H

#pragma GCC poison time clock_gettime gettimeofday nanosleep getenv
#pragma GCC poison socket connect read write open fopen printf fprintf puts
#pragma GCC poison rand srand random pthread_create pthread_mutex_lock

#endif
