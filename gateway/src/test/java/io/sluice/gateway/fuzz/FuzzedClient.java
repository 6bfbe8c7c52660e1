// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.fuzz;

import io.sluice.gateway.client.Packets;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.packet.Packet;
import io.sluice.gateway.packet.Packet.ConnectProperties;
import io.sluice.gateway.packet.Packet.Explanation;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import io.sluice.gateway.packet.Subscription;
import io.sluice.gateway.session.Connection;
import io.sluice.gateway.session.Conversation;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A client that keeps to the protocol as a session does, across its connections, and holds the broker to it: what it was promised is
 * owed to it until it has come.
 */
final class FuzzedClient {

    private static final Message WILL = Packets.message("a", "will", Qos.AT_LEAST_ONCE);

    private final String clientId;
    private final FuzzedGroup group;

    /** What it published and has not seen the end of, by packet identifier; sent again when the session goes on. */
    private final Map<Integer, Published> outgoing = new LinkedHashMap<>();
    /** What the broker has acknowledged to have subscribed it to. */
    private final Map<TopicFilter, Subscription> subscribed = new HashMap<>();

    private final Map<Integer, Packet> requests = new HashMap<>();
    /** Numbers of messages that it must get. */
    private final Set<Integer> owed = new TreeSet<>();

    private final Set<Integer> came = new HashSet<>();
    private final Set<Integer> cameOnce = new HashSet<>();
    /** QoS 2 identifiers that came and were not released. */
    private final Set<Integer> received = new HashSet<>();

    private @Nullable Line line;
    /** Whether the broker has said that it keeps a session. */
    private boolean kept;
    /** Whether it may have given the session up: it expired, or its end is on its way. */
    private boolean mayBeGone = true;

    private long expirySeconds;
    private boolean mustStartClean;

    /** How many sessions it has had. */
    private int life;
    /** How often it has left, or may have left, the share group. */
    private int departures;

    FuzzedClient(String clientId, FuzzedGroup group) {
        this.clientId = clientId;
        this.group = group;
    }

    /** A message on its way to the broker. */
    private static final class Published {
        private final Packet.Publish publish;
        private final int number;
        private final List<Receiver> receivers;
        private final List<Receiver> members;
        private boolean released;

        Published(Packet.Publish publish, int number, List<Receiver> receivers, List<Receiver> members) {
            this.publish = publish;
            this.number = number;
            this.receivers = receivers;
            this.members = members;
        }

        /** The broker has vouched for it. */
        void acknowledged() {
            receivers.forEach(receiver -> receiver.client.owe(receiver.life, number));
            boolean shared = publish.message().topic().equals(FuzzedGroup.TOPIC);
            if (shared && publish.message().qos() == Qos.AT_LEAST_ONCE && number != 0) {
                members.forEach(
                        member -> member.client.group.owe(number, () -> member.client.departures == member.life));
            }
        }
    }

    /** A client and which of its sessions, or of its times in the group, is meant. */
    private record Receiver(FuzzedClient client, int life) {}

    private void owe(int itsLife, int number) {
        if (number != 0 && life == itsLife && !came.contains(number)) {
            owed.add(number);
        }
    }

    boolean isConnected() {
        return line != null && line.connack != null;
    }

    void connect(
            FuzzedBroker broker,
            ProtocolVersion version,
            boolean asksForCleanStart,
            long expiry,
            int receiveMaximum,
            boolean withWill) {
        hangUp();
        boolean cleanStart = asksForCleanStart || mustStartClean;
        Line fresh = new Line(receiveMaximum, cleanStart, version);
        line = fresh;
        expirySeconds = version == ProtocolVersion.MQTT_5 ? expiry : cleanStart ? 0 : ConnectProperties.NEVER_EXPIRES;
        if (cleanStart) {
            forget(); // as the client must, whatever the broker does
            mayBeGone = true;
        }
        Packet.Connect connect =
                Packets.connect(version, clientId, cleanStart, Packets.receiveMaximum(expirySeconds, receiveMaximum));
        fresh.conversation = broker.open(fresh);
        fresh.conversation.on(withWill ? Packets.withWill(connect, WILL, 5) : connect);
    }

