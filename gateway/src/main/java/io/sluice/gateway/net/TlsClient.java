// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.sluice.config.PemTls;
import io.sluice.config.Settings;
import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * What a TLS client trusts and shows, from PEM files that are read anew for each connection, so that a renewed certificate needs
 * no restart. Blocks on files: not for the broker thread.
 */
final class TlsClient {

    private TlsClient() {}

    /**
     * A context for new connections.
     *
     * @param tls empty to trust the system's authorities and to show nothing
     * @throws IOException if a file cannot be read or does not hold what it should; the message names the file
     */
    static SSLContext context(Optional<Settings.Tls> tls) throws IOException {
        return PemTls.context(
                tls.flatMap(Settings.Tls::authorities),
                tls.flatMap(Settings.Tls::certificate),
                tls.flatMap(Settings.Tls::key));
    }
}
