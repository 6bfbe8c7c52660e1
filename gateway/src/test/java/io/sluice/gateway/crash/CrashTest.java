// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.crash;

import io.sluice.gateway.GatewayProcess;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is acknowledged survives SIGKILL at any instant: a few here, a thousand by {@code make crash}. */
@Tag("process")
final class CrashTest {

    private static final int CYCLES = Integer.getInteger("sluice.crash.cycles", 4);

    @Test
    void gateway_killedAtAnyInstant_keepsWhatItAcknowledged() {
        long seed = Long.getLong("sluice.crash.seed", new SplittableRandom().nextInt(1_000_000));
        System.out.printf("crash: %,d cycles, seed %d%n", CYCLES, seed);
        try (GatewayProcess upstream = CrashRun.upstream();
                GatewayProcess gateway = CrashRun.gateway(upstream);
                CrashRun run = new CrashRun(seed, upstream, gateway)) {
            run.run(CYCLES);
        }
    }
}
