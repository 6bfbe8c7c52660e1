// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.ops;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.graalvm.nativeimage.UnmanagedMemory;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.nativeimage.c.type.CCharPointer;
import org.graalvm.nativeimage.c.type.CCharPointerPointer;
import org.graalvm.nativeimage.c.type.CTypeConversion;
import org.graalvm.word.WordFactory;

/**
 * The native executable begins again in the same process, with one option more (execv(3)): whoever started it and watches over it sees no
 * difference. Not for a JVM, which does not have the classes for that.
 */
final class SameProcess {

    private static final String PROGRAM = "/proc/self/exe";
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private SameProcess() {}

    @CFunction("execv")
    private static native int execv(CCharPointer path, CCharPointerPointer arguments);

    /**
     * Begins again. Returns only if that is not possible.
     *
     * @param option comes before all others
     */
    static void beginAgainWith(String option) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of(Files.readString(COMMAND_LINE, StandardCharsets.UTF_8).split("\0", -1)));
        arguments.removeLast(); // behind the last zero there is nothing
        arguments.add(1, option);
        CCharPointerPointer pointers =
                UnmanagedMemory.calloc(WordFactory.unsigned((arguments.size() + 1L) * Long.BYTES));
        List<CTypeConversion.CCharPointerHolder> held = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            held.add(CTypeConversion.toCString(arguments.get(i)));
            pointers.write(i, held.get(i).get());
        }
        try (CTypeConversion.CCharPointerHolder path = CTypeConversion.toCString(PROGRAM)) {
            int _ = execv(path.get(), pointers);
        }
        held.forEach(CTypeConversion.CCharPointerHolder::close);
        UnmanagedMemory.free(pointers);
    }
}
