// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.ops;

import io.sluice.config.Settings;
import java.lang.System.Logger.Level;
import org.graalvm.nativeimage.RuntimeOptions;

/** Gives the heap the size that the configuration has for it, where that can be done from within: natively. */
public final class Heap {

    private static final System.Logger LOG = System.getLogger(Heap.class.getName());

    private static final String MAXIMUM = "MaxHeapSize";

    /** What the native executable is built with, as application.properties has it. Another value comes from the command line. */
    private static final long BUILT_IN = 64 << 20;

    /** A collector that copies counts less than what it was given. */
    private static final double TOLERANCE = 0.1;

    private Heap() {}

    /** Sets the heap's limit if the command line has not; says so where it is another than the configuration's. Once, at the start. */
    public static void fit(Settings.Memory memory) {
        if (isNative() && RuntimeOptions.<Long>get(MAXIMUM) == BUILT_IN) {
            RuntimeOptions.set(MAXIMUM, memory.heapBytes());
        }
        compare(memory.heapBytes(), Runtime.getRuntime().maxMemory());
    }

    /** Without a class of the image builder's, which a JVM does not have. */
    private static boolean isNative() {
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
