// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What is written after a start that has found damage, and what a record that is none does to those beside it. */
final class AfterDamageTest {

    private final FaultDisk disk = new FaultDisk();

    private TestJournal damaged() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            test.retain("topic", "old", 0);
            for (int i = 0; i < 60; i++) {
                test.append("message " + i + " ".repeat(100), 1);
                test.force();
            }
        }
        byte[] bytes = disk.bytes("0000000001.sluice");
        bytes[bytes.length / 2] ^= 1;
        disk.put("0000000001.sluice", bytes);
        // Without footers the damage shows at the start.
        for (String name : disk.list()) {
            byte[] each = disk.bytes(name);
            each[each.length - 1] ^= (byte) (name.equals(disk.list().getLast()) ? 0 : 1);
            disk.put(name, each);
        }
        TestJournal test = new TestJournal(disk);
        assertThat(test.journal.damage().isNone()).isFalse();
        return test;
    }

    @Test
    void state_writtenAfterDamage_isThereAfterEachStart() throws IOException {
        try (TestJournal test = damaged()) {
            test.retain("topic", "new", numberOf(test));
            test.force();
        }
        for (int start = 0; start < 3; start++) {
            try (TestJournal test = new TestJournal(disk)) {
                assertThat(test.journal.recovered().values())
                        .as("start %d", start)
                        .singleElement()
                        .isInstanceOfSatisfying(
                                DurableState.RetainedState.class,
                                kept -> assertThat(kept.message().payload().text())
                                        .isEqualTo("new"));
                assertThat(test.journal.damage().states()).as("start %d", start).isZero();
                for (int i = 0; i < 60; i++) { // so that it is read from an older segment next
                    test.append("more " + i + " ".repeat(100), 1);
                }
                test.force();
            }
        }
    }

    private static long numberOf(TestJournal test) {
        return test.journal.recovered().firstKey();
    }

    @Test
    void record_thatIsNone_costsItsMessageAlone() throws IOException {
        try (TestJournal test = new TestJournal(disk)) {
            for (int i = 0; i < 3; i++) {
                test.append("message " + i, 1);
            }
            test.force();
        }
        byte[] bytes = disk.bytes("0000000001.sluice");
        int at = indexOf(bytes, "message 1".getBytes(java.nio.charset.StandardCharsets.US_ASCII)) - "plant/7".length();
        bytes[at] = '#'; // no topic has that
        Resealed.frame(bytes, JournalFormat.HEADER_BYTES);
        disk.put("0000000001.sluice", bytes);

        ReadImage image = ReadImage.of(disk.copy());
        assertThat(image.owed(1)).containsExactly("0 message 0", "2 message 2");
        assertThat(image.damage()).singleElement().asString().contains("a record in this frame is none: ");
        assertThat(image.missed()).hasSize(1);
        try (TestJournal test = new TestJournal(disk)) {
            assertThat(test.read(1).values()).containsExactly("message 0", "message 2");
            assertThat(test.bugs).isEmpty();
        }
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int at = 0; at + wanted.length <= bytes.length; at++) {
            if (java.util.Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        throw new AssertionError("not there");
    }
}
