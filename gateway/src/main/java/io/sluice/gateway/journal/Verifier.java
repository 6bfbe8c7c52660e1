// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Looks at every byte of an image. What a power cut may leave of what was never forced is no damage, and neither is the end of the
 * newest segment, which a gateway may be writing. One thread.
 */
final class Verifier implements JournalWalk.Visitor {

    /** Batch numbers go ahead by this much and more at a start that has found damage. */
    private static final long FAR = 1L << 32;

    private final JournalImage image;
    private final JournalFinding.Sink findings;
    private final long newest;

    // Of the segment that is being read.
    private Segment segment = new Segment(0, 0, 0);
    private @Nullable SalvagedFile file;
    private FooterCheck footer;
    private int version;
    private boolean hasFooter;
    private boolean isFirstFrame;
    /** Whether it is as it was written first; one that was made smaller lacks batches and has no notes. */
    private boolean isComplete;

    private boolean mayBeNoted;
    private long frame;

    // Of all up to here.
    private long lastSegment = -1;
    private long lastEnd;
    private int lastVersion;
    private long lastBatch;
    private long lastForced;
    private boolean wasComplete;
    private boolean hadFooter = true;
    private boolean afterGap;
    private @Nullable JournalFinding openEnd;

    Verifier(JournalImage image, JournalFinding.Sink findings) {
        this.image = image;
        this.findings = findings;
        this.footer = new FooterCheck(image, 0);
        this.newest = image.disk().segmentNames().isEmpty()
                ? -1
                : JournalFormat.segmentNumber(image.disk().segmentNames().getLast());
    }

    void verify(JournalImage.Progress progress) throws IOException {
        image.disk()
                .setAside()
                .forEach((name, bytes) -> findings.found(new JournalFinding(
                        name, 0, false, "%,d bytes that were set aside at an earlier start".formatted(bytes))));
        for (String name : image.disk().segmentNames()) {
            if (!image.found().state().segments().containsKey(JournalFormat.segmentNumber(name))) {
                unused(name);
            }
        }
        image.walk(any -> true, this, progress);
        settleEnd(-1);
    }

    /** A start sets such a file aside, unless it was only just begun. */
    private void unused(String name) throws IOException {
        boolean begun = JournalFormat.segmentNumber(name) == newest
                && image.found().damage().setAside().isEmpty();
        findings.found(new JournalFinding(
                name,
                0,
                !begun,
                begun
                        ? "was just begun: its header is not written"
                        : "expected a segment's header or a frame, found neither in %,d bytes"
                                .formatted(image.disk().open(name, false).size())));
    }

    @Override
    public void begin(Segment next, JournalFormat.@Nullable SegmentHeader header, SalvagedFile from)
            throws IOException {
        segment = next;
        file = from;
        footer = new FooterCheck(image, next.number());
        lastVersion = version;
        version = header == null ? JournalFormat.VERSION : header.version();
        hasFooter = false;
        isFirstFrame = true;
        isComplete = false;
        if (header == null) {
            damage(
                    0,
                    "expected a segment's header, found none; its frames are of generation %08x"
                            .formatted(next.generation()));
            return;
        }
        if (header.segment() != next.number()) {
            damage(0, "expected the header of segment %d, found that of %d".formatted(next.number(), header.segment()));
        }
        UUID journal = new UUID(header.journalHigh(), header.journalLow());
        if (!journal.equals(image.found().journalId())) {
            damage(0, "expected journal %s, found %s".formatted(image.found().journalId(), journal));
        }
    }

    @Override
    public void gap(long from, long to, JournalFormat.@Nullable FrameHeader next) throws IOException {
        String why = "%,d bytes are no whole frame: %s"
                .formatted(to - from, FrameFault.at(file(), from, segment.generation()));
        if (next == null) {
            openEnd = new JournalFinding(name(), from, segment.number() != newest, why);
        } else if (next.forced() > lastBatch) {
            afterGap = true;
            damage(from, why + "; batch %,d says that all up to %,d was forced".formatted(next.batch(), next.forced()));
        } else {
            afterGap = true;
            note(from, why + "; they were never forced");
        }
    }

    @Override
    public void frame(JournalFormat.FrameHeader header, long offset) {
        settleEnd(header.forced());
        frame = offset;
        mayBeNoted = isFirstFrame;
        if (hasFooter) {
            damage(offset, "expected nothing behind the footer, found batch %,d".formatted(header.batch()));
        }
        if (header.forced() >= header.batch()) {
            damage(
                    offset,
                    "batch %,d says that all up to %,d was forced, itself too"
                            .formatted(header.batch(), header.forced()));
        } else if (header.forced() < lastForced) {
            damage(
                    offset,
                    "batch %,d says that all up to %,d was forced, an earlier one said up to %,d"
                            .formatted(header.batch(), header.forced(), lastForced));
        }
        lastForced = Math.max(lastForced, header.forced());
    }

