// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** What becomes of sessions without a connection: their wills and their ends, each in its time. On the broker thread. */
final class Absences {

    private final Loop loop;
    private final Wills wills;
    private final LongSupplier now;
    private final Consumer<Session> expire;

    /**
     * @param now milliseconds of the journal's clock
     * @param expire ends a session whose time is over
     */
    Absences(Loop loop, Wills wills, LongSupplier now, Consumer<Session> expire) {
        this.loop = loop;
        this.wills = wills;
        this.now = now;
        this.expire = expire;
    }

    /** The session's connection has ended, now or before the gateway started. */
    void begin(Session session) {
        long expiresInMillis = session.expirySeconds() == ConnectProperties.NEVER_EXPIRES
                ? Long.MAX_VALUE
                : session.disconnectedAt() + session.expirySeconds() * 1_000 - now.getAsLong();
        if (expiresInMillis <= 0) {
            expire.accept(session);
            return;
        }
        session.expiryDue(later(expiresInMillis, () -> expire.accept(session)));
        session.will().ifPresent(will -> {
            long dueInMillis = session.disconnectedAt() + will.delaySeconds() * 1_000 - now.getAsLong();
            if (dueInMillis <= 0) {
                wills.publish(session);
            } else {
                session.willDue(later(dueInMillis, () -> wills.publish(session)));
            }
        });
    }

    /** The session ends. */
    void end(Session session) {
        wills.publishLast(session);
    }

    private Loop.Timer later(long millis, Runnable task) {
        return millis == Long.MAX_VALUE ? () -> {} : loop.schedule(Duration.ofMillis(millis), task);
    }
}
