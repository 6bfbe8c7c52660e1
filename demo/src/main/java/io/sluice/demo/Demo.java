// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Sensors, a gateway, a cloud; the uplink is cut, the gateway is killed in the middle of it, and at the end the ledger says what became of
 * every message that was acknowledged. The exit status is 0 if nothing was lost, 1 if something was, 2 if the demo could not be run.
 */
public final class Demo {

    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final Options options;
    private final Screen screen;
    private final Stage stage;

    private Demo(Options options, Screen screen, Stage stage) {
        this.options = options;
        this.screen = screen;
        this.stage = stage;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Screen screen = Screen.standard();
        int status = 2;
        try (Stage stage = new Stage()) {
            Runtime.getRuntime().addShutdownHook(new Thread(stage::interrupt, "clean up"));
            try {
                status = new Demo(Options.read(List.of(arguments), System.getenv()), screen, stage).run();
            } catch (DemoFailure failure) {
                if (!stage.isInterrupted()) { // else the processes ended because the person wanted it so
                    screen.text("\n" + screen.bad("The demo could not be run: " + failure.getMessage()));
                }
            }
        }
        System.exit(status);
    }

    private int run() throws IOException, InterruptedException {
        int cloudPort = Stage.freePort();
        int gatewayPort = Stage.freePort();
        Cut uplink = stage.own(new Cut(cloudPort));
        Cast cast = new Cast(gatewayPort);
        Optional<Path> serial = serialLine();
        String devices = options.gateway().takesLines() ? cast.addLines(stage, serial) : "";
        Product.Setup setup = options.gateway().gateway(stage.dir(), gatewayPort, uplink.port(), devices);
        introduce(setup, cast, serial);

        startCloud(cloudPort, cast);
        startSerialLine(cast, serial);
        stage.prepare(setup);
        Gateway gateway = new Gateway(stage, setup, gatewayPort);
        gateway.start();
        gateway.awaitUp(START_LIMIT);

        cast.start();
        Story story = new Story(screen, cast, uplink, gateway);
        story.awaitFirstArrival();
        story.play();
        int status = new Report(screen, cast, gateway, story, options).print();
        if (options.keep()) {
            screen.event("Everything goes on until Ctrl-C. Sensors: port " + gatewayPort + "; cloud: port " + cloudPort
                    + "; files: " + stage.dir());
            cast.resume();
            story.keep();
        }
        return status;
    }

    private void introduce(Product.Setup setup, Cast cast, Optional<Path> serial) {
        screen.title("A gateway, an outage, and a kill -9 in the middle of it");
        screen.text("Sensors -> " + options.gateway().label() + " -> uplink -> "
                + options.cloud().label() + " in the \"cloud\". " + cast.sensorCount()
                + " sensors speak MQTT with QoS 1, " + cast.lineCount() + " say lines of text.");
        if (!options.gateway().takesLines()) {
            screen.text("Mosquitto takes no serial lines or raw TCP, so there are none this time.");
        } else if (serial.isEmpty()) {
            screen.text("There is no serial line, because socat is not installed (apt-get install socat).");
        }
        screen.title("What the gateway runs: " + setup.file().getFileName());
        screen.text(screen.quiet(setup.text().indent(2).stripTrailing()));
    }

    private void startCloud(int port, Cast cast) throws IOException, InterruptedException {
        Product.Setup setup = options.cloud().cloud(stage.dir(), port);
        stage.prepare(setup);
        stage.start("cloud", setup.command()).awaitPort(port, START_LIMIT);
        CloudSubscriber subscriber = new CloudSubscriber(port, List.of(cast.acknowledged, cast.lines));
        subscriber.start();
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!subscriber.subscribed()) {
            if (System.nanoTime() > deadline) {
                throw new DemoFailure("the cloud did not grant the subscription: " + subscriber.trouble(), "");
            }
            Thread.sleep(50);
        }
    }

    private Optional<Path> serialLine() {
        return Options.find("socat", System.getenv()).map(socat -> stage.dir().resolve("serial"));
    }

    private void startSerialLine(Cast cast, Optional<Path> serial) throws IOException {
        if (serial.isPresent() && cast.serialPort().isPresent()) {
            // ignoreeof: the line stays when the gateway lets go of it, as a real one would.
            stage.start(
                    "serial-line",
                    List.of(
                            "socat",
                            "PTY,link=" + serial.get() + ",raw,echo=0,ignoreeof",
                            "TCP:127.0.0.1:" + cast.serialPort().get()));
        }
    }
}
