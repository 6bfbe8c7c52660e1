// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * What one connection is still to be told, in order: an answer leaves only when the journal has what it vouches for, and those before
 * it have left. Ends with the connection, so that no answer ever goes to another one. Lives on the broker thread.
 *
 * @param <T> an answer
 */
public final class OwedAnswers<T> {

    private final Journal journal;
    private final Consumer<T> send;
    private final Queue<Owed<T>> owed = new ArrayDeque<>();
    private boolean waiting;
    private boolean ended;

    private record Owed<T>(T answer, long receipt) {}

    /** @param send takes the answers that may go out */
    public OwedAnswers(Journal journal, Consumer<T> send) {
        this.journal = journal;
        this.send = send;
    }

    /** @param receipt the journal's, which must be safe before, or 0 */
    public void owe(T answer, long receipt) {
        if (owed.isEmpty() && journal.isSafe(receipt)) {
            send.accept(answer);
            return;
        }
        owed.add(new Owed<>(answer, receipt));
        await();
    }

    public int count() {
        return owed.size();
    }

    public void end() {
        ended = true;
        owed.clear();
    }

    private void await() {
        Owed<T> head = owed.peek();
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
        for (Owed<T> head = owed.peek(); head != null && journal.isSafe(head.receipt()); head = owed.peek()) {
            owed.remove();
            send.accept(head.answer());
        }
        await();
    }
}
