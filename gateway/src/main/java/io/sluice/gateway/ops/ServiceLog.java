// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.ops;

import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.formatters.PatternFormatter;

/**
 * The log as systemd's journal takes it (sd-daemon(3)): each line begins with its priority, and has neither time nor level, which the
 * journal shows on its own.
 */
public final class ServiceLog extends Formatter {

    private static final int ERROR = 3;
    private static final int WARNING = 4;
    private static final int INFORMATIONAL = 6;
    private static final int DEBUG = 7;

    private final Formatter text = new PatternFormatter("%s%e%n");

    /** Writes the log in this way from here on if systemd's journal reads it, as the variable {@code JOURNAL_STREAM} says. */
    public static void useIn(Map<String, String> environment) {
        if (!environment.getOrDefault("JOURNAL_STREAM", "").isEmpty()) {
            for (Handler handler : Logger.getLogger("").getHandlers()) {
                use(handler);
            }
        }
    }

    private static void use(Handler handler) {
        handler.setFormatter(new ServiceLog());
        if (handler instanceof ExtHandler extended) {
            for (Handler child : extended.getHandlers()) {
                use(child);
            }
        }
    }

    @Override
    public String format(LogRecord line) {
        String priority = "<" + priority(line.getLevel()) + ">";
        StringBuilder lines = new StringBuilder();
        text.format(line)
                .lines()
                .forEach(each -> lines.append(priority).append(each).append('\n'));
        return lines.toString();
    }

    private static int priority(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return ERROR;
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return WARNING;
        }
        return level.intValue() >= Level.INFO.intValue() ? INFORMATIONAL : DEBUG;
    }
}
