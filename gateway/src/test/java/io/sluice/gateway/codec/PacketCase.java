// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import io.sluice.gateway.message.Payload;
import io.sluice.gateway.packet.ProtocolVersion;
import io.sluice.gateway.packet.ReasonCode;
import java.util.List;
import java.util.Optional;

/**
 * One case of a file in {@code packets/}; see {@link PacketCases} for the format.
 *
 * @param name file and case, such as {@code publish/qos3}
 * @param fromClient whether a client sends the bytes, else a server
 * @param statements the ids that the case is about
 * @param preamble what the sender has sent before on this connection: nothing, or its CONNECT or CONNACK
 * @param bytes the packets as they stand on the wire
 * @param packets how {@link PacketText} renders each packet that is decoded
 * @param refusal the reason code that the bytes end in, if they break the protocol
 * @param refusalStatement the statement that the refusal names, empty without one
 * @param sameBytes whether what was decoded is encoded to the same bytes again
 */
public record PacketCase(
        String name,
        ProtocolVersion version,
        boolean fromClient,
        List<String> statements,
        Payload preamble,
        Payload bytes,
        List<String> packets,
        Optional<ReasonCode> refusal,
        String refusalStatement,
        boolean sameBytes,
        int topicAliasMaximum,
        int packetBytesMax) {

    /** What JUnit shows. */
    @Override
    public String toString() {
        return name;
    }
}
