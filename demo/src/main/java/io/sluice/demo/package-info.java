// SPDX-License-Identifier: Apache-2.0
/**
 * What {@code make demo} runs: sensors, a link that can be cut, a gateway that is killed, and the ledger of what was acknowledged
 * and what arrived. It knows Sluice only from outside, as a process. One virtual thread per connection, the story on the main
 * thread; imports the JDK only.
 */
@NullMarked
package io.sluice.demo;

import org.jspecify.annotations.NullMarked;
