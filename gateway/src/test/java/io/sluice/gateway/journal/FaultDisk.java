// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A directory in memory that knows what was forced and what was only written, so that {@link #crash} can give what a power cut
 * would leave. It can be told to fail, to lie, to block and to be full. Usable from any thread.
 */
public final class FaultDisk implements Disk {

    private static final long WAIT_SECONDS_MAX = 20;

    private final TreeMap<String, FaultFile> names = new TreeMap<>();
    /** The names as of the last time the directory was forced, and what was done to them since, in order. */
    private TreeMap<String, FaultFile> forcedNames = new TreeMap<>();

    private final List<NameChange> nameChanges = new ArrayList<>();
    private final Fault writes = new Fault("write");
    private final Fault forces = new Fault("force");
    private final Fault reads = new Fault("read");
    private long bytesMax = Long.MAX_VALUE;
    private boolean lying;
    private boolean holding;
    private int held;
    private boolean off;
    private boolean readOnly;
    private final List<FaultDisk> watched = new ArrayList<>();
    private @Nullable SplittableRandom watching;

    /** What a power cut leaves of that which was not forced. */
    public enum Leaves {
        /** Nothing. */
        NOTHING,
        /** A random part of the 512-byte blocks, whatever their order. */
        BLOCKS,
        /** All writes up to a random byte. */
        TORN,
        /** Everything, as after the death of the process alone. */
        ALL
    }

    /** One change of the directory; each happens whole or not at all. */
    private record NameChange(String from, String to, FaultFile file) {
        void apply(TreeMap<String, FaultFile> names) {
            if (!from.isEmpty()) {
                names.remove(from, file);
            }
            if (!to.isEmpty()) {
                names.put(to, file);
            }
        }
    }

    /** The directory after a power cut; this one can do nothing any more. */
    public FaultDisk crash(SplittableRandom random) {
        return crash(Leaves.values()[random.nextInt(Leaves.values().length)], random);
    }

    /** The directory after a power cut; this one can do nothing any more. */
    public synchronized FaultDisk crash(Leaves leaves, SplittableRandom random) {
        off = true;
        notifyAll();
        return afterCrash(leaves, random);
    }

    /** After {@link #crash}: what still refers to this disk does not keep what it held. */
    public synchronized void discard() {
        names.clear();
        forcedNames.clear();
        nameChanges.clear();
    }

    /** The directory as a power cut at this moment would leave it; this one goes on. */
    public synchronized FaultDisk afterCrash(Leaves leaves, SplittableRandom random) {
        TreeMap<String, FaultFile> left = leaves == Leaves.ALL ? names : new TreeMap<>(forcedNames);
        if (leaves == Leaves.BLOCKS || leaves == Leaves.TORN) {
            nameChanges.stream().filter(any -> random.nextBoolean()).forEach(change -> change.apply(left));
        }
        FaultDisk after = new FaultDisk();
        left.forEach((name, file) -> after.put(name, file.afterCrash(leaves, random)));
        return after;
    }

    /** From now on keeps what a power cut would leave after each thing that is done to the disk. */
    public synchronized void watch(SplittableRandom random) {
        watching = random;
    }

    /** What was kept; ends keeping. */
    public synchronized List<FaultDisk> watched() {
        watching = null;
        return List.copyOf(watched);
    }

    private void did() {
        if (watching != null) {
            watched.add(afterCrash(Leaves.values()[watched.size() % Leaves.values().length], watching));
        }
    }

    /** Puts a file there whole and forced. */
    public synchronized void put(String name, byte[] bytes) {
        FaultFile file = new FaultFile(this, bytes);
        names.put(name, file);
        forcedNames.put(name, file);
    }

    /** What a file holds at the moment, forced or not. */
    public synchronized byte[] bytes(String name) throws IOException {
        return file(name).bytes();
    }

    /** A copy that holds everything, forced, and has no faults. */
    public synchronized FaultDisk copy() {
        FaultDisk copy = new FaultDisk();
        names.forEach((name, file) -> copy.put(name, file.bytes()));
        return copy;
    }

    /** From the n-th write on (1 is the next) that many fail; a failing write has written some of its bytes. */
    public synchronized void failWrites(int nth, int count) {
        writes.set(nth, count);
    }

    /** From the n-th force on (1 is the next), of a file or of the directory, that many fail. */
    public synchronized void failForces(int nth, int count) {
        forces.set(nth, count);
    }

    /** From the n-th read on (1 is the next) that many fail. */
    public synchronized void failReads(int nth, int count) {
        reads.set(nth, count);
    }

