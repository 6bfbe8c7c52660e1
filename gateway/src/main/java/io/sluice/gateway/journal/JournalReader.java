// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Message;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The reader thread: gets the tails of outboxes from disk. Each outbox has at most one request under way, so the queue is bounded by
 * their number.
 */
final class JournalReader implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(JournalReader.class.getName());

    private final Disk disk;
    private final Loop loop;
    private final Consumer<Throwable> onBug;
    private final LinkedBlockingQueue<Runnable> requests = new LinkedBlockingQueue<>();
    private final FrameScanner scanner = new FrameScanner();
    private boolean closing;
    private final Thread thread =
            Thread.ofPlatform().name("sluice-reader").daemon().unstarted(this::run);

    // The file that was read last stays open: the next request of an outbox mostly goes on in it.
    private Disk.@Nullable File file;
    private long fileSegment = -1;
    private volatile boolean replaced;

    private @Nullable Pause paused;

    JournalReader(Disk disk, Loop loop, Consumer<Throwable> onBug) {
        this.disk = disk;
        this.loop = loop;
        this.onBug = onBug;
    }

    /**
     * What to read.
     *
     * @param offset where to begin in the segment, at a frame
     * @param end up to where the segment holds whole frames
     * @param from the first sequence that is wanted
     * @param countMax deliveries wanted at the most
     * @param bytesMax bytes of messages wanted at the most; one delivery is always given
     * @param done takes the answer, on the broker thread
     */
    record Request(
            long owner,
            long segment,
            int generation,
            long offset,
            long end,
            long from,
            int countMax,
            long bytesMax,
            Consumer<Answer> done) {}

    /**
     * What was found, in rising sequence.
     *
     * @param offset the frame at which to go on
     * @param atEnd whether everything up to the requested end was read
     * @param damaged whether bytes on the way are no whole frame
     * @param failed whether the file cannot be read at the moment, so that nothing was found
     */
    record Answer(List<Found> found, long offset, boolean atEnd, boolean damaged, boolean failed) {}

    /**
     * A delivery on disk.
     *
     * @param batch the batch in which it stands
     */
    record Found(JournalRecord.Receiver receiver, Message message, long batch) {}

    void start() {
        thread.start();
    }

    /** From the broker thread. */
    void read(Request request) {
        requests.add(() -> {
            Answer answer = answer(request);
            loop.execute(() -> request.done().accept(answer));
        });
    }

    /** Something to do with files of segments. */
    interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Does other work between two reads, after which files may be other ones. From the broker thread.
     *
     * @param done takes what came of it, on the broker thread
     */
    <T> void run(Work<T> work, Consumer<T> done, Consumer<IOException> failed) {
        requests.add(() -> {
            try {
                T result = work.run();
                loop.execute(() -> done.accept(result));
            } catch (IOException e) {
                loop.execute(() -> failed.accept(e));
            }
            reopen();
        });
    }

    /** A segment has got another file, so that the one that is open may lack its end. From any thread. */
    void reopen() {
        replaced = true;
    }

    @Override
    public void close() throws IOException {
        requests.add(() -> closing = true); // an interrupt would close the file under a read
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (file != null) {
            file.close();
        }
    }

    private void run() {
        try {
            while (!closing) {
                requests.take().run();
            }
        } catch (InterruptedException | RuntimeException | Error bug) {
            onBug.accept(bug);
        }
    }

    private Answer answer(Request request) {
        try {
            return find(request);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "{0} cannot be read: {1}", JournalFormat.fileName(request.segment()), e);
            return new Answer(List.of(), request.offset(), false, false, true);
        }
    }

    private Answer find(Request request) throws IOException {
        scanner.start(open(request.segment()), request.generation(), request.offset(), request.end());
        Gathered gathered = new Gathered(request);
        long end = request.offset();
        boolean damaged = false;
        Pause pause = paused;
        paused = null;
        while (scanner.next()) {
            damaged |= scanner.skippedBytes() > 0;
            end = scanner.frameEnd();
            if (scanner.header().isFooter()) {
                continue;
            }
            boolean isFirst = scanner.frameStart() == request.offset();
            RecordCursor records = scanner.recordsFrom(isFirst && pause != null ? pause.placeFor(request) : 0);
            while (records.hasNext()) {
                int place = scanner.placeOf(records);
                try {
                    if (!gathered.takes(records.next(), scanner.header().batch())) {
                        paused = damaged ? null : new Pause(request, gathered.last(), scanner.frameStart(), place);
                        return new Answer(gathered.found, scanner.frameStart(), false, damaged, false);
                    }
                } catch (RuntimeException e) { // its checksum holds, but nobody can make a message of it
                    LOG.log(Level.ERROR, "a record in the frame at {0} is none: {1}", scanner.frameStart(), e);
                    damaged = true;
                }
            }
        }
        return new Answer(
                gathered.found,
                request.end(),
                true,
                damaged || request.end() - end > JournalFormat.TRAILER_BYTES,
                false);
    }

    /**
     * Where an answer ended within a frame, so that the next one need not look through it from its beginning.
     *
     * @param request the one that was answered
     * @param given the last sequence in the answer: a request for it, or an earlier one, begins anew
     */
    private record Pause(Request request, long given, long frame, int place) {

        /** Where in its first frame a request begins. */
        int placeFor(Request next) {
            boolean goesOn = next.owner() == request.owner()
                    && next.segment() == request.segment()
                    && next.generation() == request.generation()
                    && next.offset() == frame
                    && next.from() > given;
            return goesOn ? place : 0;
        }
    }

    /** What was found of what is wanted. */
    private static final class Gathered {
        private final Request request;
        private final List<Found> found = new ArrayList<>();
        private long bytes;

        Gathered(Request request) {
            this.request = request;
        }

        /** The last sequence that was taken. */
        long last() {
            return found.getLast().receiver().sequence();
        }

        /** Takes what is wanted of a record; false if that is more than may be given at once. */
        boolean takes(JournalRecord record, long batch) {
            if (!(record instanceof JournalRecord.Stored stored)) {
                return true;
            }
            for (JournalRecord.Receiver receiver : stored.receivers()) {
                if (receiver.owner() != request.owner() || receiver.sequence() < request.from()) {
                    continue;
                }
                if (!found.isEmpty() && (found.size() >= request.countMax() || bytes >= request.bytesMax())) {
                    return false;
                }
                Message message = stored.content().message();
                bytes += message.bytes().length;
                found.add(new Found(receiver, message, batch));
            }
            return true;
        }
    }

    private Disk.File open(long segment) throws IOException {
        Disk.File current = file;
        if (current != null && fileSegment == segment && !replaced) {
            return current;
        }
        replaced = false;
        if (current != null) {
            file = null;
            current.close();
        }
        Disk.File opened = disk.open(JournalFormat.fileName(segment), false);
        file = opened;
        fileSegment = segment;
        return opened;
    }
}
