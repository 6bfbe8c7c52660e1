// SPDX-License-Identifier: Apache-2.0
// libjvm.so: the few functions of a Java virtual machine that the JDK's own libraries call when there is none. The others
// are made by the build, and end the program with their name.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <jni.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NANOS 1000000000LL

int initialize(void *reserved) {
    (void) reserved;
    return 0;
}

// A native image takes the JDK's libraries for parts of itself, each with a JNI_OnLoad of a name of its own. In shared libraries all have
// the same name, so the right one is looked up in the library, which is loaded because the program needs it.
static jint start(const char *library, JavaVM *vm, void *reserved) {
    void *handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    if (handle != NULL) {
        jint (*onLoad)(JavaVM *, void *) = (jint(*)(JavaVM *, void *)) dlsym(handle, "JNI_OnLoad");
        if (onLoad != NULL) {
            onLoad(vm, reserved);
        }
        dlclose(handle);
    }
    return JNI_VERSION_1_8; // the least that a part of a program may answer
}

jint JNI_OnLoad_java(JavaVM *vm, void *reserved) { return start("libjava.so", vm, reserved); }

jint JNI_OnLoad_net(JavaVM *vm, void *reserved) { return start("libnet.so", vm, reserved); }

jint JNI_OnLoad_nio(JavaVM *vm, void *reserved) { return start("libnio.so", vm, reserved); }

jint JNI_OnLoad_management(JavaVM *vm, void *reserved) { return start("libmanagement.so", vm, reserved); }

jint JNI_OnLoad_management_ext(JavaVM *vm, void *reserved) { return start("libmanagement_ext.so", vm, reserved); }

// These have nothing to start.

#define NOTHING_TO_START(library)                                                                                      \
    jint JNI_OnLoad_##library(JavaVM *vm, void *reserved) {                                                            \
        (void) vm;                                                                                                     \
        (void) reserved;                                                                                               \
        return JNI_VERSION_1_8;                                                                                        \
    }

NOTHING_TO_START(zip)
NOTHING_TO_START(extnet)
NOTHING_TO_START(prefs)
NOTHING_TO_START(jaas)

// Clocks.

static struct timespec now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time;
}

jlong JVM_NanoTime(JNIEnv *env, jclass type) {
    struct timespec time = now(CLOCK_MONOTONIC);
    (void) env;
    (void) type;
    return time.tv_sec * NANOS + time.tv_nsec;
}

jlong JVM_CurrentTimeMillis(JNIEnv *env, jclass type) {
    struct timespec time = now(CLOCK_REALTIME);
    (void) env;
    (void) type;
    return (jlong) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

// Nanoseconds since a moment given in seconds, or -1 if that is more than four thousand million seconds away.
jlong JVM_GetNanoTimeAdjustment(JNIEnv *env, jclass type, jlong offsetSeconds) {
    struct timespec time = now(CLOCK_REALTIME);
    jlong seconds = (jlong) time.tv_sec - offsetSeconds;
    (void) env;
    (void) type;
    if (seconds > 1LL << 32 || seconds < -(1LL << 32)) {
        return -1;
    }
    return seconds * NANOS + time.tv_nsec;
}

// The machine.

int JVM_ActiveProcessorCount(void) {
    cpu_set_t mine;
    return sched_getaffinity(0, sizeof mine, &mine) == 0 ? CPU_COUNT(&mine) : (int) sysconf(_SC_NPROCESSORS_ONLN);
}

jboolean JVM_IsUseContainerSupport(void) { return JNI_FALSE; }

jboolean JVM_IsContainerized(void) { return JNI_FALSE; }

char *JVM_NativePath(char *path) { return path; }

void *JVM_FindLibraryEntry(void *library, const char *name) { return dlsym(library, name); }

jboolean JVM_IsSupportedJNIVersion(jint version) {
    return version == JNI_VERSION_1_1 || version == JNI_VERSION_1_2 || version == JNI_VERSION_1_4
            || version == JNI_VERSION_1_6 || version == JNI_VERSION_1_8
            || (version >= JNI_VERSION_9 && version <= JNI_VERSION_24);
}

jboolean JVM_RaiseSignal(jint number) { return raise(number) == 0; }

void JVM_BeforeHalt(void) {}

void JVM_Halt(jint status) { _exit(status); }

// Locks.

void *JVM_RawMonitorCreate(void) {
    pthread_mutex_t *monitor = malloc(sizeof *monitor);
    if (monitor != NULL) {
        pthread_mutex_init(monitor, NULL);
    }
    return monitor;
}

void JVM_RawMonitorDestroy(void *monitor) {
    pthread_mutex_destroy(monitor);
    free(monitor);
}

jint JVM_RawMonitorEnter(void *monitor) { return pthread_mutex_lock(monitor); }

void JVM_RawMonitorExit(void *monitor) { pthread_mutex_unlock(monitor); }

// Formatted output. Unlike those of C, the first two answer -1 when the text had to be cut, and always end it.

int jio_vsnprintf(char *text, size_t bytes, const char *format, va_list values) {
    if ((long) bytes <= 0) {
        return -1;
    }
    int length = vsnprintf(text, bytes, format, values);
    if (length < 0 || (size_t) length >= bytes) {
        text[bytes - 1] = 0;
        return -1;
    }
    return length;
}

int jio_snprintf(char *text, size_t bytes, const char *format, ...) {
    va_list values;
    va_start(values, format);
    int length = jio_vsnprintf(text, bytes, format, values);
    va_end(values);
    return length;
}

int jio_vfprintf(FILE *file, const char *format, va_list values) { return vfprintf(file, format, values); }

int jio_fprintf(FILE *file, const char *format, ...) {
    va_list values;
    va_start(values, format);
    int length = vfprintf(file, format, values);
    va_end(values);
    return length;
}

int jio_printf(const char *format, ...) {
    va_list values;
    va_start(values, format);
    int length = vprintf(format, values);
    va_end(values);
    return length;
}