    @Override
    public void record(JournalRecord record, int bytes) {
        if (mayBeNoted) {
            // Known only now: the first record of a segment that is as it was written is a note, since there are notes.
            isComplete = record instanceof JournalRecord.Noted;
        }
        mayBeNoted = false;
        footer.read(record, frame);
        if (record instanceof JournalRecord.Stored stored) {
            try {
                Extraction.check(stored.content().message());
            } catch (RuntimeException e) {
                none(e);
            }
        }
    }

    @Override
    public void none(RuntimeException why) {
        damage(frame, "a record in this frame is none: " + why.getMessage());
    }

    @Override
    public void frameEnd(JournalFormat.FrameHeader header, long offset) {
        boolean follows = isFirstFrame ? segment.number() == lastSegment + 1 && wasComplete && isComplete : isComplete;
        long expected = lastBatch + 1;
        if (lastBatch > 0 && header.batch() <= lastBatch) {
            damage(offset, "expected batch %,d, found %,d again".formatted(expected, header.batch()));
        } else if (follows && !afterGap && header.batch() != expected && header.batch() - expected < FAR) {
            damage(offset, "expected batch %,d, found %,d".formatted(expected, header.batch()));
        }
        lastBatch = Math.max(lastBatch, header.batch());
        isFirstFrame = false;
        afterGap = false;
    }

    @Override
    public void footer(JournalFormat.FrameHeader header, long offset, RecordCursor snapshot) {
        settleEnd(header.forced());
        hasFooter = true;
        if (isComplete && header.batch() != lastBatch) {
            damage(offset, "expected the footer of batch %,d, found that of %,d".formatted(lastBatch, header.batch()));
        }
        try {
            footer.compare(snapshot, wrong -> damage(offset, wrong));
        } catch (RuntimeException e) {
            damage(offset, "the footer is none: " + e.getMessage());
        }
        frame = offset;
    }

    @Override
    public void end(Segment last) throws IOException {
        if (hasFooter && openEnd == null) {
            trailer();
        } else if (!hasFooter && last.number() != newest && openEnd == null) {
            note(file().size(), "has no footer: a start went on in another segment; it is read through");
        }
        if (file().unreadableBytes() > 0) {
            damage(0, "%,d bytes cannot be read from the disk".formatted(file().unreadableBytes()));
        }
        lastSegment = last.number();
        lastEnd = file().size();
        wasComplete = isComplete;
        hadFooter = hasFooter;
    }

    private void trailer() throws IOException {
        ByteBuffer trailer = ByteBuffer.allocate(JournalFormat.TRAILER_BYTES);
        long at = file().size() - JournalFormat.TRAILER_BYTES;
        file().read(trailer, at);
        boolean whole = trailer.getInt(0) == JournalFormat.TRAILER_MAGIC
                && trailer.getInt(8) == JournalFormat.crc(trailer, 0, 8)
                && (trailer.getInt(4) & 0xFFFF_FFFFL) == frame;
        if (!whole && segment.number() != newest) {
            damage(
                    at,
                    "expected the trailer of the footer at %,d, found %08x %08x %08x"
                            .formatted(frame, trailer.getInt(0), trailer.getInt(4), trailer.getInt(8)));
        }
    }

    /**
     * What is at the end of a segment is known to be a loss, or to be none, by what the next one says: a torn tail is cut off at a
     * start, but for one that an older program has left.
     *
     * @param forced up to which batch that says that all was forced, or -1 if there is none
     */
    private void settleEnd(long forced) {
        JournalFinding end = openEnd;
        openEnd = null;
        boolean next = isFirstFrame && segment.number() == lastSegment + 1 && forced >= 0;
        if (end != null) {
            boolean never = next && lastVersion < version && forced <= lastBatch;
            findings.found(
                    never
                            ? new JournalFinding(
                                    end.file(), end.offset(), false, end.text() + "; they were never forced")
                            : end);
        } else if (next && !hadFooter && forced > lastBatch && forced - lastBatch < FAR) {
            findings.found(new JournalFinding(
                    JournalFormat.fileName(lastSegment),
                    lastEnd,
                    true,
                    "expected batches up to %,d, which were forced, found up to %,d".formatted(forced, lastBatch)));
        }
    }

    private SalvagedFile file() {
        if (file == null) {
            throw new IllegalStateException("no segment was begun");
        }
        return file;
    }

    private String name() {
        return JournalFormat.fileName(segment.number());
    }

    private void damage(long offset, String text) {
        findings.found(new JournalFinding(name(), offset, true, text));
    }

    private void note(long offset, String text) {
        findings.found(new JournalFinding(name(), offset, false, text));
    }
}
