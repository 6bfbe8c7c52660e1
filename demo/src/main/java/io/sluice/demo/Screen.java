// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What the person sees. In a terminal the status line is written over itself and what matters is coloured; anywhere else it is plain
 * ASCII, a line at a time. Used by the main thread.
 */
final class Screen {

    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean terminal;
    private boolean statusShown;

    private Screen(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    static Screen standard() {
        String term = System.getenv().getOrDefault("TERM", "dumb");
        boolean terminal = Optional.ofNullable(System.console())
                        .filter(Console::isTerminal)
                        .isPresent()
                && !"dumb".equals(term);
        boolean coloured = terminal && System.getenv("NO_COLOR") == null;
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        return new Screen(out, coloured);
    }

    void text(String text) {
        endStatus();
        out.println(text);
    }

    void title(String text) {
        endStatus();
        out.println();
        out.println(terminal ? "\u001b[1m" + text + "\u001b[0m" : text);
    }

    /** Something happens. */
    void event(String text) {
        endStatus();
        out.println(terminal ? "\u001b[33m>> " + text + "\u001b[0m" : ">> " + text);
    }

    void status(String text) {
        if (terminal) {
            out.print(CLEAR_LINE + text);
            out.flush();
            statusShown = true;
        } else {
            out.println(text);
        }
    }

    String good(String text) {
        return terminal ? "\u001b[32m" + text + "\u001b[0m" : text;
    }

    String bad(String text) {
        return terminal ? "\u001b[31m" + text + "\u001b[0m" : text;
    }

    String quiet(String text) {
        return terminal ? "\u001b[2m" + text + "\u001b[0m" : text;
    }

    private void endStatus() {
        if (statusShown) {
            out.println();
            statusShown = false;
        }
    }
}
