// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UpstreamLinkMemoryTest {

    private static final long SOCKETS = 16 << 20;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void fewLinks_mayHaveWhatTheyWant(int links) {
        assertThat(UpstreamLink.waitingBytesMax(SOCKETS, links)).isEqualTo(512 << 10);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 9, 40})
    void links_leaveHalfOfTheMemoryToClients(int links) {
        int waiting = UpstreamLink.waitingBytesMax(SOCKETS, links);
        assertThat(waiting).isGreaterThanOrEqualTo(64 << 10);
        assertThat(links * UpstreamLink.bytesMax(waiting)).isLessThan(SOCKETS / 2);
    }
}
