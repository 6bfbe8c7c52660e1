// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

/**
 * Something in a journal that is not as it should be.
 *
 * @param file the name of the file
 * @param offset where in the file, in bytes
 * @param isDamage whether something is or may be lost by it; else it is only told, because it is harmless
 * @param text what was expected and what was found
 */
public record JournalFinding(String file, long offset, boolean isDamage, String text) {

    /** Takes findings as they are made. */
    public interface Sink {
        void found(JournalFinding finding);
    }

    @Override
    public String toString() {
        return "%s: %s at %,d: %s".formatted(file, isDamage ? "damage" : "note", offset, text);
    }
}
