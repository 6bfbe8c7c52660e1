// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

/**
 * A value that cannot be taken. In both texts {@code {name}} stands for the key and {@code {value}} for the value as the file
 * has it, which may be an expression: what an expression gave is never shown.
 */
final class Wrong extends Exception {

    private final String wrong;
    private final String right;

    Wrong(String wrong, String right) {
        super(wrong + "; " + right, null, false, false);
        this.wrong = wrong;
        this.right = right;
    }

    String wrong() {
        return wrong;
    }

    String right() {
        return right;
    }
}
