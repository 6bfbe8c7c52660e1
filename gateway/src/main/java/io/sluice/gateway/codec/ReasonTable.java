// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static io.sluice.gateway.codec.Sender.CLIENT;
import static io.sluice.gateway.codec.Sender.SERVER;

import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import java.util.HexFormat;
import java.util.Optional;

/** Which reason codes may stand in which packet, and from whom: the tables of MQTT 5.0, sections 2.4 and 3.2 to 3.15, as data. */
enum ReasonTable {
    CONNACK("MQTT-3.2.2-8", "", "00 80 81 82 83 84 85 86 87 88 89 8A 8C 90 95 97 99 9A 9B 9C 9D 9F"),
    PUBACK("MQTT-3.4.2-1", "00 80 83 87 90 91 97 99", "00 10 80 83 87 90 91 97 99"),
    PUBREC("MQTT-3.5.2-1", "00 80 83 87 90 91 97 99", "00 10 80 83 87 90 91 97 99"),
    PUBREL("MQTT-3.6.2-1", "00 92", "00 92"),
    PUBCOMP("MQTT-3.7.2-1", "00 92", "00 92"),
    SUBACK("MQTT-3.9.3-2", "", "00 01 02 80 83 87 8F 91 97 9E A1 A2"),
    UNSUBACK("MQTT-3.11.3-2", "", "00 11 80 83 87 8F 91"),
    DISCONNECT(
            "MQTT-3.14.2-1",
            "00 04 80 81 82 83 90 93 94 95 96 97 98 99",
            "00 80 81 82 83 87 89 8B 8C 8D 8E 8F 90 93 94 95 96 97 98 99 9A 9B 9C 9D 9E 9F A0 A1 A2"),
    AUTH("MQTT-3.15.2-1", "18 19", "00 18");

    private final String statement;
    /** One bit for the ordinal of each reason code. */
    private final long fromClient;

    private final long fromServer;

    ReasonTable(String statement, String fromClient, String fromServer) {
        this.statement = statement;
        this.fromClient = codes(fromClient);
        this.fromServer = codes(fromServer);
    }

    private static long codes(String row) {
        long codes = 0;
        for (byte code : HexFormat.of().parseHex(row.replace(" ", ""))) {
            codes |= 1L << ReasonCode.of(code & 0xFF).orElseThrow().ordinal();
        }
        return codes;
    }

    boolean has(ReasonCode reason, Sender sender) {
        return ((sender == CLIENT ? fromClient : fromServer) & 1L << reason.ordinal()) != 0;
    }

    /** @throws ProtocolException if this packet must not carry the code when it comes from this sender */
    ReasonCode require(int code, Sender sender) throws ProtocolException {
        Optional<ReasonCode> reason = ReasonCode.of(code);
        if (reason.isEmpty() || !has(reason.get(), sender)) {
            throw Refusal.protocolError(
                    statement,
                    "%s from a %s must not carry the reason code 0x%02X"
                            .formatted(this, sender == SERVER ? "server" : "client", code));
        }
        return reason.get();
    }
}
