// SPDX-License-Identifier: Apache-2.0
package io.sluice.device;

import java.text.MessageFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What one class logs while this is open. */
final class CapturedLog extends Handler implements AutoCloseable {

    private final Logger logger;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    CapturedLog(Class<?> source) {
        logger = Logger.getLogger(source.getName());
        logger.addHandler(this);
        logger.setUseParentHandlers(false);
    }

    /** Level and text of each record. */
    List<String> lines() {
        return lines;
    }

    @Override
    public void publish(LogRecord record) {
        Object[] parameters = Objects.requireNonNullElse(record.getParameters(), new Object[0]);
        String text =
                parameters.length == 0 ? record.getMessage() : MessageFormat.format(record.getMessage(), parameters);
        lines.add(record.getLevel() + " " + text);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.setUseParentHandlers(true);
        logger.removeHandler(this);
    }
}