    /** Says what the broker's packets have called for; a connection must not be answered before it has returned. */
    void speakUp() {
        for (Line now = line; now != null && now == line && !now.due.isEmpty(); ) {
            say(now.due.remove());
        }
    }

    /** The connection ends without a word. */
    void hangUp() {
        Line gone = line;
        if (gone != null) {
            line = null;
            gone.over();
            if (gone.conversation != null) {
                gone.conversation.onClosed();
            }
        }
    }

    /** The broker is gone, and the connection with it. */
    void lost() {
        Line gone = line;
        line = null;
        if (gone != null) {
            gone.over();
        }
    }

    void timePasses() {
        if (line == null && expirySeconds != ConnectProperties.NEVER_EXPIRES) {
            mayBeGone = true;
        }
    }

    void disconnect(boolean withWill, OptionalLong newExpiry) {
        Line now = line;
        if (now == null || now.conversation == null) {
            return;
        }
        if (newExpiry.isPresent() && now.version == ProtocolVersion.MQTT_5 && expirySeconds > 0) {
            expirySeconds = newExpiry.getAsLong();
            mayBeGone |= expirySeconds == 0;
            now.conversation.on(Packets.disconnect(expirySeconds));
        } else {
            now.conversation.on(Packets.disconnect(
                    withWill && now.version == ProtocolVersion.MQTT_5
                            ? ReasonCode.DISCONNECT_WITH_WILL
                            : ReasonCode.SUCCESS));
        }
        hangUp();
    }

    void subscribe(int packetId, Subscription subscription) {
        if (isConnected() && requests.isEmpty() && !outgoing.containsKey(packetId)) {
            subscribed.remove(subscription.filter()); // until it is granted anew
            Packet.Subscribe packet = Packets.subscribe(packetId, subscription);
            requests.put(packetId, packet);
            say(packet);
        }
    }

    void unsubscribe(int packetId, TopicFilter filter) {
        if (isConnected() && requests.isEmpty() && !outgoing.containsKey(packetId)) {
            subscribed.remove(filter); // from here on nothing new is promised
            departures += filter.share().isPresent() ? 1 : 0;
            Packet.Unsubscribe packet = Packets.unsubscribe(packetId, filter.toString());
            requests.put(packetId, packet);
            say(packet);
        }
    }

    /** Publishes a message of this number, or 0 if it has none, whose receivers are those subscribed now. */
    void publish(Message message, int packetId, int number, List<FuzzedClient> all) {
        if (!isConnected()) {
            return;
        }
        if (message.qos() == Qos.AT_MOST_ONCE) {
            say(Packets.publish(message, 0));
        } else if (!outgoing.containsKey(packetId)
                && !requests.containsKey(packetId)
                && outgoing.size() < FuzzedBroker.RECEIVE_MAXIMUM) {
            List<Receiver> receivers = all.stream()
                    .filter(other -> other.isPromised(message.topic(), other == this))
                    .map(other -> new Receiver(other, other.life))
                    .toList();
            List<Receiver> members = all.stream()
                    .filter(FuzzedClient::isDurableMember)
                    .map(member -> new Receiver(member, member.departures))
                    .toList();
            Packet.Publish publish = Packets.publish(message, packetId);
            outgoing.put(packetId, new Published(publish, number, receivers, members));
            say(publish);
        }
    }

    /** Whether the group is sure to live as long as this one's subscription. */
    private boolean isDurableMember() {
        Subscription shared = subscribed.get(FuzzedGroup.FILTER);
        return kept && !mayBeGone && expirySeconds > 0 && shared != null && shared.maximumQos() != Qos.AT_MOST_ONCE;
    }

    private boolean isPromised(TopicName topic, boolean own) {
        return kept
                && !mayBeGone
                && subscribed.values().stream()
                        .filter(subscription -> subscription.filter().share().isEmpty())
                        .anyMatch(subscription -> subscription.maximumQos() != Qos.AT_MOST_ONCE
                                && subscription.filter().matches(topic)
                                && !(own && subscription.noLocal()));
    }

