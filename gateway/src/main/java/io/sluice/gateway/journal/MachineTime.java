// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.time.InstantSource;

/** What the machine knows of the time. Usable from any thread. */
public interface MachineTime {

    /** The wall clock, in milliseconds since 1970. A machine without a clock of its own may be decades off. */
    long wallMillis();

    /** Whether the wall clock was set by another clock since the machine was started. */
    boolean isSynchronised();

    /** Names the run of the machine from its start to its stop; empty if unknown. */
    String bootId();

    /** Milliseconds since the machine was started. */
    long uptimeMillis();

    /** A wall clock that is always right, on a machine of which nothing else is known. */
    static MachineTime of(InstantSource wall) {
        return new MachineTime() {
            @Override
            public long wallMillis() {
                return wall.millis();
            }

            @Override
            public boolean isSynchronised() {
                return true;
            }

            @Override
            public String bootId() {
                return "";
            }

            @Override
            public long uptimeMillis() {
                return 0;
            }
        };
    }
}
