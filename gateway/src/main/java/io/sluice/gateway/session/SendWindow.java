// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.session;

import io.sluice.gateway.routing.Delivery;
import io.sluice.gateway.routing.Outbox;

/**
 * What is under way to the client on one connection: packet identifiers, the send quota (MQTT 5.0 section 4.9) and the
 * acknowledgements that come back. The packet identifier of a delivery is {@code 1 + sequence mod 65,535}, so that nothing needs to
 * be remembered to find one from the other, and the journal need not store it.
 */
final class SendWindow {

    private static final int PACKET_IDS = 65_535;

    private final Outbox outbox;
    private final int receiveMaximum;
    private int underWay;

    /** @param receiveMaximum the client's, 1 to 65,535 */
    SendWindow(Outbox outbox, int receiveMaximum) {
        this.outbox = outbox;
        this.receiveMaximum = receiveMaximum;
    }

    boolean isOpen() {
        return underWay < receiveMaximum; // [MQTT-3.3.4-9]
    }

    /** How many more may be under way [MQTT-3.3.4-9]. */
    int room() {
        return receiveMaximum - underWay;
    }

    int underWay() {
        return underWay;
    }

    /** Counts anew what is under way, after the journal has dropped some of it. */
    void recount() {
        underWay = outbox.underWay();
    }

    void sent() {
        underWay++;
    }

    static int packetId(long sequence) {
        return (int) (1 + sequence % PACKET_IDS);
    }

    /** The only sequence that may be under way with the packet identifier. */
    long sequence(int packetId) {
        long base = outbox.base();
        return base + Math.floorMod(packetId - packetId(base), PACKET_IDS);
    }

    /** PUBACK: settled, whatever the reason code says [MQTT-4.4.0-2]; false if there is no such delivery. */
    boolean acknowledge(int packetId) {
        long sequence = sequence(packetId);
        if (handedOut(sequence, 1)) {
            underWay--;
            outbox.settle(sequence);
            return true;
        }
        return false;
    }

    /** Whether a QoS 2 delivery with the packet identifier waits for PUBREC. */
    boolean awaitsPubrec(int packetId) {
        return handedOut(sequence(packetId), 2);
    }

    /** PUBREC with an error ends the delivery. */
    void refuse(int packetId) {
        underWay--;
        outbox.settle(sequence(packetId));
    }

    /** A delivery was not sent after all, because it is too large for the client. */
    void abandon(long sequence) {
        underWay--;
        outbox.settle(sequence);
    }

    /** PUBREC: from now on PUBREL is owed; the journal's batch after which it may be sent. */
    long release(int packetId) {
        return outbox.release(sequence(packetId));
    }

    boolean awaitsPubcomp(int packetId) {
        return outbox.isReleased(sequence(packetId));
    }

    /** PUBCOMP: settled. */
    void complete(int packetId) {
        underWay--;
        outbox.settle(sequence(packetId));
    }

    private boolean handedOut(long sequence, int qos) {
        Delivery delivery = outbox.handedOut(sequence);
        return delivery != null && delivery.qos().level() == qos;
    }
}
