// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * The HTTP request with which a WebSocket begins (RFC 6455 section 4.2), whose sub-protocol must be {@code mqtt}; then it makes way for
 * {@link WebSocketFrames}. On the connection's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what becomes of a write shows in the channel's own events
final class WebSocketUpgrade extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final System.Logger LOG = System.getLogger(WebSocketUpgrade.class.getName());

    private static final int LINE_BYTES_MAX = 2_048;
    private static final int HEADERS_BYTES_MAX = 8_192;
    private static final int BODY_BYTES_MAX = 1_024;
    static final String SUB_PROTOCOL = "mqtt";

    private final String listener;
    private final String path;

    WebSocketUpgrade(String listener, String path) {
        this.listener = listener;
        this.path = path;
    }

    /** Adds what the request needs to the end of the pipeline. */
    static void addTo(ChannelPipeline pipeline, String listener, String path) {
        pipeline.addLast(new HttpServerCodec(LINE_BYTES_MAX, HEADERS_BYTES_MAX, BODY_BYTES_MAX));
        pipeline.addLast(new HttpObjectAggregator(BODY_BYTES_MAX));
        pipeline.addLast(new WebSocketUpgrade(listener, path));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        HttpHeaders headers = request.headers();
        String key = headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY, "");
        if (!request.decoderResult().isSuccess()) {
            refuse(context, HttpResponseStatus.BAD_REQUEST, "the request cannot be read");
        } else if (!request.uri().split("\\?", 2)[0].equals(path)) {
            refuse(context, HttpResponseStatus.NOT_FOUND, "MQTT over WebSocket is at " + path);
        } else if (!request.method().equals(HttpMethod.GET)
                || !headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                || !headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
                || !headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "").equals("13")
                || key.isEmpty()) {
            refuse(context, HttpResponseStatus.UPGRADE_REQUIRED, "only WebSocket, version 13, is spoken here");
        } else if (!offersMqtt(headers)) {
            refuse(context, HttpResponseStatus.BAD_REQUEST, "the sub-protocol must be mqtt"); // [MQTT-6.0.0-3]
        } else {
            accept(context, key);
        }
    }

    private static boolean offersMqtt(HttpHeaders headers) {
        return headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .anyMatch(offered -> offered.strip().equals(SUB_PROTOCOL));
    }

    private static void accept(ChannelHandlerContext context, String key) {
        FullHttpResponse response = response(HttpResponseStatus.SWITCHING_PROTOCOLS, "");
        response.headers()
                .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
                .set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accepted(key))
                .set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, SUB_PROTOCOL); // [MQTT-6.0.0-4]
        context.writeAndFlush(response);
        ChannelPipeline pipeline = context.pipeline();
        pipeline.addAfter(context.name(), null, new WebSocketFrames(WebSocketFrames.Side.SERVER));
        pipeline.remove(HttpObjectAggregator.class);
        pipeline.remove(WebSocketUpgrade.class);
        pipeline.remove(HttpServerCodec.class); // last, because it passes on what has come behind the request
    }

    /** The proof that the request was understood (section 4.2.2). */
    static String accepted(String key) {
        try {
            byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    private void refuse(ChannelHandlerContext context, HttpResponseStatus status, String why) {
        LOG.log(Level.INFO, "{0} {1}: refused: {2}", listener, Peer.of(context.channel()), why);
        FullHttpResponse response = response(status, why + "\n");
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
            response.headers()
                    .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                    .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
        }
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private static FullHttpResponse response(HttpResponseStatus status, String text) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        if (!text.isEmpty()) {
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN)
                    .setInt(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
        }
        return response;
    }
}
