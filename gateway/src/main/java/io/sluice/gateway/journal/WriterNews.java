// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.journal;

import io.sluice.gateway.loop.Loop;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.function.Consumer;

/** Hands what the journal thread tells to the broker thread, and remembers there how writing goes. */
final class WriterNews implements JournalWriter.Events {

    private static final System.Logger LOG = System.getLogger(Journal.class.getName());

    private final Loop loop;
    private final JournalReader reader;
    private final Consumer<Throwable> onBug;
    private Written onWritten = (forced, written, reusable) -> {};
    private Runnable onStuck = () -> {};
    private WriterTrouble trouble = WriterTrouble.NONE;

    /** Takes what {@link JournalWriter.Events#written} tells, on the broker thread. */
    interface Written {
        void written(long forced, List<Batch> written, List<Batch> reusable);
    }

    /** @param onBug told of a bug on the journal thread, which ends it */
    WriterNews(Loop loop, JournalReader reader, Consumer<Throwable> onBug) {
        this.loop = loop;
        this.reader = reader;
        this.onBug = onBug;
    }

    /** Before the journal thread starts. */
    void onWritten(Written listener) {
        onWritten = listener;
    }

    /** Told, on the broker thread, when writing is stuck. */
    void onStuck(Runnable task) {
        onStuck = task;
    }

    /** How writing goes; on the broker thread. */
    WriterTrouble trouble() {
        return trouble;
    }

    @Override
    public void written(long forced, List<Batch> written, List<Batch> reusable) {
        loop.execute(() -> onWritten.written(forced, written, reusable));
    }

    @Override
    public void replaced() {
        reader.reopen();
    }

    @Override
    public void trouble(WriterTrouble now) {
        loop.execute(() -> note(now));
    }

    private void note(WriterTrouble now) {
        if (now.blocks() && !trouble.blocks()) {
            LOG.log(Level.ERROR, "messages with QoS 1 and 2 that must be kept are refused for now: {0}", now.text());
        } else if (now.isFailing() && !trouble.isFailing()) {
            LOG.log(Level.WARNING, "the journal cannot be written, trying again: {0}", now.text());
        } else if (now.equals(WriterTrouble.NONE)) {
            LOG.log(Level.INFO, "the journal: writing works again");
        }
        boolean newlyStuck = now.isStuck() && !trouble.isStuck();
        trouble = now;
        if (newlyStuck) {
            onStuck.run();
        }
    }

    @Override
    public void died(Throwable bug) {
        onBug.accept(bug);
    }
}
