// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.sluice.gateway.cli.SluiceCommand;
import picocli.CommandLine;

/** The program. Quarkus gives it the log, the signals and the native build; what it does begins at the command line. */
@QuarkusMain
public final class Main implements QuarkusApplication {

    public static void main(String[] args) {
        Quarkus.run(Main.class, args);
    }

    @Override
    public int run(String... args) {
        return new CommandLine(new SluiceCommand()).execute(args);
    }
}
