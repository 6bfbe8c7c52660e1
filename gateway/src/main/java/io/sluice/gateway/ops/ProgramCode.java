// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.ops;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.word.PointerBase;
import org.graalvm.word.UnsignedWord;
import org.graalvm.word.WordFactory;

/** The native executable's own code, as the system has mapped it (proc_pid_maps(5)). */
public final class ProgramCode {

    private static final System.Logger LOG = System.getLogger(ProgramCode.class.getName());
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final String PROGRAM = "/proc/self/exe";
    private static final int MADV_DONTNEED = 4;

    private ProgramCode() {}

    /** Apart, because a JVM does not have the classes for it. */
    private static final class Advice {

        @CFunction("madvise")
        static native int madvise(PointerBase address, UnsignedWord bytes, int advice);

        static boolean needless(long from, long to) {
            return madvise(WordFactory.pointer(from), WordFactory.unsigned(to - from), MADV_DONTNEED) == 0;
        }
    }

    /**
     * Lets go of all code, natively: what runs is mapped again as it is needed, and what only the start needed stays in the page cache until that
     * is wanted for something else. Code is never written to, so that nothing can be lost. Without effect where the system does not tell.
     */
    public static void letGo() {
        if (!Heap.isNative()) {
            return;
        }
        try {
            String program = Path.of(PROGRAM).toRealPath().toString();
            for (String mapping : Files.readAllLines(MAPS)) {
                List<String> fields = List.of(mapping.split(" +", 6));
                if (fields.get(1).equals("r-xp") && fields.getLast().equals(program)) {
                    letGo(fields.getFirst());
                }
            }
        } catch (IOException unreadable) {
            LOG.log(Level.DEBUG, "the mappings cannot be read: {0}", unreadable.toString());
        }
    }

    private static void letGo(String range) {
        int dash = range.indexOf('-');
        long from = Long.parseUnsignedLong(range, 0, dash, 16);
        long to = Long.parseUnsignedLong(range, dash + 1, range.length(), 16);
        if (!Advice.needless(from, to)) {
            LOG.log(Level.DEBUG, "the code at {0} stays mapped", range);
        }
    }
}
