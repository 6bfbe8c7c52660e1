// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The normative statements that a test holds the gateway to, such as {@code MQTT-3.3.1-2}. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Statement {
    String[] value();
}
