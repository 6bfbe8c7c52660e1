// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.access;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The users of one file, which is read again when it has changed. A file that cannot be read any more changes nothing: who could log in
 * still can. One thread at a time.
 */
final class Users {

    private static final System.Logger LOG = System.getLogger(Users.class.getName());

    private final Path file;
    private Map<String, Credential> byName;
    private UsersFile.Stamp stamp;
    private @Nullable String complaint;

    /** @throws IOException if the file cannot be read; the message names file and line */
    Users(Path file) throws IOException {
        this.file = file;
        this.stamp = UsersFile.Stamp.of(file);
        this.byName = UsersFile.read(file);
        warnIfOpen();
    }

    @Nullable
    Credential of(String user) {
        return byName.get(user);
    }

    /** Whose passwords take as long to prove as those of the others: for users that there are not. */
    int usualIterations() {
        return byName.values().stream()
                .mapToInt(Credential::iterations)
                .findFirst()
                .orElse(Credential.ITERATIONS_MIN);
    }

    /** Reads the file if it has changed; who is gone or has another password since. */
    Set<String> refresh() {
        try {
            UsersFile.Stamp now = UsersFile.Stamp.of(file);
            if (now.equals(stamp) && complaint == null) {
                return Set.of();
            }
            Map<String, Credential> fresh = UsersFile.read(file);
            Set<String> revoked = new HashSet<>();
            byName.forEach((name, credential) -> {
                if (!credential.equals(fresh.get(name))) {
                    revoked.add(name);
                }
            });
            byName = fresh;
            stamp = now;
            complaint = null;
            LOG.log(Level.INFO, "{0} has changed: {1} users", file, fresh.size());
            warnIfOpen();
            return revoked;
        } catch (IOException unreadable) {
            String why = unreadable.toString();
            if (!why.equals(complaint)) {
                complaint = why;
                LOG.log(Level.WARNING, "the users are as they were: {0}", why);
            }
            return Set.of();
        }
    }

    private void warnIfOpen() throws IOException {
        if (UsersFile.isOpenToOthers(file)) {
            LOG.log(Level.WARNING, "{0} can be read by everybody on this machine: chmod o-r", file);
        }
    }
}
