// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file of user names and what proves their passwords: a line {@code NAME:CREDENTIAL} for each, empty lines and lines that begin
 * with {@code #} aside. Blocks on the file.
 */
public final class UsersFile {

    /** Some hundred thousand users; more is not a users file. */
    private static final long BYTES_MAX = 32L << 20;

    private static final int NAME_LENGTH_MAX = 256;

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private UsersFile() {}

    /**
     * The users by name, in the order of the file.
     *
     * @throws IOException if the file cannot be read or has a line that means nothing; the message names file and line
     */
    public static Map<String, Credential> read(Path file) throws IOException {
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException(file + ": larger than 32 MiB, which no users file is");
        }
        Map<String, Credential> users = new LinkedHashMap<>();
        int number = 0;
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                number++;
                if (!line.isBlank() && !line.startsWith("#")) {
                    add(line.strip(), users);
                }
            }
        } catch (IllegalArgumentException wrong) {
            throw new IOException("%s:%d: %s".formatted(file, number, wrong.getMessage()), wrong);
        } catch (MalformedInputException wrong) {
            throw new IOException(file + ": not UTF-8 text", wrong);
        }
        return users;
    }

    private static void add(String line, Map<String, Credential> users) {
        int colon = line.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("expected NAME:CREDENTIAL");
        }
        String name = line.substring(0, colon);
        checkName(name);
        if (users.putIfAbsent(name, Credential.parse(line.substring(colon + 1))) != null) {
            throw new IllegalArgumentException("the user '%s' is there twice".formatted(name));
        }
    }

    /**
     * A name that can stand in a users file and, as one level, in a topic.
     *
     * @throws IllegalArgumentException if it cannot; the message says why
     */
    public static void checkName(String name) {
        boolean fits = !name.isEmpty()
                && name.length() <= NAME_LENGTH_MAX
                && !name.startsWith("#")
                && name.equals(name.strip())
                && name.chars().noneMatch(c -> ":/+#*".indexOf(c) >= 0 || Character.isISOControl(c));
        if (!fits) {
            throw new IllegalArgumentException(
                    "a user name has 1 to 256 characters, none of : / + # * and no spaces at its ends");
        }
    }

    /**
     * Writes the file anew, for its owner only: whoever reads it at that moment sees all of the old one or all of the new one. An
     * owner and a group that the file had are kept where that is allowed.
     *
     * @throws IOException if it cannot be written; the old one is then as it was
     */
    public static void write(Path file, Map<String, Credential> users) throws IOException {
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        Path fresh = target.resolveSibling("." + target.getFileName() + ".new");
        StringBuilder text = new StringBuilder();
        users.forEach((name, credential) ->
                text.append(name).append(':').append(credential.text()).append('\n'));
        Files.deleteIfExists(fresh);
        try {
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            keepOwner(target, fresh);
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
        try (FileChannel directory = FileChannel.open(target.resolveSibling("."))) {
            directory.force(true);
        }
    }

    /** Root often writes the file that the gateway's own user has to read. */
    private static void keepOwner(Path old, Path fresh) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
        if (!Files.exists(old) || view == null) {
            return;
        }
        PosixFileAttributes kept = Files.readAttributes(old, PosixFileAttributes.class);
        PosixFileAttributes now = view.readAttributes();
        if (!kept.group().equals(now.group())) {
            view.setGroup(kept.group());
        }
        if (kept.permissions().contains(PosixFilePermission.GROUP_READ)) {
            view.setPermissions(PosixFilePermissions.fromString("rw-r-----"));
        }
        if (!kept.owner().equals(now.owner())) {
            view.setOwner(kept.owner());
        }
    }

    /** Whether others than the owner and the group may read the file. */
    public static boolean isOpenToOthers(Path file) throws IOException {
        return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
    }

    /** What changes when the file does: time, size and identity. */
    record Stamp(long modified, long bytes, @Nullable Object key) {
        static Stamp of(Path file) throws IOException {
            PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class, new LinkOption[0]);
            return new Stamp(attributes.lastModifiedTime().toMillis(), attributes.size(), attributes.fileKey());
        }
    }
}
