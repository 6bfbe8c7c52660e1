// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.sluice.gateway.codec.Room;
import io.sluice.gateway.session.Sessions;

/** What one connection remembers of topics: a part of what all connections and sessions may take. On the broker thread. */
final class Remembered implements Room {

    private final Sessions sessions;
    private long bytes;

    Remembered(Sessions sessions) {
        this.sessions = sessions;
    }

    @Override
    public boolean take(int more) {
        boolean taken = sessions.remember(more);
        bytes += taken ? more : 0;
        return taken;
    }

    /** The connection is gone. */
    void release() {
        sessions.remember(-bytes);
        bytes = 0;
    }
}
