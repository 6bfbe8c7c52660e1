// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.message;

/** A name and a value that the application gave; names may repeat and order is kept (MQTT 5.0 section 3.3.2.3.7). */
public record UserProperty(String name, String value) {}
