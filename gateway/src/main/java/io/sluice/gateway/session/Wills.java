// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.loop.RareLog;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Will;
import io.sluice.gateway.routing.Router;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.LongSupplier;

/**
 * Publishes wills that are due. One that is refused for now, because what must be written cannot be, is tried again every second until
 * it is taken: by the session that still has it, or here if the session has ended. On the broker thread.
 */
final class Wills {

    private static final System.Logger LOG = System.getLogger(Wills.class.getName());
    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

    /** Of sessions that have ended; what comes on top is dropped, and what does not fit in memory. */
    private static final int WAITING_MAX = 1_000;

    private record Due(Message message, Session session) {}

    private final Loop loop;
    private final Router router;
    private final StateMemory memory;
    private final LongSupplier now;
    private final RareLog dropped;
    private final Queue<Due> waiting = new ArrayDeque<>();

    /** @param now milliseconds of the journal's clock */
    Wills(Loop loop, Router router, StateMemory memory, LongSupplier now) {
        this.loop = loop;
        this.router = router;
        this.memory = memory;
        this.now = now;
        this.dropped = new RareLog(LOG, now);
    }

    /** The will of a session that goes on is due; it stays the session's until it is taken, unless the client returns before. */
    void publish(Session session) {
        session.will().ifPresent(will -> {
            if (isTaken(due(will), session)) {
                session.forgetWill(); // [MQTT-3.1.2-10]
            } else {
                session.willDue(loop.schedule(TRY_AGAIN, () -> publish(session)));
            }
        });
    }

    /** A session ends, and its will is due whatever its delay [MQTT-3.1.3-9]. */
    void publishLast(Session session) {
        session.will().ifPresent(will -> {
            Message message = due(will);
            if (!isTaken(message, session)) {
                keep(new Due(message, session));
            }
            session.forgetWill();
        });
    }

    private void keep(Due due) {
        if (waiting.size() >= WAITING_MAX || !memory.hasRoom(bytes(due))) {
            dropped.warn(due.session().clientId() + ": its will is dropped, because the journal cannot take it and "
                    + waiting.size() + " others wait");
            return;
        }
        memory.add(bytes(due));
        waiting.add(due);
        if (waiting.size() == 1) {
            loop.schedule(TRY_AGAIN, this::tryAgain);
        }
    }

    private void tryAgain() {
        while (!waiting.isEmpty()
                && isTaken(waiting.peek().message(), waiting.peek().session())) {
            memory.add(-bytes(waiting.remove()));
        }
        if (!waiting.isEmpty()) {
            loop.schedule(TRY_AGAIN, this::tryAgain);
        }
    }

    private boolean isTaken(Message message, Session session) {
        return !router.route(message, session, 0, 0).again(); // [MQTT-3.1.2-8]
    }

    private static long bytes(Due due) {
        return due.message().bytes().length;
    }

    private Message due(Will will) {
        Message message = will.message();
        return Message.of(
                message.topic(),
                message.qos(),
                message.retain(),
                message.properties(),
                message.expirySeconds(),
                now.getAsLong(),
                message.payload());
    }
}
