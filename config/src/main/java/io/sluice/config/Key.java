// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

/**
 * One key of a map.
 *
 * @param shape what may stand behind it
 * @param absent what holds when it is not there
 */
record Key<T>(String name, Shape<T> shape, Absent<T> absent) {

    sealed interface Absent<T> {}

    /**
     * The key must be there.
     *
     * @param example what would be right
     */
    record Required<T>(String example) implements Absent<T> {}

    /**
     * The key has a default.
     *
     * @param yaml the default as one would write it; empty for a map or list of which every key has a default
     */
    record Default<T>(String yaml) implements Absent<T> {}

    /** Not having the key means something of its own. */
    record Nothing<T>(T value) implements Absent<T> {}
}
