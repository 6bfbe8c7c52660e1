// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The gateway's process, through its lives. Used by the main thread. */
final class Gateway {

    private final Stage stage;
    private final Product.Setup setup;
    private final int port;
    private final Usage usage;
    private Optional<Child> process = Optional.empty();

    Gateway(Stage stage, Product.Setup setup, int port) {
        this.stage = stage;
        this.setup = setup;
        this.port = port;
        this.usage = new Usage(setup.dataDir());
    }

    void start() throws IOException {
        process = Optional.of(stage.start("gateway", setup.command()));
    }

    void awaitUp(Duration limit) throws InterruptedException {
        if (process.isPresent()) {
            process.get().awaitPort(port, limit);
        }
    }

    void kill() throws InterruptedException {
        if (process.isPresent()) {
            process.get().kill();
        }
        process = Optional.empty();
    }

    Usage usage() {
        return usage;
    }

    /**
     * Takes a sample of what it uses.
     *
     * @throws DemoFailure if it ended without having been killed
     */
    State look() {
        if (process.isEmpty()) {
            return State.KILLED;
        }
        process.get().assertAlive();
        usage.sample(process.get().pid());
        return Child.isListening(port) ? State.UP : State.STARTING;
    }

    /** What went wrong, with the end of the gateway's log. */
    DemoFailure failure(String message) {
        return process.map(child -> child.failure(message)).orElseGet(() -> new DemoFailure(message, ""));
    }

    enum State {
        UP,
        STARTING,
        KILLED
    }
}
