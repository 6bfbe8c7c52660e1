// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.load;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Publishers that together send so many messages a second with QoS 1, each on two topics in turn, and write every PUBACK into the ledger.
 * When the gateway goes away they connect again, and send once more what was not acknowledged, before anything new. Two virtual threads a
 * publisher.
 */
public final class LoadSource implements AutoCloseable {

    private final List<LoadPublisher> publishers;
    private final LoadLedger ledger;

    /**
     * Starts to publish.
     *
     * @param topic the beginning of the topics, {@code TOPIC/pN/tM}
     * @param messagesPerSecond of all publishers together
     */
    public LoadSource(int port, String topic, int publisherCount, int messagesPerSecond, LoadLedger ledger) {
        this.ledger = ledger;
        long period = TimeUnit.SECONDS.toNanos(publisherCount) / messagesPerSecond;
        publishers = IntStream.range(0, publisherCount)
                .mapToObj(index -> new LoadPublisher(port, topic, index, Duration.ofNanos(period), ledger))
                .toList();
        publishers.forEach(LoadPublisher::start);
    }

    /** Connections that ended and were made again, over all publishers. */
    public int reconnects() {
        return publishers.stream().mapToInt(LoadPublisher::reconnects).sum();
    }

    /** Waits until so many messages have been acknowledged. */
    public void awaitAcknowledged(int messages, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (ledger.balance().acknowledged() < messages) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(messages + " acknowledged messages expected: " + ledger.balance()
                        + "; troubles: " + troubles());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /** Publishes nothing new, and waits until everything under way is acknowledged. */
    public void finish(Duration limit) {
        publishers.forEach(LoadPublisher::finish);
        long deadline = System.nanoTime() + limit.toNanos();
        while (publishers.stream().mapToInt(LoadPublisher::openCount).sum() > 0) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "not everything is acknowledged: " + ledger.balance() + "; troubles: " + troubles());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /** Ends all connections and threads. */
    @Override
    public void close() {
        publishers.forEach(LoadPublisher::close);
    }

    private List<String> troubles() {
        return publishers.stream().map(LoadPublisher::trouble).distinct().toList();
    }
}
