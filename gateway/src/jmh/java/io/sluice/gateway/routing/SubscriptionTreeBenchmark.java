// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.routing;

import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How the time of a match grows with the filters in the tree: a plant of halls, machines and sensors, in which nine filters of ten
 * name one sensor and the tenth one has a wildcard. A topic always matches one or two of them.
 */
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SubscriptionTreeBenchmark {

    private static final int SUBSCRIBERS = 100;
    private static final int SENSORS = 10;
    private static final int MACHINES = 100;

    /** Primes, so that topics are asked for in no order that a cache could foresee. */
    private static final int STRIDE = 7_919;

    @Param({"1000", "10000", "100000", "1000000"})
    private int filters;

    private final SubscriptionTree tree = new SubscriptionTree();
    private final Subscription other = subscription("somewhere/else");
    private Taker[] subscribers = {};
    private TopicName[] topics = {};
    private int next;

    /** Fills the tree. */
    @Setup
    public void fill() {
        subscribers = new Taker[SUBSCRIBERS];
        for (int i = 0; i < SUBSCRIBERS; i++) {
            subscribers[i] = new Taker("subscriber-" + i);
        }
        topics = new TopicName[Math.min(filters, 100_000)];
        for (int i = 0; i < filters; i++) {
            String machine = "plant/hall-" + i / SENSORS / MACHINES + "/machine-" + i / SENSORS % MACHINES;
            String sensor = machine + "/sensor-" + i % SENSORS;
            String filter = i % SENSORS == 0 ? machine + "/+" : sensor;
            tree.subscribe(subscribers[i % SUBSCRIBERS], subscription(filter), 0);
            if (i < topics.length) {
                topics[i] = new TopicName(sensor);
            }
        }
    }

    private static Subscription subscription(String filter) {
        return new Subscription(TopicFilter.of(filter), Qos.AT_LEAST_ONCE, false, false, RetainHandling.SEND_IF_NEW);
    }

    /** A topic that was asked for lately, as sensors do. */
    @Benchmark
    public List<?> known() {
        return tree.match(topics[0]);
    }

    /** A topic that has to be looked up. */
    @Benchmark
    public Object lookUp() {
        next = (next + STRIDE) % topics.length;
        return tree.collect(topics[next]);
    }

    /** A subscription that comes and goes again. */
    @Benchmark
    public boolean subscribeAndUnsubscribe() {
        tree.subscribe(subscribers[0], other, 0);
        return tree.unsubscribe(subscribers[0], other.filter());
    }
}
