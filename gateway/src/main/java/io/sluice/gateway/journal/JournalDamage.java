// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.util.List;

/**
 * What the journal could not read when it was opened.
 *
 * @param bytes bytes in segments that are no whole frame, although they had been forced
 * @param unreadableBytes bytes that the disk does not give, in pages of 4 KiB
 * @param states sessions, subscriptions, retained messages and the like whose records are among that
 * @param setAside files that were given another name because nothing in them could be used; never deleted
 */
public record JournalDamage(long bytes, long unreadableBytes, int states, List<String> setAside) {

    public JournalDamage {
        setAside = List.copyOf(setAside);
    }

    /** Whether all was whole. */
    public boolean isNone() {
        return bytes == 0 && unreadableBytes == 0 && states == 0 && setAside.isEmpty();
    }
}
