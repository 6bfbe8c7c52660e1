// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.nio.file.Path;

/**
 * One thing in a configuration file that keeps the gateway from starting.
 *
 * @param file the file as it was named by the caller
 * @param line counted from 1; 1 for the file as a whole
 * @param column counted in characters from 1
 * @param wrong what is wrong
 * @param right what would be right
 */
public record ConfigProblem(Path file, int line, int column, String wrong, String right) {

    /** One line: {@code FILE:LINE:COLUMN: what is wrong; what would be right}. */
    @Override
    public String toString() {
        return "%s:%d:%d: %s; %s".formatted(file, line, column, wrong, right);
    }
}
