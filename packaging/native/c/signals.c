// SPDX-License-Identifier: Apache-2.0
// Signals for Java's handlers: counted where they arrive, taken by the one thread that waits for them.
#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>

#define SIGNALS 65

static atomic_int opened;
static sem_t arrived;
static atomic_long pending[SIGNALS];

int cSunMiscSignal_open(void) {
    int closed = 0;
    if (!atomic_compare_exchange_strong(&opened, &closed, 1)) {
        return 1;
    }
    return sem_init(&arrived, 0, 0) == 0 ? 0 : -1;
}

int cSunMiscSignal_close(void) {
    int result = sem_destroy(&arrived);
    atomic_store(&opened, 0);
    return result;
}

int cSunMiscSignal_awaitSemaphore(void) { return sem_wait(&arrived); }

int cSunMiscSignal_signalSemaphore(void) { return sem_post(&arrived); }

int cSunMiscSignal_signalRangeCheck(int number) { return number >= 0 && number < SIGNALS; }

// The number of a signal that has arrived, which it thereby takes, or -1.
int cSunMiscSignal_checkPendingSignal(void) {
    for (int number = 0; number < SIGNALS; number++) {
        long count = atomic_load(&pending[number]);
        while (count > 0) {
            if (atomic_compare_exchange_weak(&pending[number], &count, count - 1)) {
                return number;
            }
        }
    }
    return -1;
}

static void onSignal(int number) {
    int before = errno;
    if (cSunMiscSignal_signalRangeCheck(number)) {
        atomic_fetch_add(&pending[number], 1);
        sem_post(&arrived);
    }
    errno = before;
}

void *cSunMiscSignal_signalHandlerFunctionPointer(void) { return (void *) onSignal; }
