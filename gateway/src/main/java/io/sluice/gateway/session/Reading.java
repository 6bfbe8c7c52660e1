// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

/** Whether a client is read, and why not: what comes from all must be bounded. On the broker thread. */
final class Reading {

    private final Sessions sessions;
    private final Connection connection;
    private final Runnable onChange;
    /** The disk is behind. */
    private boolean paused;
    /** What the client publishes waits for room. */
    private boolean withheld;

    private boolean ended;

    /** @param onChange told when the client is read again, or not any more: its silence counts from here */
    Reading(Sessions sessions, Connection connection, Runnable onChange) {
        this.sessions = sessions;
        this.connection = connection;
        this.onChange = onChange;
    }

    /** Whether the client is not read for now, so that nothing can come from it. */
    boolean isPaused() {
        return paused || withheld;
    }

    /** Whether what the client publishes waits for room: it is not read meanwhile. */
    void withhold(boolean now) {
        withheld = now;
        change();
    }

    private void change() {
        onChange.run();
        if (!ended) {
            connection.read(!isPaused());
        }
    }

    /** After a batch of packets: reading goes on only while what is taken in is bounded. */
    void onReadComplete() {
        if (!ended && !paused && sessions.isCongested()) {
            paused = true;
            connection.read(false);
            sessions.journal().catchUp(this::resume);
        }
    }

    /** The disk is not waited for any more. */
    void resume() {
        if (paused) {
            paused = false;
            change();
        }
    }

    void end() {
        ended = true;
    }
}
