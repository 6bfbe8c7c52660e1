// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Replaces expressions in text: a dollar sign and, in braces, {@code env:NAME}, {@code env:NAME:default}, {@code file:PATH},
 * {@code cred:NAME} (a systemd credential), {@code host} or {@code machine-id}. Two dollar signs before the brace give one and
 * the brace. What is put in is not looked at again.
 *
 * @param base the directory to which a relative {@code file:PATH} belongs
 * @param environment the environment variables
 * @param hostFile a file that holds the host name
 * @param machineIdFile a file that holds the machine's id
 */
record Expressions(Path base, Map<String, String> environment, Path hostFile, Path machineIdFile) {

    private static final int FILE_BYTES_MAX = 64 * 1024;
    private static final List<String> KINDS = List.of("env", "file", "cred", "host", "machine-id");

    Expressions {
        environment = Map.copyOf(environment);
    }

    static Expressions ofThisMachine(Path base, Map<String, String> environment) {
        return new Expressions(base, environment, Path.of("/proc/sys/kernel/hostname"), Path.of("/etc/machine-id"));
    }

    static boolean isIn(String text) {
        return text.contains("${");
    }

    /** @throws Wrong if something that the text refers to is not there; its value is never part of the message */
    String expand(String text) throws Wrong {
        StringBuilder expanded = new StringBuilder();
        int done = 0;
        for (int start = text.indexOf("${"); start >= 0; start = text.indexOf("${", done)) {
            if (start > done && text.charAt(start - 1) == '$') {
                expanded.append(text, done, start - 1).append("${");
                done = start + 2;
                continue;
            }
            int end = text.indexOf('}', start);
            if (end < 0) {
                throw new Wrong(
                        "'{name}' has a '${' without a '}'", "close it, or write $${ for the characters themselves");
            }
            expanded.append(text, done, start).append(value(text.substring(start + 2, end)));
            done = end + 1;
        }
        return expanded.append(text, done, text.length()).toString();
    }

    private String value(String expression) throws Wrong {
        int colon = expression.indexOf(':');
        String kind = colon < 0 ? expression : expression.substring(0, colon);
        String argument = colon < 0 ? "" : expression.substring(colon + 1);
        return switch (kind) {
            case "env" -> variable(argument);
            case "file" -> content(base.resolve(argument), "${" + expression + "}");
            case "cred" -> credential(argument);
            case "host" -> content(hostFile, "${host}");
            case "machine-id" -> content(machineIdFile, "${machine-id}");
            default ->
                throw new Wrong(
                        "'{name}' has the unknown expression ${%s}".formatted(Document.shown(expression)),
                        environment.containsKey(expression)
                                ? "did you mean ${env:%s}?".formatted(expression)
                                : Nearest.hint(kind, KINDS));
        };
    }

    private String variable(String argument) throws Wrong {
        int colon = argument.indexOf(':');
        String name = colon < 0 ? argument : argument.substring(0, colon);
        String value = environment.get(name);
        if (value != null) {
            return value;
        }
        if (colon >= 0) {
            return argument.substring(colon + 1);
        }
        throw new Wrong(
                "'{name}' needs the environment variable %s, which is not set".formatted(Document.shown(name)),
                "set it, or give a default: ${env:%s:default}".formatted(Document.shown(name)));
    }

    private String credential(String name) throws Wrong {
        String directory = environment.get("CREDENTIALS_DIRECTORY");
        if (directory == null) {
            throw new Wrong(
                    "'{name}' needs the credential %s, but there is no CREDENTIALS_DIRECTORY"
                            .formatted(Document.shown(name)),
                    "start the gateway as a systemd service with LoadCredential=%s:PATH"
                            .formatted(Document.shown(name)));
        }
        if (name.isEmpty() || name.contains("/")) {
            throw new Wrong("'{name}' names no credential", "write ${cred:NAME}, where NAME has no /");
        }
        return content(Path.of(directory, name), "${cred:" + name + "}");
    }

    /** The file's text without the line end that editors leave at its end. */
    private static String content(Path file, String expression) throws Wrong {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(FILE_BYTES_MAX + 1);
        } catch (IOException missing) {
            throw new Wrong(
                    "'{name}' needs %s, but %s cannot be read".formatted(Document.shown(expression), file),
                    "put the file there and let the gateway's user read it");
        }
        if (bytes.length > FILE_BYTES_MAX) {
            throw new Wrong(
                    "'{name}' needs %s, but %s is larger than 64 KiB".formatted(Document.shown(expression), file),
                    "a value is short; name the right file");
        }
        return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
    }
}
