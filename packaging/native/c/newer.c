// SPDX-License-Identifier: Apache-2.0
// What the classes of a later update of JDK 25 ask for and the libraries of 25.0.2 do not have yet. Part of libjvm.so.
#include <jni.h>
#include <unistd.h>

// Since 25.0.3, in place of istty.
JNIEXPORT jint JNICALL Java_java_io_Console_ttyStatus(JNIEnv *env, jclass type) {
    (void) env;
    (void) type;
    return (isatty(STDIN_FILENO) ? 1 : 0) | (isatty(STDOUT_FILENO) ? 2 : 0) | (isatty(STDERR_FILENO) ? 4 : 0);
}
