// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

/** Why a delivery was dropped that somebody should have had. There is no other reason. */
public enum DropReason {
    /** The journal has reached {@code max-bytes}. */
    MAX_BYTES("max-bytes is reached"),
    /** Sessions have reached their share of it. */
    SHARE("its share of max-bytes is reached"),
    /** The message is older than {@code max-age}. */
    MAX_AGE("max-age has passed"),
    /** What the journal may keep in mind of where deliveries lie is spent, and this outbox has some in several segments. */
    MEMORY("its backlog lies in more segments than limits.memory has room for"),
    /** The disk cannot be written at the moment, and the message came with QoS 0. */
    DISK("the disk cannot be written"),
    /** Its record was damaged on disk. */
    DAMAGE("its record is damaged");

    private final String text;

    DropReason(String text) {
        this.text = text;
    }

    /** For people. */
    public String text() {
        return text;
    }
}
