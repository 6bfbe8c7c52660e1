// SPDX-License-Identifier: Apache-2.0
package io.sluice.gateway.net;

import io.netty.handler.ssl.SslHandler;
import io.sluice.config.PemFiles;
import io.sluice.config.PemTls;
import io.sluice.config.Settings;
import io.sluice.gateway.access.Verifier;
import io.sluice.gateway.loop.Loop;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * What a listener with TLS shows. Its files are looked at now and then, and read anew when they have changed, so that a renewed
 * certificate needs no restart; connections that there are go on with the old one. A file that cannot be used changes nothing.
 */
final class ServerTls {

    private static final System.Logger LOG = System.getLogger(ServerTls.class.getName());

    private static final Duration LOOK_EVERY = Duration.ofSeconds(10);

    /** What every client of the last ten years speaks. */
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final Settings.ServerTls files;
    private volatile SSLContext context;
    private List<FileTime> times;
    private @Nullable String complaint;

    /** @throws IOException if a file cannot be used; the message names it */
    ServerTls(Settings.ServerTls files) throws IOException {
        this.files = files;
        this.times = times();
        this.context = read();
    }

    /** For a new connection. From any thread. */
    SslHandler handler(Duration handshakeWithin) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        engine.setEnabledProtocols(PROTOCOLS);
        engine.setNeedClientAuth(files.clientAuthorities().isPresent());
        SslHandler handler = new TlsHandler(engine);
        handler.setHandshakeTimeoutMillis(handshakeWithin.toMillis());
        return handler;
    }

    /** Begins to look at the files, on a thread that may wait for them. On the broker thread. */
    void watch(Loop loop, Verifier verifier) {
        loop.schedule(LOOK_EVERY, () -> {
            verifier.execute(this::renew);
            watch(loop, verifier);
        });
    }

    /** Reads the files if they have changed. One thread at a time. */
    void renew() {
        try {
            List<FileTime> now = times();
            if (!now.equals(times)) {
                context = read();
                times = now;
                complaint = null;
                LOG.log(Level.INFO, "{0} has been renewed", files.certificate());
            }
        } catch (IOException unusable) {
            String why = unusable.toString();
            if (!why.equals(complaint)) { // most likely half of a renewal: it is tried again
                complaint = why;
                LOG.log(Level.WARNING, "the certificate stays as it was: {0}", why);
            }
        }
    }

    private List<FileTime> times() throws IOException {
        List<Path> paths = new ArrayList<>(List.of(files.certificate(), files.key()));
        files.clientAuthorities().ifPresent(paths::add);
        List<FileTime> found = new ArrayList<>();
        for (Path path : paths) {
            found.add(Files.getLastModifiedTime(path));
        }
        return found;
    }

    /** Not Netty's context, which refers to an OpenSSL that is not there and cannot be built into an executable. */
    private SSLContext read() throws IOException {
        if (!PemFiles.belongTogether(
                PemFiles.certificates(files.certificate()).getFirst(), PemFiles.privateKey(files.key()))) {
            throw new IOException(
                    "%s does not belong to the first certificate in %s".formatted(files.key(), files.certificate()));
        }
        return PemTls.context(files.clientAuthorities(), Optional.of(files.certificate()), Optional.of(files.key()));
    }
}
