// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.config.PemFiles;
import io.sluice.config.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * What a TLS client trusts and shows, from PEM files that are read anew for each connection, so that a renewed certificate needs
 * no restart. Blocks on files: not for the broker thread.
 */
final class TlsClient {

    private static final char[] NO_PASSWORD = new char[0];

    private TlsClient() {}

    /**
     * A context for new connections.
     *
     * @param tls empty to trust the system's authorities and to show nothing
     * @throws IOException if a file cannot be read or does not hold what it should; the message names the file
     */
    static SSLContext context(Optional<Settings.Tls> tls) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            Optional<Path> authorities = tls.flatMap(Settings.Tls::authorities);
            Optional<Path> certificate = tls.flatMap(Settings.Tls::certificate);
            Optional<Path> key = tls.flatMap(Settings.Tls::key);
            context.init(
                    certificate.isPresent() && key.isPresent() ? shown(certificate.get(), key.get()) : null,
                    authorities.isPresent() ? trusted(authorities.get()) : null,
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trusted(Path authorities) throws IOException, GeneralSecurityException {
        KeyStore store = emptyStore();
        int count = 0;
        for (Certificate certificate : PemFiles.certificates(authorities)) {
            store.setCertificateEntry("authority-" + count++, certificate);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] shown(Path chain, Path key) throws IOException, GeneralSecurityException {
        KeyStore store = emptyStore();
        store.setKeyEntry(
                "client",
                PemFiles.privateKey(key),
                NO_PASSWORD,
                PemFiles.certificates(chain).toArray(new Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }
}
