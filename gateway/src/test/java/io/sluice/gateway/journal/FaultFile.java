// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A file of a {@link FaultDisk}, which guards it: what it holds, and beside that what a power cut cannot take any more. What was
 * written before a force that failed is not made safe by a later one, as on Linux.
 */
final class FaultFile implements Disk.File {

    private static final int BLOCK_BYTES = 512;

    private final FaultDisk disk;
    private byte[] current;
    private int length;
    private byte[] forced;
    /** Blocks that the next force makes safe, and blocks that differ from what is forced. */
    private final BitSet dirty = new BitSet();

    private final BitSet unsafe = new BitSet();
    private final List<Write> writes = new ArrayList<>();

    private record Write(int offset, byte[] bytes) {}

    FaultFile(FaultDisk disk, byte[] bytes) {
        this.disk = disk;
        this.current = bytes.clone();
        this.length = bytes.length;
        this.forced = bytes.clone();
    }

    int length() {
        return length;
    }

    byte[] bytes() {
        return Arrays.copyOf(current, length);
    }

    void put(ByteBuffer bytes, long offset) {
        byte[] written = new byte[bytes.remaining()];
        bytes.get(written);
        int at = Math.toIntExact(offset);
        grow(at + written.length);
        System.arraycopy(written, 0, current, at, written.length);
        if (written.length > 0) {
            touch(at, at + written.length);
            writes.add(new Write(at, written));
        }
    }

    int get(ByteBuffer into, long offset) {
        int count = (int) Math.clamp(length - offset, 0, into.remaining());
        if (count > 0) {
            into.put(current, (int) offset, count);
        }
        return count;
    }

    private void grow(int size) {
        if (size > current.length) {
            current = Arrays.copyOf(current, Math.max(size, 2 * current.length));
        }
        length = Math.max(length, size);
    }

    private void touch(int from, int to) {
        dirty.set(from / BLOCK_BYTES, (to - 1) / BLOCK_BYTES + 1);
        unsafe.set(from / BLOCK_BYTES, (to - 1) / BLOCK_BYTES + 1);
    }

    void forced() {
        forced = Arrays.copyOf(forced, length);
        dirty.stream().forEach(block -> copyBlock(block, forced));
        unsafe.andNot(dirty);
        dirty.clear();
        if (unsafe.isEmpty()) {
            writes.clear();
        }
    }

    private void copyBlock(int block, byte[] to) {
        int from = block * BLOCK_BYTES;
        if (from < to.length) {
            System.arraycopy(current, from, to, from, Math.min(BLOCK_BYTES, to.length - from));
        }
    }

    void forceFailed() {
        dirty.clear();
    }

    byte[] afterCrash(FaultDisk.Leaves leaves, SplittableRandom random) {
        return switch (leaves) {
            case NOTHING -> forced.clone();
            case ALL -> bytes();
            case BLOCKS -> blocks(random);
            case TORN -> torn(random);
        };
    }

    /** The size may be ahead of the bytes, which are zeros then, or lie behind them. */
    private byte[] blocks(SplittableRandom random) {
        int size = random.nextInt(Math.min(forced.length, length), Math.max(forced.length, length) + 1);
        byte[] left = Arrays.copyOf(forced, size);
        unsafe.stream().filter(block -> random.nextBoolean()).forEach(block -> copyBlock(block, left));
        return left;
    }

    private byte[] torn(SplittableRandom random) {
        long total = writes.stream().mapToLong(write -> write.bytes().length).sum();
        long left = random.nextLong(total + 1);
        byte[] torn = forced.clone();
        for (Write write : writes) {
            int count = (int) Math.min(left, write.bytes().length);
            if (count > 0) {
                torn = Arrays.copyOf(torn, Math.max(torn.length, write.offset() + count));
                for (int i = 0; i < count; i++) {
                    if (unsafe.get((write.offset() + i) / BLOCK_BYTES)) {
                        torn[write.offset() + i] = write.bytes()[i];
                    }
                }
            }
            left -= count;
        }
        return torn;
    }

    @Override
    public void write(ByteBuffer bytes, long offset) throws IOException {
        disk.write(this, bytes, offset);
    }

    @Override
    public int read(ByteBuffer into, long offset) throws IOException {
        return disk.read(this, into, offset);
    }

    @Override
    public void force() throws IOException {
        disk.force(this);
    }

    @Override
    public void truncate(long bytes) {
        synchronized (disk) {
            length = (int) Math.min(length, bytes);
            Arrays.fill(current, length, current.length, (byte) 0);
        }
    }

    @Override
    public long size() {
        synchronized (disk) {
            return length;
        }
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
