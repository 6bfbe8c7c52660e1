// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.topic.Qos;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the tools see of a journal, whoever wrote it and whoever is writing it. */
final class JournalImageTest {

    static Stream<Path> fixtures() throws IOException {
        return JournalFixtureTest.fixtures();
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void fixture_read_isWholeAndHasAllThatIsOwed(Path fixture) throws IOException {
        assertHistory(ReadImage.of(JournalFixtureTest.read(fixture)));
    }

    @Test
    void history_writtenNow_isWholeAndHasAllThatIsOwed() throws IOException {
        FaultDisk disk = new FaultDisk();
        JournalFixtureTest.write(disk);
        assertHistory(ReadImage.of(disk));
    }

    private static void assertHistory(ReadImage image) {
        assertThat(image.damage()).isEmpty();
        assertThat(image.missed()).isEmpty();
        assertThat(image.survey().counts()).isEqualTo(new JournalSurvey.Counts(1, 1, 1, 0, 2));
        assertThat(image.survey().segments())
                .extracting(JournalSurvey.SegmentFile::state)
                .containsExactly(
                        JournalSurvey.State.SEALED,
                        JournalSurvey.State.SEALED,
                        JournalSurvey.State.SEALED,
                        JournalSurvey.State.OPEN);
        assertThat(image.outbox(1).owner()).isEqualTo(new JournalOwner(1, JournalOwner.Kind.SESSION, "press-1", ""));
        assertThat(image.outbox(2).owner()).isEqualTo(new JournalOwner(2, JournalOwner.Kind.BRIDGE, "cloud", "all"));
        assertThat(image.outbox(2).owner().label()).isEqualTo("cloud: all");
        assertThat(image.outbox(1).deliveries()).isEqualTo(12);
        assertThat(image.outbox(2).deliveries()).isEqualTo(10);
        assertThat(image.outbox(2).bytes()).hasValue(5 * ("plant/7message 0".length() + 90L) + 5 * 107L);
        assertThat(image.outbox(2).oldestMillis()).isPresent();
        assertThat(image.owed(2)).hasSize(10).startsWith("0 message 0").endsWith("39 message 39");
        assertThat(image.owed(1)).hasSize(12).startsWith("28 message 28").endsWith("39 message 39");
        JournalDelivery last = image.deliveries().getLast();
        assertThat(last.message().expirySeconds()).isEqualTo(1_039);
        assertThat(image.deliveries())
                .filteredOn(delivery -> delivery.owner().number() == 1)
                .allSatisfy(delivery -> {
                    assertThat(delivery.qos()).isEqualTo(Qos.EXACTLY_ONCE);
                    assertThat(delivery.retain()).isTrue();
                    assertThat(delivery.subscriptionIds()).containsExactly(1, 200);
                });
        assertThat(image.retained())
                .extracting(message -> message.topic() + " " + message.payload().text())
                .containsExactlyInAnyOrder("state/changing value 39", "state/constant stays");
        long live = image.survey().segments().stream()
                .mapToLong(segment -> segment.liveBytes().orElse(0))
                .sum();
        assertThat(live)
                .isBetween(
                        17L * 100,
                        image.survey().segments().stream()
                                .mapToLong(JournalSurvey.SegmentFile::bytes)
                                .sum());
    }

    @Test
    void survey_quick_leavesOutWhatMessagesTell() throws IOException {
        FaultDisk disk = new FaultDisk();
        JournalFixtureTest.write(disk);
        try (JournalImage image = JournalImage.of(disk, MachineTime.of(() -> TestJournal.START))) {
            JournalSurvey survey = image.survey(true, (bytes, all) -> {
                throw new AssertionError("nothing is to be read");
            });
            assertThat(survey.outboxes().getFirst().deliveries()).isEqualTo(12);
            assertThat(survey.outboxes().getFirst().bytes()).isEmpty();
            assertThat(survey.outboxes().getFirst().oldestMillis()).isEmpty();
            assertThat(survey.segments())
                    .allMatch(segment -> segment.liveBytes().isEmpty());
        }
    }

    @Test
    void newerFormat_isRefusedByName() throws IOException {
        FaultDisk disk = new FaultDisk();
        JournalFixtureTest.write(disk);
        byte[] bytes = disk.bytes("0000000002.sluice");
        bytes[9] = JournalFormat.VERSION + 1;
        Resealed.header(bytes);
        disk.put("0000000002.sluice", bytes);
        assertThatThrownBy(() -> ReadImage.of(disk))
                .isInstanceOf(IOException.class)
                .hasMessage("segment 0000000002.sluice has format version %d, this program reads up to %d"
                        .formatted(JournalFormat.VERSION + 1, JournalFormat.VERSION));
    }

    @Test
    void image_nothing_isWritten() throws IOException {
        FaultDisk disk = new FaultDisk();
        JournalFixtureTest.write(disk);
        Map<String, byte[]> before = new HashMap<>();
        byte[] torn = disk.bytes("0000000004.sluice");
        disk.put("0000000004.sluice", java.util.Arrays.copyOf(torn, torn.length - 10));
        byte[] headless = disk.bytes("0000000002.sluice");
        headless[3] ^= 1;
        disk.put("0000000002.sluice", headless);
        disk.put("0000000003.sluice.new", new byte[100]);
        disk.put("0000000001.sluice", new byte[100]);
        for (String name : disk.list()) {
            before.put(name, disk.bytes(name));
        }
        disk.readOnly(true);
        assertThat(ReadImage.of(disk).survey().segments())
                .extracting(JournalSurvey.SegmentFile::state)
                .containsExactly(
                        JournalSurvey.State.SET_ASIDE,
                        JournalSurvey.State.DAMAGED,
                        JournalSurvey.State.SEALED,
                        JournalSurvey.State.OPEN);
        assertThat(disk.list()).containsExactlyInAnyOrderElementsOf(before.keySet());
        for (String name : disk.list()) {
            assertThat(disk.bytes(name)).as(name).isEqualTo(before.get(name));
        }
    }

    @Test
    void image_whileAGatewayWorks_isWholeAndHasAllThatIsOwed() throws IOException {
        JournalLimits limits = new JournalLimits(40 << 10, JournalLimits.WhenFull.DROP_OLDEST);
        long made = 0;
        for (long seed = 1; seed <= 10; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            FaultDisk disk = new FaultDisk();
            try (TestJournal test = new TestJournal(disk, limits, TestJournal.SMALL)) {
                long[] retained = new long[5];
                for (int step = 0; step < 500; step++) {
                    String text = "message " + step + " ".repeat(random.nextInt(200));
                    if (step % 12 == 0) {
                        test.append(text, 1 + step % 2, 3); // who takes nothing
                    } else {
                        test.append(text, 1 + step % 2);
                    }
                    if (random.nextInt(4) == 0) {
                        int topic = random.nextInt(retained.length);
                        retained[topic] = test.retain("state/" + topic, "value " + step, retained[topic]);
                    }
                    long owner = 1 + random.nextInt(2);
                    long from = test.log(owner).floor() + random.nextInt(2);
                    test.settle(owner, from, Math.min(test.log(owner).next(), from + random.nextInt(8)));
                    if (random.nextInt(5) == 0) {
                        test.force();
                        test.reclaim();
                        test.executor.runUntil(
                                () -> !test.journal.upkeep().compaction().isBusy());
                    }
                    if (random.nextInt(25) == 0) {
                        test.force();
                        String as = "seed %d, step %d".formatted(seed, step);
                        ReadImage image = ReadImage.of(disk);
                        assertThat(image.damage()).as(as).isEmpty();
                        assertThat(image.missed()).as(as).isEmpty();
                        for (long each = 1; each <= 3; each++) {
                            assertThat(image.owed(each)).as(as).containsExactlyElementsOf(owed(test, each));
                        }
                    }
                }
                made += test.journal.status().rewrittenSegments()
                        + test.journal.status().movedStates();
            }
        }
        assertThat(made).isGreaterThan(20);
    }

    private static List<String> owed(TestJournal test, long owner) {
        List<String> owed = new ArrayList<>();
        test.read(owner, test.log(owner).floor(), 1_000, 1 << 20)
                .forEach((sequence, text) -> owed.add(sequence + " " + text.strip()));
        return owed;
    }

    @Test
    void image_segmentsComeAndGoWhileFilesAreOpened_isOneMoment() throws IOException {
        for (int nth = 1; nth <= 12; nth++) {
            FaultDisk disk = new FaultDisk();
            try (TestJournal test = new TestJournal(disk)) {
                long retained = 0;
                for (int i = 0; i < 200; i++) {
                    test.append("message " + i + " ".repeat(60), 1);
                }
                retained = test.retain("state", "before", retained);
                test.force();
                long known = retained;
                MeanwhileDisk meanwhile = new MeanwhileDisk(disk, nth, () -> {
                    test.settle(1, 0, 190);
                    test.retain("state", "after", known);
                    for (int i = 200; i < 300; i++) {
                        test.append("message " + i + " ".repeat(60), 1);
                        test.force();
                    }
                    test.reclaim();
                    test.force();
                });
                ReadImage image = ReadImage.of(meanwhile);
                assertThat(image.damage()).as("at opening %d", nth).isEmpty();
                assertThat(image.missed()).as("at opening %d", nth).isEmpty();
                assertThat(image.owed(1)).as("at opening %d", nth).contains("195 message 195", "199 message 199");
                assertThat(image.retained()).as("at opening %d", nth).hasSize(1);
            }
        }
    }

    /** Does something when a file is opened the nth time. */
    private static final class MeanwhileDisk implements Disk {
        private final FaultDisk disk;
        private int nth;
        private final Runnable task;

        MeanwhileDisk(FaultDisk disk, int nth, Runnable task) {
            this.disk = disk;
            this.nth = nth;
            this.task = task;
        }

        @Override
        public File open(String name, boolean create) throws IOException {
            if (--nth == 0) {
                task.run();
            }
            return disk.open(name, create);
        }

        @Override
        public List<String> list() throws IOException {
            return disk.list();
        }

        @Override
        public boolean exists(String name) {
            return disk.exists(name);
        }

        @Override
        public void delete(String name) {
            throw new AssertionError(name);
        }

        @Override
        public void rename(String from, String to) {
            throw new AssertionError(from);
        }

        @Override
        public void forceDirectory() {
            throw new AssertionError();
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
