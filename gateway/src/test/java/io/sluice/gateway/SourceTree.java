// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The repository's files, without what was built and what belongs to git or an editor. */
final class SourceTree {

    private static final Set<String> SKIPPED =
            Set.of("target", ".git", ".idea", ".vscode", ".settings", "node_modules");

    private final Path root;

    private SourceTree(Path root) {
        this.root = root;
    }

    /** The tree that is being built, named by the build in {@code sluice.root}. */
    static SourceTree ofBuild() {
        String root = System.getProperty("sluice.root");
        if (root == null) {
            throw new IllegalStateException("the build sets the system property sluice.root; this run did not");
        }
        return new SourceTree(Path.of(root));
    }

    Path root() {
        return root;
    }

    List<Path> files() {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                    boolean skipped = SKIPPED.contains(String.valueOf(dir.getFileName()));
                    return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (!file.endsWith(".git")) { // a file in a second worktree
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    List<Path> javaFiles() {
        return files().stream()
                .filter(file -> file.toString().endsWith(".java"))
                .toList();
    }

    /** Packages of production code, as directories. */
    List<Path> mainPackages() {
        return javaFiles().stream()
                .filter(file -> file.toString().contains("/src/main/java/"))
                .map(Path::getParent)
                .distinct()
                .toList();
    }

    /** The file's text, or empty if it is not text in UTF-8. */
    static Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (CharacterCodingException notText) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The path below the root, for messages. */
    String name(Path file) {
        return root.relativize(file).toString();
    }
}
