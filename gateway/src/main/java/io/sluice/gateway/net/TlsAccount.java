// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Counts what TLS holds for one connection: its engine, and what has come of a record that is not whole. Stands before the connection, on
 * the broker thread, and lets it hear of nothing if there is no room for it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a close shows in the channel's own events
final class TlsAccount extends ChannelInboundHandlerAdapter implements SocketMemory.Holder {

    private final TlsMemory engines;
    private final SocketMemory memory;
    private Runnable close = () -> {};
    private boolean taken;
    private boolean shaken;
    private int records;

    TlsAccount(TlsMemory engines, SocketMemory memory) {
        this.engines = engines;
        this.memory = memory;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        close = context::close;
        taken = engines.begin(Peer.of(context.channel()));
        if (taken) {
            memory.join(this);
            context.fireChannelActive();
        } else {
            context.close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof TlsHandler.Incomplete incomplete) {
            count(taken ? incomplete.bytes() : 0);
            return;
        }
        if (event instanceof HandOver.Shown && taken && !shaken) {
            shaken = true;
            engines.shaken();
        }
        context.fireUserEventTriggered(event);
    }

    private void count(int bytes) {
        int more = bytes - records;
        records = bytes;
        if (more != 0) {
            memory.holdIncomplete(more); // which may end this connection
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        count(0);
        memory.leave(this);
        if (taken) {
            taken = false;
            engines.end(shaken);
        }
        context.fireChannelInactive();
    }

    @Override
    public long held() {
        return records;
    }

    @Override
    public long incomplete() {
        return records;
    }

    @Override
    public void flush() {} // nothing of this waits for the socket

    @Override
    public long progressAt() {
        return memory.now();
    }

    @Override
    public void onRoom() {} // it does not wait

    @Override
    public void evict() {
        count(0);
        close.run();
    }
}
