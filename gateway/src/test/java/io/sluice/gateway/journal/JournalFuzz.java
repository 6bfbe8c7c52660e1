// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.fuzz.FuzzInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/**
 * Damage to the files of a journal, in any place: the tools come to an end with it, it is opened all the same, takes new messages, and
 * is opened again as it was left. Only a newer format version is refused.
 */
public final class JournalFuzz {

    private static final FaultDisk WRITTEN = write();

    private JournalFuzz() {}

    private static FaultDisk write() {
        FaultDisk disk = new FaultDisk();
        try (TestJournal journal = new TestJournal(disk)) {
            long retained = 0;
            for (int i = 0; i < 60; i++) {
                journal.append("message " + i + " ".repeat(100), 1 + i % 3);
                journal.force();
                if (i % 7 == 0) {
                    retained = journal.retain("topic", "value " + i, retained);
                }
                if (i % 2 == 0) {
                    journal.journal.settle(journal.log(1 + i % 3), i / 3, i / 3 + 1);
                }
            }
            journal.append("the last", 1);
            journal.force();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return disk.copy();
    }

    /** What the fuzzer calls. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        FuzzInput input = new FuzzInput(data);
        FaultDisk disk = WRITTEN.copy();
        while (input.hasMore()) {
            damage(disk, input);
        }
        FaultDisk reopened;
        try {
            ReadImage.of(disk.copy());
        } catch (IOException refused) {
            checkVersion(refused);
        }
        try (TestJournal journal = new TestJournal(disk)) {
            journal.append("one more", 1);
            journal.force();
            reopened = disk.copy();
        } catch (IOException refused) {
            checkVersion(refused);
            return;
        }
        try (TestJournal journal = new TestJournal(reopened)) {
            if (journal.log(1).depth() == 0) {
                throw new AssertionError("what was taken in after the damage is lost");
            }
        }
    }

    private static void checkVersion(IOException refused) throws IOException {
        if (!String.valueOf(refused.getMessage()).contains("version")) {
            throw refused;
        }
    }

    private static void damage(FaultDisk disk, FuzzInput input) throws IOException {
        List<String> names = disk.list();
        if (names.isEmpty()) {
            input.rest();
            return;
        }
        String name = names.get(input.choice(names.size()));
        byte[] bytes = disk.bytes(name);
        int at = (input.octet() << 8 | input.octet()) % Math.max(1, bytes.length);
        switch (input.choice(6)) {
            case 0 -> {
                if (bytes.length > 0) {
                    bytes[at] ^= (byte) (1 << input.choice(8));
                }
                disk.put(name, bytes);
            }
            case 1 -> {
                for (int i = at; i < Math.min(bytes.length, at + 8); i++) {
                    bytes[i] = (byte) input.octet();
                }
                disk.put(name, bytes);
            }
            case 2 -> disk.put(name, Arrays.copyOf(bytes, at));
            case 3 -> disk.put(name, Arrays.copyOf(bytes, bytes.length + at));
            case 4 -> disk.delete(name);
            case 5 -> disk.put(names.get(input.choice(names.size())), bytes);
            default -> throw new IllegalStateException();
        }
    }
}
