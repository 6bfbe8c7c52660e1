// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;

/** What has gone to clients and come from them since the start, in packets and bytes. On the broker thread. */
public final class Traffic {

    private long sockets;
    private long connections;
    private long packetsReceived;
    private long packetsSent;
    private long bytesReceived;
    private long bytesSent;
    private long publishReceived;
    private long publishSent;
    private long publishBytesReceived;
    private long publishBytesSent;

    void socket() {
        sockets++;
    }

    void connection() {
        connections++;
    }

    void received(Packet packet) {
        packetsReceived++;
        if (packet instanceof Packet.Publish publish) {
            publishReceived++;
            publishBytesReceived += publish.message().payloadBytes();
        }
    }

    /** A packet other than PUBLISH. */
    public void sentPacket() {
        packetsSent++;
    }

    public void sent(Message message) {
        packetsSent++;
        publishSent++;
        publishBytesSent += message.payloadBytes();
    }

    public void receivedBytes(long bytes) {
        bytesReceived += bytes;
    }

    public void sentBytes(long bytes) {
        bytesSent += bytes;
    }

    /** Network connections that were opened. */
    public long sockets() {
        return sockets;
    }

    /** CONNECTs that came. */
    public long connections() {
        return connections;
    }

    public long packetsReceived() {
        return packetsReceived;
    }

    public long packetsSent() {
        return packetsSent;
    }

    public long bytesReceived() {
        return bytesReceived;
    }

    public long bytesSent() {
        return bytesSent;
    }

    public long publishReceived() {
        return publishReceived;
    }

    public long publishSent() {
        return publishSent;
    }

    /** Bytes of payloads. */
    public long publishBytesReceived() {
        return publishBytesReceived;
    }

    /** Bytes of payloads. */
    public long publishBytesSent() {
        return publishBytesSent;
    }
}
