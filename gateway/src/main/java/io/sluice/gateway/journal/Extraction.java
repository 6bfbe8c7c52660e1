// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Takes the messages that are still owed out of an image. One thread. */
final class Extraction implements JournalWalk.Visitor {

    private final JournalImage image;
    private final Predicate<JournalOwner> wanted;
    private final JournalDelivery.Sink sink;
    private final JournalFinding.Sink findings;
    private String file = "";
    private boolean newest;
    private long frame;
    private long lastBatch;
    private boolean again;

    Extraction(
            JournalImage image,
            Predicate<JournalOwner> wanted,
            JournalDelivery.Sink sink,
            JournalFinding.Sink findings) {
        this.image = image;
        this.wanted = wanted;
        this.sink = sink;
        this.findings = findings;
    }

    void run(JournalImage.Progress progress) throws IOException {
        for (String name : image.found().damage().setAside()) {
            findings.found(new JournalFinding(name, 0, true, "nothing in this file can be used"));
        }
        image.walk(wantedSegments()::contains, this, progress);
    }

    /** The segments in which somebody who is wanted has something. */
    private Set<Segment> wantedSegments() {
        Set<Segment> found = new HashSet<>();
        for (OutboxLog log : image.found().state().outboxes().values()) {
            if (wanted.test(image.owner(log.owner()))) {
                SegmentRanges.Cursor at = log.ranges().cursor();
                while (at.next()) {
                    found.add(at.segment());
                }
            }
        }
        return found;
    }

    @Override
    public void begin(Segment segment, JournalFormat.@Nullable SegmentHeader header, SalvagedFile from) {
        file = JournalFormat.fileName(segment.number());
        newest = segment.equals(image.found().state().segments().lastEntry().getValue());
    }

    @Override
    public void gap(long from, long to, JournalFormat.@Nullable FrameHeader next) {
        if (next == null ? !newest : next.forced() > lastBatch) {
            findings.found(new JournalFinding(file, from, true, "%,d bytes are no whole frame".formatted(to - from)));
        }
    }

    @Override
    public void frame(JournalFormat.FrameHeader header, long offset) {
        frame = offset;
        again = header.batch() <= lastBatch; // what it says was said before
        lastBatch = Math.max(lastBatch, header.batch());
    }

    @Override
    public void none(RuntimeException why) {
        findings.found(new JournalFinding(file, frame, true, "a record in this frame is none: " + why.getMessage()));
    }

    @Override
    public void record(JournalRecord record, int bytes) throws IOException {
        if (again || !(record instanceof JournalRecord.Stored stored)) {
            return;
        }
        Message message = null;
        for (JournalRecord.Receiver to : stored.receivers()) {
            JournalOwner owner = image.owner(to.owner());
            if (!image.isOwed(to.owner(), to.sequence()) || !wanted.test(owner)) {
                continue;
            }
            if (message == null) {
                try {
                    message = stored.content().message();
                    check(message);
                } catch (RuntimeException e) {
                    none(e);
                    return;
                }
            }
            sink.take(new JournalDelivery(owner, to.sequence(), to.qos(), to.retain(), to.subscriptionIds(), message));
        }
    }

    /** @throws RuntimeException if its properties are none */
    static void check(Message message) {
        MessageProperties properties = message.properties();
        properties.isUtf8Payload();
        properties.contentType();
        properties.responseTopic();
        properties.correlationData();
        properties.userProperties();
    }
}
