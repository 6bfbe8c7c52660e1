// SPDX-License-Identifier: Apache-2.0
// Small services of Linux and of the C library that a native image asks for under names of its own.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

char **getEnviron(void) { return environ; }

int getThreadId(void) { return (int) syscall(SYS_gettid); }

void *mremapP(void *from, size_t bytes, size_t newBytes, int flags, void *to) {
    return mremap(from, bytes, newBytes, flags, to);
}

void codeSynchronization_clearCache(long start, long bytes) {
    __builtin___clear_cache((char *) start, (char *) (start + bytes));
}

// Nanoseconds that a thread has run in user mode, the fourteenth field of its stat, or -1.
int64_t getThreadUserTimeSlow(int thread) {
    char path[64];
    char stat[2048];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return -1;
    }
    size_t bytes = fread(stat, 1, sizeof stat - 1, file);
    fclose(file);
    stat[bytes] = 0;
    char *afterName = strrchr(stat, ')');
    unsigned long ticks;
    if (afterName == NULL
            || sscanf(afterName + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu", &ticks) != 1) {
        return -1;
    }
    return (int64_t) ticks * (1000000000L / sysconf(_SC_CLK_TCK));
}

// C functions with a variable list of arguments, for a caller that has only fixed ones.

int openSII(const char *path, int flags, int mode) { return open(path, flags, mode); }

int openatISII(int directory, const char *path, int flags, int mode) { return openat(directory, path, flags, mode); }

int fprintfSD(FILE *file, const char *format, const char *text, int number) {
    return fprintf(file, format, text, number);
}

// Attaching to the running program is not supported: there is no listener, and nothing is ever asked.

void svm_attach_startup(char *path) { (void) path; }

void svm_attach_listener_cleanup(int listener, char *path) {
    (void) path;
    if (listener >= 0) {
        close(listener);
    }
}

int svm_attach_check_socket_file(char *path) {
    (void) path;
    return 0;
}

int svm_attach_is_init_trigger(char *path) {
    (void) path;
    return 0;
}

int svm_attach_create_listener(char *path) {
    (void) path;
    return -1;
}

int svm_attach_wait_for_request(int listener) {
    (void) listener;
    return -1;
}

void svm_attach_shutdown_socket(int listener) { (void) listener; }
