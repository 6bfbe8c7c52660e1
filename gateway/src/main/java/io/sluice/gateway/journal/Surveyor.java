// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Makes the survey of an image. One thread. */
final class Surveyor implements JournalWalk.Visitor {

    private final JournalImage image;
    private final Map<Long, Owed> owed = new HashMap<>();
    private final Map<Long, Long> liveBytes = new HashMap<>();
    private final List<Long> damaged = new ArrayList<>();
    private @Nullable Segment segment;
    private long lastBatch;
    private boolean again;

    /** What was read of an outbox. */
    private static final class Owed {
        private long bytes;
        private long oldest = Long.MAX_VALUE;
    }

    Surveyor(JournalImage image) {
        this.image = image;
    }

    JournalSurvey survey(boolean quick, JournalImage.Progress progress) throws IOException {
        if (!quick) {
            image.walk(each -> each.needed() > 0 || !each.isSealed(), this, progress);
        }
        Recovery.Found found = image.found();
        return new JournalSurvey(
                found.journalId(),
                segments(quick),
                outboxes(quick),
                counts(found),
                clocks(found),
                found.damage().bytes(),
                found.damage().unreadableBytes());
    }

    @Override
    public void begin(Segment next, JournalFormat.@Nullable SegmentHeader header, SalvagedFile file) {
        segment = next;
        liveBytes.put(next.number(), 0L);
    }

    @Override
    public void gap(long from, long to, JournalFormat.@Nullable FrameHeader next) {
        if (next != null && next.forced() > lastBatch) {
            damaged.add(current().number());
        }
    }

    @Override
    public void none(RuntimeException why) {
        damaged.add(current().number());
    }

    @Override
    public void frame(JournalFormat.FrameHeader header, long offset) {
        again = header.batch() <= lastBatch;
        lastBatch = Math.max(lastBatch, header.batch());
    }

    @Override
    public void record(JournalRecord record, int bytes) {
        if (again) {
            return;
        }
        boolean needed = switch (record) {
            case JournalRecord.Stored stored -> deliveries(stored) || current().isStateLive(stored.retainedNumber());
            case JournalRecord.State put -> current().isStateLive(put.number());
            case JournalRecord other -> false;
        };
        if (needed) {
            liveBytes.merge(current().number(), (long) bytes, Long::sum);
        }
    }

    /** Whether somebody is still owed the message. */
    private boolean deliveries(JournalRecord.Stored stored) {
        Message message = null;
        for (JournalRecord.Receiver to : stored.receivers()) {
            if (image.isOwed(to.owner(), to.sequence())) {
                if (message == null) {
                    try {
                        message = stored.content().message();
                    } catch (RuntimeException e) {
                        none(e);
                        return true;
                    }
                }
                Owed of = owed.computeIfAbsent(to.owner(), any -> new Owed());
                of.bytes += message.bytes().length;
                of.oldest = Math.min(of.oldest, message.receivedAt());
            }
        }
        return message != null;
    }

    private Segment current() {
        if (segment == null) {
            throw new IllegalStateException("no segment was begun");
        }
        return segment;
    }

    private List<JournalSurvey.SegmentFile> segments(boolean quick) throws IOException {
        List<JournalSurvey.SegmentFile> files = new ArrayList<>();
        for (String name : image.disk().segmentNames()) {
            FrozenDisk.FrozenFile file = image.disk().open(name, false);
            JournalFormat.SegmentHeader header = header(file);
            Segment known = image.found().state().segments().get(JournalFormat.segmentNumber(name));
            files.add(new JournalSurvey.SegmentFile(
                    name,
                    JournalFormat.segmentNumber(name),
                    header == null ? 0 : header.version(),
                    known == null ? 0 : known.generation(),
                    file.size(),
                    known == null || quick
                            ? OptionalLong.empty()
                            : OptionalLong.of(liveBytes.getOrDefault(known.number(), 0L)),
                    known == null ? stateOfUnused(name) : state(known, header, file)));
        }
        image.disk()
                .setAside()
                .forEach((name, bytes) -> files.add(new JournalSurvey.SegmentFile(
                        name, -1, 0, 0, bytes, OptionalLong.empty(), JournalSurvey.State.SET_ASIDE)));
        return files;
    }

