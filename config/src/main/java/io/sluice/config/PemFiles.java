// SPDX-License-Identifier: Apache-2.0
package io.sluice.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys in PEM files. Blocks on the files; what is wrong comes as an {@link IOException} that names the file. */
public final class PemFiles {

    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "PRIVATE KEY";
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private PemFiles() {}

    /** The certificates of the file, in its order; at least one. */
    public static List<X509Certificate> certificates(Path file) throws IOException {
        List<X509Certificate> found = new ArrayList<>();
        for (byte[] block : blocks(file, CERTIFICATE)) {
            try {
                found.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(block)));
            } catch (GeneralSecurityException e) {
                throw new IOException(file + ": holds a certificate that cannot be read: " + e.getMessage(), e);
            }
        }
        return found;
    }

    /** The file's private key, which must be PKCS #8 without a password. */
    public static PrivateKey privateKey(Path file) throws IOException {
        PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(blocks(file, KEY).getFirst());
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException e) {
                // A key of another algorithm: the next one may read it.
            } catch (GeneralSecurityException e) {
                throw new IOException(file + ": " + e.getMessage(), e);
            }
        }
        throw new IOException(file + ": expected a key for one of " + KEY_ALGORITHMS + ", found another");
    }

    /** Whether the certificate is about the key's other half. */
    public static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        try {
            byte[] text = "the same pair".getBytes(StandardCharsets.US_ASCII);
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(text);
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certificate.getPublicKey());
            verifying.update(text);
            return verifying.verify(signing.sign());
        } catch (GeneralSecurityException differentKinds) {
            return false;
        }
    }

    private static List<byte[]> blocks(Path file, String kind) throws IOException {
        List<byte[]> found = new ArrayList<>();
        List<String> others = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text(file));
        while (matcher.find()) {
            if (matcher.group(1).equals(kind)) {
                found.add(decoded(file, matcher.group(2)));
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

    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException missing) {
            throw new IOException(file + ": there is no such file", missing);
        } catch (IOException unreadable) {
            throw new IOException(file + ": cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private static byte[] decoded(Path file, String base64) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": not base64: " + e.getMessage(), e);
        }
    }
}
