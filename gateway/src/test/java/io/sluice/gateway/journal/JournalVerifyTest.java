// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Damage of every kind: it is found, told with its place, and never ends the tools or the start. */
final class JournalVerifyTest {

    private final TreeMap<String, byte[]> files = new TreeMap<>();

    @BeforeEach
    void write() throws IOException {
        FaultDisk disk = new FaultDisk();
        JournalFixtureTest.write(disk);
        for (String name : disk.list()) {
            files.put(name, disk.bytes(name));
        }
        assertThat(files).hasSize(4);
    }

    private FaultDisk with(String name, byte[] bytes) {
        FaultDisk disk = new FaultDisk();
        files.forEach(disk::put);
        disk.put(name, bytes);
        return disk;
    }

    /** Where frames begin and end in a segment. */
    private static List<int[]> frames(byte[] segment) {
        List<int[]> frames = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(segment);
        int at = JournalFormat.HEADER_BYTES;
        while (at + JournalFormat.FRAME_HEADER_BYTES <= segment.length) {
            int end = at + JournalFormat.FRAME_HEADER_BYTES + bytes.getInt(at + 32);
            frames.add(new int[] {at, end});
            at = end;
        }
        return frames;
    }

    @Test
    void anyByte_flipped_isFoundAndTheRestIsThere() throws IOException {
        ReadImage whole = ReadImage.of(with("none", new byte[0]));
        assertThat(whole.findings()).isEmpty();
        String newest = files.lastKey();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            List<int[]> frames = frames(file.getValue());
            for (int at = 0; at < file.getValue().length; at++) {
                byte[] flipped = file.getValue().clone();
                flipped[at] ^= (byte) (1 << at % 8);
                ReadImage image = ReadImage.of(with(file.getKey(), flipped));
                String as = file.getKey() + " flipped at " + at;
                boolean last =
                        file.getKey().equals(newest) && at >= frames.getLast()[0]; // what a gateway may be writing
                if (last) {
                    assertThat(image.damage()).as(as).isEmpty();
                    assertThat(image.findings()).as(as).hasSize(1);
                } else {
                    assertThat(image.damage()).as(as).isNotEmpty().allMatch(found -> found.startsWith(file.getKey()));
                    // What a frame costs is in it; of two outboxes, at most two messages each.
                    Set<String> lost = new HashSet<>(whole.owed(2));
                    lost.removeAll(image.owed(2));
                    assertThat(lost).as(as).hasSizeLessThanOrEqualTo(2);
                }
            }
        }
    }

    @Test
    void newest_cutAtEveryByte_isNoDamage() throws IOException {
        byte[] bytes = files.lastEntry().getValue();
        for (int length = 0; length < bytes.length; length++) {
            ReadImage image = ReadImage.of(with(files.lastKey(), Arrays.copyOf(bytes, length)));
            assertThat(image.damage()).as("cut at %d", length).isEmpty();
        }
    }

    @Test
    void older_cutAtEveryByte_isDamage() throws IOException {
        String name = files.higherKey(files.firstKey());
        byte[] bytes = files.get(name);
        int footer = frames(bytes).getLast()[0];
        for (int length = 0; length < bytes.length; length++) {
            ReadImage image = ReadImage.of(with(name, Arrays.copyOf(bytes, length)));
            if (length == footer) { // nothing but time is lost with it
                assertThat(image.damage()).isEmpty();
                assertThat(image.findings()).hasSize(1);
            } else {
                assertThat(image.damage()).as("cut at %d", length).isNotEmpty();
            }
        }
    }

    @Test
    void bodies_changedUnderARightChecksum_endNothing() throws IOException {
        int[] ends = {0x00, 0x7F, 0x80, 0xFF};
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            for (int[] frame : frames(file.getValue())) {
                for (int at = frame[0] + JournalFormat.FRAME_HEADER_BYTES; at < frame[1]; at += 3) {
                    byte[] changed = file.getValue().clone();
                    changed[at] = (byte) ends[at % ends.length];
                    Resealed.frame(changed, frame[0]);
                    ReadImage.of(with(file.getKey(), changed));
                }
            }
        }
    }

    @Test
    void bodies_filledAtRandomUnderARightChecksum_endNeitherToolsNorStart() throws IOException {
        for (long seed = 1; seed <= 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            FaultDisk disk = new FaultDisk();
            files.forEach((name, bytes) -> {
                byte[] changed = bytes.clone();
                for (int[] frame : frames(bytes)) {
                    if (random.nextInt(4) == 0) {
                        int from = frame[0] + JournalFormat.FRAME_HEADER_BYTES;
                        for (int i = random.nextInt(1, 6); i > 0 && from < frame[1]; i--) {
                            int at = random.nextInt(from, frame[1]);
                            changed[at] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt(256));
                        }
                        Resealed.frame(changed, frame[0]);
                    }
                }
                disk.put(name, changed);
            });
            ReadImage.of(disk);
            try (TestJournal test = new TestJournal(disk)) {
                test.append("after", 1);
                test.force();
                assertThat(test.bugs).as("seed %d", seed).isEmpty();
            }
        }
    }

    @Test
    void finding_tellsPlaceAndWhatWasExpected() throws IOException {
        String name = files.firstKey();
        int[] frame = frames(files.get(name)).get(3);
        byte[] body = files.get(name).clone();
        body[frame[0] + 60] ^= 1;
        assertThat(ReadImage.of(with(name, body)).damage())
                .first()
                .asString()
                .startsWith(name
                        + ": damage at %,d: %,d bytes are no whole frame: expected a frame of batch 4 with the checksum "
                                .formatted(frame[0], frame[1] - frame[0]))
                .endsWith("; batch 5 says that all up to 4 was forced");
        byte[] magic = files.get(name).clone();
        magic[frame[0]] = 0;
        assertThat(ReadImage.of(with(name, magic)).damage())
                .first()
                .asString()
                .contains("expected a frame's magic 53424154, found 00424154");
        byte[] trailer = files.get(name).clone();
        trailer[trailer.length - 1] ^= 1;
        assertThat(ReadImage.of(with(name, trailer)).damage())
                .singleElement()
                .asString()
                .contains("expected the trailer of the footer at");
    }

    @Test
    void frame_takenOut_isFound() throws IOException {
        String name = files.firstKey();
        byte[] bytes = files.get(name);
        int[] gone = frames(bytes).get(2);
        byte[] joined = Arrays.copyOf(bytes, bytes.length - (gone[1] - gone[0]));
        System.arraycopy(bytes, gone[1], joined, gone[0], bytes.length - gone[1]);
        assertThat(ReadImage.of(with(name, joined)).damage())
                .anyMatch(found -> found.endsWith("expected batch 3, found 4"));
    }

    @Test
    void forced_beyondItself_isFound() throws IOException {
        String name = files.firstKey();
        byte[] bytes = files.get(name).clone();
        int[] frame = frames(bytes).get(2);
        ByteBuffer.wrap(bytes).putLong(frame[0] + 16, 99);
        Resealed.frame(bytes, frame[0]);
        assertThat(ReadImage.of(with(name, bytes)).damage())
                .anyMatch(found -> found.endsWith("batch 3 says that all up to 99 was forced, itself too"));
    }

    @Test
    void segment_gone_isNotTakenForOneThatWasFreed() throws IOException {
        FaultDisk disk = new FaultDisk();
        files.forEach(disk::put);
        disk.delete("0000000003.sluice");
        // It held what is still owed, but nothing says so: a segment that is freed leaves the same gap.
        assertThat(ReadImage.of(disk).owed(2)).isNotEmpty();
    }
}
