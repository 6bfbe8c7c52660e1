// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * What is to be handed on in order: each thing only when the journal has what it vouches for, and those before it were handed on.
 * Lives on the broker thread.
 *
 * @param <T> what is handed on
 */
public final class SafeInOrder<T> {

    private final Journal journal;
    private final Consumer<T> send;
    /** Mostly empty, and there is one for each connection. */
    private final Queue<Waiting<T>> waits = new ArrayDeque<>(1);

    private boolean waiting;
    private boolean ended;

    private record Waiting<T>(T thing, long receipt) {}

    /** @param send takes the things that may go out */
    public SafeInOrder(Journal journal, Consumer<T> send) {
        this.journal = journal;
        this.send = send;
    }

    /** @param receipt the journal's, which must be safe before, or 0 */
    public void add(T thing, long receipt) {
        if (waits.isEmpty() && journal.isSafe(receipt)) {
            send.accept(thing);
            return;
        }
        waits.add(new Waiting<>(thing, receipt));
        await();
    }

    /** The first thing may go, whatever its receipt says. */
    public void leaveFirst() {
        Waiting<T> head = waits.poll();
        if (head != null) {
            send.accept(head.thing());
            leave();
        }
    }

    public int count() {
        return waits.size();
    }

    public void end() {
        ended = true;
        waits.clear();
    }

    private void await() {
        Waiting<T> head = waits.peek();
        if (head != null && !waiting) {
            waiting = true;
            journal.whenSafe(head.receipt(), this::leave);
        }
    }

    private void leave() {
        waiting = false;
        if (ended) {
            return;
        }
        for (Waiting<T> head = waits.peek(); head != null && journal.isSafe(head.receipt()); head = waits.peek()) {
            waits.remove();
            send.accept(head.thing());
        }
        await();
    }
}
