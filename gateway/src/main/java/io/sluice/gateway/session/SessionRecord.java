// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.journal.DurableState.SessionState;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.packet.Will;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the journal has of a session, if that is durable. While nothing can be written, what is promised already is not written again:
 * when the connection began or ended is then written later, which costs at most that after a crash the session's time runs from its
 * absence before. On the broker thread.
 */
final class SessionRecord {

    private final Journal journal;
    private final long owner;
    private final String clientId;
    private long stateNumber;
    private @Nullable SessionState written;
    /** The batch from which on the journal has what was written last, apart from the times. */
    private long promisedIn;

    private @Nullable SessionState later;

    /** @param owner the session's number in the journal, or 0 if it ends with its connection */
    SessionRecord(Journal journal, long owner, String clientId) {
        this.journal = journal;
        this.owner = owner;
        this.clientId = clientId;
    }

    /** Takes over what the journal had. */
    void restore(long number, SessionState state) {
        stateNumber = number;
        written = state;
    }

    /** The number of its state in the journal, or 0. */
    long stateNumber() {
        return stateNumber;
    }

    /** Has the journal keep this of it; the batch after which what it promises is safe, or 0. */
    long put(long expirySeconds, long disconnectedAt, Optional<Will> will, Optional<String> identity) {
        return owner == 0 ? 0 : put(new SessionState(owner, clientId, expirySeconds, disconnectedAt, will, identity));
    }

    private long put(SessionState state) {
        boolean isPromised = written != null && state.promisesTheSameAs(written);
        if (isPromised && journal.isStuck()) {
            putLater(state);
            return promisedIn;
        }
        later = null;
        Journal.Appended appended = journal.put(state, stateNumber);
        stateNumber = appended.stateNumber();
        written = state;
        promisedIn = isPromised ? promisedIn : appended.batch();
        return appended.batch();
    }

    private void putLater(SessionState state) {
        if (later == null) {
            journal.whenWritten(() -> {
                if (later != null) {
                    put(later);
                }
            });
        }
        later = state;
    }

    /** Whether a restart would find what was promised last. */
    boolean isSafe() {
        return owner == 0 || (written != null && journal.isForced(promisedIn));
    }

    /** Whether a restart would find this promised. */
    boolean isSafe(long expirySeconds, Optional<Will> will, Optional<String> identity) {
        SessionState asked = new SessionState(owner, clientId, expirySeconds, SessionState.CONNECTED, will, identity);
        return written != null && asked.promisesTheSameAs(written) && journal.isForced(promisedIn);
    }

    /** The session has ended. */
    void end() {
        later = null;
    }
}
