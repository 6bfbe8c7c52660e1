// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A journal as it is at one moment, for people: nothing is locked, written or repaired, and a gateway may go on working with it. What
 * it amounts to is found out as at a start. One thread.
 */
public final class JournalImage implements AutoCloseable {

    private final FrozenDisk disk;
    private final Recovery.Found found;
    private final long now;
    private final Map<Long, JournalOwner> owners = new TreeMap<>();

    private JournalImage(FrozenDisk disk, MachineTime machine) throws IOException {
        this.disk = disk;
        this.found = Recovery.recover(disk, new Budget("journal", Long.MAX_VALUE));
        this.now = new JournalClock(found.lastTime(), found.note(), machine, System::nanoTime).now();
        for (long owner : found.state().outboxes().keySet()) {
            owners.put(owner, JournalOwner.nobody(owner));
        }
        for (DurableState state : found.contents().values()) {
            JournalOwner.of(state).ifPresent(owner -> owners.put(owner.number(), owner));
        }
    }

    /** Told how far a long reading has come. */
    public interface Progress {
        /** @param bytesAll all that there is to read */
        void at(long bytes, long bytesAll);
    }

    /**
     * Opens the journal in a directory, or in the directory {@code journal} below it, where a gateway has it in its {@code data.dir}.
     *
     * @throws IOException if there is none, it may not be read, or it has a newer format
     */
    public static JournalImage open(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new NoSuchFileException(directory.toString(), null, "no such directory");
        }
        Path below = directory.resolve("journal");
        Path place = !isJournal(directory) && isJournal(below) ? below : directory;
        if (!isJournal(place)) {
            throw new NoSuchFileException(directory.toString(), null, "no journal is there");
        }
        return of(new ReadOnlyDisk(place), new LinuxTime(Path.of("/")));
    }

    private static boolean isJournal(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        return Files.exists(directory.resolve(FileDisk.LOCK))
                || new ReadOnlyDisk(directory).list().stream().anyMatch(name -> JournalFormat.segmentNumber(name) >= 0);
    }

    static JournalImage of(Disk disk, MachineTime machine) throws IOException {
        FrozenDisk frozen = new FrozenDisk(disk);
        boolean opened = false;
        try {
            JournalImage image = new JournalImage(frozen, machine);
            opened = true;
            return image;
        } finally {
            if (!opened) {
                frozen.close();
            }
        }
    }

    FrozenDisk disk() {
        return disk;
    }

    Recovery.Found found() {
        return found;
    }

    /** How many segments there are. */
    public int segments() {
        return disk.segmentNames().size();
    }

    /** Bytes of all segments. */
    public long bytes() {
        return disk.bytes();
    }

    /** The time, in milliseconds of the journal's clock. */
    public long now() {
        return now;
    }

    /**
     * What the wall clock showed at a time of the journal's clock, as far as the last note of both can tell; else the journal's clock
     * itself, which is never far ahead.
     *
     * @return milliseconds since 1970
     */
    public long wallMillis(long time) {
        TimeNote note = found.note();
        return note.isTrusted() ? time + note.trustedWall() - note.trustedJournal() : time;
    }

    /** All to whom something is or may be owed, by their numbers. */
    public Map<Long, JournalOwner> owners() {
        return Map.copyOf(owners);
    }

    JournalOwner owner(long number) {
        return owners.getOrDefault(number, JournalOwner.nobody(number));
    }

    boolean isOwed(long owner, long sequence) {
        OutboxLog log = found.state().outboxes().get(owner);
        return log != null && !log.isSettled(sequence);
    }

    void walk(Predicate<Segment> which, JournalWalk.Visitor visitor, Progress progress) throws IOException {
        new JournalWalk(disk).go(found.state().segments().values(), which, visitor, progress);
    }

    /**
     * What is in it.
     *
     * @param quick without reading messages, which leaves out what only they can tell
     */
    public JournalSurvey survey(boolean quick, Progress progress) throws IOException {
        return new Surveyor(this).survey(quick, progress);
    }

    /** Reads everything and tells what is not as it should be. */
    public void verify(JournalFinding.Sink findings, Progress progress) throws IOException {
        new Verifier(this, findings).verify(progress);
    }

    /**
     * Gives every message to each outbox to which it is still owed, in the order of each outbox, holding one at a time.
     *
     * @param findings takes what cannot be read on the way
     */
    public void deliveries(
            Predicate<JournalOwner> wanted, JournalDelivery.Sink sink, JournalFinding.Sink findings, Progress progress)
            throws IOException {
        new Extraction(this, wanted, sink, findings).run(progress);
    }

    /**
     * The retained messages, as the broker has them in memory.
     *
     * @param findings takes what is none
     */
    public List<Message> retained(JournalFinding.Sink findings) {
        List<Message> messages = new ArrayList<>();
        found.contents().forEach((number, state) -> {
            if (state instanceof DurableState.RetainedState retained) {
                try {
                    Extraction.check(retained.message());
                    messages.add(retained.message());
                } catch (RuntimeException e) {
                    String text = "the retained message of %s is none: %s"
                            .formatted(retained.message().topic(), e.getMessage());
                    findings.found(new JournalFinding("state " + number, 0, true, text));
                }
            }
        });
        return messages;
    }

    @Override
    public void close() throws IOException {
        disk.close();
    }
}
