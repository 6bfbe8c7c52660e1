// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.fuzz;

import io.sluice.gateway.client.Packets;
import io.sluice.gateway.packet.Packet;
import io.sluice.topic.Qos;
import java.util.List;

/** A message on its way to the broker, and who is owed it once the broker has vouched for it. */
final class FuzzedPublish {

    private final Packet.Publish publish;
    private final int number;
    private final List<Receiver> receivers;
    private final List<Receiver> members;
    private boolean released;

    /** A client and which of its sessions, or of its times in the group, is meant. */
    record Receiver(FuzzedClient client, int life) {}

    /**
     * @param number 0 if it has none
     * @param receivers those who are subscribed
     * @param members those who are durable members of the group
     */
    FuzzedPublish(Packet.Publish publish, int number, List<Receiver> receivers, List<Receiver> members) {
        this.publish = publish;
        this.number = number;
        this.receivers = receivers;
        this.members = members;
    }

    Qos qos() {
        return publish.message().qos();
    }

    /** The broker has vouched for it. */
    void acknowledged() {
        receivers.forEach(receiver -> receiver.client.owe(receiver.life, number));
        boolean shared = publish.message().topic().equals(FuzzedGroup.TOPIC);
        if (shared && qos() == Qos.AT_LEAST_ONCE && number != 0) {
            members.forEach(
                    member -> member.client.group().owe(number, () -> member.client.isStillMember(member.life)));
        }
    }

    /** PUBREC has come. */
    void released() {
        released = true;
    }

    /** What is to be said about it on a new connection. */
    Packet again() {
        return released ? Packets.pubrel(publish.packetId()) : Packets.repeated(publish.message(), publish.packetId());
    }
}
