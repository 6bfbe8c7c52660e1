// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.RetainHandling;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.packet.Will;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Journals as earlier programs have left them, one directory for each, which must be read for ever; and the history that made them,
 * written anew. {@code -Dsluice.write-journal=DIR} keeps the files that this program makes of it.
 */
final class JournalFixtureTest {

    private static final Path FIXTURES = Path.of("src/test/resources/io/sluice/gateway/journal");
    private static final long SESSION = 1;
    private static final long BRIDGE = 2;
    private static final long GONE = 3;

    static Stream<Path> fixtures() throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(FIXTURES, "written-by-format-*")) {
            directories.forEach(found::add);
        }
        return found.stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void fixture_opened_hasAllThatWasWritten(Path fixture) throws IOException {
        assertHistory(read(fixture));
    }

    static FaultDisk read(Path fixture) throws IOException {
        FaultDisk disk = new FaultDisk();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(fixture)) {
            for (Path file : files) {
                disk.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
            }
        }
        return disk;
    }

    @Test
    void history_writtenNow_hasAllThatWasWritten() throws IOException {
        FaultDisk disk = new FaultDisk();
        write(disk);
        String keep = System.getProperty("sluice.write-journal", "");
        if (!keep.isEmpty()) {
            for (String name : disk.list()) {
                Files.write(Path.of(keep, name), disk.bytes(name));
            }
        }
        assertHistory(disk);
    }

    /** Every kind of record and state, over sealed segments and one that is not. */
    static void write(FaultDisk disk) throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            Journal journal = test.journal;
            for (long owner = SESSION; owner <= GONE; owner++) {
                assertThat(journal.newOwner()).isEqualTo(owner);
            }
            Will will = new Will(message("will", Qos.EXACTLY_ONCE, true, 60), 30);
            journal.put(new DurableState.BridgeState(BRIDGE, "cloud", "all"), 0);
            long old = journal.put(
                            new DurableState.SessionState(
                                    SESSION, "press-1", 7, DurableState.SessionState.CONNECTED, Optional.empty()),
                            0)
                    .stateNumber();
            journal.put(new DurableState.SessionState(SESSION, "press-1", 3_600, 12_345, Optional.of(will)), old);
            journal.put(
                    new DurableState.SubscriptionState(
                            SESSION,
                            new Subscription(
                                    TopicFilter.of("plant/+/#"),
                                    Qos.EXACTLY_ONCE,
                                    true,
                                    true,
                                    RetainHandling.SEND_IF_NEW),
                            17),
                    0);
            long retained = 0;
            for (int i = 0; i < 40; i++) {
                retained = test.retain("state/changing", "value " + i, retained);
                Receivers receivers = new Receivers();
                receivers.add(SESSION, journal.take(test.log(SESSION)), Qos.EXACTLY_ONCE, true, List.of(1, 200));
                receivers.add(BRIDGE, journal.take(test.log(BRIDGE)), Qos.AT_LEAST_ONCE, false, List.of());
                Message message = message("message " + i + " ".repeat(90), Qos.EXACTLY_ONCE, false, 1_000 + i);
                journal.append(message, receivers, SESSION, 100 + i, false, 0);
                test.append("gone", GONE);
                test.force();
            }
            test.retain("state/constant", "stays", 0);
            journal.remove(0, test.retain("state/removed", "goes", 0));
            journal.remove(GONE);
            for (int i = 0; i < 38; i++) {
                journal.completed(SESSION, 100 + i);
            }
            journal.received(SESSION, 7);
            journal.released(test.log(SESSION), 30);
            test.settle(SESSION, 0, 28);
            test.settle(BRIDGE, 5, 35);
            test.force();
        }
    }

    private static void assertHistory(FaultDisk disk) throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            assertThat(test.journal.recovered().values().stream().map(JournalFixtureTest::text))
                    .containsExactlyInAnyOrder(
                            "bridge 2 cloud all",
                            "session 1 press-1 3600 12345 will after 30: plant/7 EXACTLY_ONCE true 60 will",
                            "subscription 1 plant/+/# EXACTLY_ONCE true true SEND_IF_NEW 17",
                            "retained state/changing AT_LEAST_ONCE true -1 value 39",
                            "retained state/constant AT_LEAST_ONCE true -1 stays");
            assertThat(test.journal.newOwner()).isEqualTo(4);
            assertThat(test.read(SESSION).keySet()).hasSize(12).contains(28L, 30L, 39L);
            assertThat(test.read(BRIDGE).keySet()).containsExactly(0L, 1L, 2L, 3L, 4L, 35L, 36L, 37L, 38L, 39L);
            assertThat(test.read(BRIDGE)).containsEntry(38L, "message 38" + " ".repeat(90));
            assertThat(test.log(BRIDGE).next()).isGreaterThanOrEqualTo(2 * OutboxLog.RESERVED_BLOCK);
            assertThat(test.log(SESSION).released()).containsExactly(30L);
            assertThat(test.journal.received(SESSION).stream()).containsExactly(7, 138, 139);
            assertThat(test.log(GONE).depth()).isZero();
            List<String> deliveries = new ArrayList<>();
            OutboxTail tail = new OutboxTail(test.journal, test.log(SESSION), new OutboxTail.Sink() {
                @Override
                public void delivery(
                        long sequence, Message message, Qos qos, boolean retain, List<Integer> ids, long batch) {
                    deliveries.add(sequence + " " + text(message).strip() + " as " + qos + " " + retain + " " + ids);
                }

                @Override
                public void read(long upTo) {
                    // One request is enough.
                }
            });
            tail.restart(39);
            tail.request(1, 1);
            test.executor.runUntil(() -> !tail.isBusy());
            assertThat(deliveries)
                    .containsExactly("39 plant/7 EXACTLY_ONCE false 1039 message 39 as EXACTLY_ONCE true [1, 200]");
        }
    }

    private static Message message(String text, Qos qos, boolean retain, long expirySeconds) {
        return Message.of(
                new TopicName("plant/7"),
                qos,
                retain,
                MessageProperties.none(),
                expirySeconds,
                TestJournal.START.toEpochMilli(),
                Payload.ofText(text));
    }

    private static String text(DurableState state) {
        return switch (state) {
            case DurableState.SessionState session ->
                "session %d %s %d %d %s"
                        .formatted(
                                session.owner(),
                                session.clientId(),
                                session.expirySeconds(),
                                session.disconnectedAt(),
                                session.will()
                                        .map(will -> "will after " + will.delaySeconds() + ": " + text(will.message()))
                                        .orElse("no will"));
            case DurableState.SubscriptionState held ->
                "subscription %d %s %s %s %s %s %d"
                        .formatted(
                                held.owner(),
                                held.subscription().filter(),
                                held.subscription().maximumQos(),
                                held.subscription().noLocal(),
                                held.subscription().retainAsPublished(),
                                held.subscription().retainHandling(),
                                held.subscriptionId());
            case DurableState.BridgeState bridge ->
                "bridge %d %s %s".formatted(bridge.owner(), bridge.bridge(), bridge.rule());
            case DurableState.ShareState share -> "share %d %s".formatted(share.owner(), share.filter());
            case DurableState.RetainedState retained -> "retained " + text(retained.message());
        };
    }

    private static String text(Message message) {
        return "%s %s %s %d %s"
                .formatted(
                        message.topic(),
                        message.qos(),
                        message.retain(),
                        message.expirySeconds(),
                        message.payload().text());
    }
}