    /** The newest file without a header is one that was just begun. */
    private JournalSurvey.State stateOfUnused(String name) {
        boolean newest = name.equals(image.disk().segmentNames().getLast());
        return newest && image.found().damage().isNone() ? JournalSurvey.State.OPEN : JournalSurvey.State.SET_ASIDE;
    }

    private JournalSurvey.State state(
            Segment known, JournalFormat.@Nullable SegmentHeader header, FrozenDisk.FrozenFile file)
            throws IOException {
        if (header == null || known.isDamaged() || damaged.contains(known.number())) {
            return JournalSurvey.State.DAMAGED;
        }
        if (hasTrailer(file)) {
            return JournalSurvey.State.SEALED;
        }
        return JournalFormat.fileName(known.number())
                        .equals(image.disk().segmentNames().getLast())
                ? JournalSurvey.State.OPEN
                : JournalSurvey.State.ENDED;
    }

    private static boolean hasTrailer(FrozenDisk.FrozenFile file) throws IOException {
        ByteBuffer trailer = ByteBuffer.allocate(JournalFormat.TRAILER_BYTES);
        new SalvagedFile(file).read(trailer, Math.max(0, file.size() - JournalFormat.TRAILER_BYTES));
        return trailer.getInt(0) == JournalFormat.TRAILER_MAGIC
                && trailer.getInt(8) == JournalFormat.crc(trailer, 0, 8);
    }

    private static JournalFormat.@Nullable SegmentHeader header(FrozenDisk.FrozenFile file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(JournalFormat.HEADER_BYTES);
        new SalvagedFile(file).read(bytes, 0);
        return JournalFormat.SegmentHeader.read(bytes.flip());
    }

    private List<JournalSurvey.Box> outboxes(boolean quick) {
        List<JournalSurvey.Box> boxes = new ArrayList<>();
        for (JournalOwner owner : image.owners().values()) {
            OutboxLog log = image.found().state().outboxes().get(owner.number());
            Owed read = owed.getOrDefault(owner.number(), new Owed());
            boxes.add(new JournalSurvey.Box(
                    owner,
                    log == null ? 0 : log.depth(),
                    quick ? OptionalLong.empty() : OptionalLong.of(read.bytes),
                    read.oldest == Long.MAX_VALUE
                            ? OptionalLong.empty()
                            : OptionalLong.of(Math.max(0, image.now() - read.oldest))));
        }
        boxes.sort((a, b) -> a.deliveries() == b.deliveries()
                ? Long.compare(a.owner().number(), b.owner().number())
                : Long.compare(b.deliveries(), a.deliveries()));
        return boxes;
    }

    private static JournalSurvey.Counts counts(Recovery.Found found) {
        int[] counts = new int[5];
        for (DurableState state : found.contents().values()) {
            counts[
                    switch (state) {
                        case DurableState.SessionState ignored -> 0;
                        case DurableState.SubscriptionState ignored -> 1;
                        case DurableState.BridgeState ignored -> 2;
                        case DurableState.ShareState ignored -> 3;
                        case DurableState.RetainedState ignored -> 4;
                    }]++;
        }
        return new JournalSurvey.Counts(counts[0], counts[1], counts[2], counts[3], counts[4]);
    }

    private JournalSurvey.Clocks clocks(Recovery.Found found) {
        TimeNote note = found.note();
        return new JournalSurvey.Clocks(
                image.now(),
                found.lastTime(),
                note.journal(),
                note.bootId(),
                note.uptime(),
                note.trustedJournal(),
                note.trustedWall());
    }
}
