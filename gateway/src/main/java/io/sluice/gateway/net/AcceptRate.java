// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/**
 * Takes no more connections in a while than a listener may: the others wait in the kernel, whose queue is bounded, so that a storm of
 * handshakes leaves time for those who are connected. On the listener's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the task that ends a period
final class AcceptRate extends ChannelInboundHandlerAdapter {

    private static final int PERIOD_MILLIS = 100;

    private final int inOnePeriod;
    private int taken;
    private boolean timed;

    /** @param rate connections in one second, at least 1 */
    AcceptRate(int rate) {
        this.inOnePeriod = Math.max(1, rate * PERIOD_MILLIS / 1_000);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        taken++;
        if (!timed) {
            timed = true;
            context.executor().schedule(() -> begin(context), PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
        if (taken >= inOnePeriod) {
            context.channel().config().setAutoRead(false);
        }
        context.fireChannelRead(accepted);
    }

    private void begin(ChannelHandlerContext context) {
        timed = false;
        taken = 0;
        if (!context.channel().config().isAutoRead()) {
            context.channel().config().setAutoRead(true);
        }
    }
}