    /** Acknowledges one that has come; the choice is which. False if there is nothing. */
    boolean acknowledge(int choice) {
        Line now = line;
        if (now == null || now.inFlight.isEmpty()) {
            return false;
        }
        List<Integer> ids = List.copyOf(now.inFlight.keySet());
        int packetId = ids.get(choice % ids.size());
        switch (now.inFlight.get(packetId)) {
            case PUBACK -> {
                now.inFlight.remove(packetId);
                say(new Packet.Puback(packetId, ReasonCode.SUCCESS, Explanation.NONE));
            }
            case PUBREC -> {
                now.inFlight.put(packetId, Owes.NOTHING);
                say(Packets.pubrec(packetId));
            }
            case PUBCOMP -> {
                now.inFlight.remove(packetId);
                say(Packets.pubcomp(packetId));
            }
            case NOTHING -> {
                return false;
            }
        }
        return true;
    }

    /** An answer to something that was never sent. */
    void answerNothing(int packetId, boolean late) {
        Line now = line;
        if (now != null && !now.inFlight.containsKey(packetId) && !outgoing.containsKey(packetId)) {
            say(new Packet.Puback(packetId, ReasonCode.SUCCESS, Explanation.NONE));
            say(Packets.pubcomp(packetId));
            say(late ? Packets.pubrel(packetId) : new Packet.Pingreq());
        }
    }

    /** Any packet, whatever comes of it. */
    void say(Packet packet) {
        Line now = line;
        if (now != null && now.conversation != null) {
            now.conversation.on(packet);
        }
    }

    void readSlowly(boolean slowly) {
        Line now = line;
        if (now != null) {
            now.writable = !slowly;
            if (!slowly && now.conversation != null) {
                now.conversation.onWritable();
            }
        }
    }

    /** What was promised and has not come, and what was published and has not been answered. */
    String open() {
        return owed.isEmpty() && outgoing.isEmpty()
                ? ""
                : clientId + " has not got " + owed + ", has no answer to " + outgoing.keySet() + "; ";
    }

    private void forget() {
        outgoing.clear();
        subscribed.clear();
        owed.clear();
        received.clear();
        came.clear();
        cameOnce.clear();
        kept = false;
        life++;
        departures++;
    }

    /** What the client has to say next about a delivery. */
    private enum Owes {
        PUBACK,
        PUBREC,
        PUBCOMP,
        NOTHING
    }

    /** One network connection, from the broker's side. */
    private final class Line implements Connection {

        private final int receiveMaximum;
        private final boolean cleanStart;
        private final ProtocolVersion version;
        private final Map<Integer, Owes> inFlight = new LinkedHashMap<>();
        private final Queue<Packet> due = new ArrayDeque<>();
        private @Nullable Conversation conversation;
        private Packet.@Nullable Connack connack;
        /** Whether CONNECT may have begun another session than the one that was. */
        private final boolean mayBeAnother = mayBeGone;

        private boolean writable = true;
        private boolean closed;

        Line(int receiveMaximum, boolean cleanStart, ProtocolVersion version) {
            this.receiveMaximum = receiveMaximum;
            this.cleanStart = cleanStart;
            this.version = version;
        }

        void over() {
            closed = true;
            requests.clear();
            if (expirySeconds == 0 || (connack == null && mayBeAnother)) {
                forget(); // it ends with the connection, or none can tell the one that is kept from the one that was
                mustStartClean |= expirySeconds != 0; // as whoever has forgotten which identifiers are in use
            }
            mayBeGone |= connack == null || expirySeconds == 0;
        }

        @Override
        public void send(Packet packet) {
            check(!closed, "a packet after the connection has ended: " + packet);
            if (connack == null) {
                check(packet instanceof Packet.Connack, "CONNACK must come first, not " + packet);
            }
            switch (packet) {
                case Packet.Connack first -> accepted(first);
                case Packet.Puback puback -> finished(puback.packetId(), Qos.AT_LEAST_ONCE, puback.reason());
                case Packet.Pubrec pubrec -> received(pubrec);
                case Packet.Pubcomp pubcomp -> outgoing.remove(pubcomp.packetId());
                case Packet.Pubrel pubrel -> released(pubrel);
                case Packet.Suback suback -> subscribed(suback);
                case Packet.Unsuback unsuback -> requests.remove(unsuback.packetId());
                case Packet.Pingresp ignored -> {}
                case Packet.Disconnect ignored -> {}
                case Packet other -> throw new AssertionError("a server never sends " + other);
            }
        }