    /** Ends all faults that were asked for. */
    public synchronized void heal() {
        writes.set(0, 0);
        forces.set(0, 0);
        reads.set(0, 0);
        bytesMax = Long.MAX_VALUE;
        lying = false;
        releaseForces();
    }

    /** From now on {@code force} does nothing and says that all is well. */
    public synchronized void lie() {
        lying = true;
    }

    /** Whether everything that would change the disk fails, as after an error of a file system that is mounted so. */
    public synchronized void readOnly(boolean only) {
        readOnly = only;
    }

    private void checkWritable() throws IOException {
        checkPower();
        if (readOnly) {
            throw new IOException("Read-only file system");
        }
    }

    /** From now on the disk has room for so many bytes in all files together. */
    public synchronized void limit(long bytes) {
        bytesMax = bytes;
    }

    /** From now on every {@code force} of a file waits for {@link #releaseForces}. */
    public synchronized void holdForces() {
        holding = true;
    }

    public synchronized void releaseForces() {
        holding = false;
        notifyAll();
    }

    /** Waits until a force is being held. */
    public synchronized void awaitHeldForce() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS_MAX);
        while (held == 0) {
            await(deadline);
        }
    }

    /** How many writes there were. */
    public synchronized int writes() {
        return writes.calls;
    }

    /** How many times something was forced. */
    public synchronized int forces() {
        return forces.calls;
    }

    /** Bytes in all files. */
    public synchronized long bytes() {
        return names.values().stream().mapToLong(FaultFile::length).sum();
    }

    @Override
    public synchronized List<String> list() throws IOException {
        checkPower();
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized File open(String name, boolean create) throws IOException {
        checkPower();
        if (create && !names.containsKey(name)) {
            checkWritable();
            FaultFile file = new FaultFile(this, new byte[0]);
            change(new NameChange("", name, file));
        }
        return file(name);
    }

    private FaultFile file(String name) throws IOException {
        FaultFile file = names.get(name);
        if (file == null) {
            throw new FileNotFoundException(name);
        }
        return file;
    }

    private void change(NameChange change) {
        change.apply(names);
        nameChanges.add(change);
        did();
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        checkWritable();
        if (names.containsKey(name)) {
            change(new NameChange(name, "", file(name)));
        }
    }

    @Override
    public synchronized boolean exists(String name) {
        return names.containsKey(name);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        checkWritable();
        change(new NameChange(from, to, file(from)));
    }

    @Override
    public synchronized void forceDirectory() throws IOException {
        checkPower();
        forces.check();
        if (!lying) {
            forcedNames = new TreeMap<>(names);
            nameChanges.clear();
        }
        did();
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    private void checkPower() throws IOException {
        if (off) {
            throw new IOException("the power is off");
        }
    }

    synchronized void write(FaultFile file, ByteBuffer bytes, long offset) throws IOException {
        checkWritable();
        int wanted = bytes.remaining();
        int fits = wanted;
        boolean full = bytes() + Math.max(0, offset + wanted - file.length()) > bytesMax;
        if (full || writes.isDue()) {
            fits = wanted / 2;
        }
        if (!full || file.length() >= offset + fits) {
            file.put(bytes.slice(bytes.position(), fits), offset);
        }
        if (full) {
            throw new DiskFull("no space left on this disk");
        }
        writes.check();
        bytes.position(bytes.limit());
        did();
    }

    synchronized void force(FaultFile file) throws IOException {
        checkPower();
        held++;
        notifyAll();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS_MAX);
        while (holding && !off) {
            await(deadline);
        }
        held--;
        checkPower();
        if (forces.isDue()) {
            file.forceFailed();
        }
        forces.check();
        if (!lying) {
            file.forced();
        }
        did();
    }

    synchronized int read(FaultFile file, ByteBuffer into, long offset) throws IOException {
        checkPower();
        reads.check();
        return file.get(into, offset);
    }

    private void await(long deadline) {
        try {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, deadline - System.nanoTime()));
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
        if (System.nanoTime() > deadline) {
            throw new AssertionError("waited " + WAIT_SECONDS_MAX + " s for a force to be held or released");
        }
    }

    /** Calls of one kind and which of them fail. */
    private static final class Fault {
        private final String what;
        private int calls;
        private int from;
        private int count;

        Fault(String what) {
            this.what = what;
        }

        void set(int nth, int many) {
            from = calls + nth;
            count = many;
        }

        /** Whether the call that comes now fails. */
        boolean isDue() {
            return count > 0 && calls + 1 >= from;
        }

        void check() throws IOException {
            boolean due = isDue();
            calls++;
            if (due) {
                count--;
                throw new IOException("this " + what + " was to fail");
            }
        }
    }
}
