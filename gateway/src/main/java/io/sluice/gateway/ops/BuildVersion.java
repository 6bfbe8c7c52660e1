// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.ops;

/** The version with which the program was built. */
public final class BuildVersion {

    private BuildVersion() {}

    public static String text() {
        return "sluice "
                + org.eclipse.microprofile.config.ConfigProvider.getConfig()
                        .getOptionalValue("quarkus.application.version", String.class)
                        .orElse("unknown");
    }
}
