// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Journals with bytes cut off or changed: they always open, and what is whole is there. */
final class JournalDamageTest {

    private static final int OWNERS = 3;

    private final FaultDisk disk = new FaultDisk();
    private final Map<String, byte[]> files = new TreeMap<>();

    /** A few segments with messages, settles, and states of which some were replaced; and a segment that is not sealed. */
    @BeforeEach
    void write() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            long[] retained = new long[4];
            for (int i = 0; i < 75; i++) {
                test.append("message " + i + " ".repeat(60), 1 + i % OWNERS, 1 + (i + 1) % OWNERS);
                if (i % 5 == 0) {
                    int topic = i / 5 % retained.length;
                    retained[topic] = test.retain("state/" + topic, "value " + i, retained[topic]);
                }
                if (i % 10 == 9) {
                    test.settle(1, test.log(1).floor(), test.log(1).floor() + 3);
                }
                test.force();
            }
        }
        for (String name : disk.list()) {
            files.put(name, disk.bytes(name));
        }
        assertThat(files).hasSizeGreaterThan(3);
    }

    /** What a journal holds. */
    private record Contents(Set<String> deliveries, Set<String> states) {

        static Contents of(TestJournal test) {
            Set<String> deliveries = new HashSet<>();
            for (long owner = 1; owner <= OWNERS; owner++) {
                String prefix = owner + ":";
                test.read(owner, test.log(owner).floor(), 1_000, 1 << 20)
                        .forEach((sequence, text) -> deliveries.add(prefix + sequence + ":" + text));
            }
            Set<String> states = new HashSet<>();
            for (DurableState state : test.journal.recovered().values()) {
                if (state instanceof DurableState.RetainedState retained) {
                    states.add(retained.message().topic() + "="
                            + retained.message().payload().text());
                }
            }
            return new Contents(deliveries, states);
        }
    }

    /** A frame in a file, and what is written in it. */
    private record Frame(int from, int to, boolean footer, Set<String> deliveries, Set<String> states) {}

    private List<Frame> frames(String name) throws IOException {
        Disk.File file = disk.open(name, false);
        ByteBuffer header = ByteBuffer.allocate(JournalFormat.HEADER_BYTES);
        file.read(header, 0);
        int generation = JournalFormat.SegmentHeader.read(header.flip()).generation();
        FrameScanner scanner = new FrameScanner();
        scanner.start(file, generation, JournalFormat.HEADER_BYTES, file.size());
        List<Frame> frames = new ArrayList<>();
        while (scanner.next()) {
            Set<String> deliveries = new HashSet<>();
            Set<String> states = new HashSet<>();
            RecordCursor records = scanner.records();
            while (!scanner.header().isFooter() && records.hasNext()) {
                if (records.next() instanceof JournalRecord.Stored stored) {
                    String text = stored.content().message().payload().text();
                    stored.receivers().forEach(to -> deliveries.add(to.owner() + ":" + to.sequence() + ":" + text));
                    if (stored.retainedNumber() != 0) {
                        states.add(stored.content().message().topic() + "=" + text);
                    }
                }
            }
            frames.add(new Frame(
                    (int) scanner.frameStart(),
                    (int) scanner.frameEnd(),
                    scanner.header().isFooter(),
                    deliveries,
                    states));
        }
        return frames;
    }

    private FaultDisk with(String name, byte[] bytes) {
        FaultDisk changed = new FaultDisk();
        files.forEach(changed::put);
        changed.put(name, bytes);
        return changed;
    }

    private Contents whole() throws IOException {
        try (TestJournal test = new TestJournal(disk.copy())) {
            return Contents.of(test);
        }
    }

    @Test
    void tail_cutAtEveryByteOfTheLastBatches_keepsEveryWholeBatch() throws IOException {
        Contents whole = whole();
        String last = ((TreeMap<String, byte[]>) files).lastKey();
        List<Frame> frames = frames(last);
        assertThat(frames).hasSizeGreaterThan(2);
        byte[] bytes = files.get(last);
        for (int length = 0; length < bytes.length; length++) {
            int cut = length;
            Set<String> lost = new HashSet<>();
            frames.stream().filter(frame -> frame.to() > cut).forEach(frame -> lost.addAll(frame.deliveries()));
            FaultDisk torn = with(last, Arrays.copyOf(bytes, length));
            try (TestJournal test = new TestJournal(torn)) {
                Contents left = Contents.of(test);
                assertThat(left.deliveries()).as("cut at %d", cut).doesNotContainAnyElementsOf(lost);
                Set<String> kept = new HashSet<>(whole.deliveries());
                kept.removeAll(lost);
                assertThat(left.deliveries()).as("cut at %d", cut).containsAll(kept);
                assertGoesOn(test, "cut at " + cut);
            }
        }
    }

    @Test
    void anyByte_flipped_costsItsFrameAtTheMost() throws IOException {
        Contents whole = whole();
        for (String name : files.keySet()) {
            List<Frame> frames = frames(name);
            byte[] bytes = files.get(name);
            for (int at = 0; at < bytes.length; at++) {
                byte[] flipped = bytes.clone();
                flipped[at] ^= (byte) (1 << at % 8);
                check(with(name, flipped), name + " flipped at " + at, whole, hit(frames, at));
            }
        }
    }

    private static Collection<Frame> hit(List<Frame> frames, int at) {
        return frames.stream()
                .filter(frame -> frame.from() <= at && at < frame.to())
                .toList();
    }

    private static void check(FaultDisk damaged, String what, Contents whole, Collection<Frame> hit)
            throws IOException {
        Set<String> deliveries = new HashSet<>(whole.deliveries());
        Set<String> states = new HashSet<>(whole.states());
        for (Frame frame : hit) {
            deliveries.removeAll(frame.deliveries());
            states.removeAll(frame.states());
        }
        try (TestJournal test = new TestJournal(damaged)) {
            Contents left = Contents.of(test);
            assertThat(left.deliveries()).as(what).containsAll(deliveries);
            assertThat(left.states()).as(what).containsAll(states);
            for (Frame frame : hit) {
                if (frame.footer()) {
                    assertThat(left).as(what).isEqualTo(whole); // a damaged footer costs time, not data
                }
            }
            assertThat(test.bugs).as(what).isEmpty();
        }
    }

    /** Appends something, and finds it after a power cut. */
    private static void assertGoesOn(TestJournal test, String what) throws IOException {
        long next = test.log(1).next();
        test.append("after", 1);
        test.force();
        FaultDisk later = ((FaultDisk) test.disk).crash(FaultDisk.Leaves.NOTHING, new SplittableRandom(1));
        try (TestJournal reopened = new TestJournal(later)) {
            assertThat(reopened.read(1)).as(what).containsEntry(next, "after");
        }
    }

    @Test
    void manyBytes_damagedAtRandom_journalOpensAndGoesOn() throws IOException {
        Contents whole = whole();
        for (long seed = 1; seed <= 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            FaultDisk damaged = new FaultDisk();
            Contents known = whole;
            files.forEach((name, bytes) -> {
                byte[] changed =
                        random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes.clone();
                for (int i = random.nextInt(4); i > 0 && changed.length > 0; i--) {
                    changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
                }
                if (random.nextInt(10) > 0) {
                    damaged.put(name, changed);
                }
            });
            try (TestJournal test = new TestJournal(damaged)) {
                for (String delivery : Contents.of(test).deliveries()) {
                    assertThat(delivery).as("seed %d", seed).contains("message");
                }
                assertThat(known.deliveries()).isNotEmpty();
                assertThat(test.bugs).as("seed %d", seed).isEmpty();
                assertGoesOn(test, "seed " + seed);
            }
        }
    }

    @Test
    void everyFooter_damaged_losesNothing() throws IOException {
        FaultDisk damaged = new FaultDisk();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            byte[] bytes = file.getValue().clone();
            for (Frame frame : frames(file.getKey())) {
                if (frame.footer()) {
                    bytes[frame.from() + 50] ^= 1;
                }
            }
            damaged.put(file.getKey(), bytes);
        }
        Contents whole = whole();
        try (TestJournal test = new TestJournal(damaged)) {
            assertThat(Contents.of(test)).isEqualTo(whole);
        }
    }

    @Test
    void foreignAndLeftFiles_areLetAlone() throws IOException {
        FaultDisk changed = disk.copy();
        changed.put("notes.txt", new byte[] {1});
        changed.put("0000000002.sluice.new", new byte[5_000]);
        changed.put("0000000099.sluice", new byte[0]);
        changed.put("0000000098.sluice", new byte[600]);
        Contents whole = whole();
        try (TestJournal test = new TestJournal(changed)) {
            assertThat(Contents.of(test)).isEqualTo(whole);
            assertThat(changed.list())
                    .contains("notes.txt", "0000000098.sluice.damaged")
                    .doesNotContain("0000000002.sluice.new", "0000000099.sluice", "0000000098.sluice");
        }
    }

    @Test
    void scanner_damageBeforeAFrame_countsItsBytes() throws IOException {
        FaultDisk one = new FaultDisk();
        Disk.File file = one.open("a", true);
        JournalFormat.writeHeader(file, 1, new UUID(1, 2), 3);
        Batch batch = new Batch();
        batch.begin(1, 0);
        batch.place(new Batch.Place(new Segment(1, 3, 1), 144, false));
        batch.records().settled(1, 2, 3);
        ByteBuffer frame = ByteBuffer.allocate(batch.frameBytes());
        batch.write(frame, 0);
        file.write(frame.flip(), 144);
        FrameScanner scanner = new FrameScanner();
        scanner.start(file, 3, JournalFormat.HEADER_BYTES, file.size());
        assertThat(scanner.next()).isTrue();
        assertThat(scanner.frameStart()).isEqualTo(144);
        assertThat(scanner.skippedBytes()).isEqualTo(100);
        assertThat(scanner.next()).isFalse();
    }
}
