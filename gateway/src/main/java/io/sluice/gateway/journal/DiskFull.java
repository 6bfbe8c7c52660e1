// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;

/** A write found no room on the disk. Unlike other failures it says what helps. */
public final class DiskFull extends IOException {

    private static final long serialVersionUID = 1;

    public DiskFull(String message, Throwable cause) {
        super(message, cause);
    }

    public DiskFull(String message) {
        super(message);
    }
}
