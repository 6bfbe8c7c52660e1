// SPDX-License-Identifier: Apache-2.0
/**
 * Sessions and the connections they have: what a client may expect of the broker between CONNECT and the end of its session. A
 * {@code Session} lives as long as MQTT says, a {@code Conversation} as long as one network connection. All on the broker thread;
 * imports {@code routing}, {@code journal}, {@code memory}, {@code access}, {@code packet}, {@code message} and {@code loop}.
 */
@NullMarked
package io.sluice.gateway.session;

import org.jspecify.annotations.NullMarked;
