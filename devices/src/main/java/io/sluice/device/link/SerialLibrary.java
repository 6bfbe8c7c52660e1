// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.link;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The native part of jSerialComm: beside a native executable, where it was installed, or, on a JVM, kept in a directory of the gateway's
 * own. Left to itself, jSerialComm unpacks it into a temporary folder that everybody may write to, and loads what it finds there.
 */
public final class SerialLibrary {

    private static final String NAME = "libjSerialComm.so";
    private static final String DIRECTORY = "jSerialComm.library.path";

    private SerialLibrary() {}

    /**
     * Makes the library ready to be loaded. Once, before a serial port is opened.
     *
     * @param directory where a JVM has it unpacked to; a native executable does not touch it
     * @throws IOException if it is not beside the executable, cannot be written there, or there is none for this machine
     */
    public static void prepare(Path directory) throws IOException {
        if (isNativeExecutable()) {
            find(Path.of("/proc/self/exe").toRealPath().resolveSibling("lib"));
        } else {
            keepIn(directory);
        }
    }

    /** Has it loaded from the directory in which it was installed. */
    static void find(Path directory) throws IOException {
        Path library = directory.resolve(NAME);
        if (!Files.isReadable(library)) {
            throw new FileNotFoundException("serial lines: expected jSerialComm's library beside the executable, in "
                    + library + ", found none that can be read");
        }
        System.setProperty(DIRECTORY, directory.toString());
    }

    /** Puts it into the directory, where it is then loaded from. */
    static void keepIn(Path directory) throws IOException {
        Files.createDirectories(directory);
        String resource = "/Linux/" + architecture(System.getProperty("os.arch", "")) + "/" + NAME;
        try (InputStream library = SerialLink.class.getResourceAsStream(resource)) {
            if (library == null) {
                throw new FileNotFoundException("serial lines: jSerialComm has no " + resource + " for this machine");
            }
            Path fresh = directory.resolve(NAME + ".new");
            Files.copy(library, fresh, StandardCopyOption.REPLACE_EXISTING);
            Files.move(fresh, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        }
        System.setProperty(DIRECTORY, directory.toAbsolutePath().toString());
    }

    /** GraalVM's image says of itself that it runs. */
    private static boolean isNativeExecutable() {
        return "runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"));
    }

    /** The name that jSerialComm has for what Java calls the architecture. */
    private static String architecture(String java) {
        return switch (java) {
            case "amd64" -> "x86_64";
            case "aarch64" -> "armv8_64";
            default -> java;
        };
    }
}
