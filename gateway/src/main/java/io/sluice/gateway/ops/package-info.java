// SPDX-License-Identifier: Apache-2.0
/**
 * What an operator sees of the running gateway. Looks at sessions, routing and the journal on the broker thread and changes nothing
 * there; the only package beside {@code cli} and the root that asks how the program was built.
 */
@NullMarked
package io.sluice.gateway.ops;

import org.jspecify.annotations.NullMarked;
