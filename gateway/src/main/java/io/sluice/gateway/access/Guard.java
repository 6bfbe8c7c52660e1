// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import io.sluice.config.Settings;
import io.sluice.gateway.loop.Loop;
import io.sluice.gateway.message.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rules under one name, for the listeners that have them: who may come in, and with which rights. Called on the broker thread, where
 * every answer comes, too; passwords are proved on the {@link Verifier}'s thread.
 */
public final class Guard {

    /** How often connected users are held against the file. */
    private static final Duration REFRESH_EVERY = Duration.ofSeconds(5);

    private final String name;
    private final AccessControl control;
    private final boolean anonymous;
    private final Loop loop;
    private final Verifier verifier;
    private final @Nullable Users users;
    private final Consumer<Set<String>> onRevoked;
    /** What makes the memory of proved passwords worthless to whoever reads it. */
    private final byte[] secret = new byte[Credential.KEY_BYTES];

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Proved> proved = new HashMap<>();

    /** A password that was proved, so that a client that comes back does not take milliseconds again. */
    private record Proved(Credential credential, Payload digest) {}

    /** How a login ends. */
    public enum Verdict {
        GRANTED,
        /** No such user, or another password. */
        WRONG,
        /** A client must say who it is. */
        NAMELESS,
        /** Too many logins wait already. */
        BUSY
    }

    /**
     * Reads the users file; not on the broker thread.
     *
     * @param onRevoked told on the broker thread who is no longer a user or has another password
     * @throws IOException if the users file cannot be read; the message names file and line
     */
    public Guard(Settings.Access access, Loop loop, Verifier verifier, Consumer<Set<String>> onRevoked)
            throws IOException {
        this.name = access.name();
        this.control = new AccessControl(access);
        this.anonymous = access.anonymous();
        this.loop = loop;
        this.verifier = verifier;
        this.users = access.usersFile().isEmpty()
                ? null
                : new Users(access.usersFile().get());
        this.onRevoked = onRevoked;
        random.nextBytes(secret);
    }

    public String name() {
        return name;
    }

    /** Begins to look at the users file now and then. */
    public void start() {
        Users file = users;
        if (file != null) {
            loop.schedule(REFRESH_EVERY, () -> {
                verifier.execute(() -> refresh(file));
                start();
            });
        }
    }

    private void refresh(Users file) {
        Set<String> revoked = file.refresh();
        if (!revoked.isEmpty()) {
            proved.keySet().removeAll(revoked);
            loop.execute(() -> onRevoked.accept(revoked));
        }
    }

    /**
     * Proves a user name and password.
     *
     * @param answer called on the broker thread, perhaps before this returns
     */
    public void login(Optional<String> user, Optional<Payload> password, Consumer<Verdict> answer) {
        Users file = users;
        if (user.isEmpty()) {
            answer.accept(anonymous ? Verdict.GRANTED : Verdict.NAMELESS);
        } else if (file == null || password.isEmpty()) {
            answer.accept(Verdict.WRONG);
        } else {
            boolean queued = verifier.execute(() -> {
                refresh(file);
                Verdict verdict = proves(file, user.get(), password.get()) ? Verdict.GRANTED : Verdict.WRONG;
                loop.execute(() -> answer.accept(verdict));
            });
            if (!queued) {
                answer.accept(Verdict.BUSY);
            }
        }
    }

    /** The same time for a user that there is not: nobody learns who there is. */
    private boolean proves(Users file, String user, Payload password) {
        Optional<String> text = text(password);
        if (text.isEmpty() || text.get().isEmpty()) {
            return false;
        }
        Credential credential = file.of(user);
        if (credential == null) {
            decoy(file.usualIterations()).proves(text.get());
            return false;
        }
        byte[] digest = Credential.hmac(secret, password.toBytes());
        Proved before = proved.get(user);
        if (before != null
                && before.credential().equals(credential)
                && MessageDigest.isEqual(before.digest().toBytes(), digest)) {
            return true;
        }
        boolean right = credential.proves(text.get());
        if (right) {
            proved.put(user, new Proved(credential, Payload.of(digest)));
        }
        return right;
    }

    private Credential decoy(int iterations) {
        return decoy(iterations, Payload.of(secret));
    }

    private Credential decoy(int iterations, Payload salt) {
        Payload nothing = Payload.of(secret);
        return new Credential(iterations, salt, nothing, nothing);
    }

    /** Whether users can prove themselves by SCRAM-SHA-256: not where nobody has a password. */
    public boolean hasUsers() {
        return users != null;
    }

    /**
     * Begins a SCRAM-SHA-256 exchange.
     *
     * @param first what the client says first
     * @param begun told on the broker thread, perhaps before this returns; empty if that is no such message, or too many log in
     */
    public void scram(Payload first, Consumer<Optional<ScramExchange>> begun) {
        Users file = users;
        Optional<ScramExchange.First> said = ScramExchange.First.of(first);
        boolean queued = file != null
                && said.isPresent()
                && verifier.execute(() -> {
                    refresh(file);
                    String user = said.get().user();
                    Credential credential = file.of(user);
                    ScramExchange exchange = new ScramExchange(
                            said.get(),
                            credential == null ? stranger(file, user) : credential,
                            credential != null,
                            ScramExchange.nonce(random));
                    loop.execute(() -> begun.accept(Optional.of(exchange)));
                });
        if (!queued) {
            begun.accept(Optional.empty());
        }
    }

    /** The same salt each time for a user that there is not: nobody learns who there is. */
    private Credential stranger(Users file, String user) {
        byte[] digest = Credential.hmac(secret, user.getBytes(StandardCharsets.UTF_8));
        return decoy(file.usualIterations(), Payload.of(Arrays.copyOf(digest, 16)));
    }

    private static Optional<String> text(Payload password) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(password.toBytes()))
                    .toString());
        } catch (CharacterCodingException noText) {
            return Optional.empty();
        }
    }

    /** What a client that came in may do. */
    public Rights rights(Optional<String> user, String clientId) {
        return control.rights(user, clientId);
    }
}
