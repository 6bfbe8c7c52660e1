// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.memory;

/** Bytes that all things of one kind may take together, and what they take. On the broker thread. */
public final class Budget {

    private final String name;
    private final long bytesMax;
    private long bytes;
    private long bytesMost;
    private long exhaustions;

    /** @param name what the operator sees: one level of a topic */
    public Budget(String name, long bytesMax) {
        this.name = name;
        this.bytesMax = bytesMax;
    }

    public String name() {
        return name;
    }

    public long bytesMax() {
        return bytesMax;
    }

    /** What is taken. */
    public long bytes() {
        return bytes;
    }

    /** The most that was taken at any time. */
    public long bytesMost() {
        return bytesMost;
    }

    /** How often something was refused, dropped or ended because it was spent. */
    public long exhaustions() {
        return exhaustions;
    }

    /** What is left, negative if more is taken than may be. */
    public long bytesLeft() {
        return bytesMax - bytes;
    }

    /** Takes, or gives back if negative, without asking: owners ask before, or let go afterwards when it {@link #isExceeded}. */
    public void add(long more) {
        bytes += more;
        bytesMost = Math.max(bytesMost, bytes);
    }

    public boolean isExceeded() {
        return bytes > bytesMax;
    }

    /** Counts that something had to give way. */
    public void exhausted() {
        exhaustions++;
    }

    @Override
    public String toString() {
        return "%s: %d of %d bytes".formatted(name, bytes, bytesMax);
    }
}
