// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.bridge;

import io.sluice.config.Settings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "PRIVATE KEY";
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");
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
        for (Certificate certificate : certificates(authorities)) {
            store.setCertificateEntry("authority-" + count++, certificate);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] shown(Path chain, Path key) throws IOException, GeneralSecurityException {
        KeyStore store = emptyStore();
        store.setKeyEntry(
                "client", privateKey(key), NO_PASSWORD, certificates(chain).toArray(new Certificate[0]));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static List<Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<Certificate> found = new ArrayList<>();
        for (byte[] block : blocks(file, CERTIFICATE)) {
            found.add(factory.generateCertificate(new ByteArrayInputStream(block)));
        }
        return found;
    }

    private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(blocks(file, KEY).getFirst());
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException e) {
                // A key of another algorithm: the next one may read it.
            }
        }
        throw new IOException(file + ": expected a key for one of " + KEY_ALGORITHMS + ", found another");
    }

    private static List<byte[]> blocks(Path file, String kind) throws IOException {
        List<byte[]> found = new ArrayList<>();
        List<String> others = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            if (matcher.group(1).equals(kind)) {
                found.add(Base64.getMimeDecoder().decode(matcher.group(2)));
            } else {
                others.add(matcher.group(1));
            }
        }
        if (found.isEmpty()) {
            throw new IOException(file + ": expected a PEM block \"" + kind + "\", found "
                    + (others.isEmpty() ? "none" : String.join(", ", others)));
        }
        return found;
    }
}
