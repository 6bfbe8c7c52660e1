// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sluice.gateway.packet.ProtocolException;
import io.sluice.gateway.packet.ReasonCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PropertyTableTest {

    /** Table 2-4 of MQTT 5.0, written down once more, the packets shortened to three letters. */
    private static final String SPECIFIED = """
            01 BYTE PUB WIL
            02 FOUR PUB WIL
            03 UTF8 PUB WIL
            08 UTF8 PUB WIL
            09 BINA PUB WIL
            0B VARI PUB SUB
            11 FOUR CON CNA DIS
            12 UTF8 CNA
            13 TWO_ CNA
            15 UTF8 CON CNA AUT
            16 BINA CON CNA AUT
            17 BYTE CON
            18 FOUR WIL
            19 BYTE CON
            1A UTF8 CNA
            1C UTF8 CNA DIS
            1F UTF8 CNA PAK PRC PRL PCP SAK UAK DIS AUT
            21 TWO_ CON CNA
            22 TWO_ CON CNA
            23 TWO_ PUB
            24 BYTE CNA
            25 BYTE CNA
            26 PAIR CON CNA PUB WIL PAK PRC PRL PCP SUB SAK UNS UAK DIS AUT
            27 FOUR CON CNA
            28 BYTE CNA
            29 BYTE CNA
            2A BYTE CNA
            """;

    @Test
    void property_everyRow_isAsTheSpecificationHasIt() {
        List<String> rows = new ArrayList<>();
        for (Property property : Property.values()) {
            StringBuilder row = new StringBuilder("%02X ".formatted(property.id()));
            row.append(
                    property.type() == Property.Type.UTF8_STRING_PAIR
                            ? "PAIR"
                            : property.type().name().substring(0, 4));
            for (String place : List.of(
                    "CON", "CNA", "PUB", "WIL", "PAK", "PRC", "PRL", "PCP", "SUB", "SAK", "UNS", "UAK", "DIS", "AUT")) {
                row.append(property.mayStandIn(place(place)) ? " " + place : "");
            }
            rows.add(row.toString());
        }

        assertThat(rows).containsExactlyElementsOf(SPECIFIED.lines().toList());
        assertThat(rows).hasSize(27);
    }

    private static Place place(String three) {
        return switch (three) {
            case "CON" -> Place.CONNECT;
            case "CNA" -> Place.CONNACK;
            case "PUB" -> Place.PUBLISH;
            case "WIL" -> Place.WILL;
            case "PAK" -> Place.PUBACK;
            case "PRC" -> Place.PUBREC;
            case "PRL" -> Place.PUBREL;
            case "PCP" -> Place.PUBCOMP;
            case "SUB" -> Place.SUBSCRIBE;
            case "SAK" -> Place.SUBACK;
            case "UNS" -> Place.UNSUBSCRIBE;
            case "UAK" -> Place.UNSUBACK;
            case "DIS" -> Place.DISCONNECT;
            default -> Place.AUTH;
        };
    }

    @Test
    void admit_everyPropertyEverywhere_isHeldAgainstTheTable() throws ProtocolException {
        for (Place place : Place.values()) {
            for (int id = 0; id < 300; id++) {
                int each = id;
                Property row = List.of(Property.values()).stream()
                        .filter(property -> property.id() == each && property.mayStandIn(place))
                        .findAny()
                        .orElse(null);
                if (row == null) {
                    refused(ReasonCode.MALFORMED_PACKET, () -> PropertyTable.admit(each, place, 0));
                    continue;
                }
                assertThat(PropertyTable.admit(each, place, ~(1L << each))).isEqualTo(row);
                if (row.mayRepeatIn(place)) {
                    assertThat(PropertyTable.admit(each, place, 1L << each)).isEqualTo(row);
                } else {
                    refused(ReasonCode.PROTOCOL_ERROR, () -> PropertyTable.admit(each, place, 1L << each));
                }
            }
        }
    }

    @Test
    void mayRepeatIn_onlyUserPropertiesAndAPublishsSubscriptionIdentifiers() {
        for (Property property : Property.values()) {
            for (Place place : Place.values()) {
                assertThat(property.mayRepeatIn(place))
                        .as("%s in %s", property, place)
                        .isEqualTo(property == Property.USER_PROPERTY
                                || (property == Property.SUBSCRIPTION_IDENTIFIER && place == Place.PUBLISH));
            }
        }
    }

    private interface Check {
        void run() throws ProtocolException;
    }

    private static void refused(ReasonCode reason, Check check) {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(check::run)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
