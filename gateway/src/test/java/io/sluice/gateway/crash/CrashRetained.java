// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.crash;

import io.sluice.gateway.client.RawClient;
import io.sluice.gateway.packet.Packet;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A subscriber that comes new, and is to get of each retained topic the value that was acknowledged last, or one that came after it. */
final class CrashRetained {

    private final int port;
    private final int publishers;
    private final CrashLedger ledger;

    CrashRetained(int port, int publishers, CrashLedger ledger) {
        this.port = port;
        this.publishers = publishers;
        this.ledger = ledger;
    }

    void verify() throws IOException {
        Map<String, CrashMessage> latest = IntStream.range(0, publishers)
                .mapToObj(index -> new CrashMessage(index, CrashMessage.TOPICS - 1, 0))
                .map(first -> new CrashMessage(first.publisher(), first.topic(), ledger.acknowledgedMax(first)))
                .filter(last -> last.sequence() >= 0)
                .collect(Collectors.toMap(CrashMessage::topicName, last -> last));
        Map<String, CrashMessage> expected = new HashMap<>(latest);
        try (RawClient client = RawClient.connected(port, "newcomer")) {
            client.sendSubscribe(1, "load/+/t" + (CrashMessage.TOPICS - 1), Qos.AT_MOST_ONCE);
            while (!expected.isEmpty()) {
                if (client.next() instanceof Packet.Publish publish
                        && publish.message().retain()) {
                    CrashMessage value = CrashMessage.decoded(publish.message().payload());
                    CrashMessage last = expected.remove(value.topicName());
                    if (last != null && value.sequence() < last.sequence()) {
                        ledger.problem(last + " was acknowledged as retained, there is " + value);
                    }
                }
            }
        } catch (AssertionError e) {
            ledger.problem("retained messages " + expected.values() + " do not come: " + e.getMessage());
        }
    }
}
