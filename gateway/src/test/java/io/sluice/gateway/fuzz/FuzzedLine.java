// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.fuzz;

import io.sluice.gateway.access.Guard;
import io.sluice.gateway.client.Packets;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.session.Connection;
import io.sluice.gateway.session.Conversation;
import io.sluice.topic.Qos;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** One network connection of a client, from the broker's side: what may be said on it, and when. */
final class FuzzedLine implements Connection {

    private final FuzzedClient client;
    private final int receiveMaximum;
    private final boolean cleanStart;
    private final ProtocolVersion version;
    private final boolean mayBeAnother;
    private final Map<Integer, Owes> underWay = new LinkedHashMap<>();
    private final Queue<Packet> due = new ArrayDeque<>();
    private @Nullable Conversation conversation;
    private boolean accepted;
    private boolean writable = true;
    private boolean closed;

    /** What the client has to say next about a delivery. */
    private enum Owes {
        PUBACK,
        PUBREC,
        PUBCOMP,
        NOTHING
    }

    /** @param mayBeAnother whether CONNECT may begin another session than the one that was */
    FuzzedLine(
            FuzzedClient client,
            int receiveMaximum,
            boolean cleanStart,
            ProtocolVersion version,
            boolean mayBeAnother) {
        this.client = client;
        this.receiveMaximum = receiveMaximum;
        this.cleanStart = cleanStart;
        this.version = version;
        this.mayBeAnother = mayBeAnother;
    }

    void begin(FuzzedBroker broker) {
        conversation = broker.open(this);
    }

    ProtocolVersion version() {
        return version;
    }

    /** Whether CONNACK has come. */
    boolean isAccepted() {
        return accepted;
    }

    boolean mayBeAnother() {
        return mayBeAnother;
    }

    void say(Packet packet) {
        if (conversation != null) {
            conversation.on(packet);
        }
    }

    /** Whether something is to be said that the broker's packets have called for. */
    boolean isDue() {
        return !due.isEmpty();
    }

    void speakUp() {
        say(due.remove());
    }

    void over() {
        closed = true;
        client.onOver(this);
    }

    void hangUp() {
        if (conversation != null) {
            conversation.onClosed();
        }
    }

    void readSlowly(boolean slowly) {
        writable = !slowly;
        if (writable && conversation != null) {
            conversation.onWritable();
        }
    }

    boolean isUnderWay(int packetId) {
        return underWay.containsKey(packetId);
    }

    /** What is to be said next about one of the deliveries under way, or null. */
    @Nullable
    Packet acknowledgement(int choice) {
        if (underWay.isEmpty()) {
            return null;
        }
        List<Integer> ids = List.copyOf(underWay.keySet());
        int packetId = ids.get(choice % ids.size());
        return switch (underWay.getOrDefault(packetId, Owes.NOTHING)) {
            case PUBACK -> {
                underWay.remove(packetId);
                yield new Packet.Puback(packetId, ReasonCode.SUCCESS, Explanation.NONE);
            }
            case PUBREC -> {
                underWay.put(packetId, Owes.NOTHING);
                yield Packets.pubrec(packetId);
            }
            case PUBCOMP -> {
                underWay.remove(packetId);
                yield Packets.pubcomp(packetId);
            }
            case NOTHING -> null;
        };
    }

    @Override
    public void send(Packet packet) {
        client.check(!closed, "a packet after the connection has ended: " + packet);
        if (!accepted) {
            client.check(packet instanceof Packet.Connack, "CONNACK must come first, not " + packet);
        }
        switch (packet) {
            case Packet.Connack connack -> accepted(connack);
            case Packet.Puback puback -> client.onPuback(puback);
            case Packet.Pubrec pubrec -> {
                if (client.onPubrec(pubrec)) {
                    due.add(Packets.pubrel(pubrec.packetId()));
                }
            }
            case Packet.Pubcomp pubcomp -> client.onPubcomp(pubcomp.packetId());
            case Packet.Pubrel pubrel -> {
                client.onPubrel(pubrel.packetId());
                underWay.put(pubrel.packetId(), Owes.PUBCOMP);
            }
            case Packet.Suback suback -> client.onSuback(suback);
            case Packet.Unsuback unsuback -> client.onUnsuback(unsuback.packetId());
            case Packet.Pingresp ignored -> {}
            case Packet.Disconnect ignored -> {}
            case Packet other -> throw new AssertionError("a server never sends " + other);
        }
    }

    private void accepted(Packet.Connack connack) {
        client.check(!accepted, "a second CONNACK");
        accepted = true;
        if (!connack.reason().isError()) {
            client.check(!(connack.sessionPresent() && cleanStart), "a session after a clean start");
            due.addAll(client.onAccepted(connack.sessionPresent()));
        }
    }

    @Override
    public boolean publish(
            Message message,
            Qos qos,
            boolean dup,
            boolean retain,
            int packetId,
            List<Integer> subscriptionIds,
            long expiry) {
        client.check(!closed && accepted, "a PUBLISH outside of a connection");
        if (qos == Qos.AT_MOST_ONCE) {
            client.check(packetId == 0 && !dup, "QoS 0 with a packet identifier or DUP");
            return true;
        }
        client.check(!underWay.containsKey(packetId), "packet identifier " + packetId + " is in use");
        client.check(underWay.size() < receiveMaximum, "more under way than " + receiveMaximum);
        underWay.put(packetId, qos == Qos.AT_LEAST_ONCE ? Owes.PUBACK : Owes.PUBREC);
        client.onPublish(message, qos, dup, packetId);
        return true;
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void speak(ProtocolVersion spoken, ConnectProperties properties, int topicAliases) {
        client.check(spoken == version, "another version than CONNECT's");
    }

    @Override
    public Optional<Guard> guard() {
        return Optional.empty();
    }

    @Override
    public Optional<String> certificateName() {
        return Optional.empty();
    }

    @Override
    public int packetBytesMax() {
        return FuzzedBroker.PACKET_BYTES_MAX;
    }

    @Override
    public boolean isBeyondLimit() {
        return false;
    }

    @Override
    public void hold(boolean on) {
        // Nobody has to log in here.
    }

    @Override
    public void read(boolean on) {
        // What a client says here is said in whole packets.
    }

    @Override
    public void close() {
        over();
    }

    @Override
    public String peer() {
        return client.toString();
    }
}
