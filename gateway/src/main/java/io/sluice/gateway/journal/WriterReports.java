// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.loop.Loop;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.Consumer;

/** Hands what the journal thread tells to the broker thread, and keeps how writing goes. Its state lives on the broker thread. */
final class WriterReports implements JournalWriter.Events {

    private static final System.Logger LOG = System.getLogger(WriterReports.class.getName());

    private final Loop loop;
    private final Runnable onReplaced;
    private final Written onWritten;
    private final Consumer<Throwable> onBug;
    private WriterTrouble trouble = WriterTrouble.NONE;

    /** Takes what was written, on the broker thread. */
    interface Written {
        void written(long forced, List<Batch> batches, List<Batch> reusable);
    }

    /**
     * @param onReplaced told on the journal thread that a segment has another file
     * @param onBug told on the journal thread
     */
    WriterReports(Loop loop, Runnable onReplaced, Written onWritten, Consumer<Throwable> onBug) {
        this.loop = loop;
        this.onReplaced = onReplaced;
        this.onWritten = onWritten;
        this.onBug = onBug;
    }

    WriterTrouble trouble() {
        return trouble;
    }

    @Override
    public void written(long forced, List<Batch> written, List<Batch> reusable) {
        loop.execute(() -> onWritten.written(forced, written, reusable));
    }

    @Override
    public void replaced() {
        onReplaced.run();
    }

    @Override
    public void trouble(WriterTrouble now) {
        loop.execute(() -> {
            if (now.blocks() && !trouble.blocks()) {
                LOG.log(
                        Level.ERROR,
                        "messages with QoS 1 and 2 are refused until the journal can be written: {0}",
                        now.text());
            } else if (now.isFailing() && !trouble.isFailing()) {
                LOG.log(Level.WARNING, "the journal cannot be written, trying again: {0}", now.text());
            } else if (!now.isFailing()) {
                LOG.log(Level.INFO, "the journal: writing works again");
            }
            trouble = now;
        });
    }

    @Override
    public void died(Throwable bug) {
        onBug.accept(bug);
    }
}
