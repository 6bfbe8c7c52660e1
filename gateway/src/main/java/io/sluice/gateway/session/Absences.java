// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.Will;
import io.sluice.gateway.routing.Router;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** What becomes of sessions without a connection: their wills and their ends, each in its time. On the broker thread. */
final class Absences {

    private final Loop loop;
    private final Router router;
    private final LongSupplier now;
    private final Consumer<Session> expire;

    /**
     * @param now milliseconds of the journal's clock
     * @param expire ends a session whose time is over
     */
    Absences(Loop loop, Router router, LongSupplier now, Consumer<Session> expire) {
        this.loop = loop;
        this.router = router;
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
        Optional<Will> will = session.will();
        long willInMillis = will.isEmpty()
                ? Long.MAX_VALUE
                : session.disconnectedAt() + will.get().delaySeconds() * 1_000 - now.getAsLong();
        if (willInMillis <= 0) {
            publishWill(session);
        }
        session.timers(
                later(expiresInMillis, () -> expire.accept(session)),
                later(willInMillis <= 0 ? Long.MAX_VALUE : willInMillis, () -> publishWill(session)));
    }

    /** The session ends, and its will is due whatever its delay [MQTT-3.1.3-9]. */
    void end(Session session) {
        publishWill(session);
    }

    private Loop.Timer later(long millis, Runnable task) {
        return millis == Long.MAX_VALUE ? () -> {} : loop.schedule(Duration.ofMillis(millis), task);
    }

    private void publishWill(Session session) {
        session.will().ifPresent(will -> {
            session.forgetWill(); // [MQTT-3.1.2-10]
            Message message = will.message();
            router.route(
                    Message.of(
                            message.topic(),
                            message.qos(),
                            message.retain(),
                            message.properties(),
                            message.expirySeconds(),
                            now.getAsLong(),
                            message.payload()),
                    session,
                    0,
                    0); // [MQTT-3.1.2-8]
        });
    }
}
