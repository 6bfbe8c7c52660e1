// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import io.sluice.gateway.message.Payload;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), without channel binding, which MQTT has no place for:
 *
 * <pre>
 * client   n,,n=user,r=nonce
 * server   r=nonce and more,s=salt,i=iterations
 * client   c=biws,r=nonce and more,p=proof
 * server   v=signature
 * </pre>
 */
public final class ScramExchange {

    /** The authentication method's name in MQTT. */
    public static final String METHOD = "SCRAM-SHA-256";

    private static final Pattern FIRST = Pattern.compile("([ny],,)(n=([^,]+),r=([!-+\\--~]+))");
    private static final Pattern FINAL = Pattern.compile("(c=([A-Za-z0-9+/=]+),r=([!-+\\--~]+)),p=([A-Za-z0-9+/=]+)");
    private static final int NONCE_BYTES = 18;

    private final First first;
    private final Credential credential;
    private final boolean known;
    private final String nonce;
    private final String challenge;

    /**
     * What the client says first.
     *
     * @param header what it says about channel binding
     * @param bare the rest, which is signed
     */
    record First(String header, String bare, String user, String nonce) {

        /** Empty if it is no such message, or asks for what is not offered. */
        static Optional<First> of(Payload message) {
            Matcher matcher = FIRST.matcher(message.text());
            if (!matcher.matches()) {
                return Optional.empty();
            }
            String user = matcher.group(3);
            if (!user.replace("=2C", "").replace("=3D", "").matches("[^=]*")) {
                return Optional.empty();
            }
            return Optional.of(new First(
                    matcher.group(1),
                    matcher.group(2),
                    user.replace("=2C", ",").replace("=3D", "="),
                    matcher.group(4)));
        }
    }

    /**
     * @param known whether there is such a user; for one that there is not, the exchange goes the same way and fails
     * @param nonce the server's part of it
     */
    ScramExchange(First first, Credential credential, boolean known, String nonce) {
        this.first = first;
        this.credential = credential;
        this.known = known;
        this.nonce = first.nonce() + nonce;
        this.challenge = "r=%s,s=%s,i=%d"
                .formatted(
                        this.nonce,
                        Base64.getEncoder().encodeToString(credential.salt().toBytes()),
                        credential.iterations());
    }

    static String nonce(SecureRandom random) {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    public String user() {
        return first.user();
    }

    /** What the server answers first. */
    public Payload challenge() {
        return Payload.ofText(challenge);
    }

    /** What the server answers last, if the client's message proves that it knows the password. Called once. */
    public Optional<Payload> prove(Payload message) {
        Matcher matcher = FINAL.matcher(message.text());
        if (!matcher.matches() || !matcher.group(3).equals(nonce)) {
            return Optional.empty();
        }
        byte[] proof;
        try {
            boolean sameHeader = MessageDigest.isEqual(
                    Base64.getDecoder().decode(matcher.group(2)), first.header().getBytes(StandardCharsets.US_ASCII));
            proof = Base64.getDecoder().decode(matcher.group(4));
            if (!sameHeader || proof.length != Credential.KEY_BYTES) {
                return Optional.empty();
            }
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        byte[] signed = (first.bare() + "," + challenge + "," + matcher.group(1)).getBytes(StandardCharsets.UTF_8);
        byte[] storedKey = credential.storedKey().toBytes();
        byte[] signature = Credential.hmac(storedKey, signed);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= signature[i]; // the client's key
        }
        boolean proved = MessageDigest.isEqual(Credential.sha256(proof), storedKey);
        return proved && known
                ? Optional.of(Payload.ofText("v="
                        + Base64.getEncoder()
                                .encodeToString(
                                        Credential.hmac(credential.serverKey().toBytes(), signed))))
                : Optional.empty();
    }
}
