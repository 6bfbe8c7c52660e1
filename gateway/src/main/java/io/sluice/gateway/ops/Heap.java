// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.ops;

import io.sluice.config.Settings;
import java.io.IOException;
import java.lang.System.Logger.Level;

/** Gives the heap the size that the configuration has for it, where that can be done from within: natively. */
public final class Heap {

    private static final System.Logger LOG = System.getLogger(Heap.class.getName());

    /** What the native executable is built with, as application.properties has it. Another value comes from the command line. */
    private static final long BUILT_IN = 64 << 20;

    /** A collector that copies counts less than what it was given. */
    private static final double TOLERANCE = 0.1;

    private Heap() {}

    /**
     * Sees that the heap has the limit of the configuration, unless the command line has given another. At the start, before there is
     * anything that would be lost: the program may begin again from its beginning, which takes milliseconds.
     */
    public static void fit(Settings.Memory memory) {
        long there = Runtime.getRuntime().maxMemory();
        if (isNative() && there == BUILT_IN && memory.heapBytes() != BUILT_IN) {
            try {
                SameProcess.beginAgainWith("-Xmx" + memory.heapBytes());
            } catch (IOException unreadable) {
                LOG.log(Level.DEBUG, "the command line cannot be read: {0}", unreadable.toString());
            }
        }
    }

    /** Says where the heap is another than the configuration's. */
    public static void compare(Settings.Memory memory) {
        compare(memory.heapBytes(), Runtime.getRuntime().maxMemory());
    }

    /** Without a class of the image builder's, which a JVM does not have. */
    static boolean isNative() {
        return "runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"));
    }

    private static void compare(long wanted, long there) {
        if (there < wanted * (1 - TOLERANCE)) {
            LOG.log(
                    Level.WARNING,
                    "the heap may have {0} MiB by the command line, and ''memory'' means it to have {1}: the limits that follow from"
                            + " it are lower",
                    there >> 20,
                    wanted >> 20);
        } else if (there > wanted * (1 + TOLERANCE)) {
            LOG.log(
                    Level.INFO,
                    "the heap may have {0} MiB by the command line, or for want of it, and ''memory'' means it to have {1}: -Xmx{1}m"
                            + " would keep it to that",
                    there >> 20,
                    wanted >> 20);
        }
    }
}
