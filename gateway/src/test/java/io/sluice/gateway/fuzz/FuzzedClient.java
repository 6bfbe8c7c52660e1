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
import io.sluice.topic.Qos;
import io.sluice.topic.TopicFilter;
import io.sluice.topic.TopicName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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
    private final Map<Integer, FuzzedPublish> outgoing = new LinkedHashMap<>();
    /** What the broker has acknowledged to have subscribed it to. */
    private final Map<TopicFilter, Subscription> subscribed = new HashMap<>();

    private final Map<Integer, Packet> requests = new HashMap<>();
    /** Numbers of messages that it must get. */
    private final Set<Integer> owed = new TreeSet<>();

    private final Set<Integer> came = new HashSet<>();
    private final Set<Integer> cameOnce = new HashSet<>();
    /** QoS 2 identifiers that came and were not released. */
    private final Set<Integer> received = new HashSet<>();

    private @Nullable FuzzedLine line;
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

    void owe(int itsLife, int number) {
        if (number != 0 && life == itsLife && !came.contains(number)) {
            owed.add(number);
        }
    }

    boolean isConnected() {
        return line != null && line.isAccepted();
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
        FuzzedLine fresh = new FuzzedLine(this, receiveMaximum, cleanStart, version, mayBeGone);
        line = fresh;
        expirySeconds = version == ProtocolVersion.MQTT_5 ? expiry : cleanStart ? 0 : ConnectProperties.NEVER_EXPIRES;
        if (cleanStart) {
            forget(); // as the client must, whatever the broker does
            mayBeGone = true;
        }
        Packet.Connect connect =
                Packets.connect(version, clientId, cleanStart, Packets.receiveMaximum(expirySeconds, receiveMaximum));
        fresh.begin(broker);
        fresh.say(withWill ? Packets.withWill(connect, WILL, 5) : connect);
    }

    /** Says what the broker's packets have called for; a connection must not be answered before it has returned. */
    void speakUp() {
        for (FuzzedLine now = line; now != null && now == line && now.isDue(); ) {
            now.speakUp();
        }
    }

    /** The connection ends without a word. */
    void hangUp() {
        FuzzedLine gone = line;
        if (gone != null) {
            line = null;
            gone.over();
            gone.hangUp();
        }
    }

    /** The broker is gone, and the connection with it. */
    void lost() {
        FuzzedLine gone = line;
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
        FuzzedLine now = line;
        if (now == null) {
            return;
        }
        if (newExpiry.isPresent() && now.version() == ProtocolVersion.MQTT_5 && expirySeconds > 0) {
            expirySeconds = newExpiry.getAsLong();
            mayBeGone |= expirySeconds == 0;
            now.say(Packets.disconnect(expirySeconds));
        } else {
            now.say(Packets.disconnect(
                    withWill && now.version() == ProtocolVersion.MQTT_5
                            ? ReasonCode.DISCONNECT_WITH_WILL
                            : ReasonCode.SUCCESS));
        }
        hangUp();
    }

    void subscribe(int packetId, Subscription subscription) {
        if (isConnected() && requests.isEmpty() && !outgoing.containsKey(packetId)) {
            subscribed.remove(subscription.filter()); // until it is granted anew
            if (subscription.filter().share().isPresent() && subscription.maximumQos() == Qos.AT_MOST_ONCE) {
                group.takesWithQos0();
            }
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
            List<FuzzedPublish.Receiver> receivers = all.stream()
                    .filter(other -> other.isPromised(message.topic(), other == this))
                    .map(other -> new FuzzedPublish.Receiver(other, other.life))
                    .toList();
            List<FuzzedPublish.Receiver> members = all.stream()
                    .filter(FuzzedClient::isDurableMember)
                    .map(member -> new FuzzedPublish.Receiver(member, member.departures))
                    .toList();
            Packet.Publish publish = Packets.publish(message, packetId);
            outgoing.put(packetId, new FuzzedPublish(publish, number, receivers, members));
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
        FuzzedLine now = line;
        if (now == null) {
            return false;
        }
        Packet answer = now.acknowledgement(choice);
        if (answer != null) {
            say(answer);
        }
        return answer != null;
    }

    /** An answer to something that was never sent. */
    void answerNothing(int packetId, boolean late) {
        FuzzedLine now = line;
        if (now != null && !now.isUnderWay(packetId) && !outgoing.containsKey(packetId)) {
            say(new Packet.Puback(packetId, ReasonCode.SUCCESS, Explanation.NONE));
            say(Packets.pubcomp(packetId));
            say(late ? Packets.pubrel(packetId) : new Packet.Pingreq());
        }
    }

    /** Any packet, whatever comes of it. */
    void say(Packet packet) {
        FuzzedLine now = line;
        if (now != null) {
            now.say(packet);
        }
    }

    void readSlowly(boolean slowly) {
        FuzzedLine now = line;
        if (now != null) {
            now.readSlowly(slowly);
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

    /** A connection is over. */
    void onOver(FuzzedLine over) {
        requests.clear();
        if (expirySeconds == 0 || (!over.isAccepted() && over.mayBeAnother())) {
            forget(); // it ends with the connection, or none can tell the one that is kept from the one that was
            mustStartClean |= expirySeconds != 0; // as whoever has forgotten which identifiers are in use
        }
        mayBeGone |= !over.isAccepted() || expirySeconds == 0;
        if (line == over) {
            line = null;
        }
    }

    /** CONNACK has come; what is to be said next. */
    List<Packet> onAccepted(boolean sessionPresent) {
        check(sessionPresent || mayBeGone || !kept, "its session is lost");
        if (!sessionPresent) {
            forget();
        }
        kept = true;
        mayBeGone = false;
        mustStartClean = false;
        return outgoing.values().stream().map(FuzzedPublish::again).toList();
    }

    void onPuback(Packet.Puback puback) {
        FuzzedPublish published = outgoing.get(puback.packetId());
        if (published != null && published.qos() == Qos.AT_LEAST_ONCE) {
            outgoing.remove(puback.packetId());
            if (!puback.reason().isError()) {
                published.acknowledged();
            }
        }
    }

    /** Whether PUBREL is due. */
    boolean onPubrec(Packet.Pubrec pubrec) {
        FuzzedPublish published = outgoing.get(pubrec.packetId());
        if (published == null || published.qos() != Qos.EXACTLY_ONCE) {
            return false;
        }
        if (pubrec.reason().isError()) {
            outgoing.remove(pubrec.packetId());
            return false;
        }
        published.acknowledged();
        published.released();
        return true;
    }

    void onPubcomp(int packetId) {
        outgoing.remove(packetId);
    }

    void onPubrel(int packetId) {
        received.remove(packetId);
    }

    void onSuback(Packet.Suback suback) {
        if (requests.remove(suback.packetId()) instanceof Packet.Subscribe subscribe) {
            for (int i = 0; i < suback.reasons().size(); i++) {
                if (!suback.reasons().get(i).isError()) {
                    Subscription granted = subscribe.subscriptions().get(i);
                    subscribed.put(granted.filter(), granted);
                }
            }
        }
    }

    void onUnsuback(int packetId) {
        requests.remove(packetId);
    }

    /** A delivery with QoS 1 or 2 has come. */
    void onPublish(Message message, Qos qos, boolean dup, int packetId) {
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
    }

    void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(clientId + ": " + what);
        }
    }

    /** Whether it has been in the share group without a break since it was there for the n-th time. */
    boolean isStillMember(int since) {
        return departures == since;
    }

    FuzzedGroup group() {
        return group;
    }

    @Override
    public String toString() {
        return clientId;
    }
}
