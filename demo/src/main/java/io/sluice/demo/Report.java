// SPDX-License-Identifier: Apache-2.0
package io.sluice.demo;

import java.util.Locale;

/** The ledger as the person reads it, and the exit status that follows from it. Used by the main thread. */
final class Report {

    private final Screen screen;
    private final Cast cast;
    private final Gateway gateway;
    private final Story story;
    private final Options options;

    Report(Screen screen, Cast cast, Gateway gateway, Story story, Options options) {
        this.screen = screen;
        this.cast = cast;
        this.gateway = gateway;
        this.story = story;
        this.options = options;
    }

    /** @return 0 if everything that was acknowledged has arrived, else 1 */
    int print() {
        Ledger.Balance sensors = cast.acknowledged.balance();
        printSensors(sensors);
        if (cast.lineCount() > 0) {
            printLines(cast.lines.balance());
        }
        screen.title("What it took");
        row("backlog gone after the uplink's return", story.drained());
        row("memory at most (RssAnon + RssFile)", gateway.usage().memory());
        row("disk at most (data directory)", gateway.usage().disk());
        boolean kept = sensors.missing() == 0 && sensors.promised() > 0;
        screen.title(verdict(sensors, kept));
        if (!options.keep()) {
            suggest();
        }
        return kept ? 0 : 1;
    }

    private void printSensors(Ledger.Balance balance) {
        screen.title("The ledger: " + cast.sensorCount() + " MQTT sensors, QoS 1");
        row("acknowledged to the sensors", count(balance.promised()));
        row("arrived at the cloud", count(balance.arrived()));
        row("lost", balance.missing() == 0 ? screen.good(count(0)) : screen.bad(count(balance.missing())));
        row("duplicated", count(balance.duplicated()));
        row("reordered", count(balance.reordered()));
        if (balance.duplicated() > 0) {
            screen.text(screen.quiet(
                    "  QoS 1 is \"at least once\": what was under way when something broke is sent again."));
        }
        if (cast.openCount() > 0) {
            screen.text("  " + count(cast.openCount()).strip()
                    + " sent and never acknowledged; the sensors still have them.");
        }
    }

    private void printLines(Ledger.Balance balance) {
        screen.title("Apart from it: " + cast.lineCount() + " devices that say lines and hear no acknowledgement");
        row("sent", count(balance.promised()));
        row("arrived at the cloud", count(balance.arrived()));
        row("not arrived", count(balance.missing()));
        row("duplicated", count(balance.duplicated()));
        row("reordered", count(balance.reordered()));
        if (balance.missing() > 0) {
            screen.text(
                    screen.quiet(
                            "  A line that is said while no gateway listens, or just before it is killed, has no one to keep it."));
        }
    }

    private String verdict(Ledger.Balance sensors, boolean kept) {
        if (sensors.promised() == 0) {
            return screen.bad("Nothing was acknowledged at all, so nothing was shown.");
        }
        return kept
                ? screen.good("Nothing that was acknowledged is lost.")
                : screen.bad(count(sensors.missing()).strip() + " messages that "
                        + options.gateway().label() + " had acknowledged are lost.");
    }

    private void suggest() {
        screen.title("What to try next");
        if (options.gateway() instanceof Product.Sluice) {
            screen.text(
                    "  RIVAL=mosquitto make demo         the same with Mosquitto, saving on every change, as the gateway");
        } else {
            screen.text("  make demo                         the same with Sluice as the gateway");
        }
        screen.text("  RIVAL=mosquitto-timed make demo   with Mosquitto saving once a second");
        screen.text("  KEEP=1 make demo                  leaves everything running, to look around and to break more");
        screen.text("  make test                         kills, cuts and damages far more than this");
    }

    private void row(String name, String value) {
        screen.text(String.format(Locale.ROOT, "  %-38s %s", name, value));
    }

    private static String count(int number) {
        return String.format(Locale.ROOT, "%,10d", number);
    }
}
