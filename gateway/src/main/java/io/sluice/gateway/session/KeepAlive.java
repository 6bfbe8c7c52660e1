// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ReasonCode;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** Ends a connection on which nothing has come for one and a half times the keep alive [MQTT-3.1.2-22]. On the broker thread. */
final class KeepAlive {

    private static final System.Logger LOG = System.getLogger(KeepAlive.class.getName());

    private final Conversation conversation;
    private final Sessions sessions;
    private final long silenceMillisMax;

    private KeepAlive(Conversation conversation, Sessions sessions, long silenceMillisMax) {
        this.conversation = conversation;
        this.sessions = sessions;
        this.silenceMillisMax = silenceMillisMax;
    }

    /**
     * Watches over a conversation, in place of what watched before.
     *
     * @param seconds the keep alive, where 0 turns it off
     */
    static void watch(Conversation conversation, Sessions sessions, int seconds) {
        if (seconds > 0) {
            KeepAlive watching = new KeepAlive(conversation, sessions, seconds * 1_500L);
            watching.lookIn(watching.silenceMillisMax);
        } else {
            conversation.watch(() -> {});
        }
    }

    private void lookIn(long millis) {
        conversation.watch(sessions.loop().schedule(Duration.ofMillis(millis), this::look));
    }

    private void look() {
        long left = conversation.silentSince() + silenceMillisMax - sessions.now();
        if (conversation.isReadPaused()) {
            lookIn(silenceMillisMax);
        } else if (left > 0) {
            lookIn(left);
        } else {
            LOG.log(Level.INFO, "{0}: keep alive timeout", conversation);
            conversation.disconnect(
                    ReasonCode.KEEP_ALIVE_TIMEOUT,
                    Explanation.of("nothing was received for " + silenceMillisMax + " ms"));
        }
    }
}
