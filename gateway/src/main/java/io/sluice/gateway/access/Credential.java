// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import io.sluice.gateway.message.Payload;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What proves a password without being one: the keys that SCRAM-SHA-256 stores (RFC 5802 section 3, RFC 7677). A password login
 * derives them again, a SCRAM exchange uses them as they are. As text:
 *
 * <pre>
 * SCRAM-SHA-256$iterations:salt$stored key:server key        the last three in base64
 * </pre>
 *
 * @param iterations rounds of PBKDF2, {@link #ITERATIONS_MIN} to {@link #ITERATIONS_MAX}
 */
public record Credential(int iterations, Payload salt, Payload storedKey, Payload serverKey) {

    /** What RFC 7677 asks for at least. */
    public static final int ITERATIONS_MIN = 4_096;

    /** What keeps one login from taking a slow machine's thread for longer than a client waits. */
    public static final int ITERATIONS_MAX = 1_000_000;

    public static final int KEY_BYTES = 32;

    private static final int SALT_BYTES = 16;

    private static final Pattern TEXT =
            Pattern.compile("SCRAM-SHA-256\\$([0-9]{1,7}):([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)");

    /** @throws IllegalArgumentException if a value is out of its range; the message says which */
    public Credential {
        if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
            throw new IllegalArgumentException(
                    "expected %d to %d iterations, found %d".formatted(ITERATIONS_MIN, ITERATIONS_MAX, iterations));
        }
        if (salt.length() < 8 || storedKey.length() != KEY_BYTES || serverKey.length() != KEY_BYTES) {
            throw new IllegalArgumentException("expected a salt of 8 bytes or more and keys of 32, found %d, %d and %d"
                    .formatted(salt.length(), storedKey.length(), serverKey.length()));
        }
    }

    /**
     * For a new password. Takes milliseconds.
     *
     * @throws IllegalArgumentException if the password is empty
     */
    public static Credential of(String password, int iterations, SecureRandom random) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        byte[] salted = salted(password, salt, iterations);
        byte[] storedKey = sha256(hmac(salted, "Client Key".getBytes(StandardCharsets.US_ASCII)));
        byte[] serverKey = hmac(salted, "Server Key".getBytes(StandardCharsets.US_ASCII));
        return new Credential(iterations, Payload.of(salt), Payload.of(storedKey), Payload.of(serverKey));
    }

    /** @throws IllegalArgumentException if the text is none; the message says why and does not show it */
    public static Credential parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected SCRAM-SHA-256$ITERATIONS:SALT$STORED-KEY:SERVER-KEY");
        }
        return new Credential(
                Integer.parseInt(matcher.group(1)),
                decoded(matcher.group(2)),
                decoded(matcher.group(3)),
                decoded(matcher.group(4)));
    }

    private static Payload decoded(String base64) {
        return Payload.of(Base64.getDecoder().decode(base64));
    }

    /** Whether the password is the one. Takes milliseconds, the same whether it is or not. */
    boolean proves(String password) {
        if (password.isEmpty()) {
            return false;
        }
        byte[] salted = salted(password, salt.toBytes(), iterations);
        byte[] key = sha256(hmac(salted, "Client Key".getBytes(StandardCharsets.US_ASCII)));
        return MessageDigest.isEqual(key, storedKey.toBytes());
    }

    private static byte[] salted(String password, byte[] salt, int iterations) {
        if (password.isEmpty()) {
            throw new IllegalArgumentException("the password is empty");
        }
        char[] prepared = Normalizer.normalize(password, Normalizer.Form.NFKC).toCharArray();
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(prepared, salt, iterations, KEY_BYTES * 8))
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has PBKDF2 with SHA-256", e);
        }
    }

    static byte[] hmac(byte[] key, byte[] text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC with SHA-256", e);
        }
    }

    static byte[] sha256(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** As it stands in a users file. */
    public String text() {
        Base64.Encoder base64 = Base64.getEncoder();
        return "SCRAM-SHA-256$%d:%s$%s:%s"
                .formatted(
                        iterations,
                        base64.encodeToString(salt.toBytes()),
                        base64.encodeToString(storedKey.toBytes()),
                        base64.encodeToString(serverKey.toBytes()));
    }

    /** Without the keys, so that it can be logged. */
    @Override
    public String toString() {
        return "Credential[iterations=" + iterations + "]";
    }
}
