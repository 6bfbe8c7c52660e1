// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** What has come of a packet that is not whole, counted as the size of its buffer. On the broker thread. */
final class Incomplete {

    private final ByteBufAllocator allocator;
    private final SocketMemory memory;
    private @Nullable ByteBuf bytes;
    private int counted;

    Incomplete(ByteBufAllocator allocator, SocketMemory memory) {
        this.allocator = allocator;
        this.memory = memory;
    }

    /** What there is, to be read from, or null. */
    @Nullable
    ByteBuf bytes() {
        return bytes;
    }

    /** What it holds, in bytes. */
    int held() {
        return counted;
    }

    /** Puts what has come behind what there is: the buffer to read from, which need not be released. */
    ByteBuf join(ByteBuf more) {
        ByteBuf before = bytes;
        return before == null ? onHeap(more) : before.discardSomeReadBytes().writeBytes(more);
    }

    /** The same bytes in an array, as a {@link io.sluice.gateway.codec.PacketReader} is quicker with; not to be released. */
    static ByteBuf onHeap(ByteBuf bytes) {
        if (bytes.hasArray()) {
            return bytes;
        }
        byte[] copy = new byte[bytes.readableBytes()];
        bytes.readBytes(copy);
        return Unpooled.wrappedBuffer(copy);
    }

    /** Keeps what is left of the buffer that {@link #join} gave. Counts it, which may end the connection. */
    void keep(ByteBuf rest) {
        if (!rest.isReadable()) {
            release();
            return;
        }
        if (bytes == null) {
            bytes = allocator.buffer(rest.readableBytes()).writeBytes(rest);
        }
        count();
    }

    void release() {
        if (bytes != null) {
            bytes.release();
            bytes = null;
            count();
        }
    }

    private void count() {
        int size = bytes == null ? 0 : bytes.capacity();
        int more = size - counted;
        counted = size;
        if (more != 0) {
            memory.holdIncomplete(more);
        }
    }
}
