// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

/** Whether a client is read, why not, and since when it has been silent: what comes from all must be bounded. On the broker thread. */
final class Reading {

    private final Sessions sessions;
    private final Connection connection;
    /** The disk is behind. */
    private boolean paused;
    /** What the client publishes waits for room. */
    private boolean withheld;

    /** Whether packets have come since {@link #silentSince}: the clock is asked once for all that came together. */
    private boolean heard;

    private long silentSince;
    private boolean ended;

    Reading(Sessions sessions, Connection connection) {
        this.sessions = sessions;
        this.connection = connection;
        this.silentSince = sessions.now();
    }

    /** A packet has come. */
    void heard() {
        heard = true;
    }

    /**
     * When the last packet came, or when the client was last read again after a time when it was not, in milliseconds of the
     * journal's clock.
     */
    long silentSince() {
        return silentSince;
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
        silentSince = sessions.now();
        if (!ended) {
            connection.read(!isPaused());
        }
    }

    /** After a batch of packets: reading goes on only while what is taken in is bounded. */
    void onReadComplete() {
        if (heard) {
            heard = false;
            silentSince = sessions.now();
        }
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
