// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** All that the tools tell of a journal. Comes to an end whatever the files hold; only a newer format is refused. */
record ReadImage(
        JournalSurvey survey,
        List<JournalFinding> findings,
        List<JournalDelivery> deliveries,
        List<JournalFinding> missed,
        List<Message> retained) {

    static ReadImage of(Disk disk) throws IOException {
        List<JournalFinding> findings = new ArrayList<>();
        List<JournalFinding> missed = new ArrayList<>();
        List<JournalDelivery> deliveries = new ArrayList<>();
        try (JournalImage image = JournalImage.of(disk, MachineTime.of(() -> TestJournal.START))) {
            image.verify(findings::add, (bytes, all) -> {});
            image.deliveries(owner -> true, deliveries::add, missed::add, (bytes, all) -> {});
            return new ReadImage(
                    image.survey(false, (bytes, all) -> {}),
                    List.copyOf(findings),
                    List.copyOf(deliveries),
                    List.copyOf(missed),
                    image.retained(missed::add));
        }
    }

    List<String> damage() {
        return findings.stream()
                .filter(JournalFinding::isDamage)
                .map(JournalFinding::toString)
                .toList();
    }

    /** The deliveries of an outbox, as sequence and text. */
    List<String> owed(long owner) {
        return deliveries.stream()
                .filter(delivery -> delivery.owner().number() == owner)
                .map(delivery -> delivery.sequence() + " "
                        + delivery.message().payload().text().strip())
                .toList();
    }

    JournalSurvey.Box outbox(long owner) {
        return survey.outboxes().stream()
                .filter(box -> box.owner().number() == owner)
                .findFirst()
                .orElseThrow();
    }
}
