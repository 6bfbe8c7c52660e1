// SPDX-License-Identifier: Apache-2.0
/**
 * A message: what was published, in MQTT 5's own encoding, immutable and usable from any thread. Imports {@code io.sluice.topic} only.
 */
@NullMarked
package io.sluice.gateway.message;

import org.jspecify.annotations.NullMarked;
