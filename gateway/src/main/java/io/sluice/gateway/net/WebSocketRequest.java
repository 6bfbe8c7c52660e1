// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.PendingWriteQueue;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Asks upstream for a WebSocket with the sub-protocol {@code mqtt} (RFC 6455 section 4.1), then makes way for {@link WebSocketFrames}.
 * What is written before that waits. On the channel's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a write shows in the channel's own events
final class WebSocketRequest extends ChannelDuplexHandler {

    private static final int LINE_BYTES_MAX = 2_048;
    private static final int HEADERS_BYTES_MAX = 8_192;

    /** What a refusal may say; a page of a proxy is not longer. */
    private static final int BODY_BYTES_MAX = 16_384;

    private final UpstreamAddress address;
    private final String key = key();
    private @Nullable PendingWriteQueue waiting;

    private WebSocketRequest(UpstreamAddress address) {
        this.address = address;
    }

    private static String key() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Adds what the request needs to the end of a pipeline that is connected, and sends it. */
    static void addTo(ChannelPipeline pipeline, UpstreamAddress address) {
        pipeline.addLast(new HttpClientCodec(LINE_BYTES_MAX, HEADERS_BYTES_MAX, BODY_BYTES_MAX));
        pipeline.addLast(new HttpObjectAggregator(BODY_BYTES_MAX));
        pipeline.addLast(new WebSocketRequest(address));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        waiting = new PendingWriteQueue(context);
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, address.path(), Unpooled.EMPTY_BUFFER);
        request.headers()
                .set(HttpHeaderNames.HOST, address.host() + ":" + address.port())
                .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
                .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13")
                .set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key)
                .set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, WebSocketUpgrade.SUB_PROTOCOL); // [MQTT-6.0.0-3]
        context.writeAndFlush(request);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        FullHttpResponse response = (FullHttpResponse) read;
        try {
            String wrong = wrong(response);
            if (wrong == null) {
                open(context);
            } else {
                context.fireUserEventTriggered(new LinkTrouble.Trouble(wrong));
                context.close();
            }
        } finally {
            response.release();
        }
    }

    private @Nullable String wrong(FullHttpResponse response) {
        HttpHeaders headers = response.headers();
        if (!response.decoderResult().isSuccess()) {
            return "what answers does not speak HTTP";
        } else if (!response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            return "no WebSocket at " + address.path() + ": " + response.status();
        } else if (!headers.get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, "").equals(WebSocketUpgrade.accepted(key))
                || !headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
            return "what answers does not speak WebSocket";
        } else if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)) {
            return "WebSocket with an extension that was not asked for";
        } else if (!headers.get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, "").equals(WebSocketUpgrade.SUB_PROTOCOL)) {
            return "WebSocket without the sub-protocol mqtt";
        }
        return null;
    }

    private void open(ChannelHandlerContext context) {
        PendingWriteQueue written = waiting;
        waiting = null;
        ChannelPipeline pipeline = context.pipeline();
        pipeline.addBefore(context.name(), null, new WebSocketFrames(WebSocketFrames.Side.CLIENT));
        pipeline.remove(HttpObjectAggregator.class);
        pipeline.remove(HttpClientCodec.class); // it passes on what has come behind the answer
        if (written != null) {
            written.removeAndWriteAll();
        }
        context.flush();
        pipeline.remove(this);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (waiting == null) {
            context.write(message, promise);
        } else {
            waiting.add(message, promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        if (waiting == null) {
            context.flush();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (waiting != null) {
            waiting.removeAndFailAll(new ClosedChannelException());
            waiting = null;
        }
    }
}
