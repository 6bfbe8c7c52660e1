// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.message.Message;
import io.sluice.topic.Qos;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What has ended the process again and again while it was handed out: after three deaths in a row at the same delivery, that one goes
 * to an outbox of its own in the journal, where it stays until somebody takes it out, and the rest goes on.
 *
 * <p>Nothing is written for it in normal running. What is being handed out is only remembered; a process that ends by a bug on the
 * broker thread writes at its end at which delivery that was, to the file {@code deaths}, and the next start reads it. Lives on the broker
 * thread.
 *
 * <pre>
 * deaths | owner u64 | sequence u64 | deaths in a row u32 | CRC-32C of the 20 before u32 | 24
 * </pre>
 */
public final class Quarantine {

    /** Stands for the name of a bridge; none can be called so. */
    static final String NAME = "(quarantine)";

    static final String FILE = "deaths";
    static final int DEATHS_MAX = 3;

    private static final System.Logger LOG = System.getLogger(Quarantine.class.getName());
    private static final int BYTES = 24;
    private static final long NOTHING = -1;
    private static final long ALERT_MILLIS = 3_600_000;

    private final Disk disk;
    private final Journal journal;
    private long outbox;

    // What is being handed out, and in which task of the loop.
    private long owner = NOTHING;
    private long sequence;
    private long task;

    // What was handed out when the process ended by a bug last.
    private long deadOwner = NOTHING;
    private long deadSequence;
    private int deaths;
    private final long alertUntil;

    /** @param recovered the states with which the journal begins */
    Quarantine(Disk disk, Journal journal, Collection<DurableState> recovered) {
        this.disk = disk;
        this.journal = journal;
        for (DurableState state : recovered) {
            if (state instanceof DurableState.BridgeState bridge
                    && bridge.bridge().equals(NAME)) {
                outbox = bridge.owner();
            }
        }
        alertUntil = journal.clock().now() + ALERT_MILLIS;
        read();
    }

    private void read() {
        if (!disk.exists(FILE)) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        try (Disk.File file = disk.open(FILE, false)) {
            file.read(bytes, 0);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot read at what the last process died: {0}", e);
        }
        if (!bytes.hasRemaining() && bytes.getInt(BYTES - 4) == JournalFormat.crc(bytes, 0, BYTES - 4)) {
            deadOwner = bytes.getLong(0);
            deadSequence = bytes.getLong(8);
            deaths = bytes.getInt(16);
        }
    }

    /**
     * A delivery is handed out, and what is done with it follows in the same task of the loop, before the next one.
     *
     * @param log of the outbox whose it is, or null if that ends with the process
     */
    public void handing(@Nullable OutboxLog log, long next) {
        owner = log == null ? NOTHING : log.owner();
        sequence = next;
        task = journal.loop().task();
    }

    /** Nothing is left to be handed out. */
    public void handed() {
        owner = NOTHING;
    }

    /** Whether a delivery has ended the process too often to be handed out. */
    public boolean isDeadly(OutboxLog log, long next) {
        return deaths >= DEATHS_MAX && log.owner() == deadOwner && next == deadSequence;
    }

    /**
     * Whether a process has died at a delivery of late. Then nothing waits to be written, so that one at which it dies each time is
     * there again under its sequence, and is known by it.
     */
    boolean isAlert() {
        return deadOwner != NOTHING && journal.clock().now() < alertUntil;
    }

    /** Moves such a delivery to its own outbox, in one batch. */
    public void setAside(OutboxLog from, long deadly, Message message, Qos qos, boolean retain) {
        if (outbox == 0) {
            outbox = journal.newOwner();
            journal.put(new DurableState.BridgeState(outbox, NAME, "set aside"), 0);
        }
        OutboxLog log = journal.outbox(outbox);
        Receivers receivers = new Receivers();
        receivers.add(outbox, journal.take(log), qos, retain, List.of());
        journal.settleWithNext(from, deadly);
        journal.append(message, receivers, 0, 0, false, 0);
        deaths = 0;
        LOG.log(
                Level.ERROR,
                "{0}: a message for {1} has ended the process {2} times and is set aside; {3} are in quarantine, which"
                        + " sluice journal export --owner ''{4}'' shows",
                from,
                message.topic(),
                DEATHS_MAX,
                log.depth(),
                NAME);
    }

    /** Notes at what the process dies by a bug; as the last thing it does. Never fails. */
    public void dying() {
        if (owner == NOTHING || task != journal.loop().task()) {
            return;
        }
        boolean again = owner == deadOwner && sequence == deadSequence;
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(owner).putLong(sequence).putInt(again ? deaths + 1 : 1);
        bytes.putInt(JournalFormat.crc(bytes, 0, BYTES - 4)).flip();
        try (Disk.File file = disk.open(FILE, true)) {
            file.write(bytes, 0);
            file.force();
        } catch (IOException e) {
            LOG.log(Level.ERROR, "cannot note at what the process died: {0}", e);
        }
    }
}
