// SPDX-License-Identifier: Apache-2.0
/**
 * What crosses a bridge, in which direction, under which name and how. Pure functions over values: no I/O, no clock, no thread,
 * no log. May import {@code io.sluice.topic} only.
 */
@NullMarked
package io.sluice.rules;

import org.jspecify.annotations.NullMarked;
