// SPDX-License-Identifier: Apache-2.0
/**
 * The words of MQTT addressing as values: topic names, topic filters, share names, quality of service. Immutable, pure, usable
 * from any thread; imports nothing but the JDK.
 */
@NullMarked
package io.sluice.topic;

import org.jspecify.annotations.NullMarked;
