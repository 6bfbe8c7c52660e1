// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

/** Says how much may be remembered of the topics of one connection. On the thread of the connection. */
@FunctionalInterface
public interface Room {

    /** Any number. */
    Room ENOUGH = bytes -> true;

    /**
     * Takes memory, or gives it back if negative.
     *
     * @return false if there is none, and none was taken
     */
    boolean take(int bytes);
}
