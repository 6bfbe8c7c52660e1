// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The journal thread: writes the batches that were handed over, forces once for all of them, and says so. What cannot be written is
 * tried again, for ever, at growing pauses; nobody is told that it is safe before it is. A file whose force failed is never trusted
 * again: what is in it up to the last force that held is copied to a new file, what came after is written again from memory.
 */
final class JournalWriter implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(JournalWriter.class.getName());
    private static final long PAUSE_FIRST_MILLIS = 100;
    private static final long PAUSE_LAST_MILLIS = 5_000;
    /** How long after an attempt to have a reserve again, unless something was deleted. */
    private static final long RESERVE_PAUSE_MILLIS = 10_000;

    /** Batches kept for the case that their force fails; with settles alone nothing else asks for one. */
    private static final int UNFORCED_MAX = 16;

    private final Disk disk;
    private final Reserve reserve;
    private final UUID journalId;
    private final int aheadBytes;
    private final Events events;
    private final Thread thread;
    private final Queue<Leaving> leaving = new ArrayDeque<>();
    private @Nullable List<Batch> handed;
    private boolean closing;

    // Of the journal thread alone.
    private ByteBuffer frame = ByteBuffer.allocateDirect(JournalFormat.SIZES.batchBytes() * 2);
    private final List<Batch> notForced = new ArrayList<>();
    private final List<Batch> reusable = new ArrayList<>();
    private @Nullable ActiveFile open;
    private @Nullable Segment resumed;
    private final long resumedBytes;
    private final boolean resumedIsForced;
    private long forcedBatch;
    private final AtomicLong bytesWritten = new AtomicLong();
    private final AtomicLong forces = new AtomicLong();
    private WriterTrouble trouble = WriterTrouble.NONE;

    /** What the writer tells, on the journal thread. */
    interface Events {
        /**
         * All batches that were handed over are written.
         *
         * @param forced the number up to which everything is forced
         * @param written the batches that were handed over
         * @param reusable those whose bytes are needed no more
         */
        void written(long forced, List<Batch> written, List<Batch> reusable);

        /** A segment is in another file from now on, under the same name; what was in the old one may not be all. */
        void replaced();

        /** Writing fails, again, or works again. */
        void trouble(WriterTrouble now);

        /** The journal thread has met a bug and is gone. */
        void died(Throwable bug);
    }

    /**
     * @param found what the journal begins with; the segment that is gone on with is written anew if it is not safe
     */
    JournalWriter(Disk disk, Recovery.Found found, JournalFormat.Sizes sizes, Events events) {
        this.disk = disk;
        this.reserve = new Reserve(disk, sizes.reserveBytes());
        this.journalId = found.journalId();
        this.aheadBytes = ActiveFile.aheadBytes(sizes);
        this.forcedBatch = found.lastBatch();
        this.events = events;
        this.resumed = found.active();
        this.resumedBytes = resumed == null ? 0 : resumed.readable();
        this.resumedIsForced = found.activeIsForced();
        this.thread = Thread.ofPlatform().name("sluice-journal").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Hands batches over; only after the ones before were answered by {@link Events#written}. From the broker thread. */
    synchronized void write(List<Batch> batches) {
        if (handed != null) {
            throw new IllegalStateException("batches handed over while others are being written");
        }
        handed = batches;
        notifyAll();
    }

    private record Leaving(String name, boolean setAside) {}

    /**
     * Deletes a file or gives it another name as soon as may be, even while writing fails, because that may be what makes room. From
     * any thread.
     */
    synchronized void leave(String name, boolean setAside) {
        leaving.add(new Leaving(name, setAside));
        notifyAll();
    }

    /** Ends the thread when everything that was handed over is written, or at once if that fails. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (open != null) {
            open.trim();
            open.file().close();
        }
    }

    private void run() {
        try {
            makeReserve();
            while (true) {
                List<Batch> batches = await();
                if (batches == null) {
                    return;
                }
                leaveAll();
                if (batches.isEmpty()) {
                    makeReserve();
                } else if (!writeUntilDone(batches)) {
                    return;
                }
            }
        } catch (RuntimeException | Error bug) {
            events.died(bug);
        }
    }

    /** Waits for something to do; null when there is nothing left and the journal is closing. */
    private synchronized @Nullable List<Batch> await() {
        boolean due = false;
        while (handed == null && leaving.isEmpty() && !closing && !due) {
            due = reserve.isMissing();
            waitHere(due ? RESERVE_PAUSE_MILLIS : 0);
        }
        if (handed == null) {
            return closing && leaving.isEmpty() ? null : List.of();
        }
        return handed;
    }

    @SuppressWarnings("WaitNotInLoop") // both callers look again; a pause may be cut short
    private void waitHere(long millis) {
        try {
            wait(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException("the journal thread was interrupted", e);
        }
    }

    /** Bytes of frames that were written since the start, more than once where that was tried again. From any thread. */
    long bytesWritten() {
        return bytesWritten.get();
    }

    /** Forces since the start. From any thread. */
    long forces() {
        return forces.get();
    }

    private boolean writeUntilDone(List<Batch> batches) {
        long pause = PAUSE_FIRST_MILLIS;
        int done = 0;
        while (true) {
            try {
                while (done < batches.size()) {
                    write(batches.get(done));
                    done++;
                }
                if (notForced.size() > UNFORCED_MAX || batches.stream().anyMatch(Batch::isForced)) {
                    force();
                }
                break;
            } catch (IOException e) {
                if (e instanceof DiskFull && reserve.giveUp()) {
                    LOG.log(Level.WARNING, "the reserve is given up: {0}", e);
                    continue;
                }
                report(trouble.andThen(e instanceof DiskFull, e.toString()));
                synchronized (this) {
                    if (closing) {
                        return false;
                    }
                    waitHere(pause);
                }
                pause = Math.min(2 * pause, PAUSE_LAST_MILLIS);
                leaveAll();
            }
        }
        if (trouble.isFailing()) {
            makeReserve();
        } else if (reserve.isMissing()) {
            report(WriterTrouble.ON_RESERVE);
        }
        synchronized (this) {
            handed = null;
        }
        events.written(forcedBatch, batches, List.copyOf(reusable));
        reusable.clear();
        return true;
    }

    /** Has a reserve again if there is room; nothing fails at the moment. */
    private void makeReserve() {
        reserve.make();
        report(reserve.isMissing() ? WriterTrouble.ON_RESERVE : WriterTrouble.NONE);
    }

    private void report(WriterTrouble now) {
        if (!now.equals(trouble)) {
            trouble = now;
            events.trouble(now);
        }
    }

    private void leaveAll() {
        while (true) {
            Leaving file;
            synchronized (this) {
                file = leaving.poll();
            }
            if (file == null) {
                return;
            }
            try {
                if (file.setAside()) {
                    disk.rename(file.name(), SegmentFiles.nameAside(file.name(), disk.list()));
                } else {
                    disk.delete(file.name());
                }
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cannot delete {0}: {1}", file.name(), e);
            }
        }
    }

    private void write(Batch batch) throws IOException {
        resume();
        ActiveFile file = open;
        if (file == null || !file.segment().equals(batch.place().segment())) {
            if (file != null) {
                force();
                file.file().close();
                open = null;
            }
            file = create(
                    JournalFormat.fileName(batch.place().segment().number()),
                    batch.place().segment());
            try {
                disk.forceDirectory();
            } catch (IOException e) {
                file.file().close();
                throw e;
            }
            open = file;
        }
        writeFrame(file, batch);
        if (!notForced.contains(batch)) {
            notForced.add(batch);
        }
    }

    /** Goes on with the segment that recovery left. */
    private void resume() throws IOException {
        Segment segment = resumed;
        if (segment != null) {
            Disk.File file = disk.open(JournalFormat.fileName(segment.number()), false);
            open = new ActiveFile(segment, file, resumedBytes, aheadBytes);
            if (!resumedIsForced) {
                open.fail();
            }
            resumed = null;
        }
    }

    private void writeFrame(ActiveFile file, Batch batch) throws IOException {
        if (frame.capacity() < batch.frameBytes()) {
            frame = ByteBuffer.allocateDirect(batch.frameBytes());
        }
        frame.clear();
        batch.write(frame, forcedBatch);
        bytesWritten.addAndGet(
                file.write(frame.flip(), batch.place().offset(), batch.place().footer()));
    }

    private ActiveFile create(String name, Segment segment) throws IOException {
        Disk.File file = disk.open(name, true);
        try {
            JournalFormat.writeHeader(file, segment.number(), journalId, segment.generation());
        } catch (IOException e) {
            file.close();
            throw e;
        }
        return new ActiveFile(segment, file, JournalFormat.HEADER_BYTES, aheadBytes);
    }

    private void force() throws IOException {
        ActiveFile file = open;
        if (file == null || notForced.isEmpty()) {
            return;
        }
        ActiveFile safe = file;
        if (file.isFailed()) {
            safe = replace(file);
        } else {
            try {
                file.file().force();
                forces.incrementAndGet();
                checkThere(file);
            } catch (IOException e) {
                file.fail();
                throw e;
            }
        }
        Batch last = notForced.getLast();
        forcedBatch = last.number();
        safe.forcedUpTo(last.place().offset() + last.frameBytes());
        reusable.addAll(notForced);
        notForced.clear();
    }

    /** A force of a file that has lost its name goes well, and is worth nothing. */
    private void checkThere(ActiveFile file) throws IOException {
        String name = JournalFormat.fileName(file.segment().number());
        if (!disk.exists(name)) {
            throw new IOException(name + " is no more in the journal's directory");
        }
    }

    /** Puts a new file in the place of one whose force has failed. */
    private ActiveFile replace(ActiveFile old) throws IOException {
        String name = JournalFormat.fileName(old.segment().number());
        String fresh = name + JournalFormat.FRESH;
        disk.delete(fresh);
        ActiveFile file = create(fresh, old.segment());
        try {
            copy(old.file(), file.file(), old.forced());
            for (Batch batch : notForced) {
                writeFrame(file, batch);
            }
            file.file().force();
            forces.incrementAndGet();
            disk.rename(fresh, name);
            disk.forceDirectory();
        } catch (IOException e) {
            file.file().close();
            throw e;
        }
        LOG.log(Level.WARNING, "{0}: written anew after a force that failed", old.segment());
        open = file;
        events.replaced();
        old.file().close();
        return file;
    }

    /** What cannot be read back is lost on a disk like that, and does not keep the rest from being saved. */
    private static void copy(Disk.File old, Disk.File to, long bytes) throws IOException {
        SalvagedFile from = new SalvagedFile(old);
        ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
        for (long at = 0; at < bytes; at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - at));
            if (from.read(buffer, at) < buffer.limit()) {
                throw new IOException("cannot read back " + bytes + " bytes that were forced");
            }
            to.write(buffer.flip(), at);
        }
        if (from.unreadableBytes() > 0) {
            LOG.log(Level.ERROR, "{0} bytes that were forced cannot be read back", from.unreadableBytes());
        }
    }
}