        private void accepted(Packet.Connack first) {
            check(connack == null, "a second CONNACK");
            connack = first;
            if (first.reason().isError()) {
                return;
            }
            check(!(first.sessionPresent() && cleanStart), "a session after a clean start");
            check(first.sessionPresent() || mayBeGone || !kept, clientId + ": its session is lost");
            if (!first.sessionPresent()) {
                forget();
            }
            kept = true;
            mayBeGone = false;
            mustStartClean = false;
            outgoing.values()
                    .forEach(published -> due.add(
                            published.released
                                    ? Packets.pubrel(published.publish.packetId())
                                    : Packets.repeated(published.publish.message(), published.publish.packetId())));
        }

        private void finished(int packetId, Qos qos, ReasonCode reason) {
            Published published = outgoing.get(packetId);
            if (published != null && published.publish.message().qos() == qos) {
                outgoing.remove(packetId);
                if (!reason.isError()) {
                    published.acknowledged();
                }
            }
        }

        private void received(Packet.Pubrec pubrec) {
            Published published = outgoing.get(pubrec.packetId());
            if (published == null || published.publish.message().qos() != Qos.EXACTLY_ONCE) {
                return;
            }
            if (pubrec.reason().isError()) {
                outgoing.remove(pubrec.packetId());
                return;
            }
            published.acknowledged();
            published.released = true;
            due.add(Packets.pubrel(pubrec.packetId()));
        }

        private void released(Packet.Pubrel pubrel) {
            received.remove(pubrel.packetId());
            inFlight.put(pubrel.packetId(), Owes.PUBCOMP);
        }

        private void subscribed(Packet.Suback suback) {
            if (requests.remove(suback.packetId()) instanceof Packet.Subscribe subscribe) {
                for (int i = 0; i < suback.reasons().size(); i++) {
                    if (!suback.reasons().get(i).isError()) {
                        Subscription granted = subscribe.subscriptions().get(i);
                        subscribed.put(granted.filter(), granted);
                    }
                }
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
            check(!closed && connack != null, "a PUBLISH outside of a connection");
            if (qos == Qos.AT_MOST_ONCE) {
                check(packetId == 0 && !dup, "QoS 0 with a packet identifier or DUP");
                return true;
            }
            check(!inFlight.containsKey(packetId), "packet identifier " + packetId + " is in use");
            check(inFlight.size() < receiveMaximum, "more under way than " + receiveMaximum);
            inFlight.put(packetId, qos == Qos.AT_LEAST_ONCE ? Owes.PUBACK : Owes.PUBREC);
            boolean again = qos == Qos.EXACTLY_ONCE && !received.add(packetId);
            check(!again || dup, "a QoS 2 identifier is used for something else before it is released");
            String text = message.payload().text();
            if (!again && !text.isEmpty() && Character.isDigit(text.charAt(0))) {
                int number = Integer.parseInt(text);
                came.add(number);
                group.came(number);
                owed.remove(number);
                if (qos == Qos.EXACTLY_ONCE && !message.retain()) {
                    check(cameOnce.add(number), "message " + number + " came twice with QoS 2");
                }
            }
            return true;
        }

        @Override
        public boolean isWritable() {
            return writable;
        }

        @Override
        public void speak(ProtocolVersion spoken, ConnectProperties properties, int topicAliases) {
            check(spoken == version, "another version than CONNECT's");
        }

        @Override
        public void read(boolean on) {
            // What a client says here is said in whole packets.
        }

        @Override
        public void close() {
            over();
            if (line == this) {
                line = null;
            }
        }

        @Override
        public String peer() {
            return clientId;
        }

        private void check(boolean holds, String what) {
            if (!holds) {
                throw new AssertionError(clientId + ": " + what);
            }
        }
    }
}
