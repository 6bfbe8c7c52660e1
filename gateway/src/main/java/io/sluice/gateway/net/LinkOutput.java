// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.SocketChannel;
import io.sluice.gateway.loop.Loop;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a link sends: packets gather in a buffer, which leaves at the end of the turn. What waits for a slow upstream is bounded by the
 * bridge, which publishes nothing while the channel is not writable. On the broker thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a write shows in the channel's own events
final class LinkOutput {

    /** Output that is handed to the socket before the turn ends, in bytes. */
    private static final int FLUSH_BYTES = 128 << 10;

    private final Loop loop;
    private final SocketChannel channel;
    private @Nullable ByteBuf out;
    private boolean flushDue;
    /** To be run when what is in the buffer has been handed to the socket. */
    private List<Runnable> whenSent = new ArrayList<>();

    LinkOutput(Loop loop, SocketChannel channel) {
        this.loop = loop;
        this.channel = channel;
    }

    /** Where to write; {@link #flushSoon} sends it. */
    ByteBuf buffer() {
        ByteBuf current = out;
        if (current == null) {
            current = channel.alloc().directBuffer(1024);
            out = current;
        }
        return current;
    }

    void flushSoon() {
        if (out != null && out.readableBytes() >= FLUSH_BYTES) {
            flush();
        } else if (!flushDue) {
            flushDue = true;
            loop.atTurnEnd(this::flushAtTurnEnd);
        }
    }

    private void flushAtTurnEnd() {
        flushDue = false;
        flush();
    }

    /** Sends what there is without waiting for the end of the turn. */
    void flush() {
        ByteBuf full = out;
        if (full != null) {
            out = null;
            if (whenSent.isEmpty()) {
                channel.writeAndFlush(full, channel.voidPromise());
                return;
            }
            List<Runnable> told = whenSent;
            whenSent = new ArrayList<>();
            channel.writeAndFlush(full).addListener(done -> {
                if (done.isSuccess()) {
                    loop.execute(() -> told.forEach(Runnable::run)); // not in the middle of something that writes
                }
            });
        }
    }

    /** Runs the task when everything written so far has been handed to the socket; never if that fails. */
    void whenSent(Runnable task) {
        whenSent.add(task);
    }

    /** Sends what there is, and the end of the stream behind it. */
    void end() {
        flush();
        channel.writeAndFlush(Ending.END);
    }
}
