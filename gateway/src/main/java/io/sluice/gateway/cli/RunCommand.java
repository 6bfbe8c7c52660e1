// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.cli;

import io.quarkus.arc.Arc;
import io.sluice.config.Settings;
import io.sluice.device.DeviceSettings;
import io.sluice.device.link.SerialLibrary;
import io.sluice.gateway.Gateway;
import io.sluice.gateway.journal.FileDisk;
import io.sluice.gateway.journal.LinuxTime;
import io.sluice.gateway.ops.Heap;
import io.sluice.gateway.ops.ProgramCode;
import io.sluice.gateway.ops.ServiceLog;
import io.sluice.gateway.ops.Systemd;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sluice run}: the gateway, until it is told to stop by SIGTERM or SIGINT. */
@Command(
        name = "run",
        description = "Run the gateway until SIGTERM or SIGINT.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:Stopped as it was told; everything acknowledged is on disk",
            "1:It could not start; the reason is printed",
            "2:The configuration has problems; they are printed",
            "70:A bug ended it; started again, it goes on from its journal"
        })
final class RunCommand implements Callable<Integer> {

    private static final System.Logger LOG = System.getLogger("io.sluice.gateway.Gateway");
    private static final int FAILED = 1;
    private static final int BUG = 70;

    @Mixin
    private ConfigFileOption config = new ConfigFileOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        Optional<Settings> settings = config.read(err);
        if (settings.isEmpty()) {
            return ConfigFileOption.PROBLEMS;
        }
        ServiceLog.useIn(System.getenv());
        Heap.fit(settings.get().limits().memory());
        StopSignal signal = Arc.container().instance(StopSignal.class).get();
        int status = FAILED;
        signal.begin();
        try {
            status = serve(settings.get(), signal, err);
        } finally {
            signal.end(status);
        }
        return status;
    }

    private static int serve(Settings settings, StopSignal signal, PrintWriter err) {
        try (Systemd systemd = Systemd.of(System.getenv());
                Gateway gateway = start(settings)) {
            LOG.log(Level.INFO, "gateway {0} is running", settings.gatewayId());
            Heap.compare(settings.limits().memory());
            ProgramCode.letGo();
            systemd.ready("gateway " + settings.gatewayId() + " is running", gateway::execute);
            signal.await();
            systemd.stopping();
            LOG.log(Level.INFO, "stopping {0}", gateway.addresses().keySet());
        } catch (IOException e) {
            err.println("sluice: " + e.getMessage());
            err.flush();
            return FAILED;
        }
        LOG.log(Level.INFO, "stopped; everything acknowledged is on disk");
        return 0;
    }

    private static Gateway start(Settings settings) throws IOException {
        Path data = settings.data().dir();
        if (settings.devices().stream()
                .anyMatch(device -> device.settings().link() instanceof DeviceSettings.Link.Serial)) {
            SerialLibrary.prepare(data.resolve("lib"));
        }
        return Gateway.start(
                settings, FileDisk.open(data.resolve("journal")), new LinuxTime(Path.of("/")), RunCommand::endOnBug);
    }

    /** State that a bug has touched is not to be trusted; what the journal has, is. */
    private static void endOnBug(Throwable bug) {
        LOG.log(Level.ERROR, "a bug ends the gateway; started again, it goes on from its journal", bug);
        Runtime.getRuntime().halt(BUG);
    }
}
