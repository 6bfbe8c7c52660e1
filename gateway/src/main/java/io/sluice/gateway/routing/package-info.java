// SPDX-License-Identifier: Apache-2.0
/**
 * Who gets a message: the subscription tree, retained messages, and each subscriber's outbox. Lives on the broker thread; imports
 * {@code message}, {@code packet} (values only), {@code journal}, {@code memory}, {@code loop} and {@code io.sluice.topic}.
 */
@NullMarked
package io.sluice.gateway.routing;

import org.jspecify.annotations.NullMarked;
