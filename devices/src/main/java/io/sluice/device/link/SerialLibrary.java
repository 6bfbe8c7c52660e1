// SPDX-License-Identifier: Apache-2.0
package io.sluice.device.link;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The native part of jSerialComm, kept in a directory of the gateway's own. Left to itself, jSerialComm unpacks it into a temporary folder
 * that everybody may write to, and loads what it finds there.
 */
public final class SerialLibrary {

    private static final String NAME = "libjSerialComm.so";

    private SerialLibrary() {}

    /**
     * Puts the library into the directory, where it is then loaded from. Once, before a serial port is opened.
     *
     * @throws IOException if it cannot be written there, or there is none for this machine
     */
    public static void keepIn(Path directory) throws IOException {
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
        System.setProperty(
                "jSerialComm.library.path", directory.toAbsolutePath().toString());
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
