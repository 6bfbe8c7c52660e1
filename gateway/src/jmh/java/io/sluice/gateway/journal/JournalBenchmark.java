// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.ManualExecutor;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.memory.Budget;
import io.sluice.gateway.message.Message;
import io.sluice.gateway.message.MessageProperties;
import io.sluice.gateway.message.Payload;
import io.sluice.topic.Qos;
import io.sluice.topic.TopicName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The journal alone: messages of 128 bytes for one durable subscriber, appended as fast as they are taken, and the bare disk beside it.
 * The folder is made below {@code sluice.bench.dir}.
 */
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class JournalBenchmark {

    private static final int RECORDS = 1_000_000;

    /** What may gather before the benchmark waits, as a gateway does. */
    private static final long NOT_FORCED_BYTES_MAX = 8 << 20;

    /** What the bare disk is given with each force: what the journal gathers at this speed. */
    private static final int RAW_BATCH_BYTES = 4 << 20;

    /** The bytes of payload and topic. */
    private static final int RECORD_BYTES = 128 + 14;

    private static final JournalLimits LIMITS =
            new JournalLimits(Long.MAX_VALUE / 2, JournalLimits.WhenFull.DROP_OLDEST);

    /** An empty folder for each million of records. */
    @State(Scope.Thread)
    public static class Folder {

        Path path = Path.of("");

        /** Makes it. */
        @Setup(Level.Invocation)
        public void make() throws IOException {
            path = Files.createTempDirectory(Path.of(System.getProperty("sluice.bench.dir", "target")), "journal");
        }

        /** Removes it. */
        @TearDown(Level.Invocation)
        public void remove() throws IOException {
            try (Stream<Path> files = Files.list(path)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(path);
        }
    }

    /** A journal in a folder of its own, which is open, and has made its reserve. */
    @State(Scope.Thread)
    public static class Forced {

        private final ManualExecutor executor = new ManualExecutor();
        private final ConcurrentLinkedQueue<Throwable> bugs = new ConcurrentLinkedQueue<>();
        private final Receivers receivers = new Receivers();
        private final Message message = Message.of(
                new TopicName("plant/7/boiler"),
                Qos.AT_LEAST_ONCE,
                false,
                MessageProperties.none(),
                Message.NEVER,
                0,
                Payload.of(new byte[128]));
        private Journal journal;
        private OutboxLog log;

        /** Opens it. */
        @Setup(Level.Invocation)
        public void open(Folder folder) throws IOException {
            journal = Journal.open(
                    disk(folder.path),
                    new Loop(executor),
                    MachineTime.of(Instant::now),
                    LIMITS,
                    new Budget("journal", Long.MAX_VALUE),
                    SyncDelays.NONE,
                    bugs::add);
            journal.start();
            log = journal.outbox(journal.newOwner());
            append(1);
        }

        Disk disk(Path path) throws IOException {
            return FileDisk.open(path);
        }

        void append(int records) {
            long batch = 0;
            for (int i = 0; i < records; i++) {
                receivers.clear();
                receivers.add(log.owner(), journal.take(log), Qos.AT_LEAST_ONCE, false, List.of());
                batch = journal.append(message, receivers, 0, 0, false, 0).batch();
                if (i % 100 == 0) {
                    executor.run();
                    executor.runUntil(() -> journal.bytesNotForced() < NOT_FORCED_BYTES_MAX || !bugs.isEmpty());
                }
            }
            long last = batch;
            executor.runUntil(() -> journal.isForced(last) || !bugs.isEmpty());
            if (!bugs.isEmpty()) {
                throw new IllegalStateException(bugs.peek());
            }
        }

        /** Closes it. */
        @TearDown(Level.Invocation)
        public void close() throws IOException {
            journal.close();
        }
    }

    /** One that takes the page cache for the disk. */
    @State(Scope.Thread)
    public static class InPageCache extends Forced {

        @Override
        Disk disk(Path path) throws IOException {
            return new UnforcedDisk(super.disk(path));
        }
    }

    /** Until the last record is forced. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public void forced(Forced journal) {
        journal.append(RECORDS);
    }

    /** Until the last record is in the page cache. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public void pageCache(InPageCache journal) {
        journal.append(RECORDS);
    }

    /** The same bytes of payload and topic, written to a file and forced. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public void bareDisk(Folder folder) throws IOException {
        try (FileChannel file = FileChannel.open(
                folder.path.resolve("file"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(RAW_BATCH_BYTES);
            for (long left = (long) RECORDS * RECORD_BYTES; left > 0; left -= bytes.limit()) {
                bytes.clear().limit((int) Math.min(left, RAW_BATCH_BYTES));
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                file.force(false);
            }
        }
    }

    /** A directory that takes the page cache for the disk. */
    private record UnforcedDisk(Disk disk) implements Disk {

        @Override
        public List<String> list() throws IOException {
            return disk.list();
        }

        @Override
        public File open(String name, boolean create) throws IOException {
            return new UnforcedFile(disk.open(name, create));
        }

        @Override
        public void delete(String name) throws IOException {
            disk.delete(name);
        }

        @Override
        public boolean exists(String name) {
            return disk.exists(name);
        }

        @Override
        public void rename(String from, String to) throws IOException {
            disk.rename(from, to);
        }

        @Override
        public void forceDirectory() {
            // left to the page cache
        }

        @Override
        public void close() throws IOException {
            disk.close();
        }
    }

    private record UnforcedFile(Disk.File file) implements Disk.File {

        @Override
        public void write(ByteBuffer bytes, long offset) throws IOException {
            file.write(bytes, offset);
        }

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            return file.read(into, offset);
        }

        @Override
        public void force() {
            // left to the page cache
        }

        @Override
        public void truncate(long bytes) throws IOException {
            file.truncate(bytes);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
