// SPDX-License-Identifier: Apache-2.0
/**
 * Between devices and messages: a reading becomes one message or several. Called on the devices' threads, hands over to the broker
 * thread and holds a device back that is faster than the journal. Imports {@code io.sluice.device}, {@code routing}, {@code message},
 * {@code journal} and {@code loop}.
 */
@NullMarked
package io.sluice.gateway.field;

import org.jspecify.annotations.NullMarked;
