// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A configuration file's text. */
final class ConfigFile {

    private static final int BYTES_MAX = 1024 * 1024;

    private ConfigFile() {}

    /** The text, without a byte order mark; empty if there is none to be had, which the document then knows. */
    static Optional<String> text(Path file, Document document) {
        if (Files.isDirectory(file)) {
            document.problem(Place.START, "this is a directory", "name the file in it");
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                document.problem(Place.START, "the file is larger than 1 MiB", "name a configuration file");
                return Optional.empty();
            }
            return decoded(bytes, document);
        } catch (NoSuchFileException missing) {
            document.problem(
                    Place.START, "there is no such file", "create it; 'sluice config' prints one to begin with");
        } catch (AccessDeniedException denied) {
            document.problem(
                    Place.START,
                    "user '%s' may not read the file".formatted(System.getProperty("user.name", "?")),
                    "give that user the right to read it");
        } catch (IOException broken) {
            document.problem(Place.START, "the file cannot be read: " + broken.getMessage(), "check the disk it is on");
        }
        return Optional.empty();
    }

    private static Optional<String> decoded(byte[] bytes, Document document) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length + 1);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            document.problem(
                    YamlTree.placeOf(text, text.length()),
                    "the byte 0x%02X does not belong to UTF-8 text".formatted(bytes[in.position()] & 0xff),
                    "save the file as UTF-8");
            return Optional.empty();
        }
        return Optional.of(text.startsWith("\ufeff") ? text.substring(1) : text);
    }
}
