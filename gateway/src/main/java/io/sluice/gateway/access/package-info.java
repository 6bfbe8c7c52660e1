// SPDX-License-Identifier: Apache-2.0
/**
 * Who a client is and what it may do. {@code Users} are what a users file says, each with a {@code Credential}; {@code
 * Authentication} proves passwords, on a thread of its own because that takes milliseconds; {@code AccessControl} turns a listener's
 * rules into one client's {@code Rights}, which the broker thread asks. Imports {@code loop}, {@code message} and the settings.
 */
@NullMarked
package io.sluice.gateway.access;

import org.jspecify.annotations.NullMarked;
